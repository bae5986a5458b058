"""What a crash does to the account as it is, and with one order filled: every position repriced in full.

The prices of all underlyings move alike, so that nothing rests on a beta. It is a look beside the ticket:
what cannot be had in time is said and never holds a ticket up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import numpy as np

from sumppump.data.announced import ExDates
from sumppump.data.off_loop import off_loop
from sumppump.domain.book import (
    Book,
    Holding,
    LeftOut,
    Scenario,
    Shocks,
    UnderlyingMarket,
    book_of_holdings,
    reprice,
    worths,
)
from sumppump.domain.instruments import Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Order
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.statistics import Dividends
from sumppump.domain.tickets import RuleMargin, StressRow
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.kernel.first_few import first_few
from sumppump.kernel.money import CENT, Money
from sumppump.portfolio.carries import Beneath
from sumppump.portfolio.holdings import Holdings
from sumppump.portfolio.positions import PortfolioService
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.risk.book_markets import book_markets
from sumppump.risk.order_margin import rule_margin

Found = TypeVar("Found")

PATIENCE_S = 2.0
ORDER = "the order"
SCENARIOS = (
    Scenario(name="−20 %", move_pct=-20.0),
    Scenario(name="−10 %", move_pct=-10.0),
    Scenario(name="+10 %", move_pct=10.0),
    Scenario(name="vol +10", vol_points=10.0),
)
NOT_FILLED = "the stop is taken as not filled: a gap can pass it"
NOT_LOOKED = Missing("not_looked", "what is held was not looked at")
LATE = "what is held could not be quoted in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStress:
    """The look.

    Attributes:
        rows: one a scenario; empty where there is `reason`.
        note: what the rows leave out, "" for nothing.
        events: ex-dividend days in the life of the order's options, sentences.
        margin: Regulation T without the order and with it, or why it cannot be figured.
    """

    rows: tuple[StressRow, ...] = ()
    reason: str = ""
    note: str = ""
    events: tuple[str, ...] = ()
    margin: RuleMargin | Missing = NOT_LOOKED


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldNow:
    """What is held beside the order, or why nobody could say; kinds and dividends by symbol."""

    holdings: Holdings | Missing
    kinds: Mapping[str, Underlying]
    dividends: ExDates


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStresser:
    """Looks at what is held; changes nothing and raises nothing for want of data."""

    portfolio: PortfolioService
    directory: ContractDirectory
    market: MarketData
    clock: Clock
    patience_s: float = PATIENCE_S

    async def held(self, symbol: str) -> HeldNow:
        """What is held now and what is known of dividends, that of `symbol` among them; in `patience_s`."""
        until = asyncio.get_running_loop().time() + self.patience_s
        holdings = await _by(until, self.portfolio.positions(group_by="leg"))
        rows = () if isinstance(holdings, Missing) else holdings.strategies
        symbols = sorted({symbol, *(each.symbol for each in rows)})
        found = [await _by(until, self.directory.underlying(each)) for each in symbols]
        kinds = {each.symbol: each for each in found if isinstance(each, Underlying)}
        dates = await _by(until, self.portfolio.dividends.of(list(kinds.values()), self.market, self.clock))
        return HeldNow(holdings=holdings, kinds=kinds, dividends={} if isinstance(dates, Missing) else dates)

    async def of(self, held: HeldNow, order: Order, quotes: Mapping[int, Quote]) -> OrderStress:
        """The account under the scenarios without the order and with it; in a worker thread."""
        now, assume = self.clock.now(), self.portfolio.assume
        return await off_loop(stressed, held, order, quotes, now, assume)


async def _by(until: float, asked: Awaitable[Found]) -> Found | Missing:
    """What was asked for, or why it did not come by this moment of the loop."""
    try:
        async with asyncio.timeout_at(until):
            return await asked
    except TimeoutError:
        return Missing("late", LATE)
    except SumpPumpError as error:
        return Missing(error.code, error.message)


def stressed(
    held: HeldNow, order: Order, quotes: Mapping[int, Quote], now: datetime, assume: Assumptions
) -> OrderStress:
    """The account under the scenarios, pure.

    Args:
        held: what is held, with its quotes.
        order: what would be filled, whole.
        quotes: of the order's legs and its underlying, by con_id.
        now: exchange time.
        assume: rate and yield where the market tells none.
    """
    events = tuple(_ex_dividends(order, held.dividends, now))
    if isinstance(held.holdings, Missing):
        return OrderStress(reason=held.holdings.reason, events=events, margin=held.holdings)
    margin = rule_margin(held.holdings, order, quotes)
    markets = _markets(held, order, quotes, now, assume)
    mine, new = list(_held_rows(held.holdings)), list(_order_rows(order, quotes))
    book = book_of_holdings([*mine, *new], markets, now=now, currency=order.combo.currency)
    lost = [each for each in book.left_out if each.label.strategy == ORDER]
    if lost:
        return OrderStress(
            reason=f"{lost[0].label.words}: {lost[0].why.reason}", events=events, margin=margin
        )
    note = "; ".join(part for part in (NOT_FILLED * _waits(order), _left_out(book.left_out)) if part)
    return OrderStress(rows=_rows(book, order), note=note, events=events, margin=margin)


def _waits(order: Order) -> bool:
    """Whether it does nothing until the market has moved, and may be passed over by a gap."""
    return order.stop is not None or order.trail is not None


def _rows(book: Book, order: Order) -> tuple[StressRow, ...]:
    """P&L of the rows that are held, and of all; an opening order starts at what its limit pays.

    A stop is not taken as filled: that would show a crash from which it had saved the position beforehand.
    """
    found = reprice(book, SCENARIOS)
    alone = found.by_strategy[ORDER]
    if _waits(order):
        return tuple(
            StressRow(name=each.name, held=held, with_order=held)
            for place, each in enumerate(SCENARIOS)
            for held in [_cash(found.total[place] - alone[place], order)]
        )
    entry = _bargain(book, order)
    return tuple(
        StressRow(
            name=scenario.name,
            held=_cash(found.total[place] - alone[place], order),
            with_order=_cash(found.total[place] + entry, order),
        )
        for place, scenario in enumerate(SCENARIOS)
    )


def _bargain(book: Book, order: Order) -> float:
    """What an opening order is worth by the model now, less what it pays at its limit.

    So a spread loses no more here than its maximum loss. Orders that leave or guard a position are taken at
    the model's worth: nobody knows when a stop is filled.
    """
    cash = order.cash()
    if cash is None or not order.purpose.adds_risk:
        return 0.0
    rows = book.rows([place for place, label in enumerate(book.labels) if label.strategy == ORDER])
    worth = worths(rows, Shocks(factors=np.ones((1, len(rows.symbols)))))[0] @ rows.units
    return float(worth) - float(cash.amount)


def _cash(amount: float, order: Order) -> Money:
    return Money(Decimal(float(amount)).quantize(CENT), order.combo.currency)


def _held_rows(holdings: Holdings) -> Iterable[Holding]:
    for each in holdings.strategies:
        for leg in each.legs:
            yield Holding(instrument=leg.instrument, quantity=leg.quantity, greeks=leg.greeks)


def _order_rows(order: Order, quotes: Mapping[int, Quote]) -> Iterable[Holding]:
    for leg in order.combo.legs:
        quote = quotes.get(leg.contract.con_id)
        yield Holding(
            instrument=leg.contract,
            quantity=leg.ratio * order.quantity,
            strategy=ORDER,
            greeks=None if quote is None else quote.greeks,
        )


def _markets(
    held: HeldNow, order: Order, quotes: Mapping[int, Quote], now: datetime, assume: Assumptions
) -> dict[str, UnderlyingMarket]:
    """What is held is priced as it is elsewhere; the order's underlying by the order's own quotes, too."""
    rows = None if isinstance(held.holdings, Missing) else held.holdings
    symbol, own = order.combo.symbol, [leg.contract for leg in order.combo.legs]
    spots: dict[str, Decimal | None] = {} if rows is None else rows.spots
    spot = spots[symbol] = _spot(order, quotes) or spots.get(symbol)
    legs = [leg for each in rows.strategies for leg in each.legs if each.symbol == symbol] if rows else []
    beneath = Beneath(
        kinds=held.kinds,
        spots={} if spot is None else {symbol: spot},
        dates=held.dividends,
        base=assume,
        now=now,
    )
    carries = beneath.carries(
        [*own, *(leg.instrument for leg in legs)],
        [*quotes.values(), *(leg.quote for leg in legs if leg.quote is not None)],
    )
    return book_markets(spots, {**(rows.carries if rows else {}), **carries}, now)


def _spot(order: Order, quotes: Mapping[int, Quote]) -> Decimal | None:
    for quote in quotes.values():
        if isinstance(quote.instrument, Underlying) and quote.instrument.symbol == order.combo.symbol:
            price = quote.mid or quote.last or quote.close
            return None if price is None else price.amount
    return None


def _ex_dividends(order: Order, dividends: ExDates, now: datetime) -> Iterable[str]:
    """The next ex-date, if an option of the order still lives then."""
    said = dividends.get(order.combo.symbol)
    if not isinstance(said, Dividends) or said.next_date is None or not order.combo.expiries:
        return
    if now.astimezone(NEW_YORK).date() <= said.next_date <= order.combo.expiries[-1]:
        amount = "" if said.next_amount is None else f", {said.next_amount:.2f} a share"
        yield f"Ex-dividend {said.next_date.isoformat()}{amount}"


def _left_out(rows: Iterable[LeftOut]) -> str:
    names = list(dict.fromkeys(each.label.words for each in rows))
    return f"without {first_few(names, 3)}" if names else ""
