"""Held legs get the name that a trader would give them, and every contract is used exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.builders import LATER, NEAR, STOCK, combo, option
from tests.unit.strategies.conftest import Bench

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo
from sumppump.strategies.catalogue import StrategyType
from sumppump.strategies.cover import uncovered
from sumppump.strategies.recognise import Recognised, Recogniser, recognise
from sumppump.strategies.ways import Way, all_ways

D = Decimal


def held(*combos: tuple[Combo, int]) -> list[Position]:
    """Positions that several combos amount to, one for each contract, as a broker shows them."""
    total: Counter[int] = Counter()
    contracts = {}
    for each, quantity in combos:
        for leg in each.legs:
            total[leg.contract.con_id] += leg.ratio * quantity
            contracts[leg.contract.con_id] = leg.contract
    return [
        Position(account="SIM1", instrument=contracts[con_id], quantity=count, avg_cost=D(1))
        for con_id, count in total.items()
    ]


def names(found: tuple[Recognised, ...]) -> list[tuple[str, int]]:
    return [(each.name, each.quantity) for each in found]


@pytest.mark.parametrize("kind", list(StrategyType))
async def test_whatever_can_be_built_is_recognised_again(bench: Bench, kind: StrategyType) -> None:
    """Every row of the catalogue survives the way through the account, with its quantity and its legs."""
    draft = await bench.build(kind, dte=30)
    found = recognise(held((draft.combo, 3)))
    assert names(found) == [(kind.value, 3)]
    assert found[0].type is kind
    assert set(found[0].combo.legs) == set(draft.combo.legs)


CASES = [
    # 150 shares and one short call: the call covers 100 of them
    (["+150 stock", "-1 110C"], [("covered_call", 1), ("long_stock", 50)]),
    # a short call too many stays naked, and says so
    (["+100 stock", "-3 110C"], [("covered_call", 1), ("short_call", 2)]),
    # what leaves nothing over is seen before a spread and the rest
    (["+1 100C", "-2 110C"], [("call_ratio_spread", 1)]),
    # different quantities: what pairs off, then the rest
    (["+5 100C", "-2 110C"], [("bull_call_spread", 2), ("long_call", 3)]),
    # a butterfly is seen before the two spreads that it is made of
    (["+2 90C", "-4 100C", "+2 110C"], [("call_butterfly", 2)]),
    # uneven wings are another strategy
    (["+1 90C", "-2 100C", "+1 115C"], [("broken_wing_call_butterfly", 1)]),
    # four legs with a name of their own rather than two spreads
    (["+1 100P", "-1 95P", "+1 80P", "-1 85P"], [("put_condor", 1)]),
    # the narrow pairs rather than the wide ones
    (["+2 100P", "-2 95P", "+1 80P", "-1 85P"], [("put_condor", 1), ("bear_put_spread", 1)]),
    # shares and options without each other
    (["-100 stock"], [("short_stock", 100)]),
    (["-2 100P"], [("short_put", 2)]),
    # different expiries are no vertical
    (["+1 100C", "-1 110C later"], [("long_call", 1), ("short_call", 1)]),
]


def _positions(legs: list[str]) -> list[Position]:
    single = []
    for words in legs:
        count, rest = words.split(" ", 1)
        one = combo(f"{'+1' if int(count) > 0 else '-1'} {rest}")
        single.append((one, abs(int(count))))
    return held(*single)


@pytest.mark.parametrize(("legs", "expected"), CASES)
def test_positions_are_cut_as_a_trader_would(legs: list[str], expected: list[tuple[str, int]]) -> None:
    """A table of holdings and their names."""
    assert sorted(names(recognise(_positions(legs)))) == sorted(expected)


def test_larger_shapes_are_seen_before_the_smaller_ones_inside_them() -> None:
    """Two credit spreads on both sides of the market are an iron condor."""
    positions = _positions(["+1 85P", "-1 90P", "-1 105C", "+1 110C"])
    assert names(recognise(positions)) == [("iron_condor", 1)]


def test_underlyings_and_accounts_are_never_mixed() -> None:
    """A long call here and a short call in another account are no spread."""
    first, second = _positions(["+1 100C"]), _positions(["-1 110C"])
    other = [
        Position(account="SIM2", instrument=p.instrument, quantity=p.quantity, avg_cost=D(1)) for p in second
    ]
    assert sorted(names(recognise([*first, *other]))) == [("long_call", 1), ("short_call", 1)]


def test_nothing_held_is_nothing_recognised() -> None:
    """Flat positions are passed over."""
    flat = Position(account="SIM1", instrument=STOCK, quantity=0, avg_cost=D(1))
    assert recognise([flat]) == ()


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from([90, 95, 100, 105, 110]), st.sampled_from("CP"), st.sampled_from([NEAR, LATER])
        ),
        st.integers(-4, 4),
        max_size=9,
    ),
    st.sampled_from([-100, 0, 50, 100, 250]),
)
def test_every_contract_is_used_exactly_once(
    options: dict[tuple[int, str, object], int], shares: int
) -> None:
    """Property: the legs of all parts add up to the positions, and quantities are above 0."""
    positions = [
        Position(account="SIM1", instrument=option(k, right, when), quantity=count, avg_cost=D(1))  # type: ignore[arg-type]
        for (k, right, when), count in options.items()
    ]
    positions.append(Position(account="SIM1", instrument=STOCK, quantity=shares, avg_cost=D(1)))
    total: Counter[int] = Counter()
    for each in recognise(positions):
        assert each.quantity > 0
        for leg in each.combo.legs:
            total[leg.contract.con_id] += leg.ratio * each.quantity
    assert {k: v for k, v in total.items() if v} == {
        p.instrument.con_id: p.quantity for p in positions if p.quantity
    }


def test_an_account_full_of_condors_is_cut_into_condors() -> None:
    """Sixteen that overlap in strikes are 64 contracts; the narrowest four legs go together first."""
    condors = [
        combo(f"+1 {500 + 5 * n}P", f"-1 {502.5 + 5 * n}P", f"-1 {700 + 5 * n}C", f"+1 {702.5 + 5 * n}C")
        for n in range(16)
    ]
    found = recognise(held(*((each, 1) for each in condors)))
    assert names(found) == [("iron_condor", 1)] * 16


def test_eight_loose_legs_are_the_two_condors_of_a_trader() -> None:
    """Of two expiries, in any order: one condor each, none across."""
    legs = ["+1 85P", "-1 90P", "-1 105C", "+1 110C"]
    positions = _positions([*legs, *(f"{leg} later" for leg in legs)])
    assert names(recognise(positions)) == [("iron_condor", 1)] * 2
    assert set(recognise(positions[::-1])) == set(recognise(positions))


MORE_CASES = [
    # part of ten long calls is covered by nothing that is sold
    (["+10 100C", "-6 110C"], [("bull_call_spread", 6), ("long_call", 4)]),
    (["+2 100C", "-4 110C"], [("call_ratio_spread", 2)]),
    # ten condors of which six have their calls
    (
        ["+10 85P", "-10 90P", "-6 105C", "+6 110C"],
        [("iron_condor", 6), ("bull_put_spread", 4)],
    ),
    (["+400 stock", "-3 110C"], [("covered_call", 3), ("long_stock", 100)]),
    (["-1 90P", "+1 90P later", "-1 110C", "+1 110C later"], [("double_calendar", 1)]),
    # the same expiry first: a vertical and a call rather than a diagonal and a call
    (["-1 105C", "+1 110C", "+1 100C later"], [("bear_call_spread", 1), ("long_call", 1)]),
    # the far call covers what would be naked
    (["-1 105C", "+1 100C later"], [("diagonal_call", 1)]),
    # two condors that lie in each other keep equal wings
    (
        ["+1 80P", "-1 85P", "+1 88P", "-1 93P", "-1 105C", "+1 110C", "-1 115C", "+1 120C"],
        [("iron_condor", 1), ("iron_condor", 1)],
    ),
]


@pytest.mark.parametrize(("legs", "expected"), MORE_CASES)
def test_quantities_expiries_and_shares_are_shared_out(
    legs: list[str], expected: list[tuple[str, int]]
) -> None:
    """A second table: parts of quantities, several expiries, lots of shares."""
    assert sorted(names(recognise(_positions(legs)))) == sorted(expected)


def test_an_adjusted_contract_is_covered_by_no_shares() -> None:
    """What XYZ1 delivers is not a hundred shares."""
    call = replace(option(110, "C"), trading_class="XYZ1")
    rows = [
        Position(account="SIM1", instrument=each, quantity=count, avg_cost=D(1))
        for each, count in ((STOCK, 100), (call, -1))
    ]
    assert sorted(names(recognise(rows))) == [("long_stock", 100), ("short_call", 1)]


@st.composite
def books(draw: st.DrawFn, most: int) -> list[Position]:
    """Options of two expiries and shares, each at most once."""
    legs = draw(
        st.dictionaries(
            st.tuples(
                st.sampled_from([90, 95, 100, 105, 110]),
                st.sampled_from("CP"),
                st.sampled_from([NEAR, LATER]),
            ),
            st.sampled_from([-1, 1]),
            min_size=1,
            max_size=most,
        )
    )
    return [
        Position(account="SIM1", instrument=option(strike, right, day), quantity=count, avg_cost=D(1))
        for (strike, right, day), count in legs.items()
    ]


def naked(parts: Iterable[Recognised]) -> int:
    return sum(uncovered(each.combo.legs) * each.quantity for each in parts)


def every_cover(left: dict[int, int], ways: list[Way]) -> Iterator[tuple[int, int]]:
    """Uncovered shorts and parts of every cover, found without any bound: the oracle."""
    at = next((con_id for con_id, count in left.items() if count), None)
    if at is None:
        yield 0, 0
        return
    for way in ways:
        uses = [(each.con_id, ratio) for each, ratio in zip(way.contracts, way.ratios, strict=True)]
        fits = all(left[con_id] * ratio > 0 and abs(left[con_id]) >= abs(ratio) for con_id, ratio in uses)
        if fits and any(con_id == at for con_id, _ in uses):
            rest = left | {con_id: left[con_id] - ratio for con_id, ratio in uses}
            for short, parts in every_cover(rest, ways):
                yield short + uncovered(way.legs), parts + 1
    for short, parts in every_cover(left | {at: 0}, ways):
        yield short + (left[at] < 0), parts + 1


@settings(max_examples=60, deadline=None)
@given(books(most=6))
def test_no_other_cover_leaves_less_uncovered_or_has_fewer_parts(positions: list[Position]) -> None:
    """Property: against every cover there is, of books of up to six single contracts."""
    held_now = {each.instrument.con_id: each.quantity for each in positions}
    ways = list(all_ways([each.instrument for each in positions], held_now))
    found = recognise(positions)
    shorts = sum(1 for each in found if each.name in ("short_call", "short_put"))
    assert shorts <= naked(found)
    assert (naked(found), sum(each.quantity for each in found)) == min(every_cover(held_now, ways))


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_sixty_legs_are_used_exactly_once_in_any_order(dice: Random) -> None:
    """Property: the worst books too; the search is cut off by count, so the answer is always the same."""
    keys = [(strike, right, day) for strike in range(60, 140, 2) for right in "CP" for day in (NEAR, LATER)]
    positions = [
        Position(account="SIM1", instrument=option(*key), quantity=dice.choice([-3, -1, 1, 2]), avg_cost=D(1))
        for key in dice.sample(keys, 60)
    ]
    found = recognise(positions)
    total: Counter[int] = Counter()
    for each in found:
        for leg in each.combo.legs:
            total[leg.contract.con_id] += leg.ratio * each.quantity
    assert dict(total) == {each.instrument.con_id: each.quantity for each in positions}
    assert set(recognise(positions[::-1])) == set(found)


def test_the_same_holdings_are_cut_once() -> None:
    """A second look is the first one's answer; another quantity is another question."""
    recogniser, positions = Recogniser(), _positions(["+1 100C", "-1 110C"])
    first = recogniser.of(positions)
    assert recogniser.of(list(positions)) is first
    assert recogniser.of(_positions(["+2 100C", "-2 110C"])) == (replace(first[0], quantity=2),)
