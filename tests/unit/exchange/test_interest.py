"""Interest by hand: tiers, days, months."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.unit.exchange.builders import stock, venue

from sumppump.exchange.account.account import Account, Trade, new_account
from sumppump.exchange.account.interest import accrue, credit_a_year, debit_a_year
from sumppump.exchange.account.valuation import Marks

SHARE = stock(venue())
MARKS = Marks(lambda _: Decimal(100))
RATE = Decimal("0.04")
CENT = Decimal("0.01")


def account(cash: int, opened: date = date(2026, 11, 20)) -> Account:
    return new_account("SIM1", Decimal(cash), {SHARE.con_id: SHARE}.__getitem__, opened)


@pytest.mark.behaviour("SIM-INTEREST-01")
@pytest.mark.parametrize(
    ("balance", "net", "expected"),
    [
        (10_000, 200_000, "0"),
        (110_000, 200_000, "3500"),
        (110_000, 50_000, "1750"),
        (0, 200_000, "0"),
    ],
)
def test_a_credit_earns_half_a_percent_less_than_the_benchmark_beyond_ten_thousand(
    balance: int, net: int, expected: str
) -> None:
    assert credit_a_year(Decimal(balance), RATE, Decimal(net)) == Decimal(expected)


@pytest.mark.behaviour("SIM-INTEREST-02")
@pytest.mark.parametrize(
    ("balance", "expected"),
    [(-1_000, "-55"), (-100_000, "-5500"), (-200_000, "-10500"), (-2_000_000, "-98000")],
)
def test_a_debit_costs_the_benchmark_and_less_the_more_it_is(balance: int, expected: str) -> None:
    """5.5 % up to 100,000, 5 % up to a million, 4.75 % beyond."""
    assert debit_a_year(Decimal(balance), RATE) == Decimal(expected)


@pytest.mark.behaviour("SIM-INTEREST-03")
def test_interest_accrues_every_day_and_is_paid_on_the_third_trading_day_of_the_next_month() -> None:
    one = account(250_000)
    accrue(one, MARKS, date(2026, 11, 30))
    november = one.accruals.interest_in("USD")
    # 10 nights of 240,000 at 3.33 %, by 360 days.
    assert abs(november - Decimal(240_000) * Decimal("0.0333") * 10 / 360) < CENT
    assert one.net_liquidation(MARKS) == 250_000 + november
    accrue(one, MARKS, date(2026, 12, 2))
    assert one.cash == 250_000
    assert one.accruals.closed_interest["USD"] == november
    before = one.net_liquidation(MARKS)
    accrue(one, MARKS, date(2026, 12, 3))
    assert one.cash == 250_000 + november
    assert 0 < one.net_liquidation(MARKS) - before < 23


def test_it_does_not_matter_how_often_interest_is_brought_up_to_date() -> None:
    at_once, daily = account(250_000), account(250_000)
    accrue(at_once, MARKS, date(2026, 11, 30))
    for day in range(21, 31):
        accrue(daily, MARKS, date(2026, 11, day))
    assert abs(at_once.accruals.interest_in("USD") - daily.accruals.interest_in("USD")) < CENT


@pytest.mark.behaviour("SIM-INTEREST-04")
def test_what_a_short_sale_brought_earns_nothing_and_the_shares_cost_a_fee() -> None:
    one = account(10_000)
    one.book(Trade(SHARE, Decimal(-1000), Decimal(100), Decimal(0)))
    assert one.cash == 110_000
    accrue(one, MARKS, date(2026, 11, 21))
    assert one.accruals.interest_in("USD") == (-Decimal(102_000) * Decimal("0.0025") / 360).quantize(
        Decimal("0.000001")
    )
