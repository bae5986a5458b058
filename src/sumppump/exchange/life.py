"""The life of an order, from acceptance to its end: steps of the market go in, events come out.

    PreSubmitted ──(parent filled, market open, stop triggered)──▶ Submitted ──▶ Filled
         │                                                            │
         └──────────── cancel, OCA, end of day, IOC ──────────────────┴──▶ Cancelled
    refused for want of margin or for too many active orders, unfilled FOK ──▶ Inactive

- Children of one parent are one OCA group. They wait (`child`) until the parent is filled; if the parent ends
  with a part filled, they start for that part; if with nothing, they are cancelled with it.
- OCA type 1 cancels the others at the first fill; 2 and 3 reduce them by what was filled, to nothing at last.
- What arrives while its instrument does not trade waits for the open; shares trade early and late only if the
  order says so, options never do.
- All live orders look at every step of the market, in the order of their perm ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sumppump.exchange.books import Books
from sumppump.exchange.clearing import Clearing
from sumppump.exchange.events import (
    Event,
    OrderCancelled,
    OrderOpened,
    OrderRejected,
    OrderStatusChanged,
    OrderWarned,
)
from sumppump.exchange.matching import (
    LegTop,
    Match,
    Touch,
    is_triggered,
    resting,
    sleeps,
    taking,
    touch_of,
    trailed,
)
from sumppump.exchange.notices import CANCELLED, OUTSIDE_RTH_IGNORED, waits_for_open
from sumppump.exchange.orders import Order, legs_of
from sumppump.exchange.randomness import uniform
from sumppump.exchange.reports import OrderState, Refusal
from sumppump.exchange.tops import Moment, TopSource

_CHILD, _TRIGGER = "child", "trigger"
_ENDS_AT_ONCE = {"IOC": OrderState.CANCELLED, "FOK": OrderState.INACTIVE}  # as recorded, without a 202
_OCA_CANCEL = 1
_LUCK_PER_SECOND = 8  # room for the numbers that one order may draw in one second
BY_TRADER = "Cancelled by Trader"
BY_SYSTEM = "Cancelled by System"


@dataclass(slots=True)
class OrderLife:
    """Works orders; every method adds to `out`, which the venue empties."""

    books: Books
    clearing: Clearing
    source: TopSource
    luck_key: int
    out: list[Event] = field(default_factory=list)

    # -- telling ----------------------------------------------------------------------------
    def told(self, order: Order, moment: Moment) -> Order:
        """Writes the order down and says how it stands."""
        view = self.books.keep(order).view()
        self.out += (OrderOpened(moment.at, view), OrderStatusChanged(moment.at, view))
        return order

    def warn(self, order: Order, notice: Refusal, moment: Moment) -> None:
        """Says something about an order that stays alive."""
        self.out.append(OrderWarned(moment.at, order.client_id, order.order_id, notice.code, notice.text))

    def reject(self, order: Order, refusal: Refusal, moment: Moment) -> None:
        """Ends an order that the exchange does not take: Inactive, then the reason."""
        self.told(order.ended(OrderState.INACTIVE, moment.at, BY_SYSTEM), moment)
        self.out.append(OrderRejected(moment.at, order.client_id, order.order_id, refusal.code, refusal.text))
        self._release_children(self.books.orders[order.perm_id], moment)

    # -- beginning and end ------------------------------------------------------------------
    def accept(self, order: Order, moment: Moment) -> None:
        """Takes an order on the book and lets it trade if it can."""
        held = self._held(order)
        order = replace(order.changed(OrderState.PRE_SUBMITTED, held), is_transmitted=True)
        self.told(order, moment)
        if order.spec.outside_rth and not order.outside_rth:
            self.warn(order, OUTSIDE_RTH_IGNORED, moment)
        if not moment.trades(order.instrument, outside_rth=order.outside_rth):
            self.warn(order, waits_for_open(order, moment.ms), moment)
        self.work(order.perm_id, moment, is_arrival=True)

    def _held(self, order: Order) -> str:
        parent = self.books.orders.get(order.parent_perm_id)
        if parent is not None and parent.is_live:
            return _CHILD
        return _TRIGGER if order.waits_for_trigger else ""

    def cancel(self, order: Order, moment: Moment, status: str) -> None:
        """Ends a live order, with its children as far as they depend on it."""
        ended = self.books.keep(order.ended(OrderState.CANCELLED, moment.at, status))
        self.out += (
            OrderStatusChanged(moment.at, ended.view()),
            OrderCancelled(moment.at, order.client_id, order.order_id, CANCELLED.code, CANCELLED.text),
        )
        self._release_children(ended, moment)

    def _lapse(self, order: Order, moment: Moment) -> None:
        """Ends an order whose time in force allows no waiting."""
        ended = self.books.keep(order.ended(_ENDS_AT_ONCE[order.spec.tif], moment.at, BY_SYSTEM))
        self.out.append(OrderStatusChanged(moment.at, ended.view()))
        self._release_children(ended, moment)

    def _release_children(self, parent: Order, moment: Moment) -> None:
        """What happens to the children of an order that has ended."""
        for child in self.books.children(parent):
            if not parent.filled:
                self.cancel(child, moment, BY_SYSTEM)
            elif child.is_transmitted:
                quantity = min(child.quantity, parent.filled)
                self._start_child(child.resized(quantity), moment)

    def _start_child(self, child: Order, moment: Moment) -> None:
        held = _TRIGGER if child.waits_for_trigger else ""
        self.told(child.changed(OrderState.PRE_SUBMITTED, held), moment)
        self.work(child.perm_id, moment, is_arrival=True)

    # -- working ----------------------------------------------------------------------------
    def work_all(self, moment: Moment) -> None:
        """One step of the market for every live order."""
        for perm_id in self.books.live_ids():
            self.work(perm_id, moment)

    def all_sleep(self, moment: Moment) -> bool:
        """Whether no order that trades now can do anything until this moment's block of steps is over."""
        awake = (
            one
            for one in self.books.live()
            if one.is_transmitted
            and one.why_held != _CHILD
            and moment.trades(one.instrument, outside_rth=one.outside_rth)
        )
        return all(
            sleeps(one, self.source.prices_ahead((leg.listing for leg in legs_of(one.instrument)), moment))
            for one in awake
        )

    def work(self, perm_id: int, moment: Moment, *, is_arrival: bool = False) -> None:
        """Lets one order look at the market."""
        order = self.books.orders[perm_id]
        if not (order.is_live and order.is_transmitted) or order.why_held == _CHILD:
            return
        if not moment.trades(order.instrument, outside_rth=order.outside_rth):
            return
        listings = [leg.listing for leg in legs_of(order.instrument)]
        quotes = self.source.tops(listings, moment)
        tops = self.books.left(quotes, moment.second)
        touch = touch_of(order.instrument, tops)
        if order.waits_for_trigger:
            order = self._watched(order, touch, moment)
            if order.waits_for_trigger:
                return
        traded = self._trade(order, touch, tops, moment, is_arrival=is_arrival)
        after = self.books.orders[perm_id]
        if not after.is_live:
            return
        if after.spec.tif in _ENDS_AT_ONCE:
            self._lapse(after, moment)
        elif after.state is OrderState.PRE_SUBMITTED and not traded:
            self.told(after.changed(OrderState.SUBMITTED), moment)

    def _watched(self, order: Order, touch: Touch, moment: Moment) -> Order:
        """A stop after this look at the market: moved, triggered, or as it was."""
        if order.kind.trails:
            stop = trailed(order, touch)
            if stop != order.stop_price:
                order = self.books.keep(replace(order, stop_price=stop))
        if not is_triggered(order, touch):
            return order
        return self.told(replace(order.changed(OrderState.SUBMITTED), is_triggered=True), moment)

    def _trade(
        self, order: Order, touch: Touch, tops: dict[int, LegTop], moment: Moment, *, is_arrival: bool
    ) -> bool:
        match = taking(order, touch)
        if match is None and moment.begins_second and not is_arrival:
            match = resting(order, touch, self._luck(order, moment))
        if match is not None:
            self._fill(order, match, tops, moment)
        return match is not None

    def _luck(self, order: Order, moment: Moment) -> _Luck:
        return _Luck(self.luck_key, order.perm_id, moment.second * _LUCK_PER_SECOND)

    def _fill(self, order: Order, match: Match, tops: dict[int, LegTop], moment: Moment) -> None:
        self.out += self.clearing.settle(order, match, tops, moment)
        after = self.books.orders[order.perm_id]
        self._reduce_peers(after, match.quantity, moment)
        if not after.is_live:
            self._release_children(after, moment)

    def _reduce_peers(self, order: Order, quantity: int, moment: Moment) -> None:
        for peer in self.books.oca_peers(order):
            reduced = peer.quantity - quantity
            if order.spec.oca_type == _OCA_CANCEL or reduced <= peer.filled:
                self.cancel(peer, moment, BY_SYSTEM)
            else:
                self.told(peer.resized(reduced), moment)


@dataclass(frozen=True, slots=True)
class _Luck:
    """The uniform numbers of one order in one second."""

    key: int
    perm_id: int
    first: int

    def __call__(self, number: int) -> float:
        return uniform(self.key, self.perm_id, self.first + number)
