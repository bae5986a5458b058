"""How much one answer may hold, and the fullest form of it that does.

Text and structure have 8,000 bytes each; what a call adds on the way out (the environment, what is wrong
with the connection) has to find its place beside what a tool says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sumppump.server.text import render
from sumppump.server.views import Answer, View

ROOM = 7_600
"""Bytes that an answer of a tool may have, as JSON and as text."""

A = TypeVar("A", bound=Answer)
D = TypeVar("D")


def size(answer: Answer) -> int:
    """Bytes of the structure or of the text, whichever has more."""
    text = render("", answer.payload())
    return max(len(answer.model_dump_json().encode()), len(text.encode()))


def fits(answer: Answer) -> bool:
    """Whether its structure and its text have room."""
    return size(answer) <= ROOM


def fullest(build: Callable[[D], A], details: Iterable[D]) -> A:
    """The first of the details, the fullest in front, whose answer has room; the last if none has.

    Raises:
        ValueError: no detail was given.
    """
    answer = None
    for detail in details:
        answer = build(detail)
        if fits(answer):
            return answer
    if answer is None:
        raise ValueError("an answer needs at least one degree of detail")
    return answer


def fitting(rows: Sequence[View], room: int) -> int:
    """How many rows from the first on have room in so many bytes of JSON; at least one."""
    used = 0
    for count, row in enumerate(rows):
        used += len(row.model_dump_json().encode()) + 1
        if used > room and count:
            return count
    return len(rows)
