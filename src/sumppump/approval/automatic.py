"""Approval without a person: for the simulator and for tests. `execution` refuses it on any other account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from loguru import logger

from sumppump.approval.ledger import Decisions
from sumppump.domain.tickets import Channel, Ticket
from sumppump.kernel.errors import SumpPumpError


class AutomaticDesk:
    """The port `ApprovalDesk` that says yes by itself; a ticket that is refused goes on waiting."""

    def __init__(self, decisions: Callable[[], Decisions]) -> None:
        self._decisions = decisions
        self._approving: set[asyncio.Task[None]] = set()

    def present(self, ticket: Ticket, code: str) -> None:
        """Approve the ticket in the loop's next turn; the code is not needed and not kept."""
        task = asyncio.ensure_future(self._approve(ticket))
        # The loop holds tasks weakly: without this set an approval could vanish half-way.
        self._approving.add(task)
        task.add_done_callback(self._approving.discard)

    def withdraw(self, ticket_id: str) -> None:
        """Nothing was shown."""

    async def stop(self) -> None:
        """Let what was begun come to its end."""
        if self._approving:
            await asyncio.wait(self._approving)

    async def _approve(self, ticket: Ticket) -> None:
        amount = None if ticket.typed_amount is None else str(ticket.typed_amount.amount)
        try:
            await self._decisions().approve(
                ticket.ticket_id, Channel.AUTO, amount=amount, digest=ticket.digest()
            )
        except SumpPumpError as problem:
            logger.warning("A ticket was not approved by itself: {}", problem.code)
