"""What the policy would refuse of one combo whatever the quotes, known before anything is built."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Limits in cash, as they stand now; the policy itself has the last word on every draft.

    Attributes:
        shares: what shares may cost. premium: what options may cost or bring, net.
        loss: the largest loss beyond the shares' own worth.
        assignment: what taking shares for uncovered options may cost; None where none may be sold.
    """

    shares: float
    premium: float
    loss: float
    assignment: float | None
