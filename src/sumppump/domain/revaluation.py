"""What a combo is worth before its expiry, and at its first expiry when later legs live on.

Every leg is repriced in full, American where the contract is American; nothing is expanded in Greeks.
With one expiry the bounds and breakevens are exact (see `payoff`) and only the curves of today and
half-way come from a model. With several, all figures at the first expiry do. Dividends that shares receive
until then are not counted: they are for who holds the shares, not for the order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import SECONDS_PER_YEAR, OptionContract, Right
from sumppump.domain.payoff import (
    UNLIMITED_LOSS,
    UNLIMITED_PROFIT,
    ZERO,
    Bound,
    Curve,
    ExpiryPayoff,
    PayoffPoint,
    PayoffProfile,
    is_upside,
    profit_regions,
)
from sumppump.domain.pricing import american_prices, european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.kernel.money import CENT, Money, Premium

GRID = 401
PICTURE_POINTS = 161
MOVES_PCT = (-20, -10, -5, 5, 10, 20)
LEAST_PRICE = 1e-9
_STEPS = 50
_REFINED, _ROUNDS = 41, 2
_NOTHING = 1e-7


@dataclass(frozen=True, slots=True)
class CashDividend:
    """Cash per share for who holds the shares before `ex`."""

    ex: datetime
    cash: float


@dataclass(frozen=True, slots=True)
class ExpiryRates:
    """Rate and dividend yield until one moment of settlement, per year, continuous; `source` says by whom."""

    settles: datetime
    rate: float
    dividend_yield: float
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What every modelled figure rests on.

    Attributes:
        rate: risk-free, per year, continuous. dividend_yield: likewise, beside the cash dividends.
        is_american: options may be exercised early (stocks and ETFs; not cash-settled indices).
        dividends: known ones, escrowed as IBKR does it.
        by_expiry: where an expiry has rates of its own.
        is_confirmed: whether parity was read, and gave no reason for other figures.
        source: what of it is assumed, and where the rest is from.
    """

    rate: float = 0.04
    dividend_yield: float = 0.0
    is_american: bool = True
    dividends: tuple[CashDividend, ...] = ()
    by_expiry: tuple[ExpiryRates, ...] = ()
    is_confirmed: bool = False
    source: str = "rate and dividend_yield, not looked up"

    def until(self, settles: datetime) -> ExpiryRates:
        """The rates of an expiry."""
        own = (each for each in self.by_expiry if each.settles == settles)
        return next(own, ExpiryRates(settles, self.rate, self.dividend_yield))

    def cash(self, settles: datetime, now: datetime) -> tuple[tuple[float, float], ...]:
        """Cash dividends from `now` to an expiry, as (years from now, cash per share)."""
        return tuple(
            ((each.ex - now).total_seconds() / SECONDS_PER_YEAR, each.cash)
            for each in self.dividends
            if now < each.ex <= settles
        )

    def prepaid(self, spot: float, settles: datetime, now: datetime) -> float:
        """The underlying less the present value of what it pays until an expiry, per share."""
        own, years = self.until(settles), max(0.0, (settles - now).total_seconds() / SECONDS_PER_YEAR)
        paid = sum(cash * math.exp(-own.rate * when) for when, cash in self.cash(settles, now))
        return max(spot - paid, LEAST_PRICE) * math.exp(-own.dividend_yield * years)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderValue:
    """P&L of an order at any price and moment.

    Attributes:
        spot: the underlying's price now.
        vols: volatility per year by con_id, held constant; None where unknown.
        now: exchange time.
    """

    combo: Combo
    quantity: int
    net_premium: Premium
    spot: Decimal
    vols: Mapping[int, float | None]
    now: datetime
    assumptions: Assumptions

    @property
    def settlements(self) -> tuple[datetime, ...]:
        """Moments at which the legs settle, nearest first."""
        return tuple(sorted({option.settles for option in self.combo.options}))

    @property
    def at_expiry(self) -> ExpiryPayoff:
        """Intrinsic values of all legs at one moment."""
        return ExpiryPayoff(combo=self.combo, quantity=self.quantity, net_premium=self.net_premium)

    @property
    def is_left_uncovered(self) -> bool:
        """Whether what outlives the first expiry owes more calls than it holds calls and shares."""
        first = self.settlements[0] if self.settlements else self.now
        left = (leg for leg in self.combo.legs if not _ends(leg, first))
        return len(self.settlements) > 1 and sum(leg.shares for leg in left if is_upside(leg)) < 0

    def missing_vols(self, at: datetime) -> tuple[OptionContract, ...]:
        """Options that live beyond `at` and whose volatility is not known."""
        alive = (option for option in self.combo.options if option.settles > at)
        return tuple(option for option in alive if self.vols.get(option.con_id) is None)

    def pnl(self, prices: Array, at: datetime) -> Array:
        """Cash of the whole order if the underlying stands at `prices` at the moment `at`."""
        shares = sum(leg.shares for leg in self.combo.stock_legs)
        total: Array = shares * prices - float(self.net_premium) * self.combo.multiplier
        counts = [leg.shares for leg in self.combo.legs if isinstance(leg.contract, OptionContract)]
        for count, worth in zip(counts, self._worth(self.combo.options, prices, at), strict=True):
            total += count * worth
        return total * self.quantity

    def worth(self, option: OptionContract, prices: Array, at: datetime) -> Array:
        """Per share of one option if the underlying stands at `prices` at the moment `at`."""
        row: Array = self._worth([option], prices, at)[0]
        return row

    def _worth(self, options: Sequence[OptionContract], prices: Array, at: datetime) -> Array:
        """What options are worth at the moment `at`, per share: a row for each."""
        strikes = _column([float(option.strike) for option in options])
        worth = np.maximum(_column([_sign(option) for option in options]) * (prices - strikes), 0.0)
        alive = [row for row, option in enumerate(options) if option.settles > at]
        if alive:
            worth[alive] = self._modelled([options[row] for row in alive], prices, at)
        return worth

    def _modelled(self, options: Sequence[OptionContract], prices: Array, at: datetime) -> Array:
        """The same of options that settle later, all in one pass."""
        own = [self.assumptions.until(option.settles) for option in options]
        strike = _column([float(option.strike) for option in options])
        years = _column([option.years(at) for option in options])
        rate, paying = _column([each.rate for each in own]), _column([each.dividend_yield for each in own])
        vol = _column([self.vols.get(option.con_id) or 0.0 for option in options])
        is_call = np.array([[option.right is Right.CALL] for option in options])
        if self.assumptions.is_american:
            # Whichever is paid after an option's end does not count for it.
            cash = self.assumptions.cash(max(option.settles for option in options), at)
            inputs = (prices, strike, years, rate, paying, vol, is_call)
            return american_prices(*inputs, dividends=cash, steps=_STEPS)
        # In cash, as at today's spot: an index that doubles does not pay twice as much within weeks, and far
        # away from the strikes the P&L is then straight with the slope of its shares.
        paid = float(self.spot) * -np.expm1(-paying * years)
        left = np.maximum(prices - paid, LEAST_PRICE)
        return european_prices(left, strike, years, rate, 0.0, vol, is_call)


