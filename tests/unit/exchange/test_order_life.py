"""Lives of orders: what is told, in which order, until nothing can happen any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.exchange.builders import (
    CENT,
    START,
    Client,
    codes,
    combo,
    fills,
    middle,
    of,
    option,
    sides,
    single,
    spec,
    states,
    stock,
    text_of,
    top,
    venue,
)

from sumppump.exchange.commands import GlobalCancel
from sumppump.exchange.events import (
    AccountChanged,
    CommissionCharged,
    Event,
    Executed,
    OrderCancelled,
    OrderOpened,
    OrderStatusChanged,
    PositionChanged,
    SessionClosed,
    WhatIfReported,
)
from sumppump.exchange.listing.instruments import Bag, Listing
from sumppump.exchange.reports import OrderState

FAR_BELOW, FAR_ABOVE = Decimal("300.00"), Decimal("900.00")


@pytest.fixture
def client() -> Client:
    return Client(venue())


def spread(client: Client) -> tuple[Listing, Listing]:
    return option(client.at, 680), option(client.at, 690)


def kinds(events: Sequence[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.mark.behaviour("SIM-LIFE-01")
def test_a_limit_order_below_the_market_rests(client: Client) -> None:
    """Protocol page 5.4, 1: PreSubmitted, then Submitted, each with its openOrder."""
    events = client.place(single(stock(client.at)), spec(limit=FAR_BELOW))
    assert kinds(events) == ["OrderOpened", "OrderStatusChanged"] * 2
    assert states(events) == ["PreSubmitted", "Submitted"]
    assert [order.order_id for order in client.at.open_orders()] == [1]
    assert client.wait(3600) == ()


@pytest.mark.behaviour("SIM-LIFE-02")
def test_a_marketable_limit_order_fills_at_the_quote_not_at_its_limit(client: Client) -> None:
    """Protocol page 5.4, 2: execution, order, status, then the commission."""
    shares = stock(client.at)
    ask = sides(top(client.at, shares))[1]
    events = client.place(single(shares), spec(quantity=100, limit=ask + 1))
    assert kinds(events)[2:] == [
        "Executed", "OrderOpened", "OrderStatusChanged",
        "CommissionCharged", "PositionChanged", "AccountChanged",
    ]  # fmt: skip
    (fill,) = fills(events)
    assert (fill.price, fill.shares, fill.side, fill.liquidity) == (ask, 100, "BOT", 2)
    assert states(events) == ["PreSubmitted", "Filled"]
    assert client.at.positions()[0].quantity == 100


@pytest.mark.behaviour("SIM-LIFE-03")
def test_a_big_order_fills_in_pieces_no_larger_than_what_is_displayed(client: Client) -> None:
    """A new size is displayed each second; what was taken in a second is gone until the next."""
    call = option(client.at, 700)
    displayed = top(client.at, call).ask_size
    events = client.place(single(call), spec(quantity=displayed + 300, kind="MKT"))
    assert [fill.shares for fill in fills(events)] == [displayed]
    assert states(events) == ["PreSubmitted", "Submitted"]
    again = client.place(single(call), spec(quantity=5, kind="MKT"))
    assert fills(again) == []
    later = [*client.wait(1)]
    assert fills(later)[0].order_id == 1
    while client.at.open_orders():
        later += client.wait(60)
    total = sum(fill.shares for fill in fills([*events, *later]) if fill.order_id == 1)
    assert total == displayed + 300


@pytest.mark.behaviour("SIM-LIFE-04")
def test_a_combo_fills_whole_and_tells_the_bag_first_then_its_legs(client: Client) -> None:
    """Legs add up to the net price, by their ratios; the bag's row is charged nothing."""
    low, high = spread(client)
    query = combo((low, 1), (high, -2))
    bag = client.at.resolve(query)
    assert isinstance(bag, Bag)
    ask = sides(client.at.bag_quote(bag))[1]
    events = client.place(query, spec(quantity=3, limit=ask))
    rows = fills(events)
    assert [row.instrument.sec_type for row in rows] == ["BAG", "OPT", "OPT"]
    assert [(row.side, row.shares) for row in rows] == [("BOT", 3), ("BOT", 3), ("SLD", 6)]
    assert rows[0].price == rows[1].price - 2 * rows[2].price == ask
    reports = [event.report for event in of(CommissionCharged, events)]
    assert [report.commission.quantize(Decimal("0.1")) for report in reports] == [
        0,
        Decimal("2.1"),  # three times 0.65, the exchanges' regulatory fee and the clearing fee
        Decimal("4.3"),  # six times, and what sellers pay by number and value
    ]
    assert all(report.realized_pnl is None for report in reports)
    assert [row.instrument.con_id for row in rows] == [28812380, low.con_id, high.con_id]
    assert [row.exec_id[-5:] for row in rows] == ["01.01", "02.01", "03.01"]
    assert all(len(str(row.price).partition(".")[2]) <= 2 for row in rows)


