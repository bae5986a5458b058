"""What a set of held positions is called: an exact cover by the catalogue's shapes.

What our own orders opened together stays together, unless a short option in it would be covered by something
else that is held. All else is cut into the parts that cost least (see `cover`). Every contract is used once:
the quantities of all parts add up to the positions. The order of the positions changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, OptionContract
from sumppump.strategies.catalogue import StrategyType
from sumppump.strategies.cover import Part, best_cover, uncovered

MOST_REMEMBERED = 16


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Legs that were opened as one; `quantity` combos of it should still be held."""

    account: str
    combo: Combo
    quantity: int


def recognise(positions: Sequence[Position], together: Sequence[Together] = ()) -> tuple[Recognised, ...]:
    """The strategies that positions amount to.

    Args:
        positions: of any underlyings; those of quantity 0 are passed over.
        together: what is known to have been opened as one; what the account does not hold is passed over.

    Returns:
        Per account and underlying in the order of the positions, larger shapes first.
    """
    groups: dict[tuple[str, str], list[Position]] = defaultdict(list)
    for position in positions:
        if position.quantity:
            # A bond or a future of the same ticker covers nothing.
            item = position.instrument
            apart = f" {item.con_id}" if item.sec_type.is_foreign else ""
            groups[position.account, item.symbol + apart].append(position)
    return tuple(
        found
        for (account, symbol), group in groups.items()
        for found in _cut(group, [each for each in together if _is_of(each, account, symbol)])
    )


_Key = tuple[tuple[tuple[str, int, int], ...], tuple[tuple[str, Combo, int], ...]]


@dataclass(slots=True)
class Recogniser:
    """`recognise` with a memory: what is held changes rarely, and is looked at often."""

    _known: dict[_Key, tuple[Recognised, ...]] = field(default_factory=dict)

    def of(self, positions: Sequence[Position], together: Sequence[Together] = ()) -> tuple[Recognised, ...]:
        """See `recognise`."""
        key = (
            tuple((each.account, each.instrument.con_id, each.quantity) for each in positions),
            tuple((each.account, each.combo, each.quantity) for each in together),
        )
        known = self._known.get(key)
        if known is not None:
            return known
        found = recognise(positions, together)
        # A new mapping each time: several threads may look.
        self._known = dict([*self._known.items(), (key, found)][-MOST_REMEMBERED:])
        return found


def _is_of(together: Together, account: str, symbol: str) -> bool:
    return (together.account, together.combo.symbol) == (account, symbol)


def _cut(group: Sequence[Position], together: Sequence[Together]) -> Iterable[Recognised]:
    """The cut that leaves least uncovered, and of equal ones that which keeps most together."""
    units = [each for each in together if len(each.combo.legs) > 1]
    bounded = [each for each in units if not uncovered(each.combo.legs)]
    choices = [units, bounded, []] if units else [[]]
    return min((_cover(group, kept) for kept in choices), key=_naked)


def _naked(parts: Iterable[Recognised]) -> int:
    return sum(uncovered(each.combo.legs) * each.quantity for each in parts)


def _cover(group: Sequence[Position], units: Sequence[Together]) -> tuple[Recognised, ...]:
    contracts = {each.instrument.con_id: each.instrument for each in group}
    left: dict[int, int] = defaultdict(int)
    for each in group:
        left[each.instrument.con_id] += each.quantity
    kept = [named for unit in units for named in _kept(unit, left)]
    parts = best_cover(contracts.values(), left)
    return _merged([*kept, *(_named(part) for part in parts)])


def _kept(unit: Together, left: dict[int, int]) -> Iterator[Recognised]:
    """A unit as far as it is still held and has a name; its contracts are taken from what is left."""
    here = min(max(0, left[leg.contract.con_id] // leg.ratio) for leg in unit.combo.legs)
    quantity = min(here, unit.quantity)
    named = _name_of(unit.combo) if quantity else None
    if named is None:
        return
    for leg in unit.combo.legs:
        left[leg.contract.con_id] -= leg.ratio * quantity
    yield Recognised(named.name, named.combo, quantity)


def _name_of(combo: Combo) -> Recognised | None:
    """The one shape that a combo is; None where it is none, or several."""
    held = {leg.contract.con_id: leg.ratio for leg in combo.legs}
    parts = best_cover([leg.contract for leg in combo.legs], held)
    return _named(parts[0]) if len(parts) == 1 and parts[0].quantity == 1 else None


def _named(part: Part) -> Recognised:
    if part.name:
        return Recognised(part.name, Combo(part.legs), part.quantity)
    (leg,) = part.legs
    return alone(leg.contract, leg.ratio * part.quantity)


def _merged(parts: Iterable[Recognised]) -> tuple[Recognised, ...]:
    """Parts of the same legs as one, so that a name stands for one thing."""
    found: dict[frozenset[Leg], Recognised] = {}
    for each in parts:
        key = frozenset(each.combo.legs)
        before = found[key].quantity if key in found else 0
        found[key] = Recognised(each.name, each.combo, before + each.quantity)
    return tuple(sorted(found.values(), key=lambda each: -len(each.combo.legs)))


def alone(contract: Instrument, quantity: int) -> Recognised:
    """One contract as a strategy of its own; `quantity` is signed and not 0."""
    side = 1 if quantity > 0 else -1
    combo = Combo((Leg(contract=contract, ratio=side),))
    return Recognised(f"{'long' if side > 0 else 'short'}_{_kind(contract)}", combo, abs(quantity))


def _kind(contract: Instrument) -> str:
    if isinstance(contract, OptionContract):
        return contract.right.word
    return contract.sec_type.lower() if contract.sec_type.is_foreign else "stock"
