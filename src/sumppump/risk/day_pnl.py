"""What the day's P&L came from: the positions of the last close, carried to now, and what was traded since.

The day begins with the close of the session before today's. Every position that was held then goes from its
closing price to its price now, by cause and by Greeks (`domain.book.attribution`); executions count from
their own price. The broker tells executions of today alone, so there is no day before the open. Its figure of
the day stands beside the sum, and the difference is shown: what is left out, its marks against our mids, half
a cent of each closing price.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sumppump.data.off_loop import off_loop
from sumppump.domain.book import (
    Attribution,
    Expansion,
    Holding,
    Marked,
    Walk,
    attributed,
    book_at_marks,
    expanded,
    walk,
)
from sumppump.domain.instruments import Instrument, OptionContract, SecType
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Fill
from sumppump.domain.quotes import Quote
from sumppump.domain.schedule import PastSession
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import Broker
from sumppump.ports.market import ContractDirectory, MarketData, Need
from sumppump.ports.schedule import TradingSchedule
from sumppump.risk.book_markets import book_markets
from sumppump.risk.held_book import HeldBook

_SECONDS_A_DAY = 86_400.0
# Sessions asked for: the longest gap between two of them is a weekend with a holiday on either side.
_SESSIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPnl:
    """The day's P&L by cause, cash in the book's currency.

    Attributes:
        since: the close that it counts from.
        causes, greeks: of positions that were held then and are held now, one figure a row.
        trades: what the day's executions have made until now, before fees; what was closed since then too.
        fees: paid, > 0; None where a commission has not been told.
        cash_dividends: of shares, in `causes.dividends`; no part of the broker's figure.
        told: by the broker, None where it says nothing.
        left_out: positions and executions that no figure holds, in words.
    """

    since: datetime
    causes: Attribution
    greeks: Expansion
    trades: float
    fees: float | None
    cash_dividends: float
    told: float | None
    left_out: tuple[str, ...]

    @property
    def total(self) -> float | None:
        """Everything that is known; None without the fees."""
        return None if self.fees is None else float(self.causes.total.sum()) + self.trades - self.fees

    @property
    def difference(self) -> float | None:
        """The broker's figure less ours, without dividends."""
        if self.told is None or self.total is None:
            return None
        return self.told - (self.total - self.cash_dividends)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """All that the figures are made of.

    Attributes:
        closes: of the session before, prices: now; per share by con_id.
        fills: executions since then, legs alone.
        instruments: of everything held or traded, by con_id.
    """

    held: HeldBook
    since: datetime
    closes: Mapping[int, Decimal]
    prices: Mapping[int, Decimal]
    fills: Sequence[Fill]
    instruments: Mapping[int, Instrument]

    @property
    def now(self) -> Mapping[int, Decimal]:
        """Quantities held now, by con_id."""
        return {each.instrument.con_id: Decimal(each.quantity) for each in self.held.holdings.positions}

    @property
    def then(self) -> Mapping[int, Decimal]:
        """Quantities held at the close before: those of now without what was traded since."""
        held: defaultdict[int, Decimal] = defaultdict(Decimal, self.now)
        for fill in self.fills:
            held[fill.con_id] -= _signed(fill)
        return held


