"""What kind of order, from where, and that a closing order only closes (C-06, C-16, C-17, C-20, C-24)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sumppump.domain.combo import Leg
from sumppump.domain.instruments import OptionContract, SecType
from sumppump.domain.orders import Order, OrderType, Purpose, TimeInForce
from sumppump.kernel.text import masked_account
from sumppump.risk.case import Case, Finding, known

# Which prices belong to a type: (limit, stop, trail). A price too many is as wrong as one too few.
_PRICES: dict[OrderType, tuple[bool, bool, bool]] = {
    OrderType.LMT: (True, False, False),
    OrderType.MKT: (False, False, False),
    OrderType.STP: (False, True, False),
    OrderType.STP_LMT: (True, True, False),
    OrderType.TRAIL: (False, False, True),
}


def order_type(case: Case) -> Iterator[Finding]:
    """C-06: options and combos go out as LMT or STP LMT only, on every path, a modification included."""
    limits, kind = case.limits, case.order.order_type
    allowed = limits.option_order_types if case.has_options else limits.stock_order_types
    if kind not in allowed:
        names = ", ".join(allowed)
        what = "options" if case.has_options else "shares"
        yield Finding(
            "order_type_refused", f"{kind} orders on {what} are switched off", f"one of {names}", str(kind)
        )


def prices_belong(case: Case) -> Iterator[Finding]:
    """C-06: an order has the prices of its type, all of them and no other."""
    order = case.order
    given = (order.limit, order.stop, order.trail)
    for name, value, wanted in zip(("limit", "stop", "trail"), given, _PRICES[order.order_type], strict=True):
        if (value is not None) != wanted:
            problem = "needs" if wanted else "takes no"
            yield Finding(
                f"{'missing' if wanted else 'surplus'}_{name}",
                f"a {order.order_type} order {problem} {name} price",
                f"{name}: {'a price' if wanted else 'none'}",
                f"{name} {value}",
            )
    if order.trail is not None and not order.trail.amount > 0:
        yield Finding("bad_trail", f"trail {order.trail} is not above 0", "trail above 0", str(order.trail))


def time_in_force(case: Case) -> Iterator[Finding]:
    """C-16: only protective orders outlive the day."""
    if case.order.tif is TimeInForce.DAY or case.order.purpose in (Purpose.STOP, Purpose.TARGET):
        return
    yield Finding(
        "tif_refused", f"{case.order.tif} is for protective orders only", "DAY", str(case.order.tif)
    )


def routing(case: Case) -> Iterator[Finding]:
    """C-16: exchange and currency of every leg."""
    for leg in case.order.combo.legs:
        contract, limits = leg.contract, case.limits
        if contract.exchange not in limits.exchanges:
            allowed = ", ".join(limits.exchanges)
            yield Finding(
                "exchange_refused", f"{contract.label} on {contract.exchange}", allowed, contract.exchange
            )
        if contract.currency != limits.currency:
            yield Finding(
                "currency_refused",
                f"{contract.label} is in {contract.currency}",
                limits.currency,
                contract.currency,
            )


def not_expired(case: Case) -> Iterator[Finding]:
    """C-16: every option can still trade, by the exchange's clock."""
    for option in case.order.combo.options:
        if not option.last_trade > case.facts.now:
            yield Finding(
                "expired",
                f"{option.label} stopped trading at {option.last_trade.isoformat()}",
                "a last trading moment ahead",
                case.facts.now.isoformat(),
            )


def listed_and_standard(case: Case) -> Iterator[Finding]:
    """C-16: allowed underlyings, no over-the-counter listings, no indexes as shares, no adjusted options."""
    symbol, allowed = case.order.combo.symbol, case.limits.allowed_symbols
    if allowed and symbol not in allowed:
        yield Finding(
            "symbol_refused", f"{symbol} is not on the list of underlyings", ", ".join(allowed), symbol
        )
    for leg in case.order.combo.legs:
        finding = (
            _adjusted(case, leg.contract) if isinstance(leg.contract, OptionContract) else _listing(case, leg)
        )
        if finding is not None:
            yield finding


def _listing(case: Case, leg: Leg) -> Finding | None:
    contract = leg.contract
    if contract.sec_type is not SecType.STK:
        return Finding(
            "not_tradable", f"{contract.label} is {contract.sec_type}", "STK", str(contract.sec_type)
        )
    listing = getattr(contract, "primary_exchange", "")
    if listing.split(".")[0].upper() in case.limits.refused_listings:
        return Finding("otc_refused", f"{contract.label} is listed on {listing}", "a stock exchange", listing)
    return None


