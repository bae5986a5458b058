"""Quotes of shares, indexes and options, with change, width, Greeks, feed and age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sumppump.data.arguments import refuse, refuse_unlisted_expiry, ticker
from sumppump.data.greeks import with_greeks
from sumppump.data.option_text import OptionWords, looks_like_option, read_option
from sumppump.domain.instruments import Instrument, OptionClass, OptionContract, SecType, Underlying
from sumppump.domain.quotes import Feed, Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import AmbiguousContract, SumpPumpError
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData

OFFERED = (SecType.STK, SecType.IND, SecType.OPT)
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
        spot: the underlying's mid or last for options, per share.
        dte: calendar days to expiry for options.
        warnings: what is missing, delayed, crossed, halted.
    """

    quote: Quote
    reading: str
    age_s: float
    change: Premium | None = None
    change_pct: float | None = None
    width: Premium | None = None
    width_pct: float | None = None
    spot: Premium | None = None
    dte: int | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteService:
    """Looks things up and quotes them; sends nothing."""

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    assume: Assumptions = field(default_factory=Assumptions)

    async def quote(self, text: str, asset_type: str = "") -> QuoteReading:
        """A fresh quote of a ticker, or of an option as people write it.

        Args:
            text: `SPY`, `SPY 2026-12-18 500C`, `SPY   261218C00500000`.
            asset_type: STK, IND or OPT; "" lets the text decide.

        Raises:
            InvalidRequest: the text or the type cannot be read.
            UnknownContract: not listed; the nearest are named.
            GatewayUnavailable: no connection.
        """
        kind = _kind(asset_type)
        today = self.clock.now().astimezone(NEW_YORK).date()
        if kind is SecType.OPT or (kind is None and looks_like_option(text)):
            return await self._option(read_option(text, today))
        underlying = await self.directory.underlying(ticker(text))
        if kind is not None and underlying.sec_type is not kind:
            refuse(
                "asset_type",
                f"{kind} does not fit {underlying.symbol}",
                expected=str(underlying.sec_type),
                found=kind,
            )
        return await self.of(underlying)

    async def quotes(self, texts: Sequence[str]) -> QuoteBoard:
        """Several at once; what cannot be quoted is listed with its error, and does not spoil the rest."""
        readings, failed = [], []
        for text in texts:
            try:
                readings.append(await self.quote(text))
            except SumpPumpError as error:
                failed.append((text, error))
        return QuoteBoard(readings=tuple(readings), failed=tuple(failed))

    async def of(self, instrument: Instrument, *, reading: str = "") -> QuoteReading:
        """A fresh quote of a known contract; an option's underlying is quoted with it."""
        if isinstance(instrument, Underlying):
            (quote,) = await self.market.quotes([instrument])
            return self._reading(quote, reading or instrument.symbol, None)
        underlying = await self.directory.underlying(instrument.symbol)
        beneath, quote = await self.market.quotes([underlying, instrument])
        spot = price_of(beneath)
        full = with_greeks(
            quote,
            underlying=underlying,
            spot=None if spot is None else float(spot),
            now=self.clock.now(),
            assume=self.assume,
        )
        return self._reading(full, reading or instrument.label, spot)

    async def _option(self, words: OptionWords) -> QuoteReading:
        underlying = await self.directory.underlying(words.symbol)
        classes = await self.directory.option_classes(underlying)
        listed = {day for each in classes for day in each.expiries}
        if words.expiry not in listed:
            refuse_unlisted_expiry(words.symbol, words.expiry, listed)
        kind = class_of(words, underlying, classes)
        option = await self.directory.option(
            underlying, words.expiry, words.strike, words.right, trading_class=kind
        )
        return await self.of(option, reading=words.words)

    def _reading(self, quote: Quote, reading: str, spot: Premium | None) -> QuoteReading:
        change, change_pct = change_of(quote)
        mid, width = quote.mid, quote.quote_width
        today = self.clock.now().astimezone(NEW_YORK).date()
        option = quote.instrument if isinstance(quote.instrument, OptionContract) else None
        return QuoteReading(
            quote=quote,
            reading=reading,
            age_s=quote.age_s(self.clock.monotonic()),
            change=change,
            change_pct=change_pct,
            width=width,
            width_pct=None
            if width is None or mid is None or mid.amount <= 0
            else float(width.amount / mid.amount * 100),
            spot=spot,
            dte=None if option is None else (option.expiry - today).days,
            warnings=warnings_of(quote, self.clock.monotonic()),
        )


def class_of(words: OptionWords, underlying: Underlying, classes: Sequence[OptionClass]) -> str:
    """The trading class that a written option means, "" where there is only one.

    Raises:
        AmbiguousContract: an index has two classes there, which settle at different times.
    """
    names = sorted(
        {
            each.trading_class
            for each in classes
            if words.expiry in each.expiries and words.strike in each.strikes
        }
    )
    if len(names) <= 1:
        return names[0] if names else ""
    if underlying.sec_type is SecType.STK and underlying.symbol in names:
        return underlying.symbol  # the others are adjusted classes of the same share
    raise AmbiguousContract(
        f"{words.words} is listed in the classes {', '.join(names)}",
        expected="one class",
        found=", ".join(names),
        next_steps=["Ask for the chain of that expiry with trading_class, which shows both."],
    )


def _kind(asset_type: str) -> SecType | None:
    word = asset_type.strip().upper()
    if not word:
        return None
    offered = {kind.value: kind for kind in OFFERED}
    if word not in offered:
        refuse(
            "asset_type", f"{asset_type!r} is not quoted here", expected=", ".join(offered), found=asset_type
        )
    return offered[word]


def change_of(quote: Quote) -> tuple[Premium | None, float | None]:
    """Change since the previous close per share, and percent of it; None where a part is missing."""
    price = quote.last if quote.last is not None else quote.mid
    if price is None or quote.close is None:
        return None, None
    change = price - quote.close
    return change, float(change.amount / quote.close.amount * 100) if quote.close.amount > 0 else None


def warnings_of(quote: Quote, monotonic: float) -> tuple[str, ...]:
    """What a reader of this quote must know, gravest first."""
    age = quote.age_s(monotonic)
    rules = (
        (quote.halted, "trading is halted"),
        (quote.feed is Feed.NONE, "there is no market data"),
        (quote.feed not in (Feed.LIVE, Feed.NONE), f"the data is {quote.feed.replace('_', ' and ')}"),
        (quote.is_crossed, "the bid is above the ask"),
        (quote.bid is None and quote.ask is not None, "there is no bid"),
        (quote.ask is None and quote.bid is not None, "there is no ask"),
        (quote.bid is None and quote.ask is None, "there is neither bid nor ask"),
        (age > STALE_AFTER_S, f"the quote is {age:.0f} s old"),
        (bool(quote.greeks_missing), f"no Greeks: {quote.greeks_missing}"),
        (bool(quote.notice), quote.notice),
    )
    return tuple(words for holds, words in rules if holds)
