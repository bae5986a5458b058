"""Option chains: the part that was asked for, nearest the money first, within one answer's budget.

One request to the market per expiry for its contracts, one line per contract for its quote. What does not
fit into one answer is reached by `next_cursor`; what has not come in time is a row with nulls and a reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sumppump.data.chain_request import ChainRequest, Cursor
from sumppump.data.chain_statistics import ChainRow, ChainStatistics, at_the_money_iv, statistics
from sumppump.data.expiries import MOST_EXPIRIES, ExpiryDay, chosen, described, listed_expiries
from sumppump.data.greeks import assumption_words, with_greeks
from sumppump.data.quotes import price_of
from sumppump.data.strikes import at_the_money, candidates, near_delta
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.quotes import Feed, GreeksSource, Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import NoQuote, UnknownContract
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData

COLUMNS = (
    "expiry",
    "strike",
    "right",
    "bid",
    "ask",
    "mid",
    "last",
    "volume",
    "open_interest",
    "iv",
    "delta",
    "gamma",
    "theta",
    "vega",
    "source",
)
DEADLINE_S = 20.0

Cell = str | float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One answer.

    Attributes:
        spot: the underlying's price per share that distances are counted from.
        expiries: of the rows and of the whole request, as they are shown.
        rows: by expiry, strike, call before put.
        total: contracts that fit the request; with deltas asked, those that may.
        given: contracts of the request asked for up to and with this answer.
        statistics: over the rows and the strikes at the money, on the first page only; else None.
        next_cursor: for the next rows, None at the end.
        hint: how to narrow, or "".
        notes: how arguments were read and what was chosen.
        warnings: data that is missing, delayed or old.
        feed: the worst feed among the rows. oldest_s: age of the oldest quote. as_of: its exchange time.
    """

    underlying: Underlying
    underlying_quote: Quote
    spot: Premium
    expiries: tuple[ExpiryDay, ...]
    rows: tuple[ChainRow, ...]
    total: int
    given: int
    as_of: datetime
    oldest_s: float
    feed: Feed
    statistics: ChainStatistics | None = None
    next_cursor: str | None = None
    hint: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def columnar(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows as values in the order of `COLUMNS`; a missing number is None."""
        return tuple(cells(row) for row in self.rows)


def cells(row: ChainRow) -> tuple[Cell, ...]:
    """One row in the order of `COLUMNS`: prices per share, Greeks per share of the contract itself."""
    quote, greeks = row.quote, row.quote.greeks
    return (
        row.contract.expiry.isoformat(),
        float(row.contract.strike),
        row.contract.right.value,
        *(None if price is None else float(price) for price in (quote.bid, quote.ask, quote.mid, quote.last)),
        quote.volume,
        quote.open_interest,
        *(
            (None,) * 6
            if greeks is None
            else (
                round(greeks.iv, 4),
                round(greeks.delta, 4),
                round(greeks.gamma, 5),
                round(greeks.theta, 4),
                round(greeks.vega, 4),
                greeks.source.value,
            )
        ),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What will be asked of the market for one answer."""

    wanted: tuple[OptionContract, ...]
    page: tuple[OptionContract, ...]
    offset: int
    extra: Mapping[int, Quote]


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
        anchor = cursor.anchor if cursor else spot.amount
        plan = await self._plan(request, contracts, underlying, anchor, cursor)
        rows = await self._rows(plan.page, underlying, spot, plan.extra)
        return self._answer(request, beneath, spot, plan, rows, described(days, today), anchor)

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
        anchor: Decimal,
        cursor: Cursor | None,
    ) -> _Plan:
        wanted = candidates(contracts, request, anchor)
        extra: Mapping[int, Quote] = {}
        if request.by_delta:
            money = await self._rows(at_the_money(contracts, anchor), underlying, Premium(anchor), {})
            extra = {row.contract.con_id: row.quote for row in money}
            wanted = near_delta(
                wanted,
                request,
                spot=float(anchor),
                iv_by_expiry=_iv_by_expiry(money, float(anchor)),
                now=self.clock.now(),
                assume=self.assume,
            )
        offset = cursor.offset if cursor else 0
        return _Plan(wanted, wanted[offset : offset + request.limit], offset, extra)

    async def _rows(
        self,
        page: Sequence[OptionContract],
        underlying: Underlying,
        spot: Premium,
        known: Mapping[int, Quote],
    ) -> tuple[ChainRow, ...]:
        """Quotes of the page with Greeks, those already `known` not asked for again."""
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
        days: tuple[ExpiryDay, ...],
        anchor: Decimal,
    ) -> Chain:
        underlying = beneath.instrument
        assert isinstance(underlying, Underlying)
        monotonic, given = self.clock.monotonic(), plan.offset + len(plan.page)
        more = given < len(plan.wanted)
        shown = tuple(row for row in rows if _in_delta_range(row, request))
        oldest = min((row.quote for row in rows), key=lambda quote: quote.taken, default=beneath)
        return Chain(
            underlying=underlying,
            underlying_quote=beneath,
            spot=spot,
            expiries=days[:MOST_EXPIRIES],
            rows=shown,
            total=len(plan.wanted),
            given=given,
            as_of=oldest.as_of,
            oldest_s=oldest.age_s(monotonic),
            feed=_worst_feed([beneath, *(row.quote for row in rows)]),
            statistics=self._statistics(request, plan, rows, spot),
            next_cursor=Cursor(given, anchor, request.fingerprint()).text() if more else None,
            hint=_hint(request, given, len(plan.wanted), days) if more or len(days) > MOST_EXPIRIES else "",
            notes=(*request.notes(), *_chosen_note(request, days), *self._computed_note(rows)),
            warnings=_warnings(rows, beneath, monotonic),
        )

    def _statistics(
        self, request: ChainRequest, plan: _Plan, rows: Sequence[ChainRow], spot: Premium
    ) -> ChainStatistics | None:
        if not request.include_stats or plan.offset:
            return None
        have = {row.contract.con_id for row in rows}
        more = [
            ChainRow(quote.instrument, quote)
            for con_id, quote in plan.extra.items()
            if con_id not in have and isinstance(quote.instrument, OptionContract)
        ]
        return statistics([*rows, *more], spot=float(spot), now=self.clock.now())

    def _computed_note(self, rows: Sequence[ChainRow]) -> tuple[str, ...]:
        ours = (GreeksSource.COMPUTED, GreeksSource.DELAYED_COMPUTED)
        count = sum(1 for row in rows if row.quote.greeks is not None and row.quote.greeks.source in ours)
        return (f"Greeks of {count} contracts were {assumption_words(self.assume)}.",) if count else ()


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


