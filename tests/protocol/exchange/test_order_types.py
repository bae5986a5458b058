"""Every order type in messages: its statuses, its price, its refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, near_option
from tests.protocol.exchange.tickets import at_market, codes, once, opened, price, statuses, ticket, wait

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.listing.instruments import ContractQuery
from sumppump.exchange.wire.account_requests import CancelOrder, ReqCompletedOrders
from sumppump.exchange.wire.contracts import Contract, LegPrice, OrderLeg, Tag
from sumppump.exchange.wire.order_answers import CompletedOrder, ExecDetails, OpenOrder
from sumppump.exchange.wire.place_order import PlaceOrder

CLOSE = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")


def sides(lab: Lab) -> tuple[float, float]:
    book = lab.venue.quote(lab.con_id("SPY"))
    assert book is not None
    assert book.bid is not None
    assert book.ask is not None
    return float(book.bid), float(book.ask)


def trail_limit(**terms: Any) -> PlaceOrder:
    return ticket(**{"action": "SELL", "order_type": "TRAIL LIMIT", "lmt_price": None, **terms})


@pytest.mark.behaviour("SIM-ORDER-01")
def test_a_trailing_limit_follows_its_stop_up_and_is_filled_no_worse() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(1), trail_limit(order_id=2, aux_price=0.4, lmt_price_offset=0.05))
    assert codes(client, 2) == []
    seen = []
    while lab.venue.open_orders():
        (view,) = lab.venue.open_orders()
        assert view.stop_price is not None
        assert view.limit == view.stop_price - Decimal("0.05")
        seen.append(view.stop_price)
        lab.wait(2)
    client.listen()
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]
    told = opened(client, 2)
    assert told.lmt_price == pytest.approx((told.trail_stop_price or 0) - 0.05)
    fill = client.all(ExecDetails)[-1]
    assert fill.price >= told.lmt_price  # type: ignore[operator]


@pytest.mark.behaviour("SIM-ORDER-02")
@pytest.mark.parametrize(
    ("terms", "offset", "said"),
    [
        ({"aux_price": 1.0, "trail_stop_price": 600.0, "lmt_price": 599.5}, Decimal("0.5"), []),
        ({"aux_price": 1.0}, None, [321]),
        ({"lmt_price_offset": 0.1}, None, [321]),
        ({"aux_price": 1.0, "lmt_price_offset": 0.105}, None, [321]),
    ],
)
def test_a_trailing_limit_needs_an_offset(
    terms: dict[str, Any], offset: Decimal | None, said: list[int]
) -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(1), trail_limit(order_id=2, **terms))
    assert codes(client, 2) == said
    assert [view.spec.limit_offset for view in lab.venue.open_orders()] == ([offset] if offset else [])


@pytest.mark.behaviour("SIM-ORDER-03")
@pytest.mark.parametrize("kind", ["MIT", "LIT"])
def test_an_order_if_touched_waits_for_a_better_price(kind: str) -> None:
    lab = Lab()
    client = lab.connect()
    touch = price(lab) - Decimal("0.30")
    limit = None if kind == "MIT" else float(touch + Decimal("0.05"))
    client.say(ticket(order_type=kind, aux_price=float(touch), lmt_price=limit))
    assert statuses(client) == ["PreSubmitted"]
    lab.jump(FRIDAY + timedelta(hours=5))
    client.listen()
    assert once(statuses(client)) == ["PreSubmitted", "Submitted", "Filled"]
    (fill,) = client.all(ExecDetails)
    assert fill.price <= float(touch) + 0.06


@pytest.mark.behaviour("SIM-ORDER-04")
def test_the_rest_of_a_market_to_limit_order_rests_at_its_first_price() -> None:
    lab = Lab()
    client = lab.connect()
    listing = near_option(lab, "C")
    book = lab.venue.quote(listing.con_id)
    assert book is not None
    option = Contract(con_id=listing.con_id, exchange="SMART")
    client.say(at_market(contract=option, order_type="MTL", total_quantity=Decimal(book.ask_size + 5)))
    (first,) = client.all(ExecDetails)
    assert first.shares == book.ask_size
    (view,) = lab.venue.open_orders()
    assert view.limit == Decimal(str(first.price))
    assert opened(client).lmt_price == first.price
    wait(lab, client, 120)
    assert all(fill.price <= first.price for fill in client.all(ExecDetails))


@pytest.mark.behaviour("SIM-ORDER-05")
def test_orders_for_the_close_trade_at_the_last_price() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(1, order_type="MOC"))
    client.say(ticket(2, order_type="LOC", lmt_price=900.0), ticket(3, order_type="LOC", lmt_price=300.0))
    assert [statuses(client, n)[-1] for n in (1, 2, 3)] == ["Submitted"] * 3
    lab.jump(CLOSE - timedelta(seconds=1))
    assert client.all(ExecDetails) == []
    lab.jump(CLOSE)
    client.listen()
    assert [fill.price for fill in client.all(ExecDetails)] == [float(price(lab))] * 2
    assert [statuses(client, n)[-1] for n in (1, 2, 3)] == ["Filled", "Filled", "Cancelled"]
    assert codes(client, 3) == [202]


@pytest.mark.behaviour("SIM-ORDER-06")
@pytest.mark.parametrize("kind", ["MOC", "LOC"])
def test_orders_for_the_close_are_for_the_day(kind: str) -> None:
    client = Lab().connect()
    client.say(ticket(order_type=kind, tif="GTC"))
    assert codes(client) == [113]


@pytest.mark.behaviour("SIM-ORDER-07")
@pytest.mark.parametrize(
    ("contract", "minutes", "said"),
    [(SPY, 11, []), (SPY, 9, [201]), (AAPL, 9, []), (AAPL, 4, [201])],
)
def test_orders_for_the_close_have_a_cut_off(contract: Contract, minutes: int, said: list[int]) -> None:
    lab = Lab(start=CLOSE - timedelta(minutes=minutes))
    client = lab.connect()
    client.say(at_market(contract=contract, order_type="MOC"))
    assert codes(client) == said
    client.say(CancelOrder(order_id=1))
    assert codes(client)[-1] == (10148 if said else 161 if minutes < 10 else 202)


@pytest.mark.behaviour("SIM-ORDER-08")
def test_a_relative_order_rides_on_the_bid() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ticket(1, order_type="REL", aux_price=0.0, lmt_price=300.0))
    client.say(ticket(2, order_type="REL", aux_price=0.01, lmt_price=0.0, total_quantity=Decimal(3)))
    wait(lab, client, 1200)
    assert statuses(client, 1)[-1] == "Submitted"
    assert statuses(client, 2)[-1] == "Filled"
    assert opened(client, 2).aux_price == 0.01


@pytest.mark.behaviour("SIM-ORDER-09")
@pytest.mark.parametrize("kind", ["PEG MID", "MIDPRICE"])
def test_an_order_at_the_middle_pays_no_more_than_half_of_the_spread(kind: str) -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ticket(1, order_type=kind, lmt_price=None))
    client.say(ticket(2, order_type=kind, lmt_price=300.0))
    while not client.all(ExecDetails):
        lab.wait(0.25)
        client.listen()
    (fill,) = client.all(ExecDetails)
    bid, ask = sides(lab)
    assert fill.price <= (bid + ask) / 2
    assert statuses(client, 2)[-1] == "Submitted"


@pytest.mark.behaviour("SIM-ORDER-10")
@pytest.mark.parametrize(
    ("kind", "code"), [("REL", 114), ("PEG MID", 387), ("MIDPRICE", 387), ("MOC", 387), ("LOC", 387)]
)
def test_pegs_and_auctions_are_for_stocks(kind: str, code: int) -> None:
    lab = Lab()
    client = lab.connect()
    option = Contract(con_id=near_option(lab, "C").con_id, exchange="SMART")
    client.say(ticket(contract=option, order_type=kind, lmt_price=1.0))
    assert codes(client) == [code]


@pytest.mark.behaviour("SIM-ORDER-11")
def test_an_algorithm_is_taken_and_echoed() -> None:
    client = Lab().connect()
    params = (Tag(tag="adaptivePriority", value="Normal"),)
    client.say(ticket(1, algo_strategy="Adaptive", algo_params=params))
    assert statuses(client, 1)[-1] == "Submitted"
    assert (opened(client, 1).algo_strategy, opened(client, 1).algo_params) == ("Adaptive", params)
    client.say(
        ticket(2, algo_strategy="Magic"), ticket(3, order_type="STP", aux_price=900.0, algo_strategy="Twap")
    )
    assert (codes(client, 2), codes(client, 3)) == ([439], [442])


@pytest.mark.behaviour("SIM-ORDER-12")
@pytest.mark.parametrize("version", [157, 176, 178])
def test_attributes_come_back(version: int) -> None:
    lab = Lab()
    client = lab.connect(version=version)
    terms: dict[str, Any] = {
        "hidden": True, "sweep_to_fill": True, "display_size": 1, "not_held": True, "open_close": "O",
        "model_code": "M", "rule_80a": "I", "solicited": True, "randomize_size": True, "exempt_code": 2,
        "good_after_time": "20261120 11:00:00 US/Eastern", "oca_group": "g", "oca_type": 2,
        "designated_location": "here", "order_ref": "ref", "settling_firm": "f", "clearing_account": "c",
    }  # fmt: skip
    client.say(ticket(**terms), CancelOrder(order_id=1))
    (done,) = [one for one in client.say(ReqCompletedOrders()) if isinstance(one, CompletedOrder)]
    for name, value in terms.items():
        assert getattr(opened(client), name) == value, name
        assert getattr(done, name, value) == value or name in ("oca_group",), name


@pytest.mark.behaviour("SIM-ORDER-13")
def test_sizes_bound_a_fill() -> None:
    lab = Lab()
    client = lab.connect()
    option = near_option(lab, "C")
    book = lab.venue.quote(option.con_id)
    assert book is not None
    assert book.ask is not None
    contract = Contract(con_id=option.con_id, exchange="SMART")
    ask, size = float(book.ask), Decimal(book.ask_size)
    client.say(
        ticket(1, contract=contract, lmt_price=ask, total_quantity=size * 2, min_quantity=int(size) + 1)
    )
    assert client.all(ExecDetails) == []
    client.say(ticket(2, contract=contract, lmt_price=round(ask - 0.02, 2), discretionary_amount=0.02))
    assert [fill.price for fill in client.all(ExecDetails)] == [ask]
    client.say(CancelOrder(order_id=1))
    for order_id in range(3, 20):
        book = lab.venue.quote(option.con_id)
        assert book is not None
        middle = round(float((book.bid or 0) + (book.ask or 0)) / 2, 2)
        client.say(
            ticket(order_id, contract=contract, lmt_price=middle, total_quantity=Decimal(9), display_size=1)
        )
        lab.wait(1)
        client.say(CancelOrder(order_id=order_id))
    rested = [fill.shares for fill in client.all(ExecDetails) if fill.last_liquidity == 1]
    assert len(rested) > 1
    assert set(rested) == {1}


@pytest.mark.behaviour("SIM-ORDER-14")
@pytest.mark.parametrize(
    "terms",
    [
        {"hedge_type": "D"},
        {"scale_price_increment": 0.1},
        {"adjusted_order_type": "STP"},
        {"fa_group": "all"},
        {"stock_range_lower": 1.0},
        {"auto_cancel_parent": True},
        {"order_type": "PEG BEST"},
        {"order_type": "VOL"},
        {"contract": Contract(symbol="SPY", sec_type="STK", exchange="IBKRATS", currency="USD")},
        {"delta_neutral_order_type": "LMT"},
    ],
)
def test_what_is_not_modelled_is_refused(terms: dict[str, Any]) -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ticket(**terms))
    assert codes(client) == [387]
    assert lab.venue.open_orders() == ()


@pytest.mark.behaviour("SIM-ORDER-15")
def test_legs_may_have_prices_of_their_own() -> None:
    lab = Lab()
    client = lab.connect()
    low, high = near_option(lab, "C"), near_option(lab, "C", offset=5)
    legs = (
        OrderLeg(con_id=low.con_id, action="BUY", exchange="SMART"),
        OrderLeg(con_id=high.con_id, action="SELL", exchange="SMART"),
    )
    bag = Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD")
    prices = (LegPrice(price=3.0), LegPrice(price=2.9))
    routing = (Tag(tag="NonGuaranteed", value="1"),)
    client.say(ticket(contract=bag, legs=legs, leg_prices=prices, routing_params=routing, lmt_price=None))
    assert (opened(client).leg_prices, opened(client).routing_params) == (prices, routing)
    assert lab.venue.open_orders()[0].limit == Decimal("0.10")
    client.say(ticket(2, contract=bag, legs=legs, leg_prices=prices[:1], lmt_price=None))
    assert codes(client, 2) == [321]


@pytest.mark.behaviour("SIM-ORDER-16")
@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"min_quantity": 2}, 388),
        ({"display_size": 1, "discretionary_amount": 0.1}, 157),
        ({"block_order": True}, 117),
        ({"trigger_method": 5}, 146),
        ({"order_type": "REL", "percent_offset": 1.5}, 159),
        ({"total_quantity": Decimal(0)}, 434),
        ({"cash_quantity": 100.0}, 10244),
        ({"total_quantity": Decimal("0.5")}, 10243),
    ],
)
def test_what_is_out_of_range_is_refused(terms: dict[str, Any], code: int) -> None:
    client = Lab().connect()
    client.say(ticket(**terms))
    assert codes(client) == [code]


@pytest.mark.behaviour("SIM-ORDER-17")
@pytest.mark.parametrize("method", [0, 1, 2, 3, 4, 7, 8])
def test_a_stop_looks_at_the_price_of_its_method(method: int) -> None:
    """However time is cut up; a double method is never earlier than the single one."""
    ends = []
    for single in (method, {1: 4, 3: 2}.get(method, method)):
        lab = Lab()
        client = lab.connect()
        stop = float(price(lab) - Decimal("0.25"))
        client.say(
            ticket(action="SELL", order_type="STP", aux_price=stop, trigger_method=single, lmt_price=None)
        )
        assert statuses(client) == ["PreSubmitted"]
        lab.jump(FRIDAY + timedelta(minutes=20))
        lab.jump(FRIDAY + timedelta(hours=6))
        client.listen()
        ends.append([fill.time for fill in client.all(ExecDetails)])
    assert ends[0] >= ends[1]
    assert ends[1]


@pytest.mark.behaviour("SIM-ORDER-19")
def test_coins_have_fractions_and_shares_have_none() -> None:
    lab = Lab()
    if not lab.venue.contracts(ContractQuery(symbol="BTC", sec_type="CRYPTO")):
        pytest.skip("no coins are listed yet")
    client = lab.connect()
    coin = Contract(symbol="BTC", sec_type="CRYPTO", exchange="PAXOS", currency="USD")
    client.say(at_market(1, contract=coin, total_quantity=Decimal("0.0125"), tif="IOC"))
    client.say(at_market(2, contract=coin, total_quantity=None, cash_quantity=500.0, tif="IOC"))
    first, second = client.all(ExecDetails)
    assert first.shares == Decimal("0.0125")
    assert 495 < float(second.shares) * second.price <= 500.01
    (held,) = lab.venue.positions()
    assert held.quantity == first.shares + second.shares


@pytest.mark.behaviour("SIM-ORDER-12")
def test_a_plain_order_has_the_recorded_defaults() -> None:
    client = Lab().connect()
    client.say(ticket())
    plain: OpenOrder = opened(client)
    assert (plain.display_size, plain.min_quantity, plain.hidden, plain.exempt_code) == (
        None,
        None,
        False,
        -1,
    )
    assert (plain.clearing_intent, plain.algo_strategy, plain.conditions) == ("IB", "", ())


@pytest.mark.behaviour("SIM-ORDER-20")
def test_a_limit_far_beyond_the_market_can_be_refused() -> None:
    lab = Lab(Rules(percentage=3.0))
    client = lab.connect()
    client.say(ticket(1, lmt_price=900.0), ticket(2, lmt_price=0.01), ticket(3, action="SELL", lmt_price=1.0))
    client.say(ticket(4, lmt_price=900.0, override_percentage_constraints=True))
    assert [codes(client, n) for n in (1, 2, 3, 4)] == [[163], [], [163], []]
