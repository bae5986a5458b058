"""Where commands about orders arrive: what is refused, staged, changed, cancelled, or only asked.

A refused request leaves no order behind; its id stays free. Orders with `transmit` off stay silent until a
relative (parent or sibling) or they themselves come with `transmit` on; then the family appears in the order
of its ids. What-ifs use up their id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from sumppump.exchange.books import Books
from sumppump.exchange.commands import CancelOrder, PlaceOrder
from sumppump.exchange.events import OrderRejected, OrderWarned, WhatIfReported
from sumppump.exchange.instruments import ContractQuery, Instrument
from sumppump.exchange.life import BY_TRADER, OrderLife
from sumppump.exchange.margin_check import MarginDesk, refusal_for
from sumppump.exchange.notices import (
    ALREADY_FILLED,
    DUPLICATE_ID,
    NOT_THE_SAME_ORDER,
    OTHER_TYPE,
    TOO_SMALL,
    not_cancellable,
    not_found,
    parent_not_found,
)
from sumppump.exchange.orders import Order, legs_of
from sumppump.exchange.reports import OrderState, Refusal
from sumppump.exchange.tops import Moment
from sumppump.exchange.validation import MOST_ACTIVE_ORDERS, TOO_MANY_ACTIVE, refusal_of

Resolve = Callable[[ContractQuery], Instrument | Refusal]


@dataclass(slots=True)
class Intake:
    """Judges what clients ask for and passes on what is sound."""

    books: Books
    life: OrderLife
    margin: MarginDesk
    resolve: Resolve

    def place(self, command: PlaceOrder, moment: Moment) -> None:
        """A new order, a modification, or a what-if."""
        found = self.resolve(command.contract)
        if isinstance(found, Refusal):
            self._refuse(command, found, moment)
            return
        fault = refusal_of(command.contract, command.spec, found, self.margin.account.name)
        existing = self.books.find(command.client_id, command.order_id)
        if existing is not None and existing.is_live:
            self._modify(existing, command, found, fault, moment)
            return
        fault = fault or self._id_fault(command, existing) or self._parent_fault(command)
        if fault is not None:
            self._refuse(command, fault, moment)
        else:
            self._take(command, found, moment)

    def _refuse(self, command: PlaceOrder, refusal: Refusal, moment: Moment) -> None:
        self.life.out.append(
            OrderRejected(moment.at, command.client_id, command.order_id, refusal.code, refusal.text)
        )

    def _id_fault(self, command: PlaceOrder, existing: Order | None) -> Refusal | None:
        if existing is not None and existing.state is OrderState.FILLED:
            return ALREADY_FILLED
        used = command.order_id <= self.books.highest_ids.get(command.client_id, 0)
        return DUPLICATE_ID if used else None

    def _parent_fault(self, command: PlaceOrder) -> Refusal | None:
        parent_id = command.spec.parent_id
        if not parent_id or self.books.find(command.client_id, parent_id) is not None:
            return None
        return parent_not_found(parent_id)

    # -- new orders -------------------------------------------------------------------------
    def _take(self, command: PlaceOrder, instrument: Instrument, moment: Moment) -> None:
        self.books.note_id(command.client_id, command.order_id)
        order = self._made(command, instrument)
        if command.spec.what_if:
            self._what_if(order, moment)
            return
        self.books.keep(order)
        if command.spec.transmit:
            self._transmit(order, moment)

    def _made(self, command: PlaceOrder, instrument: Instrument) -> Order:
        spec = command.spec
        parent = self.books.find(command.client_id, spec.parent_id) if spec.parent_id else None
        parent_perm_id = parent.perm_id if parent else 0
        return Order(
            client_id=command.client_id,
            order_id=command.order_id,
            perm_id=self.books.new_perm_id(),
            instrument=instrument,
            spec=replace(spec, tif=spec.tif or "DAY", account=self.margin.account.name),
            quantity=int(spec.quantity or 0),
            stop_price=spec.trail_stop_price if spec.order_type == "TRAIL" else _stop_of(command),
            parent_perm_id=parent_perm_id,
            oca_group=spec.oca_group or (str(parent_perm_id) if parent_perm_id else ""),
            is_transmitted=False,
        )

    def _transmit(self, order: Order, moment: Moment) -> None:
        for one in self.books.staged_family(order):
            current = self.books.orders[one.perm_id]
            if not current.is_live:  # its parent was refused a moment ago
                continue
            refusal = self._market_fault(current, moment)
            if refusal is None:
                self.life.accept(current, moment)
            else:
                self.life.reject(replace(current, is_transmitted=True), refusal, moment)

    def _market_fault(self, order: Order, moment: Moment) -> Refusal | None:
        if self.books.active_alike(order) >= MOST_ACTIVE_ORDERS:
            return TOO_MANY_ACTIVE
        parent = self.books.orders.get(order.parent_perm_id)
        if parent is not None and parent.is_live:
            return None  # it closes what its parent is still to open
        return refusal_for(self.margin.report(order, moment))

    def _what_if(self, order: Order, moment: Moment) -> None:
        report = self.margin.report(order, moment)
        view = order.changed(OrderState.PRE_SUBMITTED).view(report)
        self.life.out.append(WhatIfReported(moment.at, view))
        refusal = refusal_for(report)
        if refusal is not None:
            self.life.out.append(
                OrderRejected(moment.at, order.client_id, order.order_id, refusal.code, refusal.text)
            )

    # -- changes ----------------------------------------------------------------------------
    def _modify(
        self, order: Order, command: PlaceOrder, instrument: Instrument, fault: Refusal | None, moment: Moment
    ) -> None:
        """The same id again: the live order in new terms, or a warning and the old ones."""
        fault = fault or _change_fault(order, command, instrument)
        if fault is None:
            fault = self._change(order, command, moment)
        if fault is not None:
            self.life.out.append(
                OrderWarned(moment.at, order.client_id, order.order_id, fault.code, fault.text)
            )

    def _change(self, order: Order, command: PlaceOrder, moment: Moment) -> Refusal | None:
        new = self._changed(order, command)
        if not order.is_transmitted:
            self.books.keep(new)
            if command.spec.transmit:
                self._transmit(new, moment)
            return None
        if order.why_held != "child":
            refusal = refusal_for(self.margin.report(new, moment))
            if refusal is not None:
                return refusal
        self.life.told(new, moment)
        self.life.work(new.perm_id, moment, is_arrival=True)
        return None

    def _changed(self, order: Order, command: PlaceOrder) -> Order:
        spec = command.spec
        stop = _stop_of(command)
        if spec.order_type == "TRAIL":
            terms = (spec.aux, spec.trailing_percent, spec.trail_stop_price)
            same = terms == (order.spec.aux, order.spec.trailing_percent, order.spec.trail_stop_price)
            stop = order.stop_price if same else spec.trail_stop_price
        return replace(
            order,
            spec=replace(spec, tif=spec.tif or "DAY", account=self.margin.account.name),
            quantity=int(spec.quantity or 0),
            stop_price=stop,
        )

    # -- cancels ----------------------------------------------------------------------------
    def cancel(self, command: CancelOrder, moment: Moment) -> None:
        """Ends one order of the client."""
        order = self.books.find(command.client_id, command.order_id)
        if order is not None and order.is_live:
            self.life.cancel(order, moment, BY_TRADER)
            return
        refusal = not_found(command.order_id) if order is None else not_cancellable(order)
        self.life.out.append(
            OrderRejected(moment.at, command.client_id, command.order_id, refusal.code, refusal.text)
        )

    def cancel_all(self, moment: Moment) -> None:
        """Ends every order of every client."""
        for perm_id in self.books.live_ids():
            order = self.books.orders[perm_id]
            if order.is_live:  # a parent takes its children along
                self.life.cancel(order, moment, BY_TRADER)


def _stop_of(command: PlaceOrder) -> Decimal | None:
    return command.spec.aux if command.spec.order_type in ("STP", "STP LMT") else None


def _change_fault(order: Order, command: PlaceOrder, instrument: Instrument) -> Refusal | None:
    spec = command.spec
    legs = [(leg.listing.con_id, leg.ratio) for leg in legs_of(instrument)]
    before = [(leg.listing.con_id, leg.ratio) for leg in legs_of(order.instrument)]
    if legs != before or spec.action != order.spec.action or spec.what_if:
        return NOT_THE_SAME_ORDER
    if spec.order_type != order.spec.order_type:
        return OTHER_TYPE
    return TOO_SMALL if int(spec.quantity or 0) <= order.filled else None
