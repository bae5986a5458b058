"""Scans: what they rank by, and how long they go on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.protocol.exchange.lab import Lab

from sumppump.exchange.newsroom.scans import CODES, FILTERS, LOCATIONS
from sumppump.exchange.reports import BookTop
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.market_answers import ScannerParameters
from sumppump.exchange.wire.market_requests import (
    CancelScannerSubscription,
    ReqScannerParameters,
    ReqScannerSubscription,
)
from sumppump.exchange.wire.scans import ScannerData

SERVICE = "Historical Market Data Service error message:"


def scan(code: str = "TOP_PERC_GAIN", req_id: int = 5, **words: Any) -> ReqScannerSubscription:
    plain: dict[str, Any] = {"instrument": "STK", "location": "STK.US.MAJOR"}
    return ReqScannerSubscription(req_id=req_id, scan_code=code, **(plain | words))


def books(lab: Lab, answer: Any) -> list[BookTop]:
    """What subscribers see of the rows of an answer."""
    assert isinstance(answer, ScannerData), answer
    found = lab.venue.quotes([row.con_id for row in answer.rows])
    return [book for book in found if book is not None]


def change(book: BookTop) -> Decimal:
    assert book.last is not None
    assert book.close is not None
    return book.last / book.close


@pytest.mark.behaviour("SIM-SCAN-01")
def test_the_parameters_name_exactly_what_is_served() -> None:
    client = Lab().connect()
    (answer,) = client.say(ReqScannerParameters())
    assert isinstance(answer, ScannerParameters)
    root = ElementTree.fromstring(answer.xml)
    assert root.tag == "ScanParameterResponse"
    assert [one.text for one in root.iterfind(".//scanCode")] == list(CODES)
    assert {one.text for one in root.iterfind(".//locationCode")} == set(LOCATIONS)
    assert [one.text for one in root.iterfind(".//AbstractField/code")] == list(FILTERS)
    assert [one.text for one in root.iterfind("./InstrumentList/Instrument/type")] == ["STK", "ETF.EQ.US"]


@pytest.mark.behaviour("SIM-SCAN-02")
def test_gainers_and_losers_are_ranked_by_their_change() -> None:
    lab = Lab()
    client = lab.connect()
    (gain,) = client.say(scan("TOP_PERC_GAIN", 1))
    (lose,) = client.say(scan("TOP_PERC_LOSE", 2))
    changes = [change(book) for book in books(lab, gain)]
    assert len(changes) > 5
    assert changes == sorted(changes, reverse=True)
    assert [row.rank for row in gain.rows] == list(range(len(changes)))
    assert [row.con_id for row in lose.rows] == [row.con_id for row in reversed(gain.rows)]


@pytest.mark.behaviour("SIM-SCAN-02")
@pytest.mark.parametrize(
    ("code", "measure"),
    [
        ("MOST_ACTIVE", lambda book: book.volume),
        ("HIGH_OPT_IMP_VOLAT", lambda book: book.implied_volatility),
        ("HIGH_OPT_IMP_VOLAT_OVER_HIST", lambda book: book.implied_volatility / book.historical_volatility),
        ("TOP_OPEN_PERC_GAIN", lambda book: book.last / book.open),
        ("HIGH_OPEN_GAP", lambda book: book.open / book.close),
    ],
)
def test_a_scan_ranks_by_what_subscribers_see(code: str, measure: Any) -> None:
    lab = Lab()
    (answer,) = lab.connect().say(scan(code))
    numbers = [measure(book) for book in books(lab, answer)]
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.behaviour("SIM-SCAN-01")
def test_every_code_that_is_listed_is_answered() -> None:
    lab = Lab()
    for number, code in enumerate(CODES):
        client = lab.connect(number)
        (answer,) = client.say(scan(code))
        assert isinstance(answer, ErrorMessage if code == "HALTED" else ScannerData), code


@pytest.mark.behaviour("SIM-SCAN-02")
def test_a_place_in_the_year_s_range_is_that_of_the_closes() -> None:
    """Highest first is the reverse of lowest first, whatever the range."""
    lab = Lab()
    client = lab.connect()
    for weeks in (13, 26, 52):
        (high,) = client.say(scan(f"HIGH_VS_{weeks}W_HL", weeks))
        (low,) = client.say(scan(f"LOW_VS_{weeks}W_HL", weeks + 1))
        assert [row.symbol for row in high.rows] == [row.symbol for row in reversed(low.rows)]


@pytest.mark.behaviour("SIM-SCAN-02")
def test_option_activity_only_grows_during_a_day() -> None:
    lab = Lab()
    client = lab.connect()
    (before,) = client.say(scan("MOST_ACTIVE", 1, filter_options="optVolumeAbove=100"))
    lab.jump(lab.venue.now + timedelta(hours=2))
    client.listen()
    (after,) = client.say(scan("MOST_ACTIVE", 2, filter_options="optVolumeAbove=100"))
    assert {row.symbol for row in before.rows} <= {row.symbol for row in after.rows}


@pytest.mark.behaviour("SIM-SCAN-03")
def test_filters_leave_out_what_is_beyond_their_bounds() -> None:
    lab = Lab()
    client = lab.connect()
    (dear,) = client.say(scan("MOST_ACTIVE", 1, above_price=300.0))
    (cheap,) = client.say(scan("MOST_ACTIVE", 2, filter_options="priceBelow=300;volumeAbove=1000;"))
    assert {float(book.last or 0) >= 300 for book in books(lab, dear)} == {True}
    assert {float(book.last or 0) <= 300 for book in books(lab, cheap)} == {True}
    (all_,) = client.say(scan("MOST_ACTIVE", 3))
    assert len(dear.rows) + len(cheap.rows) == len(all_.rows)
    (funds,) = client.say(scan("MOST_ACTIVE", 4, instrument="ETF.EQ.US"))
    (companies,) = client.say(scan("MOST_ACTIVE", 5, stock_type="CORP"))
    assert "SPY" in {row.symbol for row in funds.rows}
    assert "AAPL" in {row.symbol for row in companies.rows}
    assert len(funds.rows) + len(companies.rows) == len(all_.rows)


@pytest.mark.behaviour("SIM-SCAN-04")
def test_a_scan_is_told_again_every_half_minute_until_it_is_cancelled() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(scan())
    lab.wait(61.0)
    assert [type(m) for m in client.listen()] == [ScannerData, ScannerData]
    (error,) = client.say(CancelScannerSubscription(req_id=5))
    assert (error.id, error.code) == (5, 162)
    assert error.text == f"{SERVICE}API scanner subscription cancelled: 5"
    lab.wait(31.0)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-SCAN-05")
def test_a_scan_that_finds_nothing_says_so_and_goes_on() -> None:
    lab = Lab()
    client = lab.connect()
    (first,) = client.say(scan(above_price=1e9))
    lab.wait(31.0)
    (second,) = client.listen()
    assert first == second
    assert (first.id, first.code) == (5, 165)
    assert first.text == "Historical Market Data Service query message:no items retrieved"


@pytest.mark.behaviour("SIM-SCAN-06")
def test_ten_scans_may_run_and_their_rows_are_bounded() -> None:
    client = Lab().connect()
    for number in range(10):
        (answer,) = client.say(scan(req_id=number, rows=3))
        assert len(answer.rows) == 3
    (error,) = client.say(scan(req_id=10))
    assert (error.id, error.code) == (10, 162)
    client.say(CancelScannerSubscription(req_id=0))
    (answer,) = client.say(scan(req_id=10, rows=10**9))
    assert 3 < len(answer.rows) <= 50
    (error,) = client.say(scan(req_id=10))
    assert error.code == 322


@pytest.mark.behaviour("SIM-SCAN-07")
@pytest.mark.parametrize(
    "wrong",
    [
        {"scan_code": "TOP_GOSSIP"},
        {"instrument": "MOON"},
        {"location": "STK.MOON"},
        {"stock_type": "GHOST"},
        {"filter_options": "phaseOfMoonAbove=1"},
        {"filter_options": "priceAbove=nan"},
        {"filter_options": "priceAbove="},
    ],
)
def test_what_a_scan_does_not_know_is_refused(wrong: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"instrument": "STK", "location": "STK.US", "scan_code": "MOST_ACTIVE"}
    (error,) = Lab().connect().say(ReqScannerSubscription(req_id=5, **(plain | wrong)))
    assert (error.id, error.code) == (5, 162)
    assert error.text.startswith(f"{SERVICE}invalid")
