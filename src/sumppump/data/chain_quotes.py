"""The market's part of a chain: quotes with Greeks for rows, by one deadline, counted as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sumppump.data.announced import DividendShelf
from sumppump.data.chain_greeks import Completed, Sight, completed
from sumppump.data.chain_shelf import ChainShelf
from sumppump.data.chain_statistics import ChainRow
from sumppump.data.flights import Told
from sumppump.data.off_loop import off_loop
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.quotes import Feed, Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import Clock
from sumppump.kernel.money import Premium
from sumppump.ports.market import MarketData

LEAST_WAIT_S = 0.5
NOT_ASKED = "it was not asked for on the wire"


@dataclass(slots=True)
class Tally:
    """How many contracts of those asked for have come."""

    told: Told
    done: int = 0
    total: int = 0

    def expect(self, count: int) -> None:
        """More are being asked for."""
        self.total += count

    def arrived(self, quote: Quote) -> None:
        """One has come, or was given up."""
        self.done += 1
        self.told(self.done, self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One answer in the making.

    Attributes:
        spot: the underlying's price per share that distances and Greeks are counted from.
        end: when the last quote must have come, monotonic seconds.
        remarks: what our own Greeks rest on, as it becomes known.
    """

    underlying: Underlying
    beneath: Quote
    spot: Premium
    end: float
    tally: Tally
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainQuotes:
    """Asks the market for rows."""

    market: MarketData
    clock: Clock
    shelf: ChainShelf
    assume: Assumptions = field(default_factory=Assumptions)
    dividends: DividendShelf = field(default_factory=DividendShelf)

    def left_s(self, end: float) -> float:
        """Seconds to the deadline; a moment at least, so that what lies open is still answered."""
        return max(LEAST_WAIT_S, end - self.clock.monotonic())

    async def rows(
        self, look: Look, wanted: Sequence[OptionContract], have: Sequence[ChainRow] = ()
    ) -> tuple[ChainRow, ...]:
        """Rows in the order wanted; what we `have` is not asked for again."""
        known = {row.contract.con_id: row.quote for row in have}
        asked = [each for each in wanted if each.con_id not in known]
        look.tally.expect(len(asked))
        fresh = (
            await self.market.quotes(asked, deadline_s=self.left_s(look.end), arrived=look.tally.arrived)
            if asked
            else ()
        )
        self.shelf.put(fresh, self.clock.monotonic())
        quotes = known | {quote.instrument.con_id: quote for quote in await self._completed(look, fresh)}
        return tuple(ChainRow(each, quotes[each.con_id]) for each in wanted)

    async def fitted(self, look: Look, wanted: Sequence[OptionContract]) -> tuple[ChainRow, ...]:
        """Rows without asking the market: only the smile through what was quoted speaks."""
        now, taken = self.clock.now(), self.clock.monotonic()
        bare = [
            Quote(instrument=each, as_of=now, taken=taken, feed=look.beneath.feed, greeks_missing=NOT_ASKED)
            for each in wanted
        ]
        quotes = await self._completed(look, bare)
        return tuple(
            ChainRow(each, quote, is_asked=False) for each, quote in zip(wanted, quotes, strict=True)
        )

    async def _completed(self, look: Look, fresh: Sequence[Quote]) -> Sequence[Quote]:
        """With Greeks of our own where the broker gave none."""
        if all(quote.greeks is not None for quote in fresh):
            return fresh
        options = [each for quote in fresh if isinstance(each := quote.instrument, OptionContract)]
        last = max(each.settles for each in options)
        assume = await self.dividends.added(self.assume, look.underlying, self.market, self.clock, last)
        # Volatilities and smiles take a while: not on the loop that also sends orders.
        done = await off_loop(self._with_greeks, look, fresh, assume)
        look.remarks.extend(done.remarks)
        return done.quotes

    def _with_greeks(self, look: Look, fresh: Sequence[Quote], assume: Assumptions) -> Completed:
        sight = Sight(underlying=look.underlying, spot=float(look.spot), now=self.clock.now(), assume=assume)
        return completed(fresh, sight, self.shelf.of(look.underlying.symbol, self.clock.monotonic()))


def late(rows: Sequence[ChainRow]) -> int:
    """How many rows at the end of a page brought nothing at all; 0 when none of the page did.

    A page is asked for in its order, so what is missing at its end is what the deadline cut off: the next
    page asks for it again. What is missing in the middle has no market.
    """
    told = [number for number, row in enumerate(rows, 1) if row.quote.feed is not Feed.NONE]
    return len(rows) - told[-1] if told else 0
