"""Market data that is refused, halted or no number, and orders while nothing trades."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.protocol.exchange.lab import SPY
from tests.protocol.trouble.scenes import codes, filling, of, spread, stage, ticked

from sumppump.exchange.entitlements import Entitlements, Feed
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.contracts import Contract, MarketLeg
from sumppump.exchange.wire.framing import FrameReader
from sumppump.exchange.wire.market_answers import TickGeneric, TickPrice
from sumppump.exchange.wire.market_requests import ReqMarketDataType, ReqMktData
from sumppump.exchange.wire.order_answers import ExecDetails, OrderStatus

HALTED = 49
PRICES = [("-1", b"-1.0"), ("0", b"0.0"), ("max", b"1.7976931348623157e+308")]


def halts(messages: list[object]) -> list[float]:
    return [one.value for one in of(TickGeneric, messages) if one.tick_type == HALTED]


AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")


@pytest.mark.behaviour("SIM-FAULT-14")
@pytest.mark.parametrize(
    ("fault", "parameters", "stopped"),
    [
        ("F-70", {"symbol": "AAPL"}, [102]),
        ("F-70", {"symbol": "SPY"}, [100, 101]),
        ("F-22", {"farm": "history", "seconds": 60.0}, []),
        ("F-22", {"seconds": 60.0}, [100, 101, 102]),
    ],
)
def test_a_fault_stops_the_streams_it_concerns_and_no_others(
    fault: str, parameters: dict[str, Any], stopped: list[int]
) -> None:
    """Live ones, combos and delayed ones alike."""
    here = stage()
    here.lab.hall.shared.entitlements = Entitlements(by_symbol={"AAPL": Feed.DELAYED})
    order = spread(here.lab)
    legs = tuple(MarketLeg(con_id=one.con_id, action=one.action, exchange="SMART") for one in order.legs)
    here.ask(
        ReqMarketDataType(kind=3),
        ReqMktData(req_id=101, contract=order.contract, legs=legs),
        ReqMktData(req_id=102, contract=AAPL),
    )
    here.cause(fault, **parameters)
    here.client.listen()
    told = here.wait(20.0)
    assert [req_id for req_id in (100, 101, 102) if not ticked(told, req_id)] == stopped


@pytest.mark.behaviour("SIM-FAULT-05")
def test_while_its_underlying_is_halted_an_order_waits() -> None:
    """Tick 49 says so at once, also to who asks later; quotes stand still; afterwards the order fills."""
    here = stage()
    here.cause("F-70", symbol="SPY")
    assert halts(here.client.listen()) == [1.0]
    order = filling(here.lab)
    here.ask(order)
    told = here.wait(20.0)
    assert not of(ExecDetails, told)
    assert not ticked(told)
    assert 1.0 in halts(here.ask(ReqMktData(req_id=101, contract=SPY)))
    here.heal()
    told = here.wait(3.0)
    assert halts(told)[:1] == [0.0]
    assert [one.status for one in of(OrderStatus, told)][-1] == "Filled"
    assert ticked(told)


def test_another_symbol_trades_on() -> None:
    here = stage()
    here.cause("F-70", symbol="AAPL")
    here.ask(filling(here.lab))
    told = here.wait(2.0)
    assert of(ExecDetails, here.client.heard)
    assert ticked(told)


def test_without_a_subscription_there_are_delayed_data() -> None:
    """354 ends what is live; who takes delayed data gets 10167 and then ticks; later live ones again."""
    here = stage()
    here.cause("X-03")
    here.ask(ReqMarketDataType(kind=3))
    assert codes(here.ask(ReqMktData(req_id=101, contract=SPY))) == [10167]
    here.heal()
    here.ask(ReqMarketDataType(kind=1))
    assert ticked(here.ask(ReqMktData(req_id=102, contract=SPY)), 102)


@pytest.mark.parametrize("code", [10089, 10168])
def test_the_refusal_may_be_that_of_a_newer_tws(code: int) -> None:
    here = stage()
    here.cause("X-03", code=code)
    assert codes(here.client.listen()) == [code]
    assert codes(here.ask(ReqMktData(req_id=101, contract=SPY))) == [code]


@pytest.mark.behaviour("SIM-FAULT-06")
@pytest.mark.parametrize(("value", "text"), PRICES)
def test_a_price_may_be_no_price(value: str, text: bytes) -> None:
    here = stage()
    here.cause("F-39", value=value, one_in=1)
    here.lab.hall.receive(
        here.client.session, encode_request(ReqMktData(req_id=101, contract=SPY), 178), here.lab.at
    )
    frames = FrameReader().feed(here.client.session.take())
    prices = [body.split(b"\0")[4] for body in frames if body.startswith(b"1\0")]
    assert prices
    assert set(prices) == {text}


def test_it_may_even_be_nan() -> None:
    here = stage()
    here.cause("F-39", value="nan", one_in=1)
    here.lab.hall.receive(
        here.client.session, encode_request(ReqMktData(req_id=101, contract=SPY), 178), here.lab.at
    )
    frames = FrameReader().feed(here.client.session.take())
    prices = [body.split(b"\0")[4] for body in frames if body.startswith(b"1\0")]
    assert all(math.isnan(float(price)) for price in prices)
    assert not of(TickPrice, here.client.heard[-1:])
