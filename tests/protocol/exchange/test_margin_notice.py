"""What clients hear before their positions are closed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.protocol.exchange.lab import Lab, near_option

from sumppump.exchange.account.account import Trade
from sumppump.exchange.commands import MoveCash
from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import order_answers as orders


@pytest.mark.behaviour("SIM-MARGIN-08")
def test_every_client_is_warned_and_client_0_hears_the_liquidation() -> None:
    lab = Lab()
    zero, other = lab.connect(0), lab.connect(5)
    account = lab.venue.backoffice.account
    account.book(Trade(near_option(lab, "C"), Decimal(-10), Decimal("5.00"), Decimal(0)))
    lab.hall.publish(lab.venue.apply(MoveCash(Decimal(60_000) - account.cash)))
    lab.jump(lab.venue.now + timedelta(minutes=10))
    for client in (zero, other):
        notices = [m for m in client.listen() if isinstance(m, say.ErrorMessage)]
        assert [(m.id, m.code) for m in notices] == [(-1, 2190)]
        assert "excess liquidity is -" in notices[0].text
    assert sum(int(m.shares) for m in zero.all(orders.ExecDetails)) == 10
    assert {m.liquidation for m in zero.all(orders.ExecDetails)} == {1}
    assert other.all(orders.ExecDetails) == []
