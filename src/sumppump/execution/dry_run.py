"""What would happen to an order that opens a draft, as far as asking can tell. Nothing is written or sent."""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.domain.account import AccountFigures
from sumppump.domain.orders import MarginPreview, Order
from sumppump.execution.survey import PREVIEW_CONTROL
from sumppump.kernel.errors import Breach


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """A judgement on quotes taken for it, at the default limit that they give.

    Attributes:
        order: as it would be staged.
        breaches: what would refuse it, or needs a person's attention.
        margin: the broker's what-if, None where it gave none. figures: of the account, likewise.
    """

    order: Order
    breaches: tuple[Breach, ...]
    margin: MarginPreview | None
    figures: AccountFigures | None

    @property
    def refusals(self) -> tuple[Breach, ...]:
        """Broken limits that nobody can approve away."""
        return tuple(each for each in self.breaches if each.hard and not _is_unknown(each))

    @property
    def objections(self) -> tuple[str, ...]:
        """Why staging would refuse it, in sentences; () where nothing would, or a preview comes of it."""
        every = (*self.refusals, *self.unknowns)
        return tuple(f"{each.control}: {each.message}" for each in every if each.control != PREVIEW_CONTROL)

    @property
    def unknowns(self) -> tuple[Breach, ...]:
        """Figures that a limit needs and that nobody could give; staging would refuse these, too."""
        return tuple(each for each in self.breaches if each.hard and _is_unknown(each))


def _is_unknown(breach: Breach) -> bool:
    return "_missing_" in breach.code
