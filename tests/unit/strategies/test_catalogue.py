"""The table of strategies is consistent, and a trader's words find their row."""

from __future__ import annotations

import pytest

from sumppump.kernel.errors import InvalidRequest
from sumppump.strategies.catalogue import CATALOGUE, Shape, StrategyType, read_strategy_type


def test_every_strategy_has_exactly_one_row_and_no_name_is_used_twice() -> None:
    """A word that meant two strategies would be a guess."""
    assert [shape.type for shape in CATALOGUE] == list(StrategyType)
    names = [name for shape in CATALOGUE for name in (shape.type.value, *shape.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("shape", CATALOGUE, ids=lambda shape: shape.type.value)
def test_each_row_aims_at_each_of_its_strikes(shape: Shape) -> None:
    """Deltas, anchors and offsets speak of strikes that legs stand on, from 0 without gaps."""
    assert {leg.slot for leg in shape.legs if leg.right is not None} == set(range(shape.slots))
    assert len(shape.aim.offsets) == shape.slots
    assert all(0 <= anchor < shape.slots for anchor in shape.aim.anchors)
    assert all(shape.aim.offsets[anchor] == 0 for anchor in shape.aim.anchors)


# IBKR's levels as its public pages give them.
LEVELS = {
    1: ["covered_call"],
    2: [
        "long_call",
        "long_put",
        "bull_call_spread",
        "bear_put_spread",
        "protective_put",
        "collar",
        "long_straddle",
        "long_strangle",
        "long_iron_condor",
    ],
    3: [
        "bull_put_spread",
        "bear_call_spread",
        "iron_condor",
        "call_butterfly",
        "put_butterfly",
        "iron_butterfly",
        "calendar_call",
        "calendar_put",
        "diagonal_call",
        "diagonal_put",
    ],
    4: ["short_straddle", "short_strangle"],
}


def test_permission_levels_are_ibkrs() -> None:
    """1 covered, 2 long and debit, 3 short premium with limited loss, 4 unlimited."""
    found = {level: [s.type.value for s in CATALOGUE if s.level == level] for level in LEVELS}
    assert found == LEVELS


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("straddle", "long_straddle"),
        ("Butterfly", "call_butterfly"),
        ("calendar", "calendar_call"),
        ("bull call spread", "bull_call_spread"),
        ("Iron Condor", "iron_condor"),
        ("put credit spread", "bull_put_spread"),
        ("poor man's covered call", "diagonal_call"),
        ("BUY-WRITE", "covered_call"),
    ],
)
def test_plain_words_find_their_strategy(words: str, meant: str) -> None:
    """Case, blanks and hyphens do not matter; a bare word means its natural strategy."""
    assert read_strategy_type(words) == meant


def test_an_unknown_strategy_is_an_error_that_names_near_ones() -> None:
    """Nothing is built from a word that nobody knows."""
    with pytest.raises(InvalidRequest) as caught:
        read_strategy_type("iron_kondor")
    assert caught.value.code == "unknown_strategy_type"
    assert "iron_condor" in caught.value.next_steps[0]
    assert (caught.value.expected or "").startswith("strategy_type:")


def test_a_vertical_without_direction_is_not_guessed() -> None:
    """`vertical` could be four strategies."""
    with pytest.raises(InvalidRequest):
        read_strategy_type("vertical")
