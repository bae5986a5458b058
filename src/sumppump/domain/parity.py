"""Forward, discount, rate and dividends that the market reckons with, from calls and puts of one expiry.

A call less a put at strike K is worth D (F - K): a straight line whose slope is the discount and whose zero
is the forward (H. Stoll, 1969). American options carry a premium for early exercise; it is taken off first,
by a tree at the volatility that each price implies, and again until the forward stays where it is. Known
dividends are taken in cash: their dates decide about exercise, a yield has none. A quote's mid is taken to be
wrong by a quarter of its width, so narrow quotes count more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.missing import Missing
from sumppump.domain.pricing import american_implied_vols, american_prices, european_prices, implied_vols
from sumppump.domain.pricing.normal import Array

Booleans = NDArray[np.bool_]

LEAST_PAIRS = 3
# The true price lies about the mid by this part of the quote's width (one standard error).
DOUBT = 0.25
# A premium of early exercise is off by this part: unknown dividends are a yield, volatility is one number.
PREMIUM_DOUBT = 0.1
# A rate that is known no better than this is not told.
MOST_RATE_ERROR = 0.005
# Early exercise is taken off near the money alone: far in the money the premium is all there is.
NEAR_DEVIATIONS = 1.0
_LEAST_WIDTH = 0.002
_ROUNDS, _TREE, _SETTLED = 20, 60, 1e-6
_SPREAD_OF_RATES = 0.25
_LEAST_TIME_VALUE = 1e-5
# Where the forward holds less than this part of the known dividends, these options do not price them in.
_BELIEVED = 0.5

Cash = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A call and a put at one strike: mids, and the sum of both widths, currency per share."""

    strike: float
    call: float
    put: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """What one expiry's pairs say together.

    Attributes:
        forward: currency per share; forward_error: its standard error.
        rate: per year, continuous; implied where `is_rate_implied`, else the one that was assumed.
        rate_error: standard error of an implied rate; None of an assumed one.
        dividend_yield: per year, continuous: what lowers the forward beside the rate, cash and borrowing
            included.
        pairs: how many were used.
        is_deamericanised: whether the premium of early exercise was taken off.
        cash: known dividends until expiry as (years from now, currency per share), escrowed as IBKR does it.
    """

    years: float
    spot: float
    forward: float
    forward_error: float
    rate: float
    rate_error: float | None
    dividend_yield: float
    pairs: int
    is_deamericanised: bool = False
    cash: Cash = ()

    @property
    def stripped(self) -> float:
        """The spot less the present value of the cash dividends: what moves, currency per share."""
        return self.spot - _worth(self.cash, self.rate)

    @property
    def residual_yield(self) -> float:
        """What lowers the forward beside the rate and the cash, per year, continuous."""
        if not self.cash:
            return self.dividend_yield
        return self.dividend_yield + math.log(self.stripped / self.spot) / self.years

    @property
    def is_rate_implied(self) -> bool:
        """Whether the pairs told the rate, too."""
        return self.rate_error is not None

    @property
    def discount(self) -> float:
        """Worth now of 1 at expiry."""
        return math.exp(-self.rate * self.years)

    @property
    def escrow(self) -> float:
        """Present value of what the underlying pays until expiry, currency per share."""
        return self.spot - self.discount * self.forward


