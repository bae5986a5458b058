"""All that the day's P&L is made of, asked for in one go; the arithmetic is in `day_pnl`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sumppump.data.off_loop import off_loop
from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Fill
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.schedule import PastSession
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import Broker
from sumppump.ports.market import ContractDirectory, MarketData, Need
from sumppump.ports.position_pnl import PositionPnl
from sumppump.ports.schedule import TradingSchedule
from sumppump.risk.closing_prices import ClosingPrices, SessionCloses
from sumppump.risk.day_pnl import DayFacts, DayPnl, explained
from sumppump.risk.gone_ex import GoneEx, is_suspect
from sumppump.risk.held_book import HeldBook

# Sessions asked for: the longest gap between two of them is a weekend with a holiday on either side.
_SESSIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPnlService:
    """Reads what the day was made of; changes nothing."""

    broker: Broker
    directory: ContractDirectory
    market: MarketData
    memory: TradingSchedule
    gone_ex: GoneEx
    closing: ClosingPrices
    position_pnl: PositionPnl | None = None

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
        before, today = sessions
        fills = [fill for fill in await self.broker.executions() if _is_of_the_day(fill, before.closes)]
        instruments = {each.instrument.con_id: each.instrument for each in held.holdings.positions}
        gone = await self._instruments({fill.con_id for fill in fills} - set(instruments))
        closes = await self._closes(held, gone, before, today)
        lost = {fill.con_id for fill in fills} - set(instruments)
        instruments |= {each.con_id: each for each in gone}
        return DayFacts(
            held=held,
            since=before.closes,
            opened=today.opens,
            closes_at=today.closes,
            closes=closes.prices,
            unsure=closes.unsure,
            gone_ex=await self.gone_ex.on(today.day, _suspects(held, before.day, closes)),
            prices=_prices(held),
            fills=fills,
            instruments=instruments,
            gone_pnl=await self._gone_pnl(held, sorted(lost - (set(closes.prices) & set(instruments)))),
        )

    async def _closes(
        self, held: HeldBook, gone: Iterable[Instrument], before: PastSession, today: PastSession
    ) -> SessionCloses:
        """What is held, what lies beneath, and what was traded and is gone closed at before today."""
        beneath = held.underlyings.values()
        living = [each for each in gone if not isinstance(each, OptionContract) or each.settles > held.now]
        quotes, _ = await asyncio.gather(
            self.market.quotes([*beneath, *living], need=Need.ORDERS),
            self.closing.look_up(
                before, [*beneath, *(each for each in gone if isinstance(each, Underlying))]
            ),
        )
        return self.closing.with_ticks(before, today, [*quotes, *_quotes_of(held)], held.now)

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


def _suspects(held: HeldBook, day: date, closes: SessionCloses) -> dict[Underlying, Sequence[Bar]]:
    """Shares whose adjusted close of that day is not what they closed at, with their plain bars."""
    return {
        each: closes.bars[each.con_id]
        for each in held.underlyings.values()
        if each.con_id in closes.bars
        and is_suspect(each, _number(closes.prices.get(each.con_id)), held.closes.get(each.symbol), day)
    }


def _number(price: Decimal | None) -> float | None:
    return None if price is None else float(price)


def _sessions(sessions: Sequence[PastSession], now: datetime) -> tuple[PastSession, PastSession] | Missing:
    """The session before, and today's."""
    begun = [each for each in sessions if each.opens <= now]
    ahead = len(sessions) - len(begun)
    # What is remembered is over or on, but for a morning's: sessions ahead of us are those of a later clock.
    if ahead > 1 or (ahead and begun and now < begun[-1].closes):
        return Missing("clock_behind", "the broker's clock has moved on: ask again in some seconds")
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


def _prices(held: HeldBook) -> dict[int, Decimal]:
    legs = (leg for each in held.holdings.strategies for leg in each.legs)
    return {leg.instrument.con_id: leg.price.amount for leg in legs if leg.price is not None}
