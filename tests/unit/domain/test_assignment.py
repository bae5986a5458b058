"""Early exercise, pins and expiry days, against figures that can be checked by hand or by another engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import QuantLib as ql
from tests.unit.domain.builders import LATER, NEAR, NOW, option

from sumppump.domain.assignment import (
    EUROPEAN,
    NO_TIME_VALUE,
    EarlyExercise,
    ExDividend,
    HeldOption,
    Times,
    early_exercise,
    expiry_days,
    is_pinned,
    pin_reach,
)
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import american, european

TONIGHT = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
TIMES = Times(now=NOW, tonight=TONIGHT, rate=0.04)
SOON = ExDividend(day=(NOW + timedelta(days=2)).date(), amount=1.80, eve=TONIGHT + timedelta(days=1))


def held(strike: float, right: str, quantity: int = -1, spot: str = "100", **other: Any) -> HeldOption:
    facts = {"price": Decimal("1.00"), "vol": 0.16, **other}
    return HeldOption(contract=option(strike, right), quantity=quantity, spot=Decimal(spot), **facts)


def early(each: HeldOption, dividend: ExDividend | None = SOON) -> EarlyExercise:
    found = early_exercise(each, dividend, TIMES)
    assert isinstance(found, EarlyExercise)
    return found


def test_a_deep_call_is_exercised_for_a_dividend_that_beats_its_extrinsic_value() -> None:
    """1.80 comes, a month of interest on 80 is 0.26: far beyond the critical price nothing else counts."""
    assert early(held(80, "C")).probability == pytest.approx(1.0, abs=1e-6)


def test_at_the_critical_price_exercising_and_holding_are_worth_the_same() -> None:
    """S - K = C(S - D) on the eve; below it holding is worth more, above it exercising is."""
    each = held(95, "C")
    found = early(each)
    assert found.beyond is not None
    years = each.contract.years(SOON.eve)
    for price, sign in ((found.beyond, 0), (found.beyond - 1, -1), (found.beyond + 1, 1)):
        kept = european(price - SOON.amount, 95.0, years, 0.04, 0.0, 0.16, "C").price
        gain = price - 95.0 - kept
        assert gain == pytest.approx(0.0, abs=1e-5) if sign == 0 else math.copysign(1, gain) == sign


def test_the_probability_is_that_of_closing_beyond_the_critical_price() -> None:
    """By hand: N(d2) of the price on the eve, lognormal with the option's volatility."""
    found = early(held(98, "C"))
    years = (SOON.eve - NOW).total_seconds() / (365 * 86_400)
    spread = 0.16 * math.sqrt(years)
    assert found.beyond is not None
    below = (math.log(found.beyond / 100) - 0.04 * years) / spread + spread / 2
    assert found.probability == pytest.approx(0.5 * math.erfc(below / math.sqrt(2)), rel=1e-9)
    assert 0.0 < found.probability < 1.0


@pytest.mark.parametrize("amount", [0.0, 0.20])
def test_no_price_tempts_when_the_dividend_is_less_than_the_interest_on_the_strike(amount: float) -> None:
    """A month of 4 % on 80 is 0.26."""
    found = early(held(80, "C"), replace(SOON, amount=amount))
    assert (found.probability, found.beyond) == (0.0, None)


def test_a_call_without_a_dividend_in_its_life_is_never_exercised_early() -> None:
    after = replace(SOON, eve=datetime(NEAR.year, NEAR.month, NEAR.day, 21, tzinfo=UTC))
    assert early(held(80, "C"), None).probability == early(held(80, "C"), after).probability == 0.0


def test_a_deep_put_is_exercised_for_interest_and_a_near_one_is_not() -> None:
    deep, near = early(held(140, "P"), None), early(held(100, "P"), None)
    assert deep.probability == pytest.approx(1.0, abs=1e-6)
    assert near.probability < 0.01
    assert deep.beyond is not None
    assert 100 < deep.beyond < 140


def test_at_its_critical_price_a_put_is_worth_half_a_cent_more_than_its_exercise() -> None:
    each = held(140, "P")
    found = early(each, None)
    assert found.beyond is not None
    years = each.contract.years(TONIGHT)
    worth = american(found.beyond, 140.0, years, 0.04, 0.0, 0.16, "P").price
    assert worth - (140.0 - found.beyond) == pytest.approx(0.005, abs=0.004)


def test_a_coming_dividend_keeps_a_put_alive() -> None:
    """Who waits for the ex-date gains the fall of the share."""
    assert early(held(110, "P")).probability < early(held(110, "P"), None).probability


