"""Balances and positions: complete or unknown, each figure the broker's own."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway.conftest import Connect, Open
from tests.protocol.gateway.listings import serve, stock
from tests.protocol.gateway.scripted import ACCOUNT, Peer, ScriptedTws

from sumppump.domain.instruments import SecType
from sumppump.exchange.wire import account_answers as account
from sumppump.exchange.wire.contracts import Instrument
from sumppump.exchange.wire.market_answers import (
    ContractDataEnd,
)
from sumppump.kernel.errors import GatewayUnavailable, UnknownContract
from sumppump.ports.broker import PositionsChanged


def summary(peer: Peer, request: Any, **values: str) -> None:
    """An account summary."""
    said = {"NetLiquidation": "250000.12", "TotalCashValue": "1000", "BuyingPower": ""} | values
    rows = [
        account.AccountSummary(req_id=request.req_id, account=ACCOUNT, tag=tag, value=text, currency="USD")
        for tag, text in said.items()
    ]
    other = replace(rows[0], account="DU7654321", value="5")
    peer.say(*rows, other, account.AccountSummaryEnd(req_id=request.req_id))


async def test_figures_are_those_of_our_account_and_missing_ones_are_none(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Another account of the same login has no say; an empty figure is not 0."""
    rig = await connect()
    tws.on("ReqAccountSummary", summary)
    figures = await rig.gateway.accounts.figures()
    assert (str(figures.nlv), str(figures.cash)) == ("250,000.12 USD", "1,000.00 USD")
    assert (figures.buying_power, figures.initial_margin, figures.daily_pnl) == (None, None, None)
    await rig.until(lambda: tws.peer.got("CancelAccountSummary"))


@pytest.mark.parametrize("nothing", ["", "NaN", "1.7976931348623157E308"])
async def test_without_a_net_liquidation_value_there_are_no_figures(
    tws: ScriptedTws, connect: Connect, nothing: str
) -> None:
    """Limits are measured in it; "do not know" must fail closed."""
    rig = await connect()
    tws.on("ReqAccountSummary", lambda peer, request: summary(peer, request, NetLiquidation=nothing))
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.accounts.figures()


async def test_the_day_s_profit_comes_with_its_own_age(tws: ScriptedTws, connect: Connect) -> None:
    """reqPnL tells about once a second; what TWS calls unset is None."""
    tws.on("ReqAccountSummary", summary)
    tws.on(
        "ReqPnL",
        lambda peer, request: peer.say(
            account.PnL(req_id=request.req_id, daily=-12.5, unrealized=None, realized=3.0)
        ),
    )
    rig = await connect()
    await rig.until(lambda: tws.peer.got("ReqPnL"))
    figures = await rig.gateway.accounts.figures()
    assert (str(figures.daily_pnl), figures.unrealized_pnl, str(figures.realized_pnl)) == (
        "-12.50 USD", None, "3.00 USD",
    )  # fmt: skip
    assert figures.daily_pnl_taken is not None


async def test_an_old_profit_of_the_day_is_asked_for_again(tws: ScriptedTws, connect: Connect) -> None:
    """TWS may be silent for hours while nothing is held; a person who waits must still be able to trade."""
    said = itertools.count(1)
    tws.on("ReqAccountSummary", summary)
    tws.on(
        "ReqPnL",
        lambda peer, request: peer.say(
            account.PnL(req_id=request.req_id, daily=next(said), unrealized=0.0, realized=0.0)
        ),
    )
    rig = await connect(pnl_renew_s=0.0, pnl_wait_s=2.0)
    await rig.gateway.accounts.figures()
    figures = await rig.gateway.accounts.figures()
    asked = [request.req_id for request in tws.peer.got("ReqPnL")]
    assert len(asked) >= 2
    assert str(figures.daily_pnl) == f"{len(asked)}.00 USD"
    assert figures.daily_pnl_taken is not None
    assert abs(figures.taken - figures.daily_pnl_taken) < 1
    assert [request.req_id for request in tws.peer.got("CancelPnL")] == asked[:-1]


