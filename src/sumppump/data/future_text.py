"""Futures as people write them: `/ES`, `ES front`, `ESZ6`, `ES 2026-12`, `VX Dec 26`, `VX 2026-12-16`.

Without a month the front month is meant, and the reading says so. A month means the contract month of the
local symbol: crude oil for December ends in November.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sumppump.data.arguments import refuse
from sumppump.domain.instruments import Future
from sumppump.domain.names import FUTURE_ROOTS
from sumppump.kernel.errors import AmbiguousContract, UnknownContract

LETTERS = "FGHJKMNQUVXZ"
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH = "|".join(MONTHS)
_WHEN = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>20\d{2})-?(?P<month>\d{2})(?:-?(?P<day>\d{2}))?",
        rf"(?P<name>{_MONTH})[A-Z]*[ '-]*(?P<year>20\d{{2}}|\d{{2}})?",
        rf"(?P<letter>[{LETTERS}])(?P<year>20\d{{2}}|\d{{1,2}})",
    )
)
_ANY_DAY = date(2000, 1, 1)
_ROOT = re.compile(r"/?(?P<root>[A-Z0-9]{1,8})")
_FRONT = re.compile(r"(?:FRONT|FRONT MONTH|NEAREST|FUT|FUTURES?|FRONT FUTURES?)?")
_WORD = re.compile(r" (?:FUT|FUTURES?)$")
_LOCAL = re.compile(rf"[A-Z0-9]+([{LETTERS}])(\d{{1,2}})")


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureWords:
    """One future as it was written.

    Attributes:
        root: ES, VX. month: (year, month) of the contract, None for the front month; day: last trading day.
    """

    root: str
    month: tuple[int, int] | None = None
    day: date | None = None


def looks_like_future(text: str) -> bool:
    """Whether a text names a month of a well-known root, or marks the root as a future."""
    words = _read(_plain(text), _ANY_DAY)
    return words is not None and words.root in FUTURE_ROOTS and words.root != _plain(text)


def read_future(text: str, today: date) -> FutureWords:
    """The future that a text names; `today` is New York's date, for years of one digit or none.

    Raises:
        InvalidRequest: root or month cannot be read.
    """
    return _read(_plain(text), today) or refuse(
        "symbol",
        f"{text[:40]!r} is not a future",
        expected="a root with or without a month: ES, ESZ6, ES 2026-12, VX front",
        found=text[:40],
    )


def _read(plain: str, today: date) -> FutureWords | None:
    for root in _roots_of(plain):
        rest = _WORD.sub("", plain.removeprefix("/").removeprefix(root).strip())
        if _FRONT.fullmatch(rest):
            return FutureWords(root=root)
        if (words := _dated(root, rest, today)) is not None:
            return words
    return None


def _plain(text: str) -> str:
    return " ".join(text.upper().split()) if len(text) <= 60 else ""


def _roots_of(plain: str) -> Sequence[str]:
    """What the root can be, likeliest first: the first word, or the beginning of a local symbol."""
    first = _ROOT.match(plain)
    if first is None:
        return ()
    word = first["root"]
    local = _LOCAL.fullmatch(word)
    begins = word[: local.start(1)] if local else ""
    return [root for root in (begins, word) if root]


def _dated(root: str, rest: str, today: date) -> FutureWords | None:
    for pattern in _WHEN:
        if (found := pattern.fullmatch(rest)) is not None:
            return _words(root, found.groupdict(), today)
    return None


def _words(root: str, parts: dict[str, str | None], today: date) -> FutureWords | None:
    month = _month_of(parts)
    if not 1 <= month <= len(MONTHS):
        return None
    year = _year_of(parts.get("year"), month, today)
    day = parts.get("day")
    if day is None:
        return FutureWords(root=root, month=(year, month))
    try:
        return FutureWords(root=root, month=(year, month), day=date(year, month, int(day)))
    except ValueError:
        return None


def _month_of(parts: dict[str, str | None]) -> int:
    if name := parts.get("name"):
        return MONTHS.index(name) + 1
    if letter := parts.get("letter"):
        return LETTERS.index(letter) + 1
    return int(parts.get("month") or 0)


def _year_of(text: str | None, month: int, today: date) -> int:
    """The year written, completed to the next one that ends so; without one, the next such month's."""
    if text is None:
        return today.year + (month < today.month)
    step = 10 ** len(text)
    return today.year + (int(text) - today.year) % step if len(text) < len("2026") else int(text)


def contract_month(future: Future) -> tuple[int, int]:
    """Year and month by which a contract is known: its local symbol's, else its last trading day's."""
    local = _LOCAL.fullmatch(future.local_symbol)
    if local is None:
        return future.expiry.year, future.expiry.month
    month = LETTERS.index(local[1]) + 1
    # A contract ends in its month or shortly before.
    return future.expiry.year + (month < future.expiry.month), month


def chosen(words: FutureWords, months: Sequence[Future]) -> Future:
    """The listed contract that is meant, of `months` front first.

    Raises:
        UnknownContract: that month is not listed; its neighbours are named, or no month trades any more.
        AmbiguousContract: several contracts of one month.
    """
    fitting = [each for each in months if _fits(words, each)]
    if not fitting:
        raise _not_listed(words, months)
    if words.month is not None and len(fitting) > 1:
        names = ", ".join(f"{each.local_symbol} ({each.expiry})" for each in fitting)
        raise AmbiguousContract(
            f"{words.root} has several contracts in that month", expected="one", found=names
        )
    return fitting[0]


def _fits(words: FutureWords, future: Future) -> bool:
    if words.day is not None:
        return future.expiry == words.day
    return words.month is None or contract_month(future) == words.month


def _not_listed(words: FutureWords, months: Sequence[Future]) -> UnknownContract:
    wanted = words.day.isoformat() if words.day else "{}-{:02}".format(*words.month or (0, 0))
    near = sorted(months, key=lambda each: abs(_ordinal(contract_month(each)) - _ordinal(words.month)))[:4]
    names = ", ".join(f"{each.expiry} ({each.local_symbol})" for each in sorted(near, key=lambda e: e.expiry))
    return UnknownContract(
        f"{words.root} has no contract for {wanted}",
        code="expiry_not_listed",
        expected=f"symbol: a listed month; the nearest are {names or 'none'}",
        found=wanted,
        next_steps=[f"Choose one of {names}."] if names else ["No month of it trades any more."],
    )


def _ordinal(month: tuple[int, int] | None) -> int:
    return 0 if month is None else month[0] * 12 + month[1]