def test_dividends_after_the_next_one_count_for_who_keeps_a_call() -> None:
    """At the critical price exercising and keeping an American call on the later dividend are worth the same.

    The later one goes with the call too, so keeping is worth less and exercise pays from a lower price.
    """
    each = HeldOption(
        contract=option(95, "C", LATER), quantity=-1, spot=Decimal(100), price=Decimal("6.00"), vol=0.16
    )
    day = NOW + timedelta(days=25)
    found = early_exercise(each, SOON, TIMES, [(day, 1.80)])
    alone = early_exercise(each, SOON, TIMES)
    assert isinstance(found, EarlyExercise)
    assert isinstance(alone, EarlyExercise)
    assert found.beyond is not None
    assert alone.beyond is not None
    assert found.beyond < alone.beyond - 0.1
    later = (day - SOON.eve).total_seconds() / (365 * 86_400)
    kept = american(
        found.beyond - SOON.amount, 95.0, each.contract.years(SOON.eve), 0.04, 0.0, 0.16, "C", [(later, 1.80)]
    )
    assert found.beyond - 95.0 - kept.price == pytest.approx(0.0, abs=0.02)


def test_later_dividends_keep_a_put_alive_and_a_yield_moves_where_prices_are_heading() -> None:
    """A put waits for each fall; a yield lowers the drift, so that more prices end below."""
    each = HeldOption(
        contract=option(104, "P", LATER), quantity=-1, spot=Decimal(100), price=Decimal("6.00"), vol=0.16
    )
    plain = early_exercise(each, None, TIMES)
    waiting = early_exercise(each, None, TIMES, [(NOW + timedelta(days=25), 1.80)])
    assert isinstance(plain, EarlyExercise)
    assert isinstance(waiting, EarlyExercise)
    assert waiting.probability < plain.probability
    call = held(98, "C")
    paying = early_exercise(call, SOON, replace(TIMES, dividend_yield=0.5))
    assert isinstance(paying, EarlyExercise)
    years = (SOON.eve - NOW).total_seconds() / (365 * 86_400)
    spread = 0.16 * math.sqrt(years)
    assert paying.beyond is not None
    below = (math.log(paying.beyond / 100) + 0.46 * years) / spread + spread / 2
    assert paying.probability == pytest.approx(0.5 * math.erfc(below / math.sqrt(2)), rel=1e-9)


def test_on_the_eve_of_a_dividend_a_put_waits_for_the_fall_of_the_share() -> None:
    """Exercised tonight it brings K - S, tomorrow K - S + D; a day's interest on 140 is 1.5 cents."""
    each, eve = held(140, "P"), ExDividend(day=(TONIGHT + timedelta(days=1)).date(), amount=0.5, eve=TONIGHT)
    assert early(each, None).probability == pytest.approx(1.0, abs=1e-6)
    assert early(each, eve).probability == 0.0


def closes_at(at: datetime, vol: float = 0.16) -> np.ndarray[Any, Any]:
    """A million closes of a share that is at 100 now, growing by the rate; seeded."""
    years = (at - NOW).total_seconds() / (365 * 86_400)
    dice = np.random.default_rng(3).standard_normal(1_000_000)
    return np.asarray(100.0 * np.exp((0.04 - vol * vol / 2) * years + vol * math.sqrt(years) * dice))


def american_worth(spot: float, strike: float, right: str, days: int) -> float:
    """QuantLib's price of an American option without dividends (QdFp, high precision)."""
    today = ql.Date(1, 1, 2025)
    ql.Settings.instance().evaluationDate = today
    flat = [
        ql.YieldTermStructureHandle(ql.FlatForward(today, rate, ql.Actual365Fixed())) for rate in (0, 0.04)
    ]
    vol = ql.BlackConstantVol(today, ql.NullCalendar(), 0.16, ql.Actual365Fixed())
    price = ql.QuoteHandle(ql.SimpleQuote(spot))
    process = ql.BlackScholesMertonProcess(price, *flat, ql.BlackVolTermStructureHandle(vol))
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if right == "C" else ql.Option.Put, strike)
    option = ql.VanillaOption(payoff, ql.AmericanExercise(today, today + days))
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()))
    return float(option.NPV())


def turning_point(is_exercised: Callable[[float], bool], held_at: float, taken_at: float) -> float:
    """Between a price at which the option is held and one at which it is exercised, by halving."""
    for _ in range(40):
        middle = (held_at + taken_at) / 2
        held_at, taken_at = (held_at, middle) if is_exercised(middle) else (middle, taken_at)
    return taken_at


def test_a_call_is_exercised_as_often_as_quantlib_and_a_million_closes_say() -> None:
    """Closes on the eve count at which S - K is more than the American call on S - D, 29 days left."""

    def is_exercised(spot: float) -> bool:
        return spot - 98 > american_worth(spot - SOON.amount, 98.0, "C", 29)

    beyond = turning_point(is_exercised, 98.0, 140.0)
    often = float((closes_at(SOON.eve) > beyond).mean())
    found = early(held(98, "C"))
    assert found.beyond == pytest.approx(beyond, abs=0.01)
    assert found.probability == pytest.approx(often, abs=0.002)
    assert 0.05 < often < 0.95


