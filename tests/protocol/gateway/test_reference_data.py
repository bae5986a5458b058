"""Contracts, history and the account: asked once, read exactly, and every refusal in our words."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import ACCOUNT, Peer, ScriptedTws

from sumppump.domain.instruments import OptionContract, Right, SecType
from sumppump.exchange.wire import account_answers as account
from sumppump.exchange.wire.contracts import Instrument, PriceIncrement
from sumppump.exchange.wire.market_answers import (
    Bar,
    ContractData,
    ContractDataEnd,
    HistoricalData,
    MarketRule,
    SecDefOptParams,
    SecDefOptParamsEnd,
    SymbolSample,
    SymbolSamples,
)
from sumppump.kernel.errors import (
    AmbiguousContract,
    GatewayUnavailable,
    InvalidRequest,
    MarketDataError,
    NotSubscribed,
    SumpPumpError,
    UnknownContract,
)
from sumppump.ports.broker import PositionsChanged

EXPIRY = date(2026, 12, 18)


def stock(req_id: int, con_id: int = 756733, **changes: Any) -> ContractData:
    """Contract details of SPY."""
    said: dict[str, Any] = {
        "symbol": "SPY", "sec_type": "STK", "exchange": "SMART", "currency": "USD", "con_id": con_id,
        "primary_exchange": "ARCA", "long_name": "SS SPDR S&P 500 ETF TRUST", "valid_exchanges": "SMART,ARCA",
        "market_rule_ids": "26,26", "time_zone": "US/Eastern", "trading_hours": "20260302:0930-20260302:1600",
    }  # fmt: skip
    return ContractData(req_id=req_id, **(said | changes))


def option(req_id: int, strike: float, right: str, **changes: Any) -> ContractData:
    """Contract details of a SPY option of December 2026."""
    said: dict[str, Any] = {
        "symbol": "SPY", "sec_type": "OPT", "exchange": "SMART", "currency": "USD", "strike": strike,
        "right": right, "con_id": int(strike * 100) + ord(right), "last_trade_date": "20261218",
        "multiplier": "100", "valid_exchanges": "AMEX,SMART,CBOE", "market_rule_ids": "1,32,2",
        "trading_class": "SPY", "under_con_id": 756733, "real_expiration_date": "20261218",
        "time_zone": "US/Eastern",
    }  # fmt: skip
    return ContractData(req_id=req_id, **(said | changes))


def serve(tws: ScriptedTws) -> None:
    """A TWS that lists SPY, two strikes of one expiry, and their price steps."""

    def details(peer: Peer, request: Any) -> None:
        wanted = request.contract
        if wanted.sec_type == "OPT" and wanted.expiry == "20261218":
            rows: list[Any] = [option(request.req_id, k, r) for k in (505.0, 500.0) for r in "PC"]
        elif wanted.symbol == "SPY" and wanted.sec_type == "STK":
            rows = [stock(request.req_id)]
        elif wanted.con_id == 50067:
            rows = [option(request.req_id, 500.0, "C")]
        else:
            peer.error(request.req_id, 200, "No security definition has been found for the request")
            return
        peer.say(*rows, ContractDataEnd(req_id=request.req_id))

    tws.on("ReqContractDetails", details)
    steps = (PriceIncrement(low_edge=0.0, increment=0.01), PriceIncrement(low_edge=3.0, increment=0.05))
    tws.on(
        "ReqMarketRule", lambda peer, request: peer.say(MarketRule(rule_id=request.rule_id, increments=steps))
    )
    tws.on(
        "ReqSecDefOptParams",
        lambda peer, request: peer.say(
            *(
                SecDefOptParams(
                    req_id=request.req_id, exchange=exchange, under_con_id=756733, trading_class="SPY",
                    multiplier="100", strikes=(505.0, 500.0),
                    expirations=("20261218", "20261211", "20270115"),
                )
                for exchange in ("CBOE", "SMART")
            ),
            SecDefOptParamsEnd(req_id=request.req_id),
        ),
    )  # fmt: skip
    near = SymbolSample(
        con_id=756733, symbol="SPY", sec_type="STK", primary_exchange="ARCA", currency="USD",
        derivative_sec_types=("OPT",), description="SPDR S&P 500",
    )  # fmt: skip
    foreign = replace(near, con_id=1, primary_exchange="ASX", currency="AUD")
    tws.on(
        "ReqMatchingSymbols",
        lambda peer, request: peer.say(SymbolSamples(req_id=request.req_id, samples=(near, foreign))),
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
        (500, Right.CALL), (500, Right.PUT), (505, Right.CALL), (505, Right.PUT),
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


# --- history ------------------------------------------------------------------------------------


def bar(at: str, **changes: Any) -> Bar:
    """One bar."""
    said: dict[str, Any] = {
        "date": at, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5, "volume": Decimal(10),
        "average": 1.2, "count": 3,
    }  # fmt: skip
    return Bar(**(said | changes))


def history(request: Any, *bars: Bar) -> HistoricalData:
    """An answer with these bars."""
    return HistoricalData(req_id=request.req_id, start="", end="", bars=bars)


async def test_bars_come_oldest_first_with_their_moment(tws: ScriptedTws, connect: Connect) -> None:
    """Daily bars begin at midnight in New York, others at an epoch; a volume of -1 is none."""
    rig = await connect()
    tws.on(
        "ReqHistoricalData",
        lambda peer, request: peer.say(
            history(request, bar("1772463600", volume=Decimal(-1)), bar("20260227"))
        ),
    )
    first, second = await rig.gateway.market.bars(makers.SPY, duration="5 D", bar_size="1 hour")
    assert first.start == datetime(2026, 2, 27, 5, 0, tzinfo=UTC)
    assert second.start == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert (first.close, first.volume, second.volume) == (Decimal("1.5"), 10, None)


@pytest.mark.parametrize(
    "words", [{"duration": "5 days"}, {"duration": "0 D"}, {"bar_size": "7 mins"}, {"what": "EVERYTHING"}]
)
async def test_words_that_tws_does_not_know_are_refused_here(
    tws: ScriptedTws, connect: Connect, words: dict[str, str]
) -> None:
    """Error 320 or 321 would be the alternative, and the library waits for ever on the latter."""
    rig = await connect()
    with pytest.raises(InvalidRequest):
        await rig.gateway.market.bars(makers.SPY, **({"duration": "5 D", "bar_size": "1 hour"} | words))
    assert not tws.peer.got("ReqHistoricalData")


HISTORY_ERRORS: dict[str, tuple[int, str, type[SumpPumpError], str]] = {
    "pacing": (162, "Historical data request pacing violation", GatewayUnavailable, "history_pacing"),
    "no data": (162, "HMDS query returned no data: SPY@SMART Trades", MarketDataError, "no_history"),
    "permission": (162, "No market data permissions for ARCA STK", NotSubscribed, "not_subscribed"),
    "other": (
        162,
        "Trading TWS session is connected from a different IP",
        GatewayUnavailable,
        "request_refused",
    ),
    "validation": (321, "Error validating request.-'bW' : cause - ...", InvalidRequest, "invalid_request"),
    "gone": (366, "No historical data query found for ticker id", GatewayUnavailable, "request_refused"),
    "unknown": (200, "No security definition has been found", UnknownContract, "unknown_contract"),
}


@pytest.mark.parametrize(("code", "text", "kind", "name"), HISTORY_ERRORS.values(), ids=HISTORY_ERRORS.keys())
async def test_a_refused_history_says_why(
    tws: ScriptedTws, connect: Connect, code: int, text: str, kind: type[SumpPumpError], name: str
) -> None:
    """Code 162 has four meanings, told apart by the text alone."""
    rig = await connect()
    tws.on("ReqHistoricalData", lambda peer, request: peer.error(request.req_id, code, text))
    with pytest.raises(kind) as caught:
        await rig.gateway.market.bars(makers.SPY, duration="5 D", bar_size="1 hour")
    assert caught.value.code == name


async def test_a_silent_history_ends_and_is_cancelled(tws: ScriptedTws, connect: Connect) -> None:
    """Never hang; the question is taken back so that its late answer costs nothing."""
    rig = await connect(request_timeout_s=0.02)
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.market.bars(makers.SPY, duration="5 D", bar_size="1 hour")
    await rig.until(lambda: tws.peer.got("CancelHistoricalData"))


async def test_small_bars_wait_their_turn(tws: ScriptedTws, connect: Connect) -> None:
    """IBKR: no identical request within 15 s (shortened here); a larger bar does not wait."""
    rig = await connect(history_pacing_s=0.1)
    loop, times = asyncio.get_running_loop(), list[float]()

    def answer(peer: Peer, request: Any) -> None:
        times.append(loop.time())
        peer.say(history(request, bar("1772463600")))

    tws.on("ReqHistoricalData", answer)
    for size in ("5 secs", "1 hour", "5 secs", "1 hour"):
        await rig.gateway.market.bars(makers.SPY, duration="60 S", bar_size=size)
    assert times[2] - times[0] >= 0.095
    assert len(times) == 4


# --- the account --------------------------------------------------------------------------------


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


async def test_a_position_that_is_not_understood_is_named_and_never_left_out(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Positions are complete or unknown; a bond that is silently missing would be a wrong account."""
    bond = replace(position(6, 1, 1.0), instrument=Instrument(con_id=6, symbol="T 4", sec_type="BOND"))
    tws.on("ReqPositions", lambda peer, _: peer.say(bond, account.PositionEnd()))
    rig = await connect()
    with pytest.raises(GatewayUnavailable, match="T 4"):
        await rig.gateway.accounts.positions()


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
