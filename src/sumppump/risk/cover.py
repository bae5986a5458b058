"""Which short options of a combo nothing in the combo covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sumppump.domain.combo import Combo
from sumppump.domain.instruments import OptionContract, Right
from sumppump.kernel.money import Money


@dataclass(frozen=True, slots=True)
class UncoveredShort:
    """Contracts of one short leg that stand alone, per combo."""

    contract: OptionContract
    contracts: int

    def assignment(self, quantity: int) -> Money:
        """Cash of the shares that assignment would move, for `quantity` combos."""
        shares = self.contracts * self.contract.multiplier * quantity
        return Money(self.contract.strike * shares, self.contract.currency)


def uncovered_shorts(combo: Combo) -> tuple[UncoveredShort, ...]:
    """Short legs left over after cover by long legs of the same right and by shares.

    A long option covers a short one of its right that expires no later: exercised, it answers the assignment,
    and the distance of the strikes is part of the order's max loss. Bought shares cover short calls.
    """
    return tuple(short for right in Right for short in _left_over(combo, right))


def _left_over(combo: Combo, right: Right) -> list[UncoveredShort]:
    cover = _long_contracts(combo, right)
    whole = combo.multiplier
    lots = max(0, sum(leg.ratio for leg in combo.stock_legs)) // whole if right is Right.CALL else 0
    alone = []
    for contract, contracts in _shorts(combo, right):
        for index, (expiry, available) in enumerate(cover):
            used = min(available, contracts) if expiry >= contract.expiry else 0
            cover[index] = (expiry, available - used)
            contracts -= used
        delivered = min(lots, contracts)
        lots -= delivered
        if contracts > delivered:
            alone.append(UncoveredShort(contract, contracts - delivered))
    return alone


def _long_contracts(combo: Combo, right: Right) -> list[tuple[date, int]]:
    return [(option.expiry, ratio) for option, ratio in _options(combo, right) if ratio > 0]


def _shorts(combo: Combo, right: Right) -> list[tuple[OptionContract, int]]:
    # The latest first: what covers it covers every earlier one as well, so nothing is wasted.
    short = [(option, -ratio) for option, ratio in _options(combo, right) if ratio < 0]
    return sorted(short, key=lambda item: item[0].expiry, reverse=True)


def _options(combo: Combo, right: Right) -> list[tuple[OptionContract, int]]:
    return [
        (leg.contract, leg.ratio)
        for leg in combo.legs
        if isinstance(leg.contract, OptionContract) and leg.contract.right is right
    ]


def assignment_notional(combo: Combo, quantity: int) -> Money:
    """Cash that assignment of every uncovered short leg would move."""
    total = Money(Decimal(0), combo.currency)
    for short in uncovered_shorts(combo):
        total += short.assignment(quantity)
    return total
