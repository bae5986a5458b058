"""Books: the first whole one is taken, and given back once, whatever happens; a refusal names what lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Open
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.domain.instruments import SecType, Underlying
from sumppump.exchange.entitlements import Entitlements, Feed
from sumppump.exchange.wire.contracts import DepthExchange
from sumppump.exchange.wire.market_answers import MktDepthExchanges
from sumppump.exchange.wire.stream_answers import MarketDepthL2
from sumppump.kernel.errors import (
    GatewayUnavailable,
    MarketDataError,
    NotSubscribed,
    SumpPumpError,
    UnknownContract,
)

ASK, BID = 0, 1
INSERT, UPDATE, DELETE = 0, 1, 2
SPX = Underlying(con_id=416904, symbol="SPX", sec_type=SecType.IND, exchange="CBOE")


def row(request: Any, side: int, position: int, price: float, size: int = 100, **changes: Any) -> Any:
    """One row of a SMART book."""
    said: dict[str, Any] = {
        "req_id": request.req_id, "position": position, "market_maker": "ARCA", "operation": INSERT,
        "side": side, "price": price, "size": Decimal(size), "is_smart_depth": True,
    }  # fmt: skip
    return MarketDepthL2(**(said | changes))


def two_sided(peer: Peer, request: Any) -> None:
    """A book of two rows and one."""
    peer.say(row(request, ASK, 0, 10.02), row(request, BID, 0, 10.0), row(request, BID, 1, 9.99, 300))


async def test_a_book_of_all_exchanges_is_whole_and_starts_at_the_best_quote(open_pair: Open) -> None:
    """Real rows over a real socket: sorted, cumulative, each with who rests there."""
    _, gateway = await open_pair(frozen=True)
    spy = await gateway.directory.underlying("SPY")
    (quote,) = await gateway.market.quotes([spy])
    picture = await gateway.depth.book(spy)
    book = picture.book
    assert quote.bid is not None
    assert quote.ask is not None
    assert (book.bids[0].price, book.asks[0].price) == (quote.bid.amount, quote.ask.amount)
    assert picture.exchange == "SMART"
    for side, sign in ((book.bids, -1), (book.asks, 1)):
        assert len(side) >= 3
        assert all(sign * (after.price - before.price) > 0 for before, after in pairwise(side))
        assert side[-1].cumulative == sum(level.size for level in side)
        assert all(level.places for level in side)


async def test_an_option_is_read_from_a_book_of_one_exchange(open_pair: Open) -> None:
    """SMART has no books of options: an exchange that has is asked for."""
    _, gateway = await open_pair(frozen=True)
    spy = await gateway.directory.underlying("SPY")
    (chain,) = await gateway.directory.option_classes(spy)
    listed = await gateway.directory.options(spy, chain.expiries[3])
    picture = await gateway.depth.book(listed[len(listed) // 2])
    assert picture.exchange == "CBOE"
    assert picture.book.bids
    assert picture.book.asks


async def test_more_books_than_tws_grants_wait_for_their_turn(open_pair: Open) -> None:
    """Three at once for all clients: eight callers get eight books, no 309, and none stays open."""
    server, gateway = await open_pair()
    names = ("SPY", "QQQ", "IWM", "AAPL", "MSFT", "NVDA", "AMD", "TSLA")
    known = [await gateway.directory.underlying(name) for name in names]
    pictures = await asyncio.gather(*(gateway.depth.book(each) for each in known))
    assert [picture.instrument for picture in pictures] == known
    assert all(picture.book.mid for picture in pictures)
    await gateway.sync_clock()  # whatever was cancelled has been read by then
    assert server.hall.shared.depths_in_use == 0


async def test_an_exchange_whose_book_is_not_subscribed_is_named(open_pair: Open) -> None:
    """2152 comes with the rows; what it names as missing is not in the book."""
    server, gateway = await open_pair()
    server.hall.shared.entitlements = Entitlements(by_exchange={"NYSE": Feed.NONE})
    picture = await gateway.depth.book(await gateway.directory.underlying("SPY"))
    assert picture.missing == ("NYSE",)
    assert picture.book.bids


async def test_without_a_subscription_the_refusal_says_what_to_subscribe(open_pair: Open) -> None:
    """354 for the whole kind: code and subscription stand in the error."""
    server, gateway = await open_pair()
    spy = await gateway.directory.underlying("SPY")
    server.hall.shared.entitlements = Entitlements(by_kind={"STK": Feed.DELAYED})
    with pytest.raises(NotSubscribed) as caught:
        await gateway.depth.book(spy)
    assert caught.value.ib_code == 354
    assert "TotalView" in " ".join(caught.value.next_steps)


async def test_an_index_has_no_book_and_tws_is_not_even_asked(tws: ScriptedTws, connect: Connect) -> None:
    """Nobody trades an index."""
    rig = await connect()
    with pytest.raises(MarketDataError) as caught:
        await rig.gateway.depth.book(SPX)
    assert caught.value.code == "no_depth"
    assert not tws.peer.got("ReqMktDepth")


async def test_a_book_is_cancelled_once_after_it_was_taken(tws: ScriptedTws, connect: Connect) -> None:
    """The subscription's own flag goes with the cancel; a second cancel would be error 310."""
    rig = await connect()
    tws.on("ReqMktDepth", two_sided)
    picture = await rig.gateway.depth.book(makers.SPY)
    assert [level.cumulative for level in picture.book.bids] == [100, 400]
    await rig.until(lambda: tws.peer.got("CancelMktDepth"))
    (cancel,) = tws.peer.got("CancelMktDepth")
    assert (cancel.req_id, cancel.is_smart_depth) == (tws.peer.got("ReqMktDepth")[0].req_id, True)


