"""Books under scenarios beside QuantLib, which shares no line with us, over random contracts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import QuantLib as ql
from numpy.testing import assert_allclose
from scripts.bench.market.quantlib_american import Row, escrowed_price, qdfp_prices
from tests.unit.domain.books import one_option, random_book

from sumppump.domain.book import Book, Scenario, Shocks, worths
from sumppump.domain.pricing import european_many

SCENARIOS = (
    Scenario(move_pct=-20.0, vol_points=15.0, days=3.0),
    Scenario(move_pct=-5.0, vol_points=4.0),
    Scenario(move_pct=6.0, vol_points=-3.0, days=0.5),
)


def _cells(book: Book) -> list[Row]:
    """Every contract in every scenario as QuantLib takes it, scenarios outside; none has expired."""
    options, cells = book.options, []
    for scenario in SCENARIOS:
        for row in range(len(options)):
            spot = book.spots[options.underlying[row]] * (1 + scenario.move_pct / 100)
            years = options.years[row] - scenario.days / 365
            vol = max(options.vol[row] + scenario.vol_points / 100, 0.01)
            flag = "c" if options.call[row] else "p"
            terms = (spot, options.strike[row], years, options.rate[row], vol, options.carry[row])
            cells.append((flag, *map(float, terms)))
    return cells


def _living(book: Book) -> Book:
    return book.rows(np.flatnonzero(book.options.years > 5 / 365))


def test_european_books_are_priced_as_quantlib_prices_them() -> None:
    book = _living(random_book(120, seed=31))
    found = worths(book, Shocks.of(SCENARIOS, book.symbols)).reshape(-1)
    theirs = [
        ql.blackFormula(
            ql.Option.Call if flag == "c" else ql.Option.Put,
            k,
            s * math.exp((r - q) * t),
            vol * math.sqrt(t),
            math.exp(-r * t),
        )
        for flag, s, k, t, r, vol, q in _cells(book)
    ]
    assert_allclose(found, theirs, atol=1e-9)


def test_american_books_are_within_their_trees_error_of_quantlibs_best_engine() -> None:
    book = _living(random_book(120, american=True, seed=32))
    found = worths(book, Shocks.of(SCENARIOS, book.symbols)).reshape(-1)
    cells = _cells(book)
    theirs = qdfp_prices(cells, accurate=True)
    flags, s, k, t, r, vol, q = (np.array(column) for column in zip(*cells, strict=True))
    vega = european_many(s, k, t, r, q, vol, flags == "c").vega
    telling = vega > 5e-4 * s
    points = np.abs(found - theirs)[telling] / vega[telling]
    # Fifty steps: 0.03 points for 99 in 100 of a broader sample.
    assert np.percentile(points, 99) <= 0.04
    assert np.all(np.abs(found - theirs) <= 1e-3 * s)


@pytest.mark.parametrize(("strike", "flag"), [(95.0, "c"), (100.0, "p"), (112.0, "p")])
def test_dividends_that_are_still_to_come_are_those_of_finite_differences(strike: float, flag: str) -> None:
    """After ten days the first of two dividends has been paid."""
    book = one_option(
        strike=strike,
        years=100 / 365,
        call=flag == "c",
        american=True,
        vol=0.25,
        dividends=((8 / 365, 1.5), (50 / 365, 1.5)),
    )
    shocks = Shocks.of([Scenario(move_pct=4.0, days=10.0)], book.symbols)
    theirs = escrowed_price(104.0, strike, 90, 0.04, 0.25, flag, [(40, 1.5)])
    assert worths(book, shocks, steps=100)[0, 0] == pytest.approx(theirs, abs=0.01)
