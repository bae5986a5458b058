"""What a new account starts with."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.unit.exchange.builders import START, Client, codes, option, sides, single, spec, stock, top

from sumppump.exchange.account.endowment import Endowment
from sumppump.exchange.server import SimSettings, open_venue
from sumppump.kernel.errors import InvalidRequest


def client_of(**other: object) -> Client:
    settings = SimSettings(start=START, endowment=Endowment(**other))  # type: ignore[arg-type]
    return Client(open_venue(settings, wall=START))


@pytest.mark.behaviour("SIM-PERM-07")
def test_shares_are_there_and_paid_for_and_the_day_begins_at_zero() -> None:
    client = client_of(cash=Decimal(100_000), holdings=(("SPY", 100), ("AAPL", -20)))
    account, marks = client.at.backoffice.account, client.at.backoffice.desk.marks(client.at.moment())
    assert account.quantity(stock(client.at).con_id) == 100
    assert account.quantity(stock(client.at, "AAPL").con_id) == -20
    assert account.net_liquidation(marks) == 100_000
    assert account.pnl(marks).daily == account.pnl(marks).unrealized == 0
    client.place(single(stock(client.at)), spec("SELL", 100, "MKT"))
    client.wait(2)
    assert not account.has_day_trades


@pytest.mark.behaviour("SIM-PERM-07")
def test_a_level_holds_from_the_start() -> None:
    client = client_of(option_level=2)
    naked = option(client.at, 680)
    bid, ask = sides(top(client.at, naked))
    assert codes(client.place(single(naked), spec("SELL", 1, limit=bid))) == [201]
    assert codes(client.place(single(naked), spec("BUY", 1, limit=ask))) == []


def test_what_is_no_stock_cannot_be_held() -> None:
    with pytest.raises(InvalidRequest, match="NOSUCH"):
        client_of(holdings=(("NOSUCH", 1),))
