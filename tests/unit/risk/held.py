"""An account on the small listed market, with two years of daily bars, and the risk services on it.

SPY moves by a seeded walk; SPX moves by 1.2 times it and a little of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from tests.support.fake_broker import FakeBroker
from tests.support.fake_market import NOW, SPX, FakeDirectory, FakeMarket
from tests.support.fake_schedule import FakeSchedule

from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Money
from sumppump.portfolio.positions import PortfolioService
from sumppump.risk.closes import Closes
from sumppump.risk.held_book import HeldBook
from sumppump.risk.limits import Limits
from sumppump.server.desk import PortfolioDesk

DAYS, BETA = 500, 1.2


def daily_returns(own: bool) -> np.ndarray[Any, Any]:
    """Logarithmic returns of SPY, or with `own` of SPX; the last one ends yesterday."""
    dice = np.random.default_rng(7)
    market, rest = dice.normal(0.0, 0.01, DAYS), dice.normal(0.0, 0.002, DAYS)
    return BETA * market + rest if own else market


@dataclass(slots=True)
class YearMarket(FakeMarket):
    """The market with a past; `young` symbols have only five days of it, `silent` ones none."""

    days: int = DAYS
    young: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    bars_asked: list[str] = field(default_factory=list)

    async def bars(self, instrument: Instrument, **said: Any) -> Sequence[Bar]:
        """Daily bars that end yesterday."""
        self.bars_asked.append(f"{instrument.symbol} {said.get('what', 'TRADES')}")
        if instrument.symbol in self.silent:
            raise GatewayUnavailable("no history today")
        closes = 600.0 * np.exp(np.cumsum(daily_returns(instrument.symbol == SPX.symbol)))
        count = 5 if instrument.symbol in self.young else self.days
        last = NOW.astimezone(NEW_YORK).date() - timedelta(days=1)
        days = [last - timedelta(days=back) for back in reversed(range(count))]
        return [bar_of(day, close) for day, close in zip(days, closes[-count:], strict=True)]


def bar_of(day: date, close: float) -> Bar:
    start = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
    price = Decimal(str(round(close, 6)))
    return Bar(start=start, open=price, high=price, low=price, close=price)


@dataclass(slots=True)
class Account:
    """What is held, and the services that look at it."""

    rows: list[Position] = field(default_factory=list)
    market: YearMarket = field(default_factory=YearMarket)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    nlv: Money | None = field(default_factory=lambda: Money.of(100_000))
    daily_pnl: Money | None = None
    broker: FakeBroker = field(default_factory=FakeBroker)
    is_silent: bool = False

    async def positions(self) -> list[Position]:
        return self.rows

    async def figures(self) -> AccountFigures:
        if self.is_silent:
            raise GatewayUnavailable("no figures")
        return AccountFigures(
            account="SIM1234567", as_of=NOW, taken=1_000.0, nlv=self.nlv, daily_pnl=self.daily_pnl
        )

    @property
    def desk(self) -> PortfolioDesk:
        """The portfolio's services on this account."""
        clock = self.market.clock
        return portfolio_desk(
            holdings=PortfolioService(
                accounts=self, directory=self.directory, market=self.market, clock=clock
            ),
            accounts=self,
            broker=self.broker,
            directory=self.directory,
            market=self.market,
            memory=FakeSchedule(),
            clock=clock,
            limits=Limits(),
        )


def held(quantity: int, instrument: Instrument, cost: str = "10.00") -> Position:
    """One row as the broker gives it; cost per share."""
    return Position(account="SIM1234567", instrument=instrument, quantity=quantity, avg_cost=Decimal(cost))


def close(a: float, b: float, cents: float = 0.01) -> bool:
    """Whether two amounts of cash are the same to a cent."""
    return math.isclose(a, b, abs_tol=cents)


def with_vix(book: HeldBook) -> HeldBook:
    """The same, with a VIX that rises by a point for each percent that SPY falls."""
    spy = book.closes["SPY"]
    assert isinstance(spy, Closes)
    steps = np.diff(np.log(list(spy.by_day.values())), prepend=np.log(600.0))
    levels = 60.0 - 100.0 * np.cumsum(steps)
    vix = Closes("VIX", dict(zip(spy.by_day, levels.tolist(), strict=True)))
    return replace(book, closes=dict(book.closes) | {"VIX": vix})
