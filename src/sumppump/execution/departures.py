"""What has left a trade by a door other than its own orders, as one kind of value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sumppump.domain.leg_ends import LegEnd

BY_OTHER_HANDS = (
    "no longer in the account: closed by other hands, exercised or assigned; look at what is held now"
)


@dataclass(frozen=True, slots=True)
class Loss:
    """A trade of which `held` combos are left, fewer than its orders say.

    Attributes:
        is_broken: some of its legs are still there without the others, so it is not over.
        evidence: what happened, a sentence without its full stop.
        is_proven: executions say so as well as this reading, so that no second one is needed.
        at: the exchange's time of it, None where nobody told. legs: what became of the combos that left.
    """

    strategy_id: str
    held: int
    is_broken: bool = False
    evidence: str = BY_OTHER_HANDS
    is_proven: bool = False
    at: datetime | None = None
    legs: tuple[LegEnd, ...] = ()
