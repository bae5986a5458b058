"""The broker's market scanner, seen from the use cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sumppump.domain.scans import ScanFilter, ScanHit


class MarketScanner(Protocol):
    """Finds contracts by what they do now; ten scans may run at once, so callers wait for their turn."""

    async def scan(
        self, code: str, *, rows: int, filters: Sequence[ScanFilter] = (), deadline_s: float = 10.0
    ) -> Sequence[ScanHit]:
        """The first whole result of one scan of US stocks, best first; empty where nothing fits.

        Args:
            code: what to rank by, in the broker's words: TOP_PERC_GAIN, HIGH_OPT_IMP_VOLAT, …
            rows: at most 50.
            filters: bounds that every row keeps.
            deadline_s: how long to wait for the result.

        Raises:
            InvalidRequest: the broker knows no such code or filter.
            NotSubscribed: the account may not scan.
            GatewayUnavailable: no connection or no answer.
        """
        ...
