"""A wide book on the small market: 20 positions in 14 underlyings, each with a walk of its own.

SPY, SPX and XSP follow one index and move as one; everything else goes half with it. All share one price
and one smile, so that options of every name come from the same model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from tests.support.fake_market import FAR, MONTH, NOW, SPX, SPY, WEEK, FakeDirectory, make_option
from tests.unit.risk.held import DAYS, Account, YearMarket, bar_of, daily_returns, held

from sumppump.domain.account import Position
from sumppump.domain.instruments import Instrument, OptionContract, Right, Underlying
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import NEW_YORK

CALL, PUT = Right.CALL, Right.PUT
SHARES = ("AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "JPM", "XOM", "UNH")
INDEX = ("SPY", "SPX", "XSP")
NAMES = (*INDEX, "QQQ", *SHARES)


def share(name: str) -> Underlying:
    """A listed underlying of this name."""
    if name in INDEX[:2]:
        return {"SPY": SPY, "SPX": SPX}[name]
    base = SPX if name == "XSP" else SPY
    industry = "Technology" if name in SHARES[:6] else "Consumer, Cyclical"
    return replace(
        base, symbol=name, con_id=800_000_000 + NAMES.index(name), long_name=f"{name} INC", industry=industry
    )


def option(name: str, expiry: date, strike: int, right: Right) -> OptionContract:
    """An option on it; its id follows from what it is."""
    model = make_option(SPY, expiry, strike, right)
    under = share(name)
    number = NAMES.index(name) * 100_000_000
    return replace(
        model, symbol=name, con_id=model.con_id + number, trading_class=name, underlying_con_id=under.con_id
    )


def wide_book() -> list[Position]:
    """Condors on the broad names, verticals and short puts on shares, and some shares: 20 strategies."""
    condor = ((1, 560, PUT, "2"), (-1, 580, PUT, "4"), (-1, 620, CALL, "4"), (1, 640, CALL, "2"))
    vertical = ((2, 600, CALL, "10"), (-2, 620, CALL, "4"))
    return [
        *(held(n, option(name, FAR, strike, right), cost)
          for name in (*INDEX, "QQQ") for n, strike, right, cost in condor),
        *(held(n, option(name, MONTH, strike, right), cost)
          for name in SHARES[:6] for n, strike, right, cost in vertical),
        *(held(-1, option(name, WEEK, 590, PUT), "5") for name in SHARES[6:]),
        *(held(100, share(name), "590") for name in ("SPY", "QQQ", "AAPL", "MSFT", "NVDA", "AMZN")),
    ]  # fmt: skip


class WideDirectory(FakeDirectory):
    """The same market with fourteen names."""

    async def underlying(self, symbol: str) -> Underlying:
        """The listed underlying."""
        return share(symbol) if symbol in NAMES else await FakeDirectory.underlying(self, symbol)


@dataclass(slots=True)
class WideMarket(YearMarket):
    """With a walk for each name."""

    async def bars(self, instrument: Instrument, **said: Any) -> Sequence[Bar]:
        """Daily bars that end yesterday."""
        name = instrument.symbol
        dice = np.random.default_rng(100 + (NAMES.index(name) if name in NAMES else 99))
        own = dice.normal(0.0, 0.0001 if name in INDEX else 0.01, DAYS)
        closes = 600.0 * np.exp(np.cumsum((1.0 if name in INDEX else 0.5) * daily_returns(own=False) + own))
        last = NOW.astimezone(NEW_YORK).date() - timedelta(days=1)
        days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
        return [bar_of(day, close) for day, close in zip(days, closes, strict=True)]


def wide_account() -> Account:
    """Everything held."""
    return Account(wide_book(), market=WideMarket(), directory=WideDirectory())
