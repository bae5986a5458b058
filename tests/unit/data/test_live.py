"""Followed contracts: conflated, bounded, stale when ticks may be missing, let go at the real close."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.fake_market import (
    MONTH,
    SPX,
    SPY,
    TODAY,
    WEEK,
    FakeClock,
    FakeDirectory,
    FakeMarket,
    make_option,
)

from sumppump.data.chain_request import ChainRequest
from sumppump.data.chains import ChainService
from sumppump.data.live import FIRST_PICTURE_S, HEARTBEAT_S, LiveBoard
from sumppump.data.live_aim import MARGIN
from sumppump.data.live_market import LiveMarket
from sumppump.data.live_service import LiveService
from sumppump.data.meaning import Meanings
from sumppump.domain.instruments import Right
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import InvalidRequest, NoQuote, UnknownContract

CALL = make_option(SPY, MONTH, 600, Right.CALL)
PUT = make_option(SPY, MONTH, 600, Right.PUT)


class CountingMarket(FakeMarket):
    """Counts how often each contract is read."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock=clock)
        self.reads = 0

    def quote(self, instrument: object, *, greeks: bool = True) -> Quote:  # type: ignore[override]
        self.reads += 1
        return FakeMarket.quote(self, instrument, greeks=greeks)  # type: ignore[arg-type]


@pytest.fixture
def board(market: FakeMarket, clock: FakeClock) -> LiveBoard:
    return LiveBoard(market, clock)


@pytest.fixture
def live(board: LiveBoard, market: FakeMarket, directory: FakeDirectory, clock: FakeClock) -> LiveService:
    before = LiveMarket(market, board)
    meanings = Meanings(directory=directory, clock=clock)
    chains = ChainService(directory=directory, market=before, clock=clock, live=board)
    return LiveService(board=board, meanings=meanings, chains=chains, market=before, clock=clock)


async def test_a_thousand_ticks_between_two_flushes_are_one_reading(clock: FakeClock) -> None:
    """Claim: conflation; work follows flushes, not ticks. Provenance: reliability goal L5."""
    market = CountingMarket(clock)
    board = LiveBoard(market, clock)
    await board.hold("x", [SPY, CALL])
    board.flush()
    market.reads = 0
    for _ in range(1000):
        market.tick()
    board.flush()
    assert market.reads == 2
    board.flush()
    assert market.reads == 2, "nothing came, nothing is read"


async def test_nothing_grows_with_the_number_of_ticks(board: LiveBoard, market: FakeMarket) -> None:
    """Claim: what is kept is bounded by what is followed. Provenance: reliability goal L5."""
    await board.hold("x", [SPY, CALL])
    for _ in range(5_000):
        market.tick()
    assert len(board._marked) <= 2
    assert board.size == 2


async def test_listeners_hear_what_was_read_once_a_flush(board: LiveBoard, market: FakeMarket) -> None:
    heard: list[frozenset[int]] = []
    board.on_change.append(heard.append)
    await board.hold("x", [SPY, CALL])
    market.tick()
    market.tick()
    board.flush()
    board.flush()
    assert heard == [frozenset({SPY.con_id, CALL.con_id})]


async def test_the_loop_reads_soon_after_a_tick(market: FakeMarket, clock: FakeClock) -> None:
    board = LiveBoard(market, clock, flush_s=0.0)
    read = asyncio.Event()
    board.on_change.append(lambda _: read.set())
    running = asyncio.create_task(board.run())
    await board.hold("x", [SPY])
    async with asyncio.timeout(5):
        await read.wait()
    running.cancel()
    assert board.quote(SPY.con_id) is not None


async def test_a_followed_contract_is_answered_without_asking(
    live: LiveService, market: FakeMarket, board: LiveBoard
) -> None:
    """Claim: quotes come from memory while followed, from the market otherwise."""
    await board.hold("x", [CALL])
    board.flush()
    market.asked.clear()
    quotes = await live.market.quotes([CALL, PUT])
    assert [quote.instrument for quote in quotes] == [CALL, PUT]
    assert market.asked == [(PUT.label,)]


async def test_a_quiet_line_is_as_true_now_as_at_its_last_tick(board: LiveBoard, clock: FakeClock) -> None:
    """Claim: no tick is no news; only a quote that says so itself is stale."""
    await board.hold("x", [SPY])
    board.flush()
    clock.advance(60)
    quote = board.quote(SPY.con_id)
    assert quote is not None
    assert quote.age_s(clock.monotonic()) == 0
    assert not quote.is_stale


