"""Books what has left a trade by another door, and calls off the exits that guarded it (decisions 10 and 30).

What executions prove is booked on one complete reading; what the account alone shows needs two, some time
apart. No ticket is asked for a cancel here: an exit without its position is new risk that nobody approved.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from loguru import logger

from sumppump.domain import events as ev
from sumppump.domain.account import Position
from sumppump.domain.order_record import OrderRecord, Pending
from sumppump.domain.orders import Fill
from sumppump.execution.comparison import differences, exits_beyond, leftovers, losses, outlived
from sumppump.execution.departures import Loss
from sumppump.execution.expiry import shares_before
from sumppump.execution.gates import Gates
from sumppump.execution.ledger import Ledger
from sumppump.execution.settings import ExecutionSettings
from sumppump.execution.stakes import counted, stakes
from sumppump.kernel.errors import SumpPumpError

_WHY = "what it guards is no longer held"


class Leavers:
    """Keeps since when each loss and each exit without a trade has been seen; all else is in the journal."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        gates: Gates,
        settings: ExecutionSettings,
        recancel: Callable[[Sequence[OrderRecord], str], None],
        look: Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._gates = gates
        self._settings = settings
        self._recancel = recancel
        self._look = look
        self._losses: tuple[Loss, ...] = ()
        self._confirmed: tuple[Loss, ...] = ()
        self._shares: dict[int, int] = {}
        self._since: dict[str, float] = {}
        self._executions = -1
        self._settled: frozenset[int] = frozenset()
        self._waited_for: dict[int, datetime] = {}
        self._seq = -1

    def follow_expiry(self) -> None:
        """Look at the account when an option of ours reaches its settlement by the exchange's clock."""
        if self._ledger.book.seq != self._seq:  # the journal changes far less often than the heart beats
            self._seq = self._ledger.book.seq
            held = (option for stake in stakes(self._ledger.book) for option in stake.combo.options)
            self._waited_for = {option.con_id: option.settles for option in held}
        now = self._ledger.clock.now()
        over = frozenset(con_id for con_id, settles in self._waited_for.items() if settles <= now)
        if over - self._settled:
            self._look("an option has reached its settlement")
        self._settled = over

    def compare(self, positions: Sequence[Position], fills: Sequence[Fill]) -> None:
        """Take in a reading of a book that stood still meanwhile, and the clearing house's executions."""
        book = self._ledger.book
        self._losses = losses(book, positions, fills, self._ledger.clock.now(), self._shares)
        self._shares.update(shares_before(stakes(book), counted(positions), fills))
        self._executions = book.executions
        orphans = outlived(book)
        self._remember([*(_key(loss) for loss in self._losses), *(record.ref for record in orphans)])
        told = frozenset(loss.strategy_id for loss in self._losses if loss.legs)
        self._confirmed = tuple(loss for loss in self._losses if loss.is_proven or self._is_old(_key(loss)))
        for loss in self._confirmed:
            self._book(loss)
        self._call_off([record for record in orphans if self._is_old(record.ref)])
        self._gates.endangered, self._gates.missing = differences(book, positions, told=told)
        self._gates.left_over = leftovers(book, positions)
        for sentence in (*self._gates.endangered, *self._gates.missing):
            logger.warning("{}", sentence)

    def orphans(self) -> frozenset[str]:
        """Working exits whose position is gone for certain; none where executions have come since."""
        book = self._ledger.book
        if self._executions != book.executions:
            return frozenset()
        gone = (loss for loss in self._confirmed if not loss.held and not loss.is_broken)
        beyond = [record for loss in gone for record in exits_beyond(book, loss)]
        return frozenset(record.ref for record in (*beyond, *outlived(book)))

    def in_doubt(self) -> tuple[tuple[OrderRecord, Loss], ...]:
        """Working exits that are larger than what one reading showed, which no second one has confirmed."""
        book = self._ledger.book
        if self._executions != book.executions:
            return ()
        open_ones = (loss for loss in self._losses if loss not in self._confirmed)
        return tuple((record, loss) for loss in open_ones for record in exits_beyond(book, loss))

    def _remember(self, seen: Iterable[str]) -> None:
        """Note since when each has been seen, and look again at what is new."""
        now = self._ledger.clock.monotonic()
        self._since = {each: self._since.get(each, now) for each in seen}
        if not all(self._is_old(each) for each in self._since):
            asyncio.get_running_loop().call_later(
                self._settings.loss_confirm_s, self._look, "a position has left by another door"
            )

    def _is_old(self, seen: str) -> bool:
        return self._ledger.clock.monotonic() - self._since[seen] >= self._settings.loss_confirm_s

    def _book(self, loss: Loss) -> None:
        if not loss.is_broken:  # a lone leg is no end: the alarm stays until it is gone too
            self._ledger.note(
                ev.LeftElsewhere(
                    strategy_id=loss.strategy_id,
                    held=loss.held,
                    evidence=loss.evidence,
                    at=loss.at or self._ledger.clock.now(),
                    legs=loss.legs,
                )
            )
        self._call_off(exits_beyond(self._ledger.book, loss))

    def _call_off(self, records: Sequence[OrderRecord]) -> None:
        beyond = [record for record in records if record.pending is not Pending.CANCEL]
        with contextlib.suppress(SumpPumpError):  # no connection: the next reconcile finds it again
            self._recancel(beyond, _WHY)


def _key(loss: Loss) -> str:
    # How a loss is explained may become clearer from one reading to the next: it is the same loss.
    return f"{loss.strategy_id} {loss.held}"