def _floats(prices: Sequence[Decimal]) -> Array:
    return np.array([float(price) for price in prices])


def _column(numbers: Sequence[float]) -> Array:
    return np.array(numbers, dtype=np.float64)[:, None]


def _sign(option: OptionContract) -> float:
    return 1.0 if option.right is Right.CALL else -1.0


def _ends(leg: Leg, moment: datetime) -> bool:
    return isinstance(leg.contract, OptionContract) and leg.contract.settles <= moment


def payoff_profile(value: OrderValue) -> PayoffProfile:
    """Bounds, breakevens, table and curves of an order, at its first expiry."""
    if len(value.settlements) > 1:
        return _modelled(value, value.settlements[0])
    exact = value.at_expiry
    breakevens = exact.breakevens
    return PayoffProfile(
        quantity=value.quantity,
        net_premium=value.net_premium,
        spot=value.spot,
        max_loss=exact.max_loss,
        max_profit=exact.max_profit,
        breakevens=breakevens,
        profit_regions=profit_regions(breakevens, exact.pnl),
        table=_table(value, breakevens, lambda prices: [exact.pnl(price) for price in prices]),
        curves=_curves(value, breakevens),
    )


def _modelled(value: OrderValue, horizon: datetime) -> PayoffProfile:
    missing = value.missing_vols(horizon)
    if missing:
        return PayoffProfile(
            quantity=value.quantity,
            net_premium=value.net_premium,
            spot=value.spot,
            max_loss=None,
            max_profit=None,
            is_modelled=True,
            reason=f"The volatility of {missing[0].label} is not known, so it cannot be valued at expiry "
            "of the nearer legs.",
        )
    grid = _wide_grid(value)
    there = value.pnl(grid, horizon)

    def at(prices: Sequence[Decimal]) -> list[Decimal]:
        return [Decimal(pnl) for pnl in value.pnl(_floats(prices), horizon).tolist()]

    breakevens = _zeros(value, grid, there, horizon)
    return PayoffProfile(
        quantity=value.quantity,
        net_premium=value.net_premium,
        spot=value.spot,
        max_loss=_bound(value, grid, there, horizon, is_loss=True),
        max_profit=_bound(value, grid, there, horizon, is_loss=False),
        breakevens=breakevens,
        profit_regions=profit_regions(breakevens, lambda price: at([price])[0]),
        table=_table(value, breakevens, at),
        curves=_curves(value, breakevens),
        is_modelled=True,
    )


