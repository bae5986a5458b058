"""References are never given twice, codes are read as people write them, outside text stays in its field."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.kernel.ids import approval_code, is_order_ref, normalised_code, order_ref
from sumppump.kernel.text import clean, masked_account, wire_safe

moments = st.integers(1_600_000_000, 2_800_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(st.sets(st.integers(0, 2**40 - 1), min_size=2, max_size=50), moments)
def test_two_numbers_of_a_journal_never_make_one_reference(numbers: set[int], now: datetime) -> None:
    """Whatever the clock says, and even if the random bits were the same (X22: the clock set back)."""
    assert len({order_ref(number, now, salt=0) for number in numbers}) == len(numbers)


@given(st.integers(0, 2**40 - 1), moments)
def test_a_reference_is_short_plain_and_recognised(number: int, now: datetime) -> None:
    """At most 40 characters of [A-Z0-9-], because it travels on the wire (orders, R3)."""
    ref = order_ref(number, now)
    assert is_order_ref(ref)
    assert len(ref) == 30


@pytest.mark.parametrize(
    "text", ["", "SP1-", "SP1-0", "sp1-01M7WQHMCJ000000011HAPSXYP", "SP2-01M7WQHMCJ000000011HAPSXYP"]
)
def test_what_is_not_ours_is_not_taken_for_ours(text: str) -> None:
    """Foreign orders are shown and never touched."""
    assert not is_order_ref(text)


@given(st.data())
def test_a_code_is_accepted_as_a_person_would_type_it(data: st.DataObject) -> None:
    """Lower case, blanks, no hyphen, O for 0 and I or L for 1 are all the same code."""
    code = approval_code()
    typed = (
        code.lower()
        .replace("0", data.draw(st.sampled_from("0oO")))
        .replace("1", data.draw(st.sampled_from("1iIlL")))
    )
    typed = typed.replace("-", data.draw(st.sampled_from(["-", "", " ", " - "])))
    assert normalised_code(typed) == code


@given(st.text(max_size=400), st.integers(1, 280))
def test_clean_text_has_no_character_that_hides_or_steers(text: str, limit: int) -> None:
    """No control, zero-width, bidi or tag characters, and never longer than asked (T-01)."""
    cleaned = clean(text, limit=limit)
    assert len(cleaned) <= limit
    assert all(unicodedata.category(ch)[0] != "C" for ch in cleaned)


@given(st.text(max_size=200))
def test_nothing_that_reaches_the_wire_can_add_a_field(text: str) -> None:
    """A NUL in a text would be a new field of the frame (P-12)."""
    assert all(" " <= ch <= "~" for ch in wire_safe(text))


@pytest.mark.parametrize(
    ("account", "shown"), [("SIM1234417", "SIM…417"), ("DU7777777", "DU…777"), ("U123", "U…"), ("", "…")]
)
def test_an_account_shows_its_kind_and_three_digits(account: str, shown: str) -> None:
    """Enough to tell paper from live, not enough to be one."""
    assert masked_account(account) == shown
