"""The server's clock: TWS tells whole seconds, a simulator may run faster, stand still or jump.

Between two answers the time is carried on by the monotonic clock. At the ordinary rate the answers narrow
the offset down to far less than the second that each one tells. Any other rate is believed when two intervals
agree on it, the second of them a short one: a clock that is moved again and again jumps, it does not run.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

JUMP_S = 1.6
SOON_S = 2.5
AGREEMENT = 0.25
# Seconds a second; no simulator that we know runs faster, so what is faster was moved.
FASTEST = 10_000.0


class ServerClock:
    """`kernel.clock.Clock` on the server's time; the machine's clock until the first answer.

    Attributes:
        is_unsure: the last answer fits neither the known rate nor a new one; ask again soon.
    """

    def __init__(self) -> None:
        self._synced = False
        self._epoch = 0.0
        self._stamp = 0.0
        self._rate = 1.0
        self._guess: float | None = None
        self.is_unsure = False
        self._answer: tuple[int, float] | None = None
        self._bounds = (float("-inf"), float("inf"))

    @property
    def is_server_time(self) -> bool:
        """Whether a server has told its time yet."""
        return self._synced

    def now(self) -> datetime:
        """The server's time in UTC."""
        return self.at(time.monotonic())

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    def at(self, monotonic: float) -> datetime:
        """The server's time at a monotonic moment, of which ticks are stamped."""
        if not self._synced:
            return datetime.fromtimestamp(time.time() + monotonic - time.monotonic(), UTC)
        return datetime.fromtimestamp(self._epoch + (monotonic - self._stamp) * self._rate, UTC)

    def told(self, epoch: int, *, sent: float, received: float) -> None:
        """Take an answer: at some moment between the stamps the server's time was in [epoch, epoch + 1)."""
        previous, self._answer = self._answer, (epoch, received)
        if previous is None:
            self._restart(epoch, sent, received)
            return
        advanced, elapsed = epoch - previous[0], received - previous[1]
        if abs(advanced - elapsed) <= JUMP_S and not self._stood_still(advanced, elapsed):
            self._guess, self.is_unsure = None, False
            self._narrow(epoch, sent, received)
        else:
            self._follow(epoch, received, advanced, elapsed)

    @staticmethod
    def _stood_still(advanced: int, elapsed: float) -> bool:
        return advanced == 0 and elapsed > 1.1

    def _restart(self, epoch: int, sent: float, received: float) -> None:
        self._synced, self._rate, self._guess = True, 1.0, None
        self._bounds = (epoch - received, epoch + 1 - sent)
        self._set(sum(self._bounds) / 2 + received, received)

    def _narrow(self, epoch: int, sent: float, received: float) -> None:
        if self._rate != 1.0:
            self._restart(epoch, sent, received)
            return
        low, high = max(self._bounds[0], epoch - received), min(self._bounds[1], epoch + 1 - sent)
        if low > high:
            self._restart(epoch, sent, received)
            return
        self._bounds = (low, high)
        self._set((low + high) / 2 + received, received)

    def _follow(self, epoch: int, received: float, advanced: int, elapsed: float) -> None:
        rate = max(0.0, advanced / elapsed) if elapsed > 0 else 1.0
        agreed = (
            self._guess is not None
            and elapsed <= SOON_S
            and rate <= FASTEST
            and abs(rate - self._guess) <= AGREEMENT * max(rate, 1.0)
        )
        held = self._rate != 1.0 and abs(rate - self._rate) <= AGREEMENT * max(rate, 1.0)
        self.is_unsure = not (agreed or held) and advanced > 0
        self._rate = 0.0 if advanced == 0 else rate if agreed or held else self._rate
        self._guess = rate
        self._bounds = (float("-inf"), float("inf"))
        self._set(epoch + (0.0 if self._rate == 0 else 0.5), received)

    def _set(self, epoch: float, stamp: float) -> None:
        self._epoch, self._stamp = epoch, stamp
