"""Requests that are understood and answered with silence, because TWS says nothing to them either."""

from __future__ import annotations

from typing import Any

from sumppump.exchange.wire import account_requests as account
from sumppump.exchange.wire import formalities
from sumppump.exchange.wire import market_requests as market

SILENT: tuple[type[Any], ...] = (
    account.SetServerLogLevel,
    formalities.VerifyRequest,
    formalities.VerifyMessage,
    formalities.VerifyAndAuthRequest,
    formalities.VerifyAndAuthMessage,
    market.CancelFundamentalData,
    market.CancelWshMetaData,
    market.CancelWshEventData,
    market.CancelHistogramData,
    market.CancelHeadTimestamp,
)
"""Switches, the verification of partners' programs, and cancels of what was answered at once."""
