"""`sumppump serve --sim` as a host starts it: real processes, and a browser that is a file."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult

from sumppump.bootstrap.exchange_process import control
from sumppump.cli.page_visitor import PageVisitor
from sumppump.kernel.errors import SumpPumpError

PASSED_ON = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TEMP", "HOME", "LANG")


def environment(home: Path, **settings: str) -> dict[str, str]:
    """What the process is started with: nothing of the person's own set-up, but the checkout under test."""
    browser = f'"{sys.executable}" -m sumppump.cli.demo_browser "{home / "browser.txt"}" %s'
    mine = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    return mine | {"SUMPPUMP_HOME": str(home), "TRADING_MODE": "sim", "BROWSER": browser} | settings


@contextlib.contextmanager
def home_with_exchange(folder: Path) -> Iterator[Path]:
    """A home folder; the exchange that a server starts there is stopped afterwards."""
    try:
        yield folder
    finally:
        with contextlib.suppress(SumpPumpError, OSError):
            control(folder, "stop")


@dataclass(slots=True)
class Talk:
    """A host and a person with one program."""

    client: Client
    home: Path
    said: list[str] = field(default_factory=list)
    addresses: int = 0

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured answer, refusals included."""
        result = await self.client.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        self.said.append(result.model_dump_json())
        return result.structured_content or {}

    async def until(
        self, tool: str, holds: Callable[[dict[str, Any]], object], **arguments: Any
    ) -> dict[str, Any]:
        """Ask again and again until the answer is as wanted."""
        answer: dict[str, Any] = {}
        with anyio.move_on_after(40):
            # A host has nothing but asking again.
            while not holds(answer := await self.ask(tool, **arguments)):  # noqa: ASYNC110
                await anyio.sleep(0.1)
        assert holds(answer), answer
        return answer

    async def person_opens(self) -> PageVisitor:
        """The person's browser with the page that the program opened last."""
        mailbox, visitor = self.home / "browser.txt", PageVisitor()
        with anyio.fail_after(20):
            while len(lines := _lines(mailbox)) <= self.addresses:  # noqa: ASYNC110 - a file tells nobody
                await anyio.sleep(0.05)
        self.addresses += 1
        await anyio.to_thread.run_sync(visitor.open, lines[self.addresses - 1])
        return visitor

    async def person_approves(self, ticket: dict[str, Any]) -> None:
        """The person presses Approve on the page."""
        page = await self.person_opens()
        await anyio.to_thread.run_sync(lambda: page.press("approve", typed=str(ticket.get("max_loss", ""))))


def _lines(mailbox: Path) -> list[str]:
    return mailbox.read_text().splitlines() if mailbox.exists() else []


@asynccontextmanager
async def talking(home: Path, mode: str = "auto", *options: str, **settings: str) -> AsyncIterator[Talk]:
    """A conversation with a program of its own, which ends with it."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sumppump", "serve", "--sim", *options],
        env=environment(home, **settings),
    )
    problem: BaseException | None = None
    async with Client(server, mode=mode) as client:
        talk = Talk(client, home, addresses=len(_lines(home / "browser.txt")))
        try:
            await talk.until("trade_get_session_status", lambda answer: answer.get("connected"))
            yield talk
        except BaseException as error:  # noqa: BLE001 - raised again outside the client's task groups
            problem = error
    if problem is not None:
        raise problem
