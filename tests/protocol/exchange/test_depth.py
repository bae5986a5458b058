"""Books: whole at first, then by changes that every client reads alike."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import SPY, Lab, near_option
from tests.protocol.exchange.streams import contract_of, errors, texts

from sumppump.exchange.desks.depth import changes
from sumppump.exchange.entitlements import Entitlements, Feed
from sumppump.exchange.events import DepthReset
from sumppump.exchange.market.depth_books import Row
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import MktDepthExchanges
from sumppump.exchange.wire.market_requests import CancelMktDepth, ReqMktDepth, ReqMktDepthExchanges
from sumppump.exchange.wire.stream_answers import MarketDepth, MarketDepthL2

ARCA = Contract(symbol="SPY", sec_type="STK", exchange="ARCA", currency="USD")
INSERT, UPDATE, DELETE = 0, 1, 2
Side = list[tuple[float, int]]


def smart(req_id: int = 1, rows: int = 10) -> ReqMktDepth:
    return ReqMktDepth(req_id=req_id, contract=SPY, rows=rows, is_smart_depth=True)


def applied(messages: Iterable[object], *, shifts: bool) -> dict[int, Side]:
    """The book that a client holds; `shifts` says whether it moves rows on insertion and deletion."""
    sides: dict[int, Side] = {0: [], 1: []}
    for message in messages:
        if isinstance(message, MarketDepth | MarketDepthL2):
            side, row = sides[message.side], (message.price, int(message.size))
            if message.operation == DELETE:
                del side[message.position]
            elif message.operation == UPDATE or (not shifts and message.position < len(side)):
                side[message.position] = row
            else:
                side.insert(message.position, row)
    return sides


@pytest.mark.behaviour("SIM-DEPTH-01")
def test_a_book_begins_whole() -> None:
    heard = Lab().connect().say(ReqMktDepth(req_id=1, contract=ARCA, rows=5))
    assert {m.operation for m in heard} == {INSERT}
    for side in (0, 1):
        assert [m.position for m in heard if m.side == side] == [0, 1, 2, 3, 4]


@pytest.mark.behaviour("SIM-DEPTH-02")
def test_the_smart_book_names_the_exchange_of_each_row() -> None:
    lab = Lab()
    plain = lab.connect(1).say(ReqMktDepth(req_id=1, contract=ARCA, rows=5))
    assert {type(m) for m in plain} == {MarketDepth}
    rows = [m for m in lab.connect(2).say(smart()) if isinstance(m, MarketDepthL2)]
    assert len(rows) == 20
    assert all(m.is_smart_depth for m in rows)
    assert len({m.market_maker for m in rows}) >= 4


@pytest.mark.behaviour("SIM-DEPTH-03")
@pytest.mark.parametrize("symbol", ["SPY", "TSLA"])
def test_the_best_row_is_the_best_quote_and_nothing_is_lost(symbol: str) -> None:
    lab = Lab()
    con_id = lab.con_id(symbol)
    listing = lab.venue.listing(con_id)
    assert listing is not None
    for _ in range(40):
        lab.wait(0.3)
        top = lab.venue.quote(con_id)
        assert top is not None
        book = lab.venue.depth.smart(listing, top, 50)
        for rows, price, size, sign in (
            (book.bids, top.bid, top.bid_size, -1),
            (book.asks, top.ask, top.ask_size, 1),
        ):
            assert rows[0].price == price
            assert sum(row.size for row in rows if row.price == price) == size
            assert all(sign * (after.price - before.price) >= 0 for before, after in pairwise(rows))
            assert all(row.size > 0 for row in rows)
        one = lab.venue.depth.of(listing, top, "ARCA", 10)
        assert (one.bids[0].price, one.asks[0].price) == (top.bid, top.ask)
        assert all(after.price > before.price for before, after in pairwise(one.asks))


@pytest.mark.behaviour("SIM-DEPTH-04")
def test_the_changes_add_up_to_the_book_of_the_moment() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(smart())
    lab.wait(20.0)
    client.listen()
    other = lab.connect(2)
    whole = applied(other.say(smart(2)), shifts=True)
    assert applied(client.heard, shifts=True) == applied(client.heard, shifts=False) == whole


ROWS = st.lists(st.builds(Row, st.decimals(1, 9, places=2), st.integers(1, 9)), max_size=6).map(tuple)


@settings(max_examples=60)
@pytest.mark.behaviour("SIM-DEPTH-04")
@given(ROWS, ROWS)
def test_changes_make_any_side_out_of_any_other(old: tuple[Row, ...], new: tuple[Row, ...]) -> None:
    side = list(old)
    for position, operation, row in changes(old, new):
        if operation == INSERT:
            assert position == len(side)
            side.append(row)
        elif operation == DELETE:
            assert position == len(side) - 1
            side.pop()
        else:
            side[position] = row
    assert tuple(side) == new


@pytest.mark.behaviour("SIM-DEPTH-05")
def test_three_books_are_the_most() -> None:
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    one.say(*(ReqMktDepth(req_id=n, contract=ARCA, rows=1) for n in (1, 2)))
    two.say(*(ReqMktDepth(req_id=n, contract=ARCA, rows=1) for n in (1, 2)))
    assert texts(two, 309) == ["Max number (3) of market depth requests has been reached"]
    lab.leave(one)
    two.say(ReqMktDepth(req_id=3, contract=ARCA, rows=1))
    assert errors(two) == [(2, 309)]


@pytest.mark.behaviour("SIM-DEPTH-06")
def test_what_has_no_depth_is_refused() -> None:
    lab = Lab()
    client = lab.connect()
    option = near_option(lab, "C")
    client.say(
        ReqMktDepth(req_id=1, contract=SPY, rows=5),
        ReqMktDepth(req_id=2, contract=contract_of(option), rows=5, is_smart_depth=True),
        ReqMktDepth(req_id=3, contract=Contract(symbol="SPY", sec_type="STK", exchange="FINRA"), rows=5),
    )
    assert [code for _, code in errors(client)][:2] == [10092, 10092]
    assert lab.hall.shared.depths_in_use == 0


@pytest.mark.behaviour("SIM-DEPTH-07")
def test_the_smart_book_is_announced_with_its_exchanges() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(smart())
    (text,) = texts(client, 2152)
    assert text.startswith("Exchanges - Depth: NASDAQ; ARCA; NYSE; ")
    assert "Need additional" not in text
    lab.hall.shared.entitlements = Entitlements(by_exchange={"NYSE": Feed.NONE})
    client.say(smart(2))
    assert texts(client, 2152)[1].endswith("Need additional market data permissions - Depth: NYSE; ")


@pytest.mark.behaviour("SIM-DEPTH-08")
def test_a_reset_is_told_and_followed_by_the_whole_book() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ReqMktDepth(req_id=1, contract=ARCA, rows=3))
    lab.wait(1.0)
    client.listen()
    lab.hall.publish([DepthReset(lab.venue.now)])
    heard = client.listen()
    assert errors(client) == [(1, 317)]
    assert [m.operation for m in heard[1:]] == [INSERT] * 6


@pytest.mark.behaviour("SIM-DEPTH-09")
def test_a_book_ends_with_its_cancel() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(smart(), CancelMktDepth(req_id=1, is_smart_depth=True), CancelMktDepth(req_id=1))
    assert errors(client) == [(1, 2152), (1, 310)]
    lab.wait(2.0)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-DEPTH-10")
def test_the_exchanges_with_depth_are_listed() -> None:
    (answer,) = Lab().connect().say(ReqMktDepthExchanges())
    assert isinstance(answer, MktDepthExchanges)
    places = {(row.exchange, row.sec_type) for row in answer.exchanges}
    assert {
        ("NASDAQ", "STK"),
        ("ARCA", "STK"),
        ("IDEALPRO", "CASH"),
        ("CME", "FUT"),
        ("PAXOS", "CRYPTO"),
    } <= places


@pytest.mark.behaviour("SIM-DEPTH-11")
def test_depth_needs_a_live_subscription() -> None:
    lab = Lab()
    lab.hall.shared.entitlements = Entitlements(by_kind={"STK": Feed.DELAYED})
    client = lab.connect()
    client.say(ReqMktDepth(req_id=1, contract=ARCA, rows=5))
    assert errors(client) == [(1, 354)]


@pytest.mark.behaviour("SIM-DEPTH-12")
@pytest.mark.parametrize("rows", [0, -1])
def test_a_book_without_rows_is_refused(rows: int) -> None:
    client = Lab().connect()
    client.say(ReqMktDepth(req_id=1, contract=ARCA, rows=rows))
    assert errors(client) == [(1, 321)]
