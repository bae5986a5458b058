"""The services that look for trades and at one trade, joined to what they look with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sumppump.execution.dry_run import DryRun
from sumppump.execution.opportunity import OpportunityService
from sumppump.kernel.clock import Clock
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.server.desk import MarketDesk
from sumppump.strategies.drafts import Draft
from sumppump.strategies.ideas.room import Room
from sumppump.strategies.ideas.service import IdeaService
from sumppump.strategies.ideas.watching import Watcher
from sumppump.strategies.service import StrategyService


def idea_service(
    *,
    directory: ContractDirectory,
    market: MarketData,
    clock: Clock,
    looks: MarketDesk,
    strategies: StrategyService,
    objections: Callable[[Sequence[Draft]], Awaitable[Sequence[tuple[str, ...]]]],
    room: Callable[[], Awaitable[Room | None]],
) -> IdeaService:
    """Ideas on the market's quotes; the past comes from the shelf that the volatility tools use."""
    watcher = Watcher(
        directory=directory,
        market=market,
        shelf=looks.volatility.shelf,
        clock=clock,
        announced=strategies.dividends,
    )
    return IdeaService(watcher=watcher, strategies=strategies, objections=objections, room=room)


def opportunity_service(
    *,
    looks: MarketDesk,
    strategies: StrategyService,
    rehearse: Callable[[Sequence[Draft]], Awaitable[Sequence[DryRun]]],
    options_level: int,
) -> OpportunityService:
    """One trade from five sides."""
    return OpportunityService(
        news=looks.news,
        volatility=looks.volatility,
        strategies=strategies,
        rehearse=rehearse,
        options_level=options_level,
    )
