"""The same orders as in transcripts of a live paper account, in the same words and the same order.

Server version 200, AAPL, April 2026. What is compared is what a client can rely on: which statuses an order
goes through, repeats left out, and which codes come with it. TWS leaves out some of the statuses on the way
from one time to the next (`OPTIONAL`), so these may be missing on either side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.protocol.exchange.lab import Lab, Speaker

from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.account_requests import CancelOrder, ReqAllOpenOrders, ReqOpenOrders
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.order_answers import OpenOrderEnd, OrderStatus
from sumppump.exchange.wire.place_order import PlaceOrder

FOLDER = Path(__file__).parents[3] / ".." / "shared" / "data" / "recorded" / "order_transcripts"
AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
OPTIONAL = {"PreSubmitted", "Submitted", "PendingCancel"}
RESTS_AT = 1.0
"""No limit of the transcripts was reached on that day; ours is as far from its market."""

Story = dict[int, list[str | int]]


def lines(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    path = FOLDER / f"{name}.txt"
    if not path.exists():
        pytest.skip("the transcripts are not on this machine (../shared/data/recorded)")
    for line in path.read_text(encoding="utf-8").splitlines():
        who, _, rest = line.partition(" ")
        what, _, body = rest.partition(" ")
        if line and not line.startswith("#"):
            yield who, what, json.loads(body) if body.startswith("{") else {}


def recorded(name: str) -> Story:
    story: Story = {}
    for who, what, body in lines(name):
        if who == "server" and what == "order_status":
            note(story, body["order_id"], body["status"])
        elif who == "server" and what == "api_error":
            note(story, body["req_id"], body["code"])
    return story


def note(story: Story, order_id: int, word: str | int) -> None:
    words = story.setdefault(order_id, [])
    if not words or words[-1] != word:
        words.append(word)


def told(speakers: list[Speaker]) -> Story:
    story: Story = {}
    for speaker in speakers:
        for message in speaker.heard:
            if isinstance(message, OrderStatus):
                note(story, message.order_id, message.status)
            elif isinstance(message, ErrorMessage) and message.id > 0:
                note(story, message.id, message.code)
    return story


def played(name: str, *, client_ids: tuple[int, ...]) -> Story:
    """Do what the transcript's client did; each of its connections is the next of `client_ids`."""
    lab, ids = Lab(), iter(client_ids)
    speakers: list[Speaker] = []
    for who, what, body in lines(name):
        if who == "handshake":
            speakers.append(lab.connect(next(ids)))
        elif who == "disconnect":
            lab.leave(speakers[-1])
        elif who == "client":
            act(speakers[-1], what, body)
            lab.wait(1.0)
            speakers[-1].listen()
    return told(speakers)


def act(client: Speaker, what: str, body: dict[str, Any]) -> None:
    if what == "place_order":
        is_limit = body["order_type"] == "LMT"
        client.say(
            PlaceOrder(
                order_id=int(body["order_id"]),
                contract=AAPL,
                action=body["action"],
                total_quantity=Decimal(body["total_quantity"]),
                order_type=body["order_type"],
                lmt_price=RESTS_AT if is_limit else None,
                tif=body["tif"],
            )
        )
    elif what == "cancel_order":
        client.say(CancelOrder(order_id=int(body["order_id"])))
    elif what == "req_open_orders":
        heard = client.say(ReqAllOpenOrders() if body["scope"] == "all" else ReqOpenOrders())
        assert isinstance(heard[-1], OpenOrderEnd)


def firm(story: Story) -> Story:
    return {order_id: [word for word in words if word not in OPTIONAL] for order_id, words in story.items()}


@pytest.mark.behaviour("SIM-FLOW-25")
@pytest.mark.parametrize(
    ("name", "client_ids"),
    [
        ("api_order_rest_cancel_aapl", (1,)),
        ("api_reconnect_active_order_aapl", (1, 1)),
        ("api_cross_client_cancel_aapl", (1, 2)),
        ("api_client_id0_order_observation_aapl", (1, 0)),
        ("api_completed_orders_variants_aapl", (1,)),
    ],
)
def test_orders_end_as_they_ended_on_the_live_account(name: str, client_ids: tuple[int, ...]) -> None:
    assert firm(played(name, client_ids=client_ids)) == firm(recorded(name))


@pytest.mark.behaviour("SIM-FLOW-26")
def test_a_resting_order_goes_through_every_recorded_status() -> None:
    """The fullest recording: PreSubmitted, Submitted, PendingCancel, Cancelled, 202."""
    name = "api_order_rest_cancel_aapl"
    assert played(name, client_ids=(1,)) == recorded(name)


@pytest.mark.behaviour("SIM-FLOW-27")
def test_orders_that_may_not_wait_end_at_once_and_without_a_fill() -> None:
    """Recorded: IOC is Cancelled, FOK Inactive; elsewhere FOK was seen Cancelled, so either is believed."""
    name = "api_ioc_fok_aapl"
    ended = {order_id: words[0] for order_id, words in firm(played(name, client_ids=(1,))).items()}
    assert ended.keys() == recorded(name).keys()
    assert set(ended.values()) <= {"Cancelled", "Inactive"}


@pytest.mark.behaviour("SIM-TIF-07")
def test_orders_that_may_not_wait_say_the_recorded_words() -> None:
    """Only the PreSubmitted before them is ours; the recording begins with openOrder alone."""
    name = "api_ioc_fok_aapl"
    said = {
        order_id: [word for word in words if word != "PreSubmitted"]
        for order_id, words in played(name, client_ids=(1,)).items()
    }
    assert said == recorded(name)