def _worth(cash: Cash, rate: float) -> float:
    """Present value of cash dividends, currency per share."""
    return sum(paid * math.exp(-rate * when) for when, paid in cash)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What pairs are read with: as the arguments of `implied_carry`."""

    spot: float
    years: float
    rate: float
    is_american: bool
    cash: Cash


@dataclass(frozen=True, slots=True)
class _Line:
    """The fitted line: forward and discount with their standard errors."""

    forward: float
    forward_error: float
    discount: float
    discount_error: float


def implied_carry(
    pairs: Sequence[Pair], *, spot: float, years: float, rate: float, is_american: bool, cash: Cash = ()
) -> Carry | Missing:
    """The forward, and where the strikes reach far enough the rate.

    Args:
        pairs: of one expiry, any order, each strike once.
        spot: the underlying's price, currency per share.
        years: to the last trading moment, ACT/365.
        rate: per year, continuous; taken where the pairs do not tell one.
        is_american: options may be exercised early.
        cash: dividends that are known, (years from now, currency per share); those of a European option are
            in its forward anyway. They are passed over where the prices do not hold them.
    """
    usable = [pair for pair in pairs if pair.call > 0 and pair.put > 0 and pair.width >= 0]
    if years <= 0:
        return Missing("expired", "no time is left")
    if len(usable) < LEAST_PAIRS:
        return _too_few(len(usable), "strikes have a call and a put")
    paid = tuple(each for each in cash if 0 < each[0] <= years) if is_american else ()
    if _worth(paid, rate) >= spot:
        paid = ()
    setting = _Setting(spot=spot, years=years, rate=rate, is_american=is_american, cash=paid)
    if not is_american:
        return _carry(usable, np.zeros(len(usable)), setting)
    found = _american_carry(usable, setting)
    if isinstance(found, Carry) and paid and found.escrow < _BELIEVED * _worth(paid, found.rate):
        return _american_carry(usable, replace(setting, cash=()))
    return found


def vols_at(prices: Array, strikes: Array, calls: Booleans, carry: Carry, *, is_american: bool) -> Array:
    """Volatility per year of each price at the carry; NaN where no volatility gives it."""
    inputs = (strikes, carry.years, carry.rate, carry.residual_yield, calls)
    if is_american:
        return american_implied_vols(prices, carry.spot, *inputs, dividends=carry.cash, steps=_TREE).vol
    return implied_vols(prices, carry.stripped, *inputs).vol


def _american_carry(pairs: Sequence[Pair], setting: _Setting) -> Carry | Missing:
    guess = _middle_carry(pairs, setting)
    near = [pair for pair in _near_the_money(pairs, guess) if _holds_time_value(pair, setting.spot)]
    if len(near) < LEAST_PAIRS:
        return _too_few(len(near), "pairs near the money hold time value")
    premium = np.zeros((2, len(near)))
    found: Carry | Missing = guess
    for _ in range(_ROUNDS):
        found = _carry(near, premium[0] - premium[1], setting)
        if isinstance(found, Missing):
            return found
        moved, guess = abs(found.forward - guess.forward), found
        if moved <= _SETTLED * setting.spot:
            break
        premium = _premiums(near, premium, found)
    return found


def _too_few(count: int, what: str) -> Missing:
    return Missing("too_few_pairs", f"{count} {what}, {LEAST_PAIRS} are needed")


def _premiums(pairs: Sequence[Pair], before: Array, carry: Carry) -> Array:
    """What early exercise adds to each call and put, (2, pairs), from what it was thought to add before."""
    strikes = np.array([pair.strike for pair in pairs])
    is_out = strikes >= carry.forward
    prices = np.where(is_out, [pair.call for pair in pairs], [pair.put for pair in pairs])
    # Call and put share one volatility; the one out of the money holds it best.
    vols = vols_at(prices - np.where(is_out, *before), strikes, is_out, carry, is_american=False)
    shared = np.tile(np.where(np.isnan(vols), 0.0, vols), 2)
    calls = np.arange(2 * len(strikes)) < len(strikes)
    return _early_premium(np.tile(strikes, 2), calls, shared, carry).reshape(2, -1)


def _early_premium(strikes: Array, calls: Booleans, vols: Array, carry: Carry) -> Array:
    inputs = (strikes, carry.years, carry.rate, carry.residual_yield, vols, calls)
    american = american_prices(carry.spot, *inputs, dividends=carry.cash, steps=_TREE)
    return np.maximum(american - european_prices(carry.stripped, *inputs), 0.0)


def _middle_carry(pairs: Sequence[Pair], setting: _Setting) -> Carry:
    """A first guess: the forward by the pair whose call and put cost most nearly the same."""
    middle = min(pairs, key=lambda pair: abs(pair.call - pair.put))
    discount = math.exp(-setting.rate * setting.years)
    forward = middle.strike + (middle.call - middle.put) / discount
    line = _Line(forward, DOUBT * middle.width, discount, math.inf)
    return _described(line, setting, 1)


def _near_the_money(pairs: Sequence[Pair], carry: Carry) -> list[Pair]:
    """Pairs within some deviations of the forward; a straddle there costs 0.8 deviations."""
    middle = min(pairs, key=lambda pair: abs(pair.strike - carry.forward))
    deviation = 1.25 * (middle.call + middle.put) / carry.forward / carry.discount
    reach = NEAR_DEVIATIONS * max(deviation, 1e-4)
    return [pair for pair in pairs if abs(math.log(pair.strike / carry.forward)) <= reach]


def _holds_time_value(pair: Pair, spot: float) -> bool:
    """Whether neither side is worth exercising at once: then its price says nothing of the forward."""
    least = max(pair.width, _LEAST_TIME_VALUE * spot)
    return pair.call - (spot - pair.strike) > least and pair.put - (pair.strike - spot) > least


def _carry(pairs: Sequence[Pair], premium: Array, setting: _Setting) -> Carry | Missing:
    """The line through the pairs; `premium` is what early exercise makes each call dearer than its put by."""
    strikes = np.array([pair.strike for pair in pairs])
    gaps = np.array([pair.call - pair.put for pair in pairs]) - premium
    widths = np.array([max(pair.width, _LEAST_WIDTH) for pair in pairs])
    errors = np.hypot(DOUBT * widths, PREMIUM_DOUBT * premium)
    line = _regressed(strikes, gaps, errors)
    if line is None or not _is_telling(line, setting.years, setting.rate):
        line = _through(strikes, gaps, errors, math.exp(-setting.rate * setting.years))
    if not line.forward > 0:
        return Missing("no_forward", "the prices of calls and puts contradict each other")
    return _described(line, setting, len(pairs))


def _is_telling(line: _Line, years: float, rate: float) -> bool:
    """Whether the slope tells a rate: sharply enough, and not a wild one."""
    if not line.discount > 0 or line.discount_error > MOST_RATE_ERROR * years * line.discount:
        return False
    return abs(-math.log(line.discount) / years - rate) <= _SPREAD_OF_RATES


def _regressed(strikes: Array, gaps: Array, errors: Array) -> _Line | None:
    """Slope and zero of the line; None with strikes too few or too near each other for both."""
    weight = errors**-2
    middle = float(np.sum(weight * strikes) / np.sum(weight))
    spread = float(np.sum(weight * (strikes - middle) ** 2))
    if len(strikes) <= 2 or not spread > 0:
        return None
    level = float(np.sum(weight * gaps) / np.sum(weight))
    slope = float(np.sum(weight * (strikes - middle) * gaps)) / spread
    if not slope < 0:
        return None
    excess = _excess((gaps - level - slope * (strikes - middle)) / errors, 2)
    slope_error = excess / math.sqrt(spread)
    forward = middle - level / slope
    level_error = excess / math.sqrt(float(np.sum(weight)))
    forward_error = math.hypot(level_error, slope_error * (forward - middle)) / -slope
    return _Line(forward, forward_error, -slope, slope_error)


def _through(strikes: Array, gaps: Array, errors: Array, discount: float) -> _Line:
    """The line of a known slope."""
    weight = errors**-2 / np.sum(errors**-2)
    each = strikes + gaps / discount
    forward = float(np.sum(weight * each))
    excess = _excess((each - forward) * discount / errors, 1)
    return _Line(forward, excess / math.sqrt(float(np.sum(errors**-2))) / discount, discount, math.inf)


def _excess(missed: Array, parameters: int) -> float:
    """By how much the quotes stray further than their widths say; at least 1."""
    freedom = len(missed) - parameters
    return math.sqrt(max(1.0, float(np.sum(missed**2)) / freedom)) if freedom > 0 else 1.0


def _described(line: _Line, setting: _Setting, pairs: int) -> Carry:
    spot, years = setting.spot, setting.years
    is_implied = math.isfinite(line.discount_error)
    own = -math.log(line.discount) / years if is_implied else setting.rate
    return Carry(
        years=years,
        spot=spot,
        forward=line.forward,
        forward_error=line.forward_error,
        rate=own,
        rate_error=line.discount_error / line.discount / years if is_implied else None,
        dividend_yield=own - math.log(line.forward / spot) / years if line.forward > 0 else 0.0,
        pairs=pairs,
        is_deamericanised=setting.is_american,
        cash=setting.cash,
    )
