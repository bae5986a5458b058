"""What everything held could lose: checked by hand and by a second way; what is left out is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.support.fake_market import MONTH, SPX, SPY, make_option
from tests.unit.risk.held import BETA, Account, YearMarket, daily_returns, held

from sumppump.domain.book import Breach, Shocks, pnl_of
from sumppump.domain.instruments import Right, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.tail_risk import TailRisk
from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.money import Money
from sumppump.risk import value_at_risk
from sumppump.risk.closes import Closes
from sumppump.risk.history_days import HISTORY_DAYS
from sumppump.risk.portfolio_risk import RiskReport
from sumppump.risk.stress import of_history
from sumppump.risk.value_at_risk import HISTORICAL, MODEL, calendar_days, past_of, tails_of
from sumppump.risk.weights import UNKNOWN, sector_of
from sumppump.server.portfolio.risk_views import RiskAnswer, risk_answer
from sumppump.server.text import render

CALL = make_option(SPY, MONTH, 600, Right.CALL)
PUT = make_option(SPY, MONTH, 580, Right.PUT)
INDEX_PUT = make_option(SPX, MONTH, 580, Right.PUT, "SPXW")
SHARES = [held(100, SPY, "590")]
ROWS = [held(2, CALL), held(-3, PUT), *SHARES, held(-1, INDEX_PUT)]


@pytest.fixture(autouse=True)
def few_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same arithmetic on a thousand paths: the claims here are not about the noise."""
    monkeypatch.setattr(value_at_risk.tails_of, "__kwdefaults__", {"paths": 1_000})


async def report(account: Account, confidence: float = 0.95, horizon: int = 1) -> RiskReport:
    return await account.desk.risk.risk(confidence, horizon)


def tail(found: RiskReport, method: str, confidence: float, horizon: int) -> TailRisk:
    key = (method, confidence, horizon)
    rows = {(row.method, row.confidence, row.horizon_days): row.risk for row in found.tails.rows}
    risk = rows[key]
    assert isinstance(risk, TailRisk)
    return risk


async def test_of_shares_alone_value_at_risk_is_the_quantile_of_their_own_returns() -> None:
    """100 shares at 600: the loss at the 26th worst of 500 days, and the mean of the 25 worst."""
    found = await report(Account(list(SHARES)))
    losses = np.sort(-(np.exp(daily_returns(False)[1:]) - 1.0) * 60_000)[::-1]
    count = 0.05 * len(losses)
    assert tail(found, HISTORICAL, 0.95, 1).var == pytest.approx(losses[int(count)], rel=1e-4)
    assert tail(found, HISTORICAL, 0.95, 1).shortfall == pytest.approx(
        losses[: round(count)].mean(), rel=0.01
    )


async def test_the_model_is_near_the_normal_quantile_where_returns_are_normal() -> None:
    """Returns were drawn normal at 1 % a day: 1.645 x 1 % x 60,000, and the root of ten times it."""
    found = await report(Account(list(SHARES)))
    assert tail(found, MODEL, 0.95, 1).var == pytest.approx(1.645 * 600, rel=0.12)
    ratio = tail(found, MODEL, 0.95, 10).var / tail(found, MODEL, 0.95, 1).var
    assert ratio == pytest.approx(10**0.5, rel=0.15)


async def test_shortfall_is_never_below_value_at_risk_and_both_rise_with_confidence() -> None:
    found = await report(Account(list(ROWS)))
    for method in (HISTORICAL, MODEL):
        for horizon in (1, 10):
            low, high = (tail(found, method, level, horizon) for level in (0.95, 0.99))
            assert low.var <= low.shortfall
            assert low.var <= high.var
            assert low.shortfall <= high.shortfall


async def test_two_questions_on_one_day_agree() -> None:
    account = Account(list(ROWS))
    assert (await report(account)).tails == (await report(account)).tails


