"""The day that every client lives through: its steps, and what must come of each.

Drivers perform the steps by name in their own interface and report a JSON value for each; what a client
has no call for it reports as absent. Contracts, histories and orders are tables that all drivers read, in
TWS's own field names, so that a row added here is a row for four clients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

WORKING = ("PreSubmitted", "Submitted")
FILLED = ("Filled",)
BRACKET = ["Submitted", "PreSubmitted", "PreSubmitted"]
NOTICES = frozenset({-1, 2104, 2106, 2107, 2108, 2152, 2158})
"""Codes that may come at any time; -1 is what ibapi itself says of a connection."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a client does.

    Attributes:
        holds: whether what the driver reports is right.
        codes: error codes that belong to it.
    """

    name: str
    holds: Callable[[Any], bool]
    codes: frozenset[int] = frozenset()


def _quoted(seen: Any) -> bool:
    return 0 < seen[0] < seen[1]


def _all_ended_well(seen: dict[str, str]) -> bool:
    return all(seen[row.name] in row.ends for row in ORDERS)


STEPS = (
    Step("connect", lambda seen: 157 <= seen["version"] <= 178 and seen["accounts"][0].startswith("SIM")),
    Step("current_time", lambda seen: seen > 1_700_000_000),
    Step("lookup", lambda seen: "S&P" in seen or "SPDR" in seen),
    Step("lookup_by_kind", lambda seen: min(seen.values()) >= 1),
    Step("lookup_of_nothing", lambda seen: seen == 0, frozenset({200})),
    Step("matching_symbols", lambda seen: "SPY" in seen),
    Step("chain", lambda seen: seen["expirations"] > 10 and seen["strikes"] > 50),
    Step("market_rule", lambda seen: seen == [0.01]),
    Step("stream", _quoted),
    Step("option_quote", lambda seen: 0 < seen["bid"] < seen["ask"] and 0.2 < seen["delta"] < 0.9),
    Step("delayed", lambda seen: seen > 0),
    Step("tick_by_tick", lambda seen: seen is True),
    Step("depth", lambda seen: seen[0] < seen[1]),
    Step("depth_exchanges", lambda seen: seen > 0),
    Step("real_time_bars", lambda seen: seen > 0),
    Step("history", lambda seen: min(seen.values()) >= 1),
    Step("history_kept_up", lambda seen: seen >= 1, frozenset({162})),
    Step("head", lambda seen: len(seen) > 5),
    Step("histogram", lambda seen: seen > 1),
    Step("historical_ticks", lambda seen: min(seen.values()) >= 10),
    Step("schedule", lambda seen: seen == 5),
    Step("scanner_parameters", lambda seen: seen == '<?xml version="1.0" encoding="UTF-8"?>'),
    Step("scan", lambda seen: seen > 3, frozenset({162})),
    Step("news", lambda seen: seen["providers"] > 0 and seen["article"]),
    Step("calculations", lambda seen: seen["price"] > 0 and abs(seen["vol"] - 0.2) < 0.01),
    Step(
        "what_if",
        lambda seen: 0 < seen["margin"] < 1e6 and 0 < seen["market"] < 100 and 0 < seen["commission"] < 100,
    ),
    Step("no_exchange", lambda seen: seen == 321, frozenset({321})),
    Step("order_types", _all_ended_well, frozenset({202, 399, 2109})),
    Step("fill", lambda seen: seen["status"] == "Filled" and seen["shares"] == 2 and seen["commission"] > 0),
    Step("modify", lambda seen: seen == "Cancelled", frozenset({202})),
    Step("combo", lambda seen: seen == {"status": "Filled", "kinds": ["BAG", "OPT", "OPT"]}),
    Step(
        "bracket",
        lambda seen: (
            seen == {"working": ["Submitted", "PreSubmitted", "PreSubmitted"], "ended": ["Cancelled"] * 3}
        ),
        frozenset({202}),
    ),
    Step("refused", lambda seen: seen is True, frozenset({201, 321, 387})),
    Step("cancel_of_nothing", lambda seen: seen is True, frozenset({10147})),
    Step("open_orders", lambda seen: seen == 0),
    Step("executions", lambda seen: seen >= 4),
    Step("completed", lambda seen: seen >= 4),
    Step("account", lambda seen: 240_000 < seen < 260_000),
    Step("positions", lambda seen: ["OPT", -1.0] in seen and ["OPT", 3.0] in seen),
    Step("profit_and_loss", lambda seen: seen["position"] == 3),
    Step("user_info", lambda seen: seen is True),
    Step("exercise", lambda seen: seen is True),
    Step("reconnect", lambda seen: seen["found"] and seen["fills"] >= 4, frozenset({202})),
)

CONTRACTS = (
    {"name": "stock", "fields": {"symbol": "AAPL", "secType": "STK", "exchange": "SMART"}},
    {"name": "stock on its own exchange", "fields": {"symbol": "SPY", "secType": "STK", "exchange": "ARCA"}},
    {"name": "index", "fields": {"symbol": "SPX", "secType": "IND", "exchange": "CBOE"}},
    {"name": "currency", "fields": {"symbol": "EUR", "secType": "CASH", "exchange": "IDEALPRO"}},
    {"name": "futures", "fields": {"symbol": "ES", "secType": "FUT", "exchange": "CME"}},
    {"name": "continuous future", "fields": {"symbol": "ES", "secType": "CONTFUT", "exchange": "CME"}},
    {"name": "coin", "fields": {"symbol": "BTC", "secType": "CRYPTO", "exchange": "PAXOS"}},
    {
        "name": "index option",
        "fields": {
            "symbol": "SPX",
            "secType": "OPT",
            "exchange": "SMART",
            "lastTradeDateOrContractMonth": "202612",
            "tradingClass": "SPX",
            "right": "C",
        },
    },
)

HISTORIES = (
    {"duration": "1 D", "size": "1 hour", "show": "TRADES"},
    {"duration": "3600 S", "size": "1 min", "show": "MIDPOINT"},
    {"duration": "1 M", "size": "1 day", "show": "TRADES"},
    {"duration": "1 W", "size": "1 day", "show": "BID_ASK"},
    {"duration": "1 Y", "size": "1 day", "show": "HISTORICAL_VOLATILITY"},
    {"duration": "1 Y", "size": "1 day", "show": "OPTION_IMPLIED_VOLATILITY"},
)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order for a share of SPY.

    Attributes:
        fields: in TWS's names; BUY, 1 and DAY where nothing else is said.
        prices: fields that are a multiple of the last price.
        ends: the statuses in which it comes to rest; a working one is cancelled then.
        conditions: kinds, none of which will come true.
    """

    name: str
    fields: dict[str, Any]
    prices: dict[str, float] = field(default_factory=dict)
    ends: tuple[str, ...] = WORKING
    conditions: tuple[str, ...] = ()


