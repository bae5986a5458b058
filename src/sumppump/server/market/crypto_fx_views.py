"""Answers about coins and currency pairs: prices are of one unit of the base."""

from __future__ import annotations

from typing import Any

from sumppump.data.crypto_fx import RULES, Analysis, Technicals
from sumppump.data.quotes import QuoteReading
from sumppump.domain.instruments import Underlying
from sumppump.server.market.quote_views import percent_words, price_words, quote_words
from sumppump.server.views import Answer, View, moment, num, quality_of


class RateAnswer(Answer):
    """What coins and pairs have in common; session figures count from the contract's last daily roll."""

    con_id: int
    base: str
    quote_currency: str
    exchange: str
    bid: float | None
    ask: float | None
    mid: float | None
    bid_size: float | None
    ask_size: float | None
    spread: float | None
    session_high: float | None
    session_low: float | None
    previous_close: float | None
    change: float | None
    change_pct: float | None
    session: str
    missing: list[str]


class CryptoQuoteAnswer(RateAnswer):
    """A coin's market; spread_pct in percent of the mid, sizes and volume in coins."""

    symbol: str
    last: float | None
    spread_pct: float | None
    session_volume: float | None


class FxQuoteAnswer(RateAnswer):
    """A pair's market; sizes in units of the base currency."""

    pair: str
    pip: float | None
    spread_pips: float | None


class TechnicalsView(View):
    """Facts of daily bars, null where there are too few; atr_14 in units of price, volatility a year."""

    sma_20: float | None
    sma_50: float | None
    last_close_against_means: str
    rsi_14: float | None
    atr_14: float | None
    atr_pips: float | None
    volatility: float | None
    days_a_year: int


class LevelsView(View):
    """Nearest swing low below and swing high above the price."""

    support: float | None
    resistance: float | None


class RateAnalysisAnswer(Answer):
    """Facts, no advice; `rules` say how each figure is made, `gaps` why one is null."""

    symbol: str
    price: float | None
    last_close: float | None
    kind_of_bars: str
    bars: int
    bars_as_of: str
    technicals: TechnicalsView
    levels: LevelsView
    gaps: list[str]
    rules: str


def crypto_quote_answer(reading: QuoteReading, monotonic: float) -> CryptoQuoteAnswer:
    """A coin's quote."""
    quote = reading.quote
    return CryptoQuoteAnswer(
        **_common(reading, monotonic),
        symbol=reading.instrument.label,
        last=num(quote.last),
        spread_pct=num(reading.width_pct, 4),
        session_volume=num(quote.volume),
    )


def fx_quote_answer(reading: QuoteReading, monotonic: float) -> FxQuoteAnswer:
    """A pair's quote."""
    return FxQuoteAnswer(
        **_common(reading, monotonic),
        pair=reading.instrument.label,
        pip=num(_pip(reading)),
        spread_pips=num(reading.pips, 2),
    )


def _common(reading: QuoteReading, monotonic: float) -> dict[str, Any]:
    quote, instrument = reading.quote, reading.instrument
    return {
        "summary": quote_words(reading),
        "warnings": [f"{instrument.label}: {words}" for words in reading.warnings],
        "as_of": moment(reading.as_of),
        "data_quality": quality_of([quote], monotonic),
        "con_id": instrument.con_id,
        "base": instrument.symbol,
        "quote_currency": instrument.currency,
        "exchange": instrument.exchange,
        "bid": num(quote.bid),
        "ask": num(quote.ask),
        "mid": num(quote.mid),
        "bid_size": num(quote.bid_size),
        "ask_size": num(quote.ask_size),
        "spread": num(reading.width),
        "session_high": num(quote.high),
        "session_low": num(quote.low),
        "previous_close": num(quote.close),
        "change": num(reading.change),
        "change_pct": num(reading.change_pct, 3),
        "session": "" if reading.session is None else reading.session.words(),
        "missing": list(reading.gaps),
    }


def _pip(reading: QuoteReading) -> float | None:
    instrument = reading.instrument
    pip = instrument.pip if isinstance(instrument, Underlying) else None
    return None if pip is None else float(pip)


def rate_analysis_answer(analysis: Analysis, monotonic: float) -> RateAnalysisAnswer:
    """What a year of daily bars says of a coin or pair."""
    reading, facts = analysis.reading, analysis.technicals
    return RateAnalysisAnswer(
        summary=_summary(analysis),
        warnings=[f"{reading.instrument.label}: {words}" for words in reading.warnings],
        as_of=moment(reading.as_of),
        data_quality=quality_of([reading.quote], monotonic, ["daily bars are kept for up to 60 s"]),
        symbol=reading.instrument.label,
        price=num(reading.quote.mid or reading.quote.last),
        last_close=num(facts.last_close),
        kind_of_bars=analysis.kind_of_bars,
        bars=facts.bars,
        bars_as_of=moment(analysis.shelved.as_of),
        technicals=_technicals(facts, _pip(reading)),
        levels=LevelsView(support=num(facts.support), resistance=num(facts.resistance)),
        gaps=list(facts.gaps),
        rules=RULES,
    )


def _technicals(facts: Technicals, pip: float | None) -> TechnicalsView:
    return TechnicalsView(
        sma_20=num(facts.sma_20),
        sma_50=num(facts.sma_50),
        last_close_against_means=facts.against_means,
        rsi_14=num(facts.rsi_14, 2),
        atr_14=num(facts.atr_14),
        atr_pips=None if pip is None or facts.atr_14 is None else num(facts.atr_14 / pip, 1),
        volatility=num(facts.volatility, 4),
        days_a_year=facts.days_a_year,
    )


def _summary(analysis: Analysis) -> str:
    facts, label = analysis.technicals, analysis.reading.instrument.label
    parts = (
        f"the last close {price_words(facts.last_close)} is {facts.against_means} of its 20- and 50-day means"
        if facts.against_means
        else "",
        "" if facts.rsi_14 is None else f"RSI 14 is {facts.rsi_14:.1f}",
        ""
        if facts.volatility is None
        else f"volatility is {percent_words(facts.volatility * 100)[1:]} a year",
        "" if facts.support is None else f"support {price_words(num(facts.support))}",
        "" if facts.resistance is None else f"resistance {price_words(num(facts.resistance))}",
    )
    told = ", ".join(part for part in parts if part)
    return f"{label} over {facts.bars} daily bars: {told or 'too few for any figure'}."
