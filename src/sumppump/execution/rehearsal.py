"""What would refuse several drafts if each were staged now: one look at quotes and account, a what-if each.

The quotes are taken again, as staging does it: a draft may have waited for others since it was built.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sumppump.domain.orders import MarginPreview, Order, OrderType
from sumppump.domain.quotes import Quote
from sumppump.execution.desk import TradingDesk
from sumppump.execution.dry_run import DryRun
from sumppump.execution.survey import Bounds, Survey, Surveyor
from sumppump.kernel.errors import NoQuote, SumpPumpError
from sumppump.kernel.money import Premium
from sumppump.ports.market import Need
from sumppump.strategies.drafts import Draft
from sumppump.strategies.ideas.room import Room


async def rehearse(desk: TradingDesk, surveyor: Surveyor, drafts: Sequence[Draft]) -> tuple[DryRun, ...]:
    """A judgement on each draft at its default limit; a what-if that fails leaves its margin unknown.

    Raises:
        GatewayUnavailable, BrokerRejected: the account's figures cannot be had.
    """
    if not drafts:
        return ()
    quotes, positions, figures = await asyncio.gather(
        _quotes(desk, drafts), desk.accounts.positions(), desk.accounts.figures()
    )
    orders = [_opening(desk, draft, quotes) for draft in drafts]
    margins = await asyncio.gather(*(_margin(desk, order) for order in orders))
    found = []
    for draft, order, margin in zip(drafts, orders, margins, strict=True):
        survey = Survey(
            underlying=draft.underlying,
            quotes=quotes,
            positions=tuple(positions),
            figures=figures,
            margin=margin,
        )
        analysis = await desk.strategies.at_premium(draft, order.limit or draft.limit_price)
        bounds = Bounds(max_loss=analysis.max_loss, permission_level=analysis.permission_level)
        breaches = surveyor.breaches(order, survey, bounds)
        found.append(DryRun(order=order, breaches=breaches, margin=margin, figures=figures))
    return tuple(found)


def _opening(desk: TradingDesk, draft: Draft, quotes: Mapping[int, Quote]) -> Order:
    return Order(
        combo=draft.combo,
        quantity=draft.quantity,
        order_type=OrderType.LMT,
        limit=_limit(draft, quotes),
        account=desk.broker.link().account,
        environment=desk.environment,
        order_ref=desk.engine.ledger.new_ref(),
    )


async def room_of(desk: TradingDesk) -> Room | None:
    """The limits on size in cash, by the account's figures now; None where net liquidation is not told.

    Raises:
        GatewayUnavailable: the account's figures cannot be had.
    """
    limits, figures = desk.policy.limits, await desk.accounts.figures()
    if figures.nlv is None:
        return None
    percent = float(figures.nlv.amount) / 100.0
    return Room(
        shares=float(limits.max_stock_pct) * percent,
        premium=max(float(limits.max_premium), float(limits.max_premium_pct) * percent),
        loss=float(limits.max_loss_pct) * percent,
        assignment=float(limits.max_assignment_pct) * percent if limits.allow_naked_short else None,
    )


def _limit(draft: Draft, quotes: Mapping[int, Quote]) -> Premium:
    """The default limit on these quotes; the draft's where a leg has lost its market, which a limit minds."""
    try:
        return replace(draft, net_mid=draft.combo.net_mid(quotes)).limit_price
    except NoQuote:
        return draft.limit_price


async def _quotes(desk: TradingDesk, drafts: Sequence[Draft]) -> dict[int, Quote]:
    legs = {leg.contract.con_id: leg.contract for draft in drafts for leg in draft.combo.legs}
    legs |= {draft.underlying.con_id: draft.underlying for draft in drafts}
    taken = await desk.market.quotes(list(legs.values()), need=Need.ORDERS)
    return {quote.instrument.con_id: quote for quote in taken}


async def _margin(desk: TradingDesk, order: Order) -> MarginPreview | None:
    try:
        return await desk.broker.preview(order, timeout_s=desk.settings.preview_timeout_s)
    except SumpPumpError:
        return None
