"""A scenario: a day with trouble in it, as a small file with named moments and closed verbs.

    title = "A data farm breaks for three minutes in the middle of the morning."
    start = "09:30"                   # New York, of the day; `close-30m`, `fri 15:30` or an ISO time also do

    [[moment]]
    at = "open+15m"                   # see `moments`; or on_connect, on_order, on_fill, on_partial,
    do = "fault"                      # on_cancel, on_reject, with an offset such as +5s
    fault = "F-22"
    seconds = 180

An event's moment comes once, or `times` times (0: each time). Moments that lie before the start are left out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from importlib import resources
from typing import Annotated, Any

from sumppump.exchange.calendar.trading_days import (
    is_trading_day,
    session_of,
    to_datetime,
    trading_day_on_or_before,
)
from sumppump.exchange.moments import WEEKDAYS, Moment, Name, bad_moment, read_moment
from sumppump.exchange.trouble.faults import fault_named
from sumppump.exchange.trouble.parameters import Span, bad_parameter, made, meant, near
from sumppump.exchange.trouble.verbs import Verb, verb_of
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import InvalidRequest, SumpPumpError

DAYS = "sumppump.exchange.trouble.days"
_EVENT = re.compile(r"(on_[a-z]+)(?:\s*(\+\s*\d+(?:\.\d+)?[smhd]))?")
_EDGES = ("open", "close")
START_EXAMPLES = "09:30, close-30m, fri 15:30, 2026-11-20T15:30, 2026-11-20T15:30:00-05:00"


class Happening(StrEnum):
    """What a moment can wait for."""

    CONNECT = "on_connect"
    ORDER = "on_order"
    FILL = "on_fill"
    PARTIAL = "on_partial"
    CANCEL = "on_cancel"
    REJECT = "on_reject"


@dataclass(frozen=True, slots=True)
class Upon:
    """After something happens, so many seconds.

    Attributes:
        times: how often it counts; 0 for each time.
    """

    happening: Happening
    offset_s: float = 0.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Cue:
    """What is done when.

    Attributes:
        words: the same for a person to read.
    """

    at: Moment | Upon
    verb: Verb
    words: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A day with trouble in it.

    Attributes:
        title: a sentence about it.
        start: when its clock starts, "" for ten o'clock.
        cues: in the order of the file.
    """

    name: str
    title: str
    start: str
    cues: tuple[Cue, ...]

    def starts(self, wall: datetime) -> datetime | None:
        """Where the clock starts if nobody says otherwise, seen from a moment of the wall clock."""
        return start_of(self.start, wall) if self.start else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    title: str
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _When:
    at: str
    do: str
    times: Annotated[int, Span(0, 100_000)] = 1


def read_scenario(name: str, text: str) -> Scenario:
    """The scenario of a file's text.

    Raises:
        InvalidRequest: `bad_scenario`, `unknown_verb`, `bad_moment`, `unknown_fault`, `bad_parameter`; the
            message says in which moment.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(
            f"scenario {name} is no TOML", code="bad_scenario", expected="TOML", found=str(error)
        ) from error
    rows = raw.pop("moment", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidRequest(
            f"moments of scenario {name} are no tables",
            code="bad_scenario",
            expected="[[moment]] and its lines",
            found=type(rows).__name__,
        )
    head = made(_Head, raw, whose=f"scenario {name}")
    if head.start:
        start_of(head.start, datetime(2026, 1, 2, tzinfo=NEW_YORK))
    if not rows:
        raise InvalidRequest(
            f"scenario {name} has no moment",
            code="bad_scenario",
            expected="at least one [[moment]] with at and do",
            found="none",
            next_steps=("See docs/scenarios.md, or copy one of src/sumppump/exchange/trouble/days.",),
        )
    cues = tuple(_numbered(name, number, row) for number, row in enumerate(rows, start=1))
    return Scenario(name, head.title, head.start, cues)


def _numbered(name: str, number: int, row: Mapping[str, Any]) -> Cue:
    try:
        return _cue(row)
    except SumpPumpError as error:
        raise InvalidRequest(
            f"moment {number} of scenario {name}: {error.message}",
            code=error.code,
            expected=error.expected,
            found=error.found,
            next_steps=error.next_steps,
        ) from error


def _cue(row: Mapping[str, Any]) -> Cue:
    rest = dict(row)
    own: dict[str, Any] = {key: rest.pop(key) for key in ("at", "do", "times") if key in rest}
    for name in ("at", "do"):
        if name not in own:
            raise bad_parameter(
                f"a moment needs {name}", f'{name} = "..."', ", ".join(row), near(name, rest) and (name,)
            )
    when = made(_When, own, whose="a moment")
    return Cue(_at(when), verb_of(when.do, rest), _words(when, rest))


def _words(when: _When, given: Mapping[str, Any]) -> str:
    fault = fault_named(str(given["fault"])) if when.do == "fault" else None
    terms = " ".join(f"{name}={value}" for name, value in given.items())
    said = "" if fault is None else f" - {fault.words}"
    return f"{when.do} {terms}".strip() + f" (at {when.at})" + said


def _at(when: _When) -> Moment | Upon:
    if not when.at.startswith("on_"):
        return read_moment(when.at)
    match = _EVENT.fullmatch(when.at)
    if match is None or match[1] not in tuple(Happening):
        raise bad_moment(when.at, nearest=near(when.at, tuple(Happening)))
    offset = read_moment(f"now{match[2]}").offset_s if match[2] else 0.0
    return Upon(Happening(match[1]), offset, when.times)


def start_of(text: str, wall: datetime) -> datetime:
    """The start that these words name: of the latest trading day, of a weekday, or an ISO time.

    Of a day they are HH:MM, or `open` or `close` with an offset.

    Raises:
        InvalidRequest: `bad_moment`.
    """
    weekday, _, clock = text.rpartition(" ")
    today = wall.astimezone(NEW_YORK).date()
    try:
        if weekday:
            return _start_on(_latest(WEEKDAYS.index(weekday.lower()[:3]), today), clock)
        if len(text) <= len("09:30:00") or text.startswith(_EDGES):
            return _start_on(trading_day_on_or_before(today), text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_moment(text, "this is no moment to start at", examples=START_EXAMPLES) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)


def _start_on(day: date, text: str) -> datetime:
    if not text.startswith(_EDGES):
        at = time.fromisoformat(text)
        if is_trading_day(day):
            Moment(at).check(session_of(day))
        return datetime.combine(day, at, tzinfo=NEW_YORK)
    moment, session = read_moment(text), session_of(trading_day_on_or_before(day))
    edge = session.open_ms if moment.base is Name.OPEN else session.close_ms
    return to_datetime(edge) + timedelta(seconds=moment.offset_s)


def _latest(weekday: int, today: date) -> date:
    return today - timedelta((today.weekday() - weekday) % 7)


# -- ready-made days ----------------------------------------------------------------------------
def ready_made() -> tuple[str, ...]:
    """The names of the days that come with the program."""
    files = resources.files(DAYS).iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".toml")))


def day_named(name: str) -> Scenario:
    """A day that comes with the program.

    Raises:
        InvalidRequest: `unknown_scenario`.
    """
    names = ready_made()
    if name not in names:
        raise InvalidRequest(
            f"there is no scenario {name!r}",
            code="unknown_scenario",
            expected="a name of `sumppump sim --scenarios`, or a file that ends in .toml",
            found=name[:60],
            next_steps=meant(near(name, names)),
        )
    return read_scenario(name, (resources.files(DAYS) / f"{name}.toml").read_text("utf-8"))
