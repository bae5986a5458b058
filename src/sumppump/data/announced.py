"""Dividends as the broker announces them: one shelf for everybody, asked once a day for each underlying.

A broker that was late is no broker that knows of none: what has not come is asked for again soon, and only
what was told, or what a line that told other things left out, is kept for the day. Nothing here is an error:
whoever prices without a dividend says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from sumppump.data.flights import Flights, Told
from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.revaluation import Assumptions, CashDividend
from sumppump.domain.schedule import REGULAR_OPEN
from sumppump.domain.statistics import Dividends, Figure
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import MarketData

# Nobody waits longer for a dividend; without it the market's forward still tells the yield.
DIVIDEND_WAIT_S = 2.5
# After a late answer nobody waits again before so many seconds.
RETRY_S = 20.0
NONE_ANNOUNCED = Missing("no_dividend", "the broker says nothing of dividends: perhaps none is paid")
NO_INDEX_DIVIDEND = Missing("no_dividend", "an index pays none")
LATE = Missing("dividend_late", "the broker has not said yet whether a dividend is announced")
_PER_YEAR = (1, 2, 4, 12)
_ONLY = frozenset({Figure.DIVIDENDS})

ExDates = Mapping[str, Dividends | Missing]
"""By symbol the broker's dividends, or why there are none."""


@dataclass(slots=True)
class DividendShelf:
    """What was announced, by con_id, kept for the day in New York; what was late, until it is asked again."""

    _day: date = date.min
    _kept: dict[int, Dividends | Missing] = field(default_factory=dict)
    _late: dict[int, tuple[float, Missing]] = field(default_factory=dict)
    _under_way: Flights[int, Dividends | Missing] = field(default_factory=Flights)

    async def of(self, underlyings: Sequence[Underlying], market: MarketData, clock: Clock) -> ExDates:
        """Dividends by symbol, or why there are none; never an error: positions are shown without."""
        today = clock.now().astimezone(NEW_YORK).date()
        if today != self._day:
            self._day, self._kept, self._late = today, {}, {}
        found = await asyncio.gather(*(self._one(each, market, clock) for each in underlyings))
        return {each.symbol: said for each, said in zip(underlyings, found, strict=True)}

    async def next_of(self, underlying: Underlying, market: MarketData, clock: Clock) -> Dividends | None:
        """The dividends of one underlying; None where none are known."""
        (said,) = (await self.of([underlying], market, clock)).values()
        return None if isinstance(said, Missing) else said

    async def added(
        self, assume: Assumptions, underlying: Underlying, market: MarketData, clock: Clock, until: datetime
    ) -> Assumptions:
        """The assumptions with the cash that is paid up to `until`; as they are where none is known."""
        announced = await self.next_of(underlying, market, clock)
        if announced is None:
            return assume
        return replace(assume, dividends=cash_dividends(announced, clock.now(), until))

    async def _one(self, underlying: Underlying, market: MarketData, clock: Clock) -> Dividends | Missing:
        if underlying.sec_type is not SecType.STK:
            return NO_INDEX_DIVIDEND
        con_id, day = underlying.con_id, self._day
        if (kept := self._kept.get(con_id)) is not None:
            return kept
        again, why = self._late.get(con_id, (0.0, LATE))
        if clock.monotonic() < again:
            return why

        async def asked(_told: Told) -> Dividends | Missing:
            return await _asked(underlying, market)

        said = await self._under_way.join(con_id, asked)
        if isinstance(said, Missing) and said != NONE_ANNOUNCED:
            self._late[con_id] = clock.monotonic() + RETRY_S, said
        elif day == self._day:
            self._kept[con_id] = said
        return said


async def _asked(underlying: Underlying, market: MarketData) -> Dividends | Missing:
    try:
        (facts,) = await market.statistics([underlying], deadline_s=DIVIDEND_WAIT_S, figures=_ONLY)
    except SumpPumpError as error:
        return Missing(error.code, error.message)
    if facts.dividends is not None:
        return facts.dividends
    return LATE if facts.are_dividends_late else NONE_ANNOUNCED


def cash_dividends(announced: Dividends, now: datetime, until: datetime) -> tuple[CashDividend, ...]:
    """The next dividend and, at its rhythm, those after it, up to `until`; none without a date."""
    when, amount = announced.next_date, announced.next_amount
    if when is None or not amount or amount <= 0:
        return ()
    yearly = (announced.next_12m or amount) / amount
    step = timedelta(days=365 / min(_PER_YEAR, key=lambda count: abs(count - yearly)))
    paid: list[CashDividend] = []
    ex = _opening(when)
    while ex <= until:
        if ex > now:
            paid.append(CashDividend(ex, amount))
        ex += step
    return tuple(paid)


def _opening(day: date) -> datetime:
    """When shares trade without their dividend for the first time."""
    return datetime.combine(day, REGULAR_OPEN, NEW_YORK).astimezone(UTC)
