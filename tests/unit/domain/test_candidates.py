"""Arrays of candidates against the exact engine that reckons one order at a time."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.fake_market import MONTH, SPY, make_option

from sumppump.domain.candidates import CALL, PUT, SHARE, Candidates, Profiles
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.payoff import ExpiryPayoff, Unlimited, profit_regions
from sumppump.domain.probability import Outlook
from sumppump.domain.smile import Smile
from sumppump.kernel.money import Premium

MODEL = Outlook(spot=600.0, forward=602.0, years=30 / 365, smile=Smile.flat(0.18))
LEGS = st.lists(
    st.tuples(st.integers(-3, 3).filter(bool), st.sampled_from([PUT, CALL]), st.integers(112, 128)),
    min_size=1,
    max_size=4,
    unique_by=lambda leg: leg[1:],
).filter(lambda legs: math.gcd(*(leg[0] for leg in legs)) == 1)
CENTS = st.integers(-3_000, 3_000)


def rows_of(legs: list[tuple[int, int, int]], *, with_stock: bool, slots: int = 5) -> Candidates:
    """One candidate, padded; strikes stand every five dollars."""
    found = [(ratio, kind, 5.0 * place) for ratio, kind, place in legs]
    found += [(1, SHARE, 0.0)] * with_stock
    found += [(0, CALL, 0.0)] * (slots - len(found))
    ratio, kind, strike = (np.array([column]) for column in zip(*found, strict=True))
    return Candidates(ratio.astype(float), kind, strike, np.ones_like(strike), np.full_like(strike, 0.02))


def exact(legs: list[tuple[int, int, int]], cents: int, *, with_stock: bool) -> ExpiryPayoff:
    right = {PUT: Right.PUT, CALL: Right.CALL}
    parts = [
        Leg(contract=make_option(SPY, MONTH, 5 * place, right[kind]), ratio=ratio)
        for ratio, kind, place in legs
    ]
    parts += [Leg(contract=SPY, ratio=100)] * with_stock
    return ExpiryPayoff(combo=Combo(tuple(parts)), quantity=1, net_premium=Premium(Decimal(cents) / 100))


def amount(bound: object) -> float:
    return math.inf if isinstance(bound, Unlimited) else float(bound.amount) / 100  # type: ignore[attr-defined]


@given(legs=LEGS, cents=CENTS, with_stock=st.booleans())
def test_bounds_breakevens_and_chances_are_those_of_the_exact_engine(
    legs: list[tuple[int, int, int]], cents: int, with_stock: bool
) -> None:
    """Two implementations: arrays of corners here, Decimals leg by leg there."""
    one, want = rows_of(legs, with_stock=with_stock), exact(legs, cents, with_stock=with_stock)
    premium = np.array([cents / 100])
    limits = one.limits(premium)
    assert limits.loss[0] == pytest.approx(amount(want.max_loss), abs=1e-6)
    assert limits.profit[0] == pytest.approx(amount(want.max_profit), abs=1e-6)
    zeros = one.breakevens(premium)[0]
    for zero in zeros[~np.isnan(zeros)]:
        assert min(abs(zero - float(each)) for each in want.breakevens) < 1e-3
    regions = profit_regions(want.breakevens, want.pnl)
    assert one.chance(MODEL.many_below, premium)[0] == pytest.approx(MODEL.inside(regions), abs=1e-6)


def test_the_mean_is_the_sum_of_the_legs_less_the_premium() -> None:
    spread = rows_of([(1, CALL, 120), (-1, CALL, 122)], with_stock=False)
    worth = np.array([[12.0, 7.5, 0.0, 0.0, 0.0]])
    assert spread.mean(worth, np.array([4.0]))[0] == pytest.approx(0.5)
    assert spread.net_mid[0] == pytest.approx(0.0)
    assert spread.crossing[0] == pytest.approx(0.04)


def test_a_grid_of_prices_agrees_with_the_corners() -> None:
    """A condor taken as a profile: the same bounds and chance as by its corners."""
    condor = rows_of([(1, PUT, 115), (-1, PUT, 117), (-1, CALL, 123), (1, CALL, 125)], with_stock=False)
    premium = np.array([-2.35])
    prices = np.linspace(400.0, 800.0, 801)
    pnl = condor.payoff(prices[None, :], premium)
    profiles = Profiles(prices, pnl, condor.end_slope)
    assert profiles.limits.loss == pytest.approx(condor.limits(premium).loss)
    assert profiles.limits.profit == pytest.approx(condor.limits(premium).profit)
    by_corners = condor.chance(MODEL.many_below, premium)
    assert profiles.chance(MODEL.many_below) == pytest.approx(by_corners, abs=2e-4)
    ends = MODEL.ends()
    mean = ends.mean(condor.payoff(ends.prices[None, :], premium)[0])
    assert profiles.mean(MODEL.many_below)[0] == pytest.approx(mean, abs=2e-3)


def test_options_of_one_contract_each_know_their_own_kind() -> None:
    """A call below its strike and a put above it are worth nothing, and shares are worth their price."""
    option = make_option(SPY, MONTH, 600, Right.CALL)
    assert isinstance(option, OptionContract)
    each = Candidates(
        ratio=np.ones((3, 1)),
        kind=np.array([[CALL], [PUT], [SHARE]]),
        strike=np.array([[600.0], [600.0], [0.0]]),
        mid=np.zeros((3, 1)),
        half_width=np.zeros((3, 1)),
    )
    worth = each.payoff(np.array([[590.0, 610.0]]), np.zeros(3))
    assert worth.tolist() == [[0.0, 10.0], [10.0, 0.0], [590.0, 610.0]]
