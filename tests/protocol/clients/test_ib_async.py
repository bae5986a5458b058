"""ib_async 2.1, unmodified, over a real socket: start-up, contracts, data, account and the life of orders."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import ib_async
import pytest

from sumppump.exchange.control import Step
from sumppump.exchange.server import EmbeddedServer, SimSettings

PATIENCE_S = 10.0
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class Desk:
    """The exchange and one connected client; the clock moves only when told."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.ib = ib_async.IB()
        self.ib.RequestTimeout = PATIENCE_S
        self.errors: list[tuple[int, int, str]] = []
        self.ib.errorEvent += lambda req_id, code, text, contract: self.errors.append((req_id, code, text))

    async def connect(self) -> None:
        await self.ib.connectAsync("127.0.0.1", self.server.port, clientId=11, timeout=PATIENCE_S)

    async def step(self, seconds: float) -> None:
        """Move the exchange's clock and wait until the client has read what that brought."""
        self.server.run(Step(seconds))
        await self.ib.reqCurrentTimeAsync()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Move the clock until something is true; the exchange's minutes cost nothing."""
        for _ in range(240):
            if holds():
                return
            await self.step(0.5)
        raise TimeoutError(self.errors)

    async def option(self, right: str = "C", offset: int = 0) -> ib_async.Contract:
        """The option nearest to the money, `offset` strikes above, some days from its end."""
        stock = ib_async.Stock("SPY", "SMART", "USD")
        await self.ib.qualifyContractsAsync(stock)
        params = await self.ib.reqSecDefOptParamsAsync("SPY", "", "STK", stock.conId)
        smart = next(p for p in params if p.exchange == "SMART")
        book = self.server.venue.quote(stock.conId)
        assert book is not None
        assert book.last is not None
        strikes = sorted(smart.strikes)
        at = min(range(len(strikes)), key=lambda n: abs(strikes[n] - float(book.last or 0)))
        wanted = ib_async.Option("SPY", sorted(smart.expirations)[4], strikes[at + offset], right, "SMART")
        (found,) = await self.ib.qualifyContractsAsync(wanted)
        assert isinstance(found, ib_async.Contract)
        return found

    async def quote(self, contract: ib_async.Contract) -> ib_async.Ticker:
        (ticker,) = await self.ib.reqTickersAsync(contract)
        return ticker


@pytest.fixture
async def desk(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Desk]:
    """Fails a test in which ib_async logged an exception of its decoder."""
    server = EmbeddedServer(SimSettings(start=START, frozen=True))
    await server.start()
    made = Desk(server)
    await made.connect()
    yield made
    made.ib.disconnect()
    await server.close()
    broken = [r for r in caplog.records if r.name == "ib_async.Decoder" and r.levelno >= logging.ERROR]
    assert not broken


