"""A whole book under scenarios: conservation laws, an independent library, smiles, dates and dividends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.unit.domain.books import one_option, random_book, shocks_of

from sumppump.domain.book import Book, Scenario, Shocks, SmileRule, market_moves, pnl_of, reprice, worths
from sumppump.domain.book.repricing import LEAST_VOL
from sumppump.domain.pricing import american, european
from sumppump.domain.smile import Smile, VolPoint

DIVIDENDS = ((20 / 365, 0.8), (111 / 365, 0.8), (202 / 365, 0.9))
SCENARIOS = (
    Scenario(name="nothing"),
    Scenario(name="crash", move_pct=-20.0, vol_points=15.0, days=5.0),
    Scenario(name="rally", move_pct=8.0, vol_points=-6.0, days=30.0),
    Scenario(name="market", moves_pct={"SPY": -5.0, "IWM": -6.5, "QQQ": -5.75}, vol_points=4.0),
    Scenario(name="slide", move_pct=-7.0, smile=SmileRule.STICKY_DELTA),
)
SKEW = Smile.of([VolPoint(k, 0.2 - 0.3 * np.log(k / 100.0), 1e-6) for k in range(60, 141, 5)], 0.25)


@pytest.mark.parametrize("is_american", [False, True], ids=["european", "american"])
def test_nothing_is_gained_or_lost_where_nothing_happens(is_american: bool) -> None:
    book = random_book(60, american=is_american, shares=5, dividends=DIVIDENDS, smile=SKEW)
    quiet = [Scenario(smile=rule) for rule in SmileRule]
    assert np.all(reprice(book, quiet).pnl == 0.0)


# Full reprices as an underlying falls from 600 to 480, and what an expansion by delta and gamma makes of them
# (our reference tables; r 4.3 %, yield 1.2 %): strike, days, right, volatility, contracts.
FALLS = [
    ("short put, two days", [(600, 2, "P", 0.18, -1)], -11_675, -41_827),
    ("short put out of the money", [(540, 30, "P", 0.22, -1)], -5_836, -2_150),
    ("straddle, a day", [(600, 1, "P", 0.18, 1), (600, 1, "C", 0.18, 1)], 11_543, 101_479),
    ("short call, a day", [(600, 1, "C", 0.18, -1)], 228, -44_740),
]


@pytest.mark.parametrize(
    ("legs", "full", "expanded"), [row[1:] for row in FALLS], ids=[row[0] for row in FALLS]
)
def test_a_crash_costs_what_a_full_reprice_says_and_not_what_greeks_say(
    legs: list[tuple[float, int, str, float, int]], full: float, expanded: float
) -> None:
    crash = Shocks(factors=np.array([[0.8]]))
    found = taylor = 0.0
    for strike, days, right, vol, count in legs:
        terms = (strike, days / 365, 0.043, 0.012, vol, right)
        book = one_option(
            strike=strike, years=days / 365, call=right == "C", vol=vol, spot=600, rate=0.043, carry=0.012
        )
        greeks = european(600.0, *terms)
        found += 100 * count * float(pnl_of(book, crash).sum())
        taylor += 100 * count * (greeks.delta * -120 + 0.5 * greeks.gamma * 120**2)
    assert found == pytest.approx(full, abs=1)
    assert taylor == pytest.approx(expanded, rel=1e-3)


def test_the_parts_add_up_to_the_total_by_row_by_underlying_and_by_strategy() -> None:
    found = reprice(random_book(50, shares=6), SCENARIOS)
    assert_allclose(found.pnl.sum(axis=1), found.total)
    assert_allclose(sum(found.by_underlying.values()), found.total)
    assert_allclose(sum(found.by_strategy.values()), found.total)
    assert set(found.by_underlying) == {"SPY", "IWM", "QQQ"}


def test_twice_the_units_are_twice_the_profit_and_loss() -> None:
    book = random_book(30, shares=3)
    doubled = book.scaled(dict.fromkeys(book.strategies, 2.0))
    assert_allclose(reprice(doubled, SCENARIOS).pnl, 2.0 * reprice(book, SCENARIOS).pnl)


@pytest.mark.parametrize("scenario", SCENARIOS[:3], ids=lambda each: each.name)
def test_a_call_less_a_put_is_a_forward_under_every_scenario(scenario: Scenario) -> None:
    call, put = (
        one_option(strike=103.0, years=0.6, call=is_call, carry=0.01, dividends=DIVIDENDS)
        for is_call in (True, False)
    )
    shocks = Shocks.of([scenario], call.symbols)
    gap = (worths(call, shocks) - worths(put, shocks))[0, 0]
    years = 0.6 - scenario.days / 365
    left = [(when - scenario.days / 365, cash) for when, cash in DIVIDENDS]
    paid = sum(cash * np.exp(-0.04 * when) for when, cash in left if 0 < when <= years)
    spot = 100.0 * (1 + scenario.move_pct / 100)
    assert gap == pytest.approx((spot - paid) * np.exp(-0.01 * years) - 103.0 * np.exp(-0.04 * years))


def test_every_cell_is_the_price_that_the_single_contract_has_there() -> None:
    european_book, american_book = random_book(25), random_book(25, american=True)
    shocks = Shocks.of(SCENARIOS[:4], european_book.symbols)
    for book, price in ((european_book, european), (american_book, american)):
        found, rows = worths(book, shocks, steps=100), book.options
        for place, scenario in enumerate(SCENARIOS[:4]):
            for row in range(0, len(book), 5):
                right = "C" if rows.call[row] else "P"
                spot = (shocks.factors[place] * book.spots)[rows.underlying[row]]
                vol = max(rows.vol[row] + scenario.vol_points / 100, LEAST_VOL)
                years = rows.years[row] - scenario.days / 365
                alone = price(spot, rows.strike[row], years, rows.rate[row], rows.carry[row], vol, right)
                assert found[place, row] == pytest.approx(alone.price, abs=1e-9)


def test_an_american_option_is_worth_no_less_than_a_european_one_in_any_scenario() -> None:
    same = random_book(80, dividends=DIVIDENDS), random_book(80, american=True, dividends=DIVIDENDS)
    shocks = Shocks.of(SCENARIOS[:4], same[0].symbols)
    assert np.all(worths(same[1], shocks) >= worths(same[0], shocks) - 1e-9)


@pytest.mark.parametrize("is_american", [False, True], ids=["european", "american"])
def test_an_option_that_expires_before_the_date_pays_its_intrinsic_value_there(is_american: bool) -> None:
    put = one_option(strike=100.0, years=3 / 365, call=False, american=is_american)
    there = Shocks.of([Scenario(move_pct=-10.0, vol_points=20.0, days=5.0)], put.symbols)
    assert worths(put, there)[0, 0] == pytest.approx(10.0)


def test_sticky_delta_takes_the_volatility_from_as_far_off_and_sticky_strike_keeps_it() -> None:
    assert SKEW is not None
    put = one_option(strike=90.0, years=0.25, call=False, vol=SKEW.at(90.0), smile=SKEW)
    fallen = [Scenario(move_pct=-10.0, smile=rule) for rule in SmileRule]
    kept, moved = (worths(put, Shocks.of([each], put.symbols))[0, 0] for each in fallen)
    assert kept == pytest.approx(european(90, 90, 0.25, 0.04, 0, SKEW.at(90.0), "P").price)
    # The strike at the money takes the volatility that was at the money.
    assert moved == pytest.approx(european(90, 90, 0.25, 0.04, 0, SKEW.at(100.0), "P").price, abs=1e-6)
    assert moved < kept


def test_without_a_smile_sticky_delta_is_a_flat_smile_and_says_so() -> None:
    book = one_option(strike=90.0, years=0.25, call=False)
    found = reprice(book, [Scenario(move_pct=-10.0, smile=rule) for rule in SmileRule])
    assert found.pnl[0, 0] == found.pnl[1, 0]
    assert found.smile_from == ("flat",)


def test_no_shift_takes_a_volatility_below_the_least_nor_lifts_one_that_is_lower_already() -> None:
    shocks = Shocks.of([Scenario(vol_points=-50.0)], ("XYZ",))
    for vol, least in ((0.2, LEAST_VOL), (0.005, 0.005)):
        book = one_option(strike=100.0, years=0.5, call=True, vol=vol)
        alone = european(100, 100, 0.5, 0.04, 0, least, "C").price
        assert worths(book, shocks)[0, 0] == pytest.approx(alone)


def test_an_underlying_that_a_scenario_does_not_name_is_left_out_of_it_and_named() -> None:
    book = random_book(30, shares=4)
    found = reprice(book, [Scenario(name="beta", moves_pct=market_moves(-5.0, {"SPY": 1.0, "IWM": 1.3}))])
    unknown = np.array([label.symbol == "QQQ" for label in book.labels])
    assert np.all(np.isnan(found.pnl[0]) == unknown)
    assert {each.label.symbol for each in found.left_out} == {"QQQ"}
    assert len(found.left_out) == unknown.sum()
    assert found.total[0] == pytest.approx(found.pnl[0, ~unknown].sum())


def test_a_share_held_over_the_ex_date_has_its_dividend_and_a_short_one_owes_it() -> None:
    book = random_book(0, shares=8, dividends=((3 / 365, 1.5),))
    found = reprice(book, [Scenario(days=2.0), Scenario(days=3.0)])
    assert_allclose(found.pnl[0], 0.0)
    assert_allclose(found.pnl[1], 1.5 * book.shares.units)


def test_many_paths_are_priced_as_a_few_are() -> None:
    book = random_book(40, shares=3, smile=SKEW)
    random = np.random.default_rng(3)
    paths = random.normal(0.0, 0.02, (5_000, len(book.symbols)))
    everything = pnl_of(book, shocks_of(paths, days=1.0))
    assert_allclose(everything[4_000:4_003], pnl_of(book, shocks_of(paths[4_000:4_003], days=1.0)))


def test_some_rows_of_a_book_have_the_profit_and_loss_that_they_have_in_the_whole() -> None:
    book: Book = random_book(30, shares=4, dividends=DIVIDENDS, smile=SKEW)
    rows = [2, 7, 29, 31]
    assert_allclose(reprice(book.rows(rows), SCENARIOS).pnl, reprice(book, SCENARIOS).pnl[:, rows])


@pytest.mark.parametrize("is_american", [False, True], ids=["european", "american"])
def test_a_book_in_another_unit_of_money_has_its_profit_and_loss_in_that_unit(is_american: bool) -> None:
    book = random_book(30, american=is_american, shares=3, dividends=DIVIDENDS)
    options = replace(book.options, strike=7.0 * book.options.strike, cash=7.0 * book.options.cash)
    shares = replace(book.shares, cash=7.0 * book.shares.cash)
    dearer = replace(book, spots=7.0 * book.spots, options=options, shares=shares)
    assert_allclose(reprice(dearer, SCENARIOS).pnl, 7.0 * reprice(book, SCENARIOS).pnl, atol=1e-6)


def test_volatility_may_move_path_by_path() -> None:
    book = random_book(20)
    moves, points = np.zeros((2, len(book.symbols))), np.array([0.0, 10.0])
    together = pnl_of(book, shocks_of(moves, days=1.0, points=points))
    alone = reprice(book, [Scenario(days=1.0), Scenario(days=1.0, vol_points=10.0)])
    assert_allclose(together, alone.pnl)
