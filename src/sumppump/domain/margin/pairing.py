"""Which position covers which: ways to pair a group's options and shares, without any price.

The rules allow more than one way, and the account may be margined by the cheapest. All ways that a few orders
of preference lead to are offered; `regt` takes the one that needs least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.margin.lots import Group, Lot


@dataclass(frozen=True, slots=True)
class Spread:
    """Written options and as many held ones of their right that expire no earlier."""

    short: OptionContract
    long: OptionContract
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Shares that are margined together.

    Attributes:
        shares: signed, never 0.
        written: the option that they cover. guard: the held option that protects them.
    """

    shares: int
    written: OptionContract | None = None
    guard: OptionContract | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """One way to see a group: every share and every written option is in it once."""

    blocks: tuple[Block, ...] = ()
    spreads: tuple[Spread, ...] = ()
    uncovered: tuple[Lot, ...] = ()

    def without(self, spread: Spread) -> Pairing:
        """The same, but that this spread's written options stand uncovered."""
        return replace(
            self,
            spreads=tuple(each for each in self.spreads if each is not spread),
            uncovered=(*self.uncovered, Lot(spread.short, spread.count)),
        )


@dataclass(frozen=True, slots=True)
class _Preference:
    """What comes first where not everything can be covered.

    Attributes:
        shares_first: shares cover before held options do.
        guards_first: held options protect shares before they cover written ones.
        near_first: options nearer to (or deeper in) the money are covered before those farther out.
    """

    shares_first: bool
    guards_first: bool
    near_first: bool


def pairings(group: Group) -> tuple[Pairing, ...]:
    """Ways to pair a group, each once; at least one."""
    preferences = (_Preference(*each) for each in product((True, False), repeat=3))
    return tuple(dict.fromkeys(_Desk.of(group).paired(each) for each in preferences))


@dataclass(slots=True)
class _Desk:
    """What is not yet paired while one way is being laid out."""

    group: Group
    longs: dict[OptionContract, int]
    shorts: dict[OptionContract, int]

    @classmethod
    def of(cls, group: Group) -> _Desk:
        return cls(group, _counted(group.longs), _counted(group.shorts))

    def paired(self, prefer: _Preference) -> Pairing:
        """One way through the group by this preference."""
        guards = self._guards() if prefer.guards_first else []
        written = self._written(prefer) if prefer.shares_first else []
        spreads = self._spreads(prefer)
        written = written or self._written(prefer)
        return Pairing(
            blocks=self._blocks(written, guards or self._guards()),
            spreads=tuple(spreads),
            uncovered=_lots(self.shorts),
        )

    @property
    def _share_lots(self) -> int:
        """Contracts that the shares can cover."""
        return abs(self.group.shares) // self.group.multiplier

    def _written(self, prefer: _Preference) -> list[Lot]:
        """Written options that shares cover: calls by long shares, puts by short ones."""
        right = Right.CALL if self.group.shares > 0 else Right.PUT
        return _taken(self.shorts, _by_nearness(self.shorts, right, prefer.near_first), self._share_lots)

    def _guards(self) -> list[Lot]:
        """Held options that protect shares: puts protect long ones, calls short ones; the strongest first."""
        right = Right.PUT if self.group.shares > 0 else Right.CALL
        return _taken(self.longs, _by_nearness(self.longs, right, near_first=True), self._share_lots)

    def _spreads(self, prefer: _Preference) -> list[Spread]:
        # What expires last has the fewest options that can cover it, so it chooses first.
        shorts = [each for right in Right for each in _by_nearness(self.shorts, right, prefer.near_first)]
        found = []
        for short in sorted(shorts, key=lambda option: option.last_trade, reverse=True):
            for lot in _taken(self.longs, _covering(self.longs, short), self.shorts[short]):
                self.shorts[short] -= lot.count
                found.append(Spread(short, lot.contract, lot.count))
        return found

    def _blocks(self, written: Sequence[Lot], guards: Sequence[Lot]) -> tuple[Block, ...]:
        """Lots of shares with what they cover and what protects them; then the odd shares."""
        size = self.group.multiplier if self.group.shares > 0 else -self.group.multiplier
        sold, bought = list(written), list(guards)
        blocks = []
        while sold or bought:
            count = min(lot.count for lot in (*sold[:1], *bought[:1]))
            block = Block(
                shares=count * size,
                written=sold[0].contract if sold else None,
                guard=bought[0].contract if bought else None,
            )
            blocks.append(block)
            sold, bought = less(sold, count), less(bought, count)
        odd = self.group.shares - sum(block.shares for block in blocks)
        return (*blocks, Block(shares=odd)) if odd else tuple(blocks)


def _counted(lots: Sequence[Lot]) -> dict[OptionContract, int]:
    return {lot.contract: lot.count for lot in lots}


def _lots(counts: dict[OptionContract, int]) -> tuple[Lot, ...]:
    return tuple(Lot(contract, count) for contract, count in counts.items() if count)


def less(lots: list[Lot], count: int) -> list[Lot]:
    """The lots without `count` contracts of the first one."""
    if not lots or lots[0].count == count:
        return lots[1:]
    return [replace(lots[0], count=lots[0].count - count), *lots[1:]]


def _taken(counts: dict[OptionContract, int], order: Sequence[OptionContract], wanted: int) -> list[Lot]:
    """Takes up to `wanted` contracts out of `counts`, in this order."""
    taken = []
    for option in order:
        count = min(wanted, counts[option])
        if count > 0:
            counts[option] -= count
            wanted -= count
            taken.append(Lot(option, count))
    return taken


def _by_nearness(counts: dict[OptionContract, int], right: Right, near_first: bool) -> list[OptionContract]:
    """Options of one right; near (or deep) are low strikes of calls and high strikes of puts."""
    sign = 1 if (right is Right.CALL) == near_first else -1
    return sorted((each for each in counts if each.right is right), key=lambda each: sign * each.strike)


def _covering(longs: dict[OptionContract, int], short: OptionContract) -> list[OptionContract]:
    """Held options of its right that do not expire before it; its own expiry and the best first."""
    strongest = _by_nearness(longs, short.right, near_first=True)
    able = (option for option in strongest if option.last_trade >= short.last_trade)
    return sorted(able, key=lambda option: option.last_trade)
