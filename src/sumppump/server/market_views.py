"""Answers about single contracts and feeds: quotes, how alive the data is, what a symbol can mean."""

from __future__ import annotations

from pydantic import Field

from sumppump.data.contracts import Found, ListedClass, kind_words
from sumppump.data.feeds import FeedReading, FeedReport
from sumppump.data.quotes import QuoteReading
from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.quotes import Greeks
from sumppump.kernel.text import clean
from sumppump.server.views import (
    Answer,
    QualityView,
    View,
    feed_state,
    moment,
    num,
    quality_of,
)

MOST_EXPIRIES_SHOWN = 30


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
    reading: str
    bid: float | None
    ask: float | None
    last: float | None
    mid: float | None
    bid_size: int | None
    ask_size: int | None
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
    underlying_price: float | None
    dte: int | None
    greeks: GreeksView | None
    greeks_missing: str


class FeedView(View):
    """One symbol's data."""

    symbol: str
    feed: str
    age_s: float | None
    missing: list[str]
    notice: str


class FeedsAnswer(Answer):
    """How alive the market data is."""

    connected: bool
    broker_online: bool
    server_version: int
    overall: str
    can_trade_on_it: bool
    lines_used: int
    lines_limit: int
    farms_down: list[str]
    feeds: list[FeedView]


class CandidateView(View):
    """One contract that the query can mean."""

    con_id: int
    symbol: str
    label: str
    asset_type: str
    kind: str
    currency: str
    exchange: str
    name: str
    multiplier: int


class ClassView(View):
    """One option class: how many strikes and expiries are listed."""

    trading_class: str
    exchange: str
    multiplier: int
    strikes: int
    lowest: float | None
    highest: float | None
    expiries: list[str]


class ContractsAnswer(Answer):
    """What a query can mean, best first; names are text from outside."""

    reading: str
    exact_con_id: int | None
    settled: str
    session: str
    candidates: list[CandidateView] = Field(default_factory=list)
    classes: list[ClassView] = Field(default_factory=list)


def quote_answer(reading: QuoteReading, monotonic: float) -> QuoteAnswer:
    """A quote in full."""
    quote, instrument = reading.quote, reading.instrument
    return QuoteAnswer(
        summary=_quote_summary(reading),
        warnings=[f"{instrument.label}: {words}" for words in reading.warnings],
        as_of=moment(reading.as_of),
        data_quality=quality_of([quote], monotonic),
        symbol=instrument.symbol,
        label=instrument.label,
        con_id=instrument.con_id,
        asset_type=instrument.sec_type.value,
        reading=reading.reading,
        bid=num(quote.bid),
        ask=num(quote.ask),
        last=num(quote.last),
        mid=num(quote.mid),
        bid_size=quote.bid_size,
        ask_size=quote.ask_size,
        volume=quote.volume,
        open_interest=quote.open_interest,
        open=num(quote.open),
        high=num(quote.high),
        low=num(quote.low),
        close=num(quote.close),
        change=num(reading.change, 4),
        change_pct=num(reading.change_pct, 3),
        spread=num(reading.width),
        spread_pct=num(reading.width_pct, 3),
        underlying_price=num(reading.spot),
        dte=reading.dte,
        greeks=_greeks(quote.greeks),
        greeks_missing=quote.greeks_missing,
    )


def _quote_summary(reading: QuoteReading) -> str:
    quote = reading.quote
    change = "" if reading.change_pct is None else f", {reading.change_pct:+.2f} % on the previous close"
    sides = f"bid {_price(num(quote.bid))}, ask {_price(num(quote.ask))}, last {_price(num(quote.last))}"
    return f"{reading.instrument.label}: {sides}{change}."


def _price(value: float | None) -> str:
    return "missing" if value is None else f"{value:,.2f}"


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


def feeds_answer(report: FeedReport) -> FeedsAnswer:
    """How alive the data is."""
    link = report.link
    can = "Orders need live quotes." if report.may_trade else "Nothing is live, and orders need live quotes."
    return FeedsAnswer(
        summary=f"{', '.join(f'{each.symbol} {each.feed}' for each in report.readings)}; "
        f"{report.lines_used} of {report.lines_limit} lines in use. {can}",
        warnings=list(report.warnings),
        data_quality=QualityView(
            state=feed_state(report.overall),
            age_s=num(
                max((each.age_s for each in report.readings if each.age_s is not None), default=None), 1
            ),
        ),
        connected=link.connected,
        broker_online=link.broker_online,
        server_version=link.server_version,
        overall=report.overall.value,
        can_trade_on_it=report.may_trade,
        lines_used=report.lines_used,
        lines_limit=report.lines_limit,
        farms_down=list(link.farms_down),
        feeds=[_feed(reading) for reading in report.readings],
    )


def _feed(reading: FeedReading) -> FeedView:
    return FeedView(
        symbol=reading.symbol,
        feed=reading.feed.value,
        age_s=num(reading.age_s, 1),
        missing=list(reading.missing),
        notice=reading.notice,
    )


def contracts_answer(found: Found) -> ContractsAnswer:
    """What a query can mean."""
    exact = "no contract of exactly that name" if found.exact is None else found.exact.label
    return ContractsAnswer(
        summary=f"{found.reading}: {exact}; {len(found.candidates)} candidate(s).",
        data_quality=QualityView(state="broker"),
        reading=found.reading,
        exact_con_id=None if found.exact is None else found.exact.con_id,
        settled=found.settled,
        session="" if found.session is None else found.session.words(),
        candidates=[_candidate(each) for each in found.candidates],
        classes=[_class(each) for each in found.classes],
    )


def _candidate(each: Instrument) -> CandidateView:
    return CandidateView(
        con_id=each.con_id,
        symbol=each.symbol,
        label=each.label,
        asset_type=each.sec_type.value,
        kind=kind_words(each),
        currency=each.currency,
        exchange=(each.primary_exchange or each.exchange) if isinstance(each, Underlying) else each.exchange,
        name=clean(each.long_name, limit=80) if isinstance(each, Underlying) else "",
        multiplier=each.multiplier if isinstance(each, OptionContract) else 1,
    )


def _class(each: ListedClass) -> ClassView:
    return ClassView(
        trading_class=each.trading_class,
        exchange=each.exchange,
        multiplier=each.multiplier,
        strikes=each.strikes,
        lowest=each.lowest,
        highest=each.highest,
        expiries=[day.words for day in each.expiries[:MOST_EXPIRIES_SHOWN]],
    )
