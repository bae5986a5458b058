"""A real SumpPump that kills itself with SIGKILL at a named point: run by `test_kill_nine.py`.

Arguments: home folder, port of the exchange, name of the point (`none` for a whole life), a symbol. Prints
what it knows of every order as one JSON object, after it has reconciled and before it sends anything new.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sumppump.bootstrap import building, foundation
from sumppump.bootstrap.settings import Settings, TradingMode
from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import Channel
from sumppump.execution.settings import ExecutionSettings
from sumppump.store.codec import kind_of
from sumppump.strategies.catalogue import StrategyType
from sumppump.strategies.request import StrategyRequest

SHORT = ExecutionSettings(
    silent_s=1.0, ack_wait_s=1.0, round_times_s=(0.0, 0.3, 0.6, 1.0, 1.6), absent_span_s=1.0
)


def die() -> None:
    """The hardest end there is."""
    os.kill(os.getpid(), signal.SIGKILL)


class Fuse:
    """Kills the process when a place of this name is passed, once it is armed."""

    def __init__(self, point: str) -> None:
        self._point = point
        self.armed = False

    def __call__(self, where: str) -> None:
        if self.armed and where == self._point:
            die()

    def around(self, call: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        def guarded(*args: Any, **more: Any) -> Any:
            self(f"before {name(*args)}")
            result = call(*args, **more)
            self(f"after {name(*args)}")
            return result

        return guarded


async def live(home: Path, port: int, point: str, symbol: str) -> None:
    foundation.windows_of = lambda settings: SHORT  # type: ignore[assignment]
    settings = Settings(
        sumppump_home=home, trading_mode=TradingMode.SIM, tws_port=port, sumppump_approval="terminal"
    )
    program: Any = building.build(settings)
    fuse = Fuse(point)
    program.journal.append = fuse.around(program.journal.append, lambda *events: kind_of(events[-1]))
    broker = program.gateway.broker
    broker.transmit = fuse.around(broker.transmit, lambda *args: "write")
    broker.transmit_cancel = fuse.around(broker.transmit_cancel, lambda *args: "cancel")
    await program.start()
    await settled(program)
    tell(program)
    if point != "none":
        await trade(program, symbol, fuse)
    await program.stop()


async def settled(program: Any) -> None:
    """Until the broker's lists have been read and nothing is in doubt."""
    book, gates = program.engine.ledger.book, program.engine.gates

    def is_quiet() -> bool:
        return (
            gates.reconciled and not book.unknown() and not any(r.awaits_proof_of_end for r in book.working())
        )

    assert await program.engine.ledger.until(is_quiet, 20.0)


def tell(program: Any) -> None:
    records = program.engine.ledger.book.orders.values()
    rows = {r.ref: [r.state.value, int(r.filled)] for r in records}
    sys.stdout.write(json.dumps(rows) + "\n")
    sys.stdout.flush()


async def trade(program: Any, symbol: str, fuse: Fuse) -> None:
    book = program.engine.ledger.book
    if any(record.state is OrderState.NOT_FOUND for record in book.orders.values()):
        await program.execution.clear_kill(Channel.TERMINAL)
    request = StrategyRequest(strategy_type=StrategyType.BULL_CALL_SPREAD, symbol=symbol, dte=30)
    ticket = await program.execution.stage_open(await program.desk.strategies.build(request))
    fuse.armed = True
    await program.execution.approve(ticket.ticket_id, Channel.TERMINAL)
    await program.execution.cancel(ticket.orders[0].order.order_ref)
    await asyncio.sleep(2.0)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]))
