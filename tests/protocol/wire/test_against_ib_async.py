"""Both directions against an implementation that is not ours: ib_async 2.1, at every version it knows."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import ib_async
import pytest
from ib_async.client import Client
from ib_async.decoder import Decoder
from tests.protocol.wire.samples import ORDER_TYPES, VERSIONS, empty, rich

from sumppump.exchange.wire.codec import Unknown, decode_request, fields_of
from sumppump.exchange.wire.layout import ANSWERS, REQUESTS
from sumppump.exchange.wire.place_order import PlaceOrder


class Listener:
    """A wrapper that accepts every callback."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.ib = ib_async.IB()
        self.defaultTimezone = None

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.calls.append(name)


# ib_async reads the duration from 159 on although TWS sends it from 158 on; no client stops at 158.
READ_BY_IB_ASYNC = tuple(version for version in VERSIONS if version != 158)
READABLE: dict[str, dict[str, str]] = {
    "ExecDetails": {"time": "20261120 10:00:00 America/New_York"},
    "BondContractData": {"coupon": "4"},  # ib_async knows whole percents only
}


@pytest.mark.parametrize("cls", ANSWERS.values(), ids=lambda cls: cls.__name__)
def test_ib_async_reads_every_answer(cls: type[Any], caplog: pytest.LogCaptureFixture) -> None:
    """It logs and drops what does not fit its own reading of the protocol."""
    words = READABLE.get(cls.__name__, {})
    listener = Listener()
    with caplog.at_level(logging.ERROR, logger="ib_async.Decoder"):
        for version in READ_BY_IB_ASYNC:
            decoder = Decoder(listener, version)  # type: ignore[arg-type]
            for order_type in ORDER_TYPES:
                decoder.interpret(fields_of(rich(cls, version, order_type=order_type, **words), version))
    assert not caplog.records
    assert listener.calls or cls.__name__ == "ScannerParameters"


class Recorder(Client):
    """A client whose frames stay here."""

    def __init__(self, version: int) -> None:
        super().__init__(Listener())
        self._serverVersion = version
        self.connState = Client.CONNECTED
        self.clientId = 5
        self.sent: list[str] = []

    def sendMsg(self, msg: str) -> None:
        self.sent.append(msg)


SPREAD = ib_async.Contract(
    secType="BAG",
    symbol="SPY",
    exchange="SMART",
    currency="USD",
    comboLegs=[ib_async.ComboLeg(conId=n, ratio=n, action="BUY", exchange="SMART") for n in (1, 2)],
    deltaNeutralContract=ib_async.DeltaNeutralContract(3, 0.5, 1.5),
)
CONDITIONS = [
    ib_async.PriceCondition(1, "a", True, 600.0, 5, "SMART", 0),
    ib_async.TimeCondition(3, "o", False, "20261120 15:00:00 US/Eastern"),
    ib_async.MarginCondition(4, "a", True, 20),
    ib_async.ExecutionCondition(5, "a", "STK", "SMART", "SPY"),
    ib_async.VolumeCondition(6, "a", True, 100, 5, "SMART"),
    ib_async.PercentChangeCondition(7, "a", True, 2.5, 5, "SMART"),
]


