"""Working the orders over a stretch of time, on the market's grid of steps.

Every live order looks at every step at which it can trade. Two short cuts change nothing of that: a block of
steps in which no order can do anything is not looked at, and by night time jumps to the next moment at which
some order's instrument trades or something is due; nights without such an order cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.exchange.agenda import Agenda
from sumppump.exchange.books import Books
from sumppump.exchange.life import OrderLife
from sumppump.exchange.tops import BLOCK_STEPS, Moment, next_trading
from sumppump.exchange.trading_days import STEP_MS, TradingSession

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
        if last - first >= _WORTH_A_LOOK and self._all_sleep(span, first, last):
            return
        for step in range(first, last + 1):
            self.agenda.step(_moment(span, step))

    def _all_sleep(self, span: TradingSession, first: int, last: int) -> bool:
        end = span.time_of(last)
        return all(due > end for due in self._due()) and self.life.all_sleep(_moment(span, first))

    def _due(self) -> tuple[int, ...]:
        """When time alone does something to an order the next time."""
        due = self.books.next_due()
        return () if due is None else (due,)


def _moment(span: TradingSession, step: int) -> Moment:
    at = span.time_of(step)
    return Moment(at, span, step, is_open=True) if span.is_regular else Moment.of(at)
