"""Smiles through quotes, all expiries at once: raw SVI where there are strikes enough, else an SSVI slice.

Places are counted in standard deviations, volatilities in the level at the money, so that one set of bounds
and starts serves the last hour and the third year. What is made small is the sum of ((vol - quoted vol) /
error)^2; the error of a volatility is that of its price over vega, so the fit is weighted by vega.
Starts: for a fixed (m, sigma) total variance is straight in the other three (Zeliade Systems,
"Quasi-explicit calibration of Gatheral's SVI model", 2009), so the best of a small grid costs nearly nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.normal import Array
from sumppump.domain.smile import VolPoint, merged
from sumppump.domain.surface.least_squares import minimise
from sumppump.domain.surface.svi import LEE, RawSvi, durrleman

LEAST_STRIKES = 3
LEAST_FOR_SVI = 5
# Nobody knows a volatility better than this, per year: quotes are a little apart in time.
LEAST_ERROR = 2e-4
_MIDDLES, _WIDTHS = (-1.5, -0.5, 0.25, 1.0), (0.25, 0.8, 2.5)
_STARTS = 2
_GRID = np.array(list(product(_MIDDLES, _WIDTHS)))
_STEEPEST_RHO = 3.0  # atanh(0.995)
_SSVI_BOUND = 4.0
_TINY = 1e-12
# A stray: so many times as far off as the others, and by this part of the volatility; what part is few.
_STRAYS, _FAR, _FEW = 5.0, 0.02, 0.2
# What the numbers usually are and one over by how much they stray: so few vague quotes make no wild smile.
_SVI_USUAL = np.array([(-0.5, -1.0, -0.3, 0.0, 0.0), (0.3, 0.3, 0.5, 0.3, 0.5)])
_SSVI_USUAL = np.array([(0.0, -0.7, -0.3), (0.3, 0.7, 0.7)])
# The guard against butterflies: on so many places, a little beyond the quotes and a little above 0.
_PENALTIES = (30.0, 300.0, 3000.0)
_GUARDS, _BEYOND, _LEAST_G, _BUMP = 81, 0.1, 2e-3, 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryQuotes:
    """What the quotes of one expiry say.

    Attributes:
        expiry: expiration date in New York; trading_class: SPX and SPXW expire apart.
        years: to the last trading moment, ACT/365, > 0.
        forward: the underlying's price for then, currency per share.
        points: volatilities by strike. strays: how many more were left out.
    """

    expiry: date
    trading_class: str
    years: float
    forward: float
    points: tuple[VolPoint, ...]
    strays: int = 0

    @property
    def strikes(self) -> int:
        """How many different strikes there are."""
        return len({point.strike for point in self.points})


@dataclass(frozen=True, slots=True)
class _Batch:
    """Expiries as rows, padded to the longest; a padded quote has weight 0.

    Attributes:
        place: ln(strike / forward) / scale. vol: in levels. weight: one over the error of `vol`.
        level: volatility at the money per year. scale: one standard deviation until expiry.
    """

    place: Array
    vol: Array
    weight: Array
    level: Array
    scale: Array

    @classmethod
    def of(cls, quotes: Sequence[ExpiryQuotes]) -> _Batch:
        sets = [merged(each.points) for each in quotes]
        longest = max(len(points) for points in sets)
        place, vol, weight = (np.zeros((len(quotes), longest)) for _ in range(3))
        level, scale = np.empty(len(quotes)), np.empty(len(quotes))
        for row, (each, points) in enumerate(zip(quotes, sets, strict=True)):
            strikes, vols, errors = (np.array(column) for column in zip(*points, strict=True))
            k, count = np.log(strikes / each.forward), len(points)
            level[row] = vols[np.argmin(np.abs(k))]
            scale[row] = level[row] * np.sqrt(each.years)
            place[row, :count], vol[row, :count] = k / scale[row], vols / level[row]
            weight[row, :count] = level[row] / np.maximum(errors, LEAST_ERROR)
        vol[weight == 0] = 1.0
        return cls(place, vol, weight, level, scale)

    def rows(self, which: NDArray[np.intp]) -> _Batch:
        """Some of the rows, in any order and number."""
        return _Batch(*(part[which] for part in (self.place, self.vol, self.weight, self.level, self.scale)))

    def compared(self, variance: Array, slopes: Array) -> tuple[Array, Array]:
        """Residuals and their slopes of a model whose variances are in squared levels."""
        modelled = np.sqrt(np.maximum(variance, _TINY))
        return self.weight * (modelled - self.vol), (0.5 * self.weight / modelled)[..., None] * slopes


def fit_svi(quotes: Sequence[ExpiryQuotes]) -> tuple[RawSvi, ...]:
    """Raw SVI through each expiry's quotes; Lee's bound holds, a butterfly may not. Five strikes at least."""
    batch = _Batch.of(quotes)
    start = _best_starts(batch)
    expiry = np.repeat(np.arange(len(quotes)), _STARTS)
    rows = batch.rows(expiry)
    found = minimise(
        lambda x: _usual(_svi(rows, x), x, _SVI_USUAL), start.reshape(-1, 5), lambda x: _svi_bounds(rows, x)
    )
    best = np.argmin(found.cost.reshape(len(quotes), _STARTS), axis=1)
    at = found.at.reshape(len(quotes), _STARTS, 5)[np.arange(len(quotes)), best]
    return tuple(_raw(x, scale) for x, scale in zip(at, batch.scale, strict=True))


def without_strays(quotes: ExpiryQuotes, svi: RawSvi) -> ExpiryQuotes:
    """The quotes without those that miss a curve by far more than the others do; the same where none does.

    A price that was not renewed is narrow and wrong; a curve that is wrong all over is not told by a few.
    """
    strikes, vols, errors = (np.array(column) for column in zip(*quotes.points, strict=True))
    modelled = np.sqrt(np.maximum(svi.variance(np.log(strikes / quotes.forward)), _TINY) / quotes.years)
    missed = np.abs(modelled - vols)
    usual = np.median(missed / np.maximum(errors, LEAST_ERROR))
    far = missed / np.maximum(errors, LEAST_ERROR) > _STRAYS * np.maximum(usual, 1.0)
    far &= missed > _FAR * modelled
    if not far.any() or far.mean() > _FEW:
        return quotes
    kept = tuple(point for point, is_far in zip(quotes.points, far, strict=True) if not is_far)
    return replace(quotes, points=kept, strays=int(far.sum()))


def fit_ssvi(quotes: Sequence[ExpiryQuotes]) -> tuple[RawSvi, ...]:
    """An SSVI slice through each expiry's quotes, free of butterflies everywhere. Three strikes at least.

    The conditions are theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4 (Gatheral and Jacquier,
    theorem 4.2).
    """
    batch = _Batch.of(quotes)
    starts = np.array([(0.0, np.log(0.5), rho) for rho in (-0.8, 0.0, 0.8)])
    expiry = np.repeat(np.arange(len(quotes)), len(starts))
    rows = batch.rows(expiry)
    start = np.tile(starts, (len(quotes), 1))
    found = minimise(lambda x: _usual(_ssvi(rows, x), x, _SSVI_USUAL), start, lambda x: _ssvi_bounds(rows, x))
    best = np.argmin(found.cost.reshape(len(quotes), -1), axis=1)
    at = found.at.reshape(len(quotes), -1, 3)[np.arange(len(quotes)), best]
    theta, phi, rho = np.exp(at[:, 0]) * batch.scale**2, np.exp(at[:, 1]) / batch.scale, np.tanh(at[:, 2])
    return tuple(RawSvi.ssvi(*map(float, each)) for each in zip(theta, phi, rho, strict=True))


def fit_svi_without_butterflies(quotes: Sequence[ExpiryQuotes]) -> tuple[RawSvi, ...]:
    """Raw SVI with Durrleman's g held above 0 between the outermost strikes by a penalty that grows.

    What is left below 0 at last is for the caller to find; few quotes of a market need this at all.
    """
    batch = _Batch.of(quotes)
    at = _best_starts(batch)[:, 0]
    for penalty in _PENALTIES:

        def held(x: Array, penalty: float = penalty) -> tuple[Array, Array]:
            missed, slopes = _svi(batch, x)
            below, below_slopes = _below_zero(batch, x)
            return (
                np.concatenate([missed, penalty * below], axis=1),
                np.concatenate([slopes, penalty * below_slopes], axis=1),
            )

        at = minimise(held, at, lambda x: _svi_bounds(batch, x)).at
    return tuple(_raw(x, scale) for x, scale in zip(at, batch.scale, strict=True))


def _below_zero(batch: _Batch, x: Array) -> tuple[Array, Array]:
    """By how much g falls short of a little above 0 on a grid, and the slopes of that, by differences."""
    here = _shortfall(batch, x)
    bumped = [_shortfall(batch, x + _BUMP * unit) for unit in np.eye(x.shape[1])]
    return here, (np.stack(bumped, axis=-1) - here[..., None]) / _BUMP


def _shortfall(batch: _Batch, x: Array) -> Array:
    low, high = batch.place.min(axis=1, keepdims=True), batch.place.max(axis=1, keepdims=True)
    z = low - _BEYOND + (high - low + 2.0 * _BEYOND) * np.linspace(0.0, 1.0, _GUARDS)
    least, b, m, sigma = np.exp(x[:, :1]), np.exp(x[:, 1:2]), x[:, 3:4], np.exp(x[:, 4:5])
    rho, unit = np.tanh(x[:, 2:3]), batch.scale[:, None]
    place = z - m
    root = np.sqrt(place * place + sigma * sigma)
    w = unit**2 * (least + b * (rho * place + root - sigma * np.sqrt(1.0 - rho * rho)))
    g = durrleman(unit * z, w, unit * b * (rho + place / root), b * sigma**2 / root**3)
    return np.maximum(_LEAST_G - g, 0.0)


def _usual(compared: tuple[Array, Array], x: Array, usual: Array) -> tuple[Array, Array]:
    """With what smiles usually are as one more vague observation of each number."""
    middle, weight = usual
    missed, slopes = compared
    pulled = np.broadcast_to(np.diag(weight), (len(x), len(weight), len(weight)))
    return np.concatenate([missed, weight * (x - middle)], axis=1), np.concatenate([slopes, pulled], axis=1)


def _raw(x: Array, scale: float) -> RawSvi:
    """The five numbers from (ln least variance, ln b, atanh rho, m, ln sigma) in deviations."""
    least, b, rho, sigma = float(np.exp(x[0])), float(np.exp(x[1])), float(np.tanh(x[2])), float(np.exp(x[4]))
    a = least - b * sigma * float(np.sqrt(1.0 - rho * rho))
    unit = float(scale)
    return RawSvi(unit**2 * a, unit * b, rho, unit * float(x[3]), unit * sigma)


def _svi(batch: _Batch, x: Array) -> tuple[Array, Array]:
    least, b, m, sigma = np.exp(x[:, :1]), np.exp(x[:, 1:2]), x[:, 3:4], np.exp(x[:, 4:5])
    rho = np.tanh(x[:, 2:3])
    rest = np.sqrt(1.0 - rho * rho)
    place = batch.place - m
    root = np.sqrt(place * place + sigma * sigma)
    shape = b * (rho * place + root - sigma * rest)
    slopes = np.stack(
        [
            np.broadcast_to(least, shape.shape),
            shape,
            b * rest * (rest * place + sigma * rho),
            -b * (rho + place / root),
            b * sigma * (sigma / root - rest),
        ],
        axis=-1,
    )
    return batch.compared(least + shape, slopes)


def _svi_bounds(batch: _Batch, x: Array) -> Array:
    inside = np.clip(x, [-8.0, -8.0, -_STEEPEST_RHO, -10.0, -5.0], [3.0, 4.0, _STEEPEST_RHO, 10.0, 3.0])
    steepest = np.log(LEE / ((1.0 + np.abs(np.tanh(inside[:, 2]))) * batch.scale))
    inside[:, 1] = np.minimum(inside[:, 1], steepest)
    return inside


def _ssvi(batch: _Batch, x: Array) -> tuple[Array, Array]:
    theta, rho = np.exp(x[:, :1]), np.tanh(x[:, 2:3])
    stretched = np.exp(x[:, 1:2]) * batch.place
    root = np.sqrt(stretched * (stretched + 2.0 * rho) + 1.0)
    variance = 0.5 * theta * (1.0 + rho * stretched + root)
    slopes = np.stack(
        [
            variance,
            0.5 * theta * stretched * (rho + (stretched + rho) / root),
            0.5 * theta * stretched * (1.0 + 1.0 / root) * (1.0 - rho * rho),
        ],
        axis=-1,
    )
    return batch.compared(variance, slopes)


def _ssvi_bounds(batch: _Batch, x: Array) -> Array:
    inside = np.clip(x, [-4.0, -8.0, -_STEEPEST_RHO], [4.0, 4.0, _STEEPEST_RHO])
    theta = np.exp(inside[:, 0]) * batch.scale**2
    most = _SSVI_BOUND / (theta * (1.0 + np.abs(np.tanh(inside[:, 2]))))
    steepest = np.minimum(most, np.sqrt(most)) * (1.0 - 1e-9)
    inside[:, 1] = np.minimum(inside[:, 1], np.log(steepest * batch.scale))
    return inside


def _best_starts(batch: _Batch) -> Array:
    """The few best of the grid for each expiry, (expiries, starts, 5)."""
    count, cells = len(batch.level), len(_GRID)
    rows = batch.rows(np.repeat(np.arange(count), cells))
    middle, width = np.tile(_GRID[:, :1], (count, 1)), np.tile(_GRID[:, 1:], (count, 1))
    place = rows.place - middle
    terms = np.stack([np.ones_like(place), place, np.sqrt(place**2 + width**2)], axis=-1)
    # An error of the volatility is one of the variance times 2 vol.
    weight = 0.5 * rows.weight / rows.vol
    weighted = terms * weight[..., None]
    system = np.swapaxes(weighted, 1, 2) @ weighted + 1e-6 * np.eye(3)
    target = np.einsum("ijk,ij->ik", weighted, weight * rows.vol**2)
    level, tilt, b = np.linalg.solve(system, target[..., None])[..., 0].T[:, :, None]
    b = np.clip(b, 1e-3, 20.0)
    rho = np.clip(tilt / b, -0.95, 0.95)
    least = np.maximum(level + b * width * np.sqrt(1.0 - rho**2), 0.02)
    x = np.concatenate([np.log(least), np.log(b), np.arctanh(rho), middle, np.log(width)], axis=1)
    x = _svi_bounds(rows, x)
    cost = np.einsum("ij,ij->i", *(2 * (_svi(rows, x)[0],))).reshape(count, cells)
    best = np.argsort(cost, axis=1)[:, :_STARTS]
    return x.reshape(count, cells, 5)[np.arange(count)[:, None], best]
