"""What is held, grouped into the strategies a trader would name, at what it is worth now.

Positions come from the broker, whole or not at all. Without quotes they are still shown, with the broker's
own marks, and what cannot be said then is None with a reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sumppump.data.announced import LATE, DividendShelf, ExDates
from sumppump.data.arguments import refuse, ticker
from sumppump.data.greeks import with_greeks
from sumppump.data.off_loop import off_loop
from sumppump.data.quotes import price_of
from sumppump.domain.account import Position
from sumppump.domain.instruments import Instrument, Underlying
from sumppump.domain.journal import Book
from sumppump.domain.quotes import Quote, worst_feed
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import GatewayUnavailable, MarketDataError, SumpPumpError, UnknownContract
from sumppump.kernel.money import Money, whole_sum
from sumppump.portfolio.carries import Beneath, Carries
from sumppump.portfolio.holdings import HeldStrategy, Holdings, position_id
from sumppump.portfolio.openings import Opening, openings
from sumppump.portfolio.valuation import Market, valued, with_event, with_history
from sumppump.ports.broker import Accounts
from sumppump.ports.market import ContractDirectory, MarketData, Need
from sumppump.strategies.recognise import Recognised, Recogniser, alone


class GroupBy(StrEnum):
    """How positions are put together."""

    STRATEGY = "strategy"
    LEG = "leg"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioService:
    """Reads what is held; changes nothing.

    Attributes:
        assume: rate and dividend yield where the market tells none.
        followed: quotes of options on an underlying that are followed anyway; parity reads them, too.
    """

    accounts: Accounts
    directory: ContractDirectory
    market: MarketData
    clock: Clock
    assume: Assumptions = field(default_factory=Assumptions)
    book: Callable[[], Book] = Book
    dividends: DividendShelf = field(default_factory=DividendShelf)
    recogniser: Recogniser = field(default_factory=Recogniser)
    followed: Callable[[str], Sequence[Quote]] = lambda symbol: ()

    async def positions(
        self, symbol: str | None = None, group_by: str = "strategy", *, with_events: bool = False
    ) -> Holdings:
        """Everything held, or what is held in one underlying.

        Args:
            symbol: a ticker, or None for all.
            group_by: `strategy` or `leg`.
            with_events: look up what comes next for each; costs a question to the broker once a day.

        Raises:
            InvalidRequest: a symbol that cannot be one, or another grouping.
            GatewayUnavailable: the broker has not said what is held.
        """
        wanted, how = ticker(symbol) if symbol else None, _grouping(group_by)
        everything = await self.accounts.positions()
        held = tuple(
            each for each in everything if each.quantity and wanted in (None, each.instrument.symbol)
        )
        beneath, unknown = await self._beneath(held)
        (quotes, warnings), dates = await asyncio.gather(
            self._quotes(held, beneath), self.dividends.of(list(beneath.values()), self.market, self.clock)
        )
        market = await self._market(held, quotes, beneath, dates)
        opened = openings(self.book())

        # Shapes among many legs, volatilities and modelled bounds take their time: not on the loop that also
        # sends orders.
        strategies = await off_loop(self._valued, held, how, market, opened)
        if with_events:
            strategies = [with_event(each, dates, market.now) for each in strategies]
        return self._holdings(strategies, held, market, (*unknown, *warnings, *_late_dividends(dates)))

    def _valued(
        self, held: Sequence[Position], how: GroupBy, market: Market, opened: Sequence[Opening]
    ) -> list[HeldStrategy]:
        together = [each.together for each in opened]
        by_leg = how is GroupBy.LEG
        groups = [single(each) for each in held] if by_leg else self.recogniser.of(held, together)
        return [with_history(valued(group, held, market), opened) for group in groups]

    async def find(self, wanted: str) -> HeldStrategy:
        """The held strategy of this position_id, valued on fresh quotes.

        Raises:
            UnknownContract: nothing like it is held now; what is held is named.
            GatewayUnavailable: the broker has not said what is held.
        """
        for how in GroupBy:
            holdings = await self.positions(group_by=how)
            for each in holdings.strategies:
                if each.position_id == wanted:
                    return each
        held = await self.positions()
        names = ", ".join(f"{each.position_id} ({each.strategy})" for each in held.strategies)
        raise UnknownContract(
            f"no position {wanted[:40]!r} is held",
            code="unknown_position",
            expected=f"position_id: one of {names or 'none: nothing is held'}",
            found=repr(wanted[:40]),
            next_steps=["Look at trade_get_positions; a position that changed its legs has a new id."],
        )

    async def _beneath(self, held: Sequence[Position]) -> tuple[Mapping[str, Underlying], tuple[str, ...]]:
        """What each position stands on, by symbol; one that nobody knows is named and hides no other."""
        symbols = sorted({each.symbol for each in _quotable(held)})
        found = await asyncio.gather(
            *(self.directory.underlying(symbol) for symbol in symbols), return_exceptions=True
        )
        known = {each.symbol: each for each in found if isinstance(each, Underlying)}
        unknown = [each for each in found if isinstance(each, BaseException)]
        for error in unknown:
            if not isinstance(error, GatewayUnavailable | MarketDataError | UnknownContract):
                raise error
        messages = dict.fromkeys(each.message for each in unknown if isinstance(each, SumpPumpError))
        return known, tuple(f"without quotes: {message}" for message in messages)

    async def _quotes(
        self, held: Sequence[Position], beneath: Mapping[str, Underlying]
    ) -> tuple[Sequence[Quote], tuple[str, ...]]:
        """Quotes of everything held and of what it stands on; none of them is a reason to hide a position."""
        items = [each for each in _quotable(held) if each.symbol in beneath]
        if not items:
            return (), _not_quoted(held)
        try:
            quotes = await self.market.quotes(_once([*beneath.values(), *items]), need=Need.ORDERS)
        except (GatewayUnavailable, MarketDataError, UnknownContract) as error:
            return (), (f"without quotes: {error.message}", *_not_quoted(held))
        return quotes, (*_missing_quotes(quotes, held), *_not_quoted(held))

    async def _market(
        self,
        held: Sequence[Position],
        quotes: Sequence[Quote],
        beneath: Mapping[str, Underlying],
        dates: ExDates,
    ) -> Market:
        prices = {quote.instrument.con_id: price_of(quote) for quote in quotes}
        spots = {symbol: prices.get(each.con_id) for symbol, each in beneath.items()}
        known = Beneath(
            kinds=beneath,
            spots={symbol: price.amount for symbol, price in spots.items() if price is not None},
            dates=dates,
            base=self.assume,
            now=self.clock.now(),
        )
        also = [quote for symbol in beneath for quote in self.followed(symbol)]
        items = [each for each in _quotable(held) if each.symbol in beneath]
        # Trees take milliseconds: not on the loop that also sends orders.
        return await off_loop(_completed, items, quotes, also, known)

    def _holdings(
        self,
        strategies: Sequence[HeldStrategy],
        held: tuple[Position, ...],
        market: Market,
        warnings: tuple[str, ...],
    ) -> Holdings:
        monotonic = self.clock.monotonic()
        ages = [quote.age_s(monotonic) for quote in market.quotes.values()]
        return Holdings(
            strategies=tuple(sorted(strategies, key=_order)),
            positions=held,
            unrealized_pnl=total([each.unrealized_pnl for each in strategies]),
            market_value=total([each.market_value for each in strategies]),
            as_of=market.now,
            oldest_s=max(ages, default=None),
            feed=worst_feed(quote.feed for quote in market.quotes.values()),
            warnings=warnings,
            carries=market.carries,
        )


def _completed(
    items: Sequence[Instrument], quotes: Sequence[Quote], also: Sequence[Quote], known: Beneath
) -> Market:
    """The quotes with Greeks, ours where the broker gave none, and what they are priced with."""
    carries = known.carries(items, [*quotes, *also])
    full = {quote.instrument.con_id: _with_greeks(quote, known, carries) for quote in quotes}
    return Market(quotes=full, spots=known.spots, now=known.now, carries=carries)


def _with_greeks(quote: Quote, known: Beneath, carries: Carries) -> Quote:
    symbol = quote.instrument.symbol
    spot = known.spots.get(symbol)
    return with_greeks(
        quote,
        underlying=known.kinds[symbol],
        spot=None if spot is None else float(spot),
        now=known.now,
        assume=carries.get(symbol, known.base),
    )


def _grouping(text: str) -> GroupBy:
    try:
        return GroupBy(text.strip().lower())
    except ValueError:
        return refuse("group_by", f"{text!r} is not known", expected=", ".join(GroupBy), found=text)


def _order(each: HeldStrategy) -> tuple[str, date, Decimal, str]:
    lowest = min((option.strike for option in each.combo.options), default=Decimal(0))
    return each.symbol, each.expiry or date.min, lowest, each.position_id


def _once(instruments: Sequence[Instrument]) -> list[Instrument]:
    return list({each.con_id: each for each in instruments}.values())


def _quotable(held: Sequence[Position]) -> list[Instrument]:
    return [each.instrument for each in held if not each.instrument.sec_type.is_foreign]


def _not_quoted(held: Sequence[Position]) -> tuple[str, ...]:
    names = [each.instrument.symbol for each in held if each.instrument.sec_type.is_foreign]
    return (f"only the broker's own figures for {', '.join(names[:5])}",) if names else ()


def _late_dividends(dates: ExDates) -> tuple[str, ...]:
    late = [symbol for symbol, said in dates.items() if said is LATE]
    return (f"priced without dividends, the broker was late: {', '.join(late[:5])}",) if late else ()


def _missing_quotes(quotes: Sequence[Quote], held: Sequence[Position]) -> tuple[str, ...]:
    """What the market says nothing of, apart by whether the broker's own mark stands in."""
    marked = {each.instrument.con_id for each in held if each.market_price is not None}
    silent = [quote.instrument for quote in quotes if price_of(quote) is None]
    rows = (
        ("without a quote, at the broker's mark:", [each for each in silent if each.con_id in marked]),
        ("no price for", [each for each in silent if each.con_id not in marked]),
    )
    return tuple(f"{words} {', '.join(each.label for each in some[:5])}" for words, some in rows if some)


def single(position: Position) -> Recognised:
    """One position as a strategy of its own."""
    return alone(position.instrument, position.quantity)


def total(amounts: Sequence[Money | None]) -> Money | None:
    """The sum; None when a part is missing or currencies differ; nothing held is 0."""
    if not amounts:
        return Money(Decimal(0))
    currencies = {amount.currency for amount in amounts if amount is not None}
    return None if len(currencies) > 1 else whole_sum(amounts)


__all__ = ["GroupBy", "PortfolioService", "position_id", "single", "total"]
