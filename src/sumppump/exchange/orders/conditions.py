"""Conditions of orders: whether they are true at a step of the market, and whether they stay untrue.

"And" binds before "or" (our decision; TWS documents only that each condition is joined to the next). Outside
regular hours conditions are looked at only if the order says so. Volume and margin are looked at once a
second, everything else at every step, so that what is true does not depend on how time is cut up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import STEP_MS, to_ms
from sumppump.exchange.commands import Condition, Watch
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.tops import BLOCK_STEPS, Moment, TopSource
from sumppump.exchange.orders.books import Books
from sumppump.exchange.orders.orders import Order
from sumppump.exchange.orders.triggers import DOUBLE, watched
from sumppump.exchange.reports import BookTop, Execution

_SLOW = frozenset({Watch.VOLUME, Watch.MARGIN})
_ANY_EXCHANGE = frozenset({"", "*", "SMART"})
Steps = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Looks at what conditions are about.

    Attributes:
        quote: the market of a contract at a moment.
        listing: the contract of an id, None if it is not listed.
        cushion: what is left of the account's equity after maintenance margin, in percent of its value.
    """

    books: Books
    source: TopSource
    quote: Callable[[int, Moment], BookTop | None]
    listing: Callable[[int], Listing | None]
    cushion: Callable[[Moment], Decimal]

    def hold(self, order: Order, moment: Moment) -> bool:
        """Whether an order's conditions are true now."""
        spec = order.spec
        if not (moment.is_open or spec.conditions_ignore_rth):
            return False
        if not moment.begins_second and any(one.watches in _SLOW for one in spec.conditions):
            return False
        return any(
            all(self._holds(one, order, moment) for one in group) for group in alternatives(spec.conditions)
        )

    def _holds(self, condition: Condition, order: Order, moment: Moment) -> bool:
        match condition.watches:
            case Watch.PRICE:
                return self._price_holds(condition, moment)
            case Watch.TIME:
                return _time_holds(condition, moment.ms)
            case Watch.MARGIN:
                return _compared(condition, self.cushion(moment))
            case Watch.EXECUTION:
                return self._was_executed(condition, order)
            case Watch.VOLUME:
                book = self.quote(condition.con_id, moment)
                return book is not None and _compared(condition, Decimal(book.volume))
            case Watch.CHANGE:
                return _compared(condition, self._change(condition.con_id, moment))

    def _price_holds(self, condition: Condition, moment: Moment) -> bool:
        listing = self.listing(condition.con_id)
        if listing is None or not self._price_at(condition, listing, moment):
            return False
        if condition.method not in DOUBLE:
            return True
        return moment.step > 0 and self._price_at(condition, listing, replace(moment, step=moment.step - 1))

    def _price_at(self, condition: Condition, listing: Listing, moment: Moment) -> bool:
        top = self.source.tops((listing,), moment)[listing.con_id]
        price = watched(
            condition.method, rises=condition.is_more, bid=top.bid, ask=top.ask, last=top.last or None
        )
        return _compared(condition, Decimal(price) / (2 * listing.price_units))

    def _was_executed(self, condition: Condition, order: Order) -> bool:
        since = order.placed_at
        return since is not None and any(
            one.at >= since and _is_meant(condition, one) for one in self.books.executions
        )

    def _change(self, con_id: int, moment: Moment) -> Decimal | None:
        """Percent since the close before; None where there is no price."""
        book = self.quote(con_id, moment)
        if book is None or not book.close:
            return None
        if book.last is not None:
            return 100 * (book.last / book.close - 1)
        sides = (book.bid, book.ask)
        return None if None in sides else 100 * (_middle(book) / book.close - 1)

    # -- over a block of steps --------------------------------------------------------------
    def sleep(self, order: Order, moment: Moment) -> bool:
        """Whether an order's conditions are certainly untrue until this moment's block of steps is over."""
        if order.conditions_met:
            return True
        if not moment.is_open:
            return not order.spec.conditions_ignore_rth
        rows = (
            self._and(self._over(one, order, moment) for one in group)
            for group in alternatives(order.spec.conditions)
        )
        return not any(bool(row.any()) for row in rows)

    @staticmethod
    def _and(rows: Iterator[Steps]) -> Steps:
        together: Steps = np.logical_and.reduce(list(rows))
        return together

    def _over(self, condition: Condition, order: Order, moment: Moment) -> Steps:
        """At which steps the condition may be true."""
        first = moment.step
        steps = np.arange(first, min(first | (BLOCK_STEPS - 1), moment.session.last_step) + 1)
        if condition.watches is Watch.PRICE:
            return self._price_over(condition, moment, len(steps))
        if condition.watches is Watch.TIME and condition.at is not None:
            passed = moment.session.open_ms + steps * STEP_MS >= to_ms(condition.at)
            return passed if condition.is_more else ~passed
        if condition.watches is Watch.EXECUTION:
            return np.full(len(steps), self._was_executed(condition, order))
        return np.ones(len(steps), dtype=np.bool_)

    def _price_over(self, condition: Condition, moment: Moment, count: int) -> Steps:
        listing = self.listing(condition.con_id)
        if listing is None:
            return np.zeros(count, dtype=np.bool_)
        row = self.source.prices_ahead((listing,), moment)[listing.con_id]
        last = row.last if row.last.any() else None
        price = watched(condition.method, rises=condition.is_more, bid=row.bid, ask=row.ask, last=last)
        level = float(condition.level * 2 * listing.price_units)
        reached: Steps = price >= level if condition.is_more else price <= level
        return reached[:count]


def alternatives(conditions: Sequence[Condition]) -> Iterator[tuple[Condition, ...]]:
    """The groups of which one has to be true as a whole."""
    group: list[Condition] = []
    for condition in conditions:
        group.append(condition)
        if condition.is_or:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _middle(book: BookTop) -> Decimal:
    return ((book.bid or Decimal(0)) + (book.ask or Decimal(0))) / 2


def _compared(condition: Condition, figure: Decimal | None) -> bool:
    if figure is None:
        return False
    return figure >= condition.level if condition.is_more else figure <= condition.level


def _time_holds(condition: Condition, at_ms: int) -> bool:
    if condition.at is None:
        return False
    return (at_ms >= to_ms(condition.at)) is condition.is_more


def _is_meant(condition: Condition, execution: Execution) -> bool:
    instrument = execution.instrument
    return (
        condition.symbol in ("", instrument.symbol)
        and condition.sec_type in ("", instrument.sec_type)
        and (condition.exchange in _ANY_EXCHANGE or condition.exchange == execution.exchange)
    )
