"""Greeks of everything held and the book under scenarios: sums hold, nothing is filled in or hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from tests.support.fake_market import EURUSD, MONTH, SPX, SPY, make_option
from tests.unit.risk.held import BETA, Account, YearMarket, close, daily_returns, held

from sumppump.domain.account import Position
from sumppump.domain.instruments import Right
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import american
from sumppump.domain.statistics import Dividends
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.portfolio.positions import GroupBy
from sumppump.risk.betas import betas_to, joint_error
from sumppump.risk.closes import Closes
from sumppump.risk.portfolio_greeks import GreeksReport, question_of
from sumppump.risk.score import RULE, RULES, Measured, level_of, risk_score
from sumppump.server.portfolio.greeks_views import GreeksAnswer, Individually, greeks_answer

CALL = make_option(SPY, MONTH, 600, Right.CALL)
PUT = make_option(SPY, MONTH, 580, Right.PUT)
INDEX_PUT = make_option(SPX, MONTH, 580, Right.PUT, "SPXW")
ROWS = [held(2, CALL), held(-3, PUT), held(100, SPY, "590"), held(-1, INDEX_PUT)]


async def report(
    account: Account, moves: list[float] | None = None, days: float = 1.0, iv: float | None = None
) -> GreeksReport:
    return await account.desk.greeks.analysis(
        question_of(moves, [days], None if iv is None else [iv]), group_by=GroupBy.STRATEGY
    )


async def answer(account: Account, *, individual: bool = False) -> GreeksAnswer:
    return greeks_answer(await report(account), Individually() if individual else None)


async def test_totals_are_the_sums_of_legs_strategies_and_underlyings() -> None:
    found = await report(Account(list(ROWS)))
    for name in ("delta", "delta_dollars", "gamma", "gamma_1pct", "theta", "vega"):
        total = getattr(found.total.sums, name)
        for parts in (found.legs, found.strategies, found.underlyings):
            assert sum(getattr(each.sums, name) for each in parts) == pytest.approx(total)


async def test_delta_is_in_shares_and_gamma_in_dollars_of_delta_a_percent() -> None:
    """One call: delta x 200 shares, at 600 a share; gamma x 200 x 600 x 6 dollars."""
    account = Account([held(2, CALL)])
    greeks = account.market.quote(CALL).greeks
    assert greeks is not None
    sums = (await report(account)).total.sums
    assert sums.delta == pytest.approx(greeks.delta * 200)
    assert sums.delta_dollars == pytest.approx(greeks.delta * 200 * 600)
    assert sums.gamma_1pct == pytest.approx(greeks.gamma * 200 * 600 * 6)


async def test_a_move_of_nothing_changes_nothing_and_parts_sum_up_to_the_whole() -> None:
    grid = (await report(Account(list(ROWS)))).grid
    for row in grid.rows:
        assert close(sum(part.pnl or 0.0 for part in row.parts), row.pnl, 1e-6)
    still = next(row for row in grid.rows if row.move_pct == 0)
    assert (still.pnl, still.pnl_same_move) == (0.0, 0.0)
    assert still.pnl_later == pytest.approx(grid.decay)


async def test_a_position_is_repriced_in_full_not_expanded_in_its_greeks() -> None:
    """Two calls when SPY falls by 10 %: the American price at 540, the same volatility, the assumed rate."""
    account = Account([held(2, CALL)])
    greeks = account.market.quote(CALL).greeks
    assert greeks is not None
    (row,) = (await report(account, [-10.0])).grid.rows
    years = CALL.years(account.market.clock.now())
    low, now = (american(spot, 600.0, years, 0.04, 0.0, greeks.iv, Right.CALL).price for spot in (540, 600))
    assert row.pnl == pytest.approx((low - now) * 200, abs=1.0)


async def test_each_underlying_moves_by_its_own_beta() -> None:
    """SPX was made to move 1.2 times as SPY does."""
    found = await report(Account(list(ROWS)), [-5.0])
    moves = {part.symbol: part.move_pct for part in found.grid.rows[0].parts}
    assert moves["SPY"] == -5.0
    assert moves["SPX"] == pytest.approx(-5.0 * found.betas["SPX"].beta)
    assert found.betas["SPX"].beta == pytest.approx(BETA, abs=3 * found.betas["SPX"].error)


async def test_a_beta_is_the_slope_of_a_year_of_returns_with_its_standard_error() -> None:
    """Against numpy's own regression."""
    beta = (await report(Account(list(ROWS)))).betas["SPX"]
    x, y = daily_returns(False)[-252:], daily_returns(True)[-252:]
    fit, covariance = np.polyfit(x, y, 1, cov=True)
    assert beta.samples == 252
    assert beta.beta == pytest.approx(fit[0], rel=1e-4)
    assert beta.error == pytest.approx(covariance[0, 0] ** 0.5, rel=0.01)


