"""One ticket as a person reads it: every fact in words, the same on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sumppump.approval import words
from sumppump.approval.decision import typing_of
from sumppump.domain.orders import Environment, MarginPreview, Order, OrderType, Purpose
from sumppump.domain.quotes import Feed
from sumppump.domain.tickets import (
    LegFacts,
    OrderGreeks,
    PlannedOrder,
    Role,
    RuleMargin,
    Ticket,
    TicketFacts,
    TicketKind,
)
from sumppump.execution.reports import TicketView
from sumppump.kernel.money import Money, Premium
from sumppump.kernel.text import clean

ENVIRONMENT_WORDS = {
    Environment.SIM: "Simulator: no real money",
    Environment.PAPER: "Paper account: no real money",
    Environment.LIVE: "Live account: real money",
}
_FEED_WORDS = {
    Feed.LIVE: "live",
    Feed.FROZEN: "FROZEN: the market is closed",
    Feed.DELAYED: "DELAYED by 15 minutes or more",
    Feed.DELAYED_FROZEN: "DELAYED and FROZEN",
    Feed.NONE: "NO market data",
}
_ROLE_WORDS = {Role.TARGET: "Take profit", Role.STOP: "Stop"}
_PURPOSE_WORDS = {Purpose.TARGET: "Take profit", Purpose.STOP: "Stop"}
NO_LIMIT = "No limit"


@dataclass(frozen=True, slots=True)
class LegLine:
    """A leg: BUY or SELL, how many, and of what."""

    side: str
    count: str
    contract: str


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled fact, with a remark where one is due."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExitLine:
    """What leaving at one price makes of the position."""

    at: str
    price: str
    result: str
    is_loss: bool
    is_gain: bool


@dataclass(frozen=True, slots=True)
class StressTable:
    """What a crash does to the account without and with the order, and its margin; a column each.

    Attributes:
        columns: `−20 %`, `to hold`. held, with_order: figures as text.
        note: what is left out or, without columns, why there is nothing.
    """

    columns: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    with_order: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything that stands beside Decline and Approve, as text; hostile names included, so escape it.

    Attributes:
        pays: `You PAY $213.00`, or whom the order costs nothing.
        stake_label, max_loss: what stands in the largest type; for an order that can lose, the most that it
            can: a figure, `No limit`, or a dash whose reason is in the note.
        is_alarming: whether it is shown as a loss.
        exits: what leaving makes of the position before fees, headed by `exits_title`; empty where the order
            opens one.
        stress: the account under a crash, and its margin.
        amount: what has to be typed to approve, "" where nothing has.
        expires_at: time of day on this machine.
        life_left_percent: of the ticket's life, for the bar.
    """

    ticket_id: str
    digest: str
    environment: Environment
    environment_words: str
    account: str
    title: str
    action: str
    legs: tuple[LegLine, ...]
    pays: str
    pays_note: str
    stake_label: str
    max_loss: str
    max_loss_note: str
    is_alarming: bool
    stakes: tuple[Line, ...]
    facts: tuple[Line, ...]
    exits_title: str
    exits: tuple[ExitLine, ...]
    stress: StressTable
    warnings: tuple[str, ...]
    amount: str
    expires_at: str
    seconds_left: float
    life_left_percent: int


def sheet_of(view: TicketView, *, wall: datetime) -> Sheet:
    """The sheet of a ticket.

    Args:
        view: the ticket and how long it still waits.
        wall: time of day on this machine, in the zone of the person who reads it.
    """
    ticket, facts = view.ticket, view.ticket.facts
    stake_label, max_loss, is_alarming = _stake(ticket)
    legs = () if ticket.main is None else facts.legs
    return Sheet(
        ticket_id=ticket.ticket_id,
        digest=view.digest,
        environment=ticket.environment,
        environment_words=ENVIRONMENT_WORDS[ticket.environment],
        account=ticket.masked_account,
        title=clean(facts.title, limit=90),
        action=_action(facts, legs),
        legs=tuple(_leg_line(facts.symbol, leg) for leg in legs),
        pays=words.sentence(facts.cash_words, limit=80),
        pays_note=words.sentence(facts.price_words, limit=120),
        stake_label=stake_label,
        max_loss=max_loss,
        max_loss_note=words.sentence(facts.max_loss_reason, limit=110),
        is_alarming=is_alarming,
        stakes=tuple(_stakes(ticket)),
        facts=tuple(_facts(view)),
        exits_title=_exits_title(ticket),
        exits=tuple(_exits(facts)),
        stress=_stress(facts),
        warnings=tuple(_warnings(facts)),
        amount="" if ticket.typed_amount is None else typing_of(ticket.typed_amount),
        expires_at=words.moment(wall + timedelta(seconds=view.seconds_left)),
        seconds_left=view.seconds_left,
        life_left_percent=round(100 * min(1.0, view.seconds_left / max(1.0, ticket.life_s))),
    )


