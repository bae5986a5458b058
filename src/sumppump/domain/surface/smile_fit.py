"""One expiry's smile: volatility by strike inside the quoted strikes, how far to trust it, what was checked.

Outside the quoted strikes there is no volatility: a curve that fits well between them may allow arbitrage
beyond. Only probabilities ask for a tail (`curve`), whose slope fades away within one standard deviation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from sumppump.domain.pricing.normal import Array
from sumppump.domain.smile import faded, merged
from sumppump.domain.surface.fitting import LEAST_ERROR, ExpiryQuotes
from sumppump.domain.surface.svi import RawSvi

# Beyond the outermost quoted strikes by this part of a standard deviation the smile still answers.
MARGIN = 0.1
_CHECKED = 201
_TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What a smile without arbitrage must show inside the quoted strikes.

    Attributes:
        least_density: the lowest Durrleman g; below 0 a butterfly would cost less than nothing.
        steepest_wing: b (1 + |rho|), at most 2 (R. Lee).
        is_repaired: whether the best fit allowed a butterfly, so that another stands in its place.
        lift: volatility points that were added at the money so that variance does not fall with time.
    """

    least_density: float
    steepest_wing: float
    is_repaired: bool = False
    lift: float = 0.0

    @property
    def is_free_of_butterflies(self) -> bool:
        """No butterfly inside the quoted strikes costs less than nothing."""
        return self.least_density >= 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmileFit:
    """One expiry's smile.

    Attributes:
        expiry: expiration date in New York. trading_class: as SPX and SPXW.
        years: to the last trading moment, ACT/365. forward: currency per share.
        svi: the curve, in total variance of ln(strike / forward).
        low, high: outermost quoted strikes. strikes: how many different ones; strays: quotes left out.
        rmse: root of the mean square by which the quotes miss the curve, volatility points.
        misfit: the part of it that the quotes' own vagueness does not explain, volatility points.
        covariance: of the five numbers.
    """

    expiry: date
    trading_class: str
    years: float
    forward: float
    svi: RawSvi
    low: float
    high: float
    strikes: int
    strays: int
    rmse: float
    misfit: float
    checks: Checks
    covariance: Array = field(compare=False, repr=False)

    @classmethod
    def of(cls, quotes: ExpiryQuotes, svi: RawSvi) -> SmileFit:
        """The smile with its errors and checks; at least one point."""
        points = merged(quotes.points)
        strikes, vols, errors = (np.array(column) for column in zip(*points, strict=True))
        errors = np.maximum(errors, LEAST_ERROR)
        k = np.log(strikes / quotes.forward)
        modelled = np.sqrt(svi.variance(k) / quotes.years)
        missed = modelled - vols
        weight = errors**-2 / np.sum(errors**-2)
        square = float(np.sum(weight * missed**2))
        explained = 1.0 / float(np.mean(errors**-2))
        return cls(
            expiry=quotes.expiry,
            trading_class=quotes.trading_class,
            years=quotes.years,
            forward=quotes.forward,
            svi=svi,
            low=float(strikes[0]),
            high=float(strikes[-1]),
            strikes=len(points),
            strays=quotes.strays,
            rmse=100.0 * float(np.sqrt(np.mean(missed**2))),
            misfit=100.0 * math.sqrt(max(0.0, square - explained)),
            checks=_checks(svi, k),
            covariance=_covariance(svi, k, modelled, errors, missed, quotes.years),
        )

    @property
    def deviation(self) -> float:
        """One standard deviation of the underlying's logarithm until expiry."""
        return math.sqrt(float(self.svi.variance(np.zeros(1))[0]))

    @property
    def at_forward(self) -> float:
        """Volatility per year at the forward; it may lie outside the quoted strikes."""
        return self.deviation / math.sqrt(self.years)

    @property
    def highest(self) -> float:
        """The highest volatility inside the quoted strikes."""
        return float(self._vols(np.log(np.array([self.low, self.high]) / self.forward)).max())

    def covers(self, strike: float) -> bool:
        """Whether the strike lies among the quoted ones, or next to them."""
        margin = MARGIN * self.deviation
        return self.low * math.exp(-margin) <= strike <= self.high * math.exp(margin)

    def vol(self, strike: float) -> float | None:
        """Volatility per year at a strike; None beyond the quoted ones."""
        return float(self._vols(np.log([strike / self.forward]))[0]) if self.covers(strike) else None

    def error(self, strike: float) -> float | None:
        """Standard error of `vol` there in volatility points; None beyond the quoted strikes."""
        if not self.covers(strike):
            return None
        k = np.log([strike / self.forward])
        slopes = self.svi.sensitivities(k)[0] / (2.0 * self._vols(k)[0] * self.years)
        spread = max(0.0, float(slopes @ self.covariance @ slopes))
        return math.sqrt(1e4 * spread + self.misfit**2)

    def at(self, strike: float) -> float:
        """Volatility per year at any strike, with the tails of `curve`."""
        return float(self.curve(np.log([strike]))[0][0])

    def curve(self, log_strikes: Array) -> tuple[Array, Array]:
        """Volatilities and their slopes by ln(strike), with tails: for probabilities, not for prices."""
        inside = np.clip(log_strikes, math.log(self.low), math.log(self.high))
        k = inside - math.log(self.forward)
        vols = self._vols(k)
        slopes = self.svi.slope(k) / (2.0 * vols * self.years)
        return faded(vols, slopes, log_strikes - inside, self.deviation)

    def variance(self, k: Array) -> Array:
        """Total variance at ln(strike / forward), whatever was quoted."""
        return self.svi.variance(k)

    def repaired(self) -> SmileFit:
        """The same, known to be not the best fit, which allowed a butterfly."""
        return replace(self, checks=replace(self.checks, is_repaired=True))

    def lifted(self, amount: float) -> SmileFit:
        """The smile with more total variance, as much at every strike."""
        svi = self.svi.lifted(amount)
        points = 100.0 * (math.sqrt((self.deviation**2 + amount) / self.years) - self.at_forward)
        k = np.log(np.array([self.low, self.high]) / self.forward)
        checks = _checks(svi, k)
        return replace(
            self,
            svi=svi,
            misfit=math.hypot(self.misfit, points),
            checks=replace(self.checks, least_density=checks.least_density, lift=self.checks.lift + points),
        )

    def _vols(self, k: Array) -> Array:
        return np.sqrt(np.maximum(self.svi.variance(k), _TINY) / self.years)


def _checks(svi: RawSvi, k: Array) -> Checks:
    margin = MARGIN * math.sqrt(max(float(svi.variance(np.zeros(1))[0]), 0.0))
    grid = np.linspace(k[0] - margin, k[-1] + margin, _CHECKED)
    return Checks(least_density=float(svi.density_sign(grid).min()), steepest_wing=svi.steepest)


def _covariance(svi: RawSvi, k: Array, vols: Array, errors: Array, missed: Array, years: float) -> Array:
    """Of the five numbers; larger where the quotes miss the curve by more than their errors say."""
    slopes = svi.sensitivities(k) / (2.0 * vols * years * errors)[:, None]
    size = np.maximum(np.sqrt(np.sum(slopes**2, axis=0)), _TINY)
    inverse = np.linalg.pinv(slopes / size, rcond=1e-6)
    freedom = max(1, len(k) - len(size))
    excess = max(1.0, float(np.sum((missed / errors) ** 2)) / freedom)
    return (inverse @ inverse.T) * excess / np.outer(size, size)
