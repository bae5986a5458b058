"""Four TWS clients, each in its own environment and unmodified, live through the day of `day.py`."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.protocol.clients.day import NOTICES, STEPS, Step, plan
from tests.protocol.clients.environments import DRIVERS, ClientProgram, program

from sumppump.exchange.server import EmbeddedServer, SimSettings

PATIENCE_S = 240.0
SPEED = 30.0
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
VERSIONS = {"ib_async": 178, "ib_insync": 176, "ibapi": 157, "stoqey": 178}
ABSENT = {
    "ib_async": [],
    "ib_insync": [],
    "ibapi": ["schedule", "user_info"],
    "stoqey": ["schedule"],
}
"""What a client has no call for."""


def installed(name: str) -> ClientProgram:
    found = program(name)
    if found is None:
        pytest.skip(f"{name} is not installed: run tests/protocol/clients/environments.py")
    return found


async def lived(found: ClientProgram, folder: Path) -> dict[str, Any]:
    """What the client's driver reports of its day, in which half a minute of the market takes a second."""
    day = folder / "day.json"
    day.write_text(json.dumps(plan()), encoding="utf-8")
    server = EmbeddedServer(SimSettings(start=START, speed=SPEED))
    await server.start()
    try:
        process = await asyncio.create_subprocess_exec(
            *found.command,
            str(server.port),
            str(day),
            env={**os.environ, "NODE_PATH": str(found.home / "node_modules")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    finally:
        await server.close()
    assert process.returncode == 0, err.decode()[-3000:]
    result: dict[str, Any] = json.loads(out)
    return result


def fault(step: Step, report: dict[str, Any]) -> str:
    """What is wrong with a step, empty if it went as it should."""
    seen = report["seen"][step.name]
    codes = {code for name, code, _ in report["codes"] if name == step.name}
    if isinstance(seen, str) and seen.startswith("failed"):
        return seen
    if not step.holds(seen):
        return f"came out as {seen!r}"
    return "" if codes <= NOTICES | step.codes else f"errors {sorted(codes - NOTICES - step.codes)}"


@pytest.mark.slow
@pytest.mark.behaviour("SIM-CLIENT-01")
@pytest.mark.parametrize("name", DRIVERS)
async def test_an_unmodified_client_lives_through_a_day(name: str, tmp_path: Path) -> None:
    """Every step comes out as it should, and no error comes that does not belong to it."""
    report = await lived(installed(name), tmp_path)
    assert report["absent"] == ABSENT[name]
    assert report["seen"]["connect"]["version"] == VERSIONS[name]
    lived_steps = [step for step in STEPS if step.name not in ABSENT[name]]
    assert {step.name: found for step in lived_steps if (found := fault(step, report))} == {}
