"""The volatility index's formula against the exchange's own worked example, and its selection of strikes.

Provenance: Cboe Volatility Index methodology, worked example. Its whole strip is read from a reference file
beside the repository where there is one; its printed figures and the rules are tested without it.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from sumppump.domain.missing import Missing
from sumppump.domain.pricing import european
from sumppump.domain.variance_swap import (
    Sides,
    StripQuote,
    StripVariance,
    strip_variance,
    thirty_day_index,
)

MINUTES_PER_YEAR = 525_600
# Minutes, rate, forward, first strike at or under it, sum of contributions, variance: Cboe's printed figures.
NEAR = (34_484, 0.00031664, 1962.89996, 1960.0, 0.0006320516, 0.019233906)
FAR = (44_954, 0.00028797, 1962.40006, 1960.0, 0.0008314016, 0.019423884)
VIX = 13.927842
_BESIDE = Path(__file__).parents[4] / "shared" / "data" / "reference"
REFERENCE = Path(os.environ.get("SUMPPUMP_REFERENCE", _BESIDE)) / "vix_strip.json"


def flat(price: float) -> Sides:
    return Sides(price, price)


def board(part: dict[str, Any]) -> list[StripQuote]:
    """The published mids, with what the strip leaves out: the other side of each strike, and blanks."""
    parity, call, put = part["parity_strike"], part["parity_call"], part["parity_put"]
    k0 = next(strike for strike, right, _ in part["strip"] if right == "C")
    sides: dict[float, dict[str, Sides]] = {}
    for strike, right, mid in part["strip"]:
        sides.setdefault(float(strike), {})[right] = flat(mid)
    # Elsewhere call and put differ by more, so that parity is taken where the example takes it.
    quotes = []
    for strike, known in sides.items():
        if strike == parity:
            known = {"C": flat(call), "P": flat(put)}
        far = flat(abs(strike - k0) + 100.0)
        quotes.append(StripQuote(strike, known.get("C", far), known.get("P", far)))
    return quotes


def example() -> dict[str, Any]:
    if not REFERENCE.exists():
        pytest.skip(f"no {REFERENCE}")
    return dict(json.loads(REFERENCE.read_text()))


@pytest.mark.parametrize(("name", "expected"), [("near", NEAR), ("next", FAR)])
def test_a_strip_of_the_example_has_the_published_variance(name: str, expected: tuple[float, ...]) -> None:
    """Claim: F, K0, sum and variance to the last digits that are printed."""
    minutes, rate, forward, k0, total, variance = expected
    found = strip_variance(board(example()[name]), years=minutes / MINUTES_PER_YEAR, rate=rate)
    assert isinstance(found, StripVariance)
    assert found.forward == pytest.approx(forward, abs=5e-6)
    assert found.k0 == k0
    assert found.total == pytest.approx(total, abs=1e-10)
    assert found.variance == pytest.approx(variance, abs=1e-8)


def test_the_example_s_index_is_13_927842() -> None:
    """Claim: both expiries of the example together, to 1e-5."""
    data = example()
    strips = [
        strip_variance(board(data[name]), years=part[0] / MINUTES_PER_YEAR, rate=part[1])
        for name, part in (("near", NEAR), ("next", FAR))
    ]
    assert all(isinstance(strip, StripVariance) for strip in strips)
    assert thirty_day_index(*strips) == pytest.approx(VIX, abs=1e-5)  # type: ignore[arg-type]


def test_the_index_of_the_printed_variances_is_the_printed_index() -> None:
    """Claim: straight in total variance, by minutes; the figures are typed from the paper."""
    near, far = (
        StripVariance(
            years=minutes / MINUTES_PER_YEAR, forward=forward, k0=k0, points=(), total=total, variance=var
        )
        for minutes, _, forward, k0, total, var in (NEAR, FAR)
    )
    assert thirty_day_index(near, far) == pytest.approx(VIX, abs=2e-5)


def test_widths_are_those_of_the_strikes_that_are_left() -> None:
    """Claim: the example's own: 1400 counts 7.5, 1410 10, 1420 7.5, 2100 15; next 1275 50, 1325 37.5."""
    data = example()
    near = strip_variance(board(data["near"]), years=0.0656, rate=0.0003)
    far = strip_variance(board(data["next"]), years=0.0855, rate=0.0003)
    assert isinstance(near, StripVariance)
    assert isinstance(far, StripVariance)
    widths = {point.strike: point.width for point in near.points}
    assert [widths[strike] for strike in (1400, 1410, 1420, 2100)] == [7.5, 10.0, 7.5, 15.0]
    assert [point.width for point in far.points[:2]] == [50.0, 37.5]


def listed(blank: set[float], side: str) -> list[StripQuote]:
    """A market at 100, every five from 60 to 140, without bids for one side at some strikes."""
    quotes = []
    for strike in range(60, 141, 5):
        prices = {right: european(100, strike, 0.1, 0.0, 0.0, 0.5, right).price for right in ("C", "P")}
        both = {
            right: Sides(0.0 if right == side and strike in blank else max(price, 0.01), max(price, 0.01))
            for right, price in prices.items()
        }
        quotes.append(StripQuote(float(strike), both["C"], both["P"]))
    return quotes


@pytest.mark.parametrize(
    ("side", "blank", "kept"),
    [
        ("P", {75.0}, [60, 65, 70, 80, 85, 90, 95]),  # one alone is left out and passed
        ("P", {75.0, 70.0}, [80, 85, 90, 95]),  # two in a row end the side, whatever is bid beyond
        ("P", {75.0, 65.0}, [60, 70, 80, 85, 90, 95]),  # two that are not neighbours do not
        ("C", {120.0}, [105, 110, 115, 125, 130, 135, 140]),
        ("C", {115.0, 120.0}, [105, 110]),
    ],
)
def test_two_strikes_in_a_row_without_a_bid_end_a_side(side: str, blank: set[float], kept: list[int]) -> None:
    """Claim: the methodology's rule, on each side of the money."""
    found = strip_variance(listed(blank, side), years=0.1, rate=0.0)
    assert isinstance(found, StripVariance)
    outside = [p.strike for p in found.points if (p.strike < 100 if side == "P" else p.strike > 100)]
    assert outside == kept


def test_a_fine_strip_is_worth_the_variance_that_priced_it() -> None:
    """Claim: with flat volatility every strike from 20 to 400 the strip gives that volatility back."""
    quotes = [
        StripQuote(float(k), *(flat(european(100, k, 0.25, 0.03, 0.0, 0.3, right).price) for right in "CP"))
        for k in range(20, 401)
    ]
    found = strip_variance(quotes, years=0.25, rate=0.03)
    assert isinstance(found, StripVariance)
    assert math.sqrt(found.variance) == pytest.approx(0.3, abs=2e-4)


def test_without_a_forward_or_strikes_there_is_a_reason() -> None:
    """Claim: no number from nothing."""
    bare = [StripQuote(float(k), Sides(0.0, 1.0), Sides(0.0, 1.0)) for k in (90, 100, 110)]
    assert isinstance(strip_variance(bare, years=0.1, rate=0.0), Missing)
    two = [StripQuote(float(k), flat(1.0), flat(1.0)) for k in (90, 100)]
    found = strip_variance(two, years=0.1, rate=0.0)
    assert isinstance(found, Missing)
    assert found.code == "too_few_strikes"
