"""Which classes a strategy may be built from: the standard ones, never an adjusted one by mistake."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.support.fake_market import MONTH, SPX, SPY

from sumppump.domain.instruments import OptionClass, Underlying
from sumppump.kernel.errors import InvalidRequest, UnknownContract
from sumppump.strategies.listing import usable_classes


def classes(underlying: Underlying, *names: str) -> list[OptionClass]:
    return [
        OptionClass(
            underlying=underlying,
            exchange="SMART",
            trading_class=name,
            multiplier=100,
            expiries=(MONTH,),
            strikes=(Decimal(600),),
        )
        for name in names
    ]


def names(underlying: Underlying, listed: list[OptionClass], named: str = "") -> list[str]:
    return [each.trading_class for each in usable_classes(listed, underlying, named)]


def test_a_stock_has_one_standard_class_and_an_index_may_have_several() -> None:
    """SPY1 came from a merger and is passed over; SPX and SPXW are both meant."""
    assert names(SPY, classes(SPY, "SPY", "SPY1")) == ["SPY"]
    assert names(SPX, classes(SPX, "SPX", "SPXW")) == ["SPX", "SPXW"]
    assert names(SPX, classes(SPX, "SPX", "SPXW"), "SPXW") == ["SPXW"]


def test_a_blank_in_a_ticker_is_not_in_its_class() -> None:
    """Berkshire's B shares: BRK B, options of class BRKB."""
    share = Underlying(con_id=1, symbol="BRK B")
    assert names(share, classes(share, "BRKB", "BRKB1")) == ["BRKB"]


def test_an_adjusted_class_is_refused_by_name() -> None:
    """What it delivers is not the share, so breakevens and bounds would be wrong."""
    with pytest.raises(InvalidRequest, match="adjusted") as caught:
        names(SPY, classes(SPY, "SPY", "SPY1"), "SPY1")
    assert (caught.value.code, caught.value.expected) == ("adjusted_class", "trading_class: SPY, or none")


def test_a_class_that_is_not_listed_names_those_that_are() -> None:
    """And an underlying without options says so."""
    with pytest.raises(UnknownContract, match="class NOPE") as caught:
        names(SPY, classes(SPY, "SPY"), "NOPE")
    assert "SPY" in (caught.value.expected or "")
    with pytest.raises(UnknownContract, match="no listed options"):
        names(SPY, [])
