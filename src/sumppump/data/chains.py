"""Option chains: the part that was asked for, nearest the money first, within one answer's budget and time.

One request to the market per expiry for its contracts, one line per contract for its quote. What does not
fit into one answer or its time is reached by `next_cursor`. Who asks for the same at once shares one fetch.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date

from sumppump.data.announced import DividendShelf
from sumppump.data.chain import (
    COLUMNS,
    Chain,
    chosen_note,
    counted_note,
    fitted_note,
    forward_note,
    hint,
    in_order,
    late_note,
    outside_note,
    pain_note,
    warnings,
)
from sumppump.data.chain_listing import Listed, listed_for
from sumppump.data.chain_plan import Plan, Planner
from sumppump.data.chain_quotes import ChainQuotes, Look, Tally, late
from sumppump.data.chain_request import ChainRequest, Cursor
from sumppump.data.chain_shelf import ChainShelf
from sumppump.data.chain_statistics import ChainRow, statistics
from sumppump.data.flights import Flights, Told
from sumppump.data.live import LiveBoard
from sumppump.data.quotes import price_of
from sumppump.data.series import class_notes, shown
from sumppump.data.sessions import underlying_status
from sumppump.domain.instruments import Underlying
from sumppump.domain.quotes import Quote, worst_feed
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import NoQuote
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData

DEADLINE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainService:
    """Builds chains; sends nothing.

    Attributes:
        deadline_s: how long an answer waits for quotes, in all.
        live: what is followed: a skew is read from it before anything is asked for.
        shelf: what was quoted last, for the smiles. dividends: asked for with the first Greeks of our own.
    """

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    assume: Assumptions = field(default_factory=Assumptions)
    deadline_s: float = DEADLINE_S
    live: LiveBoard | None = None
    flights: Flights[ChainRequest, Chain] = field(default_factory=Flights)
    shelf: ChainShelf = field(default_factory=ChainShelf)
    dividends: DividendShelf = field(default_factory=DividendShelf)

    async def chain(self, request: ChainRequest, told: Told | None = None) -> Chain:
        """The part of the chain that the request describes.

        Args:
            request: what is wanted.
            told: hears how many of how many contracts have come.

        Raises:
            InvalidRequest: a cursor of another request, a past expiry.
            UnknownContract: the symbol, class or expiry is not listed; the nearest are named.
            NoQuote: the underlying has no price, so nothing is near the money.
            GatewayUnavailable: no connection.
        """
        return await self.flights.join(request, lambda tell: self._chain(request, tell), told)

    @property
    def _quotes(self) -> ChainQuotes:
        return ChainQuotes(
            market=self.market,
            clock=self.clock,
            shelf=self.shelf,
            assume=self.assume,
            dividends=self.dividends,
        )

    async def _chain(self, request: ChainRequest, told: Told) -> Chain:
        end = self.clock.monotonic() + self.deadline_s
        cursor = Cursor.read(request.cursor, request) if request.cursor else None
        underlying = await self.directory.underlying(request.symbol.strip().upper())
        quotes = self._quotes
        # The price is on its way while the contracts are listed: two answers for the time of one.
        (beneath,), listed = await asyncio.gather(
            self.market.quotes([underlying], deadline_s=quotes.left_s(end)), self.listed(underlying, request)
        )
        look = Look(underlying=underlying, beneath=beneath, spot=_spot(beneath), end=end, tally=Tally(told))
        planner = Planner(quotes=quotes, clock=self.clock, assume=self.assume, live=self.live)
        plan = await planner.plan(request, listed.contracts, look, cursor)
        rows = await planner.rows(request, plan, listed.contracts, look)
        also = await planner.also(request, plan, rows, listed.contracts, look)
        return self._answer(request, look, listed, plan, rows, also)

    async def listed(self, underlying: Underlying, request: ChainRequest) -> Listed:
        """What a request can choose from; see `chain_listing.listed_for`."""
        return await listed_for(self.directory, underlying, request, self._today())

    def _answer(
        self,
        request: ChainRequest,
        look: Look,
        listed: Listed,
        plan: Plan,
        page: tuple[ChainRow, ...],
        also: tuple[ChainRow, ...],
    ) -> Chain:
        now, monotonic = self.clock.now(), self.clock.monotonic()
        cut_off = late(page) if monotonic >= look.end else 0
        rows = page[: len(page) - cut_off]
        given = plan.offset + len(rows)
        more = given < len(plan.wanted)
        kept = in_order(row for row in rows if _in_delta_range(row, request))
        asked = in_order(row for row in rows if row.is_asked)
        # Deltas are known of what was quoted; once that is everything, nothing is "perhaps" any more.
        total = len(plan.wanted) if more or plan.offset else len(kept)
        has_statistics = request.include_stats and not plan.offset
        oldest = min((row.quote for row in rows), key=lambda quote: quote.taken, default=look.beneath)
        series = shown(listed.contracts, look.underlying, self._today(), listed.all_days)
        may_fit = request.by_delta and (more or plan.offset > 0)
        found = statistics(asked, spot=float(look.spot), now=now, also=also) if has_statistics else None
        return Chain(
            underlying=look.underlying,
            underlying_quote=look.beneath,
            spot=look.spot,
            series=series,
            rows=kept,
            total=total,
            given=given,
            as_of=oldest.as_of,
            oldest_s=oldest.age_s(monotonic),
            feed=worst_feed([look.beneath.feed, *(row.quote.feed for row in rows)]),
            statistics=found,
            next_cursor=plan.cursor(request, given).text() if more else None,
            hint=hint(request, given, len(plan.wanted), len(listed.days)),
            notes=(
                *request.notes(),
                *chosen_note(request, series),
                *class_notes(request, listed.classes, series),
                *outside_note(rows, kept, may_fit=may_fit),
                *counted_note(len(asked), len(plan.wanted), has_statistics=has_statistics),
                *late_note(cut_off, self.deadline_s),
                *fitted_note(len(rows) - len(asked)),
                *forward_note(found, look.underlying.symbol),
                *pain_note(found),
                *dict.fromkeys(look.remarks),
            ),
            warnings=warnings(rows, look.beneath, underlying_status(look.underlying, now)),
        )

    def _today(self) -> date:
        return self.clock.now().astimezone(NEW_YORK).date()


def _spot(quote: Quote) -> Premium:
    spot = price_of(quote) or quote.close
    if spot is None or spot.amount <= 0:
        raise NoQuote(
            f"{quote.instrument.label} has no price, so no strike is near it",
            expected="a quote, a last trade or a close of the underlying",
            found=quote.notice or "none",
            next_steps=["Look at trade_check_market_data, or try again."],
        )
    return spot


def _in_delta_range(row: ChainRow, request: ChainRequest) -> bool:
    if not request.by_delta:
        return True
    low, high = request.delta_range
    return row.delta is not None and (low or 0.0) <= abs(row.delta) <= (1.0 if high is None else high)


__all__ = ["COLUMNS", "Chain", "ChainService"]
