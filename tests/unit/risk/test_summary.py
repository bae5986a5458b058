"""The account in one view: sums that can be checked by hand, betas that are shown, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.support.fake_market import FAR, MONTH, SPX, SPY, make_option
from tests.unit.risk.held import BETA, Account, YearMarket, held

from sumppump.domain.instruments import Right
from sumppump.domain.trade import TradeState
from sumppump.kernel.errors import UnknownContract
from sumppump.kernel.money import Money
from sumppump.risk.summary import PortfolioSummary
from sumppump.server.portfolio.summary_views import SummaryAnswer, summary_answer

LOW, HIGH = (make_option(SPY, MONTH, strike, Right.CALL) for strike in (600, 610))
INDEX = make_option(SPX, FAR, 600, Right.PUT, "SPXW")
INDEX_CALL = make_option(SPX, FAR, 640, Right.CALL, "SPXW")
BOOK = [held(2, LOW, "14.00"), held(-2, HIGH, "9.00"), held(1, INDEX, "10.00")]


async def seen(account: Account, **said: object) -> PortfolioSummary:
    return await account.desk.summary.summary(**said)  # type: ignore[arg-type]


def answer(found: PortfolioSummary) -> SummaryAnswer:
    return summary_answer(found, [])


async def test_beta_weighted_dollars_are_betas_times_delta_dollars() -> None:
    """SPX with its measured beta (built with 1.2), SPY with exactly 1; the error from SPX alone."""
    found = await seen(Account(BOOK))
    assert found.greeks is not None
    betas, rows = found.greeks.betas, {each.name: each.sums for each in found.greeks.underlyings}
    assert (betas["SPY"].beta, betas["SPY"].error) == (1.0, 0.0)
    assert betas["SPX"].beta == pytest.approx(BETA, abs=4 * betas["SPX"].error)
    spy, spx = rows["SPY"].delta_dollars, rows["SPX"].delta_dollars
    assert spy is not None
    assert spx is not None
    weighted = found.greeks.weighted
    assert weighted.dollars == pytest.approx(spy + betas["SPX"].beta * spx)
    assert weighted.error == pytest.approx(abs(betas["SPX"].error * spx))
    assert weighted.shares == pytest.approx(weighted.dollars / 600.0)
    shown = answer(found)
    (row,) = [each for each in shown.underlyings if each.symbol == "SPX"]
    assert (row.beta_days, row.beta_error) == (252, round(betas["SPX"].error, 3))


async def test_concentration_counts_both_sides_of_a_spread() -> None:
    """Gross is |mid| x 200 of both legs; the shares of all underlyings and of all expiries come to one."""
    account = Account(BOOK)
    found = await seen(account)
    mids = [account.market.quote(each).mid for each in (LOW, HIGH)]
    expected = sum((mid.amount * 200 for mid in mids if mid is not None), Decimal(0))
    (spy,) = [each for each in found.concentration.underlyings if each.symbol == "SPY"]
    assert (spy.gross, spy.positions, spy.max_loss) == (expected, 1, Decimal(1000))
    assert sum(each.share or 0 for each in found.concentration.underlyings) == pytest.approx(1)
    near, far = found.concentration.expiries
    assert (near.expiry, near.contracts, near.short, far.contracts) == (MONTH, 4, 2, 1)
    assert (near.share or 0) + (far.share or 0) == pytest.approx(1)


async def test_one_unlimited_loss_leaves_the_underlying_without_a_largest_loss() -> None:
    """Unlimited is no number, and the spread's thousand beside it is not all that can be lost."""
    found = await seen(Account([*BOOK[:2], held(-1, INDEX_CALL, "9.00")]))
    by_symbol = {each.symbol: each for each in found.concentration.underlyings}
    assert (by_symbol["SPX"].unlimited, by_symbol["SPX"].max_loss) == (1, None)
    assert (by_symbol["SPY"].unlimited, by_symbol["SPY"].max_loss) == (0, Decimal(1000))