async def test_stale_is_said_per_contract_and_for_the_whole_until_ticks_resume(
    live: LiveService, market: FakeMarket, board: LiveBoard, clock: FakeClock
) -> None:
    """Claim: a gap shows on the contract and in the status. Provenance: requirement SM2."""
    await live.start(["SPY"])
    market.tick()
    market.streams[0].is_stale = True
    board.look_again()
    report = live.status()
    assert report.is_stale
    assert report.follows[0].stale == ("SPY",)
    assert (quote := board.quote(SPY.con_id)) is not None
    assert quote.is_stale
    market.streams[0].is_stale = False
    market.tick()
    assert not live.status().is_stale


async def test_a_contract_that_has_not_told_everything_is_left_to_the_market_for_a_while(
    board: LiveBoard, market: FakeMarket, clock: FakeClock
) -> None:
    """Claim: half a picture is not handed out, unless the rest will not come."""
    market.no_greeks.add(CALL.con_id)
    await board.hold("x", [CALL])
    market.tick()
    board.flush()
    assert board.quote(CALL.con_id) is None
    clock.advance(FIRST_PICTURE_S + 1)
    assert (quote := board.quote(CALL.con_id)) is not None
    assert quote.greeks is None
    assert quote.greeks_missing


async def test_the_last_holder_gives_the_line_back(board: LiveBoard, market: FakeMarket) -> None:
    """Claim: two holders share a line; it goes back once. Provenance: requirement SM2."""
    await board.hold("a", [SPY])
    await board.hold("b", [SPY])
    assert len(market.streams) == 1
    board.release("a")
    assert not market.streams[0].ended
    board.release("b")
    assert market.streams[0].ended
    assert board.size == 0
    board.release("b")


async def test_where_lines_are_short_the_first_ones_are_followed(
    live: LiveService, market: FakeMarket
) -> None:
    """Claim: nearest the money first; the rest is said. Provenance: requirement SM2, per-line accounting."""
    market.room = 30
    (follow,) = (await live.start([], ChainRequest(symbol="SPY", expiry=WEEK))).follows
    assert (follow.followed, follow.contracts) == (30, 51)
    assert follow.not_followed == ("21 contracts: no market data line is free for them",)
    strikes = [stream.instrument.strike for stream in market.streams[1:]]  # type: ignore[union-attr]
    assert max(abs(strike - 600) for strike in strikes) <= 8


async def test_without_a_free_line_nothing_is_kept(live: LiveService, market: FakeMarket) -> None:
    """Claim: what cannot be followed is refused and leaves nothing behind. Provenance: our decision."""
    market.room = 0
    with pytest.raises(NoQuote) as caught:
        await live.start(["SPY"])
    assert caught.value.code == "no_line"
    assert live.status().follows == ()


