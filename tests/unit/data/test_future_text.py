"""Futures as people write them: what is read, what is a stock after all, and which month is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.fake_market import ES_MONTHS, VX_MONTHS

from sumppump.data.future_text import (
    LETTERS,
    FutureWords,
    chosen,
    contract_month,
    looks_like_future,
    read_future,
)
from sumppump.domain.names import FUTURE_ROOTS
from sumppump.kernel.errors import AmbiguousContract, InvalidRequest, UnknownContract

TODAY = date(2026, 11, 18)
DECEMBER = FutureWords(root="ES", month=(2026, 12))


@pytest.mark.parametrize(
    "text",
    ["ESZ6", "esz26", "/ESZ6", "ES Z6", "ES Z2026", "ES 2026-12", "ES 202612", "ES Dec 26",
     "ES December 2026", "ES Dec '26", "ES Dec", "ES 2026-12 future", "/ES Dec"],
)  # fmt: skip
def test_one_month_in_its_usual_spellings(text: str) -> None:
    """All of these are the same contract to a trader."""
    assert read_future(text, TODAY) == DECEMBER
    assert looks_like_future(text)


@pytest.mark.parametrize(
    "text", ["/ES", "ES front", "es front month", "ES future", "ES futures", "ES nearest"]
)
def test_without_a_month_the_front_one_is_meant(text: str) -> None:
    """Marked as a future by a word or a slash; the bare root is settled elsewhere."""
    assert read_future(text, TODAY) == FutureWords(root="ES")
    assert looks_like_future(text)


def test_a_whole_date_is_the_last_trading_day() -> None:
    """As VIX futures are mostly named."""
    assert read_future("VX 2026-12-16", TODAY).day == date(2026, 12, 16)


@pytest.mark.parametrize("text", ["SPY", "ES", "CL 2026-12-18 50C", "SPY 2026-12-18", "BRK B", "AAPLZ6", ""])
def test_what_is_no_future_of_a_known_root_is_left_to_others(text: str) -> None:
    """CL is Colgate too; an option on it has strike and right."""
    assert not looks_like_future(text)


@pytest.mark.parametrize("text", ["", "ES 2026-13", "ES 2026-02-30", "ES soon", "<b>", "ES 12"])
def test_what_cannot_be_read_is_an_error(text: str) -> None:
    """Never the front month instead."""
    with pytest.raises(InvalidRequest) as refused:
        read_future(text, TODAY)
    assert refused.value.code == "invalid_symbol"


@given(st.sampled_from(sorted(FUTURE_ROOTS)), st.sampled_from(LETTERS), st.integers(2026, 2035))
def test_a_local_symbol_of_one_digit_is_the_next_year_that_ends_so(root: str, letter: str, year: int) -> None:
    """ESZ6 in 2026 is this year's, ESZ5 in nine years."""
    words = read_future(f"{root}{letter}{year % 10}", TODAY)
    assert words == FutureWords(root=root, month=(year, LETTERS.index(letter) + 1))


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No other error, whatever a model writes."""
    try:
        words = read_future(text, TODAY)
    except InvalidRequest:
        return
    assert words.root


def test_the_month_that_is_meant_is_chosen() -> None:
    """The front one, a month, a day."""
    assert chosen(FutureWords(root="ES"), ES_MONTHS) == ES_MONTHS[0]
    assert chosen(FutureWords(root="ES", month=(2027, 3)), ES_MONTHS) == ES_MONTHS[1]
    day = VX_MONTHS[1].expiry
    assert chosen(FutureWords(root="VX", month=(day.year, day.month), day=day), VX_MONTHS) == VX_MONTHS[1]


def test_an_unlisted_month_names_its_neighbours() -> None:
    """Never replaced by the nearest one."""
    with pytest.raises(UnknownContract) as refused:
        chosen(FutureWords(root="ES", month=(2027, 1)), ES_MONTHS)
    assert refused.value.code == "expiry_not_listed"
    assert "2026-12-18 (ESZ6)" in str(refused.value.expected)
    with pytest.raises(UnknownContract):
        chosen(FutureWords(root="ES"), ())


def test_two_contracts_of_one_month_are_not_guessed() -> None:
    """Weekly classes beside the month's."""
    twin = replace(ES_MONTHS[0], con_id=1, expiry=date(2026, 12, 4))
    with pytest.raises(AmbiguousContract):
        chosen(FutureWords(root="ES", month=(2026, 12)), (twin, *ES_MONTHS))


def test_a_contract_that_ends_before_its_month_is_known_by_its_month() -> None:
    """Crude oil for January ends in December."""
    oil = replace(ES_MONTHS[0], local_symbol="CLF7", expiry=date(2026, 12, 21))
    assert contract_month(oil) == (2027, 1)
    assert contract_month(replace(oil, local_symbol="")) == (2026, 12)
