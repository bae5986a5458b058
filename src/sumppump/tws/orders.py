"""Orders in the library's words, and the proof that a frame says what the order says.

Above this module an order buys its combo at a signed premium. On the wire a single contract is bought or
sold at a positive price, and several legs are one BAG that is bought at the signed net price (IBKR, "Notes on
Combination Orders").
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ib_async.contract import ComboLeg, Contract
from ib_async.order import Order as WireOrder

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.orders import Order, OrderType
from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.money import Premium
from sumppump.kernel.text import wire_safe

MOST_CONTRACTS = 1_000_000
LONGEST_TEXT = 40
# A partial fill shrinks the others of a group and does not cancel them, so that what is left stays protected.
OCA_REDUCE_WITH_BLOCK = 2


class Prices(NamedTuple):
    """Which prices an order type takes, and whether options may have it."""

    limit: bool
    stop: bool
    trail: bool
    options: bool


PRICES = {
    OrderType.LMT: Prices(limit=True, stop=False, trail=False, options=True),
    OrderType.STP_LMT: Prices(limit=True, stop=True, trail=False, options=True),
    OrderType.MKT: Prices(limit=False, stop=False, trail=False, options=False),
    OrderType.STP: Prices(limit=False, stop=True, trail=False, options=False),
    OrderType.TRAIL: Prices(limit=False, stop=False, trail=True, options=False),
}


# --- what may reach the wire --------------------------------------------------------------------


def check(order: Order) -> None:
    """Refuse numbers and texts that TWS would take and misread; see P-11 and P-12 in the tests."""
    _check_quantity(order.quantity)
    _check_text("account", order.account, required=True)
    _check_text("order_ref", order.order_ref, required=True)
    _check_text("oca_group", order.oca_group, required=False)
    prices = PRICES[order.order_type]
    if not prices.options and order.combo.option_legs:
        raise InvalidRequest(
            f"{order.order_type} orders are for shares only", expected="LMT or STP LMT for options"
        )
    if not order.combo.is_single and order.order_type not in (OrderType.LMT, OrderType.STP_LMT):
        raise InvalidRequest("a combo is traded at a limit", expected="LMT or STP LMT")
    for name, wanted in (("limit", prices.limit), ("stop", prices.stop), ("trail", prices.trail)):
        _check_price(order, name, wanted=wanted)


def _check_quantity(quantity: int) -> None:
    if type(quantity) is not int or not 0 < quantity <= MOST_CONTRACTS:
        raise InvalidRequest(
            "an order's quantity is a whole number", expected=f"1 to {MOST_CONTRACTS}", found=repr(quantity)
        )


def _check_text(name: str, text: str, *, required: bool) -> None:
    if wire_safe(text) != text or len(text) > LONGEST_TEXT or (required and not text.strip()):
        raise InvalidRequest(
            f"the order's {name} cannot be sent",
            expected=f"{1 if required else 0} to {LONGEST_TEXT} printable ASCII characters",
            found=repr(wire_safe(text)[:LONGEST_TEXT]),
        )


def _check_price(order: Order, name: str, *, wanted: bool) -> None:
    premium: Premium | None = getattr(order, name)
    if (premium is not None) != wanted:
        need = "needs a" if wanted else "takes no"
        raise InvalidRequest(f"a {order.order_type} order {need} {name} price", found=str(premium))
    if premium is None:
        return
    price = premium.amount if name == "trail" else wire_price(order.combo, premium)
    if (order.combo.is_single or name == "trail") and price <= 0:
        raise InvalidRequest(
            f"the {name} price of a single contract is above 0 on the wire",
            expected="a debit to buy, a credit to sell", found=str(premium),
        )  # fmt: skip
    tick = order.combo.tick(abs(price))
    if price % tick:
        raise InvalidRequest(f"{name} {premium} is between two price steps", expected=f"multiples of {tick}")


# --- the order in the library's words -----------------------------------------------------------


def is_sale(combo: Combo) -> bool:
    """Whether it goes out as a SELL: a single contract whose ratio is negative."""
    return combo.is_single and combo.legs[0].ratio < 0


def wire_price(combo: Combo, premium: Premium) -> Decimal:
    """The number on the wire for a signed premium."""
    return -premium.amount if is_sale(combo) else premium.amount


def wire_contract(combo: Combo) -> Contract:
    """One contract by its id, or one guaranteed BAG of the legs."""
    first = combo.legs[0].contract
    if combo.is_single:
        return Contract(
            conId=first.con_id, symbol=first.symbol, secType=first.sec_type.value,
            exchange=first.exchange, currency=first.currency,
        )  # fmt: skip
    return Contract(
        symbol=combo.symbol, secType="BAG", exchange="SMART", currency=combo.currency,
        comboLegs=[_wire_leg(leg) for leg in combo.legs],
    )  # fmt: skip


def _wire_leg(leg: Leg) -> ComboLeg:
    side = "BUY" if leg.ratio > 0 else "SELL"
    return ComboLeg(
        conId=leg.contract.con_id, ratio=abs(leg.ratio), action=side, exchange=leg.contract.exchange
    )


def wire_order(order: Order, *, parent_id: int, transmit: bool, what_if: bool) -> WireOrder:
    """The library's order; everything that has a default there is said here."""
    wire = WireOrder(
        action="SELL" if is_sale(order.combo) else "BUY",
        totalQuantity=order.quantity,
        orderType=order.order_type.value,
        tif=order.tif.value,
        account=order.account,
        orderRef=order.order_ref,
        transmit=transmit,
        parentId=parent_id,
        ocaGroup=order.oca_group,
        ocaType=OCA_REDUCE_WITH_BLOCK if order.oca_group else 0,
        openClose="",
        outsideRth=False,
        whatIf=what_if,
    )
    if order.limit is not None:
        wire.lmtPrice = _plain(wire_price(order.combo, order.limit))
    if order.stop is not None:
        wire.auxPrice = _plain(wire_price(order.combo, order.stop))
    if order.trail is not None:
        wire.auxPrice = _plain(order.trail.amount)
    return wire


def _plain(number: Decimal) -> Decimal:
    """The same number, spelled without an exponent."""
    return Decimal(format(number.normalize() + 0, "f"))
