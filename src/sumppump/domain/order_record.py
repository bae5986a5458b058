"""One order as the journal knows it: a pure fold of events, and the state that follows from it.

State is never stored, it is read off the evidence, the strongest first: executions, then an end that was
settled, then doubt, then what was sent last. A late status of lower rank is no news (`Filled`, then
`Submitted`); executions win over everything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.domain.events import (
    CancelSending,
    Doubted,
    Event,
    Executed,
    ModifySending,
    Noticed,
    Resolved,
    Seen,
    Sending,
    Settled,
)
from sumppump.domain.instruments import SecType
from sumppump.domain.orders import BrokerOrder, BrokerStatus, Fill, Order, OrderState
from sumppump.domain.tickets import Role
from sumppump.kernel.money import Premium

RANK = {
    BrokerStatus.API_PENDING: 0,
    BrokerStatus.PENDING_SUBMIT: 0,
    BrokerStatus.PRE_SUBMITTED: 1,
    BrokerStatus.SUBMITTED: 2,
    BrokerStatus.PENDING_CANCEL: 3,
    BrokerStatus.INACTIVE: 4,
    BrokerStatus.API_CANCELLED: 5,
    BrokerStatus.CANCELLED: 5,
    BrokerStatus.FILLED: 6,
}
ENDED = frozenset(
    {BrokerStatus.INACTIVE, BrokerStatus.API_CANCELLED, BrokerStatus.CANCELLED, BrokerStatus.FILLED}
)


class Pending(StrEnum):
    """What was written last and has not been answered."""

    NOTHING = ""
    CANCEL = "cancel"
    MODIFY = "modify"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """One order and all evidence about it.

    Attributes:
        order: as it stands; a modify replaces it when the broker shows it.
        wanted: what a modify shall make of it, None otherwise.
        fills: highest revision per execution, in the order they became known.
        status: the broker's word of the highest rank; told: its latest report.
        doubt: why the outcome of what was sent last is unknown, "".
        sent_mono, doubt_mono: monotonic seconds within `boot_id` / `doubt_boot`.
        pending_mono: when the unanswered cancel or modify was written.
        cancel_reason: why the last cancel was written, "" while none was.
        notices: (code, text) of TWS, the newest last.
        sent_row_at: the machine's time of the row of SENDING, comparable across boots.
        sent_seq, doubt_seq: journal rows of SENDING and of the last doubt; seq: of the last change.
    """

    order: Order
    role: Role
    ticket_id: str
    strategy_id: str
    order_id: int
    client_id: int
    parent_id: int
    boot_id: str
    sent_mono: float
    sent_at: datetime
    wanted: Order | None = None
    pending: Pending = Pending.NOTHING
    pending_mono: float = 0.0
    cancel_reason: str = ""
    modify_ticket: str = ""
    perm_ids: tuple[int, ...] = ()
    status: BrokerStatus | None = None
    told: BrokerOrder | None = None
    fills: tuple[Fill, ...] = ()
    notices: tuple[tuple[int, str], ...] = ()
    doubt: str = ""
    doubt_mono: float = 0.0
    doubt_boot: str = ""
    sent_seq: int = 0
    sent_row_at: datetime | None = None
    doubt_seq: int = 0
    settled: OrderState | None = None
    reopened: bool = False
    evidence: str = ""
    seq: int = 0
    changed_at: datetime | None = None

    @property
    def ref(self) -> str:
        """The order's reference."""
        return self.order.order_ref

    @property
    def filled(self) -> Decimal:
        """Whole combos or contracts that executions prove, or that the broker called filled twice."""
        if self.settled is OrderState.FILLED:
            return Decimal(self.order.quantity)
        return max(self._whole_fills(), self._leg_fills())

    def is_leg(self, fill: Fill) -> bool:
        """Whether an execution is of one leg of a combo; only the BAG's own row counts whole combos."""
        return fill.is_leg or (not self.order.combo.is_single and fill.sec_type != SecType.BAG)

    @property
    def charged_fills(self) -> tuple[Fill, ...]:
        """The executions that fees and results are told of: of a combo its legs, where they are known."""
        return tuple(fill for fill in self.fills if self.is_leg(fill)) or tuple(self.fills)

    def _whole_fills(self) -> Decimal:
        ratio = abs(self.order.combo.legs[0].ratio) if self.order.combo.is_single else 1
        return sum((fill.quantity for fill in self.fills if not self.is_leg(fill)), Decimal(0)) / ratio

    def _leg_fills(self) -> Decimal:
        # A BAG's own row can be late or missing; whole combos are then the smallest share of any leg.
        done = {leg.contract.con_id: Decimal(0) for leg in self.order.combo.legs}
        for fill in self.fills:
            if self.is_leg(fill) and fill.con_id in done:
                done[fill.con_id] += fill.quantity
        return min(Decimal(done[leg.contract.con_id] // abs(leg.ratio)) for leg in self.order.combo.legs)

    @property
    def is_uneven(self) -> bool:
        """Whether the legs of a combo have been filled in different proportions."""
        shares = {
            leg.contract.con_id: sum(
                (f.quantity for f in self.fills if self.is_leg(f) and f.con_id == leg.contract.con_id),
                Decimal(0),
            )
            / abs(leg.ratio)
            for leg in self.order.combo.legs
        }
        return not self.order.combo.is_single and len(set(shares.values())) > 1

    @property
    def avg_fill_price(self) -> Premium | None:
        """Signed premium of one combo per share over all executions; None while nothing filled."""
        whole = [fill for fill in self.fills if not self.is_leg(fill)]
        rows = whole or list(self.fills)
        if not rows or not self.filled:
            return self._told_price()
        # Legs give the price of whole combos only once they are filled evenly.
        if not whole and self.is_uneven:
            return None
        cash = sum((_signed(fill) * fill.quantity * self._share(fill) for fill in rows), Decimal(0))
        shares = sum((fill.quantity for fill in whole), Decimal(0)) if whole else self.filled
        return Premium(cash / shares)

    def _share(self, fill: Fill) -> Decimal:
        if not self.is_leg(fill):
            return Decimal(1)
        by_id = {leg.contract.con_id: leg.contract.multiplier for leg in self.order.combo.legs}
        return Decimal(by_id.get(fill.con_id, 0)) / self.order.combo.multiplier

    def _told_price(self) -> Premium | None:
        told = self.told
        if self.settled is not OrderState.FILLED or told is None or told.avg_fill_price is None:
            return None
        return Premium(-told.avg_fill_price if told.action == "SELL" else told.avg_fill_price)

    @property
    def state(self) -> OrderState:
        """Where the order stands."""
        if self.filled >= self.order.quantity:
            return OrderState.FILLED
        if self.settled is not None:
            return self.settled
        if self.doubt:
            return _DOUBT[self.pending]
        if self.pending:
            return _PENDING[self.pending]
        if self.filled:
            return OrderState.PARTIAL
        return OrderState.LIVE if self.status is not None else OrderState.SENDING

    @property
    def is_working(self) -> bool:
        """Whether the broker may still fill it, as far as anybody knows."""
        return not self.state.is_terminal and self.state is not OrderState.NOT_FOUND

    @property
    def is_unknown(self) -> bool:
        """Whether the outcome of something that was sent is unknown."""
        return bool(self.doubt) and self.is_working

    @property
    def awaits_proof_of_end(self) -> bool:
        """Whether the broker said it is over and nobody has looked at the open orders since."""
        return self.is_working and self.status in ENDED

    def apply(self, event: Event) -> OrderRecord:
        """The record after `event`; itself, unchanged, when the event is no news."""
        match event:
            case Seen(order=told):
                return self._seen(told)
            case Executed(fill=fill):
                return self._executed(fill)
            case Noticed(code=code, text=text):
                return self._noticed(code, text)
            case CancelSending(mono=mono, reason=reason):
                news = replace(self, pending=Pending.CANCEL, pending_mono=mono, cancel_reason=reason)
                return replace(news, doubt="", notices=())
            case ModifySending(order=order, mono=mono, ticket_id=ticket):
                return replace(
                    self,
                    wanted=order,
                    pending=Pending.MODIFY,
                    pending_mono=mono,
                    modify_ticket=ticket,
                    doubt="",
                )
            case Doubted(reason=reason, mono=mono):
                return replace(self, doubt=reason, doubt_mono=mono, evidence=reason)
            case Resolved(evidence=evidence):
                news = replace(self, pending=Pending.NOTHING, wanted=None, notices=())
                return replace(news, doubt="", evidence=evidence)
            case Settled(state=state, evidence=evidence):
                return self._settled(state, evidence)
            case _:
                return self

    def _seen(self, told: BrokerOrder) -> OrderRecord:
        perm_ids = self.perm_ids
        if told.perm_id and told.perm_id not in perm_ids:
            perm_ids = (*perm_ids, told.perm_id)
        news = self._exists(replace(self, perm_ids=perm_ids))
        if self.status is not None and RANK[told.status] < RANK[self.status] and not self._comes_back(told):
            return news
        news = replace(news, status=told.status, told=_latest(self.told, told), evidence=_says(told))
        if self.pending is Pending.MODIFY and self.wanted is not None and shows(told, self.wanted):
            return replace(news, order=self.wanted, wanted=None, pending=Pending.NOTHING, doubt="")
        return replace(news, order=as_told(self.order, told))

    def _exists(self, news: OrderRecord) -> OrderRecord:
        # Any report proves that the order arrived; it says nothing of a cancel or a modify under way.
        if self.settled is OrderState.NOT_FOUND:
            news = replace(news, settled=None, reopened=True)
        return news if self.pending else replace(news, doubt="")

    def _comes_back(self, told: BrokerOrder) -> bool:
        # Inactive is no end: an order held at the broker may work again (whyHeld, or at the open).
        held = self.status in (BrokerStatus.INACTIVE, BrokerStatus.PENDING_CANCEL) and self.settled is None
        return held and told.status is BrokerStatus.SUBMITTED

    def _executed(self, fill: Fill) -> OrderRecord:
        known = next((old for old in self.fills if old.exec_base == fill.exec_base), None)
        if known is not None and known.revision >= fill.revision:
            return self
        kept = tuple(old for old in self.fills if old is not known)
        perm_ids = self.perm_ids
        if fill.perm_id and fill.perm_id not in perm_ids:
            perm_ids = (*perm_ids, fill.perm_id)
        return self._exists(replace(self, fills=(*kept, fill), perm_ids=perm_ids, evidence="executions"))

    def _noticed(self, code: int, text: str) -> OrderRecord:
        if (code, text) in self.notices[-3:]:
            return self
        return replace(self, notices=(*self.notices[-9:], (code, text)))

    def _settled(self, state: OrderState, evidence: str) -> OrderRecord:
        return replace(self, settled=state, evidence=evidence, doubt="", pending=Pending.NOTHING, wanted=None)


_DOUBT = {
    Pending.NOTHING: OrderState.UNKNOWN,
    Pending.CANCEL: OrderState.CANCEL_UNKNOWN,
    Pending.MODIFY: OrderState.MODIFY_UNKNOWN,
}
_PENDING = {Pending.CANCEL: OrderState.CANCEL_SENDING, Pending.MODIFY: OrderState.MODIFY_SENDING}


def begun(event: Sending, boot_id: str) -> OrderRecord:
    """The record of an order that is about to be sent."""
    return OrderRecord(
        order=event.order,
        role=event.role,
        ticket_id=event.ticket_id,
        strategy_id=event.strategy_id,
        order_id=event.order_id,
        client_id=event.client_id,
        parent_id=event.parent_id,
        boot_id=boot_id,
        sent_mono=event.mono,
        sent_at=event.at,
        evidence="written down, about to be sent",
    )


def shows(told: BrokerOrder, order: Order) -> bool:
    """Whether a report describes the order as `order` has it; the poor rows of completed orders never do."""
    quantity = not told.is_completed and told.quantity == order.quantity
    limit = order.limit is None or wire_price(told, told.limit) == order.limit
    return quantity and limit and _stop_fits(told, order)


def as_told(order: Order, told: BrokerOrder) -> Order:
    """The order as the broker has it: a change that surfaced late, or that a person made in TWS."""
    if told.is_completed or told.status in ENDED:
        return order
    limit, stop = wire_price(told, told.limit), wire_price(told, told.aux)
    return replace(
        order,
        quantity=int(told.quantity) if told.quantity else order.quantity,
        limit=limit if order.limit is not None and limit is not None else order.limit,
        stop=stop if order.stop is not None and stop is not None else order.stop,
    )


def _stop_fits(told: BrokerOrder, order: Order) -> bool:
    return order.stop is None or wire_price(told, told.aux) == order.stop


def wire_price(told: BrokerOrder, price: Decimal | None) -> Premium | None:
    """A price as reported, as a signed premium: what is sold at a positive price is a credit."""
    if price is None:
        return None
    return Premium(-price if told.action == "SELL" else price)


def _signed(fill: Fill) -> Decimal:
    return fill.price if fill.side == "BUY" else -fill.price


def _latest(old: BrokerOrder | None, new: BrokerOrder) -> BrokerOrder:
    # The completed list is poorer than what came before: it has no ids and no quantity.
    if old is None or not new.is_completed:
        return new
    return replace(old, status=new.status, is_completed=True, avg_fill_price=new.avg_fill_price)


def _says(told: BrokerOrder) -> str:
    held = f", held: {told.why_held}" if told.why_held else ""
    source = "completed orders" if told.is_completed else "order status"
    return f"{source}: {told.status}{held}"
