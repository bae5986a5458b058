"""From a person's decision to the order's bytes on the socket, against the fsync that it needs.

Measured on numbers already fetched: from the moment after the last look at the market to the return of the
socket's write, journal included, through the real journal, the real library and a real socket. Beside each
send stands one fsync of as many bytes on the same disk.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from scripts.bench.figures import Figure, micros, percentile
from sumppump.bootstrap.building import Program, build
from sumppump.bootstrap.settings import load_settings
from sumppump.domain.tickets import Ticket
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.errors import SumpPumpError
from sumppump.strategies.catalogue import StrategyType
from sumppump.strategies.request import StrategyRequest

SENDS = 200
ROW_BYTES = 4096
FAST_DISK_S = 50e-6


async def measure() -> list[Figure]:
    """One program on its exchange; sends and fsyncs take turns."""
    with tempfile.TemporaryDirectory(prefix="sumppump-bench-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedServer(SimSettings(seed=7))
        await server.start()
        program = build(
            load_settings(sumppump_home=Path(folder), tws_port=server.port, sumppump_approval="terminal")
        )
        await program.start()
        try:
            ticket = await staged(program)
            sends, fsyncs = await samples(program, ticket, Path(folder))
            switched = killed_at_once(program, ticket)
        finally:
            await program.stop()
            await server.close()
    return [submit_figure(sends, fsyncs), switched]


async def staged(program: Program) -> Ticket:
    """A ticket whose order is the model for all sends."""
    up = asyncio.Event()
    program.gateway.broker.subscribe(lambda _: up.set() if program.gateway.broker.link().connected else None)
    if not program.gateway.broker.link().connected:
        await up.wait()
    request = StrategyRequest(strategy_type=StrategyType.BULL_CALL_SPREAD, symbol="SPY", dte=30)
    draft = await program.desk.strategies.build(request)
    await program.execution.reconcile()
    return await program.execution.stage_open(draft)


def with_new_order(program: Program, ticket: Ticket) -> Ticket:
    """The same question about an order that was never sent."""
    planned = ticket.orders[0]
    order = replace(planned.order, order_ref=program.engine.ledger.new_ref())
    return replace(ticket, orders=(replace(planned, order=order),))


async def samples(program: Program, ticket: Ticket, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds of each send and of the fsync beside it."""
    sends, fsyncs = [], []
    dispatch, row = program.engine.dispatch, os.urandom(ROW_BYTES)
    with (folder / "beside").open("wb", buffering=0) as beside:
        for _ in range(SENDS):
            fresh = with_new_order(program, ticket)
            started = time.perf_counter()
            dispatch.send(fresh, fresh.orders)
            sent = time.perf_counter()
            beside.write(row)
            os.fsync(beside.fileno())
            fsyncs.append(time.perf_counter() - sent)
            sends.append(sent - started)
            # The exchange answers in this loop: let it, so that no order stays in doubt.
            await asyncio.sleep(0.02)
    return sends, fsyncs


def submit_figure(sends: list[float], fsyncs: list[float]) -> Figure:
    """The ratio at the 99th percentile; without a target where the disk does not really sync."""
    mine, disk = percentile(sends, 0.99), percentile(fsyncs, 0.99)
    is_real = percentile(fsyncs, 0.5) >= FAST_DISK_S
    return Figure(
        name="decision to bytes on the socket / one fsync, p99"
        if is_real
        else "decision to bytes (no real fsync)",
        value=mine / disk,
        target=3.0 if is_real else None,
        note=f"{micros(mine)} / {micros(disk)}; p50 {micros(percentile(sends, 0.5))} / "
        f"{micros(percentile(fsyncs, 0.5))}",
    )


def killed_at_once(program: Program, ticket: Ticket) -> Figure:
    """How many orders leave after the switch is set, in the same turn of the loop."""
    engine = program.engine
    engine.kill("bench")
    before = engine.dispatch.wire.written
    fresh = with_new_order(program, ticket)
    try:
        engine.dispatch.send(fresh, fresh.orders)
    except SumpPumpError as error:
        refusal = error.code
    else:
        refusal = "not refused"
    return Figure(
        name="order frames after the kill switch, same loop turn",
        value=float(engine.dispatch.wire.written - before),
        target=0.0,
        unit="frames",
        note=f"refused with {refusal}",
    )
