"""Every kind of contract through the real gateway on the embedded exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
from tests.protocol.gateway.houses import FRIDAY
from tests.protocol.gateway.scripted import Pulse

from sumppump.domain.instruments import Future, SecType, Underlying
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.errors import InvalidRequest, UnknownContract
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings


@pytest.fixture
async def gateway() -> AsyncIterator[TwsGateway]:
    """A gateway on an exchange whose clock stands still on a Friday in November 2026, 10:00 in New York."""
    server = EmbeddedServer(SimSettings(seed=5, start=FRIDAY, frozen=True))
    await server.start()
    found = TwsGateway(TwsSettings(port=server.port, backoff_min_s=0.05))
    pulse = Pulse()
    found.broker.subscribe(pulse.beat)
    await found.start()
    await pulse.until(lambda: found.broker.link().connected)
    yield found
    await found.stop()
    await server.close()


async def test_futures_come_front_month_first_with_what_their_contracts_say(gateway: TwsGateway) -> None:
    """Multiplier, class and exchange are read; VX is VIX at this broker."""
    for name, symbol, exchange, multiplier in (
        ("ES", "ES", "CME", 50), ("mes", "MES", "CME", 5), ("VX", "VIX", "CFE", 1000),
    ):  # fmt: skip
        months = await gateway.directory.futures(name)
        assert [each.expiry for each in months] == sorted(each.expiry for each in months)
        assert {(each.symbol, each.exchange, each.multiplier) for each in months} == {
            (symbol, exchange, multiplier)
        }
        assert all(each.last_trade > gateway.clock.now() for each in months)
    assert await gateway.directory.futures("VIX") == await gateway.directory.futures("VX", "CFE")


async def test_a_month_is_known_by_its_local_symbol_and_last_day(gateway: TwsGateway) -> None:
    """The December contract of the S&P future ends on the third Friday."""
    december = next(each for each in await gateway.directory.futures("ES") if each.expiry.month == 12)
    assert (december.local_symbol, december.trading_class) == ("ESZ6", "ES")
    assert december.expiry == date(2026, 12, 18)
    assert december.last_trade.hour == 14  # 9:30 in New York
    assert december.time_zone in ("America/Chicago", "US/Central")


@pytest.mark.parametrize("text", ["EURUSD", "eur/usd", "EUR.USD", "EUR-USD"])
async def test_a_pair_is_found_as_people_write_it(gateway: TwsGateway, text: str) -> None:
    """One contract whatever stands between its halves."""
    pair = await gateway.directory.pair(text)
    assert (pair.label, pair.sec_type, pair.exchange, pair.con_id) == (
        "EUR.USD", SecType.CASH, "IDEALPRO", 12087792,
    )  # fmt: skip


async def test_a_pair_that_is_listed_the_other_way_round_says_so(gateway: TwsGateway) -> None:
    """A price upside down must be the reader's doing, not ours."""
    with pytest.raises(UnknownContract) as caught:
        await gateway.directory.pair("JPYUSD")
    assert "USD.JPY, which is listed" in (caught.value.expected or "")
    with pytest.raises(InvalidRequest):
        await gateway.directory.pair("GOOGLE")


@pytest.mark.parametrize("text", ["BTC", "btc-usd", "BTC/USD", "BTCUSD"])
async def test_a_coin_is_found_as_people_write_it(gateway: TwsGateway, text: str) -> None:
    """On PAXOS, in dollars."""
    coin = await gateway.directory.coin(text)
    assert (coin.label, coin.sec_type, coin.exchange) == ("BTC.USD", SecType.CRYPTO, "PAXOS")


async def test_what_is_not_listed_names_what_is(gateway: TwsGateway) -> None:
    """A root, a coin."""
    with pytest.raises(UnknownContract) as future:
        await gateway.directory.futures("MESS")
    assert "MES" in (future.value.expected or "")
    with pytest.raises(UnknownContract) as coin:
        await gateway.directory.coin("DOGE")
    assert "BTC" in (coin.value.expected or "")


async def test_every_kind_is_found_again_by_its_id(gateway: TwsGateway) -> None:
    """As another program would ask for it that has only the number."""
    directory = gateway.directory
    kinds = [
        (await directory.futures("ES"))[0], await directory.pair("USDJPY"), await directory.coin("ETH"),
        await directory.underlying("SPX"),
    ]  # fmt: skip
    other = TwsGateway(TwsSettings(port=gateway.settings.port, client_id=99))
    pulse = Pulse()
    other.broker.subscribe(pulse.beat)
    await other.start()
    await pulse.until(lambda: other.broker.link().connected)
    assert [await other.directory.instrument(each.con_id) for each in kinds] == kinds
    await other.stop()


async def test_every_kind_is_quoted_with_what_it_has(gateway: TwsGateway) -> None:
    """An index has no sides and a pair no trades: missing is None, never 0 or -1."""
    directory = gateway.directory
    asked: list[Underlying | Future] = [
        (await directory.futures("MES"))[0], (await directory.futures("VX"))[0],
        await directory.pair("EURUSD"), await directory.coin("BTC"), await directory.underlying("SPX"),
    ]  # fmt: skip
    future, vix, pair, coin, index = await gateway.market.quotes(asked)
    for sided in (future, vix, pair, coin):
        assert sided.bid is not None
        assert sided.ask is not None
        assert 0 < sided.bid.amount < sided.ask.amount
    assert pair.last is None
    assert (index.bid, index.ask) == (None, None)
    assert index.last is not None
