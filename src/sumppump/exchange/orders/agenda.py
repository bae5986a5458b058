"""What time alone does to orders: their beginning and their end, and what a quirk puts off.

Moments lie on the market's grid, and whoever moves the clock stops at each (`stepping`), so that what happens
does not depend on how time is cut up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sumppump.exchange.market.tops import Moment
from sumppump.exchange.orders.books import Books
from sumppump.exchange.orders.intake import Intake
from sumppump.exchange.orders.life import BY_SYSTEM, BY_TRADER, CHILD, OrderLife, Watch
from sumppump.exchange.orders.orders import Order
from sumppump.exchange.orders.planning import next_look


@dataclass(frozen=True, slots=True)
class Agenda:
    """Carries out what is due."""

    books: Books
    life: OrderLife
    intake: Intake

    def step(self, moment: Moment, watch: Watch | None = None) -> None:
        """One step of the market: first what is due, then every live order looks, unless it sleeps."""
        self.come_due(moment)
        self.life.work_all(moment, watch)

    def come_due(self, moment: Moment) -> None:
        """Does what is due by now."""
        while due := self.books.due(moment.ms):
            for perm_id in due:
                order = self.books.orders[perm_id]
                if order.is_live and (order.times.next or moment.ms + 1) <= moment.ms:
                    self._act(order, moment)

    def _act(self, order: Order, moment: Moment) -> None:
        for name, act in self._acts():
            at = getattr(order.times, name)
            if at is not None and at <= moment.ms:
                act(self.books.keep(order.timed(**{name: None})), moment)
                return

    def _acts(self) -> tuple[tuple[str, Callable[[Order, Moment], None]], ...]:
        return (
            ("arrives", self.intake.admit),
            ("rejected", self._reject),
            ("cancelled", lambda order, moment: self.life.cancel(order, moment, BY_TRADER)),
            ("ends", lambda order, moment: self.life.cancel(order, moment, BY_SYSTEM)),
            ("starts", self._start),
            ("looks", self._look),
            ("legs", self.life.complete_legs),
        )

    def _reject(self, order: Order, moment: Moment) -> None:
        if order.quirks.reject is not None:
            self.life.reject(order, order.quirks.reject, moment)

    def _start(self, order: Order, moment: Moment) -> None:
        if order.why_held != CHILD:
            self.life.start(order, moment)

    def _look(self, order: Order, moment: Moment) -> None:
        self.books.keep(order.timed(looks=next_look(order.spec, moment.ms)))
        self.life.work(order.perm_id, moment, is_look=True)
