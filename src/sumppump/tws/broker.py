"""`ports.broker.Broker` on TWS: frames out in the same tick, everything else as events.

A frame is made and proven before its order is written down; only the check of the socket stands between that
and the write. What `transmit` refuses, it refuses before any byte has left, as GatewayUnavailable.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ib_async.objects import ExecutionFilter

from sumppump.domain.account import LinkStatus
from sumppump.domain.orders import BrokerOrder, Fill, MarginPreview, Order
from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable, InvalidRequest, ProtocolError
from sumppump.kernel.text import masked_account
from sumppump.ports.broker import BrokerEvent, SentFrame
from sumppump.tws import order_frame
from sumppump.tws.inbox import COMPLETED_ORDERS, OPEN_ORDERS
from sumppump.tws.link import Link
from sumppump.tws.order_events import OrderEvents
from sumppump.tws.pacing import Lane
from sumppump.tws.session import Session
from sumppump.tws.settings import TwsSettings
from sumppump.tws.what_if import WhatIf

FRAMES_KEPT = 512


@dataclass(frozen=True, slots=True)
class _Encoded:
    """What a frame of ours says, so that no other frame is ever written."""

    order: Order
    ticketing: order_frame.Ticketing


class TwsBroker:
    """Orders at TWS."""

    def __init__(
        self, settings: TwsSettings, link: Link, events: OrderEvents, base_currency: Callable[[], str]
    ) -> None:
        self._settings, self._link, self._events = settings, link, events
        self._base_currency = base_currency
        self._encoded: OrderedDict[bytes, _Encoded] = OrderedDict()
        self._next_order_id = 1

    def link(self) -> LinkStatus:
        """See `ports.broker.Broker`."""
        return self._link.status()

    def subscribe(self, listener: Callable[[BrokerEvent], None]) -> None:
        """See `ports.broker.Broker`."""
        self._events.subscribe(listener)

    def reserve_order_id(self, *, at_least: int = 0) -> int:
        """See `ports.broker.Broker`."""
        told = self._link.session().inbox.next_valid_id
        order_id = max(self._next_order_id, told, at_least + 1, self._events.highest_order_id + 1)
        self._next_order_id = order_id + 1
        return order_id

    # --- sending ------------------------------------------------------------------------------

    def encode(self, order: Order, order_id: int, *, parent_id: int = 0, transmit: bool = True) -> bytes:
        """See `ports.broker.Broker`."""
        return self._encode(order, order_id, parent_id=parent_id, transmit=transmit, what_if=False)

    def _encode(self, order: Order, order_id: int, *, parent_id: int, transmit: bool, what_if: bool) -> bytes:
        session = self._link.session()
        self._check_ids(order, order_id, parent_id, session)
        ticketing = order_frame.Ticketing(
            order_id=order_id, parent_id=parent_id, transmit=transmit, what_if=what_if,
            version=session.client.serverVersion(),
        )  # fmt: skip
        frame = order_frame.encode(order, ticketing)
        self._encoded[frame] = _Encoded(order, ticketing)
        while len(self._encoded) > FRAMES_KEPT:
            self._encoded.popitem(last=False)
        return frame

    @staticmethod
    def _check_ids(order: Order, order_id: int, parent_id: int, session: Session) -> None:
        if order_id <= 0 or parent_id < 0 or parent_id >= order_id:
            raise InvalidRequest(
                "an order's id is above 0 and above its parent's", found=f"{order_id}, parent {parent_id}"
            )
        if order.account not in session.inbox.accounts:
            raise InvalidRequest(
                "the order is for an account that this login does not have",
                expected=", ".join(masked_account(name) for name in session.inbox.accounts),
                found=masked_account(order.account),
            )

    def transmit(self, frame: bytes, order_id: int) -> SentFrame:
        """See `ports.broker.Broker`."""
        self._must_write()
        session = self._link.online_session()
        made = self._encoded.get(frame)
        if made is None or made.ticketing.order_id != order_id:
            raise GatewayUnavailable("this frame was not made here for this order id", code="frame_refused")
        if order_frame.what_if_flag(frame, made.order, made.ticketing):
            raise GatewayUnavailable("a what-if is not an order", code="frame_refused")
        if made.ticketing.version != session.client.serverVersion():
            raise GatewayUnavailable("the frame was made for another server version", code="frame_refused")
        session.put_check(may_queue=False)
        self._events.sent(order_id, made.order.order_ref, is_combo=not made.order.combo.is_single)
        session.put(frame)
        return _sent(frame, order_id)

    def transmit_cancel(self, order_id: int) -> SentFrame:
        """See `ports.broker.Broker`."""
        self._must_write()
        session = self._link.session()
        frame = order_frame.encode_cancel(order_id, session.client.serverVersion())
        session.put_check(may_queue=True)
        session.put(frame)
        return _sent(frame, order_id)

    def transmit_global_cancel(self) -> None:
        """See `ports.broker.Broker`."""
        self._must_write()
        session = self._link.session()
        session.put_check(may_queue=True)
        session.put(order_frame.encode_global_cancel(session.client.serverVersion()))

    def _must_write(self) -> None:
        if self._link.is_reader:
            raise GatewayUnavailable(
                "this process is read-only; nothing was sent",
                code="read_only",
                next_steps=["Ask the process that writes."],
            )

    # --- asking -------------------------------------------------------------------------------

    async def preview(self, order: Order, *, timeout_s: float = 10.0) -> MarginPreview:
        """See `ports.broker.Broker`."""
        session = self._link.online_session()
        order_id = self.reserve_order_id()
        frame = self._encode(order, order_id, parent_id=0, transmit=True, what_if=True)
        made = self._encoded.pop(frame)
        if not order_frame.what_if_flag(frame, made.order, made.ticketing):
            raise ProtocolError("the what-if flag is not in the frame; nothing was sent")
        answer = WhatIf(self._base_currency())
        self._events.watch_what_if(order_id, answer)
        try:
            await session.pacer.turn(Lane.CONTROL)
            session.put_check(may_queue=True)
            session.put(frame, jumps=False)
            return await answer.answer(timeout_s=timeout_s, grace_s=self._settings.what_if_grace_s)
        finally:
            self._events.forget_what_if(order_id)

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """See `ports.broker.Broker`."""
        session = self._link.online_session()
        keys = await session.ask_keyed(OPEN_ORDERS, lambda client: client.reqAllOpenOrders())
        return self._events.working(keys)

    async def executions(self) -> Sequence[Fill]:
        """See `ports.broker.Broker`."""
        session = self._link.online_session()
        wanted = ExecutionFilter(acctCode=session.account)
        try:
            rows = await session.ask(
                lambda client, request_id: client.reqExecutions(request_id, wanted), what="executions"
            )
        except BrokerRejected as error:
            raise GatewayUnavailable(f"TWS would not list executions: {error.text}") from error
        return self._events.fills_of(rows)

    async def completed_orders(self) -> Sequence[BrokerOrder]:
        """See `ports.broker.Broker`."""
        session = self._link.online_session()
        rows = await session.ask_keyed(
            COMPLETED_ORDERS, lambda client: client.reqCompletedOrders(apiOnly=False)
        )
        return tuple(rows)


def _sent(frame: bytes, order_id: int) -> SentFrame:
    return SentFrame(order_id=order_id, frame_sha256=hashlib.sha256(frame).hexdigest())
