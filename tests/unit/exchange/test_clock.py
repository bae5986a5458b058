"""The exchange's clock: real time, faster, frozen and stepped; it never runs backwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.exchange.builders import START

from sumppump.exchange.calendar.clock import ExchangeClock


@pytest.mark.behaviour("SIM-CTRL-05")
@pytest.mark.parametrize(("speed", "expected"), [(1.0, 10), (60.0, 600), (0.5, 5)])
def test_time_passes_at_the_clock_s_speed(speed: float, expected: int) -> None:
    clock = ExchangeClock(at=START, since=100.0, speed=speed)
    assert clock.now(110.0) == START + timedelta(seconds=expected)


@pytest.mark.behaviour("SIM-CTRL-06")
def test_a_frozen_clock_moves_only_when_it_is_moved() -> None:
    clock = ExchangeClock(at=START, since=0.0).paused(5.0)
    assert clock.now(500.0) == START + timedelta(seconds=5)
    stepped = clock.moved_to(START + timedelta(hours=1), 500.0)
    assert stepped.now(900.0) == START + timedelta(hours=1)
    assert stepped.resumed(900.0).now(901.0) == START + timedelta(hours=1, seconds=1)
    assert stepped.resumed(900.0, speed=10.0).now(901.0) == START + timedelta(hours=1, seconds=10)


@pytest.mark.behaviour("SIM-CTRL-07")
@given(st.lists(st.tuples(st.sampled_from(["pause", "resume", "move"]), st.integers(-50, 50)), max_size=8))
def test_no_sequence_of_commands_turns_time_back(commands: list[tuple[str, int]]) -> None:
    clock, seen, monotonic = ExchangeClock(at=START, since=0.0, speed=3.0), START, 0.0
    for command, seconds in commands:
        monotonic += 1.5
        if command == "pause":
            clock = clock.paused(monotonic)
        elif command == "resume":
            clock = clock.resumed(monotonic)
        else:
            clock = clock.moved_to(clock.now(monotonic) + timedelta(seconds=seconds), monotonic)
        assert clock.now(monotonic) >= seen
        seen = clock.now(monotonic)
