"""Surfaces: no arbitrage among what they say, nothing said beyond the quotes, a reason for every refusal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.fake_market import MONTH, NOW, SPX, FakeMarket, make_option

from sumppump.domain.instruments import Right
from sumppump.domain.pricing import european_prices
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.smile import Smile, VolPoint
from sumppump.domain.surface import ExpiryQuotes, SmileFit, Surface, curve_through, surface_of
from sumppump.kernel.money import Premium

DAY = date(2026, 12, 18)
EUROPEAN = Assumptions(is_american=False)


def quotes(
    years: float,
    level: float = 0.2,
    *,
    noise: float = 0.0,
    count: int = 15,
    seed: int = 1,
    error: float = 0.002,
) -> ExpiryQuotes:
    """A smile that falls with the strike, from two and a half deviations below to two above."""
    z = np.linspace(-2.5, 2.0, count)
    vols = level * (1.0 - 0.12 * z + 0.03 * z**2) + noise * np.random.default_rng(seed).standard_normal(count)
    strikes = 100.0 * np.exp(z * level * math.sqrt(years))
    return ExpiryQuotes(
        expiry=DAY + timedelta(round(365 * years)),
        trading_class="SPX",
        years=years,
        forward=100.0,
        points=tuple(VolPoint(float(k), float(v), error) for k, v in zip(strikes, vols, strict=True)),
    )


def undiscounted(fit: SmileFit, strikes: np.ndarray) -> np.ndarray:
    """Calls at the smile's volatilities."""
    vols = np.array([fit.vol(float(strike)) for strike in strikes])
    return european_prices(fit.forward, strikes, fit.years, 0.0, 0.0, vols, True)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(3 / 365, 2.0), st.floats(0.0, 0.012))
def test_no_vertical_and_no_butterfly_of_a_smile_is_free(seed: int, years: float, noise: float) -> None:
    """Claim: whatever the noise, calls fall with the strike, by less than it rises, and bend up."""
    for fit in Surface.through([quotes(years, noise=noise, seed=seed)]).smiles:
        strikes = np.linspace(fit.low, fit.high, 61)
        prices = undiscounted(fit, strikes)
        falls = -np.diff(prices) / np.diff(strikes)
        assert np.all((falls >= -1e-9) & (falls <= 1.0 + 1e-9))
        assert np.all(np.diff(prices, 2) >= -1e-9)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.0, 0.01), st.floats(0.12, 0.3))
def test_total_variance_never_falls_with_time(seed: int, noise: float, last: float) -> None:
    """Claim: at each ln(strike / forward) that two neighbours quote; whatever had to be refused for it."""
    levels = zip((0.02, 0.05, 0.1, 0.25, 0.5, 1.0), (0.22, 0.2, 0.21, 0.19, 0.2, last), strict=True)
    surface = Surface.through(
        [quotes(years, level, noise=noise, seed=seed + n) for n, (years, level) in enumerate(levels)]
    )
    assert len(surface.smiles) + len(surface.refused) == 6
    for near, far in zip(surface.smiles, surface.smiles[1:], strict=False):
        low, high = (
            math.log(f(near_, far_))
            for f, near_, far_ in ((max, near.low, far.low), (min, near.high, far.high))
        )
        k = np.linspace(low, high, 101) - math.log(100.0)
        assert np.all(far.variance(k) >= near.variance(k) - 1e-9)


def test_an_expiry_whose_variance_falls_is_refused_and_the_sharper_one_stays() -> None:
    """Claim: half a year at 20 % and a year at 12 % cannot both be; the vaguer quotes go, with the reason."""
    for vague in (0, 1):
        pair = [quotes(0.5, 0.20, noise=0.0), quotes(1.0, 0.12, noise=0.0)]
        pair[vague] = replace(pair[vague], points=tuple(p._replace(error=0.006) for p in pair[vague].points))
        surface = Surface.through(pair)
        assert [fit.years for fit in surface.smiles] == [pair[1 - vague].years]
        (refusal,) = surface.refused
        assert (refusal.expiry, refusal.why.code) == (pair[vague].expiry, "calendar_arbitrage")


def test_a_later_smile_that_is_a_hair_too_low_is_lifted_and_says_so() -> None:
    """Claim: within what the quotes are vague by; the lift is part of the error."""
    near = quotes(0.5, 0.20)
    far = replace(near, years=0.51, expiry=near.expiry + timedelta(4))
    low = replace(far, points=tuple(point._replace(vol=point.vol * 0.985) for point in far.points))
    surface = Surface.through([near, low])
    assert surface.refused == ()
    lifted = surface.smiles[1]
    assert 0 < lifted.checks.lift < 0.25
    assert lifted.misfit >= lifted.checks.lift


def test_beyond_the_quoted_strikes_there_is_no_volatility() -> None:
    """Claim: a tenth of a deviation of margin, and then nothing, with the reason."""
    (fit,) = Surface.through([quotes(0.25)]).smiles
    assert fit.vol(fit.high * 1.001) is not None
    assert fit.vol(fit.high * 1.05) is None
    assert fit.error(fit.low * 0.95) is None


