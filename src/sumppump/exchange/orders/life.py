"""The life of an order, from acceptance to its end: steps of the market go in, events come out.

    PreSubmitted ──(parent filled, market open, stop triggered)──▶ Submitted ──▶ Filled
         │                                                            │
         └──────────── cancel, OCA, end of its time, IOC ─────────────┴──▶ Cancelled
    refused for want of margin or for too many active orders, unfilled FOK ──▶ Inactive

- Children of one parent are one OCA group. They wait (`child`) until the parent is filled; if the parent ends
  with a part filled, they start for that part; if with nothing, they are cancelled with it.
- OCA type 1 cancels the others at the first fill; 2 and 3 reduce them by what was filled, to nothing at last.
- What arrives while its instrument does not trade waits for the open; shares trade early and late only if the
  order says so, options never do.
- All live orders look at every step of the market, in the order of their perm ids; before that comes what
  time alone does to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from sumppump.exchange.account.clearing import Clearing
from sumppump.exchange.events import (
    Event,
    OrderCancelled,
    OrderOpened,
    OrderRejected,
    OrderStatusChanged,
    OrderWarned,
)
from sumppump.exchange.listing.instruments import Bag
from sumppump.exchange.market.randomness import uniform
from sumppump.exchange.market.tops import Moment, TopSource
from sumppump.exchange.orders.auctions import auction_match
from sumppump.exchange.orders.books import Books
from sumppump.exchange.orders.conditions import Conditions
from sumppump.exchange.orders.locating import LOCATE, NOT_AT_HAND
from sumppump.exchange.orders.matching import (
    LegTop,
    Match,
    Touch,
    forced,
    is_triggered,
    leg_prices,
    resting,
    sleeps,
    taking,
    touch_of,
    trailed,
    uneven_part,
)
from sumppump.exchange.orders.notices import CANCELLED, OUTSIDE_RTH_IGNORED, waits_for_open
from sumppump.exchange.orders.orders import Order, legs_of
from sumppump.exchange.orders.planning import on_grid
from sumppump.exchange.reports import OrderState, Refusal

CHILD, TRIGGER = "child", "trigger"
_HELD = (CHILD, LOCATE)
_ENDS_AT_ONCE = {"IOC": OrderState.CANCELLED, "FOK": OrderState.INACTIVE}  # as recorded, without a 202
_OCA_CANCEL = 1
_LUCK_PER_SECOND = 8  # room for the numbers that one order may draw in one second
BY_TRADER = "Cancelled by Trader"
BY_SYSTEM = "Cancelled by System"


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is awake, as long as nothing has happened since.

    Attributes:
        awake: perm ids.
        said: how many events there were when it was judged; one more may have woken anybody.
    """

    awake: frozenset[int]
    said: int


