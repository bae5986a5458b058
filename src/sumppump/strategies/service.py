"""Builds strategies from listed contracts and fresh quotes."""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.domain.combo import Combo
from sumppump.domain.instruments import Underlying
from sumppump.kernel.clock import Clock
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.strategies.drafts import Analysis, Draft, DraftBook
from sumppump.strategies.request import StrategyRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyService:
    """Drafts strategies; sends nothing.

    Attributes:
        rate: risk-free rate per year for every modelled figure.
        dividend_yield: per year, likewise.
    """

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    drafts: DraftBook
    rate: float = 0.04
    dividend_yield: float = 0.0

    async def build(self, request: StrategyRequest) -> Draft:
        """A draft of the requested strategy, kept in `drafts`.

        Raises:
            UnknownContract: the expiry or a strike is not listed; the nearest ones are named.
            AmbiguousContract: several classes are listed there.
            InvalidRequest: an argument cannot be met.
            NoQuote: a leg has no two-sided market.
            GatewayUnavailable: no connection.
        """
        raise NotImplementedError

    async def refresh(self, draft: Draft) -> Draft:
        """The same draft on quotes taken now; same id, same life, not kept."""
        raise NotImplementedError

    async def analyse(
        self, combo: Combo, *, quantity: int, underlying: Underlying, premium: Premium | None = None
    ) -> Analysis:
        """Any combo, at `premium` or at its net mid, on quotes taken now."""
        raise NotImplementedError
