"""Positions of every kind as clients read them: coins in fractions, pairs, futures."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.protocol.exchange.lab import Lab, Speaker

from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.place_order import PlaceOrder

BITCOIN = Contract(symbol="BTC", sec_type="CRYPTO", exchange="PAXOS", currency="USD")
EURO = Contract(symbol="EUR", sec_type="CASH", exchange="IDEALPRO", currency="USD")


def bought(lab: Lab, client: Speaker, order_id: int, contract: Contract, quantity: str, limit: float) -> None:
    client.say(
        PlaceOrder(
            order_id=order_id, contract=contract, total_quantity=Decimal(quantity), lmt_price=limit, tif="IOC"
        )
    )
    lab.wait(1.0)


@pytest.mark.behaviour("SIM-ACCT-14")
@pytest.mark.parametrize("version", [157, 178])
def test_coins_and_currencies_are_positions_with_ledgers_and_rates(version: int) -> None:
    lab = Lab()
    client = lab.connect(version=version)
    bought(lab, client, 1, BITCOIN, "0.25", 120_000.0)
    bought(lab, client, 2, EURO, "20000", 1.5)
    client.listen()
    heard = client.say(ask.ReqPositions())
    held = {m.instrument.symbol: m.position for m in heard if isinstance(m, say.Position)}
    assert held == {"BTC": Decimal("0.25"), "EUR": Decimal(20000)}
    heard = client.say(ask.ReqAccountUpdates(subscribe=True))
    rows = {(m.key, m.currency): m.value for m in heard if isinstance(m, say.AccountValue)}
    assert rows["CashBalance", "EUR"] == "20000.00"
    assert float(rows["ExchangeRate", "EUR"]) > 1
    values = [m for m in heard if isinstance(m, say.PortfolioValue)]
    assert {m.instrument.symbol for m in values} == {"BTC", "EUR"}
