"""What a set of held positions is called: an exact cover by the catalogue's shapes, best shapes first.

Positions of one underlying are cut into shapes greedily: those of more legs come first, among equals the one
that takes more contracts, then the nearer strikes. What fits nothing stands alone. Every contract is used
once: the quantities of all parts add up to the positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain, groupby, pairwise

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, OptionContract, Right, Underlying
from sumppump.strategies.catalogue import CATALOGUE, LegShape, Shape, StrategyType
from sumppump.strategies.shape import Wings


@dataclass(frozen=True, slots=True)
class Recognised:
    """One strategy that is held.

    Attributes:
        name: a StrategyType's value; what stands alone may also be `long_stock`, `short_stock`, `short_call`
            or `short_put`.
        combo: legs as held: a positive ratio is held long.
        quantity: combos, > 0.
    """

    name: str
    combo: Combo
    quantity: int

    @property
    def type(self) -> StrategyType | None:
        """The catalogue's type; None for what it does not list."""
        return StrategyType(self.name) if self.name in set(StrategyType) else None


# More legs first; among as many, two-expiry shapes come after those of one expiry. Singles stand alone.
_TIERS: tuple[tuple[Shape, ...], ...] = tuple(
    tuple(same)
    for _, same in groupby(
        sorted(
            (shape for shape in CATALOGUE if len(shape.legs) > 1), key=lambda s: (-len(s.legs), s.has_far)
        ),
        key=lambda shape: (len(shape.legs), shape.has_far),
    )
)


def recognise(positions: Sequence[Position]) -> tuple[Recognised, ...]:
    """The strategies that positions amount to.

    Args:
        positions: of any underlyings; those of quantity 0 are passed over.

    Returns:
        Per underlying in the order of the positions, larger shapes first.
    """
    groups: dict[tuple[str, str], list[Position]] = defaultdict(list)
    for position in positions:
        if position.quantity:
            # A bond or a future of the same ticker covers nothing.
            item = position.instrument
            apart = f" {item.con_id}" if item.sec_type.is_foreign else ""
            groups[position.account, item.symbol + apart].append(position)
    return tuple(found for group in groups.values() for found in _Holding.of(group).cut())


