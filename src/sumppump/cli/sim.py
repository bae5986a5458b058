"""`sumppump sim`: the embedded exchange alone, its clock and its faults."""
# ruff: noqa: PLC0415 - each command imports what it needs when it runs, so that `--help` stays quick

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sumppump.cli.outcome import fail
from sumppump.cli.sim_options import (
    address_of,
    dice_of,
    endowment_of,
    idle_of,
    loopback_of,
    port_of,
    recordings_of,
    scenario_of,
    speed_of,
    start_of,
)
from sumppump.kernel.errors import InvalidRequest, SumpPumpError

sim_app = typer.Typer(help="The embedded exchange alone, for any TWS client.")

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

CTL_COMMANDS = (
    "status; pause, resume, step, advance: the clock; save: the state; fault, heal, scenario: trouble;"
    " drop: cut every client's connection, they may come back; hold: take what clients send and neither act"
    " on it nor answer, until release; stop: end the exchange"
)
CTL_ARGUMENTS = (
    "resume: market seconds per second, as before without; step: seconds of market time, 1 without; advance:"
    " seconds or a moment (open, close+5m, 11:30, tomorrow, expiry SPY, a date, an ISO time, New York's"
    " without a zone); save: a file; fault: list, list and a name, or a name, then for=SECONDS and"
    " PARAMETER=VALUE as wanted; heal: a name or all; scenario: a name of `sumppump sim --scenarios`"
)
HOW_LONG = """\
Every fault also takes for=SECONDS of market time, after which it is healed; without
it lasts until it has run its course or is healed by hand. A parameter `seconds` is
the fault's own: how long its course takes.
"""
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
    scenario: Annotated[
        str, typer.Option(help="A day with trouble in it: a name of --scenarios, or a .toml file.")
    ] = "",
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="List the days that come with the program, and end.")
    ] = False,
    faults: Annotated[
        str, typer.Option(help="SEED or SEED:RATE: faults come by themselves, RATE an hour (6).")
    ] = "",
    state: Annotated[
        Path | None,
        typer.Option(
            help="One file: goes on from it if it exists; saved there at the end and on the way. Faults that"
            " are on are not kept; of a --scenario what lies ahead is played."
        ),
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="Where its state is kept and found again. Default: one a port.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the saved state.")] = False,
    idle_exit: Annotated[float, typer.Option(help="Seconds without a client before it ends; 0 never.")] = 0.0,
    account: Annotated[str, typer.Option(help="The account's name; default: SIM and seven digits.")] = "",
    cash: Annotated[str, typer.Option(help="What a new account has, in USD.")] = "250000",
    option_level: Annotated[
        int, typer.Option(min=0, max=4, help="A new account's level of option trading: 4 for everything.")
    ] = 4,
    holding: Annotated[
        list[str] | None,
        typer.Option(help="SYMBOL=SHARES that a new account holds, paid out of its cash; again for more."),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE, again for more: read_only=true, percentage=3, ... (docs/exchange.md)."
        ),
    ] = None,
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
        from sumppump.exchange.market.calibration import report as comparison

        try:
            folder = recordings_of(data)
        except SumpPumpError as error:
            fail(error, code=2)
        typer.echo("Comparing two years of twelve markets; this takes some seconds.", err=True)
        typer.echo(comparison(seed, folder))
        return
    if scenarios:
        typer.echo(_days())
        return
    from sumppump.bootstrap.exchange_serving import run_exchange
    from sumppump.bootstrap.settings import load_settings
    from sumppump.exchange.house_rules import rules_of
    from sumppump.exchange.server import SimSettings

    try:
        options = SimSettings(
            host=loopback_of(host),
            port=port_of("--port", port),
            seed=seed,
            start=start_of(start),
            speed=speed_of(speed),
            frozen=frozen,
            scenario=scenario_of(scenario),
            dice=dice_of(faults),
            state=state,
            fresh=fresh,
            idle_exit_s=idle_of(idle_exit),
            account=account or None,
            endowment=endowment_of(cash, option_level, holding or ()),
            rules=rules_of(rule or ()),
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


@sim_app.command("record")
def record(
    tws: Annotated[str, typer.Option(help="Where TWS or IB Gateway listens on this machine: HOST:PORT.")],
    out: Annotated[Path, typer.Option(help="The golden file; further connections get -2, -3 and so on.")],
    listen: Annotated[int, typer.Option(help="Port for the client; 0 takes a free one.")] = 0,
) -> None:
    """Stand between a client and a TWS and write down what they say, with account ids masked."""
    from sumppump.exchange.recording.sockets import Recorder, listen_recorder

    try:
        recorder, port = Recorder(address_of(tws), out), port_of("--listen", listen)
    except SumpPumpError as error:
        fail(error, code=2)
    _run(lambda: listen_recorder(recorder, port), port)


@sim_app.command("replay")
def replay(
    file: Annotated[Path, typer.Argument(help="A golden file.")],
    port: Annotated[int, typer.Option(help="Port for the client; 0 takes a free one.")] = 0,
) -> None:
    """Play the server's side of a golden file to a client."""
    from sumppump.exchange.recording.sockets import listen_replayer, recording_of

    try:
        recording, listens = recording_of(file), port_of("--port", port)
    except SumpPumpError as error:
        fail(error, code=2)
    _run(lambda: listen_replayer(recording, listens), listens)


def _run(listening: Callable[[], Awaitable[asyncio.Server]], port: int) -> None:
    """Serve until the person ends it."""
    import asyncio

    async def serve() -> None:
        server = await listening()
        print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        async with server:
            await server.serve_forever()

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        return
    except OSError as error:
        fail(_port_taken(port, error), code=2)


def _port_taken(port: int, error: OSError) -> InvalidRequest:
    return InvalidRequest(
        f"port {port} cannot be opened",
        code="port_taken",
        found=str(error),
        next_steps=["Choose another port, or --port 0 for a free one."],
    )


@sim_app.command("ctl", context_settings={"ignore_unknown_options": True})
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
    typer.echo(_faults(answer) if words[:2] == ["fault", "list"] else answer)


def _absolute(words: list[str]) -> list[str]:
    """The exchange runs in a folder of its own: a file is meant from here."""
    if words[0] == "save" and len(words) == 2:
        return ["save", str(Path(words[1]).absolute())]
    return words


def _faults(answer: str) -> str:
    """One line a fault, in groups; of a single one its parameters."""
    rows = json.loads(answer)
    if len(rows) == 1:
        return "\n".join(
            [f"{rows[0]['name']}  {rows[0]['words']}", *_parameters(rows[0]), "", HOW_LONG.rstrip()]
        )
    lines: list[str] = []
    for group in dict.fromkeys(row["group"] for row in rows):
        lines += ["", group, *(f"  {row['name']}  {row['words']}" for row in rows if row["group"] == group)]
    return "\n".join(
        [*lines[1:], "", f"{HOW_LONG}sumppump sim ctl fault list F-22 shows the parameters of one."]
    )


def _parameters(row: Any) -> list[str]:  # noqa: ANN401 - JSON
    width = max((len(name) for name in row["parameters"]), default=0)
    return [
        f"  {name:<{width}} = {row['defaults'][name]}   {rule}" for name, rule in row["parameters"].items()
    ]


def _days() -> str:
    from sumppump.exchange.trouble.scenario import day_named, ready_made

    days = [day_named(name) for name in ready_made()]
    return "\n".join(f"{day.name:<28} {day.title}" for day in days)
