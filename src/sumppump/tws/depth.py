"""`ports.depth.DepthOfMarket` on TWS: subscribe, take the first whole book, cancel once.

TWS grants three books to all clients together. A cancel leaves before the subscription that needs its place.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from ib_async.contract import Contract

from sumppump.domain.depth import OrderBook, Row
from sumppump.domain.instruments import Instrument, SecType
from sumppump.kernel.errors import (
    BrokerRejected,
    GatewayUnavailable,
    MarketDataError,
    NotSubscribed,
    Retry,
    UnknownContract,
)
from sumppump.kernel.text import clean
from sumppump.ports.depth import DepthPicture
from sumppump.tws.clock import ServerClock
from sumppump.tws.depth_inbox import LiveBook, WireRow
from sumppump.tws.lines import wire_contract
from sumppump.tws.link import Link
from sumppump.tws.numbers import decimal
from sumppump.tws.pacing import Lane
from sumppump.tws.reference_inbox import DEPTH_EXCHANGES
from sumppump.tws.refusals import Refusal, in_our_words
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session
from sumppump.tws.settings import TwsSettings

AT_ONCE = 3
# Most rows of a side. A SMART book has a row for every exchange at a price, so that five prices take more
# than five rows; that TWS gives as many as twenty is unverified, that it cuts down what it does not give
# was seen on the embedded exchange only.
ROWS = 20
SMART = "SMART"
INDEX_OPTIONS = "CBOE"  # lists every option; those on indices trade nowhere else
LONELY_SETTLES = 5
PLACE_LIMIT = 12
_NEEDED = re.compile(r"additional market data permissions - Depth: ([^.]*)")
_BEST = "trade_get_quote shows the best bid and ask."
# IBKR's names of the depth subscriptions for US stocks; other exchanges are named by themselves.
_SUBSCRIBE = (
    "Subscribe to the depth of an exchange that trades it (US stocks: NYSE OpenBook, NYSE ArcaBook, NASDAQ "
    "TotalView, Cboe depth) in the Client Portal under Settings, Market Data Subscriptions.",
    _BEST,
)
REFUSALS = (
    *(
        Refusal(code=code, kind=NotSubscribed, message="the account has no depth of market for {label}",
                steps=_SUBSCRIBE)
        for code in (354, 10089, 10168, 10186)
    ),
    Refusal(code=10092, kind=MarketDataError, name="no_depth", message="TWS has no book of {label}",
            steps=(_BEST,)),
    Refusal(code=309, kind=GatewayUnavailable, name="depth_limit",
            message="TWS's books are all in use, by this program or others at the same TWS",
            steps=("Close a book in TWS, or try again in a moment.",)),
    Refusal(code=10197, kind=GatewayUnavailable, name="competing_session",
            message="another session of the same login takes the market data",
            steps=("Log the other session out, or wait until it ends.",)),
    Refusal(code=200, kind=UnknownContract, message="TWS does not know {label}"),
)  # fmt: skip


class TwsDepth:
    """Books of one connection's TWS."""

    def __init__(self, settings: TwsSettings, link: Link, clock: ServerClock) -> None:
        self._settings, self._link, self._clock = settings, link, clock
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._places: dict[str, tuple[str, ...]] = {}

    async def book(self, instrument: Instrument, *, deadline_s: float = 5.0) -> DepthPicture:
        """See `ports.depth.DepthOfMarket`."""
        session = self._link.online_session()
        exchange = await self._exchange(session, instrument)
        end = self._clock.monotonic() + deadline_s
        await self._turn(deadline_s)
        try:
            left_s = max(0.0, end - self._clock.monotonic())
            return await self._taken(self._link.online_session(), instrument, exchange, left_s)
        finally:
            self._slots.release()

    async def _turn(self, deadline_s: float) -> None:
        try:
            async with asyncio.timeout(deadline_s):
                await self._slots.acquire()
        except TimeoutError:
            raise GatewayUnavailable(
                f"{AT_ONCE} other books are open, and none was given back in {deadline_s:g} s",
                code="depth_limit", next_steps=["Ask for one book at a time."],
            ) from None  # fmt: skip

    async def _taken(
        self, session: Session, instrument: Instrument, exchange: str, deadline_s: float
    ) -> DepthPicture:
        await session.pacer.turn()
        request_id, is_smart = next_request_id(), exchange == SMART
        contract = _contract(instrument, exchange)
        with session.inbox.books.opened(request_id, ROWS) as live:
            session.write_now(lambda client: client.reqMktDepth(request_id, contract, ROWS, is_smart, []))
            try:
                await live.whole(
                    deadline_s=deadline_s,
                    settle_s=self._settings.settle_s,
                    lonely_s=self._settings.settle_s * LONELY_SETTLES,
                )
            finally:
                # TWS has forgotten what it refused or lost: a cancel would be an error (310).
                if not live.is_over:
                    session.spawn(_cancel(session, request_id, is_smart=is_smart))
            return self._picture(live, instrument, exchange)

    def _picture(self, live: LiveBook, instrument: Instrument, exchange: str) -> DepthPicture:
        if live.lost:
            raise GatewayUnavailable(live.lost)
        if live.failure is not None:
            raise in_our_words(
                BrokerRejected(*live.failure), REFUSALS, label=f"{instrument.label} on {exchange}",
                otherwise="TWS gave no book of {label}",
            )  # fmt: skip
        needed = _NEEDED.search(live.remark)
        return DepthPicture(
            instrument=instrument,
            book=OrderBook.of(_rows(live.bids), _rows(live.asks)),
            exchange=exchange,
            as_of=self._clock.at(live.touched or self._clock.monotonic()),
            missing=tuple(re.findall(r"\w+", needed[1])) if needed else (),
            broken=tuple(self._link.status().farms_down),
        )

    async def _exchange(self, session: Session, instrument: Instrument) -> str:
        """SMART for stocks; for anything else its own exchange if that has books, or the first that has."""
        kind = instrument.sec_type
        if kind is SecType.STK:
            return SMART
        if kind is SecType.IND:
            raise MarketDataError(
                f"{instrument.label} is an index: nobody trades it, so it has no book", code="no_depth",
                retry=Retry.AFTER_FIX, expected="a stock, option or future", found=instrument.label,
                next_steps=["Ask for an ETF on it (SPY for SPX), or for its future."],
            )  # fmt: skip
        places = self._places.get(kind) or await self._places_of(session, kind)
        wanted = (instrument.exchange, INDEX_OPTIONS, *places)
        return next((name for name in wanted if name in places), instrument.exchange)

    async def _places_of(self, session: Session, kind: SecType) -> tuple[str, ...]:
        rows = await session.ask_keyed(DEPTH_EXCHANGES, lambda client: client.reqMktDepthExchanges())
        names = dict.fromkeys(row.exchange for row in rows if row.secType == kind and row.exchange != SMART)
        self._places[kind] = tuple(names)
        return self._places[kind]


async def _cancel(session: Session, request_id: int, *, is_smart: bool) -> None:
    # Not in the lane of releases: the next subscription needs the place, and has to come behind this.
    await session.write_if_open(lambda client: client.cancelMktDepth(request_id, is_smart), lane=Lane.REQUEST)


def _contract(instrument: Instrument, exchange: str) -> Contract:
    contract = wire_contract(instrument)
    contract.exchange = exchange
    return contract


def _rows(rows: Sequence[WireRow]) -> tuple[Row, ...]:
    """Rows that say something: a price and a size above 0."""
    read = ((decimal(row.price), decimal(row.size), clean(row.place, limit=PLACE_LIMIT)) for row in rows)
    return tuple(
        Row(price=price, size=size.normalize(), place=place) for price, size, place in read
        if price is not None and price > 0 and size is not None and size > 0
    )  # fmt: skip
