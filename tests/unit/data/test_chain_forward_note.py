"""What a chain says of an index that nobody can hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sumppump.data.chain import forward_note
from sumppump.data.chain_statistics import statistics


@pytest.mark.parametrize(
    ("symbol", "forward", "words"),
    [
        ("VIX", 20.1, "nearest the forward 20.10"),
        ("VIX", None, "at the money is by its spot"),
        ("SPY", None, ""),
    ],
)
def test_the_chain_says_what_at_the_money_is_nearest_to(
    symbol: str, forward: float | None, words: str
) -> None:
    """Claim: of VIX the forward, or that none is known; of a share nothing needs to be said."""
    found = replace(statistics([], spot=17.0, now=datetime(2026, 11, 18, tzinfo=UTC)), forward=forward)
    said = " ".join(forward_note(found, symbol))
    assert words in said
    assert bool(words) is bool(said)
