"""Classes of one underlying are kept apart, and what is not a hundred shares is never mixed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.support.fake_market import MONTH, SPX, SPY, TODAY, make_option

from sumppump.data.chain_request import ChainRequest
from sumppump.data.series import class_notes, is_adjusted, shown, wanted_classes
from sumppump.domain.instruments import OptionClass, Right
from sumppump.kernel.errors import UnknownContract

STANDARD = OptionClass(
    underlying=SPY, exchange="SMART", trading_class="SPY", multiplier=100, expiries=(MONTH,), strikes=()
)
ADJUSTED = replace(STANDARD, trading_class="SPY1")


@pytest.mark.parametrize(
    ("name", "multiplier", "adjusted"),
    [("SPY", 100, False), ("SPY1", 100, True), ("2SPY", 100, True), ("SPY", 150, True), ("SPYW", 100, False)],
)
def test_a_number_in_the_name_or_another_multiplier_is_an_adjusted_deliverable(
    name: str, multiplier: int, adjusted: bool
) -> None:
    """OCC's way of naming what a split or a merger left behind."""
    assert is_adjusted(replace(STANDARD, trading_class=name, multiplier=multiplier)) is adjusted


def test_adjusted_classes_are_left_out_and_said_unless_named() -> None:
    """Nobody gets another deliverable by accident, and nobody who wants it is refused."""
    classes = (STANDARD, ADJUSTED)
    plain, named = ChainRequest(symbol="SPY"), ChainRequest(symbol="SPY", trading_class="spy1")
    assert wanted_classes(plain, classes) == (STANDARD,)
    assert "SPY1 has an adjusted deliverable" in class_notes(plain, classes, ())[0]
    assert wanted_classes(named, classes) == (ADJUSTED,)
    assert class_notes(named, classes, ()) == ()


@pytest.mark.parametrize(
    ("request_", "code", "named"),
    [
        (ChainRequest(symbol="SPY"), "adjusted_deliverable", "SPY1"),
        (ChainRequest(symbol="SPY", trading_class="SPYX"), "class_not_listed", "SPY1"),
    ],
)
def test_no_class_that_fits_is_an_error_that_names_those_there_are(
    request_: ChainRequest, code: str, named: str
) -> None:
    """An adjusted class alone is refused, not taken."""
    with pytest.raises(UnknownContract) as refused:
        wanted_classes(request_, (ADJUSTED,))
    assert (refused.value.code, named in refused.value.expected) == (code, True)


def test_settlement_is_said_for_each_class_of_an_index() -> None:
    """SPX stops the evening before and settles at the open, SPXW at the close of the same day."""
    both = [make_option(SPX, MONTH, 600, Right.CALL, name) for name in ("SPXW", "SPX")]
    words = [each.words for each in shown(both, SPX, TODAY, (MONTH,))]
    assert words == [
        "2026-12-18 Fri, 30 days, monthly, SPX AM-settled, last trades 2026-12-17",
        "2026-12-18 Fri, 30 days, monthly, SPXW PM-settled",
    ]


def test_shares_are_delivered_so_nothing_is_said_of_settlement() -> None:
    """Only a multiplier that is not 100 is."""
    option = make_option(SPY, MONTH, 600, Right.CALL)
    assert shown([option], SPY, TODAY, (MONTH,))[0].words == "2026-12-18 Fri, 30 days, monthly"
    odd = shown([replace(option, multiplier=150)], SPY, TODAY, (MONTH, date(2026, 12, 25)))[0]
    assert odd.words.endswith("SPY, multiplier 150")
