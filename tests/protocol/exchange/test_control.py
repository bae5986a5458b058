"""Control lines become commands; nonsense becomes an error that names what there is."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.exchange.control import (
    Advance,
    Cause,
    ControlCommand,
    Heal,
    ListFaults,
    Plain,
    Resume,
    Save,
    Step,
    parse,
)
from sumppump.exchange.moments import Expiry, Moment, Name
from sumppump.kernel.errors import InvalidRequest


@pytest.mark.behaviour("SIM-CTRL-01")
@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("pause", Plain.PAUSE),
        ("resume", Resume()),
        ("resume 60", Resume(60.0)),
        ("step", Step(1.0)),
        ("step 0.25", Step(0.25)),
        ("advance 3600", Advance(seconds=3600.0)),
        ("advance close", Advance(to=Moment(Name.CLOSE))),
        ("advance open+15m", Advance(to=Moment(Name.OPEN, 900.0))),
        ("advance 11:30", Advance(to=Moment(time(11, 30)))),
        ("advance expiry aapl", Advance(to=Moment(Expiry("AAPL")))),
        ("advance 2026-11-20T15:30:00-05:00", Advance(to=Moment(datetime(2026, 11, 20, 20, 30, tzinfo=UTC)))),
        ("advance 2026-11-20T15:30:00", Advance(to=Moment(datetime(2026, 11, 20, 20, 30, tzinfo=UTC)))),
        ("fault list f-22", ListFaults("F-22")),
        ("fault F-22 lasts=60", Cause("F-22", {}, 60.0)),
        ("save /tmp/a b.json", Save(Path("/tmp/a b.json"))),
        ("fault list", ListFaults()),
        ("fault f-22 farm=history for=60", Cause("F-22", {"farm": "history"}, 60.0)),
        ("heal F-22", Heal("F-22")),
        ("heal all", Heal("all")),
        (" status \n", Plain.STATUS),
        ("drop", Plain.DROP),
        ("hold", Plain.HOLD),
        ("release", Plain.RELEASE),
        ("save", Plain.SAVE),
        ("stop", Plain.STOP),
    ],
)
def test_each_line_is_one_command(line: str, command: ControlCommand) -> None:
    assert parse(line) == command


@pytest.mark.behaviour("SIM-CTRL-02")
@pytest.mark.parametrize(
    "line",
    [
        "",
        "play",
        "pause now",
        "step 0",
        "step -1",
        "step nan",
        "step 4000",
        "resume fast",
        "advance",
        "advance 2026-13-45T00:00:00+00:00",
        "advance 1e30",
        "fault",
        "fault F-22 quickly",
        "fault F-22 for=-1",
        "fault F-99",
        "fault F-46",
        "fault F-22 farm=nowhere",
        "heal F-99",
    ],
)
def test_everything_else_is_refused_with_what_would_do(line: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(line)
    codes = ("bad_control", "bad_moment", "unknown_fault", "fault_not_ours", "bad_parameter")
    assert caught.value.code in codes
    assert caught.value.expected
    if caught.value.code == "bad_control":
        assert caught.value.next_steps[0].startswith(
            ("Usage: ", "Did you mean ", "See: sumppump sim ctl --help")
        )


@pytest.mark.behaviour("SIM-CTRL-03")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("play", "does not know"),
        ("pause now", "takes no argument"),
        ("step -1", "number"),
        ("advance", "how far"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_line(line: str, words: str) -> None:
    """A known command with a bad number is not an unknown command."""
    with pytest.raises(InvalidRequest) as caught:
        parse(line)
    assert words in caught.value.message


@pytest.mark.behaviour("SIM-CTRL-04")
@given(st.text(max_size=40))
def test_any_line_is_a_command_or_a_refusal(line: str) -> None:
    try:
        parse(line)
    except InvalidRequest:
        return
