"""Companies are as large as they are, and are called what people call them."""

from __future__ import annotations

import pytest

from sumppump.exchange.listing.share_counts import SHARES_MILLIONS
from sumppump.exchange.listing.symbols import SHARES, UNDERLYINGS
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.newsroom.short_names import short_name


@pytest.mark.parametrize(
    ("symbol", "low", "high"), [("AAPL", 3e12, 5e12), ("OSMC", 3e8, 2e9), ("F", 3e10, 9e10)]
)
def test_market_values_are_of_the_right_size(symbol: str, low: float, high: float) -> None:
    assert low < SHARES_MILLIONS[symbol] * 1e6 * CHARACTERS[symbol].price < high


def test_every_share_has_a_count() -> None:
    assert set(SHARES_MILLIONS) == set(SHARES)


def test_no_name_in_a_story_shouts_its_security_type() -> None:
    names = [short_name(under) for under in UNDERLYINGS]
    assert [name for name in names if "ETF TRUST" in name or "-CL" in name or "INC" in name] == []
    assert all(name[0].isupper() or name[0].isdigit() for name in names)
