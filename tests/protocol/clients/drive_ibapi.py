"""Runs in an environment with IB's own ibapi 9.81.1: one small trading day, its results as JSON on stdout."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.wrapper import EWrapper

WAIT_S = 15


class Day(EWrapper, EClient):
    """Records every callback by name and lets the main thread wait for one."""

    def __init__(self) -> None:
        EClient.__init__(self, self)
        self.seen: dict[str, list[tuple[Any, ...]]] = {}
        self.changed = threading.Condition()

    def note(self, name: str, *args: Any) -> None:
        with self.changed:
            self.seen.setdefault(name, []).append(args)
            self.changed.notify_all()

    def wait(self, name: str, test: Any = lambda rows: True) -> list[tuple[Any, ...]]:
        with self.changed:
            done = self.changed.wait_for(lambda: name in self.seen and test(self.seen[name]), WAIT_S)
        if not done:
            raise TimeoutError(f"{name}; seen {sorted(self.seen)}, errors {self.seen.get('error')}")
        return self.seen[name]


def recorded(name: str) -> Any:
    return lambda self, *args: self.note(name, *args)


for callback in (
    "nextValidId",
    "managedAccounts",
    "contractDetails",
    "contractDetailsEnd",
    "securityDefinitionOptionParameter",
    "securityDefinitionOptionParameterEnd",
    "historicalData",
    "historicalDataEnd",
    "tickPrice",
    "tickSize",
    "tickOptionComputation",
    "tickSnapshotEnd",
    "openOrder",
    "orderStatus",
    "execDetails",
    "commissionReport",
    "position",
    "positionEnd",
    "accountSummary",
    "accountSummaryEnd",
    "updateAccountValue",
    "accountDownloadEnd",
    "symbolSamples",
    "completedOrder",
    "completedOrdersEnd",
    "currentTime",
    "error",
):
    setattr(Day, callback, recorded(callback))


def contract(**values: Any) -> Contract:
    made = Contract()
    for name, value in {"exchange": "SMART", "currency": "USD", **values}.items():
        setattr(made, name, value)
    return made


def limit(price: float) -> Order:
    order = Order()
    order.action, order.totalQuantity, order.orderType, order.lmtPrice = "BUY", 1, "LMT", price
    order.eTradeOnly = order.firmQuoteOnly = False
    return order


def status_of(rows: list[tuple[Any, ...]], order_id: int) -> str:
    return (
        str([row for row in rows if row[0] == order_id][-1][1]) if any(r[0] == order_id for r in rows) else ""
    )


def run(port: int) -> dict[str, Any]:
    day = Day()
    day.connect("127.0.0.1", port, 22)
    threading.Thread(target=day.run, daemon=True).start()
    first_id = day.wait("nextValidId")[0][0]
    result: dict[str, Any] = {"version": day.serverVersion(), "accounts": day.wait("managedAccounts")[0][0]}
    day.reqContractDetails(1, contract(symbol="SPY", secType="STK"))
    day.wait("contractDetailsEnd")
    details = day.seen["contractDetails"][0][1]
    result["long_name"] = details.longName
    day.reqSecDefOptParams(2, "SPY", "", "STK", details.contract.conId)
    day.wait("securityDefinitionOptionParameterEnd")
    smart = next(row for row in day.seen["securityDefinitionOptionParameter"] if row[1] == "SMART")
    result["expirations"] = len(smart[5])
    day.reqHistoricalData(3, details.contract, "", "1 D", "1 hour", "TRADES", 1, 1, False, [])
    day.wait("historicalDataEnd")
    bars = day.seen["historicalData"]
    result["bars"] = len(bars)
    strike = min(smart[6], key=lambda k: abs(k - bars[-1][1].close))
    wanted = contract(
        symbol="SPY",
        secType="OPT",
        lastTradeDateOrContractMonth=sorted(smart[5])[2],
        strike=strike,
        right="C",
    )
    day.reqMktData(4, wanted, "", True, False, [])
    day.wait("tickSnapshotEnd")
    prices = {row[1]: row[2] for row in day.seen["tickPrice"] if row[0] == 4}
    result["bid_ask"] = [prices[1], prices[2]]
    result["delta"] = next(row[4] for row in day.seen["tickOptionComputation"] if row[1] == 13)
    result["orders"] = trade(day, wanted, first_id, prices[2])
    finish(day, result)
    day.disconnect()
    return result


def trade(day: Day, wanted: Contract, first_id: int, ask: float) -> dict[str, Any]:
    day.placeOrder(first_id, wanted, limit(round(ask + 0.5, 2)))
    day.wait("orderStatus", lambda rows: status_of(rows, first_id) == "Filled")
    day.wait("commissionReport")
    day.placeOrder(first_id + 1, wanted, limit(0.01))
    day.wait("orderStatus", lambda rows: status_of(rows, first_id + 1) == "Submitted")
    day.cancelOrder(first_id + 1)
    rows = day.wait("orderStatus", lambda rows: status_of(rows, first_id + 1) == "Cancelled")
    day.wait("error", lambda rows: any(row[1] == 202 for row in rows))
    return {"bought": status_of(rows, first_id), "resting": status_of(rows, first_id + 1)}


def finish(day: Day, result: dict[str, Any]) -> None:
    day.reqPositions()
    day.wait("positionEnd")
    result["positions"] = [[row[1].localSymbol, float(row[2])] for row in day.seen["position"]]
    day.reqAccountSummary(6, "All", "NetLiquidation")
    day.wait("accountSummaryEnd")
    result["net_liquidation"] = float(day.seen["accountSummary"][0][3])
    day.reqAccountUpdates(True, "")
    day.wait("accountDownloadEnd")
    day.reqMatchingSymbols(7, "SP")
    day.wait("symbolSamples")
    day.reqCompletedOrders(False)
    day.wait("completedOrdersEnd")
    result["completed"] = len(day.seen["completedOrder"])
    executions, reports = day.seen["execDetails"], day.seen["commissionReport"]
    result["fills"] = [
        [row[2].side, float(row[2].shares), report[0].commission]
        for row, report in zip(executions, reports, strict=True)
    ]
    result["codes"] = sorted({row[1] for row in day.seen["error"]})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(int(sys.argv[1]))))