async def test_rows_are_inserted_changed_and_deleted_where_tws_says(
    tws: ScriptedTws, connect: Connect
) -> None:
    """An insert moves the rows behind it, a delete closes the gap; nonsense rows are left out."""

    def answer(peer: Peer, request: Any) -> None:
        peer.say(
            row(request, BID, 0, 9.99), row(request, BID, 0, 10.0), row(request, BID, 2, 9.5),
            row(request, BID, 2, 0.0, operation=DELETE), row(request, BID, 1, 9.98, 700, operation=UPDATE),
            row(request, BID, 2, 9.0, 0), row(request, ASK, 0, 10.1), row(request, ASK, 1, -1.0),
        )  # fmt: skip

    rig = await connect()
    tws.on("ReqMktDepth", answer)
    book = (await rig.gateway.depth.book(makers.SPY)).book
    assert [(level.price, level.size) for level in book.bids] == [(10, 100), (Decimal("9.98"), 700)]
    assert [level.price for level in book.asks] == [Decimal("10.1")]


async def test_a_reset_empties_the_book_and_the_new_rows_are_taken(
    tws: ScriptedTws, connect: Connect
) -> None:
    """317: what came before is worth nothing."""

    def answer(peer: Peer, request: Any) -> None:
        peer.say(row(request, BID, 0, 5.0), row(request, ASK, 0, 6.0))
        peer.error(request.req_id, 317, "Market depth data has been RESET. Please empty deep book contents")
        two_sided(peer, request)

    rig = await connect()
    tws.on("ReqMktDepth", answer)
    book = (await rig.gateway.depth.book(makers.SPY)).book
    assert (book.bids[0].price, book.asks[0].price) == (10, Decimal("10.02"))


@pytest.mark.parametrize(
    ("rows", "bids", "asks"), [((BID,), 1, 0), ((ASK,), 0, 1), ((), 0, 0)], ids=["bids", "asks", "none"]
)
async def test_a_side_without_rows_is_empty_and_not_invented(
    tws: ScriptedTws, connect: Connect, rows: tuple[int, ...], bids: int, asks: int
) -> None:
    """A lonely side is waited for a little, an empty book to the deadline; it is given back all the same."""
    rig = await connect()
    tws.on("ReqMktDepth", lambda peer, request: peer.say(*(row(request, side, 0, 10.0) for side in rows)))
    book = (await rig.gateway.depth.book(makers.SPY, deadline_s=0.2)).book
    assert (len(book.bids), len(book.asks), book.mid) == (bids, asks, None)
    await rig.until(lambda: tws.peer.got("CancelMktDepth"))


async def test_a_book_during_a_broken_farm_says_which(tws: ScriptedTws, connect: Connect) -> None:
    """2103: rows stop without a word, so that an empty book proves nothing."""
    rig = await connect()
    tws.peer.error(-1, 2103, "Market data farm connection is broken:usfarm")
    await rig.until(lambda: rig.gateway.broker.link().farms_down)
    picture = await rig.gateway.depth.book(makers.SPY, deadline_s=0.05)
    assert (picture.broken, picture.book.rows) == (("usfarm",), ())


