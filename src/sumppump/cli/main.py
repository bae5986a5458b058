"""The command line. Each command imports what it needs when it runs, so that `--help` stays quick."""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import anyio
import typer

from sumppump import __version__
from sumppump.kernel.errors import InvalidRequest, SumpPumpError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An options desk for AI assistants: the model proposes, only a person sends.",
)
audit_app = typer.Typer(no_args_is_help=True, help="The record of every tool call and order event.")
sim_app = typer.Typer(help="The embedded exchange alone, for any TWS client.")
app.add_typer(audit_app, name="audit")
app.add_typer(sim_app, name="sim", invoke_without_command=True)


def fail(error: SumpPumpError, *, code: int = 1) -> NoReturn:
    """Say what is wrong and what to do, on stderr, and end."""
    lines = [f"{error.code}: {error.message}"]
    lines += [f"expected: {error.expected}"] if error.expected else []
    lines += [f"found: {error.found}"] if error.found else []
    lines += [f"next: {step}" for step in error.next_steps]
    typer.echo("\n".join(lines), err=True)
    raise SystemExit(code)


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


@sim_app.callback()
def sim(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="The market's seed.")] = 7,
    start: Annotated[str, typer.Option(help="Where the clock starts (ISO; New York without a zone).")] = "",
    speed: Annotated[float, typer.Option(help="Seconds of market time per second.")] = 1.0,
    frozen: Annotated[bool, typer.Option("--frozen", help="The clock stands until it is stepped.")] = False,
    home: Annotated[
        Path | None, typer.Option(help="Where its state is kept and found again. Default: one a port.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the saved state.")] = False,
    idle_exit: Annotated[float, typer.Option(help="Seconds without a client before it ends; 0 never.")] = 0.0,
) -> None:
    """Serve the TWS wire protocol; prints `listening on HOST:PORT` when ready."""
    if context.invoked_subcommand is not None:
        return
    from sumppump.bootstrap.exchange_serving import run_exchange
    from sumppump.bootstrap.settings import load_settings
    from sumppump.exchange.server import SimSettings

    try:
        options = SimSettings(
            host=_loopback(host),
            port=port,
            seed=seed,
            start=_start(start),
            speed=speed,
            frozen=frozen,
            fresh=fresh,
            idle_exit_s=idle_exit or None,
        )
        run_exchange(
            options,
            on_ready=lambda bound: print(f"listening on {host}:{bound}", flush=True),
            state=home,
            home=load_settings().home,
        )
    except SumpPumpError as error:
        fail(error, code=2)
    except OSError as error:
        fail(
            InvalidRequest(
                f"port {port} cannot be opened",
                code="port_taken",
                found=str(error),
                next_steps=["Choose another port, or --port 0 for a free one."],
            ),
            code=2,
        )


@sim_app.command("ctl")
def sim_ctl(
    command: Annotated[
        str, typer.Argument(help="pause, resume, step, advance, status, save, drop, hold, release, stop")
    ],
    argument: Annotated[
        str,
        typer.Argument(
            help="step: seconds of market time, 1 without; advance: seconds, an ISO time with its zone,"
            " `open` or `close`; resume: market seconds per second, as before without."
        ),
    ] = "",
    port: Annotated[int, typer.Option(help="Which one, where several run.")] = 0,
    home: Annotated[
        Path | None, typer.Option(help="Home folder of the exchange; default: SUMPPUMP_HOME.")
    ] = None,
) -> None:
    """Move the clock of a running exchange, or make trouble."""
    from sumppump.bootstrap.exchange_process import control
    from sumppump.bootstrap.settings import load_settings

    try:
        answer = control(home or load_settings().home, " ".join(filter(None, (command, argument))), port=port)
    except SumpPumpError as error:
        fail(error)
    typer.echo(answer)


def _loopback(host: str) -> str:
    if host in ("127.0.0.1", "::1", "localhost"):
        return host
    raise InvalidRequest(
        f"--host {host!r} is no loopback address",
        code="not_loopback",
        expected="127.0.0.1 or ::1: the protocol has no password",
        found=host,
        next_steps=["Leave --host out."],
    )


def _start(text: str) -> datetime | None:
    from sumppump.kernel.clock import NEW_YORK

    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(
            f"--start {text!r} is no time",
            code="bad_setting",
            expected="an ISO time such as 2026-11-20T10:00",
            found=text,
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)