def _bound(value: OrderValue, grid: Array, there: Array, at: datetime, *, is_loss: bool) -> Bound:
    """The most that can be lost or gained: the best of the grid's P&L, and again, finer, about its place."""
    sign = -1 if is_loss else 1
    if sign * value.at_expiry.end_slope > 0:
        return UNLIMITED_LOSS if is_loss else UNLIMITED_PROFIT
    best = int(np.argmax(sign * there))
    most = max(0.0, sign * float(there[best]))
    for _ in range(_ROUNDS):
        grid = np.linspace(grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)], _REFINED)
        gained = sign * value.pnl(grid, at)
        best = int(np.argmax(gained))
        most = max(most, float(gained[best]))
    return Money(Decimal(most).quantize(CENT), value.combo.currency)


def _spread(value: OrderValue, at: datetime) -> float:
    """One standard deviation of the underlying's logarithm until `at`, by the largest known volatility."""
    known = [vol for vol in value.vols.values() if vol]
    years = max(0.0, (at - value.now).total_seconds() / SECONDS_PER_YEAR)
    return max(known, default=0.0) * math.sqrt(years)


def _wide_grid(value: OrderValue) -> Array:
    """Prices between and beyond which nothing happens, with every strike, and both ends of the world.

    Past eight deviations of the last expiry an option is worth nothing or what its shares and its strike are
    (dividends are in cash, and who may exercise does not let it fall below that). So the P&L is straight
    there, with the slope of the shares that it stands for: an end of the grid tells the limit where that
    slope is 0, and where it is not there is none.
    """
    reach = min(8.0, 8.0 * max(0.03, _spread(value, value.settlements[-1])))
    strikes = [float(option.strike) for option in value.combo.options]
    low, high = min(float(value.spot), *strikes), max(float(value.spot), *strikes)
    middle = np.geomspace(low * np.exp(-reach), high * np.exp(reach), GRID)
    ends = [LEAST_PRICE, high * np.exp(reach + 3.0)]
    return np.unique(np.concatenate([middle, strikes, ends]))


def _zeros(value: OrderValue, grid: Array, pnl: Array, at: datetime) -> tuple[Decimal, ...]:
    found = [
        _zero(value, grid[place], grid[place + 1], at) for place in np.flatnonzero(np.diff(pnl >= -_NOTHING))
    ]
    slope = value.at_expiry.end_slope
    if pnl[-1] * slope < 0:
        found.append(float(grid[-1] - pnl[-1] / slope))
    return tuple(Decimal(price).quantize(CENT) for price in found)


