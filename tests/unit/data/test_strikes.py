"""What is quoted so that a smile reaches every row, and what counts as out of the money."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.fake_market import FAR, MONTH, SPY, WEEK, make_option, strikes_of

from sumppump.data.series import by_series, series_of
from sumppump.data.strikes import (
    BOTH_SIDES,
    LEAST_PROBES,
    MOST_PROBES,
    out_of_the_money,
    probes,
)
from sumppump.domain.instruments import OptionContract, Right

SPOT = Decimal(600)
LISTED = [
    make_option(SPY, day, strike, right)
    for day in (WEEK, MONTH, FAR)
    for strike in strikes_of(day)
    for right in Right
]


@given(
    st.lists(st.sampled_from(LISTED), min_size=1, max_size=300, unique_by=lambda each: each.con_id),
    st.decimals(450, 750, places=2),
)
def test_probes_reach_the_outermost_rows_within_the_lines(page: list[OptionContract], spot: Decimal) -> None:
    """Each once, none beyond the page's strikes, both ends of each series, never more than lines fit."""
    found = probes(LISTED, page, spot)
    assert len({each.con_id for each in found}) == len(found)
    series = by_series(page)
    assert len(found) <= max(MOST_PROBES, LEAST_PROBES * len(series)) + 2 * BOTH_SIDES * len(series)
    for key, rows in series.items():
        strikes = {each.strike for each in rows}
        quoted = {each.strike for each in found if series_of(each) == key}
        assert quoted <= strikes
        assert {min(strikes), max(strikes)} <= quoted


def test_both_sides_are_quoted_about_the_money_for_parity() -> None:
    """Four strikes with call and put."""
    page = [each for each in LISTED if each.expiry == MONTH]
    found = probes(LISTED, page, SPOT)
    strikes = [each.strike for each in found]
    assert {strike for strike in strikes if strikes.count(strike) == 2} == {595, 600, 605, 590}
    assert {each.expiry for each in found} == {MONTH}


@pytest.mark.parametrize(
    ("strike", "right", "is_out"),
    [(605, Right.CALL, True), (605, Right.PUT, False), (595, Right.CALL, False), (595, Right.PUT, True)],
)
def test_out_of_the_money_is_calls_above_and_puts_below(strike: int, right: Right, is_out: bool) -> None:
    """By the spot."""
    assert bool(out_of_the_money([make_option(SPY, MONTH, strike, right)], SPOT)) is is_out
