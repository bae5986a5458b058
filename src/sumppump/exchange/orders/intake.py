"""Where commands about orders arrive: what is refused, staged, changed, cancelled, or only asked.

A refused request leaves no order behind; its id stays free. Orders with `transmit` off stay silent until a
relative (parent or sibling) or they themselves come with `transmit` on; then the family appears in the order
of its ids. What-ifs use up their id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from sumppump.exchange.account.margin_check import MarginDesk, refusal_for
from sumppump.exchange.commands import (
    BindOrders,
    ByHand,
    CancelOrder,
    ManualCancel,
    ManualOrder,
    OrderSpec,
    PlaceOrder,
)
from sumppump.exchange.events import OrderBound, OrderRejected, WhatIfReported
from sumppump.exchange.listing.instruments import ContractQuery, Instrument, Listing
from sumppump.exchange.market.tops import Moment, next_trading
from sumppump.exchange.orders.books import Books
from sumppump.exchange.orders.life import BY_TRADER, OrderLife
from sumppump.exchange.orders.locating import Locator
from sumppump.exchange.orders.notices import (
    ALREADY_FILLED,
    DUPLICATE_ID,
    NOT_THE_SAME_ORDER,
    OTHER_TYPE,
    TOO_LATE_FOR_CLOSE,
    TOO_SMALL,
    cannot_cancel_now,
    not_cancellable,
    not_found,
    parent_not_found,
)
from sumppump.exchange.orders.orders import KINDS, Order, legs_of, works_outside
from sumppump.exchange.orders.planning import completed, is_too_late_for_close, on_grid, timetable
from sumppump.exchange.orders.quirks import Quirks, Timetable
from sumppump.exchange.orders.validation import (
    CONTRACT_WATCHES,
    MOST_ACTIVE_ORDERS,
    TOO_MANY_ACTIVE,
    destination_fault,
    grain_of,
    refusal_of,
)
from sumppump.exchange.reports import OrderState, Refusal

_TWS = 0  # the client id of what a person does in TWS
_KEPT_ON = frozenset({105, 110, 321, 329, 434})  # codes of a change on which clients keep the order
Resolve = Callable[[ContractQuery], Instrument | Refusal]


@dataclass(slots=True)
class Intake:
    """Judges what clients ask for and passes on what is sound."""

    books: Books
    life: OrderLife
    margin: MarginDesk
    locator: Locator
    resolve: Resolve

    def by_hand(self, command: ByHand, moment: Moment) -> None:
        """What a person does in TWS, and what makes it client 0's."""
        match command:
            case ManualOrder():
                self.place(PlaceOrder(_TWS, 0, command.contract, command.spec), moment)
            case ManualCancel():
                order = self.books.orders.get(command.perm_id)
                if order is not None and order.is_live:
                    self.life.cancel(order, moment, BY_TRADER)
            case BindOrders():
                self._bind(moment)

    def _bind(self, moment: Moment) -> None:
        for order in self.books.unbound():
            bound = self.books.bind(order)
            self.life.out.append(OrderBound(moment.at, bound.perm_id, bound.order_id))
            self.life.told(bound, moment)

    def place(self, command: PlaceOrder, moment: Moment) -> None:
        """A new order, a modification, or a what-if."""
        existing = self.books.find(command.client_id, command.order_id)
        found = destination_fault(command.contract) or self.resolve(command.contract)
        if isinstance(found, Refusal):
            self._refuse_place(command, existing, found, moment)
            return
        command = replace(command, spec=self._counted(completed(command.spec, found), found, moment))
        fault = refusal_of(command.spec, found, self.margin.account.name, moment.at)
        if existing is not None and existing.quirks.ignores_changes:
            return
        if existing is not None and existing.is_live:
            self._modify(existing, command, found, fault, moment)
            return
        fault = (
            fault
            or self._condition_fault(command)
            or self._id_fault(command, existing)
            or self._parent_fault(command)
        )
        if fault is not None:
            self._refuse(command, fault, moment)
        else:
            self._take(command, found, moment)

    def _refuse_place(
        self, command: PlaceOrder, existing: Order | None, refusal: Refusal, moment: Moment
    ) -> None:
        if existing is not None and existing.is_live:
            self._stands(existing, refusal, moment)
        else:
            self._refuse(command, refusal, moment)

    def _refuse(self, command: PlaceOrder | CancelOrder, refusal: Refusal, moment: Moment) -> None:
        self.life.out.append(
            OrderRejected(moment.at, command.client_id, command.order_id, refusal.code, refusal.text)
        )

    def _counted(self, spec: OrderSpec, instrument: Instrument, moment: Moment) -> OrderSpec:
        """The terms with the quantity that an amount of money buys at the ask."""
        cash = spec.cash_quantity
        if cash is None or not isinstance(instrument, Listing) or not cash.is_finite():
            return spec
        top = self.life.source.tops((instrument,), moment)[instrument.con_id]
        price, grain = Decimal(top.ask) / instrument.price_units, grain_of(instrument)
        return replace(spec, quantity=cash / price // grain * grain if price else Decimal(0))

    def _condition_fault(self, command: PlaceOrder) -> Refusal | None:
        """Conditions are about contracts that are listed."""
        for one in command.spec.conditions:
            if one.watches in CONTRACT_WATCHES:
                found = self.resolve(ContractQuery(con_id=one.con_id))
                if isinstance(found, Refusal):
                    return found
        return None

    def _id_fault(self, command: PlaceOrder, existing: Order | None) -> Refusal | None:
        if existing is not None and existing.state is OrderState.FILLED:
            return ALREADY_FILLED
        if not command.order_id and command.client_id == _TWS:
            return None
        used = command.order_id <= self.books.highest_ids.get(command.client_id, 0)
        return DUPLICATE_ID if used else None

    def _parent_fault(self, command: PlaceOrder) -> Refusal | None:
        parent_id = command.spec.parent_id
        if not parent_id:
            return None
        parent = self.books.find(command.client_id, parent_id)
        is_lost = parent is None or not (parent.is_live or parent.filled)
        return parent_not_found(parent_id) if is_lost else None

    # -- new orders -------------------------------------------------------------------------
    def _take(self, command: PlaceOrder, instrument: Instrument, moment: Moment) -> None:
        self.books.note_id(command.client_id, command.order_id)
        quirks = self.books.quirks.take()
        if quirks.vanishes:
            return
        order = self._made(command, instrument, moment, quirks)
        if command.spec.what_if:
            self._what_if(order, moment)
            return
        if quirks.hold_ms:
            self.books.keep(order.timed(arrives=on_grid(moment.ms + quirks.hold_ms)))
            return
        self.books.keep(order)
        if command.spec.transmit:
            self.admit(order, moment)

    def _made(self, command: PlaceOrder, instrument: Instrument, moment: Moment, quirks: Quirks) -> Order:
        spec = command.spec
        parent = self.books.find(command.client_id, spec.parent_id) if spec.parent_id else None
        parent_perm_id = parent.perm_id if parent else 0
        spec = replace(spec, tif=spec.tif or "DAY", account=self.margin.account.name)
        return Order(
            client_id=command.client_id,
            order_id=command.order_id,
            perm_id=self.books.new_perm_id(),
            instrument=instrument,
            spec=spec,
            quantity=spec.quantity or Decimal(0),
            stop_price=_stop_of(spec),
            parent_perm_id=parent_perm_id,
            oca_group=spec.oca_group or (str(parent_perm_id) if parent_perm_id else ""),
            is_transmitted=False,
            times=_planned(spec, instrument, moment),
            quirks=quirks,
            placed_at=moment.at,
        )

    def admit(self, order: Order, moment: Moment) -> None:
        """Passes an order on with those of its family that were staged, in the order of their ids."""
        for one in self.books.staged_family(order):
            current = self.books.orders[one.perm_id]
            if not current.is_live:  # its parent was refused a moment ago
                continue
            refusal = self._market_fault(current, moment)
            if refusal is None:
                self.life.accept(self.locator.held_back(self._doomed(current, moment), moment), moment)
            else:
                self.life.reject(replace(current, is_transmitted=True), refusal, moment)

    def _doomed(self, order: Order, moment: Moment) -> Order:
        quirks = order.quirks
        if quirks.reject is None:
            return order
        return order.timed(rejected=on_grid(moment.ms + quirks.reject_ms))

    def _market_fault(self, order: Order, moment: Moment) -> Refusal | None:
        if order.quirks.reject is not None and not order.quirks.reject_ms:
            return order.quirks.reject
        if self.books.active_alike(order) >= MOST_ACTIVE_ORDERS:
            return TOO_MANY_ACTIVE
        if order.kind.is_for_close and _misses_close(order, moment, is_entry=True):
            return TOO_LATE_FOR_CLOSE
        parent = self.books.orders.get(order.parent_perm_id)
        if parent is not None and parent.is_live:
            return None  # it closes what its parent is still to open
        return self.margin.refusal(order, moment)

    def _what_if(self, order: Order, moment: Moment) -> None:
        report = self.margin.report(order, moment)
        view = order.changed(OrderState.PRE_SUBMITTED).view(report)
        self.life.out.append(WhatIfReported(moment.at, view, order.quirks))
        refusal = order.quirks.reject or self.margin.permission_fault(order, moment) or refusal_for(report)
        if refusal is not None:
            self.life.out.append(
                OrderRejected(moment.at, order.client_id, order.order_id, refusal.code, refusal.text)
            )

    # -- changes ----------------------------------------------------------------------------
    def _modify(
        self, order: Order, command: PlaceOrder, instrument: Instrument, fault: Refusal | None, moment: Moment
    ) -> None:
        """The same id again: the live order in new terms, or a warning and the old ones."""
        fault = fault or _change_fault(order, command, instrument, moment)
        if fault is None and order.quirks.fills_first and order.is_transmitted:
            self.life.fill_first(order, moment)
            fault = ALREADY_FILLED
        if fault is None:
            fault = self._change(order, command, moment)
        if fault is not None:
            self._stands(order, fault, moment)

    def _change(self, order: Order, command: PlaceOrder, moment: Moment) -> Refusal | None:
        new = self._changed(order, command, moment)
        if not order.is_transmitted:
            self.books.keep(new)
            if command.spec.transmit and new.times.arrives is None:
                self.admit(new, moment)
            return None
        if order.why_held != "child":
            refusal = self.margin.refusal(new, moment)
            if refusal is not None:
                return refusal
        if order.quirks.doubles_on_change:
            new = replace(new, perm_id=self.books.new_perm_id(), quirks=self.books.quirks.usual)
        self.life.told(new, moment)
        self.life.work(new.perm_id, moment, is_arrival=True)
        return None

    def _changed(self, order: Order, command: PlaceOrder, moment: Moment) -> Order:
        spec = replace(command.spec, tif=command.spec.tif or "DAY", account=self.margin.account.name)
        new = replace(
            order,
            spec=spec,
            quantity=spec.quantity or Decimal(0),
            stop_price=order.stop_price if _trails_alike(spec, order.spec) else _stop_of(spec),
        )
        planned = _planned(spec, order.instrument, moment)
        return new.timed(starts=planned.starts, ends=planned.ends, looks=planned.looks)

    # -- cancels ----------------------------------------------------------------------------
    def cancel(self, command: CancelOrder, moment: Moment) -> None:
        """Ends one order of the client."""
        order = self.books.find(command.client_id, command.order_id)
        if order is None or order.times.arrives is not None:
            self._refuse(command, not_found(command.order_id), moment)
        elif not order.is_live:
            self._refuse(command, not_cancellable(order), moment)
        else:
            self._cancel(order, command, moment)

    def _cancel(self, order: Order, command: CancelOrder, moment: Moment) -> None:
        quirks = order.quirks
        if quirks.ignores_cancels:
            return
        if order.kind.is_for_close and _misses_close(order, moment, is_entry=False):
            self._stands(order, cannot_cancel_now(order), moment)
        elif quirks.fills_first and order.is_transmitted:
            self.life.fill_first(order, moment)
            self._refuse(command, not_cancellable(self.books.orders[order.perm_id]), moment)
        elif (later := cancel_time(order, moment)) is not None:
            self.books.keep(order.changed(OrderState.PENDING_CANCEL, order.why_held).timed(cancelled=later))
        else:
            self.life.cancel(order, moment, BY_TRADER)

    def _stands(self, order: Order, refusal: Refusal, moment: Moment) -> None:
        """Refuses a change or a cancel; says how the order stands where clients end one (unverified)."""
        self.life.warn(order, refusal, moment)
        current = self.books.orders[order.perm_id]
        if current.is_live and current.is_transmitted and refusal.code not in _KEPT_ON:
            self.life.told(current, moment)

    def cancel_all(self, moment: Moment) -> None:
        """Ends every order of every client."""
        for perm_id in self.books.live_ids():
            order = self.books.orders[perm_id]
            if order.is_live and order.times.arrives is None:  # a parent takes its children along
                self._cancel(order, CancelOrder(order.client_id, order.order_id), moment)


def _planned(spec: OrderSpec, instrument: Instrument, moment: Moment) -> Timetable:
    return timetable(spec, instrument, moment.ms, outside_rth=works_outside(spec, instrument))


def _misses_close(order: Order, moment: Moment, *, is_entry: bool) -> bool:
    exchange = getattr(order.instrument, "primary_exchange", "")
    return is_too_late_for_close(exchange, moment.ms, is_entry=is_entry)


def cancel_time(order: Order, moment: Moment) -> int | None:
    """When a cancel that is asked for now takes effect; None for at once."""
    quirks = order.quirks
    opens = next_trading(order.instrument, moment.ms, outside_rth=order.outside_rth)
    later = on_grid((opens if quirks.cancel_waits_for_open else moment.ms) + quirks.cancel_ms)
    return later if later > on_grid(moment.ms) else None


def _stop_of(spec: OrderSpec) -> Decimal | None:
    """Where an order's stop stands at first; None: nowhere, or where the market puts it."""
    kind = KINDS[spec.order_type]
    if kind.trails:
        return spec.trail_stop_price
    return spec.aux if kind.is_stop else None


def _trails_alike(spec: OrderSpec, before: OrderSpec) -> bool:
    """Whether a trailing stop goes on from where it stands."""
    terms = [(one.aux, one.trailing_percent, one.trail_stop_price) for one in (spec, before)]
    return KINDS[spec.order_type].trails and terms[0] == terms[1]


def _change_fault(
    order: Order, command: PlaceOrder, instrument: Instrument, moment: Moment
) -> Refusal | None:
    spec = command.spec
    legs = [(leg.listing.con_id, leg.ratio) for leg in legs_of(instrument)]
    before = [(leg.listing.con_id, leg.ratio) for leg in legs_of(order.instrument)]
    if legs != before or spec.action != order.spec.action or spec.what_if:
        return NOT_THE_SAME_ORDER
    if spec.order_type != order.spec.order_type:
        return OTHER_TYPE
    if order.kind.is_for_close and _misses_close(order, moment, is_entry=False):
        return cannot_cancel_now(order)
    return TOO_SMALL if (spec.quantity or 0) <= order.filled else None
