"""Coins and currency pairs: quotes, and plain facts of their daily bars; no advice, no figure of too few.

What others call "24 h" figures are those of the session here: since the last roll of the contract's day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sumppump.data.arguments import refuse
from sumppump.data.bar_shelf import BarShelf, ShelvedBars
from sumppump.data.history_request import kind_of_bars, word_of
from sumppump.data.quotes import QuoteReading, QuoteService, price_of
from sumppump.domain import indicators
from sumppump.domain.instruments import SecType
from sumppump.kernel.errors import MarketDataError

DURATION = "6 M"
SHORT, LONG, WILDER, RETURNS, REACH, LOOK_BACK = 20, 50, 14, 30, 3, 120
# Days of a year on which prices move: a coin's every one, a pair's all weekdays.
DAYS_A_YEAR = {SecType.CRYPTO: 365, SecType.CASH: 260}
RULES = (
    f"RSI and ATR: Wilder's, {WILDER} days. Volatility: sample deviation of {RETURNS} log returns times "
    "the root of days_a_year. Support and resistance: the nearest low and high within "
    f"{LOOK_BACK} days that {REACH} days before and after do not pass. The newest day may be forming still."
)
# How many daily bars a figure needs.
NEEDS = (
    ("sma_20", SHORT),
    ("sma_50", LONG),
    ("rsi_14", WILDER + 1),
    ("atr_14", WILDER),
    ("volatility", RETURNS + 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Technicals:
    """Facts of daily bars, None where there are too few; `gaps` says why.

    Attributes:
        bars: how many there were. last_close: price of the newest.
        sma_20, sma_50, support, resistance: prices. rsi_14: 0 to 100. atr_14: units of price.
        volatility: a year, 0.2 is 20 %. days_a_year: what it is annualised by.
    """

    bars: int
    last_close: float
    sma_20: float | None
    sma_50: float | None
    rsi_14: float | None
    atr_14: float | None
    volatility: float | None
    days_a_year: int
    support: float | None
    resistance: float | None
    gaps: tuple[str, ...]

    @property
    def against_means(self) -> str:
        """Where the last close stands: `above both`, `below both`, `between`; "" without both means."""
        if self.sma_20 is None or self.sma_50 is None:
            return ""
        above = (self.last_close > self.sma_20) + (self.last_close > self.sma_50)
        return ("below both", "between", "above both")[above]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A quote and the facts of the year's bars; `as_of` and `age_s` of the bars are theirs."""

    reading: QuoteReading
    kind_of_bars: str
    shelved: ShelvedBars
    technicals: Technicals


@dataclass(frozen=True, slots=True, kw_only=True)
class CryptoFxService:
    """Looks at coins and pairs; sends nothing."""

    quotes: QuoteService
    shelf: BarShelf

    async def coin(self, symbol: str, quote_currency: str = "USD") -> QuoteReading:
        """A quote of a coin.

        Raises:
            InvalidRequest: no coin, or not priced in that currency here.
            UnknownContract: not listed; those that are get named.
            GatewayUnavailable: no connection.
        """
        if quote_currency.strip().upper() != "USD":
            refuse(
                "quote_currency",
                f"{quote_currency!r} is not what coins are priced in here",
                expected="USD",
                found=quote_currency,
            )
        return await self.quotes.quote(symbol, SecType.CRYPTO)

    async def pair(self, pair: str) -> QuoteReading:
        """A quote of a currency pair; errors as those of `coin`."""
        return await self.quotes.quote(pair, SecType.CASH)

    async def coin_analysis(self, symbol: str) -> Analysis:
        """Facts of a coin's daily bars of trades.

        Raises:
            MarketDataError: there are no bars.
            Other errors: as those of `coin`.
        """
        return await self._analysis(symbol, SecType.CRYPTO)

    async def pair_analysis(self, pair: str) -> Analysis:
        """Facts of a pair's daily bars of the middle; errors as those of `coin_analysis`."""
        return await self._analysis(pair, SecType.CASH)

    async def _analysis(self, text: str, kind: SecType) -> Analysis:
        meant = await self.quotes.meanings.of(text, kind)
        data_type, _ = kind_of_bars(meant.instrument, "TRADES")
        shelved = await self.shelf.bars(
            meant.instrument, duration=DURATION, bar_size="1 day", what=word_of(meant.instrument, data_type)
        )
        if not shelved.bars:
            raise MarketDataError(
                f"{meant.instrument.label} has no daily bars",
                code="no_history",
                next_steps=["Look at trade_check_market_data for what is missing."],
            )
        # The quote comes last, so that it does not grow old while the bars are waited for.
        reading = await self.quotes.of(meant.instrument, reading=meant.reading)
        return Analysis(
            reading=reading,
            kind_of_bars=data_type,
            shelved=shelved,
            technicals=technicals(reading, shelved, DAYS_A_YEAR[kind]),
        )


def technicals(reading: QuoteReading, shelved: ShelvedBars, days_a_year: int) -> Technicals:
    """The facts of at least one daily bar; levels lie about the price now, else about the last close."""
    highs = [float(bar.high) for bar in shelved.bars]
    lows = [float(bar.low) for bar in shelved.bars]
    closes = [float(bar.close) for bar in shelved.bars]
    now = price_of(reading.quote)
    price = closes[-1] if now is None else float(now)
    enough = len(closes) > RETURNS
    facts: dict[str, float | None] = {
        "sma_20": indicators.sma(closes, SHORT),
        "sma_50": indicators.sma(closes, LONG),
        "rsi_14": indicators.rsi(closes, WILDER),
        "atr_14": indicators.atr(highs, lows, closes, WILDER),
        "volatility": indicators.volatility(closes[-RETURNS - 1 :], days_a_year) if enough else None,
        "support": indicators.support(lows[-LOOK_BACK:], price, REACH),
        "resistance": indicators.resistance(highs[-LOOK_BACK:], price, REACH),
    }
    gaps = _gaps(facts, len(closes), price)
    return Technicals(bars=len(closes), last_close=closes[-1], days_a_year=days_a_year, gaps=gaps, **facts)


def _gaps(facts: Mapping[str, float | None], count: int, price: float) -> tuple[str, ...]:
    short = [f"{name} needs {least} daily bars, there are {count}" for name, least in NEEDS if count < least]
    rules = (
        (facts["rsi_14"] is None and count > WILDER, "rsi_14: no close differs from the one before"),
        (
            facts["support"] is None,
            f"support: no swing low of the last {LOOK_BACK} days lies below {price:g}",
        ),
        (facts["resistance"] is None, f"resistance: no swing high of them lies above {price:g}"),
    )
    return (*short, *(words for holds, words in rules if holds))
