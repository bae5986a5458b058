"""Days that markets remember, as facts: closing levels before and after, and the records they stand in.

S&P 500 by S&P Dow Jones Indices, VIX by Cboe (its history begins in 1990; before, None: nothing stands in).
Moves are computed from the levels, so that a reader can check each with any source of closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Record(StrEnum):
    """A public record in which both closes of a row stand, to the cent."""

    GSPC = "^GSPC daily closes, Yahoo Finance"
    SP500 = "FRED series SP500, S&P Dow Jones Indices"
    LARGEST = "list of the largest daily changes of the S&P 500, by S&P Dow Jones Indices"
    VIXCLS = "FRED series VIXCLS, Cboe"
    VIX = "Cboe VIX history, daily"
    VXOCLS = "FRED series VXOCLS, Cboe"


SOURCE = (
    "S&P 500 and VIX closes, each checked in a public record (S&P Dow Jones Indices, FRED, Cboe); before "
    "1990 volatility is held and VXO told, on the S&P 100"
)
TWO_PRINTS = "papers: 1,213.01 to 1,106.39, -8.79 %"


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """One day.

    Attributes:
        words: what it is known for.
        sp_before, sp_after: S&P 500 closes of the session before and of the day, index points.
        vix_before, vix_after: of the VIX, points a year; None before it existed.
        records: where all these levels were checked.
        note: where sources differ, or what stands beside the levels.
    """

    day: date
    words: str
    sp_before: float
    sp_after: float
    vix_before: float | None
    vix_after: float | None
    records: tuple[Record, ...]
    note: str = ""

    @property
    def move_pct(self) -> float:
        """The S&P 500 from close to close, percent."""
        return (self.sp_after / self.sp_before - 1.0) * 100.0

    @property
    def vix_points(self) -> float | None:
        """The VIX from close to close, volatility points; None where it did not exist."""
        if self.vix_before is None or self.vix_after is None:
            return None
        return self.vix_after - self.vix_before


def _vxo(before: float, after: float) -> str:
    """What is told of a day before the VIX, not used: it is of the S&P 100 and of the next month alone."""
    return f"VXO {before:g} to {after:g}"


_OLD = (Record.LARGEST, Record.VXOCLS)
_EARLY = (Record.GSPC, Record.VIX)
_MIDDLE = (Record.GSPC, Record.VIXCLS)
_CRISIS = (Record.GSPC, Record.VIXCLS, Record.VIX)
_WORST_OF_CRISIS = (*_CRISIS, Record.LARGEST)
_LATE = (Record.SP500, Record.VIXCLS)
_WORST_OF_LATE = (*_LATE, Record.LARGEST)

HISTORY_DAYS = (
    HistoryDay(date(1987, 10, 19), "Black Monday", 282.70, 224.84, None, None, _OLD, _vxo(36.37, 150.19)),
    HistoryDay(
        date(1987, 10, 21), "rebound after Black Monday", 236.83, 258.38, None, None, _OLD, _vxo(140.0, 73.91)
    ),
    HistoryDay(date(1997, 10, 27), "Asian crisis", 941.64, 876.99, 23.17, 31.12, _EARLY),
    HistoryDay(date(1998, 8, 31), "Russian default", 1027.14, 957.28, 39.60, 44.28, _EARLY),
    HistoryDay(date(2001, 9, 17), "first session after 9/11", 1092.54, 1038.77, 31.84, 41.76, _MIDDLE),
    HistoryDay(date(2007, 2, 27), "Shanghai slump", 1449.37, 1399.04, 11.15, 18.31, _MIDDLE),
    HistoryDay(date(2008, 9, 29), "TARP voted down", 1213.27, 1106.42, 34.74, 46.72, _CRISIS, TWO_PRINTS),
    HistoryDay(date(2008, 10, 13), "bank rescue rally", 899.22, 1003.35, 69.95, 54.99, _WORST_OF_CRISIS),
    HistoryDay(date(2008, 10, 15), "recession fear", 998.01, 907.84, 55.13, 69.25, _WORST_OF_CRISIS),
    HistoryDay(date(2008, 12, 1), "recession declared", 896.24, 816.21, 55.84, 68.51, _WORST_OF_CRISIS),
    HistoryDay(date(2010, 5, 6), "flash crash", 1165.87, 1128.15, 24.91, 32.80, _MIDDLE),
    HistoryDay(date(2010, 5, 10), "euro rescue rally", 1110.88, 1159.73, 40.95, 28.84, _MIDDLE),
    HistoryDay(date(2011, 8, 8), "US downgrade", 1199.38, 1119.46, 32.00, 48.00, _MIDDLE),
    HistoryDay(date(2015, 8, 24), "China devaluation", 1970.89, 1893.21, 28.03, 40.74, _MIDDLE),
    HistoryDay(date(2018, 2, 5), "short-volatility unwind", 2762.13, 2648.94, 17.31, 37.32, _LATE),
    HistoryDay(date(2020, 3, 9), "oil war and virus", 2972.37, 2746.56, 41.94, 54.46, _WORST_OF_LATE),
    HistoryDay(date(2020, 3, 12), "travel ban", 2741.38, 2480.64, 53.90, 75.47, _WORST_OF_LATE),
    HistoryDay(date(2020, 3, 16), "lockdowns", 2711.02, 2386.13, 57.83, 82.69, _WORST_OF_LATE),
    HistoryDay(date(2020, 3, 24), "stimulus rally", 2237.40, 2447.33, 61.59, 61.67, _WORST_OF_LATE),
    HistoryDay(date(2022, 6, 13), "inflation shock", 3900.86, 3749.63, 27.75, 34.02, _LATE),
    HistoryDay(date(2024, 8, 5), "yen carry unwind", 5346.56, 5186.33, 23.39, 38.57, (*_LATE, Record.VIX)),
    HistoryDay(date(2025, 4, 4), "tariffs", 5396.52, 5074.08, 30.02, 45.31, _LATE),
    HistoryDay(date(2025, 4, 9), "tariff pause rally", 4982.77, 5456.90, 52.33, 33.62, _WORST_OF_LATE),
)
"""Oldest first; days of both directions, because a short call is afraid of other days than a short put."""
