"""Selling what one does not have."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab
from tests.protocol.exchange.tickets import at_market, codes, once, statuses, wait

from sumppump.exchange.hall import TradingHall
from sumppump.exchange.venue import Venue
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.order_answers import OrderStatus

RARE = Contract(symbol="OSMC", sec_type="STK", exchange="SMART", currency="USD")


@pytest.mark.behaviour("SIM-SHORT-01")
@pytest.mark.behaviour("SIM-SHORT-02")
def test_a_short_sale_waits_for_shares_that_may_never_be_found() -> None:
    """Ten shares are found within eleven minutes, a hundred thousand never."""
    lab = Lab()
    lab.hall = TradingHall(Venue(seed=7, start=FRIDAY, cash=Decimal(10_000_000)))
    client = lab.connect()
    for order_id, shares in ((1, 10), (2, 100_000)):
        client.say(at_market(order_id, contract=RARE, action="SELL", total_quantity=Decimal(shares)))
        assert codes(client, order_id) == [404]
    assert [(m.status, m.why_held) for m in client.all(OrderStatus)] == [("PreSubmitted", "locate")] * 2
    wait(lab, client, 29)
    assert len(client.all(OrderStatus)) == 2
    lab.jump(FRIDAY + timedelta(minutes=11))
    client.listen()
    assert once(statuses(client, 1)) == ["PreSubmitted", "Filled"]
    lab.jump(FRIDAY + timedelta(hours=6))
    client.listen()
    assert once(statuses(client, 2)) == ["PreSubmitted", "Cancelled"]


@pytest.mark.behaviour("SIM-SHORT-03")
def test_shares_that_one_holds_or_that_are_easy_to_borrow_are_sold_at_once() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(1, contract=RARE, total_quantity=Decimal(10)))
    wait(lab, client, 30)
    client.say(at_market(2, contract=RARE, action="SELL", total_quantity=Decimal(10)))
    client.say(at_market(3, contract=SPY, action="SELL", total_quantity=Decimal(10)))
    assert codes(client, 2) == codes(client, 3) == []
    assert statuses(client, 3)[-1] == "Filled"
