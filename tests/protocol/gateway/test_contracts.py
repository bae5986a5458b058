"""Contracts: asked once a day, read exactly, and what is not listed names what is."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.listings import EXPIRY, option, serve, stock
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.domain.instruments import OptionContract, Right, SecType
from sumppump.exchange.wire.market_answers import (
    ContractDataEnd,
    SymbolSample,
    SymbolSamples,
)
from sumppump.kernel.errors import (
    AmbiguousContract,
    GatewayUnavailable,
    UnknownContract,
)


async def test_an_underlying_is_found_once_a_day(tws: ScriptedTws, connect: Connect) -> None:
    """A stock or ETF on SMART in USD; case and blanks are the caller's business no more."""
    serve(tws)
    rig = await connect()
    first, second = await asyncio.gather(
        *(rig.gateway.directory.underlying(name) for name in ("spy ", "SPY"))
    )
    assert first == second
    assert (first.con_id, first.sec_type, first.primary_exchange) == (756733, SecType.STK, "ARCA")
    assert len(tws.peer.got("ReqContractDetails")) == 1
    tws.now = lambda: datetime(2026, 3, 3, 15, 0, tzinfo=UTC).timestamp()
    await rig.gateway.sync_clock()
    await rig.gateway.directory.underlying("SPY")
    assert len(tws.peer.got("ReqContractDetails")) == 2


async def test_an_unknown_symbol_names_what_is_near(tws: ScriptedTws, connect: Connect) -> None:
    """Asked as a stock, then as an index, then searched for; foreign listings are not offered."""
    serve(tws)
    rig = await connect()
    with pytest.raises(UnknownContract) as caught:
        await rig.gateway.directory.underlying("SPYY")
    assert caught.value.expected == "perhaps SPY"


@pytest.mark.parametrize(
    ("asked", "near"),
    [("SPYY", "perhaps SPY"), ("SPYYY", "perhaps SPY"), ("ZZZ", "a ticker listed in the US")],
)
async def test_a_search_by_beginnings_goes_on_with_shorter_ones(
    tws: ScriptedTws, connect: Connect, asked: str, near: str
) -> None:
    """TWS finds only what begins with the text; what is unlike is left out."""
    serve(tws)
    listed = ("SPY", "SPYD", "ZETA")

    def matching(peer: Peer, request: Any) -> None:
        samples = tuple(
            SymbolSample(
                con_id=1, symbol=name, sec_type="STK", primary_exchange="ARCA", currency="USD",
                derivative_sec_types=(),
            )
            for name in listed
            if name.startswith(request.pattern)
        )  # fmt: skip
        peer.say(SymbolSamples(req_id=request.req_id, samples=samples))

    tws.on("ReqMatchingSymbols", matching)
    rig = await connect()
    with pytest.raises(UnknownContract) as caught:
        await rig.gateway.directory.underlying(asked)
    assert (caught.value.expected or "").startswith(near)
    assert 1 < len(tws.peer.got("ReqMatchingSymbols")) <= 3


async def test_where_all_symbols_are_known_they_are_named(tws: ScriptedTws, connect: Connect) -> None:
    """GOOG is listed in the US, and not on the embedded exchange."""
    serve(tws)
    rig = await connect(symbols=("SPY", "QQQ"))
    with pytest.raises(UnknownContract) as far:
        await rig.gateway.directory.underlying("GOOG")
    assert far.value.expected == "a ticker listed here"
    assert "SPY, QQQ" in far.value.next_steps[0]
    with pytest.raises(UnknownContract) as near:
        await rig.gateway.directory.underlying("QQQQ")
    assert near.value.expected == "perhaps QQQ"
    assert not tws.peer.got("ReqMatchingSymbols")


async def test_a_symbol_of_several_contracts_names_them(tws: ScriptedTws, connect: Connect) -> None:
    """Never the first of several."""
    rig = await connect()
    tws.on(
        "ReqContractDetails",
        lambda peer, request: peer.say(
            stock(request.req_id), stock(request.req_id, 2, primary_exchange="PINK"),
            ContractDataEnd(req_id=request.req_id),
        ),
    )  # fmt: skip
    with pytest.raises(AmbiguousContract, match="several"):
        await rig.gateway.directory.underlying("SPY")


