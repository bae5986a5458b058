"""The fold: everything this program knows about tickets, orders and trades, from the journal's events.

`Book.apply` is the only way state comes to be; the same events give the same book, in any process and
after any crash. It does no input or output and asks no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sumppump.domain import events as ev
from sumppump.domain.leg_ends import LegEnd
from sumppump.domain.order_record import OrderRecord, begun
from sumppump.domain.orders import OrderState, Purpose
from sumppump.domain.tickets import Channel, Ticket, TicketKind
from sumppump.domain.trade import TradeEvent, TradeState, advance
from sumppump.kernel.money import Money, whole_sum


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecord:
    """A ticket and its decision.

    Attributes:
        staged_at: the machine's time of its row, for other processes. decided_by: None while it waits.
    """

    ticket: Ticket
    digest: str
    staged_at: datetime
    seq: int
    state: OrderState = OrderState.AWAIT_HUMAN
    decided_by: Channel | None = None
    reason: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRecord:
    """One trade, keyed by the strategy_id that opened it.

    Attributes:
        adopted: combos that came or went by other hands than our orders; 0 for most trades.
        refs: its orders in the order sent. history: (journal row, state), oldest first.
        left_at: the exchange's time at which something of it left without an order of this trade; None where
            nothing did, or nobody told.
        leg_ends: what became of that, leg by leg.
    """

    strategy_id: str
    symbol: str
    title: str
    state: TradeState
    adopted: int = 0
    refs: tuple[str, ...] = ()
    history: tuple[tuple[int, TradeState], ...] = ()
    reason: str = ""
    left_at: datetime | None = None
    leg_ends: tuple[LegEnd, ...] = ()


@dataclass(slots=True)
class Book:
    """All tickets, orders and trades. Change it by `apply` alone.

    Attributes:
        seq: of the last row. began: the machine's time of the first, None while there is none.
    """

    seq: int = 0
    began: datetime | None = None
    boot_number: int = 0
    tickets: dict[str, TicketRecord] = field(default_factory=dict)
    orders: dict[str, OrderRecord] = field(default_factory=dict)
    trades: dict[str, TradeRecord] = field(default_factory=dict)
    charges: dict[str, ev.Charged] = field(default_factory=dict)
    killed: str = ""
    kills_everything: bool = False
    halted: str = ""
    acknowledged: frozenset[str] = frozenset()
    anchors: dict[str, ev.Anchored] = field(default_factory=dict)
    _alive: dict[str, None] = field(default_factory=dict)
    _by_ticket: dict[str, list[str]] = field(default_factory=dict)
    _by_trade: dict[str, list[str]] = field(default_factory=dict)
    _by_session: dict[tuple[int, int], str] = field(default_factory=dict)
    _by_perm: dict[int, str] = field(default_factory=dict)
    _by_execution: dict[str, str] = field(default_factory=dict)

    def apply(self, row: ev.Recorded) -> None:
        """Take one event in."""
        self.seq, self.began = row.seq, self.began or row.at
        match row.event:
            case ev.Booted(boot_number=number):
                self.boot_number = number
                self._forget_drafts()
            case ev.Staged(ticket=ticket, digest=digest):
                self._staged(ticket, digest, row)
            case ev.Decided():
                self._decided(row.event)
            case ev.Sending():
                self._sending(row.event, row)
            case ev.Charged():
                self._charged(row.event)
            case ev.StopDeclined() | ev.Watched() | ev.Adopted() | ev.LeftElsewhere():
                self._trade_event(row.event)
            case ev.Anchored(log=log):
                self.anchors[log] = row.event
            case ev.Halted() | ev.HaltCleared() | ev.Killed() | ev.KillCleared():
                self._switch(row.event)
            case ev.ModifySending(order=order):
                self._evidence(order.order_ref, row)
            case _:
                self._evidence(row.event.order_ref, row)

    # --- questions ----------------------------------------------------------------------------

    def is_news(self, event: ev.Event) -> bool:
        """Whether writing the event down would change anything: duplicates of the wire are no news."""
        if isinstance(event, ev.Charged):
            known = self.charges.get(event.exec_base)
            return known is None or known.revision < event.revision
        if isinstance(event, ev.Seen | ev.Executed | ev.Noticed):
            record = self.orders.get(event.order_ref)
            return record is not None and record.apply(event) != record
        return True

    def by_session(self, client_id: int, order_id: int) -> OrderRecord | None:
        """The newest order of ours under a session id; ids come back after a restart of TWS, refs never."""
        return self.orders.get(self._by_session.get((client_id, order_id), ""))

    def by_perm(self, perm_id: int) -> OrderRecord | None:
        """The order of ours that has this permanent id."""
        return self.orders.get(self._by_perm.get(perm_id, ""))

    def by_execution(self, exec_base: str) -> OrderRecord | None:
        """The order of ours that an execution belongs to."""
        return self.orders.get(self._by_execution.get(exec_base, ""))

    def orders_of_ticket(self, ticket_id: str) -> tuple[OrderRecord, ...]:
        """What was sent for a ticket, in the order sent."""
        return tuple(self.orders[ref] for ref in self._by_ticket.get(ticket_id, ()))

    def orders_of_trade(self, strategy_id: str) -> tuple[OrderRecord, ...]:
        """Every order of a trade."""
        return tuple(self.orders[ref] for ref in self._by_trade.get(strategy_id, ()))

    def unknown(self) -> tuple[OrderRecord, ...]:
        """Orders whose outcome nobody knows."""
        return tuple(record for record in self.working() if record.is_unknown)

    @property
    def executions(self) -> int:
        """How many executions and commissions are known; grows with every new one."""
        return len(self.charges) + sum(len(record.fills) for record in self.orders.values())

    def working(self) -> tuple[OrderRecord, ...]:
        """Orders that may still fill, in doubt or not."""
        return tuple(self.orders[ref] for ref in self._alive)

    def held(self, strategy_id: str) -> int:
        """Combos of a trade that executions say are held now."""
        trade = self.trades.get(strategy_id)
        return self._net_filled(strategy_id) + (trade.adopted if trade else 0)

    def entry(self, strategy_id: str) -> OrderRecord | None:
        """The order that opened a trade: the newest that filled, else the newest; None of others' trades."""
        opened = [r for r in self.orders_of_trade(strategy_id) if r.order.purpose is Purpose.OPEN]
        found = [record for record in opened if record.filled] or opened
        return found[-1] if found else None

    def guarded(self, strategy_id: str) -> int:
        """Combos of a trade that stops known to the broker guard."""
        stops = (r for r in self.orders_of_trade(strategy_id) if r.order.purpose is Purpose.STOP)
        return sum(r.order.quantity - int(r.filled) for r in stops if r.is_working and r.status is not None)

    def _net_filled(self, strategy_id: str) -> int:
        signs = ((1 if r.order.purpose is Purpose.OPEN else -1, r) for r in self.orders_of_trade(strategy_id))
        return int(sum(sign * r.filled for sign, r in signs))

    def commission(self, record: OrderRecord) -> Money | None:
        """What the broker charged for an order's executions; None until every one has been charged."""
        return whole_sum(
            self.charges[fill.exec_base].commission if fill.exec_base in self.charges else fill.commission
            for fill in record.charged_fills
        )

    # --- private ------------------------------------------------------------------------------

    def _forget_drafts(self) -> None:
        # Drafts and tickets die with their process: what was never sent is history.
        for trade in tuple(self.trades.values()):
            self._move(
                trade.strategy_id, TradeEvent.ABANDONED, reason="never sent; the program has ended since"
            )

    def _staged(self, ticket: Ticket, digest: str, row: ev.Recorded) -> None:
        self.tickets[ticket.ticket_id] = TicketRecord(
            ticket=ticket, digest=digest, staged_at=row.at, seq=row.seq
        )
        if ticket.kind is TicketKind.OPEN:
            self._move(ticket.strategy_id, TradeEvent.VALIDATED, ticket=ticket)

    def _decided(self, event: ev.Decided) -> None:
        record = self.tickets.get(event.ticket_id)
        if record is None:
            return
        self.tickets[event.ticket_id] = replace(
            record,
            state=event.state,
            decided_by=event.channel,
            reason=event.reason,
            replaced_by=event.replaced_by,
            seq=self.seq,
        )
        dead = event.state in (OrderState.DECLINED, OrderState.EXPIRED)
        if dead and record.ticket.kind is TicketKind.OPEN:
            self._move(record.ticket.strategy_id, TradeEvent.TICKET_DEAD, reason=event.reason)

    def _sending(self, event: ev.Sending, row: ev.Recorded) -> None:
        self.orders[event.order.order_ref] = replace(
            begun(event, row.boot_id), seq=row.seq, sent_seq=row.seq, sent_row_at=row.at, changed_at=row.at
        )
        self._index(self.orders[event.order.order_ref])
        trade = self.trades.get(event.strategy_id)
        if trade is not None:
            self.trades[event.strategy_id] = replace(trade, refs=(*trade.refs, event.order.order_ref))
        if event.order.purpose is Purpose.OPEN:
            self._move(event.strategy_id, TradeEvent.SENT)

    def _charged(self, event: ev.Charged) -> None:
        known = self.charges.get(event.exec_base)
        if known is None or known.revision < event.revision:
            self.charges[event.exec_base] = event

    def _trade_event(self, event: ev.StopDeclined | ev.Watched | ev.Adopted | ev.LeftElsewhere) -> None:
        match event:
            case ev.StopDeclined(reason=reason):
                self._move(event.strategy_id, TradeEvent.STOP_DECLINED, reason=reason)
            case ev.Watched():
                self._move(event.strategy_id, TradeEvent.WATCHED)
            case ev.LeftElsewhere(held=held, evidence=evidence):
                trade = self.trades[event.strategy_id]
                self.trades[event.strategy_id] = replace(
                    trade,
                    adopted=held - self._net_filled(event.strategy_id),
                    left_at=event.at or trade.left_at,
                    leg_ends=(*trade.leg_ends, *event.legs),
                )
                if held == 0:
                    self._move(event.strategy_id, TradeEvent.EXITED, reason=evidence)
            case ev.Adopted():
                self.trades[event.strategy_id] = TradeRecord(
                    strategy_id=event.strategy_id,
                    symbol=event.symbol,
                    title=event.title,
                    state=TradeState.FILLS_CONFIRMED,
                    # The name is made of the legs: a second life must not count the exits of the first.
                    adopted=event.quantity - self._net_filled(event.strategy_id),
                    refs=self.trades[event.strategy_id].refs if event.strategy_id in self.trades else (),
                    history=((self.seq, TradeState.FILLS_CONFIRMED),),
                )

    def _switch(self, event: ev.Halted | ev.HaltCleared | ev.Killed | ev.KillCleared) -> None:
        match event:
            case ev.Halted(reason=reason):
                self.halted = self.halted or reason
            case ev.HaltCleared(acknowledged=refs):
                self.halted, self.acknowledged = "", self.acknowledged | set(refs)
            case ev.Killed(reason=reason, everything=everything):
                self.killed, self.kills_everything = reason, everything or self.kills_everything
            case ev.KillCleared():
                self.killed, self.kills_everything = "", False

    def _evidence(self, ref: str, row: ev.Recorded) -> None:
        before = self.orders.get(ref)
        if before is None:
            return
        after = replace(before.apply(row.event), seq=row.seq, changed_at=row.at)
        if isinstance(row.event, ev.Doubted):
            after = replace(after, doubt_boot=row.boot_id, doubt_seq=row.seq)
        self.orders[ref] = after
        self._learn(after)
        for event in _trade_events(before, after):
            self._move(after.strategy_id, event, reason=after.evidence)
        self._close_if_flat(after)
        if after.order.purpose is Purpose.STOP:
            self._weigh_stops(after)

    def _weigh_stops(self, record: OrderRecord) -> None:
        # A stop that guards less than is held is not in place, whatever its own state.
        held = self.held(record.strategy_id)
        whole = 0 < held <= self.guarded(record.strategy_id)
        event = TradeEvent.STOP_WORKING if whole else TradeEvent.STOP_GONE
        self._move(record.strategy_id, event, reason=record.evidence)

    def _index(self, record: OrderRecord) -> None:
        ref = record.ref
        self._by_ticket.setdefault(record.ticket_id, []).append(ref)
        self._by_trade.setdefault(record.strategy_id, []).append(ref)
        self._by_session[record.client_id, record.order_id] = ref
        self._learn(record)

    def _learn(self, record: OrderRecord) -> None:
        if record.is_working:
            self._alive[record.ref] = None
        else:
            self._alive.pop(record.ref, None)
        self._by_perm.update(dict.fromkeys(record.perm_ids, record.ref))
        self._by_execution.update((fill.exec_base, record.ref) for fill in record.fills)

    def _close_if_flat(self, record: OrderRecord) -> None:
        if record.order.purpose is Purpose.OPEN or not record.filled:
            return
        working = any(
            r.is_working and r.order.purpose is Purpose.OPEN for r in self.orders_of_trade(record.strategy_id)
        )
        if not working and self.held(record.strategy_id) <= 0:
            self._move(record.strategy_id, TradeEvent.EXITED)

    def _move(
        self, strategy_id: str, event: TradeEvent, *, ticket: Ticket | None = None, reason: str = ""
    ) -> None:
        trade = self.trades.get(strategy_id)
        if trade is None:
            if ticket is None:
                return
            trade = TradeRecord(
                strategy_id=strategy_id,
                symbol=ticket.facts.symbol,
                title=ticket.facts.title,
                state=TradeState.STRATEGY_SELECTED,
            )
        state = advance(trade.state, event)
        if state is not trade.state or not trade.history:
            trade = replace(trade, state=state, reason=reason, history=(*trade.history, (self.seq, state)))
        self.trades[strategy_id] = trade
        # A stop that went out with its parent is in place the moment the parent is filled.
        filled = state is TradeState.FILLS_CONFIRMED and event is TradeEvent.FILLED
        if filled and 0 < self.held(strategy_id) <= self.guarded(strategy_id):
            self._move(strategy_id, TradeEvent.STOP_WORKING)