@dataclass(slots=True)
class ClosingPrices:
    """Closes of one session by con_id, kept for what is gone before the day is over."""

    _since: datetime | None = None
    _known: dict[int, Decimal] = field(default_factory=dict)

    def with_these(self, since: datetime, closes: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
        """What is known of this session's closes, these among them."""
        if since != self._since:
            self._since, self._known = since, {}
        self._known |= closes
        return dict(self._known)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPnlService:
    """Reads what the day was made of; changes nothing."""

    broker: Broker
    directory: ContractDirectory
    market: MarketData
    memory: TradingSchedule
    kept: ClosingPrices = field(default_factory=ClosingPrices)

    async def of(self, held: HeldBook) -> DayPnl | Missing | None:
        """The day of what is held, or why it cannot be told; None where nothing is held."""
        if not held.underlyings:
            return None
        try:
            facts = await self._facts(held)
        except SumpPumpError as error:
            return Missing(error.code, error.message)
        return facts if isinstance(facts, Missing) else await off_loop(_explained, facts)

    async def _facts(self, held: HeldBook) -> _Facts | Missing:
        first = next(iter(held.underlyings.values()))
        since = _close_before(await self.memory.past_sessions(first, days=_SESSIONS), held.now)
        if isinstance(since, Missing):
            return since
        fills = [fill for fill in await self.broker.executions() if _is_of_the_day(fill, since)]
        instruments = {each.instrument.con_id: each.instrument for each in held.holdings.positions}
        gone = await self._instruments({fill.con_id for fill in fills} - set(instruments))
        living = [each for each in gone if not isinstance(each, OptionContract) or each.settles > held.now]
        quotes = await self.market.quotes([*held.underlyings.values(), *living], need=Need.ORDERS)
        return _Facts(
            held=held,
            since=since,
            closes=self.kept.with_these(since, _closes([*quotes, *_quotes_of(held)])),
            prices=_prices(held),
            fills=fills,
            instruments=instruments | {each.con_id: each for each in gone},
        )

    async def _instruments(self, con_ids: Iterable[int]) -> list[Instrument]:
        """Those that are still known; an option that is over may not be."""
        asked = (self.directory.instrument(con_id) for con_id in sorted(con_ids))
        found = await asyncio.gather(*asked, return_exceptions=True)
        return [each for each in found if isinstance(each, Instrument)]


def _close_before(sessions: Sequence[PastSession], now: datetime) -> datetime | Missing:
    """When the session before today's closed."""
    begun = [each for each in sessions if each.opens <= now]
    if not begun or begun[-1].day != now.astimezone(NEW_YORK).date():
        return Missing(
            "not_open", "today's session has not begun, and executions of earlier days are not told"
        )
    if len(begun) < 2:
        return Missing("no_session", "the session before is not known")
    return begun[-2].closes


def _is_of_the_day(fill: Fill, since: datetime) -> bool:
    return fill.at > since and fill.sec_type != SecType.BAG


def _signed(fill: Fill) -> Decimal:
    return fill.quantity if fill.side == "BUY" else -fill.quantity


def _quotes_of(held: HeldBook) -> list[Quote]:
    legs = (leg for each in held.holdings.strategies for leg in each.legs)
    return [leg.quote for leg in legs if leg.quote is not None]


def _closes(quotes: Iterable[Quote]) -> dict[int, Decimal]:
    return {each.instrument.con_id: each.close.amount for each in quotes if each.close is not None}


def _prices(held: HeldBook) -> dict[int, Decimal]:
    legs = (leg for each in held.holdings.strategies for leg in each.legs)
    return {leg.instrument.con_id: leg.price.amount for leg in legs if leg.price is not None}


def _explained(facts: _Facts) -> DayPnl:
    held = facts.held
    way = _way(facts)
    causes = attributed(way)
    trades, untold = _trades(facts)
    shares = causes.dividends[len(way.before.options) :]
    told = None if held.figures is None else held.figures.daily_pnl
    return DayPnl(
        since=facts.since,
        causes=causes,
        greeks=expanded(way, causes),
        trades=trades,
        fees=_fees(facts.fills),
        cash_dividends=float(shares.sum()),
        told=None if told is None else float(told.amount),
        left_out=(*(f"{each.label.words}: {each.why.reason}" for each in way.left_out), *untold),
    )


def _way(facts: _Facts) -> Walk:
    """From the close before to now, of what was held all the time."""
    now, then = facts.now, facts.then
    days = (facts.held.now - facts.since).total_seconds() / _SECONDS_A_DAY
    holdings = [
        Holding(instrument=facts.instruments[con_id], quantity=float(then[con_id]))
        for con_id in now
        if then[con_id]
    ]
    before = _market(facts, holdings, facts.closes, facts.since)
    return walk(before, _market(facts, holdings, facts.prices, facts.held.now), days=days)


def _market(
    facts: _Facts, holdings: Sequence[Holding], prices: Mapping[int, Decimal], moment: datetime
) -> Marked:
    held = facts.held
    spots = held.holdings.spots if moment == held.now else _closing_spots(facts)
    markets = book_markets(spots, held.carries, moment)
    marks = {con_id: float(price) for con_id, price in prices.items()}
    return book_at_marks(holdings, marks, markets, now=moment, currency=held.book.currency)


def _closing_spots(facts: _Facts) -> dict[str, Decimal | None]:
    return {symbol: facts.closes.get(each.con_id) for symbol, each in facts.held.underlyings.items()}


def _trades(facts: _Facts) -> tuple[float, list[str]]:
    """What executions have made, and which have no figure."""
    total, untold = Decimal(0), []
    for con_id in dict.fromkeys(fill.con_id for fill in facts.fills):
        gain = _gain(facts, con_id)
        if isinstance(gain, Missing):
            untold.append(gain.reason)
        else:
            total += gain
    return float(total), untold


def _gain(facts: _Facts, con_id: int) -> Decimal | Missing:
    """Of one contract: from the price of each execution to now; what is gone, from the close before."""
    rows = [fill for fill in facts.fills if fill.con_id == con_id]
    instrument = facts.instruments.get(con_id)
    # What is held now has been carried to its price now; what is not, begins with its close.
    is_held = bool(facts.now.get(con_id))
    quantity = sum(map(_signed, rows), Decimal(0)) if is_held else -facts.then[con_id]
    price = (facts.prices if is_held else facts.closes).get(con_id)
    if instrument is None or instrument.currency != facts.held.book.currency or (price is None and quantity):
        words = rows[0].symbol if instrument is None else instrument.label
        return Missing("no_price", f"{words}: traded today, without a price to count from")
    paid = sum((_signed(fill) * fill.price for fill in rows), Decimal(0))
    return ((price or Decimal(0)) * quantity - paid) * instrument.multiplier


def _fees(fills: Iterable[Fill]) -> float | None:
    """The clearing house's executions, which have no order, cost nothing."""
    paid = [fill.commission for fill in fills if fill.perm_id]
    known = [each for each in paid if each is not None]
    return float(sum((each.amount for each in known), Decimal(0))) if len(known) == len(paid) else None
