"""Quotes of every kind of contract, with change, width, Greeks, feed, session and age."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sumppump.data.greeks import with_greeks
from sumppump.data.live import LiveBoard
from sumppump.data.meaning import Meaning, Meanings
from sumppump.data.quote_cache import KEEP_S, QuoteCache
from sumppump.data.quote_gaps import gaps, had, is_empty, is_had
from sumppump.data.sessions import SessionStatus, sessions, status, underlying_status
from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.domain.quotes import Feed, Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData

STALE_AFTER_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteReading:
    """One quote as it is shown.

    Attributes:
        quote: bid, ask, last, OHLC, volume, Greeks; a missing number is None.
        reading: how the text was understood, for example `SPY 2026-12-18 (Fri) 500 call`.
        change: last minus the previous close per share; change_pct: percent of that close.
        width: ask minus bid per share; width_pct: percent of the mid.
        age_s: seconds since it was taken, when this was built.
        as_of: exchange time of its newest tick.
        pips: ask minus bid of a currency pair, in pips (0.0001, of yen 0.01).
        spot: the underlying's mid or last for options, per share.
        dte: calendar days to expiry for options and futures.
        session: whether it trades now by its own hours, None where they are not known.
        gaps: why figures are None, one sentence a reason.
        warnings: what is delayed, crossed, halted, closed.
    """

    quote: Quote
    reading: str
    age_s: float
    change: Premium | None = None
    change_pct: float | None = None
    width: Premium | None = None
    width_pct: float | None = None
    pips: float | None = None
    spot: Premium | None = None
    dte: int | None = None
    session: SessionStatus | None = None
    gaps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def instrument(self) -> Instrument:
        """What was quoted."""
        return self.quote.instrument

    @property
    def as_of(self) -> datetime:
        """Exchange time of the newest tick."""
        return self.quote.as_of


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteBoard:
    """Several quotes, and why the others are not there.

    Attributes:
        readings: in the order asked.
        failed: (text, error) of those that could not be quoted.
    """

    readings: tuple[QuoteReading, ...]
    failed: tuple[tuple[str, SumpPumpError], ...] = ()


def price_of(quote: Quote) -> Premium | None:
    """The one price to reckon with: the mid, else the last trade; None without either."""
    return quote.mid if quote.mid is not None and not quote.is_crossed else quote.last


class QuoteService:
    """Looks things up and quotes them; sends nothing.

    Attributes:
        meanings: what texts name. cache: what was quoted in the last seconds.
    """

    def __init__(
        self,
        *,
        directory: ContractDirectory,
        market: MarketData,
        clock: Clock,
        assume: Assumptions | None = None,
        keep_s: float = KEEP_S,
        live: LiveBoard | None = None,
    ) -> None:
        """Keep quotes for `keep_s` seconds, but answer what is followed from its line."""
        self.meanings = Meanings(directory=directory, clock=clock)
        self.cache = QuoteCache(market=market, clock=clock, keep_s=keep_s)
        if live is not None:
            self.cache.live = live.quote
        self._clock, self._assume = clock, assume or Assumptions()

    async def quote(self, text: str, asset_type: str = "") -> QuoteReading:
        """A quote, a few seconds old at most, of what a text names; see `Meanings.of`.

        Raises:
            InvalidRequest: the text or the type cannot be read.
            UnknownContract: not listed; the nearest are named.
            AmbiguousContract: several contracts fit.
            GatewayUnavailable: no connection.
        """
        (reading,) = await self._readings([await self.meanings.of(text, asset_type)])
        return reading

    async def quotes(self, texts: Sequence[str]) -> QuoteBoard:
        """Several at once; what cannot be quoted is listed with its error, and does not spoil the rest."""
        meant: list[Meaning] = []
        failed: list[tuple[str, SumpPumpError]] = []
        for text, found in zip(texts, await asyncio.gather(*map(self._meaning, texts)), strict=True):
            if isinstance(found, Meaning):
                meant.append(found)
            else:
                failed.append((text, found))
        return QuoteBoard(readings=await self._readings(meant), failed=tuple(failed))

    async def of(self, instrument: Instrument, *, reading: str = "") -> QuoteReading:
        """A quote of a known contract; an option's underlying is quoted with it."""
        (found,) = await self._readings([await self.meanings.of_instrument(instrument, reading)])
        return found

    async def _meaning(self, text: str) -> Meaning | SumpPumpError:
        try:
            return await self.meanings.of(text)
        except SumpPumpError as error:
            return error

    async def _readings(self, meant: Sequence[Meaning]) -> tuple[QuoteReading, ...]:
        """All of them in one go: the wait for many is the wait for the slowest."""
        beneath = [each.beneath for each in meant if each.beneath is not None]
        wanted = [*beneath, *(each.instrument for each in meant)]
        quotes = await self.cache.quotes(wanted) if wanted else ()
        quote_of = {quote.instrument.con_id: quote for quote in quotes}
        return tuple(self._reading(each, quote_of) for each in meant)

    def _reading(self, meant: Meaning, quote_of: dict[int, Quote]) -> QuoteReading:
        quote, now = had(quote_of[meant.instrument.con_id]), self._clock.now()
        spot = None if meant.beneath is None else price_of(quote_of[meant.beneath.con_id])
        if meant.beneath is not None:
            quote = with_greeks(
                quote,
                underlying=meant.beneath,
                spot=None if spot is None else float(spot),
                now=now,
                assume=self._assume,
            )
        change, change_pct = change_of(quote)
        session = session_of(meant, now)
        return QuoteReading(
            quote=quote,
            reading=meant.reading,
            age_s=quote.age_s(self._clock.monotonic()),
            change=change,
            change_pct=change_pct,
            width=quote.quote_width,
            width_pct=_width_pct(quote),
            pips=_pips(quote),
            spot=spot,
            dte=_days_left(meant.instrument, now),
            session=session,
            gaps=gaps(quote),
            warnings=(*closed_words(meant, now), *warnings_of(quote, self._clock.monotonic())),
        )


