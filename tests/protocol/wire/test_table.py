"""Claims about every message at once, generated from the declarations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.protocol.wire.samples import VERSIONS, variants

from sumppump.exchange.wire.codec import Unknown, fields_of, message_of
from sumppump.exchange.wire.layout import ANSWERS, REQUESTS, Book
from sumppump.exchange.wire.market_requests import CalculateImpliedVolatility, CalculateOptionPrice
from sumppump.kernel.errors import ProtocolError

EVERY_MESSAGE = [
    pytest.param(book, cls, id=cls.__name__) for book in (REQUESTS, ANSWERS) for cls in book.values()
]
MAY_END_EARLY = (CalculateImpliedVolatility, CalculateOptionPrice)
"""@stoqey/ib sends their options without the count in front, which is one field less."""


@pytest.mark.parametrize("cls", MAY_END_EARLY)
def test_what_a_client_leaves_out_at_the_end_is_read_as_empty(cls: type[Any]) -> None:
    for version in VERSIONS:
        for message in variants(cls, version):
            texts = fields_of(message, version)
            assert message_of(texts[:-1], version, REQUESTS) == replace(message, options="")


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
            if len(texts) > 1 and cls not in MAY_END_EARLY:
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
