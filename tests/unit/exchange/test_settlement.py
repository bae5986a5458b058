"""Expiry: what is in the money becomes shares at the strike, the rest lapses, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.exchange.builders import START, Client, of, option, single, spec, states, stock, top, venue

from sumppump.exchange.events import OptionSettled
from sumppump.exchange.listing.instruments import SecType
from sumppump.exchange.reports import AccountValue

CLOSE = START + timedelta(hours=6)


@pytest.mark.behaviour("SIM-LIFE-30")
@pytest.mark.parametrize(
    ("right", "strike", "action", "shares"),
    [
        ("C", 640, "BUY", 100),
        ("C", 720, "BUY", 0),
        ("P", 720, "BUY", -100),
        ("P", 640, "BUY", 0),
        ("C", 660, "SELL", -100),
        ("P", 700, "SELL", 100),
        ("P", 678, "SELL", 0),
        ("C", 690, "SELL", 0),
    ],
)
def test_options_in_the_money_become_shares_at_the_strike(
    right: str, strike: int, action: str, shares: int
) -> None:
    """Automatic exercise and assignment at 0.01 in the money; no early exercise in this exchange."""
    client = Client(venue())
    ending = option(client.at, strike, expiry=0, right=right)
    client.place(single(ending), spec(action, kind="MKT"))
    quantity = client.at.positions()[0].quantity
    client.at.advance(CLOSE - timedelta(milliseconds=1))
    before = client.at.account_values()
    events = client.at.advance(CLOSE)
    (settled,) = of(OptionSettled, events)
    assert (settled.quantity, settled.shares) == (quantity, shares)
    held = [(one.listing.sec_type, one.quantity, one.avg_cost) for one in client.at.positions()]
    assert held == ([(SecType.STOCK, shares, Decimal(strike))] if shares else [])
    assert settled.price == (strike if shares else 0)
    # The mark moves in its last quarter of a second, and loses half a spread.
    assert abs(_net(before) - _net(client.at.account_values())) < 60


def _net(rows: Sequence[AccountValue]) -> Decimal:
    return next(Decimal(row.value) for row in rows if row.key == "NetLiquidation")


@pytest.mark.behaviour("SIM-LIFE-31")
def test_orders_in_what_expires_end_with_it_even_if_good_till_cancelled() -> None:
    client = Client(venue())
    ending = option(client.at, 680, expiry=0)
    client.place(single(ending), spec(limit=Decimal("0.01"), tif="GTC"))
    client.place(single(option(client.at, 680, expiry=3)), spec(limit=Decimal("0.01"), tif="GTC"))
    events = client.at.advance(CLOSE)
    assert states(events) == ["Cancelled"]
    assert [order.order_id for order in client.at.open_orders()] == [2]


@pytest.mark.behaviour("SIM-LIFE-32")
def test_the_day_s_profit_begins_anew_and_what_is_unrealised_goes_on() -> None:
    client = Client(venue())
    shares = stock(client.at)
    client.place(single(shares), spec(quantity=100, kind="MKT"))
    client.place(single(option(client.at, 690)), spec(kind="MKT"))
    client.place(single(option(client.at, 690)), spec("SELL", kind="MKT"))
    client.at.advance(CLOSE)  # afterwards shares go on trading until 20:00
    friday, realized = client.at.pnl(), client.at.pnl().realized
    assert realized < 0
    assert len(client.at.portfolio()) == 2
    client.at.advance(START + timedelta(days=3))
    monday = client.at.pnl()
    assert monday.realized == 0
    assert len(client.at.portfolio()) == 1
    gap = (top(client.at, shares).last or 0) - (top(client.at, shares).close or 0)
    assert abs(monday.daily - 100 * gap) < Decimal("0.01")
    assert abs(monday.unrealized - friday.unrealized - monday.daily) < Decimal("0.01")
    single_pnl = client.at.pnl_single(shares.con_id)
    assert single_pnl is not None
    assert abs(single_pnl.daily - monday.daily) < Decimal("0.01")
    assert client.at.pnl_single(option(client.at, 690).con_id) is None


@pytest.mark.behaviour("SIM-LIFE-33")
def test_yesterday_s_orders_and_executions_are_not_told_today() -> None:
    """reqExecutions and reqCompletedOrders know the current day only."""
    client = Client(venue())
    client.place(single(stock(client.at)), spec(kind="MKT"))
    assert len(client.at.executions()) == len(client.at.completed_orders()) == 1
    client.at.advance(START + timedelta(days=3))
    assert client.at.executions() == ()
    assert client.at.completed_orders() == ()
    assert client.at.next_order_id(1) == 2
