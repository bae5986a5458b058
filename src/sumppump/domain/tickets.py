"""Tickets: what a person is asked, whole and frozen, before anything can be sent.

A ticket holds every order that one approval covers and every figure the person is shown. Its digest binds
them: change one fact and the approval fits nothing. A ticket is spent once, and dies by the monotonic clock.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.domain.instruments import Right
from sumppump.domain.orders import Environment, MarginPreview, Order
from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.money import Money, Premium
from sumppump.kernel.text import masked_account


class TicketKind(StrEnum):
    """What the person is asked to allow."""

    OPEN = "open"
    CLOSE = "close"
    STOP = "stop"
    MODIFY = "modify"
    CANCEL_STOP = "cancel_stop"


class Role(StrEnum):
    """What an order does within the family of its ticket."""

    MAIN = "main"
    TARGET = "target"
    STOP = "stop"
    REARM = "rearm"


class Channel(StrEnum):
    """How a decision reached us."""

    PAGE = "page"
    CODE = "code"
    TERMINAL = "terminal"
    ELICITATION = "elicitation"
    AUTO = "auto"

    @property
    def is_person_only(self) -> bool:
        """Whether no model stands between the person and us: what clears a halt."""
        return self in (Channel.PAGE, Channel.TERMINAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFacts:
    """One leg as the person reads it.

    Attributes:
        side: BUY or SELL of this order.
        ratio: contracts (or shares) per single combination, > 0.
        quantity: contracts (or shares) of the whole order, > 0.
        right, strike, expiry: None for shares.
        bid, ask: per share, None where missing.
        iv, delta: of the contract itself, per share.
    """

    con_id: int
    label: str
    side: str
    ratio: int
    quantity: int
    right: Right | None = None
    strike: Decimal | None = None
    expiry: date | None = None
    bid: Premium | None = None
    ask: Premium | None = None
    iv: float | None = None
    delta: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGreeks:
    """Sums over the whole order.

    Attributes:
        delta: shares. gamma: shares per 1 currency. theta: currency a day. vega: currency a volatility point.
    """

    delta: float
    gamma: float
    theta: float
    vega: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitFacts:
    """What leaving a position at one price makes of it, against its entry and before fees.

    Attributes:
        at: which price: `at the mid now`, `at the trigger`, `at the limit`.
        price: signed premium of the exit per share; minus is received.
        result: cash for the whole order; plus is a profit, minus a loss.
        percent: of the cash that the entry moved; None where it moved none.
    """

    at: str
    price: Premium
    result: Money
    percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StressRow:
    """What one move of all prices or volatilities does to the account, cash by full reprice.

    Attributes:
        name: `−20 %` of every underlying's price, `vol +10` points on every volatility.
        held: P&L of what is held now.
        with_order: of that with the whole order filled; one that opens at its limit.
    """

    name: str
    held: Money
    with_order: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCurve:
    """P&L of the order before its first expiry.

    Attributes:
        label: `today`, `half-way`.
        points: price of the underlying and cash, rising.
    """

    label: str
    points: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMargin:
    """What Regulation T asks of the whole account without an order and with it filled; an estimate.

    Attributes:
        initial_before, initial_after, maintenance_before, maintenance_after: requirements, cash, at least 0.
        note: what both leave out, and that the order waits; "" for nothing.
    """

    initial_before: Money
    initial_after: Money
    maintenance_before: Money
    maintenance_after: Money
    note: str = ""

    @property
    def initial_change(self) -> Money:
        """Initial margin that the order takes (+) or frees (-)."""
        return self.initial_after - self.initial_before


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """The whole truth that is shown beside Decline and Approve. A figure nobody knows is None with a reason.

    Attributes:
        title: one line, for example `Bull call spread · SPY · 1×`.
        action_words: what is asked, one sentence.
        strategy: the catalogue's word, or what the order does (`stop`, `close`, `modify`, `cancel stop`).
        cash_words: `you PAY at most $213.00` or `you RECEIVE at least $213.00`, at the limit.
        price_words: the limit in words, for example `limit 2.13 debit per share`.
        cash: at the limit for the whole order; plus is paid, minus received.
        net_bid, net_mid, net_ask: of one combo per share, signed.
        spot: the underlying's price, currency per share.
        max_loss, max_profit: cash for the order, at least 0; None with the reason beside it.
        permission_level: IBKR's level that the strategy needs; None for orders that take risk away.
        breakevens: prices of the underlying, rising.
        probability_of_profit: 0 to 1.
        fees: the broker's estimate, or another that fees_note names; None while unknown.
        margin: the broker's what-if; None where margin_reason says why. rule_margin: Regulation T beside it.
        account_warning: the broker's own words on the what-if; data from outside.
        stress: the account under a crash without and with the order; empty where stress_reason says why.
        stress_note: what the rows leave out.
        events: what falls into the life of the order's options beside their expiry, each a sentence.
        entry: signed premium per share at which the position was entered, for orders that leave or guard one.
        exits: what leaving would make of it, the worst price last; empty where nobody can say.
        payoff: points (price of the underlying, profit or loss in cash at the first expiry), rising.
        earlier: the same before the expiry, by reprice; empty where a volatility is missing.
        likely: prices between which the underlying ends at the first expiry in 68 of 100 cases: lognormal, at
            the mean of the legs' volatilities. None where one is missing.
        quotes: the snapshot that the figures stand on.
        quote_as_of: exchange time of its oldest quote; quote_taken: monotonic seconds of it.
        feed: the worst feed among the quotes.
        warnings: sentences, the gravest first.
        overlaps: those of the warnings about held contracts that the order closes: true after it as well.
        changes: for a replacement, what is different now, each a sentence.
    """

    title: str
    action_words: str
    strategy: str
    symbol: str
    legs: tuple[LegFacts, ...]
    cash_words: str
    price_words: str
    cash: Money | None = None
    net_bid: Premium | None = None
    net_mid: Premium | None = None
    net_ask: Premium | None = None
    spot: Decimal | None = None
    max_loss: Money | None = None
    max_loss_reason: str = ""
    permission_level: int | None = None
    max_profit: Money | None = None
    max_profit_reason: str = ""
    breakevens: tuple[Decimal, ...] = ()
    probability_of_profit: float | None = None
    probability_reason: str = ""
    greeks: OrderGreeks | None = None
    margin: MarginPreview | None = None
    margin_reason: str = ""
    rule_margin: RuleMargin | None = None
    rule_margin_reason: str = ""
    fees: Money | None = None
    fees_note: str = ""
    account_warning: str = ""
    stress: tuple[StressRow, ...] = ()
    stress_reason: str = ""
    stress_note: str = ""
    events: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = ()
    entry: Premium | None = None
    exits: tuple[ExitFacts, ...] = ()
    payoff: tuple[tuple[Decimal, Decimal], ...] = ()
    earlier: tuple[EarlierCurve, ...] = ()
    likely: tuple[Decimal, Decimal] | None = None
    quotes: tuple[Quote, ...] = ()
    quote_as_of: datetime | None = None
    quote_taken: float | None = None
    feed: Feed = Feed.LIVE
    warnings: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """An order of the family, and what it is there for."""

    role: Role
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One question to a person.

    Attributes:
        strategy_id: the trade it belongs to.
        orders: all that one approval covers, the main order first; empty for CANCEL_STOP.
        removes: order_refs of working orders that are cancelled and confirmed before anything is sent.
        filled_before: what each of these had filled when the ticket was made, combos.
        works_for_s: seconds after which a close that removes orders is cancelled again; 0 for all others.
        target_ref: order_ref that a MODIFY or CANCEL_STOP acts on, else "".
        created_at: exchange time. created, expires: monotonic seconds of the process `boot_id`.
        life_s: seconds between the two; other processes measure it from the row's own time.
        typed_amount: the amount the person must type, or None.
        replaces: ticket_id of the ticket that this one replaces, or "".
        position_id: what the caller named, for CLOSE and STOP.
    """

    ticket_id: str
    kind: TicketKind
    strategy_id: str
    orders: tuple[PlannedOrder, ...]
    facts: TicketFacts
    environment: Environment
    account: str
    boot_id: str
    created_at: datetime
    created: float
    expires: float
    life_s: float
    typed_amount: Money | None = None
    removes: tuple[str, ...] = ()
    filled_before: tuple[int, ...] = ()
    works_for_s: float = 0.0
    target_ref: str = ""
    replaces: str = ""
    position_id: str = ""

    @property
    def main(self) -> Order | None:
        """The order that the ticket is about; None where only a cancel is asked."""
        return self.orders[0].order if self.orders else None

    @property
    def children(self) -> tuple[PlannedOrder, ...]:
        """Target and stop that go with an opening order."""
        return tuple(planned for planned in self.orders if planned.role in (Role.TARGET, Role.STOP))

    @property
    def rearms(self) -> tuple[Order, ...]:
        """Stops that come back if the close is not filled in time."""
        return tuple(planned.order for planned in self.orders if planned.role is Role.REARM)

    @property
    def masked_account(self) -> str:
        """The account as it may be shown."""
        return masked_account(self.account)

    @property
    def requires_typed_amount(self) -> bool:
        """Whether Approve alone is not enough."""
        return self.typed_amount is not None

    def digest(self) -> str:
        """SHA-256 over everything that the approval binds."""
        bound = {
            "ticket": self.ticket_id,
            "kind": self.kind,
            "strategy": self.strategy_id,
            "account": self.account,
            "environment": self.environment,
            "orders": [[planned.role, json.loads(planned.order.facts())] for planned in self.orders],
            "removes": [self.removes, self.filled_before, *([self.works_for_s] if self.works_for_s else [])],
            "target": self.target_ref,
            "boot": self.boot_id,
            "expires": repr(self.expires),
            "amount": None if self.typed_amount is None else str(self.typed_amount.amount),
            "quotes": [_snapshot(quote) for quote in self.facts.quotes],
        }
        return hashlib.sha256(json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _snapshot(quote: Quote) -> list[str]:
    return [str(quote.instrument.con_id), str(quote.bid), str(quote.ask), quote.as_of.isoformat()]
