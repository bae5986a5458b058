"""What can go wrong, grouped by who can do something about it.

SumpPumpError                   code · message · expected · found · who · next_steps · retry
├── InvalidRequest              the caller can put it right
│   ├── UnknownContract         no such symbol, expiry or strike; the nearest are named
│   ├── AmbiguousContract       several; the candidates are named
│   ├── InvalidCombo            these legs do not make a combo
│   ├── DraftGone               the draft is unknown or expired
│   ├── TicketGone              the ticket is unknown, expired, declined or spent
│   ├── ApprovalRefused         not the person's approval of this ticket
│   └── OutOfStep               the session machine wants another step first
├── RiskRefused                 our policy says no; breaches attached
├── MarketDataError             there is no usable number
│   ├── NoQuote                 a side of the market is missing
│   └── NotSubscribed           the account lacks the data
├── BrokerRejected              IB said no; ib_code and text attached
├── GatewayUnavailable          not connected, or no answer; reads may be retried
├── OrderOutcomeUnknown         perhaps sent, not acknowledged; look before you retry
├── WritesOff                   this process may not send: read-only, mode, account, kill switch
├── StoreFailed                 what had to be written down could not be
└── ProtocolError               bytes that make no sense
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """Whether the same call may be made again."""

    NEVER = "never"
    SAFE = "safe"
    AFTER_FIX = "after_fix"


class Who(StrEnum):
    """Who refused."""

    VALIDATOR = "validator"
    POLICY = "policy"
    APPROVAL = "approval"
    SESSION = "session"
    STORE = "store"
    TWS = "tws"
    EXCHANGE = "exchange"
    SUMPPUMP = "sumppump"


class SumpPumpError(Exception):
    """The one shape of every error that a caller may see.

    Attributes:
        code: stable snake_case name; asserted in tests, relied on by scripts.
        message: one sentence about what is wrong.
        expected: what was wanted, in words, or None.
        found: what was there instead, or None.
        who: who refused.
        next_steps: what to do now, in order.
        retry: whether repeating the call can help.
    """

    default_code: ClassVar[str] = "internal"
    default_who: ClassVar[Who] = Who.SUMPPUMP
    default_retry: ClassVar[Retry] = Retry.NEVER

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        who: Who | None = None,
        next_steps: Sequence[str] = (),
        retry: Retry | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.expected = expected
        self.found = found
        self.who = who or self.default_who
        self.next_steps = tuple(next_steps)
        self.retry = retry or self.default_retry

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class InvalidRequest(SumpPumpError):
    """An argument cannot be used as it is; `expected` names the field and its range."""

    default_code = "invalid_request"
    default_who = Who.VALIDATOR
    default_retry = Retry.AFTER_FIX


class UnknownContract(InvalidRequest):
    """No such symbol, expiry or strike is listed."""

    default_code = "unknown_contract"


class AmbiguousContract(InvalidRequest):
    """Several contracts fit the description."""

    default_code = "ambiguous_contract"


class InvalidCombo(InvalidRequest):
    """These legs do not make one combo."""

    default_code = "invalid_combo"


class DraftGone(InvalidRequest):
    """The strategy draft is unknown or has expired."""

    default_code = "draft_gone"


class TicketGone(InvalidRequest):
    """The ticket is unknown, expired, declined or already spent."""

    default_code = "ticket_gone"
    default_retry = Retry.NEVER


class ApprovalRefused(InvalidRequest):
    """What was given is not a person's approval of this ticket."""

    default_code = "approval_refused"
    default_who = Who.APPROVAL
    default_retry = Retry.NEVER


class OutOfStep(InvalidRequest):
    """The trade's session machine wants another step first."""

    default_code = "out_of_step"
    default_who = Who.SESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One limit that refuses an order.

    Attributes:
        control: its id in the catalogue of controls, for example C-02.
        code: stable snake_case name.
        message: one sentence with both figures.
        expected: the limit.
        found: the figure that broke it, or why there is none.
        hard: True when no approval can override it.
        passes: whether it may be gone in a moment without anybody doing anything.
    """

    control: str
    code: str
    message: str
    expected: str
    found: str
    hard: bool = True
    passes: bool = False


class RiskRefused(SumpPumpError):
    """Our own policy says no. `breaches` holds every limit that was broken, the first one first.

    It may be tried again unchanged when all of them pass by themselves.
    """

    default_code = "risk_refused"
    default_who = Who.POLICY

    def __init__(self, breaches: Sequence[Breach], *, next_steps: Sequence[str] = ()) -> None:
        first = breaches[0]
        super().__init__(
            "; ".join(f"{b.control} {b.message}" for b in breaches),
            code=first.code,
            expected=first.expected,
            found=first.found,
            next_steps=next_steps,
            retry=Retry.SAFE if all(b.passes for b in breaches) else Retry.NEVER,
        )
        self.breaches = tuple(breaches)


class MarketDataError(SumpPumpError):
    """There is no number that could be used."""

    default_code = "no_market_data"
    default_who = Who.TWS
    default_retry = Retry.SAFE


class NoQuote(MarketDataError):
    """A side of the market is missing."""

    default_code = "no_quote"


class NotSubscribed(MarketDataError):
    """The account lacks the market data subscription; `ib_code` is TWS's code for it."""

    default_code = "not_subscribed"
    default_retry = Retry.NEVER

    def __init__(self, message: str, *, ib_code: int, next_steps: Sequence[str] = ()) -> None:
        super().__init__(message, found=f"TWS error {ib_code}", next_steps=next_steps)
        self.ib_code = ib_code


class BrokerRejected(SumpPumpError):
    """TWS or the exchange said no.

    Attributes:
        ib_code: TWS's error code.
        text: TWS's own words, cleaned; data from outside, never an instruction.
    """

    default_code = "broker_rejected"
    default_who = Who.TWS

    def __init__(self, ib_code: int, text: str, *, next_steps: Sequence[str] = ()) -> None:
        super().__init__(
            f"TWS refused with code {ib_code}: {text}", found=f"TWS error {ib_code}", next_steps=next_steps
        )
        self.ib_code = ib_code
        self.text = text


class GatewayUnavailable(SumpPumpError):
    """Not connected, or no answer in time. Reads may be repeated."""

    default_code = "gateway_unavailable"
    default_who = Who.TWS
    default_retry = Retry.SAFE


class OrderOutcomeUnknown(SumpPumpError):
    """An order was perhaps sent and nobody has confirmed it. Look before doing anything else."""

    default_code = "order_outcome_unknown"


class WritesOff(SumpPumpError):
    """This process may not send orders now; the message says why."""

    default_code = "writes_off"
    default_who = Who.POLICY


class StoreFailed(SumpPumpError):
    """What had to be written down first could not be, so nothing was sent."""

    default_code = "store_failed"
    default_who = Who.STORE


class ProtocolError(SumpPumpError):
    """Bytes that make no sense in the protocol."""

    default_code = "protocol_error"
    default_who = Who.TWS
