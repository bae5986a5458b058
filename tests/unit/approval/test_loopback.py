from __future__ import annotations

import asyncio

import pytest
from tests.unit.approval.conftest import Room
from tests.unit.approval.stories import CODE, FakeDecisions, bull_call_spread
from tests.unit.approval.visitor import parsed, send

from sumppump.approval import loopback
from sumppump.approval.desk import BrowserDesk
from sumppump.approval.guard import MOST_BODY_BYTES
from sumppump.kernel.clock import SystemClock

TICKET = bull_call_spread()
HERE = f"/tickets/{TICKET.ticket_id}"


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://evil.example/tickets HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
        b"GET /tickets HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nHost: evil.example\r\n\r\n",
        b"GET /tickets HTTP/1.1\r\n\r\n",
        b"GET /tickets HTTP/1.0\r\n\r\n",
        b"GET /tickets HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    ],
)
async def test_malformed_requests_get_an_error_and_no_page(room: Room, head: bytes) -> None:
    room.present(TICKET)
    raw = await send(room.port, head % room.port if b"%d" in head else head)
    assert 400 <= parsed(raw).status < 500
    assert room.decisions.asked == []


async def test_a_body_over_the_limit_is_refused_before_it_is_read(room: Room) -> None:
    visitor = await room.person(TICKET)
    head = (
        f"POST {HERE} HTTP/1.1\r\nHost: 127.0.0.1:{room.port}\r\nCookie: {visitor.cookie}\r\n"
        f"Origin: http://127.0.0.1:{room.port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {MOST_BODY_BYTES + 1}\r\n\r\n"
    )
    assert parsed(await send(room.port, head.encode())).status == 413


@pytest.mark.parametrize("begun", [b"", b"GET /tick", b"GET /tickets HTTP/1.1\r\nHost: x\r\n"])
async def test_who_does_not_finish_the_request_is_cut_off(
    room: Room, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow loris: five seconds for the whole request; here the limit is shortened."""
    monkeypatch.setattr(loopback, "READ_TIMEOUT_S", 0.1)
    room.present(TICKET)
    assert await send(room.port, begun) == b""


async def test_a_form_whose_body_never_comes_is_cut_off(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await room.person(TICKET)
    monkeypatch.setattr(loopback, "READ_TIMEOUT_S", 0.1)
    head = (
        f"POST {HERE} HTTP/1.1\r\nHost: 127.0.0.1:{room.port}\r\nCookie: {visitor.cookie}\r\n"
        f"Origin: http://127.0.0.1:{room.port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: 20\r\n\r\ndecision="
    )
    await send(room.port, head.encode())
    assert room.decisions.asked == []


async def test_connections_are_bounded_and_free_themselves(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """32 at once; one more is closed, and the page answers again when they have gone."""
    visitor = await room.person(TICKET)
    crowd = [await asyncio.open_connection("127.0.0.1", room.port) for _ in range(loopback.MOST_CONNECTIONS)]
    assert await send(room.port, b"GET / HTTP/1.1\r\n\r\n") == b""
    for _, writer in crowd:
        writer.close()
        await writer.wait_closed()
    assert (await visitor.get(HERE)).status == 200


async def test_stopping_closes_the_port_and_forgets_the_codes(room: Room) -> None:
    room.present(TICKET)
    port = room.port
    await room.desk.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await room.desk.stop()


async def test_the_page_listens_on_the_loopback_interface_alone(room: Room) -> None:
    room.present(TICKET)
    assert room.opened[0].startswith("http://127.0.0.1:")
    assert room.port > 1023


async def test_no_log_line_holds_address_secret_cookie_or_code(room: Room, logs: list[str]) -> None:
    """Logs are read by people who help, and by models."""
    visitor = await room.person(TICKET)
    form = {**visitor.form(), "decision": "approve"}
    await visitor.get("/pair/guess")
    await visitor.request("GET", HERE, host="evil.example")
    await visitor.post(HERE, {"decision": "approve"})
    await visitor.post(HERE, form)
    await room.desk.stop()
    text = "".join(logs)
    for secret in (
        room.opened[0].rpartition("/")[2],
        visitor.cookie.partition("=")[2],
        CODE,
        form["csrf_token"],
    ):
        assert len(secret) >= 7
        assert secret not in text


async def test_a_machine_that_cannot_serve_the_page_still_stages_the_ticket(
    room: Room, monkeypatch: pytest.MonkeyPatch, logs: list[str]
) -> None:
    """The other channels remain; the port's law is that `present` never raises."""

    def no_port() -> None:
        raise OSError("no port is left")

    monkeypatch.setattr(loopback, "_listener", no_port)
    room.desk.present(room.decisions.add(TICKET), CODE)
    assert room.opened == []
    (line,) = logs
    assert CODE not in line


def test_without_a_running_loop_nothing_is_raised_and_nothing_opened(logs: list[str]) -> None:
    opened: list[str] = []
    decisions = FakeDecisions()
    desk = BrowserDesk(lambda: decisions, SystemClock(), opener=opened.append)
    desk.present(decisions.add(TICKET), CODE)
    assert opened == []
    assert len(logs) == 1
