"""The pipe itself: message orders of both eras, purity of stdout, and every way to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCNotification, JSONRPCResponse

from sumppump.server.pipes import Pipes
from sumppump.server.stdio import MOST_WAITING, _Line

ROOT = Path(__file__).parents[3]
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
LEGACY = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


class Host:
    """The other end of the pipes, one line at a time."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.server.stdio_child", *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.number = 0

    def write(self, raw: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(raw)
        self.process.stdin.flush()

    def say(self, method: str, params: dict[str, Any] | None = None, *, request: bool = True) -> int:
        self.number += 1
        message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        self.write(json.dumps(message | ({"id": self.number} if request else {})).encode() + b"\n")
        return self.number

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server closed its stdout"
        return dict(json.loads(line))

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        number = self.say(method, params)
        answer = self.hear()
        assert answer["id"] == number
        return answer

    def discover(self) -> dict[str, Any]:
        return self.ask("server/discover", {"_meta": META})

    def initialize(self) -> dict[str, Any]:
        answer = self.ask("initialize", LEGACY)
        self.say("notifications/initialized", request=False)
        return answer

    def tools(self, *, modern: bool) -> list[str]:
        answer = self.ask("tools/list", {"_meta": META} if modern else {})
        return [tool["name"] for tool in answer["result"]["tools"]]

    def status(self, *, modern: bool) -> dict[str, Any]:
        params: dict[str, Any] = {"name": "trade_get_session_status", "arguments": {}}
        return self.ask("tools/call", params | ({"_meta": META} if modern else {}))

    def call(
        self, tool: str, meta: dict[str, Any], *, extra: dict[str, Any] | None = None, **arguments: Any
    ) -> dict[str, Any]:
        """The result of a modern call, or {} where the protocol refused it."""
        params = {"name": tool, "arguments": arguments, "_meta": meta}
        return dict(self.ask("tools/call", params | (extra or {})).get("result", {}))

    def end(self) -> tuple[bytes, bytes]:
        return self.process.communicate(timeout=10)


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.process.kill()
    host.process.communicate()


def test_a_probe_before_the_handshake_does_not_decide_the_era(host: Host) -> None:
    """Claim: discover, then initialize, then legacy calls, all answered. Provenance: MCP facts, trap 1."""
    assert "result" in host.discover()
    assert host.initialize()["result"]["protocolVersion"] == "2025-11-25"
    assert "trade_get_session_status" in host.tools(modern=False)
    assert host.status(modern=False)["result"]["structuredContent"]["environment"]["mode"] == "SIM"


def test_a_modern_host_stays_modern_after_its_probe(host: Host) -> None:
    """Claim: discover, then enveloped calls. Provenance: MCP facts, trap 1."""
    assert "result" in host.discover()
    assert "trade_get_session_status" in host.tools(modern=True)
    assert "result" in host.status(modern=True)


@pytest.mark.parametrize("half", ["\\ud800", "x\\udc00", "\\\\ud800"])
def test_half_a_character_is_answered_like_any_other_text(host: Host, half: str) -> None:
    """Claim: JSON.stringify writes a cut emoji so; its caller gets an answer. Provenance: regression."""
    params = json.dumps({"name": "trade_get_quote", "arguments": {"symbol": "S"}, "_meta": META})
    message = f'{{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {params}}}'
    host.write(message.replace('"S"', f'"{half}"').encode() + b"\n")
    answer = host.hear()
    assert answer["id"] == 7
    assert answer["result"]["isError"]


def test_an_endless_integer_is_answered(host: Host) -> None:
    """Claim: digits beyond every parser's bound still have a caller who waits. Provenance: regression."""
    params = json.dumps({"name": "trade_close", "arguments": {"percentage": 7}, "_meta": META})
    message = f'{{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {params}}}'
    host.write(message.replace('"percentage": 7', '"percentage": ' + "7" * 5000).encode() + b"\n")
    answer = host.hear()
    assert answer["id"] == 7
    assert answer["result"]["isError"]


def test_both_eras_work_on_one_pipe_in_any_order(host: Host) -> None:
    """Claim: neither era locks the other out. Provenance: our decision, beyond trap 1."""
    assert "result" in host.status(modern=True)
    assert "result" in host.initialize()
    assert "result" in host.status(modern=False)
    assert "result" in host.discover()
    assert "result" in host.status(modern=True)


def test_a_modern_call_without_any_probe_is_served(host: Host) -> None:
    """Claim: the envelope alone is enough. Provenance: protocol 2026-07-28."""
    assert "trade_execute" in host.tools(modern=True)


def test_an_accepted_form_that_is_sent_again_and_again_places_one_order(host: Host) -> None:
    """Claim: the same reply and state three times is one order. Provenance: MCP facts 2.3, replay."""
    meta = META | {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}
    draft = host.call("trade_calculate_strategy", meta, strategy_type="long_call", symbol="SPY")
    order = {"strategy_id": draft["structuredContent"]["strategy_id"]}
    asked = host.call("trade_execute", meta, **order)
    assert asked["resultType"] == "input_required"
    reply = {
        "requestState": asked["requestState"],
        "inputResponses": {"confirm": {"action": "accept", "content": {"type_to_confirm": "SPY"}}},
    }
    for _ in range(3):
        done = host.call("trade_execute", meta, extra=reply, **order)
        assert done["structuredContent"]["status"] == "FILLED"
    forged = host.call("trade_execute", meta, extra=reply | {"requestState": "tkt_1"}, **order)
    assert "structuredContent" not in forged
    _, err = host.end()
    assert err.count(b"order sent") == 1


def test_legacy_hosts_are_told_that_lists_may_change(host: Host) -> None:
    """Claim: listChanged is true for tools, resources, prompts. Provenance: MCP facts, trap 2."""
    said = host.initialize()["result"]["capabilities"]
    assert all(said[part]["listChanged"] for part in ("tools", "resources", "prompts"))


def test_calls_before_the_handshake_are_refused_and_do_not_break_it(host: Host) -> None:
    """Claim: an early legacy call gets an error, initialize still works. Provenance: protocol 2025-11-25."""
    assert "error" in host.ask("tools/list")
    assert "result" in host.initialize()


def test_lines_that_are_no_messages_get_an_error_and_nothing_else_happens(host: Host) -> None:
    """Claim: not JSON -32700, not JSON-RPC -32600, empty lines ignored. Provenance: JSON-RPC 2.0."""
    host.write(b'{"jsonrpc": nonsense\n')
    assert host.hear()["error"]["code"] == -32700
    host.write(b'{"hello": 1}\n')
    assert host.hear()["error"]["code"] == -32600
    host.write(b"\n  \r\n" + b"x" * 5_000_000 + b"\n")
    assert host.hear()["error"]["code"] == -32700
    assert "result" in host.initialize()


def test_what_is_printed_never_reaches_the_wire(host: Host) -> None:
    """Claim: prints at import, in tools and to descriptor 1 go to stderr. Provenance: trap 8."""
    host.initialize()
    host.status(modern=False)
    out, err = host.end()
    assert out == b""
    for text in (b"printed at import time", b"printed inside a tool", b"written to descriptor 1"):
        assert text in err


def test_end_of_input_ends_the_process_with_0_at_once(host: Host) -> None:
    """Claim: exit 0 well within 5 s. Provenance: tools page, last section."""
    host.initialize()
    began = time.monotonic()
    host.end()
    assert host.process.returncode == 0
    assert time.monotonic() - began < 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(host: Host, number: signal.Signals) -> None:
    """Claim: SIGTERM and SIGINT run the same clean end as end of input. Provenance: trap 7."""
    host.initialize()
    host.process.send_signal(number)
    host.end()
    assert host.process.returncode == 0


def test_a_write_under_way_at_the_end_of_input_runs_to_its_end(host: Host) -> None:
    """Claim: closing the pipe never tears a send from its bookkeeping. Provenance: trap 6."""
    host.initialize()
    host.say("tools/call", {"name": "trade_cancel_order", "arguments": {"order_id": "12"}})
    assert host.process.stderr is not None
    while b"cancel began" not in host.process.stderr.readline():
        pass
    _, err = host.end()
    assert b"cancel ended" in err


def test_a_cancelled_write_runs_to_its_end(host: Host) -> None:
    """Claim: a host that gives up waiting stops nothing that was begun. Provenance: trap 6."""
    host.initialize()
    number = host.say("tools/call", {"name": "trade_cancel_order", "arguments": {"order_id": "12"}})
    assert host.process.stderr is not None
    while b"cancel began" not in host.process.stderr.readline():
        pass
    host.say("notifications/cancelled", {"requestId": number}, request=False)
    while b"cancel ended" not in host.process.stderr.readline():
        pass
    host.say("ping")
    assert host.hear()["id"] in (number, host.number)


def test_a_watchdog_ends_a_process_that_hangs_behind_us() -> None:
    """Claim: whatever hangs after the end of input, the process is gone in time. Provenance: settled 27."""
    host = Host("hang")
    host.initialize()
    host.end()
    assert host.process.returncode == 0


async def test_a_host_that_does_not_read_hears_no_more_news_but_every_answer() -> None:
    """Claim: what waits for a slow host is bounded, and no answer is dropped. Provenance: reliability L5."""
    read_fd, write_fd = os.pipe()
    line = _Line(Pipes(read_fd=read_fd, write_fd=write_fd))  # not started: nobody writes, as to a full pipe
    news = JSONRPCNotification(
        jsonrpc="2.0", method="notifications/resources/updated", params={"uri": "sumppump://quote/SPY"}
    )
    for _ in range(3 * MOST_WAITING):
        line.send(SessionMessage(news))
    assert line._writer.waiting == MOST_WAITING + 1
    line.send(SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=1, result={})))
    assert line._writer.waiting == MOST_WAITING + 2
    os.close(read_fd)
    os.close(write_fd)
