"""The whole program, killed with SIGKILL at named points: real journal, real socket, exchange next door.

Source: figure D4 and rows X3, X6 to X11, X14 of the crash matrix. The truth is read from the exchange by an
independent client.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ib_async import IB

ROOT = Path(__file__).resolve().parents[2]
# where the program dies, and the symbol it trades, so that one doubt does not block the next order
POINTS = (
    ("before Sending", "SPY"),
    ("after Sending", "QQQ"),
    ("after write", "IWM"),
    ("before Seen", "AAPL"),
    ("after Seen", "MSFT"),
    ("after CancelSending", "NVDA"),
    ("after cancel", "AMD"),
)
_WORKS = {"PreSubmitted", "Submitted", "PendingSubmit"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="SIGKILL exists on POSIX systems only"),
]


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[int]:
    """An embedded exchange of its own; its port."""
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sumppump",
            "sim",
            "--port",
            "0",
            "--seed",
            "3",
            "--home",
            str(tmp_path / "sim"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline().rsplit(":", 1)[1])
        process.terminate()
        process.stdout.read()


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return {**os.environ, "PYTHONPATH": path, "MPLBACKEND": "Agg"}


def _life(home: Path, port: int, point: str, symbol: str) -> tuple[int, dict[str, list[object]]]:
    """One life of the program: its exit code, and what it knew when it had reconciled."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.child", str(home), str(port), point, symbol],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    return done.returncode, json.loads(done.stdout.splitlines()[0])


async def _truth(port: int) -> tuple[Counter[str], dict[str, str]]:
    """Orders per reference, and their states, as another client of the exchange sees them."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=99, timeout=10)
    trades = [*await ib.reqAllOpenOrdersAsync(), *await ib.reqCompletedOrdersAsync(False)]
    ib.disconnect()
    ours = [trade for trade in trades if trade.order.orderRef.startswith("SP1-")]
    return Counter(t.order.orderRef for t in ours), {t.order.orderRef: t.orderStatus.status for t in ours}


async def test_killed_nine_times_over_no_order_is_doubled_and_none_is_lost(
    tmp_path: Path, exchange: int
) -> None:
    """Each life reconciles what the last one left, then dies at the next point; in the end all is known."""
    home = tmp_path / "home"
    for point, symbol in POINTS:
        code, _ = _life(home, exchange, point, symbol)
        assert code == -9, f"the program lived past {point!r}"
    code, known = _life(home, exchange, "none", "")
    assert code == 0
    counts, states = await _truth(exchange)
    assert max(counts.values()) == 1
    assert set(counts) <= set(known)
    assert len(known) == len(POINTS) - 1  # before the commit there was nothing to know
    for ref, (state, _) in known.items():
        assert state in _allowed(states.get(ref)), f"{ref}: {state}, the exchange says {states.get(ref)}"
    assert [state for state, _ in known.values()].count("HUMAN_CLOSED") == len(known) - len(counts)


def _allowed(status: str | None) -> set[str]:
    if status is None:
        return {"NOT_FOUND", "HUMAN_CLOSED"}
    return {"LIVE", "PARTIAL"} if status in _WORKS else {"FILLED", "CANCELLED", "REJECTED"}
