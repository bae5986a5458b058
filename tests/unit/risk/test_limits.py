"""The limits: the figures they begin with, that nothing can change them, and that bad ones do not start."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal
from typing import Any

import pytest

from sumppump.bootstrap.settings import Settings
from sumppump.kernel.errors import InvalidRequest
from sumppump.risk.limits import ABOUT, Limits
from sumppump.risk.policy import RiskPolicy


def test_the_defaults_are_the_catalogues() -> None:
    """C-01 10; C-02 5,000 or 5 %, shares 25 %; C-03 10 %; C-05 15 % in 10 min; C-07 5 s, 30 %, 3 ticks;
    C-08 60 s and 10 min; C-14 2 % and 3 %, 60 s; C-15 50 %."""
    limits = Limits()
    assert (limits.max_contracts, limits.max_premium, limits.max_premium_pct) == (10, 5000, 5)
    assert (limits.max_loss_pct, limits.max_stock_pct, limits.options_level) == (10, 25, 2)
    assert (limits.collar_pct, limits.collar_ticks) == (10, 2)
    assert (limits.reprice_pct, limits.reprice_window) == (15, 600)
    assert (limits.max_quote_age, limits.max_width_pct, limits.max_width_ticks) == (5, 30, 3)
    assert (limits.duplicate_window, limits.similar_window, limits.duplicate_price_pct) == (60, 600, 2)
    assert (limits.daily_loss_reduce_pct, limits.daily_loss_halt_pct, limits.max_pnl_age) == (2, 3, 60)
    assert (limits.max_margin_pct, limits.allow_naked_short) == (50, False)


def test_settings_and_limits_begin_with_the_same_figures() -> None:
    """A setting of a limit's name fills it; both defaults agree."""
    shared = {each.name for each in fields(Limits)} & set(Settings.model_fields)
    assert shared >= {"max_contracts", "max_premium", "max_premium_pct", "max_loss_pct", "options_level"}
    differing = {name for name in shared if Settings.model_fields[name].default != getattr(Limits(), name)}
    assert differing == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_contracts", 0),
        ("max_contracts", -1),
        ("max_premium", Decimal("NaN")),
        ("max_loss_pct", Decimal("Infinity")),
        ("max_quote_age", float("nan")),
        ("max_quote_age", 0.0),
        ("daily_loss_halt_pct", Decimal(1)),
    ],
)
def test_a_limit_that_limits_nothing_does_not_start(name: str, value: Any) -> None:
    """NaN compares false with everything, so it must never become a limit."""
    with pytest.raises(InvalidRequest) as refused:
        replace(Limits(), **{name: value})
    assert refused.value.code == "bad_setting"
    assert name in refused.value.message


def test_both_daily_limits_may_be_the_same() -> None:
    """Then the day is over at the first."""
    assert Limits(daily_loss_halt_pct=Decimal(2)).daily_loss_halt_pct == 2


def test_no_limit_can_be_changed_once_the_policy_stands() -> None:
    """C-27: limits and policy are frozen; a different limit is a different policy made by a person."""
    policy = RiskPolicy(Limits())
    with pytest.raises(FrozenInstanceError):
        policy.limits.max_contracts = 1000  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        policy.limits = Limits(max_contracts=1000)  # type: ignore[misc]


def test_the_digest_changes_with_every_single_limit() -> None:
    """C-27: what the audit writes at start tells two sets of limits apart."""
    base = Limits()
    changed: dict[type, Any] = {
        int: 7,
        bool: True,
        float: 7.5,
        Decimal: Decimal("7.5"),
        str: "EUR",
        tuple: ("X",),
    }
    digests = {base.digest()}
    for each in fields(Limits):
        value = changed[type(getattr(base, each.name))]
        others = {"daily_loss_halt_pct": Decimal(9)} if each.name == "daily_loss_reduce_pct" else {}
        digests.add(replace(base, **{**others, each.name: value}).digest())
    assert len(digests) == len(fields(Limits)) + 1


def test_every_limit_says_what_it_bounds_and_for_which_control() -> None:
    """`sumppump limits` prints these rows."""
    rows = Limits().rows()
    assert [row.name for row in rows] == [each.name for each in fields(Limits)]
    assert set(ABOUT) == {row.name for row in rows}
    assert all(row.control.startswith("C-") and row.words for row in rows)
    assert {row.name for row in rows if row.value == ""} == {"allowed_symbols"}
