"""Working the orders over a stretch of time, on the market's grid of steps.

Every live order looks at every step at which it can trade. Two short cuts change nothing of that: an order
that can do nothing in a block of steps sleeps until something happens, and by night time jumps to the next
moment at which some order's instrument trades or something is due; nights without such an order cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.exchange.calendar.trading_days import STEP_MS, TradingSession
from sumppump.exchange.market.tops import BLOCK_STEPS, Moment, next_trading
from sumppump.exchange.orders.agenda import Agenda
from sumppump.exchange.orders.books import Books
from sumppump.exchange.orders.life import OrderLife, Watch

_WORTH_A_LOOK = 8  # steps: below it working them is as quick as asking whether to


@dataclass(frozen=True, slots=True)
class Stepping:
    """Takes the live orders through spans of time."""

    books: Books
    life: OrderLife
    agenda: Agenda

    def work(self, span: TradingSession, since_ms: int, until_ms: int) -> None:
        """All steps after one moment and up to another, without the span's own end."""
        step = (since_ms - span.open_ms) // STEP_MS + 1
        last = min((until_ms - span.open_ms) // STEP_MS, span.last_step - 1)
        while step <= last and self.books.live_ids():
            step, end = (step, last) if span.is_regular else self._awake(span, step, last)
            end = min(step | (BLOCK_STEPS - 1), end)
            if step <= last:
                self._work_block(span, step, end)
            step = end + 1

    def _awake(self, night: TradingSession, step: int, last: int) -> tuple[int, int]:
        """The next step at which an order trades, and the last one before another order begins to."""
        moment = night.time_of(step)
        moments = [
            next_trading(one.instrument, moment, outside_rth=one.outside_rth)
            for one in self.books.live()
            if one.is_transmitted
        ]
        openings = sorted(night.step_up(one) for one in (*moments, *self._due()))
        first = openings[0] if openings else last + 1
        later = (one - 1 for one in openings if one > first)
        return first, min(next(later, last), last)

    def _work_block(self, span: TradingSession, first: int, last: int) -> None:
        watch = self._watch(span, first, last)
        for step in range(first, last + 1):
            if watch is not None and not watch.awake and self._is_quiet(span.time_of(last)):
                return
            self.agenda.step(_moment(span, step), watch)
            if watch is not None and len(self.life.out) != watch.said:
                watch = self._watch(span, step + 1, last)

    def _watch(self, span: TradingSession, first: int, last: int) -> Watch | None:
        """Who is awake from one step on, None where it is as quick to look at everybody."""
        return self.life.watch(_moment(span, first)) if last - first >= _WORTH_A_LOOK else None

    def _is_quiet(self, until_ms: int) -> bool:
        """Whether time alone does nothing to any order until then."""
        return all(due > until_ms for due in self._due())

    def _due(self) -> tuple[int, ...]:
        """When time alone does something to an order the next time."""
        due = self.books.next_due()
        return () if due is None else (due,)


def _moment(span: TradingSession, step: int) -> Moment:
    at = span.time_of(step)
    return Moment(at, span, step, is_open=True) if span.is_regular else Moment.of(at)
