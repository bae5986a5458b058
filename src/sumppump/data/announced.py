"""Dividends as the broker announces them, asked once a day for each underlying."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.revaluation import Assumptions, CashDividend
from sumppump.domain.statistics import Dividends, Figure
from sumppump.kernel.clock import NEW_YORK
from sumppump.ports.market import MarketData

# Nobody waits longer for a dividend; without it the market's forward still tells the yield.
DIVIDEND_WAIT_S = 2.0
_PER_YEAR = (1, 2, 4, 12)
_OPENS = time(9, 30)


@dataclass(slots=True)
class DividendShelf:
    """What was announced, by con_id."""

    _known: dict[int, tuple[date, Dividends | None]] = field(default_factory=dict)

    async def of(self, underlying: Underlying, market: MarketData, today: date) -> Dividends | None:
        """The next dividends; None where the broker says nothing, or for an index, which pays none itself.

        Raises:
            GatewayUnavailable: no connection.
        """
        if underlying.sec_type is not SecType.STK:
            return None
        day, found = self._known.get(underlying.con_id, (None, None))
        if day != today:
            only = frozenset({Figure.DIVIDENDS})
            (facts,) = await market.statistics([underlying], deadline_s=DIVIDEND_WAIT_S, figures=only)
            found = facts.dividends
            self._known[underlying.con_id] = (today, found)
        return found

    async def added(
        self, assume: Assumptions, underlying: Underlying, market: MarketData, now: datetime, until: datetime
    ) -> Assumptions:
        """The assumptions with the cash that is paid up to `until`; as they are where none is announced."""
        announced = await self.of(underlying, market, now.astimezone(NEW_YORK).date())
        if announced is None:
            return assume
        return replace(assume, dividends=cash_dividends(announced, now, until))


def cash_dividends(announced: Dividends, now: datetime, until: datetime) -> tuple[CashDividend, ...]:
    """The next dividend and, at its rhythm, those after it, up to `until`; none without a date."""
    when, amount = announced.next_date, announced.next_amount
    if when is None or not amount or amount <= 0:
        return ()
    yearly = (announced.next_12m or amount) / amount
    step = timedelta(days=365 / min(_PER_YEAR, key=lambda count: abs(count - yearly)))
    paid: list[CashDividend] = []
    ex = _morning(when)
    while ex <= until:
        if ex > now:
            paid.append(CashDividend(ex, amount))
        ex += step
    return tuple(paid)


def _morning(day: date) -> datetime:
    """When shares trade without their dividend for the first time."""
    return datetime.combine(day, _OPENS, NEW_YORK).astimezone(UTC)
