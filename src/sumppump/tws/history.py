"""Bars of the past, asked at the pace that IBKR allows; an answer or an error, never a wait without end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from datetime import time as time_of_day

from ib_async.objects import BarData

from sumppump.domain.instruments import Instrument, SecType
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable, InvalidRequest, MarketDataError
from sumppump.tws import details
from sumppump.tws.history_errors import translated
from sumppump.tws.history_pacing import SMALL_BARS, BarsAsked, SmallBarPace
from sumppump.tws.joined import Joined
from sumppump.tws.lines import wire_contract
from sumppump.tws.link import Link
from sumppump.tws.numbers import decimal, finite, moment
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session, Wire
from sumppump.tws.settings import TwsSettings

BAR_SIZES = (
    *SMALL_BARS, "1 min", "2 mins", "3 mins", "5 mins", "10 mins", "15 mins", "20 mins", "30 mins",
    "1 hour", "2 hours", "3 hours", "4 hours", "8 hours", "1 day", "1 week", "1 month",
)  # fmt: skip
# Kinds of bars that count what was traded; the others have no volume, whatever stands in the field.
TRADED = ("TRADES", "ADJUSTED_LAST", "AGGTRADES")
WHATS = (
    *TRADED, "MIDPOINT", "BID", "ASK", "BID_ASK", "HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY",
)  # fmt: skip
_DURATION = re.compile(r"[1-9][0-9]{0,4} [SDWMY]")
# TWS takes its time for long histories.
PATIENCE = 3.0

Waiting = Callable[[float], None]


def _unheard(_wait_s: float) -> None:
    """Nobody asked to be told."""


class TwsHistory:
    """Historical bars."""

    def __init__(self, settings: TwsSettings, link: Link) -> None:
        self._settings, self._link = settings, link
        self._at_once = asyncio.Semaphore(settings.histories_at_once)
        self._pace = SmallBarPace(settings.history_pacing_s)
        self._joined: Joined[tuple[Bar, ...]] = Joined()

    async def bars(
        self,
        instrument: Instrument,
        *,
        duration: str,
        bar_size: str,
        what: str,
        regular_hours: bool,
        deadline_s: float,
        waiting: Waiting | None = None,
    ) -> Sequence[Bar]:
        """Bars, oldest first; equal requests that are under way are one.

        Raises:
            InvalidRequest: a word that TWS does not know, or a combination that it refuses.
            MarketDataError: there is no such history.
            NotSubscribed: the account may not see it.
            GatewayUnavailable: no answer by the deadline, or none to be had because of the pacing rules.
        """
        _check(duration, bar_size, what)
        asked = BarsAsked(
            con_id=instrument.con_id, exchange=instrument.exchange, duration=duration, bar_size=bar_size,
            what=what, regular_hours=regular_hours,
        )  # fmt: skip
        return await self._joined.ask(
            asked, lambda: self._by(deadline_s, instrument, asked, waiting or _unheard)
        )

    @asynccontextmanager
    async def turn(self, asked: BarsAsked, *, deadline_s: float) -> AsyncIterator[None]:
        """A turn for something that counts with the small bars.

        Raises:
            GatewayUnavailable: none comes by the deadline (`history_pacing`).
        """
        end = asyncio.get_running_loop().time() + deadline_s
        async with self._place(asked, end, _unheard):
            self._pace.goes(asked)
            yield

    @asynccontextmanager
    async def _place(self, asked: BarsAsked, end: float, waiting: Waiting) -> AsyncIterator[None]:
        """One of the places for histories under way; who waits for the pace holds none meanwhile."""
        await self._wait_for_pace(asked, end, waiting)
        async with self._at_once:
            # Others may have gone while this one waited for its place.
            await self._wait_for_pace(asked, end, waiting)
            yield

    async def _by(
        self, deadline_s: float, instrument: Instrument, asked: BarsAsked, waiting: Waiting
    ) -> tuple[Bar, ...]:
        end = asyncio.get_running_loop().time() + deadline_s
        try:
            async with asyncio.timeout_at(end), self._place(asked, end, waiting):
                session = self._link.online_session()
                rows = await self._ask(session, instrument, asked)
        except TimeoutError:
            raise self._silent(instrument.label) from None
        bars = (_bar(row, session, has_volume=_has_volume(instrument, asked.what)) for row in rows)
        return tuple(sorted(bars, key=lambda bar: bar.start))

    async def _wait_for_pace(self, asked: BarsAsked, end: float, waiting: Waiting) -> None:
        loop = asyncio.get_running_loop()
        while (wait_s := self._pace.wait_s(asked)) > 0:
            if loop.time() + wait_s > end:
                raise _not_before(wait_s)
            waiting(wait_s)
            await asyncio.sleep(wait_s)

    async def _ask(self, session: Session, instrument: Instrument, asked: BarsAsked) -> list[BarData]:
        request_id, contract, turn = next_request_id(), wire_contract(instrument), self._pace.goes(asked)

        def send(client: Wire, request_id: int) -> None:
            self._pace.written(turn)
            client.reqHistoricalData(
                request_id, contract, "", asked.duration, asked.bar_size, asked.what,
                int(asked.regular_hours), 2, False, [],
            )  # fmt: skip

        try:
            return await session.ask(
                send,
                what=f"history of {instrument.label}",
                timeout_s=self._settings.request_timeout_s * PATIENCE,
                request_id=request_id,
            )
        except BrokerRejected as error:
            raise translated(error, instrument.label) from error
        except (GatewayUnavailable, asyncio.CancelledError) as error:
            # Taken back, so that an answer that nobody waits for costs nothing.
            session.spawn(session.write_if_open(lambda client: client.cancelHistoricalData(request_id)))
            if isinstance(error, GatewayUnavailable) and error.code == "no_answer":
                raise self._silent(instrument.label) from error
            raise

    def _silent(self, label: str) -> GatewayUnavailable:
        broken = self._link.status().farms_down
        return GatewayUnavailable(
            f"TWS gave no history of {label} in time",
            code="no_answer",
            found=f"broken data farms: {', '.join(broken)}" if broken else None,
            next_steps=["Try again in a moment, or ask for a shorter duration."],
        )


def _not_before(wait_s: float) -> GatewayUnavailable:
    return GatewayUnavailable(
        f"IBKR allows no such bars of 30 s or less for another {wait_s:.0f} s",
        code="history_pacing",
        expected="not the same bars within 15 s, fewer than 6 requests for a contract in 2 s, 60 in 10 min",
        next_steps=[f"Ask again in {wait_s:.0f} s, or ask for bars of 1 min or more now."],
    )


def _check(duration: str, bar_size: str, what: str) -> None:
    if not _DURATION.fullmatch(duration):
        raise InvalidRequest(
            "a duration is a number and a unit", expected="for example 5 D, 2 W, 1 Y", found=repr(duration)
        )
    if bar_size not in BAR_SIZES:
        raise InvalidRequest("no such bar size", expected=", ".join(BAR_SIZES), found=repr(bar_size))
    if what not in WHATS:
        raise InvalidRequest("no such kind of history", expected=", ".join(WHATS), found=repr(what))


def _has_volume(instrument: Instrument, what: str) -> bool:
    """An index trades nothing, and a quote is no trade."""
    return what in TRADED and instrument.sec_type is not SecType.IND


def _volume(value: object) -> float | None:
    """What was traded; a coin in fractions, -1 where TWS has none."""
    number = finite(value)
    if number is None or number < 0:
        return None
    return int(number) if number.is_integer() else number


def _bar(row: BarData, session: Session, *, has_volume: bool) -> Bar:
    text = str(row.date)
    if len(text) == 8:
        start = datetime.combine(details.day(text), time_of_day(), NEW_YORK).astimezone(UTC)
    else:
        start = moment(text, zone=session.inbox.zone)
    prices = [decimal(value) for value in (row.open, row.high, row.low, row.close)]
    if any(price is None for price in prices):
        raise MarketDataError("TWS sent a bar without prices", code="no_history", found=text)
    first, high, low, close = (price for price in prices if price is not None)
    wap = decimal(row.average)
    return Bar(
        start=start, open=first, high=high, low=low, close=close,
        volume=_volume(row.volume) if has_volume else None,
        wap=wap if wap is not None and wap > 0 else None,
    )  # fmt: skip