async def test_a_profit_of_the_day_that_is_fresh_is_not_asked_for_twice(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Readers at the same time put one question."""
    tws.on("ReqAccountSummary", summary)
    tws.on(
        "ReqPnL",
        lambda peer, request: peer.say(
            account.PnL(req_id=request.req_id, daily=1.0, unrealized=0.0, realized=0.0)
        ),
    )
    rig = await connect(pnl_wait_s=2.0)
    for found in await asyncio.gather(*[rig.gateway.accounts.figures() for _ in range(2)]):
        assert str(found.daily_pnl) == "1.00 USD"
    assert len(tws.peer.got("ReqPnL")) == 1


async def test_a_login_with_several_accounts_needs_to_be_told_which(
    tws: ScriptedTws, connect: Connect
) -> None:
    """A guess here would be an order in the wrong account."""
    tws.accounts = f"{ACCOUNT},DU7654321"
    rig = await connect()
    assert rig.gateway.broker.link().account == ""
    with pytest.raises(GatewayUnavailable) as caught:
        await rig.gateway.accounts.figures()
    assert caught.value.code == "no_account"
    chosen = await connect(account="DU7654321", client_id=18)
    assert chosen.gateway.broker.link().account == "DU7654321"


def position(con_id: int, quantity: int, cost: float, owner: str = ACCOUNT) -> account.Position:
    """A position row."""
    item = Instrument(con_id=con_id, symbol="SPY", sec_type="OPT", multiplier="100", currency="USD")
    return account.Position(account=owner, instrument=item, position=Decimal(quantity), average_cost=cost)


async def test_positions_are_per_share_and_whole(tws: ScriptedTws, connect: Connect) -> None:
    """IB's average cost of an option holds the multiplier; closed ones and other accounts' are left out."""
    serve(tws)
    rows = (position(50067, -2, 130.5), position(7, 0, 0.0), position(8, 5, 1.0, "DU7654321"))
    tws.on("ReqPositions", lambda peer, _: peer.say(*rows, account.PositionEnd()))
    rig = await connect()
    (held,) = await rig.gateway.accounts.positions()
    assert (held.quantity, held.avg_cost, held.instrument.con_id) == (-2, Decimal("1.305"), 50067)
    assert (held.market_price, held.market_value) == (None, None)


async def test_a_fraction_of_a_share_is_left_out_and_a_future_shown_as_it_is(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Reinvested dividends leave fractions; they cover no call, and must not make the account unreadable."""
    serve(tws)
    shares = position(756733, 1, 650.0)
    spy = replace(shares, instrument=replace(shares.instrument, sec_type="STK"), position=Decimal("10.75"))
    crumb = replace(spy, instrument=replace(spy.instrument, con_id=5), position=Decimal("0.25"))
    future = Instrument(con_id=6, symbol="ES", sec_type="FUT", currency="USD", exchange="CME")
    rows = (spy, crumb, replace(shares, instrument=future, position=Decimal(-1)))
    tws.on("ReqPositions", lambda peer, _: peer.say(*rows, account.PositionEnd()))
    tws.on(
        "ReqContractDetails",
        lambda peer, request: peer.say(stock(request.req_id), ContractDataEnd(req_id=request.req_id)),
    )
    rig = await connect()
    held = [(item.instrument.symbol, item.quantity) for item in await rig.gateway.accounts.positions()]
    assert held == [("SPY", 10), ("ES", -1)]


async def test_a_bond_is_shown_as_the_broker_names_it(tws: ScriptedTws, connect: Connect) -> None:
    """Nothing held may be missing, and a bond must not make an account unusable for options."""
    bond = replace(position(6, 1, 1.0), instrument=Instrument(con_id=6, symbol="T 4", sec_type="BOND"))
    tws.on("ReqPositions", lambda peer, _: peer.say(bond, account.PositionEnd()))
    rig = await connect()
    (held,) = await rig.gateway.accounts.positions()
    assert (held.instrument.symbol, held.instrument.sec_type, held.quantity) == ("T 4", SecType.OTHER, 1)


@pytest.mark.parametrize(("expiry", "is_over"), [("20200117", True), ("20990117", False)])
async def test_an_option_that_is_over_is_left_out_and_one_that_cannot_be_read_never(
    tws: ScriptedTws, connect: Connect, expiry: str, is_over: bool
) -> None:
    """TWS lists expired options until they are settled, and no longer describes them."""
    serve(tws)
    row = position(99, 1, 130.0)
    gone = replace(row, instrument=replace(row.instrument, expiry=expiry))
    tws.on("ReqPositions", lambda peer, _: peer.say(gone, position(50067, 1, 1.0), account.PositionEnd()))
    rig = await connect()
    if is_over:
        (held,) = await rig.gateway.accounts.positions()
        assert held.instrument.con_id == 50067
    else:
        with pytest.raises(UnknownContract):
            await rig.gateway.accounts.positions()


async def test_accrued_dividends_come_with_the_accounts_updates_and_end_with_them(
    tws: ScriptedTws, connect: Connect
) -> None:
    """No tag of a summary; of the whole account, not of a segment or a ledger; None once nobody follows."""
    tws.on("ReqAccountSummary", summary)
    rig = await connect()
    assert (await rig.gateway.accounts.figures()).accrued_dividends is None
    rows = (("AccruedDividend", "392.00"), ("AccruedDividend-S", "7"))
    tws.peer.say(
        *(account.AccountValue(key=key, value=text, currency="USD", account=ACCOUNT) for key, text in rows)
    )
    assert str((await rig.gateway.accounts.figures()).accrued_dividends) == "392.00 USD"
    tws.peer.error(-1, 2100, "API client has been unsubscribed from account data.")
    assert (await rig.gateway.accounts.figures()).accrued_dividends is None


async def test_values_of_positions_end_when_another_client_takes_them(
    tws: ScriptedTws, connect: Connect
) -> None:
    """2100: one client of a TWS may follow the account; a value that stands still is worse than none."""
    serve(tws)
    row = position(50067, 2, 130.0)
    value = account.PortfolioValue(
        instrument=row.instrument, position=Decimal(2), market_price=1.5, market_value=300.0,
        average_cost=130.0, unrealized_pnl=40.0, realized_pnl=0.0, account=ACCOUNT,
    )  # fmt: skip
    tws.on("ReqPositions", lambda peer, _: peer.say(row, account.PositionEnd()))
    rig = await connect()
    tws.peer.say(value)
    (held,) = await rig.gateway.accounts.positions()
    assert (held.market_price, str(held.market_value)) == (Decimal("1.5"), "300.00 USD")
    tws.peer.error(-1, 2100, "API client has been unsubscribed from account data.")
    (held,) = await rig.gateway.accounts.positions()
    assert (held.market_price, held.unrealized_pnl) == (None, None)


async def test_a_position_that_changes_by_itself_is_told(tws: ScriptedTws, connect: Connect) -> None:
    """F-21: trades by hand in TWS are seen too."""
    tws.on("ReqPositions", lambda peer, _: peer.say(account.PositionEnd()))
    rig = await connect()
    await rig.gateway.accounts.positions()
    tws.peer.say(position(50067, 3, 100.0))
    await rig.until(lambda: rig.all(PositionsChanged))


async def test_positions_without_their_end_are_unknown_and_not_flat(
    tws: ScriptedTws, connect: Connect
) -> None:
    """F-18, I-19: an empty list for "do not know" once meant "the venue is flat"."""
    rig = await connect(request_timeout_s=0.05)
    tws.on("ReqPositions", lambda peer, _: peer.say(position(50067, 3, 100.0)))
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.accounts.positions()


async def test_who_asks_while_a_summary_is_open_shares_the_next_one(
    tws: ScriptedTws, connect: Connect
) -> None:
    """TWS takes two summaries of a client at most, and an answer is never older than its question."""
    rig = await connect(pnl_wait_s=0.0)
    held: list[Any] = []
    tws.on("ReqAccountSummary", lambda peer, request: held.append(request))
    first = asyncio.ensure_future(rig.gateway.accounts.figures())
    await rig.until(lambda: len(held) == 1)
    later = [asyncio.ensure_future(rig.gateway.accounts.figures()) for _ in range(12)]
    summary(tws.peer, held[0], NetLiquidation="1")
    await rig.until(lambda: len(held) == 2)
    assert len(tws.peer.got("CancelAccountSummary")) == 1
    summary(tws.peer, held[1], NetLiquidation="2")
    assert str((await first).nlv) == "1.00 USD"
    assert {str((await each).nlv) for each in later} == {"2.00 USD"}
    assert len(held) == 2


async def test_figures_asked_for_in_parallel_are_all_given(open_pair: Open) -> None:
    """A host calls several tools at once, and the exchange refuses a third summary as TWS does."""
    _, gateway = await open_pair()
    figures = await asyncio.gather(*(gateway.accounts.figures() for _ in range(12)))
    assert {str(each.nlv) for each in figures} == {"250,000.00 USD"}
