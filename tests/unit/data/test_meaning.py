"""What a text means: the stated rule, kinds by their looks, and no silent choice."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.fake_market import (
    BITCOIN,
    ES_MONTHS,
    EURUSD,
    MONTH,
    SPX,
    SPY,
    VX_MONTHS,
    FakeClock,
    FakeDirectory,
    make_option,
)

from sumppump.data.meaning import Meanings
from sumppump.domain.instruments import (
    Instrument,
    OptionClass,
    OptionContract,
    Right,
    SecType,
    Underlying,
)
from sumppump.kernel.errors import AmbiguousContract, InvalidRequest, SumpPumpError, UnknownContract

CALL = make_option(SPY, MONTH, 600, Right.CALL)
EVENING = make_option(SPX, MONTH, 600, Right.CALL, "SPXW")
MORNING = make_option(SPX, MONTH, 600, Right.CALL, "SPX")


@dataclass(slots=True)
class Listing(FakeDirectory):
    """The fake market with more tickers."""

    more: dict[str, Underlying] = field(default_factory=dict)

    async def underlying(self, symbol: str) -> Underlying:
        return self.more[symbol] if symbol in self.more else await FakeDirectory.underlying(self, symbol)


def meanings(**more: Underlying) -> Meanings:
    """On the fake market, with these tickers added."""
    return Meanings(directory=Listing(more=more), clock=FakeClock())


@pytest.mark.parametrize(
    ("text", "asset_type", "expected", "reading"),
    [
        ("spy", "", SPY, "SPY"),
        ("SPY", "STK", SPY, "SPY"),
        ("SPX", "IND", SPX, "SPX"),
        ("^SPX", "", SPX, "SPX"),
        ("$spy", "", SPY, "SPY"),
        ("SPY 2026-12-18 600C", "", CALL, "SPY 2026-12-18 (Fri) 600 call"),
        ("SPY 2026-12-18 600C", "STK", CALL, "SPY 2026-12-18 (Fri) 600 call"),
        ("SPXW 2026-12-18 600C", "", EVENING, "SPXW 2026-12-18 (Fri) 600 call"),
        ("SPX   261218C00600000", "", MORNING, "SPX 2026-12-18 (Fri) 600 call"),
        ("ES", "", ES_MONTHS[0], "ES front month: 2026-12-18 (Fri), ESZ6"),
        ("ES", "FUT", ES_MONTHS[0], "ES front month: 2026-12-18 (Fri), ESZ6"),
        ("ESH7", "", ES_MONTHS[1], "ES 2027-03-19 (Fri), ESH7"),
        ("VX 2027-01", "", VX_MONTHS[1], "VX 2027-01-20 (Wed), VXF7"),
        ("eur/usd", "", EURUSD, "EUR.USD: USD for one EUR"),
        ("EURUSD", "CASH", EURUSD, "EUR.USD: USD for one EUR"),
        ("BTC", "", BITCOIN, "BTC.USD: USD for one BTC"),
        ("BTC-USD", "", BITCOIN, "BTC.USD: USD for one BTC"),
        ("btc", "CRYPTO", BITCOIN, "BTC.USD: USD for one BTC"),
        ("756733", "", SPY, "con_id 756733: SPY"),
        ("con_id 12087792", "", EURUSD, "con_id 12087792: EUR.USD"),
        (str(CALL.con_id), "OPT", CALL, f"con_id {CALL.con_id}: SPY 2026-12-18 600C"),
    ],
)
async def test_a_text_is_one_contract_and_says_how_it_was_read(
    text: str, asset_type: str, expected: Instrument, reading: str
) -> None:
    """Every kind, with and without its type."""
    found = await meanings().of(text, asset_type)
    assert (found.instrument, found.reading) == (expected, reading)


async def test_a_stock_comes_before_the_future_of_its_name_and_says_so() -> None:
    """ES is Eversource Energy in New York, and the S&P future in Chicago."""
    eversource = replace(SPY, con_id=1, symbol="ES", long_name="EVERSOURCE ENERGY")
    found = await meanings(ES=eversource).of("ES")
    assert (found.instrument, found.reading) == (eversource, "ES; the future is 'ES front'")
    assert (await meanings(ES=eversource).of("ES front")).instrument == ES_MONTHS[0]


async def test_an_index_of_a_futures_exchange_gives_way_to_its_future_and_vix_does_not() -> None:
    """The index ES on CME is only what the future is written on; VIX on CBOE is what people look at."""
    index = Underlying(con_id=11004968, symbol="ES", sec_type=SecType.IND, exchange="CME")
    vix = Underlying(con_id=13455763, symbol="VIX", sec_type=SecType.IND, exchange="CBOE")
    assert (await meanings(ES=index).of("ES")).instrument == ES_MONTHS[0]
    assert (await meanings(VIX=vix).of("VIX")).instrument == vix
    assert (await meanings(VIX=vix).of("VIX Dec")).instrument == VX_MONTHS[0]


@pytest.mark.parametrize(
    ("text", "asset_type", "code"),
    [
        ("NOPE", "", "unknown_symbol"),
        ("SPY", "IND", "invalid_asset_type"),
        ("12087792", "FUT", "invalid_asset_type"),
        ("SPY", "BOND", "invalid_asset_type"),
        ("ES 2027-01", "", "expiry_not_listed"),
        ("SPX 2026-12-18 600C", "", "ambiguous_contract"),
        ("SPXW 2026-12-18 1C", "", "strike_not_listed"),
        ("AAPL1 261218C00600000", "", "unknown_symbol"),
        ("SPY1  261218C00600000", "", "class_not_listed"),
        ("JPYUSD", "", "unknown_contract"),
        ("SPY 2026-12-18 600C EUR/USD", "", "invalid_symbol"),
        ("", "", "invalid_symbol"),
    ],
)
async def test_what_is_not_one_contract_is_an_error(text: str, asset_type: str, code: str) -> None:
    """Never a guess."""
    with pytest.raises(SumpPumpError) as refused:
        await meanings().of(text, asset_type)
    assert refused.value.code == code


async def test_an_ambiguous_index_option_says_how_to_write_either_class() -> None:
    """What the error advises is read as what it says."""
    with pytest.raises(AmbiguousContract) as refused:
        await meanings().of("SPX 2026-12-18 600C")
    advice = refused.value.next_steps[0].removeprefix("Write its class: ").rstrip(".").split(" or ")
    assert [(await meanings().of(text)).instrument for text in advice] == [MORNING, EVENING]


@dataclass(slots=True)
class Eve(FakeDirectory):
    """Lists the class that settles in the morning under its last trading day alone, as TWS does."""

    async def option_classes(self, underlying: Underlying) -> Sequence[OptionClass]:
        morning, evening = await FakeDirectory.option_classes(self, underlying)
        return [replace(morning, expiries=(MONTH - timedelta(1),)), evening]

    async def options(
        self, underlying: Underlying, expiry: date, *, right: Right | None = None, trading_class: str = ""
    ) -> Sequence[OptionContract]:
        return [MORNING] if expiry == MONTH - timedelta(1) else [EVENING]


async def test_the_eve_of_a_morning_settlement_is_no_expiry_and_names_the_morning() -> None:
    """Claim: TWS's listed day of the class is refused as an expiry, not as a strike, with the real days."""
    directory = Eve()
    with pytest.raises(UnknownContract) as refused:
        await Meanings(directory=directory, clock=FakeClock()).of("SPX 2026-12-17 600C")
    assert refused.value.code == "expiry_not_listed"
    assert "2026-12-18 (Fri)" in refused.value.next_steps[0]
    assert "2026-12-17" not in refused.value.next_steps[0]


async def test_a_looks_only_text_is_never_sent_as_a_ticker() -> None:
    """A future's month is not asked for as a stock."""
    directory = FakeDirectory()
    await Meanings(directory=directory, clock=FakeClock()).of("ESZ6")
    assert directory.asked == ["futures ES"]
    with pytest.raises((InvalidRequest, UnknownContract)):
        await Meanings(directory=directory, clock=FakeClock()).of("SPY 2026-12-18")


@given(
    st.text(max_size=40)
    | st.from_regex(r"[A-Z/]{1,6}[ Z6]{0,3}[0-9/.-]{0,10} ?[0-9]{0,4}[CP]?", fullmatch=True)
)
async def test_any_text_is_one_contract_or_a_clear_error(text: str) -> None:
    """No other error, whatever a model writes."""
    with suppress(SumpPumpError):
        assert (await meanings().of(text)).reading
