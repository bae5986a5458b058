"""IBKR's rules for small bars, kept by waiting: judged by the embedded exchange's own account of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.exchange.history.history_pacing import HistoryPacing
from sumppump.exchange.reports import BarsQuery
from sumppump.tws.history_pacing import SMALL_BARS, BarsAsked, SmallBarPace

FIVE = BarsAsked(
    con_id=1, exchange="SMART", duration="60 S", bar_size="5 secs", what="TRADES", regular_hours=True
)


@dataclass
class Watch:
    """Seconds that pass only when told."""

    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


def ask(pace: SmallBarPace, watch: Watch, asked: BarsAsked) -> float:
    """Wait as told and go; returns the seconds waited."""
    began = watch.at
    while (wait := pace.wait_s(asked)) > 0:
        watch.at += wait
    pace.goes(asked)
    return watch.at - began


def test_the_same_request_waits_fifteen_seconds() -> None:
    """And no longer once they have passed."""
    watch = Watch()
    pace = SmallBarPace(15.0, watch)
    assert ask(pace, watch, FIVE) == 0
    watch.at += 5
    assert ask(pace, watch, FIVE) == pytest.approx(10.1)
    watch.at += 16
    assert ask(pace, watch, FIVE) == 0


@pytest.mark.parametrize(("what", "free"), [("TRADES", 5), ("BID_ASK", 2)])
def test_the_sixth_of_a_contract_waits_two_seconds_and_bid_ask_counts_twice(what: str, free: int) -> None:
    """Different durations of one contract and kind."""
    watch = Watch()
    pace = SmallBarPace(15.0, watch)
    waits = [ask(pace, watch, replace(FIVE, duration=f"{60 + n} S", what=what)) for n in range(free + 1)]
    assert waits[:free] == [0] * free
    assert waits[free] == pytest.approx(2.1)


def test_the_sixty_first_waits_for_the_first_to_be_ten_minutes_old() -> None:
    """Sixty contracts at once, then one more."""
    watch = Watch()
    pace = SmallBarPace(15.0, watch)
    assert sum(ask(pace, watch, replace(FIVE, con_id=n)) for n in range(60)) == 0
    assert ask(pace, watch, replace(FIVE, con_id=60)) == pytest.approx(600.1)


def test_larger_bars_are_not_paced() -> None:
    """A hundred of the same."""
    watch = Watch()
    pace = SmallBarPace(15.0, watch)
    assert sum(ask(pace, watch, replace(FIVE, bar_size="1 min")) for _ in range(100)) == 0


requests = st.builds(
    BarsAsked,
    con_id=st.integers(1, 2),
    exchange=st.just("SMART"),
    duration=st.sampled_from(["60 S", "120 S", "180 S"]),
    bar_size=st.sampled_from([*SMALL_BARS, "1 min"]),
    what=st.sampled_from(["TRADES", "BID_ASK"]),
    regular_hours=st.booleans(),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(asked=st.lists(st.tuples(requests, st.floats(0, 3)), max_size=90))
def test_who_waits_as_told_never_breaks_a_rule(asked: list[tuple[BarsAsked, float]]) -> None:
    """The exchange, which keeps its own account, has nothing to complain of."""
    watch = Watch()
    pace, judge = SmallBarPace(15.0, watch), HistoryPacing()
    for one, pause in asked:
        watch.at += pause
        ask(pace, watch, one)
        query = BarsQuery(
            con_id=one.con_id, duration=one.duration, bar_size=one.bar_size, end=None, what=one.what,
            use_rth=one.regular_hours,
        )  # fmt: skip
        assert judge.violation(query, one.exchange, watch.at) is None