def _adjusted(case: Case, option: OptionContract) -> Finding | None:
    standard = case.limits.shares_per_contract
    # OCC marks classes with another deliverable by a digit after the ticker, for example AAPL1.
    marked = re.fullmatch(rf"{re.escape(option.symbol)}\d", option.trading_class) is not None
    if option.multiplier == standard and not marked:
        return None
    return Finding(
        "adjusted_option",
        f"{option.label} has a deliverable of its own, not {standard} shares",
        f"{standard} shares, a standard class",
        f"{option.multiplier} shares, class {option.trading_class}",
    )


def no_short_stock(case: Case) -> Iterator[Finding]:
    """C-24: an opening order never sells shares."""
    for leg in case.order.combo.stock_legs:
        if leg.ratio < 0:
            yield Finding(
                "short_stock",
                f"opening by selling {leg.contract.label} shares is never allowed",
                "stock legs that buy",
                f"{leg.ratio * case.order.quantity} shares",
            )


def account_and_mode(case: Case) -> Iterator[Finding]:
    """C-17: this process may write, to this account, in this environment."""
    order, facts = case.order, case.facts
    if not facts.gate.allowed:
        gate = facts.gate
        yield Finding(
            gate.code or "writes_off", gate.reason or "writes are off", gate.next_step, "writes are off"
        )
    if not order.account or order.account != facts.account:
        ours, seen = masked_account(order.account), masked_account(facts.account)
        yield Finding("wrong_account", f"the order is for {ours}, the account seen is {seen}", seen, ours)
    if order.environment is not facts.environment:
        yield Finding(
            "wrong_environment",
            f"the order is for {order.environment}, this process sends to {facts.environment}",
            str(facts.environment),
            str(order.environment),
        )


def kill_switch(case: Case) -> Iterator[Finding]:
    """C-20: nothing goes out while the kill switch is set; only a person clears it."""
    if known(case.facts.kill_set, "kill_flag"):
        yield Finding(
            "kill_switch", "the kill switch is set", "cleared by a person: sumppump kill --clear", "set"
        )


def only_reduces(case: Case) -> Iterator[Finding]:
    """C-24: a closing order stays within what is held and not yet being closed.

    The child of a parent that still waits stays within that parent; later it is an exit like any other.
    """
    if case.facts.parent is not None:
        yield from _within_parent(case, case.facts.parent)
        return
    for leg in case.order.combo.legs:
        free = _closable(case, leg)
        wanted = abs(leg.ratio) * case.order.quantity
        if wanted > free:
            words = f"{wanted} {leg.contract.label} to {'sell' if leg.ratio < 0 else 'buy back'}"
            yield Finding("more_than_held", f"{words}, {free} can be closed", f"at most {free}", str(wanted))


def _closable(case: Case, leg: Leg) -> int:
    held = sum(
        position.quantity
        for position in known(case.facts.positions, "positions")
        if position.instrument.con_id == leg.contract.con_id
    )
    on_the_right_side = max(0, held if leg.ratio < 0 else -held)
    return max(0, on_the_right_side - _being_closed(case, leg))


def _being_closed(case: Case, leg: Leg) -> int:
    """Contracts of this leg that other working orders of ours already close."""
    order = case.order
    total: dict[str, int] = {}
    for recent in known(case.facts.recent, "recent_orders"):
        other = recent.order
        if other.purpose is Purpose.OPEN or recent.state.is_terminal or other.order_ref == order.order_ref:
            continue
        if other.order_ref in case.facts.to_be_cancelled or (
            order.oca_group and other.oca_group == order.oca_group
        ):
            continue
        ratio = sum(each.ratio for each in other.combo.legs if each.contract.con_id == leg.contract.con_id)
        if ratio * leg.ratio > 0:
            # Orders of one OCA group cancel each other: the largest of them counts once.
            key = other.oca_group or other.order_ref
            total[key] = max(total.get(key, 0), abs(ratio) * (other.quantity - recent.filled))
    return sum(total.values())


def _within_parent(case: Case, parent: Order) -> Iterator[Finding]:
    order = case.order
    mirrored = {(leg.contract.con_id, -leg.ratio) for leg in parent.combo.legs}
    legs = {(leg.contract.con_id, leg.ratio) for leg in order.combo.legs}
    if parent.order_ref != order.parent_ref or mirrored != legs or order.quantity > parent.quantity:
        own, theirs = (f"{each.quantity} x {each.combo.words()}" for each in (order, parent))
        yield Finding(
            "not_the_parents_mirror",
            f"{own} does not undo {theirs}",
            "the parent's legs reversed, at most its quantity",
            own,
        )
