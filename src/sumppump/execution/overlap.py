"""What a new order does to contracts that are held already, said on its ticket before a person decides. Pure.

A broker keeps one position a contract: an order that trades the other way closes what is held, and the exits
of that go with it (decisions 10 and 30).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sumppump.domain.account import Position
from sumppump.domain.journal import Book
from sumppump.domain.leg_ends import LegEnd, LegFate
from sumppump.domain.orders import Order, Purpose
from sumppump.execution.closing_words import exit_name
from sumppump.execution.comparison import exits_beyond
from sumppump.execution.departures import Loss
from sumppump.execution.netting import Netting, loss_of, netting
from sumppump.execution.stakes import Stake, counted, needed, stakes


def overlap_notes(book: Book, order: Order, positions: Sequence[Position]) -> tuple[str, ...]:
    """Sentences about contracts that an opening order closes or offsets; () where it touches none.

    Held ones, and those that other opening orders would bring when they fill.
    """
    found = stakes(book)
    new = Stake(strategy_id=order.order_ref, title="this order", combo=order.combo, held=order.quantity)
    before, after = netting(found), netting([*found, new])
    closed = [s for s in found if after.lost[s.strategy_id] > before.lost[s.strategy_id]]
    return (
        *(_closes(book, loss_of(stake, after), stake) for stake in closed),
        *_what_stays(new, after),
        *_offsets(new, after, closed),
        *_of_others(new, counted(positions), needed(found)),
        *_of_orders(book, new),
    )


def overlap_changes(before: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """What notes say now and did not say on the ticket, or said and is not so any more; () where nothing."""
    return (
        *(f"new since the ticket: {note.removesuffix('.')}" for note in now if note not in before),
        *(f"no longer so: {note.removesuffix('.')}" for note in before if note not in now),
    )


def _closes(book: Book, loss: Loss, stake: Stake) -> str:
    ends = [end for end in loss.legs if end.fate is LegFate.OFFSET]
    exits = [f"order {record.order_id} ({exit_name(record.order)})" for record in exits_beyond(book, loss)]
    orphans = f" and orphans its exits: {', '.join(exits)} cancelled as the position goes" if exits else ""
    left = [end for end in loss.legs if end.fate is LegFate.KEPT]
    alone = f"; {_list(left)} of it is then held alone" if left else ""
    return f"This order closes your held {_list(ends)} ({stake.title}){orphans}{alone}."


def _what_stays(new: Stake, after: Netting) -> Iterator[str]:
    if not after.lost[new.strategy_id]:
        return
    left = [end for end in loss_of(new, after).legs if end.fate is LegFate.KEPT]
    held = f"{_list(left)} alone" if left else "nothing"
    yield f"Of this order {held} is held afterwards: its figures, and its exits, are for all legs."


def _offsets(new: Stake, after: Netting, closed: Sequence[Stake]) -> Iterator[str]:
    """Trades that go on although a contract of theirs is nothing in the account any more."""
    others = (pair.older for pair in after.pairs if pair.newer is new)
    for title in dict.fromkeys(stake.title for stake in others if stake not in closed):
        yield f"In the account this order offsets legs of {title}; both trades go on with their own exits."


def _of_others(new: Stake, account: Counter[int], ours: Counter[int]) -> Iterator[str]:
    for leg in new.combo.legs:
        held = account[leg.contract.con_id] - ours[leg.contract.con_id]
        if held * leg.ratio < 0:
            count = min(abs(held), abs(new.of(leg)))
            words = f"{count if held > 0 else -count:+d} {leg.contract.label}"
            yield f"This order closes {words}, opened by other hands."


def _of_orders(book: Book, new: Stake) -> Iterator[str]:
    """Opening orders that still work and would bring what this one trades the other way."""
    for record in book.working():
        left = record.order.quantity - int(record.filled)
        if record.order.purpose is not Purpose.OPEN or record.ref == new.strategy_id or left < 1:
            continue
        brings = {leg.contract.con_id: leg.ratio * left for leg in record.order.combo.legs}
        taken = [leg for leg in new.combo.legs if brings.get(leg.contract.con_id, 0) * leg.ratio < 0]
        if taken:
            words = ", ".join(f"{brings[leg.contract.con_id]:+d} {leg.contract.label}" for leg in taken)
            title = book.trades[record.strategy_id].title
            named = f"Order {record.order_id} ({title}) still works and would open {words}"
            yield f"{named}: each of the two closes what the other has filled there."


def _list(ends: Sequence[LegEnd]) -> str:
    return ", ".join(f"{end.quantity:+d} {end.label}" for end in ends)
