"""What would happen to an order that opens a draft, as far as asking can tell. Nothing is written or sent."""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.domain.account import AccountFigures
from sumppump.domain.orders import MarginPreview, Order, OrderType
from sumppump.execution.desk import TradingDesk
from sumppump.execution.survey import Bounds, Surveyor
from sumppump.kernel.errors import Breach
from sumppump.strategies.drafts import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """A judgement on the draft's own quotes, at its default limit.

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
        """Why staging would refuse it, in sentences; () where nothing would."""
        return tuple(f"{each.control}: {each.message}" for each in (*self.refusals, *self.unknowns))

    @property
    def unknowns(self) -> tuple[Breach, ...]:
        """Figures that a limit needs and that nobody could give; staging would refuse these, too."""
        return tuple(each for each in self.breaches if each.hard and _is_unknown(each))


async def dry_run(desk: TradingDesk, surveyor: Surveyor, draft: Draft) -> DryRun:
    """Ask the broker's what-if, read the account, judge by every limit.

    Raises:
        GatewayUnavailable, BrokerRejected, UnknownContract: a figure cannot be had.
    """
    limit = draft.limit_price
    analysis = desk.strategies.at_premium(draft, limit)
    order = Order(
        combo=draft.combo,
        quantity=draft.quantity,
        order_type=OrderType.LMT,
        limit=limit,
        account=desk.broker.link().account,
        environment=desk.environment,
        order_ref=desk.engine.ledger.new_ref(),
    )
    survey = await surveyor.take(order, quotes=draft.quotes)
    bounds = Bounds(max_loss=analysis.max_loss, permission_level=analysis.permission_level)
    return DryRun(
        order=order,
        breaches=surveyor.breaches(order, survey, bounds),
        margin=survey.margin,
        figures=survey.figures,
    )


def _is_unknown(breach: Breach) -> bool:
    return "_missing_" in breach.code
