"""Option chains: the part that was asked for, nearest the money first, within one answer's budget and time.

One request to the market per expiry for its contracts, one line per contract for its quote. What does not
fit into one answer or its time is reached by `next_cursor`. Who asks for the same at once shares one fetch.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from sumppump.data.arguments import refuse_unlisted_expiry
from sumppump.data.chain import (
    COLUMNS,
    Chain,
    chosen_note,
    counted_note,
    fitted_note,
    hint,
    in_order,
    late_note,
    outside_note,
    warnings,
)
from sumppump.data.chain_quotes import ChainQuotes, Look, Tally, late
from sumppump.data.chain_request import ChainRequest, Cursor, Fill
from sumppump.data.chain_shelf import ChainShelf
from sumppump.data.chain_statistics import ChainRow, at_the_money_iv, skew, statistics
from sumppump.data.expiries import MOST_EXPIRIES, chosen, listed_expiries
from sumppump.data.flights import Flights, Told
from sumppump.data.live import LiveBoard
from sumppump.data.quotes import price_of
from sumppump.data.series import Series, all_series, class_notes, series_of, shown, wanted_classes
from sumppump.data.sessions import underlying_status
from sumppump.data.strikes import Estimate, Smile, at_the_money, candidates, near_delta, probes, wings
from sumppump.domain.instruments import OptionClass, OptionContract, SecType, Underlying
from sumppump.domain.quotes import Quote, worst_feed
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import NoQuote, UnknownContract
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData

DEADLINE_S = 20.0
# A skew beyond the rows costs a few lines more; a page that fills the lines goes without.
MOST_ROWS_WITH_WINGS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a request can choose from.

    Attributes:
        days: every listed day that is meant; all_days: every listed day of the classes.
        contracts: of the first `MOST_EXPIRIES` days.
        classes: of the underlying, those that were left out among them.
    """

    days: tuple[date, ...]
    all_days: tuple[date, ...]
    contracts: tuple[OptionContract, ...]
    classes: tuple[OptionClass, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainService:
    """Builds chains; sends nothing.

    Attributes:
        deadline_s: how long an answer waits for quotes, in all.
        live: what is followed: a skew is read from it before anything is asked for.
        shelf: what was quoted last, for the smiles.
    """

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    assume: Assumptions = field(default_factory=Assumptions)
    deadline_s: float = DEADLINE_S
    live: LiveBoard | None = None
    flights: Flights[ChainRequest, Chain] = field(default_factory=Flights)
    shelf: ChainShelf = field(default_factory=ChainShelf)

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
        return ChainQuotes(market=self.market, clock=self.clock, shelf=self.shelf, assume=self.assume)

    async def _chain(self, request: ChainRequest, told: Told) -> Chain:
        end = self.clock.monotonic() + self.deadline_s
        cursor = Cursor.read(request.cursor, request) if request.cursor else None
        underlying = await self.directory.underlying(request.symbol.strip().upper())
        # The price is on its way while the contracts are listed: two answers for the time of one.
        (beneath,), listed = await asyncio.gather(
            self.market.quotes([underlying], deadline_s=self._quotes.left_s(end)),
            self.listed(underlying, request),
        )
        look = Look(underlying=underlying, beneath=beneath, spot=_spot(beneath), end=end, tally=Tally(told))
        plan = await self._plan(request, listed.contracts, look, cursor)
        rows = await self._rows(request, plan, listed.contracts, look)
        also = await self._also(request, plan, rows, listed.contracts, look)
        return self._answer(request, look, listed, plan, rows, also)

    async def listed(self, underlying: Underlying, request: ChainRequest) -> Listed:
        """What a request can choose from: its days, and the contracts of its classes on them.

        Raises:
            InvalidRequest, UnknownContract, GatewayUnavailable: as a chain does.
        """
        classes = tuple(await self.directory.option_classes(underlying))
        wanted = wanted_classes(request, classes)
        all_days = listed_expiries(wanted)
        days = chosen(request, all_days, self._today(), may_settle_at_open=underlying.sec_type is SecType.IND)
        names = {each.trading_class for each in wanted}
        kind = request.trading_class.upper()
        found = await asyncio.gather(
            *(self.directory.options(underlying, day, trading_class=kind) for day in days[:MOST_EXPIRIES])
        )
        contracts = tuple(each for day in found for each in day if each.trading_class in names)
        if request.expiry is not None and request.expiry not in days:
            contracts = tuple(each for each in contracts if each.expiry == request.expiry)
            if not contracts:
                refuse_unlisted_expiry(request.symbol, request.expiry, all_days)
        if not contracts:
            raise UnknownContract(
                f"{underlying.symbol} has no contracts on {', '.join(day.isoformat() for day in days)}",
                expected="an expiry with listed contracts",
            )
        return Listed(days=days, all_days=all_days, contracts=contracts, classes=classes)

    async def _plan(
        self, request: ChainRequest, contracts: Sequence[OptionContract], look: Look, cursor: Cursor | None
    ) -> _Plan:
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
        return _Plan(
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
        money = await self._quotes.rows(look, at_the_money(contracts, look.spot.amount))
        levels = _iv_by_series(money, spot)
        flat = {series: Smile.through(level, ()) for series, level in levels.items()}
        low, high = request.delta_range
        target = ((low or 0.0) + (0.5 if high is None else high)) / 2
        there = wings(contracts, replace(estimate, smiles=flat), (target,))
        seen = {row.contract.con_id for row in money}
        rows = await self._quotes.rows(look, [each for each in there if each.con_id not in seen])
        bent = {
            series: Smile.through(level, [_point(row, spot) for row in rows if _has_iv(row, series)])
            for series, level in levels.items()
        }
        return (*money, *rows), replace(estimate, smiles=bent)

    async def _rows(
        self, request: ChainRequest, plan: _Plan, contracts: Sequence[OptionContract], look: Look
    ) -> tuple[ChainRow, ...]:
        """The page's rows, in its order."""
        if request.fill is Fill.QUOTES:
            return await self._quotes.rows(look, plan.page, plan.money)
        asked = await self._quotes.rows(look, probes(contracts, plan.page, look.spot.amount), plan.money)
        known = {row.contract.con_id: row for row in (*plan.money, *asked)}
        rest = await self._quotes.fitted(look, [each for each in plan.page if each.con_id not in known])
        known |= {row.contract.con_id: row for row in rest}
        return tuple(known[each.con_id] for each in plan.page)

    async def _also(
        self,
        request: ChainRequest,
        plan: _Plan,
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
        iv = at_the_money_iv(near, float(look.spot))
        if iv is None or skew(near) is not None or len(rows) > MOST_ROWS_WITH_WINGS:
            return also
        estimate = Estimate(look.spot.amount, self.clock.now(), {first: Smile.through(iv, ())}, self.assume)
        wanted = wings([each for each in contracts if series_of(each) == first], estimate)
        seen = shown_ | _con_ids(also)
        return (*also, *await self._quotes.rows(look, [each for each in wanted if each.con_id not in seen]))

    async def _followed(
        self, look: Look, contracts: Sequence[OptionContract], series: Series, seen: set[int]
    ) -> tuple[ChainRow, ...]:
        """Rows of a series that cost nothing, because they are followed."""
        live = self.live
        known = [] if live is None else [each for each in contracts if live.quote(each.con_id) is not None]
        wanted = [each for each in known if series_of(each) == series and each.con_id not in seen]
        return await self._quotes.rows(look, wanted)

    def _answer(
        self,
        request: ChainRequest,
        look: Look,
        listed: Listed,
        plan: _Plan,
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
            statistics=statistics(asked, spot=float(look.spot), now=now, also=also)
            if has_statistics
            else None,
            next_cursor=_cursor(request, plan, given).text() if more else None,
            hint=hint(request, given, len(plan.wanted), len(listed.days)),
            notes=(
                *request.notes(),
                *chosen_note(request, series),
                *class_notes(request, listed.classes, series),
                *outside_note(len(rows) - len(kept), may_fit=may_fit),
                *counted_note(len(asked), len(plan.wanted), has_statistics=has_statistics),
                *late_note(cut_off, self.deadline_s),
                *fitted_note(len(rows) - len(asked)),
                *dict.fromkeys(look.remarks),
            ),
            warnings=warnings(rows, look.beneath, underlying_status(look.underlying, now)),
        )

    def _today(self) -> date:
        return self.clock.now().astimezone(NEW_YORK).date()


def _con_ids(rows: Sequence[ChainRow]) -> set[int]:
    return {row.contract.con_id for row in rows}


def _cursor(request: ChainRequest, plan: _Plan, given: int) -> Cursor:
    estimate, series = plan.estimate, plan.series if request.by_delta else ()
    smiles = [estimate.smiles.get(key, Smile(0)) for key in series]
    numbers = tuple((each.level, each.slope) for each in smiles)
    return Cursor(given, estimate.spot, int(estimate.at.timestamp()), numbers, request.fingerprint())


def _has_iv(row: ChainRow, series: Series) -> bool:
    return series_of(row.contract) == series and row.iv is not None


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


def _iv_by_series(rows: Sequence[ChainRow], spot: float) -> dict[Series, float]:
    found = {
        series: at_the_money_iv([row for row in rows if series_of(row.contract) == series], spot)
        for series in {series_of(row.contract) for row in rows}
    }
    return {series: iv for series, iv in found.items() if iv is not None}


def _in_delta_range(row: ChainRow, request: ChainRequest) -> bool:
    if not request.by_delta:
        return True
    low, high = request.delta_range
    return row.delta is not None and (low or 0.0) <= abs(row.delta) <= (1.0 if high is None else high)


__all__ = ["COLUMNS", "Chain", "ChainService"]
