"""The commands as a person types them, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.program import home_with_exchange, talking


def run(home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """One command on a home folder of its own."""
    clean = {
        name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "TEMP", "HOME")
    }
    return subprocess.run(
        [sys.executable, "-m", "sumppump", *arguments],
        env={**clean, "SUMPPUMP_HOME": str(home), "COLUMNS": "160", **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_limits_prints_every_limit_with_its_control(tmp_path: Path) -> None:
    """What the policy refuses is there to read before it refuses."""
    done = run(tmp_path, "limits", MAX_CONTRACTS="4")
    assert done.returncode == 0
    for control in ("C-01", "C-02", "C-03", "C-14", "C-15"):
        assert control in done.stdout


def test_the_simulator_refuses_a_mode_that_contradicts_it(tmp_path: Path) -> None:
    """`--sim` with TRADING_MODE=live must not start anything (settled: modes)."""
    for mode in ("paper", "live"):
        done = run(tmp_path, "serve", "--sim", TRADING_MODE=mode)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "contradicting_mode" in done.stderr


def test_approving_needs_a_person_at_a_terminal(tmp_path: Path) -> None:
    """A pipe is no person."""
    done = run(tmp_path, "approve")
    assert done.returncode == 1
    assert "needs_terminal" in done.stderr


def test_the_kill_switch_is_set_from_the_command_line_and_cleared_by_a_person_only(tmp_path: Path) -> None:
    """Setting takes no server; clearing takes a terminal."""
    assert run(tmp_path, "kill", "--reason", "drill").returncode == 0
    assert (tmp_path / "KILL").exists()
    assert run(tmp_path, "kill", "--clear").returncode == 2
    assert (tmp_path / "KILL").exists()


def test_the_exchange_is_not_offered_to_other_machines(tmp_path: Path) -> None:
    """The protocol has no password."""
    done = run(tmp_path, "sim", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "not_loopback" in done.stderr


@pytest.mark.parametrize("arguments", [("sim", "--start", "yesterday"), ("sim", "ctl", "pause")])
def test_what_cannot_be_done_is_said_with_a_code_and_a_next_step(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """No traceback reaches a person."""
    done = run(tmp_path, *arguments)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert ": " in done.stderr.splitlines()[0]


@pytest.mark.anyio
async def test_kill_without_a_server_cancels_by_itself(tmp_path: Path) -> None:
    """The server has ended and an order still works: the command connects, cancels, and says so."""
    with home_with_exchange(tmp_path):
        async with talking(tmp_path, SUMPPUMP_APPROVAL="auto") as talk:
            draft = await talk.ask(
                "trade_calculate_strategy", strategy_type="long_call", symbol="SPY", dte=30
            )
            low = round(draft["net_premium"] - 1, 2)
            sent = await talk.ask("trade_execute", strategy_id=draft["strategy_id"], limit_price=low)
            assert sent["status"] == "LIVE"
        done = run(tmp_path, "kill", "--reason", "drill")
        assert done.returncode == 0
        assert "this command has seen to it" in done.stdout
        async with talking(tmp_path) as talk:
            after = await talk.until(
                "trade_get_order_status", lambda r: r["state"] == "CANCELLED", ticket_id=sent["ticket_id"]
            )
    assert after["filled"] == 0


@pytest.mark.anyio
async def test_a_draft_above_the_options_level_says_at_once_that_it_cannot_be_sent(tmp_path: Path) -> None:
    """Level 2 is the default, an iron condor needs 3: told with the draft, and refused when staged."""
    with home_with_exchange(tmp_path):
        async with talking(tmp_path) as talk:
            draft = await talk.ask(
                "trade_calculate_strategy", strategy_type="iron_condor", symbol="SPY", dte=30
            )
            assert any("OPTIONS_LEVEL is 2" in warning for warning in draft["warnings"])
            refused = await talk.ask("trade_execute", strategy_id=draft["strategy_id"])
    assert refused["code"] == "permission_level"


@pytest.fixture
def anyio_backend() -> str:
    """One loop is enough."""
    return "asyncio"
