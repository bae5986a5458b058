"""The only translation of errors into answers: text and structured content say the same.

Only what we raised on purpose is told; the text of any other exception stays in the log.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from loguru import logger
from pydantic import Field, ValidationError

from sumppump.kernel.errors import InvalidRequest, Retry, RiskRefused, SumpPumpError, TicketGone
from sumppump.server.coercion import shown_briefly
from sumppump.server.views import Answer, View


class BreachView(View):
    """One limit that refused."""

    control: str
    code: str
    message: str
    expected: str
    found: str


class ErrorView(Answer):
    """A refusal: what, why, by whom, and what to do now."""

    code: str
    message: str
    expected: str | None = None
    found: str | None = None
    who: str
    retry: str
    breaches: list[BreachView] = Field(default_factory=list)
    next_steps: list[str] = Field(default_factory=list)


def view_of(error: SumpPumpError) -> ErrorView:
    """An error of ours as an answer."""
    breaches = error.breaches if isinstance(error, RiskRefused) else ()
    return ErrorView(
        summary=f"Error {error.code}: {error.message}",
        code=error.code,
        message=error.message,
        expected=error.expected,
        found=error.found,
        who=error.who.value,
        retry=error.retry.value,
        next_steps=list(error.next_steps) or _usual_steps(error),
        breaches=[
            BreachView(control=b.control, code=b.code, message=b.message, expected=b.expected, found=b.found)
            for b in breaches
        ],
    )


def _usual_steps(error: SumpPumpError) -> list[str]:
    """What an error without steps of its own leaves to do."""
    if isinstance(error, TicketGone):
        return ["See trade_get_session_status for the tickets there are, or make a new one."]
    if isinstance(error, InvalidRequest) and error.expected:
        return [f"Call again with {error.expected}."]
    return ["See trade_get_session_status for where everything stands."]


def of_bug(tool: str, error: Exception) -> SumpPumpError:
    """The error a caller sees for an exception nobody foresaw; the log gets the whole of it."""
    logger.opt(exception=error).error("{} failed unexpectedly", tool)
    return SumpPumpError(
        f"{tool} failed inside SumpPump; the log has the details",
        next_steps=[
            "Ask trade_get_session_status and trade_get_open_orders what the state is before anything else.",
            "If it happens again, show the person the newest entry of the log file.",
        ],
    )


def of_arguments(tool: str, known: Sequence[str], error: ValidationError) -> InvalidRequest:
    """The first thing wrong with a call's arguments."""
    first = error.errors(include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else "arguments"
    if first["type"] == "missing":
        return InvalidRequest(
            f"{tool} needs {field}",
            code="missing_argument",
            expected=f"a value for {field}",
            found="nothing",
            next_steps=[f"Call {tool} again with {field}."],
        )
    if first["type"] == "extra_forbidden":
        return _unknown_argument(tool, known, field)
    return _unusable(field, str(first["msg"]), first.get("input"))


def _unknown_argument(tool: str, known: Sequence[str], field: str) -> InvalidRequest:
    near = difflib.get_close_matches(field, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "Leave it out."
    return InvalidRequest(
        f"{tool} has no argument {field[:60]!r}",
        code="unknown_argument",
        expected=", ".join(known) or "no arguments",
        found=field[:60],
        next_steps=[hint],
    )


def _unusable(field: str, message: str, found: object) -> InvalidRequest:
    return InvalidRequest(
        f"{field}: {message}",
        code=f"invalid_{field}",
        expected=f"{field}: {message}",
        found=shown_briefly(found),
        next_steps=[f"Correct {field} and call again."],
    )


def rate_limited(calls_per_minute: int, wait_s: float) -> SumpPumpError:
    """Too many calls in a minute."""
    return SumpPumpError(
        f"more than {calls_per_minute} calls in a minute",
        code="rate_limited",
        expected=f"at most {calls_per_minute} calls a minute",
        retry=Retry.SAFE,
        next_steps=[f"Wait {wait_s:.0f} s. trade_cancel_order and trade_kill_switch always work."],
    )
