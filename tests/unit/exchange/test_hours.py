"""Hours by kind: a table of moments, and questions that agree with each other."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.exchange.calendar.hours import (
    HoursKind,
    end_of_trading,
    hours_text,
    last_traded,
    next_opening,
    trades_at,
    windows,
)
from sumppump.exchange.calendar.trading_days import overnight_before, session_of, span_at, to_ms
from sumppump.kernel.clock import NEW_YORK

STOCK, OPTION, INDEX_OPTION = HoursKind.STOCK, HoursKind.OPTION, HoursKind.INDEX_OPTION
FUTURE, FOREX, CRYPTO, GLOBAL = HoursKind.FUTURE, HoursKind.FOREX, HoursKind.CRYPTO, HoursKind.GLOBAL_OPTION


def at(text: str) -> int:
    return to_ms(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK))


# 2026-11-20 is a Friday; 11-26 Thanksgiving, 11-27 a half day; 03-08 and 11-01 change the clocks.
@pytest.mark.behaviour("SIM-UNIV-01")
@pytest.mark.parametrize(
    ("kind", "moment", "trading", "liquid"),
    [
        (STOCK, "2026-11-20 03:59", False, False),
        (STOCK, "2026-11-20 04:00", True, False),
        (STOCK, "2026-11-20 09:30", True, True),
        (STOCK, "2026-11-20 16:00", True, False),
        (STOCK, "2026-11-20 20:00", False, False),
        (STOCK, "2026-11-26 12:00", False, False),
        (STOCK, "2026-11-27 13:00", True, False),
        (STOCK, "2026-11-27 17:00", False, False),
        (OPTION, "2026-11-20 15:59", True, True),
        (OPTION, "2026-11-20 16:00", False, False),
        (INDEX_OPTION, "2026-11-20 16:14", True, True),
        (INDEX_OPTION, "2026-11-27 13:15", False, False),
        (GLOBAL, "2026-11-19 20:15", True, False),
        (GLOBAL, "2026-11-20 20:15", False, False),
        (FUTURE, "2026-11-20 17:00", False, False),
        (FUTURE, "2026-11-20 18:00", False, False),
        (FUTURE, "2026-11-22 18:00", True, False),
        (FUTURE, "2026-11-23 03:00", True, False),
        (FUTURE, "2026-11-23 12:00", True, True),
        (FOREX, "2026-11-20 16:59", True, True),
        (FOREX, "2026-11-21 12:00", False, False),
        (FOREX, "2026-11-23 17:05", False, False),
        (FOREX, "2026-11-26 12:00", True, True),
        (FOREX, "2026-12-25 12:00", False, False),
        (CRYPTO, "2026-11-21 12:00", True, True),
        (STOCK, "2026-03-09 09:30", True, True),
        (FUTURE, "2026-03-08 18:00", True, False),
        (CRYPTO, "2026-11-01 01:30", True, True),
    ],
)
def test_kinds_keep_their_hours(kind: HoursKind, moment: str, trading: bool, liquid: bool) -> None:
    assert trades_at(kind, at(moment)) is trading
    assert trades_at(kind, at(moment), liquid=True) is liquid


@pytest.mark.behaviour("SIM-UNIV-01")
@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_the_days_that_change_the_clocks_are_an_hour_shorter_and_longer(day: date, hours: int) -> None:
    ((opens, closes),) = windows(CRYPTO, day)
    assert closes - opens == hours * 3_600_000


moments = st.integers(at("2025-01-01 00:00"), at("2027-12-31 00:00"))


@pytest.mark.behaviour("SIM-UNIV-02")
@given(kind=st.sampled_from(list(HoursKind)), moment=moments, liquid=st.booleans())
def test_the_questions_agree(kind: HoursKind, moment: int, liquid: bool) -> None:
    opens = next_opening(kind, moment, liquid=liquid)
    assert opens >= moment
    assert trades_at(kind, opens, liquid=liquid)
    assert (opens == moment) is trades_at(kind, moment, liquid=liquid)
    assert opens < end_of_trading(kind, moment, liquid=liquid)
    last = last_traded(kind, moment)
    assert last <= moment
    assert (last == moment) or trades_at(kind, last - 1)


@pytest.mark.behaviour("SIM-UNIV-02")
@given(moments)
def test_every_moment_lies_in_one_span_and_nights_join_sessions(moment: int) -> None:
    span = span_at(moment)
    assert span.open_ms <= moment < span.close_ms
    night = span if not span.is_regular else overnight_before(span.day)
    assert night.close_ms == session_of(night.day).open_ms
    assert span_at(night.open_ms - 1).close_ms == night.open_ms


@pytest.mark.behaviour("SIM-UNIV-01")
def test_hours_are_told_in_the_exchange_s_own_zone() -> None:
    """Chicago is an hour behind; a window begins the evening before its trade date."""
    text = hours_text(FUTURE, date(2026, 11, 20)).split(";")
    assert text[0] == "20261119:1700-20261120:1600"
    assert text[1] == "20261121:CLOSED"
    assert hours_text(GLOBAL, date(2026, 11, 20)).split(";")[0] == (
        "20261119:1915-20261120:0825,20261120:0830-20261120:1515"
    )
    assert hours_text(STOCK, date(2026, 11, 20) + timedelta(7)).split(";")[0] == "20261127:0400-20261127:1700"