def test_a_put_is_exercised_as_often_as_quantlib_and_a_million_closes_say() -> None:
    """Of tonight's closes those count at which the put has less than half a cent of time value."""

    def is_exercised(spot: float) -> bool:
        return american_worth(spot, 107.5, "P", 30) - (107.5 - spot) < NO_TIME_VALUE

    beyond = turning_point(is_exercised, 107.5, 60.0)
    often = float((closes_at(TONIGHT) < beyond).mean())
    found = early(held(107.5, "P"), None)
    assert found.beyond == pytest.approx(beyond, abs=0.05)
    assert found.probability == pytest.approx(often, abs=0.03)
    assert 0.05 < often < 0.95


def test_a_european_option_is_not_exercised_early() -> None:
    assert early(held(80, "C", is_american=False)) == EarlyExercise(probability=0.0, why=EUROPEAN)


def test_without_a_volatility_nobody_can_say() -> None:
    assert isinstance(early_exercise(held(80, "C", vol=None), SOON, TIMES), Missing)


def last_day(strike: float, hours: float, **other: Any) -> tuple[HeldOption, datetime]:
    each = held(strike, "C", vol=0.2, **other)
    return each, each.contract.last_trade - timedelta(hours=hours)


def test_a_strike_pins_within_half_of_the_move_that_is_left() -> None:
    """Four hours: 0.5 x 100 x 20 % x sqrt(4 / 8,760) = 0.2137."""
    each, now = last_day(100, 4)
    assert pin_reach(each, now) == pytest.approx(0.21368, abs=1e-5)
    assert is_pinned(last_day(100.2, 4)[0], now)
    assert not is_pinned(last_day(100.3, 4)[0], now)


def test_no_pin_before_the_last_day_nor_where_the_opening_settles() -> None:
    each, now = last_day(100, 4)
    morning = replace(each.contract, last_trade=each.contract.last_trade - timedelta(days=1))
    assert pin_reach(each, now - timedelta(days=1)) is None
    assert pin_reach(replace(each, contract=morning), morning.last_trade - timedelta(hours=4)) is None


def test_what_settles_in_cash_has_no_pin() -> None:
    """No shares hang on which side of its strike an index closes."""
    each, now = last_day(100, 4, is_cash=True)
    assert pin_reach(each, now) is None
    assert not is_pinned(each, now)


def test_today_s_expiry_is_told_with_its_exit_and_what_may_go_either_way() -> None:
    """Its last trade is at 16:00 New York: out by 15:45, though nothing is in the money as prices stand."""
    near, now = last_day(100.2, 4)
    far, _ = last_day(120, 4)
    (day,) = expiry_days([near, far], now)
    assert (day.assigned, day.shares, day.may) == ((), 0, ("-1 XYZ 2026-12-18 100.2C",))
    assert day.exit_by == near.contract.last_trade - timedelta(minutes=15)
    assert expiry_days([near, far], now - timedelta(days=1)) == ()
    assert expiry_days([near, far], near.contract.last_trade) == ()


def test_settlement_is_said_as_traders_say_it() -> None:
    each = held(100, "C")
    morning = replace(each.contract, last_trade=each.contract.last_trade - timedelta(days=1))
    assert each.settlement == "PM, shares"
    assert replace(each, contract=morning, is_cash=True).settlement == "AM, cash"


def test_expiry_moves_shares_and_cash_of_what_is_in_the_money() -> None:
    """Two short calls 95 take 200 shares for 19,000, a long put 110 takes 100 for 11,000."""
    options = [held(95, "C", -2), held(110, "P", 1), held(105, "C", 3)]
    (day,) = expiry_days(options, NOW)
    assert (day.shares, day.cash) == (-300, Decimal(30_000))
    assert (day.assigned, day.exercised) == (("-2 XYZ 2026-12-18 95C",), ("+1 XYZ 2026-12-18 110P",))


def test_short_puts_bring_shares_that_must_be_paid() -> None:
    (day,) = expiry_days([held(110, "P", -1)], NOW)
    assert (day.shares, day.cash) == (100, Decimal(-11_000))


def test_cash_settlement_moves_cash_alone() -> None:
    (day,) = expiry_days([held(95, "C", -2, is_cash=True)], NOW)
    assert (day.shares, day.cash) == (0, Decimal(-1_000))


def test_days_come_in_order_and_those_without_effect_are_left_out() -> None:
    far = replace(held(95, "C"), contract=option(95, "C", LATER))
    days = expiry_days([far, held(95, "C"), held(120, "C")], NOW)
    assert [day.expiry for day in days] == [NEAR, LATER]
    assert expiry_days([held(120, "C")], NOW) == ()


def test_without_a_price_of_the_underlying_the_day_says_what_it_does_not_know() -> None:
    (day,) = expiry_days([replace(held(95, "C"), spot=None)], NOW)
    assert (day.shares, day.unknown) == (0, ("-1 XYZ 2026-12-18 95C",))