def _trade_events(before: OrderRecord, after: OrderRecord) -> Iterable[TradeEvent]:
    old, new = before.state, after.state
    if after.order.purpose is Purpose.OPEN:
        return _entry_events(after) if (old, before.filled) != (new, after.filled) else ()
    return ()


def _entry_events(after: OrderRecord) -> tuple[TradeEvent, ...]:
    state = after.state
    if state.is_terminal and after.filled:
        return (TradeEvent.FILLED,)
    if state in _ENTRY_EVENTS:
        return _ENTRY_EVENTS[state]
    return (TradeEvent.PART_FILLED,) if after.filled else (TradeEvent.FOUND,)


_ENTRY_EVENTS: dict[OrderState, tuple[TradeEvent, ...]] = {
    OrderState.REJECTED: (TradeEvent.REJECTED,),
    OrderState.CANCELLED: (TradeEvent.CANCELLED,),
    OrderState.HUMAN_CLOSED: (TradeEvent.CANCELLED,),
    OrderState.NOT_FOUND: (TradeEvent.NOT_FOUND,),
    OrderState.UNKNOWN: (TradeEvent.DOUBTED,),
    OrderState.SENDING: (),
}


def fold(rows: Iterable[ev.Recorded]) -> Book:
    """The book after all rows."""
    book = Book()
    for row in rows:
        book.apply(row)
    return book