def _zero(value: OrderValue, low: float, high: float, at: datetime) -> float:
    """Where the P&L changes its sign between two prices."""
    for _ in range(_ROUNDS):
        fine = np.linspace(low, high, _REFINED)
        there = value.pnl(fine, at)
        cell = int(np.flatnonzero(np.diff(there >= -_NOTHING))[0])
        low, high = float(fine[cell]), float(fine[cell + 1])
    return low + (high - low) * float(there[cell] / (there[cell] - there[cell + 1]))


def _table(
    value: OrderValue, breakevens: Sequence[Decimal], pnl: Callable[[Sequence[Decimal]], Sequence[Decimal]]
) -> tuple[PayoffPoint, ...]:
    """Strikes, breakevens, spot and a few moves, one row for each price; the first mark wins."""
    marks = {option.strike: "strike" for option in value.combo.options}
    marks |= {price: "breakeven" for price in breakevens if price not in marks}
    rows = {value.spot: "spot"} | {
        (value.spot * (100 + move) / 100).quantize(CENT): f"{move:+d} %" for move in MOVES_PCT
    }
    marks |= {price: mark for price, mark in rows.items() if price not in marks}
    prices = sorted(marks)
    return tuple(
        PayoffPoint(price, _cash(value, end), marks[price], *before)
        for price, end, before in zip(prices, pnl(prices), _before(value, prices), strict=True)
    )


def _before(value: OrderValue, prices: Sequence[Decimal]) -> list[tuple[Money | None, Money | None]]:
    """P&L today and half-way to the first expiry, for each price; None twice where it cannot be repriced."""
    moments = _moments_before(value)
    if not moments:
        return [(None, None)] * len(prices)
    today, half_way = (_repriced(value, prices, at) for at in moments)
    return list(zip(today, half_way, strict=True))


def _moments_before(value: OrderValue) -> tuple[datetime, ...]:
    """Now and half-way to the first expiry; none where that is over or a volatility is missing."""
    horizon = value.settlements[0] if value.settlements else value.now
    if horizon <= value.now or value.missing_vols(value.now):
        return ()
    return value.now, value.now + (horizon - value.now) / 2


def _repriced(value: OrderValue, prices: Sequence[Decimal], at: datetime) -> list[Money]:
    pnl = value.pnl(_floats(prices), at)
    return [_cash(value, Decimal(each)) for each in pnl.tolist()]


def _cash(value: OrderValue, amount: Decimal) -> Money:
    # Adding 0 turns a rounded -0.00 into 0.00.
    return Money(amount.quantize(CENT) + ZERO, value.combo.currency)


def _curves(value: OrderValue, breakevens: Sequence[Decimal]) -> tuple[Curve, ...]:
    if not value.settlements:
        return (_curve(value, "at expiry", value.now, _picture_grid(value, breakevens)),)
    grid = _picture_grid(value, breakevens)
    moments = [*zip(("today", "half-way"), _moments_before(value), strict=False)]
    moments.append(("at expiry", value.settlements[0]))
    return tuple(_curve(value, label, at, grid) for label, at in moments)


def _curve(value: OrderValue, label: str, at: datetime, grid: Array) -> Curve:
    return Curve(label, at, tuple(grid.tolist()), tuple(value.pnl(grid, at).tolist()))


def _picture_grid(value: OrderValue, breakevens: Sequence[Decimal]) -> Array:
    """Prices for a picture: two and a half deviations about the spot, and all strikes and breakevens."""
    spot = float(value.spot)
    corners = [float(option.strike) for option in value.combo.options]
    zeros = [float(price) for price in breakevens if 0.3 * spot < float(price) < 3.0 * spot]
    horizon = value.settlements[0] if value.settlements else value.now
    reach = max(0.02, min(0.6, 2.5 * _spread(value, horizon)))
    marks = [spot, *corners, *zeros]
    margin = 0.12 * (max(marks) - min(marks))
    low = max(0.0, min(spot * np.exp(-reach), min(marks) - margin))
    high = max(spot * np.exp(reach), max(marks) + margin)
    return np.unique(np.concatenate([np.linspace(max(low, 0.01), high, PICTURE_POINTS), marks]))
