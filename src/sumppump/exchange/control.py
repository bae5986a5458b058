"""The exchange's clock, doors and faults as a person or a test moves them: one line of text in, one line out.

Pure: a line becomes a command, and a `Conductor` carries out those about time and trouble. What concerns
connections and files (`drop`, `hold`, `release`, `save`, `stop`) is left to the server.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sumppump.exchange.calendar.clock import ExchangeClock
from sumppump.exchange.calendar.trading_days import is_trading_day
from sumppump.exchange.hall import STOCK_TICK, TradingHall, next_on_grid
from sumppump.exchange.moments import EXAMPLES, Moment, read_moment
from sumppump.exchange.standing import fault_list, in_new_york, spoken
from sumppump.exchange.trouble.director import Dice, Director, Wishes
from sumppump.exchange.trouble.faults import fault_named
from sumppump.exchange.trouble.parameters import meant, near, plain
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
    note: str = ""


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
    """Name every fault with its parameters, or one."""

    name: str = ""


ControlCommand = Plain | Resume | Step | Advance | Save | Cause | Heal | Play | ListFaults

STEP_S = 1.0  # without a number

USAGE = {
    "pause": "pause",
    "resume": "resume [SPEED]",
    "step": "step [SECONDS]",
    "advance": "advance SECONDS|MOMENT",
    "status": "status",
    "save": "save [FILE]",
    "drop": "drop",
    "hold": "hold",
    "release": "release",
    "fault": "fault list [NAME], or fault NAME [for=SECONDS] [PARAMETER=VALUE ...]",
    "heal": "heal NAME|all",
    "scenario": "scenario NAME",
    "stop": "stop",
}


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
            return Resume(_number(argument, MAX_SPEED, word) if argument else None)
        case "step":
            return Step(_number(argument, MAX_STEP_S, word) if argument else STEP_S)
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
            raise _bad(f"{word} takes no argument", word, argument, word)
        case _:
            raise _bad("the exchange does not know this command", ", ".join(USAGE), word or line)


def _advance(argument: str) -> Advance:
    if not argument:
        raise _bad("advance needs to know how far", f"SECONDS or a moment: {EXAMPLES}", argument, "advance")
    try:
        float(argument)
    except ValueError:
        return Advance(to=read_moment(argument), note=_closed(argument))
    return Advance(seconds=_number(argument, MAX_ADVANCE.total_seconds(), "advance"))


def _closed(argument: str) -> str:
    """What to say of a date on which nothing trades."""
    try:
        day = date.fromisoformat(argument)
    except ValueError:
        return ""
    return "" if is_trading_day(day) else f"{argument} is no trading day"


def _fault(argument: str) -> Cause | ListFaults:
    name, *pairs = argument.split() or [""]
    if not name:
        raise _bad("fault needs a name", "fault list, or fault NAME", argument, "fault")
    if name == "list" and len(pairs) < 2:
        return ListFaults(*(fault_named(one).name for one in pairs))
    given = dict(_pair(one) for one in pairs)
    lasts = given.pop("for", given.pop("lasts", None))
    fault = fault_named(name)
    fault.effect(**given)
    return Cause(fault.name, given, None if lasts is None else _number(lasts, MAX_LASTS_S, "fault"))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise _bad("a parameter has no value", "PARAMETER=VALUE", text, "fault")
    return name, value


def _heal(argument: str) -> Heal:
    return Heal("all" if argument in ("", "all") else fault_named(argument).name)


def _number(text: str, high: float, word: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 < number <= high:
        raise _bad("the number cannot be used", f"a number above 0, at most {plain(high)}", text, word)
    return number


def _bad(message: str, expected: str, found: str, word: str = "") -> InvalidRequest:
    usage = (f"Usage: {USAGE[word]}",) if word else meant(near(found, USAGE))
    return InvalidRequest(
        message,
        code="bad_control",
        expected=expected,
        found=repr(found[:80]),
        next_steps=usage or ("See: sumppump sim ctl --help",),
    )


class Conductor:
    """Keeps the venue's time in step with the clock, and the clock in step with what people ask."""

    def __init__(self, hall: TradingHall, clock: ExchangeClock) -> None:
        self.hall = hall
        self.clock = clock
        self._wishes = Wishes()
        self._scenario = ""

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
        self._scenario = scenario.name

    def throw(self, seed: int, per_hour: float) -> None:
        """Let faults come by seed, so many an hour of the exchange's time."""
        Dice(self.hall, seed, per_hour)

    def apply(self, command: ControlCommand, at: float, *, did: str = "", is_holding: bool = False) -> str:
        """Carry a command about time or trouble out and report what was done and how things stand.

        Raises:
            InvalidRequest: the moment lies in the past or beyond a year ahead, or a fault cannot be caused.
        """
        if isinstance(command, ListFaults):
            return fault_list(command.name)
        done = self._carry_out(command, at)
        self.turn(at)
        return self.status(at, did=did or done or self._moved(command, at), is_holding=is_holding)

    def _carry_out(self, command: ControlCommand, at: float) -> str:
        match command:
            case Plain.PAUSE:
                self.clock = self.clock.paused(at)
                return "the clock stands"
            case Resume(speed=speed):
                self.clock = self.clock.resumed(at, speed=speed)
                return f"the clock runs, {self.clock.speed:g} s a second"
            case Step(seconds=seconds):
                self._walk(self.clock.now(at) + timedelta(seconds=seconds), at)
            case Advance():
                self._jump(self._target(command, at), at)
            case Cause(name=name, parameters=parameters, lasts=lasts):
                begun = self.hall.trouble.cause(name, lasts=lasts, **parameters)
                return f"began: {spoken(self.hall, begun)}"
            case Heal(name=name):
                return f"{self.hall.trouble.heal(name)} faults healed"
            case Play(scenario=scenario):
                self.play(scenario)
                return f"the scenario {scenario.name} plays from now on"
            case _:
                pass
        return ""

    def _moved(self, command: ControlCommand, at: float) -> str:
        """Where a move of the clock has ended."""
        if not isinstance(command, Step | Advance):
            return ""
        note = f"{command.note}; " if isinstance(command, Advance) and command.note else ""
        return f"{note}the clock is at {in_new_york(self.clock.now(at))}"

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
            raise _bad("the clock cannot go there", ahead, until.isoformat(), "advance")
        self.clock = self.clock.moved_to(until, at)

    def _target(self, command: Advance, at: float) -> datetime:
        now = self.clock.now(at)
        if command.to is not None:
            self.turn(at)
            return command.to.at(self.hall.venue)
        return now + timedelta(seconds=command.seconds or 0.0)

    def status(self, at: float, *, did: str = "", is_holding: bool = False) -> str:
        """What was done, time, clients, lines and trouble as one line of JSON."""
        venue, running = self.hall.venue, self.hall.trouble.running
        now = self.clock.now(at)
        done = {"did": did} if did else {}
        return json.dumps(
            done
            | {
                "now": now.isoformat(),
                "new_york": in_new_york(now),
                "frozen": self.clock.frozen,
                "speed": self.clock.speed,
                "open": venue.is_open(),
                "clients": sum(session.is_open for session in self.hall.sessions),
                "lines": self.hall.lines_in_use,
                "account": venue.account,
                "seed": venue.seed,
                "scenario": self._scenario,
                "holding": is_holding,
                "faults": [one.fault.name for one in running],
                "trouble": [spoken(self.hall, one) for one in running],
                "next": self.hall.trouble.next_words,
            }
        )
