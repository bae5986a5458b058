"""History: words for durations and bars, and figures only from enough bars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.fake_market import NOW, SPY, FakeClock, FakeDirectory, FakeMarket

from sumppump.data.bar_shelf import BarShelf, ShelvedBars
from sumppump.data.history import History, HistoryService, moving_average, summarised
from sumppump.data.history_request import (
    BAR_SIZES,
    IV,
    HistoryRequest,
    kind_of_bars,
    read_bar_size,
    read_duration,
    unit_of,
    word_of,
)
from sumppump.data.meaning import Meaning, Meanings
from sumppump.domain.instruments import Instrument, SecType, Underlying
from sumppump.domain.quotes import Bar
from sumppump.kernel.errors import InvalidRequest, MarketDataError


@pytest.mark.parametrize(
    ("text", "tws"),
    [
        ("5 d", "5 D"),
        ("5D", "5 D"),
        ("5 days", "5 D"),
        ("1 month", "1 M"),
        ("3M", "3 M"),
        ("2 weeks", "2 W"),
        ("1 Y", "1 Y"),
        ("1 year", "1 Y"),
        (" 3600 s ", "3600 S"),
    ],
)
def test_durations_in_peoples_words(text: str, tws: str) -> None:
    """TWS wants a number, a space and a capital letter."""
    assert read_duration(text)[0] == tws


@pytest.mark.parametrize("text", ["", "d", "5", "0 d", "-5 d", "5 fortnights", "400 d", "1.5 d", "5 d 3 h"])
def test_a_duration_that_cannot_be_read_is_refused(text: str) -> None:
    """With the units that can."""
    with pytest.raises(InvalidRequest) as refused:
        read_duration(text)
    assert refused.value.code == "invalid_duration"


@pytest.mark.parametrize(
    ("text", "tws"),
    [
        ("1 hour", "1 hour"),
        ("1h", "1 hour"),
        ("60 min", "1 hour"),
        ("5 min", "5 mins"),
        ("5m", "5 mins"),
        ("1 mins", "1 min"),
        ("30 seconds", "30 secs"),
        ("1 s", "1 secs"),
        ("daily", "1 day"),
        ("1D", "1 day"),
        ("1 week", "1 week"),
        ("1 month", "1 month"),
        ("1mo", "1 month"),
        ("4 hrs", "4 hours"),
    ],
)
def test_bar_sizes_in_peoples_words(text: str, tws: str) -> None:
    """TWS knows only its own list."""
    assert read_bar_size(text)[0] == tws


@pytest.mark.parametrize("text", ["", "7 mins", "6 hours", "2 days", "hour", "1 tick", "0 min", "1e3 min"])
def test_a_bar_size_that_tws_does_not_have_is_refused_with_the_list(text: str) -> None:
    """No nearest one is taken."""
    with pytest.raises(InvalidRequest) as refused:
        read_bar_size(text)
    assert refused.value.code == "invalid_bar_size"
    assert "15 mins" in str(refused.value.expected)


def test_every_size_of_tws_reads_as_itself() -> None:
    """The table's own words are words."""
    assert [read_bar_size(size)[0] for size in BAR_SIZES] == list(BAR_SIZES)


@pytest.mark.parametrize(
    ("duration", "bar", "fits"),
    [
        ("1 d", "1 min", True),  # 390
        ("1 d", "5 secs", False),  # 4,680
        ("5 d", "1 min", True),
        ("1 y", "1 hour", True),
        ("1 y", "1 min", False),
        ("20 y", "1 day", False),  # 5,040
        ("10 y", "1 day", True),
        ("1 d", "1 week", False),
        ("30 s", "1 min", False),
        ("1800 s", "1 secs", True),
        ("1801 s", "1 secs", False),
        ("3600 s", "5 secs", True),
        ("28800 s", "30 secs", True),
        ("28801 s", "30 secs", False),
    ],
)
def test_duration_and_bar_size_fit_each_other(duration: str, bar: str, fits: bool) -> None:
    """Between one bar and three thousand, and within TWS's table for bars under a minute."""
    if fits:
        assert HistoryRequest.read("SPY", duration=duration, bar_size=bar).symbol == "SPY"
        return
    with pytest.raises(InvalidRequest) as refused:
        HistoryRequest.read("SPY", duration=duration, bar_size=bar)
    assert refused.value.code == "invalid_bar_size"


