"""Working orders of the account as one list: the broker's, and ours that it does not show (yet)."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.domain.journal import Book
from sumppump.domain.order_record import ENDED, OrderRecord, wire_price
from sumppump.domain.orders import BrokerOrder, BrokerStatus, OrderState
from sumppump.execution.reporting import order_report
from sumppump.execution.reports import WorkingOrder
from sumppump.kernel.text import clean

_OVER = ENDED - {BrokerStatus.INACTIVE}


def working_orders(book: Book, listed: Sequence[BrokerOrder]) -> Sequence[WorkingOrder]:
    """Ours first, then others'; what is in doubt stays in the list until somebody knows."""
    alive = [(order, _match(book, order)) for order in listed if order.status not in _OVER]
    ours = {record.ref: record for _, record in alive if record is not None}
    ours |= {record.ref: record for record in book.working()}
    foreign = [order for order, record in alive if record is None]
    return (*(_own(book, record) for record in ours.values()), *(_foreign(order) for order in foreign))


def _match(book: Book, order: BrokerOrder) -> OrderRecord | None:
    return book.orders.get(order.order_ref) or book.by_perm(order.perm_id)


def _own(book: Book, record: OrderRecord) -> WorkingOrder:
    order = record.order
    return WorkingOrder(
        order_id=record.order_id,
        order_ref=record.ref,
        perm_id=record.perm_ids[-1] if record.perm_ids else 0,
        ours=True,
        state=record.state,
        symbol=order.combo.symbol,
        description=order.combo.words(),
        order_type=order.order_type.value,
        tif=order.tif.value,
        quantity=record.told.quantity if record.told and record.told.quantity else None,
        filled=record.filled,
        limit=order.limit,
        stop=order.stop,
        client_id=record.client_id,
        parent_id=record.parent_id,
        why_held=record.told.why_held if record.told else "",
        con_ids=tuple(leg.contract.con_id for leg in order.combo.legs),
        report=order_report(book, record),
    )


def _foreign(order: BrokerOrder) -> WorkingOrder:
    return WorkingOrder(
        order_id=order.order_id,
        order_ref=clean(order.order_ref, limit=60),
        perm_id=order.perm_id,
        ours=False,
        state=OrderState.PARTIAL if order.filled else OrderState.LIVE,
        symbol=clean(order.symbol, limit=30),
        description=f"{order.action} {order.quantity} {clean(order.symbol, limit=30)} {order.sec_type}",
        order_type=order.order_type,
        tif=order.tif,
        quantity=order.quantity,
        filled=order.filled,
        limit=wire_price(order, order.limit),
        stop=wire_price(order, order.aux),
        client_id=order.client_id,
        parent_id=order.parent_id,
        why_held=order.why_held,
        con_ids=order.con_ids,
    )