_BY_DAY = frozenset({SecType.STK, SecType.IND})


def session_of(meant: Meaning, now: datetime) -> SessionStatus | None:
    """Whether a contract trades now: shares, indexes and options by day, all else in all of its hours."""
    if meant.beneath is not None:
        return underlying_status(meant.beneath, now)
    item = meant.instrument
    if isinstance(item, OptionContract):
        return None
    by_day = item.liquid_hours if item.sec_type in _BY_DAY else ""
    return status(sessions(by_day or item.trading_hours, item.time_zone), now)


def closed_words(meant: Meaning, now: datetime) -> tuple[str, ...]:
    """That it has ended, or that its market is closed and what its prices then are; () while it trades."""
    item, session = meant.instrument, session_of(meant, now)
    if not isinstance(item, Underlying) and item.last_trade <= now:
        return (f"it stopped trading on {item.last_trade.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M} New York",)
    if session is None or session.is_open:
        return ()
    if not isinstance(item, OptionContract):
        other = status(sessions(item.trading_hours, item.time_zone), now)
        if other is not None and other.is_open:
            return (f"regular trading is {session.words()}: these are prices of extended hours",)
    return (f"the market is {session.words()}: these are its last prices",)


def _width_pct(quote: Quote) -> float | None:
    mid, width = quote.mid, quote.quote_width
    return None if width is None or mid is None or mid.amount <= 0 else float(width.amount / mid.amount * 100)


def _pips(quote: Quote) -> float | None:
    pip = quote.instrument.pip if isinstance(quote.instrument, Underlying) else None
    return None if pip is None or quote.quote_width is None else float(quote.quote_width.amount / pip)


def _days_left(instrument: Instrument, now: datetime) -> int | None:
    if isinstance(instrument, Underlying):
        return None
    return (instrument.expiry - now.astimezone(NEW_YORK).date()).days


def change_of(quote: Quote) -> tuple[Premium | None, float | None]:
    """Change since the previous close per share, and percent of it; None where a part is missing."""
    price = quote.last if quote.last is not None else quote.mid
    if price is None or quote.close is None:
        return None, None
    change = price - quote.close
    return change, float(change.amount / quote.close.amount * 100) if quote.close.amount > 0 else None


def warnings_of(quote: Quote, monotonic: float) -> tuple[str, ...]:
    """What a reader of this quote must know, gravest first."""
    if is_empty(quote):
        return ("there is no market data", *((quote.notice,) if quote.notice else ()))
    age, sided = quote.age_s(monotonic), is_had("bid", quote.instrument.sec_type)
    rules = (
        (quote.halted, "trading is halted"),
        (quote.is_stale, "ticks may have been missed: a data farm or the connection broke since"),
        (quote.feed is Feed.NONE, "the market data has ended"),
        (quote.feed not in (Feed.LIVE, Feed.NONE), f"the data is {quote.feed.replace('_', ' and ')}"),
        (quote.is_crossed, "the bid is above the ask"),
        (quote.bid is None and quote.ask is not None, "there is no bid"),
        (quote.ask is None and quote.bid is not None, "there is no ask"),
        (sided and quote.bid is None and quote.ask is None, "there is neither bid nor ask"),
        (age > STALE_AFTER_S, f"the quote is {age:.0f} s old"),
        (bool(quote.greeks_missing), f"no Greeks: {quote.greeks_missing}"),
        (bool(quote.notice), quote.notice),
    )
    return tuple(words for holds, words in rules if holds)
