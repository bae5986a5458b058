"""Premium and money: two amounts that cannot be mixed, exact to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.kernel.money import Money, Premium, whole_sum

amounts = st.decimals(min_value=-1000, max_value=1000, places=4, allow_nan=False, allow_infinity=False)


@given(amounts, st.integers(1, 1000), st.integers(1, 500))
def test_cash_is_premium_times_multiplier_times_quantity(
    amount: Decimal, multiplier: int, quantity: int
) -> None:
    """A credit stays a credit, and nothing is rounded."""
    cash = Premium(amount).cash(multiplier=multiplier, quantity=quantity)
    assert cash.amount == amount * multiplier * quantity


@given(amounts, amounts)
def test_adding_and_taking_away_again_changes_nothing(first: Decimal, second: Decimal) -> None:
    """Decimal, not float: no residue."""
    assert Premium(first) + Premium(second) - Premium(second) == Premium(first)


@given(amounts, st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.10")]))
def test_rounding_lands_on_the_tick_and_no_further_than_half_of_it(amount: Decimal, tick: Decimal) -> None:
    """What goes to the wire is on the tick (error 110 otherwise)."""
    rounded = Premium(amount).rounded_to(tick).amount
    assert rounded % tick == 0
    assert abs(rounded - amount) <= tick / 2


def test_a_float_is_read_by_its_shortest_spelling() -> None:
    """0.1 + 0.2 arrives as JSON's 0.30000000000000004 and is not silently made 0.3."""
    assert Premium.of(0.1) == Premium(Decimal("0.1"))
    assert Premium.of(0.1 + 0.2) != Premium(Decimal("0.3"))


@pytest.mark.parametrize("bad", [Decimal("NaN"), Decimal("Infinity"), 1.5, "1", None])
def test_only_a_finite_decimal_is_an_amount(bad: object) -> None:
    """A missing number is never an amount."""
    for kind in (Premium, Money):
        with pytest.raises(ValueError, match="finite Decimal"):
            kind(bad)  # type: ignore[arg-type]


def test_two_currencies_never_add_up() -> None:
    """There is no rate in here."""
    with pytest.raises(ValueError, match="do not add up"):
        Money.of(1, "USD") + Money.of(1, "EUR")


def test_a_tick_of_zero_is_a_bug_and_not_a_price() -> None:
    """Dividing by it would be worse."""
    with pytest.raises(ValueError, match="tick"):
        Premium.of(1).rounded_to(Decimal(0))


def test_a_sum_with_an_unknown_part_is_unknown_and_one_of_nothing_is_not_zero() -> None:
    """Law 1: what is missing never counts as 0."""
    assert whole_sum([Money.of(1), Money.of("-2.50")]) == Money.of("-1.50")
    assert whole_sum([Money.of(1), None]) is None
    assert whole_sum([]) is None
    with pytest.raises(ValueError, match="do not add up"):
        whole_sum([Money.of(1), Money.of(1, "EUR")])
