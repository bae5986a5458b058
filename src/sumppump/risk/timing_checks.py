"""When: twice the same, orders in doubt, closed markets (C-08, C-18)."""

from __future__ import annotations

from collections.abc import Iterator

from sumppump.domain.orders import Order, OrderState, Purpose
from sumppump.risk.case import PERCENT, Case, Finding, known
from sumppump.risk.facts import RecentOrder

# Orders of these states never worked, so an equal one is not a second one unless something was filled.
_NEVER_WORKED = frozenset(
    {
        OrderState.PREVIEWED,
        OrderState.AWAIT_HUMAN,
        OrderState.DECLINED,
        OrderState.EXPIRED,
        OrderState.SUPERSEDED,
        OrderState.REJECTED,
        OrderState.CANCELLED,
    }
)
_IN_DOUBT = frozenset(
    {OrderState.UNKNOWN, OrderState.NOT_FOUND, OrderState.CANCEL_UNKNOWN, OrderState.MODIFY_UNKNOWN}
)


def duplicate(case: Case) -> Iterator[Finding]:
    """C-08: an identical order a moment ago refuses; a similar one that adds risk is pointed out.

    Asked of openings alone. Exits of one position resemble each other by nature (its stop, its target, two
    halves of a close), and nobody may be kept in a position for it: C-24 bounds what they do together.
    """
    for recent in known(case.facts.recent, "recent_orders"):
        if recent.order.order_ref == case.order.order_ref or not _counts(recent):
            continue
        if not _same_legs(case.order, recent.order):
            continue
        yield from _repeated(case, recent)


def _counts(recent: RecentOrder) -> bool:
    return recent.filled > 0 or recent.state not in _NEVER_WORKED


def _same_legs(one: Order, other: Order) -> bool:
    def legs(order: Order) -> set[tuple[int, int]]:
        return {(leg.contract.con_id, leg.ratio) for leg in order.combo.legs}

    return one.account == other.account and legs(one) == legs(other)


def _repeated(case: Case, recent: RecentOrder) -> Iterator[Finding]:
    age, limits = case.age(recent.sent_at), case.limits
    ago = f"{age:.0f} s ago" if recent.sent_here else f"before this start, {age:.0f} s ago or more"
    identical = recent.order.quantity == case.order.quantity and _prices_near(case, recent.order)
    if identical and not age > limits.duplicate_window:  # NaN counts as just now
        yield Finding(
            "duplicate_order",
            f"the same order was sent {ago} ({recent.order.order_ref})",
            f"none within {limits.duplicate_window:g} s",
            ago,
        )
    elif case.order.purpose is Purpose.OPEN and not age > limits.similar_window:
        yield Finding(
            "similar_order",
            f"a similar order was sent {ago} ({recent.order.order_ref})",
            f"none within {limits.similar_window:g} s",
            ago,
            hard=False,
        )


def _prices_near(case: Case, other: Order) -> bool:
    pairs = ((case.order.limit, other.limit), (case.order.stop, other.stop))
    for mine, theirs in pairs:
        if (mine is None) != (theirs is None):
            return False
        if mine is not None and theirs is not None:
            reach = max(abs(mine.amount), abs(theirs.amount)) * case.limits.duplicate_price_pct * PERCENT
            if abs(mine.amount - theirs.amount) > reach:
                return False
    return True


def nothing_in_doubt(case: Case) -> Iterator[Finding]:
    """C-08: an order whose fate nobody knows stops new risk in its underlying, and soon everywhere."""
    for recent in known(case.facts.recent, "recent_orders"):
        if recent.state not in _IN_DOUBT or recent.order.order_ref == case.order.order_ref:
            continue
        age = case.age(recent.sent_at)
        if recent.order.combo.symbol == case.order.combo.symbol:
            yield _doubt("unknown_order_in_underlying", recent, age)
        elif not age <= case.limits.unknown_blocks_all:
            yield _doubt("unknown_order", recent, age)


def _doubt(code: str, recent: RecentOrder, age: float) -> Finding:
    order = recent.order
    return Finding(
        code,
        f"order {order.order_ref} in {order.combo.symbol} is {recent.state} for {age:.0f} s",
        "no order in doubt",
        str(recent.state),
    )


def market_hours(case: Case) -> Iterator[Finding]:
    """C-18: a warning when the market is closed: the order would wait for prices nobody knows yet."""
    session = known(case.facts.session, "trading_hours")
    if not session.is_open:
        yield Finding(
            "market_closed", f"the market is {session.words()}", "an open market", "closed", hard=False
        )
