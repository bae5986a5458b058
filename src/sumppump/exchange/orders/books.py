"""What the exchange has written down: orders, executions, commissions, ids. Plain state with lookups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sumppump.exchange.calendar.trading_days import new_york_date, to_ms
from sumppump.exchange.listing.instruments import Instrument
from sumppump.exchange.orders.matching import LegTop
from sumppump.exchange.orders.orders import Order, legs_of
from sumppump.exchange.orders.quirks import QuirkBook, Quirks
from sumppump.exchange.reports import CommissionReport, Execution
from sumppump.exchange.state import VenueState

BID, ASK = "bid", "ask"


@dataclass(slots=True)
class Books:
    """Everything that changes except the account.

    Attributes:
        orders: all orders by perm id, ended ones too.
        highest_ids: the highest order id that each client ever used.
        halted: symbols in which nothing trades for the time being, "" for all.
        taken: what was taken from the displayed sizes (con id, side) since second `taken_at`.
    """

    next_perm_id: int
    next_exec: int = 1
    orders: dict[int, Order] = field(default_factory=dict)
    highest_ids: dict[int, int] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    commissions: dict[str, CommissionReport] = field(default_factory=dict)
    halted: set[str] = field(default_factory=set)
    taken: dict[tuple[int, str], int] = field(default_factory=dict)
    taken_at: int = 0
    quirks: QuirkBook = field(default_factory=QuirkBook)
    _live: dict[int, None] = field(default_factory=dict)  # perm ids, rising as they are given
    _by_id: dict[tuple[int, int], int] = field(default_factory=dict)
    _due: dict[int, int] = field(default_factory=dict)  # perm id: when time alone does something

    # -- orders -----------------------------------------------------------------------------
    def new_perm_id(self) -> int:
        """An id never given before."""
        self.next_perm_id += 1
        return self.next_perm_id - 1

    def keep(self, order: Order) -> Order:
        """Writes an order down in its present state."""
        if order.perm_id not in self.orders and order.order_id:
            self._by_id[order.client_id, order.order_id] = order.perm_id
        self.orders[order.perm_id] = order
        if order.is_live:
            self._live[order.perm_id] = None
        else:
            self._live.pop(order.perm_id, None)
        self._plan(order)
        return order

    def _plan(self, order: Order) -> None:
        due = order.times.next if order.is_live else None
        if due is not None:
            self._due[order.perm_id] = due
        elif self._due:
            self._due.pop(order.perm_id, None)

    def next_due(self) -> int | None:
        """When time alone does something to an order the next time, milliseconds since the epoch."""
        return min(self._due.values()) if self._due else None

    def due(self, at_ms: int) -> list[int]:
        """Perm ids of the orders to which time does something by now, earliest first."""
        found = ((due, perm_id) for perm_id, due in self._due.items() if due <= at_ms)
        return [perm_id for _, perm_id in sorted(found)]

    def quirks_of(self, client_id: int, order_id: int) -> Quirks:
        """What a client goes through with this order of its own."""
        order = self.find(client_id, order_id)
        return self.quirks.usual if order is None else order.quirks

    def bind(self, order: Order) -> Order:
        """Gives an order that was entered in TWS an id: below -1, which stands for no order, and new."""
        lowest = min((order_id for _, order_id in self._by_id), default=-1)
        bound = replace(order, order_id=min(lowest, -1) - 1)
        self._by_id[bound.client_id, bound.order_id] = bound.perm_id
        return self.keep(bound)

    def unbound(self) -> list[Order]:
        """Live orders that were entered in TWS and have no id yet."""
        return [one for one in self.live() if not (one.order_id or one.client_id) and one.is_transmitted]

    def find(self, client_id: int, order_id: int) -> Order | None:
        """A client's order by its id, the latest if an id was used twice."""
        perm_id = self._by_id.get((client_id, order_id))
        return None if perm_id is None else self.orders[perm_id]

    def live_ids(self) -> tuple[int, ...]:
        """Perm ids of orders that have not ended, rising."""
        return tuple(self._live)

    def live(self) -> Iterator[Order]:
        """Orders that have not ended, by perm id."""
        return (self.orders[perm_id] for perm_id in self.live_ids())

    def children(self, parent: Order) -> list[Order]:
        """Live children of an order, by perm id."""
        return [one for one in self.live() if one.parent_perm_id == parent.perm_id]

    def staged_family(self, order: Order) -> list[Order]:
        """The order and its staged relatives, in the order of their ids."""
        head = order.parent_perm_id or order.perm_id
        family = [
            one
            for one in self.live()
            if not one.is_transmitted
            and one.times.arrives is None
            and head in (one.perm_id, one.parent_perm_id)
        ]
        return sorted(family, key=lambda one: one.order_id)

    def oca_peers(self, order: Order) -> list[Order]:
        """Live orders of the same group, without the order itself."""
        if not order.oca_group:
            return []
        group = (order.client_id, order.oca_group)
        return [
            one
            for one in self.live()
            if (one.client_id, one.oca_group) == group and one.perm_id != order.perm_id and one.is_transmitted
        ]

    def active_alike(self, order: Order) -> int:
        """How many other orders work on the same side of the same instrument."""
        wanted = (order.is_buy, _legs_key(order))
        return sum(
            (one.is_buy, _legs_key(one)) == wanted
            for one in self.live()
            if one.is_transmitted and one.perm_id != order.perm_id
        )

    def note_id(self, client_id: int, order_id: int) -> None:
        """Remembers that a client used an id."""
        self.highest_ids[client_id] = max(self.highest_ids.get(client_id, 0), order_id)

    def roll_back_ids(self, by: int) -> None:
        """Forgets the last ids of every client: they are given and taken again, for other orders."""
        for client_id, highest in self.highest_ids.items():
            self.highest_ids[client_id] = max(highest - by, 0)
        forgotten = [key for key in self._by_id if key[1] > self.highest_ids.get(key[0], 0)]
        for key in forgotten:
            del self._by_id[key]

    # -- days and restarts ------------------------------------------------------------------
    def forget_before(self, day: date) -> None:
        """Drops orders that ended, and executions that happened, before a date in New York."""
        orders = self.orders.values()
        self._replace(
            one for one in orders if one.completed_at is None or new_york_date(to_ms(one.completed_at)) >= day
        )
        self.executions = [one for one in self.executions if new_york_date(to_ms(one.at)) >= day]
        known = {one.exec_id for one in self.executions}
        self.commissions = {key: one for key, one in self.commissions.items() if key in known}

    def _replace(self, orders: Iterable[Order]) -> None:
        kept = list(orders)
        for index in (self.orders, self._live, self._by_id, self._due):
            index.clear()
        for one in kept:
            self.keep(one)

    def load(self, state: VenueState) -> None:
        """Takes over what a saved state holds."""
        self.next_perm_id, self.next_exec = state.next_perm_id, state.next_exec
        self._replace(state.orders)
        self.highest_ids = dict(state.highest_ids)
        self.executions = list(state.executions)
        self.commissions = {one.exec_id: one for one in state.commissions}
        self.taken_at = state.taken_at
        self.taken = {(con_id, side): count for con_id, side, count in state.taken}

    def is_halted(self, instrument: Instrument) -> bool:
        """Whether nothing trades in it for the time being."""
        return bool(self.halted) and ("" in self.halted or instrument.symbol in self.halted)

    # -- displayed sizes --------------------------------------------------------------------
    def left(self, tops: dict[int, LegTop], second: int) -> dict[int, LegTop]:
        """The quotes with the sizes that are left in this second."""
        if second != self.taken_at:
            self.taken_at = second
            self.taken.clear()
        if not self.taken:
            return tops
        return {con_id: self._reduced(con_id, top) for con_id, top in tops.items()}

    def _reduced(self, con_id: int, top: LegTop) -> LegTop:
        bid_taken, ask_taken = self.taken.get((con_id, BID), 0), self.taken.get((con_id, ASK), 0)
        return top._replace(
            bid_size=max(top.bid_size - bid_taken, 0), ask_size=max(top.ask_size - ask_taken, 0)
        )

    def take(self, order: Order, quantity: Decimal) -> None:
        """Takes what an order traded from the displayed sizes."""
        for leg in legs_of(order.instrument):
            side = ASK if order.sign * leg.ratio > 0 else BID
            key = (leg.listing.con_id, side)
            self.taken[key] = self.taken.get(key, 0) + math.ceil(quantity * abs(leg.ratio))


def _legs_key(order: Order) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((leg.listing.con_id, leg.ratio) for leg in legs_of(order.instrument)))
