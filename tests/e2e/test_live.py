"""Live updates in the real program: subscribed quotes in both eras, and a chain that ends at the bell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from tests.e2e.program import Talk, home_with_exchange, talking

from sumppump.bootstrap.exchange_process import control

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning"),
]
QUOTE = "sumppump://quote/SPY"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One exchange for all: starting one takes seconds."""
    with home_with_exchange(tmp_path_factory.mktemp("home")) as folder:
        yield folder


async def quoted(client: Client) -> dict[str, Any]:
    """The subscribed quote, read again."""
    content = (await client.read_resource(QUOTE)).contents[0]
    return dict(json.loads(content.text))  # type: ignore[union-attr]


async def watched(talk: Talk) -> list[str]:
    return list((await talk.ask("trade_get_live_status"))["subscribed_quotes"])


async def test_a_modern_host_hears_ticks_and_gives_its_line_back(home: Path) -> None:
    """Claim: subscriptions/listen, over real pipes and a real socket. Provenance: tools page, streaming."""
    async with talking(home) as talk:
        async with talk.client.listen(resource_subscriptions=[QUOTE]) as news:
            with anyio.fail_after(20):
                async for _ in news:
                    if (quote := await quoted(talk.client))["bid"] is not None:
                        break
            assert quote["bid"] <= quote["ask"]
            assert await watched(talk) == ["SPY"]
        await talk.until("trade_get_live_status", lambda answer: not answer["subscribed_quotes"])


async def test_a_handshake_era_host_hears_the_same(home: Path) -> None:
    """Claim: resources/subscribe and unsubscribe likewise. Provenance: tools page, streaming."""
    async with talking(home, "legacy") as talk:
        await talk.client.subscribe_resource(QUOTE)
        await talk.until("trade_get_live_status", lambda answer: answer["updates_per_s"] > 0)
        quote = await quoted(talk.client)
        assert quote["bid"] <= quote["ask"]
        await talk.client.unsubscribe_resource(QUOTE)
        assert await watched(talk) == []


async def test_two_programs_share_the_writer_s_lines(home: Path) -> None:
    """Claim: what two hosts follow costs one line each contract; and a chain is read from them. SM4."""
    chain = {"symbol": "QQQ", "strikes_around": 2}

    def is_told(answer: dict[str, Any]) -> bool:
        return bool(answer["contracts"]) and not any(each["waiting"] for each in answer["following"])

    async with talking(home) as first, talking(home, "legacy") as other:
        await first.ask("trade_start_live_updates", **chain)
        await other.ask("trade_start_live_updates", **chain)
        await first.until("trade_get_live_status", is_told)
        seen = await other.until("trade_get_live_status", is_told)
        assert seen["contracts"] >= 19
        assert seen["lines_used"] < 5, "its chain is on the other program's lines"
        rows = (await other.ask("trade_get_options_chain", **chain))["rows"]
        assert len(rows) == 10


async def test_a_0dte_chain_ends_at_the_bell(home: Path) -> None:
    """Claim: `sim ctl advance` past the close ends it, by the exchange's clock. Requirement OC8."""
    chain = {"symbol": "SPY", "max_dte": 0, "strikes_around": 2}
    async with talking(home) as talk:
        await talk.ask("trade_start_live_updates", **chain)
        await talk.until("trade_get_live_status", lambda a: not any(f["waiting"] for f in a["following"]))
        rows = (await talk.ask("trade_get_options_chain", **chain))["rows"]
        assert len(rows) == 10
        await anyio.to_thread.run_sync(control, home, "advance 16:20")
        ended = await talk.until("trade_get_live_status", lambda answer: answer["closed"])
    assert (ended["contracts"], ended["following"]) == (0, [])
    assert "stopped trading" in ended["closed"][0]
