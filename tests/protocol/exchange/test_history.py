"""Bars as clients ask for them: kinds, hours, ends, paces, updates, schedules, heads."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, Speaker, near_option

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.entitlements import Entitlements, Feed
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.history_answers import HistogramData
from sumppump.exchange.wire.market_answers import (
    Bar,
    HeadTimestamp,
    HistoricalData,
    HistoricalDataUpdate,
    HistoricalSchedule,
)
from sumppump.exchange.wire.market_requests import (
    CancelHistoricalData,
    ReqHeadTimestamp,
    ReqHistogramData,
    ReqHistoricalData,
    ReqHistoricalTicks,
    ReqMarketDataType,
)
from sumppump.kernel.clock import NEW_YORK

AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
FREE = Rules(paces_history=False)


def asked(**words: Any) -> ReqHistoricalData:
    plain: dict[str, Any] = {
        "req_id": 4, "contract": SPY, "duration": "1 D", "bar_size": "5 mins", "what_to_show": "TRADES",
        "date_format": 2,
    }  # fmt: skip
    return ReqHistoricalData(**(plain | words))


def bars(client: Speaker, **words: Any) -> tuple[Bar, ...]:
    (answer,) = client.say(asked(**words))
    assert isinstance(answer, HistoricalData), answer
    return answer.bars


def local(bar: Bar) -> datetime:
    return datetime.fromtimestamp(int(bar.date), NEW_YORK)


def at_night(hours: float = 11.0) -> Lab:
    """A lab in the evening of Friday."""
    lab = Lab(FREE)
    lab.jump(FRIDAY + timedelta(hours=hours))
    return lab


@pytest.mark.behaviour("SIM-HIST-01")
def test_a_client_that_repeats_itself_is_told_of_the_pace() -> None:
    lab = Lab()
    client = lab.connect()
    small = asked(bar_size="5 secs", duration="60 S")
    first, second = (client.say(small)[0] for _ in range(2))
    assert isinstance(first, HistoricalData)
    assert (second.id, second.code) == (4, 162)
    assert second.text.endswith("Historical data request pacing violation")
    (other,) = lab.connect(2).say(small)
    assert isinstance(other, HistoricalData)
    lab.at += 15.0
    (again,) = client.say(small)
    assert isinstance(again, HistoricalData)
    (free,) = Lab(FREE).connect().say(small, small)[1:]
    assert isinstance(free, HistoricalData)


@pytest.mark.behaviour("SIM-HIST-04")
def test_weeks_and_months_are_dated_by_their_last_day() -> None:
    client = Lab().connect()
    holiday = "20260907 20:00:00"  # Labor Day
    weeks = bars(client, bar_size="1W", duration="1 M", end=holiday)
    assert [bar.date for bar in weeks] == ["20260807", "20260814", "20260821", "20260828", "20260904"]
    months = bars(client, bar_size="1M", duration="3 M", end=holiday)
    assert [bar.date for bar in months] == ["20260630", "20260731", "20260831", "20260904"]


@pytest.mark.behaviour("SIM-HIST-05")
def test_thirty_seconds_before_a_close_are_thirty_bars_of_a_second() -> None:
    client = Lab().connect()
    found = bars(
        client,
        bar_size="1 secs",
        duration="30 S",
        use_rth=0,
        end="20261006-20:00:00",
        what_to_show="MIDPOINT",
    )
    assert len(found) == 30
    assert local(found[-1]).strftime("%H:%M:%S") == "15:59:59"


@pytest.mark.behaviour("SIM-HIST-12")
def test_the_auction_of_a_close_is_in_its_day_and_in_its_last_bar() -> None:
    lab = at_night()
    client = lab.connect()
    book = lab.venue.quote(lab.con_id("SPY"))
    assert book is not None
    for end in ("", "20261120 16:00:00"):
        day = bars(client, bar_size="1 day", end=end)[-1]
        last = bars(client, bar_size="1 min", duration="60 S", end=end)[-1]
        assert local(last).strftime("%H:%M") == "15:59"
        assert (day.close, last.close) == (last.close, day.close)
        assert last.volume > 1_000_000


@pytest.mark.behaviour("SIM-HIST-06")
@pytest.mark.parametrize("is_option", [False, True])
def test_a_bid_ask_bar_holds_averages_and_extremes(is_option: bool) -> None:
    lab = Lab(FREE)
    client = lab.connect()
    contract = Contract(con_id=near_option(lab, "C").con_id, exchange="SMART") if is_option else SPY
    sides = {what: bars(client, contract=contract, what_to_show=what) for what in ("BID", "ASK", "BID_ASK")}
    assert len(sides["BID_ASK"]) >= 6
    for bid, ask, both in zip(*sides.values(), strict=True):
        assert bid.low <= both.open <= bid.high
        assert ask.low <= both.close <= ask.high
        assert (both.low, both.high) == (bid.low, ask.high)
        assert (int(both.volume), both.average, both.count) == (-1, -1.0, -1)


@pytest.mark.behaviour("SIM-HIST-07")
def test_outside_regular_hours_a_stock_s_day_is_longer() -> None:
    client = at_night().connect()
    found = bars(client, bar_size="1 hour", use_rth=0)
    starts = [local(bar).hour for bar in found]
    assert starts == list(range(4, 20))
    regular = bars(client, bar_size="1 hour")
    assert [local(bar).strftime("%H:%M") for bar in regular][:2] == ["09:30", "10:00"]
    assert len(regular) == 7
    assert sum(bar.volume for bar in found) > sum(bar.volume for bar in regular)
    day = bars(client, bar_size="1 day", use_rth=0)[-1]
    assert (day.open, day.close) == (found[0].open, found[-1].close)
    assert day.volume == sum(bar.volume for bar in found)


@pytest.mark.behaviour("SIM-HIST-07")
def test_quotes_by_night_have_bars_too() -> None:
    client = at_night().connect()
    found = bars(client, bar_size="30 mins", use_rth=0, what_to_show="MIDPOINT")
    assert len(found) == 32
    assert all(bar.low <= bar.open <= bar.high for bar in found)


@pytest.mark.behaviour("SIM-HIST-08")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"what_to_show": "ADJUSTED_LAST", "end": "20261119 16:00:00"}, 321),
        ({"what_to_show": "FEE_RATE"}, 162),
        ({"what_to_show": "YIELD_BID"}, 162),
        ({"what_to_show": "AGGTRADES"}, 162),
        ({"keep_up_to_date": True, "bar_size": "1 secs", "duration": "60 S"}, 321),
    ],
)
def test_what_there_is_no_data_for_is_refused(words: dict[str, Any], code: int) -> None:
    (error,) = Lab().connect().say(asked(**words))
    assert (type(error), error.id, error.code) == (ErrorMessage, 4, code)


@pytest.mark.behaviour("SIM-HIST-13")
def test_combos_have_no_bars() -> None:
    (error,) = Lab().connect().say(asked(contract=Contract(symbol="SPY", sec_type="BAG", exchange="SMART")))
    assert (type(error), error.id) == (ErrorMessage, 4)


@pytest.mark.behaviour("SIM-HIST-14")
def test_adjusted_prices_are_those_of_a_share_that_keeps_its_dividends() -> None:
    """Equal since the last ex-date, lower before it by the dividend, with returns that include it."""
    lab = Lab()
    client = lab.connect()
    (paid,) = lab.venue.market.corporate.dividends("SPY", date(2026, 9, 1), date(2026, 10, 30))
    words = {"bar_size": "1 day", "duration": "3 M"}
    raw = {bar.date: bar for bar in bars(client, **words)}
    fixed = {bar.date: bar for bar in bars(client, what_to_show="ADJUSTED_LAST", **words)}
    ex_date = f"{paid.ex_date:%Y%m%d}"
    before = max(day for day in raw if day < ex_date)
    assert list(raw) == list(fixed)
    assert all((raw[day] == fixed[day]) == (day >= ex_date) for day in raw)
    lost = raw[before].close - fixed[before].close
    assert lost == pytest.approx(float(paid.amount), abs=0.011)
    assert all(raw[day].volume == fixed[day].volume for day in raw)


@pytest.mark.behaviour("SIM-HIST-09")
def test_updates_finish_a_bar_before_they_begin_the_next() -> None:
    """A client that joins the updates to the answer has what a later answer says."""
    lab = Lab(FREE)
    client = lab.connect()
    joined = {
        bar.date: bar.close
        for bar in bars(client, keep_up_to_date=True, bar_size="10 secs", duration="120 S")
    }
    lab.wait(43.0)
    updates = [m for m in client.listen() if isinstance(m, HistoricalDataUpdate)]
    joined.update({update.date: update.close for update in updates})
    assert len({update.date for update in updates}) >= 4
    (cancelled,) = client.say(CancelHistoricalData(req_id=4))
    assert cancelled.code == 162
    later = {bar.date: bar.close for bar in bars(client, bar_size="10 secs", duration="60 S")}
    finished = sorted(later)[:-1]
    assert {date: joined[date] for date in finished} == {date: later[date] for date in finished}


@pytest.mark.behaviour("SIM-HIST-09")
def test_an_update_without_a_trade_counts_minus_one() -> None:
    lab = Lab(FREE)
    client = lab.connect()
    option = Contract(con_id=near_option(lab, "C").con_id, exchange="SMART")
    bars(client, contract=option, keep_up_to_date=True, bar_size="1 hour", duration="1 D")
    lab.wait(60.0)
    counts = [m.count for m in client.listen() if isinstance(m, HistoricalDataUpdate)]
    assert -1 in counts
    assert max(counts) > 0


@pytest.mark.behaviour("SIM-HIST-10")
def test_a_schedule_tells_the_sessions() -> None:
    lab = Lab()
    wanted = asked(what_to_show="SCHEDULE", bar_size="1 day", duration="1 W", end="20261128 00:00:00")
    lab.jump(datetime(2026, 11, 28, 3, 0, tzinfo=NEW_YORK))
    (answer,) = lab.connect().say(wanted)
    assert isinstance(answer, HistoricalSchedule)
    assert (answer.time_zone, answer.start) == ("US/Eastern", "20261123-09:30:00")
    rows = [(row.ref_date, row.start, row.end) for row in answer.sessions]
    assert rows[-1] == ("20261127", "20261127-09:30:00", "20261127-13:00:00")  # half a day
    assert [row[0] for row in rows] == ["20261123", "20261124", "20261125", "20261127"]
    (longer,) = lab.connect(2).say(asked(**{**vars_of(wanted), "use_rth": 0}))
    assert longer.sessions[0].start == "20261123-04:00:00"


@pytest.mark.behaviour("SIM-HIST-10")
def test_an_old_client_has_no_schedule() -> None:
    (error,) = Lab().connect(version=157).say(asked(what_to_show="SCHEDULE", bar_size="1 day"))
    assert (error.id, error.code) == (4, 321)


def vars_of(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in type(message).__dataclass_fields__}


@pytest.mark.behaviour("SIM-HIST-11")
@pytest.mark.parametrize(
    ("what", "date_format", "head"),
    [("TRADES", 2, "345479400"), ("TRADES", 1, "19801212-14:30:00"), ("MIDPOINT", 1, "20040123-14:30:00")],
)
def test_well_known_names_begin_when_they_did(what: str, date_format: int, head: str) -> None:
    message = ReqHeadTimestamp(req_id=1, contract=AAPL, what_to_show=what, date_format=date_format)
    assert Lab().connect().say(message) == [HeadTimestamp(req_id=1, time=head)]


@pytest.mark.behaviour("SIM-HIST-11")
@pytest.mark.parametrize(
    ("contract", "what", "code"),
    [
        (AAPL, "GOSSIP", 162),
        (AAPL, "AGGTRADES", 162),
        (Contract(symbol="NOPE", sec_type="STK", exchange="SMART"), "TRADES", 200),
    ],
)
def test_what_has_no_head_is_an_error(contract: Contract, what: str, code: int) -> None:
    (error,) = Lab().connect().say(ReqHeadTimestamp(req_id=1, contract=contract, what_to_show=what))
    assert (error.id, error.code) == (1, code)


@pytest.mark.behaviour("SIM-HISTOGRAM-01")
@pytest.mark.parametrize("period", ["3 days", "3 D", "1 week"])
def test_a_histogram_has_all_that_was_traded(period: str) -> None:
    client = Lab().connect()
    (answer,) = client.say(ReqHistogramData(req_id=6, contract=AAPL, use_rth=True, period=period))
    assert isinstance(answer, HistogramData)
    duration = "1 W" if "week" in period else "3 D"
    days = bars(client, contract=AAPL, bar_size="1 day", duration=duration)
    assert sum(row.size for row in answer.prices) == sum(day.volume for day in days)
    assert (answer.prices[0].price, answer.prices[-1].price) == (
        min(day.low for day in days),
        max(day.high for day in days),
    )


@pytest.mark.behaviour("SIM-HISTOGRAM-02")
@pytest.mark.parametrize("period", ["", "soon", "0 days", "99 years", "3 parsecs"])
def test_a_histogram_of_no_time_is_an_error(period: str) -> None:
    (error,) = Lab().connect().say(ReqHistogramData(req_id=6, contract=AAPL, period=period))
    assert (type(error), error.id) == (ErrorMessage, 6)


@pytest.mark.behaviour("SIM-HIST-15")
@pytest.mark.parametrize(
    ("message", "code"),
    [
        (asked(), 162),
        (asked(bar_size="1 day", keep_up_to_date=True), 162),
        (ReqHeadTimestamp(req_id=4, contract=SPY, what_to_show="TRADES"), 162),
        (ReqHistogramData(req_id=4, contract=SPY, period="1 week"), 10187),
        (
            ReqHistoricalTicks(
                req_id=4, contract=SPY, start="20261120-15:00:00", count=1, what_to_show="TRADES"
            ),
            10187,
        ),
    ],
)
def test_history_needs_a_live_subscription(message: Any, code: int) -> None:
    lab = Lab()
    lab.hall.shared.entitlements = Entitlements(by_kind={"STK": Feed.DELAYED})
    client = lab.connect()
    client.say(ReqMarketDataType(kind=3))
    (error,) = client.say(message)
    assert (error.id, error.code) == (4, code)
    assert error.text.endswith("No market data permissions for ARCA STK")
