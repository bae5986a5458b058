"""How alive the market data is: per contract, per line, per farm; and which subscription is missing.

Every feed is tried with a real request. An option of the first stock is tried beside it: shares and options
are different subscriptions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sumppump.data.arguments import refuse
from sumppump.data.meaning import Meaning, Meanings
from sumppump.data.quote_gaps import is_had
from sumppump.data.quotes import STALE_AFTER_S, price_of
from sumppump.domain.account import LinkStatus
from sumppump.domain.instruments import OptionContract, Right, SecType, Underlying
from sumppump.domain.quotes import Feed, Quote, worst_feed
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import ContractDirectory, MarketData

SAMPLES = ("SPY", "AAPL", "NVDA", "SPX", "ES front")
MOST_SYMBOLS = 20
_PRICES = ("bid", "ask", "last", "close")
_SIDES = frozenset({"bid", "ask"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """One contract's data.

    Attributes:
        kind: STK, OPT ..., "" where the text names no contract.
        feed: live, frozen, delayed, or none when nothing came.
        age_s: seconds since its quote was taken, None without one.
        missing: what should have come with the rest and did not, by name.
        notice: TWS's reason (a subscription, a farm), or our error's message.
        subscription: the market data subscription that is missing, by name, "" for none.
        is_stale: whether ticks may have been missed.
    """

    symbol: str
    feed: Feed
    age_s: float | None
    kind: str = ""
    missing: tuple[str, ...] = ()
    notice: str = ""
    subscription: str = ""
    is_stale: bool = False

    @property
    def is_tradable(self) -> bool:
        """Whether it has a live bid and ask now."""
        is_sided = is_had("bid", SecType(self.kind)) if self.kind else False
        return self.feed is Feed.LIVE and not self.is_old and is_sided and not _SIDES & {*self.missing}

    @property
    def is_old(self) -> bool:
        """Whether its figures may not be the market's now."""
        is_aged = self.age_s is not None and self.age_s > STALE_AFTER_S
        return self.feed is not Feed.NONE and (self.is_stale or is_aged)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """All of it.

    Attributes:
        link: how we stand with TWS.
        lines_used, lines_limit: market data lines, and our budget.
        overall: the worst feed of the contracts that there are; none when not one came.
    """

    link: LinkStatus
    lines_used: int
    lines_limit: int
    readings: tuple[FeedReading, ...]
    overall: Feed
    warnings: tuple[str, ...] = ()

    @property
    def working(self) -> int:
        """How many bring figures, live or delayed."""
        return sum(each.feed is not Feed.NONE for each in self.readings)

    @property
    def status(self) -> str:
        """OK when all bring figures, FAILED when none does, else PARTIAL."""
        if not self.working:
            return "FAILED"
        return "OK" if self.working == len(self.readings) else "PARTIAL"

    @property
    def may_trade(self) -> bool:
        """Whether something has a live bid and ask now, which every order needs."""
        return any(reading.is_tradable for reading in self.readings)

    @property
    def subscriptions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What is not subscribed, and the contracts that lack it."""
        names = dict.fromkeys(each.subscription for each in self.readings if each.subscription)
        return tuple(
            (name, tuple(each.symbol for each in self.readings if each.subscription == name))
            for name in names
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedService:
    """Tries the feeds with a real request each; sends nothing.

    Attributes:
        link: how we stand with TWS now, from the broker's port.
    """

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    link: Callable[[], LinkStatus]

    async def check(self, symbols: Sequence[str] = ()) -> FeedReport:
        """What every symbol gets, and an option of the first stock or index; well-known ones by default.

        Raises:
            InvalidRequest: too many symbols, or one without a letter.
            GatewayUnavailable: no connection at all.
        """
        names = tuple(dict.fromkeys(" ".join(each.upper().split()) for each in symbols)) or SAMPLES
        if len(names) > MOST_SYMBOLS or not all(names):
            refuse("symbols", "are too many or empty", expected=f"at most {MOST_SYMBOLS}", found=len(names))
        found = await asyncio.gather(*map(self._meaning, names))
        meant = [each for each in found if isinstance(each, Meaning)]
        quotes = await self.market.quotes([each.instrument for each in meant]) if meant else ()
        by_con_id = {quote.instrument.con_id: quote for quote in quotes}
        rows = [
            self._reading(by_con_id[each.instrument.con_id]) if isinstance(each, Meaning) else each
            for each in found
        ]
        return self._report((*rows, *await self._option_sample(quotes)))

    async def _meaning(self, text: str) -> Meaning | FeedReading:
        meanings = Meanings(directory=self.directory, clock=self.clock)
        try:
            return await meanings.of(text)
        except SumpPumpError as error:
            if not _is_about_the_symbol(error):
                raise
            return FeedReading(symbol=text, feed=Feed.NONE, age_s=None, notice=error.message)

    async def _option_sample(self, quotes: Sequence[Quote]) -> tuple[FeedReading, ...]:
        """One option near the money on the first that has a price; () where nothing has options."""
        if any(isinstance(quote.instrument, OptionContract) for quote in quotes):
            return ()
        for quote in quotes:
            under, spot = quote.instrument, price_of(quote) or quote.close
            if isinstance(under, Underlying) and under.sec_type in _OPTIONABLE and spot is not None:
                return (await self._sampled(under, float(spot)),)
        return ()

    async def _sampled(self, under: Underlying, spot: float) -> FeedReading:
        try:
            option = await self._option_near(under, spot)
            (quote,) = await self.market.quotes([option])
        except SumpPumpError as error:
            if not _is_about_the_symbol(error):
                raise
            words = f"{under.symbol} option"
            return FeedReading(symbol=words, kind="OPT", feed=Feed.NONE, age_s=None, notice=error.message)
        return self._reading(quote)

    async def _option_near(self, under: Underlying, spot: float) -> OptionContract:
        """The call nearest the money that expires first after today."""
        today = self.clock.now().astimezone(NEW_YORK).date()
        classes = await self.directory.option_classes(under)
        day = min((day for each in classes for day in each.expiries if day > today), default=today)
        listed = await self.directory.options(under, day, right=Right.CALL)
        return min(listed, key=lambda option: abs(float(option.strike) - spot))

    def _reading(self, quote: Quote) -> FeedReading:
        kind = quote.instrument.sec_type
        due = [name for name in _PRICES if is_had(name, kind)]
        missing = tuple(name for name in due if getattr(quote, name) is None)
        came = len(missing) < len(due)
        return FeedReading(
            symbol=quote.instrument.label,
            kind=kind.value,
            feed=quote.feed if came else Feed.NONE,
            age_s=quote.age_s(self.clock.monotonic()) if came else None,
            missing=(*missing, *_greeks_missing(quote)) if came else (),
            notice=quote.notice,
            subscription=quote.missing_subscription,
            is_stale=quote.is_stale,
        )

    def _report(self, readings: tuple[FeedReading, ...]) -> FeedReport:
        link, (used, limit) = self.link(), self.market.lines()
        return FeedReport(
            link=link,
            lines_used=used,
            lines_limit=limit,
            readings=readings,
            overall=worst_feed(each.feed for each in readings if each.kind),
            warnings=_warnings(link, used, limit, readings),
        )


_OPTIONABLE = frozenset({SecType.STK, SecType.IND})


def _greeks_missing(quote: Quote) -> tuple[str, ...]:
    return ("greeks",) if isinstance(quote.instrument, OptionContract) and quote.greeks is None else ()


def _is_about_the_symbol(error: SumpPumpError) -> bool:
    return error.code != "gateway_unavailable"


def _warnings(link: LinkStatus, used: int, limit: int, readings: Sequence[FeedReading]) -> tuple[str, ...]:
    old = [each.symbol for each in readings if each.is_old]
    delayed = [each.symbol for each in readings if each.feed in (Feed.DELAYED, Feed.DELAYED_FROZEN)]
    rules = (
        (not link.connected, f"not connected to TWS: {link.reason or 'no reason given'}"),
        (link.connected and not link.broker_online, "TWS has lost its own connection to the broker"),
        (bool(link.farms_down), f"data farms are broken: {', '.join(link.farms_down)}"),
        (bool(old), f"no fresh quote for {', '.join(old)}"),
        (bool(delayed), f"delayed data for {', '.join(delayed)}: orders need live quotes"),
        (used >= limit, f"all {limit} market data lines are in use"),
    )
    return (
        *(words for holds, words in rules if holds),
        *(f"{each.symbol}: {each.notice}" for each in readings if each.notice and not each.subscription),
    )
