"""Runs with IB's own ibapi 9.81.1: the day of `day.py`, as JSON on stdout.

python drive_ibapi.py PORT DAY.json
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from ibapi.contract import ComboLeg, Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.scanner import ScannerSubscription
from ibapi_recorder import Client, an_order, condition, contract, filled

PACE_S = 0.025  # ibapi does not keep to 50 messages a second by itself


class Day:
    """The steps."""

    def __init__(self, port: int, plan: dict[str, Any]) -> None:
        self.port = port
        self.plan = plan
        self.client = Client()
        self.next_req = 1000
        self.next_order = 0
        self.last = 0.0
        self.stock = self.option = self.higher = contract()

    def ask(self, request: str, *args: Any, end: str) -> list[Any]:
        """A request with an id; its rows are those of `end` with that id."""
        self.next_req += 1
        req_id = self.next_req
        before = len(self.client.codes)
        getattr(self.client, request)(req_id, *args)
        self.client.until(lambda: self.client.rows(end, req_id) or self.failed(before))
        return self.client.rows(end, req_id)

    def failed(self, before: int) -> bool:
        return any(code not in self.plan["notices"] for _, code, _ in self.client.codes[before:])

    def plain(self, request: str, *args: Any, end: str) -> list[Any]:
        """A request without an id."""
        before = len(self.client.rows(end))
        getattr(self.client, request)(*args)
        self.client.until(lambda: len(self.client.rows(end)) > before)
        return self.client.rows(end)[before:]

    def told(self) -> bool:
        return any(step == self.client.step for step, _, _ in self.client.codes)

    # -- connection ---------------------------------------------------------------------------
    def connect(self) -> Any:
        before = len(self.client.rows("nextValidId"))
        self.client.connect("127.0.0.1", self.port, 22)
        threading.Thread(target=self.client.run, daemon=True).start()
        self.client.until(lambda: len(self.client.rows("nextValidId")) > before)
        self.next_order = max(self.client.rows("nextValidId")[-1][0], self.next_order)
        return {
            "version": self.client.serverVersion(),
            "accounts": self.client.rows("managedAccounts")[-1][0].split(","),
        }

    def reconnect(self) -> Any:
        order_id = self.place(self.stock, an_order(orderType="LMT", lmtPrice=round(self.last * 0.8, 2)))
        self.until_status(order_id, ("Submitted",))
        self.client.disconnect()
        time.sleep(1.5)  # its reader holds the socket for up to a second
        step, codes = self.client.step, self.client.codes
        self.client = Client()
        self.client.step, self.client.codes = step, codes
        self.connect()
        self.plain("reqOpenOrders", end="openOrderEnd")
        found = [row[0] for row in self.client.rows("openOrder")]
        self.client.cancelOrder(order_id)
        self.until_status(order_id, ("Cancelled",))
        self.ask("reqExecutions", ExecutionFilter(), end="execDetailsEnd")
        return {"found": order_id in found, "fills": len(self.client.rows("execDetails"))}

    def current_time(self) -> Any:
        return self.plain("reqCurrentTime", end="currentTime")[0][0]

    # -- contracts ----------------------------------------------------------------------------
    def details(self, wanted: Contract) -> list[Any]:
        self.ask("reqContractDetails", wanted, end="contractDetailsEnd")
        return [row[1] for row in self.client.rows("contractDetails", self.next_req)]

    def lookup(self) -> Any:
        (found,) = self.details(contract(symbol="SPY", secType="STK"))
        self.stock = found.contract
        return found.longName

    def lookup_by_kind(self) -> Any:
        named = {"lastTradeDateOrContractMonth", *vars(Contract())}
        return {
            row["name"]: len(self.details(contract(**row["fields"])))
            for row in self.plan["contracts"]
            if set(row["fields"]) <= named
        }

    def lookup_of_nothing(self) -> Any:
        return len(self.details(contract(symbol="NOPENOPE", secType="STK")))

    def matching_symbols(self) -> Any:
        ((_, found),) = self.ask("reqMatchingSymbols", "spy", end="symbolSamples")
        return [one.contract.symbol for one in found]

    def chain(self) -> Any:
        bars = self.bars("1 D", "1 hour", "TRADES")
        self.last = bars[-1].close
        self.ask(
            "reqSecDefOptParams",
            "SPY",
            "",
            "STK",
            self.stock.conId,
            end="securityDefinitionOptionParameterEnd",
        )
        rows = self.client.rows("securityDefinitionOptionParameter", self.next_req)
        smart = next(row for row in rows if row[1] == "SMART")
        near = sorted(sorted(smart[6], key=lambda strike: abs(strike - self.last))[:6])
        expiry = sorted(smart[5])[4]
        found = [
            self.details(
                contract(
                    symbol="SPY", secType="OPT", lastTradeDateOrContractMonth=expiry, strike=strike, right="C"
                )
            )
            for strike in near
        ]
        options = [one[0].contract for one in found if one]
        self.option, self.higher = options[0], options[-1]
        return {"expirations": len(smart[5]), "strikes": len(smart[6])}

    def market_rule(self) -> Any:
        return [row.increment for row in self.plain("reqMarketRule", 26, end="marketRule")[0][1]]

    # -- market data --------------------------------------------------------------------------
    def quoted(self, wanted: Contract, *, snapshot: bool) -> dict[int, float]:
        self.next_req += 1
        req_id = self.next_req
        self.client.reqMktData(req_id, wanted, "" if snapshot else "233,221,106", snapshot, False, [])

        def prices() -> dict[int, float]:
            return {row[1]: row[2] for row in self.client.rows("tickPrice", req_id)}

        if snapshot:
            self.client.until(lambda: self.client.rows("tickSnapshotEnd", req_id))
        else:
            self.client.until(lambda: {1, 2} <= set(prices()))
            before = len(self.client.rows("tickPrice", req_id))
            self.client.until(lambda: len(self.client.rows("tickPrice", req_id)) > before)
            self.client.cancelMktData(req_id)
        return prices()

    def stream(self) -> Any:
        prices = self.quoted(self.stock, snapshot=False)
        return [prices[1], prices[2]]

    def option_quote(self) -> Any:
        prices = self.quoted(self.option, snapshot=True)
        model = [row for row in self.client.rows("tickOptionComputation", self.next_req) if row[1] == 13]
        return {"bid": prices[1], "ask": prices[2], "delta": model[0][4]}

    def delayed(self) -> Any:
        self.client.reqMarketDataType(3)
        prices = self.quoted(self.stock, snapshot=True)
        self.client.reqMarketDataType(1)
        return prices.get(4, prices.get(68, 0))

    def tick_by_tick(self) -> Any:
        rows = self.ask("reqTickByTickData", self.stock, "Last", 0, False, end="tickByTickAllLast")
        self.client.cancelTickByTickData(self.next_req)
        return bool(rows)

    def depth(self) -> Any:
        self.next_req += 1
        req_id, before = self.next_req, len(self.client.codes)
        self.client.reqMktDepth(req_id, self.stock, 5, True, [])

        def best(side: int) -> list[float]:
            return [row[5] for row in self.client.rows("updateMktDepthL2", req_id) if row[4] == side]

        self.client.until(lambda: (best(0) and best(1)) or self.failed(before))
        self.client.cancelMktDepth(req_id, True)
        return [best(1)[0], best(0)[0]]

    def depth_exchanges(self) -> Any:
        return len(self.plain("reqMktDepthExchanges", end="mktDepthExchanges")[0][0])

    def real_time_bars(self) -> Any:
        rows = self.ask("reqRealTimeBars", self.stock, 5, "TRADES", True, [], end="realtimeBar")
        self.client.cancelRealTimeBars(self.next_req)
        return rows[0][5]

    # -- history ------------------------------------------------------------------------------
    def bars(self, duration: str, size: str, show: str) -> list[Any]:
        self.ask(
            "reqHistoricalData",
            self.stock,
            "",
            duration,
            size,
            show,
            1,
            1,
            False,
            [],
            end="historicalDataEnd",
        )
        return [row[1] for row in self.client.rows("historicalData", self.next_req)]

    def history(self) -> Any:
        rows = self.plan["histories"]
        return {f"{r['duration']} {r['size']} {r['show']}": len(self.bars(*r.values())) for r in rows}

    def history_kept_up(self) -> Any:
        rows = self.ask(
            "reqHistoricalData",
            self.stock,
            "",
            "1 D",
            "1 min",
            "TRADES",
            1,
            1,
            True,
            [],
            end="historicalDataUpdate",
        )
        self.client.cancelHistoricalData(self.next_req)
        self.client.until(self.told)
        return len(rows)

    def head(self) -> Any:
        ((_, found),) = self.ask("reqHeadTimeStamp", self.stock, "TRADES", 1, 1, end="headTimestamp")
        return found

    def histogram(self) -> Any:
        ((_, found),) = self.ask("reqHistogramData", self.stock, True, "3 days", end="histogramData")
        return len(found)

    def historical_ticks(self) -> Any:
        ends = {
            "TRADES": "historicalTicksLast",
            "BID_ASK": "historicalTicksBidAsk",
            "MIDPOINT": "historicalTicks",
        }
        start = self.plan["ticks_from"]
        return {
            show: len(
                self.ask("reqHistoricalTicks", self.stock, start, "", 10, show, 1, False, [], end=end)[0][1]
            )
            for show, end in ends.items()
        }

    # -- news and scans -----------------------------------------------------------------------
    def scanner_parameters(self) -> Any:
        return self.plain("reqScannerParameters", end="scannerParameters")[0][0][:38]

    def scan(self) -> Any:
        fields = {"instrument": "STK", "locationCode": "STK.US.MAJOR", "scanCode": "MOST_ACTIVE"}
        wanted = filled(ScannerSubscription(), {**fields, "abovePrice": 1.0})
        self.ask("reqScannerSubscription", wanted, [], [], end="scannerDataEnd")
        self.client.cancelScannerSubscription(self.next_req)
        self.client.until(self.told)
        return len(self.client.rows("scannerData", self.next_req))

    def news(self) -> Any:
        providers = [one.code for one in self.plain("reqNewsProviders", end="newsProviders")[0][0]]
        self.ask(
            "reqHistoricalNews",
            self.stock.conId,
            "+".join(providers),
            "",
            "",
            5,
            [],
            end="historicalNewsEnd",
        )
        lines = self.client.rows("historicalNews", self.next_req)
        article = self.ask("reqNewsArticle", lines[0][2], lines[0][3], [], end="newsArticle") if lines else []
        return {"providers": len(providers), "article": not lines or bool(article[0][2])}

    # -- calculations -------------------------------------------------------------------------
    def calculations(self) -> Any:
        (price,) = self.ask(
            "calculateOptionPrice", self.option, 0.2, self.last, [], end="tickOptionComputation"
        )
        (vol,) = self.ask(
            "calculateImpliedVolatility", self.option, price[5], self.last, [], end="tickOptionComputation"
        )
        return {"price": price[5], "vol": vol[3]}

    # -- orders -------------------------------------------------------------------------------
    def place(self, wanted: Contract, order: Order) -> int:
        order_id = self.next_order
        self.next_order += 1
        time.sleep(PACE_S)
        self.client.placeOrder(order_id, wanted, order)
        return order_id

    def status(self, order_id: int) -> str:
        rows = self.client.rows("orderStatus", order_id)
        return str(rows[-1][1]) if rows else ""

    def until_status(self, order_id: int, wanted: tuple[str, ...] | list[str]) -> str:
        self.client.until(lambda: self.status(order_id) in wanted)
        return self.status(order_id)

    def cancel(self, order_id: int) -> str:
        time.sleep(PACE_S)
        self.client.cancelOrder(order_id)
        return self.until_status(order_id, ("Cancelled",))

    def what_if_of(self, wanted: Contract, order: Order) -> Any:
        order_id = self.place(wanted, filled(order, {"whatIf": True}))

        def known() -> list[Any]:
            states = [row[3] for row in self.client.rows("openOrder", order_id)]
            return [one for one in states if 0 < one.commission < 100]

        self.client.until(known)
        return known()[0]

    def what_if(self) -> Any:
        limit = an_order(orderType="LMT", totalQuantity=10, lmtPrice=round(self.last, 2))
        state = self.what_if_of(self.stock, limit)
        mmm = contract(symbol="MMM", secType="STK")
        market = self.what_if_of(mmm, an_order(orderType="MKT", totalQuantity=100))
        return {
            "margin": float(state.initMarginChange),
            "commission": state.commission,
            "market": market.commission,
        }

    def no_exchange(self) -> Any:
        """The exchange is missed before the contract is."""
        self.place(contract(symbol="XXX", secType="STK", exchange=""), an_order(orderType="MKT"))
        self.client.until(self.told)
        return self.client.codes[-1][1]

    def order_types(self) -> Any:
        return {row["name"]: self.one_order(row) for row in self.plan["orders"]}

    def one_order(self, row: dict[str, Any]) -> str:
        prices = {name: round(self.last * times, 2) for name, times in row.get("prices", {}).items()}
        order = an_order(**row["fields"], **prices)
        order.conditions = [condition(kind, self.stock.conId, self.last) for kind in row["conditions"]]
        order_id = self.place(self.stock, order)
        try:
            found = self.until_status(order_id, row["ends"])
        except TimeoutError as error:
            return f"{self.status(order_id)} {error}"
        if found in self.plan["working"]:
            self.cancel(order_id)
        return found

    def fill(self) -> Any:
        price = round(self.quoted(self.option, snapshot=True)[2] + 0.5, 2)
        order_id = self.place(self.option, an_order(orderType="LMT", totalQuantity=2, lmtPrice=price))
        self.until_status(order_id, ("Filled",))
        fills = [row[2] for row in self.client.rows("execDetails") if row[2].orderId == order_id]
        ids = {one.execId for one in fills}

        def reports() -> list[Any]:
            return [row[0] for row in self.client.rows("commissionReport") if row[0].execId in ids]

        self.client.until(lambda: len(reports()) == len(ids))
        return {
            "status": self.status(order_id),
            "shares": float(sum(one.shares for one in fills)),
            "commission": sum(one.commission for one in reports()),
        }

    def modify(self) -> Any:
        order = an_order(orderType="LMT", lmtPrice=round(self.last * 0.8, 2))
        order_id = self.place(self.stock, order)
        self.until_status(order_id, ("Submitted",))
        order.lmtPrice = round(self.last * 0.81, 2)
        self.client.placeOrder(order_id, self.stock, order)
        rows = self.client.rows
        self.client.until(
            lambda: any(row[2].lmtPrice == order.lmtPrice for row in rows("openOrder", order_id))
        )
        return self.cancel(order_id)

    def combo(self) -> Any:
        legs = []
        for one, action in ((self.option, "BUY"), (self.higher, "SELL")):
            fields = {"conId": one.conId, "ratio": 1, "action": action, "exchange": "SMART"}
            legs.append(filled(ComboLeg(), fields))
        spread = contract(symbol="SPY", secType="BAG", comboLegs=legs)
        width = round(self.higher.strike - self.option.strike, 2)
        order_id = self.place(spread, an_order(orderType="LMT", lmtPrice=width))
        self.until_status(order_id, ("Filled",))

        def kinds() -> list[str]:
            return sorted(
                row[1].secType for row in self.client.rows("execDetails") if row[2].orderId == order_id
            )

        self.client.until(lambda: len(kinds()) >= 3)
        return {"status": self.status(order_id), "kinds": kinds()}

    def bracket(self) -> Any:
        price = round(self.last * 0.8, 2)
        parent = self.place(self.stock, an_order(orderType="LMT", lmtPrice=price, transmit=False))
        exits = (
            {"orderType": "LMT", "lmtPrice": round(price * 1.5, 2), "transmit": False},
            {"orderType": "STP", "auxPrice": round(price * 0.9, 2)},
        )
        children = [
            self.place(self.stock, an_order(action="SELL", parentId=parent, **fields)) for fields in exits
        ]
        family = [parent, *children]
        self.client.until(lambda: all(self.status(one) in self.plan["working"] for one in family))
        self.until_status(parent, ("Submitted",))
        found = [self.status(one) for one in family]
        self.client.cancelOrder(parent)
        self.client.until(lambda: all(self.status(one) == "Cancelled" for one in family))
        return {"working": found, "ended": [self.status(one) for one in family]}

    def refused(self) -> Any:
        self.place(self.stock, an_order(orderType="NONSENSE", lmtPrice=1.0))
        self.client.until(self.told)
        return True

    def cancel_of_nothing(self) -> Any:
        self.client.cancelOrder(987654)
        self.client.until(self.told)
        return True

    def open_orders(self) -> Any:
        before = len(self.client.rows("openOrder"))
        self.plain("reqAllOpenOrders", end="openOrderEnd")
        return len(self.client.rows("openOrder")) - before

    def executions(self) -> Any:
        self.ask("reqExecutions", ExecutionFilter(), end="execDetailsEnd")
        return len(self.client.rows("execDetails", self.next_req))

    def completed(self) -> Any:
        self.plain("reqCompletedOrders", False, end="completedOrdersEnd")
        return len(self.client.rows("completedOrder"))

    def exercise(self) -> Any:
        account = self.client.rows("managedAccounts")[-1][0]
        self.next_req += 1
        self.client.exerciseOptions(self.next_req, self.option, 1, 1, account, 1)
        self.client.until(lambda: self.client.rows("orderStatus", self.next_req))
        return self.client.rows("openOrder", self.next_req)[0][1].conId == self.option.conId

    # -- account ------------------------------------------------------------------------------
    def account(self) -> Any:
        self.ask("reqAccountSummary", "All", "NetLiquidation", end="accountSummaryEnd")
        (row,) = self.client.rows("accountSummary", self.next_req)
        self.client.cancelAccountSummary(self.next_req)
        return float(row[3])

    def positions(self) -> Any:
        self.plain("reqPositions", end="positionEnd")
        return sorted([row[1].secType, float(row[2])] for row in self.client.rows("position") if row[2])

    def profit_and_loss(self) -> Any:
        account = self.client.rows("managedAccounts")[-1][0]
        self.ask("reqPnL", account, "", end="pnl")
        self.client.cancelPnL(self.next_req)
        (row, *_) = self.ask("reqPnLSingle", account, "", self.option.conId, end="pnlSingle")
        self.client.cancelPnLSingle(self.next_req)
        return {"position": float(row[1])}


def run(port: int, plan: dict[str, Any]) -> dict[str, Any]:
    """Every step of the plan that this client has."""
    day = Day(port, plan)
    seen: dict[str, Any] = {}
    absent: list[str] = []
    for name in plan["steps"]:
        day.client.step = name
        act = getattr(day, name, None)
        if act is None:
            absent.append(name)
            continue
        try:
            seen[name] = act()
        except Exception as error:  # noqa: BLE001 - every step is tried, the test says what is missing
            seen[name] = f"failed: {type(error).__name__} {error}"[:300]
    day.client.disconnect()
    return {"seen": seen, "absent": absent, "codes": day.client.codes}


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        sys.stdout.write(json.dumps(run(int(sys.argv[1]), json.load(file))))
