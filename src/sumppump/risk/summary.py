"""The whole account in one view: what it is worth, what it made, what moves it, and where it is crowded.

P&L of the day and realised P&L are the broker's; the open P&L is also summed from the positions. Greeks add
up over underlyings only as dollars or through betas. Every sum names what it leaves out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sumppump.data.arguments import ticker
from sumppump.domain.account import AccountFigures
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.portfolio.account import AccountSummary, summarised
from sumppump.portfolio.holdings import Holdings
from sumppump.portfolio.trade_history import TradeHistory, TradeHistoryService
from sumppump.ports.broker import Accounts
from sumppump.ports.market import ContractDirectory
from sumppump.risk.betas import betas_to
from sumppump.risk.concentration import Concentration, concentration
from sumppump.risk.day_pnl import DayPnl
from sumppump.risk.day_service import DayPnlService
from sumppump.risk.exposure import Exposure, by_key, exposure, leg_exposures
from sumppump.risk.held_book import BENCHMARK, HeldBook, HeldBooks
from sumppump.risk.portfolio_greeks import WeightedDelta, benchmark_price, weighted_delta


@dataclass(frozen=True, slots=True, kw_only=True)
class BookGreeks:
    """Greeks of everything held, and as one position in the benchmark.

    Attributes:
        total, underlyings: sums with what they leave out.
        betas: by symbol; no_beta: why there is none.
        price: of the benchmark, per share or point; None where it is not known.
    """

    benchmark: str
    price: float | None
    total: Exposure
    underlyings: tuple[Exposure, ...]
    betas: Mapping[str, Beta]
    no_beta: Mapping[str, Missing]
    weighted: WeightedDelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioSummary:
    """The account at one moment.

    Attributes:
        account: None where the broker gave no figures.
        greeks, day: None where they were not asked for. closed: today's, None where not asked for.
    """

    as_of: datetime
    holdings: Holdings
    account: AccountSummary | None
    concentration: Concentration
    greeks: BookGreeks | None
    day: DayPnl | Missing | None
    closed: TradeHistory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryService:
    """Reads the account; changes nothing."""

    books: HeldBooks
    accounts: Accounts
    directory: ContractDirectory
    history: TradeHistoryService
    day: DayPnlService
    clock: Clock

    async def summary(
        self, *, include_greeks: bool = True, benchmark: str = BENCHMARK, include_closed_today: bool = False
    ) -> PortfolioSummary:
        """Everything at once.

        Args:
            include_greeks: also Greeks, the day's P&L by cause, and betas, which rest on a year of bars.
            benchmark: what betas are taken to.
            include_closed_today: also what was closed today.

        Raises:
            UnknownContract: no such benchmark.
            GatewayUnavailable: the broker has not said what is held.
        """
        market = (await self.directory.underlying(ticker(benchmark))).symbol
        seen, closed = await asyncio.gather(
            self._seen(market if include_greeks else ""), self._closed(include_closed_today)
        )
        holdings, figures, greeks, day = seen
        currency = "USD" if figures is None else figures.currency
        return PortfolioSummary(
            as_of=holdings.as_of,
            holdings=holdings,
            account=None if figures is None else summarised(figures, self.clock.monotonic()),
            concentration=concentration(holdings.strategies, currency),
            greeks=greeks,
            day=day,
            closed=closed,
        )

    async def _seen(
        self, benchmark: str
    ) -> tuple[Holdings, AccountFigures | None, BookGreeks | None, DayPnl | Missing | None]:
        """What is held, what it is worth; its Greeks and its day where a benchmark is named."""
        if benchmark:
            held = await self.books.now(benchmark)
            return held.holdings, held.figures, greeks_of(held), await self.day.of(held)
        holdings, figures = await asyncio.gather(self.books.portfolio.positions(), self._figures())
        return holdings, figures, None, None

    async def _figures(self) -> AccountFigures | None:
        try:
            return await self.accounts.figures()
        except GatewayUnavailable:
            return None

    async def _closed(self, wanted: bool) -> TradeHistory | None:
        return await self.history.closed_today() if wanted else None


def greeks_of(held: HeldBook) -> BookGreeks:
    """The Greeks of a book, summed."""
    betas, no_beta = betas_to(held.benchmark, held.closes)
    legs = leg_exposures(held.holdings.strategies, {})
    underlyings = by_key(legs, lambda leg: leg.symbol)
    price = benchmark_price(held)
    return BookGreeks(
        benchmark=held.benchmark,
        price=price,
        total=exposure("total", legs),
        underlyings=underlyings,
        betas=betas,
        no_beta=no_beta,
        weighted=weighted_delta(held, underlyings, betas),
    )
