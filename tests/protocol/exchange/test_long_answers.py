"""Answers of tens of thousands of rows: made in slices, while the client has room, and others are served."""

from __future__ import annotations

import pytest
from tests.protocol.exchange.lab import FRIDAY, Lab
from tests.protocol.exchange.test_server import frozen, opened, read_until, running

from sumppump.exchange.desks.line import LONG_ANSWERS, SLICE, Rules
from sumppump.exchange.doors import ROOM
from sumppump.exchange.listing.instruments import ContractQuery
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.account_requests import ReqCurrentTime
from sumppump.exchange.wire.codec import decode_answer, encode_request
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.framing import FrameReader
from sumppump.exchange.wire.market_answers import ContractData, ContractDataEnd
from sumppump.exchange.wire.market_requests import ReqContractDetails

MONTH = Contract(symbol="SPY", sec_type="OPT", exchange="SMART", currency="USD", expiry="202612", right="C")


@pytest.mark.behaviour("SIM-SERVE-27")
def test_long_answers_come_whole_and_one_after_the_other() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(*(ReqContractDetails(req_id=n, contract=MONTH) for n in (1, 2)))
    query = ContractQuery(symbol="SPY", sec_type="OPT", exchange="SMART", expiry="202612", right="C")
    listed = [one.con_id for one in lab.venue.contracts(query)]
    assert len(listed) > SLICE
    rows = client.all(ContractData)
    assert [(row.req_id, row.con_id) for row in rows] == [(n, con_id) for n in (1, 2) for con_id in listed]
    assert [end.req_id for end in client.all(ContractDataEnd)] == [1, 2]


@pytest.mark.behaviour("SIM-SERVE-27")
def test_who_is_owed_fifty_long_answers_may_not_ask_for_more() -> None:
    lab = Lab(Rules(rate=1000))
    client = lab.connect()
    asked = (ReqContractDetails(req_id=n, contract=MONTH) for n in range(LONG_ANSWERS + 1))
    lab.hall.receive(client.session, b"".join(encode_request(one, 178) for one in asked), lab.at)
    heard = [decode_answer(body, 178) for body in FrameReader().feed(client.session.take(whole=False))]
    assert [(one.id, one.code) for one in heard if isinstance(one, ErrorMessage)] == [(LONG_ANSWERS, 322)]


@pytest.mark.behaviour("SIM-SERVE-26")
async def test_who_does_not_read_a_long_answer_keeps_nobody_waiting() -> None:
    """What it is owed stays small, and the answer is whole once it reads."""
    async with running(frozen(start=FRIDAY)) as server:
        reader, writer = await opened(server)
        slow_reader, slow = await opened(server, 2)
        everything = Contract(symbol="XSP", sec_type="OPT", exchange="SMART")
        slow.write(encode_request(ReqContractDetails(req_id=9, contract=everything), 178))
        for _ in range(5):
            writer.write(encode_request(ReqCurrentTime(), 178))
            await read_until(reader, b"49\0")
        unfinished = next(one for one in server.hall.sessions if one.client_id == 2)
        assert unfinished.is_unfinished
        assert unfinished.owed <= SLICE
        await read_until(slow_reader, b"52\x001\x009\0")
        assert not unfinished.is_unfinished
        writer.close()
        slow.close()
    assert server.settings.max_output > ROOM
