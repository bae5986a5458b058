"""Raw SVI against published figures, and fits against the smiles that made their quotes."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.pricing import european_prices
from sumppump.domain.smile import VolPoint
from sumppump.domain.surface import ExpiryQuotes, RawSvi, SmileFit, Surface
from sumppump.domain.surface.fitting import fit_ssvi, fit_svi

# A. Vogt's smile, as J. Gatheral and A. Jacquier print it (2014, example 3.1).
VOGT = RawSvi(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)
FORWARD = 100.0
DAY = date(2026, 12, 18)


def quoted(
    svi: RawSvi, years: float, k: np.ndarray, *, error: float = 1e-3, noise: float = 0.0, seed: int = 1
) -> ExpiryQuotes:
    """Quotes of a smile at these ln(strike / forward)."""
    vols = np.sqrt(svi.variance(k) / years) + noise * np.random.default_rng(seed).standard_normal(len(k))
    strikes = FORWARD * np.exp(k)
    return ExpiryQuotes(
        expiry=DAY,
        trading_class="SPX",
        years=years,
        forward=FORWARD,
        points=tuple(VolPoint(float(s), float(v), error) for s, v in zip(strikes, vols, strict=True)),
    )


def test_the_vogt_smile_has_the_published_jump_wings() -> None:
    """Provenance: Gatheral and Jacquier 2014, section 5.1."""
    wings = VOGT.jump_wings(1.0)
    assert wings.v == pytest.approx(0.01742625, abs=5e-9)
    assert wings.psi == pytest.approx(-0.1752111, abs=5e-8)
    assert wings.p == pytest.approx(0.6997381, abs=5e-8)
    assert wings.c == pytest.approx(1.316798, abs=5e-7)
    assert wings.v_least == pytest.approx(0.0116249, abs=5e-8)


def test_the_vogt_smile_allows_a_butterfly_though_its_variance_is_convex() -> None:
    """Claim: g falls to -0.03286. A check of convexity, as some libraries have it, would find nothing."""
    k = np.linspace(-1.5, 1.5, 3001)
    assert float(VOGT.density_sign(k).min()) == pytest.approx(-0.03286, abs=1e-5)
    assert np.all(VOGT.bend(k) > 0)


def test_quotes_of_the_vogt_smile_are_fitted_by_one_without_a_butterfly() -> None:
    """Claim: the surface does not pass the best fit on; it says that it repaired it."""
    quotes = quoted(VOGT, 1.0, np.linspace(-1.2, 1.2, 25))
    assert float(fit_svi([quotes])[0].density_sign(np.linspace(-1.2, 1.2, 400)).min()) < 0
    (fit,) = Surface.through([quotes]).smiles
    assert fit.checks.is_repaired
    assert fit.checks.is_free_of_butterflies
    assert fit.rmse < 0.7


def test_the_sign_of_the_density_is_that_of_prices() -> None:
    """Claim: g is, up to a positive factor, the second difference of call prices by strike."""
    strikes = np.exp(np.linspace(-1.2, 1.2, 401))
    step = 1e-3
    prices = [
        european_prices(1.0, s, 1.0, 0.0, 0.0, np.sqrt(VOGT.variance(np.log(s))), True)
        for s in (strikes - step, strikes, strikes + step)
    ]
    density = (prices[0] - 2 * prices[1] + prices[2]) / step**2
    sign = VOGT.density_sign(np.log(strikes))
    clear = np.abs(density) > 1e-6
    assert np.all(np.sign(density[clear]) == np.sign(sign[clear]))
    assert np.any(density[clear] < 0)


SMILES = st.builds(
    lambda level, years, least, b, rho, m, sigma: (
        years,
        level * math.sqrt(years),
        RawSvi(
            level**2 * years * (least - b * sigma * math.sqrt(1 - rho * rho)),
            level * math.sqrt(years) * b,
            rho,
            level * math.sqrt(years) * m,
            level * math.sqrt(years) * sigma,
        ),
    ),
    level=st.floats(0.05, 0.8),
    years=st.floats(1 / 365, 3.0),
    least=st.floats(0.3, 0.9),
    b=st.floats(0.05, 0.6),
    rho=st.floats(-0.9, 0.9),
    m=st.floats(-1.0, 1.0),
    sigma=st.floats(0.2, 2.0),
)


@given(SMILES)
def test_a_fit_finds_the_smile_that_made_its_quotes(made: tuple[float, float, RawSvi]) -> None:
    """Claim: 25 exact quotes are met to a thousandth of a point, where Lee's bound lets them be."""
    years, unit, svi = made
    if svi.steepest > 1.95:
        return
    k = np.linspace(-3.0, 2.5, 25) * unit
    (found,) = fit_svi([quoted(svi, years, k, error=1e-4)])
    missed = np.sqrt(found.variance(k) / years) - np.sqrt(svi.variance(k) / years)
    assert np.abs(missed).max() < 2e-4
    assert found.steepest <= 2.0 + 1e-9