def test_too_few_strikes_and_quotes_that_no_curve_meets_are_refused() -> None:
    """Claim: two strikes are no smile; volatilities thrown about by half are none either."""
    surface = Surface.through([quotes(0.25, count=2), quotes(0.5, noise=0.15, error=0.1)])
    assert surface.smiles == ()
    assert [each.why.code for each in surface.refused] == ["too_few_strikes", "no_smooth_smile"]


def test_one_quote_that_was_not_renewed_is_left_out_and_counted() -> None:
    """Claim: four points off and narrow, it moves the smile by less than a tenth of a point."""
    sound = quotes(0.25)
    (fit,) = Surface.through([sound]).smiles
    for place in (3, 7, 11):
        points = list(sound.points)
        points[place] = points[place]._replace(vol=points[place].vol + 0.04)
        (found,) = Surface.through([replace(sound, points=tuple(points))]).smiles
        assert found.strays == 1
        strike = sound.points[place].strike
        assert found.vol(strike) == pytest.approx(fit.vol(strike), abs=1e-3)


def test_probabilities_take_the_surface_s_smile_and_a_spline_where_it_has_none() -> None:
    """Claim: one curve for both as soon as five strikes are quoted and it passes."""
    assert isinstance(curve_through(quotes(0.25)), SmileFit)
    assert isinstance(curve_through(quotes(0.25, count=3)), Smile)
    assert isinstance(curve_through(quotes(0.5, noise=0.15, error=0.1)), Smile)
    assert curve_through(replace(quotes(0.25), points=())) is None


def test_the_smile_with_its_tails_has_the_slope_of_its_own_curve() -> None:
    """Claim: inside and outside the quotes, by difference quotients; it never jumps at the last strike."""
    (fit,) = Surface.through([quotes(0.25)]).smiles
    places, step = np.log(np.linspace(fit.low * 0.8, fit.high * 1.2, 41)), 1e-6
    up, down = fit.curve(places + step)[0], fit.curve(places - step)[0]
    assert fit.curve(places)[1] == pytest.approx((up - down) / (2 * step), abs=1e-5)
    edges = np.log([fit.low * (1 - 1e-9), fit.low, fit.high, fit.high * (1 + 1e-9)])
    assert np.ptp(fit.curve(edges)[0][:2]) < 1e-7
    assert np.ptp(fit.curve(edges)[0][2:]) < 1e-7


# -- from quotes -------------------------------------------------------------------------------------------


def board(market: FakeMarket, strikes: Sequence[int] = range(540, 661, 10)) -> list[Quote]:
    """Both sides of some strikes of SPXW."""
    return [
        market.quote(make_option(SPX, MONTH, strike, right, "SPXW")) for strike in strikes for right in Right
    ]


def test_a_strike_that_was_not_asked_has_the_market_s_volatility() -> None:
    """Claim: within twice the error that the smile says it has there."""
    market = FakeMarket()
    seen = surface_of(board(market), spot=600.0, now=NOW, assume=EUROPEAN)
    option = make_option(SPX, MONTH, 585, Right.PUT, "SPXW")
    fit, model = seen.surface.smile(option), market.quote(option).greeks
    assert fit is not None
    assert model is not None
    vol, error = fit.vol(585.0), fit.error(585.0)
    assert vol is not None
    assert error is not None
    assert abs(vol - model.iv) * 100 < max(0.03, 2 * error)


def test_unsound_quotes_change_nothing() -> None:
    """Claim: without a bid, crossed, one-sided or stale they tell no volatility."""
    market = FakeMarket()
    sound = board(market)
    base = market.quote(make_option(SPX, MONTH, 605, Right.CALL, "SPXW"))
    zero = Premium.of("0.00")
    bad = [
        replace(base, bid=zero, ask=Premium.of("90")),
        replace(base, bid=Premium.of("90"), ask=Premium.of("80")),
        replace(base, bid=None, ask=Premium.of("90")),
        replace(base, bid=Premium.of("80"), ask=Premium.of("81"), is_stale=True),
    ]
    clean, mixed = (
        surface_of(each, spot=600.0, now=NOW, assume=EUROPEAN) for each in (sound, [*bad, *sound])
    )
    assert mixed.surface.smiles == clean.surface.smiles


def test_an_option_without_a_smile_gets_a_reason() -> None:
    """Claim: outside the strikes, and in an expiry that nobody quoted."""
    surface = surface_of(board(FakeMarket()), spot=600.0, now=NOW, assume=EUROPEAN).surface
    outside = surface.why_not(make_option(SPX, MONTH, 450, Right.PUT, "SPXW"))
    elsewhere = surface.why_not(make_option(SPX, MONTH, 600, Right.PUT, "SPX"))
    assert (outside.code, elsewhere.code) == ("outside_quoted_strikes", "no_quotes")


def test_without_pairs_the_forward_is_the_assumed_one_and_said_so() -> None:
    """Claim: puts alone make a smile, not a forward."""
    puts = [quote for quote in board(FakeMarket()) if quote.instrument.right is Right.PUT]  # type: ignore[union-attr]
    seen = surface_of(puts, spot=600.0, now=NOW, assume=EUROPEAN)
    term = seen.terms[MONTH, "SPXW"]
    assert not term.is_implied
    assert term.why_not is not None
    assert term.why_not.code == "too_few_pairs"
    assert seen.surface.smiles
