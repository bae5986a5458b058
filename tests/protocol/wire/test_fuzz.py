"""Bytes that nobody meant: an event or a ProtocolError, never anything else."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.wire.samples import rich

from sumppump.exchange.wire.codec import decode_answer, decode_request, fields_of, message_of
from sumppump.exchange.wire.framing import PRELUDE, FrameReader
from sumppump.exchange.wire.handshake import read_hello
from sumppump.exchange.wire.layout import ANSWERS, REQUESTS
from sumppump.kernel.errors import ProtocolError

NUMBERS = st.sampled_from(sorted(REQUESTS | ANSWERS))
ODD = st.sampled_from(
    [
        "",
        "0",
        "1",
        "-1",
        "7",
        "2147483647",
        "1E308",
        "nan",
        "9" * 5000,
        "99999999",
        "BAG",
        "PEG BENCH",
        "²",
        "1_0",
    ]
)
FIELDS = st.lists(st.one_of(ODD, st.text(max_size=6)), max_size=140)
VERSION = st.sampled_from([157, 164, 176, 178])


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_a_protocol_error(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        for body in FrameReader(PRELUDE).feed(PRELUDE + data):
            assert read_hello(body) is not None


@given(st.binary(max_size=200), VERSION)
def test_any_body_is_a_message_or_a_protocol_error(body: bytes, version: int) -> None:
    for decode in (decode_request, decode_answer):
        with contextlib.suppress(ProtocolError):
            assert decode(body, version) is not None


@settings(max_examples=400)
@given(NUMBERS, FIELDS, VERSION)
def test_any_fields_of_a_known_message_are_read_or_refused(
    number: int, texts: list[str], version: int
) -> None:
    for book in (REQUESTS, ANSWERS):
        with contextlib.suppress(ProtocolError):
            assert message_of([str(number), *texts], version, book) is not None


@settings(max_examples=400)
@given(st.data(), VERSION)
def test_one_changed_field_is_read_or_refused(data: st.DataObject, version: int) -> None:
    """What is read must be writable again: the venue echoes orders back."""
    book = data.draw(st.sampled_from([REQUESTS, ANSWERS]))
    cls = data.draw(st.sampled_from([book[number] for number in sorted(book)]))
    texts = fields_of(rich(cls, version), version)
    at = data.draw(st.integers(0, len(texts) - 1))
    texts[at] = data.draw(st.one_of(ODD, st.text(max_size=6)))
    with contextlib.suppress(ProtocolError):
        message = message_of(texts, version, book)
        if type(message) is cls:
            assert fields_of(message, version)[0] == str(texts[0])