async def test_start_up_is_answered_completely(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing times out; every farm is fine."""
    assert desk.ib.client.serverVersion() == 178
    assert desk.ib.managedAccounts() == [desk.server.venue.account]
    assert {code for _, code, _ in desk.errors} == {2104, 2106, 2158}
    values = {v.tag: v.value for v in desk.ib.accountValues() if v.currency in ("USD", "")}
    assert float(values["NetLiquidation"]) == 250_000
    assert not [r for r in caplog.records if "timed out" in r.getMessage()]


async def test_contracts_are_found_and_refused(desk: Desk) -> None:
    (details,) = await desk.ib.reqContractDetailsAsync(ib_async.Stock("AAPL", "SMART", "USD"))
    assert details.contract is not None
    assert details.contract.primaryExchange == "NASDAQ"
    assert details.timeZoneId == "US/Eastern"
    assert await desk.ib.reqContractDetailsAsync(ib_async.Stock("NOPE", "SMART", "USD")) == []
    assert desk.errors[-1][1] == 200
    samples = await desk.ib.reqMatchingSymbolsAsync("TSL")
    assert samples is not None
    assert samples[0].contract is not None
    assert samples[0].contract.symbol == "TSLA"


async def test_a_chain_of_one_day_has_both_rights_at_every_strike(desk: Desk) -> None:
    option = await desk.option()
    wanted = ib_async.Option("SPY", option.lastTradeDateOrContractMonth, exchange="SMART")
    details = await desk.ib.reqContractDetailsAsync(wanted)
    rights = {(d.contract.strike, d.contract.right) for d in details if d.contract}
    assert {(strike, "P" if right == "C" else "C") for strike, right in rights} == rights


async def test_quotes_and_greeks_arrive(desk: Desk) -> None:
    ticker = await desk.quote(await desk.option())
    assert 0 < ticker.bid < ticker.ask
    assert ticker.modelGreeks is not None
    assert ticker.modelGreeks.delta is not None
    assert 0.3 < ticker.modelGreeks.delta < 0.7
    assert ticker.bidGreeks is not None


async def test_a_stream_follows_the_market_and_stops(desk: Desk) -> None:
    stock = ib_async.Stock("SPY", "SMART", "USD")
    await desk.ib.qualifyContractsAsync(stock)
    ticker = desk.ib.reqMktData(stock)
    await desk.step(30)
    book = desk.server.venue.quote(stock.conId)
    assert book is not None
    assert (ticker.bid, ticker.ask) == (float(book.bid or 0), float(book.ask or 0))
    assert (ticker.bidSize, ticker.askSize) == (book.bid_size, book.ask_size)
    desk.ib.cancelMktData(stock)
    await desk.step(5)
    assert desk.server.hall.lines_in_use == 0


async def test_history_joins_the_present(desk: Desk) -> None:
    stock = ib_async.Stock("SPY", "SMART", "USD")
    await desk.ib.qualifyContractsAsync(stock)
    minutes = await desk.ib.reqHistoricalDataAsync(stock, "", "1 D", "1 min", "TRADES", True)
    days = await desk.ib.reqHistoricalDataAsync(stock, "", "1 Y", "1 day", "TRADES", True)
    book = desk.server.venue.quote(stock.conId)
    assert book is not None
    assert minutes[-1].close == pytest.approx(float(book.last or 0), rel=1e-3)
    assert 240 < len(days) < 260
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in days)


async def test_account_summary_positions_and_profit_and_loss(desk: Desk) -> None:
    summary = {v.tag: v.value for v in await desk.ib.accountSummaryAsync()}
    assert float(summary["NetLiquidation"]) == 250_000
    pnl = desk.ib.reqPnL(desk.server.venue.account)
    await desk.step(2)
    assert pnl.dailyPnL == 0
    assert desk.ib.positions() == []


async def test_a_limit_order_is_filled_and_becomes_a_position(desk: Desk) -> None:
    option = await desk.option()
    ticker = await desk.quote(option)
    limit = ib_async.LimitOrder("BUY", 2, round(ticker.ask + 0.2, 2), orderRef="TEST-1")
    trade = desk.ib.placeOrder(option, limit)
    await desk.until(trade.isDone)
    assert trade.orderStatus.status == "Filled"
    assert trade.filled() == 2
    assert trade.orderStatus.avgFillPrice <= float(limit.lmtPrice or 0)
    assert all(fill.commissionReport.commission > 0 for fill in trade.fills)
    (position,) = desk.ib.positions()
    assert (position.contract.conId, position.position) == (option.conId, 2)
    assert trade.order.orderRef == "TEST-1"
    (item,) = desk.ib.portfolio()
    assert item.position == 2


async def test_an_order_rests_is_modified_and_cancelled(desk: Desk) -> None:
    option = await desk.option()
    trade = desk.ib.placeOrder(option, ib_async.LimitOrder("BUY", 1, 0.05))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    trade.order.lmtPrice = 0.06
    desk.ib.placeOrder(option, trade.order)
    await desk.step(1)
    assert any(entry.message == "Modified" for entry in trade.log)
    (open_order,) = await desk.ib.reqAllOpenOrdersAsync()
    assert open_order.order.lmtPrice == 0.06
    desk.ib.cancelOrder(trade.order)
    await desk.until(trade.isDone)
    assert trade.orderStatus.status == "Cancelled"
    assert trade.log[-1].errorCode in (0, 202)


def bag(*legs: tuple[ib_async.Contract, str]) -> ib_async.Contract:
    return ib_async.Contract(
        symbol="SPY",
        secType="BAG",
        exchange="SMART",
        currency="USD",
        comboLegs=[
            ib_async.ComboLeg(conId=leg.conId, ratio=1, action=action, exchange="SMART")
            for leg, action in legs
        ],
    )


async def test_a_spread_is_quoted_previewed_filled_and_held_as_legs(desk: Desk) -> None:
    low, high = await desk.option(), await desk.option(offset=5)
    spread = bag((low, "BUY"), (high, "SELL"))
    ticker = desk.ib.reqMktData(spread)
    await desk.until(lambda: not math.isnan(ticker.ask))
    assert ticker.bid < ticker.ask
    order = ib_async.LimitOrder("BUY", 1, round(ticker.ask + 0.1, 2))
    preview = await what_if(desk, spread, order)
    needed = float(preview.initMarginChange) - float(preview.equityWithLoanChange)
    assert 0 < needed < 1000
    trade = desk.ib.placeOrder(spread, order)
    await desk.until(trade.isDone)
    assert trade.orderStatus.status == "Filled"
    assert [fill.contract.secType for fill in trade.fills] == ["BAG", "OPT", "OPT"]
    assert {(p.contract.conId, p.position) for p in desk.ib.positions()} == {(low.conId, 1), (high.conId, -1)}


async def what_if(desk: Desk, contract: ib_async.Contract, order: ib_async.Order) -> ib_async.OrderState:
    state = await asyncio.wait_for(desk.ib.whatIfOrderAsync(contract, order), PATIENCE_S)
    assert isinstance(state, ib_async.OrderState)
    return state


async def test_a_bracket_protects_what_its_parent_bought(desk: Desk) -> None:
    """Both exits wait for the parent; one of them cancels the other."""
    option = await desk.option()
    ticker = await desk.quote(option)
    price = round(ticker.ask + 0.1, 2)
    bracket = desk.ib.bracketOrder("BUY", 1, price, round(price * 3, 2), round(price / 3, 2))
    stop = bracket.stopLoss
    stop.orderType, stop.lmtPrice = "STP LMT", round(price / 4, 2)
    parent, profit, loss = (desk.ib.placeOrder(option, order) for order in bracket)
    await desk.until(parent.isDone)
    await desk.until(lambda: profit.orderStatus.status == "Submitted")
    assert loss.orderStatus.status == "PreSubmitted"
    assert loss.orderStatus.whyHeld == "trigger"
    desk.ib.cancelOrder(profit.order)
    await desk.until(profit.isDone)
    await desk.step(1)
    assert loss.orderStatus.status in ("PreSubmitted", "Cancelled")


async def test_an_order_beyond_the_account_is_inactive(desk: Desk) -> None:
    stock = ib_async.Stock("SPY", "SMART", "USD")
    await desk.ib.qualifyContractsAsync(stock)
    trade = desk.ib.placeOrder(stock, ib_async.LimitOrder("BUY", 90_000, 1000.0))
    await desk.until(lambda: any(code == 201 for _, code, _ in desk.errors))
    assert desk.ib.positions() == []
    assert trade.orderStatus.status in ("Inactive", "Cancelled")


async def test_a_reconnect_finds_orders_and_executions_again(desk: Desk) -> None:
    option = await desk.option()
    ticker = await desk.quote(option)
    bought = desk.ib.placeOrder(option, ib_async.LimitOrder("BUY", 1, round(ticker.ask + 0.2, 2)))
    await desk.until(bought.isDone)
    resting = desk.ib.placeOrder(option, ib_async.LimitOrder("BUY", 1, 0.05, orderRef="KEEP"))
    await desk.until(lambda: resting.orderStatus.status == "Submitted")
    desk.ib.disconnect()
    await desk.connect()
    assert [t.order.orderRef for t in desk.ib.openTrades()] == ["KEEP"]
    assert [f.execution.side for f in desk.ib.fills()] == ["BOT"]
    assert [p.position for p in desk.ib.positions()] == [1]
    assert desk.ib.client.getReqId() > resting.order.orderId


async def test_completed_orders_are_listed(desk: Desk) -> None:
    option = await desk.option()
    ticker = await desk.quote(option)
    trade = desk.ib.placeOrder(option, ib_async.LimitOrder("BUY", 1, round(ticker.ask + 0.2, 2)))
    await desk.until(trade.isDone)
    done: list[Any] = await desk.ib.reqCompletedOrdersAsync(False)
    assert [t.orderStatus.status for t in done] == ["Filled"]
    assert done[0].order.permId == trade.order.permId
