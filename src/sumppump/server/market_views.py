"""Answers about the market: quotes, chains, history, feeds, contracts. Prices are per share."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from sumppump.data.chain_statistics import ChainStatistics
from sumppump.data.chains import COLUMNS, Chain
from sumppump.data.contracts import Found, ListedClass, kind_words
from sumppump.data.feeds import FeedReading, FeedReport
from sumppump.data.history import History
from sumppump.data.quotes import QuoteReading
from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.quotes import Bar, Greeks
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.text import clean
from sumppump.server.views import (
    STALE_AFTER_S,
    Answer,
    QualityView,
    View,
    feed_state,
    moment,
    num,
    quality_of,
)

MOST_BARS_SHOWN = 60
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


class ExpiryIvView(View):
    """Volatility at the money of one expiry, 0.23 is 23 % a year."""

    expiry: str
    iv: float | None


class StatisticsView(View):
    """What the contracts say together; atm_iv, expected_move and skew are of the first expiry."""

    contracts: int
    put_call_ratio_volume: float | None
    put_call_ratio_open_interest: float | None
    total_volume: int | None
    total_open_interest: int | None
    expiry: str | None
    atm_iv: float | None
    iv_by_expiry: list[ExpiryIvView]
    expected_move: float | None
    expected_move_pct: float | None
    straddle: float | None
    skew: float | None
    missing: list[str]


class ChainAnswer(Answer):
    """A part of a chain, a row per contract in the order of `columns`."""

    symbol: str
    underlying_price: float | None
    expiries: list[str]
    rows_given: int
    rows_total: int
    next_cursor: str | None
    hint: str
    statistics: StatisticsView | None
    columns: list[str]
    rows: list[list[str | float | int | None]]


class BarView(View):
    """One bar; start in New York."""

    start: str
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: int | None


class AverageView(View):
    """Mean of the last closes; null when there are fewer bars."""

    bars: int
    value: float | None


class HistoryAnswer(Answer):
    """Bars, oldest first; the newest may still be forming."""

    symbol: str
    duration: str
    bar_size: str
    data_type: str
    rth_only: bool
    bars_total: int
    first_close: float | None
    last_close: float | None
    change: float | None
    change_pct: float | None
    high: float | None
    low: float | None
    average_volume: float | None
    moving_averages: list[AverageView]
    trend: str
    chart: str | None
    bars_left_out: int
    bars: list[BarView]


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


def chain_answer(chain: Chain, fields: Sequence[str]) -> ChainAnswer:
    """A part of a chain with the columns named in `fields`, or all."""
    kept = [index for index, name in enumerate(COLUMNS) if not fields or name in fields]
    return ChainAnswer(
        summary=_chain_summary(chain),
        warnings=list(chain.warnings),
        as_of=moment(chain.as_of),
        data_quality=QualityView(
            state="stale" if chain.oldest_s > STALE_AFTER_S else feed_state(chain.feed),
            age_s=num(chain.oldest_s, 1),
        ),
        read_as=list(chain.notes),
        symbol=chain.underlying.symbol,
        underlying_price=num(chain.spot),
        expiries=[day.words for day in chain.expiries],
        rows_given=len(chain.rows),
        rows_total=chain.total,
        next_cursor=chain.next_cursor,
        hint=chain.hint,
        statistics=None if chain.statistics is None else _statistics(chain.statistics),
        columns=[COLUMNS[index] for index in kept],
        rows=[[row[index] for index in kept] for row in chain.columnar()],
    )


def _chain_summary(chain: Chain) -> str:
    stats = chain.statistics
    iv = None if stats is None else stats.atm_iv
    move = None if stats is None else stats.expected_move
    days = ", ".join(day.day.isoformat() for day in chain.expiries[:3])
    parts = (
        f"{chain.underlying.symbol} at {float(chain.spot):,.2f}:",
        f"{len(chain.rows)} of {chain.total} contracts, expiry {days}.",
        "" if iv is None else f"Volatility at the money {iv:.1%}.",
        "" if move is None else f"Expected move {move:.2f}.",
    )
    return " ".join(part for part in parts if part)


def _statistics(stats: ChainStatistics) -> StatisticsView:
    return StatisticsView(
        contracts=stats.contracts,
        put_call_ratio_volume=num(stats.put_call_ratio_volume, 3),
        put_call_ratio_open_interest=num(stats.put_call_ratio_open_interest, 3),
        total_volume=stats.total_volume,
        total_open_interest=stats.total_open_interest,
        expiry=None if stats.expiry is None else stats.expiry.isoformat(),
        atm_iv=num(stats.atm_iv, 4),
        iv_by_expiry=[ExpiryIvView(expiry=day.isoformat(), iv=num(iv, 4)) for day, iv in stats.iv_by_expiry],
        expected_move=num(stats.expected_move, 2),
        expected_move_pct=num(stats.expected_move_pct, 2),
        straddle=num(stats.straddle),
        skew=num(stats.skew, 2),
        missing=[f"{name}: {reason}" for name, reason in stats.missing],
    )


def history_answer(history: History, *, chart: str | None) -> HistoryAnswer:
    """Bars and what they say together; the newest ones when there are many."""
    request, shown = history.request, history.bars[-MOST_BARS_SHOWN:]
    return HistoryAnswer(
        summary=_history_summary(history),
        as_of=moment(history.last.start),
        data_quality=QualityView(state="broker"),
        read_as=list(request.notes),
        symbol=history.instrument.symbol,
        duration=request.duration,
        bar_size=request.bar_size,
        data_type=request.data_type,
        rth_only=request.rth_only,
        bars_total=len(history.bars),
        first_close=num(history.bars[0].close),
        last_close=num(history.last.close),
        change=num(history.change, 4),
        change_pct=num(history.change_pct, 3),
        high=num(history.high),
        low=num(history.low),
        average_volume=num(history.average_volume, 0),
        moving_averages=[AverageView(bars=length, value=num(mean, 4)) for length, mean in history.sma],
        trend=history.trend,
        chart=chart,
        bars_left_out=len(history.bars) - len(shown),
        bars=[_bar(bar) for bar in shown],
    )


def _bar(bar: Bar) -> BarView:
    return BarView(
        start=bar.start.astimezone(NEW_YORK).strftime("%Y-%m-%d %H:%M"),
        open=num(bar.open),
        high=num(bar.high),
        low=num(bar.low),
        close=num(bar.close),
        volume=bar.volume,
    )


def _history_summary(history: History) -> str:
    request = history.request
    pct = "" if history.change_pct is None else f" ({history.change_pct:+.2f} %)"
    return (
        f"{history.instrument.symbol} over {request.duration} in {len(history.bars)} bars of "
        f"{request.bar_size}: {float(history.change):+,.2f}{pct}, between {float(history.low):,.2f} and "
        f"{float(history.high):,.2f}."
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
            age_s=max((each.age_s for each in report.readings if each.age_s is not None), default=None),
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
