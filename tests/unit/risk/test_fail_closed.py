"""C-26: a figure that is missing, not finite or in another currency refuses; no input opens the policy."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.risk.cases import (
    CALL_600,
    CALL_SPREAD,
    FACTS,
    FIGURES,
    MONOTONIC,
    OWNED,
    QUOTES,
    SHARES,
    STEADY,
    codes,
    combo,
    facts,
    figures,
    held,
    judge,
    margin,
    order,
    stop,
)

from sumppump.domain.orders import Purpose
from sumppump.kernel.errors import RiskRefused
from sumppump.kernel.money import Money, Premium
from sumppump.risk import policy as policy_module
from sumppump.risk.facts import OrderFacts, Repricing
from sumppump.risk.limits import Limits
from sumppump.risk.policy import RiskPolicy

CHECKS = Path(policy_module.__file__).parent

WITHOUT = {con_id: each for con_id, each in QUOTES.items() if con_id != CALL_600.con_id}


@pytest.mark.parametrize(
    ("given_facts", "code"),
    [
        (facts(kill_set=None), "c20_missing_kill_flag"),
        (facts(quotes={}), "c07_missing_quote"),
        (facts(quotes=WITHOUT), "c04_missing_quote"),
        (facts(figures=None), "c02_missing_net_liquidation"),
        (figures(nlv=None), "c02_missing_net_liquidation"),
        (figures(nlv=None), "c03_missing_net_liquidation"),
        (figures(nlv=None), "c14_missing_net_liquidation"),
        (figures(nlv=Money.of(250_000, "EUR")), "c02_missing_exchange_rate_eur"),
        (facts(max_loss=None), "c03_missing_max_loss"),
        (facts(max_loss=Money.of(1, "EUR")), "c03_unusable_figure"),
        (facts(permission_level=None), "c03_missing_permission_level"),
        (facts(figures=None), "c14_missing_daily_pnl"),
        (figures(daily_pnl=None), "c14_missing_daily_pnl"),
        (figures(daily_pnl_taken=None), "c14_missing_daily_pnl"),
        (facts(margin=None), "c15_missing_margin_preview"),
        (facts(reserved_margin=None), "c15_missing_reserved_margin"),
        (facts(figures=None), "c15_missing_excess_liquidity"),
        (figures(excess_liquidity=None), "c15_missing_excess_liquidity"),
        (facts(margin=margin("1", currency="EUR")), "c15_unusable_figure"),
        (facts(recent=None), "c08_missing_recent_orders"),
        (facts(session=None), "c18_missing_trading_hours"),
        (facts(monotonic=float("nan")), "c26_missing_clock"),
        (facts(now=datetime(2026, 11, 20)), "c26_missing_clock"),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_each_missing_figure_refuses_an_opening_order_with_its_own_code(
    given_facts: OrderFacts, code: str
) -> None:
    """None anywhere is never a pass."""
    assert code in codes(order(), given_facts)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"positions": None}, "c24_missing_positions"),
        ({"recent": None}, "c24_missing_recent_orders"),
        ({"quotes": {}}, "c04_missing_quote"),
        ({"kill_set": None}, "c20_missing_kill_flag"),
    ],
)
def test_closing_needs_what_keeps_it_a_close(changes: dict[str, Any], code: str) -> None:
    """Risk-reducing orders skip the gates against new risk, not the ones against mistakes."""
    close = order(CALL_SPREAD.reversed, "-1.90", purpose=Purpose.CLOSE)
    assert code in codes(close, facts(**changes))


def test_a_stop_without_any_quote_is_refused() -> None:
    """Nobody could say whether it would fire at once."""
    protect = stop(CALL_SPREAD.reversed, "-1.00", "-0.80")
    found = codes(protect, facts(quotes={}, positions=held((1, CALL_600))))
    assert "c04_missing_quote" in found


def test_a_child_whose_parent_is_gone_is_bounded_by_what_is_held() -> None:
    """Once the parent is filled its stop must be movable; while nothing is held, nothing may be sold."""
    child = stop(CALL_SPREAD.reversed, "-1.00", "-0.80", parent_ref="SP1-00000000000000000000000001")
    owned = OWNED
    assert "more_than_held" in codes(child)
    assert "more_than_held" in codes(replace(child, quantity=2), facts(positions=owned))
    assert codes(child, facts(positions=owned)) == set()
    assert "c24_missing_positions" in codes(child, facts(positions=None))


def test_only_the_missing_hours_leave_a_way_through() -> None:
    """C-18 warns; everything else that is missing is hard."""
    soft = {breach.code for breach in judge(order(), facts(session=None)) if not breach.hard}
    assert soft == {"c18_missing_trading_hours"}


SPOILS: tuple[tuple[str, Callable[[OrderFacts], OrderFacts]], ...] = (
    ("kill", lambda f: replace(f, kill_set=None)),
    ("quotes", lambda f: replace(f, quotes={})),
    ("one quote", lambda f: replace(f, quotes=WITHOUT)),
    ("no bid", lambda f: _spoiled_quote(f, bid=None)),
    ("no ask", lambda f: _spoiled_quote(f, ask=None)),
    ("nan age", lambda f: _spoiled_quote(f, taken=float("nan"))),
    ("infinite age", lambda f: _spoiled_quote(f, taken=float("-inf"))),
    ("figures", lambda f: replace(f, figures=None)),
    ("nlv", lambda f: replace(f, figures=replace(FIGURES, nlv=None))),
    ("nlv of nothing", lambda f: replace(f, figures=replace(FIGURES, nlv=Money.of(-1)))),
    ("excess", lambda f: replace(f, figures=replace(FIGURES, excess_liquidity=None))),
    ("pnl", lambda f: replace(f, figures=replace(FIGURES, daily_pnl=None))),
    ("pnl age", lambda f: replace(f, figures=replace(FIGURES, daily_pnl_taken=float("nan")))),
    ("margin", lambda f: replace(f, margin=None)),
    ("reserve", lambda f: replace(f, reserved_margin=None)),
    ("max loss", lambda f: replace(f, max_loss=None)),
    ("level", lambda f: replace(f, permission_level=None)),
    ("recent", lambda f: replace(f, recent=None)),
    ("monotonic", lambda f: replace(f, monotonic=float("nan"))),
    ("monotonic without end", lambda f: replace(f, monotonic=float("inf"))),
    ("account", lambda f: replace(f, account="")),
)


def _spoiled_quote(given_facts: OrderFacts, **changes: Any) -> OrderFacts:
    bad = replace(QUOTES[CALL_600.con_id], **changes)
    return replace(given_facts, quotes={**given_facts.quotes, CALL_600.con_id: bad})


@STEADY
@given(chosen=st.lists(st.sampled_from(SPOILS), min_size=1, max_size=6), quantity=st.integers(1, 10))
def test_no_combination_of_missing_figures_lets_an_opening_order_through(
    chosen: list[tuple[str, Callable[[OrderFacts], OrderFacts]]], quantity: int
) -> None:
    """C-26: with one thing missing or several the answer is a hard refusal, never an exception."""
    given_facts = FACTS
    for _, spoil in chosen:
        given_facts = spoil(given_facts)
    assert any(breach.hard for breach in judge(order(quantity=quantity), given_facts))


@STEADY
@given(
    taken=st.floats(allow_nan=True, allow_infinity=True),
    sent=st.floats(allow_nan=True, allow_infinity=True),
    monotonic=st.floats(allow_nan=True, allow_infinity=True),
)
def test_no_number_of_any_clock_raises(taken: float, sent: float, monotonic: float) -> None:
    """Floats of any kind in the ages give breaches, never an exception."""
    given_facts = _spoiled_quote(facts(monotonic=monotonic), taken=taken)
    repriced = replace(given_facts, repricing=Repricing(first=Premium.of("2"), at=sent))
    assert isinstance(judge(order(), repriced), tuple)


def test_enforce_raises_with_every_hard_breach_and_returns_the_warnings() -> None:
    """What execution calls."""
    policy = RiskPolicy(Limits())
    (warning,) = policy.enforce(order(), facts(session=None))
    assert not warning.hard
    with pytest.raises(RiskRefused) as refused:
        policy.enforce(order(quantity=11), facts(session=None, kill_set=True))
    assert {breach.code for breach in refused.value.breaches} == {"kill_switch", "too_many_contracts"}
    assert refused.value.code == "kill_switch"
    assert refused.value.next_steps == (
        "A person clears it on a terminal: sumppump kill --clear.",
        "Lower the quantity.",
    )


def test_every_advice_belongs_to_a_code_that_the_checks_give() -> None:
    """A renamed code must not lose its advice."""
    source = "".join(path.read_text(encoding="utf-8") for path in CHECKS.glob("*_checks.py"))
    made = {"missing_", "surplus_"}  # put together from parts
    assert [code for code, _ in policy_module._ADVICE if f'"{code}' not in source and code not in made] == []


def test_every_refusal_says_what_to_do() -> None:
    """A code without advice leaves a person and a model with a closed door."""
    found = {
        call.args[0].value
        for path in CHECKS.glob("*_checks.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Finding"
        and isinstance(call.args[0], ast.Constant)
    }
    assert len(found) > 30
    advised = tuple(code for code, _ in policy_module._ADVICE)
    soft = {"market_closed", "similar_order", "limit_far_from_market"}
    assert {code for code in found - soft if not str(code).startswith(advised)} == set()


def test_a_missing_figure_asks_to_try_again() -> None:
    """The one advice that fits them all."""
    with pytest.raises(RiskRefused) as refused:
        RiskPolicy(Limits()).enforce(order(), facts(margin=None))
    assert refused.value.next_steps == ("Try again when the missing figure has arrived.",)


def test_shares_need_no_option_figures() -> None:
    """An order of shares alone is judged without max loss and permission level."""
    given_facts = facts(max_loss=None, permission_level=None)
    assert codes(order(SHARES, "600.00", quantity=10), given_facts) == set()


def test_an_answer_depends_on_nothing_but_order_and_facts() -> None:
    """Pure: twice the same question, twice the same answer, and the facts are untouched."""
    before = repr(FACTS)
    assert judge(order(quantity=99)) == judge(order(quantity=99))
    assert repr(FACTS) == before
    assert FACTS.monotonic == MONOTONIC
    assert combo((1, CALL_600)).legs[0].ratio == Decimal(1)
