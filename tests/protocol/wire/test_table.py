"""Claims about every message at once, generated from the declarations."""

from __future__ import annotations

from typing import Any

import pytest
from tests.protocol.wire.samples import VERSIONS, variants

from sumppump.exchange.wire.codec import Unknown, fields_of, message_of
from sumppump.exchange.wire.layout import ANSWERS, REQUESTS, Book
from sumppump.kernel.errors import ProtocolError

EVERY_MESSAGE = [
    pytest.param(book, cls, id=cls.__name__) for book in (REQUESTS, ANSWERS) for cls in book.values()
]


@pytest.mark.parametrize(("book", "cls"), EVERY_MESSAGE)
def test_a_message_that_is_written_reads_back_as_itself(book: Book, cls: type[Any]) -> None:
    """Encoder and decoder come from one table, so they agree at every version gate."""
    for version in VERSIONS:
        for message in variants(cls, version):
            texts = fields_of(message, version)
            assert fields_of(message_of(texts, version, book), version) == texts, version


@pytest.mark.parametrize(("book", "cls"), EVERY_MESSAGE)
def test_one_field_too_few_is_an_error(book: Book, cls: type[Any]) -> None:
    """A client that drops a field of its layout is told so; nothing is guessed."""
    for version in VERSIONS:
        for message in variants(cls, version):
            texts = fields_of(message, version)
            if len(texts) > 1:
                with pytest.raises(ProtocolError):
                    message_of(texts[:-1], version, book)


@pytest.mark.parametrize(("book", "cls"), EVERY_MESSAGE)
def test_one_field_too_many_is_an_error(book: Book, cls: type[Any]) -> None:
    """Also when a NUL inside a text has made one field into two."""
    for version in VERSIONS:
        for message in variants(cls, version):
            with pytest.raises(ProtocolError):
                message_of([*fields_of(message, version), ""], version, book)


def test_an_unknown_message_keeps_its_number_and_fields() -> None:
    """Clients newer than the layout may send what it does not have; the server counts it and goes on."""
    assert message_of(["199", "1", "x"], 178, REQUESTS) == Unknown(199, ("1", "x"))


@pytest.mark.parametrize("number", ["", "x", "-1", "²", "1" * 10])
def test_a_frame_without_a_message_id_is_an_error(number: str) -> None:
    with pytest.raises(ProtocolError):
        message_of([number, "1"], 178, REQUESTS)
