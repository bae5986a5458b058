"""Arguments are read in one way or refused; every reading that is not plain is told."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.kernel.errors import InvalidRequest
from sumppump.server import coercion as c


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.25", "1.25"), ("-1.25", "-1.25"), ("−1.25", "-1.25"), ("$2.15", "2.15"), ("-$2.15", "-2.15"),
        ("1,250.50", "1250.50"), (" 5 ", "5"), (".5", "0.5"), ("1e3", "1000"), (7, "7"), (0.1, "0.1"),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_spelt(text: object, number: str) -> None:
    """Claim: these spellings mean one number. Provenance: our decision (design, section 8)."""
    assert c.read_number(text, "limit_price") == Decimal(number)


@pytest.mark.parametrize(
    "value",
    ["1,5", "1.250,50", "abc", "", "nan", "inf", "1 2", "0x10", "١", "1_000", True, None, [1], {},
     float("nan"), float("inf"), 1e300, "9" * 5000, "1e99", "0.0000000000001", "50%", "--1", "1-", "$"],
)  # fmt: skip
def test_what_could_mean_two_numbers_or_none_is_refused_by_name(value: object) -> None:
    """Claim: no guess is ever made about a price. Provenance: our decision."""
    with pytest.raises(InvalidRequest) as caught:
        c.read_number(value, "limit_price")
    assert caught.value.code == "invalid_limit_price"
    assert caught.value.expected is not None
    assert caught.value.expected.startswith("limit_price")


def test_an_integer_too_long_to_print_is_refused_like_any_other() -> None:
    """Claim: a message never fails to be made. Provenance: regression."""
    with pytest.raises(InvalidRequest) as caught:
        c.read_number(10**5000, "width")
    assert caught.value.found == "int too large to print"


def test_percent_signs_are_read_only_where_a_percentage_is_meant() -> None:
    """Claim: 50% is 50 for stop_pct and refused for a price. Provenance: settled, percent parameters."""
    assert c.read_number("50%", "stop_pct") == 50
    assert c.read_number("50 %", "percentage") == 50
    with pytest.raises(InvalidRequest):
        c.read_number("$50", "stop_pct")


@pytest.mark.parametrize("value", [1.5, "1.5", "one", True, "2,5", float("nan")])
def test_a_whole_number_is_never_rounded(value: object) -> None:
    """Claim: 1.5 contracts are refused, not cut to 1. Provenance: tools page, quantity 1.5."""
    with pytest.raises(InvalidRequest) as caught:
        c.read_whole(value, "quantity")
    assert caught.value.code == "invalid_quantity"


@pytest.mark.parametrize(
    "text",
    ["2026-12-18", "20261218", "12/18/2026", "12/18/26", "18DEC26", "Dec 18, 2026", "December 18 2026",
     "18 Dec 2026", "2026/12/18", "2026-12-18T00:00:00Z"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_spelt(text: str) -> None:
    """Claim: month first with slashes, as option traders in the US write. Provenance: our decision."""
    assert c.read_day(text, "expiry") == date(2026, 12, 18)


@pytest.mark.parametrize("text", ["2026-02-30", "18.12.2026", "soon", "", "12/18", 20261218, "٢٠٢٦-12-18"])
def test_a_day_that_does_not_exist_or_has_no_year_is_refused(text: object) -> None:
    """Claim: no year is guessed. Provenance: our decision."""
    with pytest.raises(InvalidRequest):
        c.read_day(text, "expiry")


@pytest.mark.parametrize("value", [[500, 505], "[500, 505]", "500,505", "500/505", "500 505", ["500", "505"]])
def test_a_list_is_read_also_as_text(value: object) -> None:
    """Claim: hosts send lists as JSON text; that is a list. Provenance: SDK's note on Claude Desktop."""
    assert c.read_numbers(value, "strikes") == [Decimal(500), Decimal(505)]


@pytest.mark.parametrize("value", [[], "", "[]", [None], [[1]], ["x"], {"a": 1}, [True], list(range(101))])
def test_a_list_with_anything_unreadable_is_refused_whole(value: object) -> None:
    """Claim: no item is dropped silently. Provenance: our decision."""
    with pytest.raises(InvalidRequest):
        c.read_numbers(value, "strikes")


def test_readings_are_told_once_each_and_plain_values_are_not() -> None:
    """Claim: the answer echoes how strings were read. Provenance: design, section 8."""
    notes: list[str] = []
    token = c.readings.set(notes)
    try:
        c.read_number(1.5, "width")
        c.read_whole("2", "quantity")
        c.read_numbers("500,505", "strikes")
        c.read_day("12/18/26", "expiry")
        c.read_day("2026-12-18", "expiry")
    finally:
        c.readings.reset(token)
    assert notes == [
        "quantity: '2' read as 2",
        "strikes: '500,505' read as [500, 505]",
        "expiry: '12/18/26' read as 2026-12-18",
    ]


READERS = (
    c.read_number,
    c.read_share,
    c.read_whole,
    c.read_day,
    c.read_flag,
    c.read_text,
    c.read_numbers,
    c.read_words,
)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.lists(st.integers()), st.none()))
def test_reading_anything_gives_a_value_or_a_refusal_and_nothing_else(value: object) -> None:
    """Claim: no input makes a reader crash. Provenance: our decision; fuzzed."""
    for read in READERS:
        with suppress(InvalidRequest):
            read(value, "field")


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("SPY, QQQ", ["SPY", "QQQ"]),
        ("spy qqq BRK.B", ["spy", "qqq", "BRK.B"]),
        ("SPY, EUR/USD; ESZ6", ["SPY", "EUR/USD", "ESZ6"]),
        ("SPY 2026-12-18 500C, VX front", ["SPY 2026-12-18 500C", "VX front"]),
        ("SPY 2026-12-18 500C", ["SPY 2026-12-18 500C"]),
        ('["SPY", "EUR/USD"]', ["SPY", "EUR/USD"]),
        (["SPY", "EUR/USD"], ["SPY", "EUR/USD"]),
    ],
)
def test_contracts_in_one_string_are_parted_where_no_contract_has_a_mark(
    text: object, symbols: list[str]
) -> None:
    """Claim: blanks and slashes inside an option or a pair do not tear it. Provenance: our decision."""
    assert c.read_symbols(text, "symbols") == symbols


@pytest.mark.parametrize(
    ("value", "part", "is_told"),
    [
        (0.95, "0.95", False),
        (1, "1", False),
        (95, "0.95", True),
        ("95%", "0.95", True),
        ("95 %", "0.95", True),
        ("0.95", "0.95", True),
        ("0.5%", "0.005", True),
        (99.5, "0.995", True),
    ],
)
def test_a_part_of_one_may_be_written_in_percent_and_is_echoed(
    value: object, part: str, is_told: bool
) -> None:
    """Claim: 95 and "95%" are 0.95, and the answer says so. Provenance: settled, 13."""
    notes: list[str] = []
    token = c.readings.set(notes)
    try:
        assert c.read_share(value, "confidence") == Decimal(part)
    finally:
        c.readings.reset(token)
    assert notes == ([f"confidence: {value!r} read as {part}"] if is_told else [])


@pytest.mark.parametrize("value", ["much", "", True, [0.9, 0.95], None])
def test_what_is_no_part_of_one_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidRequest, match="confidence"):
        c.read_share(value, "confidence")
