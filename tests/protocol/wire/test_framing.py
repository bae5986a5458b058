"""Frames and the handshake: any chunking, no trust in lengths."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.exchange.wire.framing import (
    MAX_FRAME,
    PRELUDE,
    FrameReader,
    escaped,
    frame,
    join_fields,
    split_fields,
    unescaped,
)
from sumppump.exchange.wire.handshake import Hello, greeting, negotiated, read_hello
from sumppump.kernel.errors import ProtocolError


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.integers(0, 300), max_size=8))
def test_any_chunking_gives_the_same_frames(bodies: list[bytes], cuts: list[int]) -> None:
    """TCP keeps the order of bytes, never the borders of writes."""
    stream = PRELUDE + b"".join(frame(body) for body in bodies)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    reader = FrameReader(PRELUDE)
    seen = [body for start, end in itertools.pairwise(edges) for body in reader.feed(stream[start:end])]
    assert seen == bodies


def test_a_length_beyond_the_cap_is_refused_at_once() -> None:
    """The prefix 0x7fffffff must not make anyone buffer two gigabytes."""
    with pytest.raises(ProtocolError):
        FrameReader().feed(b"\x7f\xff\xff\xff")


def test_the_longest_frame_is_sixteen_mebibytes_less_one() -> None:
    """MAX_MSG_LEN of IB's own client."""
    assert MAX_FRAME == 16 * 1024 * 1024 - 1
    assert FrameReader().feed(MAX_FRAME.to_bytes(4, "big")) == []
    with pytest.raises(ProtocolError):
        FrameReader().feed((MAX_FRAME + 1).to_bytes(4, "big"))
    with pytest.raises(ValueError, match="refused"):
        frame(bytes(MAX_FRAME + 1))


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1", b"A\0", b"APIx"])
def test_whoever_does_not_begin_with_the_prelude_is_refused(first: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameReader(PRELUDE).feed(first)


def test_the_last_field_needs_its_nul() -> None:
    with pytest.raises(ProtocolError):
        split_fields(b"71\x002", ascii7=False)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"])))
def test_escaped_text_is_ascii_and_reads_back(text: str) -> None:
    assert escaped(text).isascii()
    assert unescaped(escaped(text)) == text


@given(st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))))
def test_fields_survive_the_frame(texts: list[str]) -> None:
    for ascii7 in (True, False):
        assert split_fields(join_fields(texts or [""], ascii7=ascii7), ascii7=ascii7) == (texts or [""])


@pytest.mark.parametrize(
    ("hello", "version"),
    [
        (b"v157..178", 178),
        (b"v157..176", 176),
        (b"v100..157", 157),
        (b"v100..193", 178),
        (b"v100..225", 178),
        (b"v157", 157),
        (b"v157..178 +PACEAPI", 178),
    ],
)
def test_each_client_gets_the_newest_version_that_both_know(hello: bytes, version: int) -> None:
    """What ib_async 2.1, ib_insync 0.9.86, ibapi 9.81.1, @stoqey/ib 1.6 and newer ibapi offer."""
    assert negotiated(read_hello(hello)) == version


@pytest.mark.parametrize("hello", [b"v100..156", b"v179..200", b"v100"])
def test_a_client_without_a_common_version_is_refused(hello: bytes) -> None:
    with pytest.raises(ProtocolError):
        negotiated(read_hello(hello))


@pytest.mark.parametrize("hello", [b"", b"157", b"vx..y", b"v1..9999999999", b"\xff\xfe"])
def test_a_first_frame_without_versions_is_refused(hello: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_hello(hello)


def test_pacing_is_asked_for_by_an_option() -> None:
    assert read_hello(b"v157..178 +PACEAPI") == Hello(157, 178, "+PACEAPI")
    assert read_hello(b"v157..178 +PACEAPI").wants_pacing
    assert not read_hello(b"v157..178").wants_pacing


def test_the_greeting_has_exactly_two_fields() -> None:
    """ib_async takes the first two-field message for the end of the handshake."""
    body = greeting(178, datetime(2026, 11, 20, 15, 0, tzinfo=UTC))[4:]
    assert split_fields(body, ascii7=True) == ["178", "20261120 10:00:00 EST"]
