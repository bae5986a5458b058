"""The pace at which small bars may be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.exchange.history.history_pacing import VIOLATION, HistoryPacing
from sumppump.exchange.reports import BarsQuery

END = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SMALL = BarsQuery(con_id=756733, duration="60 S", bar_size="5 secs", end=END)


def other(number: int, **words: object) -> BarsQuery:
    """A request of its own: another end, or another contract."""
    plain = replace(SMALL, end=END + timedelta(minutes=number))
    return replace(plain, **words)  # type: ignore[arg-type]


@pytest.mark.behaviour("SIM-HIST-01")
def test_the_same_request_passes_again_after_fifteen_seconds() -> None:
    pacing = HistoryPacing()
    answers = [pacing.violation(SMALL, "SMART", at) for at in (0.0, 14.9, 15.0)]
    assert answers == [None, VIOLATION, None]


@pytest.mark.behaviour("SIM-HIST-02")
def test_the_sixth_request_for_a_contract_within_two_seconds_is_too_much() -> None:
    pacing = HistoryPacing()
    answers = [pacing.violation(other(n), "SMART", 0.1 * n) for n in range(6)]
    assert answers == [None] * 5 + [VIOLATION]
    assert pacing.violation(other(7, con_id=265598), "SMART", 0.7) is None
    assert pacing.violation(other(8), "ARCA", 0.7) is None
    assert pacing.violation(other(9), "SMART", 2.5) is None


@pytest.mark.behaviour("SIM-HIST-02")
def test_quotes_of_both_sides_count_twice() -> None:
    pacing = HistoryPacing()
    answers = [pacing.violation(other(n, what="BID_ASK"), "SMART", 0.1 * n) for n in range(3)]
    assert answers == [None, None, VIOLATION]


@pytest.mark.behaviour("SIM-HIST-03")
def test_sixty_requests_pass_in_ten_minutes() -> None:
    pacing = HistoryPacing()
    answers = [pacing.violation(other(n, con_id=n), "SMART", float(n)) for n in range(61)]
    assert answers == [None] * 60 + [VIOLATION]
    assert pacing.violation(other(99), "SMART", 600.0) is None


@pytest.mark.parametrize("size", ["1 min", "1 hour", "1 day", "7 parsecs"])
def test_larger_bars_are_free(size: str) -> None:
    pacing = HistoryPacing()
    query = replace(SMALL, bar_size=size)
    assert {pacing.violation(query, "SMART", 0.0) for _ in range(100)} == {None}


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 5)), max_size=120))
def test_never_more_than_the_rules_allow_whatever_the_order(asked: list[tuple[float, int]]) -> None:
    pacing = HistoryPacing()
    at, passed = 0.0, list[float]()
    for wait, con_id in asked:
        at += wait
        if pacing.violation(replace(SMALL, con_id=con_id), "SMART", at) is None:
            passed.append(at)
    for first in passed:
        assert sum(first <= one < first + 600 for one in passed) <= 60