@pytest.mark.behaviour("SIM-LIFE-05")
def test_a_credit_is_a_negative_price_for_the_buyer_of_a_combo(client: Client) -> None:
    """IBKR's notes on combination orders: BUY at a negative limit receives cash."""
    low, high = spread(client)
    query = combo((low, -1), (high, 1))
    bag = client.at.resolve(query)
    assert isinstance(bag, Bag)
    ask = sides(client.at.bag_quote(bag))[1]
    assert ask < 0
    before = _cash(client)
    events = client.place(query, spec(limit=ask))
    commission = sum((event.report.commission for event in of(CommissionCharged, events)), start=Decimal(0))
    assert states(events)[-1] == "Filled"
    assert _cash(client) - before == (-ask * 100 - commission).quantize(Decimal("0.01"))


def _cash(client: Client) -> Decimal:
    row = next(row for row in client.at.account_values() if row.key == "TotalCashValue")
    return Decimal(row.value)


@pytest.mark.behaviour("SIM-LIFE-06")
def test_a_combo_at_its_middle_fills_within_some_seconds_at_its_limit() -> None:
    """Counter-orders: at the middle one arrives about every third second. 40 seeds, all within a minute."""
    waits = []
    for seed in range(40):
        client = Client(venue(seed))
        low, high = spread(client)
        query = combo((low, 1), (high, -1))
        bag = client.at.resolve(query)
        assert isinstance(bag, Bag)
        limit = middle(client.at.bag_quote(bag))
        client.place(query, spec(limit=limit))
        events = client.wait(60)
        rows = fills(events)
        assert rows, seed
        assert rows[0].price <= limit
        waits.append((rows[0].at - START) / timedelta(seconds=1))
    assert sorted(waits)[20] < 6
    assert max(waits) > 2


@pytest.mark.behaviour("SIM-LIFE-07")
def test_an_order_at_its_own_side_of_the_quote_mostly_waits() -> None:
    """At the bid one counter-order in fifty seconds: 60 seeds for ten seconds, few fill."""
    filled = 0
    for seed in range(60):
        client = Client(venue(seed))
        call = option(client.at, 720, expiry=20)
        client.place(single(call), spec(limit=sides(top(client.at, call))[0] - Decimal("0.05")))
        client.place(single(call), spec(limit=sides(top(client.at, call))[0]))
        filled += any(fill.order_id == 2 for fill in fills(client.wait(10)))
    assert filled < 40


@pytest.mark.behaviour("SIM-LIFE-08")
def test_modifying_moves_the_limit_and_keeps_the_order(client: Client) -> None:
    shares = stock(client.at)
    client.place(single(shares), spec(limit=FAR_BELOW))
    before = client.at.open_orders()[0]
    events = client.place(single(shares), spec(limit=Decimal("301.00"), quantity=2), order_id=1)
    assert kinds(events) == ["OrderOpened", "OrderStatusChanged"]
    after = client.at.open_orders()[0]
    assert (after.perm_id, after.state) == (before.perm_id, OrderState.SUBMITTED)
    assert (after.spec.limit, after.remaining) == (Decimal("301.00"), 2)
    ask = sides(top(client.at, shares))[1]
    assert states(client.place(single(shares), spec(limit=ask, quantity=2), order_id=1)) == [
        "Submitted",
        "Filled",
    ]


