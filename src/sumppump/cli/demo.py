"""The whole story on the embedded exchange, with the program as host, model and person.

A real server is started over stdio and spoken to as a host does; the person's part goes through the
page's own form. Every figure shown is the server's.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import anyio
from rich.console import Console
from rich.table import Table

from sumppump.cli.page_visitor import PageVisitor

Answer = Mapping[str, Any]
PATIENCE_S = 45.0


class Host(Protocol):
    """What the demo needs of an MCP host."""

    async def call(self, tool: str, **arguments: object) -> Answer:
        """Call a tool and return its structured answer, errors included."""
        ...


class StoryBroke(RuntimeError):
    """The story could not go on; the message says at which step and why."""


@dataclass(frozen=True, slots=True)
class McpHost:
    """A host over the official client."""

    client: Any

    async def call(self, tool: str, **arguments: object) -> Answer:
        """Call a tool and return its structured answer, errors included."""
        result = await self.client.call_tool(tool, {k: v for k, v in arguments.items() if v is not None})
        return result.structured_content or {}


@dataclass(slots=True)
class Stage:
    """Everything the acts share."""

    host: Host
    console: Console
    mailbox: Path
    person: PageVisitor
    drop_connections: Callable[[], Awaitable[None]]
    seen: int = 0

    def act(self, title: str) -> None:
        """Begin a new act."""
        self.console.rule(f"[bold]{title}", align="left")

    def says(self, who: str, text: str) -> None:
        """One line of one of the three players."""
        self.console.print(f"[bold cyan]{who:>7}[/]  {text}", highlight=False)

    async def call(self, tool: str, **arguments: object) -> Answer:
        """Call a tool that has to work."""
        answer = await self.host.call(tool, **arguments)
        if is_error(answer):
            raise StoryBroke(f"{tool}: {answer['code']}: {answer.get('message')}")
        return answer

    async def address(self) -> str:
        """The next address that the server opened in the person's browser."""
        with anyio.fail_after(PATIENCE_S):
            while True:
                lines = self.mailbox.read_text().splitlines() if self.mailbox.exists() else []
                if len(lines) > self.seen:
                    self.seen += 1
                    return lines[self.seen - 1]
                await anyio.sleep(0.05)

    async def until(self, ticket_id: str, states: Sequence[str]) -> Answer:
        """Ask for an order's state until it is one of these."""
        with anyio.fail_after(PATIENCE_S):
            while True:
                answer = await self.call("trade_get_order_status", ticket_id=ticket_id)
                if answer["state"] in states:
                    return answer
                await anyio.sleep(0.25)

    async def person_approves(self, answer: Answer) -> None:
        """The person looks at the page in the browser and presses Approve."""
        page = PageVisitor()
        address = await self.address()
        await anyio.to_thread.run_sync(page.open, address)
        self.says("person", "reads the ticket in the browser and presses [green]Approve[/]")
        await anyio.to_thread.run_sync(lambda: page.press("approve", typed=str(answer.get("max_loss", ""))))
        self.person = page


def is_error(answer: Answer) -> bool:
    """Whether an answer has the shape of an error."""
    return "code" in answer and "who" in answer and "retry" in answer


async def play(stage: Stage) -> None:
    """All acts in order."""
    started = time.monotonic()
    await meet(stage)
    draft = await build(stage)
    ticket = await stage_ticket(stage, draft)
    await model_tries_to_approve(stage, ticket)
    await survive_a_disconnect(stage, ticket)
    await protect(stage, str(draft["symbol"]))
    await close(stage, str(draft["symbol"]))
    stage.console.print(f"\nThe story took {time.monotonic() - started:.0f} s.")


async def meet(stage: Stage) -> None:
    """The market and the account."""
    stage.act("1  A look at the market")
    stage.says("you", "How is SPY, and what do I have?")
    quote = await ready_quote(stage)
    stage.says("model", str(quote["summary"]))
    account = await stage.call("trade_get_account_summary")
    stage.says("model", str(account["summary"]))
    chain = await stage.call(
        "trade_get_options_chain", symbol="SPY", min_dte=25, max_dte=33, strikes_around=3
    )
    stage.console.print(chain_table(chain))


async def ready_quote(stage: Stage) -> Answer:
    """The first quote, once the server has found its exchange."""
    with anyio.fail_after(PATIENCE_S):
        while True:
            quote = await stage.host.call("trade_get_quote", symbol="SPY")
            if quote.get("mid") is not None:
                return quote
            await anyio.sleep(0.25)


async def build(stage: Stage) -> Answer:
    """A bull call spread."""
    stage.act("2  A bull call spread")
    stage.says("you", "A bull call spread, five dollars wide, about a month out. One.")
    draft = await stage.call(
        "trade_calculate_strategy",
        strategy_type="bull_call_spread",
        symbol="SPY",
        width=5,
        dte=30,
        quantity=1,
    )
    stage.says("model", str(draft["summary"]))
    stage.console.print(legs_table(draft))
    return draft


async def stage_ticket(stage: Stage, draft: Answer) -> Answer:
    """The model proposes."""
    stage.act("3  The model proposes; it cannot send")
    ticket = await stage.call("trade_execute", strategy_id=draft["strategy_id"])
    stage.says("model", str(ticket["summary"]))
    if ticket["status"] != "approval_required":
        raise StoryBroke(f"the ticket should wait for a person, its status is {ticket['status']}")
    return ticket


async def model_tries_to_approve(stage: Stage, ticket: Answer) -> None:
    """A guess at the code, which has to fail."""
    guess = "AAA-AAA"
    refused = await stage.host.call("trade_execute", ticket_id=ticket["ticket_id"], confirm_token=guess)
    if refused.get("who") != "approval" or not is_error(refused):
        raise StoryBroke(f"a guessed code was not refused: {refused}")
    stage.says("model", f"tries to approve it by itself with the code {guess}: [red]{refused['code']}[/]")


