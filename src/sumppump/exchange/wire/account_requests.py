"""What clients ask about the connection, accounts, orders and executions; see also `place_order`."""

from __future__ import annotations

from typing import Annotated

from sumppump.exchange.wire.layout import Since, request
from sumppump.exchange.wire.scalars import Flag, Int, RealOrBlank, Text


@request(4, version=1)
class CancelOrder:
    order_id: Int
    manual_cancel_time: Annotated[Text, Since(169)] = ""


@request(5, version=1)
class ReqOpenOrders:
    pass


@request(6, version=2)
class ReqAccountUpdates:
    subscribe: Flag
    account: Text = ""


@request(7, version=3)
class ReqExecutions:
    req_id: Int
    client_id: Int = 0
    account: Text = ""
    time: Text = ""
    symbol: Text = ""
    sec_type: Text = ""
    exchange: Text = ""
    side: Text = ""


@request(8, version=1)
class ReqIds:
    count: Int = 1


@request(14, version=1)
class SetServerLogLevel:
    level: Int = 0


@request(15, version=1)
class ReqAutoOpenOrders:
    auto_bind: Flag = False


@request(16, version=1)
class ReqAllOpenOrders:
    pass


@request(17, version=1)
class ReqManagedAccts:
    pass


@request(18, version=1)
class RequestFA:
    kind: Int = 0


@request(19, version=1)
class ReplaceFA:
    kind: Int = 0
    xml: Text = ""
    req_id: Int = 0


@request(21, version=2)
class ExerciseOptions:
    req_id: Int
    con_id: Int = 0
    symbol: Text = ""
    sec_type: Text = ""
    expiry: Text = ""
    strike: RealOrBlank = None
    right: Text = ""
    multiplier: Text = ""
    exchange: Text = ""
    currency: Text = ""
    local_symbol: Text = ""
    trading_class: Text = ""
    action: Int = 0
    quantity: Int = 0
    account: Text = ""
    override: Int = 0


@request(49, version=1)
class ReqCurrentTime:
    pass


@request(58, version=1)
class ReqGlobalCancel:
    pass


@request(61, version=1)
class ReqPositions:
    pass


@request(62, version=1)
class ReqAccountSummary:
    req_id: Int
    group: Text = ""
    tags: Text = ""


@request(63, version=1)
class CancelAccountSummary:
    req_id: Int


@request(64, version=1)
class CancelPositions:
    pass


@request(67, version=1)
class QueryDisplayGroups:
    req_id: Int


@request(71, version=2)
class StartApi:
    client_id: Int
    capabilities: Text = ""


@request(74, version=1)
class ReqPositionsMulti:
    req_id: Int
    account: Text = ""
    model: Text = ""


@request(75, version=1)
class CancelPositionsMulti:
    req_id: Int


@request(76, version=1)
class ReqAccountUpdatesMulti:
    req_id: Int
    account: Text = ""
    model: Text = ""
    ledger_and_nlv: Flag = False


@request(77, version=1)
class CancelAccountUpdatesMulti:
    req_id: Int


@request(79)
class ReqSoftDollarTiers:
    req_id: Int


@request(80)
class ReqFamilyCodes:
    pass


@request(92)
class ReqPnL:
    req_id: Int
    account: Text = ""
    model: Text = ""


@request(93)
class CancelPnL:
    req_id: Int


@request(94)
class ReqPnLSingle:
    req_id: Int
    account: Text = ""
    model: Text = ""
    con_id: Int = 0


@request(95)
class CancelPnLSingle:
    req_id: Int


@request(99)
class ReqCompletedOrders:
    api_only: Flag = False


@request(104)
class ReqUserInfo:
    req_id: Int
