"""P&L between two markets: its causes add up, each alone is seen alone, and Greeks miss by their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.unit.domain.books import one_option, random_book

from sumppump.domain.book import (
    Attribution,
    Book,
    Expansion,
    Marked,
    ShareRows,
    Shocks,
    attributed,
    expanded,
    marked,
    walk,
    worths,
)
from sumppump.domain.pricing.normal import Array

DIVIDENDS = ((1.5 / 365, 0.8), (60 / 365, 0.9))
CAUSES = ("time", "dividends", "spot", "volatility", "carry")
DAYS = 2.0


def modelled(book: Book) -> Marked:
    """A book that is worth what its model says."""
    return Marked(book=book, gap=np.zeros(len(book)), why={})


def worth(book: Book) -> Array:
    return worths(book, Shocks(factors=np.ones((1, len(book.symbols)))))[0]


def later(
    book: Book, *, days: float = DAYS, move: float = 0.0, points: float = 0.0, rate: float = 0.0
) -> Book:
    """The same rows after some days, prices, volatilities and rates changed alike."""
    options, years = book.options, days / 365
    options = replace(
        options,
        years=np.maximum(options.years - years, 0.0),
        vol=options.vol + points / 100.0,
        rate=options.rate + rate,
    )
    rows = [
        replace(each, when=each.when - years, cash=np.where(each.when > years, each.cash, 0.0))
        for each in (options, book.shares)
    ]
    return replace(book, spots=book.spots * (1.0 + move), options=rows[0], shares=rows[1])


def between(before: Book, after: Book, days: float = DAYS) -> Attribution:
    return attributed(walk(modelled(before), modelled(after), days=days))


def greeks(before: Book, after: Book, days: float = DAYS) -> Expansion:
    way = walk(modelled(before), modelled(after), days=days)
    return expanded(way, attributed(way))


def shares_alone(dividends: tuple[tuple[float, float], ...]) -> Book:
    """A hundred shares at 100."""
    book = one_option(strike=100.0, years=1.0, call=True, dividends=dividends)
    table = np.array(dividends, dtype=float).reshape(-1, 2)
    held = ShareRows(underlying=np.array([0]), units=np.array([100.0]), when=table[:, :1], cash=table[:, 1:])
    return replace(book, options=book.options.rows(slice(0, 0)), shares=held, smiles=())


@pytest.mark.parametrize("is_american", [False, True], ids=["european", "american"])
def test_the_causes_add_up_to_what_the_model_is_worth_more(is_american: bool) -> None:
    before = random_book(40, american=is_american, shares=4, dividends=DIVIDENDS)
    after = later(before, move=-0.04, points=3.0, rate=0.002)
    found = between(before, after)
    came = np.concatenate([np.zeros(40), np.full(4, DIVIDENDS[0][1])])
    assert_allclose(found.model, (worth(after) + came - worth(before)) * before.units, atol=1e-9)
    assert_allclose(found.total, found.model)
    assert np.all(found.unexplained == 0.0)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"days": 1.0}, "time"),
        ({"days": 0.0, "move": 0.03}, "spot"),
        ({"days": 0.0, "points": -2.0}, "volatility"),
        ({"days": 0.0, "rate": 0.01}, "carry"),
    ],
    ids=["time", "spot", "volatility", "carry"],
)
def test_what_one_cause_does_is_seen_there_alone(change: dict[str, float], cause: str) -> None:
    before = random_book(30, shares=3, dividends=DIVIDENDS)
    found = between(before, later(before, **change), change["days"])
    assert np.any(np.abs(getattr(found, cause)) > 0.01)
    for other in (name for name in CAUSES if name != cause):
        assert_allclose(getattr(found, other), 0.0, atol=1e-8, err_msg=other)


def test_a_dividend_is_cash_and_the_fall_of_the_price_that_goes_with_it_is_in_spot() -> None:
    before = shares_alone(DIVIDENDS)
    found = between(before, later(before, move=-0.008))
    assert found.dividends == pytest.approx([80.0])
    assert found.spot == pytest.approx([-80.0])
    assert found.total == pytest.approx([0.0])


@pytest.mark.parametrize("is_call", [True, False])
def test_an_option_does_not_feel_a_dividend_that_the_price_falls_by(is_call: bool) -> None:
    """What it stood to lose by the dividend is given back as the price falls, but for its interest."""
    before = one_option(strike=98.0, years=0.2, call=is_call, dividends=DIVIDENDS)
    found = between(before, later(before, move=-0.008))
    assert abs(found.dividends[0]) > 0.2
    assert found.dividends[0] + found.spot[0] == pytest.approx(0.0, abs=1e-3)


def test_the_second_market_lends_prices_and_not_quantities_and_its_order_does_not_count() -> None:
    before = random_book(12, shares=2)
    after = later(before, move=0.02, points=1.0)
    expected = between(before, after).total
    turned = replace(
        after,
        options=replace(after.options.rows(np.arange(12)[::-1]), units=np.full(12, 7.0)),
        labels=(*after.labels[11::-1], *after.labels[12:]),
        smiles=(),
    )
    assert_allclose(between(before, turned).total, expected)


def test_a_row_that_the_second_market_does_not_value_is_named_and_in_no_figure() -> None:
    before = random_book(6)
    after = later(before, move=0.02)
    found = between(before, after.rows([0, 1, 2, 4, 5]))
    assert [each.label for each in found.left_out] == [before.labels[3]]
    assert_allclose(found.total, np.delete(between(before, after).total, 3))


def test_what_marks_gain_beside_the_model_is_unexplained() -> None:
    before = random_book(5)
    after = later(before, move=0.01)
    first, last = (
        Marked(book=book, gap=np.full(5, gap), why={}) for book, gap in ((before, 0.02), (after, 0.05))
    )
    found = attributed(walk(first, last, days=DAYS))
    assert_allclose(found.unexplained, 0.03 * before.units)
    assert_allclose(found.total - found.model, found.unexplained)


@pytest.mark.parametrize(
    ("change", "order"),
    [
        (lambda part: {"days": 0.0, "move": 0.005 * part}, 3),
        (lambda part: {"days": 0.0, "points": 2.0 * part}, 2),
        (lambda part: {"days": 4.0 * part}, 2),
    ],
    ids=["spot", "volatility", "time"],
)
def test_what_greeks_miss_vanishes_with_its_order(
    change: Callable[[float], dict[str, float]], order: int
) -> None:
    """Half of a move leaves an eighth of what delta and gamma miss; of volatility and time a quarter."""
    before = one_option(strike=110.0, years=0.3, call=True, units=1_000.0)
    missed = []
    for part in (1.0, 0.5):
        step = change(part)
        missed.append(greeks(before, later(before, **step), step["days"]).curvature[0])
    assert missed[0] / missed[1] == pytest.approx(2.0**order, rel=0.15)


def test_the_greek_terms_and_what_they_miss_are_the_steps_and_shares_have_delta_alone() -> None:
    before = random_book(30, shares=3)
    after = later(before, move=-0.02, points=1.5)
    found, terms = between(before, after), greeks(before, after)
    assert_allclose(terms.total, found.time + found.spot + found.volatility, atol=1e-9)
    assert_allclose(terms.delta[30:], found.spot[30:])
    for name in ("theta", "gamma", "vega", "cross", "curvature", "expiring"):
        assert_allclose(getattr(terms, name)[30:], 0.0, atol=1e-9)


def test_of_an_option_that_ends_on_the_way_no_greek_is_told() -> None:
    before = one_option(strike=101.0, years=1 / 365, call=False)
    terms = greeks(before, later(before, move=0.004))
    assert terms.expiring[0] == pytest.approx(0.6 - worth(before)[0])
    assert terms.total == pytest.approx(terms.expiring)


@pytest.mark.parametrize(("years", "is_told"), [(4.1 / 365, True), (3.9 / 365, False)])
def test_with_less_than_half_of_its_time_left_an_option_has_no_greek_terms(
    years: float, is_told: bool
) -> None:
    before = one_option(strike=101.0, years=years, call=False)
    terms = greeks(before, later(before, move=0.004))
    assert (terms.delta[0] != 0.0, terms.expiring[0] == 0.0) == (is_told, is_told)


@pytest.mark.parametrize("is_american", [False, True], ids=["european", "american"])
def test_a_book_at_its_marks_has_the_volatilities_that_give_them(is_american: bool) -> None:
    truth = random_book(40, american=is_american, shares=2, dividends=DIVIDENDS)
    prices = worth(truth)
    blind = replace(truth, options=replace(truth.options, vol=np.full(40, np.nan)))
    found = marked(blind, prices)
    fits = np.array([label not in found.why for label in truth.labels])
    assert fits.sum() > 30
    assert_allclose(found.gap[fits], 0.0, atol=1e-6)
    telling = fits[:40] & (np.abs(found.book.options.vol - truth.options.vol) > 1e-3)
    assert not telling.any()


def test_a_mark_that_no_volatility_gives_leaves_a_gap_with_its_reason() -> None:
    """A put marked two cents below what exercising brings."""
    book = one_option(strike=120.0, years=0.02, call=False, american=True)
    found = marked(book, np.array([19.98]))
    (reason,) = found.why.values()
    assert "exercising" in reason.reason
    assert found.gap[0] == pytest.approx(-0.02)
