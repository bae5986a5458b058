"""Arguments are read strictly: what cannot be meant names its field, what was read is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sumppump.kernel.errors import InvalidRequest
from sumppump.strategies.request import StrategyRequest


def read(
    strategy_type: str = "bull_call_spread", symbol: str = "SPY", **arguments: object
) -> StrategyRequest:
    return StrategyRequest.read(strategy_type=strategy_type, symbol=symbol, **arguments)  # type: ignore[arg-type]


BAD = [
    ("quantity", {"quantity": 0}),
    ("quantity", {"quantity": -1}),
    ("quantity", {"quantity": 1.5}),
    ("quantity", {"quantity": "many"}),
    ("quantity", {"quantity": True}),
    ("quantity", {"quantity": 10_001}),
    ("quantity", {"quantity": float("nan")}),
    ("strikes", {"strikes": [505, 500]}),
    ("strikes", {"strikes": [500, 500]}),
    ("strikes", {"strikes": [500]}),
    ("strikes", {"strikes": [500, 505, 510]}),
    ("strikes", {"strikes": [-5, 505]}),
    ("strikes", {"strikes": ["abc", 505]}),
    ("strikes", {"strikes": [500, 505], "width": 5}),
    ("strikes", {"strikes": [500, 505], "deltas": [0.5, 0.3]}),
    ("width", {"width": 0}),
    ("width", {"width": -5}),
    ("width", {"width": float("inf")}),
    ("deltas", {"deltas": [0]}),
    ("deltas", {"deltas": [100]}),
    ("dte", {"dte": -1}),
    ("dte", {"dte": 1.5}),
    ("dte", {"dte": 100_000}),
    ("expiry", {"expiry": "next friday"}),
    ("expiry", {"expiry": "2026-02-30"}),
    ("expiry", {"expiry": "2026-12-18", "dte": 30}),
    ("far_expiry", {"far_expiry": "2027-01-15"}),
    ("symbol", {"symbol": ""}),
    ("symbol", {"symbol": "DROP TABLE; --"}),
    ("symbol", {"symbol": "SPY\x00"}),
]


@pytest.mark.parametrize(("field", "arguments"), BAD)
def test_an_argument_that_cannot_be_meant_names_its_field(field: str, arguments: dict[str, object]) -> None:
    """The code and what was expected begin with the field, so that the caller can put it right."""
    with pytest.raises(InvalidRequest) as caught:
        read(**arguments)  # type: ignore[arg-type]
    assert caught.value.code == f"invalid_{field}"
    assert (caught.value.expected or "").startswith(f"{field}: ")
    assert caught.value.found is not None
    assert caught.value.next_steps


def test_upside_down_strikes_are_shown_in_rising_order() -> None:
    """The next step is the repaired argument."""
    with pytest.raises(InvalidRequest) as caught:
        read(strikes=[505, 500])
    assert "[500, 505]" in caught.value.next_steps[0]


def test_wings_of_a_butterfly_must_be_equally_wide() -> None:
    """A broken wing is another strategy with another maximum loss."""
    with pytest.raises(InvalidRequest, match="equal width"):
        read("call_butterfly", strikes=[490, 500, 515])


def test_text_that_stands_for_numbers_is_read_and_the_reading_is_kept() -> None:
    """A host that sends strings is understood, and the answer can say how."""
    request = read("Bull Call Spread", " spy ", strikes="500, 505.5", quantity="2", expiry="20261218")
    assert request.strikes == (Decimal(500), Decimal("505.5"))
    assert (request.symbol, request.quantity, request.expiry) == ("SPY", 2, date(2026, 12, 18))
    assert any("'500, 505.5' was read as a list of 2" in note for note in request.notes)
    assert any("quantity '2' was read as 2" in note for note in request.notes)
    assert any("2026-12-18" in note for note in request.notes)
    assert any("bull_call_spread" in note for note in request.notes)


def test_deltas_in_percent_and_with_signs_are_read_as_sizes() -> None:
    """30, -0.30 and 0.30 are the same delta of a put; the reading of 30 is said."""
    request = read("bull_put_spread", deltas=[-0.15, 30])
    assert request.deltas == (0.15, 0.3)
    assert "delta 30 was read as 0.3" in request.notes[0]


def test_plain_arguments_leave_no_notes() -> None:
    """Nothing to say where nothing was converted."""
    assert read(strikes=[500, 505], quantity=1).notes == ()


def test_a_width_for_a_strategy_of_one_strike_is_said_to_be_unused() -> None:
    """Accepted, because every strategy takes a width, but never silently."""
    assert "width was not used" in read("long_straddle", width=5).notes[0]


@pytest.mark.parametrize("delta", [1.4, -1.01, 0, 1, 100, 250])
def test_a_delta_that_is_neither_a_fraction_nor_percent_is_refused(delta: float) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read("bull_call_spread", deltas=[delta, 0.3])
    assert refused.value.expected.startswith("deltas:")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"width": Decimal(0)}, "0"),
        ({"strikes": [Decimal(-680), Decimal(690)]}, "[-680, 690]"),
        ({"expiry": date(2026, 12, 24), "far_expiry": date(2027, 1, 15)}, "2027-01-15"),
    ],
)
def test_what_was_found_is_said_without_the_names_of_our_types(
    arguments: dict[str, object], found: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read("bull_call_spread", **arguments)
    assert refused.value.found == found


def test_a_number_that_is_too_large_is_told_the_largest() -> None:
    with pytest.raises(InvalidRequest, match="from 1 to 10000"):
        read("long_call", quantity=100_000)
    with pytest.raises(InvalidRequest, match="from 0 to 1500"):
        read("long_call", dte=9_999)


def test_articles_fit_the_names() -> None:
    with pytest.raises(InvalidRequest, match="of an iron condor are 4"):
        read("iron_condor", strikes=[640, 650, 700])
