"""Hosts of both eras hear that orders, trades or positions have changed, and read again."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import ResourceUpdatedNotification
from tests.unit.server.conftest import connected

from sumppump.ports.broker import OrderNotice, PositionsChanged
from sumppump.server.app import DeskServer
from sumppump.server.desk import Desk

pytestmark = pytest.mark.anyio


class Ears:
    """What a host of the handshake era hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.news = anyio.Event()

    async def __call__(self, message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            self.heard.append(str(message.params.uri))
            self.news.set()


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_a_handshake_era_host_hears_what_it_subscribed_to(server: DeskServer, desk: Desk) -> None:
    """Claim: an event of the broker reaches resources/subscribe. Provenance: tools page, streaming."""
    ears = Ears()
    async with connected(server, "legacy", message_handler=ears) as client:
        await client.subscribe_resource("sumppump://orders")
        await client.subscribe_resource("sumppump://orders")
        shout(desk, OrderNotice(order_id=1, order_ref="", code=202, text="cancelled"))
        with anyio.fail_after(5):
            await ears.news.wait()
        assert ears.heard == ["sumppump://orders"], "twice subscribed is heard once"
        await client.unsubscribe_resource("sumppump://orders")
        shout(desk, OrderNotice(order_id=1, order_ref="", code=202, text="cancelled"))
        await client.send_ping()
    assert ears.heard == ["sumppump://orders"]


async def test_a_modern_host_hears_it_over_listen(server: DeskServer, desk: Desk) -> None:
    """Claim: subscriptions/listen carries the same news. Provenance: protocol 2026-07-28."""
    wanted = ["sumppump://portfolio"]
    async with connected(server) as client, client.listen(resource_subscriptions=wanted) as news:
        shout(desk, PositionsChanged())
        with anyio.fail_after(5):
            async for event in news:
                assert "sumppump://portfolio" in str(event)
                break


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_updates_that_are_never_sent_are_not_promised(server: DeskServer) -> None:
    """Claim: subscribing to anything else is refused. Provenance: our decision."""
    async with connected(server, "legacy") as client:
        with pytest.raises(MCPError):
            await client.subscribe_resource("sumppump://weather")


def shout(desk: Desk, event: Any) -> None:
    """Hand an event to everyone who listens to the broker."""
    for listener in desk.broker._listeners:  # type: ignore[attr-defined]
        listener(event)
