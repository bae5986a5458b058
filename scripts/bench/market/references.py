"""Independent prices to measure ours by: loops of vollib, flat numpy and pyfeng."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyfeng
from numpy.typing import NDArray
from vollib.black_scholes_merton import black_scholes_merton
from vollib.black_scholes_merton.greeks import analytical
from vollib.black_scholes_merton.implied_volatility import implied_volatility

from scripts.bench.market.quantlib_american import Row
from sumppump.domain.pricing.normal import Array, normal_cdf, normal_density

GREEKS = ("delta", "gamma", "theta", "vega", "rho")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Contracts on one underlying: numbers for all, or columns of one length."""

    spot: Array | float
    strike: Array
    years: Array | float
    rate: Array | float
    carry: Array | float
    vol: Array
    call: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.strike)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """As our kernels take them."""
        return self.spot, self.strike, self.years, self.rate, self.carry, self.vol, self.call

    @property
    def rows(self) -> list[Row]:
        """As vollib takes them: flag, S, K, t, r, sigma, q."""
        columns = (np.broadcast_to(part, len(self)).tolist() for part in self.inputs)
        return [
            ("c" if call else "p", s, k, t, r, vol, q)
            for s, k, t, r, q, vol, call in zip(*columns, strict=True)
        ]


def chain(deviations: float, *, carry: float = 0.012) -> Chain:
    """9,000 contracts as of a fund: 30 expiries of 0.5 to 900 days, 150 strikes, volatility 12 to 30 %."""
    years = np.repeat(np.geomspace(0.5, 900, 30) / 365, 300)
    away = np.tile(np.repeat(np.linspace(-deviations, deviations, 150), 2), 30)
    vol = np.clip(0.18 - 0.02 * away, 0.12, 0.30)
    strike = 600 * np.exp(np.clip(away * vol * np.sqrt(years), -1.5, 1.5))
    call = np.tile([True, False], 4500)
    return Chain(spot=600.0, strike=strike, years=years, rate=0.043, carry=carry, vol=vol, call=call)


def scattered(count: int) -> Chain:
    """Random contracts of 1 day to 2 years, volatility 12 to 60 %, yield 0 to 6 %, rate 1 to 6 %."""
    random = np.random.default_rng(20_231)
    years = np.exp(random.uniform(np.log(1 / 365), np.log(2.0), count))
    vol, rate, carry = (
        random.uniform(low, high, count) for low, high in ((0.12, 0.6), (0.01, 0.06), (0, 0.06))
    )
    strike = 100.0 * np.exp(random.normal(0.0, 1.0, count) * vol * np.sqrt(years))
    call = random.random(count) < 0.5
    return Chain(spot=100.0, strike=strike, years=years, rate=rate, carry=carry, vol=vol, call=call)


def vollib_figures(contracts: Chain) -> None:
    """Price and five analytical Greeks, one contract after the other."""
    figures = [black_scholes_merton, *(getattr(analytical, name) for name in GREEKS)]
    for row in contracts.rows:
        for figure in figures:
            figure(*row)


def vollib_prices(contracts: Chain) -> list[float]:
    """Prices alone, one after the other."""
    return [black_scholes_merton(*row) for row in contracts.rows]


def vollib_vols(contracts: Chain, prices: list[float]) -> None:
    """Implied volatilities, one after the other; vollib raises where there is none."""
    for price, (flag, s, k, t, r, _, q) in zip(prices, contracts.rows, strict=True):
        try:
            implied_volatility(price, s, k, t, r, q, flag)
        except Exception:  # noqa: BLE001, S112 - its two classes have no common base; a bench goes on
            continue


def pyfeng_model(contracts: Chain) -> Any:  # noqa: ANN401 - an untyped library
    """The quickest ready-made arrays."""
    return pyfeng.Bsm(contracts.vol, intr=contracts.rate, divr=contracts.carry)


def flat_figures(contracts: Chain) -> Callable[[], tuple[Array, ...]]:
    """The same six figures written flat in numpy, with d1 and d2 at hand."""
    s, k, t, r, q, vol, call = (np.broadcast_to(part, len(contracts)).copy() for part in contracts.inputs)
    sign, root = np.where(call, 1.0, -1.0), np.sqrt(t)
    d1 = (np.log(s / k) + (r - q + 0.5 * vol * vol) * t) / (vol * root)
    d2 = d1 - vol * root

    def figures() -> tuple[Array, ...]:
        growth, discount = np.exp(-q * t), np.exp(-r * t)
        below1, below2, density = normal_cdf(sign * d1), normal_cdf(sign * d2), normal_density(d1)
        decay = -0.5 * s * growth * density * vol / root
        return (
            sign * (s * growth * below1 - k * discount * below2),
            sign * growth * below1,
            growth * density / (s * vol * root),
            (decay + sign * (q * s * growth * below1 - r * k * discount * below2)) / 365.0,
            s * growth * density * root / 100.0,
            sign * k * t * discount * below2 / 100.0,
        )

    return figures
