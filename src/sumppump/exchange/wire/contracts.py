"""Records that occur inside messages: contracts, combo legs, tags, conditions."""

from __future__ import annotations

from typing import ClassVar

from sumppump.exchange.wire.layout import part
from sumppump.exchange.wire.scalars import Flag, Int, IntOrBlank, Number, Real, RealOrBlank, Text


@part
class Contract:
    """A contract as requests describe it; every field may be left open.

    Attributes:
        con_id: IB's key, 0 where unknown.
        expiry: last trade date `YYYYMMDD`, or contract month `YYYYMM`.
        strike: currency per share, 0 where there is none.
        right: `C`, `P`, or one of the many spellings of none.
    """

    con_id: Int = 0
    symbol: Text = ""
    sec_type: Text = ""
    expiry: Text = ""
    strike: Real = 0.0
    right: Text = ""
    multiplier: Text = ""
    exchange: Text = ""
    primary_exchange: Text = ""
    currency: Text = ""
    local_symbol: Text = ""
    trading_class: Text = ""


@part
class Instrument:
    """A contract as answers name it: like `Contract`, without the primary exchange."""

    con_id: Int = 0
    symbol: Text = ""
    sec_type: Text = ""
    expiry: Text = ""
    strike: Number = 0.0
    right: Text = ""
    multiplier: Text = ""
    exchange: Text = ""
    currency: Text = ""
    local_symbol: Text = ""
    trading_class: Text = ""


@part
class ExecutedInstrument(Instrument):
    """The same in executions, where the strike prints as `0.0` and the exchange is where it traded."""

    strike: Real = 0.0


@part
class MarketLeg:
    """A combo leg in requests for data."""

    con_id: Int = 0
    ratio: Int = 1
    action: Text = "BUY"
    exchange: Text = ""


@part
class OrderLeg:
    """A combo leg in orders."""

    con_id: Int = 0
    ratio: Int = 1
    action: Text = "BUY"
    exchange: Text = ""
    open_close: Int = 0
    short_sale_slot: Int = 0
    designated_location: Text = ""
    exempt_code: Int = -1


@part
class Tag:
    """A name and its value."""

    tag: Text = ""
    value: Text = ""


@part
class DeltaNeutral:
    """The contract against which delta is hedged."""

    con_id: Int = 0
    delta: Real = 0.0
    price: Real = 0.0


@part
class DeltaNeutralOrder:
    """The hedge order's own fields."""

    con_id: Int = 0
    settling_firm: Text = ""
    clearing_account: Text = ""
    clearing_intent: Text = ""
    open_close: Text = "?"
    short_sale: Flag = False
    short_sale_slot: Int = 0
    designated_location: Text = ""


@part
class DeltaNeutralDone:
    """The same in completed orders."""

    con_id: Int = 0
    short_sale: Flag = False
    short_sale_slot: Int = 0
    designated_location: Text = ""


@part
class Scaling:
    """How a scale order goes on; there if its price increment is above zero."""

    price_adjust_value: RealOrBlank = None
    price_adjust_interval: IntOrBlank = None
    profit_offset: RealOrBlank = None
    auto_reset: Flag = False
    init_position: IntOrBlank = None
    init_fill_quantity: IntOrBlank = None
    random_percent: Flag = False


@part
class PegBenchmark:
    """The reference of a pegged-to-benchmark order."""

    contract_id: Int = 0
    is_change_decrease: Flag = False
    change_amount: Real = 0.0
    reference_change_amount: Real = 0.0
    exchange_id: Text = ""


@part
class PriceCondition:
    """Price of a contract above or below a level."""

    TYPE: ClassVar[int] = 1
    conjunction: Text = "a"
    is_more: Flag = False
    price: Real = 0.0
    con_id: Int = 0
    exchange: Text = ""
    trigger_method: Int = 0


@part
class TimeCondition:
    """A moment has passed."""

    TYPE: ClassVar[int] = 3
    conjunction: Text = "a"
    is_more: Flag = False
    time: Text = ""


@part
class MarginCondition:
    """Margin cushion in percent."""

    TYPE: ClassVar[int] = 4
    conjunction: Text = "a"
    is_more: Flag = False
    percent: Int = 0


@part
class ExecutionCondition:
    """A trade in a contract has happened."""

    TYPE: ClassVar[int] = 5
    conjunction: Text = "a"
    sec_type: Text = ""
    exchange: Text = ""
    symbol: Text = ""


@part
class VolumeCondition:
    """Volume of a contract above or below a level."""

    TYPE: ClassVar[int] = 6
    conjunction: Text = "a"
    is_more: Flag = False
    volume: Int = 0
    con_id: Int = 0
    exchange: Text = ""


@part
class PercentCondition:
    """Percent change of a contract since the close."""

    TYPE: ClassVar[int] = 7
    conjunction: Text = "a"
    is_more: Flag = False
    change_percent: Real = 0.0
    con_id: Int = 0
    exchange: Text = ""


Condition = (
    PriceCondition | TimeCondition | MarginCondition | ExecutionCondition | VolumeCondition | PercentCondition
)
Conditions = tuple[Condition, ...]


@part
class LegPrice:
    """The price of one leg of a combo order, currency per share; None where only the net price is given."""

    price: RealOrBlank = None


@part
class PriceIncrement:
    """From this price on, prices move in these steps."""

    low_edge: Number = 0.0
    increment: Number = 0.01


@part
class DepthExchange:
    """A venue that offers market depth."""

    exchange: Text = ""
    sec_type: Text = ""
    listing_exchange: Text = ""
    service_data_type: Text = ""
    agg_group: Int = 2147483647


@part
class SmartComponent:
    """One exchange behind a letter of the exchange maps."""

    bit: Int = 0
    exchange: Text = ""
    letter: Text = ""
