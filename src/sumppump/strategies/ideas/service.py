"""From a view of the market to a few ranked drafts: look, price, sift, build the best on fresh quotes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sumppump.data.off_loop import off_loop
from sumppump.data.sessions import underlying_status
from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.margin.lots import part_of
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import Sighted, surface_of
from sumppump.kernel.errors import InvalidRequest, SumpPumpError
from sumppump.kernel.first_few import first_few
from sumppump.strategies.catalogue import SHAPES
from sumppump.strategies.drafts import Draft
from sumppump.strategies.ideas.generating import MOST_OF_ONE, Batch, Pool, batch_of
from sumppump.strategies.ideas.idea import Idea, events_of, score_of, still_fits
from sumppump.strategies.ideas.liquidity import Liquidity
from sumppump.strategies.ideas.room import Room
from sumppump.strategies.ideas.scoring import Measure, rated
from sumppump.strategies.ideas.sifting import Pick, Sifted, sift
from sumppump.strategies.ideas.slices import Later, Slice
from sumppump.strategies.ideas.watching import Watch, Watcher
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService
from sumppump.strategies.shape import Shape

SHOWN, BUILT, ALONE = 5, 8, 3
# Strategies that a note names.
_NAMED = 6
# Candidates of one call: without bounds an even choice of them has the best, with bounds few may fit.
MOST_OF_ALL, MOST_WITHIN_BOUNDS = 20_000, 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideas:
    """Ranked drafts, best first, and how they were found.

    Attributes:
        quoted: contracts asked for; priced: candidates reckoned; fitting: within all bounds.
        refused: what the bounds turned away, with the nearest; notes: what was left out and why.
    """

    symbol: str
    spot: Decimal
    ideas: tuple[Idea, ...]
    measure: Measure
    expiries: tuple[date, ...]
    quoted: int
    priced: int
    fitting: int
    refused: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaService:
    """Finds candidates; sends nothing.

    Attributes:
        objections: what would refuse orders that open these drafts, each in sentences.
        room: what limits on size leave for one combo, None where nobody says.
    """

    watcher: Watcher
    strategies: StrategyService
    objections: Callable[[Sequence[Draft]], Awaitable[Sequence[tuple[str, ...]]]]
    room: Callable[[], Awaitable[Room | None]]

    async def suggest(self, wish: Wish) -> Ideas:
        """The best candidates as drafts.

        Raises:
            InvalidRequest: no strategy that fits may be used on the account's level, or held on an index.
            UnknownContract: no such symbol, or nothing expires within the days.
            NoQuote: the underlying has no price.
            GatewayUnavailable: no connection.
        """
        if not wish.shapes:
            raise _no_level(wish)
        watch, room = await asyncio.gather(self.watcher.look(wish), self.room())
        if not _usable(wish, is_index=watch.underlying.sec_type is SecType.IND):
            raise _no_level(wish, without_shares=True)
        # Tens of thousands of prices: not on the loop that also sends orders.
        sifted, smiles = await off_loop(_sifted, watch, wish, room)
        ideas, lacking = await self._ideas(sifted.picks, wish, watch)
        shown, closed = _shown(ideas, wish), _closed(watch, sifted)
        return Ideas(
            symbol=watch.underlying.symbol,
            spot=watch.spot,
            ideas=shown,
            measure=watch.measure,
            expiries=tuple(chain.expiry for chain in watch.near),
            quoted=len(watch.quotes),
            priced=sifted.priced,
            fitting=sifted.fitting,
            refused=sifted.refused,
            notes=(
                *closed,
                *_left_out(wish, watch.underlying),
                *_refused(ideas, shown),
                *lacking,
                *watch.notes,
                *(() if closed else smiles),
            ),
        )

    async def _ideas(
        self, picks: Sequence[Pick], wish: Wish, watch: Watch
    ) -> tuple[list[Idea], tuple[str, ...]]:
        """Picks as drafts that are within the bounds and judged by every limit, and what became of others."""
        built = await asyncio.gather(*(self._built(pick, watch) for pick in picks))
        drafted = [each for each in built if isinstance(each, Idea)]
        fitting = [each for each in drafted if still_fits(each, wish)]
        refusals = await self.objections([each.draft for each in fitting])
        pairs = zip(fitting, refusals, strict=True)
        lacking = (*(each for each in built if isinstance(each, str)), *_dropped(len(drafted) - len(fitting)))
        return [replace(each, objections=said) for each, said in pairs], lacking

    async def _built(self, pick: Pick, watch: Watch) -> Idea | str:
        """The draft of a pick on fresh quotes, or why there is none."""
        request = StrategyRequest(
            strategy_type=pick.shape.type,
            symbol=watch.underlying.symbol,
            strikes=pick.strikes,
            expiry=pick.expiry,
            far_expiry=pick.far_expiry,
            trading_class=_class_of(pick, watch),
        )
        try:
            draft = await self.strategies.build(request, seen=watch.quotes)
        except SumpPumpError as error:
            return f"Left out, {pick.shape.type.one}: {error.message}."
        liquidity = Liquidity.of(draft)
        return Idea(
            draft=draft,
            score=score_of(pick, draft, liquidity, watch.measure),
            liquidity=liquidity,
            events=tuple(events_of(draft)),
        )


def _shown(ideas: Sequence[Idea], wish: Wish) -> tuple[Idea, ...]:
    """The best of each strategy before others of the same, what nothing refuses before the rest.

    The first `ALONE` places belong to strategies that hold the view alone, as far as there are any.
    """
    ordered = sorted(ideas, key=lambda each: each.order)
    firsts = {each.draft.strategy_type: each for each in reversed(ordered)}
    allowed = [each for each in ordered if not each.objections]
    new = [each for each in allowed if firsts[each.draft.strategy_type] is each]
    again = [each for each in allowed if firsts[each.draft.strategy_type] is not each]
    alone = [each for each in new if wish.is_alone(SHAPES[each.draft.strategy_type])][:ALONE]
    others = [each for each in new if each not in alone]
    chosen = [*alone, *others, *again, *(each for each in ordered if each.objections)][:SHOWN]
    return tuple(sorted(chosen, key=lambda each: each.order))


def _refused(ideas: Sequence[Idea], shown: Sequence[Idea]) -> Iterator[str]:
    """Strategies of the best that a limit keeps out of the list, each with the first limit."""
    seen = {each.draft.strategy_type for each in shown}
    found = {each.draft.strategy_type: each.objections[0] for each in ideas if each.objections}
    said = [f"{kind.words} ({why})" for kind, why in found.items() if kind not in seen]
    if said:
        yield f"Would be refused now and not shown: {', '.join(said)}."


def _sifted(watch: Watch, wish: Wish, room: Room | None) -> tuple[Sifted, tuple[str, ...]]:
    """All candidates of all strategies and expiries, and what had no smile."""
    is_index = watch.underlying.sec_type is SecType.IND
    sighted = surface_of(
        watch.quotes,
        spot=float(watch.spot),
        now=max(quote.as_of for quote in watch.quotes),
        assume=Assumptions(is_american=not is_index, dividends=watch.dividends),
    )
    gaps = tuple(_without_smile(watch, sighted))
    nears = [each for chain in watch.near if (each := Slice.of(chain, watch.quotes, sighted)) is not None]
    fars = {near.expiry: far for near in nears if (far := _far_of(near, watch, sighted)) is not None}
    batches = list(_batches(nears, fars, wish, is_index=is_index))
    if not batches:
        return Sifted(), gaps
    pool = Pool.of(batches, nears, tuple(fars.values()))
    found = rated(pool, watch.measure, part=float(part_of(watch.underlying.symbol)))
    return sift(found, wish, BUILT, room), (*gaps, *_thinned(batches))


def _thinned(batches: Sequence[Batch]) -> Iterator[str]:
    taken, left = sum(len(each) for each in batches), sum(each.left_out for each in batches)
    if left:
        yield f"Of {taken + left:,} combinations an even choice of {taken:,} was priced."


def _far_of(near: Slice, watch: Watch, sighted: Sighted) -> Slice | None:
    later = watch.far.get(near.expiry)
    return Slice.of(later, watch.quotes, sighted) if later else None


def _batches(
    nears: Sequence[Slice], fars: dict[date, Slice], wish: Wish, *, is_index: bool
) -> Iterator[Batch]:
    """Of each strategy on each expiry; nobody can hold an index itself."""
    shapes = _usable(wish, is_index=is_index)
    every = MOST_WITHIN_BOUNDS if wish.has_bounds else MOST_OF_ALL
    most = min(MOST_OF_ONE, every // max(1, len(shapes) * len(nears)))
    far_numbers = {expiry: len(nears) + place for place, expiry in enumerate(fars)}
    for number, near in enumerate(nears):
        later = Later.of(near, fars[near.expiry]) if near.expiry in fars else None
        for shape in shapes:
            if shape.has_far and later is None:
                continue
            batch = batch_of(
                shape,
                near,
                later if shape.has_far else None,
                numbers=(number, far_numbers.get(near.expiry)),
                max_width=wish.max_width,
                most=most,
            )
            if batch is not None:
                yield batch


def _usable(wish: Wish, *, is_index: bool) -> list[Shape]:
    return [shape for shape in wish.shapes if not (is_index and _needs_shares(shape))]


def _needs_shares(shape: Shape) -> bool:
    return any(leg.right is None for leg in shape.legs)


def _without_smile(watch: Watch, sighted: Sighted) -> Iterator[str]:
    for chain in watch.near:
        if sighted.surface.smile(chain.any_contract) is None:
            why = sighted.surface.why_not(chain.any_contract).reason
            yield f"{chain.expiry.isoformat()} was left out, it has no smile: {why}."


def _class_of(pick: Pick, watch: Watch) -> str:
    chain = next(each for each in watch.near if each.expiry == pick.expiry)
    return chain.any_contract.trading_class


def _closed(watch: Watch, sifted: Sifted) -> tuple[str, ...]:
    """That nothing trades now, where nothing has a price."""
    hours = underlying_status(watch.underlying, max(quote.as_of for quote in watch.quotes))
    if sifted.priced or hours is None or hours.is_open:
        return ()
    return (f"Options of {watch.underlying.symbol} have no market: they are {hours.words()}.",)


def _dropped(count: int) -> Iterator[str]:
    if count:
        yield f"Left out, since fresh quotes put them beyond the bounds: {count} of the best."


def _left_out(wish: Wish, underlying: Underlying) -> Iterator[str]:
    if wish.left_out:
        # Those of most strikes are the ones that bound both sides.
        bounded = sorted(wish.left_out, key=lambda shape: -shape.slots)
        names = first_few([shape.type.words for shape in bounded], _NAMED)
        yield f"Above options level {wish.level}: {names} (above_level=true shows them)."
    held = [shape.type.words for shape in wish.shapes if _needs_shares(shape)]
    if underlying.sec_type is SecType.IND and held:
        yield f"{underlying.symbol} is an index, which nobody can hold: left out {', '.join(held)}."


def _no_level(wish: Wish, *, without_shares: bool = False) -> InvalidRequest:
    fitting = [shape for shape in wish.fitting if not (without_shares and _needs_shares(shape))]
    if not fitting:
        return InvalidRequest(
            f"every strategy that fits holds shares, and {wish.symbol} is an index, which nobody can hold",
            code="invalid_strategy_type",
            expected="strategy_type: one of options alone; or symbol: a stock or ETF such as SPY",
            found=", ".join(shape.type.value for shape in wish.fitting),
        )
    return InvalidRequest(
        f"every strategy that fits needs options level {min(shape.level for shape in fitting)} or more, "
        f"and OPTIONS_LEVEL is {wish.level}",
        code="permission_level",
        expected=f"strategy_type or outlook: one with a strategy of level {wish.level} or less",
        found=", ".join(shape.type.value for shape in fitting),
        next_steps=["Call again with above_level=true to see them; only a person raises OPTIONS_LEVEL."],
    )
