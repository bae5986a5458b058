"""The live tests that @stoqey/ib ships with its package, unmodified, against the embedded exchange."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.protocol.clients.environments import folder

from sumppump.exchange.account.endowment import Endowment
from sumppump.exchange.server import EmbeddedServer, SimSettings

PATIENCE_S = 400.0
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
HOLDER = Endowment(holdings=(("SPY", 100),))
"""Some of the tests want to see a position."""
HOME = folder() / "stoqey"
JEST = HOME / "node_modules" / "jest" / "bin" / "jest.js"
LIVE = ("tests/unit/api/", "tests/unit/api-next-live/")
PINNED = "it pins prices or sizes of a real day"
CANNOT_PASS = {
    "contract-details.test.js: IBApi reqContractDetails Tests Option": "it pins a real option's id",
    "get-contract-details.test.js: ApiNext: getContractDetails() Bond contract details": "it has no bonds",
    "historical-data.test.js: IBApi Historical data Tests Stock market data": PINNED,
    "historical-data.test.js: IBApi Historical data Tests Option market data": "its option has expired",
    "historical-data.test.js: IBApi Historical data Tests Weekly market data": PINNED,
    "historical-data.test.js: IBApi Historical data Tests Monthly market data": PINNED,
    "get-historical-ticks.test.js: ApiNext: getContractDetails() ETF historical bid/ask ticks": PINNED,
}
"""Which tests no exchange with a market of its own can pass, and why."""


async def jest(port: int, tests: Path) -> dict[str, Any]:
    """Run the live tests and return jest's report."""
    report = tests / "report.json"
    options = {
        "rootDir": tests,
        "testMatch": "**/*.test.js",
        "testPathIgnorePatterns": "/node_modules/x",
        "testEnvironment": "node",
        "maxWorkers": 2,
        "outputFile": report,
    }
    process = await asyncio.create_subprocess_exec(
        *("node", str(JEST), "--silent", "--json"),
        *(f"--{name}={value}" for name, value in options.items()),
        *LIVE,
        cwd=tests,
        env={
            **os.environ,
            "IB_HOST": "127.0.0.1",
            "IB_PORT": str(port),
            "NODE_PATH": str(HOME / "node_modules"),
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await asyncio.wait_for(process.wait(), PATIENCE_S)
    result: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return result


def failures(report: dict[str, Any]) -> dict[str, str]:
    """What failed, by file and title, with the first line of why."""
    return {
        f"{Path(file['name']).name}: {test['fullName']}": test["failureMessages"][0].splitlines()[0]
        for file in report["testResults"]
        for test in file["assertionResults"]
        if test["status"] == "failed"
    }


@pytest.mark.slow
@pytest.mark.behaviour("SIM-CLIENT-02")
async def test_the_live_tests_of_stoqey_pass(tmp_path: Path) -> None:
    """All but the named ones, each of which is known to need something that no simulated market has."""
    if not JEST.exists():
        pytest.skip("jest is not installed beside @stoqey/ib: run tests/protocol/clients/environments.py")
    tests = tmp_path / "dist"
    shutil.copytree(HOME / "node_modules" / "@stoqey" / "ib" / "dist", tests)
    (tmp_path / "node_modules").symlink_to(HOME / "node_modules")
    shutil.copy(HOME / "node_modules" / "@stoqey" / "ib" / "package.json", tmp_path)
    server = EmbeddedServer(SimSettings(start=START, endowment=HOLDER))
    await server.start()
    try:
        report = await jest(server.port, tests)
    finally:
        await server.close()
    assert report["numPassedTests"] > 50
    assert {name: why for name, why in failures(report).items() if name not in CANNOT_PASS} == {}
