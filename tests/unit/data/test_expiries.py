"""Which expiry is meant, and what is called monthly."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.support.fake_market import SPX

from sumppump.data.chain_request import ChainRequest
from sumppump.data.expiries import chosen, described, is_monthly, listed_expiries, third_friday
from sumppump.domain.instruments import OptionClass
from sumppump.kernel.errors import InvalidRequest, UnknownContract

TODAY = date(2026, 11, 18)
LISTED = tuple(
    date.fromisoformat(day)
    for day in ("2026-11-18", "2026-11-20", "2026-11-27", "2026-12-04", "2026-12-18", "2027-01-15")
)


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2026, 11, 20), (2026, 12, 18), (2027, 1, 15), (2027, 10, 15), (2026, 5, 15)]
)
def test_standard_options_expire_on_the_third_friday(year: int, month: int, day: int) -> None:
    """By the calendar."""
    assert third_friday(year, month) == date(year, month, day)


def test_a_holiday_moves_the_monthly_expiry_to_thursday() -> None:
    """Good Friday of 2025 was 18 April, the third Friday; 17 April was the expiry then."""
    assert is_monthly(date(2025, 4, 17), [date(2025, 4, 17), date(2025, 4, 25)])
    assert not is_monthly(date(2026, 12, 17), [date(2026, 12, 17), date(2026, 12, 18)])


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 18), date(2026, 12, 18)),  # 20 November is two days away
        (date(2026, 11, 13), date(2026, 11, 20)),  # a week away is enough
        (date(2026, 12, 12), date(2027, 1, 15)),
    ],
)
def test_without_a_wish_the_nearest_monthly_a_week_away_is_taken(today: date, expected: date) -> None:
    """What traders look at first; said in the answer's notes."""
    assert chosen(ChainRequest(symbol="SPY"), LISTED, today) == (expected,)


def test_without_monthlies_the_nearest_expiry_is_taken() -> None:
    """A class of weeklies alone still has a chain."""
    weekly = (date(2026, 11, 27), date(2026, 12, 4))
    assert chosen(ChainRequest(symbol="SPY"), weekly, TODAY) == (date(2026, 11, 27),)
    assert chosen(ChainRequest(symbol="SPY"), weekly[:1], date(2026, 11, 26)) == weekly[:1]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 0, LISTED[:1]), (9, 30, LISTED[2:5]), (30, None, LISTED[4:]), (None, 2, LISTED[:2])],
)
def test_a_range_of_days_takes_both_ends(
    low: int | None, high: int | None, expected: tuple[date, ...]
) -> None:
    """Calendar days by New York's date."""
    assert chosen(ChainRequest(symbol="SPY", min_dte=low, max_dte=high), LISTED, TODAY) == expected


def test_a_range_between_two_expiries_names_both() -> None:
    """Nothing is substituted."""
    with pytest.raises(UnknownContract) as refused:
        chosen(ChainRequest(symbol="SPY", min_dte=18, max_dte=28), LISTED, TODAY)
    assert refused.value.code == "expiry_not_listed"
    assert "2026-12-04 Fri, 16 days" in str(refused.value.expected)
    assert "2026-12-18 Fri, 30 days, monthly" in str(refused.value.expected)


def test_a_past_expiry_is_the_callers_mistake() -> None:
    """It names the field and today."""
    with pytest.raises(InvalidRequest) as refused:
        chosen(ChainRequest(symbol="SPY", expiry=TODAY - timedelta(days=1)), LISTED, TODAY)
    assert refused.value.code == "invalid_expiry"
    assert "2026-11-18" in refused.value.message


def test_an_unlisted_expiry_names_its_neighbours() -> None:
    """The nearest listed ones, with weekdays."""
    with pytest.raises(UnknownContract) as refused:
        chosen(ChainRequest(symbol="SPY", expiry=date(2026, 12, 19)), LISTED, TODAY)
    assert "2026-12-18 (Fri)" in str(refused.value.expected)
    assert "2027-01-15 (Fri)" in str(refused.value.expected)


def test_an_underlying_without_options_says_so() -> None:
    """No index error."""
    with pytest.raises(UnknownContract):
        chosen(ChainRequest(symbol="SPY"), (), TODAY)


def test_one_class_of_two_has_its_own_expiries(spx_classes: tuple[OptionClass, ...]) -> None:
    """SPX and SPXW are told apart by their class."""
    assert listed_expiries(spx_classes, "spxw") == (date(2026, 12, 4), date(2026, 12, 18))
    assert listed_expiries(spx_classes) == (date(2026, 12, 4), date(2026, 12, 17), date(2026, 12, 18))


@pytest.fixture
def spx_classes() -> tuple[OptionClass, ...]:
    """Two classes with different dates."""
    return tuple(
        OptionClass(
            underlying=SPX, exchange="SMART", trading_class=name, multiplier=100, expiries=days, strikes=()
        )
        for name, days in (
            ("SPX", (date(2026, 12, 17),)),
            ("SPXW", (date(2026, 12, 4), date(2026, 12, 18))),
        )
    )


def test_described_days_count_from_today_and_leave_out_the_past() -> None:
    """For lists that people read."""
    days = described((*LISTED, date(2026, 11, 17)), TODAY)
    assert [day.dte for day in days] == [0, 2, 9, 16, 30, 58]
    assert [day.is_monthly for day in days] == [False, True, False, False, True, True]