@pytest.mark.behaviour("SIM-LIFE-09")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"action": "SELL"}, 105),
        ({"order_type": "MKT"}, 329),
        ({"limit": Decimal("300.001")}, 110),
        ({"quantity": Decimal(0)}, 434),
        ({"what_if": True}, 105),
        ({"quantity": Decimal(100_000)}, 201),
    ],
)
def test_a_modification_that_is_refused_leaves_the_order_as_it_was(
    client: Client, change: dict[str, object], code: int
) -> None:
    terms = spec(limit=FAR_BELOW)
    client.place(single(stock(client.at)), terms)
    before = client.at.open_orders()
    events = client.place(single(stock(client.at)), replace(terms, **change), order_id=1)  # type: ignore[arg-type]
    assert codes(events) == [code]
    told = [one.order for one in events if isinstance(one, OrderOpened | OrderStatusChanged)]
    assert told == list(before) * (2 if code == 201 else 0)
    assert client.at.open_orders() == before


@pytest.mark.behaviour("SIM-LIFE-10")
def test_cancelling_tells_the_status_and_then_202(client: Client) -> None:
    """Protocol page 5.4, 3."""
    client.place(single(stock(client.at)), spec(limit=FAR_BELOW))
    events = client.cancel(1)
    assert kinds(events) == ["OrderStatusChanged", "OrderCancelled"]
    assert states(events) == ["Cancelled"]
    (notice,) = of(OrderCancelled, events)
    assert (notice.code, notice.text) == (202, "Order Canceled - reason:")
    assert client.at.open_orders() == ()
    (done,) = client.at.completed_orders()
    assert (done.completed_status, done.state) == ("Cancelled by Trader", OrderState.CANCELLED)


@pytest.mark.behaviour("SIM-LIFE-11")
def test_a_global_cancel_reaches_every_client(client: Client) -> None:
    other = Client(client.at, client_id=2)
    for one in (client, other):
        one.place(single(stock(client.at)), spec(limit=FAR_BELOW))
    events = client.at.apply(GlobalCancel(1))
    assert [(notice.client_id, notice.order_id) for notice in of(OrderCancelled, events)] == [(1, 1), (2, 1)]
    assert client.at.open_orders() == ()


# -- time in force ----------------------------------------------------------------------------------
@pytest.mark.behaviour("SIM-LIFE-12")
def test_ioc_takes_what_is_there_and_cancels_the_rest(client: Client) -> None:
    """Recorded from a paper account: the end is told without a 202."""
    call = option(client.at, 700)
    displayed = top(client.at, call).ask_size
    ask = sides(top(client.at, call))[1]
    events = client.place(single(call), spec(quantity=displayed + 1, limit=ask, tif="IOC"))
    assert [fill.shares for fill in fills(events)] == [displayed]
    assert states(events) == ["PreSubmitted", "Submitted", "Cancelled"]
    assert of(OrderCancelled, events) == []


@pytest.mark.behaviour("SIM-LIFE-13")
def test_fok_takes_all_or_nothing(client: Client) -> None:
    """Recorded from a paper account: an unfilled one ends Inactive, without any code."""
    call = option(client.at, 700)
    quote = top(client.at, call)
    too_big = client.place(single(call), spec(quantity=quote.ask_size + 1, limit=quote.ask, tif="FOK"))
    assert fills(too_big) == []
    assert states(too_big) == ["PreSubmitted", "Inactive"]
    assert codes(too_big) == []
    enough = client.place(single(call), spec(quantity=quote.ask_size, limit=quote.ask, tif="FOK"))
    assert [fill.shares for fill in fills(enough)] == [quote.ask_size]


