"""Events as canonical JSON, checked on the way in: the only place where pydantic meets the journal."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from sumppump.domain import events
from sumppump.kernel.errors import StoreFailed

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(events.Event)}


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])


def kind_of(event: events.Event) -> str:
    """The name under which an event is written."""
    return type(event).__name__


def encode(event: events.Event) -> str:
    """Canonical JSON: sorted keys, no spaces; the same event gives the same text."""
    plain = _adapter(kind_of(event)).dump_python(event, mode="json")
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def decode(kind: str, body: str) -> events.Event:
    """The event of a row.

    Raises:
        StoreFailed: a kind or a shape that this version does not know.
    """
    if kind not in _KINDS:
        raise _unreadable(kind, "an unknown kind of event")
    try:
        event: events.Event = _adapter(kind).validate_json(body)
    except ValidationError as error:
        raise _unreadable(kind, f"{error.error_count()} fields that do not fit") from error
    return event


def _unreadable(kind: str, found: str) -> StoreFailed:
    return StoreFailed(
        f"a row of the journal ({kind}) cannot be read",
        code="journal_unreadable",
        expected="rows written by this version or an older one",
        found=found,
        next_steps=["Nothing will be sent. Start the version of SumpPump that wrote the journal last."],
    )