REFUSALS: dict[str, tuple[int, str, type[SumpPumpError], str]] = {
    "no depth": (10092, "Deep market data is not supported for this", MarketDataError, "no_depth"),
    "three books": (309, "Max number (3) of market depth requests", GatewayUnavailable, "depth_limit"),
    "not subscribed": (354, "Requested market data is not subscribed.", NotSubscribed, "not_subscribed"),
    "needs more": (10089, "requires additional subscription for API", NotSubscribed, "not_subscribed"),
    "unknown": (200, "No security definition has been found", UnknownContract, "unknown_contract"),
    "competing": (
        10197,
        "No market data during competing live session",
        GatewayUnavailable,
        "competing_session",
    ),
}


@pytest.mark.parametrize(("code", "text", "kind", "name"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_refused_book_says_why_and_is_not_cancelled(
    tws: ScriptedTws, connect: Connect, code: int, text: str, kind: type[SumpPumpError], name: str
) -> None:
    """TWS has no such subscription: a cancel would only be another error."""
    rig = await connect()
    tws.on("ReqMktDepth", lambda peer, request: peer.error(request.req_id, code, text))
    with pytest.raises(kind) as caught:
        await rig.gateway.depth.book(makers.SPY)
    assert caught.value.code == name
    assert str(code) in f"{caught.value.message} {caught.value.found}" or code == 200
    await rig.gateway.sync_clock()
    assert not tws.peer.got("CancelMktDepth")


async def test_a_cancelled_call_gives_its_book_back(tws: ScriptedTws, connect: Connect) -> None:
    """The person stopped waiting; TWS hears it, and the place is free for the next."""
    rig = await connect()
    calls = [asyncio.ensure_future(rig.gateway.depth.book(makers.SPY)) for _ in range(3)]
    await rig.until(lambda: len(tws.peer.got("ReqMktDepth")) == 3)
    for each in calls:
        each.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await rig.until(lambda: len(tws.peer.got("CancelMktDepth")) == 3)
    tws.on("ReqMktDepth", two_sided)
    assert (await rig.gateway.depth.book(makers.SPY)).book.mid is not None


async def test_nobody_waits_for_a_place_without_end(tws: ScriptedTws, connect: Connect) -> None:
    """All three places are taken by books that never come."""
    rig = await connect()
    calls = [asyncio.ensure_future(rig.gateway.depth.book(makers.SPY)) for _ in range(3)]
    await rig.until(lambda: len(tws.peer.got("ReqMktDepth")) == 3)
    with pytest.raises(GatewayUnavailable) as caught:
        await rig.gateway.depth.book(makers.SPY, deadline_s=0.05)
    assert caught.value.code == "depth_limit"
    for each in calls:
        each.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


CUTS: dict[str, Callable[[Peer], None]] = {
    "socket": lambda peer: peer.transport.abort(),
    "1101": lambda peer: peer.error(-1, 1101, "Connectivity restored - data lost."),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
async def test_a_connection_lost_mid_way_ends_the_wait_at_once(
    tws: ScriptedTws, connect: Connect, cut: Callable[[Peer], None]
) -> None:
    """Half a book is no book, and nothing is left to cancel."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        peer.say(row(request, BID, 0, 10.0))
        cut(peer)

    tws.on("ReqMktDepth", answer)
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.depth.book(makers.SPY)
    assert not [one for peer in tws.peers for one in peer.got("CancelMktDepth")]


async def test_the_exchanges_with_books_are_asked_once(tws: ScriptedTws, connect: Connect) -> None:
    """And the contract's own is taken where it has one."""
    rig = await connect()
    places = tuple(
        DepthExchange(exchange=name, sec_type="OPT", service_data_type="Deep") for name in ("ISE", "PHLX")
    )
    tws.on("ReqMktDepthExchanges", lambda peer, _: peer.say(MktDepthExchanges(exchanges=places)))
    tws.on("ReqMktDepth", two_sided)
    for _ in range(2):
        assert (await rig.gateway.depth.book(makers.call(500))).exchange == "ISE"
    assert len(tws.peer.got("ReqMktDepthExchanges")) == 1
