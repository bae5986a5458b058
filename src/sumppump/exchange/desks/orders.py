"""Orders: placing, changing, cancelling, asking; and what the client hears about its own.

The venue says once what happened. TWS says some things twice, and clients rely on it: a fill is reported
with two pairs of open order and status, and so is every change of an order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sumppump.exchange import commands
from sumppump.exchange.desks.delivery import Delivery
from sumppump.exchange.desks.line import NOBODY, Desk, Line, Services
from sumppump.exchange.events import (
    CommissionCharged,
    Event,
    Executed,
    OrderBound,
    OrderCancelled,
    OrderNotice,
    OrderOpened,
    OrderRejected,
    OrderStatusChanged,
    OrderWarned,
    WhatIfReported,
)
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.orders.orders import Order
from sumppump.exchange.orders.quirks import Commission, Quirks, Rejection
from sumppump.exchange.reports import ExecutionFilter, OrderState, OrderView
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.translate.orders import (
    bound_order,
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
from sumppump.exchange.wire.account_answers import ErrorMessage, NextValidId
from sumppump.exchange.wire.order_answers import CompletedOrdersEnd, ExecDetailsEnd, OpenOrderEnd
from sumppump.exchange.wire.place_order import PlaceOrder

READ_ONLY = "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."
NO_EXCHANGE = "Error validating request.-'bN' : cause - Missing order exchange."
TWS = 0
"""The client to which belongs what a person does in TWS."""
TIF_PRESET = "Order TIF was set to DAY based on order preset."
OFF_MARKET = (
    "The price specified would violate the percentage constraint specified in the default order settings."
)
NOT_ZERO = "The API client's id has to be 0 to bind TWS orders"


class OrderDesk(Desk):
    """Orders of one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._delivery = Delivery(line)
        self._foreign: dict[int, OrderView] = {}
        self._binds = False

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
        refusal = refusal_of(message, line.venue.now)
        if line.hall.rules.read_only:
            line.error(message.order_id, 321, READ_ONLY)
        elif refusal is not None:
            line.refuse(message.order_id, refusal)
            self._stands(message.order_id)
        elif not message.contract.exchange:
            line.error(message.order_id, 321, NO_EXCHANGE)
        elif self._is_off_market(message):
            line.error(message.order_id, 163, OFF_MARKET)
            self._stands(message.order_id)
        elif line.hall.rules.presets_tif and not message.tif:
            line.error(message.order_id, 10349, TIF_PRESET)
            if not message.what_if:  # a warning that comes before it leaves a what-if without an answer
                self._apply(message)
        else:
            self._apply(message)

    def _is_off_market(self, message: PlaceOrder) -> bool:
        """Whether a limit is worse than the market by more than TWS's own setting allows."""
        most = self._line.hall.rules.percentage
        if most is None or message.override_percentage_constraints or message.lmt_price is None:
            return False
        found = self._line.venue.resolve(query_of(message.contract, message.legs))
        if not isinstance(found, Listing):
            return False
        book = self._line.venue.quote(found.con_id)
        market = None if book is None else book.ask if message.action == "BUY" else book.bid
        sign = 1 if message.action == "BUY" else -1
        return market is not None and sign * (message.lmt_price / float(market) - 1) * 100 > most

    def _stands(self, order_id: int) -> None:
        """How a live order stands after a refused change, which clients take for its end (unverified)."""
        order = self._line.venue.books.find(self._line.client_id, order_id)
        if order is not None and order.is_live and order.is_transmitted:
            self._line.send(open_order(order.view()))
            self._line.send(order_status(order.view()))

    def _apply(self, message: PlaceOrder) -> None:
        line = self._line
        before = line.venue.books.find(line.client_id, message.order_id)
        repeats = self._quirks(line.client_id, message.order_id).change_repeats
        events = line.venue.apply(
            commands.PlaceOrder(
                client_id=line.client_id,
                order_id=message.order_id,
                contract=query_of(message.contract, message.legs),
                spec=spec_of(message, line.venue.now),
            )
        )
        # The echo comes before what the change brings about: a status that follows Filled would undo it.
        echo = _echo(before, events)
        line.hall.publish(echo)
        for event in echo * repeats:
            self.hear(event)
        line.hall.publish(events[len(echo) :])

    def cancel(self, message: ask.CancelOrder) -> None:
        """Cancel one's own order, or another client's that was seen in the list of all."""
        line = self._line
        if line.hall.rules.read_only:
            line.error(message.order_id, 321, READ_ONLY)
            return
        foreign = self._foreign.get(message.order_id)
        own = line.venue.books.find(line.client_id, message.order_id)
        if foreign is None or own is not None:
            self._pend(own)
            line.hall.publish(line.venue.apply(commands.CancelOrder(line.client_id, message.order_id)))
            return
        events = line.venue.apply(commands.CancelOrder(foreign.client_id, foreign.order_id))
        line.hall.publish(events)
        self._hear_as_canceller(events)

    def _pend(self, order: Order | None) -> None:
        # Recorded: a live order is PendingCancel before it is Cancelled.
        if order is None or not (order.is_live and order.is_transmitted):
            return
        quirks = order.quirks
        if quirks.pending_cancel and not (quirks.ignores_cancels or quirks.is_silent):
            pending = replace(order_status(order.view()), status=OrderState.PENDING_CANCEL)
            self._delivery.send(pending, order.order_id, self._line.venue.now, quirks.status_ms)

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
        """This client's live orders; client 0 gets those that were entered in TWS too, and with ids."""
        if self._line.client_id == TWS:
            self._bind()
        self._list(self._line.venue.open_orders(self._line.client_id))

    def _bind(self) -> None:
        line = self._line
        if line.venue.books.unbound():
            line.hall.publish(line.venue.apply(commands.BindOrders()))

    def all_open_orders(self, _: ask.ReqAllOpenOrders) -> None:
        """Every live order, each with its owner's ids."""
        orders = self._line.venue.open_orders()
        foreign = [o for o in orders if o.client_id != self._line.client_id and o.order_id]
        ids = Counter(o.order_id for o in foreign)
        # Order ids repeat from client to client: one that two others use names neither order.
        self._foreign = {o.order_id: o for o in foreign if ids[o.order_id] == 1}
        self._list(orders)

    def _list(self, orders: Iterable[OrderView]) -> None:
        for view in orders:
            self._line.send(open_order(view))
            self._line.send(order_status(view))
        self._line.send(OpenOrderEnd())

    def auto_open_orders(self, message: ask.ReqAutoOpenOrders) -> None:
        """Whether orders that are entered in TWS become client 0's; nobody else may own them."""
        if self._line.client_id != TWS:
            self._line.error(NOBODY, 327, NOT_ZERO)
            return
        self._binds = message.auto_bind
        self.settle()

    def settle(self) -> None:
        """Bind what was entered in TWS meanwhile."""
        if self._binds:
            self._bind()

    def completed_orders(self, message: ask.ReqCompletedOrders) -> None:
        """Today's orders that are done; on demand only those that came over the API."""
        for view in self._line.venue.completed_orders():
            if view.order_id > 0 or not message.api_only:
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
        self._delivery.flush(event.at)
        match event:
            case OrderOpened(order=view) | OrderStatusChanged(order=view) if self._concerns(view.client_id):
                self._order(event, view)
            case WhatIfReported(order=view) if self._concerns(view.client_id):
                self._what_if(view, event.quirks)
            case OrderBound() if self._concerns(TWS):
                self._line.send(bound_order(event))
            case Executed(execution=execution) if self._concerns(execution.client_id):
                self._executed(event)
            case CommissionCharged() if self._concerns(event.client_id):
                self._charged(event)
            case OrderRejected() | OrderWarned() | OrderCancelled() if self._concerns(event.client_id):
                self._notice(event)
            case _:
                pass

    def tick(self, now: datetime) -> None:
        """Tell what was late."""
        self._delivery.flush(now)

    def _concerns(self, client_id: int) -> bool:
        line = self._line
        return client_id == line.client_id or line.client_id == line.hall.rules.master_client

    def _quirks(self, client_id: int, order_id: int) -> Quirks:
        return self._line.venue.books.quirks_of(client_id, order_id)

    def _order(self, event: OrderOpened | OrderStatusChanged, view: OrderView) -> None:
        if not view.order_id and self._line.client_id != self._line.hall.rules.master_client:
            return  # nobody but the master client hears of what is entered in TWS before it is bound
        quirks = self._quirks(view.client_id, view.order_id)
        if quirks.is_silent or (
            view.state is OrderState.INACTIVE and quirks.rejection is Rejection.CODE_ONLY
        ):
            return
        self._told(event, view, quirks)
        if isinstance(event, OrderOpened):
            return
        if view.state is OrderState.FILLED:
            for _ in range(quirks.fill_repeats):
                self._pair(event.at, view, quirks)
            for _ in range(quirks.late_statuses):
                self._send_status(event.at, replace(view, state=OrderState.SUBMITTED), quirks)
        elif quirks.seems_inactive and view.state is OrderState.SUBMITTED and not view.filled:
            self._send_status(event.at, replace(view, state=OrderState.INACTIVE), quirks)

    def _told(self, event: OrderOpened | OrderStatusChanged, view: OrderView, quirks: Quirks) -> None:
        if isinstance(event, OrderOpened):
            self._delivery.send(open_order(view), view.order_id, event.at, quirks.status_ms)
        else:
            self._send_status(event.at, view, quirks)

    def _pair(self, at: datetime, view: OrderView, quirks: Quirks) -> None:
        self._delivery.send(open_order(view), view.order_id, at, quirks.status_ms)
        self._send_status(at, view, quirks)

    def _send_status(self, at: datetime, view: OrderView, quirks: Quirks) -> None:
        self._delivery.send(order_status(view), view.order_id, at, quirks.status_ms)

    def _executed(self, event: Executed) -> None:
        execution = event.execution
        quirks = self._quirks(execution.client_id, execution.order_id)
        if not quirks.is_silent:
            message = exec_details(execution, NOBODY, self._line.version)
            self._delivery.send(message, execution.order_id, event.at, quirks.execution_ms)

    def _charged(self, event: CommissionCharged) -> None:
        quirks = self._quirks(event.client_id, event.order_id)
        if quirks.is_silent or quirks.commission is Commission.NEVER:
            return
        message = commission_report(event.report, quirks.commission)
        self._delivery.send(message, event.order_id, event.at, quirks.commission_ms)

    def _notice(self, event: OrderNotice) -> None:
        quirks = self._quirks(event.client_id, event.order_id)
        unsaid = isinstance(event, OrderRejected) and quirks.rejection is Rejection.STATUS_ONLY
        if not (quirks.is_silent or unsaid):
            message = ErrorMessage(id=event.order_id, code=event.code, text=event.text)
            self._delivery.send(message, event.order_id, event.at, quirks.notice_ms)

    def _what_if(self, view: OrderView, quirks: Quirks) -> None:
        if quirks.is_silent:
            return
        if self._line.hall.rules.double_what_if:
            self._line.send(open_order(view, complete=False))
        self._line.send(open_order(view, complete=not quirks.blank_what_if))


def _echo(before: Order | None, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events that say the new terms of an order which the exchange had; none where they are refused."""
    if before is None or not (before.is_live and before.is_transmitted):
        return ()
    match events:
        case [OrderOpened(order=view) as opened, OrderStatusChanged() as status, *_]:
            is_own = view.order_id == before.order_id and not view.state.is_terminal
            return (opened, status) if is_own else ()
        case _:
            return ()
