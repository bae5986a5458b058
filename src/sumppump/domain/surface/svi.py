"""One smile in five numbers: J. Gatheral's raw SVI, its slopes, and what no smile without arbitrage may do.

Total variance w = vol^2 * years of log-forward-moneyness k = ln(strike / forward):
w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)).
J. Gatheral, A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sumppump.domain.pricing.normal import Array

LEE = 2.0
"""The steepest that total variance can grow with |k|: R. Lee, "The moment formula", 2004."""


def durrleman(k: Array, w: Array, slope: Array, bend: Array) -> Array:
    """g(k) of a total variance with its first two derivatives (Gatheral and Jacquier, equation 2.1)."""
    return (1.0 - 0.5 * k * slope / w) ** 2 - 0.25 * slope**2 * (1.0 / w + 0.25) + 0.5 * bend


@dataclass(frozen=True, slots=True)
class JumpWings:
    """The same smile in figures that keep their size from expiry to expiry.

    Attributes:
        v: variance at the money per year. psi: its skew. p, c: slopes of the put and the call wing.
        v_least: the least variance per year.
    """

    v: float
    psi: float
    p: float
    c: float
    v_least: float


@dataclass(frozen=True, slots=True)
class RawSvi:
    """The five numbers; b >= 0, |rho| < 1, sigma > 0, and the least variance above 0."""

    a: float
    b: float
    rho: float
    m: float
    sigma: float

    @classmethod
    def ssvi(cls, theta: float, phi: float, rho: float) -> RawSvi:
        """theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) in raw numbers (section 4)."""
        root = math.sqrt(1.0 - rho * rho)
        return cls(0.5 * theta * (1.0 - rho * rho), 0.5 * theta * phi, rho, -rho / phi, root / phi)

    @property
    def least_variance(self) -> float:
        """The lowest total variance of all strikes."""
        return self.a + self.b * self.sigma * math.sqrt(1.0 - self.rho**2)

    @property
    def steepest(self) -> float:
        """B (1 + |rho|), the slope of the steeper wing; above 2 moments are infinite that must not be."""
        return self.b * (1.0 + abs(self.rho))

    def variance(self, k: Array) -> Array:
        """Total variance at log-forward-moneyness."""
        place = k - self.m
        return self.a + self.b * (self.rho * place + np.sqrt(place**2 + self.sigma**2))

    def slope(self, k: Array) -> Array:
        """First derivative of the total variance."""
        place = k - self.m
        return self.b * (self.rho + place / np.sqrt(place**2 + self.sigma**2))

    def bend(self, k: Array) -> Array:
        """Second derivative of the total variance; positive everywhere, which proves nothing."""
        return self.b * self.sigma**2 / ((k - self.m) ** 2 + self.sigma**2) ** 1.5

    def density_sign(self, k: Array) -> Array:
        """Durrleman's g: of the sign of the density; below 0 a butterfly would pay to be held."""
        return durrleman(k, self.variance(k), self.slope(k), self.bend(k))

    def sensitivities(self, k: Array) -> Array:
        """Derivatives of the total variance by (a, b, rho, m, sigma), one row for each k."""
        place = k - self.m
        root = np.sqrt(place**2 + self.sigma**2)
        return np.stack(
            [
                np.ones_like(k),
                self.rho * place + root,
                self.b * place,
                -self.b * (self.rho + place / root),
                self.b * self.sigma / root,
            ],
            axis=-1,
        )

    def lifted(self, amount: float) -> RawSvi:
        """The smile with this much more total variance at every strike."""
        return RawSvi(self.a + amount, self.b, self.rho, self.m, self.sigma)

    def jump_wings(self, years: float) -> JumpWings:
        """SVI-JW (section 3.3 of the paper), for the years to expiry.

        Example:
            >>> vogt = RawSvi(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)  # A. Vogt, as the paper gives it
            >>> wings = vogt.jump_wings(1.0)
            >>> round(wings.v, 8), round(wings.psi, 7), round(wings.c, 6)
            (0.01742625, -0.1752111, 1.316798)
        """
        zero = np.zeros(1)
        at_money = float(self.variance(zero)[0])
        deviation = math.sqrt(at_money)
        return JumpWings(
            v=at_money / years,
            psi=0.5 * float(self.slope(zero)[0]) / deviation,
            p=self.b * (1.0 - self.rho) / deviation,
            c=self.b * (1.0 + self.rho) / deviation,
            v_least=self.least_variance / years,
        )
