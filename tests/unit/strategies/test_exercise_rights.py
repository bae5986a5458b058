"""What early exercise is worth counts in the expected value, on both sides of the trade, and is named."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal

import pytest
import QuantLib as ql
from scripts.bench.market.quantlib_american import escrowed_price
from tests.support.fake_market import FAR, MONTH, RATE, SPY, TODAY, closes, make_option, smile
from tests.unit.strategies.conftest import Bench

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.revaluation import Assumptions, CashDividend, OrderValue
from sumppump.kernel.money import Premium
from sumppump.strategies.drafts import Draft, Odds
from sumppump.strategies.exercise_rights import LegPrices

D = Decimal
DIVIDEND = CashDividend(closes(MONTH, 9, 30), 1.96)


@pytest.fixture
def paying(bench: Bench) -> Bench:
    """SPY goes without 1.96 on the morning of the monthly expiry."""
    bench.market.ex = DIVIDEND
    return bench


async def drafted(bench: Bench, kind: str, *strikes: int, **more: str) -> Draft:
    return await bench.build(kind, strikes=list(strikes), expiry=MONTH.isoformat(), **more)


def odds(draft: Draft) -> Odds:
    assert draft.analysis.odds is not None
    return draft.analysis.odds


@pytest.mark.parametrize(
    ("kind", "strikes"),
    [
        ("covered_call", (560,)),
        ("short_call", (560,)),
        ("long_call", (540,)),
        ("bull_call_spread", (560, 600)),
    ],
)
async def test_across_an_ex_date_a_mid_is_fair_to_both_sides(
    paying: Bench, kind: str, strikes: tuple[int, ...]
) -> None:
    """Held to expiry alone these would seem to gain or lose more than a hundred dollars at the mid."""
    draft = await drafted(paying, kind, *strikes)
    found = odds(draft)
    assert abs(found.expected_value.amount) <= D("2.00")
    assert abs(found.early_exercise.amount) > D("30")
    assert "by construction" in draft.analysis.expected_value_note


@pytest.mark.parametrize(("kind", "sign"), [("long_call", 1), ("short_call", -1)])
async def test_the_right_is_worth_what_quantlib_has_american_less_european(
    paying: Bench, kind: str, sign: int
) -> None:
    """One contract, a week before its expiry; the holder has it, the writer gives it away: both are told."""
    paying.clock.at = closes(TODAY)  # QuantLib knows whole days only
    paying.market.ex = CashDividend(closes(MONTH - timedelta(days=7), 9, 30), 1.96)
    draft = await drafted(paying, kind, 560)
    option = make_option(SPY, MONTH, 560, Right.CALL)
    vol, years = smile(560.0, 600.0), option.years(paying.clock.now())
    american = escrowed_price(600.0, 560.0, 30, RATE, vol, "c", [(23, 1.96)])
    left = 600.0 - 1.96 * math.exp(-RATE * 23 / 365)
    alone = ql.blackFormula(
        ql.Option.Call, 560.0, left * math.exp(RATE * years), vol * math.sqrt(years), math.exp(-RATE * years)
    )
    assert float(odds(draft).early_exercise.amount) == pytest.approx(sign * 100 * (american - alone), abs=3.0)
    told = draft.analysis.expected_value_note
    assert f"{option.label} $" in told
    assert ("held" if sign > 0 else "given away") in told


async def test_the_lognormal_counts_early_exercise_too(paying: Bench) -> None:
    """With one volatility everywhere both measures are one, and both find the mid fair."""
    paying.market.vol = lambda strike, spot: 0.18
    analysis = (await drafted(paying, "short_call", 560)).analysis
    assert analysis.lognormal is not None
    assert abs(analysis.lognormal.expected_value.amount) <= D("4.00")
    assert analysis.lognormal.early_exercise.amount < -100


async def test_several_expiries_claim_no_zero_and_still_count_the_right_given_away(paying: Bench) -> None:
    """The near call is sold across the ex-date."""
    draft = await drafted(paying, "calendar_call", 600, far_expiry=FAR.isoformat())
    assert "by construction" not in draft.analysis.expected_value_note
    assert abs(odds(draft).expected_value.amount) <= D("2.00")
    assert odds(draft).early_exercise.amount < -20


async def test_a_put_that_only_waits_for_its_strike_is_worth_its_exercise(paying: Bench) -> None:
    """Deep in the money a put held to expiry would lose the interest on its strike; nobody has to hold it."""
    paying.market.ex = CashDividend(closes(FAR, 9, 30), 0.01)
    draft = await drafted(paying, "long_put", 700)
    assert abs(odds(draft).expected_value.amount) <= D("10.00")
    assert odds(draft).early_exercise.amount > 100


async def test_options_on_an_index_give_no_such_right(paying: Bench) -> None:
    draft = await paying.build(
        "short_call", symbol="SPX", strikes=[560], expiry=MONTH.isoformat(), trading_class="SPXW"
    )
    assert odds(draft).early_exercise.amount == 0
    assert "early exercise" not in draft.analysis.expected_value_note


def order_of(*legs: tuple[OptionContract, int], now_of: Bench, pays: CashDividend | None) -> OrderValue:
    return OrderValue(
        combo=Combo(tuple(Leg(contract=option, ratio=ratio) for option, ratio in legs)),
        quantity=1,
        net_premium=Premium.of("1"),
        spot=D(600),
        vols={option.con_id: 0.18 for option, _ in legs},
        now=now_of.clock.now(),
        assumptions=Assumptions(dividends=(pays,) if pays else ()),
    )


def test_a_later_call_counts_only_what_can_be_exercised_before_the_first_expiry(bench: Bench) -> None:
    """Its dividend comes before that or after it: the same call, held beside a near one."""
    near, far = make_option(SPY, MONTH, 700, Right.CALL), make_option(SPY, FAR, 450, Right.CALL)
    before = CashDividend(closes(MONTH, 9, 30), 1.96)
    after = CashDividend(closes(FAR, 9, 30), 1.96)
    worth = {
        pays: sum(
            right.cash
            for right in LegPrices.of(order_of((near, -1), (far, 1), now_of=bench, pays=pays)).rights
        )
        for pays in (before, after, None)
    }
    assert worth[before] > 40
    assert worth[after] == worth[None] == 0


async def test_a_draft_says_the_ex_date_in_its_life_and_who_may_exercise(paying: Bench) -> None:
    """As the radar would: the eve of the ex-date, a probability, the price from which it pays."""
    draft = await drafted(paying, "short_call", 540)
    date_, assignment = draft.events
    assert date_ == "Ex-dividend 2026-12-18, 1.96 a share"
    assert assignment.startswith("540C: early assignment 9")
    assert "at the close of 2026-12-17" in assignment
    mine = (await drafted(paying, "long_call", 540)).events[-1]
    assert "540C: early exercise pays you: 9" in mine
    assert (await drafted(paying, "short_call", 690)).events == (date_,)
