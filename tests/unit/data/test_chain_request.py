"""Which part of a chain: bad arguments name their field, cursors belong to one request."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.data.chain_request import ChainRequest, Cursor
from sumppump.domain.instruments import Right
from sumppump.kernel.errors import InvalidRequest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"symbol": ""}, "symbol"),
        ({"symbol": "no ticker!"}, "symbol"),
        ({"min_dte": -1}, "min_dte"),
        ({"max_dte": 99_999}, "max_dte"),
        ({"min_dte": 45, "max_dte": 30}, "min_dte"),
        ({"expiry": date(2026, 12, 18), "min_dte": 3}, "expiry"),
        ({"strikes_around": -1}, "strikes_around"),
        ({"strike_range_pct": 0}, "strike_range_pct"),
        ({"strike_range_pct": float("nan")}, "strike_range_pct"),
        ({"strike_range_pct": 101}, "strike_range_pct"),
        ({"min_delta": -0.1}, "min_delta"),
        ({"max_delta": 101}, "max_delta"),
        ({"min_delta": 0.4, "max_delta": 0.2}, "min_delta"),
        ({"min_delta": 40, "max_delta": 0.2}, "min_delta"),
        ({"min_delta": float("nan")}, "min_delta"),
        ({"limit": 0}, "limit"),
        ({"limit": 401}, "limit"),
    ],
)
def test_an_argument_that_cannot_be_meant_names_its_field(changes: dict[str, Any], field: str) -> None:
    """Upside-down ranges, NaN, figures out of range."""
    with pytest.raises(InvalidRequest) as refused:
        ChainRequest(**{"symbol": "SPY", **changes})
    assert refused.value.code == f"invalid_{field}"
    assert str(refused.value.expected).startswith(f"{field}: ")


def test_nothing_chosen_means_ten_strikes_on_each_side() -> None:
    """And any choice of strikes replaces that."""
    assert ChainRequest(symbol="SPY").around == 10
    assert ChainRequest(symbol="SPY", strikes_around=3).around == 3
    assert ChainRequest(symbol="SPY", strike_range_pct=5).around is None
    assert ChainRequest(symbol="SPY", min_delta=0.1).around is None


def test_deltas_written_in_hundredths_are_read_as_such_and_said() -> None:
    """Traders say 16 delta."""
    request = ChainRequest(symbol="SPY", min_delta=16, max_delta=0.3)
    assert request.delta_range == (0.16, 0.3)
    assert request.notes() == ("min_delta 16 was read as 0.16.",)


def test_a_percentage_below_one_is_echoed_as_it_was_read() -> None:
    """0.1 is a tenth of a percent here; the note lets a caller who meant ten notice."""
    assert ChainRequest(symbol="SPY", strike_range_pct=0.1).notes() == (
        "strike_range_pct 0.1 was read as 0.1 percent.",
    )


BASE = ChainRequest(symbol="SPY", min_dte=20, max_dte=40)


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "QQQ"},
        {"min_dte": 21},
        {"max_dte": 41},
        {"strikes_around": 5},
        {"strike_range_pct": 5.0},
        {"min_delta": 0.1},
        {"right": Right.PUT},
        {"trading_class": "SPXW"},
    ],
)
def test_a_cursor_is_of_no_use_for_another_request(changes: dict[str, Any]) -> None:
    """Otherwise rows would be skipped or shown twice."""
    text = Cursor(
        10, Decimal("600.10"), 1_800_000_000, ((1810, -250, -90), (0, 0, 0)), BASE.fingerprint()
    ).text()
    assert Cursor.read(text, BASE) == Cursor(
        10, Decimal("600.10"), 1_800_000_000, ((1810, -250, -90), (0, 0, 0)), BASE.fingerprint()
    )
    with pytest.raises(InvalidRequest) as refused:
        Cursor.read(text, replace(BASE, **changes))
    assert refused.value.code == "invalid_cursor"


def test_the_size_of_a_page_may_change_from_page_to_page() -> None:
    """Limit and statistics are no part of what is paged through."""
    assert replace(BASE, limit=5, include_stats=False).fingerprint() == BASE.fingerprint()


_ALMOST = r"-?\d+@(NaN|-?\d+|Infinity)@-?\d+@(\d+(:-?\d+)?\.)*#[0-9a-f]{6}"


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=40) | st.from_regex(_ALMOST, fullmatch=True))
def test_a_made_up_cursor_is_an_error_of_ours(text: str) -> None:
    """Never another exception, never a page of something else."""
    with pytest.raises(InvalidRequest) as refused:
        Cursor.read(text, BASE)
    assert refused.value.code == "invalid_cursor"
