"""What a caller says of an order that is to be staged; what is not said is left to the stager."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.domain.orders import OrderType, TimeInForce
from sumppump.kernel.money import Premium


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTerms:
    """How a draft shall be opened; see `ExecutionService.stage_open`."""

    quantity: int | None = None
    order_type: OrderType = OrderType.LMT
    limit: Premium | None = None
    tif: TimeInForce = TimeInForce.DAY
    take_profit_pct: Decimal | None = None
    stop_loss_pct: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTerms:
    """Where a stop shall stand; see `ExecutionService.stage_stop`."""

    stop_price: Premium | None = None
    stop_pct: Decimal | None = None
    stop_type: str = "fixed"
    limit_offset: Decimal | None = None
    trailing_amount: Decimal | None = None
