"""The table of strategies is consistent, and a trader's words find their row."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from tests.unit.domain.builders import LATER, NEAR, STOCK, option

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Right
from sumppump.domain.margin.rules import MarginRule
from sumppump.domain.payoff import ExpiryPayoff, Unlimited
from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.money import Premium
from sumppump.strategies.catalogue import (
    CATALOGUE,
    NEEDS_SHORT_STOCK,
    SHAPES,
    VARIANTS,
    Shape,
    StrategyType,
    read_shape,
    read_strategy_type,
)
from sumppump.strategies.shape import Outlook, Wings, legs

STRIKES = (90, 95, 105, 115)
EVERY = pytest.mark.parametrize("shape", CATALOGUE, ids=lambda shape: shape.type.value)


def test_every_strategy_has_exactly_one_row_and_no_name_is_used_twice() -> None:
    """A word that meant two strategies would be a guess."""
    assert [shape.type for shape in CATALOGUE] == list(StrategyType)
    names = [name for shape in CATALOGUE for name in (shape.type.value, *shape.aliases)]
    names += [*VARIANTS, *NEEDS_SHORT_STOCK]
    assert len(names) == len(set(names))


def test_there_are_at_least_forty() -> None:
    """What the field names, not what is quickly written down."""
    assert len(CATALOGUE) >= 40


def test_no_two_rows_have_the_same_legs() -> None:
    """Legs that could be two strategies would have no name; equal and broken wings tell two apart."""
    seen = Counter((frozenset(Counter(shape.legs).items()), shape.wings) for shape in CATALOGUE)
    assert max(seen.values()) == 1
    free = {frozenset(shape.legs) for shape in CATALOGUE if shape.wings is Wings.FREE}
    equal = {frozenset(shape.legs) for shape in CATALOGUE if shape.wings is Wings.EQUAL}
    assert not free & equal


@EVERY
def test_each_row_aims_at_each_of_its_strikes(shape: Shape) -> None:
    """Deltas, anchors and offsets speak of strikes that legs stand on, from 0 without gaps."""
    assert {leg.slot for leg in shape.legs if leg.right is not None} == set(range(shape.slots))
    assert len(shape.aim.offsets) == shape.slots
    assert all(0 <= anchor < shape.slots for anchor in shape.aim.anchors)
    assert all(shape.aim.offsets[anchor] == 0 for anchor in shape.aim.anchors)
    assert all(low < high for low, high in pairwise(_places(shape)))


def _places(shape: Shape) -> list[float]:
    """Where the offsets put the strikes if the anchors stand at rising prices far from each other."""
    anchors = shape.aim.anchors or (0,)
    if shape.aim.is_centred:
        return list(shape.aim.offsets)
    nearest = (min(anchors, key=lambda number, s=s: abs(number - s)) for s in range(shape.slots))  # type: ignore[misc]
    return [
        100 * anchors.index(anchor) + offset
        for anchor, offset in zip(nearest, shape.aim.offsets, strict=True)
    ]


@EVERY
def test_legs_are_few_and_of_small_ratios_and_the_stock_is_only_bought(shape: Shape) -> None:
    """At most four option legs, which a BAG can hold; never short stock."""
    options = [leg for leg in shape.legs if leg.right is not None]
    stock = [leg.ratio for leg in shape.legs if leg.right is None]
    assert 1 <= len(options) <= 4
    assert all(1 <= abs(leg.ratio) <= 3 for leg in options)
    assert stock in ([], [1])
    assert len({(leg.right, leg.slot, leg.is_far) for leg in shape.legs}) == len(shape.legs)
    assert all(leg.ratio > 0 for leg in options if leg.is_far)


def built(shape: Shape) -> Combo:
    """The row at strikes of unequal or equal distance, as it asks."""
    strikes = (90, 100, 110, 120) if shape.wings is Wings.EQUAL else STRIKES
    return Combo(
        tuple(
            Leg(contract=STOCK, ratio=100 * leg.ratio)
            if leg.right is None
            else Leg(
                contract=option(strikes[leg.slot], leg.right, LATER if leg.is_far else NEAR), ratio=leg.ratio
            )
            for leg in shape.legs
        )
    )


def _short_legs(shape: Shape, right: Right) -> int:
    return sum(leg.ratio for leg in shape.legs if leg.right is right)


@EVERY
def test_level_four_is_for_unlimited_losses_and_for_no_others(shape: Shape) -> None:
    """Oracle: the exact payoff's slope beyond its last strike, whatever was paid."""
    payoff = ExpiryPayoff(combo=built(shape), quantity=1, net_premium=Premium.of("1"))
    assert isinstance(payoff.max_loss, Unlimited) == (shape.level == 4)


# IBKR's levels as its public pages give them; where they name none, the level of what it is made of.
LEVELS = {
    1: ["covered_call"],
    2: [
        "long_call",
        "long_put",
        "bull_call_spread",
        "bear_put_spread",
        "protective_put",
        "collar",
        "conversion",
        "zebra",
        "long_box",
        "long_straddle",
        "long_strangle",
        "long_guts",
        "strap",
        "strip",
        "long_iron_condor",
    ],
    4: [
        "short_call",
        "synthetic_short",
        "bearish_risk_reversal",
        "bearish_seagull",
        "short_straddle",
        "short_strangle",
        "short_guts",
        "call_ratio_spread",
        "long_call_ladder",
        "reverse_jade_lizard",
    ],
}


