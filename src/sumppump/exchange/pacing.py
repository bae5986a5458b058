"""How many messages a client may send: a bucket of tokens that refills at the rate."""

from __future__ import annotations


class TokenBucket:
    """`capacity` at once, then `rate` per second.

    A window of the last second would be stricter than TWS and trip clients that pace themselves correctly:
    ib_async sends 45 at the end of one of its seconds and 45 at the start of the next.
    """

    def __init__(self, *, rate: float, capacity: float, at: float) -> None:
        self._rate = rate
        self._capacity = capacity
        self._tokens = capacity
        self._at = at

    def take(self, at: float) -> bool:
        """Whether one more message may pass at this monotonic reading, in seconds."""
        self._tokens = min(self._capacity, self._tokens + max(0.0, at - self._at) * self._rate)
        self._at = max(at, self._at)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
