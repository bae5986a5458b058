"""How much: contracts, premium, shares, worst loss, assignment, permission level (C-01 to C-03)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sumppump.domain.payoff import Unlimited
from sumppump.kernel.money import Money, Premium
from sumppump.risk.case import Case, Finding, Unanswered, known
from sumppump.risk.cover import assignment_notional, uncovered_shorts


def quantity_is_whole(case: Case) -> Iterator[Finding]:
    """C-01: a quantity is a whole number above 0, whatever the order is for."""
    quantity = case.order.quantity
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        yield Finding(
            "bad_quantity",
            f"quantity {quantity!r} is not a whole number above 0",
            "1 or more",
            repr(quantity),
        )


def contracts(case: Case) -> Iterator[Finding]:
    """C-01: contracts, or combos, of one order. Shares are bounded by their notional instead."""
    limit, found = case.limits.max_contracts, case.order.quantity
    if case.has_options and not found <= limit:
        yield Finding(
            "too_many_contracts",
            f"{found} contracts are more than {limit} per order",
            f"at most {limit}",
            str(found),
        )


def premium(case: Case) -> Iterator[Finding]:
    """C-02: the options' net premium, paid or received: the larger of an amount and a share of NLV."""
    if not case.has_options:
        return
    found = abs(_option_cash(case))
    allowed = max(
        Money(case.limits.max_premium, found.currency), case.share_of_nlv(case.limits.max_premium_pct)
    )
    if found > allowed:
        yield Finding(
            "premium_too_large",
            f"premium {found} is above {allowed}",
            f"at most {allowed}",
            str(found),
        )


def _option_cash(case: Case) -> Money:
    order = case.order
    if not order.combo.stock_legs:
        return order.combo.cash(case.worst_price(), quantity=order.quantity)
    # With shares in the combo its price is mostly theirs; the options are taken at their own touch.
    total = Money(Decimal(0), order.combo.currency)
    for leg in order.combo.option_legs:
        quote = case.quote(leg)
        touch: Premium = known(quote.ask if leg.ratio > 0 else quote.bid, "quote")
        total += touch.cash(multiplier=leg.shares, quantity=order.quantity, currency=total.currency)
    return total


def shares(case: Case) -> Iterator[Finding]:
    """C-02: shares bought by one order, as a share of net liquidation."""
    if not case.order.combo.stock_legs:
        return
    found, allowed = case.stock_notional(), case.share_of_nlv(case.limits.max_stock_pct)
    if found > allowed:
        yield Finding(
            "stock_notional_too_large",
            f"shares for {found} are more than {allowed} ({case.limits.max_stock_pct} % of net liquidation)",
            f"at most {allowed}",
            str(found),
        )


def max_loss(case: Case) -> Iterator[Finding]:
    """C-03: what can be lost beyond the shares' own value, which the limit on shares bounds."""
    if not case.has_options:
        return
    loss = case.facts.max_loss
    if loss is None:
        raise Unanswered("max_loss")
    if isinstance(loss, Unlimited):
        yield from _unlimited(case)
        return
    found = max(loss - case.stock_notional(), Money(Decimal(0), loss.currency))
    allowed = case.share_of_nlv(case.limits.max_loss_pct)
    if not found <= allowed:
        yield Finding(
            "max_loss_too_large",
            f"max loss {found} is above {allowed} ({case.limits.max_loss_pct} % of net liquidation)",
            f"at most {allowed}",
            str(found),
        )


def _unlimited(case: Case) -> Iterator[Finding]:
    limits = case.limits
    if not (limits.allow_naked_short and limits.options_level >= 4):
        yield Finding(
            "unlimited_loss",
            "the loss is unlimited, and such orders are switched off",
            "a limited loss, or ALLOW_NAKED_SHORT with OPTIONS_LEVEL 4",
            "unlimited",
        )


def assignment(case: Case) -> Iterator[Finding]:
    """C-03: short options that nothing in the order covers, by right and by what assignment would cost."""
    alone = uncovered_shorts(case.order.combo)
    if not alone:
        return
    names = ", ".join(short.contract.label for short in alone)
    if not case.limits.allow_naked_short:
        yield Finding(
            "naked_short",
            f"{names} would be sold without cover, and naked shorts are switched off",
            "every short leg covered by a long one of its right or by shares",
            f"{sum(short.contracts for short in alone)} uncovered per combo",
        )
        return
    found = assignment_notional(case.order.combo, case.order.quantity)
    allowed = case.share_of_nlv(case.limits.max_assignment_pct)
    if found > allowed:
        yield Finding(
            "assignment_too_large",
            f"assignment of {names} would move {found}, above {allowed}",
            f"at most {allowed}",
            str(found),
        )


def permission_level(case: Case) -> Iterator[Finding]:
    """C-03: the strategy's IBKR level against the one the person has set."""
    if not case.has_options:
        return
    needed = known(case.facts.permission_level, "permission_level")
    if not needed <= case.limits.options_level:
        yield Finding(
            "permission_level",
            f"the strategy needs options level {needed}, OPTIONS_LEVEL is {case.limits.options_level}",
            f"level {case.limits.options_level} or lower",
            f"level {needed}",
        )
