"""How many lines we may use: our share among the processes of one home, less while others hold the rest."""

from __future__ import annotations

from collections.abc import Callable

GROWS_BY = 5


class Allowance:
    """The number of lines, as it changes.

    Attributes:
        limit: lines that we may use now.
    """

    def __init__(self, share: Callable[[], int]) -> None:
        """`share` says how many lines are ours; asked now and then."""
        self._share = share
        self.limit = share()
        self._is_short = False

    def reset(self) -> None:
        """A new connection: what strangers held then is not known now."""
        self._is_short = False
        self.limit = self._share()

    def look(self) -> None:
        """Other processes come and go: a smaller share holds at once, a larger one if it is free."""
        share = self._share()
        self.limit = min(self.limit, share) if self._is_short else share

    def refused(self, used: int) -> None:
        """TWS had no line left (101): do with what we hold."""
        self.limit, self._is_short = min(self.limit, used), True

    def grow(self) -> bool:
        """Try for more; True once it is the whole share again."""
        share = self._share()
        self.limit = min(share, self.limit + max(GROWS_BY, self.limit))
        self._is_short = self.limit < share
        return not self._is_short
