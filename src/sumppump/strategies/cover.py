"""The best exact cover of what is held: every contract in one part, the parts' costs compared in order.

1. short options that nothing in their part covers, 2. parts, 3. two-legged parts of an uneven ratio,
4. contracts that stand in small shapes, 5. shapes of four legs on one side of the market or with broken
wings, 6. parts over several expiries, 7. the strikes they span. Several greedy covers are the start; a search
that branches on one contract after the other improves on them until it has proved the best or has looked at
`MOST_NODES` beginnings: the time is bounded, and the same book always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sumppump.domain.combo import Leg
from sumppump.domain.instruments import Instrument, OptionContract, Right
from sumppump.strategies.shape import StrategyType
from sumppump.strategies.ways import Way, all_ways

MOST_NODES = 3_000
MOST_SEARCHED = 2_000
LARGE = 4
# No shape has as many legs: what a contract outside of all shapes costs.
_ALONE = 9
Cost = tuple[int, ...]
_NOTHING: Cost = (0,) * 7


@dataclass(frozen=True, slots=True)
class Part:
    """`quantity` combos of one way, or one contract alone (`name` is "")."""

    name: str
    legs: tuple[Leg, ...]
    quantity: int


@dataclass(frozen=True, slots=True)
class _Traits:
    """What every combo of a shape costs."""

    naked: int
    thin: int
    is_uneven: bool
    is_one_sided: bool
    is_mixed: bool


@dataclass(frozen=True, slots=True)
class _Choice:
    """A way, with the numbers of its contracts and what one combo of it costs."""

    way: Way
    uses: tuple[tuple[int, int], ...]
    traits: _Traits
    is_odd: bool
    span: int

    def cost(self, quantity: int) -> Cost:
        """In the order of the module's law."""
        own = self.traits
        return (
            *(own.naked * quantity, 1, int(own.is_uneven), own.thin * quantity),
            *(int(self.is_odd), int(own.is_mixed), self.span * quantity),
        )


def _trader(each: _Choice) -> tuple[int, ...]:
    own = each.traits
    return own.is_mixed, -len(each.uses), own.naked, own.is_uneven, each.is_odd, each.span


def _careful(each: _Choice) -> tuple[int, ...]:
    own = each.traits
    return own.naked, own.is_mixed, -len(each.uses), own.is_uneven, each.is_odd, each.span


def _large(each: _Choice) -> tuple[int, ...]:
    own = each.traits
    return own.naked, -len(each.uses), own.is_uneven, each.is_odd, own.is_mixed, each.span


_ORDERS: tuple[Callable[[_Choice], tuple[int, ...]], ...] = (_trader, _careful, _large)
"""What greedy covers take first: one expiry, what leaves nothing uncovered, or the largest shapes."""


def best_cover(contracts: Iterable[Instrument], held: Mapping[int, int]) -> tuple[Part, ...]:
    """The parts of one underlying's contracts, larger shapes first.

    Args:
        contracts: options and shares of one underlying, in any order.
        held: signed quantities by con_id; contracts of quantity 0 are passed over.
    """
    rows = sorted((each for each in contracts if held.get(each.con_id)), key=_place)
    number = {each.con_id: at for at, each in enumerate(rows)}
    choices = list(_choices(all_ways(rows, held), number))
    search = _Search(rows, tuple(held[each.con_id] for each in rows), choices)
    return tuple(sorted(search.best(), key=lambda part: -len(part.legs)))


