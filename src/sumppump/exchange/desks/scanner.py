"""Market scans: the parameters that there are, and subscriptions that are told again every half minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.desks.scan_requests import parameters, read
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.newsroom.scans import Scan
from sumppump.exchange.reports import Refusal
from sumppump.exchange.translate.contracts import instrument_of
from sumppump.exchange.wire.market_answers import ScannerParameters
from sumppump.exchange.wire.market_requests import (
    CancelScannerSubscription,
    ReqScannerParameters,
    ReqScannerSubscription,
)
from sumppump.exchange.wire.scans import ScannerData, ScanRow

SERVICE_ERROR = "Historical Market Data Service error message:"
NO_ITEMS = "Historical Market Data Service query message:no items retrieved"
REPEATS_EVERY = timedelta(seconds=30)


@dataclass(slots=True)
class Running:
    """A scan that goes on."""

    scan: Scan
    next_at: datetime


class ScannerDesk(Desk):
    """Scans, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._running: dict[int, Running] = {}

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqScannerParameters: lambda _: self._line.send(ScannerParameters(xml=parameters())),
            ReqScannerSubscription: self.subscribe,
            CancelScannerSubscription: self.cancel,
        }

    def subscribe(self, message: ReqScannerSubscription) -> None:
        """Answer at once, and again every half minute."""
        refusal = self._refusal(message)
        scan = read(message) if refusal is None else refusal
        if isinstance(scan, Refusal):
            self._line.refuse(message.req_id, scan)
            return
        running = self._running[message.req_id] = Running(scan, self._line.venue.now + REPEATS_EVERY)
        self._tell(message.req_id, running)

    def _refusal(self, message: ReqScannerSubscription) -> Refusal | None:
        if message.req_id in self._running:
            return Refusal(322, "Error processing request.-'bd' : cause - Duplicate ticker id")
        most = self._line.hall.rules.scans
        if len(self._running) >= most:
            return Refusal(162, f"{SERVICE_ERROR}Only {most} simultaneous API scanner subscriptions allowed.")
        return None

    def _tell(self, req_id: int, running: Running) -> None:
        found = self._line.venue.scanner.scan(running.scan)
        if found:
            rows = tuple(_row(rank, listing) for rank, listing in enumerate(found))
            self._line.send(ScannerData(req_id=req_id, rows=rows))
        else:
            self._line.error(req_id, 165, NO_ITEMS)

    def cancel(self, message: CancelScannerSubscription) -> None:
        """End a scan; TWS confirms it with an error."""
        text = f"API scanner subscription cancelled: {message.req_id}"
        if self._running.pop(message.req_id, None) is None:
            text = f"No scanner subscription found for ticker id:{message.req_id}"
        self._line.error(message.req_id, 162, f"{SERVICE_ERROR}{text}")

    def tick(self, now: datetime) -> None:
        """Tell the scans that are due."""
        for req_id, running in self._running.items():
            if now >= running.next_at:
                running.next_at = now + REPEATS_EVERY
                self._tell(req_id, running)

    def close(self) -> None:
        """End all scans."""
        self._running.clear()


def _row(rank: int, listing: Listing) -> ScanRow:
    found = instrument_of(listing)
    return ScanRow(
        rank=rank,
        con_id=found.con_id,
        symbol=found.symbol,
        sec_type=found.sec_type,
        exchange=found.exchange,
        currency=found.currency,
        local_symbol=found.local_symbol,
        market_name=listing.trading_class,
        trading_class=found.trading_class,
    )
