"""Taking orders out of the market: one, all, and the kill switch."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.domain.order_record import OrderRecord, Pending
from sumppump.domain.orders import OrderState, Purpose
from sumppump.domain.tickets import Channel
from sumppump.execution.closing import without_stop
from sumppump.execution.closing_words import exit_name
from sumppump.execution.departures import Loss
from sumppump.execution.desk import TradingDesk
from sumppump.execution.reporting import order_report
from sumppump.execution.reports import Outcome, ReconcileReport
from sumppump.kernel.errors import ApprovalRefused, GatewayUnavailable

CLEARED_BY = "Only a person clears it: sumppump kill --clear."


class CallOff:
    """Cancels and kills. Cancelling is never held back by the gates that stop new risk."""

    def __init__(self, desk: TradingDesk) -> None:
        self._desk = desk
        self._engine = desk.engine

    def needs_ticket(self, record: OrderRecord) -> bool:
        """Whether it is a working stop that guards something; that of an unfilled parent guards nothing."""
        parent = self._engine.ledger.book.orders.get(record.order.parent_ref)
        guards = parent is None or bool(parent.filled)
        return record.is_working and record.order.purpose is Purpose.STOP and guards

    async def cancel(self, record: OrderRecord) -> Outcome:
        """Cancel one order and wait a little for the broker's word."""
        if not record.is_working:
            return self._about(
                record, f"Order {record.order_id} is {record.state}; there is nothing to cancel."
            )
        self._engine.cancel([record], "asked for")
        await self._until_gone([record])
        return self._about(self._now(record), "")

    async def cancel_all(self) -> Sequence[Outcome]:
        """Cancel all working orders of ours but protective stops; what another client sent is named."""
        wanted = [r for r in self._engine.ledger.book.working() if r.order.purpose is not Purpose.STOP]
        doomed = self._engine.ours(wanted)
        self._engine.cancel(doomed, "asked for: all")
        await self._until_gone(doomed)
        others = [record for record in wanted if record not in doomed]
        return (
            *(self._about(self._now(record), "") for record in doomed),
            *(self._about(record, _of_another_client(record)) for record in others),
        )

    def kill(self, reason: str, *, everything: bool) -> Outcome:
        """Set the switch in this very turn, and say what of it is on its way."""
        self._engine.kill(reason, everything=everything)
        working = self._engine.ledger.book.working()
        doomed = working if everything else self._engine.falls_to_switch()
        sent = sum(record.pending is Pending.CANCEL for record in doomed)
        state = OrderState.CANCEL_SENDING if sent else OrderState.LIVE if doomed else OrderState.CANCELLED
        words = f"Kill switch set: {reason}. {self._sent_words(len(doomed), sent)}"
        stops = f"Protective stops {'go too' if everything else 'stay'}."
        if not everything and any(not record.order.purpose.adds_risk for record in doomed):
            stops = "Protective stops stay; exits whose position is gone would open one, and go."
        if not everything:
            stops += "".join(f" {_kept(*each)}" for each in self._engine.reconciler.leavers.in_doubt())
        for symbol in without_stop(self._engine.ledger.book):
            stops += (
                f" The position in {symbol} has NO STOP: it is being closed, and the switch holds that too."
            )
        return Outcome(state=state, message=f"{words} {stops} {CLEARED_BY}")

    async def clear(self, channel: Channel) -> ReconcileReport:
        """See `ExecutionService.clear_kill`."""
        if not channel.is_person_only:
            raise ApprovalRefused(
                "only a person clears the kill switch",
                expected="the person's terminal: sumppump kill --clear",
                found=channel.value,
            )
        report = await self._engine.reconciler.run()
        if not report.green:
            raise GatewayUnavailable(
                "the reconcile was not green, so nothing was lifted",
                code="not_green",
                expected="complete lists and no order in doubt",
                found="; ".join(report.findings) or "incomplete",
                next_steps=["See to the findings in TWS, then try again."],
            )
        self._engine.lift(channel)
        return report

    def _sent_words(self, doomed: int, sent: int) -> str:
        if not self._engine.ledger.writes:
            return f"The process that writes cancels {doomed} working order(s)."
        later = f" {doomed - sent} more as soon as the connection allows." if doomed > sent else ""
        return f"{sent} working order(s) are being cancelled.{later}"

    async def _until_gone(self, records: Sequence[OrderRecord]) -> None:
        await self._engine.ledger.until(
            lambda: not any(self._now(record).is_working for record in records),
            self._desk.settings.ack_wait_s,
        )

    def _now(self, record: OrderRecord) -> OrderRecord:
        return self._engine.ledger.book.orders[record.ref]

    def _about(self, record: OrderRecord, message: str) -> Outcome:
        report = order_report(self._engine.ledger.book, record)
        return Outcome(
            state=report.state,
            message=message or f"Order {record.order_id}: {report.state}, {report.evidence}.",
            ticket_id=record.ticket_id,
            report=report,
        )


def _kept(record: OrderRecord, loss: Loss) -> str:
    """An exit larger than what one reading showed: the switch leaves it, decision 10 may not."""
    left = record.order.quantity - int(record.filled)
    return (
        f"Order {record.order_id} ({exit_name(record.order)}) is for {left}, and one reading shows"
        f" {loss.held} held: it stays until a second reading confirms that,"
        " and goes then, being for more than is held."
    )


def _of_another_client(record: OrderRecord) -> str:
    return (
        f"Order {record.order_id} was sent as client {record.client_id}; only that client or TWS itself can"
        f" cancel it. It is {record.state}."
    )
