"""One trade looked at from five sides before anybody stages it: news, volatility, chain, strategy, risk.

Each step passes, fails or is unknown, with its figures, its threshold and one sentence; unknown is never a
pass. Steps run side by side where they can, and one that cannot look does not stop the others. Read-only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sumppump.data.news import NewsService
from sumppump.data.volatility import VolatilityService
from sumppump.execution.dry_run import DryRun
from sumppump.execution.verdicts import (
    Step,
    Verdict,
    chain_step,
    news_step,
    risk_step,
    skipped,
    strategy_step,
    unknown,
    volatility_step,
)
from sumppump.kernel.errors import NoQuote, SumpPumpError
from sumppump.strategies.drafts import Draft
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService

Subject = TypeVar("Subject")
Drafted = tuple[Draft | None, Step]
HEADLINES = 10
NOT_FULL = "run_full_analysis=false leaves it out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """The steps in their order, and the draft where one could be built."""

    request: StrategyRequest
    steps: tuple[Step, ...]
    draft: Draft | None

    @property
    def verdict(self) -> Verdict:
        """Fail where a step fails, else unknown where one is, else pass; skipped steps do not count."""
        found = {step.verdict for step in self.steps}
        return next((each for each in (Verdict.FAIL, Verdict.UNKNOWN) if each in found), Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityService:
    """Runs the steps.

    Attributes:
        rehearse: judges drafts as orders; see `execution.rehearsal`.
        options_level: IBKR's level that a person has set.
    """

    news: NewsService
    volatility: VolatilityService
    strategies: StrategyService
    rehearse: Callable[[Sequence[Draft]], Awaitable[Sequence[DryRun]]]
    options_level: int

    async def analyse(self, request: StrategyRequest, *, is_full: bool = True) -> Opportunity:
        """All steps for one strategy.

        Raises:
            InvalidRequest, UnknownContract, AmbiguousContract: the request cannot be built; it is the
                caller's to correct, so no step is run for it.
        """
        drafting = asyncio.ensure_future(self._draft(request))
        (draft, lacking), news, volatility = await asyncio.gather(
            drafting,
            self._guarded("news", is_full, self._news, request),
            self._guarded("volatility", is_full, lambda asked: self._volatility(asked, drafting), request),
        )
        if draft is None:
            rest = tuple(unknown(name, "there is no draft to look at") for name in ("strategy", "risk"))
            return Opportunity(request=request, steps=(news, volatility, lacking, *rest), draft=None)
        risk = await self._guarded("risk", True, self._risk, draft)
        steps = (news, volatility, chain_step(draft), strategy_step(draft, self.options_level), risk)
        return Opportunity(request=request, steps=steps, draft=draft)

    async def _draft(self, request: StrategyRequest) -> Drafted:
        """The draft, or the chain's step that says why its legs have no market."""
        try:
            return await self.strategies.build(request), skipped("chain", "")
        except NoQuote as error:
            return None, Step(
                name="chain",
                verdict=Verdict.FAIL,
                threshold="a two-sided market in every leg",
                sentence=f"{error.message}.",
            )

    async def _news(self, request: StrategyRequest) -> Step:
        return news_step(await self.news.about(request.symbol, count=HEADLINES))

    async def _volatility(self, request: StrategyRequest, drafting: Awaitable[Drafted]) -> Step:
        reading = await self.volatility.analysis(request.symbol)
        draft, _ = await drafting
        return volatility_step(reading, request.shape, draft)

    async def _risk(self, draft: Draft) -> Step:
        (run,) = await self.rehearse((draft,))
        return risk_step(run)

    async def _guarded(
        self, name: str, is_wanted: bool, step: Callable[[Subject], Awaitable[Step]], subject: Subject
    ) -> Step:
        """A step that cannot look is unknown, and the others go on."""
        if not is_wanted:
            return skipped(name, NOT_FULL)
        try:
            return await step(subject)
        except SumpPumpError as error:
            return unknown(name, error.message)
