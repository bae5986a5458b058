"""What happens to bytes: pieces, damage, holes and resets."""

from __future__ import annotations

import pytest
from tests.protocol.exchange.lab import SPY, Lab
from tests.protocol.trouble.scenes import filling, resting, stage

from sumppump.exchange.doors import pieces
from sumppump.exchange.trouble.wire import UNKNOWN, Damage, damaged
from sumppump.exchange.wire.account_answers import CurrentTime
from sumppump.exchange.wire.account_requests import ReqCurrentTime, ReqOpenOrders
from sumppump.exchange.wire.codec import encode_answer, encode_request
from sumppump.exchange.wire.framing import FrameReader
from sumppump.exchange.wire.market_requests import ReqContractDetails
from sumppump.kernel.errors import ProtocolError

TIME = encode_request(ReqCurrentTime(), 178)
ANSWER = encode_answer(CurrentTime(epoch_s=1), 178)


def said(lab: Lab, client: object, data: bytes) -> bytes:
    """What a client gets back, as bytes."""
    session = client.session  # type: ignore[attr-defined]
    lab.hall.receive(session, data, lab.at)
    return bytes(session.take())


@pytest.mark.behaviour("SIM-WIRE-01")
def test_bytes_in_pieces_are_the_same_bytes() -> None:
    here = stage()
    here.cause("F-55", size=1)
    late = here.lab.connect(2)
    assert here.client.session.piece == late.session.piece == 1
    assert list(pieces(b"abc", 1)) == [b"a", b"b", b"c"]
    assert list(pieces(b"abc", 0)) == [b"abc"]
    here.heal()
    assert here.client.session.piece == 0


def test_answers_wait_for_each_other() -> None:
    here = stage()
    here.cause("F-55", size=0, together=3, seconds=5)
    assert said(here.lab, here.client, TIME) == b""
    assert said(here.lab, here.client, TIME) == b""
    assert said(here.lab, here.client, TIME).count(b"49\0") == 3


def test_they_do_not_wait_for_ever() -> None:
    here = stage()
    quiet = here.lab.connect(2)
    here.cause("F-55", size=0, together=1000, seconds=5)
    assert said(here.lab, quiet, TIME) == b""
    here.lab.wait(6.0)
    assert quiet.session.take().count(b"49\0") == 1


@pytest.mark.behaviour("SIM-WIRE-02")
@pytest.mark.parametrize(
    ("damage", "body"),
    [
        (Damage.MISSING_FIELD, [b"49\x001\x00"]),
        (Damage.EXTRA_FIELD, [b"49\x001\x001\x00more\x00"]),
        (Damage.GARBLED, [b"49\x00?#\x00?#\x00"]),
        (Damage.UNTERMINATED, [b"49\x001\x001"]),
        (Damage.UNKNOWN_ID, [b"49\x001\x001\x00", UNKNOWN[4:]]),
        (Damage.LOST, []),
        (Damage.TRUNCATED, []),
        (Damage.ZERO, [b""]),
    ],
)
def test_a_frame_is_damaged_as_ordered(damage: Damage, body: list[bytes]) -> None:
    """The rest of a zero-length frame is what a reader takes for the next length."""
    reader = FrameReader()
    try:
        found = reader.feed(damaged(ANSWER, damage))
    except ProtocolError:
        found = [b""]
    assert found == body


@pytest.mark.parametrize("damage", [Damage.HUGE, Damage.NEGATIVE])
def test_a_nonsensical_length_is_one_no_reader_takes(damage: Damage) -> None:
    with pytest.raises(ProtocolError):
        FrameReader().feed(damaged(ANSWER, damage))


def test_only_the_messages_that_were_named_are_damaged() -> None:
    here = stage()
    here.cause("F-57", damage="missing-field", message=49, times=0)
    here.lab.wait(1.0)
    assert here.client.listen()
    assert said(here.lab, here.client, TIME).endswith(b"49\x001\x00")


def test_what_ends_the_stream_ends_the_connection() -> None:
    here = stage()
    here.cause("F-56", message=49)
    assert len(said(here.lab, here.client, TIME)) < len(ANSWER) + 12
    assert here.client.session.is_closed
    assert here.lab.connect(1).session.is_open


@pytest.mark.behaviour("SIM-WIRE-03")
def test_in_a_black_hole_nothing_arrives_and_afterwards_the_connection_is_dead() -> None:
    here = stage()
    here.cause("F-45")
    assert here.ask(ReqCurrentTime()) == []
    assert here.wait(10.0) == []
    mute = here.lab.connect(2)
    assert mute.greeting == []
    here.heal()
    assert here.client.session.is_closed
    assert here.client.session.is_reset
    assert here.lab.connect(1).session.is_open


@pytest.mark.behaviour("SIM-WIRE-04")
def test_a_reset_comes_after_so_many_bytes() -> None:
    here = stage()
    here.cause("X-01", after=100)
    chain = encode_request(ReqContractDetails(req_id=1, contract=SPY), 178)
    assert len(said(here.lab, here.client, chain)) == 100
    assert here.client.session.is_reset


@pytest.mark.behaviour("SIM-WIRE-05")
def test_a_slow_reader_is_dropped_at_its_backlog() -> None:
    here = stage()
    here.cause("F-58", bytes_per_second=10, backlog=3000)
    for _ in range(10):
        said(here.lab, here.client, encode_request(ReqContractDetails(req_id=1, contract=SPY), 178))
    assert here.client.session.is_closed


def test_a_slow_line_delivers_everything_in_the_end() -> None:
    here = stage()
    quiet = here.lab.connect(2)
    here.cause("F-58", bytes_per_second=100, backlog=0)
    assert said(here.lab, quiet, TIME) == b""
    here.lab.wait(0.1)
    first = quiet.session.take()
    here.heal()
    whole = first + quiet.session.take()
    assert 0 < len(first) < len(whole)
    assert whole.count(b"49\0") == 1


@pytest.mark.behaviour("SIM-WIRE-06")
def test_after_a_reset_on_an_order_tws_does_not_know_it() -> None:
    here = stage()
    here.cause("F-03")
    here.ask(filling(here.lab))
    here.lab.wait(0.1)
    assert here.client.session.is_reset
    assert here.lab.venue.executions() == ()
    again = here.lab.connect(1)
    assert len(again.say(ReqOpenOrders())) == 1


def test_or_it_knows_it() -> None:
    here = stage()
    here.cause("F-03", seen=True)
    here.ask(resting(here.lab))
    here.lab.wait(0.1)
    assert here.client.session.is_reset
    assert len(here.lab.venue.open_orders()) == 1
