"""Option chains: the part that was asked for, nearest the money first, within one answer's budget.

One request to the market per expiry for its contracts, one line per contract for its quote. What does not
fit into one answer is reached by `next_cursor`; what has not come in time is a row with nulls and a reason.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from sumppump.data.chain import (
    COLUMNS,
    Chain,
    chosen_note,
    counted_note,
    hint,
    outside_note,
    warnings,
)
from sumppump.data.chain_request import ChainRequest, Cursor
from sumppump.data.chain_statistics import ChainRow, at_the_money_iv, skew, statistics
from sumppump.data.expiries import MOST_EXPIRIES, ExpiryDay, chosen, described, listed_expiries
from sumppump.data.greeks import assumption_words, with_greeks
from sumppump.data.quotes import price_of
from sumppump.data.strikes import Estimate, Smile, at_the_money, candidates, near_delta, wings
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.quotes import GreeksSource, Quote, worst_feed
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import NoQuote, UnknownContract
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData

DEADLINE_S = 20.0
# A skew beyond the rows costs a few lines more; a page that fills the lines goes without.
MOST_ROWS_WITH_WINGS = 80


@dataclass(frozen=True, slots=True)
class _Plan:
    """What will be asked of the market for one answer.

    Attributes:
        wanted: every contract of the request, in the order of its pages; page: those of this one.
        days: expiries of all contracts, rising, as the cursor's smiles are ordered.
        money: rows that were quoted to estimate deltas, at the money and on the wings.
        estimate: what the order of the pages was made from.
    """

    wanted: tuple[OptionContract, ...]
    page: tuple[OptionContract, ...]
    offset: int
    days: tuple[date, ...]
    estimate: Estimate
    money: tuple[ChainRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainService:
    """Builds chains; sends nothing."""

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    assume: Assumptions = field(default_factory=Assumptions)
    deadline_s: float = DEADLINE_S

    async def chain(self, request: ChainRequest) -> Chain:
        """The part of the chain that the request describes.

        Raises:
            InvalidRequest: a cursor of another request, a past expiry.
            UnknownContract: the symbol or expiry is not listed; the nearest are named.
            NoQuote: the underlying has no price, so nothing is near the money.
            GatewayUnavailable: no connection.
        """
        cursor = Cursor.read(request.cursor, request) if request.cursor else None
        underlying = await self.directory.underlying(request.symbol.strip().upper())
        today = self.clock.now().astimezone(NEW_YORK).date()
        # The price is on its way while the contracts are listed: two answers for the time of one.
        (beneath,), (days, contracts) = await asyncio.gather(
            self.market.quotes([underlying], deadline_s=self.deadline_s),
            self._listed(underlying, request, today),
        )
        spot = _spot(beneath)
        plan = await self._plan(request, contracts, underlying, spot, cursor)
        rows = await self._rows(plan.page, underlying, spot, plan.money)
        also = await self._also(request, plan, rows, contracts, underlying, spot)
        return self._answer(request, beneath, spot, plan, rows, also, described(days, today))

    async def _listed(
        self, underlying: Underlying, request: ChainRequest, today: date
    ) -> tuple[tuple[date, ...], tuple[OptionContract, ...]]:
        """The expiries meant, and every contract of the first of them."""
        classes = await self.directory.option_classes(underlying)
        kind = request.trading_class.upper()
        days = chosen(request, listed_expiries(classes, kind), today)
        found: list[OptionContract] = []
        for day in days[:MOST_EXPIRIES]:
            found += await self.directory.options(underlying, day, trading_class=kind)
        if not found:
            raise UnknownContract(
                f"{underlying.symbol} has no contracts on {', '.join(day.isoformat() for day in days)}",
                expected="an expiry with listed contracts",
            )
        return days, tuple(found)

    async def _plan(
        self,
        request: ChainRequest,
        contracts: Sequence[OptionContract],
        underlying: Underlying,
        spot: Premium,
        cursor: Cursor | None,
    ) -> _Plan:
        days = tuple(sorted({each.expiry for each in contracts}))
        money: tuple[ChainRow, ...] = ()
        if cursor is not None:
            smiles = {day: Smile(*each) for day, each in zip(days, cursor.smiles, strict=False) if each[0]}
            at, anchor, offset = datetime.fromtimestamp(cursor.at, UTC), cursor.anchor, cursor.offset
            estimate = Estimate(anchor, at, smiles, self.assume)
        else:
            # Whole seconds and basis points, as a cursor carries them: every page reckons with the same.
            offset, anchor, at = 0, spot.amount, self.clock.now().replace(microsecond=0)
            estimate = Estimate(anchor, at, {}, self.assume)
            if request.by_delta:
                money, estimate = await self._smiles(request, contracts, underlying, estimate)
        wanted = candidates(contracts, request, anchor)
        if request.by_delta:
            wanted = near_delta(wanted, request, estimate)
        return _Plan(wanted, wanted[offset : offset + request.limit], offset, days, estimate, money)

    async def _smiles(
        self,
        request: ChainRequest,
        contracts: Sequence[OptionContract],
        underlying: Underlying,
        estimate: Estimate,
    ) -> tuple[tuple[ChainRow, ...], Estimate]:
        """Quotes at the money and where the deltas are wanted, and the smile of each expiry through them."""
        spot = Premium(estimate.spot)
        money = await self._rows(at_the_money(contracts, spot.amount), underlying, spot)
        levels = _iv_by_expiry(money, float(spot))
        flat = {day: Smile.through(level, ()) for day, level in levels.items()}
        low, high = request.delta_range
        target = ((low or 0.0) + (0.5 if high is None else high)) / 2
        there = wings(contracts, replace(estimate, smiles=flat), (target,))
        seen = {row.contract.con_id for row in money}
        rows = await self._rows([each for each in there if each.con_id not in seen], underlying, spot)
        bent = {
            day: Smile.through(level, [_point(row, float(spot)) for row in rows if _has_iv(row, day)])
            for day, level in levels.items()
        }
        return (*money, *rows), replace(estimate, smiles=bent)

    async def _also(
        self,
        request: ChainRequest,
        plan: _Plan,
        rows: Sequence[ChainRow],
        contracts: Sequence[OptionContract],
        underlying: Underlying,
        spot: Premium,
    ) -> tuple[ChainRow, ...]:
        """Rows for the statistics that the answer does not show: the money, and the wings for the skew."""
        if not request.include_stats or plan.offset:
            return ()
        shown = {row.contract.con_id for row in rows}
        also = tuple(row for row in plan.money if row.contract.con_id not in shown)
        first = min(each.expiry for each in contracts)
        near = [row for row in (*rows, *also) if row.contract.expiry == first]
        iv = at_the_money_iv(near, float(spot))
        if iv is None or skew(near) is not None or len(rows) > MOST_ROWS_WITH_WINGS:
            return also
        estimate = Estimate(spot.amount, self.clock.now(), {first: Smile.through(iv, ())}, self.assume)
        wanted = wings([each for each in contracts if each.expiry == first], estimate)
        seen = shown | {row.contract.con_id for row in also}
        return (
            *also,
            *await self._rows([each for each in wanted if each.con_id not in seen], underlying, spot),
        )

    async def _rows(
        self,
        page: Sequence[OptionContract],
        underlying: Underlying,
        spot: Premium,
        have: Sequence[ChainRow] = (),
    ) -> tuple[ChainRow, ...]:
        """Quotes of the page with Greeks; what we `have` is not asked for again."""
        known = {row.contract.con_id: row.quote for row in have}
        asked = [each for each in page if each.con_id not in known]
        fresh = await self.market.quotes(asked, deadline_s=self.deadline_s) if asked else ()
        now, assume = self.clock.now(), self.assume

        def completed() -> dict[int, Quote]:
            return {
                quote.instrument.con_id: with_greeks(
                    quote, underlying=underlying, spot=float(spot), now=now, assume=assume
                )
                for quote in fresh
            }

        # Finding volatilities takes milliseconds each: not on the loop that also sends orders.
        lacking = any(quote.greeks is None for quote in fresh)
        quotes = {**known, **(await asyncio.to_thread(completed) if lacking else completed())}
        rows = [ChainRow(each, quotes[each.con_id]) for each in page]
        return tuple(
            sorted(rows, key=lambda row: (row.contract.expiry, row.contract.strike, row.contract.right))
        )

    def _answer(
        self,
        request: ChainRequest,
        beneath: Quote,
        spot: Premium,
        plan: _Plan,
        rows: tuple[ChainRow, ...],
        also: tuple[ChainRow, ...],
        days: tuple[ExpiryDay, ...],
    ) -> Chain:
        underlying = beneath.instrument
        assert isinstance(underlying, Underlying)
        monotonic, given = self.clock.monotonic(), plan.offset + len(plan.page)
        more = given < len(plan.wanted)
        shown = tuple(row for row in rows if _in_delta_range(row, request))
        # Deltas are known of what was quoted; once that is everything, nothing is "perhaps" any more.
        total = len(plan.wanted) if more or plan.offset else len(shown)
        has_statistics = request.include_stats and not plan.offset
        oldest = min((row.quote for row in rows), key=lambda quote: quote.taken, default=beneath)
        return Chain(
            underlying=underlying,
            underlying_quote=beneath,
            spot=spot,
            expiries=days[:MOST_EXPIRIES],
            rows=shown,
            total=total,
            given=given,
            as_of=oldest.as_of,
            oldest_s=oldest.age_s(monotonic),
            feed=worst_feed([beneath.feed, *(row.quote.feed for row in rows)]),
            statistics=statistics(rows, spot=float(spot), now=self.clock.now(), also=also)
            if has_statistics
            else None,
            next_cursor=_cursor(request, plan, given).text() if more else None,
            hint=hint(request, given, len(plan.wanted), days) if more or len(days) > MOST_EXPIRIES else "",
            notes=(
                *request.notes(),
                *chosen_note(request, days),
                *outside_note(len(rows) - len(shown), may_fit=request.by_delta and (more or plan.offset > 0)),
                *counted_note(len(rows), len(plan.wanted), has_statistics=has_statistics),
                *self._computed_note(rows),
            ),
            warnings=warnings(rows, beneath),
        )

    def _computed_note(self, rows: Sequence[ChainRow]) -> tuple[str, ...]:
        ours = (GreeksSource.COMPUTED, GreeksSource.DELAYED_COMPUTED)
        count = sum(1 for row in rows if row.quote.greeks is not None and row.quote.greeks.source in ours)
        return (f"Greeks of {count} contracts were {assumption_words(self.assume)}.",) if count else ()


def _cursor(request: ChainRequest, plan: _Plan, given: int) -> Cursor:
    estimate, days = plan.estimate, plan.days if request.by_delta else ()
    smiles = [estimate.smiles.get(day, Smile(0)) for day in days]
    numbers = tuple((each.level, each.slope) for each in smiles)
    return Cursor(given, estimate.spot, int(estimate.at.timestamp()), numbers, request.fingerprint())


def _has_iv(row: ChainRow, day: date) -> bool:
    return row.contract.expiry == day and row.iv is not None


def _point(row: ChainRow, spot: float) -> tuple[float, float]:
    return math.log(float(row.contract.strike) / spot), row.iv or 0.0


def _spot(quote: Quote) -> Premium:
    spot = price_of(quote) or quote.close
    if spot is None or spot.amount <= 0:
        raise NoQuote(
            f"{quote.instrument.label} has no price, so no strike is near it",
            expected="a quote, a last trade or a close of the underlying",
            found="none",
            next_steps=["Look at trade_check_market_data, or try again."],
        )
    return spot


def _iv_by_expiry(rows: Sequence[ChainRow], spot: float) -> dict[date, float]:
    days = {row.contract.expiry for row in rows}
    found = {day: at_the_money_iv([row for row in rows if row.contract.expiry == day], spot) for day in days}
    return {day: iv for day, iv in found.items() if iv is not None}


def _in_delta_range(row: ChainRow, request: ChainRequest) -> bool:
    if not request.by_delta:
        return True
    low, high = request.delta_range
    return row.delta is not None and (low or 0.0) <= abs(row.delta) <= (1.0 if high is None else high)


__all__ = ["COLUMNS", "Chain", "ChainService"]