async def test_a_chain_that_is_stopped_while_it_moves_keeps_no_line(
    live: LiveService, market: FakeMarket, board: LiveBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: a stop wins over a move under way."""
    await live.start([], ChainRequest(symbol="SPY", expiry=WEEK, strikes_around=3))
    (follow,) = live._follows.values()
    opening = market.follow

    async def stopped_meanwhile(*instruments: Any, **said: Any) -> Any:
        live.stop()
        return await opening(*instruments, **said)

    monkeypatch.setattr(FakeMarket, "follow", lambda _, *given, **said: stopped_meanwhile(*given, **said))
    board.flush()
    market.spot = Decimal("620.00")
    market.tick()
    board.flush()
    await live._follow_the_money(follow)
    assert board.size == 0
    assert all(stream.ended for stream in market.streams)


async def test_a_line_that_ends_is_said_with_its_reason(live: LiveService, market: FakeMarket) -> None:
    """Claim: a line that is refused or taken for an order is reported, not silently dead."""
    await live.start(["SPY", "SPX"])
    market.streams[0].ended = "taken for an order"
    market.streams[0].changed(SPY.con_id)
    report = live.status()
    assert [each.label for each in report.follows] == ["SPX"]
    assert report.closed == ("SPY was closed: taken for an order",)


async def test_a_chain_follows_the_underlying_and_strikes_around_the_money(live: LiveService) -> None:
    report = await live.start([], ChainRequest(symbol="SPY", expiry=WEEK, strikes_around=3))
    (follow,) = report.follows
    assert (follow.is_chain, follow.expiries) == (True, (WEEK,))
    assert follow.contracts == follow.followed == 1 + 2 * (2 * (3 + MARGIN) + 1)


async def test_starting_twice_joins_and_stopping_twice_is_harmless(
    live: LiveService, market: FakeMarket
) -> None:
    """Claim: one live chain serves everybody. Provenance: requirement SM4."""
    request = ChainRequest(symbol="SPY", expiry=WEEK, strikes_around=3)
    first = await live.start(["SPX"], request)
    opened = len(market.streams)
    again = await live.start(["SPX"], request)
    assert len(market.streams) == opened
    assert [each.live_id for each in again.follows] == [each.live_id for each in first.follows]
    assert len(live.stop(symbols=["spy"])) == 1
    assert live.stop(symbols=["SPY"]) == ()
    assert [each.label for each in live.status().follows] == ["SPX"]
    assert live.stop() == ("SPX",)
    assert live.status().contracts == 0


async def test_what_a_subscriber_holds_survives_a_stop(live: LiveService, board: LiveBoard) -> None:
    await live.start(["SPY"])
    await live.watch("SPY", "sumppump://quote/SPY")
    live.stop()
    assert board.size == 1
    assert live.status().watched == ("SPY",)
    live.unwatch("sumppump://quote/SPY")
    assert board.size == 0


async def test_a_chain_moves_with_the_money_and_gives_the_far_strikes_back(
    live: LiveService, market: FakeMarket, board: LiveBoard
) -> None:
    request = ChainRequest(symbol="SPY", expiry=WEEK, strikes_around=3)
    await live.start([], request)
    board.flush()
    wanted, arrived = make_option(SPY, WEEK, 613, Right.CALL).con_id, asyncio.Event()
    board.on_change.append(lambda changed: arrived.set() if wanted in changed else None)
    running = asyncio.create_task(live.run())
    market.spot = Decimal("610.00")
    market.tick()
    async with asyncio.timeout(5):
        await arrived.wait()
    running.cancel()
    assert board.quote(wanted) is not None
    assert board.quote(make_option(SPY, WEEK, 600, Right.CALL).con_id) is None
    (follow,) = live.status().follows
    assert follow.followed == follow.contracts == sum(not stream.ended for stream in market.streams)


async def test_a_followed_chain_has_its_skew_without_asking(
    live: LiveService, market: FakeMarket, board: LiveBoard
) -> None:
    """Claim: wings are followed once a volatility is known; all statistics come from memory."""
    request = ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=3)
    await live.start([], request)
    added = asyncio.Event()
    board.on_change.append(lambda _: added.set() if board.size > 23 else None)
    running = asyncio.create_task(live.run())
    market.tick()
    async with asyncio.timeout(5):
        await added.wait()
    running.cancel()
    market.asked.clear()
    chain = await live.chains.chain(request)
    assert market.asked == []
    assert chain.statistics is not None
    assert chain.statistics.skew is not None
    assert len(chain.rows) == 14


@pytest.mark.parametrize(
    ("underlying", "expiry", "trading_class"), [(SPY, TODAY, ""), (SPX, MONTH, "SPX"), (SPX, MONTH, "SPXW")]
)
async def test_a_chain_is_closed_at_its_real_last_moment(
    live: LiveService,
    market: FakeMarket,
    board: LiveBoard,
    clock: FakeClock,
    underlying: object,
    expiry: object,
    trading_class: str,
) -> None:
    """Claim: 0DTE at the close, AM-settled the evening before, by the exchange's clock. Requirement OC8."""
    request = ChainRequest(symbol=underlying.symbol, expiry=expiry, trading_class=trading_class)  # type: ignore[attr-defined,arg-type]
    await live.start([], request)
    last = make_option(underlying, expiry, 600, Right.CALL, trading_class).last_trade  # type: ignore[arg-type]
    clock.at = last - timedelta(seconds=1)
    board.flush()
    assert board.size > 1
    clock.at = last
    assert board.quote(underlying.con_id) is None or board.size == 0  # type: ignore[attr-defined]
    report = live.status()
    assert (report.follows, report.contracts) == ((), 0)
    assert all(stream.ended for stream in market.streams)
    assert "stopped trading" in report.closed[0]


async def test_what_has_stopped_trading_cannot_be_started(live: LiveService, clock: FakeClock) -> None:
    clock.at = make_option(SPY, TODAY, 600, Right.CALL).last_trade
    with pytest.raises(UnknownContract) as caught:
        await live.start([], ChainRequest(symbol="SPY", expiry=TODAY))
    assert caught.value.code == "expired"


async def test_by_delta_the_nearest_is_found(live: LiveService, board: LiveBoard) -> None:
    """Claim: nearest by absolute delta, among what is followed. Provenance: requirement OC6."""
    await live.start([], ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=20))
    board.flush()
    row = await live.get_by_delta("spy", Right.PUT, 0.30)
    assert row is not None
    others = [await live.get_by_delta("SPY", Right.PUT, each) for each in (0.29, 0.31)]
    assert abs(abs(row.delta or 0) - 0.30) < 0.03
    assert row.contract.right is Right.PUT
    assert all(other is not None for other in others)
    with pytest.raises(InvalidRequest):
        await live.get_by_delta("SPY", Right.PUT, 30)


