"""Prices of exits, each row checked by hand. Source: decisions 10 and 13 (percent of the entry's premium)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.crash.program import CALL, SPREAD
from tests.unit.risk.cases import SPY

from sumppump.domain.combo import Combo, Leg
from sumppump.execution import prices
from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.money import Premium

EXIT = SPREAD.reversed


def p(text: str) -> Premium:
    return Premium.of(text)


@pytest.mark.parametrize(
    ("entry", "percent", "target", "trigger"),
    [
        ("2.00", "50", "-3.00", "-1.00"),  # bought at 2.00: sell at 3.00 or at 1.00
        ("-0.80", "50", "0.40", "1.20"),  # sold at 0.80: buy back at 0.40 or at 1.20
        ("1.35", "20", "-1.62", "-1.08"),
        ("-1.00", "25", "0.75", "1.25"),
    ],
)
def test_target_and_stop_of_an_entry(entry: str, percent: str, target: str, trigger: str) -> None:
    """Percent of the net premium; the exit buys the reversed combo, so receiving is negative."""
    share = Decimal(percent)
    assert prices.target_limit(p(entry), EXIT, share) == p(target)
    assert prices.stop_trigger(p(entry), EXIT, share) == p(trigger)


@pytest.mark.parametrize(
    ("trigger", "offset", "limit"),
    [
        ("-1.00", None, "-0.90"),  # 10 %
        ("-0.20", None, "-0.17"),  # 3 ticks are more than 10 %
        ("1.20", None, "1.32"),
        ("-1.00", "0.25", "-0.75"),
        ("-0.02", None, "-0.01"),  # never pays for what it sells
    ],
)
def test_limit_behind_a_trigger(trigger: str, offset: str | None, limit: str) -> None:
    """The larger of 10 % and 3 ticks, towards paying more or receiving less."""
    given_offset = None if offset is None else Decimal(offset)
    assert prices.stop_limit(p(trigger), EXIT, given_offset) == p(limit)


def test_nobody_need_pay_more_than_the_width_to_be_out_of_a_spread() -> None:
    """10 % behind 4.80 would be 5.28 for what costs 5.00 at the very worst."""
    assert prices.stop_limit(p("4.80"), SPREAD, None) == p("5.00")
    assert prices.stop_limit(p("4.40"), SPREAD, None) == p("4.84")


def test_a_package_with_shares_is_not_sold_a_tenth_below_its_trigger() -> None:
    """A covered call worth 600 would take 540; 2.00 is what exchanges call an obvious error up there."""
    sold = Combo((*CALL.legs, Leg(contract=SPY, ratio=-100)))
    assert prices.stop_limit(p("-580.00"), sold, None) == p("-578.00")


@pytest.mark.parametrize("value", ["1.00", "-1.00"])
def test_a_stop_price_is_read_from_the_position_and_not_from_its_sign(value: str) -> None:
    """People write the price of what they hold; a debit position is sold, a credit one bought back."""
    assert prices.trigger_at(p(value), p("2.00"), EXIT) == p("-1.00")
    assert prices.trigger_at(p(value), p("-0.80"), EXIT) == p("1.00")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: prices.target_limit(p("-0.80"), EXIT, Decimal(100)),
        lambda: prices.stop_trigger(p("2.00"), EXIT, Decimal(100)),
        lambda: prices.stop_trigger(p("0.05"), EXIT, Decimal(95)),
        lambda: prices.target_limit(p("-0.05"), EXIT, Decimal(95)),
        lambda: prices.trigger_at(p("1.005"), p("2.00"), EXIT),
        lambda: prices.trigger_at(p("0"), p("2.00"), EXIT),
        lambda: prices.stop_limit(p("-1.00"), EXIT, Decimal(0)),
        lambda: prices.stop_limit(p("-1.00"), EXIT, Decimal("NaN")),
        lambda: prices.percent("stop_pct", Decimal(0)),
        lambda: prices.percent("stop_pct", Decimal("-5")),
        lambda: prices.percent("percentage", Decimal(101), most=Decimal(100)),
        lambda: prices.percent("stop_pct", Decimal("inf")),
    ],
)
def test_what_makes_no_price_is_refused_by_name(wrong: object) -> None:
    """A clear error that names the field; never a price out of thin air."""
    with pytest.raises(InvalidRequest) as refused:
        wrong()  # type: ignore[operator]
    assert refused.value.expected


amounts = st.integers(5, 5000).map(lambda cents: Decimal(cents) / 100)


@given(amounts, st.booleans(), st.integers(1, 99))
def test_a_stop_loses_and_a_target_gains_and_both_lie_on_the_tick(
    size: Decimal, is_credit: bool, percent: int
) -> None:
    """Whatever the entry: entry plus exit cost is a loss at the trigger and a gain at the target."""
    entry = Premium(-size if is_credit else size)
    try:
        target = prices.target_limit(entry, EXIT, Decimal(percent))
        trigger = prices.stop_trigger(entry, EXIT, Decimal(percent))
    except InvalidRequest:  # too cheap for a price on the tick that still is one
        assume(size * (100 - percent) >= 1)
        raise
    half_a_tick = Decimal("0.005")
    assert (entry + target).amount <= half_a_tick
    assert (entry + trigger).amount >= -half_a_tick
    assert prices.stop_limit(trigger, EXIT, None) >= trigger
    assert trigger.is_credit is not is_credit
    assert prices.stop_limit(trigger, EXIT, None).is_credit is trigger.is_credit
    assert target.amount % Decimal("0.01") == trigger.amount % Decimal("0.01") == 0


def test_a_marketable_limit_lies_between_the_touch_and_the_collar() -> None:
    """C-04: at once, and never beyond what the collar allows."""
    limit = prices.marketable(p("-1.80"), p("0.18"), EXIT)
    assert p("-1.80") <= limit <= p("-1.62")
    assert prices.marketable(p("2.00"), p("0.02"), CALL) == p("2.01")
