"""Days that markets remember, as facts: closing levels before and after, from the public record.

S&P 500 by S&P Dow Jones Indices, VIX by Cboe (its history begins in 1990; before, None: nothing stands in).
Moves are computed from the levels, so that a reader can check each with any source of closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SOURCE = "S&P 500 and VIX closing levels, public record (S&P Dow Jones Indices; Cboe VIX history)"
TWO_PRINTS = "1,213.01 in the papers of the day: -8.79 %"


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """One day.

    Attributes:
        words: what it is known for.
        sp_before, sp_after: S&P 500 closes of the session before and of the day, index points.
        vix_before, vix_after: of the VIX, points a year; None before it existed.
        note: where sources differ.
    """

    day: date
    words: str
    sp_before: float
    sp_after: float
    vix_before: float | None = None
    vix_after: float | None = None
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


HISTORY_DAYS = (
    HistoryDay(date(1987, 10, 19), "Black Monday", 282.70, 224.84),
    HistoryDay(date(1987, 10, 21), "rebound after Black Monday", 236.83, 258.38),
    HistoryDay(date(1997, 10, 27), "Asian crisis", 941.64, 876.99, 23.17, 31.12),
    HistoryDay(date(2007, 2, 27), "Shanghai slump", 1449.37, 1399.04, 11.15, 18.31),
    HistoryDay(date(2008, 9, 29), "TARP voted down", 1213.27, 1106.42, 34.74, 46.72, TWO_PRINTS),
    HistoryDay(date(2008, 10, 13), "bank rescue rally", 899.22, 1003.35, 69.95, 54.99),
    HistoryDay(date(2008, 10, 15), "recession fear", 998.01, 907.84, 55.13, 69.25),
    HistoryDay(date(2010, 5, 6), "flash crash", 1165.87, 1128.15, 24.91, 32.80),
    HistoryDay(date(2010, 5, 10), "euro rescue rally", 1110.88, 1159.73, 40.95, 28.84),
    HistoryDay(date(2011, 8, 8), "US downgrade", 1199.38, 1119.46, 32.00, 48.00),
    HistoryDay(date(2015, 8, 24), "China devaluation", 1970.89, 1893.21, 28.03, 40.74),
    HistoryDay(date(2018, 2, 5), "short-volatility unwind", 2762.13, 2648.94, 17.31, 37.32),
    HistoryDay(date(2020, 3, 9), "oil war and virus", 2972.37, 2746.56, 41.94, 54.46),
    HistoryDay(date(2020, 3, 12), "travel ban", 2741.38, 2480.64, 53.90, 75.47),
    HistoryDay(date(2020, 3, 16), "lockdowns", 2711.02, 2386.13, 57.83, 82.69),
    HistoryDay(date(2020, 3, 24), "stimulus rally", 2237.40, 2447.33, 61.59, 61.67),
    HistoryDay(date(2022, 6, 13), "inflation shock", 3900.86, 3749.63, 27.75, 34.02),
    HistoryDay(date(2024, 8, 5), "yen carry unwind", 5346.56, 5186.33, 23.39, 38.57),
    HistoryDay(date(2025, 4, 4), "tariffs", 5396.52, 5074.08, 30.02, 45.31),
    HistoryDay(date(2025, 4, 9), "tariff pause rally", 4982.77, 5456.90, 52.33, 33.62),
)
"""Oldest first; days of both directions, because a short call is afraid of other days than a short put."""