_FEEDS = (Feed.NONE, Feed.DELAYED_FROZEN, Feed.DELAYED, Feed.FROZEN, Feed.LIVE)


def _worst_feed(quotes: Sequence[Quote]) -> Feed:
    return min((quote.feed for quote in quotes), key=_FEEDS.index)


def _hint(request: ChainRequest, given: int, total: int, days: Sequence[ExpiryDay]) -> str:
    parts = []
    if given < total:
        parts.append(f"{given} of {total} contracts so far, nearest the money first; next_cursor continues")
    if len(days) > MOST_EXPIRIES:
        parts.append(f"only the first {MOST_EXPIRIES} of {len(days)} expiries; raise min_dte for the others")
    narrow = "strikes_around, min_delta and max_delta" if not request.by_delta else "strikes_around"
    both = "" if request.right else " or right"
    return "; ".join(parts) + f". To narrow: {narrow}{both}, or a smaller range of days."


def _chosen_note(request: ChainRequest, days: Sequence[ExpiryDay]) -> tuple[str, ...]:
    if request.expiry is not None or request.min_dte is not None or request.max_dte is not None:
        return ()
    return (f"No expiry was asked for, so {days[0].words} was taken.",)


def _warnings(rows: Sequence[ChainRow], beneath: Quote, monotonic: float) -> tuple[str, ...]:
    feed = _worst_feed([beneath, *(row.quote for row in rows)])
    silent = sum(1 for row in rows if row.quote.bid is None and row.quote.ask is None)
    bare = [row.quote.greeks_missing for row in rows if row.quote.greeks is None]
    notices = dict.fromkeys(row.quote.notice for row in rows if row.quote.notice)
    rules = (
        (feed is not Feed.LIVE, f"the data is {feed.replace('_', ' and ')}"),
        (silent > 0, f"{silent} contracts have neither bid nor ask"),
        (bool(bare), f"{len(bare)} contracts have no Greeks: {next(filter(None, bare), 'no reason given')}"),
    )
    return (*(words for holds, words in rules if holds), *list(notices)[:3])