@given(st.floats(0.05, 0.8), st.floats(1 / 365, 3.0), st.floats(0.05, 1.5), st.floats(-0.9, 0.9))
def test_an_slice_of_ssvi_is_found_and_never_allows_a_butterfly(
    level: float, years: float, curl: float, rho: float
) -> None:
    """Claim: three numbers from five quotes; g stays at or above 0 for every strike there is."""
    theta = level**2 * years
    phi = min(curl / (level * math.sqrt(years)), 3.9 / (theta * (1 + abs(rho))), math.sqrt(3.9 / (theta * 2)))
    made = RawSvi.ssvi(theta, phi, rho)
    k = np.linspace(-1.5, 1.5, 5) * level * math.sqrt(years)
    (found,) = fit_ssvi([quoted(made, years, k, error=1e-4)])
    assert np.sqrt(found.variance(k) / years) == pytest.approx(np.sqrt(made.variance(k) / years), abs=2e-4)
    assert np.all(found.density_sign(np.linspace(-10, 10, 2001) * level * math.sqrt(years)) >= -1e-9)


def test_expiries_fitted_together_are_the_same_as_alone() -> None:
    """Claim: padding of shorter rows changes nothing."""
    short, long = np.linspace(-0.1, 0.1, 9), np.linspace(-0.4, 0.3, 25)
    svi = RawSvi(0.01, 0.08, -0.5, 0.02, 0.15)
    quotes = [quoted(svi, 0.25, short, noise=1e-3), quoted(svi.lifted(0.02), 0.6, long, noise=1e-3, seed=2)]
    for alone, together in zip((fit_svi([each])[0] for each in quotes), fit_svi(quotes), strict=True):
        assert np.sqrt(together.variance(short)) == pytest.approx(np.sqrt(alone.variance(short)), abs=1e-6)


def test_the_error_said_is_about_how_far_the_smile_is_off() -> None:
    """Claim: over 60 noisy sets of quotes the truth lies within two errors about 95 times in 100."""
    svi, years, k = RawSvi(0.004, 0.06, -0.5, 0.02, 0.1), 0.25, np.linspace(-0.35, 0.25, 25)
    probes = FORWARD * np.exp(np.linspace(-0.3, 0.2, 21))
    truth = np.sqrt(svi.variance(np.log(probes / FORWARD)) / years)
    held = []
    for seed in range(60):
        quotes = quoted(svi, years, k, error=0.004, noise=0.004, seed=seed)
        fit = SmileFit.of(quotes, fit_svi([quotes])[0])
        held += [
            abs((fit.vol(s) or 0.0) - v) * 100 <= 2 * (fit.error(s) or 0.0)
            for s, v in zip(probes.tolist(), truth, strict=True)
        ]
    assert 0.90 <= sum(held) / len(held) <= 0.995
