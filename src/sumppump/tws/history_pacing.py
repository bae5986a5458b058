"""How fast IBKR lets bars of 30 seconds and less be asked for (IBKR, "Historical Data Limitations").

Not the same request within 15 s; fewer than six for one contract, exchange and kind of bar within 2 s; at
most sixty in ten minutes. BID_ASK counts twice. Larger bars are free; fifty of all kinds may be open at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

SMALL_BARS = ("1 secs", "5 secs", "10 secs", "15 secs", "30 secs")
BURST, BURST_S = 5, 2.0
MOST, MOST_S = 60, 600.0
# TWS's clock counts from when a message arrives, ours from when it leaves.
MARGIN_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsAsked:
    """One request for bars, in TWS's words; equal ones are the same request."""

    con_id: int
    exchange: str
    duration: str
    bar_size: str
    what: str
    regular_hours: bool

    @property
    def is_small(self) -> bool:
        """Whether the rules hold for it."""
        return self.bar_size in SMALL_BARS

    @property
    def subject(self) -> tuple[int, str, str]:
        """Contract, exchange and kind of bar."""
        return self.con_id, self.exchange, self.what

    @property
    def weight(self) -> int:
        """How often it counts."""
        return 2 if self.what == "BID_ASK" else 1


@dataclass(slots=True)
class Sent:
    """A request that has its turn; `at` is set again when it is really written."""

    asked: BarsAsked
    at: float


class SmallBarPace:
    """What was asked lately, and how long the next request has to wait; moments are monotonic seconds."""

    def __init__(self, identical_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._identical_s, self._now = identical_s, now
        self._sent: deque[Sent] = deque()

    def wait_s(self, asked: BarsAsked) -> float:
        """Seconds until this request may go; 0 for larger bars."""
        if not asked.is_small:
            return 0.0
        now = self._now()
        while self._sent and now - self._sent[0].at >= MOST_S + MARGIN_S:
            self._sent.popleft()
        same = [one for one in self._sent if one.asked == asked]
        alike = [one for one in self._sent if one.asked.subject == asked.subject]
        return max(
            _until_room(same, 0, self._identical_s, now),
            _until_room(alike, BURST - asked.weight, BURST_S, now),
            _until_room(self._sent, MOST - asked.weight, MOST_S, now),
        )

    def goes(self, asked: BarsAsked) -> Sent:
        """It has its turn now."""
        sent = Sent(asked, self._now())
        if asked.is_small:
            self._sent.append(sent)
        return sent

    def written(self, sent: Sent) -> None:
        """It has left only now, behind other messages."""
        sent.at = self._now()


def _until_room(before: Iterable[Sent], room: int, span_s: float, now: float) -> float:
    """Seconds until what is left of `before` within the span weighs no more than `room`."""
    lately = sorted((one for one in before if one.at > now - span_s - MARGIN_S), key=lambda one: one.at)
    weight, wait_s = sum(one.asked.weight for one in lately), 0.0
    for one in lately:
        if weight <= room:
            break
        weight -= one.asked.weight
        wait_s = one.at + span_s + MARGIN_S - now
    return max(0.0, wait_s)