def _leg_line(symbol: str, leg: LegFacts) -> LegLine:
    return LegLine("BUY" if leg.side == "BUY" else "SELL", f"{leg.quantity:,}", words.contract(symbol, leg))


def _action(facts: TicketFacts, legs: Sequence[LegFacts]) -> str:
    # The sentence ends with the legs after a colon; they stand in full just below it.
    sentence = words.sentence(facts.action_words, limit=160).removesuffix(".")
    return sentence.partition(": ")[0] if legs else sentence


def _stake(ticket: Ticket) -> tuple[str, str, bool]:
    """Label and words of the largest type, and whether they warn."""
    facts, main = ticket.facts, ticket.main
    if main is None:
        return "Afterwards", "No stop", True
    if facts.exits:  # the last is the limit: it is filled there or better
        worst = facts.exits[-1].result
        if not worst.amount:
            return "If filled, before fees", "No gain, no loss", False
        label = "If filled, a loss of at most" if worst.amount < 0 else "If filled, a profit of at least"
        return label, words.cash(worst), worst.amount < 0
    if facts.max_loss is None and not main.purpose.adds_risk:
        return "New risk", "None", False
    return "You can lose at most", _bound(facts.max_loss, facts.max_loss_reason), True


STRESS_TITLE = "P&L if all move"


def _stress(facts: TicketFacts) -> StressTable:
    """A column for each scenario, then the broker's margins where it told them."""
    if not facts.stress:
        reason = clean(facts.stress_reason, limit=90)
        return StressTable(note=f"No look at a crash: {reason}" if reason else "")
    columns = [*_scenario_columns(facts), *_margin_columns(facts.margin)]
    names, held, with_order = zip(*columns, strict=True)
    return StressTable(names, held, with_order, clean(facts.stress_note, limit=110))


def _scenario_columns(facts: TicketFacts) -> Iterator[tuple[str, str, str]]:
    for row in facts.stress:
        yield row.name, words.short_cash(row.held, signed=True), words.short_cash(row.with_order, signed=True)


def _margin_columns(margin: MarginPreview | None) -> Iterator[tuple[str, str, str]]:
    if margin is not None:
        yield "margin", words.short_cash(margin.initial_before), words.short_cash(margin.initial_after)
        yield (
            "to hold",
            words.short_cash(margin.maintenance_before),
            words.short_cash(margin.maintenance_after),
        )


def _exits_title(ticket: Ticket) -> str:
    made = "What the stop makes" if ticket.kind is TicketKind.CANCEL_STOP else "What it makes"
    entry = ticket.facts.entry
    return "" if entry is None else f"{made} of the position (in at {words.price(entry)}), before fees"


def _exits(facts: TicketFacts) -> Iterator[ExitLine]:
    for each in facts.exits:
        percent = "" if not each.percent else f" ({words.number(each.percent, _places(each.percent))} %)"
        yield ExitLine(
            words.sentence(each.at, limit=40),
            words.price(each.price),
            f"{words.signed_cash(each.result)}{percent}",
            each.result.amount < 0,
            each.result.amount > 0,
        )


def _places(percent: float) -> int:
    """Decimals that keep a small share of the entry from being read as none."""
    size = abs(percent)
    return 0 if size >= 1 else 1 if size >= 0.05 else 2


def _bound(amount: Money | None, reason: str) -> str:
    return NO_LIMIT if amount is None and "unlimited" in reason.lower() else words.cash(amount)


def _stakes(ticket: Ticket) -> Iterator[Line]:
    facts = ticket.facts
    opens = ticket.kind is TicketKind.OPEN
    if opens or facts.max_profit is not None:
        yield Line("Most you can gain", _bound(facts.max_profit, facts.max_profit_reason))
    if facts.breakevens:
        yield Line("Breaks even at", " and ".join(words.decimal(level) for level in facts.breakevens))
    if opens or facts.probability_of_profit is not None:
        yield Line("Chance of profit", words.percent(facts.probability_of_profit))


def _facts(view: TicketView) -> Iterator[Line]:
    ticket, facts = view.ticket, view.ticket.facts
    if ticket.main is not None:
        yield _order_line(ticket, ticket.main)
    yield from (_family_line(planned, ticket) for planned in ticket.orders[1:])
    if facts.events:
        first, *more = facts.events
        note = "; ".join(event.partition(",")[0] for event in more)
        yield Line("In its life", words.sentence(first, limit=60), clean(note, limit=100))
    if ticket.removes:
        yield Line("Cancelled first", _removed(ticket))
    if ticket.kind is TicketKind.OPEN or facts.quote_taken is not None:
        yield from _market(facts)
        yield Line("Quotes", f"{_FEED_WORDS[facts.feed]}, {words.age(quote_age_s(view))}")
    if facts.greeks is not None:
        yield from _greeks(facts.greeks)
    if ticket.kind is TicketKind.OPEN or facts.margin is not None:
        yield from _costs(ticket)
    elif facts.fees is not None:
        yield Line("Fees", words.cash(facts.fees), clean(facts.fees_note, limit=40))


