"""How a connection begins and who may have one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import Lab

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.session import GREETING_S
from sumppump.exchange.wire.account_answers import CurrentTime, ErrorMessage, ManagedAccounts, NextValidId
from sumppump.exchange.wire.account_requests import ReqAccountSummary, ReqCurrentTime, StartApi
from sumppump.exchange.wire.codec import encode_request, fields_of
from sumppump.exchange.wire.framing import PRELUDE, frame, join_fields
from sumppump.exchange.wire.handshake import OLDEST


@pytest.mark.behaviour("SIM-START-01")
def test_nothing_follows_the_greeting_until_the_client_has_said_its_id() -> None:
    """ibapi 9.81 throws away every byte that it reads together with the greeting."""
    lab = Lab()
    session = lab.hall.connect(lab.at)
    lab.hall.receive(session, PRELUDE + frame(b"v157..178"), lab.at)
    assert session.take()[4:] == b"178\x0020261120 10:00:00 EST\x00"
    lab.wait(1.0)
    assert session.take() == b""


@pytest.mark.behaviour("SIM-START-02")
def test_accounts_come_first_then_the_next_id_then_the_farms() -> None:
    """The recorded order."""
    client = Lab().connect()
    kinds = [type(message) for message in client.heard]
    assert kinds == [ManagedAccounts, NextValidId, ErrorMessage, ErrorMessage, ErrorMessage]
    assert [message.code for message in client.all(ErrorMessage)] == [2104, 2106, 2158]
    assert client.all(ManagedAccounts)[0].accounts.startswith("SIM")


@pytest.mark.behaviour("SIM-START-04")
@pytest.mark.parametrize("version", [OLDEST, 163, 166, 176, 178])
def test_every_layout_is_served(version: int) -> None:
    client = Lab().connect(version=version)
    assert client.session.version == version
    assert isinstance(client.say(ReqCurrentTime())[0], CurrentTime)


@pytest.mark.behaviour("SIM-START-03")
def test_a_second_client_with_the_same_id_is_refused_and_closed() -> None:
    """326, then TWS closes; the first client does not notice."""
    lab = Lab()
    first, second = lab.connect(5), lab.connect(5)
    assert [message.code for message in second.all(ErrorMessage)] == [326]
    assert second.session.is_closed
    assert first.session.is_open


@pytest.mark.behaviour("SIM-START-05")
def test_an_id_is_free_again_when_its_client_has_left() -> None:
    lab = Lab()
    first = lab.connect(5)
    lab.leave(first)
    assert lab.connect(5).session.is_open


@pytest.mark.behaviour("SIM-START-06")
def test_there_are_at_most_thirty_two_clients() -> None:
    lab = Lab()
    assert all(lab.connect(n).session.is_open for n in range(32))
    assert lab.hall.connect(lab.at).is_closed


@pytest.mark.behaviour("SIM-START-17")
@pytest.mark.parametrize("said", [b"", PRELUDE, PRELUDE + frame(b"v178")])
def test_who_does_not_say_who_it_is_loses_its_place(said: bytes) -> None:
    """Nothing, half a greeting, or a greeting without a start; who has started may be silent for ever."""
    lab = Lab(Rules(clients=2))
    started, silent = lab.connect(), lab.hall.connect(lab.at)
    lab.hall.receive(silent, said, lab.at)
    lab.hall.turn(lab.venue.now, lab.at + GREETING_S - 0.1)
    assert not silent.is_closed
    lab.hall.turn(lab.venue.now, lab.at + GREETING_S)
    assert silent.is_closed
    assert started.session.is_open
    assert not lab.hall.connect(lab.at).is_closed


@pytest.mark.behaviour("SIM-START-07")
def test_a_client_without_a_common_version_is_closed_without_a_word() -> None:
    lab = Lab()
    session = lab.hall.connect(lab.at)
    lab.hall.receive(session, PRELUDE + frame(b"v100..156"), lab.at)
    assert session.is_closed
    assert session.take() == b""


@pytest.mark.behaviour("SIM-START-08")
def test_what_comes_before_the_start_is_not_answered() -> None:
    lab = Lab()
    session = lab.hall.connect(lab.at)
    lab.hall.receive(session, PRELUDE + frame(b"v178"), lab.at)
    session.take()
    lab.hall.receive(session, encode_request(ReqCurrentTime(), 178), lab.at)
    assert session.take() == b""
    lab.hall.receive(session, encode_request(StartApi(client_id=1), 178), lab.at)
    assert session.is_open


@pytest.mark.behaviour("SIM-START-09")
def test_an_unreadable_request_is_answered_in_the_words_of_tws_and_the_connection_lives() -> None:
    """Recorded: 320 with Java's exception; sent under the request's id."""
    client = Lab().connect()
    texts = fields_of(ReqAccountSummary(req_id=9, group="All", tags="NetLiquidation"), 178)
    (error,) = client.send(frame(join_fields(texts[:-1], ascii7=False)))
    assert (error.id, error.code) == (9, 320)
    (error,) = client.send(frame(b"59\x001\x001 min\x00"))
    assert error.text == (
        "Error reading request:Message id 59.  Unable to parse data. "
        'java.lang.NumberFormatException: For input string: "1 min"'
    )
    assert client.session.is_open


@pytest.mark.behaviour("SIM-START-10")
def test_an_unknown_message_is_counted_and_ignored() -> None:
    """Whatever newer clients may send."""
    client = Lab().connect()
    assert client.send(frame(b"199\x001\x00x\x00")) == []
    assert client.session.unknown_messages == 1
    assert client.session.is_open


@pytest.mark.behaviour("SIM-START-11")
def test_the_time_is_the_exchange_s() -> None:
    lab = Lab()
    client = lab.connect()
    assert client.say(ReqCurrentTime()) == [CurrentTime(epoch_s=int(lab.venue.now.timestamp()))]


@pytest.mark.behaviour("SIM-START-12")
def test_the_fifty_first_message_of_a_moment_is_refused_and_lost() -> None:
    """Error 100 tells how many; the request has no effect."""
    client = Lab().connect()
    heard = client.say(*[ReqCurrentTime()] * 51)
    assert [type(message) for message in heard] == [CurrentTime] * 50 + [ErrorMessage]
    assert (heard[-1].id, heard[-1].code) == (-1, 100)
    assert heard[-1].text == "Max rate of messages per second has been exceeded:max=50 rec=51 (1)"


@pytest.mark.behaviour("SIM-START-13")
def test_whoever_goes_on_beyond_the_rate_is_disconnected() -> None:
    client = Lab().connect()
    client.say(*[ReqCurrentTime()] * 149)
    assert client.session.is_open
    client.say(ReqCurrentTime())
    assert client.session.is_closed


@pytest.mark.behaviour("SIM-START-14")
def test_a_client_that_asked_for_pacing_waits_instead() -> None:
    """`+PACEAPI`: everything is answered, in order, at the rate."""
    lab = Lab()
    client = lab.connect(options="+PACEAPI")
    assert len(client.say(*[ReqCurrentTime()] * 80)) == 50
    lab.wait(0.5)
    assert 20 <= len(client.listen()) <= 26
    lab.wait(0.5)
    client.listen()
    assert len(client.all(CurrentTime)) == 80
    assert not [message for message in client.all(ErrorMessage) if message.code == 100]


@pytest.mark.behaviour("SIM-START-15")
def test_limits_are_settings() -> None:
    lab = Lab(Rules(clients=1, rate=5, patience=1))
    client = lab.connect()
    assert lab.hall.connect(lab.at).is_closed
    client.say(*[ReqCurrentTime()] * 6)
    assert client.session.is_closed


@pytest.mark.behaviour("SIM-START-16")
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.lists(st.text(max_size=5), min_size=1, max_size=12), max_size=8), st.integers(1, 110))
def test_no_bytes_can_stop_the_exchange(bodies: list[list[str]], number: int) -> None:
    """Whatever a client sends: answers, an error, or its own connection closed."""
    lab = shared_lab()
    client = lab.connect(1)
    for texts in bodies:
        client.send(frame(join_fields([str(number), *texts], ascii7=False)))
    lab.leave(client)
    other = lab.connect(2)
    assert other.session.is_open
    lab.leave(other)


_LABS: list[Lab] = []


def shared_lab() -> Lab:
    """One venue for all examples: making one for each would be all the time there is."""
    if not _LABS:
        _LABS.append(Lab())
    return _LABS[0]
