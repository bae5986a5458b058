"""The smile: through narrow quotes, past vague ones, and never a surprise beyond the last strike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.smile import Smile, VolPoint

YEARS = 0.1
CENTS = st.integers(5_000, 20_000).map(lambda cents: cents / 100)


def points(*pairs: tuple[float, float], error: float = 1e-5) -> list[VolPoint]:
    return [VolPoint(strike, vol, error) for strike, vol in pairs]


def made(*pairs: tuple[float, float], error: float = 1e-5) -> Smile:
    smile = Smile.of(points(*pairs, error=error), YEARS)
    assert smile is not None
    return smile


def test_narrow_quotes_are_met_and_the_slope_is_the_curves_own() -> None:
    """Through five strikes of a bent smile; the slope is the difference quotient of the curve."""
    pairs = [(90.0, 0.30), (95.0, 0.26), (100.0, 0.23), (105.0, 0.21), (110.0, 0.205)]
    smile = made(*pairs)
    for strike, vol in pairs:
        assert smile.at(strike) == pytest.approx(vol, abs=1e-4)
    places = np.log(np.array([85.0, 92.0, 99.0, 104.0, 118.0]))
    step = 1e-6
    up, down = smile.curve(places + step)[0], smile.curve(places - step)[0]
    assert smile.curve(places)[1] == pytest.approx((up - down) / (2 * step), abs=1e-6)


def test_a_quote_that_tells_little_moves_the_curve_little() -> None:
    """A strike with an error of 5 points stands 2 points off a line; the others hold the curve."""
    line = points((90, 0.26), (95, 0.24), (105, 0.20), (110, 0.18))
    smile = Smile.of([*line, VolPoint(100, 0.24, 0.05)], YEARS)
    assert smile is not None
    assert smile.at(100) == pytest.approx(0.22, abs=2e-3)


def test_two_quotes_of_one_strike_are_weighed_by_how_much_they_tell() -> None:
    """A call and a put at 100: errors of 1 and 2, so four parts of the first and one of the second."""
    smile = Smile.of([VolPoint(100, 0.20, 0.01), VolPoint(100, 0.25, 0.02)], YEARS)
    assert smile is not None
    assert smile.at(100) == pytest.approx(0.21)


def test_two_strikes_are_a_straight_line_and_one_is_flat() -> None:
    """No bend is made up."""
    two = made((95, 0.24), (105, 0.20))
    assert two.at(100) == pytest.approx(0.2195, abs=5e-4)
    assert made((95, 0.24)).at(300) == 0.24
    assert made((95, 0.24)).curve(np.array([4.0, 5.0]))[1].tolist() == [0.0, 0.0]


def test_beyond_the_last_strikes_the_slope_fades() -> None:
    """Ten deviations out the volatility is the last one and one deviation's worth of slope."""
    smile = made((95, 0.24), (105, 0.20))
    deviation = 0.22 * math.sqrt(YEARS)
    slope = (0.20 - 0.24) / math.log(105 / 95)
    assert smile.at(105 * math.exp(10 * deviation)) == pytest.approx(0.20 + slope * deviation, abs=1e-4)
    assert smile.at(95 * math.exp(-10 * deviation)) == pytest.approx(0.24 - slope * deviation, abs=1e-4)
    assert smile.curve(np.array([math.log(105) + 20 * deviation]))[1][0] == pytest.approx(0, abs=1e-6)


@given(
    st.lists(st.tuples(CENTS, st.floats(0.02, 3.0), st.floats(0, 10)), min_size=1, max_size=12),
    st.floats(0, 2),
)
def test_any_quotes_give_positive_volatilities_everywhere(
    quotes: list[tuple[float, float, float]], years: float
) -> None:
    """Nonsense in, still a number above 0 out, at every strike."""
    smile = Smile.of([VolPoint(*quote) for quote in quotes], years)
    assert smile is not None
    vols, slopes = smile.curve(np.log(np.geomspace(1, 1_000, 200)))
    assert np.all(np.isfinite(vols))
    assert np.all(np.isfinite(slopes))
    assert np.all(vols > 0)


def test_without_any_volatility_there_is_no_smile() -> None:
    """Nothing in, None out."""
    assert Smile.of([], YEARS) is None
