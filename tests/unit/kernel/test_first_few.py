"""Long lists: whoever reads the first few knows how many are not there."""

from __future__ import annotations

import pytest

from sumppump.kernel.first_few import first_few, first_lines


@pytest.mark.parametrize(
    ("count", "sentence", "last"),
    [(0, "", None), (2, "A, B", "B"), (3, "A, B, C", "C"), (5, "A, B, C and 2 more", "and 2 more")],
)
def test_what_is_not_named_is_counted(count: int, sentence: str, last: str | None) -> None:
    """Exactly as many as have room stand alone; one more is counted."""
    names = list("ABCDE"[:count])
    assert first_few(names, 3) == sentence
    assert first_lines(names, 3)[-1:] == ([] if last is None else [last])
