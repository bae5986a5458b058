"""Generic ticks: asked for by number, told once and then on change, true where they can be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ib_async.wrapper import GENERIC_TICK_MAP, PRICE_TICK_MAP, SIZE_TICK_MAP, STRING_TICK_MAP
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, near_option
from tests.protocol.exchange.streams import (
    contract_of,
    errors,
    numbers,
    prices,
    sizes,
    strings,
    texts,
    tick_types,
)

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.generic_ticks import FACTS, fault_of, read_generics
from sumppump.exchange.reports import BarsQuery
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import TickGeneric, TickPrice, TickSize, TickString
from sumppump.exchange.wire.market_requests import ReqMktData
from sumppump.exchange.wire.news import TickNews

EVERYTHING = ",".join(str(number) for number in (*(FACTS.keys() - {162}), 233, 375, 292))
AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")


@pytest.mark.behaviour("SIM-GENERIC-01")
def test_generic_ticks_come_only_when_asked_for() -> None:
    lab = Lab()
    plain = tick_types(lab.connect(1).say(ReqMktData(req_id=1, contract=AAPL)))
    asked = tick_types(lab.connect(2).say(ReqMktData(req_id=1, contract=AAPL, generic_ticks=EVERYTHING)))
    wanted = {
        15,
        16,
        17,
        18,
        19,
        20,
        21,
        23,
        24,
        27,
        28,
        29,
        30,
        37,
        46,
        47,
        48,
        54,
        55,
        56,
        57,
        58,
        63,
        64,
        65,
    }
    assert asked - plain == wanted | {59, 77, 87, 89}


@pytest.mark.behaviour("SIM-GENERIC-02")
def test_an_unknown_number_is_refused_with_the_legal_ones() -> None:
    client = Lab().connect()
    client.say(ReqMktData(req_id=1, contract=SPY, generic_ticks="233,999"))
    assert errors(client) == [(1, 321)]
    text = texts(client, 321)[0]
    assert text.startswith("Error validating request.-'bW' : cause - Incorrect generic tick list of 233,999.")
    assert "  Legal ones for (STK) are: 100(Option Volume),101(Option Open Interest)," in text
    assert "232/221(Pl Price)" in text
    assert tick_types(client.heard) == set()


@pytest.mark.parametrize(
    "text", ["", " 233 , 236", "mdoff,292:BRFG+DJNL", "100,101,104,106,221,232,258,47,59"]
)
@pytest.mark.behaviour("SIM-GENERIC-09")
def test_lists_that_clients_send_are_taken(text: str) -> None:
    assert fault_of(text, "STK") is None


@pytest.mark.behaviour("SIM-GENERIC-02")
@pytest.mark.parametrize("text", ["0", "-1", "1e2", "²", "233;236", "162", "x" * 100])
def test_nonsense_in_a_list_is_refused(text: str) -> None:
    fault = fault_of(text, "STK")
    assert fault is not None
    assert fault.code == 321
    assert fault_of("162", "IND") is None
    assert fault_of("576", "OPT") is not None


@pytest.mark.behaviour("SIM-GENERIC-10")
def test_old_numbers_are_read_as_the_new_ones() -> None:
    assert read_generics("47,59,220,mdoff,292:BZ") == {258, 456, 221, 292}


@pytest.mark.behaviour("SIM-GENERIC-03")
def test_open_interest_is_told_for_both_rights() -> None:
    lab = Lab()
    put = near_option(lab, "P")
    heard = lab.connect().say(ReqMktData(req_id=1, contract=contract_of(put), generic_ticks="101,100"))
    book = lab.venue.quote(put.con_id)
    assert book is not None
    seen = sizes(heard)
    assert (seen[27], seen[28]) == (0, book.open_interest)
    assert seen[30] == book.volume
    assert 29 not in seen


@pytest.mark.behaviour("SIM-GENERIC-04")
def test_real_time_volume_tells_every_trade_and_the_day_s_average() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ReqMktData(req_id=1, contract=SPY, generic_ticks="233"))
    lab.wait(5.0)
    client.listen()
    told = [m.value.split(";") for m in client.all(TickString) if m.tick_type == 48]
    con_id, now = lab.con_id("SPY"), to_ms(lab.venue.now)
    trades = [
        one
        for one in lab.venue.ticks.trades(con_id, now - 1_800_000 - 5000, now + 1, 10**6)
        if one.is_reported
    ]
    for parts, trade in zip(told, trades[-len(told) :], strict=True):
        so_far = [one for one in trades if one.at_ms <= trade.at_ms]
        total = sum(one.size for one in so_far)
        average = sum(float(one.price) * one.size for one in so_far) / total
        assert [float(parts[0]), *map(int, parts[1:4])] == [
            float(trade.price),
            trade.size,
            trade.at_ms,
            total,
        ]
        assert float(parts[4]) == pytest.approx(average)
        assert parts[5] == "true"
    assert len(told) in (5, 6)


@pytest.mark.behaviour("SIM-GENERIC-05")
def test_extremes_are_those_of_the_daily_bars() -> None:
    lab = Lab()
    heard = lab.connect().say(ReqMktData(req_id=1, contract=SPY, generic_ticks="165"))
    bars = lab.venue.bars(BarsQuery(con_id=lab.con_id("SPY"), duration="1 Y", bar_size="1 day"))
    assert isinstance(bars, tuple)
    past = bars[:-1]
    year = [bar for bar in past if bar.day >= FRIDAY.date() - timedelta(weeks=52)]
    seen = prices(heard)
    assert (seen[19], seen[20]) == (min(bar.low for bar in year), max(bar.high for bar in year))
    assert seen[19] <= seen[17] <= seen[15] <= seen[16] <= seen[18] <= seen[20]
    average = sum(bar.volume for bar in past[-64:]) / 64
    assert sizes(heard)[21] == pytest.approx(average / 100, abs=1)


@pytest.mark.behaviour("SIM-GENERIC-06")
def test_the_auction_is_told_in_the_last_ten_minutes() -> None:
    lab = Lab()
    client = lab.connect()
    early = client.say(ReqMktData(req_id=1, contract=SPY, generic_ticks="225"))
    assert not tick_types(early) & {34, 35, 36, 61}
    lab.jump(FRIDAY + timedelta(hours=5, minutes=54))
    late = client.say(ReqMktData(req_id=2, contract=SPY, generic_ticks="225"))
    assert {34, 35, 36, 61} <= tick_types(late)
    assert sizes(late)[34] > 0


@pytest.mark.behaviour("SIM-GENERIC-07")
def test_ib_async_knows_every_generic_tick() -> None:
    lab = Lab()
    lab.jump(FRIDAY + timedelta(hours=5, minutes=54))
    client = lab.connect()
    for req_id, contract in enumerate((SPY, AAPL, contract_of(near_option(lab, "C")))):
        text = (
            EVERYTHING if not contract.con_id else "100,101,104,106,165,221,233,293,294,295,318,375,411,595"
        )
        client.say(ReqMktData(req_id=req_id, contract=contract, generic_ticks=text))
    assert errors(client) == []
    known = {
        TickPrice: set(PRICE_TICK_MAP) | {1, 2, 4},
        TickSize: set(SIZE_TICK_MAP) | {0, 3, 5},
        TickString: set(STRING_TICK_MAP) | {45, 47, 48, 59, 77},
        TickGeneric: set(GENERIC_TICK_MAP),
    }
    for kind, types in known.items():
        assert {m.tick_type for m in client.all(kind)} <= types


@pytest.mark.behaviour("SIM-GENERIC-08")
def test_counts_and_rates_are_those_of_the_trades() -> None:
    lab = Lab()
    heard = lab.connect().say(ReqMktData(req_id=1, contract=SPY, generic_ticks="293,294,295,595"))
    con_id, now = lab.con_id("SPY"), to_ms(lab.venue.now)
    minute = [one for one in lab.venue.ticks.trades(con_id, now - 60_000, now + 1, 10**6) if one.is_reported]
    seen = numbers(heard)
    assert (seen[55], seen[56]) == (len(minute), sum(one.size for one in minute))
    assert 1700 < seen[54] <= 1801
    assert sizes(heard)[63] < sizes(heard)[64] < sizes(heard)[65]


@pytest.mark.behaviour("SIM-GENERIC-11")
def test_a_generic_tick_is_repeated_only_when_it_changes() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ReqMktData(req_id=1, contract=AAPL, generic_ticks="104,165,236,258,293"))
    lab.wait(3.0)
    assert tick_types(client.listen()) & {15, 20, 21, 23, 46, 47, 54, 89} == {54}


@pytest.mark.behaviour("SIM-GENERIC-12")
def test_fundamentals_are_ratios_that_clients_can_split() -> None:
    heard = Lab().connect().say(ReqMktData(req_id=1, contract=AAPL, generic_ticks="258"))
    ratios = dict(part.split("=") for part in strings(heard)[47].split(";") if part)
    assert float(ratios["NLOW"]) < float(ratios["NPRICE"]) < float(ratios["NHIG"])
    assert ratios["CURRENCY"] == "USD"


@pytest.mark.behaviour("SIM-GENERIC-13")
def test_dividends_are_those_of_the_calendar() -> None:
    lab = Lab()
    heard = lab.connect().say(ReqMktData(req_id=1, contract=AAPL, generic_ticks="456"))
    past, ahead, day, amount = strings(heard)[59].split(",")
    following = lab.venue.market.corporate.next_dividend("AAPL", FRIDAY.date())
    assert following is not None
    assert (day, float(amount)) == (f"{following.ex_date:%Y%m%d}", float(following.amount))
    assert 0 < float(past) <= float(ahead) * 1.1


@pytest.mark.behaviour("SIM-GENERIC-14")
def test_news_ticks_tell_headlines_as_they_come() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(
        ReqMktData(req_id=1, contract=AAPL, generic_ticks="mdoff,292"),
        ReqMktData(req_id=2, contract=AAPL, generic_ticks="292:BRFG"),
        ReqMktData(req_id=3, contract=AAPL, generic_ticks="292:BZ"),
    )
    assert errors(client) == [(3, 321)]
    assert texts(client, 321)[0].endswith("Not subscribed for 'BZ' provider")
    lab.jump(FRIDAY + timedelta(hours=9))
    client.listen()
    con_id, now = lab.con_id("AAPL"), to_ms(lab.venue.now)
    headlines = lab.venue.news.headlines(con_id, to_ms(FRIDAY), now)
    told = client.all(TickNews)
    assert [m.headline for m in told if m.req_id == 1] == [one.story.headline for one in headlines]
    assert {m.provider for m in told if m.req_id == 2} <= {"BRFG"}
    assert headlines


@pytest.mark.behaviour("SIM-GENERIC-15")
def test_futures_have_open_interest_and_an_index_its_future_s_premium() -> None:
    lab = Lab()
    client = lab.connect()
    es = Contract(symbol="ES", sec_type="FUT", expiry="202612", exchange="CME", currency="USD")
    spx = Contract(symbol="SPX", sec_type="IND", exchange="CBOE", currency="USD")
    interest = sizes(client.say(ReqMktData(req_id=1, contract=es, generic_ticks="101,588")))
    assert interest[22] == interest[86] > 0
    heard = client.say(
        ReqMktData(req_id=2, contract=es), ReqMktData(req_id=3, contract=spx, generic_ticks="162")
    )
    last = {m.req_id: m.price for m in heard if isinstance(m, TickPrice) and m.tick_type == 4}
    assert numbers(heard)[31] == pytest.approx(last[2] - last[3], abs=0.01)
