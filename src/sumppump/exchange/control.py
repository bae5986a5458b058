"""The exchange's clock, doors and faults as a person or a test moves them: one line of text in, one line out.

Pure: a line becomes a command, and a `Conductor` carries out those about time and trouble. What concerns
connections and files (`drop`, `hold`, `release`, `save`, `stop`) is left to the server.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sumppump.exchange.calendar.clock import ExchangeClock
from sumppump.exchange.hall import STOCK_TICK, TradingHall, next_on_grid
from sumppump.exchange.moments import EXAMPLES, Moment, read_moment
from sumppump.exchange.trouble.director import Dice, Director, Wishes
from sumppump.exchange.trouble.faults import FAULTS, fault_named
from sumppump.exchange.trouble.parameters import parameters_of
from sumppump.exchange.trouble.scenario import Scenario, day_named
from sumppump.kernel.errors import InvalidRequest, SumpPumpError

MAX_STEP_S = 3600.0
MAX_LOOKS = 240
MAX_ADVANCE = timedelta(days=400)
MAX_SPEED = 10_000.0
MAX_LASTS_S = 400 * 86_400.0


class Plain(StrEnum):
    """Commands without an argument."""

    PAUSE = "pause"
    STATUS = "status"
    SAVE = "save"
    DROP = "drop"
    HOLD = "hold"
    RELEASE = "release"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the clock run, at its old speed or at `speed` exchange seconds per second."""

    speed: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Move the clock by market `seconds`; clients hear the ticks on the way, at most `MAX_LOOKS` times."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Advance:
    """Jump by `seconds`, or to a moment; clients hear where it ended."""

    seconds: float | None = None
    to: Moment | None = None


@dataclass(frozen=True, slots=True)
class Save:
    """Write the state into one file, from which `--state` resumes."""

    file: Path


