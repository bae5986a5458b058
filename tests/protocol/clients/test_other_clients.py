"""Three more TWS clients, each in its own environment and unmodified, live through the same small day."""

from __future__ import annotations

import asyncio
import json
import math
import os
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.protocol.clients.environments import NODE_CLIENTS, PYTHON_CLIENTS, ClientProgram, program

from sumppump.exchange.server import EmbeddedServer, SimSettings

PATIENCE_S = 60.0
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
VERSIONS = {"ib_insync": 176, "ibapi": 157, "stoqey": 178}


def installed(name: str) -> ClientProgram:
    found = program(name)
    if found is None:
        pytest.skip(f"{name} is not installed: run tests/protocol/clients/environments.py")
    return found


async def lived(found: ClientProgram) -> dict[str, Any]:
    """Run the client's script against an exchange whose minute takes a second."""
    server = EmbeddedServer(SimSettings(start=START, speed=20.0))
    await server.start()
    try:
        process = await asyncio.create_subprocess_exec(
            *found.command,
            str(found.script),
            str(server.port),
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


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PYTHON_CLIENTS, *NODE_CLIENTS])
async def test_an_unmodified_client_lives_through_a_day(name: str) -> None:
    """Contracts, chain, history, greeks, a fill, a cancel, positions, account: in its own layout."""
    seen = await lived(installed(name))
    assert seen["version"] == VERSIONS[name]
    assert "SPDR" in seen["long_name"] or "S&P" in seen["long_name"]
    assert seen["expirations"] > 10
    assert seen["bars"] >= 1
    bid, ask = seen["bid_ask"]
    assert 0 < bid < ask
    assert 0.2 < seen["delta"] < 0.8
    assert seen["orders"] == {"bought": "Filled", "resting": "Cancelled"}
    ((_, quantity),) = seen["positions"]
    assert quantity == 1
    ((side, shares, commission),) = seen["fills"]
    assert (side, shares) == ("BOT", 1)
    assert 0 < commission < 5
    assert math.isclose(seen["net_liquidation"], 250_000, rel_tol=0.01)
    assert not {code for code in seen["codes"] if code not in EXPECTED_CODES}


EXPECTED_CODES = {-1, 202, 2104, 2106, 2158}
"""The farms' notices and the cancel's confirmation; anything else is an error."""
