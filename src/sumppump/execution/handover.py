"""Decisions from a person's terminal: taken from the inbox, judged like any other, answered there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from loguru import logger

from sumppump.domain.tickets import Channel
from sumppump.execution.reports import Outcome, ReconcileReport
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.store import Handover, Inbox, Verdict


class Approve(Protocol):
    """`ExecutionService.approve`."""

    def __call__(
        self, ticket_id: str, channel: Channel, *, amount: str | None = None, digest: str | None = None
    ) -> Awaitable[Outcome]:
        """See there."""
        ...


class InboxReader:
    """Looks at every heartbeat of the writer."""

    def __init__(
        self,
        inbox: Inbox,
        *,
        approve: Approve,
        decline: Callable[[str, Channel], Awaitable[Outcome]],
        clear: Callable[[Channel], Awaitable[ReconcileReport]],
    ) -> None:
        self._inbox = inbox
        self._approve = approve
        self._decline = decline
        self._clear = clear
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = False

    def look(self) -> None:
        """Take what is there; what was posted before this process began to write is not for it."""
        if not self._began:
            self._inbox.skip_old()
            self._began = True
        for handover in self._inbox.waiting():
            task = asyncio.create_task(self._handle(handover), name=f"handover {handover.number}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let decisions under way come to their end."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=2.0)

    async def _handle(self, handover: Handover) -> None:
        try:
            answer = await self._carry_out(handover)
        except SumpPumpError as error:
            steps = " ".join(error.next_steps)
            answer = f"{error.code}: {error.message}. {steps}".strip()
        except Exception as error:  # noqa: BLE001 - the person at the terminal must hear that nothing is certain
            logger.exception("a decision from the terminal failed")
            answer = f"internal: {type(error).__name__}. Look at trade_get_order_status before anything else."
        self._inbox.answer(handover.number, answer)

    async def _carry_out(self, handover: Handover) -> str:
        match handover.verdict:
            case Verdict.APPROVE:
                outcome = await self._approve(
                    handover.subject, Channel.TERMINAL, amount=handover.amount, digest=handover.digest
                )
                return outcome.message
            case Verdict.DECLINE:
                return (await self._decline(handover.subject, Channel.TERMINAL)).message
            case Verdict.CLEAR_KILL:
                report = await self._clear(Channel.TERMINAL)
                return f"Cleared after {report.complete_rounds} complete reading(s) of the broker's lists."
