"""The server's clock: told in whole seconds, carried on between the answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sumppump.tws.clock import ServerClock

EPOCH = 1_772_463_600


def at(clock: ServerClock, monotonic: float) -> float:
    """Seconds after EPOCH that the clock shows at a monotonic moment."""
    return clock.at(monotonic).timestamp() - EPOCH


def told(clock: ServerClock, shown: float, monotonic: float) -> None:
    """An answer that took 10 ms."""
    clock.told(EPOCH + int(shown // 1), sent=monotonic - 0.01, received=monotonic)


def test_before_any_server_the_machine_s_clock_is_used_and_said_to_be() -> None:
    """Port: until a broker's clock is known."""
    clock = ServerClock()
    assert not clock.is_server_time
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 1


def test_one_answer_is_right_within_half_a_second() -> None:
    """It says whole seconds: the truth is anywhere in that second."""
    clock = ServerClock()
    told(clock, 100.9, 50.0)
    assert clock.is_server_time
    assert abs(at(clock, 60.0) - 110.9) <= 0.51


def test_more_answers_narrow_the_offset() -> None:
    """Every answer bounds it from both sides; forty at odd moments leave a few hundredths."""
    clock = ServerClock()
    for step in range(40):
        moment = 5.037 * step
        told(clock, 100.9 + moment, 50.0 + moment)
    assert abs(at(clock, 300.0) - 350.9) < 0.05


def test_a_frozen_clock_stands_still() -> None:
    """`--frozen`: the second answer after more than a second shows that it does."""
    clock = ServerClock()
    told(clock, 100.0, 50.0)
    told(clock, 100.0, 51.5)
    assert at(clock, 51.5) == at(clock, 90.0) == 100.0


def test_a_frozen_clock_that_is_moved_is_followed_and_stands_still_again() -> None:
    """`sim ctl advance`: a jump is no speed."""
    clock = ServerClock()
    for shown, moment in ((100, 50.0), (100, 55.0), (4000, 60.0)):
        told(clock, shown, moment)
    assert abs(at(clock, 64.0) - 4000) < 1


@pytest.mark.parametrize("speed", [10.0, 60.0, 1000.0])
def test_a_fast_clock_is_believed_when_two_intervals_agree(speed: float) -> None:
    """`--speed N`: after the third answer the time runs on at that rate."""
    clock = ServerClock()
    for moment in (50.0, 51.5, 53.0, 58.0):
        told(clock, speed * (moment - 50), moment)
    assert abs(at(clock, 60.0) - speed * 10) <= 1 + speed * 0.5


def test_a_clock_that_jumps_once_is_taken_at_its_word() -> None:
    """A server that is put right by an hour; the rate stays what it was."""
    clock = ServerClock()
    for shown, moment in ((0, 0.0), (5, 5.0), (3610, 10.0), (3615, 15.0)):
        told(clock, shown, moment)
    assert abs(at(clock, 20.0) - 3620) <= 0.6


def test_a_clock_that_is_moved_again_and_again_jumps_and_does_not_run() -> None:
    """`sim ctl advance 3600`, every few seconds: equal jumps agree on a rate, and are none.

    The gateway asks again soon while the clock is unsure; that answer shows the ordinary rate.
    """
    clock, moment, shown = ServerClock(), 0.0, 0.0
    told(clock, shown, moment)
    for _ in range(4):
        moment, shown = moment + 5, shown + 3605
        told(clock, shown, moment)
        assert clock.is_unsure
        moment, shown = moment + 1.5, shown + 1.5
        told(clock, shown, moment)
        assert not clock.is_unsure
    assert abs(at(clock, moment + 5) - (shown + 5)) <= 1.0


def test_equal_jumps_in_slow_answers_are_never_a_speed() -> None:
    """Even if nobody asks soon: an interval of five seconds proves no rate."""
    clock = ServerClock()
    for step in range(5):
        told(clock, 3605 * step, 5.0 * step)
    assert abs(at(clock, 25.0) - (4 * 3605 + 5)) <= 1.0


def test_equal_days_in_quick_answers_are_moves_because_no_simulator_runs_that_fast() -> None:
    """`sim ctl advance` from close to close, a day a second: between them it goes on as before."""
    clock = ServerClock()
    for day in range(5):
        told(clock, 86_400 * day, 1.2 * day)
    assert abs(at(clock, 5.2) - (4 * 86_400 + 0.4)) <= 1.0


def test_a_clock_that_is_resumed_after_a_pause_runs_again() -> None:
    """`sim ctl pause` and `resume`."""
    clock = ServerClock()
    for shown, moment in ((100, 0.0), (100, 5.0), (100, 10.0), (105, 15.0), (110, 20.0)):
        told(clock, shown, moment)
    assert abs(at(clock, 25.0) - 115) <= 1.0


def test_time_never_goes_back_at_the_ordinary_rate() -> None:
    """Narrowing moves the clock by less than a second, and only ever towards the truth."""
    clock = ServerClock()
    shown = []
    for step in range(30):
        moment = 5.0 * step + (step * 0.137) % 0.9
        told(clock, 100.5 + moment, moment)
        shown.append(at(clock, moment))
    assert shown == sorted(shown)
