"""The account summary: one open at a time, because TWS refuses a third one of the same client.

Who asks while one is open waits and shares the next one, so that nobody gets figures older than the question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable
from sumppump.tws.joined import Joined
from sumppump.tws.pacing import Lane
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session

# Account, tag, value, currency.
Row = tuple[str, str, str, str]


class AccountSummary:
    """What all accounts of this login are worth, as rows."""

    def __init__(self, tags: Iterable[str]) -> None:
        self._tags = ",".join(tags)
        self._turn = asyncio.Lock()
        self._round = 0
        self._asked: Joined[list[Row]] = Joined()

    async def rows(self, session: Session) -> list[Row]:
        """The rows, asked for after this call.

        Raises:
            GatewayUnavailable: TWS would not or could not say.
        """
        return await self._asked.ask((session, self._round), lambda: self._ask(session))

    async def _ask(self, session: Session) -> list[Row]:
        async with self._turn:
            # Whoever comes from now on needs a newer answer than this one.
            self._round += 1
            request_id = next_request_id()
            try:
                return await session.ask(
                    lambda client, request_id: client.reqAccountSummary(request_id, "All", self._tags),
                    what="the account summary",
                    request_id=request_id,
                    lane=Lane.URGENT,
                )
            except BrokerRejected as error:
                raise GatewayUnavailable(
                    f"TWS would not give the account summary: {error.text}", code="request_refused"
                ) from error
            finally:
                # Not tidied up later: it counts as open until TWS has read this.
                await session.write_if_open(
                    lambda client: client.cancelAccountSummary(request_id), lane=Lane.URGENT
                )
