"""All expiries of one underlying as one surface: fitted together, checked, and refused where the checks fail.

What allows arbitrage inside the quoted strikes is not used. A smile whose best fit allows a butterfly is
fitted again with a guard against them, and if that fails as an SSVI slice, which allows none. Where total
variance falls from one expiry to the next at the same ln(strike / forward), the later smile is lifted if a
little does it, else the vaguer of the two is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sumppump.domain.instruments import OptionContract
from sumppump.domain.missing import Missing
from sumppump.domain.smile import Curve, Smile
from sumppump.domain.surface.fitting import (
    LEAST_FOR_SVI,
    LEAST_STRIKES,
    ExpiryQuotes,
    fit_ssvi,
    fit_svi,
    fit_svi_without_butterflies,
    without_strays,
)
from sumppump.domain.surface.smile_fit import SmileFit
from sumppump.domain.surface.svi import RawSvi

# A curve that misses its quotes by more than this part of the volatility is no smile.
MOST_MISFIT = 0.15
# A lift of so many points, or of so many standard errors of the smile, is within what quotes are vague by.
_SMALL_LIFT, _LIFT_ERRORS = 0.25, 3.0
_COMPARED = 101
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expiry without a smile."""

    expiry: date
    trading_class: str
    why: Missing


@dataclass(frozen=True, slots=True)
class Surface:
    """The smiles that passed, by years to expiry, and the expiries that have none."""

    smiles: tuple[SmileFit, ...]
    refused: tuple[Refusal, ...] = ()

    @classmethod
    def through(cls, quotes: Sequence[ExpiryQuotes]) -> Surface:
        """The surface of these quotes, one entry an expiry and class; none gives an empty one."""
        enough = [each for each in quotes if each.strikes >= LEAST_STRIKES and each.years > 0]
        refused = [_refusal(each, _too_few(each)) for each in quotes if each not in enough]
        smiles: list[SmileFit] = []
        for fit in sorted(_fitted(enough), key=lambda each: each.years):
            if fit.rmse > 100.0 * MOST_MISFIT * fit.at_forward:
                refused.append(_refusal(fit, _misfit(fit)))
            else:
                refused += _placed(smiles, fit)
        return cls(tuple(smiles), tuple(sorted(refused, key=lambda each: (each.expiry, each.trading_class))))

    def smile(self, option: OptionContract) -> SmileFit | None:
        """The smile of this option's expiry and class; None where there is none."""
        key = (option.expiry, option.trading_class)
        return next((fit for fit in self.smiles if (fit.expiry, fit.trading_class) == key), None)

    def why_not(self, option: OptionContract) -> Missing:
        """Why there is no volatility for this option."""
        fit = self.smile(option)
        if fit is not None:
            quoted = f"the quoted strikes {fit.low:g} to {fit.high:g}"
            return Missing("outside_quoted_strikes", f"the strike lies outside {quoted}")
        key = (option.expiry, option.trading_class)
        found = (each.why for each in self.refused if (each.expiry, each.trading_class) == key)
        return next(found, Missing("no_quotes", "no strikes of this expiry are quoted"))


def curve_through(quotes: ExpiryQuotes) -> Curve | None:
    """The surface's smile of one expiry, else a smoothing spline; None without any point.

    The spline takes what the surface refuses, because a probability is wanted of any quotes; and fewer
    strikes than raw SVI needs: an SSVI slice is too stiff for the slope that probabilities are made of.
    """
    found = Surface.through([quotes]).smiles if quotes.strikes >= LEAST_FOR_SVI else ()
    return found[0] if found else Smile.of(quotes.points, quotes.years)