def test_readings_are_echoed_and_the_defaults_are_not() -> None:
    """The answer says how it understood the call."""
    request = HistoryRequest.read("spy", duration="2 weeks", bar_size="daily")
    assert request.notes == (
        "duration '2 weeks' was read as '2 W'.",
        "bar_size 'daily' was read as '1 day'.",
    )
    assert HistoryRequest(symbol="SPY").notes == ()


@pytest.mark.parametrize(
    ("duration", "bar", "nearest"),
    [
        ("1 y", "1 min", "1 hour or larger"),
        ("1 d", "1 week", "1 day or smaller"),
        ("1 d", "5 secs", "30 secs or"),
    ],
)
def test_a_pair_that_does_not_fit_names_the_nearest_that_does(duration: str, bar: str, nearest: str) -> None:
    """And the duration that the bars would fit."""
    with pytest.raises(InvalidRequest) as refused:
        HistoryRequest.read("SPY", duration=duration, bar_size=bar)
    assert nearest in str(refused.value.expected)
    assert "a duration of at" in str(refused.value.expected)


@pytest.mark.parametrize("data_type", ["TICKS", "", "OPTION_VOLUME"])
def test_only_the_offered_data_types_are_asked_for(data_type: str) -> None:
    """TWS's own words."""
    with pytest.raises(InvalidRequest) as refused:
        HistoryRequest.read("SPY", data_type=data_type)
    assert refused.value.code == "invalid_data_type"


