"""What each step of a look at an opportunity says: figures against thresholds that stand here. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sumppump.data.news import News
from sumppump.data.volatility_reading import VolatilityReading, known
from sumppump.domain.instruments import OptionContract
from sumppump.domain.missing import Missing
from sumppump.domain.payoff import Unlimited
from sumppump.domain.quotes import Feed
from sumppump.execution.dry_run import DryRun
from sumppump.kernel.money import Money
from sumppump.strategies.drafts import Analysis, Draft, LegAnalysis
from sumppump.strategies.shape import Shape, Vega

# What is sold should not be cheaply priced, what is bought not dearly: percent of the year's range.
LEAST_RANK_TO_SELL, MOST_RANK_TO_BUY = 20.0, 80.0
# A smaller part of what the legs' vegas add up to without their signs is none.
LITTLE_VEGA = 0.02
# Of the widest leg, percent of its mid; the policy's control C-07 has a limit of its own.
MOST_WIDTH_PCT = 30.0
LEAST_OPEN_INTEREST = 50
# What crossing the market may cost, percent of the largest loss and of the largest gain.
MOST_CROSSING_PCT = 10.0


class Verdict(StrEnum):
    """The end of a step; skipped was not wanted."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit; None where it is not known."""

    name: str
    value: float | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        threshold: what it must meet, in words with the number. sentence: what was found.
    """

    name: str
    verdict: Verdict
    sentence: str
    threshold: str = ""
    figures: tuple[Figure, ...] = ()


def unknown(name: str, why: str) -> Step:
    """A step that could not look."""
    return Step(name=name, verdict=Verdict.UNKNOWN, sentence=f"Not known: {why.rstrip('.')}.")


def skipped(name: str, why: str) -> Step:
    """A step that was not wanted."""
    return Step(name=name, verdict=Verdict.SKIPPED, sentence=f"Not looked at: {why}.")


def news_step(news: News) -> Step:
    """Whether the news could be read; what they mean nobody here can say."""
    count, silent = len(news.items), [code for code, _ in news.failed]
    asked = len(news.providers)
    sentence = f"{count} headlines in seven days from {asked - len(silent)} of {asked} providers"
    sentence += f"; {', '.join(silent)} did not answer" if silent else ""
    return Step(
        name="news",
        verdict=Verdict.PASS if count and not silent else Verdict.UNKNOWN,
        threshold="every provider answered, at least 1 headline; their meaning is not judged",
        sentence=f"{sentence}. Read them with trade_get_news.",
        figures=(Figure("headlines", count, "in 7 days"), Figure("silent_providers", len(silent), "count")),
    )


def volatility_step(reading: VolatilityReading, shape: Shape, draft: Draft | None = None) -> Step:
    """Whether implied volatility stands where the vega does not speak against it: the draft's, if any."""
    vega = shape.vega if draft is None else _stance(draft.analysis, shape)
    rank, threshold = reading.iv_rank, _RANKS[vega]
    figures = (
        Figure("iv", known(reading.iv), "per year, 0.2 is 20 %"),
        Figure("iv_rank", known(rank), "0 to 100"),
        Figure("iv_percentile", known(reading.iv_percentile), "0 to 100"),
        Figure("hv_30", _past(reading), "per year"),
        Figure("iv_hv_ratio", known(reading.iv_hv_ratio), "ratio"),
    )
    if isinstance(rank, Missing):
        step = unknown("volatility", f"IV rank, {rank.reason}")
        return Step(
            name=step.name, verdict=step.verdict, sentence=step.sentence, threshold=threshold, figures=figures
        )
    return Step(
        name="volatility",
        verdict=Verdict.PASS if _suits(rank, vega) else Verdict.FAIL,
        threshold=threshold,
        sentence=f"IV rank is {rank:.0f} of 100 among {reading.samples} days. {vega.words}",
        figures=figures,
    )


def _stance(analysis: Analysis, shape: Shape) -> Vega:
    """Which way these strikes stand to volatility; as usual for the strategy where a leg tells no vega."""
    told = [each.greeks.vega * each.leg.shares for each in analysis.legs if each.greeks is not None]
    options = [leg for leg in analysis.legs if isinstance(leg.leg.contract, OptionContract)]
    if len(told) < len(options):
        return shape.vega
    net, gross = sum(told), sum(abs(each) for each in told)
    if abs(net) <= LITTLE_VEGA * gross:
        return Vega.NEUTRAL
    return Vega.LONG if net > 0 else Vega.SHORT


_RANKS = {
    Vega.SHORT: f"IV rank at least {LEAST_RANK_TO_SELL:g}: it sells volatility",
    Vega.LONG: f"IV rank at most {MOST_RANK_TO_BUY:g}: it buys volatility",
    Vega.NEUTRAL: "IV rank is known: volatility matters little to it",
}


def _suits(rank: float, vega: Vega) -> bool:
    return {Vega.SHORT: rank >= LEAST_RANK_TO_SELL, Vega.LONG: rank <= MOST_RANK_TO_BUY}.get(vega, True)


def _past(reading: VolatilityReading) -> float | None:
    return next((known(figure) for window, figure in reading.hv if window == 30), None)


