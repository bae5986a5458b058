"""The day's profit of single contracts, asked for one by one and given up afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.exchange.wire import account_answers as account
from sumppump.kernel.money import Money

SILENT = 3


def single(peer: Peer, request: Any) -> None:
    """First nothing that is a number, then the day; of one contract only the former."""
    unset = account.PnLSingle(
        req_id=request.req_id, position=Decimal(0), daily=None, unrealized=None, realized=None, value=None
    )
    day = account.PnLSingle(
        req_id=request.req_id, position=Decimal(0), daily=12.5 * request.con_id, unrealized=0.0,
        realized=12.5, value=0.0,
    )  # fmt: skip
    peer.say(unset, *([] if request.con_id == SILENT else [day]))


async def test_the_day_of_each_contract_is_told_and_one_without_a_number_is_missing(
    tws: ScriptedTws, connect: Connect
) -> None:
    """An unset figure is no 0, and every subscription is ended."""
    rig = await connect()
    tws.on("ReqPnLSingle", single)
    told = await rig.gateway.position_pnl.of_today([1, 2, SILENT])
    assert told == {1: Money.of("12.5"), 2: Money.of("25.0")}
    await rig.until(lambda: len(tws.peer.got("CancelPnLSingle")) == 3)
