"""Data that stops without a word: another session, broken farms, connectivity that comes and goes."""

from __future__ import annotations

import asyncio

import pytest
from tests.protocol.gateway.bad_days import BadDay, bad_day

from sumppump.domain.quotes import Feed
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.ports.broker import LinkChanged
from sumppump.tws.settings import TwsSettings


def stale_because(day: BadDay, word: str) -> bool:
    """Whether all that is followed is stale, keeps its last numbers and says why."""
    return all(quote.is_stale and word in quote.notice and quote.bid for quote in day.quotes)


async def test_f14_another_session_of_the_login_makes_quotes_stale_and_the_log_says_it_once() -> None:
    """F-14: bursts of 10197; new quotes come back empty at once; all resumes when the other has gone."""
    async with bad_day() as day:
        await day.follow()
        day.cause("F-14", burst=20, every=2)
        await day.until(lambda: stale_because(day, "10197"))
        (quote,) = await day.gateway.market.quotes(day.contracts[:1])
        assert (quote.is_stale, "another session" in quote.notice) == (True, True)
        day.heal("F-14")
        await day.until(lambda: day.is_current)
        assert all(quote.notice == "" for quote in day.quotes)
        assert len([line for line in day.logged if "10197" in line]) == 1
        assert day.lines_at_tws == day.gateway.market.lines()[0]


async def test_f14_a_contract_that_is_asked_for_meanwhile_has_no_number_and_the_reason() -> None:
    """F-14: at once, not after ten seconds of silence."""
    async with bad_day() as day:
        spy = await day.gateway.directory.underlying("SPY")
        day.cause("F-14", every=0)
        async with asyncio.timeout(2):
            (quote,) = await day.gateway.market.quotes([spy], deadline_s=60)
        assert (quote.bid, quote.last, quote.feed) == (None, None, Feed.NONE)
        assert "another session of the same login takes the market data (TWS 10197)" in quote.notice
        assert day.gateway.market.lines()[0] == 0


@pytest.mark.parametrize("streams", ["resume", "dead"])
async def test_f22_after_a_farm_outage_ticks_resume_or_are_asked_for_once_more(streams: str) -> None:
    """F-22: "farm OK" does not always bring the ticks back; ten seconds with the default windows."""
    async with bad_day() as day:
        await day.follow()
        day.cause("F-22", seconds=0, streams=streams)
        await day.until(lambda: stale_because(day, "the market data farm usfarm is broken (TWS 2103)"))
        assert day.gateway.broker.link().farms_down == ("usfarm",)
        day.heal("F-22")
        await day.until(lambda: day.is_current)
        assert day.lines_at_tws == day.gateway.market.lines()[0] == len(day.streams)
        assert len(day.rig.all(LinkChanged)) == 3  # connected, farm down, farm up: never torn down
    default = TwsSettings()
    assert default.resume_s + 2 * default.line_limit / default.messages_per_s <= 10


async def test_f22_a_history_farm_does_not_make_quotes_stale() -> None:
    """F-22, 2105: ticks go on, and the farm is named."""
    async with bad_day() as day:
        await day.follow(1)
        day.cause("F-22", farm="history", seconds=0)
        await day.until(lambda: day.gateway.broker.link().farms_down == ("ushmds",))
        assert day.is_current


async def test_f23_a_farm_that_flaps_tears_nothing_down_and_does_not_fill_the_log() -> None:
    """F-23: the same connection, the same lines, one line of the log a minute for each sentence."""
    async with bad_day() as day:
        await day.follow(2)
        day.cause("F-23", seconds=0.5, flaps=8)
        await day.until(lambda: len(day.rig.all(LinkChanged)) >= 17)
        await day.until(lambda: day.is_current)
        assert all(event.status.connected for event in day.rig.all(LinkChanged))
        assert day.lines_at_tws == len(day.streams)
        assert len([line for line in day.logged if "2103" in line]) == 1


async def test_f59_without_connectivity_quotes_are_stale_and_new_ones_are_an_error() -> None:
    """F-59: 1100 for twenty minutes on a socket that lives; afterwards everything goes on by itself."""
    async with bad_day(speed=50.0) as day:
        await day.follow()
        day.cause("F-59", seconds=0)
        await day.until(lambda: stale_because(day, "TWS has lost its connection to IB (TWS 1100)"))
        with pytest.raises(GatewayUnavailable, match="1100"):
            await day.gateway.market.quotes(day.contracts)
        with pytest.raises(GatewayUnavailable, match="1100"):
            await day.gateway.market.follow(day.contracts, changed=lambda _: None)
        with pytest.raises(GatewayUnavailable, match="1100"):
            await day.gateway.accounts.positions()
        day.heal("F-59")
        await day.until(lambda: day.is_current)
        assert day.lines_at_tws == len(day.streams)


async def test_f60_after_1101_every_line_is_subscribed_again_and_none_is_lost() -> None:
    """F-60: TWS has forgotten the subscriptions; its count and ours are what they were."""
    async with bad_day() as day:
        await day.follow(20)
        before = day.lines_at_tws
        day.cause("F-60", seconds=0)
        await day.until(lambda: stale_because(day, "1100"))
        day.heal("F-60")
        await day.until(lambda: day.is_current)
        assert (day.lines_at_tws, day.gateway.market.lines()[0]) == (before, before)
        assert before == 21
        assert [stream.ended for stream in day.streams] == [""] * 21


async def test_f61_connectivity_that_is_back_in_the_middle_of_a_question_brings_the_ticks_back() -> None:
    """F-61: 1102 while positions are asked for; the answer is whole, and a further round is asked for."""
    async with bad_day() as day:
        await day.follow(2)
        day.cause("F-61", seconds=0)
        await day.until(lambda: stale_because(day, "1100"))
        rounds = len([event for event in day.rig.all(LinkChanged) if event.needs_reconcile])
        session = day.gateway._link.session()
        session.client.reqPositions()
        await day.until(lambda: day.is_current)
        assert len([event for event in day.rig.all(LinkChanged) if event.needs_reconcile]) == rounds + 1
        assert day.lines_at_tws == len(day.streams)
