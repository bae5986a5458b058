"""Every window of execution, in seconds of the monotonic clock; tests shorten them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSettings:
    """Windows and amounts.

    Attributes:
        ticket_life_s: a ticket waits this long (CONFIRMATION_TIMEOUT).
        most_waiting: tickets that may wait for the person at once.
        code_tries: wrong codes until a ticket is void.
        typed_amount_above: cash of max loss from which the amount is typed; live orders always.
        heartbeat_s: kill flag, inbox, expiry and silence are looked at this often.
        silent_s: no word of the broker for so long makes what was sent UNKNOWN.
        ack_wait_s: an approval waits this long for the broker's first word before it answers.
        round_times_s: when the rounds of a reconcile start, from its own start.
        read_timeout_s: each list must come to its End within this.
        absent_rounds, absent_span_s: complete rounds without a trace, and the time between the first and the
            last of them, that make an order NOT_FOUND.
        reconcile_every_s: a reconcile without cause.
        loss_confirm_s: two readings so far apart make certain that a position has left by another door.
        settle_after_reconnect_s: modifies are refused for so long after a reconnect.
        cancel_confirm_s: the stop must be confirmed cancelled in this before a close goes out.
        close_fill_s: a close that had to remove a stop and is not filled by then is cancelled again.
        kill_retry_s: unconfirmed cancels of the kill switch are repeated after this.
        preview_timeout_s: the broker's what-if.
        spot_drift, mid_drift: fractions that make a replacement ticket; mid_drift_ticks: at least so many.
    """

    ticket_life_s: float = 300.0
    most_waiting: int = 10
    code_tries: int = 5
    typed_amount_above: Decimal = Decimal(2500)
    heartbeat_s: float = 0.1
    silent_s: float = 5.0
    ack_wait_s: float = 2.0
    round_times_s: tuple[float, ...] = (0.0, 2.0, 5.0, 10.0, 30.0)
    read_timeout_s: float = 10.0
    absent_rounds: int = 3
    absent_span_s: float = 15.0
    reconcile_every_s: float = 3600.0
    loss_confirm_s: float = 2.0
    settle_after_reconnect_s: float = 10.0
    cancel_confirm_s: float = 10.0
    close_fill_s: float = 30.0
    kill_retry_s: float = 1.0
    preview_timeout_s: float = 10.0
    spot_drift: Decimal = Decimal("0.0075")
    mid_drift: Decimal = Decimal("0.15")
    mid_drift_ticks: int = 5
