"""Bars of the past, asked at the pace that IBKR allows; an answer or an error, never a wait without end.

Bars of 30 seconds and less, and single ticks (IBKR, "Historical Data Limitations"): no identical request
within 15 s, not six for one contract within 2 s, not more than 60 in ten minutes. Larger bars are only
limited at a time.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from datetime import time as time_of_day

from ib_async.objects import BarData

from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import (
    BrokerRejected,
    GatewayUnavailable,
    InvalidRequest,
    MarketDataError,
    NotSubscribed,
    SumpPumpError,
    UnknownContract,
)
from sumppump.tws import details
from sumppump.tws.lines import wire_contract
from sumppump.tws.link import Link
from sumppump.tws.numbers import count, decimal, moment
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session
from sumppump.tws.settings import TwsSettings

SMALL_BARS = ("1 secs", "5 secs", "10 secs", "15 secs", "30 secs")
BAR_SIZES = (
    *SMALL_BARS, "1 min", "2 mins", "3 mins", "5 mins", "10 mins", "15 mins", "20 mins", "30 mins",
    "1 hour", "2 hours", "3 hours", "4 hours", "8 hours", "1 day", "1 week", "1 month",
)  # fmt: skip
WHATS = (
    "TRADES", "MIDPOINT", "BID", "ASK", "BID_ASK", "ADJUSTED_LAST", "HISTORICAL_VOLATILITY",
    "OPTION_IMPLIED_VOLATILITY",
)  # fmt: skip
_DURATION = re.compile(r"[1-9][0-9]{0,4} [SDWMY]")
AT_ONCE = 6
SAME_CONTRACT, SAME_CONTRACT_S = 5, 2.0
IN_TEN_MINUTES, TEN_MINUTES_S = 60, 600.0
# TWS takes its time for long histories.
PATIENCE = 3.0


class SmallBarPace:
    """When requests for small bars were sent, and how long the next one has to wait."""

    def __init__(self, identical_s: float) -> None:
        self._identical_s = identical_s
        self._sent: deque[tuple[float, int, object]] = deque()

    def wait_s(self, con_id: int, request: object) -> float:
        """Seconds until this request may go."""
        now = time.monotonic()
        while self._sent and self._sent[0][0] < now - TEN_MINUTES_S:
            self._sent.popleft()
        waits = [at + self._identical_s - now for at, _, other in self._sent if other == request]
        same = [at for at, other, _ in self._sent if other == con_id]
        if len(same) >= SAME_CONTRACT:
            waits.append(same[-SAME_CONTRACT] + SAME_CONTRACT_S - now)
        if len(self._sent) >= IN_TEN_MINUTES:
            waits.append(self._sent[-IN_TEN_MINUTES][0] + TEN_MINUTES_S - now)
        return max(0.0, *waits) if waits else 0.0

    def sent(self, con_id: int, request: object) -> None:
        """It goes now."""
        self._sent.append((time.monotonic(), con_id, request))


class TwsHistory:
    """Historical bars."""

    def __init__(self, settings: TwsSettings, link: Link) -> None:
        self._settings, self._link = settings, link
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._pace = SmallBarPace(settings.history_pacing_s)
        self._pacing = asyncio.Lock()

    async def bars(
        self, instrument: Instrument, *, duration: str, bar_size: str, what: str, regular_hours: bool
    ) -> Sequence[Bar]:
        """Bars, oldest first.

        Raises:
            InvalidRequest: a word that TWS does not know, or a combination that it refuses.
            MarketDataError: there is no such history.
            NotSubscribed: the account may not see it.
            GatewayUnavailable: no answer, or too many questions.
        """
        _check(duration, bar_size, what)
        async with self._at_once:
            if bar_size in SMALL_BARS:
                await self._wait_for_pace(instrument.con_id, (instrument.con_id, duration, bar_size, what))
            session = self._link.online_session()
            rows = await self._ask(
                session, instrument, duration=duration, bar_size=bar_size, what=what, regular=regular_hours
            )
        return tuple(sorted((_bar(row, session) for row in rows), key=lambda bar: bar.start))

    @asynccontextmanager
    async def turn(self, con_id: int, request: object, *, weight: int = 1) -> AsyncIterator[None]:
        """A turn for something else that IBKR counts with small bars; `weight` 2 for bids and asks.

        Raises:
            GatewayUnavailable: it would take too long (`history_pacing`).
        """
        async with self._at_once:
            for part in range(weight):
                await self._wait_for_pace(con_id, (request, part))
            yield

    async def _wait_for_pace(self, con_id: int, request: object) -> None:
        async with self._pacing:
            wait_s = self._pace.wait_s(con_id, request)
            if wait_s > self._settings.request_timeout_s * PATIENCE:
                raise GatewayUnavailable(
                    f"IBKR allows no more bars of 30 s or less for {wait_s:.0f} s", code="history_pacing",
                    next_steps=["Ask for bars of 1 min or more, or wait."],
                )  # fmt: skip
            await asyncio.sleep(wait_s)
            self._pace.sent(con_id, request)

    async def _ask(
        self, session: Session, instrument: Instrument, *,
        duration: str, bar_size: str, what: str, regular: bool,
    ) -> list[BarData]:  # fmt: skip
        request_id = next_request_id()
        contract = wire_contract(instrument)
        try:
            return await session.ask(
                lambda client, request_id: client.reqHistoricalData(
                    request_id, contract, "", duration, bar_size, what, int(regular), 2, False, []
                ),
                what=f"history of {instrument.label}",
                timeout_s=self._settings.request_timeout_s * PATIENCE,
                request_id=request_id,
            )
        except BrokerRejected as error:
            raise translated(error, instrument.label) from error
        except GatewayUnavailable:
            session.spawn(session.write_if_open(lambda client: client.cancelHistoricalData(request_id)))
            raise


def _check(duration: str, bar_size: str, what: str) -> None:
    if not _DURATION.fullmatch(duration):
        raise InvalidRequest(
            "a duration is a number and a unit", expected="for example 5 D, 2 W, 1 Y", found=repr(duration)
        )
    if bar_size not in BAR_SIZES:
        raise InvalidRequest("no such bar size", expected=", ".join(BAR_SIZES), found=repr(bar_size))
    if what not in WHATS:
        raise InvalidRequest("no such kind of history", expected=", ".join(WHATS), found=repr(what))


def translated(error: BrokerRejected, label: str) -> SumpPumpError:
    """TWS's refusal in our words; 162 means four different things, told apart by its text only."""
    text = error.text.lower()
    if error.ib_code == details.NO_SUCH_CONTRACT:
        return UnknownContract(f"TWS does not know {label}", found=error.text)
    if error.ib_code == 321:
        return InvalidRequest(f"TWS refuses this history of {label}", found=error.text)
    if error.ib_code == 162 and "permission" in text:
        return NotSubscribed(f"no history of {label}: {error.text}", ib_code=162)
    if error.ib_code == 162 and ("no data" in text or "invalid step" in text):
        return MarketDataError(f"there is no such history of {label}", code="no_history", found=error.text)
    if error.ib_code == 162 and "pacing" in text:
        return GatewayUnavailable(
            "IBKR says that too much history was asked for", code="history_pacing", found=error.text,
            next_steps=["Wait a minute.", "Ask for larger bars."],
        )  # fmt: skip
    return GatewayUnavailable(
        f"TWS gave no history of {label}", code="request_refused", found=f"TWS {error.ib_code}: {error.text}"
    )


def _bar(row: BarData, session: Session) -> Bar:
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
        start=start, open=first, high=high, low=low, close=close, volume=count(row.volume),
        wap=wap if wap is not None and wap > 0 else None,
    )  # fmt: skip
