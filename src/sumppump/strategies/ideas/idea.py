"""One idea: a draft with the parts of its rank on fresh quotes, its market, and why it stands there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from sumppump.domain.distribution import Distribution
from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import Unlimited
from sumppump.domain.probability import Region
from sumppump.domain.sizing import growth_fraction
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.money import CENT, Money
from sumppump.strategies.drafts import Draft, LegAnalysis
from sumppump.strategies.ideas.liquidity import HALF_DEEP, Liquidity
from sumppump.strategies.ideas.scoring import Measure
from sumppump.strategies.ideas.sifting import Pick
from sumppump.strategies.ideas.wish import Wish

# Of what it ties up: a smaller change for an error of the past's volatility is none.
_LITTLE = Decimal("0.002")
# Of wealth, what one trade ties up at most, whatever it promises.
MOST_SIZE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The parts of a rank, cash of one combo on fresh quotes; see `scoring` for the formula.

    Attributes:
        value: (prudent_value - enter - leave - early_exercise) / margin; None with a part missing.
        chance: of a profit, by the measure, 0 to 1.
        expected_value, prudent_value: mean P&L by the measure, and at the least; held to the (first) expiry,
            and nobody exercises what is sold.
        early_exercise: worth of the right to do so, which went with it. margin: cash that opening takes.
        enter, leave: what crossing the market costs; None where a quote has one side alone.
        implied: volatility at the money of its (first) expiry, per year; realised: of the past month; None
            where they are not known or, on the last day, tell nothing.
        of_an_error: what it gains if the past month's volatility is one standard error higher.
        size: fraction of wealth that it may tie up as margin: half of what grows it fastest by the prudent
            view, at most a quarter; 0 where that view does not pay the costs.
    """

    value: float | None
    chance: float
    expected_value: Money
    prudent_value: Money
    enter: Money | None
    leave: Money | None
    early_exercise: Money
    margin: Money | None
    implied: float | None
    realised: float | None
    of_an_error: Money
    size: float | None = None

    @property
    def stance(self) -> str:
        """Which way it stands to volatility, with the figures that decide."""
        if self.realised is None or self.implied is None:
            return "no view on volatility, the market's own odds"
        figures = f"implied {self.implied:.1%}, realised {self.realised:.1%}"
        if self.margin is not None and abs(self.of_an_error.amount) < _LITTLE * self.margin.amount:
            return f"hardly moved by volatility ({figures})"
        verb = "owns" if self.of_an_error.amount > 0 else "sells"
        return f"{verb} volatility ({figures})"

    @property
    def words(self) -> str:
        """The formula with its figures; empty with a part missing."""
        if self.value is None or self.margin is None or self.enter is None or self.leave is None:
            return ""
        return (
            f"{self.value:+.4f} = (prudent value {self.prudent_value.amount:,.2f} "
            f"- enter {self.enter.amount:,.2f} - leave {self.leave.amount:,.2f} "
            f"- early exercise {self.early_exercise.amount:,.2f}) "
            f"/ margin {self.margin.amount:,.2f}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A draft with the parts of its rank, its market and what happens before it expires.

    Attributes:
        objections: what would refuse it if it were staged now, in sentences; () where nothing would.
    """

    draft: Draft
    score: Score
    liquidity: Liquidity
    events: tuple[str, ...]
    objections: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """What it lives on and what speaks against it, in one sentence."""
        score, chance = self.score, self.draft.analysis.probability_of_profit
        odds = "odds unknown" if chance is None else f"gains {chance:.0%} of the time"
        return "; ".join([score.stance, odds, *self._thin()]) + "."

    def _thin(self) -> Iterator[str]:
        held = self.liquidity.open_interest
        if held is None or held < HALF_DEEP:
            yield "few hold its options" if held is not None else "open interest unknown"

    @property
    def order(self) -> tuple[bool, float]:
        """By which ideas are sorted: those that nothing refuses first, the highest score first."""
        value = self.score.value
        return bool(self.objections), math.inf if value is None else -value


def score_of(pick: Pick, draft: Draft, liquidity: Liquidity, measure: Measure) -> Score:
    """The rank on fresh quotes: what the candidate pays on average stands, what it costs is new."""
    analysis, combo = draft.analysis, draft.combo

    def cash(per_share: float) -> Money:
        return Money((Decimal(per_share) * combo.multiplier).quantize(CENT), combo.currency)

    prudent, early = cash(pick.prudent_worth) - analysis.cash, cash(pick.early)
    margin, enter, leave = analysis.margin, liquidity.enter, liquidity.leave
    value = size = None
    if enter is not None and leave is not None and margin is not None and margin.amount > 0:
        costs = enter + leave + early
        value = float((prudent - costs).amount / margin.amount)
        size = _size(pick.prudent_measure, draft, costs, margin)
    return Score(
        value=value,
        chance=_chance(pick.measure, analysis.payoff.profit_regions),
        expected_value=cash(pick.worth) - analysis.cash,
        prudent_value=prudent,
        enter=enter,
        leave=leave,
        early_exercise=early,
        margin=margin,
        implied=None if analysis.lognormal is None else analysis.lognormal.vol,
        realised=measure.realised if analysis.dte else None,
        of_an_error=cash(pick.of_an_error),
        size=size,
    )


def _size(view: Distribution, draft: Draft, costs: Money, margin: Money) -> float | None:
    """Half of the fraction that grows wealth fastest, because the view may be wrong by as much again.

    None where a later leg cannot be valued at the first expiry.
    """
    value = draft.value
    if value.missing_vols(value.settlements[0]):
        return None
    pnl = value.pnl(view.prices, value.settlements[0]) - float(costs.amount)
    return 0.5 * growth_fraction(pnl / float(margin.amount), np.diff(view.chances), most=2.0 * MOST_SIZE)


def _chance(measure: Distribution, regions: Iterable[Region]) -> float:
    ends = [(float(low), math.inf if high is None else float(high)) for low, high in regions]
    total = sum(float(np.diff(measure.below(np.array(each)))[0]) for each in ends)
    return min(1.0, total)


def events_of(draft: Draft) -> Iterator[str]:
    """What the draft says of its life, and a settlement when it has stopped trading."""
    yield from draft.events
    first = min(draft.combo.options, key=lambda option: option.settles, default=None)
    if first is not None and first.last_trade.date() < first.settles.date():
        settled = first.settles.astimezone(NEW_YORK).date().isoformat()
        yield f"Settles at the open of {settled}, after it has stopped trading."


def still_fits(idea: Idea, wish: Wish) -> bool:
    """Whether the bounds hold on fresh quotes, too; what is not known does not."""
    analysis = idea.draft.analysis
    lowest, highest = _told_deltas(analysis.legs)
    loss = analysis.payoff.max_loss
    bounds = (
        (wish.max_loss, _amount(None if isinstance(loss, Unlimited) else loss), False),
        (wish.budget, _amount(idea.score.margin), False),
        (wish.max_delta, highest, False),
        (wish.min_delta, lowest, True),
        (wish.min_pop, analysis.probability_of_profit, True),
    )
    return all(
        limit is None or (figure is not None and (figure >= limit if is_least else figure <= limit))
        for limit, figure, is_least in bounds
    )


def _amount(cash: Money | None) -> float | None:
    return None if cash is None else float(cash.amount)


def _told_deltas(legs: Sequence[LegAnalysis]) -> tuple[float | None, float | None]:
    """Smallest and largest absolute delta of the options sold, or bought where none is sold."""
    options = [leg for leg in legs if isinstance(leg.leg.contract, OptionContract)]
    told = [leg for leg in options if leg.leg.ratio < 0] or options
    deltas = [abs(leg.greeks.delta) for leg in told if leg.greeks is not None]
    return (min(deltas), max(deltas)) if deltas and len(deltas) == len(told) else (None, None)
