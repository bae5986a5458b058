"""Display groups, and the verification of partners' programs."""

from __future__ import annotations

from sumppump.exchange.wire.layout import answer, request
from sumppump.exchange.wire.scalars import Int, Text


@request(65, version=1)
class VerifyRequest:
    api_name: Text = ""
    api_version: Text = ""


@request(66, version=1)
class VerifyMessage:
    data: Text = ""


@request(68, version=1)
class SubscribeToGroup:
    req_id: Int
    group: Int = 0


@request(69, version=1)
class UpdateDisplayGroup:
    """The subscription's group shall show this contract: `con_id@exchange`, `none` or `combo`."""

    req_id: Int
    contract: Text = ""


@request(70, version=1)
class UnsubscribeFromGroup:
    req_id: Int


@request(72, version=1)
class VerifyAndAuthRequest:
    api_name: Text = ""
    api_version: Text = ""
    key: Text = ""


@request(73, version=1)
class VerifyAndAuthMessage:
    data: Text = ""
    response: Text = ""


@answer(68, version=1)
class DisplayGroupUpdated:
    req_id: Int
    contract: Text