async def test_beta_weighting_sums_dollars_and_shows_the_error() -> None:
    found = await report(Account(list(ROWS)))
    dollars = {each.name: each.sums.delta_dollars or 0.0 for each in found.underlyings}
    expected = dollars["SPY"] + found.betas["SPX"].beta * dollars["SPX"]
    assert found.weighted.dollars == pytest.approx(expected)
    assert found.weighted.shares == pytest.approx(expected / 600)
    assert found.weighted.error == pytest.approx(found.betas["SPX"].error * abs(dollars["SPX"]))


def walks(seed: int, *weights: float) -> dict[date, float]:
    """Closes of 300 days whose returns are sums of shared daily draws, by weight."""
    draws = np.random.default_rng(seed).normal(0.0, 0.01, (300, len(weights)))
    days = [date(2026, 1, 1) + timedelta(days=each) for each in range(301)]
    closes = 100.0 * np.exp(np.concatenate([[0.0], np.cumsum(draws @ np.array(weights))]))
    return dict(zip(days, closes.tolist(), strict=True))


def test_the_error_of_weighted_dollars_knows_what_underlyings_share_beside_the_market() -> None:
    """Two that go together beside the market: long both doubles their error, long and short cancels it.

    Taken as independent, both would be the root of two times one.
    """
    closes = {
        name: Closes(name, walks(3, *weights))
        for name, weights in {"M": (1.0, 0.0), "A": (1.2, 0.5), "B": (0.8, 0.5)}.items()
    }
    one = betas_to("M", closes)[0]["A"].error
    assert joint_error({"A": 1_000.0, "B": 1_000.0}, "M", closes) == pytest.approx(2_000 * one, rel=0.01)
    assert joint_error({"A": 1_000.0, "B": -1_000.0}, "M", closes) == pytest.approx(0.0, abs=1e-6)
    assert joint_error({"M": 5_000.0}, "M", closes) == pytest.approx(0.0, abs=1e-6)
    assert isinstance(joint_error({"A": 1.0, "C": 1.0}, "M", closes), Missing)


async def test_an_underlying_without_a_past_is_in_no_market_move_and_is_named() -> None:
    account = Account(list(ROWS), market=YearMarket(young={"SPX"}))
    found = await report(account, [-5.0])
    (row,) = found.grid.rows
    assert {part.symbol: part.pnl is None for part in row.parts} == {"SPY": False, "SPX": True}
    assert isinstance(found.no_beta["SPX"], Missing)
    assert any("SPX: no beta" in line for line in greeks_answer(found).left_out)
    assert row.pnl_same_move != row.pnl


async def test_an_option_without_greeks_is_left_out_of_the_sums_and_named() -> None:
    market = YearMarket(missing={PUT.con_id})
    found = await report(Account([held(2, CALL), held(-3, PUT)], market=market))
    alone = await report(Account([held(2, CALL)]))
    assert found.total.sums.delta == pytest.approx(alone.total.sums.delta)
    said = greeks_answer(found, Individually())
    assert said.status == "partial"
    assert any(PUT.label in line for line in said.left_out)
    leg = next(each for each in said.individual if each.label == PUT.label)
    assert (leg.delta, leg.theta, leg.vega) == (None, None, None)


async def test_what_is_foreign_is_left_out_and_said() -> None:
    pair = Position(account="SIM1234567", instrument=EURUSD, quantity=20_000, avg_cost=Decimal("1.1"))
    said = await answer(Account([*ROWS, pair]))
    assert said.totals is not None
    assert any("EUR" in line for line in said.left_out)


async def test_nothing_held_is_said_in_plain_words() -> None:
    said = await answer(Account())
    assert said.summary.startswith("Nothing is held")
    assert (said.totals, said.scenarios, said.status) == (None, [], "nothing_held")


async def test_the_summary_names_the_worst_move_or_says_that_none_loses() -> None:
    """Shares lose by a fall; a straddle is only asked about large moves."""
    assert "SPY -10 %, -6,000 $" in (await answer(Account([held(100, SPY)]))).summary
    straddle = Account([held(2, CALL), held(2, make_option(SPY, MONTH, 600, Right.PUT))])
    found = await report(straddle, [-20.0, 20.0])
    assert "None of these moves loses" in greeks_answer(found).summary


async def test_old_quotes_are_flagged() -> None:
    account = Account([held(2, CALL)])
    found = await report(account)
    old = replace(found.held.holdings, oldest_s=400.0)
    said = greeks_answer(replace(found, held=replace(found.held, holdings=old)))
    assert said.data_quality.state == "stale"
    assert any("400 s old" in line for line in said.warnings)


