"""Contracts, orders and TWS's messages about them, in one line each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.protocol.gateway.scripted import ACCOUNT

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right, Underlying
from sumppump.domain.orders import Environment, Order, OrderType
from sumppump.exchange.wire.contracts import ExecutedInstrument, Instrument, OrderLeg
from sumppump.exchange.wire.order_answers import (
    CommissionReport,
    CompletedOrder,
    ExecDetails,
    OpenOrder,
    OrderStatus,
)
from sumppump.kernel.money import Premium

SPY = Underlying(con_id=756733, symbol="SPY", primary_exchange="ARCA")
CLIENT_ID = 17


def call(strike: int, con_id: int | None = None, *, tick: str = "0.01") -> OptionContract:
    """A SPY call of December 2026; its con_id is 1000 and its strike unless told."""
    return OptionContract(
        con_id=con_id or 1000 + strike, symbol="SPY", right=Right.CALL, strike=Decimal(strike),
        expiry=date(2026, 12, 18), last_trade=datetime(2026, 12, 18, 21, 0, tzinfo=UTC), multiplier=100,
        underlying_con_id=SPY.con_id, trading_class="SPY", min_tick=Decimal(tick),
    )  # fmt: skip


def single(ratio: int = 1, contract: OptionContract | Underlying | None = None) -> Combo:
    """One contract, bought or sold."""
    return Combo((Leg(contract=contract or call(500), ratio=ratio),))


def vertical() -> Combo:
    """Long the 500 call, short the 505 call."""
    return Combo((Leg(contract=call(500), ratio=1), Leg(contract=call(505), ratio=-1)))


def order(combo: Combo | None = None, limit: str | None = "1.25", **changes: Any) -> Order:
    """A limit order for two verticals unless told otherwise."""
    said: dict[str, Any] = {
        "combo": combo or vertical(), "quantity": 2, "order_type": OrderType.LMT,
        "limit": None if limit is None else Premium.of(limit), "account": ACCOUNT,
        "environment": Environment.PAPER, "order_ref": "SP1-01JD0000000000000000000001",
    }  # fmt: skip
    return Order(**(said | changes))


def open_order(order_id: int, perm_id: int, ref: str = "SP1-A", **changes: Any) -> OpenOrder:
    """TWS's openOrder for a BAG."""
    said: dict[str, Any] = {
        "order_id": order_id,
        "instrument": Instrument(symbol="SPY", sec_type="BAG", right="?", exchange="SMART", currency="USD"),
        "action": "BUY", "total_quantity": Decimal(2), "order_type": "LMT", "lmt_price": 1.25,
        "account": ACCOUNT, "order_ref": ref, "client_id": CLIENT_ID, "perm_id": perm_id,
        "legs": (OrderLeg(con_id=1500, ratio=1, action="BUY", exchange="SMART"),
                 OrderLeg(con_id=1505, ratio=1, action="SELL", exchange="SMART")),
    }  # fmt: skip
    return OpenOrder(**(said | changes))


def status(
    order_id: int, perm_id: int, word: str = "Submitted", filled: int = 0, **changes: Any
) -> OrderStatus:
    """TWS's orderStatus for an order of two."""
    said: dict[str, Any] = {
        "order_id": order_id, "status": word, "filled": Decimal(filled), "remaining": Decimal(2 - filled),
        "average_fill_price": 1.25 if filled else 0.0, "perm_id": perm_id, "client_id": CLIENT_ID,
    }  # fmt: skip
    return OrderStatus(**(said | changes))


def execution(exec_id: str, perm_id: int, shares: int = 1, req_id: int = -1, **changes: Any) -> ExecDetails:
    """TWS's execDetails of a BAG's own row."""
    said: dict[str, Any] = {
        "req_id": req_id, "order_id": 1,
        "instrument": ExecutedInstrument(con_id=28812380, symbol="SPY", sec_type="BAG", exchange="SMART",
                                         currency="USD"),
        "exec_id": exec_id, "time": "20260302  10:00:05", "account": ACCOUNT, "exchange": "SMART",
        "side": "BOT", "shares": Decimal(shares), "price": 1.25, "perm_id": perm_id,
        "client_id": CLIENT_ID, "order_ref": "SP1-A",
    }  # fmt: skip
    return ExecDetails(**(said | changes))


def commission(exec_id: str, amount: float = 1.3, **changes: Any) -> CommissionReport:
    """TWS's commissionReport."""
    said: dict[str, Any] = {"exec_id": exec_id, "commission": amount, "currency": "USD"}
    return CommissionReport(**(said | changes))


def completed(perm_id: int, ref: str = "SP1-A", **changes: Any) -> CompletedOrder:
    """TWS's completedOrder: without session ids, its quantity 0."""
    said: dict[str, Any] = {
        "instrument": Instrument(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD"),
        "action": "BUY", "total_quantity": Decimal(0), "order_type": "LMT", "lmt_price": 1.25,
        "account": ACCOUNT, "order_ref": ref, "perm_id": perm_id, "filled_quantity": Decimal(2),
    }  # fmt: skip
    return CompletedOrder(**(said | changes))
