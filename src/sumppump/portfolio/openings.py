"""What our own orders opened as one and still hold, by the journal. Pure.

A trade that closes legs of an earlier one takes its place: the two together hold what is left of both, and
the position that a roll made keeps the history of the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import gcd

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument
from sumppump.domain.journal import Book
from sumppump.strategies.recognise import Together


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Trades that hold something together: mostly one, several after a roll.

    Attributes:
        account: the full account id.
        trades: strategy_ids, oldest first.
        opened_at: when the first of them was sent, exchange time.
        counts: contracts or shares by con_id, signed, none of them 0.
    """

    account: str
    trades: tuple[str, ...]
    opened_at: datetime
    counts: Mapping[int, int]
    contracts: Mapping[int, Instrument]

    @property
    def together(self) -> Together:
        """The same as recognition takes it."""
        quantity = gcd(*self.counts.values())
        legs = [
            Leg(contract=self.contracts[con_id], ratio=count // quantity)
            for con_id, count in self.counts.items()
        ]
        return Together(account=self.account, combo=Combo(tuple(legs)), quantity=quantity)


def openings(book: Book) -> tuple[Opening, ...]:
    """Everything that trades of ours hold, oldest first; what others opened is in none of it."""
    found: list[Opening] = []
    for each in _held(book):
        rolled = [before for before in found if _offsets(before, each)]
        found = [before for before in found if before not in rolled]
        found.append(_joined([*rolled, each]))
    return tuple(each for each in found if each.counts)


def trades_behind(combo: Combo, opened: Iterable[Opening]) -> tuple[Opening, ...]:
    """The openings that legs of a held combo come from."""
    return tuple(
        each
        for each in opened
        if any(each.counts.get(leg.contract.con_id, 0) * leg.ratio > 0 for leg in combo.legs)
    )


def _held(book: Book) -> Iterable[Opening]:
    for trade in book.trades.values():
        entry, quantity = book.entry(trade.strategy_id), book.held(trade.strategy_id)
        if entry is not None and quantity > 0:
            legs = entry.order.combo.legs
            yield Opening(
                account=entry.order.account,
                trades=(trade.strategy_id,),
                opened_at=entry.sent_at,
                counts={leg.contract.con_id: leg.ratio * quantity for leg in legs},
                contracts={leg.contract.con_id: leg.contract for leg in legs},
            )


def _offsets(before: Opening, after: Opening) -> bool:
    return before.account == after.account and any(
        before.counts.get(con_id, 0) * count < 0 for con_id, count in after.counts.items()
    )


def _joined(parts: Sequence[Opening]) -> Opening:
    counts: Counter[int] = Counter()
    for each in parts:
        counts.update(each.counts)
    return Opening(
        account=parts[0].account,
        trades=tuple(trade for each in parts for trade in each.trades),
        opened_at=min(each.opened_at for each in parts),
        counts={con_id: count for con_id, count in counts.items() if count},
        contracts={con_id: each for part in parts for con_id, each in part.contracts.items()},
    )
