"""What is held, as a book that can be repriced, with everything that its risk is measured by.

Asked for together, so that Greeks, scenarios and value at risk of one answer rest on one moment. Whatever
cannot be had leaves its part out with a reason; only not knowing what is held is an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sumppump.data.off_loop import off_loop
from sumppump.domain.account import AccountFigures
from sumppump.domain.book import Book, Holding, book_of_holdings
from sumppump.domain.instruments import Underlying
from sumppump.domain.missing import Missing
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import GatewayUnavailable, SumpPumpError
from sumppump.portfolio.carries import Carries
from sumppump.portfolio.holdings import Holdings
from sumppump.portfolio.positions import GroupBy, PortfolioService
from sumppump.ports.broker import Accounts
from sumppump.ports.market import ContractDirectory
from sumppump.risk.book_markets import book_markets
from sumppump.risk.closes import Closes, DailyCloses
from sumppump.risk.smile_look import SmileLook, Smiles

BENCHMARK, VIX = "SPY", "VIX"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBook:
    """The account's positions at one moment.

    Attributes:
        book: what can be repriced; its `left_out` names the rest.
        closes: by symbol, the benchmark's and the VIX's among them, or why there are none.
        underlyings: by symbol, of what is held.
        figures: of the account, None where the broker said nothing.
        carries: by symbol what prices rest on: rates, yields, coming dividends, and what of it is assumed.
        no_smile: by symbol why some of its options have no smile, where smiles were looked at.
    """

    holdings: Holdings
    book: Book
    closes: Mapping[str, Closes | Missing]
    underlyings: Mapping[str, Underlying]
    figures: AccountFigures | None
    carries: Carries
    now: datetime
    no_smile: Mapping[str, Missing] = field(default_factory=dict)
    benchmark: str = BENCHMARK

    @property
    def net_liquidation(self) -> float | None:
        """Of the account, in the book's currency; None where it is not known."""
        nlv = None if self.figures is None else self.figures.nlv
        return float(nlv.amount) if nlv is not None and nlv.currency == self.book.currency else None

    @property
    def left_out(self) -> tuple[str, ...]:
        """Positions that no reprice holds, in words."""
        return tuple(f"{each.label.words}: {each.why.reason}" for each in self.book.left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBooks:
    """Reads what is held, and what its risk is measured by; changes nothing."""

    portfolio: PortfolioService
    accounts: Accounts
    directory: ContractDirectory
    closes: DailyCloses
    clock: Clock
    look: SmileLook

    async def now(
        self,
        benchmark: str = BENCHMARK,
        *,
        group_by: GroupBy = GroupBy.STRATEGY,
        with_smiles: bool = False,
    ) -> HeldBook:
        """Everything held, now.

        Args:
            benchmark: whose closes stand beside those of what is held.
            group_by: single legs, where nobody asks for strategies, spare the search for them.
            with_smiles: look at options about the money, too: some seconds and many lines.

        Raises:
            GatewayUnavailable: the broker has not said what is held.
        """
        underlyings, market = await self._beneath(benchmark)
        holdings, closes, figures = await asyncio.gather(
            self.portfolio.positions(group_by=group_by),
            self.closes.of([*underlyings.values(), *market.values()]),
            self._figures(),
        )
        smiles = await self.look.of(holdings, underlyings) if with_smiles else Smiles()
        now = holdings.as_of
        markets = book_markets(holdings.spots, holdings.carries, now, smiles.surfaces)
        currency = "USD" if figures is None else figures.currency
        book = await off_loop(book_of_holdings, _holdings(holdings), markets, now=now, currency=currency)
        return HeldBook(
            holdings=holdings,
            book=book,
            closes=closes,
            underlyings=underlyings,
            figures=figures,
            carries=holdings.carries,
            no_smile=smiles.why_not,
            now=now,
            benchmark=benchmark,
        )

    async def look_up_closes(self, benchmark: str = BENCHMARK) -> None:
        """Ask for the closes that `now` will want, as far as they are not known.

        Raises:
            GatewayUnavailable: the broker has not said what is held.
        """
        underlyings, market = await self._beneath(benchmark)
        await self.closes.of([*underlyings.values(), *market.values()])

    async def _beneath(self, benchmark: str) -> tuple[dict[str, Underlying], dict[str, Underlying]]:
        """What lies under what is held, and the market that it is measured by: none where nothing is held."""
        rows = [each.instrument for each in await self.accounts.positions() if each.quantity]
        symbols = sorted({each.symbol for each in rows if not each.sec_type.is_foreign})
        market = await self._underlyings([benchmark, VIX]) if symbols else {}
        return await self._underlyings(symbols), market

    async def _underlyings(self, symbols: Sequence[str]) -> dict[str, Underlying]:
        """Those that the directory knows; the others have no price either and are left out with that."""
        found = await asyncio.gather(*map(self.directory.underlying, symbols), return_exceptions=True)
        known: dict[str, Underlying] = {}
        for symbol, each in zip(symbols, found, strict=True):
            if isinstance(each, Underlying):
                known[symbol] = each
            elif not isinstance(each, SumpPumpError):
                raise each
        return known

    async def _figures(self) -> AccountFigures | None:
        try:
            return await self.accounts.figures()
        except GatewayUnavailable:
            return None


def _holdings(holdings: Holdings) -> Iterable[Holding]:
    for each in holdings.strategies:
        for leg in each.legs:
            yield Holding(
                instrument=leg.instrument,
                quantity=leg.quantity,
                strategy=each.position_id,
                greeks=leg.greeks,
            )
