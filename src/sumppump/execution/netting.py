"""Contracts that two trades hold the opposite way: in the account they are nothing. Pure.

A broker keeps one position a contract, so that an order which sells what another trade is long closes it,
first in, first out. Where that leaves a trade without any leg its position is gone, whatever its own orders
say, and its exits have nothing to close (decision 10). Where only some of its legs are offset, both trades go
on: together they are what the account holds, and each exit still undoes its own trade.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sumppump.domain.combo import Leg
from sumppump.domain.leg_ends import LegEnd, LegFate, kept_words
from sumppump.execution.departures import Loss
from sumppump.execution.stakes import Stake, needed


@dataclass(frozen=True, slots=True)
class Pair:
    """Contracts of one con_id that a newer trade took from an older one; quantity > 0."""

    con_id: int
    older: Stake
    newer: Stake
    quantity: int

    def joins(self, stake: Stake) -> bool:
        """Whether a trade is on one of the two sides."""
        return stake is self.older or stake is self.newer

    def other(self, stake: Stake) -> Stake:
        """The trade on the other side."""
        return self.newer if stake is self.older else self.older


@dataclass(slots=True)
class _Lot:
    """Contracts of a trade, signed, that nothing has offset yet."""

    stake: Stake
    left: int


@dataclass(frozen=True, slots=True)
class Netting:
    """Trades that the account does not hold any more because others hold the opposite.

    Attributes:
        pairs: every contract that is offset; ending: the part of them that ended a trade.
        lost: combos by strategy_id that are no more, of trades without a leg left and of their other sides.
    """

    pairs: tuple[Pair, ...]
    ending: tuple[Pair, ...]
    lost: Counter[str]


def netting(found: Sequence[Stake]) -> Netting:
    """What offsets what among trades, the oldest first, and which trades end by it.

    A trade without any leg left ends; so does every trade that lost a leg to such an end, and what those had
    offset goes with them.
    """
    pairs = tuple(_pairs(found))
    lost = Counter({stake.strategy_id: _gone(stake, pairs) for stake in found})
    while True:
        ending = _ending(found, pairs, lost)
        grown = Counter({s.strategy_id: max(lost[s.strategy_id], _torn(s, ending)) for s in found})
        if grown == lost:
            return Netting(pairs, ending, lost)
        lost = grown


def netted(found: Sequence[Stake], account: Counter[int], exits: Sequence[Stake] = ()) -> tuple[Loss, ...]:
    """The trades that netting has ended, wholly or in part, as far as the account agrees with the trades.

    Args:
        found: trades, the oldest first.
        account: contracts by con_id, signed.
        exits: what was closed of positions that are several trades together (`stakes.adopted_exits`).
    """
    gone = {loss.strategy_id: loss for loss in _netted(found, account)}
    own = {stake.strategy_id for stake in found}
    for loss in _netted([*found, *exits], account) if exits else ():
        if loss.strategy_id in own:
            gone[loss.strategy_id] = loss
    return tuple(gone.values())


def _netted(found: Sequence[Stake], account: Counter[int]) -> tuple[Loss, ...]:
    total = needed(found)
    shared = {pair.con_id for pair in _pairs(found)}
    doubtful = {con_id for con_id in shared if account[con_id] != total[con_id]}
    certain = [s for s in found if not doubtful & {leg.contract.con_id for leg in s.combo.legs}]
    net = netting(certain)
    return tuple(loss_of(stake, net) for stake in certain if net.lost[stake.strategy_id])


def _pairs(found: Sequence[Stake]) -> Iterator[Pair]:
    lots: dict[int, list[_Lot]] = defaultdict(list)
    for stake in found:
        for leg in stake.combo.legs:
            yield from _match(lots[leg.contract.con_id], stake, leg)


def _match(lots: list[_Lot], stake: Stake, leg: Leg) -> Iterator[Pair]:
    """Offset a leg against what older trades hold the other way, the oldest first; the rest waits."""
    mine = _Lot(stake, stake.of(leg))
    for lot in lots:
        if lot.left * mine.left < 0:
            count = min(abs(lot.left), abs(mine.left))
            lot.left += count if mine.left > 0 else -count
            mine.left += count if mine.left < 0 else -count
            yield Pair(leg.contract.con_id, lot.stake, stake, count)
    lots.append(mine)


def _gone(stake: Stake, pairs: Sequence[Pair]) -> int:
    """Whole combos of a trade of which every leg is offset."""
    taken = _taken(stake, pairs)
    return min(taken[leg.contract.con_id] // abs(leg.ratio) for leg in stake.combo.legs)


def _torn(stake: Stake, ending: Sequence[Pair]) -> int:
    """Combos of a trade that lost a leg to the end of another, or are that end themselves."""
    taken = _taken(stake, ending)
    return max(-(-taken[leg.contract.con_id] // abs(leg.ratio)) for leg in stake.combo.legs)


def _taken(stake: Stake, pairs: Iterable[Pair]) -> Counter[int]:
    taken = Counter[int]()
    for pair in pairs:
        if pair.joins(stake):
            taken[pair.con_id] += pair.quantity
    return taken


def _ending(found: Sequence[Stake], pairs: Sequence[Pair], lost: Counter[str]) -> tuple[Pair, ...]:
    """The pairs, or parts of them, that went with combos that are no more: the larger claim of both sides."""
    claims = Counter[int]()
    for stake in found:
        for place, count in _claims(stake, lost[stake.strategy_id], pairs):
            claims[place] = max(claims[place], count)
    return tuple(replace(pairs[place], quantity=count) for place, count in sorted(claims.items()))


def _claims(stake: Stake, combos: int, pairs: Sequence[Pair]) -> Iterator[tuple[int, int]]:
    for leg in stake.combo.legs:
        due = combos * abs(leg.ratio)
        for place, pair in enumerate(pairs):
            if due and pair.con_id == leg.contract.con_id and pair.joins(stake):
                count = min(due, pair.quantity)
                due -= count
                yield place, count


def loss_of(stake: Stake, net: Netting) -> Loss:
    """What a trade loses by netting; only for one that is among `net.lost`."""
    lost = net.lost[stake.strategy_id]
    own = [pair for pair in net.ending if pair.joins(stake)]
    ends = tuple(end for leg in stake.combo.legs for end in _ends(stake, leg, lost, own))
    times = [at for pair in own if (at := pair.newer.filled_at) is not None]
    return Loss(
        stake.strategy_id,
        held=stake.held - lost,
        evidence=f"{_words(stake, own)}{kept_words(ends)}",
        is_proven=True,
        at=max(times, default=None),
        legs=ends,
    )


def _ends(stake: Stake, leg: Leg, lost: int, own: Sequence[Pair]) -> Iterator[LegEnd]:
    """What became of one leg of the combos that were lost: offset at the newer trade's price, or kept."""
    con_id, whole = leg.contract.con_id, abs(leg.ratio) * lost
    offset = min(whole, _taken(stake, own)[con_id])
    price = next((pair.newer.entered_at(con_id) for pair in own if pair.con_id == con_id), None)
    sign = 1 if leg.ratio > 0 else -1
    if offset:
        yield replace(stake.end(leg, LegFate.OFFSET, price), quantity=sign * offset)
    if whole > offset:
        end = stake.end(leg, LegFate.KEPT, stake.entered_at(con_id))
        yield replace(end, quantity=sign * (whole - offset))


def _words(stake: Stake, own: Sequence[Pair]) -> str:
    closed_by = dict.fromkeys(pair.newer.title for pair in own if pair.older is stake)
    closed = dict.fromkeys(pair.older.title for pair in own if pair.newer is stake)
    said = (
        f"closed by {' and '.join(closed_by)}, which trades the other way in the same contract",
        f"its order closed {' and '.join(closed)}, held the other way",
    )
    return "; ".join(words for words, names in zip(said, (closed_by, closed), strict=True) if names)
