"""Orders: placing, changing, cancelling, asking; and what the client hears about its own.

The venue says once what happened. TWS says some things twice, and clients rely on it: a fill is reported
with two pairs of open order and status, and so is every change of an order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from sumppump.exchange import commands
from sumppump.exchange.desks.line import NOBODY, Desk, Line, Services
from sumppump.exchange.events import (
    CommissionCharged,
    Event,
    Executed,
    OrderCancelled,
    OrderOpened,
    OrderRejected,
    OrderStatusChanged,
    OrderWarned,
    WhatIfReported,
)
from sumppump.exchange.reports import ExecutionFilter, OrderState, OrderView
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.translate.orders import (
    commission_report,
    completed_order,
    exec_details,
    open_order,
    order_status,
    refusal_of,
    spec_of,
)
from sumppump.exchange.translate.times import read_moment
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.account_answers import NextValidId
from sumppump.exchange.wire.order_answers import CompletedOrdersEnd, ExecDetailsEnd, OpenOrderEnd
from sumppump.exchange.wire.place_order import PlaceOrder

READ_ONLY = "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."
NO_EXCHANGE = "Error validating request.-'bN' : cause - Missing order exchange."
PENDING_CANCEL = "PendingCancel"
NOT_ZERO = "The API client's id has to be 0 to bind TWS orders"


class OrderDesk(Desk):
    """Orders of one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._foreign: dict[int, OrderView] = {}

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            PlaceOrder: self.place,
            ask.CancelOrder: self.cancel,
            ask.ReqGlobalCancel: self.cancel_all,
            ask.ReqIds: self.next_id,
            ask.ReqOpenOrders: self.open_orders,
            ask.ReqAllOpenOrders: self.all_open_orders,
            ask.ReqAutoOpenOrders: self.auto_open_orders,
            ask.ReqCompletedOrders: self.completed_orders,
            ask.ReqExecutions: self.executions,
        }

    # -- requests -----------------------------------------------------------------------------
    def place(self, message: PlaceOrder) -> None:
        """A new order, or a change of a live one."""
        line = self._line
        refusal = refusal_of(message)
        if line.hall.rules.read_only:
            line.error(message.order_id, 321, READ_ONLY)
        elif refusal is not None:
            line.refuse(message.order_id, refusal)
        elif not message.contract.exchange:
            line.error(message.order_id, 321, NO_EXCHANGE)
        else:
            self._apply(message)

    def _apply(self, message: PlaceOrder) -> None:
        line = self._line
        is_change = any(o.order_id == message.order_id for o in line.venue.open_orders(line.client_id))
        events = line.venue.apply(
            commands.PlaceOrder(
                client_id=line.client_id,
                order_id=message.order_id,
                contract=query_of(message.contract, message.legs),
                spec=spec_of(message),
            )
        )
        line.hall.publish(events)
        if is_change:
            self._repeat(message.order_id, events)

    def _repeat(self, order_id: int, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case OrderOpened(order=view) | OrderStatusChanged(order=view):
                    if view.order_id == order_id and not view.state.is_terminal:
                        self.hear(event)
                case _:
                    pass

    def cancel(self, message: ask.CancelOrder) -> None:
        """Cancel one's own order, or another client's that was seen in the list of all."""
        line = self._line
        if line.hall.rules.read_only:
            line.error(message.order_id, 321, READ_ONLY)
            return
        foreign = self._foreign.get(message.order_id)
        if foreign is None or self._is_own(message.order_id):
            self._pend(message.order_id)
            line.hall.publish(line.venue.apply(commands.CancelOrder(line.client_id, message.order_id)))
            return
        events = line.venue.apply(commands.CancelOrder(foreign.client_id, foreign.order_id))
        line.hall.publish(events)
        self._hear_as_canceller(events)

    def _pend(self, order_id: int) -> None:
        # Recorded: a live order is PendingCancel before it is Cancelled.
        for view in self._line.venue.open_orders(self._line.client_id):
            if view.order_id == order_id:
                self._line.send(replace(order_status(view), status=PENDING_CANCEL))

    def _is_own(self, order_id: int) -> bool:
        # Also if it is done: an id of one's own never means somebody else's order.
        venue, client_id = self._line.venue, self._line.client_id
        mine = (*venue.open_orders(client_id), *venue.completed_orders())
        return any(o.order_id == order_id and o.client_id == client_id for o in mine)

    def _hear_as_canceller(self, events: Iterable[Event]) -> None:
        # Seen on a live gateway: the status carries the canceller's client id, then 202 comes.
        for event in events:
            if isinstance(event, OrderStatusChanged):
                self._line.send(order_status(event.order, client_id=self._line.client_id))
            elif isinstance(event, OrderCancelled | OrderRejected):
                self._line.error(event.order_id, event.code, event.text)

    def cancel_all(self, _: ask.ReqGlobalCancel) -> None:
        """Cancel every order of every client."""
        line = self._line
        if line.hall.rules.read_only:
            line.error(NOBODY, 321, READ_ONLY)
            return
        line.hall.publish(line.venue.apply(commands.GlobalCancel(line.client_id)))

    def next_id(self, _: ask.ReqIds | None = None) -> None:
        """The next order id of this client."""
        self._line.send(NextValidId(order_id=self._line.venue.next_order_id(self._line.client_id)))

    def open_orders(self, _: ask.ReqOpenOrders) -> None:
        """This client's live orders."""
        self._list(self._line.venue.open_orders(self._line.client_id))

    def all_open_orders(self, _: ask.ReqAllOpenOrders) -> None:
        """Every live order, each with its owner's ids."""
        orders = self._line.venue.open_orders()
        foreign = [o for o in orders if o.client_id != self._line.client_id]
        ids = Counter(o.order_id for o in foreign)
        # Order ids repeat from client to client: one that two others use names neither order.
        self._foreign = {o.order_id: o for o in foreign if ids[o.order_id] == 1}
        self._list(orders)

    def _list(self, orders: Iterable[OrderView]) -> None:
        for view in orders:
            self._line.send(open_order(view))
            self._line.send(order_status(view))
        self._line.send(OpenOrderEnd())

    def auto_open_orders(self, _: ask.ReqAutoOpenOrders) -> None:
        """Only client 0 may own the orders that are entered in TWS; here there are none."""
        if self._line.client_id != 0:
            self._line.error(NOBODY, 327, NOT_ZERO)

    def completed_orders(self, _: ask.ReqCompletedOrders) -> None:
        """Today's orders that are done."""
        for view in self._line.venue.completed_orders():
            self._line.send(completed_order(view, self._line.version))
        self._line.send(CompletedOrdersEnd())

    def executions(self, message: ask.ReqExecutions) -> None:
        """Today's executions; commissions follow for this client's own."""
        line = self._line
        try:
            since = read_moment(message.time)
        except ValueError:
            text = "Error validating request.-'bL' : cause - Invalid time"
            line.error(message.req_id, 322, text)
            return
        found = line.venue.executions(
            ExecutionFilter(
                client_id=message.client_id,
                account=message.account,
                since=since,
                symbol=message.symbol,
                sec_type=message.sec_type,
                exchange=message.exchange,
                side=message.side,
            )
        )
        for execution in found:
            line.send(exec_details(execution, message.req_id, line.version))
        line.send(ExecDetailsEnd(req_id=message.req_id))
        for execution in found:
            report = line.venue.commission(execution.exec_id)
            if report is not None and execution.client_id == line.client_id:
                line.send(commission_report(report))

    # -- what happens -------------------------------------------------------------------------
    def hear(self, event: Event) -> None:
        """Tell the client what concerns its own orders."""
        line = self._line
        match event:
            case OrderOpened(order=view) if view.client_id == line.client_id:
                line.send(open_order(view))
            case OrderStatusChanged(order=view) if view.client_id == line.client_id:
                self._status(view)
            case WhatIfReported(order=view) if view.client_id == line.client_id:
                self._what_if(view)
            case Executed(execution=execution) if execution.client_id == line.client_id:
                line.send(exec_details(execution, NOBODY, line.version))
            case CommissionCharged(client_id=line.client_id, report=report):
                line.send(commission_report(report))
            case OrderRejected() | OrderWarned() | OrderCancelled() if event.client_id == line.client_id:
                line.error(event.order_id, event.code, event.text)
            case _:
                pass

    def _status(self, view: OrderView) -> None:
        self._line.send(order_status(view))
        if view.state is OrderState.FILLED:
            self._line.send(open_order(view))
            self._line.send(order_status(view))

    def _what_if(self, view: OrderView) -> None:
        if self._line.hall.rules.double_what_if:
            self._line.send(open_order(view, complete=False))
        self._line.send(open_order(view))