async def test_a_missing_delta_matches_nothing(
    live: LiveService, board: LiveBoard, market: FakeMarket, clock: FakeClock
) -> None:
    """Claim: no Greeks are not a delta of 0. Provenance: the 0DTE page, lotto rule."""
    await live.start([], ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=2, right=Right.CALL))
    for stream in market.streams:
        market.missing.add(stream.instrument.con_id)
    market.missing.discard(SPY.con_id)
    market.tick()
    clock.advance(FIRST_PICTURE_S + 1)
    assert await live.get_by_delta("SPY", Right.CALL, 0.05) is None


async def test_of_two_equal_deltas_the_more_liquid_wins(
    live: LiveService, board: LiveBoard, market: FakeMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = FakeMarket._option

    def same_delta(self: FakeMarket, option: object, *rest: object, **more: object) -> Quote:
        quote = plain(self, option, *rest, **more)  # type: ignore[arg-type]
        assert quote.greeks is not None
        tight = replace(quote, greeks=replace(quote.greeks, delta=0.3), volume=1)
        return replace(tight, bid=tight.last) if option.strike == 603 else tight  # type: ignore[attr-defined]

    monkeypatch.setattr(FakeMarket, "_option", same_delta)
    await live.start([], ChainRequest(symbol="SPY", expiry=WEEK, strikes_around=5))
    board.flush()
    row = await live.get_by_delta("SPY", Right.CALL, 0.3)
    assert row is not None
    assert row.contract.strike == 603


async def test_our_greeks_stand_where_the_broker_sends_none(
    live: LiveService, board: LiveBoard, market: FakeMarket, clock: FakeClock
) -> None:
    """Claim: the broker's model, else ours from the live mid, labelled."""
    await live.start([], ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=2, right=Right.CALL))
    market.no_greeks.update(stream.instrument.con_id for stream in market.streams)
    market.tick()
    board.flush()
    clock.advance(FIRST_PICTURE_S + 1)
    row = await live.get_by_delta("SPY", Right.CALL, 0.5)
    assert row is not None
    assert row.quote.greeks is not None
    assert row.quote.greeks.source.value == "computed"


async def test_ticks_a_second_are_those_of_the_last_second(
    board: LiveBoard, market: FakeMarket, clock: FakeClock
) -> None:
    await board.hold("x", [SPY])
    board.flush()
    for _ in range(500):
        market.tick()
    clock.advance(HEARTBEAT_S)
    board.flush()
    assert board.updates_per_s == 500
    clock.advance(HEARTBEAT_S)
    board.flush()
    assert board.updates_per_s == 0


async def test_followed_options_on_an_underlying_are_told_once_they_have_begun(
    board: LiveBoard, market: FakeMarket
) -> None:
    """Not the underlying itself, not another's, and nothing before the first ticks."""
    other = make_option(SPX, MONTH, 600, Right.CALL, "SPXW")
    await board.hold("x", [SPY, CALL, PUT, other])
    assert board.options_on("SPY") == []
    market.tick()
    board.flush()
    assert [each.instrument for each in board.options_on("SPY")] == [CALL, PUT]
