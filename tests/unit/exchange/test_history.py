"""Bars come from the same paths as live quotes, and join them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import START, middle, option, stock, top, venue

from sumppump.exchange.reports import Bar, BarsQuery, BookTop, Refusal
from sumppump.exchange.venue import Venue

SPY = 756733
SERVICE = "Historical Market Data Service error message:"


def bars(at: Venue, duration: str, size: str, con_id: int = SPY, **other: Any) -> tuple[Bar, ...]:
    found = at.bars(BarsQuery(con_id=con_id, duration=duration, bar_size=size, **other))
    assert not isinstance(found, Refusal), found
    return found


def ticks(at: Venue, con_id: int, until: datetime, every_ms: int = 250) -> list[BookTop]:
    """What a subscriber sees at every step until a moment, which is not included."""
    seen: list[BookTop] = []
    while at.now < until:
        quote = at.quote(con_id)
        assert quote is not None
        seen.append(quote)
        at.advance(at.now + timedelta(milliseconds=every_ms))
    return seen


def traded_since(moment: datetime, quote: BookTop) -> bool:
    return quote.last_at is not None and quote.last_at >= moment


@pytest.mark.behaviour("SIM-BAR-01")
@pytest.mark.parametrize(
    ("symbol", "size", "seconds"), [("SPY", "1 min", 60), ("TSLA", "1 min", 60), ("AMD", "5 secs", 5)]
)
def test_a_bar_holds_exactly_the_prices_that_traded(symbol: str, size: str, seconds: int) -> None:
    at = venue(start=START - timedelta(milliseconds=250))
    con_id = stock(at, symbol).con_id
    before = top(at, stock(at, symbol)).volume
    at.advance(START)
    seen = [one for one in ticks(at, con_id, START + timedelta(seconds=seconds)) if traded_since(START, one)]
    volume = seen[-1].volume - before
    bar = next(bar for bar in bars(at, "300 S", size, con_id) if bar.start == START)
    last = [float(one.last or 0) for one in seen]
    assert (bar.open, bar.high, bar.low, bar.close) == (last[0], max(last), min(last), last[-1])
    assert bar.volume == volume
    assert bar.low <= bar.wap <= bar.high


@pytest.mark.behaviour("SIM-BAR-02")
@pytest.mark.parametrize("what", ["BID", "ASK", "MIDPOINT"])
def test_quote_bars_hold_the_quotes(what: str) -> None:
    at = venue()
    seen = ticks(at, SPY, START + timedelta(seconds=60))
    side = {
        "BID": [one.bid or Decimal(0) for one in seen],
        "ASK": [one.ask or Decimal(0) for one in seen],
        "MIDPOINT": [((one.bid or Decimal(0)) + (one.ask or Decimal(0))) / 2 for one in seen],
    }[what]
    bar = next(bar for bar in bars(at, "300 S", "1 min", what=what) if bar.start == START)
    assert (bar.open, bar.high) == (float(side[0]), float(max(side)))
    assert (bar.low, bar.close) == (float(min(side)), float(side[-1]))
    assert (bar.volume, bar.count) == (-1, -1)


@pytest.mark.behaviour("SIM-BAR-03")
def test_an_option_s_bar_holds_the_prints_that_were_its_last_prices() -> None:
    at = venue()
    call = option(at, 682, expiry=1)
    seen = [
        one
        for one in ticks(at, call.con_id, START + timedelta(minutes=5), every_ms=5000)
        if traded_since(START, one)
    ]
    bar = next(bar for bar in bars(at, "3600 S", "5 mins", call.con_id) if bar.start == START)
    prints = {one.last_at: one for one in seen if one.last_at}
    prices = [float(one.last or 0) for _, one in sorted(prints.items())]
    assert len(prices) > 5
    assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
    assert bar.volume == sum(one.last_size for one in prints.values())
    assert bar.count == len(prints)


@pytest.mark.behaviour("SIM-BAR-04")
def test_the_newest_bar_closes_at_the_live_price_at_every_moment() -> None:
    at = venue()
    for milliseconds in (0, 250, 500, 1750, 59_750, 60_000, 61_250):
        at.advance(START + timedelta(milliseconds=milliseconds))
        live = top(at, stock(at))
        for size in ("1 min", "1 hour", "1 day", "5 secs"):
            newest = bars(at, "1 D", size)[-1]
            assert newest.close == float(live.last or 0), (milliseconds, size)
        day = bars(at, "1 D", "1 day")[-1]
        assert (day.open, day.high, day.low) == (
            float(live.open or 0),
            float(live.high or 0),
            float(live.low or 0),
        )
        assert day.volume == live.volume


@pytest.mark.behaviour("SIM-BAR-05")
def test_bars_of_one_day_add_up_across_sizes() -> None:
    """Two weeks of minutes and the daily bars tell of the same ten days."""
    at = venue()
    minutes, days = bars(at, "2 W", "1 min"), bars(at, "2 W", "1 day")
    assert len(days) == 10
    assert len(minutes) == 9 * 390 + 31
    for day in days:
        part = [bar for bar in minutes if bar.day == day.day]
        assert (part[0].open, part[-1].close) == (day.open, day.close)
        assert max(bar.high for bar in part) == day.high
        assert min(bar.low for bar in part) == day.low
        assert sum(bar.volume for bar in part) == day.volume


@pytest.mark.behaviour("SIM-BAR-06")
def test_a_day_that_has_passed_keeps_its_bar() -> None:
    """What was live becomes history unchanged; yesterday's close is what quotes call the close."""
    at = venue()
    at.advance(START + timedelta(hours=6))
    closing, of_today = top(at, stock(at)), bars(at, "1 D", "1 day")[-1]
    at.advance(START + timedelta(days=3))
    assert bars(at, "2 D", "1 day")[0] == of_today
    assert top(at, stock(at)).close == closing.last


