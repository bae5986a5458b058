"""A request for bars that is worked on a few days at a time, so that a long one keeps nobody else waiting.

The moment up to which bars are told is that of the request, however long the work takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sumppump.exchange.reports import Bar, Refusal

Finish = Callable[[tuple[Bar, ...]], tuple[Bar, ...] | Refusal]


@dataclass(frozen=True, slots=True)
class DayBars:
    """The bars of one trade date.

    Attributes:
        bars: oldest first.
        work: how many regular sessions had to be walked through for them; 0 for a day that was known.
    """

    bars: tuple[Bar, ...]
    work: float = 0.0


@dataclass(slots=True)
class Gathering:
    """The days of one request.

    Attributes:
        days: begins with the first day.
        finish: makes the answer of all the days' bars.
        version: of the market; where it changes, what was told in other shares is gathered again.
    """

    days: Callable[[], Iterator[DayBars]]
    finish: Finish
    version: Callable[[], int]
    _bars: list[Bar] = field(default_factory=list)
    _left: Iterator[DayBars] | None = None
    _since: int = -1

    def whole(self) -> tuple[Bar, ...] | Refusal:
        """The answer, all at once."""
        return self.finish(tuple(bar for day in self.days() for bar in day.bars))

    def go_on(self, most: float) -> tuple[Bar, ...] | Refusal | None:
        """Works through about `most` more sessions; the answer, None while there are days left."""
        work = 0.0
        for day in self._remaining():
            self._bars += day.bars
            work += day.work
            if work >= most:
                return None
        return self.finish(tuple(self._bars))

    def _remaining(self) -> Iterator[DayBars]:
        if self._left is None or self._since != self.version():
            self._bars.clear()
            self._left, self._since = self.days(), self.version()
        return self._left
