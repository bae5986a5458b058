"""The desk in the person's own browser: shows a ticket as soon as it waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from loguru import logger

from sumppump.approval.clockface import local_time
from sumppump.approval.ledger import Decisions, Ledger
from sumppump.approval.loopback import Loopback
from sumppump.approval.opener import Opener, open_in_browser
from sumppump.approval.page import ApprovalPage
from sumppump.approval.pairing import Pairing
from sumppump.domain.tickets import Ticket
from sumppump.kernel.clock import Clock

MOST_OPENED = 10
OPENED_WITHIN_S = 10.0
"""So many pages open by themselves within so many seconds; what comes on top waits in the list."""


class BrowserDesk:
    """The port `ApprovalDesk`, with a page on 127.0.0.1 that starts with the first ticket.

    All methods belong to the event loop's thread. The address, its secret and the code reach the browser
    and nothing else: no return value, no log line, no file.
    """

    def __init__(
        self,
        decisions: Callable[[], Decisions],
        clock: Clock,
        *,
        opener: Opener = open_in_browser,
        wall: Callable[[], datetime] = local_time,
    ) -> None:
        self._decisions = decisions
        self._opener = opener
        self._monotonic = clock.monotonic
        self._opened: deque[float] = deque(maxlen=MOST_OPENED)
        self._wall = wall
        self._pairing = Pairing(clock.monotonic)
        self._ledger = Ledger()
        self._served: Loopback | None = None

    def present(self, ticket: Ticket, code: str) -> None:
        """Open the ticket's page in the person's browser; a failure leaves the other channels."""
        self._ledger.codes[ticket.ticket_id] = code
        if ticket.replaces in self._ledger.deciding:
            # The page that approves the old ticket leads to this one by itself.
            return
        try:
            port = self._serve().port
        except (OSError, RuntimeError) as problem:
            logger.warning("The approval page cannot be served: {}", type(problem).__name__)
            return
        if self._is_flooded():
            # Each page leads to the list of all tickets; a flood of windows would only hide what they ask.
            logger.warning("Many tickets at once: {} waits in the list without a page.", ticket.ticket_id)
            return
        self._opened.append(self._monotonic())
        secret = self._pairing.invite(ticket.ticket_id)
        self._opener(f"http://127.0.0.1:{port}/pair/{secret}")

    def _is_flooded(self) -> bool:
        recent = [at for at in self._opened if self._monotonic() - at < OPENED_WITHIN_S]
        return len(recent) >= MOST_OPENED

    def withdraw(self, ticket_id: str) -> None:
        """The ticket waits no longer: forget its code."""
        self._ledger.codes.pop(ticket_id, None)

    async def stop(self) -> None:
        """Stop serving and forget every code."""
        self._ledger.codes.clear()
        served, self._served = self._served, None
        if served is not None:
            await served.stop()

    def _serve(self) -> Loopback:
        if self._served is None or not self._served.is_serving:
            self._served = Loopback.start(lambda port: self._page(port).app())
        return self._served

    def _page(self, port: int) -> ApprovalPage:
        return ApprovalPage(
            decisions=self._decisions,
            pairing=self._pairing,
            ledger=self._ledger,
            wall=self._wall,
            port=port,
        )
