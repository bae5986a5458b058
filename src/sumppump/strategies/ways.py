"""Every way in which held contracts can stand for the legs of the catalogue's shapes.

The catalogue alone says what a shape is. Contracts meet when they have one class and one multiplier; shares
cover only what is settled in whole lots of them, so an adjusted contract stays without shares. In a pool of
very many contracts each next leg of the same right is sought among the nearest strikes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import TypeGuard

from sumppump.domain.combo import Leg
from sumppump.domain.instruments import Instrument, OptionContract, Right, Underlying
from sumppump.strategies.catalogue import CATALOGUE, LegShape, Shape
from sumppump.strategies.shape import Wings

SMALL_POOL = 20
NEAREST = 4
# Of two names for the same legs the one that asks something of its wings says more.
_SHAPES = sorted((shape for shape in CATALOGUE if len(shape.legs) > 1), key=lambda s: s.wings is Wings.FREE)
SINGLE_EXPIRY = tuple(shape for shape in _SHAPES if not shape.has_far)
TWO_EXPIRIES = tuple(shape for shape in _SHAPES if shape.has_far)


@dataclass(frozen=True, slots=True)
class Way:
    """Contracts that make up one combo of a shape; `ratios` as in legs, shares counted one by one."""

    shape: Shape
    contracts: tuple[Instrument, ...]
    ratios: tuple[int, ...]

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The combo's legs, long ones with a positive ratio."""
        pairs = zip(self.contracts, self.ratios, strict=True)
        return tuple(Leg(contract=each, ratio=ratio) for each, ratio in pairs)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Contracts that may meet in one combo.

    Attributes:
        options: by right, side (+1 long) and whether they expire later, rising strikes.
        shares: the stock held beside them, None where none covers these options.
        share_side: +1 long, -1 short.
        lot: shares that one contract delivers.
        reach: how many strikes are tried for a leg that follows one of its own right.
    """

    options: Mapping[tuple[Right, int, bool], Sequence[OptionContract]]
    shares: Underlying | None
    share_side: int
    lot: int
    reach: int

    def candidates(self, part: LegShape) -> Sequence[Instrument]:
        """What could stand for one leg, by its right, side and expiry."""
        side = 1 if part.ratio > 0 else -1
        if part.right is None:
            return (self.shares,) if self.shares is not None and side == self.share_side else ()
        return self.options.get((part.right, side, part.is_far), ())


def all_ways(contracts: Sequence[Instrument], held: Mapping[int, int]) -> Iterator[Way]:
    """Every way, class by class; at least one combo of each is held.

    Args:
        contracts: of one underlying, each once.
        held: signed quantities by con_id, none of them 0.
    """
    for series in _classes(contracts):
        stock = next((each for each in contracts if _is_delivered(each, series[0])), None)
        by_expiry = _by_expiry(series)
        for near in by_expiry.values():
            yield from _of_pool(SINGLE_EXPIRY, _pool(near, (), stock, held), held)
        for first, second in combinations(sorted(by_expiry), 2):
            pool = _pool(by_expiry[first], by_expiry[second], stock, held)
            yield from _of_pool(TWO_EXPIRIES, pool, held)


def _is_delivered(contract: Instrument, option: OptionContract) -> TypeGuard[Underlying]:
    """Whether a contract is the share that an option delivers, in lots of its multiplier."""
    return (
        isinstance(contract, Underlying)
        and option.underlying_con_id in (0, contract.con_id)
        and option.currency == contract.currency
        and not is_adjusted(option)
    )


def is_adjusted(option: OptionContract) -> bool:
    """Whether a corporate action changed what is delivered: OCC puts a digit into the class, as in `ABC1`."""
    return any(letter.isdigit() for letter in option.trading_class) and not any(
        letter.isdigit() for letter in option.symbol
    )


def _classes(contracts: Iterable[Instrument]) -> list[list[OptionContract]]:
    classes: dict[tuple[str, int], list[OptionContract]] = defaultdict(list)
    for each in contracts:
        if isinstance(each, OptionContract):
            classes[each.trading_class, each.multiplier].append(each)
    return list(classes.values())


def _by_expiry(series: Iterable[OptionContract]) -> dict[date, list[OptionContract]]:
    expiries: dict[date, list[OptionContract]] = defaultdict(list)
    for each in series:
        expiries[each.expiry].append(each)
    return expiries


def _pool(
    near: Sequence[OptionContract],
    far: Sequence[OptionContract],
    shares: Underlying | None,
    held: Mapping[int, int],
) -> _Pool:
    options: dict[tuple[Right, int, bool], list[OptionContract]] = defaultdict(list)
    for contracts, is_far in ((near, False), (far, True)):
        for each in sorted(contracts, key=lambda option: option.strike):
            options[each.right, _side(held[each.con_id]), is_far].append(each)
    count = len(near) + len(far)
    side = 0 if shares is None else _side(held[shares.con_id])
    return _Pool(options, shares, side, near[0].multiplier, NEAREST if count > SMALL_POOL else count)


def _side(quantity: int) -> int:
    return 1 if quantity > 0 else -1


def _of_pool(shapes: Iterable[Shape], pool: _Pool, held: Mapping[int, int]) -> Iterator[Way]:
    for shape in shapes:
        if not all(pool.candidates(part) for part in shape.legs):
            continue
        ratios = tuple(part.ratio * (pool.lot if part.right is None else 1) for part in shape.legs)
        for contracts in _grown(shape, pool, (), {}):
            pairs = zip(contracts, ratios, strict=True)
            if all(abs(held[each.con_id]) >= abs(ratio) for each, ratio in pairs):
                yield Way(shape, contracts, ratios)


def _grown(
    shape: Shape, pool: _Pool, chosen: tuple[Instrument, ...], strikes: Mapping[int, Decimal]
) -> Iterator[tuple[Instrument, ...]]:
    """Leg by leg; a beginning that no leg can put right is left at once."""
    if len(chosen) == len(shape.legs):
        if shape.fits([strikes[slot] for slot in sorted(strikes)]):
            yield chosen
        return
    part = shape.legs[len(chosen)]
    if part.right is None:
        for each in pool.candidates(part):
            yield from _grown(shape, pool, (*chosen, each), strikes)
        return
    near_to = strikes[part.slot - 1] if _follows_its_right(shape, len(chosen), strikes) else None
    for option in _in_order(part, pool, strikes, near_to):
        yield from _grown(shape, pool, (*chosen, option), {**strikes, part.slot: option.strike})


def _follows_its_right(shape: Shape, at: int, strikes: Mapping[int, Decimal]) -> bool:
    part = shape.legs[at]
    before = [leg for leg in shape.legs[:at] if leg.right is not None]
    return bool(before) and before[-1].right is part.right and part.slot - 1 in strikes


def _in_order(
    part: LegShape, pool: _Pool, strikes: Mapping[int, Decimal], near_to: Decimal | None
) -> list[OptionContract]:
    """Candidates whose strike stands where the slot must stand, the nearest ones where there are many."""
    options = [each for each in pool.candidates(part) if isinstance(each, OptionContract)]
    if part.slot in strikes:
        return [each for each in options if each.strike == strikes[part.slot]]
    low = max((strikes[slot] for slot in strikes if slot < part.slot), default=None)
    high = min((strikes[slot] for slot in strikes if slot > part.slot), default=None)
    fit = [
        each
        for each in options
        if (low is None or each.strike > low) and (high is None or each.strike < high)
    ]
    if near_to is None or len(fit) <= pool.reach:
        return fit
    return sorted(fit, key=lambda each: (abs(each.strike - near_to), each.strike))[: pool.reach]
