"""Runs in an environment with ib_insync 0.9.86: one small trading day, its results as JSON on stdout."""

from __future__ import annotations

import json
import sys
from typing import Any

import ib_insync as ibi


def run(port: int) -> dict[str, Any]:
    ib = ibi.IB()
    errors: list[tuple[int, int, str]] = []
    ib.errorEvent += lambda req_id, code, text, contract: errors.append((req_id, code, text))
    ib.connect("127.0.0.1", port, clientId=21, timeout=15)
    seen: dict[str, Any] = {"version": ib.client.serverVersion(), "accounts": ib.managedAccounts()}
    stock = ibi.Stock("SPY", "SMART", "USD")
    (details,) = ib.reqContractDetails(stock)
    seen["long_name"] = details.longName
    stock = details.contract
    params = ib.reqSecDefOptParams("SPY", "", "STK", stock.conId)
    smart = next(p for p in params if p.exchange == "SMART")
    seen["expirations"] = len(smart.expirations)
    bars = ib.reqHistoricalData(stock, "", "1 D", "1 hour", "TRADES", True)
    seen["bars"] = len(bars)
    strike = min(smart.strikes, key=lambda k: abs(k - bars[-1].close))
    option = ibi.Option("SPY", sorted(smart.expirations)[2], strike, "C", "SMART", currency="USD")
    ib.qualifyContracts(option)
    seen["option"] = option.localSymbol
    (ticker,) = ib.reqTickers(option)
    seen["bid_ask"] = [ticker.bid, ticker.ask]
    seen["delta"] = ticker.modelGreeks.delta
    seen["orders"] = trade(ib, option, ticker.ask)
    seen["positions"] = [(p.contract.localSymbol, p.position) for p in ib.positions()]
    summary = {v.tag: v.value for v in ib.accountSummary()}
    seen["net_liquidation"] = float(summary["NetLiquidation"])
    seen["fills"] = [
        (f.execution.side, f.execution.shares, f.commissionReport.commission) for f in ib.fills()
    ]
    seen["codes"] = sorted({code for _, code, _ in errors})
    ib.disconnect()
    return seen


def trade(ib: ibi.IB, option: ibi.Option, ask: float) -> dict[str, Any]:
    bought = ib.placeOrder(option, ibi.LimitOrder("BUY", 1, round(ask + 0.5, 2), tif="DAY"))
    ib.waitOnUpdate(timeout=10)
    while not bought.isDone() and ib.waitOnUpdate(timeout=10):
        pass
    resting = ib.placeOrder(option, ibi.LimitOrder("BUY", 1, 0.01, tif="DAY"))
    while resting.orderStatus.status != "Submitted" and ib.waitOnUpdate(timeout=10):
        pass
    ib.cancelOrder(resting.order)
    while not resting.isDone() and ib.waitOnUpdate(timeout=10):
        pass
    return {"bought": bought.orderStatus.status, "resting": resting.orderStatus.status}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(int(sys.argv[1]))))