@dataclass(frozen=True, slots=True)
class Cause:
    """Switch a fault on; `lasts` in seconds of the exchange's time, None until it is healed or over."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Heal:
    """Switch a fault off, or `all`."""

    name: str


@dataclass(frozen=True, slots=True)
class Play:
    """Play a day that comes with the program from now on; what lies before is left out."""

    scenario: Scenario


@dataclass(frozen=True, slots=True)
class ListFaults:
    """Name every fault with its parameters."""


ControlCommand = Plain | Resume | Step | Advance | Save | Cause | Heal | Play | ListFaults

STEP_S = 1.0  # without a number

USAGE = (
    "pause | resume [SPEED] | step [SECONDS] | advance SECONDS|MOMENT | status | save [FILE] | drop | hold |"
    " release | fault list | fault NAME [for=SECONDS] [PARAMETER=VALUE ...] | heal NAME|all |"
    " scenario NAME | stop"
)


def parse(line: str) -> ControlCommand:
    """The command of one line.

    Raises:
        InvalidRequest: `bad_control`, the line is none of those in `USAGE`; `bad_moment`; `unknown_fault`;
            `bad_parameter`.
    """
    word, _, rest = line.strip().partition(" ")
    argument = rest.strip()
    if word in Plain.__members__.values() and not argument:
        return Plain(word)
    match word:
        case "resume":
            return Resume(_number(argument, 0.0, MAX_SPEED) if argument else None)
        case "step":
            return Step(_number(argument, 0.0, MAX_STEP_S) if argument else STEP_S)
        case "advance":
            return _advance(argument)
        case "save":
            return Save(Path(argument))
        case "fault":
            return _fault(argument)
        case "heal":
            return _heal(argument)
        case "scenario":
            return Play(day_named(argument))
        case _ if word in Plain.__members__.values():
            raise _bad(f"{word} takes no argument", word, argument)
        case _:
            raise _bad("the exchange does not know this command", USAGE, line)


def _advance(argument: str) -> Advance:
    if not argument:
        raise _bad("advance needs to know how far", f"SECONDS or a moment, {EXAMPLES}", argument)
    try:
        float(argument)
    except ValueError:
        return Advance(to=read_moment(argument))
    return Advance(seconds=_number(argument, 0.0, MAX_ADVANCE.total_seconds()))


def _fault(argument: str) -> Cause | ListFaults:
    name, *pairs = argument.split() or [""]
    if not name:
        raise _bad("fault needs a name", "fault list, or fault NAME", argument)
    if name == "list" and not pairs:
        return ListFaults()
    given = dict(_pair(one) for one in pairs)
    lasts = given.pop("for", None)
    fault = fault_named(name)
    fault.effect(**given)
    return Cause(fault.name, given, None if lasts is None else _number(lasts, 0.0, MAX_LASTS_S))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise _bad("a parameter has no value", "PARAMETER=VALUE", text)
    return name, value


def _heal(argument: str) -> Heal:
    return Heal("all" if argument in ("", "all") else fault_named(argument).name)


def _number(text: str, low: float, high: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not low < number <= high:
        raise _bad("the number cannot be used", f"a number above {low:g}, at most {high:g}", text)
    return number


def _bad(message: str, expected: str, found: str) -> InvalidRequest:
    return InvalidRequest(
        message,
        code="bad_control",
        expected=expected,
        found=repr(found[:80]),
        next_steps=(f"use one of: {USAGE}",),
    )


class Conductor:
    """Keeps the venue's time in step with the clock, and the clock in step with what people ask."""

    def __init__(self, hall: TradingHall, clock: ExchangeClock) -> None:
        self.hall = hall
        self.clock = clock
        self._wishes = Wishes()

    def turn(self, at: float) -> None:
        """Bring the venue to the clock's time, and the clock to where a scenario wants it."""
        self.hall.turn(self.clock.now(at), at)
        if self._wishes.is_paused:
            self._wishes.is_paused = False
            self.clock = self.clock.paused(at)
        while self._wishes.jumps:
            self._grant(self._wishes.jumps.pop(0), at)
            self.hall.turn(self.clock.now(at), at)

    def _grant(self, wish: Moment, at: float) -> None:
        try:
            self._jump(wish.at(self.hall.venue), at)
        except SumpPumpError as error:
            self.hall.trouble.told.append(f"left out: {error.message}; found {error.found}")

    def play(self, scenario: Scenario) -> None:
        """Let a scenario take its course from now on."""
        Director(self.hall, scenario, self._wishes)

    def throw(self, seed: int, per_hour: float) -> None:
        """Let faults come by seed, so many an hour of the exchange's time."""
        Dice(self.hall, seed, per_hour)

    def apply(self, command: ControlCommand, at: float) -> str:
        """Carry a command about time or trouble out and report how things stand.

        Raises:
            InvalidRequest: the moment lies in the past or beyond a year ahead, or a fault cannot be caused.
        """
        match command:
            case Plain.PAUSE:
                self.clock = self.clock.paused(at)
            case Resume(speed=speed):
                self.clock = self.clock.resumed(at, speed=speed)
            case Step(seconds=seconds):
                self._walk(self.clock.now(at) + timedelta(seconds=seconds), at)
            case Advance():
                self._jump(self._target(command, at), at)
            case Cause(name=name, parameters=parameters, lasts=lasts):
                self.hall.trouble.cause(name, lasts=lasts, **parameters)
            case Heal(name=name):
                self.hall.trouble.heal(name)
            case Play(scenario=scenario):
                self.play(scenario)
            case ListFaults():
                return fault_list()
            case _:
                pass
        self.turn(at)
        return self.status(at)

    def _walk(self, until: datetime, at: float) -> None:
        moment = self.clock.now(at)
        # Everything on the way is written at once; more looks would pile up beyond what a client may owe.
        grid = STOCK_TICK * max(1, math.ceil((until - moment) / (STOCK_TICK * MAX_LOOKS)))
        while (moment := next_on_grid(moment, grid)) < until:
            self.hall.turn(moment, at)
        self.clock = self.clock.moved_to(until, at)

    def _jump(self, until: datetime, at: float) -> None:
        now = self.clock.now(at)
        if not now <= until <= now + MAX_ADVANCE:
            ahead = f"a moment from {now.isoformat()} to {MAX_ADVANCE.days} days ahead"
            raise _bad("the clock cannot go there", ahead, until.isoformat())
        self.clock = self.clock.moved_to(until, at)

    def _target(self, command: Advance, at: float) -> datetime:
        now = self.clock.now(at)
        if command.to is not None:
            self.turn(at)
            return command.to.at(self.hall.venue)
        return now + timedelta(seconds=command.seconds or 0.0)

    def status(self, at: float) -> str:
        """Time, clients and lines as one line of JSON."""
        venue = self.hall.venue
        return json.dumps(
            {
                "now": self.clock.now(at).isoformat(),
                "frozen": self.clock.frozen,
                "speed": self.clock.speed,
                "open": venue.is_open(),
                "clients": sum(session.is_open for session in self.hall.sessions),
                "lines": self.hall.lines_in_use,
                "account": venue.account,
                "seed": venue.seed,
                "faults": [one.fault.name for one in self.hall.trouble.running],
                "next": self.hall.trouble.next_words,
            }
        )


def fault_list() -> str:
    """Every fault, what happens, and its parameters with their rules, as one line of JSON."""
    return json.dumps(
        [
            {
                "name": fault.name,
                "words": fault.words,
                "parameters": {one.name: one.rule for one in parameters_of(fault.kind)},
            }
            for fault in FAULTS
        ]
    )
