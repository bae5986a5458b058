"""How many messages may leave now: a bucket of tokens that leaves room for the cancels that may be needed.

TWS takes 50 at once and 50 a second, and drops what comes beyond. We count 45 of each, so TWS has always at
least five more than we think. Reads take a token only where enough are left to cancel what works; orders and
cancels take one whatever is left, and the reads wait for that. Moments are monotonic seconds.
"""

from __future__ import annotations

HEADROOM = 5
"""What TWS takes at once beyond what we count."""
MOST_KEPT = 25
"""Cancels that the reads leave room for; more than these at once are a global cancel's business."""


def room_for(working: int, rate: float) -> float:
    """Tokens that reads leave, so that as many orders as work could be cancelled in the same breath."""
    return max(0.0, min(min(working, MOST_KEPT) - HEADROOM, rate - 1.0))


class Bucket:
    """At most `rate` tokens, and so many new ones a second; full in the beginning."""

    def __init__(self, rate: float, at: float) -> None:
        self._rate = self._tokens = float(rate)
        self._at = at

    def left(self, at: float) -> float:
        """Tokens now; below zero after orders that found none."""
        self._tokens = min(self._rate, self._tokens + max(0.0, at - self._at) * self._rate)
        self._at = max(at, self._at)
        return self._tokens

    def take(self, at: float, working: int) -> bool:
        """A token for a read, where enough are left beside it; whether there was one."""
        if self.left(at) < 1.0 + room_for(working, self._rate):
            return False
        self._tokens -= 1.0
        return True

    def spend(self, at: float) -> None:
        """A token for an order or a cancel, whatever is left."""
        self.left(at)
        self._tokens -= 1.0

    def wait_s(self, at: float, working: int) -> float:
        """Seconds until a read would get a token."""
        return max(0.0, (1.0 + room_for(working, self._rate) - self.left(at)) / self._rate)

    def empty(self, at: float) -> None:
        """TWS counts otherwise: start again from nothing."""
        self._tokens = min(self.left(at), 0.0)
