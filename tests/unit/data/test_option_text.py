"""Options as people write them: what is read, and what is refused instead of guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.data.option_text import OptionWords, looks_like_option, read_option
from sumppump.domain.instruments import Right
from sumppump.kernel.errors import InvalidRequest

TODAY = date(2026, 11, 20)
DEC_18 = date(2026, 12, 18)
CALL_500 = OptionWords("SPY", DEC_18, Decimal(500), Right.CALL)


@pytest.mark.parametrize(
    "text",
    [
        "SPY 2026-12-18 500C",
        "spy 2026-12-18 500 c",
        "SPY 2026-12-18 C500",
        "SPY 2026-12-18 500 call",
        "SPY 12/18/26 500 call",
        "SPY 12/18/2026 $500 calls",
        "SPY 500C 12/18/26",
        "SPY 20261218 500C",
        "SPY 18DEC26 500 C",
        "SPY 18 Dec 2026 500 C",
        "SPY Dec 18 2026 500 call",
        "SPY December 18, 2026 500 call",
        "SPY Dec 18th '26 500.00 call",
        "SPY Dec18'26 500C",
        "SPY 12/18 500c",
        "SPY Dec 18 500c",
        "SPY   261218C00500000",
        "SPY261218C00500000",
        "  SPY   2026-12-18   500C  ",
    ],
)
def test_one_option_in_its_usual_spellings(text: str) -> None:
    """All of these are the same contract to a trader."""
    assert replace(read_option(text, TODAY), trading_class="") == CALL_500


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QQQ 2027-01-15 450.5P", OptionWords("QQQ", date(2027, 1, 15), Decimal("450.5"), Right.PUT)),
        ("NVDA  270115P00017500", OptionWords("NVDA", date(2027, 1, 15), Decimal("17.5"), Right.PUT)),
        ("BRK B 2027-01-15 450 put", OptionWords("BRK B", date(2027, 1, 15), Decimal(450), Right.PUT)),
        ("SPY 1/16 450c", OptionWords("SPY", date(2027, 1, 16), Decimal(450), Right.CALL)),
        ("SPY 11/20 600c", OptionWords("SPY", TODAY, Decimal(600), Right.CALL)),
        ("SPY 1/2/27 600P", OptionWords("SPY", date(2027, 1, 2), Decimal(600), Right.PUT)),
        ("PUT 2026-12-18 20C", OptionWords("PUT", DEC_18, Decimal(20), Right.CALL)),
    ],
)
def test_other_underlyings_rights_and_dates(text: str, expected: OptionWords) -> None:
    """A ticker that holds a P, a half strike, a date without a year that is next year's."""
    assert replace(read_option(text, TODAY), trading_class="") == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_symbol"),
        ("500C 2026-12-18", "invalid_symbol"),
        ("SPY 2026-12-18", "invalid_symbol"),
        ("SPY 2026-12-18 500", "invalid_symbol"),
        ("SPY 2026-12-18 C", "invalid_symbol"),
        ("SPY 2026-12-18 500C 505C", "invalid_symbol"),
        ("SPY 2026-12-18 0C", "invalid_symbol"),
        ("SPY 2026-12-18 -500C", "invalid_symbol"),
        ("SPY 500C", "invalid_expiry"),
        ("SPY 18/12/26 500C", "invalid_expiry"),
        ("SPY 2026-13-18 500C", "invalid_expiry"),
        ("SPY 2026-02-30 500C", "invalid_expiry"),
        ("SPY261318C00500000", "invalid_expiry"),
        ("SPY next friday 500C", "invalid_expiry"),
        ("SPY " + "5" * 200 + "C", "invalid_symbol"),
    ],
)
def test_what_is_incomplete_or_could_mean_two_things_is_refused(text: str, code: str) -> None:
    """Never a guess: the error says which part."""
    with pytest.raises(InvalidRequest) as refused:
        read_option(text, TODAY)
    assert refused.value.code == code
    assert refused.value.expected


def test_the_reading_says_the_weekday() -> None:
    """So that a wrong date is noticed."""
    assert CALL_500.words == "SPY 2026-12-18 (Fri) 500 call"


@pytest.mark.parametrize(
    ("text", "expected"), [("SPY", False), ("BRK B", False), ("C3", False), ("SPY 12/18 500C", True)]
)
def test_a_ticker_is_not_taken_for_an_option(text: str, expected: bool) -> None:
    """Tickers may hold a digit or two, options always hold more."""
    assert looks_like_option(text) is expected


@settings(deadline=None, derandomize=True)
@given(
    symbol=st.from_regex(r"[A-Z]{1,5}", fullmatch=True),
    expiry=st.dates(date(2026, 11, 20), date(2035, 12, 31)),
    thousandths=st.integers(1, 10**8 - 1),
    right=st.sampled_from(Right),
)
def test_occ_symbols_read_back_whole(symbol: str, expiry: date, thousandths: int, right: Right) -> None:
    """OCC's 21 characters: root padded to six, yymmdd, right, strike in thousandths."""
    text = f"{symbol:<6}{expiry:%y%m%d}{right}{thousandths:08}"
    assert len(text) == 21
    assert read_option(text, TODAY) == OptionWords(symbol, expiry, Decimal(thousandths) / 1000, right, symbol)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(max_size=90))
def test_any_text_is_an_option_or_an_error(text: str) -> None:
    """No other exception, whatever a model sends."""
    code = ""
    try:
        read_option(text, TODAY)
    except InvalidRequest as error:
        code = error.code
    assert code in ("", "invalid_symbol", "invalid_expiry")


@pytest.mark.parametrize(
    "text",
    [
        "SPY 2026-12-18 500C EUR/USD",
        "SPY 2026-12-18 500C sell",
        "SPY 2026-12-18 500C QQQ",
        "SPY SPX 12/18 500C",
    ],
)
def test_what_stands_beside_an_option_is_not_passed_over(text: str) -> None:
    """It was meant somehow, and not as this."""
    with pytest.raises(InvalidRequest) as refused:
        read_option(text, TODAY)
    assert refused.value.code == "invalid_symbol"


@pytest.mark.parametrize(
    ("text", "symbol", "trading_class"),
    [
        ("SPXW 2026-12-18 6000C", "SPX", "SPXW"),
        ("SPX 2026-12-18 6000C", "SPX", ""),
        ("SPX   261218C06000000", "SPX", "SPX"),
        ("SPXW  261218C06000000", "SPX", "SPXW"),
        ("AAPL1 261218C00200000", "AAPL", "AAPL1"),
        ("RUTW 12/18 2400P", "RUT", "RUTW"),
    ],
)
def test_a_class_that_is_written_is_kept_apart_from_its_symbol(
    text: str, symbol: str, trading_class: str
) -> None:
    """SPXW is written on SPX; OCC's root is the class, with a digit where the deliverable was adjusted."""
    words = read_option(text, TODAY)
    assert (words.symbol, words.trading_class) == (symbol, trading_class)