def test_permission_levels_are_ibkrs() -> None:
    """1 covered, 2 long and debit, 4 unlimited; 3, short premium with limited loss, is the rest."""
    found = {level: [s.type.value for s in CATALOGUE if s.level == level] for level in LEVELS}
    assert found == LEVELS
    assert {shape.level for shape in CATALOGUE} == {1, 2, 3, 4}


@EVERY
def test_level_two_owes_nothing_that_it_does_not_own(shape: Shape) -> None:
    """Up to level 2 every short option is covered by shares or by a long one of its right."""
    if shape.level > 2 or shape.type is StrategyType.LONG_IRON_CONDOR:
        return
    shares = sum(leg.ratio for leg in shape.legs if leg.right is None)
    assert _short_legs(shape, Right.CALL) + shares >= 0
    assert _short_legs(shape, Right.PUT) >= 0


@EVERY
def test_the_margin_rule_follows_from_the_legs(shape: Shape) -> None:
    """Paid in full if nothing is owed, half of the shares if there are any, uncovered if legs lack."""
    has_stock = any(leg.right is None for leg in shape.legs)
    nothing_owed = all(leg.ratio > 0 for leg in shape.legs)
    calls = _short_legs(shape, Right.CALL) + has_stock
    is_bare = min(calls, _short_legs(shape, Right.PUT)) < 0
    by_rule = {
        MarginRule.PAID: nothing_owed and not has_stock,
        MarginRule.STOCK: has_stock and not is_bare,
        MarginRule.STOCK_AND_UNCOVERED: has_stock and is_bare,
        MarginRule.SPREAD: not (nothing_owed or has_stock or is_bare),
    }
    assert by_rule.get(shape.margin, is_bare and not has_stock)
    pair = {(leg.right, leg.ratio) for leg in shape.legs} == {(Right.CALL, -1), (Right.PUT, -1)}
    assert (shape.margin is MarginRule.UNCOVERED_PAIR) == (pair and len(shape.legs) == 2)


@EVERY
def test_each_row_is_explained_in_one_short_text(shape: Shape) -> None:
    """What a model repeats to a person."""
    assert shape.about.endswith(".")
    assert len(shape.about) <= 160
    assert shape.outlook


def test_every_outlook_has_something_to_choose_from() -> None:
    """Bullish, bearish, neutral, volatile: each with strategies up to level 3."""
    for outlook in Outlook:
        assert len([s for s in CATALOGUE if outlook in s.outlooks and s.level <= 3]) >= 5


def test_wings_are_judged_by_the_outermost_distances() -> None:
    """Equal for a butterfly, different for a broken one; no order is no shape."""
    fly, broken = SHAPES[StrategyType.CALL_BUTTERFLY], SHAPES[StrategyType.BROKEN_WING_CALL_BUTTERFLY]
    condor = SHAPES[StrategyType.BROKEN_WING_IRON_CONDOR]
    even, odd = (90, 100, 110), (90, 100, 115)
    assert (fly.fits(even), fly.fits(odd), broken.fits(even), broken.fits(odd)) == (True, False, False, True)  # type: ignore[arg-type]
    assert condor.fits((90, 95, 105, 115))  # type: ignore[arg-type]
    assert not condor.fits((90, 95, 105, 110))  # type: ignore[arg-type]
    assert not fly.fits((110, 100, 90))  # type: ignore[arg-type]


def test_words_that_are_no_legs_are_an_error() -> None:
    """The table is read when the program starts; a slip there must not pass."""
    for text in ("C0", "+X1", "+C", "+C0near"):
        with pytest.raises(ValueError, match="is not a leg"):
            legs(text)


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
        ("cash-secured put", "short_put"),
        ("twisted sister", "reverse_jade_lizard"),
        ("BWB", "broken_wing_call_butterfly"),
        ("christmas tree", "call_christmas_tree"),
    ],
)
def test_plain_words_find_their_strategy(words: str, meant: str) -> None:
    """Case, blanks and hyphens do not matter; a bare word means its natural strategy."""
    assert read_strategy_type(words) == meant


def test_a_poor_mans_covered_call_is_a_diagonal_deep_in_the_money_and_far_out() -> None:
    """The same legs; what differs is where they usually stand."""
    shape, row = read_shape("PMCC"), SHAPES[StrategyType.DIAGONAL_CALL]
    assert shape.legs == row.legs
    assert shape.aim.deltas == (0.80, 0.30)
    assert shape.aim.far_days > row.aim.far_days


@pytest.mark.parametrize("words", ["covered put", "reversal", "reverse conversion"])
def test_what_needs_short_stock_says_so(words: str) -> None:
    """Shares are never sold short here; the error says it instead of an unknown name."""
    with pytest.raises(InvalidRequest, match="sold short") as caught:
        read_strategy_type(words)
    assert caught.value.code == "short_stock"
    assert (caught.value.expected or "").startswith("strategy_type:")


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
