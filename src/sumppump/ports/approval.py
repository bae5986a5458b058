"""The person, seen from the use cases."""

from __future__ import annotations

from typing import Protocol

from sumppump.domain.tickets import Ticket


class ApprovalDesk(Protocol):
    """Where a person is shown a ticket. It decides nothing itself: decisions come back as calls."""

    def present(self, ticket: Ticket, code: str) -> None:
        """Show a ticket that waits.

        The code goes to the person's eyes only: never into an answer, a log or a file. Called from the
        loop's thread; must return at once and never raise.
        """
        ...

    def withdraw(self, ticket_id: str) -> None:
        """The ticket waits no longer; forget its code. Must return at once and never raise."""
        ...


class NoDesk:
    """Nobody is shown anything: approvals come from the terminal, or automatically on the simulator."""

    def present(self, ticket: Ticket, code: str) -> None:
        """Nothing to show it on."""

    def withdraw(self, ticket_id: str) -> None:
        """Nothing was shown."""
