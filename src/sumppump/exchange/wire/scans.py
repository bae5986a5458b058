"""What the server says about market scans; the requests are in `market_requests`."""

from __future__ import annotations

from sumppump.exchange.wire.layout import answer, part
from sumppump.exchange.wire.scalars import Int, Number, Text


@part
class ScanRow:
    """One contract that a scan has found; rank 0 is the best."""

    rank: Int
    con_id: Int
    symbol: Text
    sec_type: Text
    expiry: Text = ""
    strike: Number = 0.0
    right: Text = ""
    exchange: Text = ""
    currency: Text = ""
    local_symbol: Text = ""
    market_name: Text = ""
    trading_class: Text = ""
    distance: Text = ""
    benchmark: Text = ""
    projection: Text = ""
    legs: Text = ""


@answer(20, version=3)
class ScannerData:
    req_id: Int
    rows: tuple[ScanRow, ...]
