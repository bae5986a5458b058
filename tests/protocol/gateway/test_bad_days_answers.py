"""Answers that never end, make no sense or say nothing: no number is invented, and reads go on."""

from __future__ import annotations

import dataclasses
import math

import pytest
from tests.protocol.gateway.bad_days import bad_day

from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Premium


def numbers_of(quote: Quote) -> list[float]:
    """Every number in a quote, with its Greeks."""
    found = [*dataclasses.asdict(quote.greeks).values()] if quote.greeks else []
    for each in dataclasses.fields(quote):
        value = getattr(quote, each.name)
        found += [float(value.amount)] if isinstance(value, Premium) else [value]
    return [value for value in found if isinstance(value, int | float) and not isinstance(value, bool)]


async def test_f30_executions_without_an_end_fail_and_quotes_go_on() -> None:
    """F-30: never an empty list for "not known"; the market does not wait for it."""
    async with bad_day(request_timeout_s=0.2) as day:
        await day.follow(1)
        day.cause("F-30")
        with pytest.raises(GatewayUnavailable, match="did not answer"):
            await day.gateway.broker.executions()
        quotes = await day.gateway.market.quotes(day.contracts)
        assert all(quote.bid for quote in quotes)
        assert await day.gateway.broker.executions() == ()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "US/Central"])
async def test_f38_the_zone_of_tws_moves_neither_quotes_nor_expiries(zone: str) -> None:
    """F-38: a last trading moment is the exchange's, wherever TWS is installed; quotes are stamped in UTC."""
    async with bad_day(speed=1.0) as day:
        expected = (await day.listed(1))[1][0].last_trade
        day.cause("F-38", tz=zone)
        for session in list(day.server.hall.sessions):
            session.cut(reset=True)
        await day.until(lambda: sum("connected to TWS" in line for line in day.logged) == 2)
        spy, (option,) = await day.listed(1)
        (quote,) = await day.gateway.market.quotes([spy])
        assert option.last_trade == expected
        assert abs((quote.as_of - day.server.venue.now).total_seconds()) < 2


@pytest.mark.parametrize("value", ["nan", "-1", "0", "max"])
async def test_f39_what_is_no_number_is_none_in_quotes_and_streams(value: str) -> None:
    """F-39: with a reason; neither NaN nor -1, 0 or 1.797e308 stands in for a price, a size or a Greek."""
    async with bad_day() as day:
        qqq, (_, options) = await day.gateway.directory.underlying("QQQ"), await day.listed(3)
        day.cause("F-39", value=value, one_in=1)
        quotes = await day.gateway.market.quotes([qqq, *options], deadline_s=0.3)
        streams = await day.gateway.market.follow(options, changed=lambda _: day.rig.pulse.beat())
        await day.until(lambda: all(stream.quote().feed is Feed.LIVE for stream in streams))
        for quote in [*quotes, *(stream.quote() for stream in streams)]:
            assert (quote.bid, quote.ask, quote.last, quote.mid, quote.greeks) == (None,) * 5
            assert all(math.isfinite(number) and number >= 0 for number in numbers_of(quote))
        assert all(quote.greeks_missing for quote in quotes[1:])
        day.heal("F-39")
        await day.until(lambda: all(stream.quote().bid and stream.quote().greeks for stream in streams))


async def test_f41_a_question_that_is_never_answered_ends_with_its_time_out() -> None:
    """F-41: contract details of a combo are never asked for; those of anything else end in time."""
    async with bad_day(request_timeout_s=0.2) as day:
        await day.follow(1)
        day.cause("F-41", combos_only=False)
        with pytest.raises(GatewayUnavailable, match="did not answer"):
            await day.gateway.directory.underlying("AAPL")
        assert day.is_current


@pytest.mark.parametrize("damage", ["unknown-id", "missing-field", "extra-field"])
async def test_f57_a_price_in_the_words_of_another_tws_is_counted_and_the_ticks_go_on(damage: str) -> None:
    """F-57: no field is read for its neighbour; whoever follows does not notice."""
    async with bad_day() as day:
        await day.follow(2)
        day.cause("F-57", damage=damage, message=1, times=3)
        await day.until(lambda: day.gateway.broker.link().decoder_errors >= 3)
        assert (day.rig.connected, day.is_current, day.lines_at_tws) == (True, True, len(day.streams))
