"""Pictures of bars: drawn for every kind, with nothing that is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import NOW, SPY

from sumppump.data.bar_shelf import ShelvedBars
from sumppump.data.history import summarised
from sumppump.data.history_request import IV, HistoryRequest
from sumppump.data.meaning import Meaning
from sumppump.domain.quotes import Bar
from sumppump.server.market.price_picture import bars_png


def series(count: int, *, volume: int | None) -> tuple[Bar, ...]:
    """Bars that rise and fall, the first of them unchanged."""
    first = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)
    return tuple(
        Bar(
            start=first + timedelta(days=at), open=Decimal(100), high=Decimal(103), low=Decimal(97),
            close=Decimal(100 + at % 3), volume=volume,
        )
        for at in range(count)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data_type", "count", "volume"),
    [("TRADES", 60, 5), ("TRADES", 1, 0), ("MIDPOINT", 5, None), (IV, 300, None), ("BID_ASK", 30, None)],
)
def test_every_kind_of_bars_can_be_drawn(data_type: str, count: int, volume: int | None) -> None:
    """A PNG comes back, whatever is missing."""
    found = ShelvedBars(bars=series(count, volume=volume), as_of=NOW, taken=0.0)
    request = HistoryRequest(symbol="SPY", data_type=data_type, bar_size="1 day", duration="1 Y")
    png = bars_png(summarised(Meaning(instrument=SPY, reading="SPY"), request, found, 0.0))
    assert png.startswith(b"\x89PNG")
    assert 5_000 < len(png) < 200_000
