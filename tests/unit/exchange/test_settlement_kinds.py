"""What settles in the morning, in cash, by the day: indices, futures, currencies and coins of the board."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import Client, codes, fills, of, states, venue

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.events import CommissionCharged, OptionSettled
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.market.tops import Moment

D = Decimal
THURSDAY = datetime(2026, 12, 17, 15, 0, tzinfo=UTC)  # the day before the quarter's third Friday
OPEN, CLOSE = datetime(2026, 12, 18, 14, 30, tzinfo=UTC), datetime(2026, 12, 18, 21, 0, tzinfo=UTC)


def contracts(client: Client, **query: Any) -> list[Listing]:
    return sorted(client.at.contracts(ContractQuery(**query)), key=lambda one: one.expiry or THURSDAY.date())


def traded(client: Client, listing: Listing, action: str = "BUY", quantity: int = 1) -> None:
    """A market order that fills at once."""
    query = ContractQuery(con_id=listing.con_id, exchange=listing.exchange)
    client.last_id += 1
    spec = OrderSpec(action=action, quantity=D(quantity), order_type="MKT")
    events = client.place(query, spec, client.last_id)
    assert (states(events)[-1], codes(events)) == ("Filled", [])


def index_call(
    client: Client, trading_class: str, strike: int, expires: datetime, right: str = "C"
) -> Listing:
    found = contracts(client, symbol="SPX", sec_type="OPT", trading_class=trading_class, right=right)
    return min(
        (one for one in found if one.settles_at == expires), key=lambda one: abs((one.strike or 0) - strike)
    )


def level(client: Client, listing: Listing, at: datetime) -> Decimal:
    account = client.at.backoffice.account
    return client.at.backoffice.desk.mark(account.find(listing.under_con_id), Moment.of(to_ms(at)))


@pytest.mark.behaviour("SIM-EXPIRY-01")
@pytest.mark.parametrize(
    ("trading_class", "settles"), [("SPX", OPEN), ("SPXW", CLOSE)], ids=["morning", "afternoon"]
)
@pytest.mark.parametrize(("strike", "action"), [(6600, "BUY"), (6600, "SELL"), (7050, "BUY")])
def test_index_options_pay_what_they_are_in_the_money_at_their_settlement(
    trading_class: str, settles: datetime, strike: int, action: str
) -> None:
    """SPX: trading ends on Thursday, Friday's opening level settles. SPXW: Friday's close."""
    client = Client(venue(start=THURSDAY))
    call = index_call(client, trading_class, strike, settles)
    traded(client, call, action)
    quantity, cost = client.at.positions()[0].quantity, client.at.positions()[0].avg_cost
    early = client.at.advance(settles - timedelta(milliseconds=250))
    assert of(OptionSettled, early) == []
    assert len(client.at.positions()) == 1
    events = client.at.advance(settles)
    (settled,) = of(OptionSettled, events)
    value = max(level(client, call, settles) - (call.strike or 0), D(0))
    assert (settled.quantity, settled.shares, settled.price) == (quantity, 0, value)
    assert client.at.positions() == ()
    realized = client.at.commission(fills(events)[0].exec_id)
    assert realized is not None
    assert realized.realized_pnl == value * 100 * quantity - cost * quantity


@pytest.mark.behaviour("SIM-EXPIRY-02")
@pytest.mark.parametrize("root", ["ES", "MES"])
def test_futures_end_at_the_opening_level_of_their_index(root: str) -> None:
    client = Client(venue(start=THURSDAY))
    future = contracts(client, sec_type="FUT", symbol=root)[0]
    assert future.settles_at == OPEN
    traded(client, future, quantity=2)
    paid = client.at.positions()[0].avg_cost
    events = client.at.advance(OPEN)
    (final,) = fills(events)
    assert (final.exchange, final.price) == ("CME", level(client, future, OPEN))
    assert client.at.positions() == ()
    report = client.at.commission(final.exec_id)
    assert report is not None
    assert report.realized_pnl == 2 * (final.price * future.multiplier - paid)
    client.at.advance(OPEN + timedelta(days=3))
    assert client.at.figures().total.futures == 0


@pytest.mark.behaviour("SIM-EXPIRY-03")
def test_volatility_futures_end_on_a_wednesday_at_the_opening_level_of_the_index() -> None:
    start = datetime(2027, 1, 19, 15, 0, tzinfo=UTC)
    client = Client(venue(start=start))
    future = contracts(client, sec_type="FUT", symbol="VIX")[0]
    settles = datetime(2027, 1, 20, 14, 30, tzinfo=UTC)
    assert future.settles_at == settles
    traded(client, future, "SELL")
    (final,) = fills(client.at.advance(settles))
    assert (final.side, final.price) == ("BOT", level(client, future, settles))


@pytest.mark.behaviour("SIM-ACCT-12")
def test_dollars_against_yen_are_charged_by_the_dollar() -> None:
    client = Client(venue(start=THURSDAY))
    pair = contracts(client, sec_type="CASH", symbol="USD", currency="JPY")[0]
    client.last_id = 1
    events = client.place(
        ContractQuery(con_id=pair.con_id, exchange=pair.exchange),
        OrderSpec(action="BUY", quantity=D(1_000_000), order_type="MKT"),
        1,
    )
    while client.at.open_orders():
        events = [*events, *client.wait(60)]
    charged = sum(event.report.commission for event in of(CommissionCharged, events))
    assert charged == D("20.00")
    balances = client.at.backoffice.account.balances
    assert balances["USD"] == D(1_250_000) - charged
    assert balances["JPY"] == -sum(one.price * one.shares for one in fills(events))


@pytest.mark.behaviour("SIM-PNL-01")
def test_profit_and_loss_begin_anew_at_the_configured_time() -> None:
    client = Client(venue(start=THURSDAY))
    client.at.backoffice.reset_minute = 19 * 60 + 30
    future = contracts(client, sec_type="FUT", symbol="ES")[1]
    traded(client, future)
    client.at.advance(datetime(2026, 12, 18, 0, 29, tzinfo=UTC))
    assert client.at.pnl().daily != 0
    restored = type(client.at).restore(client.at.snapshot())
    client.at.advance(datetime(2026, 12, 18, 0, 30, tzinfo=UTC))
    assert client.at.pnl().daily == 0
    client.at.advance(CLOSE)
    by_hand = client.at.backoffice.account.lines[future.con_id]
    marks = client.at.backoffice.desk.marks(Moment.of(to_ms(CLOSE)))
    assert client.at.pnl().daily == marks(future) * 50 - by_hand.value_before
    for minute in range(0, 20 * 60, 7):
        restored.advance(datetime(2026, 12, 18, 0, 29, tzinfo=UTC) + timedelta(minutes=minute))
    restored.advance(CLOSE)
    assert restored.snapshot() == client.at.snapshot()
