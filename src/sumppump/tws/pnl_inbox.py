"""Profit and loss of single contracts as the library's decoder hands them over (message 95)."""

from __future__ import annotations

from sumppump.tws.numbers import finite
from sumppump.tws.requests import Requests


class PnlInbox:
    """The part of the inbox that hears of single contracts' profit."""

    requests: Requests

    def pnlSingle(self, request_id: int, _quantity: float, daily: float, *_others: float) -> None:
        """The first one that is a number answers; before it TWS may send unset ones."""
        if (number := finite(daily)) is not None:
            self.requests.row(request_id, number)
            self.requests.end(request_id)
