"""`trade_analyze_greeks` on 50 options: our own time beside what the wire takes.

The exchange is a process of its own behind a real gateway and quotes every position and underlying. The
positions are handed in, since nobody can be endowed with options. The wire is the time within
`MarketData.quotes` of a warm call: closes and dividends are asked for once a day. What is left is ours:
recognition, Greeks, betas, the book under every scenario, and the answer as text.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from scripts.bench.figures import Figure, micros
from scripts.bench.market.chains import exchange, gateway
from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.instruments import OptionContract
from sumppump.domain.quotes import Quote
from sumppump.portfolio.positions import PortfolioService
from sumppump.ports.broker import Accounts
from sumppump.ports.market import MarketData
from sumppump.risk.limits import Limits
from sumppump.risk.portfolio_greeks import question_of
from sumppump.server.desk import PortfolioDesk
from sumppump.server.portfolio.greeks_views import greeks_answer
from sumppump.server.text import render
from sumppump.tws.gateway import TwsGateway

POSITIONS, RUNS = 50, 15
SYMBOLS = ("SPY", "AAPL", "MSFT", "NVDA", "SPX")
TARGET_MS = 50.0


@dataclass(slots=True)
class Handed:
    """An account with these positions and the gateway's figures."""

    rows: list[Position]
    real: Accounts

    async def positions(self) -> Sequence[Position]:
        """What is held."""
        return self.rows

    async def figures(self) -> AccountFigures:
        """Of the simulated account."""
        return await self.real.figures()


@dataclass(slots=True)
class Clocked:
    """A market whose time on the wire is counted, seconds; all else is the gateway's."""

    real: MarketData
    wire_s: float = field(default=0.0)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.real, name)

    async def quotes(self, *of: Any, **how: Any) -> Sequence[Quote]:  # noqa: ANN401
        """As the gateway's."""
        start = time.perf_counter()
        found = await self.real.quotes(*of, **how)
        self.wire_s += time.perf_counter() - start
        return found


async def held_options(found: TwsGateway) -> list[Position]:
    """Options about the money of several underlyings and two expiries, long and short."""
    each = POSITIONS // len(SYMBOLS)
    rows: list[Position] = []
    for symbol in SYMBOLS:
        for place, option in enumerate((await _near_the_money(found, symbol))[:each]):
            quantity = (place % 3 + 1) * (-1 if place % 2 else 1)
            rows.append(Position(account="", instrument=option, quantity=quantity, avg_cost=Decimal(5)))
    return rows


async def _near_the_money(found: TwsGateway, symbol: str) -> list[OptionContract]:
    underlying = await found.directory.underlying(symbol)
    (quote,) = await found.market.quotes([underlying])
    price = quote.mid or quote.last
    assert price is not None
    classes = await found.directory.option_classes(underlying)
    days = sorted({day for each in classes for day in each.expiries})[5:7]
    listed = [option for day in days for option in await found.directory.options(underlying, day)]
    # Calls and puts of the same strikes: their parity tells the carry, which is part of the work.
    return sorted(listed, key=lambda each: (abs(each.strike - price.amount), each.expiry, each.right))


async def once(desk: PortfolioDesk, market: Clocked) -> tuple[float, float]:
    """Seconds of one answer: on the wire, and our own."""
    before, start = market.wire_s, time.perf_counter()
    report = await desk.greeks.analysis(question_of(None, None, [5.0]))
    text = render("", greeks_answer(report).payload())
    total, wire = time.perf_counter() - start, market.wire_s - before
    assert "scenarios" in text
    return wire, total - wire


async def measure() -> list[Figure]:
    """The median of warm answers."""
    async with exchange() as port, gateway(port, 1) as found:
        market, rows = Clocked(found.market), await held_options(found)
        accounts = Handed(rows, found.accounts)
        holdings = PortfolioService(
            accounts=accounts, directory=found.directory, market=market, clock=found.clock
        )
        desk = portfolio_desk(
            holdings=holdings,
            accounts=accounts,
            broker=found.broker,
            directory=found.directory,
            market=market,
            memory=found.schedule,
            clock=found.clock,
            limits=Limits(),
        )
        await once(desk, market)
        taken = [await once(desk, market) for _ in range(RUNS)]
    wire, own = (statistics.median(each) for each in zip(*taken, strict=True))
    return [
        Figure(
            name=f"trade_analyze_greeks, {len(rows)} options: our own time",
            value=own * 1e3,
            target=TARGET_MS,
            unit="ms",
            note=f"{micros(own)} beside {micros(wire)} on the wire, 37 repricings of each option",
        )
    ]