LIMIT = {"orderType": "LMT"}
FAR = {"lmtPrice": 0.9}
UNFILLED = ("Cancelled", "Inactive")
EVERY_CONDITION = ("price", "time", "margin", "execution", "volume", "percent")

ORDERS = (
    OrderRow("LMT", LIMIT, FAR),
    OrderRow("LMT GTC", {**LIMIT, "tif": "GTC"}, FAR),
    OrderRow("LMT GTD", {**LIMIT, "tif": "GTD", "goodTillDate": "20261120 15:59:00 US/Eastern"}, FAR),
    OrderRow("LMT not before", {**LIMIT, "goodAfterTime": "20300101-01:01:01"}, FAR),
    OrderRow("LMT IOC", {**LIMIT, "tif": "IOC"}, FAR, ends=UNFILLED),
    OrderRow("LMT FOK", {**LIMIT, "tif": "FOK"}, FAR, ends=UNFILLED),
    OrderRow("LMT in a group", {**LIMIT, "ocaGroup": "one", "ocaType": 1}, FAR),
    OrderRow("LMT all or none", {**LIMIT, "allOrNone": True}, FAR),
    OrderRow("LMT iceberg", {**LIMIT, "totalQuantity": 100, "displaySize": 10}, FAR),
    OrderRow("LMT outside hours", {**LIMIT, "outsideRth": True}, FAR),
    OrderRow("LMT on every condition", LIMIT, FAR, conditions=EVERY_CONDITION),
    OrderRow("LMT on one condition", LIMIT, FAR, conditions=("price",)),
    OrderRow("MKT", {"orderType": "MKT"}, ends=FILLED),
    OrderRow("LMT sell", {**LIMIT, "action": "SELL"}, FAR, ends=FILLED),
    OrderRow("MTL", {"orderType": "MTL"}, ends=FILLED),
    OrderRow("MKT sell", {"orderType": "MKT", "action": "SELL"}, ends=FILLED),
    OrderRow("STP", {"orderType": "STP"}, {"auxPrice": 1.1}),
    OrderRow("STP LMT", {"orderType": "STP LMT"}, {"auxPrice": 1.1, "lmtPrice": 1.11}),
    OrderRow("TRAIL", {"orderType": "TRAIL", "auxPrice": 9.0}),
    OrderRow("TRAIL percent", {"orderType": "TRAIL", "trailingPercent": 2.0}),
    OrderRow(
        "TRAIL LIMIT",
        {"orderType": "TRAIL LIMIT", "auxPrice": 9.0, "lmtPriceOffset": 0.1},
        {"trailStopPrice": 1.05},
    ),
    OrderRow("MIT", {"orderType": "MIT"}, {"auxPrice": 0.9}),
    OrderRow("LIT", {"orderType": "LIT"}, {"auxPrice": 0.9, "lmtPrice": 0.89}),
    OrderRow("MOC", {"orderType": "MOC"}),
    OrderRow("LOC", {"orderType": "LOC"}, FAR),
    OrderRow("REL", {"orderType": "REL", "auxPrice": 0.01}, FAR),
    OrderRow("MIDPRICE", {"orderType": "MIDPRICE"}, FAR),
)


def plan() -> dict[str, Any]:
    """What the drivers read."""
    return {
        "steps": [step.name for step in STEPS],
        "contracts": CONTRACTS,
        "histories": HISTORIES,
        "orders": [asdict(row) for row in ORDERS],
        "working": WORKING,
        "notices": sorted(NOTICES),
        "ticks_from": "20261119 10:00:00 US/Eastern",
    }
