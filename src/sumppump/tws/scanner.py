"""`ports.scanner.MarketScanner` on TWS: subscribe, take the first whole result, cancel.

A scan goes on until it is cancelled, also one that found nothing (165); a refused one (162) never began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ib_async.contract import ContractDetails, TagValue
from ib_async.objects import ScannerSubscription

from sumppump.domain.instruments import SecType
from sumppump.domain.scans import ScanFilter, ScanHit
from sumppump.kernel.errors import BrokerRejected, InvalidRequest, NotSubscribed
from sumppump.tws.link import Link
from sumppump.tws.pacing import Lane
from sumppump.tws.refusals import Refusal, in_our_words
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session

AT_ONCE = 10
MOST_ROWS = 50
INSTRUMENT, LOCATION = "STK", "STK.US.MAJOR"
NOTHING_FOUND = 165
REFUSALS = (
    Refusal(code=162, words="permission", kind=NotSubscribed,
            message="the account may not run the scan {label}"),
    Refusal(code=162, words="invalid", kind=InvalidRequest, message="TWS does not know the scan {label}"),
)  # fmt: skip


class TwsScanner:
    """Scans over one connection."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def scan(
        self, code: str, *, rows: int, filters: Sequence[ScanFilter] = (), deadline_s: float = 10.0
    ) -> Sequence[ScanHit]:
        """See `ports.scanner.MarketScanner`."""
        async with self._slots:
            session = self._link.online_session()
            found = await self._first(session, code, rows, filters, deadline_s)
        hits = (_hit(rank, details) for rank, details in found)
        return tuple(sorted((hit for hit in hits if hit is not None), key=lambda hit: hit.rank))

    async def _first(
        self, session: Session, code: str, rows: int, filters: Sequence[ScanFilter], deadline_s: float
    ) -> list[tuple[int, ContractDetails]]:
        request_id, is_running = next_request_id(), True
        wanted = ScannerSubscription(
            numberOfRows=min(rows, MOST_ROWS), instrument=INSTRUMENT, locationCode=LOCATION, scanCode=code
        )
        tags = [TagValue(each.tag, f"{each.value:g}") for each in filters]
        try:
            return await session.ask(
                lambda client, request_id: client.reqScannerSubscription(request_id, wanted, [], tags),
                what=f"the scan {code}",
                timeout_s=deadline_s,
                request_id=request_id,
            )
        except BrokerRejected as error:
            if error.ib_code == NOTHING_FOUND:
                return []
            is_running = False
            raise in_our_words(error, REFUSALS, label=code, otherwise="TWS gave no scan {label}") from error
        finally:
            if is_running:
                session.spawn(_cancel(session, request_id))


async def _cancel(session: Session, request_id: int) -> None:
    # In the lane of requests: ten scans are all that TWS runs, and the next may need this place.
    await session.write_if_open(
        lambda client: client.cancelScannerSubscription(request_id), lane=Lane.REQUEST
    )


def _hit(rank: int, details: ContractDetails) -> ScanHit | None:
    """A row with a contract of ours; None for what is no stock."""
    contract = details.contract
    if contract is None or contract.secType != SecType.STK:
        return None
    return ScanHit(rank=rank, con_id=contract.conId, symbol=contract.symbol)
