"""What the page knows and nobody else does: codes, and the last word about each ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sumppump.domain.tickets import Channel
from sumppump.execution.reports import Outcome, TicketView

MOST_REMEMBERED = 200


class Decisions(Protocol):
    """What the channels ask of `execution`, and nothing more."""

    def tickets(self) -> Sequence[TicketView]:
        """All tickets, newest first."""
        ...

    def ticket(self, ticket_id: str) -> TicketView:
        """One ticket and where it stands; raises TicketGone when unknown."""
        ...

    async def approve(
        self,
        ticket_id: str,
        channel: Channel,
        *,
        code: str | None = None,
        amount: str | None = None,
        digest: str | None = None,
    ) -> Outcome:
        """Spend the ticket and send its order, or say why not."""
        ...

    async def decline(self, ticket_id: str, channel: Channel) -> Outcome:
        """Turn a waiting ticket down."""
        ...


@dataclass(slots=True)
class Ledger:
    """Memory of the page, gone with the process; codes are never written anywhere.

    Attributes:
        codes: what a person may type in the chat, by ticket that waits.
        replacements: the ticket that took a ticket's place.
        last_words: why a decision led to nothing, by ticket.
        deciding: tickets whose approval the page is carrying out just now.
    """

    codes: dict[str, str] = field(default_factory=dict)
    replacements: dict[str, str] = field(default_factory=dict)
    last_words: dict[str, str] = field(default_factory=dict)
    deciding: set[str] = field(default_factory=set)

    def remember(self, ticket_id: str, outcome: Outcome) -> None:
        """Keep what a decision led to, for the pages that come after it."""
        self.last_words[ticket_id] = outcome.message
        if outcome.ticket is not None and outcome.ticket.replaces == ticket_id:
            self.replacements[ticket_id] = outcome.ticket.ticket_id
        for memory in (self.last_words, self.replacements):
            while len(memory) > MOST_REMEMBERED:
                del memory[next(iter(memory))]