def _fitted(quotes: Sequence[ExpiryQuotes]) -> list[SmileFit]:
    """Each expiry's best smile without a butterfly: raw SVI, held above 0 where need be, SSVI at last."""
    many = [each for each in quotes if each.strikes >= LEAST_FOR_SVI]
    fits, unsound = _sound(many, fit_svi)
    held, unsound = _sound(unsound, fit_svi_without_butterflies)
    slices, _ = _sound([each for each in quotes if each not in many] + unsound, fit_ssvi)
    repaired = [fit.repaired() for fit in (*held, *slices) if fit.strikes >= LEAST_FOR_SVI]
    return [*fits, *repaired, *(fit for fit in slices if fit.strikes < LEAST_FOR_SVI)]


def _sound(
    quotes: Sequence[ExpiryQuotes], fit: Callable[[Sequence[ExpiryQuotes]], Sequence[RawSvi]]
) -> tuple[list[SmileFit], list[ExpiryQuotes]]:
    """The smiles that allow no butterfly, and the quotes that are still without one."""
    fits = _without_strays(quotes, fit) if quotes else []
    sound = [each.checks.is_free_of_butterflies for each in fits]
    return [each for each, ok in zip(fits, sound, strict=True) if ok], [
        each for each, ok in zip(quotes, sound, strict=True) if not ok
    ]


def _without_strays(
    quotes: Sequence[ExpiryQuotes], fit: Callable[[Sequence[ExpiryQuotes]], Sequence[RawSvi]]
) -> list[SmileFit]:
    """Fits after what strays far from a first one is left out."""
    first = fit(quotes)
    kept = [without_strays(each, svi) for each, svi in zip(quotes, first, strict=True)]
    found = fit(kept) if any(each.strays for each in kept) else first
    return [SmileFit.of(each, svi) for each, svi in zip(kept, found, strict=True)]


def _placed(smiles: list[SmileFit], fit: SmileFit) -> list[Refusal]:
    """Put the next expiry behind the earlier ones; what must go for it, or itself, is refused."""
    refused: list[Refusal] = []
    while smiles:
        before = smiles[-1]
        lifted = _above(before, fit)
        if lifted is not None:
            fit = lifted
            break
        if _vagueness(before) <= _vagueness(fit):
            return [*refused, _refusal(fit, _falls(before, fit))]
        refused.append(_refusal(smiles.pop(), _falls(before, fit)))
    smiles.append(fit)
    return refused


def _above(before: SmileFit, fit: SmileFit) -> SmileFit | None:
    """The later smile, lifted where a little is enough; None where its variance falls by more."""
    low = max(np.log(each.low / each.forward) for each in (before, fit))
    high = min(np.log(each.high / each.forward) for each in (before, fit))
    k = np.linspace(low, high, _COMPARED) if low <= high else np.zeros(1)
    gap = float(np.max(before.variance(k) - fit.variance(k)))
    if gap <= 0:
        return fit
    lifted = fit.lifted(gap + _NOTHING)
    small = max(_SMALL_LIFT, _LIFT_ERRORS * _vagueness(fit))
    return lifted if lifted.checks.lift <= small and lifted.checks.is_free_of_butterflies else None


def _vagueness(fit: SmileFit) -> float:
    """How far the smile may be off at the money, volatility points."""
    return max(fit.misfit, fit.error(fit.forward) or fit.rmse)


def _refusal(each: ExpiryQuotes | SmileFit, why: Missing) -> Refusal:
    return Refusal(each.expiry, each.trading_class, why)


def _too_few(quotes: ExpiryQuotes) -> Missing:
    if quotes.years <= 0:
        return Missing("expired", "no time is left")
    needed = f"{quotes.strikes} strikes have a two-sided quote, {LEAST_STRIKES} are needed"
    return Missing("too_few_strikes", needed)


def _misfit(fit: SmileFit) -> Missing:
    return Missing("no_smooth_smile", f"the best curve misses its quotes by {fit.rmse:.1f} volatility points")


def _falls(before: SmileFit, fit: SmileFit) -> Missing:
    days = f"{before.expiry.isoformat()} to {fit.expiry.isoformat()}"
    return Missing("calendar_arbitrage", f"total variance would fall from {days}")
