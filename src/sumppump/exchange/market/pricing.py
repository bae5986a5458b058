"""The exchange's own option prices: Black-Scholes-Merton, and American exercise by approximation.

American prices are the European price plus a premium for early exercise, by the quadratic approximation of
G. Barone-Adesi and R. E. Whaley (Journal of Finance, 1987) with the correction of N. Ju and R. Zhong
(Journal of Derivatives, 1999): premium = A (S / S*)^q / (1 - chi), where S* is the price of the underlying
at which exercising is as good as waiting. Errors stay below 0.01 per 100 of spot within a month and 0.07
within a year. Never below intrinsic value.

Cash dividends are escrowed: an option is worth what it is on the spot less the present value of the dividends
in its life. A call may also be exercised just before the first or the last of them goes ex; it is worth the
best of these (F. Black, "Fact and fantasy in the use of options", 1975, with volatility unchanged). The
early-exercise premium of a put is that of a yield which takes off the spot what its dividends do.

Arrays of one shape throughout; rates and yields are continuous and flat. This module shares nothing with the
client program's mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.listing.symbols import RISK_FREE_RATE

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DAYS_PER_YEAR = 365.0
_SQRT_2PI = 2.5066282746310002
_NEWTON_STEPS = 7
_SHORTEST = 1e-7  # years, about three seconds: below it an option is worth its intrinsic value
_LEAST_YIELD = 1e-6  # below it a call is never exercised early
_LEAST_LEFT = 0.05  # of a spot after its dividends
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
class CashDividends:
    """What the underlying pays in cash within the options' lives, arrays of the options' shape.

    Attributes:
        total: present value of all of it, currency per share.
        first_years, last_years: to the last moment with the right to the first and to the last dividend.
        before_last: present value of all but the last.
        first: present value of the first.
    """

    total: Floats
    first_years: Floats
    last_years: Floats
    before_last: Floats
    first: Floats

    def broadcast(self, shape: tuple[int, ...]) -> CashDividends:
        """The same in an array of this shape."""
        parts = (self.total, self.first_years, self.last_years, self.before_last, self.first)
        return CashDividends(*(np.broadcast_to(one, shape) for one in parts))


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """Arrays of one shape that describe options at one moment.

    Attributes:
        spot, strike: currency per share.
        years: to the last trading moment, ACT/365.
        sign: 1.0 for calls, -1.0 for puts.
        dividend_yield: continuous, per year.
        cash: dividends in cash; None where the underlyings pay none within the options' lives.
        european: True where an option cannot be exercised before its end; None where all can.
    """

    spot: Floats
    strike: Floats
    years: Floats
    sign: Floats
    dividend_yield: Floats
    cash: CashDividends | None = None
    european: Mask | None = None

    @property
    def intrinsic(self) -> Floats:
        """What exercising now is worth."""
        worth: Floats = np.maximum(self.sign * (self.spot - self.strike), 0.0)
        return worth

    def forward(self) -> Floats:
        """Forward price of the underlying at expiry."""
        ahead: Floats = self.escrowed * np.exp((RISK_FREE_RATE - self.dividend_yield) * self.years)
        return ahead

    @property
    def escrowed(self) -> Floats:
        """The spot without what its dividends in the options' lives are worth."""
        return self.spot if self.cash is None else self.spot - self.cash.total

    @property
    def dividends(self) -> Floats:
        """What holders of the underlying get within the options' lives and holders of the options do not."""
        paid: Floats = self.escrowed * -np.expm1(-self.dividend_yield * np.maximum(self.years, 0.0))
        return paid if self.cash is None else paid + self.cash.total

    def broadcast(self, shape: tuple[int, ...]) -> OptionTerms:
        """The same options in an array of this shape, of which theirs is a part."""
        return OptionTerms(
            np.broadcast_to(self.spot, shape),
            np.broadcast_to(self.strike, shape),
            np.broadcast_to(self.years, shape),
            np.broadcast_to(self.sign, shape),
            np.broadcast_to(self.dividend_yield, shape),
            None if self.cash is None else self.cash.broadcast(shape),
            None if self.european is None else np.broadcast_to(self.european, shape),
        )

    def where(self, mask: Mask) -> OptionTerms:
        """Those in the mask as one row, on a yield that takes off the spot what dividends in cash do."""
        spread = self.dividend_yield
        if self.cash is not None:
            spread = spread - np.log(np.maximum(self.escrowed / self.spot, _LEAST_LEFT)) / self.years
        spot, strike, years, sign = (one[mask] for one in (self.spot, self.strike, self.years, self.sign))
        return OptionTerms(spot, strike, years, sign, spread[mask])


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
    usable &= (early.factor > 0) & ((terms.sign < 0) | (terms.dividend_yield > _LEAST_YIELD))
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
    """Option prices per share, American unless the terms say European.

    Args:
        terms: the options; `years` may be 0 or less, which gives intrinsic value.
        vol: per year, > 0, same shape.
    """
    with np.errstate(all="ignore"):  # deep in or out of the money, exp and log run out of range harmlessly
        alive = _alive(terms)
        worth = _european(alive, vol).price
        early = _may_pay(terms)
        if early.any():
            row = _living(terms).where(early)
            premium = _premium(row, _early_exercise(row, vol[early]))
            worth[early] = np.where(premium.exercise, row.intrinsic, worth[early] + premium.value)
        for called, before in _last_chances(terms):
            worth[called] = np.maximum(worth[called], _european(before, vol[called]).price)
    worth = np.where(terms.years <= _SHORTEST, terms.intrinsic, worth)
    return np.maximum(worth, _least(terms))


