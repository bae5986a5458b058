"""Requests that are refused: the code, a lone answer, nothing left behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, Client, codes, combo, option, single, spec, stock, venue

from sumppump.exchange.commands import OrderSpec, PlaceOrder
from sumppump.exchange.events import OrderRejected
from sumppump.exchange.listing.instruments import ContractQuery, LegQuery

BELOW = Decimal("300.00")


@pytest.fixture
def client() -> Client:
    return Client(venue())


@pytest.mark.behaviour("SIM-REFUSE-01")
@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"action": "HOLD"}, 321, "Invalid action"),
        ({"quantity": None}, 434, "The order size cannot be zero."),
        ({"quantity": Decimal(0)}, 434, "The order size cannot be zero."),
        ({"quantity": Decimal(-1)}, 321, "Order size"),
        ({"quantity": Decimal("NaN")}, 321, "Order size"),
        ({"quantity": Decimal("Infinity")}, 321, "Order size"),
        ({"quantity": Decimal("1e12")}, 321, "Order size"),
        ({"quantity": Decimal("1.5")}, 10243, "Fractional-sized order"),
        ({"limit": None}, 321, "Limit price is missing"),
        ({"limit": Decimal("NaN")}, 321, "Limit price is missing"),
        ({"limit": Decimal(0)}, 321, "must be greater than zero"),
        ({"limit": Decimal("-1.00")}, 321, "must be greater than zero"),
        ({"limit": Decimal("1e300")}, 321, "out of range"),
        ({"limit": Decimal("300.005")}, 110, "does not conform to the minimum price variation"),
        ({"order_type": "STP"}, 321, "Stop price is missing"),
        ({"order_type": "STP", "aux": Decimal("300.001")}, 110, "minimum price variation"),
        ({"order_type": "TRAIL"}, 321, "Exactly one of trailing amount"),
        ({"order_type": "TRAIL", "aux": Decimal(1), "trailing_percent": Decimal(1)}, 321, "Exactly one"),
        ({"order_type": "BANANA"}, 321, "-'bF' : cause - Invalid order type was entered."),
        ({"order_type": ""}, 321, "Invalid order type was entered."),
        ({"order_type": "PEG BEST"}, 387, "Unsupported order type"),
        ({"order_type": "MOC", "tif": "GTC"}, 113, "TIF must be DAY for MOC and LOC orders"),
        ({"tif": "SOON"}, 321, "Invalid time in force"),
        ({"tif": "GTD"}, 334, "Invalid Good Till Date order"),
        ({"ends_at": START + timedelta(days=1)}, 334, "Invalid Good Till Date order"),
        ({"tif": "GTD", "ends_at": START}, 334, "Invalid Good Till Date order"),
        ({"account": "DU1234567"}, 321, "Invalid account code"),
        ({"parent_id": 77}, 135, "Can't find order with id =77"),
    ],
)
def test_unsound_terms_are_refused_and_leave_nothing(
    client: Client, change: dict[str, Any], code: int, words: str
) -> None:
    terms = replace(spec(limit=BELOW), **change)
    (event,) = client.place(single(stock(client.at)), terms)
    assert isinstance(event, OrderRejected)
    assert (event.code, event.order_id) == (code, 1)
    assert words in event.text
    assert client.at.open_orders() == client.at.completed_orders() == ()
    assert codes(client.place(single(stock(client.at)), spec(limit=BELOW), order_id=1)) == []


@pytest.mark.behaviour("SIM-REFUSE-02")
@pytest.mark.parametrize(
    ("symbol", "strike", "limit", "code"),
    [
        ("SPY", 680, "4.01", []),
        ("AAPL", 270, "2.99", []),
        ("AAPL", 270, "3.05", []),
        ("AAPL", 270, "3.01", [110]),
    ],
)
def test_options_are_priced_on_the_grid_of_their_class(
    client: Client, symbol: str, strike: int, limit: str, code: list[int]
) -> None:
    call = option(client.at, strike, symbol, 3)
    assert codes(client.place(single(call), spec(limit=Decimal(limit), what_if=True))) == code


@pytest.mark.behaviour("SIM-REFUSE-03")
def test_combos_are_priced_in_cents_of_either_sign(client: Client) -> None:
    """Protocol page 5.4: combos may be priced at 0.01 on SMART whatever the legs' rules."""
    legs = combo((option(client.at, 270, "AAPL", 3), 1), (option(client.at, 280, "AAPL", 3), -1))
    for limit, expected in (("3.01", []), ("-0.02", []), ("0", []), ("1.001", [110])):
        terms = spec(limit=Decimal(limit), what_if=True)
        assert codes(client.place(legs, terms)) == expected, limit