@pytest.mark.behaviour("SIM-BAR-07")
def test_eleven_years_of_daily_bars_are_there_and_no_more() -> None:
    at = venue()
    first = START - timedelta(days=11 * 366)
    found = bars(at, "1 W", "1 day", end=first + timedelta(days=3))
    assert found[0].day == date(2015, 11, 12)
    assert at.bars(
        BarsQuery(con_id=SPY, duration="1 D", bar_size="1 day", end=first - timedelta(days=3))
    ) == (Refusal(162, f"{SERVICE}HMDS query returned no data: SPY@SMART Trades"))


def test_weeks_are_made_of_days_and_dated_by_their_last_one() -> None:
    at = venue()
    days, weeks = bars(at, "2 M", "1 day"), bars(at, "2 M", "1 week")
    assert [bar.day for bar in days] == sorted({bar.day for bar in days})
    assert days[0].day == date(2026, 9, 21)
    for week in weeks:
        inside = [day for day in days if day.day.isocalendar()[:2] == week.day.isocalendar()[:2]]
        assert week.day == inside[-1].day
        assert (week.open, week.close) == (inside[0].open, inside[-1].close)
        assert week.high == max(day.high for day in inside)
        assert week.volume == sum(day.volume for day in inside)


@pytest.mark.behaviour("SIM-BAR-08")
def test_an_end_in_the_past_shows_what_was_seen_then() -> None:
    at = venue()
    then = bars(at, "1 D", "1 min")
    at.advance(START + timedelta(hours=2))
    assert bars(at, "1 D", "1 min", end=START) == then[:-1]  # what begins at an end is left out
    assert bars(at, "1 D", "1 min")[: len(then) - 1] == then[:-1]


@pytest.mark.behaviour("SIM-BAR-09")
def test_volatility_bars_agree_with_the_quote_s_volatilities() -> None:
    """What TWS calls OPTION_IMPLIED_VOLATILITY is the 30-day volatility at the money."""
    at = venue()
    live = top(at, stock(at))
    implied = bars(at, "1 M", "1 day", what="OPTION_IMPLIED_VOLATILITY")
    past = bars(at, "1 M", "1 day", what="HISTORICAL_VOLATILITY")
    assert implied[-1].close == pytest.approx(live.implied_volatility)
    assert past[-1].close == pytest.approx(live.historical_volatility)
    assert all(0.05 < bar.low <= bar.high < 0.6 for bar in implied)


@pytest.mark.behaviour("SIM-BAR-10")
def test_a_request_outside_hours_ends_with_the_last_session() -> None:
    at = venue(start=START + timedelta(days=1))  # a Saturday
    found = bars(at, "1800 S", "1 min")
    assert found[-1].start == START + timedelta(hours=5, minutes=59)
    assert len(found) == 30


@pytest.mark.behaviour("SIM-BAR-11")
@pytest.mark.parametrize(
    ("query", "code", "text"),
    [
        ({"what": "YIELD"}, 321, "-'bW' : cause - What to show field is missing or incorrect."),
        ({"bar_size": "7 mins"}, 321, "bar size"),
        ({"duration": "one day"}, 321, "duration"),
        ({"duration": "400 D"}, 321, "must be made in years"),
        ({"duration": "2 Y", "bar_size": "1 min"}, 162, "invalid step"),
        ({"end": START - timedelta(days=9000)}, 162, "HMDS query returned no data: SPY@SMART Trades"),
        ({"end": datetime(1, 1, 1, tzinfo=UTC)}, 162, "HMDS query returned no data"),
        ({"con_id": 5}, 200, "No security definition"),
    ],
)
def test_requests_that_cannot_be_answered_are_refused_in_tws_s_words(
    query: dict[str, Any], code: int, text: str
) -> None:
    plain: dict[str, Any] = {"con_id": SPY, "duration": "1 D", "bar_size": "1 hour"}
    found = venue().bars(BarsQuery(**(plain | query)))
    assert isinstance(found, Refusal)
    assert found.code == code
    assert text in found.text


@pytest.mark.behaviour("SIM-BAR-12")
def test_hourly_bars_begin_at_the_open_and_at_whole_hours() -> None:
    at = venue()
    at.advance(START + timedelta(hours=3))
    starts = [f"{bar.start - timedelta(hours=5):%H:%M}" for bar in bars(at, "1 D", "1 hour")]
    assert starts == ["09:30", "10:00", "11:00", "12:00", "13:00"]


@pytest.mark.behaviour("SIM-BAR-13")
def test_middles_of_bars_are_middles_of_quotes() -> None:
    at = venue()
    call = option(at, 690, expiry=3)
    at.advance(START + timedelta(seconds=15))
    quote = top(at, call)
    bar = bars(at, "1 D", "30 mins", call.con_id, what="MIDPOINT")[-1]
    assert abs(Decimal(str(bar.close)) - middle(quote)) <= Decimal("0.005")
