"""How alive the market data is: per symbol, per line, per farm; and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sumppump.data.arguments import refuse, ticker
from sumppump.data.quotes import STALE_AFTER_S
from sumppump.domain.account import LinkStatus
from sumppump.domain.instruments import Underlying
from sumppump.domain.quotes import Feed, Quote, worst_feed
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import ContractDirectory, MarketData

DEFAULT_SYMBOLS = ("SPY", "AAPL", "NVDA")
MOST_SYMBOLS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """One symbol's data.

    Attributes:
        feed: live, frozen, delayed, or none when nothing came.
        age_s: seconds since its quote was taken, None without one.
        missing: what did not come, by name.
        notice: TWS's reason (a subscription, a farm), or our error's message.
    """

    symbol: str
    feed: Feed
    age_s: float | None
    missing: tuple[str, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """All of it.

    Attributes:
        link: how we stand with TWS.
        lines_used, lines_limit: market data lines, and our budget.
        overall: the worst feed of the symbols; none when not one came.
        may_trade: whether at least one symbol is live; orders need live quotes.
    """

    link: LinkStatus
    lines_used: int
    lines_limit: int
    readings: tuple[FeedReading, ...]
    overall: Feed
    warnings: tuple[str, ...] = ()

    @property
    def may_trade(self) -> bool:
        """Whether some symbol is live, which every order needs."""
        return any(reading.feed is Feed.LIVE for reading in self.readings)


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
        """What every symbol gets; three well-known ones where none are named.

        Raises:
            InvalidRequest: a symbol that cannot be one, or too many.
            GatewayUnavailable: no connection at all.
        """
        if len(symbols) > MOST_SYMBOLS:
            refuse("symbols", "are too many", expected=f"at most {MOST_SYMBOLS}", found=len(symbols))
        names = tuple(dict.fromkeys(ticker(each) for each in symbols)) or DEFAULT_SYMBOLS
        known: list[Underlying] = []
        readings: dict[str, FeedReading] = {}
        for name in names:
            try:
                known.append(await self.directory.underlying(name))
            except SumpPumpError as error:
                if not _is_about_the_symbol(error):
                    raise
                readings[name] = FeedReading(symbol=name, feed=Feed.NONE, age_s=None, notice=error.message)
        for quote in await self.market.quotes(known) if known else ():
            reading = self._reading(quote)
            readings[reading.symbol] = reading
        return self._report(tuple(readings[name] for name in names if name in readings))

    def _reading(self, quote: Quote) -> FeedReading:
        numbers = (("bid", quote.bid), ("ask", quote.ask), ("last", quote.last), ("close", quote.close))
        missing = tuple(name for name, value in numbers if value is None)
        came = len(missing) < len(numbers)
        return FeedReading(
            symbol=quote.instrument.symbol,
            feed=quote.feed if came else Feed.NONE,
            age_s=quote.age_s(self.clock.monotonic()) if came else None,
            missing=missing,
            notice=quote.notice,
        )

    def _report(self, readings: tuple[FeedReading, ...]) -> FeedReport:
        link, (used, limit) = self.link(), self.market.lines()
        return FeedReport(
            link=link,
            lines_used=used,
            lines_limit=limit,
            readings=readings,
            overall=worst_feed(each.feed for each in readings),
            warnings=_warnings(link, used, limit, readings),
        )


def _is_about_the_symbol(error: SumpPumpError) -> bool:
    return error.code != "gateway_unavailable"


def _warnings(link: LinkStatus, used: int, limit: int, readings: Sequence[FeedReading]) -> tuple[str, ...]:
    stale = [each.symbol for each in readings if each.age_s is not None and each.age_s > STALE_AFTER_S]
    delayed = [each.symbol for each in readings if each.feed in (Feed.DELAYED, Feed.DELAYED_FROZEN)]
    rules = (
        (not link.connected, f"not connected to TWS: {link.reason or 'no reason given'}"),
        (link.connected and not link.broker_online, "TWS has lost its own connection to the broker"),
        (bool(link.farms_down), f"data farms are broken: {', '.join(link.farms_down)}"),
        (bool(stale), f"no fresh quote for {', '.join(stale)}"),
        (bool(delayed), f"delayed data for {', '.join(delayed)}: orders need live quotes"),
        (used >= limit, f"all {limit} market data lines are in use"),
    )
    return (
        *(words for holds, words in rules if holds),
        *(f"{each.symbol}: {each.notice}" for each in readings if each.notice),
    )
