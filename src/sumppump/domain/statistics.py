"""What the broker says of an underlying beside its prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto


class Figure(Enum):
    """What can be asked for by itself; each costs the broker work of its own."""

    OPTION_VOLUME = auto()
    OPEN_INTEREST = auto()
    HISTORICAL_VOL = auto()
    AVERAGE_OPTION_VOLUME = auto()
    IMPLIED_VOL = auto()
    RANGE_AND_VOLUME = auto()
    DIVIDENDS = auto()


ALL_FIGURES = frozenset(Figure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dividends:
    """Cash per share, as the broker reports them (generic tick 456).

    Attributes:
        past_12m, next_12m: sums over twelve months, currency per share.
        next_date: next ex-date; next_amount: what it pays, currency per share.
    """

    past_12m: float | None = None
    next_12m: float | None = None
    next_date: date | None = None
    next_amount: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketStatistics:
    """Figures of one underlying; what did not come is None.

    Attributes:
        implied_vol: the broker's 30-day index of implied volatility, per year (tick 24).
        historical_vol: its 30-day historical volatility, per year (tick 23).
        call_volume, put_volume: option contracts traded today (ticks 29, 30).
        call_open_interest, put_open_interest: contracts (ticks 27, 28 of the underlying).
        average_option_volume: contracts a day (tick 87); average_volume: shares a day over 90 days (tick 21).
        low_52w, high_52w: price per share over 52 weeks (ticks 19, 20).
        dividends: past and next, None where the broker says nothing (tick 59).
        are_dividends_late: whether they had no time to come; else None means that none are announced.
    """

    con_id: int
    implied_vol: float | None = None
    historical_vol: float | None = None
    call_volume: int | None = None
    put_volume: int | None = None
    call_open_interest: int | None = None
    put_open_interest: int | None = None
    average_option_volume: int | None = None
    average_volume: int | None = None
    low_52w: float | None = None
    high_52w: float | None = None
    dividends: Dividends | None = None
    are_dividends_late: bool = False
