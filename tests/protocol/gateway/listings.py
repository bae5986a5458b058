"""What a scripted TWS lists: SPY, two strikes of one expiry, and their price steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.exchange.wire.contracts import PriceIncrement
from sumppump.exchange.wire.market_answers import (
    ContractData,
    ContractDataEnd,
    MarketRule,
    SecDefOptParams,
    SecDefOptParamsEnd,
    SymbolSample,
    SymbolSamples,
)

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