def chain_step(draft: Draft) -> Step:
    """Whether every option leg has a live market that is narrow and held by others."""
    legs = [leg for leg in draft.analysis.legs if isinstance(leg.leg.contract, OptionContract)]
    width = max((each for leg in legs if (each := _width_pct(leg)) is not None), default=None)
    least = min((each for leg in legs if (each := _held(leg)) is not None), default=None)
    lacking = [
        *(f"{leg.leg.contract.label} is not live" for leg in legs if leg.quote.feed is not Feed.LIVE),
        *(f"{leg.leg.contract.label} has no width" for leg in legs if _width_pct(leg) is None),
        *(f"{leg.leg.contract.label} tells no open interest" for leg in legs if _held(leg) is None),
    ]
    too_wide = width is not None and width > MOST_WIDTH_PCT
    broken = too_wide or (least is not None and least < LEAST_OPEN_INTEREST)
    told = f"Widest leg {_said(width, '{:.1f} %')} of its mid, least open interest {_said(least, '{:.0f}')}."
    return Step(
        name="chain",
        verdict=_verdict(broken=broken, lacking=bool(lacking)),
        threshold=f"every leg live, at most {MOST_WIDTH_PCT:g} % wide, "
        f"open interest {LEAST_OPEN_INTEREST} or more",
        sentence=" ".join([told, *(f"{each}." for each in lacking[:2])]),
        figures=(
            Figure("widest_leg_pct", width, "percent of mid"),
            Figure("least_open_interest", least, "contracts"),
            Figure("least_volume", _least_volume(legs), "contracts today"),
        ),
    )


def strategy_step(draft: Draft, options_level: int) -> Step:
    """Whether the order's worst case is known, within the account's level, and dear only by its own risk."""
    analysis = draft.analysis
    loss, crossing = analysis.payoff.max_loss, analysis.crossing_cost
    of_loss, of_gain = _share(crossing, loss), _share(crossing, analysis.payoff.max_profit)
    too_high = analysis.permission_level > options_level
    too_dear = any(each is not None and each > MOST_CROSSING_PCT for each in (of_loss, of_gain))
    broken = isinstance(loss, Unlimited) or too_high or too_dear
    level = f" It needs options level {analysis.permission_level} of {options_level}." if too_high else ""
    chance = _said(analysis.probability_of_profit, "{:.0%}")
    return Step(
        name="strategy",
        verdict=_verdict(broken=broken, lacking=of_loss is None or analysis.odds is None),
        threshold=f"limited loss, level {options_level} or less, "
        f"crossing at most {MOST_CROSSING_PCT:g} % of the loss and of the gain",
        sentence=f"{analysis.premium_words}; max loss {_said(loss, '{}')}, chance of a profit {chance}, "
        f"crossing {_said(crossing, '{}')}.{level}",
        figures=tuple(_strategy_figures(analysis, of_loss, of_gain)),
    )


def _strategy_figures(analysis: Analysis, of_loss: float | None, of_gain: float | None) -> Iterable[Figure]:
    yield Figure("max_loss", _amount(analysis.payoff.max_loss), "cash")
    yield Figure("max_profit", _amount(analysis.payoff.max_profit), "cash")
    yield Figure("crossing_pct_of_max_loss", of_loss, "percent")
    yield Figure("crossing_pct_of_max_profit", of_gain, "percent")
    for odds, name in ((analysis.odds, "smile"), (analysis.lognormal, "lognormal")):
        yield Figure(f"probability_of_profit_{name}", odds.profit if odds else None, "0 to 1")
        yield Figure(f"expected_value_{name}", _amount(odds.expected_value) if odds else None, "cash")
        yield Figure(f"expected_shortfall_{name}", _amount(odds.expected_shortfall) if odds else None, "cash")


def risk_step(run: DryRun) -> Step:
    """What the policy would say if the order were staged now, at the default limit."""
    refusals, unknowns = run.refusals, run.unknowns
    told = "; ".join(f"{each.control}: {each.message}" for each in (*refusals, *unknowns)[:3])
    margin, figures = run.margin, run.figures
    return Step(
        name="risk",
        verdict=_verdict(broken=bool(refusals), lacking=bool(unknowns) or margin is None),
        threshold="no limit refuses it, the broker's what-if answers",
        sentence=f"It would be refused: {told}." if told else "No limit would refuse it now.",
        figures=(
            Figure("refusals", len(refusals), "limits"),
            Figure("unknown_figures", len(unknowns), "figures"),
            Figure("initial_margin_change", _amount(margin.initial_change) if margin else None, "cash"),
            Figure("excess_liquidity", _amount(figures.excess_liquidity) if figures else None, "cash"),
        ),
    )


def _verdict(*, broken: bool, lacking: bool) -> Verdict:
    """A broken threshold fails whatever else is missing; a missing figure never passes."""
    if broken:
        return Verdict.FAIL
    return Verdict.UNKNOWN if lacking else Verdict.PASS


def _width_pct(leg: LegAnalysis) -> float | None:
    mid, width = leg.quote.mid, leg.quote.quote_width
    return None if mid is None or width is None or mid.amount <= 0 else float(width) / float(mid) * 100


def _held(leg: LegAnalysis) -> int | None:
    return leg.quote.open_interest


def _least_volume(legs: list[LegAnalysis]) -> int | None:
    """The least traded leg's; None where one does not tell."""
    found = [leg.quote.volume for leg in legs]
    known_ = [each for each in found if each is not None]
    return min(known_) if known_ and len(known_) == len(found) else None


def _share(part: Money | None, whole: object) -> float | None:
    if part is None or not isinstance(whole, Money) or whole.amount <= 0:
        return None
    return float(part.amount / whole.amount) * 100


def _amount(value: object) -> float | None:
    return float(value.amount) if isinstance(value, Money) else None


def _said(value: object, form: str) -> str:
    return "unknown" if value is None else form.format(value)
