"""What clients ask about contracts and markets, in the order of the message ids.

Also declared is what this account has not subscribed, so that such a request can be answered with an error
under its own id instead of with silence.
"""

from __future__ import annotations

from typing import Annotated

from sumppump.exchange.wire.contracts import Contract, DeltaNeutral, MarketLeg
from sumppump.exchange.wire.layout import Draft, Present, Since, Trailing, When, request
from sumppump.exchange.wire.scalars import Flag, Int, IntOrBlank, RealOrBlank, Text


def _is_bag(message: Draft) -> bool:
    return bool(message.contract.sec_type == "BAG")


MarketLegs = Annotated[tuple[MarketLeg, ...], When(_is_bag)]


@request(1, version=11)
class ReqMktData:
    req_id: Int
    contract: Contract
    legs: MarketLegs = ()
    delta_neutral: Annotated[DeltaNeutral | None, Present()] = None
    generic_ticks: Text = ""
    snapshot: Flag = False
    regulatory_snapshot: Flag = False
    options: Text = ""


@request(2, version=2)
class CancelMktData:
    req_id: Int


@request(9, version=8)
class ReqContractDetails:
    req_id: Int
    contract: Contract
    include_expired: Flag = False
    sec_id_type: Text = ""
    sec_id: Text = ""
    issuer_id: Annotated[Text, Since(176)] = ""


@request(10, version=5)
class ReqMktDepth:
    req_id: Int
    contract: Contract
    rows: Int = 0
    is_smart_depth: Flag = False
    options: Text = ""


@request(11, version=1)
class CancelMktDepth:
    req_id: Int
    is_smart_depth: Flag = False


@request(12, version=1)
class ReqNewsBulletins:
    all_messages: Flag = False


@request(13, version=1)
class CancelNewsBulletins:
    pass


@request(20)
class ReqHistoricalData:
    req_id: Int
    contract: Contract
    include_expired: Flag = False
    end: Text = ""
    bar_size: Text = ""
    duration: Text = ""
    use_rth: Int = 1
    what_to_show: Text = ""
    date_format: Int = 1
    legs: MarketLegs = ()
    keep_up_to_date: Flag = False
    chart_options: Text = ""


@request(22)
class ReqScannerSubscription:
    req_id: Int
    rows: IntOrBlank = None
    instrument: Text = ""
    location: Text = ""
    scan_code: Text = ""
    above_price: RealOrBlank = None
    below_price: RealOrBlank = None
    above_volume: IntOrBlank = None
    market_cap_above: RealOrBlank = None
    market_cap_below: RealOrBlank = None
    moody_above: Text = ""
    moody_below: Text = ""
    sp_above: Text = ""
    sp_below: Text = ""
    maturity_above: Text = ""
    maturity_below: Text = ""
    coupon_above: RealOrBlank = None
    coupon_below: RealOrBlank = None
    exclude_convertible: Flag = False
    option_volume_above: IntOrBlank = None
    setting_pairs: Text = ""
    stock_type: Text = ""
    filter_options: Text = ""
    options: Text = ""


@request(23, version=1)
class CancelScannerSubscription:
    req_id: Int


@request(24, version=1)
class ReqScannerParameters:
    pass


@request(25, version=1)
class CancelHistoricalData:
    req_id: Int


@request(50, version=3)
class ReqRealTimeBars:
    req_id: Int
    contract: Contract
    bar_size: Int = 5
    what_to_show: Text = ""
    use_rth: Flag = False
    options: Text = ""


@request(51, version=1)
class CancelRealTimeBars:
    req_id: Int


@request(52, version=2)
class ReqFundamentalData:
    req_id: Int
    con_id: Int = 0
    symbol: Text = ""
    sec_type: Text = ""
    exchange: Text = ""
    primary_exchange: Text = ""
    currency: Text = ""
    local_symbol: Text = ""
    report: Text = ""
    option_count: Int = 0
    options: Text = ""


@request(53, version=1)
class CancelFundamentalData:
    req_id: Int


@request(54, version=3)
class CalculateImpliedVolatility:
    req_id: Int
    contract: Contract
    option_price: RealOrBlank = None
    under_price: RealOrBlank = None
    option_count: Int = 0
    options: Annotated[Text, Trailing()] = ""


@request(55, version=3)
class CalculateOptionPrice:
    req_id: Int
    contract: Contract
    volatility: RealOrBlank = None
    under_price: RealOrBlank = None
    option_count: Int = 0
    options: Annotated[Text, Trailing()] = ""


@request(56, version=1)
class CancelCalculateImpliedVolatility:
    req_id: Int


@request(57, version=1)
class CancelCalculateOptionPrice:
    req_id: Int


@request(59, version=1)
class ReqMarketDataType:
    kind: Int


@request(78)
class ReqSecDefOptParams:
    req_id: Int
    under_symbol: Text = ""
    fut_fop_exchange: Text = ""
    under_sec_type: Text = ""
    under_con_id: Int = 0


@request(81)
class ReqMatchingSymbols:
    req_id: Int
    pattern: Text = ""


@request(82)
class ReqMktDepthExchanges:
    pass


@request(83)
class ReqSmartComponents:
    req_id: Int
    bbo_exchange: Text = ""


@request(84)
class ReqNewsArticle:
    req_id: Int
    provider: Text = ""
    article_id: Text = ""
    options: Text = ""


@request(85)
class ReqNewsProviders:
    pass


@request(86)
class ReqHistoricalNews:
    req_id: Int
    con_id: Int = 0
    providers: Text = ""
    start: Text = ""
    end: Text = ""
    total: Int = 0
    options: Text = ""


@request(87)
class ReqHeadTimestamp:
    req_id: Int
    contract: Contract
    include_expired: Flag = False
    use_rth: Int = 1
    what_to_show: Text = ""
    date_format: Int = 1


@request(88)
class ReqHistogramData:
    req_id: Int
    contract: Contract
    include_expired: Flag = False
    use_rth: Flag = False
    period: Text = ""


@request(89)
class CancelHistogramData:
    req_id: Int


@request(90)
class CancelHeadTimestamp:
    req_id: Int


@request(91)
class ReqMarketRule:
    rule_id: Int


@request(96)
class ReqHistoricalTicks:
    req_id: Int
    contract: Contract
    include_expired: Flag = False
    start: Text = ""
    end: Text = ""
    count: Int = 0
    what_to_show: Text = ""
    use_rth: Int = 1
    ignore_size: Flag = False
    options: Text = ""


@request(97)
class ReqTickByTick:
    req_id: Int
    contract: Contract
    kind: Text = ""
    count: Int = 0
    ignore_size: Flag = False


@request(98)
class CancelTickByTick:
    req_id: Int


@request(100)
class ReqWshMetaData:
    req_id: Int


@request(101)
class CancelWshMetaData:
    req_id: Int


@request(102)
class ReqWshEventData:
    req_id: Int
    con_id: IntOrBlank = None
    filter: Annotated[Text, Since(171)] = ""
    fill_watchlist: Annotated[Flag, Since(171)] = False
    fill_portfolio: Annotated[Flag, Since(171)] = False
    fill_competitors: Annotated[Flag, Since(171)] = False
    start: Annotated[Text, Since(173)] = ""
    end: Annotated[Text, Since(173)] = ""
    limit: Annotated[IntOrBlank, Since(173)] = None


@request(103)
class CancelWshEventData:
    req_id: Int
