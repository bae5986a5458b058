"""Requests that this exchange does not serve, and what it answers instead of silence.

Where TWS has an answer for an account without the service, that one is given; elsewhere code 322, which ends
a request in every client (321 would leave ib_async waiting for ever).
"""

from __future__ import annotations

from typing import Any

from sumppump.exchange.wire import account_requests as account
from sumppump.exchange.wire import formalities
from sumppump.exchange.wire import market_requests as market

_NOT_SERVED = "Error processing request.-'{}' : cause - {} not available"

REFUSED: dict[type[Any], tuple[int, str]] = {
    market.ReqMktDepth: (
        10092,
        "Deep market data is not supported for this combination of security type/exchange",
    ),
    market.CancelMktDepth: (310, "Can't find the subscribed market depth with tickerId"),
    market.ReqRealTimeBars: (420, "Invalid Real-time Query:No market data permissions for real-time bars"),
    market.CalculateImpliedVolatility: (322, _NOT_SERVED.format("bU", "Implied volatility calculation is")),
    market.CalculateOptionPrice: (322, _NOT_SERVED.format("bV", "Option price calculation is")),
    market.ReqTickByTick: (10189, "Failed to request tick-by-tick data:No market data permissions"),
}
"""Code and text under the request's own id."""

SILENT: tuple[type[Any], ...] = (
    account.SetServerLogLevel,
    formalities.VerifyRequest,
    formalities.VerifyMessage,
    formalities.VerifyAndAuthRequest,
    formalities.VerifyAndAuthMessage,
    market.CancelFundamentalData,
    market.CancelWshMetaData,
    market.CancelWshEventData,
    market.CancelRealTimeBars,
    market.CancelCalculateImpliedVolatility,
    market.CancelCalculateOptionPrice,
    market.CancelHistogramData,
    market.CancelHeadTimestamp,
    market.CancelTickByTick,
)
"""Requests to which TWS says nothing."""
