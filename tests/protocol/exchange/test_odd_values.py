"""Requests of the right shape with values that nobody should send: an answer or an error, never the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import Lab, Speaker, near_option

from sumppump.exchange.wire.account_requests import ReqExecutions, ReqGlobalCancel
from sumppump.exchange.wire.contracts import Contract, OrderLeg
from sumppump.exchange.wire.market_requests import (
    ReqContractDetails,
    ReqHeadTimestamp,
    ReqHistoricalData,
    ReqMatchingSymbols,
    ReqMktData,
    ReqSecDefOptParams,
)
from sumppump.exchange.wire.place_order import PlaceOrder

LABS: list[Lab] = []


def lab() -> Lab:
    """One venue for all examples; whatever an example leaves behind is the next one's problem too."""
    if not LABS:
        LABS.append(Lab())
    return LABS[0]


NUMBERS = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, 1e-9, 0.01, 0.013, 5.0, -5.0, 1e9, 1e15, -1e15, 1e300, 5e-324]),
    st.floats(-1000, 1000),
)
SIZES = st.one_of(
    st.none(),
    st.sampled_from([Decimal(x) for x in ("0", "1", "-1", "0.5", "1E+9", "1E+24", "1E-24", "100", "7")]),
)
INTS = st.sampled_from([0, 1, -1, 2, 3, 7, 2**31 - 1, -(2**31), 10**12, 28812380])
TEXTS = st.one_of(
    st.sampled_from(["", "SPY", "SMART", "é", "\\", "C", "P", "BUY", "x" * 300]), st.text(max_size=5)
)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    option = near_option(lab(), "C")
    known = draw(st.sampled_from(["stock", "option", "bag", "odd"]))
    if known == "stock":
        return Contract(symbol="SPY", sec_type="STK", exchange="SMART", currency="USD")
    if known == "option":
        return Contract(con_id=option.con_id, exchange="SMART")
    if known == "bag":
        return Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD")
    return Contract(
        con_id=draw(INTS),
        symbol=draw(TEXTS),
        sec_type=draw(st.sampled_from(["", "STK", "OPT", "FUT", "IND", "CASH", "?"])),
        expiry=draw(st.sampled_from(["", "202612", "20261218", "20261399", "tomorrow", "9" * 40])),
        strike=draw(NUMBERS) or 0.0,
        right=draw(st.sampled_from(["", "C", "PUT", "?", "0", "X"])),
        multiplier=draw(st.sampled_from(["", "100", "x"])),
        exchange=draw(st.sampled_from(["", "SMART", "CBOE", "MOON"])),
        currency=draw(st.sampled_from(["", "USD", "EUR"])),
        local_symbol=draw(TEXTS),
        trading_class=draw(TEXTS),
    )


LEGS = st.lists(
    st.builds(
        lambda con_id, ratio, action: OrderLeg(con_id=con_id, ratio=ratio, action=action, exchange="SMART"),
        st.one_of(INTS, st.just(-5)),
        INTS,
        st.sampled_from(["BUY", "SELL", "SSHORT", ""]),
    ),
    max_size=7,
)


@st.composite
def orders(draw: st.DrawFn) -> PlaceOrder:
    option = near_option(lab(), "C")
    legs = tuple(replace(leg, con_id=option.con_id if leg.con_id == -5 else leg.con_id) for leg in draw(LEGS))
    return PlaceOrder(
        order_id=draw(st.one_of(st.integers(1, 400), INTS)),
        contract=draw(contracts()),
        legs=legs,
        action=draw(st.sampled_from(["BUY", "SELL", "SSHORT", "", "buy"])),
        total_quantity=draw(SIZES),
        order_type=draw(st.sampled_from(["LMT", "MKT", "STP", "STP LMT", "TRAIL", "", "MOC", "REL"])),
        lmt_price=draw(NUMBERS),
        aux_price=draw(NUMBERS),
        tif=draw(st.sampled_from(["", "DAY", "GTC", "IOC", "FOK", "GTD", "X"])),
        oca_group=draw(st.sampled_from(["", "g"])),
        oca_type=draw(INTS),
        account=draw(st.sampled_from(["", lab().venue.account, "DU1"])),
        order_ref=draw(TEXTS),
        transmit=draw(st.booleans()),
        parent_id=draw(st.sampled_from([0, 0, 1, 5, -3, 10**12])),
        outside_rth=draw(st.booleans()),
        what_if=draw(st.booleans()),
        all_or_none=draw(st.booleans()),
        trail_stop_price=draw(NUMBERS),
        trailing_percent=draw(NUMBERS),
    )


@st.composite
def questions(draw: st.DrawFn) -> Any:
    contract, req_id = draw(contracts()), draw(INTS)
    return draw(
        st.sampled_from(
            [
                ReqContractDetails(req_id=req_id, contract=contract, include_expired=draw(st.booleans())),
                ReqMktData(req_id=req_id, contract=contract, generic_ticks=draw(TEXTS), snapshot=True),
                ReqHistoricalData(
                    req_id=req_id,
                    contract=contract,
                    end=draw(
                        st.sampled_from(["", "20261120 10:00:00", "00010101 00:00:00", "99991231-23:59:59"])
                    ),
                    bar_size=draw(st.sampled_from(["1 min", "1 day", "1 secs", "0 mins", "-1 min", ""])),
                    duration=draw(st.sampled_from(["1 D", "60 S", "999999999 Y", "-1 D", "0 D", "1 X", ""])),
                    what_to_show=draw(st.sampled_from(["TRADES", "BID", "OPTION_IMPLIED_VOLATILITY", ""])),
                ),
                ReqHeadTimestamp(req_id=req_id, contract=contract),
                ReqMatchingSymbols(req_id=req_id, pattern=draw(TEXTS)),
                ReqSecDefOptParams(req_id=req_id, under_symbol=draw(TEXTS), under_con_id=draw(INTS)),
                ReqExecutions(req_id=req_id, time=draw(TEXTS), client_id=draw(INTS)),
            ]
        )
    )


SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def connected(client_id: int) -> Iterator[Speaker]:
    client = lab().connect(client_id)
    try:
        yield client
    finally:
        lab().leave(client)


@pytest.mark.behaviour("SIM-INPUT-01")
@SLOW
@given(st.lists(orders(), min_size=1, max_size=4))
def test_no_order_can_stop_the_exchange(placed: list[PlaceOrder]) -> None:
    """Every order is answered in some way unless it waits to be transmitted, and the market goes on."""
    with connected(3) as client:
        for order in placed:
            heard = client.say(order)
            assert heard or not order.transmit or order.parent_id
            lab().wait(0.3)
        client.say(ReqGlobalCancel())
        lab().wait(0.3)


@pytest.mark.behaviour("SIM-INPUT-02")
@SLOW
@given(questions())
def test_no_question_can_stop_the_exchange(question: Any) -> None:
    """Each is answered: silence would be a hang at the other end."""
    with connected(4) as client:
        assert client.say(question)
