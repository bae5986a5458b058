"""What must be true at the instant a frame leaves, asked without a pause before it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Order, Purpose
from sumppump.execution.ledger import Ledger
from sumppump.execution.settings import ExecutionSettings
from sumppump.kernel.errors import GatewayUnavailable, OutOfStep, SumpPumpError, WritesOff
from sumppump.ports.broker import Broker
from sumppump.ports.store import KillFlag


def _nothing() -> str:
    return ""


@dataclass(slots=True, kw_only=True)
class Gates:
    """The gates before every frame.

    Attributes:
        writes_off: why mode or account forbid orders, "" when they do not.
        reconciled: whether the broker's lists were read completely since the last break of the link.
        broker_problem: why the last reading of the broker's lists failed, "".
        endangered: exits that would open a position, and positions that lost their stop, as sentences.
        missing: what the account holds less than our trades do, as sentences.
        left_over: what trades that are over left in the account, as sentences.
        connected_at: monotonic second of the last connect, None before the first.
    """

    ledger: Ledger
    broker: Broker
    flag: KillFlag
    settings: ExecutionSettings
    writes_off: Callable[[], str] = field(default=_nothing)
    reconciled: bool = False
    broker_problem: str = ""
    endangered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    connected_at: float | None = None

    def killed(self) -> str:
        """Why the kill switch is on, "" when it is off. The file and the journal must both be clear."""
        reason = self.flag.reason()
        return reason if reason is not None else self.ledger.book.killed

    def before_order(self, order: Order) -> None:
        """Everything that a new order needs.

        Raises:
            WritesOff, StoreFailed, GatewayUnavailable, OutOfStep: the first thing that is missing.
        """
        self._may_send()
        if order.purpose.adds_risk:
            self.check_no_halt()
            self._no_doubt(order)
        else:
            self._no_exit_in_doubt(order)

    def before_modify(self, order: Order) -> None:
        """Everything that a change of a working order needs; not soon after a reconnect (incident 16).

        Args:
            order: what it shall become; a change that adds risk is held to the rules of a new order.

        Raises:
            WritesOff, StoreFailed, GatewayUnavailable, OutOfStep: the first thing that is missing.
        """
        self.before_order(order)
        since = None if self.connected_at is None else self.ledger.clock.monotonic() - self.connected_at
        if since is not None and since < self.settings.settle_after_reconnect_s:
            raise GatewayUnavailable(
                "the connection is too fresh to change an order",
                code="just_reconnected",
                expected=f"{self.settings.settle_after_reconnect_s:g} s since the reconnect",
                found=f"{since:.1f} s",
                next_steps=["Wait a few seconds and try again; cancelling is possible at once."],
            )

    def refusal(self) -> str:
        """Why a new order would be refused now, whatever it is; "" where it would be looked at.

        Lists that are still being read refuse nothing: a ticket waits for them.
        """
        try:
            self.check_writes()
            self._check_mode()
            self.check_link()
            self.check_no_halt()
        except SumpPumpError as error:
            return error.message
        return self._unread() if self.broker_problem and not self.reconciled else ""

    def before_write(self) -> None:
        """The last look, after the commit: the switch may have been set while the disk was busy."""
        if reason := self.killed():
            raise self._kill_error(reason)

    def check_link(self) -> None:
        """A live connection, all the way to the broker.

        Raises:
            GatewayUnavailable: none.
        """
        link = self.broker.link()
        if not link.connected or not link.broker_online:
            raise GatewayUnavailable(
                link.reason or "TWS has no connection to IB",
                expected="a connection to the broker",
                found="connected, but IB is offline" if link.connected else "not connected",
                next_steps=["Wait for the connection; see trade_get_session_status."],
            )

    def check_writes(self) -> None:
        """Whether this process may write anything at all: switch, lock, disk.

        Raises:
            WritesOff, StoreFailed: no.
        """
        if reason := self.killed():
            raise self._kill_error(reason)
        self.check_writer()
        self.ledger.may_write()

    def check_writer(self) -> None:
        """Whether this process is the writer.

        Raises:
            WritesOff: another one is.
        """
        if not self.ledger.writes:
            raise WritesOff(
                f"this process is read-only: {self.ledger.journal.holder() or 'another process'} writes",
                code="read_only",
                next_steps=["Use the session that started first, or end it and try again."],
            )

    def _may_send(self) -> None:
        self.check_writes()
        self._check_mode()
        self.check_link()
        if not self.reconciled:
            raise GatewayUnavailable(
                self._unread(),
                code="not_reconciled",
                next_steps=["Wait a few seconds and try again."],
            )

    def _check_mode(self) -> None:
        if reason := self.writes_off():
            raise WritesOff(reason, next_steps=["See trade_get_session_status for what is missing."])

    def _unread(self) -> str:
        why = f": {self.broker_problem}" if self.broker_problem else ""
        return f"the broker's lists have not been read completely yet{why}"

    def _kill_error(self, reason: str) -> WritesOff:
        return WritesOff(
            f"the kill switch is on: {reason}",
            code="killed",
            next_steps=[
                "A person clears it on a terminal: sumppump kill --clear. TWS itself is always there."
            ],
        )

    def check_no_halt(self) -> None:
        """Whether new risk is halted.

        Raises:
            WritesOff: it is, until a person has looked.
        """
        if reason := self.ledger.book.halted:
            raise WritesOff(
                f"new orders are halted: {reason}",
                code="halted",
                next_steps=["A person looks into TWS, then clears it: sumppump kill --clear."],
            )

    def _no_doubt(self, order: Order) -> None:
        for record in self.ledger.book.unknown():
            if record.order.combo.symbol == order.combo.symbol and record.ref != order.order_ref:
                raise _in_doubt(record)

    def _no_exit_in_doubt(self, order: Order) -> None:
        # A second exit beside one that may be working would turn the position round.
        legs = {leg.contract.con_id for leg in order.combo.legs}
        for record in self.ledger.book.unknown():
            own = {leg.contract.con_id for leg in record.order.combo.legs}
            if record.order.purpose is not Purpose.OPEN and legs & own and record.ref != order.order_ref:
                raise _in_doubt(record)


def _in_doubt(record: OrderRecord) -> OutOfStep:
    return OutOfStep(
        f"order {record.ref} in {record.order.combo.symbol} is {record.state}: {record.doubt}",
        code="unknown_order",
        expected="no order whose outcome is unknown",
        found=record.state.value,
        next_steps=[
            f"Ask trade_get_order_status for {record.order_id or record.ref}; the reconcile runs by itself.",
            "Nothing is sent again by itself.",
        ],
    )
