"""Contracts: asked once a day, read exactly, and what is not listed names what is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.listings import EXPIRY, option, serve, stock
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.domain.instruments import OptionContract, Right, SecType
from sumppump.exchange.wire.market_answers import (
    ContractData,
    ContractDataEnd,
    SymbolSample,
    SymbolSamples,
)
from sumppump.kernel.errors import (
    AmbiguousContract,
    GatewayUnavailable,
    InvalidRequest,
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


async def test_a_con_id_that_nobody_has_says_how_one_is_found(tws: ScriptedTws, connect: Connect) -> None:
    """The answer without rows is no dead end."""
    rig = await connect()
    tws.on("ReqContractDetails", lambda peer, request: peer.say(ContractDataEnd(req_id=request.req_id)))
    with pytest.raises(UnknownContract, match="no contract 5") as refused:
        await rig.gateway.directory.instrument(5)
    assert (refused.value.found, "trade_find_contract" in refused.value.next_steps[0]) == ("5", True)


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


def future(req_id: int, con_id: int, day: str, **changes: Any) -> ContractData:
    """Contract details of an E-mini S&P future."""
    said: dict[str, Any] = {
        "symbol": "ES", "sec_type": "FUT", "exchange": "CME", "currency": "USD", "con_id": con_id,
        "last_trade_date": day, "multiplier": "50", "trading_class": "ES", "local_symbol": "ESZ6",
        "min_tick": 0.25, "time_zone": "US/Central", "trading_hours": "20260301:1700-20260302:1600",
        "liquid_hours": "20260302:0830-20260302:1500",
    }  # fmt: skip
    return ContractData(req_id=req_id, **(said | changes))


def answers_with(tws: ScriptedTws, *rows: Callable[[int], ContractData]) -> None:
    """Contract details are always these."""
    tws.on(
        "ReqContractDetails",
        lambda peer, request: peer.say(
            *(row(request.req_id) for row in rows), ContractDataEnd(req_id=request.req_id)
        ),
    )


async def test_futures_are_asked_for_once_a_day_by_root_class_and_exchange(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Front month first; the same contract on a second exchange is one; what has ended is left out."""
    answers_with(
        tws,
        lambda req: future(req, 2, "20270319", local_symbol="ESH7"),
        lambda req: future(req, 1, "20261218"),
        lambda req: future(req, 1, "20261218", exchange="QBALGO"),
        lambda req: future(req, 3, "20260227 08:30:00 US/Central"),
    )
    rig = await connect()
    first, second = await asyncio.gather(*(rig.gateway.directory.futures(name) for name in ("es", "ES ")))
    assert [item.con_id for item in first] == [1, 2]
    assert first == second
    (asked,) = tws.peer.got("ReqContractDetails")
    wanted = asked.contract
    assert (wanted.symbol, wanted.sec_type, wanted.exchange, wanted.trading_class) == (
        "ES",
        "FUT",
        "CME",
        "ES",
    )
    assert (first[0].trading_hours, first[0].multiplier) == ("20260301:1700-20260302:1600", 50)


async def test_two_kinds_of_one_month_are_not_chosen_from(tws: ScriptedTws, connect: Connect) -> None:
    """Classes and multipliers are named; a multiplier that is no whole number is not offered at all."""
    answers_with(
        tws,
        lambda req: future(req, 1, "20261218", symbol="DAX", trading_class="FDAX", multiplier="25"),
        lambda req: future(req, 2, "20261218", symbol="DAX", trading_class="FDXM", multiplier="5"),
        lambda req: future(req, 3, "20261218", symbol="DAX", trading_class="FDXS", multiplier="0.1"),
    )
    rig = await connect()
    with pytest.raises(AmbiguousContract) as refused:
        await rig.gateway.directory.futures("DAX")
    assert refused.value.found == "FDAX on CME (x25), FDXM on CME (x5)"


async def test_a_future_s_name_costs_no_search_before_it_is_refused_as_a_stock(
    tws: ScriptedTws, connect: Connect
) -> None:
    """TWS takes one search a second, and VX is known to be no ticker."""
    serve(tws)
    rig = await connect()
    with pytest.raises(UnknownContract) as refused:
        await rig.gateway.directory.underlying("VX")
    assert refused.value.expected == "perhaps the future or coin VX"
    assert not tws.peer.got("ReqMatchingSymbols")


@pytest.mark.parametrize("text", ["", "E", "EURUSD;", "EUREUR", "EUR/GOLD", "\x00EURUSD", "EUR" * 30])
async def test_what_is_no_pair_is_refused_before_any_byte(
    tws: ScriptedTws, connect: Connect, text: str
) -> None:
    """Nothing of it reaches the wire."""
    rig = await connect()
    sent = len(tws.peer.requests)
    with pytest.raises(InvalidRequest):
        await rig.gateway.directory.pair(text)
    assert len(tws.peer.requests) == sent
