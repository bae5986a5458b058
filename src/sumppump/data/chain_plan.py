"""What is asked of the market for one answer, in which order: likely rows first, for statistics last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from sumppump.data.chain_quotes import ChainQuotes, Look
from sumppump.data.chain_request import ChainRequest, Cursor, Fill
from sumppump.data.chain_statistics import ChainRow, at_the_money_iv, own_forward, skew
from sumppump.data.live import LiveBoard
from sumppump.data.series import Series, all_series, by_series, series_of
from sumppump.data.strikes import (
    Estimate,
    Smile,
    at_the_money,
    candidates,
    near_delta,
    out_of_the_money,
    probes,
    wings,
)
from sumppump.domain.instruments import OptionContract
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import Clock

# A skew beyond the rows costs a few lines more; a page that fills the lines goes without.
MOST_ROWS_WITH_WINGS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be asked of the market for one answer.

    Attributes:
        wanted: every contract of the request, in the order of its pages; page: those of this one.
        series: of all contracts, as the cursor's smiles are ordered.
        estimate: what the order of the pages was made from.
        money: rows that were quoted to estimate deltas, at the money and on the wings.
    """

    wanted: tuple[OptionContract, ...]
    page: tuple[OptionContract, ...]
    offset: int
    series: tuple[Series, ...]
    estimate: Estimate
    money: tuple[ChainRow, ...] = ()

    def cursor(self, request: ChainRequest, given: int) -> Cursor:
        """Where the next page begins, after `given` contracts."""
        series = self.series if request.by_delta else ()
        smiles = [self.estimate.smiles.get(key, Smile(0)) for key in series]
        numbers = tuple((each.level, each.slope, each.upper) for each in smiles)
        at = int(self.estimate.at.timestamp())
        return Cursor(given, self.estimate.spot, at, numbers, request.fingerprint())


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Chooses contracts and asks for them.

    Attributes:
        live: what is followed: a skew is read from it before anything is asked for.
    """

    quotes: ChainQuotes
    clock: Clock
    assume: Assumptions
    live: LiveBoard | None = None

    async def plan(
        self, request: ChainRequest, contracts: Sequence[OptionContract], look: Look, cursor: Cursor | None
    ) -> Plan:
        series = all_series(contracts)
        money: tuple[ChainRow, ...] = ()
        if cursor is not None:
            smiles = {key: Smile(*each) for key, each in zip(series, cursor.smiles, strict=False) if each[0]}
            at, anchor, offset = datetime.fromtimestamp(cursor.at, UTC), cursor.anchor, cursor.offset
            estimate = Estimate(anchor, at, smiles, self.assume)
        else:
            # Whole seconds and basis points, as a cursor carries them: every page reckons with the same.
            offset, anchor, at = 0, look.spot.amount, self.clock.now().replace(microsecond=0)
            estimate = Estimate(anchor, at, {}, self.assume)
            if request.by_delta:
                money, estimate = await self._smiles(request, contracts, look, estimate)
        wanted = candidates(contracts, request, anchor)
        if request.by_delta:
            wanted = near_delta(wanted, request, estimate)
        return Plan(
            wanted=wanted,
            page=wanted[offset : offset + request.limit],
            offset=offset,
            series=series,
            estimate=estimate,
            money=money,
        )

    async def _smiles(
        self, request: ChainRequest, contracts: Sequence[OptionContract], look: Look, estimate: Estimate
    ) -> tuple[tuple[ChainRow, ...], Estimate]:
        """Quotes at the money and where the deltas are wanted, and the smile of each series through them."""
        spot = float(look.spot)
        money = await self.quotes.rows(look, at_the_money(contracts, look.spot.amount))
        levels = _iv_by_series(money, spot)
        flat = {series: Smile.through(level, ()) for series, level in levels.items()}
        low, high = request.delta_range
        target = ((low or 0.0) + (0.5 if high is None else high)) / 2
        there = wings(contracts, replace(estimate, smiles=flat), (target,))
        seen = {row.contract.con_id for row in money}
        rows = await self.quotes.rows(look, [each for each in there if each.con_id not in seen])
        bent = {
            series: Smile.through(level, [_point(row, spot) for row in rows if _has_iv(row, series)])
            for series, level in levels.items()
        }
        return (*money, *rows), replace(estimate, smiles=bent)

    async def rows(
        self, request: ChainRequest, plan: Plan, contracts: Sequence[OptionContract], look: Look
    ) -> tuple[ChainRow, ...]:
        """The page's rows, in its order."""
        if request.fill is Fill.QUOTES:
            return await self.quotes.rows(look, plan.page, plan.money)
        asked = await self.quotes.rows(look, probes(contracts, plan.page, look.spot.amount), plan.money)
        known = {row.contract.con_id: row for row in (*plan.money, *asked)}
        rest = await self.quotes.fitted(look, [each for each in plan.page if each.con_id not in known])
        known |= {row.contract.con_id: row for row in rest}
        return tuple(known[each.con_id] for each in plan.page)

    async def also(
        self,
        request: ChainRequest,
        plan: Plan,
        rows: Sequence[ChainRow],
        contracts: Sequence[OptionContract],
        look: Look,
    ) -> tuple[ChainRow, ...]:
        """Rows for the statistics that the answer does not show: the money, and the wings for the skew."""
        if not request.include_stats or plan.offset:
            return ()
        shown_ = _con_ids(rows)
        also = tuple(row for row in plan.money if row.contract.con_id not in shown_)
        first = plan.series[0]
        also = (*also, *await self._followed(look, contracts, first, {*shown_, *(_con_ids(also))}))
        near = [row for row in (*rows, *also) if series_of(row.contract) == first]
        # A VIX option's 25 delta is counted from its future.
        money = own_forward(near) or float(look.spot)
        iv, anchor = at_the_money_iv(near, money), Decimal(str(money))
        if iv is None or skew(near) is not None or len(rows) > MOST_ROWS_WITH_WINGS:
            return also
        estimate = Estimate(anchor, self.clock.now(), {first: Smile.through(iv, ())}, self.assume)
        wanted = wings(out_of_the_money(by_series(contracts)[first], anchor), estimate)
        seen = shown_ | _con_ids(also)
        return (*also, *await self.quotes.rows(look, [each for each in wanted if each.con_id not in seen]))

    async def _followed(
        self, look: Look, contracts: Sequence[OptionContract], series: Series, seen: set[int]
    ) -> tuple[ChainRow, ...]:
        """Rows of a series that cost nothing, because they are followed."""
        live = self.live
        followed = [] if live is None else [each for each in contracts if each.con_id in live]
        here = [each for each in followed if each.con_id not in seen and series_of(each) == series]
        known = [each for each in here if live and live.quote(each.con_id)]
        return await self.quotes.rows(look, known)


def _con_ids(rows: Sequence[ChainRow]) -> set[int]:
    return {row.contract.con_id for row in rows}


def _has_iv(row: ChainRow, series: Series) -> bool:
    return series_of(row.contract) == series and row.iv is not None


def _point(row: ChainRow, spot: float) -> tuple[float, float]:
    return math.log(float(row.contract.strike) / spot), row.iv or 0.0


def _iv_by_series(rows: Sequence[ChainRow], spot: float) -> dict[Series, float]:
    found = {
        series: at_the_money_iv([row for row in rows if series_of(row.contract) == series], spot)
        for series in {series_of(row.contract) for row in rows}
    }
    return {series: iv for series, iv in found.items() if iv is not None}
