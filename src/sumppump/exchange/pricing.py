"""The exchange's own option prices: Black-Scholes-Merton, and American exercise by approximation.

American prices are the European price plus a premium for early exercise, by the quadratic approximation of
G. Barone-Adesi and R. E. Whaley (Journal of Finance, 1987) with the correction of N. Ju and R. Zhong
(Journal of Derivatives, 1999): premium = A (S / S*)^q / (1 - chi), where S* is the price of the underlying
at which exercising is as good as waiting. Errors stay below 0.01 per 100 of spot within a month and 0.07
within a year. Never below intrinsic value. Arrays of one shape throughout; rates and yields are
continuous and flat. This module shares nothing with the client program's mathematics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.symbols import RISK_FREE_RATE

Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.0
_SQRT_2PI = 2.5066282746310002
_NEWTON_STEPS = 7
_SHORTEST = 1e-7  # years, about three seconds: below it an option is worth its intrinsic value
_LEAST_YIELD = 1e-6  # below it a call is never exercised early
_VEGA_BUMP = 1e-3
_MOST_CHI = 0.7  # the correction loses its meaning near 1, which it reaches in the last days of an option
# J. F. Hart et al., "Computer Approximations" (1968), number 5666: normal tail for |x| < 7.07.
_HART_TOP = (
    3.52624965998911e-02,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376,
)
_HART_BOTTOM = (
    8.83883476483184e-02,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752,
)
_HART_REACH = 7.07


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """Arrays of one shape that describe options at one moment.

    Attributes:
        spot, strike: currency per share.
        years: to the last trading moment, ACT/365.
        sign: 1.0 for calls, -1.0 for puts.
        dividend_yield: continuous, per year.
        american: which may be exercised before they expire.
    """

    spot: Floats
    strike: Floats
    years: Floats
    sign: Floats
    dividend_yield: Floats
    american: NDArray[np.bool_] | bool = True

    @property
    def intrinsic(self) -> Floats:
        """What exercising now is worth."""
        worth: Floats = np.maximum(self.sign * (self.spot - self.strike), 0.0)
        return worth

    def forward(self) -> Floats:
        """Forward price of the underlying at expiry."""
        ahead: Floats = self.spot * np.exp((RISK_FREE_RATE - self.dividend_yield) * self.years)
        return ahead


@dataclass(frozen=True, slots=True)
class ModelValues:
    """Prices and greeks per share; theta per calendar day, vega per vol point."""

    price: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats


def normal_pdf(x: Floats) -> Floats:
    """Density of the standard normal distribution."""
    density: Floats = np.exp(-0.5 * x * x) / _SQRT_2PI
    return density


def normal_cdf(x: Floats) -> Floats:
    """Distribution function of the standard normal; absolute error below 1e-11."""
    size = np.minimum(np.abs(x), _HART_REACH)
    tail = np.exp(-0.5 * size * size) * _polynomial(_HART_TOP, size) / _polynomial(_HART_BOTTOM, size)
    below: Floats = np.where(x > 0, 1.0 - tail, tail)
    return below


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    value: Floats = coefficients[0] * x
    for coefficient in coefficients[1:-1]:
        value += coefficient
        value *= x
    value += coefficients[-1]
    return value


@dataclass(frozen=True, slots=True)
class _European:
    price: Floats
    d1: Floats
    deviation: Floats  # sigma * sqrt(years)
    growth: Floats  # exp(-dividend yield * years)
    exercised: Floats  # N(sign * d1)
    paid: Floats  # N(sign * d2)


def _european(terms: OptionTerms, vol: Floats) -> _European:
    deviation = vol * np.sqrt(terms.years)
    carry = RISK_FREE_RATE - terms.dividend_yield
    d1 = (np.log(terms.spot / terms.strike) + carry * terms.years) / deviation + 0.5 * deviation
    growth = np.exp(-terms.dividend_yield * terms.years)
    # Both at once: for rows of a few options the number of numpy calls is what costs.
    exercised, paid = normal_cdf(np.stack((terms.sign * d1, terms.sign * (d1 - deviation))))
    discount = np.exp(-RISK_FREE_RATE * terms.years)
    price = terms.sign * (terms.spot * growth * exercised - terms.strike * discount * paid)
    return _European(price, d1, deviation, growth, exercised, paid)


@dataclass(frozen=True, slots=True)
class _EarlyExercise:
    boundary: Floats  # S*, not finite where waiting is always better
    power: Floats  # q
    factor: Floats  # A: what exercising at S* is worth beyond the European price
    square: Floats  # chi = square * x^2 + line * x, with x = ln(S / S*)
    line: Floats


def _powers(terms: OptionTerms, vol: Floats) -> tuple[Floats, Floats]:
    """The exponent q for the option's own life, and for an endless one."""
    variance = vol * vol
    n = 2.0 * (RISK_FREE_RATE - terms.dividend_yield) / variance - 1.0
    m = 8.0 * RISK_FREE_RATE / variance
    own = 0.5 * (-n + terms.sign * np.sqrt(n * n + m / -np.expm1(-RISK_FREE_RATE * terms.years)))
    endless = 0.5 * (-n + terms.sign * np.sqrt(n * n + m))
    return own, endless