async def test_decay_and_volatility_are_repriced() -> None:
    """A long call loses with time and gains with volatility, near what theta and vega say for a little."""
    found = await report(Account([held(2, CALL)]), [0.0], days=1.0, iv=1.0)
    assert found.total.sums.theta == pytest.approx(found.grid.decay, rel=0.05)
    assert found.grid.vega == pytest.approx(found.total.sums.vega, rel=0.05)
    without = await report(Account([held(2, CALL)]), [0.0])
    assert without.grid.vega is None
    assert without.grid.rows[0].pnl_with_iv is None


async def test_a_call_is_worth_exercising_before_the_dividend_the_broker_announced() -> None:
    """With a dividend ahead the same call is priced on a lower forward: scenarios reckon with it."""
    told = Dividends(next_date=MONTH.replace(day=10), next_amount=6.0)
    paying = await report(Account([held(2, CALL)], market=YearMarket(facts={"dividends": told})), [-5.0])
    assert [each.cash for each in paying.held.carries["SPY"].dividends] == [6.0]
    plain = await report(Account([held(2, CALL)]), [-5.0])
    assert paying.grid.rows[0].pnl != pytest.approx(plain.grid.rows[0].pnl, abs=1.0)


async def test_rho_is_ours_where_the_broker_gives_none() -> None:
    """A long call gains with the rate: strike x years x N(d2) x 0.01 x shares, about 600 x 0.08 x 0.5."""
    sums = (await report(Account([held(2, CALL)]))).total.sums
    assert sums.rho == pytest.approx(600 * 30 / 365 * 0.5 * 0.01 * 200, rel=0.15)


async def test_bars_are_asked_for_once_a_day() -> None:
    account = Account(list(ROWS))
    desk = account.desk
    await desk.greeks.analysis(question_of())
    await desk.greeks.analysis(question_of())
    assert sorted(account.market.bars_asked) == ["SPX TRADES", "SPY ADJUSTED_LAST"]


async def test_without_net_liquidation_there_is_no_score() -> None:
    for account in (Account(list(ROWS), nlv=None), Account(list(ROWS), is_silent=True)):
        score = (await report(account)).score
        assert (score.points, score.level) == (None, "UNKNOWN")


async def test_not_knowing_what_is_held_is_an_error() -> None:
    class Silent(Account):
        async def positions(self) -> list[Position]:
            raise GatewayUnavailable("not yet")

    with pytest.raises(GatewayUnavailable):
        await report(Silent())


@pytest.mark.parametrize(
    ("moves", "days", "iv", "field"),
    [
        ([-100.0], 1.0, None, "scenario_moves"),
        ([], 1.0, None, "scenario_moves"),
        ([float(each) for each in range(20)], 1.0, None, "scenario_moves"),
        (None, -1.0, None, "time_decay_days"),
        (None, 1.0, 500.0, "iv_change"),
    ],
)
async def test_what_cannot_happen_is_refused_by_name(
    moves: list[float] | None, days: float, iv: float | None, field: str
) -> None:
    with pytest.raises(InvalidRequest, match=field):
        await report(Account(), moves, days, iv)


def test_the_score_goes_by_the_account_not_by_absolute_numbers() -> None:
    """The same Greeks are nothing for a large account and a lot for a small one; each point has a reason."""
    measured = Measured(market_delta=50_000, gamma_1pct=-8_000, theta=-100, vega=-900, worst=-15_000)
    small, large = (risk_score(measured, nlv) for nlv in (50_000, 5_000_000))
    assert (small.level, large.level) == ("HIGH", "LOW")
    assert (large.points, large.reasons) == (0, ())
    assert len(small.reasons) == 5
    assert small.points == 1 + 2 + 1 + 3 + 3


def test_a_long_gamma_book_has_no_points_for_gamma() -> None:
    measured = Measured(market_delta=0.0, gamma_1pct=20_000, theta=5.0, vega=0.0, worst=0.0)
    assert risk_score(measured, 50_000).points == 0
    assert [level_of(points) for points in (2, 3, 5, 6)] == ["LOW", "MODERATE", "MODERATE", "HIGH"]


def test_the_rule_of_the_score_states_every_step_so_that_points_can_be_counted_again() -> None:
    for rule in RULES:
        assert f"{rule.words} {', '.join(f'{step:g}' for step in rule.steps)}" in RULE
    found = risk_score(Measured(market_delta=160.0, gamma_1pct=-5.0, theta=0.0, vega=-0.5, worst=-4.0), 100.0)
    assert (found.points, found.level) == (2 + 1 + 0 + 2 + 0, "MODERATE")