async def test_one_request_brings_an_expiry_and_one_more_its_price_steps(
    tws: ScriptedTws, connect: Connect
) -> None:
    """The rule is the one of SMART, found by its place in the list of exchanges (here 32, not 1)."""
    serve(tws)
    rig = await connect()
    spy = await rig.gateway.directory.underlying("SPY")
    listed = await rig.gateway.directory.options(spy, EXPIRY)
    assert [(item.strike, item.right) for item in listed] == [
        (Decimal(strike), right) for strike in (500, 505) for right in (Right.CALL, Right.PUT)
    ]  # fmt: skip
    assert (listed[0].tick(Decimal("2.99")), listed[0].tick(Decimal(3))) == (Decimal("0.01"), Decimal("0.05"))
    calls = await rig.gateway.directory.options(spy, EXPIRY, right=Right.CALL)
    assert len(calls) == 2
    assert len(tws.peer.got("ReqContractDetails")) == 2
    assert [request.rule_id for request in tws.peer.got("ReqMarketRule")] == [32]


LAST_TRADES = {
    "20261218": datetime(2026, 12, 18, 21, 0, tzinfo=UTC),
    "20261218 14:30:00 Europe/Zurich": datetime(2026, 12, 18, 13, 30, tzinfo=UTC),
    "20261217 16:15:00 US/Eastern": datetime(2026, 12, 17, 21, 15, tzinfo=UTC),
    "20261218-09:30:00-US/Eastern": datetime(2026, 12, 18, 14, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("text", LAST_TRADES)
async def test_the_last_trading_moment_is_never_midnight(
    tws: ScriptedTws, connect: Connect, text: str
) -> None:
    """F-27, I-26: an expiry at 00:00 of its day cost a day; AM-settled ones stop the day before."""
    rig = await connect()
    tws.on(
        "ReqContractDetails",
        lambda peer, request: peer.say(
            option(request.req_id, 500.0, "C", last_trade_date=text, market_rule_ids="", con_id=9),
            ContractDataEnd(req_id=request.req_id),
        ),
    )
    found = await rig.gateway.directory.instrument(9)
    assert isinstance(found, OptionContract)
    assert (found.expiry, found.last_trade) == (EXPIRY, LAST_TRADES[text])


async def test_what_is_not_listed_names_the_nearest(tws: ScriptedTws, connect: Connect) -> None:
    """An order for an unlisted strike must not become one for another."""
    serve(tws)
    rig = await connect()
    spy = await rig.gateway.directory.underlying("SPY")
    with pytest.raises(UnknownContract, match="strike 501") as strike:
        await rig.gateway.directory.option(spy, EXPIRY, Decimal(501), Right.CALL)
    assert strike.value.expected == "nearest strikes: 500, 505"
    with pytest.raises(UnknownContract) as expiry:
        await rig.gateway.directory.options(spy, date(2026, 12, 19))
    assert expiry.value.expected == "nearest expiries: 2026-12-11, 2026-12-18, 2027-01-15"


@pytest.mark.parametrize("multiplier", ["", "0", "nan", "10.5"])
async def test_a_contract_without_a_multiplier_is_not_offered(
    tws: ScriptedTws, connect: Connect, multiplier: str
) -> None:
    """The multiplier is read and never assumed to be 100."""
    rig = await connect()
    tws.on(
        "ReqContractDetails",
        lambda peer, request: peer.say(
            option(request.req_id, 500.0, "C", multiplier=multiplier, market_rule_ids="", con_id=9),
            ContractDataEnd(req_id=request.req_id),
        ),
    )
    with pytest.raises(UnknownContract, match="multiplier"):
        await rig.gateway.directory.instrument(9)


@pytest.mark.parametrize("con_id", [0, -1, 28812380])
async def test_a_combo_is_never_asked_for(tws: ScriptedTws, connect: Connect, con_id: int) -> None:
    """F-41, I-45: TWS never answers contract details of a BAG; a program waited three hours."""
    rig = await connect()
    sent = len(tws.peer.requests)
    with pytest.raises(UnknownContract):
        await rig.gateway.directory.instrument(con_id)
    assert len(tws.peer.requests) == sent


async def test_a_question_that_is_not_answered_ends(tws: ScriptedTws, connect: Connect) -> None:
    """F-37, I-41: qualifying a contract after a new login never returned."""
    rig = await connect(request_timeout_s=0.05)
    with pytest.raises(GatewayUnavailable, match="did not answer"):
        await rig.gateway.directory.underlying("SPY")
