"""Past prices, coins, pairs and corporate dates through the real gateway on the embedded exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from tests.protocol.gateway.houses import FRIDAY
from tests.protocol.gateway.scripted import Pulse

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.corporate import CorporateService
from sumppump.data.crypto_fx import CryptoFxService
from sumppump.data.history import History, HistoryService
from sumppump.data.history_request import HV, IV, HistoryRequest
from sumppump.data.quotes import QuoteService
from sumppump.exchange.entitlements import Entitlements
from sumppump.exchange.entitlements import Feed as Granted
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest, NotSubscribed, Retry
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings


@dataclass(frozen=True)
class House:
    """The services on one gateway."""

    server: EmbeddedServer
    gateway: TwsGateway
    history: HistoryService
    rates: CryptoFxService
    corporate: CorporateService

    async def past(self, symbol: str, duration: str, bar_size: str, data_type: str = "TRADES") -> History:
        """A history in people's words."""
        request = HistoryRequest.read(symbol, duration=duration, bar_size=bar_size, data_type=data_type)
        return await self.history.history(request)


Open = Callable[..., Awaitable[House]]


@pytest.fixture
async def open_house() -> AsyncIterator[Open]:
    """An exchange whose clock stands still on a Friday at 10:00 in New York."""
    houses: list[House] = []

    async def make() -> House:
        server = EmbeddedServer(SimSettings(seed=5, start=FRIDAY, frozen=True))
        await server.start()
        gateway = TwsGateway(TwsSettings(port=server.port, backoff_min_s=0.05))
        pulse = Pulse()
        gateway.broker.subscribe(pulse.beat)
        await gateway.start()
        await pulse.until(lambda: gateway.broker.link().connected)
        clock, market, directory = gateway.clock, gateway.market, gateway.directory
        quotes = QuoteService(directory=directory, market=market, clock=clock)
        shelf = BarShelf(market=market, clock=clock)
        houses.append(
            House(
                server,
                gateway,
                HistoryService(meanings=quotes.meanings, shelf=shelf, clock=clock),
                CryptoFxService(quotes=quotes, shelf=shelf),
                CorporateService(directory=directory, market=market, shelf=shelf, clock=clock),
            )
        )
        return houses[-1]

    yield make
    for house in houses:
        await house.gateway.stop()
        await house.server.close()


@pytest.mark.parametrize(
    ("symbol", "bar_size", "data_type", "unit", "has_volume"),
    [
        ("SPY", "1 hour", "TRADES", "USD per share", True),
        ("SPY", "1 hour", "MIDPOINT", "USD per share", False),
        ("SPX", "1 hour", "TRADES", "index points", False),
        ("ES", "1 hour", "TRADES", "points", True),
        ("EUR.USD", "1 hour", "TRADES", "USD for 1 EUR", False),
        ("BTC-USD", "1 hour", "TRADES", "USD for 1 BTC", True),
        ("SPY", "1 day", IV, "volatility a year (0.2 is 20 %)", False),
        ("SPY", "1 day", HV, "volatility a year (0.2 is 20 %)", False),
    ],
)
async def test_every_kind_of_contract_has_its_bars(
    open_house: Open, symbol: str, bar_size: str, data_type: str, unit: str, has_volume: bool
) -> None:
    """Rising in time, low under high, in the unit that is named; no volume where nothing is traded."""
    found = await (await open_house()).past(symbol, "3 d", bar_size, data_type)
    starts = [bar.start for bar in found.bars]
    assert starts == sorted(set(starts))
    assert all(
        bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in found.bars
    )
    assert found.unit == unit
    assert (found.average_volume is not None) is has_volume
    assert found.bars[-1].start <= FRIDAY


async def test_an_option_as_people_write_it_has_bars(open_house: Open) -> None:
    """The quotes of its days, in dollars a share."""
    house = await open_house()
    spy = await house.gateway.directory.underlying("SPY")
    (chain,) = await house.gateway.directory.option_classes(spy)
    strike = min(chain.strikes, key=lambda each: abs(each - 680))
    found = await house.past(f"SPY {chain.expiries[8]} {strike}C", "2 d", "1 hour", "MIDPOINT")
    assert found.instrument.label == f"SPY {chain.expiries[8]} {strike.normalize():f}C"
    assert found.low > 0


async def test_a_year_of_volatilities_comes_whole(open_house: Open) -> None:
    """What IV rank is made of: about 252 days, each between 0 and 300 %, and the last of them today's."""
    found = await (await open_house()).past("SPY", "1 y", "1 day", IV)
    assert 249 <= len(found.bars) <= 254
    assert all(0 < bar.close < 3 for bar in found.bars)
    assert found.last.start.astimezone(NEW_YORK).date() == FRIDAY.date()


async def test_bars_before_a_contract_was_listed_are_an_error_and_not_an_empty_answer(
    open_house: Open,
) -> None:
    """TWS's 162 in our words, with what to do."""
    house = await open_house()
    with pytest.raises(InvalidRequest) as refused:
        await house.past("EUR.USD", "1 m", "1 day", "ADJUSTED_LAST")
    assert refused.value.next_steps


async def test_history_without_a_subscription_says_which_is_missing(open_house: Open) -> None:
    """Delayed quotes do not bring bars: code 162 and the way to subscribe."""
    house = await open_house()
    house.server.hall.shared.entitlements = Entitlements(default=Granted.DELAYED)
    with pytest.raises(NotSubscribed) as refused:
        await house.past("SPY", "1 m", "1 day")
    assert refused.value.ib_code == 162
    assert any("subscribe" in step for step in refused.value.next_steps)


async def test_a_pair_and_a_coin_have_every_figure_of_half_a_year(open_house: Open) -> None:
    """Means, RSI, ATR and volatility in their ranges; support below and resistance above the price."""
    house = await open_house()
    for analysis in (await house.rates.pair_analysis("USD.JPY"), await house.rates.coin_analysis("BTC")):
        facts, now = analysis.technicals, analysis.reading.quote.mid
        assert now is not None
        assert None not in (facts.sma_20, facts.sma_50, facts.atr_14, facts.volatility)
        assert facts.rsi_14 is not None
        assert 0 < facts.rsi_14 < 100
        assert facts.support is None or facts.support < now.amount
        assert facts.resistance is None or facts.resistance > now.amount


async def test_past_dividends_are_those_that_the_exchange_paid(open_house: Open) -> None:
    """SPY's quarterly ones, proved from two series of bars, within their rounding of the broker's sum."""
    dates = await (await open_house()).corporate.dates("SPY")
    assert dates.past is not None
    assert len(dates.past) == 4
    assert all(each.ex_date < FRIDAY.date() for each in dates.past)
    assert dates.announced is not None
    assert dates.announced.next_date is not None
    assert dates.announced.next_date > date(2026, 11, 20)
    assert dates.gaps == ()
    proved = sum(each.amount for each in dates.past)
    assert dates.announced.past_12m == pytest.approx(proved, abs=4 * float(Decimal("0.02")))


async def test_a_broken_history_farm_is_told_and_history_comes_back_with_it(open_house: Open) -> None:
    """F-22 of the history farm: an error at once that says to try again, and bars after it is healed."""
    house = await open_house()
    house.server.hall.trouble.cause("F-22", farm="history", seconds="0")
    with pytest.raises(GatewayUnavailable) as refused:
        await house.past("SPY", "1 d", "1 hour")
    assert refused.value.code == "history_down"
    assert refused.value.retry is Retry.SAFE
    house.server.hall.trouble.heal("F-22")
    assert (await house.past("SPY", "1 d", "1 hour")).bars