@pytest.mark.behaviour("SIM-REFUSE-04")
def test_contracts_that_do_not_exist_are_refused_with_200_and_321(client: Client) -> None:
    call = option(client.at, 680)
    cases = [
        (ContractQuery(con_id=1, exchange="SMART"), 200),
        (ContractQuery(symbol="SPY", sec_type="OPT", exchange="SMART", expiry="20270101"), 200),
        (replace(single(call), exchange=""), 321),
        (
            ContractQuery(symbol="SPY", sec_type="BAG", exchange="SMART", legs=(LegQuery(5, 1, "BUY"),) * 2),
            200,
        ),
    ]
    for query, code in cases:
        assert codes(client.place(query, spec(limit=BELOW))) == [code]


@pytest.mark.behaviour("SIM-REFUSE-05")
def test_ids_are_used_once_and_the_code_tells_why(client: Client) -> None:
    """103 for an id that was used or passed by, 104 for a filled order, per client."""
    query = single(stock(client.at))
    client.place(query, spec(kind="MKT"), order_id=5)
    assert codes(client.place(query, spec(limit=BELOW), order_id=5)) == [104]
    assert codes(client.place(query, spec(limit=BELOW), order_id=4)) == [103]
    client.place(query, spec(limit=BELOW), order_id=6)
    client.cancel(6)
    assert codes(client.place(query, spec(limit=BELOW), order_id=6)) == [103]
    assert codes(Client(client.at, client_id=2).place(query, spec(limit=BELOW), order_id=1)) == []
    assert (client.at.next_order_id(1), client.at.next_order_id(2), client.at.next_order_id(3)) == (7, 2, 1)


@pytest.mark.behaviour("SIM-REFUSE-06")
def test_cancels_that_cannot_work_are_told_apart(client: Client) -> None:
    query = single(stock(client.at))
    (unknown,) = client.cancel(9)
    assert isinstance(unknown, OrderRejected)
    assert (unknown.code, unknown.text) == (10147, "OrderId 9 that needs to be cancelled is not found.")
    client.place(query, spec(kind="MKT"))
    (filled,) = client.cancel(1)
    assert isinstance(filled, OrderRejected)
    assert filled.code == 10148
    assert filled.text == "OrderId 1 that needs to be cancelled can not be cancelled, state: Filled."
    assert codes(Client(client.at, client_id=2).cancel(1)) == [10147]


numbers = st.one_of(st.none(), st.decimals(allow_nan=True, allow_infinity=True))
words = st.sampled_from(["LMT", "MKT", "STP", "STP LMT", "TRAIL", "MOC", "", "x"])


@pytest.mark.behaviour("SIM-REFUSE-07")
@settings(max_examples=300, deadline=None)
@given(
    action=st.sampled_from(["BUY", "SELL", ""]),
    quantity=numbers,
    order_type=words,
    limit=numbers,
    aux=numbers,
    percent=numbers,
    trail=numbers,
    tif=st.sampled_from(["DAY", "GTC", "IOC", "FOK", "?"]),
    what_if=st.booleans(),
)
def test_no_terms_whatever_raise_an_exception(
    action: str,
    quantity: Decimal | None,
    order_type: str,
    limit: Decimal | None,
    aux: Decimal | None,
    percent: Decimal | None,
    trail: Decimal | None,
    tif: str,
    what_if: bool,
) -> None:
    """A client's numbers end in an order or in a refusal, never in an error of the exchange."""
    at = SHARED
    terms = OrderSpec(
        action=action, quantity=quantity, order_type=order_type, limit=limit, aux=aux, tif=tif,
        trailing_percent=percent, trail_stop_price=trail, what_if=what_if,
    )  # fmt: skip
    events = at.apply(PlaceOrder(1, at.next_order_id(1), CONTRACT, terms))
    assert events
    at.advance(at.now)


SHARED = venue(start=START)
CONTRACT = single(stock(SHARED))
