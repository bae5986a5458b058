"""`ports.position_pnl.PositionPnl` on TWS: one short subscription a contract (reqPnLSingle).

That TWS still tells the day of a contract that left the account this morning is unverified; without an answer
in time the contract is missing in what is returned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable
from sumppump.kernel.money import Money
from sumppump.tws.link import Link
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session


class TwsPositionPnl:
    """What single contracts have made today."""

    def __init__(self, link: Link, currency: Callable[[], str]) -> None:
        self._link, self._currency = link, currency

    async def of_today(self, con_ids: Sequence[int]) -> Mapping[int, Money]:
        """See `ports.position_pnl.PositionPnl`."""
        session = self._link.online_session()
        told = await asyncio.gather(*(self._daily(session, con_id) for con_id in con_ids))
        currency = self._currency()
        return {
            con_id: Money(Decimal(str(amount)), currency)
            for con_id, amount in zip(con_ids, told, strict=True)
            if amount is not None
        }

    async def _daily(self, session: Session, con_id: int) -> float | None:
        request_id = next_request_id()
        try:
            (amount,) = await session.ask(
                lambda client, request_id: client.reqPnLSingle(request_id, session.account, "", con_id),
                what=f"the day's profit of contract {con_id}",
                timeout_s=session.settings.pnl_wait_s,
                request_id=request_id,
            )
        except (BrokerRejected, GatewayUnavailable):
            return None
        finally:
            await session.write_if_open(lambda client: client.cancelPnLSingle(request_id))
        return float(amount)
