"""Answers about one opportunity: five steps, each with its figures, its threshold and one sentence."""

from __future__ import annotations

from pydantic import Field

from sumppump.execution.opportunity import Opportunity
from sumppump.execution.verdicts import Step, Verdict
from sumppump.server.views import Answer, View, num, quality_of


class FigureView(View):
    """One number with its unit; null where it is not known."""

    name: str
    value: float | None
    unit: str


class StepView(View):
    """One step: pass, fail, unknown (never a pass), or skipped where it was not wanted."""

    name: str
    status: str
    sentence: str
    threshold: str
    figures: list[FigureView]


class OpportunityAnswer(Answer):
    """All steps, and the draft's id where one could be built."""

    symbol: str
    strategy_type: str
    strategy_id: str | None
    status: str
    steps: list[StepView]
    next_steps: list[str] = Field(default_factory=list)


def opportunity_answer(found: Opportunity, *, monotonic: float) -> OpportunityAnswer:
    """The steps in their order."""
    draft, request = found.draft, found.request
    quotes = [] if draft is None else [leg.quote for leg in draft.analysis.legs]
    return OpportunityAnswer(
        summary=_summary(found),
        warnings=[] if draft is None else list(draft.warnings),
        data_quality=quality_of(quotes, monotonic),
        symbol=request.symbol,
        strategy_type=request.strategy_type.value,
        strategy_id=None if draft is None else draft.strategy_id,
        status=found.verdict.value,
        steps=[_step(step) for step in found.steps],
        next_steps=[_NO_MARKET if draft is None else _REFUSED if _is_refused(found) else _NEXT],
    )


_NEXT = "Show the person what fails or is unknown; trade_execute with this strategy_id stages the order."


_REFUSED = "Show the person what fails; trade_execute would refuse it now, the step risk says why."
_NO_MARKET = "Choose strikes or an expiry with a market."


def _is_refused(found: Opportunity) -> bool:
    return any(step.name == "risk" and step.verdict is Verdict.FAIL for step in found.steps)


def _summary(found: Opportunity) -> str:
    request = found.request
    words = ", ".join(f"{step.name} {step.verdict.value}" for step in found.steps)
    skipped = any(step.verdict is Verdict.SKIPPED for step in found.steps)
    partly = " News and volatility were not looked at." if skipped else ""
    return f"{request.strategy_type.words.capitalize()} on {request.symbol}: {words}.{partly}"


def _step(step: Step) -> StepView:
    return StepView(
        name=step.name,
        status=step.verdict.value,
        sentence=step.sentence,
        threshold=step.threshold,
        figures=[
            FigureView(name=each.name, value=num(each.value, 4), unit=each.unit) for each in step.figures
        ],
    )
