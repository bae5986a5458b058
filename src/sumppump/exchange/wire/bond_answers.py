"""The details of a bond, which have a message of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from sumppump.exchange.wire.contracts import Tag
from sumppump.exchange.wire.layout import Since, Until, answer
from sumppump.exchange.wire.scalars import Flag, Int, Number, Size, Text


@answer(18, version=6, version_until=164)
class BondContractData:
    """One bond; `coupon` in percent per year, `maturity` and `issue_date` as YYYYMMDD."""

    req_id: Int
    symbol: Text
    sec_type: Text
    cusip: Text = ""
    coupon: Text = ""
    maturity: Text = ""
    issue_date: Text = ""
    ratings: Text = ""
    bond_type: Text = ""
    coupon_type: Text = ""
    convertible: Flag = False
    callable: Flag = False
    putable: Flag = False
    description: Text = ""
    exchange: Text = ""
    currency: Text = ""
    market_name: Text = ""
    trading_class: Text = ""
    con_id: Int = 0
    min_tick: Number = 0.001
    size_multiplier: Annotated[Int, Until(164)] = 1
    order_types: Text = ""
    valid_exchanges: Text = ""
    next_option_date: Text = ""
    next_option_type: Text = ""
    next_option_partial: Flag = False
    notes: Text = ""
    long_name: Text = ""
    ev_rule: Text = ""
    ev_multiplier: Int = 0
    sec_ids: tuple[Tag, ...] = ()
    agg_group: Int = 2
    market_rule_ids: Text = ""
    min_size: Annotated[Size, Since(164)] = Decimal(1)
    size_increment: Annotated[Size, Since(164)] = Decimal(1)
    suggested_size_increment: Annotated[Size, Since(164)] = Decimal(1)