@pytest.mark.behaviour("SIM-LIFE-14")
def test_day_orders_end_with_the_session_and_gtc_orders_stay(client: Client) -> None:
    for tif in ("DAY", "GTC"):
        client.place(single(stock(client.at)), spec(limit=FAR_BELOW, tif=tif))
    events = client.wait(6 * 3600)
    assert states(events, 1) == ["Cancelled"]
    assert states(events, 2) == []
    assert isinstance(events[-1], SessionClosed)
    client.wait(3 * 86_400)
    assert [order.order_id for order in client.at.open_orders()] == [2]


@pytest.mark.behaviour("SIM-LIFE-15")
def test_an_order_outside_hours_waits_for_the_open_with_399(client: Client) -> None:
    """The text has real newlines; the Friday's order is worked on Monday at 9:30."""
    client.wait(8 * 3600)
    events = client.place(single(stock(client.at)), spec(kind="MKT", outside_rth=True))
    assert states(events) == ["PreSubmitted"]
    assert codes(events) == [2109, 399]
    assert text_of(399, events) == (
        "Order Message:\nBUY 1 SPY ARCA.SPY\nWarning: your order will not be placed at the exchange"
        " until 2026-11-23 09:30:00 US/Eastern"
    )
    later = client.wait(3 * 86_400)
    (fill,) = fills(later)
    assert f"{fill.at:%m-%d %H:%M:%S}" == "11-23 14:30:00"


# -- stops ------------------------------------------------------------------------------------------
@pytest.mark.behaviour("SIM-LIFE-16")
def test_a_stop_on_a_stock_waits_for_the_last_price_and_then_trades_at_the_market(client: Client) -> None:
    shares = stock(client.at)
    client.place(single(shares), spec(quantity=100, kind="MKT"))
    stop = (top(client.at, shares).last or Decimal(0)) - Decimal("0.30")
    events = client.place(single(shares), spec("SELL", 100, "STP", aux=stop))
    assert states(events) == ["PreSubmitted:trigger"]
    later = client.wait(3600)
    (fill,) = fills(later)
    seen = venue()
    seen.advance(fill.at - timedelta(milliseconds=250))
    assert (top(seen, shares).last or 0) > stop
    seen.advance(fill.at)
    assert (top(seen, shares).last or 0) <= stop
    assert fill.price == top(seen, shares).bid
    assert states(later) == ["Submitted", "Filled"]


@pytest.mark.behaviour("SIM-LIFE-17")
def test_a_stop_limit_on_a_combo_triggers_on_the_net_middle(client: Client) -> None:
    """Our decision (the venue's own rule for combos): the net middle of the legs' best quotes."""
    low, high = spread(client)
    query = combo((low, 1), (high, -1))
    bag = client.at.resolve(query)
    assert isinstance(bag, Bag)
    client.place(query, spec(limit=sides(client.at.bag_quote(bag))[1]))
    stop = middle(client.at.bag_quote(bag)) - Decimal("0.10")
    client.place(query, spec("SELL", 1, "STP LMT", aux=stop, limit=stop - 1, tif="GTC"))
    triggered = next(
        event for event in client.wait(6 * 3600 - 1)
        if isinstance(event, OrderStatusChanged) and event.order.state is OrderState.SUBMITTED
    )  # fmt: skip
    seen = venue()
    seen.advance(triggered.at)
    bid, ask = sides(seen.bag_quote(bag))
    assert (bid + ask) / 2 <= stop
    seen = venue()
    seen.advance(triggered.at - timedelta(milliseconds=250))
    bid, ask = sides(seen.bag_quote(bag))
    assert (bid + ask) / 2 > stop


@pytest.mark.behaviour("SIM-LIFE-18")
@pytest.mark.parametrize("terms", [{"aux": Decimal("0.50")}, {"trailing_percent": Decimal("0.1")}])
def test_a_trailing_stop_follows_the_market_up_and_never_down(
    client: Client, terms: dict[str, Decimal]
) -> None:
    shares = stock(client.at)
    client.place(single(shares), spec(quantity=100, kind="MKT"))
    client.place(single(shares), spec("SELL", 100, "TRAIL", **terms))
    stops, highest = [], Decimal(0)
    while client.at.open_orders():
        highest = max(highest, top(client.at, shares).last or highest)
        stops.append(client.at.open_orders()[0].stop_price or Decimal(0))
        client.wait(0.25)
    assert stops == sorted(stops)
    assert stops[-1] > stops[0]
    distance = terms.get("aux") or (highest / 1000).quantize(CENT)
    assert abs(stops[-1] - (highest - distance)) <= CENT


