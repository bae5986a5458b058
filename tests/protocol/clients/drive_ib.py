"""Runs with ib_async or ib_insync, which share one interface: the day of `day.py`, as JSON on stdout.

python drive_ib.py ib_async|ib_insync PORT DAY.json
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from collections.abc import Callable
from typing import Any

api: Any = importlib.import_module(sys.argv[1])
PATIENCE_S = 12


class Day:
    """One client, its errors by step, and what it has found out so far."""

    def __init__(self, port: int, plan: dict[str, Any]) -> None:
        self.port = port
        self.plan = plan
        self.ib = api.IB()
        self.ib.RequestTimeout = PATIENCE_S
        self.step = ""
        self.codes: list[tuple[str, int, str]] = []
        self.ib.errorEvent += lambda req_id, code, text, contract: self.codes.append((self.step, code, text))
        self.last = 0.0
        self.stock: Any = None
        self.option: Any = None
        self.higher: Any = None

    def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something is true."""
        deadline = PATIENCE_S
        while not holds():
            self.ib.sleep(0.05)
            deadline -= 0.05
            if deadline < 0:
                raise TimeoutError(f"{self.step}: {self.codes[-3:]}")

    def until_told(self) -> None:
        """Wait for the error that belongs to this step, a confirmation for example."""
        self.until(lambda: any(step == self.step for step, _, _ in self.codes))

    # -- connection ---------------------------------------------------------------------------
    def connect(self) -> Any:
        self.ib.connect("127.0.0.1", self.port, clientId=21, timeout=PATIENCE_S)
        return {"version": self.ib.client.serverVersion(), "accounts": self.ib.managedAccounts()}

    def reconnect(self) -> Any:
        resting = self.place(self.stock, api.LimitOrder("BUY", 1, round(self.last * 0.8, 2), tif="DAY"))
        self.until(lambda: resting.orderStatus.status == "Submitted")
        self.ib.disconnect()
        self.connect()
        perm_id = resting.order.permId
        (again,) = [trade for trade in self.ib.openTrades() if trade.order.permId == perm_id]
        self.ib.cancelOrder(again.order)
        self.until(again.isDone)
        return {"found": again.orderStatus.permId == perm_id, "fills": len(self.ib.fills())}

    def current_time(self) -> Any:
        return self.ib.reqCurrentTime().timestamp()

    # -- contracts ----------------------------------------------------------------------------
    def lookup(self) -> Any:
        (details,) = self.ib.reqContractDetails(api.Stock("SPY", "SMART", "USD"))
        self.stock = details.contract
        return details.longName

    def lookup_by_kind(self) -> Any:
        found = {}
        for row in self.plan["contracts"]:
            contract = api.Contract(**{"currency": "USD", **row["fields"]})
            found[row["name"]] = len(self.ib.reqContractDetails(contract))
        return found

    def lookup_of_nothing(self) -> Any:
        return len(self.ib.reqContractDetails(api.Stock("NOPENOPE", "SMART", "USD")))

    def matching_symbols(self) -> Any:
        return [one.contract.symbol for one in self.ib.reqMatchingSymbols("spy")]

    def chain(self) -> Any:
        bars = self.ib.reqHistoricalData(self.stock, "", "1 D", "1 hour", "TRADES", True)
        self.last = bars[-1].close
        params = self.ib.reqSecDefOptParams("SPY", "", "STK", self.stock.conId)
        smart = next(row for row in params if row.exchange == "SMART")
        near = sorted(smart.strikes, key=lambda strike: abs(strike - self.last))
        expiry = sorted(smart.expirations)[4]
        strikes = sorted(near[:6])
        options = [api.Option("SPY", expiry, strike, "C", "SMART", currency="USD") for strike in strikes]
        self.option, *_, self.higher = self.ib.qualifyContracts(*options)
        return {"expirations": len(smart.expirations), "strikes": len(smart.strikes)}

    def market_rule(self) -> Any:
        return [row.increment for row in self.ib.reqMarketRule(26)]

    # -- market data --------------------------------------------------------------------------
    def stream(self) -> Any:
        ticker = self.ib.reqMktData(self.stock, "233,221,106")
        self.until(lambda: ticker.bid > 0 and ticker.ask > 0)
        first = ticker.time
        self.until(lambda: ticker.time > first)
        self.ib.cancelMktData(self.stock)
        return [ticker.bid, ticker.ask]

    def option_quote(self) -> Any:
        (ticker,) = self.ib.reqTickers(self.option)
        return {"bid": ticker.bid, "ask": ticker.ask, "delta": ticker.modelGreeks.delta}

    def delayed(self) -> Any:
        self.ib.reqMarketDataType(3)
        (ticker,) = self.ib.reqTickers(self.stock)
        self.ib.reqMarketDataType(1)
        return ticker.marketPrice()

    def tick_by_tick(self) -> Any:
        ticker = self.ib.reqTickByTickData(self.stock, "Last")
        self.until(lambda: ticker.tickByTicks)
        self.ib.cancelTickByTickData(self.stock, "Last")
        return True

    def depth(self) -> Any:
        ticker = self.ib.reqMktDepth(self.stock, numRows=5, isSmartDepth=True)
        self.until(lambda: ticker.domBids and ticker.domAsks)
        found = [ticker.domBids[0].price, ticker.domAsks[0].price]
        self.ib.cancelMktDepth(self.stock, isSmartDepth=True)
        return found

    def depth_exchanges(self) -> Any:
        return len(self.ib.reqMktDepthExchanges())

    def real_time_bars(self) -> Any:
        bars = self.ib.reqRealTimeBars(self.stock, 5, "TRADES", True)
        self.until(lambda: len(bars))
        self.ib.cancelRealTimeBars(bars)
        return bars[0].close

    # -- history ------------------------------------------------------------------------------
    def history(self) -> Any:
        return {
            f"{row['duration']} {row['size']} {row['show']}": len(
                self.ib.reqHistoricalData(self.stock, "", row["duration"], row["size"], row["show"], True)
            )
            for row in self.plan["histories"]
        }

    def history_kept_up(self) -> Any:
        bars = self.ib.reqHistoricalData(self.stock, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True)
        heard: list[bool] = []
        bars.updateEvent += lambda bars, is_new: heard.append(is_new)
        self.until(lambda: heard)
        self.ib.cancelHistoricalData(bars)
        self.until_told()
        return len(bars)

    def head(self) -> Any:
        return str(self.ib.reqHeadTimeStamp(self.stock, "TRADES", True, 1))

    def histogram(self) -> Any:
        return len(self.ib.reqHistogramData(self.stock, True, "3 days"))

    def historical_ticks(self) -> Any:
        start = self.plan["ticks_from"]
        return {
            show: len(self.ib.reqHistoricalTicks(self.stock, start, "", 10, show, True))
            for show in ("TRADES", "BID_ASK", "MIDPOINT")
        }

    def schedule(self) -> Any:
        found = self.ib.reqHistoricalSchedule(self.stock, 5)
        return len(found.sessions)

    # -- news and scans -----------------------------------------------------------------------
    def scanner_parameters(self) -> Any:
        return self.ib.reqScannerParameters()[:38]

    def scan(self) -> Any:
        wanted = api.ScannerSubscription(
            instrument="STK", locationCode="STK.US.MAJOR", scanCode="MOST_ACTIVE", abovePrice=1.0
        )
        found = len(self.ib.reqScannerData(wanted))
        self.until_told()
        return found

    def news(self) -> Any:
        providers = [one.code for one in self.ib.reqNewsProviders()]
        lines = self.ib.reqHistoricalNews(self.stock.conId, "+".join(providers), "", "", 5)
        article = self.ib.reqNewsArticle(lines[0].providerCode, lines[0].articleId) if lines else None
        return {"providers": len(providers), "article": article is None or bool(article.articleText)}

    # -- calculations -------------------------------------------------------------------------
    def calculations(self) -> Any:
        price = self.ib.calculateOptionPrice(self.option, 0.2, self.last)
        implied = self.ib.calculateImpliedVolatility(self.option, price.optPrice, self.last)
        return {"price": price.optPrice, "vol": implied.impliedVol}

    # -- orders -------------------------------------------------------------------------------
    def place(self, contract: Any, order: Any) -> Any:
        return self.ib.placeOrder(contract, order)

    def what_if(self) -> Any:
        state = self.ib.whatIfOrder(self.stock, api.LimitOrder("BUY", 10, round(self.last, 2), tif="DAY"))
        market = self.ib.whatIfOrder(api.Stock("MMM", "SMART", "USD"), api.MarketOrder("BUY", 100))
        return {
            "margin": float(state.initMarginChange),
            "commission": state.commission,
            "market": market.commission,
        }

    def no_exchange(self) -> Any:
        """The exchange is missed before the contract is; ib_async takes the error for a warning."""
        self.ib.RaiseRequestErrors = True
        asked = self.ib.whatIfOrderAsync(api.Stock("XXX"), api.MarketOrder("BUY", 100))
        try:
            api.util.run(asked, timeout=2)
        except api.RequestError as error:
            return error.code
        except TimeoutError:
            return self.codes[-1][1]
        finally:
            self.ib.RaiseRequestErrors = False

    def order_types(self) -> Any:
        return {row["name"]: self.one_order(row) for row in self.plan["orders"]}

    def one_order(self, row: dict[str, Any]) -> str:
        fields = dict(row["fields"])
        fields.update({name: round(self.last * times, 2) for name, times in row.get("prices", {}).items()})
        order = api.Order(**{"action": "BUY", "totalQuantity": 1, "tif": "DAY", **fields})
        order.conditions = [self.condition(kind) for kind in row.get("conditions", ())]
        trade = self.place(self.stock, order)
        try:
            self.until(lambda: trade.orderStatus.status in row["ends"])
        except TimeoutError as error:
            return f"{trade.orderStatus.status} {error}"
        found = trade.orderStatus.status
        if found in self.plan["working"]:
            self.ib.cancelOrder(trade.order)
            self.until(trade.isDone)
        return str(found)

    def condition(self, kind: str) -> Any:
        con_id = self.stock.conId
        made = {
            "price": lambda: api.PriceCondition(
                isMore=True, price=self.last * 2, conId=con_id, exch="SMART", triggerMethod=0
            ),
            "time": lambda: api.TimeCondition(isMore=True, time="20301201-18:00:00"),
            "margin": lambda: api.MarginCondition(isMore=False, percent=1),
            "execution": lambda: api.ExecutionCondition(secType="STK", exch="SMART", symbol="KO"),
            "volume": lambda: api.VolumeCondition(
                isMore=True, volume=2_000_000_000, conId=con_id, exch="SMART"
            ),
            "percent": lambda: api.PercentChangeCondition(
                isMore=True, changePercent=80.0, conId=con_id, exch="SMART"
            ),
        }
        return made[kind]()

    def fill(self) -> Any:
        (ticker,) = self.ib.reqTickers(self.option)
        trade = self.place(self.option, api.LimitOrder("BUY", 2, round(ticker.ask + 0.5, 2), tif="DAY"))
        self.until(trade.isDone)
        self.until(lambda: all(one.commissionReport.commission for one in trade.fills))
        return {
            "status": trade.orderStatus.status,
            "shares": sum(one.execution.shares for one in trade.fills),
            "commission": sum(one.commissionReport.commission for one in trade.fills),
        }

    def modify(self) -> Any:
        trade = self.place(self.stock, api.LimitOrder("BUY", 1, round(self.last * 0.8, 2), tif="DAY"))
        self.until(lambda: trade.orderStatus.status == "Submitted")
        trade.order.lmtPrice = round(self.last * 0.81, 2)
        self.place(self.stock, trade.order)
        self.until(lambda: any(entry.message == "Modified" for entry in trade.log))
        self.ib.cancelOrder(trade.order)
        self.until(trade.isDone)
        return str(trade.orderStatus.status)

    def combo(self) -> Any:
        legs = [
            api.ComboLeg(conId=one.conId, ratio=1, action=action, exchange="SMART")
            for one, action in ((self.option, "BUY"), (self.higher, "SELL"))
        ]
        spread = api.Contract(symbol="SPY", secType="BAG", exchange="SMART", currency="USD", comboLegs=legs)
        width = self.higher.strike - self.option.strike
        trade = self.place(spread, api.LimitOrder("BUY", 1, round(width, 2), tif="DAY"))
        self.until(trade.isDone)
        self.until(lambda: len(trade.fills) >= 3)
        return {"status": trade.orderStatus.status, "kinds": sorted(f.contract.secType for f in trade.fills)}

    def bracket(self) -> Any:
        price = round(self.last * 0.8, 2)
        orders = self.ib.bracketOrder("BUY", 1, price, round(price * 1.5, 2), round(price * 0.9, 2))
        trades = [self.place(self.stock, order) for order in orders]
        self.until(lambda: all(one.orderStatus.status in ("Submitted", "PreSubmitted") for one in trades))
        found = [one.orderStatus.status for one in trades]
        self.ib.cancelOrder(orders.parent)
        self.until(lambda: all(one.isDone() for one in trades))
        return {"working": found, "ended": [one.orderStatus.status for one in trades]}

    def refused(self) -> Any:
        self.place(self.stock, api.Order(action="BUY", totalQuantity=1, orderType="NONSENSE", lmtPrice=1.0))
        self.until_told()
        return True

    def cancel_of_nothing(self) -> Any:
        self.ib.client.cancelOrder(*((987654, "") if api.__name__ == "ib_async" else (987654,)))
        self.until_told()
        return True

    def open_orders(self) -> Any:
        return len(self.ib.reqAllOpenOrders())

    def executions(self) -> Any:
        return len(self.ib.reqExecutions())

    def completed(self) -> Any:
        return len(self.ib.reqCompletedOrders(False))

    def exercise(self) -> Any:
        before = len(self.ib.trades())
        self.ib.exerciseOptions(self.option, 1, 1, self.ib.managedAccounts()[0], 1)
        self.until(lambda: len(self.ib.trades()) > before)
        return self.ib.trades()[-1].contract.conId == self.option.conId

    # -- account ------------------------------------------------------------------------------
    def account(self) -> Any:
        summary = {value.tag: value.value for value in self.ib.accountSummary()}
        return float(summary["NetLiquidation"])

    def positions(self) -> Any:
        return sorted([p.contract.secType, float(p.position)] for p in self.ib.positions())

    def profit_and_loss(self) -> Any:
        account = self.ib.managedAccounts()[0]
        whole = self.ib.reqPnL(account)
        single = self.ib.reqPnLSingle(account, "", self.option.conId)
        self.until(lambda: not math.isnan(whole.dailyPnL) and not math.isnan(single.value))
        self.ib.cancelPnL(account)
        self.ib.cancelPnLSingle(account, "", self.option.conId)
        return {"position": float(single.position)}

    def user_info(self) -> Any:
        self.ib.reqUserInfo()  # what it returns is empty: the answer is that it returns
        return True


def run(port: int, plan: dict[str, Any]) -> dict[str, Any]:
    """Every step of the plan that this client has."""
    day = Day(port, plan)
    seen: dict[str, Any] = {}
    absent: list[str] = []
    for name in plan["steps"]:
        day.step = name
        act = getattr(day, name, None)
        if act is None:
            absent.append(name)
            continue
        try:
            seen[name] = act()
        except Exception as error:  # noqa: BLE001 - every step is tried, the test says what is missing
            seen[name] = f"failed: {type(error).__name__} {error}"[:300]
    day.ib.disconnect()
    return {"seen": seen, "absent": absent, "codes": day.codes}


if __name__ == "__main__":
    with open(sys.argv[3], encoding="utf-8") as file:
        sys.stdout.write(json.dumps(run(int(sys.argv[2]), json.load(file))))
