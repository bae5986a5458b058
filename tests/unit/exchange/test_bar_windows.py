"""Which trade dates and which stretches of trading a request is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, stock, venue

from sumppump.exchange.calendar.hours import HoursKind, is_trade_date, windows
from sumppump.exchange.calendar.trading_days import STEP_MS, to_ms
from sumppump.exchange.calendar.trading_spans import Stretch, stretches, trade_dates_back, trade_dates_on
from sumppump.exchange.history.bar_windows import Window, fault_of, period_of, window_of
from sumppump.exchange.reports import BarsQuery, Refusal

SPY = stock(venue())
NOW = to_ms(START)
FIRST = date(2024, 1, 2)
KINDS = st.sampled_from(list(HoursKind))
DAYS = st.dates(date(2024, 1, 2), date(2027, 12, 31))
DURATIONS = st.one_of(
    st.integers(1, 100_000).map(lambda n: f"{n} S"),
    st.integers(1, 365).map(lambda n: f"{n} D"),
    st.integers(1, 60).map(lambda n: f"{n} W"),
    st.integers(1, 30).map(lambda n: f"{n} M"),
    st.integers(1, 3).map(lambda n: f"{n} Y"),
)
ENDS = st.one_of(
    st.none(),
    st.datetimes(datetime(2024, 2, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


def asked(duration: str, **words: object) -> BarsQuery:
    plain = BarsQuery(con_id=1, duration=duration, bar_size="1 day")
    return replace(plain, **words)  # type: ignore[arg-type]


@given(DURATIONS, ENDS, st.booleans(), KINDS)
def test_a_window_has_trade_dates_in_order_and_none_after_its_end(
    duration: str, end: datetime | None, use_rth: bool, kind: HoursKind
) -> None:
    query = asked(duration, end=end, use_rth=use_rth)
    assert fault_of(query) is None
    window = window_of(query, replace(SPY, hours=kind), NOW, FIRST)
    assert isinstance(window, Window)
    assert list(window.days) == sorted(set(window.days))
    assert all(is_trade_date(kind, day) and day >= FIRST for day in window.days)
    assert window.until_ms <= NOW + 1
    opens = [windows(kind, day, liquid=use_rth)[0][0] for day in window.days]
    assert all(moment < window.until_ms for moment in opens)
    if duration.endswith(" D"):
        assert len(window.days) <= int(duration.split()[0])


@given(KINDS, DAYS, st.booleans())
def test_stretches_tile_the_windows_of_a_trade_date(kind: HoursKind, day: date, liquid: bool) -> None:
    """Nothing overlaps but the auction of a close, nothing is left out."""
    parts = stretches(kind, day, liquid=liquid)
    spans = windows(kind, day, liquid=liquid)
    covered = sum(length(part) for part in parts)
    assert covered == sum(closes - opens for opens, closes in spans)
    assert {part.opens_ms for part in parts} == {opens for opens, _ in spans}
    assert all(one.from_ms + length(one) <= other.from_ms for one, other in pairwise(parts))


def length(part: Stretch) -> int:
    """Milliseconds, without the step of the auction."""
    return (part.end - part.first - part.ends_with_auction) * STEP_MS


@given(KINDS, st.integers(0, 300), st.integers(0, 86_399))
def test_dates_backwards_and_forwards_meet_at_a_moment(kind: HoursKind, days: int, seconds: int) -> None:
    moment = NOW + days * 86_400_000 + seconds * 1000
    back, on = next(trade_dates_back(kind, moment)), next(trade_dates_on(kind, moment))
    assert windows(kind, back)[0][0] <= moment < windows(kind, on)[-1][1]
    assert back <= on


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("3 days", "3 D"),
        ("1 weeks", "1 W"),
        ("1 week", "1 W"),
        ("2 months", "2 M"),
        ("5 D", "5 D"),
        ("3d", "3 D"),
    ],
)
def test_a_histogram_s_period_is_a_duration(text: str, duration: str) -> None:
    assert period_of(text) == duration


@given(st.text(max_size=12))
def test_any_other_period_is_a_refusal_or_a_duration(text: str) -> None:
    found = period_of(text)
    assert isinstance(found, Refusal) or fault_of(asked(found)) is None


@pytest.mark.parametrize(
    ("duration", "end", "first"),
    [
        ("1 M", datetime(2026, 3, 31, 20, tzinfo=UTC), date(2026, 3, 2)),  # no 31st of February
        ("1 Y", datetime(2025, 2, 28, 20, tzinfo=UTC), date(2024, 2, 28)),
        ("1 M", datetime(2026, 9, 7, 20, tzinfo=UTC), date(2026, 8, 7)),  # ends on a holiday
        ("2 W", START + timedelta(days=1), date(2026, 11, 9)),
    ],
)
def test_months_go_back_to_the_same_day_and_weeks_are_whole(
    duration: str, end: datetime, first: date
) -> None:
    window = window_of(asked(duration, end=end), SPY, NOW + 86_400_000, date(2020, 1, 2))
    assert isinstance(window, Window)
    assert window.days[0] == first