@dataclass(slots=True)
class _Holding:
    """What is left of one underlying's positions while shapes are being cut out."""

    left: dict[int, int]
    contracts: dict[int, Instrument]

    @classmethod
    def of(cls, positions: Iterable[Position]) -> _Holding:
        left: dict[int, int] = defaultdict(int)
        for position in positions:
            left[position.instrument.con_id] += position.quantity
        return cls(dict(left), {each.instrument.con_id: each.instrument for each in positions})

    def cut(self) -> Iterator[Recognised]:
        """Shapes, then what stands alone; afterwards nothing is left."""
        for tier in _TIERS:
            fits = list(self._fits((shape, legs) for shape in tier for legs in self._ways(shape)))
            while fits:
                best = max(fits, key=self._worth)
                self._take(best)
                yield Recognised(best.shape.type.value, Combo(best.legs), best.quantity)
                fits = list(self._fits((fit.shape, fit.legs) for fit in fits))
        for con_id, quantity in self.left.items():
            if quantity:
                yield alone(self.contracts[con_id], quantity)

    def _take(self, fit: _Fit) -> None:
        for leg in fit.legs:
            self.left[leg.contract.con_id] -= leg.ratio * fit.quantity

    def _worth(self, fit: _Fit) -> tuple[bool, int, int, int, Decimal, bool]:
        """What leaves nothing of its contracts comes first, then what takes more combos of fewer contracts.

        Then both sides of the market rather than one, the nearer strikes, the shape that asks for its wings.
        """
        left = sum(abs(self.left[leg.contract.con_id] - leg.ratio * fit.quantity) for leg in fit.legs)
        asks = fit.shape.wings is not Wings.FREE
        sides = len({leg.right for leg in fit.shape.legs if leg.right is not None})
        return left == 0, fit.quantity, -fit.shape.contracts, sides, -fit.span, asks

    def _ways(self, shape: Shape) -> Iterator[tuple[Leg, ...]]:
        return chain.from_iterable(_ways(shape, pool, self.left) for pool in self._pools(shape))

    def _fits(self, ways: Iterable[tuple[Shape, tuple[Leg, ...]]]) -> Iterator[_Fit]:
        """Ways of which at least one combo is still there, each with how many."""
        for shape, legs in ways:
            quantity = min(self.left[leg.contract.con_id] // leg.ratio for leg in legs)
            if quantity > 0:
                yield _Fit(shape, legs, quantity)

    def _pools(self, shape: Shape) -> list[list[Instrument]]:
        """Contracts that may meet in one combo: one expiry with the shares, or all for two expiries."""
        if shape.has_far:
            return [list(self.contracts.values())]
        shares = [each for each in self.contracts.values() if isinstance(each, Underlying)]
        pools: dict[date, list[Instrument]] = defaultdict(lambda: list(shares))
        for each in self.contracts.values():
            if isinstance(each, OptionContract):
                pools[each.expiry].append(each)
        return list(pools.values())


@dataclass(frozen=True, slots=True)
class _Fit:
    """Contracts that make up `quantity` combos of a shape."""

    shape: Shape
    legs: tuple[Leg, ...]
    quantity: int

    @property
    def span(self) -> Decimal:
        """From the lowest to the highest strike."""
        strikes = [leg.contract.strike for leg in self.legs if isinstance(leg.contract, OptionContract)]
        return max(strikes) - min(strikes)


def _ways(shape: Shape, pool: Sequence[Instrument], left: Mapping[int, int]) -> Iterator[tuple[Leg, ...]]:
    """Every way in which held contracts can stand for the legs of a shape."""
    candidates = [
        [each for each in pool if _right(each) is part.right and left[each.con_id] * part.ratio > 0]
        for part in shape.legs
    ]
    for contracts in _grown(shape, candidates, ()):
        pairs = zip(shape.legs, contracts, strict=True)
        yield tuple(Leg(contract=each, ratio=part.ratio * _lot(part, contracts)) for part, each in pairs)


def _grown(
    shape: Shape, candidates: Sequence[Sequence[Instrument]], chosen: tuple[Instrument, ...]
) -> Iterator[tuple[Instrument, ...]]:
    """Leg by leg; a beginning that no leg can put right is left at once: many positions stay quick."""
    if len(chosen) == len(candidates):
        yield chosen
        return
    for each in candidates[len(chosen)]:
        longer = (*chosen, each)
        if _agrees(shape, longer):
            yield from _grown(shape, candidates, longer)


def _right(contract: Instrument) -> Right | None:
    return contract.right if isinstance(contract, OptionContract) else None


def _lot(part: LegShape, contracts: Sequence[Instrument]) -> int:
    """Shares that one contract's options stand for, for a stock leg; 1 for options."""
    if part.right is not None:
        return 1
    return next(each.multiplier for each in contracts if isinstance(each, OptionContract))


def _agrees(shape: Shape, contracts: Sequence[Instrument]) -> bool:
    """Whether contracts for the first legs stand to each other as the shape says, in strikes and expiries."""
    pairs = [
        (part, each)
        for part, each in zip(shape.legs, contracts, strict=False)
        if isinstance(each, OptionContract)
    ]
    near = {each.expiry for part, each in pairs if not part.is_far}
    far = {each.expiry for part, each in pairs if part.is_far}
    if len(near) > 1 or len(far) > 1 or (near and far and min(far) <= min(near)):
        return False
    if len({(each.multiplier, each.trading_class) for _, each in pairs}) > 1:
        return False
    at: dict[int, Decimal] = {}
    for part, each in pairs:
        if at.setdefault(part.slot, each.strike) != each.strike:
            return False
    prices = [at[slot] for slot in sorted(at)]
    if len(prices) == shape.slots:
        return shape.fits(prices)
    return all(low < high for low, high in pairwise(prices))


def alone(contract: Instrument, quantity: int) -> Recognised:
    """One contract as a strategy of its own; `quantity` is signed and not 0."""
    side = 1 if quantity > 0 else -1
    combo = Combo((Leg(contract=contract, ratio=side),))
    return Recognised(f"{'long' if side > 0 else 'short'}_{_kind(contract)}", combo, abs(quantity))


def _kind(contract: Instrument) -> str:
    if isinstance(contract, OptionContract):
        return contract.right.word
    return contract.sec_type.lower() if contract.sec_type.is_foreign else "stock"
