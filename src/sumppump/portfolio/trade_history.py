"""What has been traded and what it made, as far back as anybody here knows: our journal, the broker's today.

The broker tells executions of today alone (TWS's law for `reqExecutions`); everything older is what our own
orders wrote down. Statistics count trips with a known result, and the rest is counted apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sumppump.data.arguments import ticker, within
from sumppump.domain.expiry_close import Closes
from sumppump.domain.instruments import SecType
from sumppump.domain.journal import Book
from sumppump.domain.orders import Fill
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.kernel.money import Money, whole_sum
from sumppump.portfolio.expiry_closes import ExpiryCloses
from sumppump.portfolio.round_trips import Kind, RoundTrip, round_trips, trips_of_others
from sumppump.ports.broker import Broker

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """What is asked for.

    Attributes:
        days_back: calendar days in New York, today included as day 0.
        symbol: an underlying; None for all.
        include_executions: whether today's executions are listed.
        min_pnl: signed: -500 keeps what lost at most 500; 100 keeps what made at least 100.
        kind: None for all.
    """

    days_back: int = 30
    symbol: str | None = None
    include_executions: bool = True
    min_pnl: Decimal | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Statistics over trips with a known result, all in one currency.

    Attributes:
        trades: how many; wins made money, losses lost some, the rest came out even.
        win_rate: wins of all of them, 0 to 1. average_win, average_loss: cash, the loss negative.
        profit_factor: what wins made over what losses lost; None without a loss.
    """

    trades: int
    wins: int
    losses: int
    total: Money | None
    win_rate: float | None = None
    average_win: Money | None = None
    average_loss: Money | None = None
    profit_factor: float | None = None
    best: RoundTrip | None = None
    worst: RoundTrip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeHistory:
    """Trips, newest first, and executions of today.

    Attributes:
        since: the first day asked for. journal_since: when our journal begins, None while it is empty.
        unknown: trips in the list without a result. dropped: those that a `min_pnl` cannot judge.
        executions: of the account today, newest first; None where not asked for, or not told.
    """

    query: HistoryQuery
    as_of: datetime
    since: date
    journal_since: datetime | None
    trips: tuple[RoundTrip, ...]
    tally: Tally
    unknown: int = 0
    dropped: int = 0
    executions: tuple[Fill, ...] | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeHistoryService:
    """Reads the past; changes nothing.

    Attributes:
        closes: of expiry days, for options whose end the broker did not tell; None: nobody is asked.
    """

    broker: Broker
    book: Callable[[], Book]
    clock: Clock
    closes: ExpiryCloses | None = None

    async def history(self, query: HistoryQuery) -> TradeHistory:
        """What was closed since, and what it made.

        Raises:
            InvalidRequest: a field that cannot be meant.
        """
        within("days_back", query.days_back, 0, MOST_DAYS, "calendar days")
        wanted = ticker(query.symbol) if query.symbol else None
        now, book = self.clock.now(), self.book()
        since = _day(now) - timedelta(days=query.days_back)
        (fills, warnings), closes = await asyncio.gather(self._executions(), self._closes(book))
        trips = [
            trip
            for trip in (*round_trips(book, closes), *trips_of_others(book, fills))
            if _day(trip.closed_at) >= since
            and wanted in (None, trip.symbol)
            and query.kind in (None, trip.kind)
        ]
        kept = [trip for trip in trips if _is_enough(trip, query.min_pnl)]
        here = [fill for fill in fills if wanted in (None, fill.symbol)]
        return TradeHistory(
            query=query,
            as_of=now,
            since=since,
            journal_since=book.began,
            trips=tuple(sorted(kept, key=lambda trip: trip.closed_at, reverse=True)),
            tally=tally(kept),
            unknown=sum(trip.pnl is None for trip in kept),
            dropped=0 if query.min_pnl is None else sum(trip.pnl is None for trip in trips),
            executions=_listed(here) if query.include_executions and not warnings else None,
            warnings=warnings,
        )

    async def closed_today(self) -> TradeHistory:
        """What was closed today in New York."""
        return await self.history(HistoryQuery(days_back=0, include_executions=False))

    async def _closes(self, book: Book) -> Closes:
        return {} if self.closes is None else await self.closes.of(book)

    async def _executions(self) -> tuple[Sequence[Fill], tuple[str, ...]]:
        """Today's executions; the journal speaks without them, and says so."""
        try:
            return await self.broker.executions(), ()
        except SumpPumpError as error:
            return (), (f"without the broker's executions of today: {error.message}",)


def tally(trips: Sequence[RoundTrip]) -> Tally:
    """The statistics; of several currencies there is no total."""
    known = [(trip, trip.pnl) for trip in trips if trip.pnl is not None]
    wins = [pnl for _, pnl in known if pnl.amount > 0]
    losses = [pnl for _, pnl in known if pnl.amount < 0]
    if len({pnl.currency for _, pnl in known}) > 1 or not known:
        return Tally(trades=len(known), wins=len(wins), losses=len(losses), total=None)
    ranked = [trip for trip, _ in sorted(known, key=lambda pair: pair[1].amount)]
    won, lost = whole_sum(wins), whole_sum(losses)
    return Tally(
        trades=len(known),
        wins=len(wins),
        losses=len(losses),
        total=whole_sum([pnl for _, pnl in known]),
        win_rate=len(wins) / len(known),
        average_win=_mean(won, len(wins)),
        average_loss=_mean(lost, len(losses)),
        profit_factor=float((won.amount if won else Decimal(0)) / -lost.amount) if lost else None,
        best=ranked[-1],
        worst=ranked[0],
    )


def _mean(total: Money | None, count: int) -> Money | None:
    return None if total is None else Money(total.amount / count, total.currency)


def _is_enough(trip: RoundTrip, least: Decimal | None) -> bool:
    return least is None or (trip.pnl is not None and trip.pnl.amount >= least)


def _listed(fills: Sequence[Fill]) -> tuple[Fill, ...]:
    """The newest revision of every execution, newest first; combos leg by leg, as fees and results are."""
    newest = {fill.exec_base: fill for fill in sorted(fills, key=lambda fill: fill.revision)}
    legs = [fill for fill in newest.values() if fill.sec_type != SecType.BAG]
    return tuple(sorted(legs, key=lambda fill: (fill.at, fill.exec_base), reverse=True))


def _day(at: datetime) -> date:
    return at.astimezone(NEW_YORK).date()