def _first_guess(terms: OptionTerms, vol: Floats, endless: Floats) -> Floats:
    far = terms.strike / (1.0 - 1.0 / endless)
    carry = RISK_FREE_RATE - terms.dividend_yield
    shift = terms.sign * carry * terms.years + 2.0 * vol * np.sqrt(terms.years)
    decay = np.exp(-shift * terms.strike / np.abs(far - terms.strike))
    guess: Floats = far + (terms.strike - far) * decay  # between the strike and the endless boundary
    return guess


def _early_exercise(terms: OptionTerms, vol: Floats) -> _EarlyExercise:
    power, endless = _powers(terms, vol)
    boundary = _first_guess(terms, vol, endless)
    for _ in range(_NEWTON_STEPS):
        at = OptionTerms(boundary, terms.strike, terms.years, terms.sign, terms.dividend_yield)
        european = _european(at, vol)
        held = european.growth * european.exercised
        gap = european.price + terms.sign * (1.0 - held) * boundary / power
        slope = (
            terms.sign * held * (1.0 - 1.0 / power)
            + (terms.sign - european.growth * normal_pdf(european.d1) / european.deviation) / power
        )
        boundary = boundary - (terms.sign * (boundary - terms.strike) - gap) / (terms.sign - slope)
    return _corrected(terms, vol, boundary, power)


def _corrected(terms: OptionTerms, vol: Floats, boundary: Floats, power: Floats) -> _EarlyExercise:
    """The premium's factor, and the correction of Ju and Zhong (their equations 8 to 13)."""
    at = OptionTerms(boundary, terms.strike, terms.years, terms.sign, terms.dividend_yield)
    european = _european(at, vol)
    factor = terms.sign * (boundary - terms.strike) - european.price
    h = -np.expm1(-RISK_FREE_RATE * terms.years)
    alpha = 2.0 * RISK_FREE_RATE / (vol * vol)
    # 2 q + beta - 1 is the root in q's formula, signed.
    root = 2.0 * power + 2.0 * (RISK_FREE_RATE - terms.dividend_yield) / (vol * vol) - 1.0
    power_change = -alpha / (h * h * root)
    price_change = _price_per_h(at, european, vol)
    square = (1.0 - h) * alpha * power_change / (2.0 * root)
    line = -(1.0 - h) * alpha / root * (price_change / factor + 1.0 / h + power_change / root)
    return _EarlyExercise(boundary, power, factor, square, line)


def _price_per_h(at: OptionTerms, european: _European, vol: Floats) -> Floats:
    """Change of the European price with h = 1 - exp(-rate * years)."""
    forward = at.forward()
    by_time = forward * normal_pdf(european.d1) * vol / (2.0 * RISK_FREE_RATE * np.sqrt(at.years))
    by_yield = at.sign * forward * european.exercised * at.dividend_yield / RISK_FREE_RATE
    change: Floats = by_time - by_yield + at.sign * at.strike * european.paid
    return change


