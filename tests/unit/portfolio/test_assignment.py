"""The radar over what is held: levels by their rule, dividends by the broker, nothing for what is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import (
    FAR,
    MONTH,
    SPX,
    SPY,
    TODAY,
    WEEK,
    FakeClock,
    FakeDirectory,
    FakeMarket,
    closes,
    make_option,
)

from sumppump.data.ex_dates import close_before, next_close
from sumppump.domain.account import Position
from sumppump.domain.assignment import EarlyExercise
from sumppump.domain.instruments import Instrument, Right
from sumppump.domain.missing import Missing
from sumppump.domain.statistics import Dividends
from sumppump.portfolio.assignment import AssignmentService, Level, Radar, assigned_short
from sumppump.portfolio.positions import PortfolioService
from sumppump.server.portfolio.assignment_views import assignment_answer

# The calendar library and pandas disagree about a call that will go away.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")

DEEP_CALL, FAST_CALL = make_option(SPY, MONTH, 540, Right.CALL), make_option(SPY, WEEK, 540, Right.CALL)
TOMORROW = Dividends(next_date=TODAY + timedelta(days=1), next_amount=1.80)


@dataclass(slots=True)
class Held:
    """A broker that holds these rows on a small market."""

    rows: list[Position]
    dividends: Dividends | None = None
    market: FakeMarket = field(default_factory=FakeMarket)

    async def positions(self) -> Sequence[Position]:
        return self.rows

    async def radar(self) -> Radar:
        """What the service says."""
        self.market.facts = {"dividends": self.dividends}
        directory, clock = FakeDirectory(), self.market.clock
        holdings = PortfolioService(accounts=self, directory=directory, market=self.market, clock=clock)  # type: ignore[arg-type]
        service = AssignmentService(holdings=holdings, directory=directory, market=self.market, clock=clock)
        return await service.radar()


def row(quantity: int, instrument: Instrument) -> Position:
    return Position(account="SIM1234567", instrument=instrument, quantity=quantity, avg_cost=Decimal(1))


async def test_a_deep_call_on_the_eve_of_a_dividend_is_high() -> None:
    """60 in the money with nine days to go: interest on its strike is 0.53, the dividend 1.80."""
    radar = await Held([row(-1, FAST_CALL)], TOMORROW).radar()
    (short,) = radar.shorts
    assert short.dividend is not None
    assert short.dividend.eve == closes(TODAY)
    assert isinstance(short.early, EarlyExercise)
    assert short.early.probability > 0.95
    assert (radar.level, short.level) == (Level.HIGH, Level.HIGH)
    view = assignment_answer(radar).short_options[0]
    assert view.dividend is not None
    assert (view.dividend.exceeds_extrinsic, view.in_the_money) == (True, 60.0)


async def test_without_a_dividend_the_same_call_is_low_and_says_why() -> None:
    radar = await Held([row(-1, DEEP_CALL)]).radar()
    (short,) = radar.shorts
    assert (short.level, short.dividend) == (Level.LOW, None)
    assert "the broker says nothing of dividends" in short.no_dividend
    assert isinstance(short.early, EarlyExercise)
    assert short.early.probability == 0.0


async def test_a_dividend_after_the_last_trade_does_not_count() -> None:
    later = Dividends(next_date=MONTH + timedelta(days=3), next_amount=1.80)
    (short,) = (await Held([row(-1, DEEP_CALL)], later).radar()).shorts
    assert short.dividend is None
    assert short.no_dividend == "the next ex-date, 2026-12-21, comes after its last trade"


async def test_in_the_money_within_a_week_is_moderate_and_on_the_last_day_high() -> None:
    soon = make_option(SPY, TODAY, 590, Right.CALL)
    week = make_option(SPY, WEEK, 590, Right.CALL)
    market = FakeMarket(clock=FakeClock(at=closes(TODAY + timedelta(days=5), 11)))
    assert (await Held([row(-1, soon)]).radar()).level is Level.HIGH
    assert (await Held([row(-1, week)], market=market).radar()).level is Level.MODERATE


async def test_a_strike_at_the_money_pins_on_its_last_day() -> None:
    radar = await Held([row(-1, make_option(SPY, TODAY, 601, Right.CALL))]).radar()
    (short,) = radar.shorts
    assert short.pin_reach is not None
    assert short.pin_reach > 1.0
    assert short.reasons == ("the strike may pin: assignment cannot be foreseen",)


async def test_an_index_in_the_money_on_its_last_day_pays_cash_and_pins_nothing() -> None:
    """No shares come of it, so it is no HIGH."""
    radar = await Held([row(-1, make_option(SPX, TODAY, 595, Right.CALL, "SPXW"))]).radar()
    (short,) = radar.shorts
    assert (short.pin_reach, short.level) == (None, Level.MODERATE)
    assert short.reasons == ("in the money on its last trading day, settles in cash",)


async def test_on_its_last_day_the_time_left_to_get_out_is_said() -> None:
    """15:45 on a full day; the strike out of the money is told too, because it may pin."""
    radar = await Held([row(-1, make_option(SPY, TODAY, 601, Right.CALL))]).radar()
    answer = assignment_answer(radar)
    (day,) = answer.expiry_days
    assert (day.shares, day.assigned, len(day.may)) == (0, [], 1)
    assert day.exit_by is not None
    assert "T15:45:00" in day.exit_by
    minutes = (closes(TODAY) - radar.as_of).total_seconds() / 60 - 15
    assert any(f"{minutes:.0f} minutes to 15:45 New York" in warning for warning in answer.warnings)
    assert (await Held([row(-1, FAST_CALL)]).radar()).days[0].exit_by is None


async def test_a_dividend_is_held_against_the_extrinsic_value_of_calls_alone() -> None:
    """A put gains by the fall of the share: a dividend keeps it alive."""
    rows = [row(-1, FAST_CALL), row(-1, make_option(SPY, WEEK, 660, Right.PUT))]
    answer = assignment_answer(await Held(rows, TOMORROW).radar())
    said = {each.label[-1]: each for each in answer.short_options}
    tempts = {right: each.dividend and each.dividend.exceeds_extrinsic for right, each in said.items()}
    assert tempts == {"C": True, "P": None}
    assert said["P"].early_exercise_probability == 0.0


async def test_an_index_option_settles_in_cash_and_is_not_exercised_early() -> None:
    """SPX settles on the opening prints and last trades the day before; SPXW on the close."""
    rows = [row(-1, make_option(SPX, MONTH, 550, Right.CALL, name)) for name in ("SPX", "SPXW")]
    radar = await Held(rows, TOMORROW).radar()
    assert {short.held.settlement for short in radar.shorts} == {"AM, cash", "PM, cash"}
    assert all(isinstance(each.early, EarlyExercise) and not each.early.probability for each in radar.shorts)
    assert [(day.shares, day.cash) for day in radar.days] == [(0, Decimal("-5000.00"))] * 2


async def test_what_is_held_long_is_not_watched_but_exercised_at_expiry() -> None:
    radar = await Held([row(2, DEEP_CALL)]).radar()
    assert radar.shorts == ()
    (day,) = radar.days
    assert (day.shares, day.cash, day.assigned) == (200, Decimal(-108_000), ())


async def test_expiries_that_would_leave_the_account_short_of_shares_are_said() -> None:
    far = make_option(SPY, FAR, 550, Right.CALL)
    covered = await Held([row(100, SPY), row(-1, DEEP_CALL)]).radar()
    naked = await Held([row(100, SPY), row(-1, DEEP_CALL), row(-1, far)]).radar()
    assert list(assigned_short(covered)) == []
    assert list(assigned_short(naked)) == ["SPY: 100 shares short after 2027-01-15, as prices stand"]


async def test_without_a_volatility_the_probability_is_missing_with_a_reason() -> None:
    market = FakeMarket(no_greeks={DEEP_CALL.con_id}, missing={DEEP_CALL.con_id})
    (short,) = (await Held([row(-1, DEEP_CALL)], TOMORROW, market).radar()).shorts
    assert isinstance(short.early, Missing)
    view = assignment_answer(await Held([row(-1, DEEP_CALL)], TOMORROW, market).radar()).short_options[0]
    assert (view.early_exercise_probability, bool(view.early_exercise_note)) == (None, True)


async def test_nothing_held_is_nothing_to_assign() -> None:
    answer = assignment_answer(await Held([]).radar())
    assert answer.summary == "No written options. Nothing can be assigned."
    assert (answer.short_options, answer.expiry_days) == ([], [])


@pytest.mark.parametrize(
    ("day", "eve"),
    [
        (date(2026, 11, 30), closes(date(2026, 11, 27), 13)),  # the half day after Thanksgiving
        (date(2026, 11, 27), closes(date(2026, 11, 25))),
        (date(2026, 12, 1), closes(date(2026, 11, 30))),
        (date(2026, 12, 28), closes(date(2026, 12, 24), 13)),
    ],
)
def test_the_eve_is_the_last_trading_day_with_its_own_close(day: date, eve: datetime) -> None:
    assert close_before(day) == eve


@pytest.mark.parametrize(
    ("day", "close"),
    [
        (date(2026, 11, 27), closes(date(2026, 11, 27), 13)),
        (date(2026, 11, 28), closes(date(2026, 11, 30))),
        (date(2026, 12, 31), closes(date(2026, 12, 31))),
        (date(2027, 1, 1), closes(date(2027, 1, 4))),
    ],
)
def test_tonight_is_the_close_of_the_day_or_of_the_next_session(day: date, close: datetime) -> None:
    assert next_close(day) == close


async def test_an_answer_of_a_large_book_stays_small() -> None:
    strikes = range(540, 600, 2)
    rows = [row(-1, make_option(SPY, WEEK, strike, Right.CALL)) for strike in strikes]
    answer = assignment_answer(await Held(rows, TOMORROW).radar())
    assert len(answer.model_dump_json()) <= 8_000
    assert answer.left_out == ["18 more written options of the same level or a lower one"]