async def test_a_path_of_options_is_repriced_within_a_cent_a_share() -> None:
    """Against full trees on the paths that were read from grids."""
    found = await report(Account(list(ROWS)))
    book, past = found.held.book, past_of(found.held.closes, found.held.book.symbols)
    dice = np.random.default_rng(1)
    drawn = dice.normal(0.0, 0.02, (400, 2))
    read, _ = value_at_risk._outcomes(book, past, drawn, 10)
    columns = [past.returns.symbols.index(symbol) for symbol in book.symbols]
    shocks = Shocks(factors=np.exp(drawn[:, columns]), days=np.array([[14.0]]))
    full = pnl_of(book, shocks).sum(axis=1)
    assert np.abs(read - full).max() <= 0.01 * np.abs(book.options.units).sum()


async def test_volatility_moves_with_the_vix_so_that_a_seller_of_puts_risks_more() -> None:
    """A VIX that rises by a point for each percent that SPY falls, beside one that is not known."""
    found = await report(Account([held(-2, PUT)]))
    spy = found.held.closes["SPY"]
    assert isinstance(spy, Closes)
    steps = np.diff(np.log(list(spy.by_day.values())), prepend=np.log(600.0))
    levels = 60.0 - 100.0 * np.cumsum(steps)
    vix = Closes("VIX", dict(zip(spy.by_day, levels.tolist(), strict=True)))
    past = past_of(dict(found.held.closes) | {"VIX": vix}, ["SPY"])
    assert past.vix == pytest.approx(-100.0 * past.returns.of("SPY"), abs=1e-6)
    day = found.held.now.date()
    moving = tails_of(found.held.book, past, confidences=[0.95], horizons=[1], day=day)
    assert moving.has_vix
    assert isinstance(moving.rows[0].risk, TailRisk)
    assert moving.rows[0].risk.var > 1.2 * tail(found, HISTORICAL, 0.95, 1).var


async def test_what_has_no_past_is_left_out_of_value_at_risk_and_named() -> None:
    found = await report(Account(list(ROWS), market=YearMarket(young={"SPX"})))
    alone = await report(Account([row for row in ROWS if row.instrument is not INDEX_PUT]))
    assert set(found.tails.left_out) == {"SPX"}
    assert tail(found, HISTORICAL, 0.95, 1).var == pytest.approx(tail(alone, HISTORICAL, 0.95, 1).var)
    assert any("SPX: not in value at risk" in line for line in risk_answer(found).left_out)


async def test_without_any_history_there_is_no_value_at_risk_and_no_market_stress_but_time() -> None:
    said = risk_answer(await report(Account(list(ROWS), market=YearMarket(silent={"SPX", "SPY"}))))
    assert said.var == []
    assert said.status == "partial"
    assert "not known" in said.summary


async def test_stress_of_shares_is_their_move() -> None:
    """100 shares at 600 move by the market's percent: -20 % costs 12,000, Black Monday 20.47 % of 60,000."""
    stress = {each.shock.name: each.pnl for each in (await report(Account(list(SHARES)))).stress}
    assert stress["crash -20 %"] == pytest.approx(-12_000)
    assert stress["1987-10-19 Black Monday"] == pytest.approx(-0.20467 * 60_000, rel=1e-4)
    assert stress["volatility +10 points"] == stress["a week passes"] == 0.0


async def test_stress_goes_by_beta_and_adds_the_vix() -> None:
    """A short index put at 1.2 times the market's fall, its volatility up by the VIX's change."""
    found = await report(Account([held(-1, INDEX_PUT)]))
    beta = found.betas["SPX"].beta
    assert beta == pytest.approx(BETA, abs=0.05)
    day = next(each for each in HISTORY_DAYS if each.day.isoformat() == "2020-03-16")
    assert day.vix_points is not None
    shocks = Shocks(
        factors=np.array([[1.0 + beta * day.move_pct / 100.0]]), points=np.array([[day.vix_points]])
    )
    expected = float(pnl_of(found.held.book, shocks).sum())
    pnl = next(each.pnl for each in found.stress if each.shock == of_history(day))
    assert pnl == pytest.approx(expected)


async def test_the_smallest_move_costs_the_limit_and_no_smaller_one_does() -> None:
    """100 shares at 600 and 100,000 of net liquidation: 2 % of it is 2,000, a fall by 3.33 %."""
    found = await report(Account(list(SHARES)))
    first = found.enough[0]
    assert first.loss == pytest.approx(2_000)
    assert isinstance(first.down, Breach)
    assert first.down.move_pct == pytest.approx(-10 / 3, abs=0.02)
    assert isinstance(first.up, Missing)


