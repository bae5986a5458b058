"""What the server says about itself, accounts, positions and profit and loss."""

from __future__ import annotations

from typing import Annotated

from sumppump.exchange.wire.contracts import Instrument, Tag
from sumppump.exchange.wire.layout import Since, answer
from sumppump.exchange.wire.scalars import Int, Quantity, Real, RealOrMax, Size, Text


@answer(4, version=2)
class ErrorMessage:
    """An error or a notice; id -1 is for nobody in particular, else it is a request's or an order's id."""

    id: Int
    code: Int
    text: Text
    advanced_reject: Annotated[Text, Since(166)] = ""


@answer(6, version=2)
class AccountValue:
    key: Text
    value: Text
    currency: Text
    account: Text


@answer(7, version=8)
class PortfolioValue:
    """A position with its value; `instrument.exchange` is the primary exchange here."""

    instrument: Instrument
    position: Quantity
    market_price: Real
    market_value: Real
    average_cost: Real
    unrealized_pnl: Real
    realized_pnl: Real
    account: Text


@answer(8, version=1)
class AccountUpdateTime:
    time: Text


@answer(9, version=1)
class NextValidId:
    order_id: Int


@answer(15, version=1)
class ManagedAccounts:
    accounts: Text


@answer(16, version=1)
class ReceiveFA:
    kind: Int
    xml: Text


@answer(49, version=1)
class CurrentTime:
    """Seconds since 1970."""

    epoch_s: Int


@answer(54, version=1)
class AccountDownloadEnd:
    account: Text


@answer(61, version=3)
class Position:
    """A position; the cost is per contract times multiplier for options."""

    account: Text
    instrument: Instrument
    position: Quantity
    average_cost: Real


@answer(62, version=1)
class PositionEnd:
    pass


@answer(63, version=1)
class AccountSummary:
    req_id: Int
    account: Text
    tag: Text
    value: Text
    currency: Text


@answer(64, version=1)
class AccountSummaryEnd:
    req_id: Int


@answer(71, version=1)
class PositionMulti:
    req_id: Int
    account: Text
    instrument: Instrument
    position: Quantity
    average_cost: Real
    model: Text


@answer(72, version=1)
class PositionMultiEnd:
    req_id: Int


@answer(73, version=1)
class AccountUpdateMulti:
    req_id: Int
    account: Text
    model: Text
    key: Text
    value: Text
    currency: Text


@answer(74, version=1)
class AccountUpdateMultiEnd:
    req_id: Int


@answer(78)
class FamilyCodes:
    codes: tuple[Tag, ...]


@answer(94)
class PnL:
    req_id: Int
    daily: RealOrMax
    unrealized: RealOrMax
    realized: RealOrMax


@answer(95)
class PnLSingle:
    req_id: Int
    position: Size
    daily: RealOrMax
    unrealized: RealOrMax
    realized: RealOrMax
    value: RealOrMax


@answer(103)
class ReplaceFAEnd:
    req_id: Int
    text: Text


@answer(107)
class UserInfo:
    req_id: Int
    white_branding_id: Text = ""
