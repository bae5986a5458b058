"""What everything held could lose: checked by hand and by a second way; what is left out is said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.support.fake_market import MONTH, SPX, SPY, TODAY, make_option
from tests.unit.risk.held import BETA, Account, YearMarket, daily_returns, held, with_vix

from sumppump.domain.book import Breach, Shocks, pnl_of
from sumppump.domain.instruments import Right, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta
from sumppump.domain.tail_risk import TailRisk
from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.money import Money
from sumppump.risk import value_at_risk
from sumppump.risk.history_days import HISTORY_DAYS
from sumppump.risk.limits import Limits
from sumppump.risk.portfolio_risk import RiskReport, days_passed, report_of
from sumppump.risk.stress import of_history
from sumppump.risk.value_at_risk import HISTORICAL, MODEL, past_of, tails_of
from sumppump.risk.weights import UNKNOWN, sector_of
from sumppump.server.portfolio.risk_views import RiskAnswer, risk_answer
from sumppump.server.text import render

# The calendar library and pandas disagree about a call that will go away.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")

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


async def test_volatility_moves_with_the_vix_so_that_a_seller_of_puts_risks_more() -> None:
    """A VIX that rises by a point for each percent that SPY falls, beside one that is not known."""
    found = await report(Account([held(-2, PUT)]))
    past = past_of(with_vix(found.held).closes, ["SPY"])
    assert past.vix == pytest.approx(-100.0 * past.returns.of("SPY"), abs=1e-6)
    day = found.held.now.date()
    moving = tails_of(found.held.book, past, confidences=[0.95], horizons=[1], passed=[1.0], day=day)
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
    assert isinstance(first.held.down, Breach)
    assert first.held.down.move_pct == pytest.approx(-10 / 3, abs=0.02)
    assert isinstance(first.held.up, Missing)


async def test_todays_loss_is_taken_off_the_daily_limits() -> None:
    account = Account(list(SHARES))
    plain, worse = await report(account), Account(list(SHARES), daily_pnl=Money.of(-1_500))
    spent = await report(worse)
    assert [each.loss for each in spent.enough] == pytest.approx(
        [plain.enough[0].loss - 1_500, plain.enough[1].loss - 1_500, plain.enough[2].loss]
    )
    gone = await report(Account(list(SHARES), daily_pnl=Money.of(-2_500)))
    assert isinstance(gone.enough[0].held.down, Missing)
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


@pytest.mark.parametrize(
    ("today", "passed"),
    [
        (date(2026, 11, 18), (1, 2, 5, 6, 7)),  # Wednesday; next Wednesday is the fifth
        (date(2026, 11, 25), (2, 5, 6, 7, 8)),  # Thanksgiving is tomorrow
        (date(2026, 11, 27), (3, 4, 5, 6, 7)),  # a Friday: the weekend decays, too
        (date(2026, 12, 31), (4, 5, 6, 7, 8)),  # New Year's Day is a Friday
    ],
)
def test_days_that_pass_go_by_the_exchange_s_calendar(today: date, passed: tuple[int, ...]) -> None:
    assert days_passed(today, 5) == passed


async def test_reverse_stress_has_a_figure_with_volatility_moving_along() -> None:
    """A VIX that rises by a point for each percent of a fall: a seller of puts has less room."""
    plain = await report(Account([held(-2, PUT)]))
    assert plain.enough[0].moving is None
    found = report_of(with_vix(plain.held), 0.95, 1, Limits())
    assert isinstance(found.vix, Beta)
    assert found.vix.beta == pytest.approx(-1.0, abs=1e-6)
    first = found.enough[0]
    assert first.moving is not None
    assert isinstance(first.held.down, Breach)
    assert isinstance(first.moving.down, Breach)
    assert first.held.down.move_pct < first.moving.down.move_pct < 0
    points = np.array([[found.vix.beta * first.moving.down.move_pct]])
    factors = np.array([[1.0 + first.moving.down.move_pct / 100.0]])
    loss = -float(pnl_of(found.held.book, Shocks(factors=factors, points=points)).sum())
    assert loss == pytest.approx(first.moving.down.loss)
    assert loss >= first.loss
    view = risk_answer(found).reverse_stress[0]
    assert view.down_pct is not None
    assert view.down_pct_vix is not None
    assert view.down_pct < view.down_pct_vix


async def test_what_history_cannot_say_is_said_by_the_model_and_the_reason_is_told() -> None:
    """99.9 % of 500 days is half a day; 99.5 % of 300 days is one and a half."""
    said = risk_answer(await report(Account(list(SHARES), market=YearMarket(days=300)), 0.995, 1))
    assert (said.var[0].historical, said.var[0].monte_carlo is None) == (None, False)
    assert "(monte_carlo; history has too few days for it)" in said.summary
    assert "historical 99.5 % over 1 trading day: not known (299 outcomes, 400 are needed" in said.left_out[0]


async def test_an_option_that_expires_on_the_way_is_settled_at_its_own_expiry() -> None:
    """A put with a day left risks over ten days what it risks over one."""
    soon, later = (make_option(SPY, day, 600, Right.PUT) for day in (TODAY + timedelta(days=1), MONTH))
    found, other = [await report(Account([held(-1, each)])) for each in (soon, later)]
    one, ten = (tail(found, MODEL, 0.95, days) for days in (1, 10))
    assert ten.var == pytest.approx(one.var, rel=0.25)
    assert tail(other, MODEL, 0.95, 10).var > 2 * tail(other, MODEL, 0.95, 1).var
    assert found.tails.expiring == 1
    assert any("1 options expire before" in line for line in risk_answer(found).method)


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
    assert [(row.horizon_days, row.confidence) for row in said.var[1:]] == [
        (1, 0.95),
        (1, 0.99),
        (10, 0.95),
        (10, 0.99),
    ]
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
