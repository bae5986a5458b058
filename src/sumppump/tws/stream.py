"""A contract that is followed on a line of its own."""

from __future__ import annotations

from collections.abc import Callable

from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Quote
from sumppump.ports.market import Need
from sumppump.tws import ticks
from sumppump.tws.clock import ServerClock
from sumppump.tws.line import Line
from sumppump.tws.lines import LineBudget

_NO_TICK = "no tick has come yet"
_NO_PLACE = "it waits for a market data line"


class LineStream:
    """`ports.market.Stream` on one line.

    It does not end when its line is taken for something more urgent or the connection is lost: it is stale,
    waits, and resumes by itself. It ends when TWS refuses the contract.
    """

    def __init__(
        self,
        line: Line,
        need: Need,
        lines: LineBudget,
        clock: ServerClock,
        changed: Callable[[int], None],
        *,
        greeks: bool,
    ) -> None:
        self._line, self._need, self._lines, self._clock = line, need, lines, clock
        self._greeks, self._changed, self._is_open = greeks, changed, True
        line.listeners.append(self._told)

    @property
    def instrument(self) -> Instrument:
        """See `ports.market.Stream`."""
        return self._line.instrument

    @property
    def ended(self) -> str:
        """See `ports.market.Stream`."""
        return self._line.ended if self._is_open else "closed"

    def quote(self) -> Quote:
        """See `ports.market.Stream`."""
        line = self._line
        missing = "" if line.book.touched or line.ended else _NO_TICK if line.is_open else _NO_PLACE
        return ticks.quote(
            line.instrument, line.book, self._clock, greeks=self._greeks, notice=missing, stale=line.stale
        )

    def close(self) -> None:
        """See `ports.market.Stream`."""
        if self._is_open:
            self._is_open = False
            self._line.listeners.remove(self._told)
            self._lines.release(self._line, self._need)

    def _told(self) -> None:
        self._changed(self._line.instrument.con_id)
