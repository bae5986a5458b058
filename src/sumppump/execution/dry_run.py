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
    def unknowns(self) -> tuple[Breach, ...]:
        """Figures that a limit needs and that nobody could give; staging would refuse these, too."""
        return tuple(each for each in self.breaches if each.hard and _is_unknown(each))


async def dry_run(desk: TradingDesk, surveyor: Surveyor, draft: Draft) -> DryRun:
    """Quote again, as trade_execute would, ask the broker's what-if, read the account, judge by every limit.

    The draft's own quotes may have grown old beside slower steps, and old quotes are a refusal.

    Raises:
        NoQuote: a leg has no two-sided market now.
        GatewayUnavailable, BrokerRejected, UnknownContract: a figure cannot be had.
    """
    fresh = await desk.strategies.refresh(draft)
    limit = fresh.limit_price
    analysis = await desk.strategies.at_premium(fresh, limit)
    order = Order(
        combo=fresh.combo,
        quantity=fresh.quantity,
        order_type=OrderType.LMT,
        limit=limit,
        account=desk.broker.link().account,
        environment=desk.environment,
        order_ref=desk.engine.ledger.new_ref(),
    )
    survey = await surveyor.take(order, quotes=fresh.quotes)
    bounds = Bounds(max_loss=analysis.max_loss, permission_level=analysis.permission_level)
    return DryRun(
        order=order,
        breaches=surveyor.breaches(order, survey, bounds),
        margin=survey.margin,
        figures=survey.figures,
    )


def _is_unknown(breach: Breach) -> bool:
    return "_missing_" in breach.code
