"""A broker that remembers the trading days before `fake_market.NOW`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tests.support.fake_market import TODAY, closes

from sumppump.domain.instruments import Instrument
from sumppump.domain.schedule import PastSession
from sumppump.kernel.errors import SumpPumpError


@dataclass(slots=True)
class FakeSchedule:
    """Weekdays from 9:30 to 16:00, but for `off`; or an error."""

    off: frozenset[date] = frozenset()
    last: date = TODAY
    refuses: SumpPumpError | None = None

    async def past_sessions(self, instrument: Instrument, *, days: int) -> Sequence[PastSession]:
        if self.refuses is not None:
            raise self.refuses
        back = (self.last - timedelta(days=ago) for ago in range(days * 2))
        trading = [day for day in back if day.weekday() < 5 and day not in self.off][:days]
        return [
            PastSession(day=day, opens=closes(day, 9, 30), closes=closes(day)) for day in reversed(trading)
        ]
