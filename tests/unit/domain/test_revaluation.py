"""Repricing before expiry, and figures at the first expiry when later legs live on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from tests.unit.domain.builders import NOW, combo

from sumppump.domain.combo import Combo
from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import UNLIMITED_LOSS, UNLIMITED_PROFIT
from sumppump.domain.pricing import american, european
from sumppump.domain.revaluation import Assumptions, CashDividend, OrderValue, payoff_profile
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


def test_the_table_holds_today_and_half_way_by_reprice() -> None:
    """The same figures as the curves', at the table's own prices; time works for the seller."""
    value = order(combo("-1 100C", "-1 100P"), "-7")
    profile = payoff_profile(value)
    for row in profile.table:
        (now,) = value.pnl(np.array([float(row.price)]), NOW)
        assert row.today is not None
        assert float(row.today) == pytest.approx(now, abs=0.01)
    at_the_money = next(row for row in profile.table if row.price == 100)
    assert at_the_money.today is not None
    assert at_the_money.half_way is not None
    assert at_the_money.today.amount < at_the_money.half_way.amount < at_the_money.pnl.amount
    bare = payoff_profile(replace(value, vols={}))
    assert {(row.today, row.half_way) for row in bare.table} == {(None, None)}


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


# Legs over two expiries with every kind of side: (legs, premium); the far ones live on at the first.
TWO_EXPIRIES = [
    (("-1 100C", "+1 100C later"), "1.20"),
    (("-1 95P", "+1 95P later", "-1 105C", "+1 105C later"), "2.00"),
    (("+1 90P later", "-1 95P", "-1 105C", "+1 110C later"), "-0.40"),
    (("+1 80C later", "-1 105C"), "20.10"),
    (("+2 95C later", "-1 105C"), "12.00"),
    (("-2 105C", "+1 95C later"), "3.00"),
    (("-1 100C", "+2 110C later"), "-1.10"),
    (("+1 100C", "-2 110C later"), "1.00"),
    (("-2 95P", "+1 100P later"), "1.00"),
    (("+1 100P", "-1 100P later"), "-1.00"),
    (("+100 stock", "-1 105C", "+1 95P later"), "99.5"),
]


@pytest.mark.parametrize(("legs", "premium"), TWO_EXPIRIES)
@pytest.mark.parametrize(
    "rates",
    [
        Assumptions(rate=0.04, dividend_yield=0.02, is_american=False),
        Assumptions(rate=0.04, dividend_yield=0.02, is_american=True),
        Assumptions(rate=0.04, dividends=(CashDividend(NOW + timedelta(days=40), 1.0),)),
    ],
)
def test_no_price_between_nothing_and_a_million_is_beyond_the_bounds(
    legs: tuple[str, ...], premium: str, rates: Assumptions
) -> None:
    """A bound holds on a walk far beyond the searched grid and is reached on it; unlimited is beyond any.

    Oracle: brute force over 4,000 prices from next to nothing to 10,000 times the spot.
    """
    value = order(combo(*legs), premium, assumptions=rates)
    profile, horizon = payoff_profile(value), value.settlements[0]
    walk = value.pnl(
        np.unique(np.concatenate([np.geomspace(1e-6, 1e6, 3_000), np.linspace(60, 160, 1_001)])), horizon
    )
    for bound, found in ((profile.max_loss, -walk.min()), (profile.max_profit, walk.max())):
        if isinstance(bound, Money):
            assert float(bound) == pytest.approx(max(0.0, found), abs=0.5)
        else:
            assert found > 1e6
    for zero in profile.breakevens:
        assert abs(float(value.pnl(np.array([float(zero)]), horizon)[0])) < 1.5
    assert len(profile.breakevens) >= np.count_nonzero(np.diff(walk >= 0))


def test_an_index_that_doubles_does_not_make_a_calendar_lose_more_and_more() -> None:
    """Dividends are cash: far above the strike both calls move alike; the loss stays near the debit."""
    rates = Assumptions(rate=0.04, dividend_yield=0.02, is_american=False)
    profile = payoff_profile(order(combo("-1 100C", "+1 100C later"), "1.20", assumptions=rates))
    assert isinstance(profile.max_loss, Money)
    assert D(100) < profile.max_loss.amount < D(140)


def test_a_breakeven_beyond_the_searched_prices_is_found_on_the_straight_end() -> None:
    """Six credits that one share eats up slowly: zero lies far above every strike."""
    value = order(combo("+1 100C", "-2 110C later"), "-400")
    (zero,) = payoff_profile(value).breakevens[-1:]
    assert zero > 500
    assert abs(float(value.pnl(np.array([float(zero)]), value.settlements[0])[0])) < 1.5


@pytest.mark.parametrize(
    ("legs", "is_left"),
    [
        (("+1 100C", "-1 100C later"), True),
        (("+1 100P", "-1 100P later"), False),
        (("-1 100C", "+1 100C later"), False),
        (("+100 stock", "+1 95P", "-1 105C later"), False),
        (("+1 100C", "-1 110C"), False),
    ],
)
def test_a_call_sold_for_later_is_uncovered_once_the_nearer_one_is_gone(
    legs: tuple[str, ...], is_left: bool
) -> None:
    """Figures are taken at the first expiry; what lives on may owe without limit, and that is told."""
    assert order(combo(*legs), "1").is_left_uncovered is is_left


def test_american_legs_with_cash_dividends_are_worth_what_an_independent_engine_says() -> None:
    """Oracle: QuantLib's finite differences with escrowed dividends, on a covered call before its ex-date."""
    ql = pytest.importorskip("QuantLib")
    rates = Assumptions(rate=0.04, dividends=(CashDividend(NOW + timedelta(days=10), 1.5),))
    value = order(combo("+1 90C", "-1 100P"), "0", assumptions=rates)
    days = value.combo.options[0].years(NOW) * 365
    for spot in (85.0, 100.0, 115.0):
        call = _quantlib(ql, spot, 90.0, ql.Option.Call, days)
        put = _quantlib(ql, spot, 100.0, ql.Option.Put, days)
        assert float(value.pnl(np.array([spot]), NOW)[0]) == pytest.approx(100 * (call - put), abs=1.5)


def _quantlib(ql: Any, spot: float, strike: float, right: Any, days: float) -> float:
    """An American option with a dividend of 1.5 in ten days; whole days, so rates are stretched."""
    today, whole = ql.Date(18, 11, 2026), round(days)
    ql.Settings.instance().evaluationDate = today
    stretch, count = days / whole, ql.Actual365Fixed()
    rate = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.04 * stretch, count))
    none = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, count))
    vol = ql.BlackVolTermStructureHandle(
        ql.BlackConstantVol(today, ql.NullCalendar(), VOL * stretch**0.5, count)
    )
    process = ql.BlackScholesMertonProcess(ql.QuoteHandle(ql.SimpleQuote(spot)), none, rate, vol)
    option = ql.VanillaOption(ql.PlainVanillaPayoff(right, strike), ql.AmericanExercise(today, today + whole))
    dividends = ql.DividendVector([today + 10], [1.5])
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, dividends, 200, 400))
    return float(option.NPV())
