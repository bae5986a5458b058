"""How fast a client may ask for small bars: IBKR's three rules, by the monotonic clock.

Bars of 30 seconds and less: the same request not again within 15 seconds; fewer than six requests for the
same contract, exchange and kind of bar within two seconds; at most sixty in ten minutes, where BID_ASK
counts twice. Larger bars are free. A refused request does not count (our decision: it would lock out a
client that tries again), and each client has its own account of requests (our decision too).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from sumppump.exchange.history.bar_windows import BAR_SECONDS, canonical_size
from sumppump.exchange.reports import BarsQuery, Refusal

VIOLATION = Refusal(
    162, "Historical Market Data Service error message:Historical data request pacing violation"
)
SMALL_BAR_S = 30
_SAME_S, _BURST_S, _SPAN_S = 15.0, 2.0, 600.0
_BURST, _MOST = 6, 60


@dataclass(frozen=True, slots=True)
class _Asked:
    at: float
    query: BarsQuery
    exchange: str

    @property
    def subject(self) -> tuple[int, str, str]:
        """Contract, exchange and kind of bar."""
        return self.query.con_id, self.exchange, self.query.what

    @property
    def weight(self) -> int:
        """How often it counts."""
        return 2 if self.query.what == "BID_ASK" else 1


class HistoryPacing:
    """What one client has asked for lately."""

    def __init__(self) -> None:
        self._asked: deque[_Asked] = deque()

    def violation(self, query: BarsQuery, exchange: str, at: float) -> Refusal | None:
        """Why a request at this monotonic moment comes too fast; None if it does not, and then it counts."""
        if BAR_SECONDS.get(canonical_size(query.bar_size) or "", SMALL_BAR_S + 1) > SMALL_BAR_S:
            return None
        while self._asked and at - self._asked[0].at >= _SPAN_S:
            self._asked.popleft()
        new = _Asked(at, query, exchange)
        if self._is_repeated(new) or self._is_burst(new) or self._is_too_much(new):
            return VIOLATION
        self._asked.append(new)
        return None

    def _is_repeated(self, new: _Asked) -> bool:
        return any(
            one.query == new.query and one.exchange == new.exchange and new.at - one.at < _SAME_S
            for one in self._asked
        )

    def _is_burst(self, new: _Asked) -> bool:
        lately = [one for one in self._asked if one.subject == new.subject and new.at - one.at < _BURST_S]
        return sum(one.weight for one in lately) + new.weight >= _BURST

    def _is_too_much(self, new: _Asked) -> bool:
        return sum(one.weight for one in self._asked) + new.weight > _MOST
