"""What the day's P&L came from: the positions of the last close, carried to now, and what was traded since.

The day begins with the close of the session before today's. Every position that was held then goes from its
closing price to its price now, by cause and by Greeks (`domain.book.attribution`); executions count from
their own price. The broker tells executions of today alone, so there is no day before the open. Its figure of
the day stands beside the sum, and the difference is shown: what is left out, its marks against our mids, half
a cent of each closing price.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

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
from sumppump.domain.instruments import Instrument
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Fill
from sumppump.domain.revaluation import Assumptions, CashDividend
from sumppump.portfolio.carries import Carries
from sumppump.risk.book_markets import book_markets
from sumppump.risk.held_book import HeldBook

_SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPnl:
    """The day's P&L by cause, cash in the book's currency.

    Attributes:
        since: the close that it counts from.
        causes, greeks: of positions that were held then and are held now, one figure a row.
        trades: what the day's executions have made until now, before fees; what was closed since then too.
        by_symbol: causes and trades of an underlying, before fees; without those that left something out.
        fees: paid, > 0; None where a commission has not been told.
        cash_dividends: of shares, in `causes.dividends`; no part of the broker's figure.
        told: by the broker, None where it says nothing.
        left_out: positions and executions that no figure holds, in words.
        unsure: options whose first price may be today's close, in words.
        is_over: whether today's session has closed: options then stand at their last prices, shares move on.
    """

    since: datetime
    causes: Attribution
    greeks: Expansion
    trades: float
    by_symbol: Mapping[str, float]
    fees: float | None
    cash_dividends: float
    told: float | None
    left_out: tuple[str, ...]
    unsure: tuple[str, ...] = ()
    is_over: bool = False

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
class DayFacts:
    """All that the figures are made of.

    Attributes:
        since, opened, closes_at: the close before, today's open and today's close.
        closes: of the session before, prices: now; per share by con_id.
        unsure: whose close may be today's.
        gone_ex: dividends that went ex at the open, cash per share by symbol.
        gone_pnl: the day by the broker, after fees, of contracts that are gone and whose close nobody knows.
        fills: executions since then, legs alone.
        instruments: of everything held or traded, by con_id.
    """

    held: HeldBook
    since: datetime
    opened: datetime
    closes_at: datetime
    closes: Mapping[int, Decimal]
    unsure: frozenset[int]
    gone_ex: Mapping[str, float]
    prices: Mapping[int, Decimal]
    fills: Sequence[Fill]
    instruments: Mapping[int, Instrument]
    gone_pnl: Mapping[int, Decimal]

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


def explained(facts: DayFacts) -> DayPnl:
    held = facts.held
    way = _way(facts)
    causes = attributed(way)
    gains = {con_id: _gain(facts, con_id) for con_id in dict.fromkeys(fill.con_id for fill in facts.fills)}
    untold = [gain.reason for gain in gains.values() if isinstance(gain, Missing)]
    shares = causes.dividends[len(way.before.options) :]
    told = None if held.figures is None else held.figures.daily_pnl
    return DayPnl(
        since=facts.since,
        causes=causes,
        greeks=expanded(way, causes),
        trades=float(sum(gain for gain in gains.values() if not isinstance(gain, Missing))),
        by_symbol=_by_symbol(facts, way, causes, gains),
        fees=_fees(facts.fills),
        cash_dividends=float(shares.sum()),
        told=None if told is None else float(told.amount),
        left_out=(*(f"{each.label.words}: {each.why.reason}" for each in way.left_out), *untold),
        unsure=tuple(each.words for each in causes.labels if each.con_id in facts.unsure),
        is_over=held.now >= facts.closes_at,
    )


def _way(facts: DayFacts) -> Walk:
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
    facts: DayFacts, holdings: Sequence[Holding], prices: Mapping[int, Decimal], moment: datetime
) -> Marked:
    held = facts.held
    spots = held.holdings.spots if moment == held.now else _closing_spots(facts)
    markets = book_markets(spots, _carries(facts), moment)
    marks = {con_id: float(price) for con_id, price in prices.items()}
    return book_at_marks(holdings, marks, markets, now=moment, currency=held.book.currency)


def _carries(facts: DayFacts) -> Carries:
    """What prices rest on, with the dividends that went ex at the open."""
    return {symbol: _with_gone_ex(facts, symbol, own) for symbol, own in facts.held.carries.items()}


def _with_gone_ex(facts: DayFacts, symbol: str, own: Assumptions) -> Assumptions:
    if symbol not in facts.gone_ex:
        return own
    gone = CashDividend(facts.opened, facts.gone_ex[symbol])
    return replace(own, dividends=(gone, *(each for each in own.dividends if each.ex > facts.opened)))


def _closing_spots(facts: DayFacts) -> dict[str, Decimal | None]:
    return {symbol: facts.closes.get(each.con_id) for symbol, each in facts.held.underlyings.items()}


def _by_symbol(
    facts: DayFacts, way: Walk, causes: Attribution, gains: Mapping[int, Decimal | Missing]
) -> dict[str, float]:
    """Of each underlying of which everything is known."""
    symbols = {fill.con_id: fill.symbol for fill in facts.fills}
    partly = {each.label.symbol for each in way.left_out}
    found: defaultdict[str, float] = defaultdict(float)
    for label, cash in zip(causes.labels, causes.total.tolist(), strict=True):
        found[label.symbol] += cash
    for con_id, gain in gains.items():
        if isinstance(gain, Missing):
            partly.add(symbols[con_id])
        else:
            found[symbols[con_id]] += float(gain)
    return {symbol: cash for symbol, cash in found.items() if symbol not in partly}


def _gain(facts: DayFacts, con_id: int) -> Decimal | Missing:
    """Of one contract: from the price of each execution to now; what is gone, from the close before."""
    rows = [fill for fill in facts.fills if fill.con_id == con_id]
    if con_id in facts.gone_pnl:
        fees = (each.commission.amount for each in rows if each.commission)
        return facts.gone_pnl[con_id] + sum(fees, Decimal(0))
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


def _signed(fill: Fill) -> Decimal:
    return fill.quantity if fill.side == "BUY" else -fill.quantity
