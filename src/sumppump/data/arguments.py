"""Arguments that cannot be meant are errors that name their field, what was expected and what was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NoReturn

from sumppump.kernel.errors import InvalidRequest, UnknownContract

_SYMBOL = re.compile(r"[A-Z][A-Z0-9. ]{0,11}")


def refuse(name: str, problem: str, *, expected: str, found: object, steps: Sequence[str] = ()) -> NoReturn:
    """Raise InvalidRequest `invalid_<name>`; `expected` begins with the field's name."""
    raise InvalidRequest(
        f"{name} {problem}",
        code=f"invalid_{name}",
        expected=f"{name}: {expected}",
        found=repr(found),
        next_steps=steps or (f"Call again with a valid {name}.",),
    )


def ticker(text: str) -> str:
    """A symbol in upper case.

    Raises:
        InvalidRequest: it cannot be a ticker.
    """
    symbol = text.strip().upper()
    if not _SYMBOL.fullmatch(symbol):
        refuse(
            "symbol", f"{text[:40]!r} is not a ticker", expected="letters, for example SPY", found=text[:40]
        )
    return symbol


def within(name: str, value: float | None, low: float, high: float, unit: str) -> None:
    """Nothing, for a missing value or one in `low` to `high`, both included.

    Raises:
        InvalidRequest: it is not a finite number there.
    """
    if value is not None and not low <= value <= high:
        refuse(name, f"{value} is out of range", expected=f"{low:g} to {high:g} {unit}", found=value)


def ordered(low_name: str, low: float | None, high_name: str, high: float | None) -> None:
    """Nothing, unless a range is upside down.

    Raises:
        InvalidRequest: `low` is above `high`.
    """
    if low is not None and high is not None and low > high:
        refuse(
            low_name,
            f"{low:g} is above {high_name} {high:g}",
            expected=f"at most {high_name}",
            found=low,
            steps=(f"Swap {low_name} and {high_name}.",),
        )


def nearest_days(wanted: date, listed: Iterable[date], count: int = 4) -> tuple[date, ...]:
    """The listed days next to `wanted`, rising."""
    return tuple(sorted(sorted(listed, key=lambda day: abs((day - wanted).days))[:count]))


def refuse_unlisted_expiry(symbol: str, wanted: date, listed: Iterable[date]) -> NoReturn:
    """Raise UnknownContract `expiry_not_listed` that names the neighbours."""
    neighbours = ", ".join(day.strftime("%Y-%m-%d (%a)") for day in nearest_days(wanted, listed))
    raise UnknownContract(
        f"{symbol} has no options that expire on {wanted.strftime('%Y-%m-%d (%a)')}",
        code="expiry_not_listed",
        expected=f"expiry: one of {neighbours or 'none listed'}",
        found=wanted.isoformat(),
        next_steps=[f"Choose one of {neighbours}."] if neighbours else [f"{symbol} has no listed options."],
    )
