"""Open or closed, by the contract's own hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sumppump.data.sessions import Session, SessionStatus, regular, sessions, status, underlying_status
from sumppump.domain.instruments import Underlying

# Friday before a weekend; New York is five hours behind UTC in winter.
HOURS = "20261120:0930-20261120:1600;20261121:CLOSED;20261122:CLOSED;20261123:0930-20261123:1600"
ZONE = "America/New_York"


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(20, 14, 29), SessionStatus(is_open=False, closes=None, next_open=utc(20, 14, 30))),
        (utc(20, 14, 30), SessionStatus(is_open=True, closes=utc(20, 21), next_open=utc(23, 14, 30))),
        (utc(20, 20, 59), SessionStatus(is_open=True, closes=utc(20, 21), next_open=utc(23, 14, 30))),
        (utc(20, 21), SessionStatus(is_open=False, closes=None, next_open=utc(23, 14, 30))),
        (utc(22, 12), SessionStatus(is_open=False, closes=None, next_open=utc(23, 14, 30))),
        (utc(23, 15), SessionStatus(is_open=True, closes=utc(23, 21), next_open=None)),
        (utc(23, 21), None),
        (utc(30, 12), None),
    ],
)
def test_a_moment_lies_inside_a_session_or_before_the_next(
    now: datetime, expected: SessionStatus | None
) -> None:
    """The opening minute counts, the closing one does not; beyond the string nothing is known."""
    assert status(sessions(HOURS, ZONE), now) == expected


@pytest.mark.parametrize(
    "hours",
    [
        "20261120:0930-20261120:1600",
        "20261120:0930-1600",
        "20261120:0930-1200,20261120:1200-1600",
        ";20261119:CLOSED;20261120:0930-20261120:1600;",
    ],
)
def test_ibs_spellings_of_one_day(hours: str) -> None:
    """New and old form, several sessions, stray separators."""
    listed = sessions(hours, ZONE)
    assert listed[0].opens == utc(20, 14, 30)
    assert listed[-1].closes == utc(20, 21)


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        ("", ZONE),
        ("nonsense", ZONE),
        ("20261399:0930-20261399:1600", ZONE),
        (HOURS, "Mars/Olympus"),
        (HOURS, ""),
    ],
)
def test_hours_that_cannot_be_read_are_not_known(hours: str, zone: str) -> None:
    """Unknown is not closed, and not open either."""
    assert sessions(hours, zone) == ()
    assert status(sessions(hours, zone), utc(20, 15)) is None


@pytest.mark.parametrize("zone", ["America/New_York", "US/Eastern", "EST5EDT", "EST"])
def test_the_zone_may_have_tws_own_names(zone: str) -> None:
    """All of them are New York's wall clock."""
    assert sessions(HOURS, zone)[0].opens == utc(20, 14, 30)


def test_summer_and_winter_open_at_the_same_wall_time() -> None:
    """The clocks went back on 1 November 2026: 13:30 UTC before, 14:30 after."""
    hours = "20261030:0930-20261030:1600;20261102:0930-20261102:1600"
    first, second = sessions(hours, ZONE)
    assert (first.opens, second.opens) == (utc(30, 13, 30, month=10), utc(2, 14, 30))


def test_an_evening_session_ends_the_next_day() -> None:
    """The older form names one date; a close before the open is tomorrow's."""
    (session,) = sessions("20261119:2015-0925", ZONE)
    assert session.closes - session.opens == timedelta(hours=13, minutes=10)


def test_regular_hours_are_cut_out_of_extended_ones() -> None:
    """Shares trade from 04:00 to 20:00, their options from 09:30 to 16:00."""
    spy = Underlying(con_id=1, symbol="SPY", trading_hours="20261120:0400-20261120:2000")
    early = underlying_status(spy, utc(20, 13))
    assert early == SessionStatus(is_open=False, closes=None, next_open=utc(20, 14, 30))
    inside = underlying_status(spy, utc(20, 15))
    assert inside is not None
    assert inside.is_open
    assert underlying_status(spy, utc(20, 22)) is None


def test_a_half_day_ends_when_the_contract_says_so() -> None:
    """The contract's hours win over any calendar: the day after Thanksgiving closes at 13:00."""
    spy = Underlying(con_id=1, symbol="SPY", trading_hours="20261127:0930-20261127:1300")
    now = underlying_status(spy, utc(27, 17, 59))
    assert now is not None
    assert now.closes == utc(27, 18)


def test_a_session_over_midnight_has_its_regular_part_on_the_second_day() -> None:
    """An index's overnight hours run into the next morning."""
    parts = regular(Session(utc(20, 1), utc(20, 18)))
    assert parts == (Session(utc(20, 14, 30), utc(20, 18)),)


def test_the_words_give_new_york_time_and_weekday() -> None:
    """What a person reads."""
    listed = sessions(HOURS, ZONE)
    words = [now.words() for moment in (utc(20, 15), utc(21, 12)) if (now := status(listed, moment))]
    assert words == ["open until Fri 2026-11-20 16:00 New York", "closed until Mon 2026-11-23 09:30 New York"]
    assert SessionStatus(is_open=False, closes=None, next_open=None).words().startswith("closed")
