"""Live updates over MCP: tools, subscribed quotes in both eras, several hosts on one set of lines."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import anyio
import pytest
from mcp.shared.exceptions import MCPError
from tests.support.fake_market import FakeClock, FakeMarket, FakeStream
from tests.unit.server import fakes
from tests.unit.server.conftest import connected
from tests.unit.server.test_announcements import Ears, shout
from tests.unit.server.test_calls import call, code_of
from tests.unit.server.test_look_tools import facts

from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.ports.broker import LinkChanged
from sumppump.server.app import DeskServer
from sumppump.server.desk import Desk

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning"),
]
SPY_QUOTE = "sumppump://quote/SPY"


@pytest.fixture
def market(desk: Desk) -> FakeMarket:
    """The market under the board."""
    return desk.market.live.board._market  # type: ignore[return-value]


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> anyio.Event:
    """Set when a line goes back."""
    event, close = anyio.Event(), FakeStream.close

    def told(stream: FakeStream) -> None:
        close(stream)
        event.set()

    monkeypatch.setattr(FakeStream, "close", told)
    return event


def read(result: Any) -> dict[str, Any]:
    return dict(json.loads(result.contents[0].text))


async def test_start_status_stop(server: DeskServer, market: FakeMarket) -> None:
    """Claim: start, look, stop; lines go back. Provenance: requirement SM1."""
    started = await facts(server, "trade_start_live_updates", symbols=["SPY", "SPX"])
    assert [each["label"] for each in started["following"]] == ["SPY", "SPX"]
    market.tick()
    status = await facts(server, "trade_get_live_status")
    assert (status["contracts"], status["lines_limit"]) == (2, 100)
    assert status["oldest_tick_s"] == 0.0
    one = await facts(server, "trade_stop_live_updates", live_id=started["following"][0]["live_id"])
    assert one["stopped"] == ["SPY"]
    none = await facts(server, "trade_stop_live_updates", live_id="live_99")
    assert none["stopped"] == []
    assert "nothing was followed under live_99" in none["summary"]
    rest = await facts(server, "trade_stop_live_updates")
    assert (rest["stopped"], rest["contracts"], rest["following"]) == (["SPX"], 0, [])
    assert all(stream.ended for stream in market.streams)


@pytest.mark.parametrize(
    "arguments",
    [
        {"symbol": "SPY", "expiry": "2026-11-27", "strikes_around": 3},
        {"symbols": ["SPY"], "min_dte": 5, "max_dte": 10, "strikes_around": 3},
    ],
)
async def test_a_chain_is_meant_by_its_filter(server: DeskServer, arguments: dict[str, Any]) -> None:
    started = await facts(server, "trade_start_live_updates", **arguments)
    (follow,) = started["following"]
    assert (follow["is_chain"], follow["expiries"]) == (True, ["2026-11-27"])


async def test_a_followed_chain_is_answered_from_memory(server: DeskServer, market: FakeMarket) -> None:
    """Claim: the same chain costs no request once it is followed. Provenance: section on warm figures."""
    wanted = {"symbol": "SPY", "expiry": "2026-12-18", "strikes_around": 20}
    await facts(server, "trade_start_live_updates", **wanted)
    await facts(server, "trade_get_live_status")
    market.asked.clear()
    chain = await facts(server, "trade_get_options_chain", **wanted, limit=50)
    assert len(chain["rows"]) == 50
    assert market.asked == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "missing_argument"),
        ({"symbols": ["SPY", "SPX"], "max_dte": 0}, "missing_argument"),
        ({"max_dte": 5}, "missing_argument"),
        ({"symbol": "SPZ"}, "unknown_symbol"),
        ({"symbol": "SPY", "expiry": "2026-11-29"}, "expiry_not_listed"),
        ({"symbol": "SPY", "min_dte": 9, "max_dte": 3}, "invalid_min_dte"),
        ({"symbols": ["SPY"], "right": "X"}, "invalid_right"),
    ],
)
async def test_what_cannot_be_followed_names_its_field(
    server: DeskServer, arguments: dict[str, Any], code: str
) -> None:
    assert code_of(await call(server, "trade_start_live_updates", **arguments)) == code


async def test_a_chain_says_that_it_was_closed_at_the_bell(
    server: DeskServer, market: FakeMarket, clock: FakeClock
) -> None:
    """Claim: 0DTE closes itself and says so. Provenance: requirement OC8."""
    await facts(server, "trade_start_live_updates", symbol="SPY", max_dte=0)
    clock.advance(6 * 3600)
    status = await facts(server, "trade_get_live_status")
    assert status["contracts"] == 0
    assert "stopped trading at 2026-11-18 16:00 New York" in status["closed"][0]


async def test_stale_ticks_are_a_warning_until_they_resume(server: DeskServer, market: FakeMarket) -> None:
    """Claim: stale in data_quality of every answer, and as a warning. Provenance: tools page."""
    await facts(server, "trade_start_live_updates", symbols=["SPY"])
    for stream in market.streams:
        stream.is_stale = True
    market.tick()
    status = await facts(server, "trade_get_live_status")
    quote = await facts(server, "trade_get_quote", symbol="SPY")
    assert status["data_quality"]["state"] == quote["data_quality"]["state"] == "stale"
    assert any("stale" in words for words in status["warnings"])
    market.streams[0].is_stale = False
    market.tick()
    status = await facts(server, "trade_get_live_status")
    assert (status["data_quality"]["state"], status["warnings"]) == ("live", [])


async def test_delayed_ticks_are_not_called_live(server: DeskServer, market: FakeMarket) -> None:
    """Claim: what keeps current a picture of a quarter of an hour ago says so."""
    market.feed = Feed.DELAYED
    await facts(server, "trade_start_live_updates", symbols=["SPY"])
    market.tick()
    status = await facts(server, "trade_get_live_status")
    assert status["data_quality"]["state"] == "delayed"
    assert status["warnings"] == ["SPY: the data is delayed"]


async def test_a_followed_quote_is_never_a_few_seconds_old(server: DeskServer, market: FakeMarket) -> None:
    """Claim: what was quoted before is not handed out once ticks are there. Provenance: our decision."""
    await facts(server, "trade_get_quote", symbol="SPY")
    await facts(server, "trade_start_live_updates", symbols=["SPY"])
    await facts(server, "trade_get_live_status")
    market.spot = Decimal(601)
    market.tick()
    await facts(server, "trade_get_live_status")
    assert (await facts(server, "trade_get_quote", symbol="SPY"))["last"] == 601


async def test_three_hosts_share_one_set_of_lines(server: DeskServer, market: FakeMarket) -> None:
    """Claim: a chain that three hosts of both eras start is followed once. Provenance: requirement SM4."""
    wanted = {"symbol": "SPY", "expiry": "2026-11-27", "strikes_around": 3}
    async with AsyncExitStack() as stack:
        hosts = [
            await stack.enter_async_context(connected(server, mode)) for mode in ("auto", "legacy", "auto")
        ]
        answers = [await host.call_tool("trade_start_live_updates", wanted) for host in hosts]
        labels = [stream.instrument.label for stream in market.streams]
        ids = {answer.structured_content["following"][0]["live_id"] for answer in answers}  # type: ignore[index,union-attr]
        assert len(ids) == 1
        assert len(labels) == len(set(labels)), "no contract has two lines"


async def test_a_handshake_era_subscriber_follows_the_quote(
    server: DeskServer, desk: Desk, market: FakeMarket
) -> None:
    """Claim: subscribing takes a line, a tick is told, unsubscribing gives it back. Tools page, streaming."""
    ears = Ears()
    async with connected(server, "legacy", message_handler=ears) as client:
        await client.subscribe_resource(SPY_QUOTE)
        assert [stream.instrument.symbol for stream in market.streams] == ["SPY"]
        market.tick()
        with anyio.fail_after(5):
            await ears.news.wait()
        assert set(ears.heard) == {SPY_QUOTE}
        market.asked.clear()
        quote = read(await client.read_resource(SPY_QUOTE))
        assert (quote["bid"], quote["ask"]) == (599.99, 600.01)
        assert market.asked == [], "answered from memory"
        await client.unsubscribe_resource(SPY_QUOTE)
        assert market.streams[0].ended


async def test_a_modern_listener_follows_the_quote_while_it_listens(
    server: DeskServer, market: FakeMarket, released: anyio.Event
) -> None:
    """Claim: the same over subscriptions/listen, for any spelling. Provenance: protocol 2026-07-28."""
    option = "sumppump://quote/SPY%202026-12-18%20600C"
    async with connected(server) as client:
        async with client.listen(resource_subscriptions=[option]) as news:
            with anyio.fail_after(5):
                async for event in news:  # the first picture is news by itself
                    assert option in str(event)
                    break
            assert [stream.instrument.label for stream in market.streams] == ["SPY 2026-12-18 600C"]
            assert read(await client.read_resource(option))["label"] == "SPY 2026-12-18 600C"
        with anyio.fail_after(5):
            await released.wait()
    assert market.streams[0].ended


async def test_two_listeners_share_a_line_and_the_last_one_gives_it_back(
    server: DeskServer, market: FakeMarket
) -> None:
    async with connected(server, "legacy") as first, connected(server, "legacy") as second:
        await first.subscribe_resource(SPY_QUOTE)
        await second.subscribe_resource(SPY_QUOTE)
        assert len(market.streams) == 1
        await first.unsubscribe_resource(SPY_QUOTE)
        assert not market.streams[0].ended
        await second.unsubscribe_resource(SPY_QUOTE)
        assert market.streams[0].ended


async def test_a_host_that_has_gone_gives_its_line_back(
    server: DeskServer, market: FakeMarket, released: anyio.Event
) -> None:
    """Claim: news that nobody takes ends the subscription. Provenance: our decision."""
    async with connected(server):
        async with connected(server, "legacy") as client:
            await client.subscribe_resource(SPY_QUOTE)
        with anyio.fail_after(5):
            await released.wait()
    assert market.streams[0].ended


async def test_a_symbol_that_does_not_exist_is_refused(server: DeskServer) -> None:
    async with connected(server, "legacy") as client:
        with pytest.raises(MCPError, match="SPZ"):
            await client.subscribe_resource("sumppump://quote/SPZ")


async def test_a_quote_without_a_connection_is_followed_when_there_is_one(
    server: DeskServer, desk: Desk, market: FakeMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: a subscription outlives a lost connection. Provenance: requirement SM2."""
    ears = Ears()

    async def nothing(*_: Any, **__: Any) -> Any:
        raise GatewayUnavailable("not connected")

    async with connected(server, "legacy", message_handler=ears) as client:
        with monkeypatch.context() as offline:
            offline.setattr(FakeMarket, "follow", nothing)
            await client.subscribe_resource(SPY_QUOTE)
            assert market.streams == []
        shout(desk, LinkChanged(status=desk.broker.link()))
        with anyio.fail_after(5):
            while SPY_QUOTE not in ears.heard:
                ears.news = anyio.Event()
                await ears.news.wait()
    assert [stream.instrument.symbol for stream in market.streams] == ["SPY"]


