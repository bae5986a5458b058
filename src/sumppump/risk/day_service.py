"""All that the day's P&L is made of, asked for in one go; the arithmetic is in `day_pnl`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sumppump.data.off_loop import off_loop
from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Fill
from sumppump.domain.quotes import Quote
from sumppump.domain.schedule import PastSession
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import Broker
from sumppump.ports.market import ContractDirectory, MarketData, Need
from sumppump.ports.position_pnl import PositionPnl
from sumppump.ports.schedule import TradingSchedule
from sumppump.risk.day_pnl import DayFacts, DayPnl, explained
from sumppump.risk.gone_ex import GoneEx, is_suspect
from sumppump.risk.held_book import HeldBook

# Sessions asked for: the longest gap between two of them is a weekend with a holiday on either side.
_SESSIONS = 5


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
    gone_ex: GoneEx
    position_pnl: PositionPnl | None = None
    kept: ClosingPrices = field(default_factory=ClosingPrices)

    async def of(self, held: HeldBook) -> DayPnl | Missing | None:
        """The day of what is held, or why it cannot be told; None where nothing is held."""
        if not held.underlyings:
            return None
        try:
            facts = await self._facts(held)
        except SumpPumpError as error:
            return Missing(error.code, error.message)
        return facts if isinstance(facts, Missing) else await off_loop(explained, facts)

    async def _facts(self, held: HeldBook) -> DayFacts | Missing:
        first = next(iter(held.underlyings.values()))
        sessions = _sessions(await self.memory.past_sessions(first, days=_SESSIONS), held.now)
        if isinstance(sessions, Missing):
            return sessions
        since = sessions[0].closes
        fills = [fill for fill in await self.broker.executions() if _is_of_the_day(fill, since)]
        instruments = {each.instrument.con_id: each.instrument for each in held.holdings.positions}
        gone = await self._instruments({fill.con_id for fill in fills} - set(instruments))
        living = [each for each in gone if not isinstance(each, OptionContract) or each.settles > held.now]
        quotes = await self.market.quotes([*held.underlyings.values(), *living], need=Need.ORDERS)
        closes = self.kept.with_these(since, _closes([*quotes, *_quotes_of(held)]))
        lost = {fill.con_id for fill in fills} - {each.instrument.con_id for each in held.holdings.positions}
        instruments |= {each.con_id: each for each in gone}
        return DayFacts(
            held=held,
            since=since,
            opened=sessions[1].opens,
            closes=closes,
            gone_ex=await self.gone_ex.on(sessions[1].day, _suspects(held, sessions[0].day, closes)),
            prices=_prices(held),
            fills=fills,
            instruments=instruments,
            gone_pnl=await self._gone_pnl(held, sorted(lost - (set(closes) & set(instruments)))),
        )

    async def _gone_pnl(self, held: HeldBook, con_ids: Sequence[int]) -> Mapping[int, Decimal]:
        """The day by the broker, of contracts that are gone and whose close was not seen."""
        if self.position_pnl is None or not con_ids:
            return {}
        told = await self.position_pnl.of_today(con_ids)
        currency = held.book.currency
        return {con_id: each.amount for con_id, each in told.items() if each.currency == currency}

    async def _instruments(self, con_ids: Iterable[int]) -> list[Instrument]:
        """Those that are still known; an option that is over may not be."""
        asked = (self.directory.instrument(con_id) for con_id in sorted(con_ids))
        found = await asyncio.gather(*asked, return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException) and not isinstance(each, SumpPumpError):
                raise each
        return [each for each in found if isinstance(each, Instrument)]


def _suspects(held: HeldBook, day: date, closes: Mapping[int, Decimal]) -> list[Underlying]:
    """Shares whose adjusted close of that day is not what they closed at."""
    return [
        each
        for each in held.underlyings.values()
        if is_suspect(each, _number(closes.get(each.con_id)), held.closes.get(each.symbol), day)
    ]


def _number(price: Decimal | None) -> float | None:
    return None if price is None else float(price)


def _sessions(sessions: Sequence[PastSession], now: datetime) -> tuple[PastSession, PastSession] | Missing:
    """The session before, and today's."""
    begun = [each for each in sessions if each.opens <= now]
    if not begun or begun[-1].day != now.astimezone(NEW_YORK).date():
        return Missing(
            "not_open", "today's session has not begun, and executions of earlier days are not told"
        )
    if len(begun) < 2:
        return Missing("no_session", "the session before is not known")
    return begun[-2], begun[-1]


def _is_of_the_day(fill: Fill, since: datetime) -> bool:
    return fill.at > since and fill.sec_type != SecType.BAG


def _quotes_of(held: HeldBook) -> list[Quote]:
    legs = (leg for each in held.holdings.strategies for leg in each.legs)
    return [leg.quote for leg in legs if leg.quote is not None]


def _closes(quotes: Iterable[Quote]) -> dict[int, Decimal]:
    return {each.instrument.con_id: each.close.amount for each in quotes if each.close is not None}


def _prices(held: HeldBook) -> dict[int, Decimal]:
    legs = (leg for each in held.holdings.strategies for leg in each.legs)
    return {leg.instrument.con_id: leg.price.amount for leg in legs if leg.price is not None}
