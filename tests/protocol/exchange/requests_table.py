"""Every request that a client can send with plausible fields, and what TWS answers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.protocol.exchange.lab import SPY, Lab, near_option

from sumppump.exchange.wire import account_requests as account
from sumppump.exchange.wire import formalities
from sumppump.exchange.wire import market_requests as market
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.place_order import PlaceOrder

NOTHING: tuple[str | int, ...] = ()
BAR = ("RealTimeBar",)
GREEKS = ("TickOptionComputation",)
AAPL_ID, SPY_ID = 265598, 756733


@dataclass(frozen=True)
class Case:
    """Something that is said, and what has to come back, in this order: kinds of messages, codes of errors.

    Attributes:
        first: what is said before, whatever comes back.
        within: seconds that pass before the answer has to be complete.
    """

    message: Any
    answer: tuple[str | int, ...]
    first: tuple[Any, ...] = ()
    within: float = 0.0


def cases(lab: Lab) -> list[Case]:
    """One case a request, in the order of their numbers."""
    option = Contract(con_id=near_option(lab, "C").con_id, exchange="SMART")
    order = PlaceOrder(
        order_id=1, contract=SPY, total_quantity=Decimal(1), lmt_price=1.0, order_type="LMT", action="BUY"
    )
    stream = market.ReqMktData(req_id=1, contract=SPY)
    bars = market.ReqHistoricalData(
        req_id=1, contract=SPY, duration="1 D", bar_size="1 hour", what_to_show="TRADES", keep_up_to_date=True
    )
    scan = market.ReqScannerSubscription(
        req_id=1, instrument="STK", location="STK.US.MAJOR", scan_code="TOP_PERC_GAIN"
    )
    level, mine = {"under_price": 680.0}, {"req_id": 1, "account": lab.venue.account}
    start = "20261120-14:31:00"
    return [
        Case(stream, ("TickReqParams", "TickPrice", "TickSize")),
        Case(market.CancelMktData(req_id=1), NOTHING, first=(stream,)),
        Case(order, ("OpenOrder", "OrderStatus"), within=1.0),
        Case(account.CancelOrder(order_id=1), ("OrderStatus", 202), first=(order,), within=1.0),
        Case(account.ReqOpenOrders(), ("OpenOrderEnd",)),
        Case(
            account.ReqAccountUpdates(subscribe=True, account=lab.venue.account),
            ("AccountValue", "AccountUpdateTime", "AccountDownloadEnd"),
        ),
        Case(account.ReqExecutions(req_id=1), ("ExecDetailsEnd",)),
        Case(account.ReqIds(), ("NextValidId",)),
        Case(market.ReqContractDetails(req_id=1, contract=SPY), ("ContractData", "ContractDataEnd")),
        Case(market.ReqMktDepth(req_id=1, contract=SPY, rows=5), (10092,)),
        Case(market.CancelMktDepth(req_id=1), (310,)),
        Case(market.ReqNewsBulletins(all_messages=False), NOTHING),
        Case(market.CancelNewsBulletins(), NOTHING),
        Case(account.SetServerLogLevel(level=2), NOTHING),
        Case(account.ReqAutoOpenOrders(auto_bind=True), (327,)),
        Case(account.ReqAllOpenOrders(), ("OpenOrderEnd",)),
        Case(account.ReqManagedAccts(), ("ManagedAccounts",)),
        Case(account.RequestFA(kind=1), (321,)),
        Case(account.ReplaceFA(kind=1, xml="<a/>", req_id=1), (321,)),
        Case(bars, ("HistoricalData",)),
        Case(account.ExerciseOptions(req_id=1, con_id=option.con_id, action=1, quantity=1), (322,)),
        Case(scan, ("ScannerData",)),
        Case(market.CancelScannerSubscription(req_id=1), (162,), first=(scan,)),
        Case(market.ReqScannerParameters(), ("ScannerParameters",)),
        Case(market.CancelHistoricalData(req_id=1), (162,), first=(bars,)),
        Case(account.ReqCurrentTime(), ("CurrentTime",)),
        Case(market.ReqRealTimeBars(req_id=1, contract=SPY, what_to_show="BID"), BAR, within=5.5),
        Case(market.CancelRealTimeBars(req_id=1), NOTHING),
        Case(market.ReqFundamentalData(req_id=1, con_id=AAPL_ID, report="ReportSnapshot"), (430,)),
        Case(market.CancelFundamentalData(req_id=1), NOTHING),
        Case(market.CalculateImpliedVolatility(req_id=1, contract=option, option_price=5.0, **level), GREEKS),
        Case(market.CalculateOptionPrice(req_id=1, contract=option, volatility=0.2, **level), GREEKS),
        Case(market.CancelCalculateImpliedVolatility(req_id=1), NOTHING),
        Case(market.CancelCalculateOptionPrice(req_id=1), NOTHING),
        Case(account.ReqGlobalCancel(), (202,), first=(order,), within=1.0),
        Case(market.ReqMarketDataType(kind=3), NOTHING),
        Case(account.ReqPositions(), ("PositionEnd",)),
        Case(account.ReqAccountSummary(req_id=1, group="All", tags="NetLiquidation"),
             ("AccountSummary", "AccountSummaryEnd")),
        Case(account.CancelAccountSummary(req_id=1), NOTHING),
        Case(account.CancelPositions(), NOTHING),
        Case(formalities.VerifyRequest(api_name="a", api_version="1"), NOTHING),
        Case(formalities.VerifyMessage(data="a"), NOTHING),
        Case(account.QueryDisplayGroups(req_id=1), ("DisplayGroupList",)),
        Case(formalities.SubscribeToGroup(req_id=1, group=1), ("DisplayGroupUpdated",)),
        Case(formalities.UpdateDisplayGroup(req_id=1, contract="none"), ("DisplayGroupUpdated",),
             first=(formalities.SubscribeToGroup(req_id=1, group=1),)),
        Case(formalities.UnsubscribeFromGroup(req_id=1), NOTHING),
        Case(account.StartApi(client_id=5), NOTHING),
        Case(formalities.VerifyAndAuthRequest(api_name="a", api_version="1", key="k"), NOTHING),
        Case(formalities.VerifyAndAuthMessage(data="a", response="b"), NOTHING),
        Case(account.ReqPositionsMulti(**mine), ("PositionMultiEnd",)),
        Case(account.CancelPositionsMulti(req_id=1), NOTHING),
        Case(account.ReqAccountUpdatesMulti(**mine),
             ("AccountUpdateMulti", "AccountUpdateMultiEnd")),
        Case(account.CancelAccountUpdatesMulti(req_id=1), NOTHING),
        Case(
            market.ReqSecDefOptParams(req_id=1, under_symbol="SPY", under_con_id=SPY_ID),
            ("SecDefOptParams", "SecDefOptParamsEnd"),
        ),
        Case(account.ReqSoftDollarTiers(req_id=1), ("SoftDollarTiers",)),
        Case(account.ReqFamilyCodes(), ("FamilyCodes",)),
        Case(market.ReqMatchingSymbols(req_id=1, pattern="SP"), ("SymbolSamples",)),
        Case(market.ReqMktDepthExchanges(), ("MktDepthExchanges",)),
        Case(market.ReqSmartComponents(req_id=1, bbo_exchange="9c0001"), ("SmartComponents",)),
        Case(market.ReqNewsArticle(req_id=1, provider="BZ", article_id="BZ$1"), (10172,)),
        Case(market.ReqNewsProviders(), ("NewsProviders",)),
        Case(
            market.ReqHistoricalNews(req_id=1, con_id=AAPL_ID, providers="BRFG", total=2),
            ("HistoricalNews", "HistoricalNews", "HistoricalNewsEnd"),
        ),
        Case(market.ReqHeadTimestamp(req_id=1, contract=SPY, what_to_show="TRADES"), ("HeadTimestamp",)),
        Case(market.ReqHistogramData(req_id=1, contract=SPY, period="1 days"), ("HistogramData",)),
        Case(market.CancelHistogramData(req_id=1), NOTHING),
        Case(market.CancelHeadTimestamp(req_id=1), NOTHING),
        Case(market.ReqMarketRule(rule_id=26), ("MarketRule",)),
        Case(account.ReqPnL(**mine), ("PnL",), within=2.0),
        Case(account.CancelPnL(req_id=1), NOTHING),
        Case(account.ReqPnLSingle(**mine, con_id=SPY_ID), ("PnLSingle",), within=2.0),
        Case(account.CancelPnLSingle(req_id=1), NOTHING),
        Case(
            market.ReqHistoricalTicks(req_id=1, contract=SPY, start=start, count=10, what_to_show="TRADES"),
            ("HistoricalTrades",),
        ),
        Case(market.ReqTickByTick(req_id=1, contract=SPY, kind="Last"), ("TickByTick",), within=2.5),
        Case(market.CancelTickByTick(req_id=1), NOTHING),
        Case(account.ReqCompletedOrders(), ("CompletedOrdersEnd",)),
        Case(market.ReqWshMetaData(req_id=1), (10276,)),
        Case(market.CancelWshMetaData(req_id=1), NOTHING),
        Case(market.ReqWshEventData(req_id=1, con_id=AAPL_ID), (10276,)),
        Case(market.CancelWshEventData(req_id=1), NOTHING),
        Case(account.ReqUserInfo(req_id=1), ("UserInfo",)),
    ]  # fmt: skip
