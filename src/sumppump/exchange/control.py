"""The exchange's clock and doors as a person or a test moves them: one line of text in, one line out.

Pure: a line becomes a command, and a `Conductor` carries the commands about time out. What concerns
connections and files (`drop`, `hold`, `release`, `save`, `stop`) is left to the server.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sumppump.exchange.clock import ExchangeClock
from sumppump.exchange.hall import STOCK_TICK, TradingHall, next_on_grid
from sumppump.exchange.trading_days import next_trading_day, session_of, to_datetime, to_ms, upcoming_session
from sumppump.kernel.errors import InvalidRequest

MAX_STEP_S = 3600.0
MAX_LOOKS = 240
MAX_ADVANCE = timedelta(days=400)
MAX_SPEED = 10_000.0


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
    """Jump: by `seconds`, to a moment, or to the next `open` or `close`; clients hear where it ended."""

    seconds: float | None = None
    to: datetime | None = None
    mark: str = ""


ControlCommand = Plain | Resume | Step | Advance

STEP_S = 1.0  # without a number

USAGE = (
    "pause | resume [SPEED] | step [SECONDS] | advance SECONDS|ISO-TIME|open|close | status | save | drop |"
    " hold | release | stop"
)


def parse(line: str) -> ControlCommand:
    """The command of one line.

    Raises:
        InvalidRequest: `bad_control`; the line is none of those in `USAGE`.
    """
    word, _, rest = line.strip().partition(" ")
    argument = rest.strip()
    if word in Plain.__members__.values() and not argument:
        return Plain(word)
    if word == "resume":
        return Resume(_number(argument, 0.0, MAX_SPEED) if argument else None)
    if word == "step":
        return Step(_number(argument, 0.0, MAX_STEP_S) if argument else STEP_S)
    if word == "advance":
        return _advance(argument)
    if word in Plain.__members__.values():
        raise _bad(f"{word} takes no argument", word, argument)
    raise _bad("the exchange does not know this command", USAGE, line)


def _advance(argument: str) -> Advance:
    if not argument:
        raise _bad("advance needs to know how far", "SECONDS, an ISO-TIME, open or close", argument)
    if argument in ("open", "close"):
        return Advance(mark=argument)
    if "-" in argument[1:]:
        try:
            moment = datetime.fromisoformat(argument)
        except ValueError:
            raise _bad("this is no time", "a moment such as 2026-11-20T15:30:00-05:00", argument) from None
        if moment.tzinfo is None:
            raise _bad("the time has no zone", "a moment with its time zone, for example ...-05:00", argument)
        return Advance(to=moment)
    return Advance(seconds=_number(argument, 0.0, MAX_ADVANCE.total_seconds()))


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

    def turn(self, at: float) -> None:
        """Bring the venue to the clock's time at this monotonic moment."""
        self.hall.turn(self.clock.now(at), at)

    def apply(self, command: Resume | Step | Advance | Plain, at: float) -> str:
        """Carry a command about time out and report the time.

        Raises:
            InvalidRequest: the moment lies in the past or beyond a year ahead.
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
            return command.to.astimezone(UTC)
        if command.mark:
            return _mark(command.mark, now)
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
            }
        )


def _mark(mark: str, now: datetime) -> datetime:
    session = upcoming_session(to_ms(now))
    if mark == "close":
        return to_datetime(session.close_ms)
    if session.open_ms <= to_ms(now):
        session = session_of(next_trading_day(session.day))
    return to_datetime(session.open_ms)
