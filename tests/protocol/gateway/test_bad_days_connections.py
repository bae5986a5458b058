"""Bytes and sockets that misbehave: what is followed is stale meanwhile, and comes back complete."""

from __future__ import annotations

import time

import pytest
from tests.protocol.gateway.bad_days import BadDay, bad_day

from sumppump.kernel.errors import GatewayUnavailable
from sumppump.tws import link


async def back_after_a_new_connection(day: BadDay) -> None:
    """The old numbers are shown as stale, then everything is there again, line for line."""
    followed = len(day.streams)
    await day.until(lambda: not day.rig.connected)
    for quote in day.quotes:
        assert (quote.is_stale, quote.bid is None) == (True, False)
        assert "there is no connection to TWS" in quote.notice
    await day.until(lambda: day.rig.connected and day.is_current)
    assert day.lines_at_tws == day.gateway.market.lines()[0] == followed
    assert [stream.ended for stream in day.streams] == [""] * followed


async def test_f37_a_tws_that_takes_connections_and_says_nothing_is_no_connection() -> None:
    """F-37: given up after the time-out, asked again; what is followed comes back when TWS does."""
    async with bad_day(handshake_timeout_s=0.1) as day:
        await day.follow(2)
        day.cause("F-37")
        for session in list(day.server.hall.sessions):
            session.cut(reset=True)
        await day.until(lambda: "did not answer the handshake" in day.gateway.broker.link().reason)
        with pytest.raises(GatewayUnavailable, match="handshake"):
            await day.gateway.market.quotes(day.contracts)
        day.heal("F-37")
        await day.until(lambda: day.rig.connected and day.is_current)
        assert day.lines_at_tws == len(day.streams)


async def test_f40_a_loop_that_stood_still_keeps_its_connection_and_its_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F-40: longer than two heartbeats; the pause is in the log, and no line is asked for again."""
    monkeypatch.setattr(link, "LAG_S", 0.2)
    async with bad_day() as day:
        await day.follow(2)
        time.sleep(0.4)  # noqa: ASYNC251 - this is the fault: garbage collection, a disk, a busy machine
        await day.until(lambda: any("stood still" in line for line in day.logged))
        await day.until(lambda: day.is_current)
        assert (day.rig.connected, day.lines_at_tws) == (True, len(day.streams))
        assert sum("connected to TWS" in line for line in day.logged) == 1


async def test_f45_a_black_hole_is_noticed_and_what_is_followed_survives_it() -> None:
    """F-45: no reset and no bytes; two heartbeats find out."""
    async with bad_day() as day:
        await day.follow(2)
        day.cause("F-45")
        await day.until(lambda: not day.rig.connected)
        assert all(quote.is_stale for quote in day.quotes)
        assert any("silent" in line for line in day.logged)
        day.heal("F-45")
        await day.until(lambda: day.rig.connected and day.is_current)
        assert day.lines_at_tws == len(day.streams)


@pytest.mark.parametrize(("size", "together"), [(1, 0), (0, 200)])
async def test_f55_pieces_of_any_size_make_the_same_quotes(size: int, together: int) -> None:
    """F-55: one byte at a time, or two hundred messages at once."""
    async with bad_day(speed=1.0, heartbeat_s=2.0) as day:
        spy, options = await day.listed(3)
        day.cause("F-55", size=size, together=together, seconds=0.2)
        quotes = await day.gateway.market.quotes([spy, *options])
        assert all(quote.bid and quote.ask and quote.bid < quote.ask for quote in quotes)
        assert all(quote.greeks is not None for quote in quotes[1:])
        assert day.gateway.broker.link().decoder_errors == 0


@pytest.mark.parametrize("damage", ["zero-length", "huge-length", "negative-length", "truncated"])
async def test_f56_a_stream_of_bytes_that_lost_its_measure_is_dropped_and_begun_anew(damage: str) -> None:
    """F-56: nothing of the broken stream is kept, nothing of it becomes a number."""
    async with bad_day() as day:
        await day.follow(2)
        conn = day.gateway._link.session().client.conn
        day.cause("F-56", damage=damage)
        await back_after_a_new_connection(day)
        assert len(conn._buffer) == 0


async def test_f58_a_client_that_tws_dropped_for_reading_too_slowly_comes_back_with_all_its_lines() -> None:
    """F-58: whatever was lost in between is made good by new pictures."""
    async with bad_day(speed=20.0) as day:
        await day.follow(4)
        day.cause("F-58", bytes_per_second=1, backlog=200)
        await day.until(lambda: not day.rig.connected)
        assert all(quote.is_stale and quote.bid for quote in day.quotes)
        day.heal("F-58")
        await day.until(lambda: day.rig.connected and day.is_current)
        assert day.lines_at_tws == len(day.streams)
