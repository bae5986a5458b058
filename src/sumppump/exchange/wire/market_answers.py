"""What the server says about contracts and markets."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from sumppump.exchange.wire.contracts import DepthExchange, PriceIncrement, SmartComponent, Tag
from sumppump.exchange.wire.layout import Since, Until, answer, part
from sumppump.exchange.wire.scalars import (
    Flag,
    GreekOrMinusTwo,
    Int,
    LevelOrMinusOne,
    Number,
    Real,
    Size,
    Text,
)


@answer(1, version=6)
class TickPrice:
    """A price per share and its size; `-1` with size 0 says that there is no quote."""

    req_id: Int
    tick_type: Int
    price: Real
    size: Size
    attributes: Int = 0


@answer(2, version=6)
class TickSize:
    req_id: Int
    tick_type: Int
    size: Size


@answer(10, version=8, version_until=164)
class ContractData:
    req_id: Int
    symbol: Text
    sec_type: Text
    last_trade_date: Text = ""
    strike: Number = 0.0
    right: Text = ""
    exchange: Text = ""
    currency: Text = ""
    local_symbol: Text = ""
    market_name: Text = ""
    trading_class: Text = ""
    con_id: Int = 0
    min_tick: Number = 0.01
    size_multiplier: Annotated[Int, Until(164)] = 1
    multiplier: Text = ""
    order_types: Text = ""
    valid_exchanges: Text = ""
    price_magnifier: Int = 1
    under_con_id: Int = 0
    long_name: Text = ""
    primary_exchange: Text = ""
    contract_month: Text = ""
    industry: Text = ""
    category: Text = ""
    subcategory: Text = ""
    time_zone: Text = ""
    trading_hours: Text = ""
    liquid_hours: Text = ""
    ev_rule: Text = ""
    ev_multiplier: Int = 0
    sec_ids: tuple[Tag, ...] = ()
    agg_group: Int = 1
    under_symbol: Text = ""
    under_sec_type: Text = ""
    market_rule_ids: Text = ""
    real_expiration_date: Text = ""
    stock_type: Text = ""
    # Version 163 alone has this one size here; from 164 on it is the last of three.
    early_suggested_size_increment: Annotated[Size, Since(163), Until(164)] = Decimal(100)
    min_size: Annotated[Size, Since(164)] = Decimal(1)
    size_increment: Annotated[Size, Since(164)] = Decimal(1)
    suggested_size_increment: Annotated[Size, Since(164)] = Decimal(100)


@answer(52, version=1)
class ContractDataEnd:
    req_id: Int


@part
class Bar:
    """One bar; prices per share, volume in shares or contracts."""

    date: Text
    open: Real
    high: Real
    low: Real
    close: Real
    volume: Size
    average: Real
    count: Int


@answer(17)
class HistoricalData:
    req_id: Int
    start: Text
    end: Text
    bars: tuple[Bar, ...]


@answer(90)
class HistoricalDataUpdate:
    """The forming bar; close stands before high and low here."""

    req_id: Int
    count: Int
    date: Text
    open: Real
    close: Real
    high: Real
    low: Real
    average: Real
    volume: Size


@part
class Session:
    """One trading session of a schedule."""

    start: Text
    end: Text
    ref_date: Text


@answer(106)
class HistoricalSchedule:
    req_id: Int
    start: Text
    end: Text
    time_zone: Text
    sessions: tuple[Session, ...]


@answer(21)
class TickOptionComputation:
    """Greeks per share: vega per vol point, theta per day; None where they cannot be computed."""

    req_id: Int
    tick_type: Int
    attributes: Int = 0
    implied_vol: LevelOrMinusOne = None
    delta: GreekOrMinusTwo = None
    option_price: LevelOrMinusOne = None
    pv_dividend: LevelOrMinusOne = None
    gamma: GreekOrMinusTwo = None
    vega: GreekOrMinusTwo = None
    theta: GreekOrMinusTwo = None
    under_price: LevelOrMinusOne = None


@answer(45, version=6)
class TickGeneric:
    req_id: Int
    tick_type: Int
    value: Real


@answer(46, version=6)
class TickString:
    req_id: Int
    tick_type: Int
    value: Text


@answer(19, version=1)
class ScannerParameters:
    xml: Text


@answer(57, version=1)
class TickSnapshotEnd:
    req_id: Int


@answer(58, version=1)
class MarketDataType:
    req_id: Int
    kind: Int


@answer(67, version=1)
class DisplayGroupList:
    req_id: Int
    groups: Text


@answer(75)
class SecDefOptParams:
    """Expiries and strikes of one trading class on one exchange."""

    req_id: Int
    exchange: Text
    under_con_id: Int
    trading_class: Text
    multiplier: Text
    expirations: tuple[Text, ...]
    strikes: tuple[Real, ...]


@answer(76)
class SecDefOptParamsEnd:
    req_id: Int


@part
class SoftDollarTier:
    """A soft-dollar tier."""

    name: Text
    value: Text
    display_name: Text


@answer(77)
class SoftDollarTiers:
    req_id: Int
    tiers: tuple[SoftDollarTier, ...]


@part
class SymbolSample:
    """A contract whose symbol or name fits."""

    con_id: Int
    symbol: Text
    sec_type: Text
    primary_exchange: Text
    currency: Text
    derivative_sec_types: tuple[Text, ...]
    description: Annotated[Text, Since(176)] = ""
    issuer_id: Annotated[Text, Since(176)] = ""


@answer(79)
class SymbolSamples:
    req_id: Int
    samples: tuple[SymbolSample, ...]


@answer(80)
class MktDepthExchanges:
    exchanges: tuple[DepthExchange, ...]


@answer(81)
class TickReqParams:
    req_id: Int
    min_tick: Number
    bbo_exchange: Text
    snapshot_permissions: Int


@answer(82)
class SmartComponents:
    req_id: Int
    components: tuple[SmartComponent, ...]


@answer(85)
class NewsProviders:
    providers: tuple[Tag, ...]


@answer(87)
class HistoricalNewsEnd:
    req_id: Int
    has_more: Flag = False


@answer(88)
class HeadTimestamp:
    req_id: Int
    time: Text


@answer(93)
class MarketRule:
    rule_id: Int
    increments: tuple[PriceIncrement, ...]
