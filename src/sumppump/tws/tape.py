"""`ports.tape.Tape` on TWS: historical ticks, at the pace of small bars, quotes counting twice.

That IBKR counts single ticks with the small bars is unverified; to be too slow is the safer mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ib_async.objects import HistoricalTickBidAsk, HistoricalTickLast

from sumppump.domain.instruments import Instrument
from sumppump.domain.tape import BidAsk, Trade
from sumppump.kernel.errors import BrokerRejected, MarketDataError, NotSubscribed, UnknownContract
from sumppump.kernel.text import clean
from sumppump.tws.history import PATIENCE, TwsHistory
from sumppump.tws.history_pacing import SMALL_BARS, BarsAsked
from sumppump.tws.lines import wire_contract
from sumppump.tws.link import Link
from sumppump.tws.numbers import count as whole
from sumppump.tws.numbers import decimal
from sumppump.tws.refusals import Refusal, in_our_words
from sumppump.tws.settings import TwsSettings

TRADES, BID_ASK = "TRADES", "BID_ASK"
MARK_LIMIT = 12
SECOND, LATELY = timedelta(seconds=1), timedelta(seconds=15)
REFUSALS = (
    Refusal(
        code=10187, words="permission", kind=NotSubscribed, message="no ticks of {label}",
        steps=("Past ticks need a live subscription, also where delayed quotes are allowed.",
               "trade_check_market_data says what is missing."),
    ),
    Refusal(code=10187, words="no data", kind=MarketDataError, name="no_history",
            message="there are no such ticks of {label}"),
    Refusal(code=200, kind=UnknownContract, message="TWS does not know {label}"),
)  # fmt: skip


class TwsTape:
    """Single ticks of the past; shares the pace of the bars."""

    def __init__(self, settings: TwsSettings, link: Link, history: TwsHistory) -> None:
        self._settings, self._link, self._history = settings, link, history
        self._asked: dict[object, datetime] = {}

    async def trades(self, instrument: Instrument, *, until: datetime, count: int) -> Sequence[Trade]:
        """See `ports.tape.Tape`."""
        rows = await self._ticks(instrument, TRADES, until, count)
        return tuple(trade for row in rows if (trade := _trade(row)) is not None)

    async def quotes(self, instrument: Instrument, *, until: datetime, count: int) -> Sequence[BidAsk]:
        """See `ports.tape.Tape`."""
        return tuple(_bid_ask(row) for row in await self._ticks(instrument, BID_ASK, until, count))

    async def _ticks(self, instrument: Instrument, what: str, until: datetime, count: int) -> list[Any]:
        end = f"{self._own_end((instrument.con_id, what, count), until).astimezone(UTC):%Y%m%d-%H:%M:%S}"
        contract, patience_s = wire_contract(instrument), self._settings.request_timeout_s * PATIENCE
        asked = BarsAsked(
            con_id=instrument.con_id, exchange=instrument.exchange, duration=f"{count} before {end}",
            bar_size=SMALL_BARS[0], what=what, regular_hours=False,
        )  # fmt: skip
        async with self._history.turn(asked, deadline_s=patience_s):
            try:
                return await self._link.online_session().ask(
                    lambda client, request_id: client.reqHistoricalTicks(
                        request_id, contract, "", end, count, what, 0, False, []
                    ),
                    what=f"the last ticks of {instrument.label}",
                    timeout_s=patience_s,
                )
            except BrokerRejected as error:
                raise in_our_words(
                    error, REFUSALS, label=instrument.label, otherwise="TWS gave no ticks of {label}"
                ) from error

    def _own_end(self, key: object, until: datetime) -> datetime:
        """A second that no equal question named lately: the same one again would have to wait 15 s.

        It may lie a little after `until`, where there are no ticks yet.
        """
        last = self._asked.get(key)
        if last is not None and until <= last + SECOND <= until + LATELY:
            until = last + SECOND
        self._asked[key] = until
        return until


def _trade(row: HistoricalTickLast) -> Trade | None:
    """A trade; None for a row without a price, which is none."""
    price = decimal(row.price)
    if price is None:
        return None
    return Trade(
        at=row.time, price=price,
        size=whole(row.size) or None,  # an index has levels, of nothing
        exchange=clean(row.exchange, limit=MARK_LIMIT),
        conditions=clean(row.specialConditions, limit=MARK_LIMIT * 2),
        is_unreported=row.tickAttribLast.unreported,
    )  # fmt: skip


def _bid_ask(row: HistoricalTickBidAsk) -> BidAsk:
    bid, ask = (_side(row.priceBid), _side(row.priceAsk))
    return BidAsk(
        at=row.time, bid=bid, ask=ask,
        bid_size=whole(row.sizeBid) if bid is not None else None,
        ask_size=whole(row.sizeAsk) if ask is not None else None,
    )  # fmt: skip


def _side(value: float) -> Decimal | None:
    price = decimal(value)
    return price if price is not None and price > 0 else None
