"""Every fault that concerns market data has a test, and the table says where."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.protocol.gateway.bad_days import TESTS

ROOT = Path(__file__).parents[3]
OF_MARKET_DATA = (14, 22, 23, 30, *range(37, 42), 45, *range(55, 62))


def test_the_table_names_every_fault_of_market_data() -> None:
    """F-14, F-22, F-23, F-30, F-37 to F-41, F-45, F-55 to F-61."""
    assert list(TESTS) == [f"F-{number}" for number in OF_MARKET_DATA]


@pytest.mark.parametrize("fault", TESTS)
def test_every_file_that_the_table_names_speaks_of_its_fault(fault: str) -> None:
    """A reader who looks for a fault finds it."""
    for path in TESTS[fault]:
        assert fault in (ROOT / path).read_text(encoding="utf-8"), path