async def test_a_fault_in_a_quote_does_not_end_the_server(
    server: DeskServer, market: FakeMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: whatever live updates do, tools answer; and updates begin again. Provenance: our decision."""
    monkeypatch.setattr("sumppump.server.app.RESTART_S", 0.0)
    ears, failed = Ears(), anyio.Event()
    plain = FakeStream.quote

    def broken_once(stream: FakeStream) -> Quote:
        monkeypatch.setattr(FakeStream, "quote", plain)
        failed.set()
        raise ValueError("not a price")

    async with connected(server, "legacy", message_handler=ears) as client:
        monkeypatch.setattr(FakeStream, "quote", broken_once)
        await client.subscribe_resource(SPY_QUOTE)
        with anyio.fail_after(5):
            await failed.wait()
            market.tick()
            await ears.news.wait()
        assert read(await client.read_resource(SPY_QUOTE))["last"] == 600


async def test_the_audit_reads_as_rows_without_accounts_or_codes(
    server: DeskServer, audit: fakes.MemoryAudit
) -> None:
    """Claim: recent rows, capped, masked. Provenance: tools page; law 4."""
    for number in range(80):
        audit.record("order", {"account": "SIM0000417", "number": number, "text": "x" * 5_000})
    async with connected(server) as client:
        await client.call_tool("trade_execute", {"ticket_id": "tkt_1", "confirm_token": fakes.CODE})
        page = (await client.read_resource("sumppump://audit/recent")).contents[0].text
    rows = json.loads(page)["rows"]
    assert 10 < len(rows) <= 50
    assert rows[-1]["facts"]["tool"] == "trade_execute"
    assert len(page) <= 20_000
    assert "SIM0000417" not in page
    assert fakes.CODE not in page
