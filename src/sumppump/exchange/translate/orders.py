"""Orders and executions: what a client wrote becomes terms, what the venue reports becomes messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.events import OrderBound
from sumppump.exchange.listing.instruments import Bag
from sumppump.exchange.orders.orders import KINDS
from sumppump.exchange.orders.quirks import Commission
from sumppump.exchange.reports import CommissionReport, Execution, MarginReport, OrderView, Refusal
from sumppump.exchange.translate.conditions import condition_of, wire_condition
from sumppump.exchange.translate.contracts import decimal_of, instrument_of
from sumppump.exchange.translate.times import read_moment, stamp
from sumppump.exchange.wire import contracts as wire
from sumppump.exchange.wire.contracts import ExecutedInstrument, OrderLeg
from sumppump.exchange.wire.layout import scalar_of
from sumppump.exchange.wire.order_answers import CommissionReport as CommissionMessage
from sumppump.exchange.wire.order_answers import CompletedOrder, ExecDetails, OpenOrder, OrderStatus
from sumppump.exchange.wire.order_answers import OrderBound as BoundMessage
from sumppump.exchange.wire.place_order import PlaceOrder
from sumppump.exchange.wire.scalars import MAX_DOUBLE

ECHOED = (
    "open_close", "rule_80a", "settling_firm", "clearing_account", "model_code", "origin", "hidden",
    "block_order", "sweep_to_fill", "discretionary_amount", "good_after_time", "good_till_date",
    "short_sale_slot", "designated_location", "exempt_code", "display_size", "min_quantity",
    "electronic_only", "firm_quote_only", "nbbo_price_cap", "percent_offset", "opt_out_smart_routing",
    "not_held", "solicited", "randomize_size", "randomize_price", "is_oms_container",
    "discretionary_up_to_limit_price", "use_price_management", "soft_dollar_name", "soft_dollar_value",
    "cash_quantity", "lmt_price_offset",
)  # fmt: skip
"""Fields that come back as they were sent, whether they have an effect here or not."""

NOT_TRADED_HERE: tuple[tuple[str, str], ...] = (
    ("hedge_type", "Hedging orders"),
    ("scale_price_increment", "Scale orders"),
    ("delta_neutral", "Delta neutral contracts"),
    ("adjusted_order_type", "Adjustable stops"),
    ("fa_group", "Allocations"),
    ("fa_method", "Allocations"),
    ("stock_range_lower", "Orders that depend on a stock's range"),
    ("stock_range_upper", "Orders that depend on a stock's range"),
    ("auto_cancel_parent", "Children that cancel their parent"),
    ("duration", "Orders with a duration"),
    ("post_to_ats", "Orders for an alternative trading system"),
)
"""What would change how an order works. It is refused, because an order that silently works otherwise than it
was written is worse than no order."""

LARGEST_PRICE = 1e9
"""Currency per share; a price beyond it is a slip, and its decimal would have hundreds of digits."""

_UNSUPPORTED = "Unsupported order type for this exchange and security type."
_PRICES = (
    "lmt_price", "aux_price", "trail_stop_price", "trailing_percent", "lmt_price_offset", "percent_offset",
    "discretionary_amount", "cash_quantity",
)  # fmt: skip
_BAD_MOMENT = Refusal(
    337,
    "The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss xxx where"
    " yyyymmdd and xxx are optional. E.g.: 20031126 15:59:00 EST. Note that there is a space between the date"
    " and time, and between the time and time-zone. If no date is specified, current date is assumed. If no"
    " time-zone is specified, local time-zone is assumed (deprecated).",
)
_ODD_COMMISSIONS = {Commission.MINUS_ONE: -1.0, Commission.UNSET: MAX_DOUBLE}
_WRITERS = {name: scalar_of(PlaceOrder, name).write for name in ECHOED}
_DEFAULTS = {name: PlaceOrder.__dataclass_fields__[name].default for name in ECHOED}


def refusal_of(order: PlaceOrder, now: datetime) -> Refusal | None:
    """Why the order cannot be taken as it was written, or None."""
    for name, words in NOT_TRADED_HERE:
        # "None" is how an open order names these, and clients send back what they were told.
        if getattr(order, name) not in ("", "None", (), None, 0):
            return Refusal(387, f"{_UNSUPPORTED} {words}.")
    if order.delta_neutral_order_type not in ("", "None"):
        return Refusal(387, f"{_UNSUPPORTED} Delta neutral orders.")
    prices = [getattr(order, name) for name in _PRICES]
    prices += [leg.price for leg in order.leg_prices]
    prices += [getattr(one, "price", 0.0) for one in order.conditions]
    if any(abs(price) > LARGEST_PRICE for price in prices if price is not None):
        return Refusal(109, "Price is out of the range defined by the Precautionary Settings at TWS.")
    texts = [order.good_after_time, order.good_till_date]
    texts += [one.time for one in order.conditions if isinstance(one, wire.TimeCondition)]
    return None if all(_is_moment(text, now) for text in texts) else _BAD_MOMENT


def _is_moment(text: str, now: datetime) -> bool:
    try:
        read_moment(text, today=now)
    except ValueError:
        return False
    return True


def spec_of(order: PlaceOrder, now: datetime) -> OrderSpec:
    """The terms as the client wrote them; the venue judges them. `now` says which day "15:59:00" means."""
    kind = KINDS.get(order.order_type)
    # A cap of 0 is how clients spell that there is none.
    limit = None if kind is not None and kind.peg is not None and not order.lmt_price else order.lmt_price
    return OrderSpec(
        action=order.action,
        quantity=order.total_quantity,
        order_type=order.order_type,
        limit=_price(limit),
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
        limit_offset=_price(order.lmt_price_offset),
        percent_offset=_price(order.percent_offset),
        starts_at=read_moment(order.good_after_time, today=now),
        ends_at=read_moment(order.good_till_date, today=now),
        conditions=tuple(condition_of(one, now) for one in order.conditions),
        conditions_ignore_rth=order.conditions_ignore_rth,
        conditions_cancel=order.conditions_cancel_order,
        min_quantity=order.min_quantity or 0,
        display_size=order.display_size or 0,
        discretionary=decimal_of(order.discretionary_amount) if order.discretionary_amount else Decimal(0),
        cash_quantity=_price(order.cash_quantity or None),
        leg_prices=_leg_prices(order),
        is_guaranteed=("NonGuaranteed", "1") not in _pairs(order.routing_params),
        algo=order.algo_strategy,
        algo_params=_pairs(order.algo_params),
        routing=_pairs(order.routing_params),
        echo=tuple((name, _WRITERS[name](value)) for name, value in _unusual(order)),
    )


def _unusual(order: PlaceOrder) -> Iterator[tuple[str, Any]]:
    for name in ECHOED:
        value = getattr(order, name)
        if value != _DEFAULTS[name] and value is not None:
            yield name, value


def _pairs(tags: tuple[wire.Tag, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((one.tag, one.value) for one in tags)


def _leg_prices(order: PlaceOrder) -> tuple[Decimal | None, ...]:
    prices = tuple(_price(one.price) for one in order.leg_prices)
    return prices if any(one is not None for one in prices) else ()


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
    margin = view.margin if complete else None
    trail_stop = _trail_stop(view)
    message = OpenOrder(
        order_id=view.order_id,
        instrument=instrument_of(view.instrument, no_right="?"),
        action=spec.action,
        total_quantity=spec.quantity or Decimal(0),
        order_type=spec.order_type,
        lmt_price=_number(view.limit),
        aux_price=_number(spec.aux),
        tif=spec.tif or "DAY",
        oca_group=view.oca_group,
        account=spec.account,
        order_ref=spec.order_ref,
        client_id=view.client_id,
        perm_id=view.perm_id,
        outside_rth=spec.outside_rth,
        shares_allocation=f"{view.perm_id}.0/{spec.account}/100",
        all_or_none=spec.all_or_none,
        oca_type=spec.oca_type or 3,
        parent_id=spec.parent_id,
        trigger_method=spec.trigger_method,
        trail_stop_price=_maybe(trail_stop),
        trailing_percent=_maybe(spec.trailing_percent),
        legs_description=",".join(f"{leg.con_id}|{_signed(leg)}" for leg in legs),
        legs=legs,
        what_if=spec.what_if,
        status=str(view.state),
        adjusted_trail_stop_price=_maybe(trail_stop),
        **_further(view, OpenOrder),
    )
    return message if margin is None else replace(message, **_margins(margin))


def _trail_stop(view: OrderView) -> Decimal | None:
    return view.stop_price if KINDS[view.spec.order_type].trails else None


def _further(view: OrderView, cls: type[OpenOrder | CompletedOrder]) -> dict[str, Any]:
    """What only some orders have: echoes, conditions, algorithms, combo terms."""
    spec = view.spec
    readers = _READERS[cls]
    further = {name: readers[name](text) for name, text in spec.echo if name in readers}
    if spec.conditions:
        further["conditions"] = tuple(wire_condition(one) for one in spec.conditions)
        further["conditions_ignore_rth"] = spec.conditions_ignore_rth
        further["conditions_cancel_order"] = spec.conditions_cancel
    if spec.algo:
        further["algo_strategy"] = spec.algo
        further["algo_params"] = tuple(wire.Tag(tag=tag, value=value) for tag, value in spec.algo_params)
    if spec.leg_prices:
        further["leg_prices"] = tuple(wire.LegPrice(price=_maybe(one)) for one in spec.leg_prices)
    if spec.routing:
        further["routing_params"] = tuple(wire.Tag(tag=tag, value=value) for tag, value in spec.routing)
    return further


_READERS = {
    cls: {name: scalar_of(cls, name).read for name in ECHOED if name in cls.__dataclass_fields__}
    for cls in (OpenOrder, CompletedOrder)
}


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
    trail_stop = _maybe(_trail_stop(view))
    is_filled = view.remaining == 0 and view.filled > 0
    return CompletedOrder(
        instrument=instrument_of(view.instrument, no_right="?"),
        action=spec.action,
        total_quantity=Decimal(0) if is_filled else (spec.quantity or Decimal(0)),
        order_type=spec.order_type,
        lmt_price=_number(view.limit),
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
        **_further(view, CompletedOrder),
    )


def bound_order(event: OrderBound) -> BoundMessage:
    """Message 100."""
    return BoundMessage(perm_id=event.perm_id, client_id=0, order_id=event.order_id)


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
        liquidation=int(execution.is_liquidation),
    )


def commission_report(report: CommissionReport, form: Commission = Commission.TOLD) -> CommissionMessage:
    """The cost of one execution as message 59, truly or as a quirk has it."""
    return CommissionMessage(
        exec_id=report.exec_id,
        commission=_ODD_COMMISSIONS.get(form, float(report.commission)),
        currency=report.currency,
        realized_pnl=_maybe(report.realized_pnl),
    )
