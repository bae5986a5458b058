"""Scans of the market."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.scan_rules import LEAST_CHANGE_PCT, LEAST_RATIO, MOST_CANDIDATES, ScanType, Thresholds
from sumppump.server.coercion import Number, Words, choice
from sumppump.server.desk import Call
from sumppump.server.market.scan_views import ScanAnswer, scan_answer
from sumppump.server.parameters import enum, fraction
from sumppump.server.registry import market_tool

SCAN_TYPES = tuple(kind.value for kind in ScanType)


async def trade_scan_market(
    call: Call,
    scan_type: Annotated[
        str, choice(*SCAN_TYPES), enum(*SCAN_TYPES), Field(description="What for, e.g. high_iv")
    ],
    min_iv_rank: Annotated[Number, Field(description="IV rank, 0 to 100, e.g. 50")] = None,
    min_volume_ratio: Annotated[
        Number, Field(description=f"Option volume ÷ average day, e.g. {LEAST_RATIO:g}")
    ] = None,
    min_change_pct: Annotated[
        Number, Field(description=f"Percent up or down, e.g. {LEAST_CHANGE_PCT:g}")
    ] = None,
    symbols: Annotated[Words, Field(description=f"Only these, up to {MOST_CANDIDATES}, e.g. [AAPL]")] = None,
) -> ScanAnswer:
    """Scans US stocks for high implied volatility, unusual option volume, large moves or rich options.

    Use trade_get_volatility_analysis for one symbol. Each row has the figure that qualified it.
    """
    wanted = Thresholds(
        min_iv_rank=fraction(min_iv_rank),
        min_volume_ratio=fraction(min_volume_ratio),
        min_change_pct=fraction(min_change_pct),
    )
    found = await call.desk.market.scans.scan(ScanType(scan_type), wanted=wanted, symbols=symbols or ())
    return scan_answer(found, call.desk.clock.monotonic())


TOOLS = (market_tool(trade_scan_market, "Market scan", ScanAnswer),)
