"""The command line. Each command imports what it needs when it runs, so that `--help` stays quick."""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import anyio
import typer

from sumppump import __version__
from sumppump.cli.outcome import fail
from sumppump.cli.sim import sim_app
from sumppump.kernel.errors import InvalidRequest, SumpPumpError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An options desk for AI assistants: the model proposes, only a person sends.",
)
audit_app = typer.Typer(no_args_is_help=True, help="The record of every tool call and order event.")
app.add_typer(audit_app, name="audit")
app.add_typer(sim_app, name="sim", invoke_without_command=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sumppump {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Nothing to do before a command."""


@app.command()
def serve(
    sim: Annotated[
        bool, typer.Option("--sim", help="On the embedded exchange, whatever else is set.")
    ] = False,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Without any tool that could write.")
    ] = False,
) -> None:
    """Serve MCP over stdin and stdout until the host closes it."""
    # Before anything else is imported: whatever prints from now on misses the host's pipe.
    from sumppump.server.pipes import claim

    claim()
    from sumppump.bootstrap.serving import serve_stdio
    from sumppump.bootstrap.settings import TradingMode, load_settings

    try:
        settings = load_settings()
        if sim and settings.trading_mode is not TradingMode.SIM:
            raise InvalidRequest(
                f"--sim contradicts TRADING_MODE={settings.trading_mode}",
                code="contradicting_mode",
                expected="TRADING_MODE=sim or not set",
                found=f"TRADING_MODE={settings.trading_mode}",
                next_steps=["Drop --sim, or unset TRADING_MODE."],
            )
        serve_stdio(settings, read_only=read_only)
    except SumpPumpError as error:
        fail(error, code=2)


@app.command()
def demo() -> None:
    """Play the whole story on the embedded exchange: market, ticket, approval, fill, stop, close."""
    from sumppump.bootstrap.commands import verify_audit
    from sumppump.bootstrap.exchange_process import control
    from sumppump.bootstrap.settings import load_settings
    from sumppump.cli.demo import StoryBroke, run_demo

    async def tell(home: Path, line: str) -> None:
        await anyio.to_thread.run_sync(control, home, line)

    def verify(home: Path) -> str:
        return verify_audit(load_settings(sumppump_home=home)).lines[-1]

    try:
        raise SystemExit(anyio.run(run_demo, tell, verify))
    except StoryBroke as error:
        typer.echo(f"the story broke off: {error}", err=True)
        raise SystemExit(1) from error
    except SumpPumpError as error:
        fail(error)


@app.command()
def approve(
    ticket_id: Annotated[str, typer.Argument(help="One ticket; without it, all that wait.")] = "",
) -> None:
    """Look at waiting tickets in this terminal and approve or decline them."""
    from sumppump.bootstrap.commands import approve_in_terminal
    from sumppump.bootstrap.settings import load_settings

    try:
        raise SystemExit(approve_in_terminal(load_settings(), ticket_id))
    except SumpPumpError as error:
        fail(error)


@app.command()
def kill(
    reason: Annotated[str, typer.Option(help="Why; it is written down.")] = "by hand",
    everything: Annotated[
        bool, typer.Option("--all", help="Also cancel protective stops and foreign orders.")
    ] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Trade again, after a clean reconcile.")] = False,
) -> None:
    """Stop everything new at once; with --clear, let orders out again."""
    from sumppump.bootstrap.commands import clear_kill, set_kill
    from sumppump.bootstrap.settings import load_settings

    try:
        settings = load_settings()
        if not clear:
            typer.echo(set_kill(settings, reason, everything=everything))
        elif not sys.stdin.isatty():
            typer.echo("only a person at a terminal clears the kill switch", err=True)
            raise SystemExit(2)
        else:
            typer.echo(clear_kill(settings))
    except SumpPumpError as error:
        fail(error)


@app.command()
def limits() -> None:
    """Print the limits in force, with the control that each belongs to."""
    from rich.console import Console
    from rich.table import Table

    from sumppump.bootstrap.commands import limit_rows
    from sumppump.bootstrap.settings import load_settings

    try:
        rows = limit_rows(load_settings())
    except SumpPumpError as error:
        fail(error)
    table = Table(box=None)
    for title in ("control", "limit", "value", "what it bounds"):
        table.add_column(title)
    for row in rows:
        table.add_row(row.control, row.name, row.value, row.words)
    Console().print(table)


@audit_app.command("verify")
def audit_verify() -> None:
    """Check the audit's chain: 0 good, 1 altered, 2 cut short, 3 gap, 4 at odds with the journal."""
    from sumppump.bootstrap.commands import verify_audit
    from sumppump.bootstrap.settings import load_settings

    try:
        verified = verify_audit(load_settings())
    except SumpPumpError as error:
        fail(error, code=5)
    typer.echo("\n".join(verified.lines))
    raise SystemExit(verified.code)