def bars(closes: list[float]) -> list[Bar]:
    """Daily bars; the range of each is one either side of its close."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Bar(
            start=start + timedelta(days=index),
            open=Decimal(str(close)),
            high=Decimal(str(close)) + 1,
            low=Decimal(str(close)) - 1,
            close=Decimal(str(close)),
            volume=100 + index,
        )
        for index, close in enumerate(closes)
    ]


def told(closes: list[float], data_type: str = "TRADES", of: Instrument = SPY) -> History:
    """The figures over daily bars with these closes."""
    found = ShelvedBars(bars=tuple(bars(closes)), as_of=NOW, taken=1_000.0)
    request = HistoryRequest(symbol=of.label, data_type=data_type, bar_size="1 day")
    return summarised(Meaning(instrument=of, reading=of.label), request, found, 1_003.0)


def test_figures_over_the_bars_by_hand() -> None:
    """10 to 12: +2, 20 %; high 15 + 1, low 9 - 1; volumes 100 to 103."""
    found = told([10, 15, 9, 12])
    assert (found.change, found.change_pct, found.high, found.low) == (2, 20.0, 16, 8)
    assert (found.change, found.as_of) == (found.last.close - found.first_open, NOW)
    assert (found.age_s, found.unit) == (3.0, "USD per share")
    assert any("4 bars are too few for a mean of 20, 50, 200" in gap for gap in found.gaps)
    assert found.average_volume == 101.5
    assert found.sma == ((20, None), (50, None), (200, None))
    assert (found.trend, found.last.close) == ("", 12)


@pytest.mark.parametrize(("count", "lengths"), [(19, 0), (20, 1), (49, 1), (50, 2), (199, 2), (200, 3)])
def test_a_moving_average_needs_all_its_bars(count: int, lengths: int) -> None:
    """Never an average of fewer bars than its name says."""
    found = told([100.0] * count)
    assert sum(value is not None for _, value in found.sma) == lengths


def test_the_moving_average_is_of_the_last_closes() -> None:
    """Mean of 2, 3, 4."""
    assert moving_average(bars([100, 2, 3, 4]), 3) == 3.0


def test_the_trend_compares_the_last_close_with_its_twenty_bar_mean() -> None:
    """Rising: above."""
    assert told([float(n) for n in range(1, 25)]).trend == "above"
    assert told([float(n) for n in range(25, 1, -1)]).trend == "below"


def test_bars_without_volume_have_no_average_of_it() -> None:
    """MIDPOINT bars: None, not 0."""
    (bar,) = bars([10])
    bare = Bar(start=bar.start, open=bar.open, high=bar.high, low=bar.low, close=bar.close)
    found = ShelvedBars(bars=(bare,), as_of=NOW, taken=0.0)
    meant, request = Meaning(instrument=SPY, reading="SPY"), HistoryRequest(symbol="SPY")
    assert summarised(meant, request, found, 0.0).average_volume is None


def service(market: FakeMarket) -> HistoryService:
    """On the small listed market."""
    clock = FakeClock()
    meanings = Meanings(directory=FakeDirectory(), clock=clock)
    return HistoryService(meanings=meanings, shelf=BarShelf(market=market, clock=clock), clock=clock)


async def test_the_service_asks_in_tws_words() -> None:
    """And gives the bars with their figures."""
    found = await service(FakeMarket()).history(HistoryRequest.read("SPY", duration="5 d", bar_size="1 day"))
    assert (len(found.bars), found.change) == (5, Decimal(5))


class _Empty(FakeMarket):
    async def bars(self, *_: object, **__: object) -> list[Bar]:
        return []


async def test_no_bars_are_an_error_and_not_an_empty_history() -> None:
    """Nothing can be said over nothing."""
    with pytest.raises(MarketDataError) as refused:
        await service(_Empty()).history(HistoryRequest(symbol="SPY"))
    assert refused.value.code == "no_history"


@settings(deadline=None, derandomize=True)
@given(duration=st.text(max_size=12), bar=st.text(max_size=12))
def test_any_words_are_a_request_or_an_error_of_ours(duration: str, bar: str) -> None:
    """No other exception."""
    code = ""
    try:
        HistoryRequest.read("SPY", duration=duration, bar_size=bar)
    except InvalidRequest as error:
        code = error.code
    assert code in ("", "invalid_duration", "invalid_bar_size")


EURUSD = Underlying(con_id=2, symbol="EUR", sec_type=SecType.CASH, currency="USD")
COIN = Underlying(con_id=3, symbol="BTC", sec_type=SecType.CRYPTO, currency="USD")


@pytest.mark.parametrize(
    ("instrument", "asked", "what", "noted"),
    [
        (SPY, "ADJUSTED_LAST", "ADJUSTED_LAST", False),
        (SPY, IV, IV, False),
        (COIN, "TRADES", "AGGTRADES", False),
        (EURUSD, "TRADES", "MIDPOINT", True),
        (EURUSD, "BID", "BID", False),
    ],
)
def test_each_kind_of_contract_is_asked_for_what_tws_has_of_it(
    instrument: Instrument, asked: str, what: str, noted: bool
) -> None:
    """A pair is not traded: its middle is taken, and the answer says so."""
    kind, notes = kind_of_bars(instrument, asked)
    assert (word_of(instrument, kind), bool(notes)) == (what, noted)


@pytest.mark.parametrize(
    ("instrument", "asked"), [(EURUSD, IV), (COIN, "ADJUSTED_LAST"), (EURUSD, "ADJUSTED_LAST")]
)
def test_bars_that_a_kind_does_not_have_are_refused_with_those_it_has(
    instrument: Instrument, asked: str
) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidRequest) as refused:
        kind_of_bars(instrument, asked)
    assert refused.value.code == "invalid_data_type"
    assert "MIDPOINT" in str(refused.value.expected)


def test_bid_ask_bars_have_no_change() -> None:
    """They open with one side and close with the other."""
    found = told([float(n) for n in range(1, 25)], "BID_ASK")
    assert (found.change, found.change_pct, found.trend) == (None, None, "")
    assert {mean for _, mean in found.sma} == {None}
    assert any("BID_ASK" in gap for gap in found.gaps)


def test_units_are_named_for_every_kind() -> None:
    """A rate is no price per share."""
    assert unit_of(EURUSD, "MIDPOINT") == "USD for 1 EUR"
    assert unit_of(SPY, IV).startswith("volatility a year")
    assert unit_of(SPY, "TRADES") == "USD per share"


async def test_daily_bars_are_asked_for_once_a_minute_and_small_ones_always() -> None:
    """The shelf holds days only; volatilities stay ten minutes."""
    clock, asked = FakeClock(), list[str]()

    class Counting(FakeMarket):
        async def bars(self, instrument: Instrument, **said: object) -> list[Bar]:  # type: ignore[override]
            asked.append(str(said["what"]))
            return bars([10.0, 11.0])

    shelf = BarShelf(market=Counting(), clock=clock)
    for seconds, what, bar, expected in (
        (0, "TRADES", "1 day", 1),
        (59, "TRADES", "1 day", 1),
        (2, "TRADES", "1 day", 2),
        (0, IV, "1 day", 3),
        (500, IV, "1 day", 3),
        (101, IV, "1 day", 4),
        (0, "TRADES", "1 min", 5),
        (0, "TRADES", "1 min", 6),
    ):
        clock.advance(seconds)
        found = await shelf.bars(SPY, duration="1 D", bar_size=bar, what=what)
        assert len(asked) == expected
        assert clock.monotonic() - found.taken < 600
    clock.at += timedelta(days=1)  # a simulator's clock is moved, no second has passed
    await shelf.bars(SPY, duration="1 D", bar_size="1 day", what=IV)
    assert len(asked) == 7
