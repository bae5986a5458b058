"""The frame of an order, and the proof that it says what the order says.

The frame is made by the library's own encoder and then compared, field by field, with a table of our own; a
frame that differs in one of them is a bug, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from ib_async.client import Client

from sumppump.domain.combo import Combo
from sumppump.domain.orders import Order
from sumppump.kernel.errors import ProtocolError
from sumppump.tws.orders import OCA_REDUCE_WITH_BLOCK, check, is_sale, wire_contract, wire_order, wire_price


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
    text = _encoder(ticketing.version).order_frame(order, ticketing)
    found = text.split("\0")[:-1]
    compare(found, expected(order, ticketing))
    return _framed(text)


def encode_cancel(order_id: int, version: int) -> bytes:
    """The frame that cancels an order of this client."""
    return _framed(_encoder(version).cancel_frame(order_id))


def encode_global_cancel(version: int) -> bytes:
    """The frame that cancels every order of every client."""
    return _framed(_encoder(version).global_cancel_frame())


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
        contract = wire_contract(order.combo)
        wire = wire_order(
            order,
            parent_id=ticketing.parent_id,
            transmit=ticketing.transmit,
            what_if=ticketing.what_if,
        )
        self.placeOrder(ticketing.order_id, contract, wire)  # type: ignore[no-untyped-call]
        return self._taken()

    def cancel_frame(self, order_id: int) -> str:
        """A cancelOrder message."""
        self.cancelOrder(order_id)  # type: ignore[no-untyped-call]
        return self._taken()

    def global_cancel_frame(self) -> str:
        """A reqGlobalCancel message."""
        self.reqGlobalCancel()  # type: ignore[no-untyped-call]
        return self._taken()

    def _taken(self) -> str:
        """The message, once: the encoder is used again, and no frame may be taken a second time."""
        text, self._text = self._text, ""
        if not text:
            raise ProtocolError("the library wrote no message")
        return text


@cache
def _encoder(version: int) -> _Encoder:
    # Making one takes longer than the fsync that an order waits for.
    return _Encoder(version)


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
