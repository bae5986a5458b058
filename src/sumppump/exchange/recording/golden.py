"""The golden file: one JSON object a line, in the order in which it went over the wire.

    {"dir": "C>S", "raw": "API.... v157..178", "t": 0.0}                     the client's first bytes
    {"dir": "S>C", "fields": ["178", "20261120 10:00:00 EST"], "t": 0.01}    the version and the time
    {"dir": "C>S", "fields": ["71", "2", "1", ""], "t": 0.02}                messages, field by field

`t` is seconds since the connection began and may be missing. Fields are as on the wire: escapes stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sumppump.exchange.wire.framing import PRELUDE, frame
from sumppump.kernel.errors import InvalidRequest


class Way(StrEnum):
    """Who said it."""

    CLIENT = "C>S"
    SERVER = "S>C"


@dataclass(frozen=True, slots=True)
class Line:
    """One message.

    Attributes:
        fields: empty for the client's first bytes, which are `raw`.
        at: seconds since the connection began.
    """

    way: Way
    fields: tuple[str, ...] = ()
    raw: str = ""
    at: float = 0.0

    def written(self) -> str:
        """The line of the file."""
        said = {"raw": self.raw} if self.raw else {"fields": list(self.fields)}
        return json.dumps({"dir": self.way.value, **said, "t": round(self.at, 6)})


def hello_line(body: bytes, at: float) -> Line:
    """The client's first bytes: prelude and versions."""
    return Line(Way.CLIENT, raw=(PRELUDE + frame(body)).decode("latin-1"), at=at)


def read_golden(text: str) -> tuple[Line, ...]:
    """The lines of a golden file.

    Raises:
        InvalidRequest: `bad_recording`; the message says in which line.
    """
    return tuple(
        _line(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()
    )


def _line(number: int, text: str) -> Line:
    try:
        raw = json.loads(text)
        fields = tuple(str(field) for field in raw.get("fields", ()))
        return Line(Way(raw["dir"]), fields, str(raw.get("raw", "")), float(raw.get("t", 0.0)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(
            f"line {number} of the recording cannot be read",
            code="bad_recording",
            expected='{"dir": "C>S" or "S>C", "fields": [...]}',
            found=f"{type(error).__name__}: {error}",
        ) from error


def body_of(fields: Iterable[str]) -> bytes:
    """The frame body of fields as they lay on the wire."""
    return ("\0".join(fields) + "\0").encode("utf-8", "surrogateescape")


def fields_of(body: bytes) -> tuple[str, ...]:
    """The fields of a frame body as they lie on the wire; a missing last NUL is forgiven."""
    text = body.decode("utf-8", "surrogateescape")
    return tuple((text[:-1] if text.endswith("\0") else text).split("\0"))
