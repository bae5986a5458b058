"""Every request that a client can send, at the three layouts that clients use: what it is answered by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import Lab
from tests.protocol.exchange.requests_table import cases

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire.account_answers import CurrentTime, ErrorMessage
from sumppump.exchange.wire.account_requests import ReqCurrentTime
from sumppump.exchange.wire.codec import fields_of
from sumppump.exchange.wire.framing import frame, join_fields
from sumppump.exchange.wire.layout import REQUESTS

VERSIONS = (157, 176, 178)
RULES = Rules(rate=10**6, paces_history=False)
GARBAGE = (
    "", " ", "x", "-1", "0", "-0.0", "1.5", "nan", "inf", "-inf", "1e999", "1e-999", "9" * 40, "-" + "9" * 40,
    "2147483647", "-2147483648", "9223372036854775808", "1.7976931348623157e308", "true", "0x10",
    "1_0", "1,5",
    "\x01", "\\u0000", "\\", "é", "²", "%s%n", "'; --", "20261399 25:61:61", "19000101-00:00:00", "a=b;=;c",
    "z" * 5000,
)  # fmt: skip
MAY_BE_SILENT = {"PlaceOrder", "ReqAccountUpdates", "ReqAutoOpenOrders", "ReqGlobalCancel"}
"""An order that waits to be transmitted, two switches to their other side, and nothing to cancel."""
GREETED = 5
"""Messages that a client has heard before it asks."""
LABS: list[Lab] = []


def word(message: Any) -> str | int:
    """An error's code, or what kind of message it is."""
    return message.code if isinstance(message, ErrorMessage) else type(message).__name__


def follows(wanted: tuple[str | int, ...], heard: list[str | int]) -> bool:
    """Whether all that is wanted was heard in this order, whatever came in between."""
    rest = iter(heard)
    return all(any(one == wish for one in rest) for wish in wanted)


@pytest.mark.behaviour("SIM-FORMAL-20")
def test_there_is_a_case_for_every_request() -> None:
    said = [type(case.message) for case in cases(Lab())]
    assert set(said) == set(REQUESTS.values())
    assert len(said) == len(set(said))


@pytest.mark.behaviour("SIM-FORMAL-20")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_request_gets_its_kind_of_answer_or_its_silence(version: int) -> None:
    """And the client is served afterwards as before."""
    lab, wrong = Lab(RULES), list[tuple[str, list[str | int]]]()
    for number, case in enumerate(cases(lab), start=1):
        client = lab.connect(number, version=version)
        client.say(*case.first)
        lab.wait(0.5 if case.first else 0.0)
        client.listen()
        heard = [word(m) for m in client.say(case.message)]
        lab.wait(case.within)
        heard += [word(m) for m in client.listen()]
        if not follows(case.answer, heard) or (not case.answer and heard):
            wrong.append((type(case.message).__name__, heard))
        assert client.say(ReqCurrentTime())[-1:] == [CurrentTime(epoch_s=int(lab.venue.now.timestamp()))]
        lab.leave(client)
    assert wrong == []


def lab() -> Lab:
    """One venue for all examples; whatever an example leaves behind is the next one's problem too."""
    if not LABS:
        LABS.append(Lab(RULES))
    return LABS[0]


@pytest.mark.behaviour("SIM-FORMAL-21")
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(range(len(REQUESTS))),
    st.integers(0, 200),
    st.sampled_from(GARBAGE),
    st.sampled_from(VERSIONS),
)
def test_garbage_in_one_field_is_answered_or_as_silent_as_sense(
    number: int, place: int, garbage: str, version: int
) -> None:
    """Whatever stands in the field; and the client is served afterwards as before."""
    case = cases(lab())[number]
    texts = fields_of(case.message, version)
    if len(texts) > 1:
        texts[1 + place % (len(texts) - 1)] = garbage
    client = lab().connect(9, version=version)
    client.send(frame(join_fields(texts, ascii7=False)))
    lab().wait(max(case.within, 0.3))
    client.listen()
    assert client.session.is_open
    assert not case.answer or len(client.heard) > GREETED or type(case.message).__name__ in MAY_BE_SILENT
    now = CurrentTime(epoch_s=int(lab().venue.now.timestamp()))
    assert client.say(ReqCurrentTime())[-1:] == [now]
    lab().leave(client)
