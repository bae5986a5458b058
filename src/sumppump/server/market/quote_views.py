"""Answers about single contracts."""

from __future__ import annotations

from sumppump.data.quote_gaps import is_empty, is_had
from sumppump.data.quotes import QuoteReading
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.quotes import Greeks, Quote
from sumppump.server.views import Answer, View, moment, num, quality_of


class GreeksView(View):
    """Per share of the contract: theta a day, vega a volatility point, iv 0.23 is 23 % a year."""

    iv: float | None
    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    rho: float | None
    source: str


class QuoteAnswer(Answer):
    """One contract's market."""

    symbol: str
    label: str
    con_id: int
    asset_type: str
    trading_class: str
    multiplier: int
    reading: str
    bid: float | None
    ask: float | None
    last: float | None
    mid: float | None
    bid_size: int | float | None
    ask_size: int | float | None
    last_size: int | float | None
    volume: int | None
    open_interest: int | None
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    change: float | None
    change_pct: float | None
    spread: float | None
    spread_pct: float | None
    spread_pips: float | None
    underlying_price: float | None
    dte: int | None
    session: str
    missing: list[str]
    missing_subscription: str
    greeks: GreeksView | None
    greeks_missing: str


def quote_answer(reading: QuoteReading, monotonic: float) -> QuoteAnswer:
    """A quote in full."""
    quote, instrument = reading.quote, reading.instrument
    return QuoteAnswer(
        summary=quote_words(reading),
        warnings=[f"{instrument.label}: {words}" for words in reading.warnings],
        as_of=moment(reading.as_of),
        data_quality=quality_of([quote], monotonic).without_notes(),
        symbol=instrument.symbol,
        label=instrument.label,
        con_id=instrument.con_id,
        asset_type=instrument.sec_type.value,
        trading_class="" if isinstance(instrument, Underlying) else instrument.trading_class,
        multiplier=instrument.multiplier,
        reading=reading.reading,
        bid=num(quote.bid),
        ask=num(quote.ask),
        last=num(quote.last),
        mid=num(quote.mid),
        bid_size=quote.bid_size,
        ask_size=quote.ask_size,
        last_size=quote.last_size,
        volume=quote.volume,
        open_interest=quote.open_interest,
        open=num(quote.open),
        high=num(quote.high),
        low=num(quote.low),
        close=num(quote.close),
        change=num(reading.change),
        change_pct=num(reading.change_pct, 3),
        spread=num(reading.width),
        spread_pct=num(reading.width_pct, 3),
        spread_pips=num(reading.pips, 2),
        underlying_price=num(reading.spot),
        dte=reading.dte,
        session="" if reading.session is None else reading.session.words(),
        missing=list(reading.gaps),
        missing_subscription=quote.missing_subscription,
        greeks=_greeks(quote.greeks),
        greeks_missing=_no_greeks(quote),
    )


def _no_greeks(quote: Quote) -> str:
    if quote.greeks is not None:
        return ""
    if not isinstance(quote.instrument, OptionContract):
        return "only options have Greeks"
    return "there is no market data" if is_empty(quote) else quote.greeks_missing


def quote_words(reading: QuoteReading) -> str:
    """Both sides, the change and the width in pips, in one sentence; or that there is no market data."""
    if is_empty(reading.quote):
        lacks = reading.quote.missing_subscription
        return f"{reading.reading}: no market data{f', the account lacks {lacks}' * bool(lacks)}."
    pips = "" if reading.pips is None else f", {reading.pips:g} pips wide"
    return f"{reading.reading}: {_sides(reading)}{_change(reading)}{pips}."


def _change(reading: QuoteReading) -> str:
    """On which close: after a session it may be that session's own, of which the broker says nothing."""
    if reading.change_pct is None:
        return ""
    close = "the previous close"
    if reading.session is not None and not reading.session.is_open:
        close = f"a close of {price_words(num(reading.quote.close))}, which may be the newest session's"
    return f", {percent_words(reading.change_pct)} on {close}"


def _sides(reading: QuoteReading) -> str:
    """What this kind has: an index only a last price, a currency pair only bid and ask."""
    quote = reading.quote
    prices = (("bid", quote.bid), ("ask", quote.ask), ("last", quote.last))
    shown = [(name, value) for name, value in prices if is_had(name, quote.instrument.sec_type)]
    return ", ".join(f"{name} {price_words(num(value))}" for name, value in shown)


def percent_words(value: float | None) -> str:
    """A signed percentage with two decimals; what rounds to 0 has no sign."""
    text = "missing" if value is None else f"{value:+.2f} %"
    return "0.00 %" if text in ("-0.00 %", "+0.00 %") else text


def price_words(value: float | None) -> str:
    """A price with two decimals, or as many as it has: EUR.USD has five."""
    if value is None:
        return "missing"
    return f"{value:,.2f}" if round(value, 2) == value else f"{value:,.6f}".rstrip("0")


def _greeks(greeks: Greeks | None) -> GreeksView | None:
    if greeks is None:
        return None
    return GreeksView(
        iv=num(greeks.iv, 4),
        delta=num(greeks.delta, 4),
        gamma=num(greeks.gamma),
        theta=num(greeks.theta, 4),
        vega=num(greeks.vega, 4),
        rho=num(greeks.rho, 4),
        source=greeks.source.value,
    )