def quote_age_s(view: TicketView) -> float | None:
    """Seconds since the quotes were taken; by the ticket's own life, which other processes know too."""
    ticket = view.ticket
    if ticket.facts.quote_taken is None:
        return None
    return max(0.0, ticket.created - ticket.facts.quote_taken) + max(0.0, ticket.life_s - view.seconds_left)


def _market(facts: TicketFacts) -> Iterator[Line]:
    if facts.spot is not None:
        yield Line(clean(facts.symbol, limit=20), words.decimal(facts.spot))
    sides = [side for side in (facts.net_bid, facts.net_mid, facts.net_ask) if side is not None]
    if len(sides) == 3:
        yield _net_line(sides)


def _net_line(sides: list[Premium]) -> Line:
    """The market of the whole order as traders read it: the bid is the lower figure, whoever sells.

    Net prices are a buyer's; who receives sells the same thing, at the other side of its market. Around zero
    there is no such thing: then each price says who pays.
    """
    if all(side.amount >= 0 for side in sides):
        return Line("Bid · mid · ask", " · ".join(words.plain_price(side) for side in sides), "you buy")
    if all(side.amount <= 0 for side in sides):
        return Line(
            "Bid · mid · ask", " · ".join(words.plain_price(side) for side in sides[::-1]), "you sell"
        )
    return Line("Best · mid · worst", " · ".join(words.price(side) for side in sides))


def _greeks(greeks: OrderGreeks) -> Iterator[Line]:
    yield Line(
        "Delta · gamma", f"{words.number(greeks.delta, 1)} · {words.number(greeks.gamma, 2)}", "shares"
    )
    yield Line(
        "Theta · vega", f"{words.number(greeks.theta, 2)} · {words.number(greeks.vega, 2)}", "$/day, $/pt"
    )


def _costs(ticket: Ticket) -> Iterator[Line]:
    margin, rule = ticket.facts.margin, _rule_words(ticket.facts.rule_margin)
    if margin is None:
        yield Line("Margin", rule or words.MISSING, clean(ticket.facts.margin_reason, limit=60))
    else:
        # Where the margin comes to stands in the table; without one it is said here.
        after = f"to {words.cash(margin.initial_after)}"
        yield Line("Margin", words.signed_cash(margin.initial_change), rule or after)
    yield Line("Fees, estimated", words.cash(ticket.facts.fees))


def _rule_words(margin: RuleMargin | None) -> str:
    """What the order takes or frees by Regulation T, for example `Reg T +$6,550`; "" where unknown."""
    return "" if margin is None else f"Reg T {words.short_cash(margin.initial_change, signed=True)}"


def _order_line(ticket: Ticket, order: Order) -> Line:
    if ticket.works_for_s:  # its DAY would be read as the time it works
        span = words.span(ticket.works_for_s)
        return Line("Order", f"{order.quantity:,} × {order.order_type} for {span}", "then cancelled")
    return Line("Order", f"{order.quantity:,} × {order.order_type} {order.tif}")


def _removed(ticket: Ticket) -> str:
    """What is cancelled first, for example `1 take profit, 1 stop`; what comes back tells what it is."""
    kinds = [_PURPOSE_WORDS.get(order.purpose, "exit order").lower() for order in ticket.rearms]
    if len(kinds) != len(ticket.removes):
        return words.count(len(ticket.removes), "exit order")
    counted = {kind: kinds.count(kind) for kind in kinds}
    return ", ".join(words.count(many, kind) for kind, many in counted.items())


def _family_line(planned: PlannedOrder, ticket: Ticket) -> Line:
    order = planned.order
    label = _ROLE_WORDS.get(planned.role, "And")
    if planned.role is Role.REARM:
        label = f"{_PURPOSE_WORDS.get(order.purpose, 'Exit')} comes back"
    tif = f"{_result_words(planned, ticket)}{order.tif}"
    if order.order_type is OrderType.STP_LMT or order.stop is not None:
        limit = "" if order.limit is None else f", limit {words.price(order.limit)}"
        return Line(label, f"from {words.price(order.stop)}{limit}", tif)
    if order.trail is not None:
        return Line(label, f"trailing by {words.decimal(order.trail.amount)}", order.tif)
    return Line(label, f"at {words.price(order.limit)}", tif)


def _result_words(planned: PlannedOrder, ticket: Ticket) -> str:
    """What a child makes of the entry at its own limit, for example `+$158.00 before fees, `."""
    opening = ticket.main.limit if ticket.main else None
    entry = ticket.facts.entry if planned.role is Role.REARM else opening
    if entry is None or planned.order.limit is None:
        return ""
    result = -planned.order.combo.cash(entry + planned.order.limit, quantity=planned.order.quantity)
    return f"{words.signed_cash(result)} before fees, "


def _warnings(facts: TicketFacts) -> Iterator[str]:
    yield from (f"Changed: {clean(change)}" for change in facts.changes)
    yield from (words.sentence(warning) for warning in facts.warnings)
    if facts.account_warning:
        yield f"TWS says: {clean(facts.account_warning)}"
