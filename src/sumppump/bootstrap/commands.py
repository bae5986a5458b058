"""What the short commands do: approve, kill, limits, audit verify. Each opens only what it needs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.approval.clockface import local_time
from sumppump.approval.terminal import ANSWER_TIMEOUT_S, POLL_S, person_at_terminal, require_terminal
from sumppump.bootstrap.building import Program, build
from sumppump.bootstrap.exchange_process import is_running
from sumppump.bootstrap.foundation import limits_of
from sumppump.bootstrap.logs import set_up_logs
from sumppump.bootstrap.serving import own_exchange
from sumppump.bootstrap.settings import Settings
from sumppump.domain.journal import TicketRecord, fold
from sumppump.domain.tickets import Channel
from sumppump.execution.reporting import ticket_views
from sumppump.execution.reports import TicketView
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.ports.store import Verdict
from sumppump.risk.limits import LimitRow
from sumppump.store.audit_verify import verify
from sumppump.store.inbox import SqliteInbox
from sumppump.store.journal import SqliteJournal
from sumppump.store.kill_flag import FileKillFlag

CONNECT_TIMEOUT_S = 30.0
CANCEL_TIMEOUT_S = 5.0


def approve_in_terminal(settings: Settings, ticket_id: str) -> int:
    """Show waiting tickets to the person at this terminal and hand the decision to the writer.

    Raises:
        ApprovalRefused: no terminal, or no such answer.
        GatewayUnavailable: no running SumpPump took the decision.
    """
    require_terminal()
    journal, inbox = SqliteJournal(settings.home), SqliteInbox(settings.home)

    def seconds_left(record: TicketRecord) -> float:
        # The writer's monotonic clock is not ours; the row's own time is the same for both.
        return record.ticket.life_s - (local_time() - record.staged_at).total_seconds()

    def tickets() -> Sequence[TicketView]:
        return ticket_views(fold(journal.read()), seconds_left)

    try:
        person_at_terminal(tickets, inbox).run(ticket_id)
    finally:
        inbox.close()
        journal.close()
    return 0


def set_kill(settings: Settings, reason: str, *, everything: bool) -> str:
    """Set the flag that every process looks at before every send and ten times a second.

    Where no server runs that could cancel what works, this process connects and does it.
    """
    FileKillFlag(settings.home).raise_flag(reason, everything=everything)
    extent = "every order of every client" if everything else "every order that adds risk"
    if settings.own_exchange and not is_running(settings.home):
        done = "Neither server nor exchange run, so nothing is working."
    elif _is_free(settings):
        done = asyncio.run(_cancel_here(settings, extent, everything=everything))
    else:
        done = f"The running server cancels {extent}."
    return f"The kill switch is on; nothing new is sent. {done} Clear it with: sumppump kill --clear"


def _is_free(settings: Settings) -> bool:
    """Whether no process writes now."""
    journal = SqliteJournal(settings.home)
    try:
        return journal.become_writer()
    finally:
        journal.close()


async def _cancel_here(settings: Settings, extent: str, *, everything: bool) -> str:
    """Be the writer for a moment: with the flag up it cancels by itself, and sends nothing else."""
    set_up_logs(settings.home, settings.log_level, quiet=True)
    program = build(settings, endpoint=own_exchange(settings))
    try:
        await _connected(program)
        await program.execution.reconcile()
        is_done = await program.engine.ledger.until(
            lambda: not _works(program, everything=everything), CANCEL_TIMEOUT_S
        )
    except GatewayUnavailable:
        is_done = False
    finally:
        await program.stop()
    if not is_done:
        return (
            f"No server runs, and {extent} could not be cancelled from here: look into TWS. "
            "They are cancelled as soon as a server connects."
        )
    return f"No server runs; this command has seen to it that {extent} of SumpPump is cancelled."


def _works(program: Program, *, everything: bool) -> bool:
    working = program.engine.ledger.book.working()
    return any(everything or record.order.purpose.adds_risk for record in working)


async def _connected(program: Program) -> None:
    """Start a program and wait for its connection.

    Raises:
        GatewayUnavailable: there is none in time.
    """
    up = asyncio.Event()
    link = program.gateway.broker.link
    program.gateway.broker.subscribe(lambda _: up.set() if link().connected else None)
    await program.start()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await up.wait()
    except TimeoutError:
        raise GatewayUnavailable(
            f"there is no connection to TWS: {link().reason}",
            next_steps=["Start TWS or IB Gateway, and try again."],
        ) from None


def clear_kill(settings: Settings) -> str:
    """Lift the switch after a green reconcile: by the running server, or by this process where none runs.

    Raises:
        GatewayUnavailable: there is no connection, or the server did not answer.
        WritesOff: the reconcile was not green; the switch stays on.
    """
    return asyncio.run(_clear_here(settings)) if _is_free(settings) else _clear_there(settings)


def _clear_there(settings: Settings) -> str:
    inbox = SqliteInbox(settings.home)
    try:
        number = inbox.post(Verdict.CLEAR_KILL)
        until = time.monotonic() + ANSWER_TIMEOUT_S
        while (answer := inbox.answer_to(number)) is None:
            if time.monotonic() > until:
                raise GatewayUnavailable(
                    "the running server has not answered",
                    code="nobody_took_the_decision",
                    next_steps=["See that it is connected, and try again; the switch is still on."],
                )
            time.sleep(POLL_S)
        return answer
    finally:
        inbox.close()


async def _clear_here(settings: Settings) -> str:
    set_up_logs(settings.home, settings.log_level, quiet=True)
    program = build(settings, endpoint=own_exchange(settings))
    try:
        await _connected(program)
        report = await program.execution.clear_kill(Channel.TERMINAL)
    finally:
        await program.stop()
    return f"Cleared after {report.complete_rounds} complete reading(s) of the broker's lists."


def limit_rows(settings: Settings) -> Sequence[LimitRow]:
    """The limits in force."""
    return limits_of(settings).rows()


@dataclass(frozen=True, slots=True)
class Verified:
    """What the audit's verification found; `code` is the exit code, `lines` are for a person."""

    code: int
    lines: tuple[str, ...]


def verify_audit(settings: Settings) -> Verified:
    """Check audit and journal of the home folder against each other."""
    report = verify(settings.home)
    found = [f"{each.result.name.lower()}: {each.where}: {each.what}" for each in report.findings]
    total = (
        f"{report.logs} logs, {report.rows} rows, {report.checkpoints} checkpoints, "
        f"{report.journal_rows} journal rows: {report.result.name.lower()}"
    )
    return Verified(int(report.result), (*found, total))
