"""The whole gateway on the embedded exchange: a real server, a real socket, a market that moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.protocol.gateway.conftest import Open
from tests.protocol.gateway.scripted import Pulse

from sumppump.domain.instruments import Right
from sumppump.domain.quotes import Feed
from sumppump.exchange.control import Advance, Plain
from sumppump.kernel.errors import UnknownContract
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings


async def test_a_chain_comes_with_sides_and_greeks_that_make_sense(open_pair: Open) -> None:
    """Bid below ask, call deltas falling with the strike, every contract with Greeks of the model."""
    _, gateway = await open_pair(settings={"messages_per_s": 1000})
    spy = await gateway.directory.underlying("SPY")
    (chain,) = await gateway.directory.option_classes(spy)
    (now,) = await gateway.market.quotes([spy])
    assert now.mid is not None
    spot = now.mid.amount
    listed = await gateway.directory.options(spy, chain.expiries[5], right=Right.CALL)
    near = sorted(sorted(listed, key=lambda item: abs(item.strike - spot))[:40], key=lambda item: item.strike)
    quotes = await gateway.market.quotes(near)
    assert all(quote.feed is Feed.LIVE and not quote.is_crossed for quote in quotes)
    deltas = [quote.greeks.delta for quote in quotes if quote.greeks is not None]
    assert len(deltas) == 40
    assert deltas == sorted(deltas, reverse=True)
    assert all(0 <= delta <= 1 for delta in deltas)
    assert gateway.broker.link().decoder_errors == 0


async def test_contracts_found_by_name_and_by_id_are_the_same(open_pair: Open) -> None:
    """The cache and TWS agree; what is not listed names what is."""
    _, gateway = await open_pair()
    spy = await gateway.directory.underlying("SPY")
    (chain,) = await gateway.directory.option_classes(spy)
    option = (await gateway.directory.options(spy, chain.expiries[2]))[0]
    _, other = await open_pair(settings={"client_id": 99})
    assert await other.directory.instrument(spy.con_id) == spy
    assert (await gateway.directory.instrument(option.con_id)) is option
    with pytest.raises(UnknownContract, match="SPZ"):
        await gateway.directory.underlying("SPZ")


async def test_history_ends_where_the_market_stands(open_pair: Open) -> None:
    """The last bar's close is the live price of its time."""
    _, gateway = await open_pair(frozen=True)
    spy = await gateway.directory.underlying("SPY")
    bars = await gateway.market.bars(spy, duration="1 D", bar_size="1 min")
    (now,) = await gateway.market.quotes([spy])
    assert now.last is not None
    assert abs(bars[-1].close - now.last.amount) < 1
    assert [bar.start for bar in bars] == sorted(bar.start for bar in bars)


async def test_the_clock_follows_a_simulator_that_is_frozen_and_moved(open_pair: Open) -> None:
    """The exchange's clock is the clock, wherever the wall's stands."""
    server, gateway = await open_pair(frozen=True, start=datetime(2026, 11, 19, 15, 0, tzinfo=UTC))
    assert gateway.broker.link().server_time
    assert abs(gateway.clock.now() - datetime(2026, 11, 19, 15, 0, tzinfo=UTC)) < timedelta(seconds=2)
    server.run(Advance(seconds=3600.0))
    await gateway.sync_clock()
    assert abs(gateway.clock.now() - datetime(2026, 11, 19, 16, 0, tzinfo=UTC)) < timedelta(seconds=2)


async def test_an_exchange_that_holds_its_breath_is_left_and_found_again(open_pair: Open) -> None:
    """A black hole: bytes are accepted and nothing is answered."""
    server, gateway = await open_pair(settings={"heartbeat_s": 0.1, "handshake_timeout_s": 0.2})
    pulse = Pulse()
    gateway.broker.subscribe(pulse.beat)
    server.run(Plain.HOLD)
    await pulse.until(lambda: not gateway.broker.link().connected)
    server.run(Plain.RELEASE)
    await pulse.until(lambda: gateway.broker.link().connected)
    assert (await gateway.accounts.figures()).nlv is not None


async def test_two_programs_share_one_exchange(open_pair: Open) -> None:
    """Each with a client id of its own; both see the same account."""
    server, gateway = await open_pair()
    second = TwsGateway(TwsSettings(port=server.port, client_id=18, read_only=True, line_limit=20))
    pulse = Pulse()
    second.broker.subscribe(pulse.beat)
    await second.start()
    await pulse.until(lambda: second.broker.link().connected)
    assert second.broker.link().account == gateway.broker.link().account
    assert (await second.accounts.figures()).nlv == (await gateway.accounts.figures()).nlv
    await second.stop()
