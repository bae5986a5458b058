"""Services that hardly anybody has, and what TWS says instead."""

from __future__ import annotations

from typing import Any

import pytest
from tests.protocol.exchange.lab import Lab

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire.account_answers import CurrentTime, ErrorMessage
from sumppump.exchange.wire.account_requests import (
    QueryDisplayGroups,
    ReplaceFA,
    ReqCurrentTime,
    RequestFA,
)
from sumppump.exchange.wire.formalities import (
    DisplayGroupUpdated,
    SubscribeToGroup,
    UnsubscribeFromGroup,
    UpdateDisplayGroup,
    VerifyAndAuthMessage,
    VerifyAndAuthRequest,
    VerifyMessage,
    VerifyRequest,
)
from sumppump.exchange.wire.market_answers import DisplayGroupList
from sumppump.exchange.wire.market_requests import ReqFundamentalData, ReqWshEventData, ReqWshMetaData

NO_ADVISOR = "FA data operations ignored for non FA customers."


@pytest.mark.behaviour("SIM-FORMAL-01")
def test_there_are_seven_display_groups_that_all_clients_share() -> None:
    lab = Lab()
    one, other = lab.connect(1), lab.connect(2)
    (groups,) = one.say(QueryDisplayGroups(req_id=3))
    assert groups == DisplayGroupList(req_id=3, groups="1|2|3|4|5|6|7")
    one.say(SubscribeToGroup(req_id=4, group=2))
    one.say(UpdateDisplayGroup(req_id=4, contract="756733@SMART"))
    (shown,) = other.say(SubscribeToGroup(req_id=9, group=2))
    assert shown == DisplayGroupUpdated(req_id=9, contract="756733@SMART")


@pytest.mark.behaviour("SIM-FORMAL-02")
def test_a_group_tells_its_followers_until_they_leave() -> None:
    lab = Lab()
    one, other = lab.connect(1), lab.connect(2)
    (first,) = one.say(SubscribeToGroup(req_id=4, group=1))
    assert first == DisplayGroupUpdated(req_id=4, contract="none")
    other.say(SubscribeToGroup(req_id=5, group=1))
    other.say(UpdateDisplayGroup(req_id=5, contract="265598@SMART"))
    assert one.listen() == [DisplayGroupUpdated(req_id=4, contract="265598@SMART")]
    assert one.say(UnsubscribeFromGroup(req_id=4)) == []
    other.say(UpdateDisplayGroup(req_id=5, contract="combo"))
    assert one.listen() == []


@pytest.mark.behaviour("SIM-FORMAL-02")
def test_a_client_that_leaves_is_told_nothing_more() -> None:
    lab = Lab()
    one, other = lab.connect(1), lab.connect(2)
    one.say(SubscribeToGroup(req_id=4, group=1))
    other.say(SubscribeToGroup(req_id=4, group=1))
    lab.leave(one)
    other.say(UpdateDisplayGroup(req_id=4, contract="combo"))
    assert one.session.take() == b""


@pytest.mark.behaviour("SIM-FORMAL-07")
@pytest.mark.parametrize(
    "message",
    [
        SubscribeToGroup(req_id=4, group=0),
        SubscribeToGroup(req_id=4, group=-(2**31)),
        UpdateDisplayGroup(req_id=4, contract="none"),
    ],
)
def test_a_group_that_does_not_exist_is_an_error(message: Any) -> None:
    (error,) = Lab().connect().say(message)
    assert (type(error), error.id, error.code) == (ErrorMessage, 4, 322)


@pytest.mark.behaviour("SIM-FORMAL-03")
def test_advisors_configurations_are_for_advisors() -> None:
    client = Lab().connect()
    (asked,) = client.say(RequestFA(kind=1))
    (changed,) = client.say(ReplaceFA(kind=1, xml="<a/>", req_id=8))
    assert [(error.id, error.code) for error in (asked, changed)] == [(-1, 321), (8, 321)]
    assert all(error.text.endswith(NO_ADVISOR) for error in (asked, changed))


@pytest.mark.behaviour("SIM-FORMAL-04")
@pytest.mark.parametrize(
    ("message", "code"),
    [
        (ReqWshMetaData(req_id=5), 10276),
        (ReqWshEventData(req_id=5, con_id=8314), 10276),
        (ReqFundamentalData(req_id=5, con_id=265598, report="ReportSnapshot"), 430),
    ],
)
@pytest.mark.parametrize("version", [157, 176, 178])
def test_what_the_account_has_not_subscribed_is_refused(message: Any, code: int, version: int) -> None:
    (error,) = Lab().connect(version=version).say(message)
    assert (error.id, error.code) == (5, code)


@pytest.mark.behaviour("SIM-FORMAL-05")
@pytest.mark.parametrize(
    "message",
    [
        VerifyRequest(api_name="a", api_version="1"),
        VerifyMessage(data="x"),
        VerifyAndAuthRequest(api_name="a", api_version="1", key="k"),
        VerifyAndAuthMessage(data="x", response="y"),
    ],
)
def test_verification_is_ignored(message: Any) -> None:
    client = Lab().connect()
    assert client.say(message) == []
    assert client.session.is_open
    assert client.session.unknown_messages == 0


@pytest.mark.behaviour("SIM-FORMAL-06")
def test_a_hasty_question_for_the_time_may_be_dropped() -> None:
    for drops, answers in ((False, 3), (True, 2)):
        lab = Lab(Rules(drops_hasty_time=drops))
        client = lab.connect()
        client.say(ReqCurrentTime(), ReqCurrentTime())
        lab.wait(1.0)
        client.say(ReqCurrentTime())
        assert len(client.all(CurrentTime)) == answers
