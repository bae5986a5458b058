"""`sumppump sim`: the embedded exchange alone, its clock and its faults."""
# ruff: noqa: PLC0415 - each command imports what it needs when it runs, so that `--help` stays quick

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sumppump.cli.outcome import fail
from sumppump.kernel.errors import InvalidRequest, SumpPumpError

sim_app = typer.Typer(help="The embedded exchange alone, for any TWS client.")

CTL_COMMANDS = (
    "pause, resume, step, advance, status, save, drop, hold, release, stop, fault (list, or a name), heal"
)
CTL_ARGUMENTS = (
    "step: seconds of market time, 1 without; advance: seconds or a moment (open, close+5m, 11:30, tomorrow,"
    " expiry, expiry SPY, a date, an ISO time with its zone); resume: market seconds per second, as before"
    " without; save: a file; fault: a name, then for=SECONDS and PARAMETER=VALUE as"
    " wanted; heal: a name or all."
)
PATIENCE_S = 1800.0
"""A year's advance takes minutes."""


@sim_app.callback()
def sim(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="The market's seed.")] = 7,
    start: Annotated[str, typer.Option(help="Where the clock starts (ISO; New York without a zone).")] = "",
    speed: Annotated[float, typer.Option(help="Seconds of market time per second.")] = 1.0,
    frozen: Annotated[bool, typer.Option("--frozen", help="The clock stands until it is stepped.")] = False,
    state: Annotated[
        Path | None,
        typer.Option(help="One file: goes on from it if it exists; saved there at the end and on the way."),
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="Where its state is kept and found again. Default: one a port.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the saved state.")] = False,
    idle_exit: Annotated[float, typer.Option(help="Seconds without a client before it ends; 0 never.")] = 0.0,
    report: Annotated[
        bool, typer.Option("--report", help="Compare the seed's market with real ones, and end.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="With --report: a folder of recorded quotes to compare with.")
    ] = None,
) -> None:
    """Serve the TWS wire protocol; prints `listening on HOST:PORT` when ready."""
    if context.invoked_subcommand is not None:
        return
    if report:
        from sumppump.exchange.calibration import report as comparison

        typer.echo(comparison(seed, data))
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
            state=state,
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
        fail(_port_taken(port, error), code=2)


def _port_taken(port: int, error: OSError) -> InvalidRequest:
    return InvalidRequest(
        f"port {port} cannot be opened",
        code="port_taken",
        found=str(error),
        next_steps=["Choose another port, or --port 0 for a free one."],
    )


@sim_app.command("ctl")
def ctl(
    command: Annotated[str, typer.Argument(help=CTL_COMMANDS)],
    arguments: Annotated[list[str] | None, typer.Argument(help=CTL_ARGUMENTS)] = None,
    port: Annotated[int, typer.Option(help="Which one, where several run.")] = 0,
    home: Annotated[
        Path | None, typer.Option(help="Home folder of the exchange; default: SUMPPUMP_HOME.")
    ] = None,
) -> None:
    """Move the clock of a running exchange, save its state, or make trouble."""
    from sumppump.bootstrap.exchange_process import control
    from sumppump.bootstrap.settings import load_settings

    words = _absolute([command, *(arguments or [])])
    try:
        answer = control(home or load_settings().home, " ".join(words), port=port, timeout_s=PATIENCE_S)
    except SumpPumpError as error:
        fail(error)
    typer.echo(_faults(answer) if words == ["fault", "list"] else answer)


def _absolute(words: list[str]) -> list[str]:
    """The exchange runs in a folder of its own: a file is meant from here."""
    if words[0] == "save" and len(words) == 2:
        return ["save", str(Path(words[1]).absolute())]
    return words


def _faults(answer: str) -> str:
    lines: list[str] = []
    for fault in json.loads(answer):
        lines.append(f"{fault['name']}  {fault['words']}")
        lines += [f"        {name}: {rule}" for name, rule in fault["parameters"].items()]
    return "\n".join(lines)


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