@dataclass(frozen=True, slots=True)
class _Premium:
    value: Floats
    slope: Floats
    curvature: Floats
    exercise: NDArray[np.bool_]


def _premium(terms: OptionTerms, early: _EarlyExercise) -> _Premium:
    """The early-exercise premium with its derivatives in the spot, and whether to exercise now."""
    usable = np.isfinite(early.boundary) & np.isfinite(early.factor) & (early.boundary > 0)
    usable &= terms.american & (early.factor > 0) & ((terms.sign < 0) | (terms.dividend_yield > _LEAST_YIELD))
    spot, ratio = terms.spot, np.where(usable, terms.spot / early.boundary, 1.0)
    x = np.log(ratio)
    chi = x * (early.square * x + early.line)
    usable &= np.isfinite(chi)
    bound = chi > _MOST_CHI
    rest = 1.0 - np.where(bound, _MOST_CHI, chi)
    value = np.where(usable, early.factor * ratio**early.power / rest, 0.0)
    chi_1 = np.where(bound, 0.0, (2.0 * early.square * x + early.line) / spot)
    chi_2 = np.where(bound, 0.0, (2.0 * early.square - spot * chi_1) / (spot * spot))
    growth = early.power / spot + chi_1 / rest
    bend = growth**2 - early.power / (spot * spot) + chi_2 / rest + (chi_1 / rest) ** 2
    exercise = usable & (terms.sign * (spot - early.boundary) >= 0)
    slope, curvature = (np.where(usable, value * by, 0.0) for by in (growth, bend))
    return _Premium(value, slope, curvature, exercise)


def american_prices(terms: OptionTerms, vol: Floats) -> Floats:
    """American option prices per share.

    Args:
        terms: the options; `years` may be 0 or less, which gives intrinsic value.
        vol: per year, > 0, same shape.
    """
    with np.errstate(all="ignore"):  # deep in or out of the money, exp and log run out of range harmlessly
        alive = _alive(terms)
        premium = _premium(alive, _early_exercise(alive, vol))
        held = _european(alive, vol).price + premium.value
    worth = np.where(premium.exercise | (terms.years <= _SHORTEST), terms.intrinsic, held)
    return np.where(terms.american, np.maximum(worth, terms.intrinsic), worth)


def _alive(terms: OptionTerms) -> OptionTerms:
    years = np.maximum(terms.years, _SHORTEST)
    return OptionTerms(terms.spot, terms.strike, years, terms.sign, terms.dividend_yield, terms.american)


def american_values(terms: OptionTerms, vol: Floats) -> ModelValues:
    """Prices and greeks of American options.

    Theta comes from the pricing equation itself, 0 where exercising is due; vega from a small change
    of volatility.
    """
    with np.errstate(all="ignore"):
        alive = _alive(terms)
        premium = _premium(alive, _early_exercise(alive, vol))
        european = _european(alive, vol)
        spot = alive.spot
        density = european.growth * normal_pdf(european.d1) / (spot * european.deviation)
        delta = alive.sign * european.growth * european.exercised + premium.slope
        gamma = density + premium.curvature
        price = european.price + premium.value
        carry = (RISK_FREE_RATE - alive.dividend_yield) * spot * delta
        theta = (RISK_FREE_RATE * price - carry - 0.5 * (vol * spot) ** 2 * gamma) / DAYS_PER_YEAR
    early = terms.american & (price <= terms.intrinsic)
    done = premium.exercise | (terms.years <= _SHORTEST) | early
    in_money = terms.sign * (terms.spot - terms.strike) > 0
    settled = np.where(in_money, terms.sign, 0.0)
    price = np.where(done, terms.intrinsic, price)
    bumped = american_prices(terms, vol + _VEGA_BUMP)
    return ModelValues(
        price=price,
        delta=np.where(done, settled, delta),
        gamma=np.where(done, 0.0, gamma),
        vega=np.maximum(bumped - price, 0.0) * (0.01 / _VEGA_BUMP),
        theta=np.where(done, 0.0, np.minimum(theta, 0.0)),
    )
