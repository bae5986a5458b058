"""What is held, as a book that can be repriced, with everything that its risk is measured by.

Asked for together, so that Greeks, scenarios and value at risk of one answer rest on one moment. Whatever
cannot be had leaves its part out with a reason; only not knowing what is held is an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sumppump.domain.account import AccountFigures
from sumppump.domain.book import Book, Holding, UnderlyingMarket, book_of_holdings
from sumppump.domain.instruments import SECONDS_PER_YEAR, SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import GatewayUnavailable, SumpPumpError
from sumppump.portfolio.holdings import Holdings
from sumppump.portfolio.positions import GroupBy, PortfolioService
from sumppump.ports.broker import Accounts
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.risk.closes import Closes, DailyCloses

BENCHMARK, VIX = "SPY", "VIX"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBook:
    """The account's positions at one moment.

    Attributes:
        book: what can be repriced; its `left_out` names the rest.
        closes: by symbol, the benchmark's and the VIX's among them, or why there are none.
        underlyings: by symbol, of what is held.
        figures: of the account, None where the broker said nothing.
        assume: rate and dividend yield of every price.
        dividends: by symbol, the ex-dates that prices reckon with: years from now, cash per share.
    """

    holdings: Holdings
    book: Book
    closes: Mapping[str, Closes | Missing]
    underlyings: Mapping[str, Underlying]
    figures: AccountFigures | None
    assume: Assumptions
    dividends: Mapping[str, tuple[tuple[float, float], ...]]
    now: datetime
    benchmark: str = BENCHMARK

    @property
    def net_liquidation(self) -> float | None:
        """Of the account, in the book's currency; None where it is not known."""
        nlv = None if self.figures is None else self.figures.nlv
        return float(nlv.amount) if nlv is not None and nlv.currency == self.book.currency else None

    @property
    def spots(self) -> Mapping[str, Decimal | None]:
        """Prices of the underlyings held, by symbol."""
        return {each.symbol: each.spot for each in self.holdings.strategies}

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
    market: MarketData
    closes: DailyCloses
    clock: Clock

    async def now(self, benchmark: str = BENCHMARK, *, group_by: GroupBy = GroupBy.STRATEGY) -> HeldBook:
        """Everything held, now.

        Args:
            benchmark: whose closes stand beside those of what is held.
            group_by: single legs, where nobody asks for strategies, spare the search for them.

        Raises:
            GatewayUnavailable: the broker has not said what is held.
        """
        rows = [each.instrument for each in await self.accounts.positions() if each.quantity]
        symbols = sorted({each.symbol for each in rows if not each.sec_type.is_foreign})
        underlyings = await self._underlyings(symbols)
        market = await self._underlyings([benchmark, VIX]) if symbols else {}
        holdings, closes, paid, figures = await asyncio.gather(
            self.portfolio.positions(group_by=group_by),
            self.closes.of([*underlyings.values(), *market.values()]),
            self._paid(underlyings),
            self._figures(),
        )
        now = self.clock.now()
        dividends = {symbol: _coming(said, now) for symbol, said in paid.items()}
        spots = {each.symbol: each.spot for each in holdings.strategies}
        markets = markets_of(spots, underlyings, dividends, self.portfolio.assume)
        currency = "USD" if figures is None else figures.currency
        book = await asyncio.to_thread(
            book_of_holdings, _holdings(holdings), markets, now=now, currency=currency
        )
        return HeldBook(
            holdings=holdings,
            book=book,
            closes=closes,
            underlyings=underlyings,
            figures=figures,
            assume=self.portfolio.assume,
            dividends=dividends,
            now=now,
            benchmark=benchmark,
        )

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

    async def _paid(self, underlyings: Mapping[str, Underlying]) -> dict[str, Dividends | None]:
        """What the broker says of dividends; an index pays none of its own."""
        known = await self.portfolio.ex_dates.of(list(underlyings.values()), self.market, self.clock)
        return {symbol: None if isinstance(each, Missing) else each for symbol, each in known.items()}


def _holdings(holdings: Holdings) -> Iterable[Holding]:
    for each in holdings.strategies:
        for leg in each.legs:
            yield Holding(
                instrument=leg.instrument,
                quantity=leg.quantity,
                strategy=each.position_id,
                greeks=leg.greeks,
            )


def markets_of(
    spots: Mapping[str, Decimal | None],
    underlyings: Mapping[str, Underlying],
    dividends: Mapping[str, tuple[tuple[float, float], ...]],
    assume: Assumptions,
) -> dict[str, UnderlyingMarket]:
    """What positions are valued with, by symbol.

    Args:
        spots: prices of what is held.
        underlyings: those that are known; indices have European options.
        dividends: coming ex-dates, years from the moment of the prices and cash per share.
        assume: rate and dividend yield.
    """
    return {
        symbol: UnderlyingMarket(
            symbol=symbol,
            spot=None if spot is None else float(spot),
            assume=replace(assume, is_american=_is_american(underlyings.get(symbol))),
            dividends=dividends.get(symbol, ()),
        )
        for symbol, spot in spots.items()
    }


def _is_american(underlying: Underlying | None) -> bool:
    return underlying is None or underlying.sec_type is not SecType.IND


def _coming(said: Dividends | None, now: datetime) -> tuple[tuple[float, float], ...]:
    """The next ex-date that the broker names; of later ones it says only a sum, which has no dates."""
    if said is None or said.next_date is None or not said.next_amount:
        return ()
    opens = datetime(said.next_date.year, said.next_date.month, said.next_date.day, 9, 30, tzinfo=NEW_YORK)
    years = (opens - now).total_seconds() / SECONDS_PER_YEAR
    return ((years, said.next_amount),) if years > 0 else ()
