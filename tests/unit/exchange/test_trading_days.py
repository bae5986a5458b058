"""Days and hours of the market, held to a calendar package and to the exchange's published rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import exchange_calendars
import pytest

from sumppump.exchange.calendar.trading_days import (
    default_start,
    is_open,
    is_trading_day,
    latest_session,
    session_of,
    to_datetime,
    to_ms,
    upcoming_session,
)


# The package's own use of pandas warns with pandas 3; nothing of ours does.
@pytest.mark.behaviour("SIM-TIME-05")
@pytest.mark.filterwarnings("ignore:Series.values returning")
def test_sessions_of_six_years_are_those_of_the_calendar_package() -> None:
    """Our rules are NYSE Rule 7.2; exchange_calendars' XNYS is the reference, opens and closes included."""
    reference = exchange_calendars.get_calendar("XNYS", start="2022-01-01", end="2027-12-31")
    table = reference.schedule
    ours = [
        (session.day, to_datetime(session.open_ms), to_datetime(session.close_ms))
        for offset in range(6 * 365 + 1)
        if is_trading_day(day := date(2022, 1, 1) + timedelta(offset))
        for session in (session_of(day),)
    ]
    theirs = [
        (stamp.date(), row.open.to_pydatetime(), row.close.to_pydatetime())
        for stamp, row in zip(table.index, table.itertuples(), strict=True)
    ]
    assert ours == theirs


@pytest.mark.behaviour("SIM-TIME-06")
@pytest.mark.parametrize(
    ("wall", "start"),
    [
        (datetime(2026, 11, 20, 18, 30, tzinfo=UTC), datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 20, 7, 0, tzinfo=UTC), datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 21, 2, 0, tzinfo=UTC), datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 26, 18, 0, tzinfo=UTC), datetime(2026, 11, 25, 15, 0, tzinfo=UTC)),
        (datetime(2026, 7, 3, 18, 0, tzinfo=UTC), datetime(2026, 7, 2, 14, 0, tzinfo=UTC)),
    ],
    ids=["a trading day", "before its open", "a Sunday", "Friday night", "Thanksgiving", "summer time"],
)
def test_the_default_start_is_ten_o_clock_of_the_latest_trading_day(wall: datetime, start: datetime) -> None:
    """Our decision: the exchange starts inside a session whatever the wall clock says."""
    assert default_start(wall) == start
    assert is_open(to_ms(start))


@pytest.mark.behaviour("SIM-TIME-07")
def test_a_session_is_open_from_its_first_moment_until_just_before_its_close() -> None:
    session = session_of(date(2026, 11, 27))  # a half day
    assert (session.close_ms - session.open_ms) == 3.5 * 3_600_000
    assert [is_open(session.open_ms + shift) for shift in (-1, 0)] == [False, True]
    assert [is_open(session.close_ms + shift) for shift in (-1, 0)] == [True, False]


@pytest.mark.behaviour("SIM-TIME-08")
def test_after_a_close_the_latest_session_is_the_old_one_and_the_upcoming_one_the_next() -> None:
    friday = session_of(date(2026, 11, 20))
    assert latest_session(friday.close_ms) == friday
    assert upcoming_session(friday.close_ms) == session_of(date(2026, 11, 23))
    assert latest_session(session_of(date(2026, 11, 23)).open_ms - 1) == friday


@pytest.mark.behaviour("SIM-TIME-09")
def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_ms(datetime(2026, 11, 20, 10, 0))  # noqa: DTZ001
