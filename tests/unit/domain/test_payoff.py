"""Payoff at one expiry: figures that can be checked by hand, and a brute-force oracle for everything else."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.builders import STOCK, combo, option

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Right
from sumppump.domain.payoff import ExpiryPayoff, Unlimited, profit_regions, worth_at_expiry
from sumppump.kernel.money import Money, Premium

D = Decimal


def payoff(*legs: str, premium: str, quantity: int = 1) -> ExpiryPayoff:
    return ExpiryPayoff(combo=combo(*legs), quantity=quantity, net_premium=Premium(D(premium)))


@pytest.mark.parametrize(
    ("legs", "least", "most"),
    [
        (("+1 500C", "-1 505C"), 0, 5),
        (("-1 500C", "+1 505C"), -5, 0),
        (("+1 100C",), 0, None),
        (("-1 100C",), None, 0),
        (("+1 100P",), 0, 100),
        (("+100 stock", "-1 110C"), 0, 110),
        (("+1 100C", "-2 110C"), None, 10),
        (("+1 90P", "-1 95P", "-1 105C", "+1 110C"), -5, 0),
    ],
)
def test_what_a_combo_can_be_worth_is_the_range_of_its_payoff(
    legs: tuple[str, ...], least: int | None, most: int | None
) -> None:
    """Each row by hand, per share; None is no bound."""
    assert worth_at_expiry(combo(*legs)) == (least, most)


# legs, net premium (debit +), quantity, max loss, max profit, breakevens; None is unlimited
BY_HAND = [
    (("+1 100C",), "3", 1, 300, None, ["103"]),
    (("+1 100P",), "3", 1, 300, 9_700, ["97"]),
    (("-1 100P",), "-3", 1, 9_700, 300, ["97"]),
    (("-1 100C",), "-3", 1, None, 300, ["103"]),
    (("+1 500C", "-1 505C"), "2.13", 1, 213, 287, ["502.13"]),
    (("+1 500C", "-1 505C"), "2.13", 3, 639, 861, ["502.13"]),
    (("-1 95P", "+1 100P"), "2", 2, 400, 600, ["98"]),
    (("+1 95P", "-1 100P"), "-2", 2, 600, 400, ["98"]),
    (("-1 100C", "+1 110C"), "-3.5", 1, 650, 350, ["103.5"]),
    (("+100 stock", "-1 110C"), "97", 1, 9_700, 1_300, ["97"]),
    (("+100 stock", "+1 90P"), "102", 1, 1_200, None, ["102"]),
    (("+100 stock", "+1 90P", "-1 110C"), "100", 1, 1_000, 1_000, ["100"]),
    (("+1 100P", "+1 100C"), "8", 1, 800, None, ["92", "108"]),
    (("-1 100P", "-1 100C"), "-8", 2, None, 1_600, ["92", "108"]),
    (("+1 95P", "+1 105C"), "4", 1, 400, None, ["91", "109"]),
    (("-1 95P", "-1 105C"), "-4", 1, None, 400, ["91", "109"]),
    (("+1 90P", "-1 95P", "-1 105C", "+1 110C"), "-1.5", 1, 350, 150, ["93.5", "106.5"]),
    (("-1 90P", "+1 95P", "+1 105C", "-1 110C"), "1.5", 1, 150, 350, ["93.5", "106.5"]),
    (("+1 85P", "-1 95P", "-1 105C", "+1 110C"), "-2", 1, 800, 200, ["93", "107"]),
    (("+1 90C", "-2 100C", "+1 110C"), "2", 1, 200, 800, ["92", "108"]),
    (("+1 90P", "-1 100P", "-1 100C", "+1 110C"), "-7", 1, 300, 700, ["93", "107"]),
    (("-1 100C", "+2 110C"), "-1", 1, 900, None, ["101", "119"]),
    (("+1 100C", "-2 110C"), "1", 1, None, 900, ["101", "119"]),
    (("+1 100C", "-3 110C"), "0", 1, None, 1_000, ["100", "115"]),
    (("+1 500C", "-1 505C"), "5.50", 1, 550, 0, []),
    (("+1 500C", "-1 505C"), "-0.50", 1, 0, 550, []),
]


@pytest.mark.parametrize(("legs", "premium", "quantity", "loss", "profit", "breakevens"), BY_HAND)
def test_bounds_and_breakevens_are_the_ones_of_pencil_and_paper(
    legs: tuple[str, ...],
    premium: str,
    quantity: int,
    loss: int | None,
    profit: int | None,
    breakevens: list[str],
) -> None:
    """Strikes, premium and multiplier 100: sums that anyone can do, exact to the cent."""
    result = payoff(*legs, premium=premium, quantity=quantity)
    assert result.breakevens == tuple(D(price) for price in breakevens)
    _assert_bound(result.max_loss, loss)
    _assert_bound(result.max_profit, profit)


def _assert_bound(bound: Money | Unlimited, expected: int | None) -> None:
    if expected is None:
        assert isinstance(bound, Unlimited)
        assert bound.reason
        assert str(bound) == "unlimited"
    else:
        assert bound == Money(D(expected))


def test_a_free_spread_is_at_zero_up_to_its_first_strike() -> None:
    """A stretch of zero is told by its edges: the strike where it ends is a breakeven."""
    result = payoff("+1 100C", "-1 110C", premium="0")
    assert result.breakevens == (D(100),)
    assert profit_regions(result.breakevens, result.pnl) == ((D(100), None),)


def test_regions_of_profit_lie_between_the_breakevens() -> None:
    """A condor gains in the middle, a straddle outside; None is no upper end."""
    condor = payoff("+1 90P", "-1 95P", "-1 105C", "+1 110C", premium="-1.5")
    straddle = payoff("+1 100P", "+1 100C", premium="8")
    assert profit_regions(condor.breakevens, condor.pnl) == ((D("93.5"), D("106.5")),)
    assert profit_regions(straddle.breakevens, straddle.pnl) == ((D(0), D(92)), (D(108), None))


@st.composite
def combos(draw: st.DrawFn) -> Combo:
    names = draw(
        st.lists(
            st.tuples(st.sampled_from([80, 90, 95, 100, 105, 112.5, 120]), st.sampled_from("CP")),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    ratios = draw(st.lists(st.sampled_from([-3, -2, -1, 1, 2, 3]), min_size=len(names), max_size=len(names)))
    ratios[0] = 1 if ratios[0] > 0 else -1
    legs = [
        Leg(contract=option(strike, right), ratio=ratio)
        for (strike, right), ratio in zip(names, ratios, strict=True)
    ]
    if draw(st.booleans()):
        legs.append(Leg(contract=STOCK, ratio=draw(st.sampled_from([-100, 50, 100]))))
    return Combo(tuple(legs))


premiums = st.decimals(min_value=-30, max_value=130, places=2)


def _brute(combo_: Combo, premium: Decimal, quantity: int, price: float) -> float:
    total = 0.0
    for leg in combo_.legs:
        contract = leg.contract
        if contract is STOCK:
            total += leg.ratio * price
        else:
            strike, is_call = float(contract.strike), contract.right is Right.CALL  # type: ignore[union-attr]
            total += leg.ratio * 100 * max(0.0, price - strike if is_call else strike - price)
    return (total - float(premium) * combo_.multiplier) * quantity


@given(combos(), premiums, st.integers(1, 20))
def test_bounds_agree_with_a_walk_over_every_price(combo_: Combo, premium: Decimal, quantity: int) -> None:
    """Oracle: the P&L written again with floats, on a grid of quarters from 0 to 400."""
    result = ExpiryPayoff(combo=combo_, quantity=quantity, net_premium=Premium(premium))
    walk = [_brute(combo_, premium, quantity, step / 4) for step in range(1601)]
    ends_up, ends_down = walk[-1] > walk[-2] + 1e-6, walk[-1] < walk[-2] - 1e-6
    assert isinstance(result.max_loss, Unlimited) == ends_down
    assert isinstance(result.max_profit, Unlimited) == ends_up
    if isinstance(result.max_loss, Money):
        assert float(result.max_loss) == pytest.approx(max(0.0, -min(walk)), abs=1e-6)
    if isinstance(result.max_profit, Money):
        assert float(result.max_profit) == pytest.approx(max(0.0, max(walk)), abs=1e-6)


@given(combos(), premiums)
def test_every_breakeven_is_a_zero_and_every_change_of_sign_has_one(combo_: Combo, premium: Decimal) -> None:
    """Between neighbouring breakevens the sign never changes."""
    result = ExpiryPayoff(combo=combo_, quantity=1, net_premium=Premium(premium))
    for price in result.breakevens:
        assert abs(result.pnl(price)) <= D("0.1")
    walk = [result.pnl(D(step) / 4) for step in range(1601)]
    for step, (low, high) in enumerate(pairwise(walk)):
        if low * high < 0:
            assert any(D(step) / 4 <= price <= D(step + 1) / 4 for price in result.breakevens)


@given(combos(), premiums, st.integers(2, 50))
def test_quantity_scales_cash_and_leaves_breakevens_alone(
    combo_: Combo, premium: Decimal, quantity: int
) -> None:
    """n combos are n times one combo: the premium is counted as often as the payoff."""
    one = ExpiryPayoff(combo=combo_, quantity=1, net_premium=Premium(premium))
    many = ExpiryPayoff(combo=combo_, quantity=quantity, net_premium=Premium(premium))
    assert many.breakevens == one.breakevens
    if isinstance(one.max_loss, Money):
        assert many.max_loss == one.max_loss * quantity


@given(combos(), premiums)
def test_the_other_side_loses_what_this_side_gains(combo_: Combo, premium: Decimal) -> None:
    """Reversed legs at the reversed premium: bounds trade places."""
    here = ExpiryPayoff(combo=combo_, quantity=1, net_premium=Premium(premium))
    there = ExpiryPayoff(combo=combo_.reversed, quantity=1, net_premium=Premium(-premium))
    for mine, theirs in ((here.max_loss, there.max_profit), (here.max_profit, there.max_loss)):
        assert theirs == mine if isinstance(mine, Money) else isinstance(theirs, Unlimited)
