"""Extremes of weeks and average volumes, the same as those of daily bars, from as few of them as possible.

A day's volume is told by its minutes. The lowest price of a year lies in one of a few days that can have
come near it, so that bars are asked for in the order of how low each day can have gone, until no other day
can be lower. For what follows from others, as futures do, every day is asked for. It is done in steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sumppump.exchange.calendar.trading_days import previous_trading_day, session_of, to_datetime
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.derived_levels import is_derived
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.ranges import session_bounds
from sumppump.exchange.market.steps import Steps, finished
from sumppump.exchange.market.tape import Tape
from sumppump.exchange.reports import Bar, BarsQuery, Refusal

_WEEKS = (13, 26, 52)
_AVERAGE_SESSIONS = 64  # ninety days


@dataclass(frozen=True, slots=True)
class Extremes:
    """Lowest and highest price of some weeks, and the average volume of a day in shares."""

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    average_volume: int


class DailyFigures:
    """Figures of the sessions before a day.

    Args:
        bars: bars of a contract.
        first_day: the first day that has bars.
    """

    def __init__(
        self,
        market: Market,
        tape: Tape,
        bars: Callable[[BarsQuery], Steps[Sequence[Bar] | Refusal]],
        first_day: Callable[[Listing], date],
    ) -> None:
        self._market = market
        self._tape = tape
        self._bars = bars
        self._first_day = first_day

    def extremes(self, listing: Listing, day: date) -> Steps[Extremes | None]:
        """Of the sessions before `day`; None without history."""
        if not _is_walked(listing):
            return (yield from self._extremes_of_bars(listing, day))
        days = self._days_before(listing, day, _WEEKS[-1])
        if not days:
            return None
        bounds = {one: session_bounds(self._market, listing.underlying, one) for one in days}
        lows: list[float] = []
        highs: list[float] = []
        for weeks in _WEEKS:
            span = [one for one in days if one >= day - timedelta(weeks=weeks)]
            lows.append((yield from self._lowest(listing, {one: bounds[one][0] for one in span})))
            highs.append((yield from self._highest(listing, {one: bounds[one][1] for one in span})))
        return Extremes(tuple(lows), tuple(highs), self.average_volume(listing, day) or 0)

    def average_volume(self, listing: Listing, day: date) -> int | None:
        """Shares or contracts of a session on average in the three months before `day`, None without."""
        if listing.sec_type in (SecType.STOCK, SecType.FUTURE):
            under = BY_SYMBOL[listing.underlying]
            days = self._days_before(listing, day, _WEEKS[-1])[-_AVERAGE_SESSIONS:]
            volumes = [self._tape.session_volume(under, session_of(one)) for one in days]
        else:
            bars = finished(self._year_before(listing, day))
            volumes = [bar.volume for bar in bars[-_AVERAGE_SESSIONS:]]
        return sum(volumes) // len(volumes) if volumes else None

    def _lowest(self, listing: Listing, floors: dict[date, float]) -> Steps[float]:
        lowest = float("inf")
        for day in sorted(floors, key=floors.__getitem__):
            if lowest <= floors[day] - 1.0 / listing.price_units:
                break
            lowest = min(lowest, self._bar(listing, day).low)
            yield
        return lowest

    def _highest(self, listing: Listing, ceilings: dict[date, float]) -> Steps[float]:
        highest = 0.0
        for day in sorted(ceilings, key=ceilings.__getitem__, reverse=True):
            if highest >= ceilings[day] + 1.0 / listing.price_units:
                break
            highest = max(highest, self._bar(listing, day).high)
            yield
        return highest

    def _bar(self, listing: Listing, day: date) -> Bar:
        end = to_datetime(session_of(day).close_ms)
        query = BarsQuery(con_id=listing.con_id, duration="1 D", bar_size="1 day", end=end)
        found = finished(self._bars(query))
        if isinstance(found, Refusal):
            raise LookupError(f"no bar of {listing.symbol} on {day}: {found.text}")
        return found[-1]

    def _days_before(self, listing: Listing, day: date, weeks: int) -> list[date]:
        """Trading days with history of the weeks before a day, rising."""
        first, one = max(day - timedelta(weeks=weeks), self._first_day(listing)), previous_trading_day(day)
        found: list[date] = []
        while one >= first:
            found.append(one)
            one = previous_trading_day(one)
        return found[::-1]

    def _extremes_of_bars(self, listing: Listing, day: date) -> Steps[Extremes | None]:
        found = yield from self._year_before(listing, day)
        if not found:
            return None
        spans = [[bar for bar in found if bar.day >= day - timedelta(weeks=weeks)] for weeks in _WEEKS]
        return Extremes(
            tuple(min(bar.low for bar in span) for span in spans),
            tuple(max(bar.high for bar in span) for span in spans),
            self.average_volume(listing, day) or 0,
        )

    def _year_before(self, listing: Listing, day: date) -> Steps[Sequence[Bar]]:
        end = to_datetime(session_of(previous_trading_day(day)).close_ms)
        query = BarsQuery(con_id=listing.con_id, duration="1 Y", bar_size="1 day", end=end)
        found = yield from self._bars(query)
        return () if isinstance(found, Refusal) else found


def _is_walked(listing: Listing) -> bool:
    """Whether its sessions are walks of its own, whose bounds are known."""
    return listing.sec_type in (SecType.STOCK, SecType.INDEX) and not is_derived(listing.underlying)