@pytest.mark.behaviour("SIM-LIFE-24")
def test_an_order_without_the_margin_becomes_inactive_and_then_201(client: Client) -> None:
    """Protocol page 4, code 201: the status first, the reason after it, no execution."""
    events = client.place(single(stock(client.at)), spec(quantity=2000, limit=Decimal("690.00")))
    assert kinds(events) == ["OrderOpened", "OrderStatusChanged", "OrderRejected"]
    assert states(events) == ["Inactive"]
    text = text_of(201, events)
    assert text.startswith(
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR"
        " EQUITY WITH LOAN VALUE ["
    )
    assert "MUST EXCEED THE INITIAL MARGIN [" in text
    assert of(Executed, events) == []


@pytest.mark.behaviour("SIM-LIFE-25")
def test_a_closing_order_is_never_refused_for_margin() -> None:
    """An account with nothing left may still sell what it has and buy back what it owes."""
    client = Client(venue(cash=Decimal(30_000)))
    call = option(client.at, 690)
    client.place(single(call), spec("SELL", 2, "MKT"))
    assert client.at.positions()[0].quantity == -2
    refused = client.place(single(call), spec("SELL", 1, "MKT"))
    assert codes(refused) == [201]
    assert states(client.place(single(call), spec(quantity=2, kind="MKT")))[-1] == "Filled"


@pytest.mark.behaviour("SIM-LIFE-26")
def test_twenty_active_orders_a_side_are_enough(client: Client) -> None:
    """IBKR's order limitations: per contract, side and account."""
    query = single(stock(client.at))
    for _ in range(20):
        assert codes(client.place(query, spec(limit=FAR_BELOW))) == []
    assert codes(client.place(query, spec(limit=FAR_BELOW))) == [201]
    assert codes(client.place(query, spec("SELL", limit=FAR_ABOVE))) == []


@pytest.mark.behaviour("SIM-LIFE-27")
def test_what_ifs_change_nothing_but_use_up_their_id(client: Client) -> None:
    low, high = spread(client)
    before = client.at.account_values()
    events = client.place(combo((low, -1), (high, 1)), spec(limit=Decimal("-5.00"), what_if=True))
    assert kinds(events) == ["WhatIfReported"]
    margin = of(WhatIfReported, events)[0].order.margin
    assert margin is not None
    assert margin.init_change == margin.maint_change == 1000
    assert margin.commission is not None
    assert margin.commission.quantize(Decimal("0.01")) == Decimal(
        "1.43"
    )  # 2 x 0.65, 2 x 0.04795 and what the seller of one leg pays
    assert margin.equity_change == Decimal("498.57")
    assert client.at.account_values() == before
    assert client.at.open_orders() == ()
    assert client.at.next_order_id(1) == 2


@pytest.mark.behaviour("SIM-LIFE-28")
def test_a_what_if_that_would_be_refused_reports_and_refuses(client: Client) -> None:
    """Protocol page 4, code 201: the same what-if returns margins and a 201."""
    events = client.place(
        single(stock(client.at)), spec(quantity=2000, limit=Decimal("690.00"), what_if=True)
    )
    assert kinds(events) == ["WhatIfReported", "OrderRejected"]
    assert codes(events) == [201]


@pytest.mark.behaviour("SIM-LIFE-29")
def test_events_about_money_follow_each_execution(client: Client) -> None:
    events = client.place(single(stock(client.at)), spec(quantity=10, kind="MKT"))
    assert len(of(PositionChanged, events)) == len(of(CommissionCharged, events)) == 1
    assert isinstance(events[-1], AccountChanged)