async def test_what_has_no_past_is_left_out_of_the_weighted_sum_by_name() -> None:
    """Too young for a beta: its own Greeks stay, the reason is told."""
    found = await seen(Account(BOOK, market=YearMarket(young={"SPX"})))
    assert found.greeks is not None
    assert found.greeks.weighted.left_out == ("SPX: no beta",)
    shown = answer(found)
    assert "beta-weighted: SPX: no beta" in shown.left_out
    assert any(each.startswith("beta of SPX:") for each in shown.left_out)
    (row,) = [each for each in shown.underlyings if each.symbol == "SPX"]
    assert (row.beta, row.beta_error, row.beta_days) == (None, None, None)
    assert row.delta_dollars is not None


async def test_a_leg_without_a_price_is_in_no_sum_and_named() -> None:
    """Neither value nor Greeks are filled with 0."""
    account = Account(BOOK)
    account.market.missing.add(HIGH.con_id)
    shown = answer(await seen(account))
    assert f"value of {HIGH.label}: no price" in shown.left_out
    assert any(each.startswith(f"Greeks of {HIGH.label}:") for each in shown.left_out)
    assert shown.pnl.open_positions is None


async def test_value_in_another_currency_is_not_added() -> None:
    """Euros beside dollars are named."""
    shares = replace(SPY, con_id=99, symbol="SPX", currency="EUR")
    row = replace(held(10, shares, "90"), market_price=Decimal(100), market_value=Money.of(1000, "EUR"))
    found = await seen(Account([*BOOK[:2], row]))
    assert any("in EUR, not USD" in each for each in found.concentration.left_out)


async def test_without_greeks_no_history_is_asked_for() -> None:
    """Two years of bars are not loaded for a look at the value."""
    account = Account(BOOK)
    found = await seen(account, include_greeks=False)
    assert (found.greeks, account.market.bars_asked) == (None, [])
    assert answer(found).greeks is None
    assert len(found.concentration.underlyings) == 2


async def test_an_unknown_benchmark_is_an_error() -> None:
    """Not a summary without betas."""
    with pytest.raises(UnknownContract):
        await seen(Account(BOOK), benchmark="NOPE")


async def test_another_benchmark_weights_to_itself() -> None:
    """Against SPX the index is 1, and SPY less than 1."""
    found = await seen(Account(BOOK), benchmark="spx")
    assert found.greeks is not None
    assert found.greeks.benchmark == "SPX"
    assert found.greeks.betas["SPX"].beta == 1.0
    assert 0.6 < found.greeks.betas["SPY"].beta < 1.0


async def test_a_silent_account_is_said_and_hides_no_position() -> None:
    """Null and a warning; positions stay."""
    shown = answer(await seen(Account(BOOK, is_silent=True)))
    assert shown.value is None
    assert "the broker gave no figures of the account" in shown.warnings
    assert shown.positions.strategies == 2


async def test_an_empty_account_has_no_weighted_delta() -> None:
    """Nothing held is no delta of 0 dollars that moves like something."""
    shown = answer(await seen(Account(), include_closed_today=True))
    assert shown.greeks is not None
    assert (shown.greeks.beta_weighted_dollars, shown.underlyings, shown.left_out) == (None, [], [])
    assert "Nothing was closed today." in shown.summary
    assert shown.closed_today is not None


async def test_states_of_trades_that_are_not_over_are_counted() -> None:
    """What is closed or was never sent is past."""
    states = [TradeState.STOPS_PLACED, TradeState.CLOSED, TradeState.STOPS_PLACED, TradeState.EXECUTING]
    shown = summary_answer(await seen(Account(BOOK)), states)
    assert [(each.state, each.trades) for each in shown.session_state] == [
        *(("EXECUTING", 1), ("STOPS_PLACED", 2))
    ]