def _least(terms: OptionTerms) -> Floats:
    """What nobody sells an option below: its value on exercise now, nothing where it must wait."""
    if terms.european is None:
        return terms.intrinsic
    return np.where(terms.european, 0.0, terms.intrinsic)


def _may_pay(terms: OptionTerms) -> Mask:
    """Where exercising early can be worth it all along: puts, and calls on what pays a yield."""
    early: Mask = (terms.sign < 0) | (terms.dividend_yield > _LEAST_YIELD)
    return early if terms.european is None else early & ~terms.european


def _last_chances(terms: OptionTerms) -> Iterator[tuple[Mask, OptionTerms]]:
    """Options with dividends ahead, as options that end at the first, and at the last, of them.

    A call ends before the share goes ex, a put after it: that is when exercising early pays for each.
    """
    cash = terms.cash
    if cash is None:
        return
    pays = cash.total > 0.0
    if terms.european is not None:
        pays &= ~terms.european
    several = pays & (cash.before_last > 0.0)
    call, put = terms.sign > 0, terms.sign < 0
    for mask, years, paid in (
        (pays & call, cash.last_years, cash.before_last),
        (several & call, cash.first_years, np.zeros_like(cash.total)),
        (pays & put, cash.first_years, cash.first),
        (several & put, cash.last_years, cash.total),
    ):
        if mask.any():
            ends = np.maximum(years[mask], _SHORTEST)
            spot, strike = terms.spot[mask] - paid[mask], terms.strike[mask]
            yield mask, OptionTerms(spot, strike, ends, terms.sign[mask], terms.dividend_yield[mask])


def _living(terms: OptionTerms) -> OptionTerms:
    """The same with a moment to live."""
    return replace(terms, years=np.maximum(terms.years, _SHORTEST))


def _alive(terms: OptionTerms) -> OptionTerms:
    """On the escrowed spot, with a moment to live."""
    years = np.maximum(terms.years, _SHORTEST)
    return OptionTerms(terms.escrowed, terms.strike, years, terms.sign, terms.dividend_yield)


def american_values(terms: OptionTerms, vol: Floats) -> ModelValues:
    """Prices and greeks of options, American unless the terms say European.

    Theta comes from the pricing equation itself, 0 where exercising is due, and never more than what there is
    to lose in a day: the premium above exercise value. Vega comes from a small change of volatility.
    """
    with np.errstate(all="ignore"):
        alive = _alive(terms)
        price, delta, gamma = _held(alive, vol)
        early = _may_pay(terms)
        if early.any():
            row = _living(terms).where(early)
            premium = _premium(row, _early_exercise(row, vol[early]))
            price[early] = np.where(premium.exercise, row.intrinsic, price[early] + premium.value)
            delta[early] += premium.slope
            gamma[early] += premium.curvature
        spot = alive.spot.copy()
        for called, before in _last_chances(terms):
            _take_better((price, delta, gamma, spot), called, (*_held(before, vol[called]), before.spot))
        carry = (RISK_FREE_RATE - alive.dividend_yield) * spot * delta
        theta = (RISK_FREE_RATE * price - carry - 0.5 * (vol * spot) ** 2 * gamma) / DAYS_PER_YEAR
    least = _least(terms)
    done = (terms.years <= _SHORTEST) | (price <= least)
    settled = np.where(terms.sign * (terms.spot - terms.strike) > 0, terms.sign, 0.0)
    price = np.where(done, np.where(terms.years <= _SHORTEST, terms.intrinsic, least), price)
    bumped = american_prices(terms, vol + _VEGA_BUMP)
    return ModelValues(
        price=price,
        delta=np.where(done, settled, delta),
        gamma=np.where(done, 0.0, gamma),
        vega=np.maximum(bumped - price, 0.0) * (0.01 / _VEGA_BUMP),
        theta=np.where(done, 0.0, np.clip(theta, -np.maximum(price - terms.intrinsic, 0.0), 0.0)),
    )


def _held(terms: OptionTerms, vol: Floats) -> tuple[Floats, Floats, Floats]:
    """Price, delta and gamma of European options."""
    european = _european(terms, vol)
    gamma = european.growth * normal_pdf(european.d1) / (terms.spot * european.deviation)
    return european.price, terms.sign * european.growth * european.exercised, gamma


def _take_better(into: tuple[Floats, ...], mask: Mask, offered: tuple[Floats, ...]) -> None:
    """Replaces the rows of the mask where the offered price, the first of each, is higher."""
    better = offered[0] > into[0][mask]
    for one, other in zip(into, offered, strict=True):
        one[mask] = np.where(better, other, one[mask])
