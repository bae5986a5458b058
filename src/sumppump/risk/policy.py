"""The one judgement of an order: every control as a row, every missing figure a refusal.

Controls and their figures come from the market-access rules (SEC 15c3-5, RTS 6) and from what went wrong
elsewhere; the ids are the catalogue's. Orders that reduce risk skip the rows that stop new risk, and keep
those that a mistake could still break: price, quantity, account, kill switch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sumppump.domain.orders import Order, Purpose
from sumppump.kernel.errors import Breach, RiskRefused
from sumppump.risk import account_checks as account
from sumppump.risk import order_checks as kind
from sumppump.risk import price_checks as price
from sumppump.risk import size_checks as size
from sumppump.risk import timing_checks as timing
from sumppump.risk.case import Case, Check, Finding, Unanswered
from sumppump.risk.facts import OrderFacts
from sumppump.risk.limits import Limits

ALL = frozenset(Purpose)
NEW_RISK = frozenset({Purpose.OPEN})
REDUCING = ALL - NEW_RISK
PRICED = frozenset({Purpose.OPEN, Purpose.CLOSE, Purpose.TARGET})
FILLED_SOON = PRICED - {Purpose.TARGET}


@dataclass(frozen=True, slots=True)
class Control:
    """One row: which orders a check is for, and whether its refusal can be approved away (`warns`)."""

    id: str
    purposes: frozenset[Purpose]
    check: Check
    warns: bool = False


CONTROLS: tuple[Control, ...] = (
    Control("C-20", ALL, kind.kill_switch),
    Control("C-17", ALL, kind.account_and_mode),
    Control("C-01", ALL, size.quantity_is_whole),
    Control("C-06", ALL, kind.order_type),
    Control("C-06", ALL, kind.prices_belong),
    Control("C-16", ALL, kind.time_in_force),
    Control("C-16", ALL, kind.routing),
    Control("C-16", ALL, kind.not_expired),
    Control("C-16", NEW_RISK, kind.listed_and_standard),
    Control("C-24", NEW_RISK, kind.no_short_stock),
    Control("C-24", REDUCING, kind.only_reduces),
    Control("C-01", NEW_RISK, size.contracts),
    Control("C-07", PRICED, price.quotes_are_sound),
    Control("C-04", PRICED, price.collar),
    Control("C-04", ALL, price.on_tick),
    Control("C-04", ALL, price.stop_distance),
    Control("C-04", REDUCING, price.stop_is_ahead),
    Control("C-04", ALL, price.within_worth),
    Control("C-04", FILLED_SOON, price.far_from_market),
    Control("C-05", NEW_RISK, price.repricing),
    Control("C-02", NEW_RISK, size.premium),
    Control("C-02", NEW_RISK, size.shares),
    Control("C-03", NEW_RISK, size.permission_level),
    Control("C-03", NEW_RISK, size.assignment),
    Control("C-03", NEW_RISK, size.max_loss),
    Control("C-14", NEW_RISK, account.daily_loss),
    Control("C-15", NEW_RISK, account.margin),
    Control("C-08", NEW_RISK, timing.duplicate),
    Control("C-08", NEW_RISK, timing.nothing_in_doubt),
    Control("C-18", NEW_RISK, timing.market_hours, warns=True),
)


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """Judges orders against limits that nothing in the conversation can change (C-27)."""

    limits: Limits

    def judge(self, order: Order, facts: OrderFacts) -> tuple[Breach, ...]:
        """Every limit that the order breaks, hard ones and warnings, in the order of the table.

        Pure: the same order and facts give the same answer. A figure that is missing, not finite or in
        another currency refuses with a code of its own, `<control>_missing_<what>`.
        """
        case = Case(order, facts, self.limits)
        rows = [row for row in CONTROLS if order.purpose in row.purposes]
        return (*_clocks(facts), *(breach for row in rows for breach in _judged(row, case)))

    def enforce(
        self, order: Order, facts: OrderFacts, *, excused: frozenset[str] = frozenset()
    ) -> tuple[Breach, ...]:
        """What is wrong with an order that may go: warnings, and breaches of `excused` controls.

        Raises:
            RiskRefused: at least one other hard limit is broken; all of those are attached.
        """
        breaches = self.judge(order, facts)
        if hard := tuple(each for each in breaches if each.hard and each.control not in excused):
            raise RiskRefused(hard, next_steps=next_steps(hard))
        return breaches


def _judged(row: Control, case: Case) -> Iterator[Breach]:
    try:
        findings = list(row.check(case))
    except Unanswered as missing:
        findings = [_missing(row, missing.what)]
    except (ArithmeticError, ValueError, TypeError) as fault:
        # NaN in a comparison, two currencies in a sum: a check that cannot be computed has not been passed.
        findings = [_unusable(row, fault)]
    for each in findings:
        yield Breach(
            control=row.id,
            code=each.code,
            message=each.message,
            expected=each.expected,
            found=each.found,
            hard=each.hard and not row.warns,
            passes=each.passes,
        )


def _prefix(row: Control) -> str:
    return row.id.replace("-", "").lower()


def _missing(row: Control, what: str) -> Finding:
    words = what.replace("_", " ")
    return Finding(
        f"{_prefix(row)}_missing_{what}",
        f"{words} is not known, so this cannot be checked",
        words,
        "nothing",
        passes=True,
    )


def _unusable(row: Control, fault: Exception) -> Finding:
    return Finding(
        f"{_prefix(row)}_unusable_figure",
        f"a figure cannot be used: {fault or type(fault).__name__}",
        "finite figures in one currency",
        type(fault).__name__,
    )


def _clocks(facts: OrderFacts) -> tuple[Breach, ...]:
    """C-26: without a clock no age means anything."""
    if math.isfinite(facts.monotonic) and facts.now.tzinfo is not None:
        return ()
    return (
        Breach(
            control="C-26",
            code="c26_missing_clock",
            message="the clocks cannot be read, so nothing can be checked",
            expected="a finite monotonic time and an aware exchange time",
            found=f"{facts.monotonic}, {facts.now}",
        ),
    )


_ADVICE: tuple[tuple[str, str], ...] = (
    ("kill_switch", "A person clears it on a terminal: sumppump kill --clear."),
    ("too_many_contracts", "Lower the quantity."),
    ("premium_too_large", "Lower the quantity, or choose a cheaper strategy."),
    ("stock_notional_too_large", "Buy fewer shares; a person may raise MAX_STOCK_PCT."),
    ("margin_too_large", "Lower the quantity, or free margin by closing something first."),
    ("unlimited_loss", "Add a covering leg, as in a vertical spread or an iron condor."),
    ("quote_too_wide", "Choose a strike or an expiry that trades more, or wait for a tighter market."),
    ("max_loss_too_large", "Lower the quantity, or choose narrower strikes."),
    ("naked_short", "Buy a covering option in the same order, as in a vertical spread."),
    ("permission_level", "Choose a strategy of a lower level; a person may change OPTIONS_LEVEL."),
    ("limit_beyond_collar", "Set the limit nearer to the market."),
    ("price_off_tick", "Round the price to the step."),
    ("quote_stale", "Ask for the quote again and retry."),
    ("quote_not_live", "Orders need live quotes; see trade_check_market_data."),
    ("order_type_refused", "Use a LMT order; close_type market becomes a marketable limit."),
    ("duplicate_order", "Look at the first order with trade_get_order_status before anything else."),
    ("unknown_order", "Look at that order with trade_get_order_status."),
    ("daily_pnl_stale", "Try again in a few seconds: it is asked for anew. If it stays old, look into TWS."),
    ("daily_loss", "Only closing is possible; a person may change the limit outside the conversation."),
    ("halt", "Wait until it trades again."),
    ("tif_refused", "Use tif DAY; only stops and targets outlive the day."),
    ("stop_never_triggers", "Choose a trigger that the position can come to, or close it by hand in time."),
    ("limit_beyond_worth", "Set the limit near the market; see the strategy's net_premium."),
    ("stop_limit_distance", "Set the limit nearer to the trigger, on its far side."),
    ("repriced_too_far", "Set the limit back, or cancel the order and make a new ticket."),
    (
        "assignment_too_large",
        "Cover the short legs in the same order, as in a spread or condor, or lower a quantity above 1.",
    ),
    ("symbol_refused", "Choose a symbol from the list; a person may change it."),
    ("otc_refused", "Choose a share that is listed on an exchange."),
    ("exchange_refused", "Orders go to SMART only; find the contract with trade_find_contract."),
    ("currency_refused", "Only contracts in USD can be traded."),
    ("not_tradable", "Trade its options, or an ETF on it."),
    ("adjusted_option", "Choose a standard class, or act in TWS."),
    ("expired", "Choose a later expiry."),
    ("quote_one_sided", "Choose a strike or an expiry that trades more, or try again later."),
    ("quote_crossed", "Ask for the quote again and retry."),
    ("quote_not_positive", "Choose a strike that has a price."),
    ("short_stock", "Shares can only be bought here; selling them short is for TWS."),
    ("not_the_parents_mirror", "Make the ticket again from the strategy."),
    ("bad_quantity", "Give a whole number above 0."),
    ("missing_", "Give the prices that the order type needs."),
    ("surplus_", "Leave out the price that the order type does not take."),
    ("bad_trail", "Give a trailing amount above 0."),
    ("wrong_account", "Log in to that account, or make the ticket again."),
    ("wrong_environment", "Make the ticket again in this mode."),
    ("more_than_held", "Look at trade_get_positions and trade_get_open_orders."),
    ("stop_already_triggered", "Choose a trigger further away, or close the position instead."),
)


def next_steps(breaches: Sequence[Breach]) -> tuple[str, ...]:
    """What to do about each refusal, in their order, each once."""
    found = [advice for breach in breaches for code, advice in _ADVICE if breach.code.startswith(code)]
    missing = any("_missing_" in breach.code for breach in breaches)
    return tuple(
        dict.fromkeys([*found, *(["Try again when the missing figure has arrived."] if missing else [])])
    )
