"""Orders in the library's words, and the proof that a frame says what the order says.

Above this module an order buys its combo at a signed premium. On the wire a single contract is bought or
sold at a positive price, and several legs are one BAG that is bought at the signed net price (IBKR, "Notes on
Combination Orders"). The frame is made by the library's own encoder and then compared, field by field, with a
table of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ib_async.client import Client
from ib_async.contract import ComboLeg, Contract
from ib_async.order import Order as WireOrder

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.orders import Order, OrderType
from sumppump.kernel.errors import InvalidRequest, ProtocolError
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticketing:
    """What an order's frame carries beside the order.

    Attributes:
        order_id, parent_id: session ids; parent 0 for none.
        transmit: False holds the order in TWS until the last of its family comes.
        what_if: only the margin is asked; nothing is placed.
        version: the server's, which decides the layout.
    """

    order_id: int
    version: int
    parent_id: int = 0
    transmit: bool = True
    what_if: bool = False


def encode(order: Order, ticketing: Ticketing) -> bytes:
    """The frame of an order, length and all.

    Raises:
        InvalidRequest: something in the order must not reach the wire.
        ProtocolError: the library wrote something else than the order says; a bug, and nothing is sent.
    """
    check(order)
    text = _Encoder(ticketing.version).order_frame(order, ticketing)
    found = text.split("\0")[:-1]
    compare(found, expected(order, ticketing))
    return _framed(text)


def encode_cancel(order_id: int, version: int) -> bytes:
    """The frame that cancels an order of this client."""
    return _framed(_Encoder(version).cancel_frame(order_id))


def encode_global_cancel(version: int) -> bytes:
    """The frame that cancels every order of every client."""
    return _framed(_Encoder(version).global_cancel_frame())


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


def wire_order(order: Order, ticketing: Ticketing) -> WireOrder:
    """The library's order; everything that has a default there is said here."""
    wire = WireOrder(
        action="SELL" if is_sale(order.combo) else "BUY",
        totalQuantity=order.quantity,
        orderType=order.order_type.value,
        tif=order.tif.value,
        account=order.account,
        orderRef=order.order_ref,
        transmit=ticketing.transmit,
        parentId=ticketing.parent_id,
        ocaGroup=order.oca_group,
        ocaType=OCA_REDUCE_WITH_BLOCK if order.oca_group else 0,
        openClose="",
        outsideRth=False,
        whatIf=ticketing.what_if,
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


class _Encoder(Client):
    """The library's encoder without a socket: what it would send is kept."""

    def __init__(self, version: int) -> None:
        super().__init__(object())  # type: ignore[no-untyped-call]
        self.connState = Client.CONNECTED
        self._serverVersion = version
        self._text = ""

    def sendMsg(self, msg: str) -> None:
        """Called by the library with every finished message."""
        self._text = msg

    def order_frame(self, order: Order, ticketing: Ticketing) -> str:
        """A placeOrder message."""
        contract, wire = wire_contract(order.combo), wire_order(order, ticketing)
        self.placeOrder(ticketing.order_id, contract, wire)  # type: ignore[no-untyped-call]
        return self._text

    def cancel_frame(self, order_id: int) -> str:
        """A cancelOrder message."""
        self.cancelOrder(order_id)  # type: ignore[no-untyped-call]
        return self._text

    def global_cancel_frame(self) -> str:
        """A reqGlobalCancel message."""
        self.reqGlobalCancel()  # type: ignore[no-untyped-call]
        return self._text


def _framed(text: str) -> bytes:
    body = text.encode("ascii")
    return len(body).to_bytes(4, "big") + body


# --- the proof ----------------------------------------------------------------------------------

Fields = Sequence[tuple[str, str]]


def compare(found: Sequence[str], wanted: Fields) -> None:
    """Raise ProtocolError unless the frame has exactly the wanted fields."""
    if len(found) != len(wanted):
        raise ProtocolError(f"an order frame of {len(found)} fields instead of {len(wanted)}")
    for text, (name, value) in zip(found, wanted, strict=True):
        if text != value:
            raise ProtocolError(f"field {name} of the order frame is {text!r} instead of {value!r}")


def what_if_flag(frame: bytes, order: Order, ticketing: Ticketing) -> bool:
    """What the frame itself says: True when it asks for margins and places nothing."""
    names = [name for name, _ in expected(order, ticketing)]
    return frame[4:].decode("ascii").split("\0")[names.index("whatIf")] == "1"


def expected(order: Order, ticketing: Ticketing) -> Fields:
    """Every field of the frame in order, by name, after IBKR's placeOrder message."""
    return (*_head(order, ticketing), *_legs(order.combo), *_tail(order, ticketing))


def _head(order: Order, ticketing: Ticketing) -> Fields:
    combo, first = order.combo, order.combo.legs[0].contract
    single = combo.is_single
    stop = None if order.stop is None else wire_price(combo, order.stop)
    aux = stop if order.trail is None else order.trail.amount
    limit = None if order.limit is None else wire_price(combo, order.limit)
    return (
        ("message", "3"), ("orderId", str(ticketing.order_id)),
        ("conId", str(first.con_id) if single else "0"), ("symbol", combo.symbol),
        ("secType", first.sec_type.value if single else "BAG"), ("expiry", ""), ("strike", "0.0"),
        ("right", ""), ("multiplier", ""), ("exchange", first.exchange if single else "SMART"),
        ("primaryExchange", ""), ("currency", combo.currency), ("localSymbol", ""), ("tradingClass", ""),
        ("secIdType", ""), ("secId", ""), ("action", "SELL" if is_sale(combo) else "BUY"),
        ("totalQuantity", str(order.quantity)), ("orderType", order.order_type.value),
        ("lmtPrice", _spelled(limit)), ("auxPrice", _spelled(aux)), ("tif", order.tif.value),
        ("ocaGroup", order.oca_group), ("account", order.account), ("openClose", ""), ("origin", "0"),
        ("orderRef", order.order_ref), ("transmit", _flag(ticketing.transmit)),
        ("parentId", str(ticketing.parent_id)), ("blockOrder", "0"), ("sweepToFill", "0"),
        ("displaySize", "0"), ("triggerMethod", "0"), ("outsideRth", "0"), ("hidden", "0"),
    )  # fmt: skip


def _legs(combo: Combo) -> Fields:
    if combo.is_single:
        return ()
    rows: list[tuple[str, str]] = [("legs", str(len(combo.legs)))]
    for leg in combo.legs:
        rows += [
            ("leg.conId", str(leg.contract.con_id)), ("leg.ratio", str(abs(leg.ratio))),
            ("leg.action", "BUY" if leg.ratio > 0 else "SELL"), ("leg.exchange", leg.contract.exchange),
            ("leg.openClose", "0"), ("leg.shortSaleSlot", "0"), ("leg.designatedLocation", ""),
            ("leg.exemptCode", "-1"),
        ]  # fmt: skip
    # No routing parameters: without NonGuaranteed the combo is guaranteed.
    return (*rows, ("legPrices", "0"), ("routingParams", "0"))


_CONSTANT_TAIL = """
sharesAllocation= discretionaryAmt=0.0 goodAfterTime= goodTillDate= faGroup= faMethod= faPercentage=
faProfile=<177 modelCode= shortSaleSlot=0 designatedLocation= exemptCode=-1 ocaType=? rule80A=
settlingFirm= allOrNone=0 minQty= percentOffset= eTradeOnly=0 firmQuoteOnly=0 nbboPriceCap=
auctionStrategy=0 startingPrice= stockRefPrice= delta= stockRangeLower= stockRangeUpper=
overridePercentageConstraints=0 volatility= volatilityType= deltaNeutralOrderType= deltaNeutralAuxPrice=
continuousUpdate=0 referencePriceType= trailStopPrice= trailingPercent= scaleInitLevelSize=
scaleSubsLevelSize= scalePriceIncrement= scaleTable= activeStartTime= activeStopTime= hedgeType=
optOutSmartRouting=0 clearingAccount= clearingIntent= notHeld=0 deltaNeutralContract=0 algoStrategy=
algoId= whatIf=? orderMiscOptions= solicited=0 randomizeSize=0 randomizePrice=0 conditions=0
adjustedOrderType= triggerPrice= lmtPriceOffset= adjustedStopPrice= adjustedStopLimitPrice=
adjustedTrailingAmount= adjustableTrailingUnit=0 extOperator= softDollarTier.name= softDollarTier.val=
cashQty= mifid2DecisionMaker= mifid2DecisionAlgo= mifid2ExecutionTrader= mifid2ExecutionAlgo=
dontUseAutoPriceForHedge=0 isOmsContainer=0 discretionaryUpToLimitPrice=0 usePriceMgmtAlgo=0
duration=>158 postToAts=>160 autoCancelParent=>162:0 advancedErrorOverride=>166 manualOrderTime=>169
"""


def _tail(order: Order, ticketing: Ticketing) -> Fields:
    """The fields that never vary, but for two.

    `<177` marks a field for servers below 177, `>162:0` one for servers from 162 on with the value 0.
    """
    varying = {
        "ocaType": str(OCA_REDUCE_WITH_BLOCK) if order.oca_group else "0",
        "whatIf": _flag(ticketing.what_if),
    }
    rows: list[tuple[str, str]] = []
    for entry in _CONSTANT_TAIL.split():
        name, _, value = entry.partition("=")
        if value == "?":
            value = varying[name]
        elif value.startswith("<"):
            if ticketing.version >= int(value[1:]):
                continue
            value = ""
        elif value.startswith(">"):
            since, _, value = value[1:].partition(":")
            if ticketing.version < int(since):
                continue
        rows.append((name, value))
    return rows


def _flag(is_set: bool) -> str:
    return "1" if is_set else "0"


def _spelled(number: Decimal | None) -> str:
    return "" if number is None else format(number.normalize() + 0, "f")
