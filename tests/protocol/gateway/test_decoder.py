"""Our reading of numbers is the library's, only without looking each class up again."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.contract import Contract, ContractDetails
from ib_async.decoder import Decoder
from ib_async.order import Order

from sumppump.tws.decoder import WireDecoder

NUMBERS = st.sampled_from(["", "0", "1", "7", "250"])


def _ours() -> WireDecoder:
    return WireDecoder.__new__(WireDecoder)


def _as_text(kind: type[Any], texts: dict[str, str]) -> Any:
    """One object whose numbers still are what the wire said."""
    found = kind()
    for field in fields(kind):
        if field.name in texts and type(field.default) in (int, float, bool):
            setattr(found, field.name, texts[field.name])
    return found


@pytest.mark.parametrize("kind", [Contract, ContractDetails, Order])
@given(data=st.data())
def test_numbers_are_read_as_the_library_reads_them(kind: type[Any], data: st.DataObject) -> None:
    """Field by field, missing ones included."""
    names = [field.name for field in fields(kind)]
    texts = data.draw(st.dictionaries(st.sampled_from(names), NUMBERS))
    ours, theirs = _as_text(kind, texts), _as_text(kind, texts)
    _ours().parse(ours)
    Decoder.parse(_ours(), theirs)
    assert asdict(ours) == asdict(theirs)


def test_what_is_no_number_fails_as_it_does_in_the_library() -> None:
    """The frame is then counted as unreadable."""
    for parse in (WireDecoder.parse, Decoder.parse):
        broken = _as_text(Contract, {"conId": "many"})
        with pytest.raises(ValueError, match="many"):
            parse(_ours(), broken)
