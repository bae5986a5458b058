"""Amounts and counts as a person reads them."""

from __future__ import annotations

import pytest

from sumppump.strategies.shape import StrategyType
from sumppump.strategies.words import counted


@pytest.mark.parametrize(
    ("count", "name", "words"),
    [
        (1, "iron_condor", "1 iron condor"),
        (2, "iron_condor", "2 iron condors"),
        (2, "iron_butterfly", "2 iron butterflies"),
        (3, "long_box", "3 long boxes"),
        (2, "long_guts", "2 long guts"),
        (4, "calendar_call", "4 calendar calls"),
        (100, "share", "100 shares"),
    ],
)
def test_strategies_are_counted_in_words(count: int, name: str, words: str) -> None:
    assert counted(count, name) == words


@pytest.mark.parametrize("kind", StrategyType)
def test_no_strategy_of_the_catalogue_is_written_with_its_key(kind: StrategyType) -> None:
    assert "_" not in counted(2, kind.value)
    assert counted(1, kind.value) == f"1 {kind.words}"
