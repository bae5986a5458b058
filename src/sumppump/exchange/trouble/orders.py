"""Faults of orders that happen before or after the exchange itself: in TWS, at its gateway, by other hands.

What goes wrong with an order inside the exchange (it is held, rejected late, doubled, filled first) is in
`quirky`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from sumppump.exchange import commands
from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.desks.line import Line
from sumppump.exchange.listing.instruments import ContractQuery, Instrument
from sumppump.exchange.reports import Refusal
from sumppump.exchange.trouble.data import with_margins
from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.parameters import Count, Often, Percent, Seconds, Symbol
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.order_answers import ExecDetails, OpenOrder, OrderStatus
from sumppump.exchange.wire.place_order import PlaceOrder
from sumppump.exchange.wire.scalars import MAX_DOUBLE_TEXT

if TYPE_CHECKING:
    from sumppump.exchange.session import ClientSession

TEXTS = {
    103: "Duplicate order ID",
    104: "Can't modify a filled order",
    105: "Order being modified does not match original order",
    110: "The price does not conform to the minimum price variation for this contract.",
    200: "No security definition has been found for the request",
    201: "Order rejected - reason:No Trading Permission",
    203: "The security <security> is not available or allowed for this account.",
    321: "Error validating request.-'bN' : cause - Invalid order type was entered",
    399: "Order Message:\nWarning: your order will not be placed at the exchange until the open",
    404: "Shares for this order are not immediately available for short sale. The order will be held while we"
    " attempt to locate the shares.",
    460: "No trading permissions.",
    2109: "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on the order type"
    " and destination. PlaceOrder is now being processed.",
    10311: "This order will be directly routed. Direct routed orders may result in higher trade fees.",
    10349: "Order TIF was set to DAY based on order preset.",
}
"""Codes about orders; 10311 is unverified."""


def text_of(code: int) -> str:
    """The words of a code about an order."""
    return TEXTS.get(code, "Order rejected - reason:")


@dataclass(kw_only=True)
class Orders(Effect):
    """A fault of single orders; ends after so many.

    Attributes:
        orders: how many are hit; 0 for all.
    """

    orders: Often = 1
    _hit: int = field(default=0, init=False)

    def struck(self, scene: Scene) -> None:
        """One was hit."""
        self._hit += 1
        if self.orders and self._hit >= self.orders:
            scene.over()


def is_new(session: ClientSession, message: Message) -> bool:
    """Whether a message is a new order, neither a change nor a what-if."""
    is_order = isinstance(message, PlaceOrder) and not message.what_if
    return is_order and not is_known(session, message.order_id)


def is_known(session: ClientSession, order_id: int) -> bool:
    """Whether a client has a live order with this id."""
    return any(one.order_id == order_id for one in session.line.venue.open_orders(session.client_id))


@dataclass(kw_only=True)
class OrdersVanish(Orders):
    """An order gets no callback, ever: it was written, and TWS has lost it."""

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not is_new(session, message):
            return message
        self.struck(scene)
        return None


@dataclass(kw_only=True)
class OrdersHeld(Effect):
    """A dialog in TWS holds orders; nobody knows of them until it is closed, then they go live.

    Attributes:
        seconds: until it is closed.
        orders: how many are held; 0 for all.
    """

    seconds: Seconds = 90.0
    orders: Often = 1
    _hit: int = field(default=0, init=False)
    _held: list[tuple[ClientSession, Message]] = field(default_factory=list, init=False)

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not is_new(session, message) or (self.orders and self._hit >= self.orders):
            return message
        self._hit += 1
        self._held.append((session, message))
        scene.after(self.seconds, lambda: self._close_one(scene))
        return None

    def _close_one(self, scene: Scene) -> None:
        session, message = self._held.pop(0)
        session.serve(message)
        if self.orders and self._hit >= self.orders and not self._held:
            scene.over()

    def end(self, scene: Scene) -> None:
        for session, message in self._held:
            session.serve(message)


@dataclass(kw_only=True)
class OrdersRefused(Orders):
    """An order is refused with a code and without any status.

    Attributes:
        code: 200, 201, 203, 460 or another.
    """

    code: Count = 200

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not is_new(session, message):
            return message
        session.line.put(ErrorMessage(id=message.order_id, code=self.code, text=text_of(self.code)))
        self.struck(scene)
        return None


@dataclass(kw_only=True)
class OrdersWarned(Orders):
    """An order gets a message that sounds like an end and is none.

    Attributes:
        code: 10349, 2109, 399, 404 or 10311.
    """

    code: Count = 10349

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if is_new(session, message):
            session.line.put(ErrorMessage(id=message.order_id, code=self.code, text=text_of(self.code)))
            self.struck(scene)
        return message


@dataclass(kw_only=True)
class ChangesRefused(Orders):
    """A change of a live order is refused; the order works on in its old terms.

    Attributes:
        code: 110, 201, 321 or another.
    """

    code: Count = 110

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, PlaceOrder) or not is_known(session, message.order_id):
            return message
        session.line.put(ErrorMessage(id=message.order_id, code=self.code, text=text_of(self.code)))
        self.struck(scene)
        return None


class Preview(StrEnum):
    """How a what-if goes wrong."""

    SILENT = "silent"
    UNSET = "unset"
    TWICE = "twice"
    ERROR = "error"


@dataclass(kw_only=True)
class PreviewsFail(Orders):
    """A what-if is not answered, answered without numbers, answered twice, or refused.

    Attributes:
        how: which of these.
        code: of the refusal.
    """

    how: Preview = Preview.SILENT
    code: Count = 110

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, PlaceOrder) or not message.what_if or self.how is Preview.UNSET:
            return message
        if self.how is Preview.TWICE:
            return message
        if self.how is Preview.ERROR:
            session.line.put(ErrorMessage(id=message.order_id, code=self.code, text=text_of(self.code)))
        self.struck(scene)
        return None

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        if not isinstance(message, OpenOrder) or not message.what_if:
            return (message,)
        if self.how is Preview.UNSET:
            return (with_margins(message, MAX_DOUBLE_TEXT),)
        if self.how is Preview.TWICE:
            return (message, message)
        return (message,)


@dataclass(kw_only=True)
class GlobalCancelPartly(Orders):
    """A global cancel reaches one of two orders only.

    Attributes:
        one_in: every so many-th order is left alone.
    """

    one_in: Count = 2

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, ask.ReqGlobalCancel):
            return message
        for number, view in enumerate(scene.venue.open_orders(), start=1):
            if number % self.one_in or self.one_in == 1:
                cancel = commands.CancelOrder(view.client_id, view.order_id)
                scene.hall.publish(scene.venue.apply(cancel))
        self.struck(scene)
        return None


class By(StrEnum):
    """What a person does in TWS."""

    REST = "rest"
    TRADE = "trade"
    CANCEL = "cancel"


@dataclass(kw_only=True)
class OtherHands(Effect):
    """Somebody else trades in the same account: by hand in TWS, or another program.

    Attributes:
        does: leaves orders that rest, trades at once, or cancels everybody's orders.
        client_id: whose program; 0 is a person in TWS, whose orders have the id 0 and no reference.
        symbol: of the stock.
        action: BUY or SELL.
        quantity: shares of one order.
        orders: how many.
        away: how far from the market they rest, percent.
    """

    does: By = By.REST
    client_id: Often = 0
    symbol: Symbol = "SPY"
    action: str = "BUY"
    quantity: Count = 100
    orders: Count = 1
    away: Percent = 5.0
    _mine: set[int] = field(default_factory=set, init=False)

    def begin(self, scene: Scene) -> None:
        if self.does is By.CANCEL:
            for view in scene.venue.open_orders():
                cancel = commands.CancelOrder(view.client_id, view.order_id)
                scene.hall.publish(scene.venue.apply(cancel))
            return
        for _ in range(self.orders):
            self._place(scene)

    def _place(self, scene: Scene) -> None:
        query = ContractQuery(symbol=self.symbol, sec_type="STK", exchange="SMART", currency="USD")
        found = scene.venue.resolve(query)
        if isinstance(found, Refusal):
            return
        order = commands.PlaceOrder(
            client_id=self.client_id,
            order_id=scene.venue.next_order_id(self.client_id),
            contract=query,
            spec=self._terms(scene, found),
        )
        before = {one.perm_id for one in scene.venue.open_orders()}
        events = scene.venue.apply(order)
        views = (getattr(event, "order", None) for event in events)
        self._mine |= {one.perm_id for one in views if one is not None} - before
        scene.hall.publish(events)

    def _terms(self, scene: Scene, found: Instrument) -> OrderSpec:
        side = 1 if self.action == "BUY" else -1
        quantity = Decimal(self.quantity)
        if self.does is By.TRADE:
            return OrderSpec(action=self.action, quantity=quantity, order_type="MKT")
        book = scene.venue.quote(found.con_id)
        price = Decimal(1) if book is None or book.last is None else book.last
        limit = (price * (1 - side * Decimal(str(self.away)) / 100)).quantize(Decimal("0.01"))
        return OrderSpec(action=self.action, quantity=quantity, order_type="LMT", limit=limit)

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        is_order = isinstance(message, OpenOrder | OrderStatus | ExecDetails)
        if self.client_id or not is_order or message.perm_id not in self._mine:
            return (message,)
        return (replace(message, order_id=0),)
