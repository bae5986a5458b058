"""`MarketData` that answers for followed contracts from memory and asks the market for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sumppump.data.live import LiveBoard
from sumppump.domain.instruments import Instrument, Underlying
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.statistics import ALL_FIGURES, Figure, MarketStatistics
from sumppump.ports.market import MarketData, Need, Stream


@dataclass(frozen=True, slots=True)
class LiveMarket:
    """The market with a board in front of it."""

    market: MarketData
    board: LiveBoard

    async def quotes(
        self,
        instruments: Sequence[Instrument],
        *,
        deadline_s: float = 10.0,
        greeks: bool = True,
        need: Need = Need.LOOKUP,
        arrived: Callable[[Quote], None] | None = None,
    ) -> Sequence[Quote]:
        """See `ports.market.MarketData`; what is followed costs nothing, also without a connection."""
        known = {each.con_id: quote for each in instruments if (quote := self.board.quote(each.con_id))}
        if arrived is not None:
            for quote in known.values():
                arrived(quote)
        asked = [each for each in instruments if each.con_id not in known]
        if asked:
            fresh = await self.market.quotes(
                asked, deadline_s=deadline_s, greeks=greeks, need=need, arrived=arrived
            )
            known |= {quote.instrument.con_id: quote for quote in fresh}
        return tuple(known[each.con_id] for each in instruments)

    async def follow(
        self,
        instruments: Sequence[Instrument],
        *,
        changed: Callable[[int], None],
        need: Need = Need.PINNED,
        greeks: bool = True,
    ) -> Sequence[Stream]:
        """See `ports.market.MarketData`."""
        return await self.market.follow(instruments, changed=changed, need=need, greeks=greeks)

    async def statistics(
        self,
        underlyings: Sequence[Underlying],
        *,
        deadline_s: float = 10.0,
        figures: frozenset[Figure] = ALL_FIGURES,
    ) -> Sequence[MarketStatistics]:
        """See `ports.market.MarketData`."""
        return await self.market.statistics(underlyings, deadline_s=deadline_s, figures=figures)

    async def bars(
        self,
        instrument: Instrument,
        *,
        duration: str,
        bar_size: str,
        what: str = "TRADES",
        regular_hours: bool = True,
        deadline_s: float = 40.0,
        waiting: Callable[[float], None] | None = None,
    ) -> Sequence[Bar]:
        """See `ports.market.MarketData`."""
        return await self.market.bars(
            instrument,
            duration=duration,
            bar_size=bar_size,
            what=what,
            regular_hours=regular_hours,
            deadline_s=deadline_s,
            waiting=waiting,
        )

    def lines(self) -> tuple[int, int]:
        """See `ports.market.MarketData`."""
        return self.market.lines()
