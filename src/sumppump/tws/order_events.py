"""What TWS says about orders, kept by our own keys and told on as events.

The library's `Trade` guesses a state from error codes and dies with the connection; nothing of it is used. An
order is known by its permanent id, and before it has one by (client id, order id). What is here survives a
reconnect.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ib_async.contract import Contract
from ib_async.objects import Execution
from ib_async.order import Order as WireOrder
from ib_async.order import OrderState as WireState
from loguru import logger

from sumppump.domain.orders import BrokerOrder, BrokerStatus, Fill
from sumppump.kernel.money import Money
from sumppump.kernel.text import clean
from sumppump.ports.broker import BrokerEvent, CommissionSeen, FillSeen, OrderNotice, OrderSeen
from sumppump.tws.numbers import decimal
from sumppump.tws.what_if import WhatIf

NO_COMMISSION = -1.0
WHAT_IFS_REMEMBERED = 256
SIDES = {"BOT": "BUY", "SLD": "SELL"}
FINISHED = frozenset({BrokerStatus.FILLED, BrokerStatus.CANCELLED, BrokerStatus.API_CANCELLED})
WITH_LIMIT = frozenset({"LMT", "STP LMT", "TRAIL LIMIT", "LOC", "LIT"})


class OrderEvents:
    """The order messages of all connections, as `ports.broker` events."""

    def __init__(self, client_id: Callable[[], int]) -> None:
        self._client_id = client_id
        self._listeners: list[Callable[[BrokerEvent], None]] = []
        self._by_perm: dict[int, BrokerOrder] = {}
        self._by_session: dict[tuple[int, int], BrokerOrder] = {}
        self._sent_refs: dict[int, tuple[str, bool]] = {}
        self._fills: dict[str, Fill] = {}
        self._commissions: dict[tuple[str, int], tuple[Money, Money | None]] = {}
        self._what_ifs: OrderedDict[int, WhatIf | None] = OrderedDict()
        self._working: set[int] = set()
        self.highest_order_id = 0

    # --- for the broker -----------------------------------------------------------------------

    def subscribe(self, listener: Callable[[BrokerEvent], None]) -> None:
        """Hand every event to `listener`, in order."""
        self._listeners.append(listener)

    def tell(self, event: BrokerEvent) -> None:
        """Hand an event to everyone; who stumbles over it does not keep it from the others."""
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - nor may a listener look like an unreadable message of TWS
                logger.exception("a listener failed on {}", type(event).__name__)

    @property
    def working_count(self) -> int:
        """Orders of ours that have left and are not known to be finished: each may need a cancel."""
        return len(self._working)

    def sent(self, order_id: int, order_ref: str, *, is_combo: bool) -> None:
        """An order frame of ours is about to leave: its id means this reference from now on."""
        self._sent_refs[order_id] = (order_ref, is_combo)
        self._working.add(order_id)
        self.highest_order_id = max(self.highest_order_id, order_id)

    def watch_what_if(self, order_id: int, answer: WhatIf) -> None:
        """Give the messages of this id to a what-if."""
        self._what_ifs[order_id] = answer
        self.highest_order_id = max(self.highest_order_id, order_id)

    def forget_what_if(self, order_id: int) -> None:
        """Its answer is there, or late; what still comes for it is dropped."""
        self._what_ifs[order_id] = None
        while len(self._what_ifs) > WHAT_IFS_REMEMBERED:
            self._what_ifs.popitem(last=False)

    def working(self, keys: Sequence[tuple[int, int, int]]) -> tuple[BrokerOrder, ...]:
        """The orders of these (client id, order id, permanent id) that are not finished."""
        found = {order.perm_id or key: order for key in keys if (order := self._find(*key)) is not None}
        return tuple(order for order in found.values() if order.status not in FINISHED)

    def fills_of(self, rows: Sequence[tuple[Contract, Execution]]) -> tuple[Fill, ...]:
        """Executions with the highest revision of each, legs marked, commissions where known."""
        combos = {execution.permId for contract, execution in rows if contract.secType == "BAG"}
        latest: dict[str, Fill] = {}
        for contract, execution in rows:
            fill = self._fill(contract, execution)
            if fill.perm_id in combos and fill.sec_type != "BAG":
                fill = replace(fill, is_leg=True)
            if fill.exec_base not in latest or latest[fill.exec_base].revision < fill.revision:
                latest[fill.exec_base] = fill
        return tuple(self._with_commission(fill) for fill in latest.values())

    # --- messages -----------------------------------------------------------------------------

    def open_order(self, contract: Contract, order: WireOrder, state: WireState) -> None:
        """See `inbox.OrderSink`."""
        if order.whatIf:
            if (question := self._what_ifs.get(order.orderId)) is not None:
                question.take(state)
            return
        known = self._find(order.clientId, order.orderId, order.permId)
        seen = described(contract, order, BrokerStatus(state.status))
        # A new status without its figures: the old ones do not belong to it, the next orderStatus has them.
        if known is not None and known.status is seen.status:
            seen = replace(
                seen, filled=known.filled, remaining=known.remaining,
                avg_fill_price=known.avg_fill_price, why_held=known.why_held,
            )  # fmt: skip
        self._keep(seen)

    def status(
        self, order_id: int, status: str, filled: float | None, remaining: float | None,
        average: float | None, perm_id: int, parent_id: int, client_id: int, why_held: str,
    ) -> None:  # fmt: skip
        """See `inbox.OrderSink`."""
        if order_id in self._what_ifs and client_id in (0, self._client_id()):
            return
        known = self._find(client_id, order_id, perm_id)
        if known is None:
            ref = self._sent_refs.get(order_id, ("", False))[0] if client_id == self._client_id() else ""
            known = BrokerOrder(
                order_ref=ref, perm_id=perm_id, order_id=order_id, client_id=client_id,
                status=BrokerStatus(status), parent_id=parent_id,
            )  # fmt: skip
        filled_so_far = decimal(filled)
        average_so_far = decimal(average) if filled_so_far else None
        seen = replace(known, status=BrokerStatus(status), perm_id=perm_id or known.perm_id)
        seen = replace(seen, filled=filled_so_far, remaining=decimal(remaining))
        self._keep(replace(seen, avg_fill_price=average_so_far, why_held=clean(why_held)))

    def execution(self, contract: Contract, execution: Execution) -> None:
        """See `inbox.OrderSink`. A repeated execution is no news; a correction is."""
        fill = self._fill(contract, execution)
        known = self._fills.get(fill.exec_base)
        if known is not None and known.revision >= fill.revision:
            return
        self._fills[fill.exec_base] = fill
        self.tell(FillSeen(fill=self._with_commission(fill)))

    def commission(self, exec_id: str, amount: float | None, currency: str, realized: float | None) -> None:
        """See `inbox.OrderSink`. What TWS does not know yet is not told on."""
        fee = decimal(amount)
        if fee is None or amount == NO_COMMISSION:
            return
        profit = decimal(realized)
        gain = None if profit is None else Money(profit, currency or "USD")
        charged = Money(fee, currency or "USD")
        base, revision = split_exec_id(exec_id)
        if self._commissions.get((base, revision)) == (charged, gain):
            return
        self._commissions[base, revision] = (charged, gain)
        self.tell(CommissionSeen(exec_base=base, revision=revision, commission=charged, realized_pnl=gain))

    def completed(self, contract: Contract, order: WireOrder, state: WireState) -> BrokerOrder:
        """See `inbox.OrderSink`. Completed orders carry no session ids and often no quantity."""
        quantity = decimal(order.filledQuantity)
        done = replace(
            described(contract, order, BrokerStatus(state.status)),
            order_id=0, client_id=0, is_completed=True, filled=quantity,
            quantity=decimal(order.totalQuantity) or None,
        )  # fmt: skip
        self.tell(OrderSeen(order=done))
        return done

    def error(self, order_id: int, code: int, text: str) -> None:
        """See `inbox.OrderSink`. It changes nothing here: a code is evidence, not a state (P-4)."""
        if order_id in self._what_ifs:
            if (question := self._what_ifs[order_id]) is not None:
                question.refuse(code, text)
            return
        known = self._by_session.get((self._client_id(), order_id))
        ref = known.order_ref if known is not None else self._sent_refs.get(order_id, ("", False))[0]
        self.tell(OrderNotice(order_id=order_id, order_ref=ref, code=code, text=text))

    # --- private ------------------------------------------------------------------------------

    def _find(self, client_id: int, order_id: int, perm_id: int) -> BrokerOrder | None:
        # By permanent id first: session ids come back after a reset of TWS, and a cancel by another client
        # is reported under that client's id.
        if perm_id and perm_id in self._by_perm:
            return self._by_perm[perm_id]
        known = self._by_session.get((client_id, order_id)) if order_id > 0 else None
        return known if known is not None and (not perm_id or known.perm_id in (0, perm_id)) else None

    def _keep(self, order: BrokerOrder) -> None:
        if order.perm_id:
            self._by_perm[order.perm_id] = order
        if order.order_id > 0:
            self._by_session[order.client_id, order.order_id] = order
            if order.client_id == self._client_id():
                self.highest_order_id = max(self.highest_order_id, order.order_id)
                (self._working.discard if order.status in FINISHED else self._working.add)(order.order_id)
        self.tell(OrderSeen(order=order))

    def _fill(self, contract: Contract, execution: Execution) -> Fill:
        base, revision = split_exec_id(execution.execId)
        known = self._find(execution.clientId, execution.orderId, execution.permId)
        price, quantity = decimal(execution.price), decimal(execution.shares)
        if price is None or quantity is None:
            raise ValueError("an execution without price or quantity")
        return Fill(
            exec_base=base, revision=revision,
            order_ref=execution.orderRef or (known.order_ref if known else ""),
            perm_id=execution.permId, order_id=execution.orderId, client_id=execution.clientId,
            account=execution.acctNumber, con_id=contract.conId, sec_type=contract.secType,
            symbol=contract.symbol, side=SIDES.get(execution.side, execution.side),
            quantity=quantity, price=price, at=_utc(execution.time),
            is_leg=contract.secType != "BAG" and self._is_combo(execution, known),
        )  # fmt: skip

    def _is_combo(self, execution: Execution, known: BrokerOrder | None) -> bool:
        if known is not None and known.sec_type:
            return known.sec_type == "BAG"
        ours = execution.clientId == self._client_id()
        return ours and self._sent_refs.get(execution.orderId, ("", False))[1]

    def _with_commission(self, fill: Fill) -> Fill:
        fee, gain = self._commissions.get((fill.exec_base, fill.revision), (None, None))
        return replace(fill, commission=fee, realized_pnl=gain)


def described(contract: Contract, order: WireOrder, status: BrokerStatus) -> BrokerOrder:
    """The library's order in our words."""
    return BrokerOrder(
        order_ref=order.orderRef, perm_id=order.permId, order_id=order.orderId, client_id=order.clientId,
        status=status, account=order.account, symbol=contract.symbol, sec_type=contract.secType,
        action=order.action, quantity=decimal(order.totalQuantity), order_type=order.orderType,
        limit=decimal(order.lmtPrice) if order.orderType in WITH_LIMIT else None,
        aux=decimal(order.auxPrice) if order.orderType not in ("LMT", "MKT") else None,
        tif=order.tif, parent_id=order.parentId, oca_group=order.ocaGroup, con_ids=_con_ids(contract),
    )  # fmt: skip


def _con_ids(contract: Contract) -> tuple[int, ...]:
    if contract.secType != "BAG":
        return (contract.conId,)
    if contract.comboLegs:
        return tuple(leg.conId for leg in contract.comboLegs)
    legs = (text.split("|")[0] for text in contract.comboLegsDescrip.split(","))
    return tuple(int(text) for text in legs if text.isdigit())


def split_exec_id(exec_id: str) -> tuple[str, int]:
    """An execution's id without its last dotted part, and that part: a correction only changes it (P-13)."""
    base, dot, last = exec_id.rpartition(".")
    return (base, int(last)) if dot and last.isdigit() else (exec_id, 0)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