@dataclass(slots=True)
class OrderLife:
    """Works orders; every method adds to `out`, which the venue empties."""

    books: Books
    clearing: Clearing
    source: TopSource
    conditions: Conditions
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
        order = replace(
            order, state=OrderState.PRE_SUBMITTED, why_held=self._held(order), is_transmitted=True
        )
        trades = moment.trades(order.instrument, outside_rth=order.outside_rth)
        if order.quirks.skips_pre_submitted and trades and not order.why_held:
            self.books.keep(order)
        else:
            self.told(order, moment)
        if order.spec.outside_rth and not order.outside_rth:
            self.warn(order, OUTSIDE_RTH_IGNORED, moment)
        if order.why_held == LOCATE:
            self.warn(order, NOT_AT_HAND, moment)
        if not trades:
            self.warn(order, waits_for_open(order, moment.ms), moment)
        self.work(order.perm_id, moment, is_arrival=True)

    def _held(self, order: Order) -> str:
        parent = self.books.orders.get(order.parent_perm_id)
        if parent is not None and parent.is_live:
            return CHILD
        if order.why_held == LOCATE:
            return LOCATE
        return TRIGGER if order.waits_for_trigger and not order.waits_for_conditions else ""

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
        state = _ENDS_AT_ONCE[order.spec.tif]
        if state is OrderState.CANCELLED and not order.filled and order.quirks.pending_cancel:
            pending = order.changed(OrderState.PENDING_CANCEL)
            self.out.append(OrderStatusChanged(moment.at, pending.view()))
        ended = self.books.keep(order.ended(state, moment.at, BY_SYSTEM))
        self.out.append(OrderStatusChanged(moment.at, ended.view()))
        self._release_children(ended, moment)

    def _release_children(self, parent: Order, moment: Moment) -> None:
        """What happens to the children of an order that has ended."""
        for child in self.books.children(parent):
            if not parent.filled:
                self.cancel(child, moment, BY_SYSTEM)
            elif child.is_transmitted:
                quantity = min(child.quantity, parent.filled)
                self.start(child.resized(quantity), moment)

    def start(self, order: Order, moment: Moment) -> None:
        """An order need no longer wait for its parent, or for its time."""
        held = TRIGGER if order.waits_for_trigger and not order.waits_for_conditions else ""
        self.told(order.changed(OrderState.PRE_SUBMITTED, held), moment)
        self.work(order.perm_id, moment, is_arrival=True)

    # -- the market moves -------------------------------------------------------------------
    def work_all(self, moment: Moment, watch: Watch | None = None) -> None:
        """One step of the market for every live order; `watch` spares those that certainly sleep."""
        for perm_id in self.books.live_ids():
            if watch is None or perm_id in watch.awake or len(self.out) != watch.said:
                self.work(perm_id, moment)

    def watch(self, moment: Moment) -> Watch:
        """Which orders that trade now can do something before this moment's block of steps is over."""
        working = [one for one in self.books.live() if _is_workable(one) and self._trades(one, moment)]
        self.source.look_ahead((leg.listing for one in working for leg in legs_of(one.instrument)), moment)
        awake = frozenset(one.perm_id for one in working if not self._sleeps(one, moment))
        return Watch(awake, len(self.out))

    def _trades(self, order: Order, moment: Moment) -> bool:
        is_open = moment.trades(order.instrument, outside_rth=order.outside_rth)
        return is_open and not self.books.is_halted(order.instrument)

    def _sleeps(self, order: Order, moment: Moment) -> bool:
        if order.spec.conditions and not self.conditions.sleep(order, moment):
            return False
        if order.waits_for_conditions:
            return True
        if order.waits_for_auction:
            return order.state is not OrderState.PRE_SUBMITTED or order.spec.tif == "OPG"
        listings = (leg.listing for leg in legs_of(order.instrument))
        return sleeps(order, self.source.prices_ahead(listings, moment))

    def work(self, perm_id: int, moment: Moment, *, is_arrival: bool = False, is_look: bool = False) -> None:
        """Lets one order look at the market; `is_look` at its conditions outside its hours too."""
        order = self.books.orders[perm_id]
        if not _is_workable(order):
            return
        trades = self._trades(order, moment)
        if order.spec.conditions and (trades or is_look):
            order = self._conditioned(order, moment)
            if not order.is_live:
                return
        if not trades or order.waits_for_conditions:
            return
        if order.waits_for_auction:
            self._await_auction(order, moment, is_arrival=is_arrival)
            return
        self._trade_if_triggered(order, moment, is_arrival=is_arrival)

    def _trade_if_triggered(self, order: Order, moment: Moment, *, is_arrival: bool) -> None:
        quotes = self.source.tops([leg.listing for leg in legs_of(order.instrument)], moment)
        tops = self.books.left(quotes, moment.second)
        touch = touch_of(order.instrument, tops)
        if order.waits_for_trigger:
            order = self._watched(order, touch, moment)
            if order.waits_for_trigger:
                return
        traded = self._trade(order, touch, tops, moment, is_arrival=is_arrival)
        after = self.books.orders[order.perm_id]
        if not after.is_live:
            return
        if after.spec.tif in _ENDS_AT_ONCE:
            self._lapse(after, moment)
        elif after.state is OrderState.PRE_SUBMITTED and not traded:
            self.told(after.changed(OrderState.SUBMITTED), moment)

    def _conditioned(self, order: Order, moment: Moment) -> Order:
        """The order after this look at its conditions: as it was, released, or cancelled by them."""
        if order.conditions_met or not self.conditions.hold(order, moment):
            return order
        if order.spec.conditions_cancel:
            self.cancel(order, moment, BY_SYSTEM)
            return self.books.orders[order.perm_id]
        met = replace(order, conditions_met=True)
        if not met.waits_for_trigger:
            return self.books.keep(met)
        return self.told(met.changed(OrderState.PRE_SUBMITTED, TRIGGER), moment)

    def _watched(self, order: Order, touch: Touch, moment: Moment) -> Order:
        """A stop after this look at the market: moved, triggered, or as it was."""
        if order.kind.trails:
            stop = trailed(order, touch)
            if stop != order.stop_price:
                order = self.books.keep(replace(order, stop_price=stop))
        if not is_triggered(order, touch):
            return order
        return self.told(replace(order.changed(OrderState.SUBMITTED), is_triggered=True), moment)

    # -- trades -----------------------------------------------------------------------------
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
        if order.quirks.submits_before_fill and order.state is OrderState.PRE_SUBMITTED:
            order = self.told(order.changed(OrderState.SUBMITTED), moment)
        if order.quirks.uneven_legs and isinstance(order.instrument, Bag):
            part = uneven_part(order, match, leg_prices(order, match.units, tops))
            self.out += self.clearing.settle_legs(order, part, moment)
            later = on_grid(moment.ms + order.quirks.legs_ms)
            self.books.keep(self.books.orders[order.perm_id].timed(legs=later))
            return
        self.out += self.clearing.settle(order, match, tops, moment)
        self._after_fill(order, match.quantity, moment)

    def complete_legs(self, order: Order, moment: Moment) -> None:
        """The missing legs of a combo's fill come, and the combo's own execution."""
        part = order.open_legs
        if part is None:
            return
        match = Match(part.units, part.quantity, part.takes)
        whole = replace(order, open_legs=None)
        self.out += self.clearing.complete(whole, match, part.prices, moment, part.done)
        self._after_fill(order, part.quantity, moment)

    def _after_fill(self, order: Order, quantity: Decimal, moment: Moment) -> None:
        after = self.books.orders[order.perm_id]
        self._reduce_peers(after, quantity, moment)
        if not after.is_live:
            self._release_children(after, moment)

    def _reduce_peers(self, order: Order, quantity: Decimal, moment: Moment) -> None:
        for peer in self.books.oca_peers(order):
            if not peer.is_live:
                continue
            reduced = peer.quantity - quantity
            if order.spec.oca_type == _OCA_CANCEL or reduced <= peer.filled:
                self.cancel(peer, moment, BY_SYSTEM)
            else:
                self.told(peer.resized(reduced), moment)

    def fill_first(self, order: Order, moment: Moment) -> None:
        """Fills what is left of an order at its limit, or at the market, before somebody's request comes."""
        tops = self.source.tops([leg.listing for leg in legs_of(order.instrument)], moment)
        match = forced(order, touch_of(order.instrument, tops))
        if match is not None:
            self._fill(order, match, tops, moment)

    # -- auctions ---------------------------------------------------------------------------
    def _await_auction(self, order: Order, moment: Moment, *, is_arrival: bool) -> None:
        """An order for the open trades in its first step; one for the close waits on the book."""
        if order.spec.tif == "OPG":
            if moment.ms == moment.session.open_ms and not is_arrival:
                self._auction(order, moment)
        elif order.state is OrderState.PRE_SUBMITTED:
            self.told(order.changed(OrderState.SUBMITTED), moment)

    def close_auction(self, moment: Moment) -> None:
        """The orders for the close trade at its price, or end."""
        for perm_id in self.books.live_ids():
            order = self.books.orders[perm_id]
            if order.is_live and order.kind.is_for_close and _is_workable(order):
                self._auction(order, moment)

    def _auction(self, order: Order, moment: Moment) -> None:
        tops = self.source.tops([leg.listing for leg in legs_of(order.instrument)], moment)
        match = auction_match(order, tops)
        if match is None:
            self.cancel(order, moment, BY_SYSTEM)
        else:
            self._fill(order, match, tops, moment)


def _is_workable(order: Order) -> bool:
    """Whether nothing but the market and its conditions holds the order up."""
    is_held = order.why_held in _HELD or order.times.starts is not None or order.open_legs is not None
    return order.is_live and order.is_transmitted and not is_held


@dataclass(frozen=True, slots=True)
class _Luck:
    """The uniform numbers of one order in one second."""

    key: int
    perm_id: int
    first: int

    def __call__(self, number: int) -> float:
        return uniform(self.key, self.perm_id, self.first + number)
