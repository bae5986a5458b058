"""One figure by two ways of the program: a draft and a book of its legs, paths and the closed form."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest
from numpy.random import Generator
from tests.unit.domain.books import random_book, shocks_of
from tests.unit.domain.builders import NOW, combo

from sumppump.domain.book import (
    Book,
    Holding,
    Scenario,
    UnderlyingMarket,
    book_of_holdings,
    path_pnl,
    reprice,
)
from sumppump.domain.combo import Combo
from sumppump.domain.quotes import Greeks, GreeksSource
from sumppump.domain.revaluation import Assumptions, CashDividend, OrderValue
from sumppump.domain.tail_risk import TailRisk, var_and_es
from sumppump.kernel.money import Premium

SPOT, RATE, QUANTITY = 100.0, 0.037, 3
EX = NOW + timedelta(days=20)
MOVES, DAYS = (-20.0, -3.0, 0.0, 5.0, 30.0), 4.0


def random_combo(random: Generator) -> Combo:
    """One to four legs of two expiries, with or without a hundred shares, each contract once."""
    names = {
        f"{random.choice(np.arange(80, 125, 5))}{random.choice(['C', 'P'])}{random.choice(['', ' later'])}"
        for _ in range(random.integers(1, 5))
    }
    ratios = [random.choice([-1, 1]), *random.choice([-2, -1, 1, 2], len(names) - 1)]
    legs = [f"{ratio:+d} {name}" for ratio, name in zip(ratios, sorted(names), strict=True)]
    shares = [f"{random.choice([-100, 100]):+d} stock"] if random.random() < 0.4 else []
    return combo(*shares, *legs)


def volatilities(of: Combo, random: Generator) -> dict[int, float]:
    return {option.con_id: float(random.uniform(0.15, 0.5)) for option in of.options}


def as_book(of: Combo, vols: dict[int, float], *, american: bool, carry: float = 0.0) -> Book:
    """The legs as positions of an account."""
    ex = (EX - NOW).total_seconds() / (365 * 86_400)
    market = UnderlyingMarket(
        symbol="XYZ",
        spot=SPOT,
        assume=Assumptions(rate=RATE, is_american=american, dividend_yield=carry),
        dividends=((ex, 1.1),) if american else (),
    )
    holdings = [
        Holding(
            instrument=leg.contract,
            quantity=float(leg.ratio * QUANTITY),
            greeks=_greeks(vols[leg.contract.con_id]) if leg.contract.con_id in vols else None,
        )
        for leg in of.legs
    ]
    return book_of_holdings(holdings, {"XYZ": market}, now=NOW)


def _greeks(vol: float) -> Greeks:
    return Greeks(iv=vol, delta=0.0, gamma=0.0, theta=0.0, vega=0.0, source=GreeksSource.COMPUTED)


@pytest.mark.parametrize("american", [False, True], ids=["european", "american"])
@pytest.mark.parametrize("seed", range(6))
def test_a_draft_and_the_account_that_holds_its_legs_gain_the_same(seed: int, american: bool) -> None:
    """P&L today and days later at moved prices: the analysis of an order and the scenarios of a book."""
    random = np.random.default_rng(seed)
    order = random_combo(random)
    vols = volatilities(order, random)
    dividends = (CashDividend(EX, 1.1),) if american else ()
    value = OrderValue(
        combo=order,
        quantity=QUANTITY,
        net_premium=Premium.of("1.23"),
        spot=Decimal(str(SPOT)),
        vols=vols,
        now=NOW,
        assumptions=Assumptions(rate=RATE, is_american=american, dividends=dividends),
    )
    prices = SPOT * (1.0 + np.array(MOVES) / 100.0)
    here = value.pnl(np.array([SPOT]), NOW)
    book = as_book(order, vols, american=american)
    for days in (0.0, DAYS):
        drafted = value.pnl(prices, NOW + timedelta(days=days)) - here
        held = reprice(book, [Scenario(move_pct=move, days=days) for move in MOVES]).total
        assert held == pytest.approx(drafted, abs=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_an_index_s_yield_parts_draft_and_account_by_what_it_pays_on_the_move_at_most(seed: int) -> None:
    """A draft keeps an index's dividends in cash, so that its bounds are straight; a book in proportion.

    At today's price they agree; elsewhere each option differs by the dividends of the move at most.
    """
    random, carry = np.random.default_rng(seed), 0.013
    order = combo("-1 95P", "+2 105C later", "-1 110C")
    vols = volatilities(order, random)
    value = OrderValue(
        combo=order,
        quantity=QUANTITY,
        net_premium=Premium.of("1.23"),
        spot=Decimal(str(SPOT)),
        vols=vols,
        now=NOW,
        assumptions=Assumptions(rate=RATE, is_american=False, dividend_yield=carry),
    )
    prices = SPOT * (1.0 + np.array(MOVES) / 100.0)
    drafted = value.pnl(prices, NOW) - value.pnl(np.array([SPOT]), NOW)
    book = as_book(order, vols, american=False, carry=carry)
    apart = np.abs(reprice(book, [Scenario(move_pct=move) for move in MOVES]).total - drafted)
    paid = -np.expm1(-carry * book.options.years) @ np.abs(book.options.units)
    assert apart[MOVES.index(0.0)] == pytest.approx(0.0, abs=1e-6)
    assert np.all(apart <= np.abs(prices - SPOT) * paid + 1e-6)
    assert apart.max() > 0.01


def test_value_at_risk_of_shares_is_the_closed_form_of_normal_returns() -> None:
    """Delta-normal: z times the deviation of w'Cw, and its density for the shortfall; 40,000 joint draws.

    The returns are small enough for logarithms to count as plain: the rest is a part in a thousand.
    """
    random = np.random.default_rng(17)
    book = random_book(0, shares=9)
    deviations, pairs = (
        np.array([0.004, 0.006, 0.005]),
        np.array([[1, 0.6, 0.3], [0.6, 1, 0.5], [0.3, 0.5, 1]]),
    )
    cover = pairs * np.outer(deviations, deviations)
    paths = shocks_of(random.multivariate_normal(np.zeros(3), cover, 40_000), days=1.0)
    pnl = path_pnl(book, paths).pnl.sum(axis=1)
    weights = np.bincount(book.underlying, book.units, 3) * book.spots
    spread = math.sqrt(weights @ cover @ weights)
    for confidence in (0.95, 0.99):
        place = NormalDist().inv_cdf(confidence)
        found = var_and_es(pnl, confidence)
        assert isinstance(found, TailRisk)
        assert found.var == pytest.approx(spread * place, rel=0.02)
        assert found.shortfall == pytest.approx(spread * NormalDist().pdf(place) / (1 - confidence), rel=0.02)
