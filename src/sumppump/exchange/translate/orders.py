"""Orders and executions: what a client wrote becomes terms, what the venue reports becomes messages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.instruments import Bag
from sumppump.exchange.reports import CommissionReport, Execution, MarginReport, OrderView, Refusal
from sumppump.exchange.translate.contracts import decimal_of, instrument_of
from sumppump.exchange.translate.times import stamp
from sumppump.exchange.wire.contracts import ExecutedInstrument, OrderLeg
from sumppump.exchange.wire.order_answers import CommissionReport as CommissionMessage
from sumppump.exchange.wire.order_answers import CompletedOrder, ExecDetails, OpenOrder, OrderStatus
from sumppump.exchange.wire.place_order import PlaceOrder

ECHOED = ("open_close", "rule_80a", "settling_firm", "clearing_account", "model_code")
"""Texts that have no effect here and come back as they were sent."""

NOT_TRADED_HERE: tuple[tuple[str, str], ...] = (
    ("conditions", "Conditional orders"),
    ("algo_strategy", "Algorithmic orders"),
    ("hedge_type", "Hedging orders"),
    ("scale_price_increment", "Scale orders"),
    ("delta_neutral", "Delta neutral contracts"),
    ("adjusted_order_type", "Adjustable stops"),
    ("fa_group", "Allocations"),
    ("cash_quantity", "Orders by cash quantity"),
    ("min_quantity", "Minimum quantities"),
    ("discretionary_amount", "Discretionary amounts"),
    ("good_after_time", "Orders with a start time"),
    ("good_till_date", "Orders with an end date"),
)
"""What would change how an order works. It is refused, because an order that silently works otherwise than it
was written is worse than no order."""


LARGEST_PRICE = 1e9
"""Currency per share; a price beyond it is a slip, and its decimal would have hundreds of digits."""


def refusal_of(order: PlaceOrder) -> Refusal | None:
    """Why the order cannot be taken as it was written, or None."""
    unsupported = "Unsupported order type for this exchange and security type."
    for name, words in NOT_TRADED_HERE:
        # "None" is how an open order names these, and clients send back what they were told.
        if getattr(order, name) not in ("", "None", (), None, 0):
            return Refusal(387, f"{unsupported} {words}.")
    prices = (order.lmt_price, order.aux_price, order.trail_stop_price, order.trailing_percent)
    if any(abs(price) > LARGEST_PRICE for price in prices if price is not None):
        return Refusal(109, "Price is out of the range defined by the Precautionary Settings at TWS.")
    if order.delta_neutral_order_type not in ("", "None"):
        return Refusal(
            387, "Unsupported order type for this exchange and security type. Delta neutral orders."
        )
    return None


def spec_of(order: PlaceOrder) -> OrderSpec:
    """The terms as the client wrote them; the venue judges them."""
    return OrderSpec(
        action=order.action,
        quantity=order.total_quantity,
        order_type=order.order_type,
        limit=_price(order.lmt_price),
        aux=_price(order.aux_price),
        tif=order.tif,
        oca_group=order.oca_group,
        oca_type=order.oca_type,
        account=order.account,
        order_ref=order.order_ref,
        parent_id=order.parent_id,
        transmit=order.transmit,
        outside_rth=order.outside_rth,
        what_if=order.what_if,
        all_or_none=order.all_or_none,
        trigger_method=order.trigger_method,
        trail_stop_price=_price(order.trail_stop_price),
        trailing_percent=_price(order.trailing_percent),
        good_after_time=order.good_after_time,
        good_till_date=order.good_till_date,
        echo=tuple((name, text) for name in ECHOED if (text := getattr(order, name))),
    )


def _price(number: float | None) -> Decimal | None:
    return None if number is None else decimal_of(number)


def _number(price: Decimal | None) -> float:
    return 0.0 if price is None else float(price)


def _maybe(price: Decimal | None) -> float | None:
    return None if price is None else float(price)


def legs_of(view: OrderView) -> tuple[OrderLeg, ...]:
    """The legs of a combo order; () otherwise."""
    if not isinstance(view.instrument, Bag):
        return ()
    return tuple(
        OrderLeg(
            con_id=leg.listing.con_id,
            ratio=abs(leg.ratio),
            action="BUY" if leg.ratio > 0 else "SELL",
            exchange=leg.exchange,
        )
        for leg in view.instrument.legs
    )


def open_order(view: OrderView, *, complete: bool = True) -> OpenOrder:
    """The order as message 5.

    Args:
        view: the order as it stands.
        complete: False for the first of the two answers to a what-if, in which TWS leaves the margins out.
    """
    spec = view.spec
    legs = legs_of(view)
    echo = dict(spec.echo)
    margin = view.margin if complete else None
    trail_stop = view.stop_price if spec.order_type == "TRAIL" else None
    message = OpenOrder(
        order_id=view.order_id,
        instrument=instrument_of(view.instrument, no_right="?"),
        action=spec.action,
        total_quantity=spec.quantity or Decimal(0),
        order_type=spec.order_type,
        lmt_price=_number(spec.limit),
        aux_price=_number(spec.aux),
        tif=spec.tif or "DAY",
        oca_group=view.oca_group,
        account=spec.account,
        open_close=echo.get("open_close", ""),
        order_ref=spec.order_ref,
        client_id=view.client_id,
        perm_id=view.perm_id,
        outside_rth=spec.outside_rth,
        shares_allocation=f"{view.perm_id}.0/{spec.account}/100",
        model_code=echo.get("model_code", ""),
        rule_80a=echo.get("rule_80a", ""),
        settling_firm=echo.get("settling_firm", ""),
        all_or_none=spec.all_or_none,
        oca_type=spec.oca_type or 3,
        parent_id=spec.parent_id,
        trigger_method=spec.trigger_method,
        trail_stop_price=_maybe(trail_stop),
        trailing_percent=_maybe(spec.trailing_percent),
        legs_description=",".join(f"{leg.con_id}|{_signed(leg)}" for leg in legs),
        legs=legs,
        clearing_account=echo.get("clearing_account", ""),
        what_if=spec.what_if,
        status=str(view.state),
        adjusted_trail_stop_price=_maybe(trail_stop),
    )
    return message if margin is None else replace(message, **_margins(margin))


def _signed(leg: OrderLeg) -> int:
    return leg.ratio if leg.action == "BUY" else -leg.ratio


def _margins(margin: MarginReport) -> dict[str, Any]:
    texts = {
        "init_margin_before": margin.init_before,
        "maint_margin_before": margin.maint_before,
        "equity_with_loan_before": margin.equity_before,
        "init_margin_change": margin.init_change,
        "maint_margin_change": margin.maint_change,
        "equity_with_loan_change": margin.equity_change,
        "init_margin_after": margin.init_after,
        "maint_margin_after": margin.maint_after,
        "equity_with_loan_after": margin.equity_after,
    }
    costs = {
        "commission": margin.commission,
        "min_commission": margin.min_commission,
        "max_commission": margin.max_commission,
    }
    return {
        **{name: repr(float(amount)) for name, amount in texts.items()},
        **{name: _maybe(cost) for name, cost in costs.items()},
        "commission_currency": "USD",
        "warning_text": margin.warning,
    }


def order_status(view: OrderView, *, client_id: int | None = None) -> OrderStatus:
    """The order's state as message 3; `client_id` is that of a client that cancelled another's order."""
    return OrderStatus(
        order_id=view.order_id,
        status=str(view.state),
        filled=Decimal(view.filled),
        remaining=Decimal(view.remaining),
        average_fill_price=float(view.avg_fill_price),
        perm_id=view.perm_id,
        parent_id=view.spec.parent_id,
        last_fill_price=float(view.last_fill_price),
        client_id=view.client_id if client_id is None else client_id,
        why_held=view.why_held,
    )


def completed_order(view: OrderView, version: int) -> CompletedOrder:
    """The order as message 101, which says quantity 0 for what was filled."""
    spec = view.spec
    trail_stop = _maybe(view.stop_price) if spec.order_type == "TRAIL" else None
    is_filled = view.remaining == 0 and view.filled > 0
    return CompletedOrder(
        instrument=instrument_of(view.instrument, no_right="?"),
        action=spec.action,
        total_quantity=Decimal(0) if is_filled else (spec.quantity or Decimal(0)),
        order_type=spec.order_type,
        lmt_price=_number(spec.limit),
        aux_price=_number(spec.aux),
        tif=spec.tif or "DAY",
        oca_group=view.oca_group,
        account=spec.account,
        order_ref=spec.order_ref,
        perm_id=view.perm_id,
        outside_rth=spec.outside_rth,
        all_or_none=spec.all_or_none,
        oca_type=spec.oca_type or 3,
        trigger_method=spec.trigger_method,
        trail_stop_price=trail_stop,
        trailing_percent=_maybe(spec.trailing_percent),
        legs=legs_of(view),
        status="Cancelled" if str(view.state) == "Inactive" else str(view.state),
        adjusted_trail_stop_price=trail_stop,
        filled_quantity=Decimal(view.filled),
        parent_perm_id=view.parent_perm_id or None,
        completed_time=stamp(view.completed_at, version) if view.completed_at else "",
        completed_status=view.completed_status,
    )


def exec_details(execution: Execution, req_id: int, version: int) -> ExecDetails:
    """One execution as message 11; `req_id` is -1 where nobody asked for it."""
    named = instrument_of(execution.instrument, exchange=execution.exchange)
    return ExecDetails(
        req_id=req_id,
        order_id=execution.order_id,
        instrument=ExecutedInstrument(
            **{name: getattr(named, name) for name in ExecutedInstrument.__dataclass_fields__}
        ),
        exec_id=execution.exec_id,
        time=stamp(execution.at, version),
        account=execution.account,
        exchange=execution.exchange,
        side=execution.side,
        shares=Decimal(execution.shares),
        price=float(execution.price),
        perm_id=execution.perm_id,
        client_id=execution.client_id,
        cumulative_quantity=Decimal(execution.cum_quantity),
        average_price=float(execution.avg_price),
        order_ref=execution.order_ref,
        last_liquidity=execution.liquidity,
    )


def commission_report(report: CommissionReport) -> CommissionMessage:
    """The cost of one execution as message 59."""
    return CommissionMessage(
        exec_id=report.exec_id,
        commission=float(report.commission),
        currency=report.currency,
        realized_pnl=_maybe(report.realized_pnl),
    )
