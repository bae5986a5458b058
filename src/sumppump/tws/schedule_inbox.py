"""Trading schedules as the library's decoder hands them over (message 106)."""

from __future__ import annotations

from ib_async.objects import HistoricalSession

from sumppump.tws.requests import Requests


class ScheduleInbox:
    """The part of the inbox that hears of schedules."""

    requests: Requests

    def historicalSchedule(
        self, request_id: int, _start: str, _end: str, time_zone: str, sessions: list[HistoricalSession]
    ) -> None:
        """All sessions at once; there is no End message."""
        for session in sessions:
            self.requests.row(request_id, (time_zone, session))
        self.requests.end(request_id)
