"""`sumppump sim` as a person types it: lists, refusals, and a running exchange that is told what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest


def sim(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SUMPPUMP_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "sumppump", "sim", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--scenario", "flash-crahs"), "unknown_scenario"),
        (("--scenario", "nowhere.toml"), "bad_scenario"),
        (("--faults", "seven"), "bad_setting"),
        (("--cash", "much"), "bad_setting"),
        (("--holding", "SPY"), "bad_setting"),
        (("--holding", "NOSUCH=1"), "unknown_holding"),
        (("--rule", "readonly=true"), "unknown_rule"),
        (("--rule", "rate=none"), "bad_parameter"),
        (("--speed", "nan"), "bad_setting"),
        (("--speed", "1e9"), "bad_setting"),
        (("--idle-exit", "-1"), "bad_setting"),
        (("--port", "99999"), "bad_setting"),
        (("record", "--tws", "10.0.0.1:7497", "--out", "x.jsonl"), "not_loopback"),
    ],
)
def test_what_cannot_be_done_is_said_on_stderr(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    ended = sim(tmp_path, *words)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{code}: ")
    assert ended.stdout == ""
    assert not (tmp_path / "exchanges").exists()


def test_the_days_are_listed_with_a_sentence_each(tmp_path: Path) -> None:
    lines = sim(tmp_path, "--scenarios").stdout.splitlines()
    assert len(lines) >= 16
    assert all(line.endswith(".") and len(line.split()) > 6 for line in lines)


@pytest.mark.slow
@pytest.mark.behaviour("SIM-SCENE-07")
def test_a_running_exchange_is_told_what_to_do(tmp_path: Path) -> None:
    """Its day, a fault, a jump, its state in a file; and from that file it goes on."""
    file = tmp_path / "state.json"
    words = ("--port", "0", "--scenario", "farm-outage", "--state", str(file), "--frozen")
    process = started(tmp_path, *words)
    try:
        jumped = json.loads(sim(tmp_path, "ctl", "advance", "open+16m").stdout)
        assert jumped["faults"] == ["F-22"]
        listed = sim(tmp_path, "ctl", "fault", "list").stdout
        assert "F-72  " in listed
        refused = sim(tmp_path, "ctl", "fault", "F-22", "frm=market")
        assert "farm" in refused.stderr
        assert sim(tmp_path, "ctl", "heal", "all").returncode == 0
        before = json.loads(sim(tmp_path, "ctl", "advance", "close").stdout)
        sim(tmp_path, "ctl", "stop")
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
    again = started(tmp_path, "--port", "0", "--state", str(file), "--frozen")
    try:
        assert json.loads(sim(tmp_path, "ctl", "status").stdout)["now"] == before["now"]
    finally:
        again.kill()
        again.communicate()


def started(home: Path, *words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sumppump", "sim", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SUMPPUMP_HOME": str(home)},
    )
    assert process.stdout is not None
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.stdout.readline().startswith("listening on"):
            return process
    raise TimeoutError