def order(order_type: str) -> ib_async.Order:
    return ib_async.Order(
        action="BUY",
        totalQuantity=2,
        orderType=order_type,
        lmtPrice=-1.25,
        orderRef="REF",
        orderComboLegs=[ib_async.OrderComboLeg(1.5), ib_async.OrderComboLeg()],
        smartComboRoutingParams=[ib_async.TagValue("NonGuaranteed", "0")],
        deltaNeutralOrderType="MKT",
        scalePriceIncrement=0.5,
        hedgeType="D",
        hedgeParam="x",
        algoStrategy="Vwap",
        algoParams=[ib_async.TagValue("maxPctVol", "0.1")],
        conditions=CONDITIONS,
        competeAgainstBestOffset=float("inf"),
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("order_type", ORDER_TYPES)
def test_the_fullest_order_of_ib_async_is_read_field_by_field(version: int, order_type: str) -> None:
    client = Recorder(version)
    client.placeOrder(7, SPREAD, order(order_type))
    placed = decode_request(client.sent[0].encode(), version)
    assert isinstance(placed, PlaceOrder)
    assert (placed.lmt_price, placed.order_ref, placed.total_quantity) == (-1.25, "REF", Decimal(2))
    assert [leg.con_id for leg in placed.legs] == [1, 2]
    assert [price.price for price in placed.leg_prices] == [1.5, None]
    assert [type(c).TYPE for c in placed.conditions] == [1, 3, 4, 5, 6, 7]
    assert placed.delta_neutral is not None
    assert placed.algo_params[0].value == "0.1"


STOCK = ib_async.Stock("SPY", "SMART", "USD")
SCAN = ib_async.ScannerSubscription()
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("reqMktData", (1, SPREAD, "100,101", False, False, [])),
    ("cancelMktData", (1,)),
    ("cancelOrder", (1,)),
    ("reqOpenOrders", ()),
    ("reqAccountUpdates", (True, "A")),
    ("reqExecutions", (1, ib_async.ExecutionFilter())),
    ("reqIds", (1,)),
    ("reqContractDetails", (1, STOCK)),
    ("reqMktDepth", (1, STOCK, 5, False, [])),
    ("cancelMktDepth", (1, False)),
    ("reqNewsBulletins", (True,)),
    ("cancelNewsBulletins", ()),
    ("setServerLogLevel", (2,)),
    ("reqAutoOpenOrders", (True,)),
    ("reqAllOpenOrders", ()),
    ("reqManagedAccts", ()),
    ("requestFA", (1,)),
    ("replaceFA", (1, 1, "<x/>")),
    ("reqHistoricalData", (1, SPREAD, "", "1 D", "1 min", "TRADES", True, 1, True, [])),
    ("exerciseOptions", (1, STOCK, 1, 1, "A", 0)),
    ("reqScannerSubscription", (1, SCAN, [], [])),
    ("cancelScannerSubscription", (1,)),
    ("reqScannerParameters", ()),
    ("cancelHistoricalData", (1,)),
    ("reqCurrentTime", ()),
    ("reqRealTimeBars", (1, STOCK, 5, "TRADES", True, [])),
    ("cancelRealTimeBars", (1,)),
    ("reqFundamentalData", (1, STOCK, "ReportSnapshot", [])),
    ("cancelFundamentalData", (1,)),
    ("calculateImpliedVolatility", (1, STOCK, 1.5, 600.0, [])),
    ("calculateOptionPrice", (1, STOCK, 0.2, 600.0, [])),
    ("cancelCalculateImpliedVolatility", (1,)),
    ("cancelCalculateOptionPrice", (1,)),
    ("reqGlobalCancel", ()),
    ("reqMarketDataType", (3,)),
    ("reqPositions", ()),
    ("reqAccountSummary", (1, "All", "NetLiquidation")),
    ("cancelAccountSummary", (1,)),
    ("cancelPositions", ()),
    ("queryDisplayGroups", (1,)),
    ("startApi", ()),
    ("reqPositionsMulti", (1, "A", "")),
    ("cancelPositionsMulti", (1,)),
    ("reqAccountUpdatesMulti", (1, "A", "", False)),
    ("cancelAccountUpdatesMulti", (1,)),
    ("reqSecDefOptParams", (1, "SPY", "", "STK", 756733)),
    ("reqSoftDollarTiers", (1,)),
    ("reqFamilyCodes", ()),
    ("reqMatchingSymbols", (1, "SP")),
    ("reqMktDepthExchanges", ()),
    ("reqSmartComponents", (1, "9c0001")),
    ("reqNewsArticle", (1, "BZ", "x", [])),
    ("reqNewsProviders", ()),
    ("reqHistoricalNews", (1, 5, "BZ", "", "", 10, [])),
    ("reqHeadTimeStamp", (1, STOCK, "TRADES", True, 1)),
    ("reqHistogramData", (1, STOCK, True, "3 days")),
    ("cancelHistogramData", (1,)),
    ("cancelHeadTimeStamp", (1,)),
    ("reqMarketRule", (26,)),
    ("reqPnL", (1, "A", "")),
    ("cancelPnL", (1,)),
    ("reqPnLSingle", (1, "A", "", 5)),
    ("cancelPnLSingle", (1,)),
    ("reqHistoricalTicks", (1, STOCK, "", "", 10, "TRADES", True, False, [])),
    ("reqTickByTickData", (1, STOCK, "Last", 0, False)),
    ("cancelTickByTickData", (1,)),
    ("reqCompletedOrders", (False,)),
    ("verifyRequest", ("program", "1")),
    ("verifyMessage", ("data",)),
    ("verifyAndAuthRequest", ("program", "1", "key")),
    ("verifyAndAuthMessage", ("data", "response")),
    ("subscribeToGroupEvents", (1, 2)),
    ("updateDisplayGroup", (1, "756733@SMART")),
    ("unsubscribeFromGroupEvents", (1,)),
    ("reqWshMetaData", (1,)),
    ("cancelWshMetaData", (1,)),
    ("reqUserInfo", (1,)),
    ("cancelWshEventData", (1,)),
    ("reqWshEventData", (1, ib_async.WshEventData(conId=5))),
]


@pytest.mark.parametrize(("name", "args"), CALLS, ids=[name for name, _ in CALLS])
def test_every_request_of_ib_async_is_read(name: str, args: tuple[Any, ...]) -> None:
    for version in VERSIONS:
        client = Recorder(version)
        try:
            getattr(client, name)(*args)
        except ConnectionError:
            continue
        message = decode_request(client.sent[0].encode(), version)
        assert not isinstance(message, Unknown)


def test_the_table_has_no_request_that_ib_async_does_not_send() -> None:
    """So that a request of ours cannot hide behind a test of nothing."""
    sent = set()
    for name, args in [*CALLS, ("placeOrder", (1, STOCK, order("LMT")))]:
        client = Recorder(178)
        getattr(client, name)(*args)
        sent.add(int(client.sent[0].split("\0")[0]))
    assert sent == set(REQUESTS)


def test_an_empty_answer_is_read_too(caplog: pytest.LogCaptureFixture) -> None:
    """No repetitions, no blocks: what most messages look like."""
    bare = [
        cls
        for cls in ANSWERS.values()
        if cls.__name__ not in ("ExecDetails", "ContractData", "HeadTimestamp")
    ]
    with caplog.at_level(logging.ERROR, logger="ib_async.Decoder"):
        for cls in bare:
            Decoder(Listener(), 178).interpret(fields_of(empty(cls, 178), 178))  # type: ignore[arg-type]
    assert not caplog.records
