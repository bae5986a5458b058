"""Repricing before expiry, and figures at the first expiry when later legs live on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from tests.unit.domain.builders import NOW, combo

from sumppump.domain.combo import Combo
from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import UNLIMITED_LOSS, UNLIMITED_PROFIT
from sumppump.domain.pricing import american, european
from sumppump.domain.revaluation import Assumptions, OrderValue, payoff_profile
from sumppump.kernel.money import Money, Premium

D = Decimal
VOL = 0.25


def order(combo_: Combo, premium: str, *, quantity: int = 1, **changes: object) -> OrderValue:
    value = OrderValue(
        combo=combo_,
        quantity=quantity,
        net_premium=Premium(D(premium)),
        spot=D(100),
        vols={each.con_id: VOL for each in combo_.options},
        now=NOW,
        assumptions=Assumptions(rate=0.04, dividend_yield=0.01, is_american=True),
    )
    return replace(value, **changes)  # type: ignore[arg-type]


def test_the_curve_of_today_is_the_sum_of_its_legs_prices() -> None:
    """Scalars of the pricing module, leg by leg, give the same P&L; stock counts its shares."""
    value = order(combo("+100 stock", "+1 90P", "-1 110C"), "99", quantity=2)
    today = payoff_profile(value).curves[0]
    assert today.label == "today"
    for price, cash in list(zip(today.prices, today.pnl, strict=True))[::20]:
        years = value.combo.options[0].years(NOW)
        put = american(price, 90, years, 0.04, 0.01, VOL, "P").price
        call = american(price, 110, years, 0.04, 0.01, VOL, "C").price
        assert cash == pytest.approx(200 * (price + put - call - 99), abs=2.0)


def test_curves_run_from_today_to_expiry_and_hold_every_corner() -> None:
    """Three curves on one grid; the last one is exact at strikes and breakevens."""
    value = order(combo("+1 95C", "-1 105C"), "5")
    profile = payoff_profile(value)
    assert [curve.label for curve in profile.curves] == ["today", "half-way", "at expiry"]
    last = dict(zip(profile.curves[-1].prices, profile.curves[-1].pnl, strict=True))
    assert (last[95.0], last[100.0], last[105.0]) == (-500, 0, 500)
    assert profile.curves[1].at - NOW == (profile.curves[2].at - NOW) / 2


def test_the_table_marks_why_each_price_is_in_it() -> None:
    """Strikes, breakevens, spot and moves in percent, rising, with exact cash."""
    profile = payoff_profile(order(combo("+1 95C", "-1 105C"), "4"))
    rows = {row.price: row for row in profile.table}
    assert (rows[D(95)].mark, rows[D(99)].mark, rows[D(100)].mark, rows[D("90.00")].mark) == (
        "strike",
        "breakeven",
        "spot",
        "-10 %",
    )
    assert rows[D(100)].pnl == Money(D("100.00"))
    assert [row.price for row in profile.table] == sorted(rows)


def test_without_a_volatility_the_bounds_stay_exact_and_only_the_model_is_left_out() -> None:
    """One expiry: maximum loss needs no volatility; the curves of today and half-way do."""
    bare = order(combo("+1 95C", "-1 105C"), "4", vols={})
    profile = payoff_profile(bare)
    assert profile.max_loss == Money(D(400))
    assert [curve.label for curve in profile.curves] == ["at expiry"]


CALENDARS = [
    (("-1 100C", "+1 100C later"), "1.20"),
    (("-1 100P", "+1 100P later"), "1.00"),
    (("+1 95C later", "-1 105C"), "5.50"),
    (("-1 95P", "+1 105P later"), "6.00"),
]


@pytest.mark.parametrize(("legs", "premium"), CALENDARS)
@pytest.mark.parametrize("is_american", [True, False])
def test_figures_at_the_first_expiry_agree_with_a_walk(
    legs: tuple[str, ...], premium: str, is_american: bool
) -> None:
    """Oracle: each leg by the scalar functions on 300 prices at the first last-trade moment."""
    rates = Assumptions(rate=0.04, dividend_yield=0.0, is_american=is_american)
    value = order(combo(*legs), premium, quantity=3, assumptions=rates)
    profile = payoff_profile(value)
    walk = np.array([_walked(value, price) for price in np.linspace(40, 190, 301)])
    assert profile.is_modelled
    assert isinstance(profile.max_profit, Money)
    assert isinstance(profile.max_loss, Money)
    assert float(profile.max_profit) == pytest.approx(walk.max(), rel=0.01, abs=1.5)
    assert float(profile.max_loss) >= -walk.min() - 1.5
    for breakeven in profile.breakevens:
        assert abs(_walked(value, float(breakeven))) < 3.0


def _walked(value: OrderValue, price: float) -> float:
    horizon, total = value.settlements[0], -float(value.net_premium) * 100
    scalar = american if value.assumptions.is_american else european
    for leg in value.combo.legs:
        contract = leg.contract
        assert isinstance(contract, OptionContract)
        years = contract.years(horizon)
        worth = scalar(price, float(contract.strike), years, 0.04, 0.0, VOL, contract.right).price
        total += leg.shares * worth
    return total * value.quantity


def test_a_long_calendar_loses_at_most_what_it_cost() -> None:
    """The later option is worth its intrinsic value at least, so the debit bounds the loss."""
    profile = payoff_profile(order(combo("-1 100P", "+1 100P later"), "1.00", quantity=2))
    assert profile.max_loss == Money(D("200.00"))
    assert profile.max_profit is not None


def test_a_later_leg_without_volatility_leaves_the_bounds_unknown_with_a_reason() -> None:
    """None and a sentence that names the contract, never a guess."""
    bare = order(combo("-1 100C", "+1 100C later"), "1.2", vols={})
    profile = payoff_profile(bare)
    assert (profile.max_loss, profile.max_profit, profile.curves) == (None, None, ())
    assert "XYZ 2027-01-15 100C" in profile.reason


def test_uncovered_later_legs_are_unlimited_on_both_sides() -> None:
    """More calls sold than bought over two expiries: unlimited loss; the reverse: unlimited profit."""
    assert payoff_profile(order(combo("+1 100C", "-2 110C later"), "1")).max_loss is UNLIMITED_LOSS
    assert payoff_profile(order(combo("-1 100C", "+2 110C later"), "1")).max_profit is UNLIMITED_PROFIT


def test_minutes_before_expiry_the_curve_of_today_hugs_the_payoff() -> None:
    """As time runs out the model converges to the exact lines."""
    value = order(combo("+1 95C", "-1 105C"), "5")
    late = replace(value, now=value.settlements[0] - timedelta(minutes=2))
    curves = payoff_profile(late).curves
    gaps = [abs(a - b) for a, b in zip(curves[0].pnl, curves[-1].pnl, strict=True)]
    assert max(gaps) < 5.0


def test_shares_alone_have_a_payoff_too() -> None:
    """A stock order: lose the cost, gain without bound, break even at the price paid."""
    profile = payoff_profile(order(combo("+1 stock"), "100", quantity=50))
    assert profile.max_loss == Money(D(5_000))
    assert profile.max_profit is UNLIMITED_PROFIT
    assert profile.breakevens == (D(100),)