async def survive_a_disconnect(stage: Stage, ticket: Answer) -> None:
    """The person approves, the line breaks, and the order is known all the same."""
    stage.act("4  The person approves, and the connection breaks")
    await stage.person_approves(ticket)
    await stage.drop_connections()
    stage.says("wire", "[red]every connection to the exchange is cut[/]")
    report = await stage.until(str(ticket["ticket_id"]), ("FILLED",))
    stage.says("model", str(report["summary"]))
    twin = await stage.call("trade_execute", ticket_id=ticket["ticket_id"])
    stage.says("model", f"calls trade_execute again: {twin['status']}, nothing is sent a second time")


async def protect(stage: Stage, symbol: str) -> None:
    """The stop that is due after a fill."""
    stage.act("5  The stop that is due")
    position = await held(stage, symbol)
    ticket = await stage.call("trade_set_stop_loss", position_id=position["position_id"], stop_pct=50)
    stage.says("model", str(ticket["summary"]))
    await stage.person_approves(ticket)
    report = await stage.until(str(ticket["ticket_id"]), ("LIVE",))
    stage.says("model", str(report["summary"]))


async def close(stage: Stage, symbol: str) -> None:
    """Out again; the stop goes first."""
    stage.act("6  Closing")
    position = await held(stage, symbol)
    ticket = await stage.call("trade_close", position_id=position["position_id"], close_type="market")
    stage.says("model", str(ticket["summary"]))
    await stage.person_approves(ticket)
    report = await stage.until(str(ticket["ticket_id"]), ("FILLED",))
    stage.says("model", str(report["summary"]))
    left = await stage.call("trade_get_open_orders")
    stage.says("model", str(left["summary"]))
    sessions = await stage.call("trade_get_session_status")
    stage.says("model", str(sessions["summary"]))


async def held(stage: Stage, symbol: str) -> Answer:
    """The position in a symbol, once the account shows it."""
    with anyio.fail_after(PATIENCE_S):
        while True:
            answer = await stage.call("trade_get_positions", symbol=symbol)
            if answer["positions"]:
                return dict(answer["positions"][0])
            await anyio.sleep(0.25)


def chain_table(chain: Answer) -> Table:
    """Some of the chain's columns as a table."""
    wanted = ("expiry", "strike", "right", "bid", "ask", "iv", "delta", "theta", "vega", "source")
    table = Table(title=str(chain["summary"]), title_justify="left", title_style="", box=None)
    for name in wanted:
        table.add_column(name, justify="right")
    for row in rows_of(chain):
        table.add_row(*(cell(row.get(name)) for name in wanted))
    return table


def rows_of(chain: Answer) -> list[Answer]:
    """The chain's rows by column name, whichever way they came."""
    columns = chain.get("columns") or []
    return [
        row if isinstance(row, Mapping) else dict(zip(columns, row, strict=True)) for row in chain["rows"]
    ]


def legs_table(draft: Answer) -> Table:
    """The legs of a draft."""
    table = Table(box=None)
    for name in ("side", "ratio", "right", "strike", "expiry", "bid", "ask", "delta"):
        table.add_column(name, justify="right")
    for leg in draft["legs"]:
        table.add_row(*(cell(leg.get(column.header)) for column in table.columns))
    return table


def cell(value: object) -> str:
    """A cell; what nobody knows stays empty."""
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) and abs(value) < 1 else str(value)


def server_environment(home: Path, mailbox: Path) -> dict[str, str]:
    """What the demo's server is started with: nothing of the person's own set-up."""
    browser = f'"{sys.executable}" -m sumppump.cli.demo_browser "{mailbox}" %s'
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if name in ("PATH", "SYSTEMROOT", "TEMP", "HOME", "LANG")
        },
        "SUMPPUMP_HOME": str(home),
        "SUMPPUMP_APPROVAL": "page",
        "TRADING_MODE": "sim",
        "BROWSER": browser,
    }


async def run_demo(control: Callable[[Path, str], Awaitable[None]], verify: Callable[[Path], str]) -> int:
    """Start the server, play, and say where everything lies.

    Args:
        control: gives the exchange of a home folder one control line.
        verify: checks the audit of a home folder and says what it found.

    Raises:
        StoryBroke: something that has to work did not.
    """
    from mcp import Client, StdioServerParameters  # noqa: PLC0415 - half a second that other commands do not need

    console = Console(width=110 if not sys.stdout.isatty() else None)
    home = Path(tempfile.mkdtemp(prefix="sumppump-demo-"))
    mailbox = home / "browser.txt"
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sumppump", "serve", "--sim"],
        env=server_environment(home, mailbox),
    )
    console.print("[bold]SumpPump[/] on its embedded exchange: no account, no network, real wire protocol.")
    broke: StoryBroke | None = None
    with anyio.fail_after(120):
        async with Client(server) as client:
            stage = Stage(McpHost(client), console, mailbox, PageVisitor(), lambda: control(home, "drop"))
            try:
                await play(stage)
            except StoryBroke as error:  # kept out of the client's task group, which would wrap it
                broke = error
    await control(home, "stop")
    if broke is not None:
        raise broke
    picture = next(iter(sorted((home / "charts").glob("*.png"))), "none")
    console.print(f"\nPayoff picture: {picture}", soft_wrap=True)
    console.print(f"Journal and audit: {home}", soft_wrap=True)
    console.print(f"Audit verified: {verify(home)}", soft_wrap=True)
    return 0
