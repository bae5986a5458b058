"""Coins and pairs: facts only from enough bars, and every rule by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import FakeClock, FakeDirectory, FakeMarket

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.crypto_fx import CryptoFxService
from sumppump.data.quotes import QuoteService
from sumppump.domain.instruments import Instrument, SecType, Underlying
from sumppump.domain.quotes import Bar
from sumppump.kernel.errors import InvalidRequest, MarketDataError, UnknownContract


@dataclass(slots=True)
class Rates(FakeMarket):
    """Daily bars with given closes, half a unit of range on either side; `asked` kinds of bars."""

    closes: Sequence[float] = ()
    kinds: list[str] = field(default_factory=list)

    async def bars(self, instrument: Instrument, *, what: str = "TRADES", **_: object) -> Sequence[Bar]:  # type: ignore[override]
        self.kinds.append(what)
        first = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)
        prices = [Decimal(str(close)) for close in self.closes]
        half = Decimal("0.5")
        return [
            Bar(
                start=first + timedelta(days=at), open=price, high=price + half, low=price - half, close=price
            )
            for at, price in enumerate(prices)
        ]


def service(market: FakeMarket) -> CryptoFxService:
    """On the small listed market."""
    clock = FakeClock()
    quotes = QuoteService(directory=FakeDirectory(), market=market, clock=clock)
    return CryptoFxService(quotes=quotes, shelf=BarShelf(market=market, clock=clock))


def zigzag(count: int) -> list[float]:
    """100, 102, 100, 102 ..."""
    return [100.0 + 2 * (at % 2) for at in range(count)]


async def test_a_pair_has_its_spread_in_pips() -> None:
    """A pip is 0.0001, of yen 0.01."""
    reading = await service(Rates()).pair("eur/usd")
    assert reading.instrument.label == "EUR.USD"
    assert reading.pips is not None
    assert reading.width is not None
    assert reading.pips == pytest.approx(float(reading.width.amount) / 0.0001)
    yen = Underlying(con_id=9, symbol="USD", sec_type=SecType.CASH, currency="JPY")
    assert (yen.pip, reading.instrument.pip) == (Decimal("0.01"), Decimal("0.0001"))  # type: ignore[union-attr]


@pytest.mark.parametrize(("text", "currency"), [("BTC", "EUR"), ("BTC", "usdt")])
async def test_coins_are_priced_in_dollars_alone(text: str, currency: str) -> None:
    """Another currency is refused, not converted."""
    with pytest.raises(InvalidRequest) as refused:
        await service(Rates()).coin(text, currency)
    assert refused.value.code == "invalid_quote_currency"


@pytest.mark.parametrize("text", ["SPY", "EUR", "EURUSDX"])
async def test_what_is_no_pair_is_refused(text: str) -> None:
    """Before anything is asked of the market."""
    with pytest.raises((InvalidRequest, UnknownContract)):
        await service(Rates()).pair(text)


async def test_enough_bars_give_every_figure_by_hand() -> None:
    """A zigzag of 100 and 102: means of 101, a true range of 2.5 from the close to the far side."""
    found = (await service(Rates(closes=zigzag(60))).pair_analysis("EUR.USD")).technicals
    assert (found.bars, found.sma_20, found.sma_50, found.last_close) == (60, 101.0, 101.0, 102.0)
    assert found.rsi_14 == pytest.approx(51.85, abs=0.1)  # 28 / 27 against 26 / 27, after long
    assert found.atr_14 == pytest.approx(2.5, abs=0.05)
    step = math.log(1.02)
    assert found.volatility == pytest.approx(step * math.sqrt(30 / 29) * math.sqrt(260))
    assert found.against_means == "above both"


@pytest.mark.parametrize(
    ("count", "known"),
    [
        (13, set()),
        (14, {"atr_14"}),
        (15, {"atr_14", "rsi_14"}),
        (20, {"atr_14", "rsi_14", "sma_20"}),
        (30, {"atr_14", "rsi_14", "sma_20"}),
        (31, {"atr_14", "rsi_14", "sma_20", "volatility"}),
        (50, {"atr_14", "rsi_14", "sma_20", "volatility", "sma_50"}),
    ],
)
async def test_a_figure_of_too_few_bars_is_none_with_the_reason(count: int, known: set[str]) -> None:
    """And none of the reasons is about a figure that is there."""
    found = (await service(Rates(closes=zigzag(count))).coin_analysis("BTC")).technicals
    figures = ("sma_20", "sma_50", "rsi_14", "atr_14", "volatility")
    assert {name for name in figures if getattr(found, name) is not None} == known
    told = {gap.split(" ")[0] for gap in found.gaps if " needs " in gap}
    assert told == set(figures) - known


async def test_a_coin_is_asked_for_its_trades_and_a_pair_for_its_middle() -> None:
    """And a coin's year has 365 days, a pair's 260."""
    market = Rates(closes=zigzag(60))
    desk = service(market)
    coin, pair = await desk.coin_analysis("BTC"), await desk.pair_analysis("EUR.USD")
    assert market.kinds == ["AGGTRADES", "MIDPOINT"]
    assert (coin.kind_of_bars, pair.kind_of_bars) == ("TRADES", "MIDPOINT")
    assert (coin.technicals.days_a_year, pair.technicals.days_a_year) == (365, 260)


async def test_prices_that_stand_still_have_no_strength() -> None:
    """RSI is null because nothing moved, and the volatility is really 0."""
    found = (await service(Rates(closes=[100.0] * 60)).coin_analysis("BTC")).technicals
    assert (found.rsi_14, found.volatility) == (None, 0.0)
    assert any("no close differs" in gap for gap in found.gaps)


async def test_no_bars_are_an_error() -> None:
    """Not an analysis of nothing."""
    with pytest.raises(MarketDataError) as refused:
        await service(Rates()).coin_analysis("BTC")
    assert refused.value.code == "no_history"
