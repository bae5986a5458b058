"""Messages to frames and back, in both directions and at every server version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Imported for their declarations, which fill the tables below.
import sumppump.exchange.wire.account_answers
import sumppump.exchange.wire.account_requests
import sumppump.exchange.wire.formalities
import sumppump.exchange.wire.history_answers
import sumppump.exchange.wire.market_answers
import sumppump.exchange.wire.market_requests
import sumppump.exchange.wire.news
import sumppump.exchange.wire.order_answers
import sumppump.exchange.wire.place_order
import sumppump.exchange.wire.scans
import sumppump.exchange.wire.stream_answers  # noqa: F401
from sumppump.exchange.wire.framing import frame, join_fields, split_fields
from sumppump.exchange.wire.layout import (
    ANSWERS,
    HEADERS,
    REQUESTS,
    Book,
    Record,
    Source,
    record,
    unreadable,
)

Message = Any
"""One of the declared records, or `Unknown`."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message without a table: only its number is known."""

    number: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of message at one server version: the fields in front, and the table behind them."""

    header: tuple[str, ...]
    record: Record


_LAYOUTS: dict[tuple[type[Any], int], Layout] = {}


def layout(cls: type[Any], version: int) -> Layout:
    """How a declared message lies on the wire."""
    known = _LAYOUTS.get((cls, version))
    if known is None:
        header = tuple(HEADERS[cls].texts(version))
        known = _LAYOUTS[cls, version] = Layout(header, record(cls, version))
    return known


def fields_of(message: Message, version: int) -> list[str]:
    """The fields of a message, id first."""
    form = layout(type(message), version)
    out = [*form.header]
    form.record.write(message, out)
    return out


def encode_answer(message: Message, version: int) -> bytes:
    """The frame that a server sends."""
    return frame(join_fields(fields_of(message, version), ascii7=True))


def encode_request(message: Message, version: int) -> bytes:
    """The frame that a client sends."""
    return frame(join_fields(fields_of(message, version), ascii7=False))


def decode_request(body: bytes, version: int) -> Message:
    """What a client said, or `Unknown`.

    Raises:
        ProtocolError: the frame does not fit its message's table.
    """
    return message_of(split_fields(body, ascii7=False), version, REQUESTS)


def decode_answer(body: bytes, version: int) -> Message:
    """What a server said, or `Unknown`.

    Raises:
        ProtocolError: the frame does not fit its message's table.
    """
    return message_of(split_fields(body, ascii7=True), version, ANSWERS)


def message_of(texts: Sequence[str], version: int, book: Book) -> Message:
    """The message that these fields are."""
    number = message_number(texts)
    cls = book.get(number)
    if cls is None:
        return Unknown(number, tuple(texts[1:]))
    source = Source(texts, f"message {number} ({cls.__name__})")
    form = layout(cls, version)
    for _ in form.header:
        source.take()
    message = form.record.read(source)
    source.end()
    return message


def message_number(texts: Sequence[str]) -> int:
    """The id of a message.

    Raises:
        ProtocolError: its first field is no number.
    """
    text = texts[0] if texts else ""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise unreadable("a frame", "a message id", repr(text[:20]))
    return int(text)