def uncovered(legs: Iterable[Leg]) -> int:
    """Short options of one combo that no long one of their right, as long-lived, and no shares cover."""
    rows = tuple(legs)
    options = [(leg, leg.contract) for leg in rows if isinstance(leg.contract, OptionContract)]
    lot = options[0][1].multiplier if options else 1
    shares = sum(leg.ratio for leg in rows if not isinstance(leg.contract, OptionContract))
    return sum(
        _uncovered([(option.expiry, leg.ratio) for leg, option in options if option.right is right], cover)
        for right, cover in ((Right.CALL, max(0, shares) // lot), (Right.PUT, max(0, -shares) // lot))
    )


def _uncovered(ratios: Sequence[tuple[date, int]], cover: int) -> int:
    """The largest lack from any expiry on: what ends before a short option does not cover it."""
    lacks = [-sum(ratio for expiry, ratio in ratios if expiry >= day) - cover for day, _ in ratios]
    return max(0, *lacks, 0)


def _place(contract: Instrument) -> tuple[int, date, Decimal, str, int]:
    """Short-lived before long-lived, low strikes before high ones; shares last."""
    if isinstance(contract, OptionContract):
        return 0, contract.expiry, contract.strike, contract.right.value, contract.con_id
    return 1, date.max, Decimal(0), "", contract.con_id


def _choices(ways: Iterable[Way], number: Mapping[int, int]) -> Iterator[_Choice]:
    traits: dict[StrategyType, _Traits] = {}
    for way in ways:
        kind = way.shape.type
        if kind not in traits:
            traits[kind] = _traits(way)
        places = (number[each.con_id] for each in way.contracts)
        uses = tuple(zip(places, way.ratios, strict=True))
        strikes = sorted(each.strike for each in way.contracts if isinstance(each, OptionContract))
        is_odd = len(strikes) >= LARGE and (traits[kind].is_one_sided or _is_broken(strikes))
        yield _Choice(way, uses, traits[kind], is_odd, int((strikes[-1] - strikes[0]) * 100))


def _is_broken(strikes: Sequence[Decimal]) -> bool:
    return strikes[1] - strikes[0] != strikes[-1] - strikes[-2]


def _traits(way: Way) -> _Traits:
    parts = [part for part in way.shape.legs if part.right is not None]
    ratios = [abs(part.ratio) for part in parts]
    return _Traits(
        naked=uncovered(way.legs),
        thin=sum(ratios) * (_ALONE - len(way.shape.legs)),
        is_uneven=len(ratios) == 2 and ratios[0] != ratios[1],
        is_one_sided=len({part.right for part in parts}) == 1,
        is_mixed=way.shape.has_far,
    )


Chosen = tuple[tuple[_Choice, int], ...]


@dataclass(slots=True)
class _Search:
    """Looks for the parts that cost least."""

    contracts: Sequence[Instrument]
    counts: tuple[int, ...]
    choices: Sequence[_Choice]
    nodes: int = 0
    cheapest: Cost = _NOTHING
    found: Chosen = ()
    by_contract: list[list[_Choice]] = field(default_factory=list)

    def best(self) -> Iterable[Part]:
        """The parts, what stands alone among them."""
        covers = [self._greedy(sorted(self.choices, key=key)) for key in _ORDERS]
        self.cheapest, self.found = min(covers, key=lambda cover: cover[0])
        if len(self.choices) <= MOST_SEARCHED:
            self.by_contract = [[] for _ in self.contracts]
            for each in sorted(self.choices, key=_large):
                for at, _ in each.uses:
                    self.by_contract[at].append(each)
            self._look(list(self.counts), _NOTHING, ())
        return self._parts()

    def _greedy(self, order: Iterable[_Choice]) -> tuple[Cost, Chosen]:
        left, taken = list(self.counts), list[tuple[_Choice, int]]()
        for each in order:
            if quantity := _most(each, left):
                _take(each, quantity, left)
                taken.append((each, quantity))
        cost = _sum([each.cost(quantity) for each, quantity in taken])
        alone = [self._alone(at, count) for at, count in enumerate(left) if count]
        return _sum([cost, *alone]), tuple(taken)

    def _look(self, left: list[int], cost: Cost, taken: Chosen) -> None:
        """Every cover that begins so, as long as it can still be cheaper than the best one known."""
        self.nodes += 1
        if cost >= self.cheapest or self.nodes > MOST_NODES:
            return
        at = next((index for index, count in enumerate(left) if count), None)
        if at is None:
            self.cheapest, self.found = cost, taken
            return
        for each in self.by_contract[at]:
            if quantity := _most(each, left):
                rest = left.copy()
                _take(each, quantity, rest)
                self._look(rest, _sum([cost, each.cost(quantity)]), (*taken, (each, quantity)))
        rest = left.copy()
        rest[at] = 0
        self._look(rest, _sum([cost, self._alone(at, left[at])]), taken)

    def _alone(self, at: int, count: int) -> Cost:
        is_option = isinstance(self.contracts[at], OptionContract)
        naked = -count if is_option and count < 0 else 0
        return naked, 1, 0, abs(count) * (_ALONE - 1) if is_option else 0, 0, 0, 0

    def _parts(self) -> Iterable[Part]:
        left = list(self.counts)
        for each, quantity in self.found:
            _take(each, quantity, left)
            yield Part(each.way.shape.type.value, each.way.legs, quantity)
        for at, count in enumerate(left):
            if count:
                side = 1 if count > 0 else -1
                yield Part("", (Leg(contract=self.contracts[at], ratio=side),), abs(count))


def _most(choice: _Choice, left: Sequence[int]) -> int:
    """Combos of which every leg is still there; 0 as soon as one is not."""
    return max(0, min(left[at] // ratio for at, ratio in choice.uses))


def _take(choice: _Choice, quantity: int, left: list[int]) -> None:
    for at, ratio in choice.uses:
        left[at] -= ratio * quantity


def _sum(costs: Iterable[Cost]) -> Cost:
    return tuple(map(sum, zip(*costs, _NOTHING, strict=True)))
