"""Ticks of the past as clients ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, near_option

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.history_answers import (
    HistoricalBidAsks,
    HistoricalMidpoints,
    HistoricalTrades,
    TradeTick,
)
from sumppump.exchange.wire.market_requests import ReqHistoricalData, ReqHistoricalTicks

TEN = int(FRIDAY.timestamp())
UNREPORTED = 2
LABS: list[Lab] = []


def lab() -> Lab:
    """One venue for all examples: nothing here changes it."""
    if not LABS:
        LABS.append(Lab(Rules(paces_history=False, rate=10**6)))
        LABS[0].jump(FRIDAY + timedelta(hours=2))
    return LABS[0]


def asked(**words: Any) -> ReqHistoricalTicks:
    plain: dict[str, Any] = {"req_id": 3, "contract": SPY, "count": 10, "what_to_show": "TRADES"}
    return ReqHistoricalTicks(**(plain | words))


def answer(**words: Any) -> Any:
    client = lab().connect(77)
    (found,) = client.say(asked(**words))
    lab().leave(client)
    return found


@pytest.mark.behaviour("SIM-TICKS-01")
@pytest.mark.parametrize("what", ["TRADES", "BID_ASK", "MIDPOINT"])
@pytest.mark.parametrize("count", [1, 10, 1000])
def test_a_second_is_never_cut(what: str, count: int) -> None:
    """The next answer begins with the next second, and together they are one longer answer."""
    first = answer(what_to_show=what, count=count, start="20261120-15:00:00")
    assert first.is_done
    assert len(first.ticks) >= count
    last = first.ticks[-1].epoch_s
    longer = answer(what_to_show=what, count=1000, start="20261120-15:00:00")
    assert tuple(t for t in longer.ticks if t.epoch_s <= last) == first.ticks
    earlier = answer(what_to_show=what, count=count, end="20261120-15:30:00")
    assert len(earlier.ticks) >= count
    assert all(before.epoch_s <= after.epoch_s for before, after in pairwise(earlier.ticks))
    assert earlier.ticks[-1].epoch_s < TEN + 1800


@pytest.mark.behaviour("SIM-TICKS-02")
@pytest.mark.parametrize("what", ["BID_ASK", "MIDPOINT"])
def test_quotes_begin_with_the_one_in_force(what: str) -> None:
    found = answer(what_to_show=what, count=1, start="20261120-15:00:00")
    assert found.ticks[0].epoch_s < TEN <= found.ticks[1].epoch_s


@pytest.mark.behaviour("SIM-TICKS-03")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({}, 10187),
        ({"start": "20261120-15:00:00", "end": "20261120-15:01:00"}, 10187),
        ({"start": "20261120-15:00:00", "count": 1001}, 10187),
        ({"start": "20261120-15:00:00", "count": 0}, 10187),
        ({"start": "20261120-15:00:00", "what_to_show": "GOSSIP"}, 10187),
        ({"start": "yesterday"}, 10314),
        ({"start": "20261120-15:00:00", "contract": Contract(symbol="NOPE", sec_type="STK")}, 200),
        ({"start": "20261120-15:00:00", "contract": Contract(symbol="SPY", sec_type="BAG")}, 321),
    ],
)
def test_a_question_that_makes_no_sense_is_an_error(words: dict[str, Any], code: int) -> None:
    error = answer(**words)
    assert (type(error), error.id, error.code) == (ErrorMessage, 3, code)


def slices(trades: tuple[TradeTick, ...], size: int) -> Iterator[tuple[int, list[TradeTick]]]:
    """Trades that count, by the bar of this many seconds that they belong to."""
    starts = sorted({tick.epoch_s // size * size for tick in trades})
    for start in starts:
        inside = [t for t in trades if start <= t.epoch_s < start + size and t.mask != UNREPORTED]
        if inside:
            yield start, inside


@pytest.mark.behaviour("SIM-TICKS-04")
@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 5400),
    st.sampled_from([("1 secs", 1), ("5 secs", 5), ("30 secs", 30), ("1 min", 60), ("2 mins", 120)]),
    st.booleans(),
)
def test_a_bar_equals_its_ticks(begin: int, size: tuple[str, int], is_option: bool) -> None:
    """Of stocks and of options, wherever it lies in the day."""
    name, seconds = size
    contract = Contract(con_id=near_option(lab(), "C").con_id, exchange="SMART") if is_option else SPY
    start = FRIDAY + timedelta(seconds=begin // seconds * seconds)
    ticks = answer(contract=contract, start=f"{start:%Y%m%d-%H:%M:%S}", count=300)
    assert isinstance(ticks, HistoricalTrades)
    span = min(ticks.ticks[-1].epoch_s - int(start.timestamp()), 1800) // seconds * seconds
    if not span:
        return
    client = lab().connect(78)
    (bars,) = client.say(
        ReqHistoricalData(
            req_id=4, contract=contract, duration=f"{span} S", bar_size=name, what_to_show="TRADES",
            end=f"{start + timedelta(seconds=span):%Y%m%d-%H:%M:%S}", date_format=2,
        )
    )  # fmt: skip
    lab().leave(client)
    until = int(start.timestamp()) + span
    told = dict(slices(tuple(t for t in ticks.ticks if t.epoch_s < until), seconds))
    if isinstance(bars, ErrorMessage):  # nothing was traded
        assert not told
        return
    assert [int(bar.date) for bar in bars.bars] == list(told)
    for bar in bars.bars:
        inside = told[int(bar.date)]
        prices, sizes = [t.price for t in inside], [int(t.size) for t in inside]
        assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
        assert (int(bar.volume), bar.count) == (sum(sizes), len(inside))
        weighted = sum(p * s for p, s in zip(prices, sizes, strict=True))
        assert bar.average == pytest.approx(weighted / sum(sizes), abs=1e-4)


KINDS = {
    "stock": SPY,
    "pair": Contract(symbol="EUR", sec_type="CASH", exchange="IDEALPRO", currency="USD"),
    "future": Contract(symbol="ES", sec_type="FUT", exchange="CME", expiry="202612"),
}


@pytest.mark.behaviour("SIM-TICKS-09")
@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 5400),
    st.sampled_from([("1 secs", 1), ("5 secs", 5), ("30 secs", 30), ("1 min", 60)]),
    st.sampled_from(sorted(KINDS)),
)
def test_a_bar_of_middles_equals_its_ticks(begin: int, size: tuple[str, int], kind: str) -> None:
    """It begins with the middle that is in force, and holds every later one."""
    (name, seconds), contract = size, KINDS[kind]
    start = FRIDAY + timedelta(seconds=begin // seconds * seconds)
    end = start + timedelta(seconds=seconds)
    ticks = answer(contract=contract, what_to_show="MIDPOINT", start=f"{start:%Y%m%d-%H:%M:%S}", count=400)
    client = lab().connect(79)
    (bars,) = client.say(
        ReqHistoricalData(
            req_id=4, contract=contract, duration=f"{seconds} S", bar_size=name, what_to_show="MIDPOINT",
            end=f"{end:%Y%m%d-%H:%M:%S}", date_format=2, use_rth=0,
        )
    )  # fmt: skip
    lab().leave(client)
    first, until = int(start.timestamp()), int(end.timestamp())
    in_force = [tick.price for tick in ticks.ticks if tick.epoch_s < first]
    inside = [tick.price for tick in ticks.ticks if first <= tick.epoch_s < until]
    (bar,) = bars.bars
    assert bar.open in (in_force[-1], inside[0] if inside else in_force[-1])
    prices = [bar.open, *inside]
    assert (bar.high, bar.low, bar.close) == (max(prices), min(prices), prices[-1])


@pytest.mark.behaviour("SIM-TICKS-05")
def test_a_holiday_has_the_ticks_of_the_next_session() -> None:
    found = answer(start="20260703-14:00:00", count=1000)  # the day off for Independence Day
    assert len(found.ticks) >= 1000
    assert found.ticks[0].epoch_s == 1783344600  # Monday, 9:30 New York
    early = answer(start="20260703-14:00:00", count=10, use_rth=0)
    assert early.ticks[0].epoch_s < 1783344600 - 18_000
    assert early.ticks[0].conditions == "T"


@pytest.mark.behaviour("SIM-TICKS-06")
def test_sizes_alone_can_be_ignored() -> None:
    words = {"what_to_show": "BID_ASK", "start": "20261120-15:00:00", "count": 500}
    every, prices = answer(**words), answer(**words, ignore_size=True)
    assert isinstance(every, HistoricalBidAsks)
    assert 0 < len(prices.ticks) < len(every.ticks)
    pairs = [(tick.bid, tick.ask) for tick in prices.ticks]
    assert all(one != next_ for one, next_ in pairwise(pairs))
    assert any((a.bid, a.ask) == (b.bid, b.ask) for a, b in pairwise(every.ticks))


@pytest.mark.behaviour("SIM-TICKS-07")
def test_middles_are_middles_of_quotes() -> None:
    middles = answer(what_to_show="MIDPOINT", start="20261120-15:00:00", count=50)
    quotes = answer(what_to_show="BID_ASK", start="20261120-15:00:00", count=500)
    assert isinstance(middles, HistoricalMidpoints)
    known = {round((tick.bid + tick.ask) / 2, 6) for tick in quotes.ticks}
    last = quotes.ticks[-1].epoch_s
    assert {round(tick.price, 6) for tick in middles.ticks if tick.epoch_s <= last} <= known
    assert {int(tick.size) for tick in middles.ticks} == {0}


@pytest.mark.behaviour("SIM-TICKS-08")
def test_ticks_of_what_is_to_come_are_none() -> None:
    found = answer(start="20261201-15:00:00")
    assert isinstance(found, HistoricalTrades)
    assert found == HistoricalTrades(req_id=3, ticks=(), is_done=True)
