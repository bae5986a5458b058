"""The program as a person's host starts it: over real pipes, with the page in the person's own browser."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.program import environment, home_with_exchange, talking

pytestmark = pytest.mark.anyio
WRITES = ("trade_execute", "trade_close", "trade_set_stop_loss", "trade_modify_order")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One exchange for all: starting one takes seconds."""
    with home_with_exchange(tmp_path_factory.mktemp("home")) as folder:
        yield folder


@pytest.mark.parametrize(("mode", "symbol"), [("auto", "QQQ"), ("legacy", "IWM")])
async def test_a_person_approves_in_the_browser_and_types_a_code_in_the_chat(
    home: Path, mode: str, symbol: str
) -> None:
    """Claim: page and code work, and are never in an answer, a file or a log. Provenance: settled 1-3."""
    async with talking(home, mode, SUMPPUMP_APPROVAL="page") as talk:
        draft = await talk.ask(
            "trade_calculate_strategy", strategy_type="bull_call_spread", symbol=symbol, width=5, dte=30
        )
        ticket = await talk.ask(
            "trade_execute", strategy_id=draft["strategy_id"], limit_price=draft["net_ask"]
        )
        assert ticket.get("status") == "approval_required", ticket
        await talk.person_approves(ticket)
        await talk.until(
            "trade_get_order_status", lambda a: a["state"] == "FILLED", ticket_id=ticket["ticket_id"]
        )
        (position,) = (await talk.until("trade_get_positions", lambda a: a["positions"]))["positions"]
        close = await talk.ask("trade_close", position_id=position["position_id"], close_type="market")
        page = await talk.person_opens()
        code = page.shown_code()
        assert code
        sent = await talk.ask("trade_execute", ticket_id=close["ticket_id"], confirm_token=code)
        assert "status" in sent, sent
        await talk.until(
            "trade_get_order_status", lambda a: a["state"] == "FILLED", ticket_id=close["ticket_id"]
        )
        await talk.until("trade_get_positions", lambda a: not a["positions"])
        secrets = [code, *secrets_of_pages(home)]
        assert not [secret for secret in secrets if secret in "".join(talk.said)]
    assert files_that_hold(home, secrets) == []


def secrets_of_pages(home: Path) -> list[str]:
    """The one-time secrets of all addresses that the browser was given."""
    return [line.rsplit("/", 1)[1] for line in (home / "browser.txt").read_text().splitlines()]


def files_that_hold(home: Path, secrets: list[str]) -> list[str]:
    """Files of the program in which one of these can be read."""
    kept = [path for path in home.rglob("*") if path.is_file() and path.name != "browser.txt"]
    contents = {path.name: path.read_bytes() for path in kept}
    return [name for name, raw in contents.items() for secret in secrets if secret.encode() in raw]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")
async def test_what_the_program_writes_is_for_its_owner_alone(home: Path) -> None:
    """Claim: server and exchange leave no file or folder that others can read. Provenance: settled, files."""
    async with talking(home, "auto") as talk:
        await talk.ask("trade_get_session_status")
    assert open_to_others(home) == []


def open_to_others(home: Path) -> list[str]:
    """Names of the program's files and folders that their owner shares."""
    kept = [path for path in home.rglob("*") if path.name != "browser.txt"]
    assert "exchange.stderr" in {path.name for path in kept}
    return [str(path.relative_to(home)) for path in kept if path.stat().st_mode & 0o077]


async def test_read_only_offers_nothing_that_writes(home: Path) -> None:
    """Claim: --read-only. Provenance: design 5."""
    async with talking(home, "auto", "--read-only") as talk:
        offered = {tool.name for tool in (await talk.client.list_tools()).tools}
        assert not offered & set(WRITES)
        assert (await talk.ask("trade_get_quote", symbol="SPY"))["bid"] > 0


def serve(home: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sumppump", "serve", "--sim"],
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said = handshake(process)
    assert said["result"]["serverInfo"]["name"] == "sumppump"
    return process


def handshake(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    client = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()
    return dict(json.loads(process.stdout.readline()))


def test_the_process_ends_with_0_within_five_seconds_of_the_end_of_input(home: Path) -> None:
    """Claim: exit 0, nothing on stdout but messages. Provenance: tools page, last section."""
    process = serve(home)
    began = time.monotonic()
    out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, b"")
    assert time.monotonic() - began < 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(home: Path, number: signal.Signals) -> None:
    """Claim: exit 0 within five seconds, lock and socket given back. Provenance: MCP facts, trap 7."""
    process = serve(home)
    process.send_signal(number)
    out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, b"")