async def test_todays_loss_is_taken_off_the_daily_limits() -> None:
    account = Account(list(SHARES))
    plain, worse = await report(account), Account(list(SHARES), daily_pnl=Money.of(-1_500))
    spent = await report(worse)
    assert [each.loss for each in spent.enough] == pytest.approx(
        [plain.enough[0].loss - 1_500, plain.enough[1].loss - 1_500, plain.enough[2].loss]
    )
    gone = await report(Account(list(SHARES), daily_pnl=Money.of(-2_500)))
    assert isinstance(gone.enough[0].down, Missing)
    assert "already" in risk_answer(gone).reverse_stress[0].note


async def test_concentration_does_not_let_long_and_short_hide_each_other() -> None:
    found = (await report(Account(list(ROWS)))).weights
    assert sum(each.share or 0.0 for each in found.by_underlying) == pytest.approx(1.0)
    legs = sum(each.legs for each in found.by_underlying)
    assert sum(each.legs for each in found.by_expiry) == legs >= len(ROWS)
    assert {each.name for each in found.by_sector} == {"broad US market"}
    assert found.herfindahl == pytest.approx(sum((each.share or 0.0) ** 2 for each in found.by_underlying))
    spy = next(each for each in found.by_underlying if each.name == "SPY")
    assert spy.own_crash is not None
    assert spy.own_crash < 0


async def test_correlations_are_of_pairs_that_are_held() -> None:
    found = await report(Account(list(ROWS)))
    (pair,) = found.pairs
    own, market = daily_returns(True)[1:], daily_returns(False)[1:]
    assert {pair.first, pair.second} == {"SPX", "SPY"}
    assert pair.value == pytest.approx(np.corrcoef(own, market)[0, 1], abs=1e-4)
    assert (await report(Account(list(SHARES)))).pairs == ()


def test_sectors_are_the_brokers_word_or_unknown() -> None:
    named = Underlying(con_id=1, symbol="KO", industry="Consumer, Non-cyclical")
    assert sector_of("KO", named) == "Consumer, Non-cyclical"
    assert sector_of("KO", replace(named, industry="")) == UNKNOWN
    assert sector_of("SPY", None) == "broad US market"


def test_ten_trading_days_are_two_weeks() -> None:
    assert [calendar_days(days) for days in (1, 4, 5, 10, 12)] == [1.0, 4.0, 7.0, 14.0, 16.0]


async def test_nothing_held_is_said_in_plain_words() -> None:
    said = risk_answer(await report(Account()))
    assert said.summary.startswith("Nothing is held")
    assert (said.var, said.stress, said.status) == ([], [], "nothing_held")


async def test_without_net_liquidation_there_are_no_limits_and_no_percentages() -> None:
    said = risk_answer(await report(Account(list(ROWS), nlv=None)))
    assert said.reverse_stress == []
    assert all(row.pct_of_nlv is None for row in said.stress)


async def test_the_answer_says_its_method_and_stays_small() -> None:
    said = risk_answer(await report(Account(list(ROWS)), 0.9, 5))
    assert (said.var[0].confidence, said.var[0].horizon_days) == (0.9, 5)
    assert len(said.var) == 3 * 3
    text = " ".join(said.method)
    for word in ("real-world", "daily returns", "sticky strike", "public record", "seeded", "VIX"):
        assert word in text
    assert len(json.dumps(said.payload())) < 8_192
    assert len(render("SIM", said.payload())) < 8_192
    assert isinstance(said, RiskAnswer)


@pytest.mark.parametrize(
    ("confidence", "horizon", "field"),
    [(0.5, 1, "confidence"), (0.999, 1, "confidence"), (0.95, 0, "horizon")],
)
async def test_what_cannot_be_asked_is_refused_by_name(confidence: float, horizon: int, field: str) -> None:
    with pytest.raises(InvalidRequest, match=field):
        await report(Account(), confidence, horizon)


async def test_percent_are_read_as_percent() -> None:
    assert (await report(Account(list(SHARES)), 95.0)).confidence == 0.95
