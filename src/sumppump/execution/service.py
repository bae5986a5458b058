"""Execution as its callers see it: stage, decide, ask, cancel, stop everything.

Staging never sends. Only a decision of a person (or `auto` on a simulator account) sends, once; whatever is
not certain afterwards is UNKNOWN and says so. All methods are called from the one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from decimal import Decimal

from sumppump.domain import events as ev
from sumppump.domain.journal import TicketRecord, TradeRecord
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import OrderState, OrderType, TimeInForce
from sumppump.domain.tickets import Channel, Ticket
from sumppump.domain.trade import Step, TradeState, require
from sumppump.execution.calling_off import CallOff
from sumppump.execution.closer import Closer
from sumppump.execution.decisions import Decider
from sumppump.execution.desk import TradingDesk
from sumppump.execution.dry_run import DryRun
from sumppump.execution.endings import end_all
from sumppump.execution.handover import InboxReader
from sumppump.execution.holding import find_holding
from sumppump.execution.listing import working_orders
from sumppump.execution.rehearsal import rehearse, room_of
from sumppump.execution.reporting import due_step, order_report, ticket_view, ticket_views
from sumppump.execution.reports import Health, OrderReport, Outcome, ReconcileReport, TicketView, WorkingOrder
from sumppump.execution.staging import Content, Stager
from sumppump.execution.survey import Surveyor
from sumppump.execution.terms import OpenTerms, StopTerms
from sumppump.execution.ticketing import TicketBook, Wish
from sumppump.kernel.errors import (
    InvalidRequest,
    StoreFailed,
    SumpPumpError,
    TicketGone,
)
from sumppump.kernel.money import Premium
from sumppump.kernel.text import clean
from sumppump.session.conversation import Conversation
from sumppump.strategies.drafts import Draft
from sumppump.strategies.ideas.room import Room


class ExecutionService:
    """The one door through which orders leave.

    Attributes:
        conversation: what is being looked at; in memory only.
    """

    def __init__(self, desk: TradingDesk) -> None:
        self._desk = desk
        self._engine = desk.engine
        self._surveyor = Surveyor(desk)
        self._stager = Stager(desk, self._surveyor)
        self._tickets = TicketBook(desk)
        self._closer = Closer(desk)
        self._call_off = CallOff(desk)
        self._decider = Decider(desk, self._tickets, self._surveyor, on_close=self._closer.begin)
        self._inbox = InboxReader(
            desk.inbox, approve=self.approve, decline=self.decline, clear=self.clear_kill
        )
        self._staging: dict[str, asyncio.Task[Ticket]] = {}
        self.conversation = Conversation()
        desk.engine.beats += [self._tickets.expire, self._closer.step, self._inbox.look]

    async def start(self) -> None:
        """Take the writer's lock if it is free, listen, reconcile in the background; returns at once."""
        self._engine.start()

    async def stop(self) -> None:
        """End the background work; orders stay as they are at the broker."""
        await end_all(self._staging.values())
        await self._decider.close()
        await self._inbox.close()
        await self._engine.stop()

    # --- staging ------------------------------------------------------------------------------

    async def stage_open(
        self,
        draft: Draft,
        *,
        quantity: int | None = None,
        order_type: OrderType = OrderType.LMT,
        limit: Premium | None = None,
        tif: TimeInForce = TimeInForce.DAY,
        take_profit_pct: Decimal | None = None,
        stop_loss_pct: Decimal | None = None,
    ) -> Ticket:
        """Make a ticket that opens the draft's combo.

        Args:
            draft: from the strategy service.
            quantity: combos, > 0; the draft's own when None.
            order_type: LMT; nothing else opens options.
            limit: signed premium of one combo per share; the mid rounded to the tick when None.
            tif: DAY or GTC.
            take_profit_pct: percent of the entry's net premium (50 = 50 %), or None.
            stop_loss_pct: likewise.

        Raises:
            InvalidRequest, RiskRefused, OutOfStep, MarketDataError, GatewayUnavailable, BrokerRejected,
            WritesOff, StoreFailed.
        """
        terms = OpenTerms(
            quantity=quantity,
            order_type=order_type,
            limit=limit,
            tif=tif,
            take_profit_pct=take_profit_pct,
            stop_loss_pct=stop_loss_pct,
        )
        ticket = await self._stage(
            f"open {draft.strategy_id} {terms}", lambda: self._stager.open(draft, terms)
        )
        self.conversation.staged(draft.strategy_id)
        return ticket

    async def stage_close(
        self,
        position_id: str,
        *,
        close_type: str = "limit",
        limit: Premium | None = None,
        percentage: Decimal = Decimal(100),
    ) -> Ticket:
        """Make a ticket that closes a held strategy as one order.

        Args:
            position_id: of the portfolio, a strategy_id, or a symbol with one position.
            close_type: `limit` (mid), `market` or `emergency` (a marketable limit inside the collar).
            limit: signed premium of the closing combo (receiving is negative).
            percentage: of the position, > 0 to 100.
        """
        return await self._stage(
            f"close {position_id} {close_type} {limit} {percentage}",
            lambda: self._stager.close(
                position_id, close_type=close_type, limit=limit, percentage=percentage
            ),
        )

    async def stage_stop(
        self,
        position_id: str,
        *,
        stop_price: Premium | None = None,
        stop_pct: Decimal | None = None,
        stop_type: str = "fixed",
        limit_offset: Decimal | None = None,
        trailing_amount: Decimal | None = None,
    ) -> Ticket:
        """Make a ticket for a protective stop: STP LMT GTC on options, STP or TRAIL on stock.

        Args:
            position_id: as in `stage_close`.
            stop_price: price of the held combo at which it triggers, per share (its sign is read from the
                position: a debit position is worth something, a credit one costs something).
            stop_pct: percent of the entry's net premium that may be lost (50 = 50 %).
            stop_type: `fixed` or `trailing` (stock only).
            limit_offset: currency per share between trigger and limit; the larger of 10 % and 3 ticks when
                None.
            trailing_amount: currency per share, for `trailing`.
        """
        terms = StopTerms(
            stop_price=stop_price,
            stop_pct=stop_pct,
            stop_type=stop_type,
            limit_offset=limit_offset,
            trailing_amount=trailing_amount,
        )
        return await self._stage(f"stop {position_id} {terms}", lambda: self._stager.stop(position_id, terms))

    async def stage_modify(
        self,
        order_id: int | str,
        *,
        new_limit: Premium | None = None,
        new_quantity: int | None = None,
        new_stop: Premium | None = None,
    ) -> Ticket:
        """Make a ticket that changes a working order of ours; `order_id` may be an order_ref."""
        return await self._stage(
            f"modify {order_id} {new_limit} {new_quantity} {new_stop}",
            lambda: self._stager.modify(
                self._record(order_id), limit=new_limit, quantity=new_quantity, stop=new_stop
            ),
        )

    # --- decisions ----------------------------------------------------------------------------

    async def approve(
        self,
        ticket_id: str,
        channel: Channel,
        *,
        code: str | None = None,
        amount: str | None = None,
        digest: str | None = None,
    ) -> Outcome:
        """Spend the ticket and send its order, or say why not.

        A ticket that was spent before gives the same result again and sends nothing.

        Args:
            ticket_id: which one.
            channel: how the decision reached us.
            code: for CODE: as typed, `XXX-XXX`; where an amount is asked, the amount follows after a space.
            amount: for PAGE, TERMINAL and ELICITATION where the ticket has a `typed_amount`: as typed.
            digest: of the ticket that was shown, where the channel can say.

        Raises:
            TicketGone, ApprovalRefused, RiskRefused, MarketDataError, GatewayUnavailable, WritesOff,
            StoreFailed.
        """
        self._follow()
        return await self._decider.approve(ticket_id, channel, code=code, amount=amount, digest=digest)

    async def decline(self, ticket_id: str, channel: Channel) -> Outcome:
        """Turn a waiting ticket down; a spent one is reported unchanged."""
        self._follow()
        return self._decider.decline(ticket_id, channel)

    async def decline_stop(self, position_id: str, reason: str) -> Outcome:
        """Record that the person wants no stop on this trade."""
        await self._ready()
        holding = await find_holding(self._desk, position_id)
        require(holding.state, Step.DECLINE_STOP)
        events: list[ev.Event] = []
        if holding.trade is None:
            events.append(
                ev.Adopted(
                    strategy_id=holding.strategy_id,
                    symbol=holding.combo.symbol,
                    title=holding.title,
                    quantity=holding.quantity,
                )
            )
        words = clean(reason) or "no reason given"
        self._engine.ledger.commit(*events, ev.StopDeclined(strategy_id=holding.strategy_id, reason=words))
        return Outcome(
            state=OrderState.DECLINED, message=f"No stop for {holding.title}, by the person's wish: {words}"
        )

    # --- cancel and kill ----------------------------------------------------------------------

    async def cancel(self, order_id: int | str) -> Outcome:
        """Cancel a working order of ours at once; a protective stop answers with a ticket instead."""
        self._take_over()
        record = self._record(order_id)
        if self._call_off.needs_ticket(record):
            return await self._cancel_stop(record)
        return await self._call_off.cancel(record)

    async def cancel_all(self) -> Sequence[Outcome]:
        """Cancel all working orders of ours but protective stops."""
        self._take_over()
        return await self._call_off.cancel_all()

    async def kill(self, reason: str, *, everything: bool = False) -> Outcome:
        """Stop all new frames now and cancel what would add risk. Only a person clears it.

        Args:
            reason: for the journal and for everybody who asks.
            everything: cancel all orders of all clients as well.
        """
        with contextlib.suppress(StoreFailed):  # the switch works without a disk
            self._take_over()
        return self._call_off.kill(clean(reason) or "no reason given", everything=everything)

    async def clear_kill(self, channel: Channel) -> ReconcileReport:
        """Lift kill switch, halts and lost orders, after a green reconcile; PAGE and TERMINAL only.

        Orders that were NOT_FOUND become HUMAN_CLOSED: the person has looked into TWS.

        Raises:
            ApprovalRefused: not a person's channel.
            GatewayUnavailable: the reconcile was not green; nothing was lifted.
        """
        self._take_over()
        return await self._call_off.clear(channel)

    async def reconcile(self) -> ReconcileReport:
        """Read the broker's lists until nothing is unknown or the window is over."""
        self._take_over()
        return await self._engine.reconciler.run()

    # --- questions ----------------------------------------------------------------------------

    async def dry_run(self, draft: Draft) -> DryRun:
        """What would refuse an order that opens this draft; nothing is written or sent."""
        (run,) = await self.rehearse((draft,))
        return run

    async def rehearse(self, drafts: Sequence[Draft]) -> tuple[DryRun, ...]:
        """The same of several drafts, on quotes taken now."""
        return await rehearse(self._desk, self._surveyor, drafts)

    async def room(self) -> Room | None:
        """What the limits on size leave for one order; None where the account does not say."""
        try:
            return await room_of(self._desk)
        except SumpPumpError:
            return None

    async def objections(self, drafts: Sequence[Draft]) -> tuple[tuple[str, ...], ...]:
        """Why staging would refuse each draft, in sentences; a look that fails is said of all of them."""
        try:
            return tuple(run.objections for run in await self.rehearse(drafts))
        except SumpPumpError as error:
            return ((f"not known: {error.message}",),) * len(drafts)

    def status(self, key: int | str) -> OrderReport:
        """The life of a ticket_id, order_id or order_ref.

        Raises:
            InvalidRequest: nothing is known under this key.
        """
        self._follow()
        book = self._engine.ledger.book
        if (found := book.tickets.get(str(key))) is not None:
            return ticket_view(book, found, seconds_left=self._seconds_left(found)).report
        return order_report(book, self._record(key))

    def tickets(self) -> Sequence[TicketView]:
        """All tickets of the journal, newest first."""
        self._follow()
        return ticket_views(self._engine.ledger.book, self._seconds_left)

    def ticket(self, ticket_id: str) -> TicketView:
        """One ticket and where it stands.

        Raises:
            TicketGone: unknown.
        """
        self._follow()
        found = self._engine.ledger.book.tickets.get(ticket_id)
        if found is None:
            raise TicketGone(f"there is no ticket {ticket_id[:40]!r}", found=repr(ticket_id[:40]))
        return ticket_view(self._engine.ledger.book, found, seconds_left=self._seconds_left(found))

    def trades(self) -> Sequence[TradeRecord]:
        """All trades, newest first; what the conversation is looking at comes before them."""
        self._follow()
        focus = self.conversation.focus
        known = tuple(reversed(self._engine.ledger.book.trades.values()))
        if focus is None or focus.state is TradeState.IDLE:
            return known
        talk = TradeRecord(
            strategy_id=focus.strategy_id, symbol=focus.symbol, title=focus.title, state=focus.state
        )
        return known if focus.strategy_id in self._engine.ledger.book.trades else (talk, *known)

    def due(self, trade: TradeRecord) -> str:
        """The step that is due for a trade, in words."""
        return due_step(self._engine.ledger.book, trade, self._desk.clock.now())

    async def open_orders(self) -> Sequence[WorkingOrder]:
        """Every working order of the account, ours and others'."""
        self._follow()
        listed = await self._desk.broker.open_orders()
        return working_orders(self._engine.ledger.book, listed)

    def health(self) -> Health:
        """What must stand at the head of every answer."""
        ledger, gates = self._engine.ledger, self._engine.gates
        return Health(
            killed=gates.killed(),
            halted=ledger.book.halted,
            unknown=tuple(record.ref for record in ledger.book.unknown()),
            writer=ledger.writes,
            holder=ledger.journal.holder(),
            store_problem=ledger.store_problem or ledger.audit_problem,
            broker_problem=gates.broker_problem,
            endangered=gates.endangered,
            missing=gates.missing,
            left_over=gates.left_over,
            refusal=gates.refusal(),
            unguarded=self._closer.unguarded(),
            reconciled=gates.reconciled,
            writes_off=gates.writes_off(),
        )

    # --- private ------------------------------------------------------------------------------

    async def _stage(self, asked: str, wish: Wish) -> Ticket:
        task = self._staging.get(asked)
        if task is None or task.done():
            task = asyncio.create_task(self._staged(asked, wish), name="stage")
            self._staging[asked] = task
            task.add_done_callback(lambda _: self._staging.pop(asked, None))
        return await asyncio.shield(task)

    async def _staged(self, asked: str, wish: Wish) -> Ticket:
        await self._ready()
        if (same := self._tickets.same_call(asked)) is not None:
            return same
        content: Content = await wish()
        self._engine.gates.check_writes()
        ticket = self._tickets.issue(content, wish, asked)
        if self._desk.auto_approve:
            await self._decider.approve(ticket.ticket_id, Channel.AUTO, code=None, amount=None, digest=None)
        return ticket

    async def _ready(self) -> None:
        fresh = self._take_over()
        gates = self._engine.gates
        gates.check_writes()
        if fresh:  # the connection comes back under the writer's client id
            await self._engine.ledger.until(self._is_linked, self._desk.settings.read_timeout_s)
        gates.check_link()
        if not gates.reconciled:
            self._engine.reconciler.look("a ticket is wanted")
            await self._engine.ledger.until(lambda: gates.reconciled, self._desk.settings.read_timeout_s)

    def _is_linked(self) -> bool:
        link = self._desk.broker.link()
        return self._engine.gates.reconciled and link.connected and link.broker_online

    def _take_over(self) -> bool:
        return self._engine.take_over()

    def _follow(self) -> None:
        if not self._engine.ledger.writes:
            self._engine.ledger.refresh()

    def _seconds_left(self, found: TicketRecord) -> float:
        if found.ticket.boot_id != self._engine.ledger.journal.boot_id:
            return found.ticket.life_s - self._engine.ledger.age_s(found.staged_at)
        return found.ticket.expires - self._desk.clock.monotonic()

    async def _cancel_stop(self, record: OrderRecord) -> Outcome:
        async def wish() -> Content:
            return self._stager.cancel_stop(self._engine.ledger.book.orders[record.ref])

        ticket = await self._stage(f"cancel {record.ref}", wish)
        view = self.ticket(ticket.ticket_id)
        waits = view.state is OrderState.AWAIT_HUMAN
        return Outcome(
            state=view.state,
            message="A protective stop is cancelled only with a person's approval: a ticket waits."
            if waits
            else f"The cancel of the stop: {view.state}.",
            ticket_id=ticket.ticket_id,
            report=view.report,
            ticket=ticket if waits else None,
        )

    def _record(self, key: int | str) -> OrderRecord:
        self._follow()
        book = self._engine.ledger.book
        text = str(key).strip()
        if text in book.orders:
            return book.orders[text]
        client_id = self._desk.broker.link().client_id
        if text.isdecimal():
            same = [r for r in book.orders.values() if r.order_id == int(text)]
            record = book.by_session(client_id, int(text)) or (same[-1] if same else None)
            if record is not None:
                return record
        raise InvalidRequest(
            f"no order of ours is known as {text[:40]!r}",
            code="unknown_order_id",
            expected="order_id, order_ref or ticket_id of an order of SumpPump",
            found=repr(text[:40]),
            next_steps=["See trade_get_open_orders; orders of others are shown there and never touched."],
        )
