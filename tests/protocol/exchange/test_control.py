"""Control lines become commands; nonsense becomes an error that names what there is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.exchange.control import Advance, ControlCommand, Plain, Resume, Step, parse
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
        ("advance close", Advance(mark="close")),
        ("advance 2026-11-20T15:30:00-05:00", Advance(to=datetime(2026, 11, 20, 20, 30, tzinfo=UTC))),
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
        "advance 2026-11-20T15:30:00",
        "advance 2026-13-45T00:00:00+00:00",
        "advance 1e30",
    ],
)
def test_everything_else_is_refused_with_the_usage(line: str) -> None:
    """A naive moment too: nobody should guess whose time was meant."""
    with pytest.raises(InvalidRequest) as caught:
        parse(line)
    assert caught.value.code == "bad_control"
    assert "advance SECONDS" in caught.value.next_steps[0]


@pytest.mark.behaviour("SIM-CTRL-03")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("play", "does not know"),
        ("pause now", "takes no argument"),
        ("step -1", "number"),
        ("advance", "how far"),
        ("advance 2026-11-20T15:30:00", "zone"),
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
