"""Golden files: recorded from a session on real sockets, masked, and played back to a client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import ib_async
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, bought_option
from tests.protocol.trouble.scenes import resting

from sumppump.exchange.recording.golden import Line, Way, body_of, fields_of, read_golden
from sumppump.exchange.recording.masking import Masker
from sumppump.exchange.recording.player import Player, Recording
from sumppump.exchange.recording.sockets import Recorder, listen_recorder, listen_replayer, recording_of
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.exchange.wire.account_requests import ReqCurrentTime
from sumppump.exchange.wire.codec import decode_answer, encode_request
from sumppump.exchange.wire.market_requests import ReqContractDetails
from sumppump.kernel.errors import InvalidRequest, ProtocolError

PATIENCE_S = 10.0
OLD = Path(__file__).parents[4] / "shared" / "data" / "recorded" / "session_sv176.jsonl"
ACCOUNT = re.compile(r"(?:DU|DF|DI|SIM|U|F|I)\d{5,9}", re.IGNORECASE)


# -- masking ------------------------------------------------------------------------------------
kinds = st.sampled_from(["DU", "DF", "U", "F", "SIM", "du"])
accounts = st.builds(lambda kind, number: f"{kind}{number}", kinds, st.integers(1_000_000, 99_999_999))
around = st.sampled_from(["{}", "1421309240.0/{}/100", "{},{}", "All of {}.", "<Acct>{}</Acct>", "x_{}"])


@pytest.mark.behaviour("SIM-RECORD-01")
@given(
    st.lists(accounts, min_size=1, max_size=4, unique_by=str.upper),
    st.lists(st.tuples(around, st.booleans())),
)
def test_no_account_survives_anywhere(names: list[str], places: list[tuple[str, bool]]) -> None:
    """In neither direction, in no field, however it is wrapped."""
    masker = Masker()
    written = [masker.server(["15", "1", ",".join(names)])]
    for number, (form, is_client) in enumerate(places):
        text = form.format(names[number % len(names)], names[-1])
        mask = masker.client if is_client else masker.server
        written.append(mask(["6", "2", "NetLiquidation", text, "USD", text.lower()]))
    everything = json.dumps(written).upper()
    for name in names:
        digits = re.sub(r"\D", "", name)
        if f"{int(digits):07d}" not in {f"{number:07d}" for number in range(1, 9)}:
            assert name.upper() not in everything


@given(st.lists(accounts, min_size=2, max_size=5, unique_by=str.upper))
def test_each_account_has_one_stand_in_of_its_own(names: list[str]) -> None:
    masker = Masker()
    first = masker.server(["15", "1", ",".join(names)])[2].split(",")
    again = [masker.client([name])[0] for name in names]
    assert first == again
    assert len({one.upper() for one in first}) == len(names)


def test_accounts_without_a_known_form_are_learned_where_tws_names_them() -> None:
    masker = Masker()
    assert masker.server(["15", "1", "MYFUND77,"])[2] != "MYFUND77,"
    assert "MYFUND77" not in masker.client(["7", "alloc:MYFUND77;"])[1]
    assert masker.server(["107", "3", "somebody"]) == ["107", "3", "masked"]


def test_what_is_no_account_stays() -> None:
    """Symbols, order references and prices are why one records at all."""
    fields = ["5", "7", "265598", "AAPL", "SP1-7f3a", "U", "F", "DU", "1421309240", "20261218", "STK"]
    assert Masker().client(fields) == fields


# -- files --------------------------------------------------------------------------------------
@given(
    st.lists(
        st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=9),
        min_size=1,
    )
)
def test_a_line_survives_the_file(fields: list[str]) -> None:
    line = Line(Way.SERVER, fields_of(body_of(fields)), at=1.5)
    assert read_golden(line.written()) == (line,)
    assert list(line.fields) == fields


@pytest.mark.parametrize("text", ["{", "[]", '{"dir": "A"}', '{"fields": []}', '{"dir": "C>S", "t": "x"}'])
def test_a_bad_line_is_refused_with_its_number(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_golden('{"dir": "C>S", "raw": "API"}\n' + text)
    assert "line 2" in caught.value.message


@pytest.mark.skipif(not OLD.exists(), reason="the recorded session lies beside the repository")
def test_a_session_that_others_recorded_can_be_played() -> None:
    recording = recording_of(OLD)
    assert recording.version == 176
    player = Player(recording)
    assert player.greet(b"v157..178")[0] == "176"
    started = player.hear(body_of(["71", "2", "9", ""]))
    assert [fields[0] for fields in started[:2]] == ["15", "9"]
    assert player.hear(body_of(["61", "1"])) == [("62", "1")]
    assert player.hear(body_of(["5", "1"])) == [("53", "1")]


# -- sockets ------------------------------------------------------------------------------------
@contextlib.asynccontextmanager
async def exchange() -> AsyncIterator[EmbeddedServer]:
    server = EmbeddedServer(SimSettings(start=FRIDAY, frozen=True, account="DU7654321"))
    await server.start()
    lab = Lab()
    lab.hall = server.hall
    client = lab.connect(9)
    bought_option(lab, client)
    client.say(resting(lab, 2))
    lab.leave(client)
    try:
        yield server
    finally:
        await server.close()


def port_of(listener: asyncio.Server) -> int:
    return int(listener.sockets[0].getsockname()[1])


async def day(port: int, *, first_id: int = 0) -> list[Any]:
    """What one client asks in its day, and what it is told."""
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", port, clientId=3, timeout=PATIENCE_S)
    for _ in range(first_id):
        ib.client.getReqId()
    (spy,) = await ib.qualifyContractsAsync(ib_async.Stock("SPY", "SMART", "USD"))
    assert spy is not None
    details = await ib.reqContractDetailsAsync(ib_async.Stock("AAPL", "SMART", "USD"))
    bars = await ib.reqHistoricalDataAsync(spy, "", "3600 S", "5 mins", "TRADES", True)
    trade = ib.placeOrder(spy, ib_async.LimitOrder("BUY", 1, 1.0, tif="GTC"))
    (ticker,) = await ib.reqTickersAsync(spy)
    await ib.reqAllOpenOrdersAsync()
    told = [
        ib.positions(),
        ib.fills(),
        ib.accountValues(),
        details,
        bars,
        (ticker.bid, ticker.ask),
        [status.status for status in trade.log],
        sorted(one.order.permId for one in ib.openTrades()),
    ]
    ib.disconnect()
    return [repr(one) for one in told]


@pytest.mark.behaviour("SIM-RECORD-02")
async def test_what_was_recorded_is_what_is_played(tmp_path: Path) -> None:
    """Against the exchange, through the recorder, and from the file alone: the client sees the same."""
    file = tmp_path / "day.jsonl"
    async with exchange() as server:
        recorder = await listen_recorder(Recorder(("127.0.0.1", server.port), file), 0)
        seen = await day(port_of(recorder))
        recorder.close()
        await recorder.wait_closed()
    text = file.read_text("utf-8")
    assert "DU7654321" not in text
    assert "DU0000001" in text
    replayer = await listen_replayer(recording_of(file), 0)
    played = await day(port_of(replayer))
    assert played == [one.replace("DU7654321", "DU0000001") for one in seen]
    assert len(await day(port_of(replayer))) == len(seen)
    replayer.close()


@pytest.mark.behaviour("SIM-RECORD-03")
async def test_request_ids_may_differ(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    async with exchange() as server:
        recorder = await listen_recorder(Recorder(("127.0.0.1", server.port), file), 0)
        seen = await day(port_of(recorder))
        recorder.close()
        await recorder.wait_closed()
    replayer = await listen_replayer(recording_of(file), 0)
    shifted = await day(port_of(replayer), first_id=5)
    assert shifted[3:6] == seen[3:6]
    replayer.close()


def recorded() -> Recording:
    lines = (
        Line(Way.CLIENT, raw="API"),
        Line(Way.SERVER, ("178", "20261120 10:00:00 EST")),
        Line(Way.CLIENT, ("71", "2", "1", "")),
        Line(Way.SERVER, ("15", "1", "DU0000001")),
        Line(Way.SERVER, ("9", "1", "1")),
        Line(Way.CLIENT, ("49", "1")),
        Line(Way.SERVER, ("49", "1", "1795186800")),
    )
    return Recording(lines)


@pytest.mark.behaviour("SIM-RECORD-04")
def test_what_was_not_recorded_is_refused_in_words() -> None:
    player = Player(recorded())
    asked = ReqContractDetails(req_id=41, contract=SPY)
    (answer,) = player.hear(encode_request(asked, 178)[4:])
    error = decode_answer(body_of(answer), 178)
    assert (error.id, error.code) == (41, 322)
    assert "not recorded with ReqContractDetails (9)" in error.text
    (answer,) = player.hear(body_of(["999", "1"]))
    assert answer[2] == "-1"


def test_the_same_question_again_has_the_same_answer() -> None:
    player = Player(recorded())
    question = encode_request(ReqCurrentTime(), 178)[4:]
    assert player.hear(question) == player.hear(question) == [("49", "1", "1795186800")]


def test_a_client_of_another_version_is_let_go() -> None:
    with pytest.raises(ProtocolError):
        Player(recorded()).greet(b"v100..157")


@given(st.binary(max_size=60))
def test_any_message_is_answered_or_refused(body: bytes) -> None:
    assert Player(recorded()).hear(body)


def test_a_tws_elsewhere_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Recorder(("192.168.1.7", 7497), tmp_path / "x.jsonl")
    assert caught.value.code == "not_loopback"


async def test_nonsense_goes_through_and_is_not_written_down(tmp_path: Path) -> None:
    async with exchange() as server:
        file = tmp_path / "x.jsonl"
        recorder = await listen_recorder(Recorder(("127.0.0.1", server.port), file), 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(recorder))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.read() == b""
        writer.close()
        recorder.close()
    assert file.read_text("utf-8") == ""
