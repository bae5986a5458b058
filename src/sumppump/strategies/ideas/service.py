"""From a view of the market to a few ranked drafts: look, price, sift, build the best on fresh quotes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sumppump.data.off_loop import off_loop
from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.payoff import Unlimited
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import Sighted, surface_of
from sumppump.kernel.errors import InvalidRequest, SumpPumpError
from sumppump.kernel.money import CENT, Money
from sumppump.strategies.drafts import Draft
from sumppump.strategies.ideas.generating import MOST_OF_ONE, Batch, batch_of
from sumppump.strategies.ideas.scoring import Measure, Payout, scored
from sumppump.strategies.ideas.sifting import Pick, Sifted, sift
from sumppump.strategies.ideas.slices import Slice
from sumppump.strategies.ideas.watching import Watch, Watcher
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService
from sumppump.strategies.shape import Shape

SHOWN, BUILT = 5, 8
# Candidates of one call; the arrays of more would keep the program from its quotes.
MOST_OF_ALL = 20_000
_ALL_STRIKES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The parts of a rank, cash of one combo on fresh quotes; see `scoring` for the formula.

    Attributes:
        value: (expected_value - crossing - lost_dividends) / capital; None with a part missing.
    """

    value: float | None
    expected_value: Money
    crossing: Money | None
    lost_dividends: Money
    capital: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A draft with the parts of its rank and what happens before it expires."""

    draft: Draft
    score: Score
    events: tuple[str, ...]


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
    """Finds candidates; sends nothing."""

    watcher: Watcher
    strategies: StrategyService

    async def suggest(self, wish: Wish) -> Ideas:
        """The best candidates as drafts.

        Raises:
            InvalidRequest: no strategy that fits may be used on the account's level.
            UnknownContract: no such symbol, or nothing expires within the days.
            NoQuote: the underlying has no price.
            GatewayUnavailable: no connection.
        """
        if not wish.shapes:
            raise _no_level(wish)
        watch = await self.watcher.look(wish)
        # Tens of thousands of prices: not on the loop that also sends orders.
        sifted, smiles = await off_loop(_sifted, watch, wish)
        built = await asyncio.gather(*(self._built(pick, wish, watch) for pick in sifted.picks))
        ideas = [each for each in built if isinstance(each, Idea) and _still_fits(each.draft, wish)]
        ideas.sort(key=lambda each: -1e9 if each.score.value is None else each.score.value, reverse=True)
        return Ideas(
            symbol=watch.underlying.symbol,
            spot=watch.spot,
            ideas=tuple(ideas[:SHOWN]),
            measure=watch.measure,
            expiries=tuple(chain.expiry for chain in watch.near),
            quoted=len(watch.quotes),
            priced=sifted.priced,
            fitting=sifted.fitting,
            refused=sifted.refused,
            notes=(
                *watch.notes,
                *smiles,
                *_left_out(wish, watch.underlying),
                *(each for each in built if isinstance(each, str)),
            ),
        )

    async def _built(self, pick: Pick, wish: Wish, watch: Watch) -> Idea | str:
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
            draft = await self.strategies.build(request)
        except SumpPumpError as error:
            return f"A {pick.shape.type.words} was left out: {error.message}."
        return Idea(draft=draft, score=_score(pick, draft), events=tuple(_events(draft, watch.payout)))


def _sifted(watch: Watch, wish: Wish) -> tuple[Sifted, tuple[str, ...]]:
    """All candidates of all strategies and expiries, and what had no smile."""
    is_index = watch.underlying.sec_type is SecType.IND
    sighted = surface_of(
        watch.quotes,
        spot=float(watch.spot),
        now=max(quote.as_of for quote in watch.quotes),
        assume=Assumptions(is_american=not is_index),
    )
    pairs = [pair for chain in watch.near if (pair := _slices(watch, chain.expiry, sighted)) is not None]
    batches = list(_batches(pairs, wish, is_index=is_index))
    scans = scored(batches, watch.measure, watch.payout, is_index=is_index)
    return sift(scans, wish, BUILT), tuple(_without_smile(watch, sighted))


def _slices(watch: Watch, expiry: date, sighted: Sighted) -> tuple[Slice, Slice | None] | None:
    chain = next(each for each in watch.near if each.expiry == expiry)
    near, later = Slice.of(chain, watch.quotes, sighted), watch.far.get(expiry)
    if near is None:
        return None
    return near, Slice.of(later, watch.quotes, sighted, most=_ALL_STRIKES) if later else None


def _batches(pairs: Sequence[tuple[Slice, Slice | None]], wish: Wish, *, is_index: bool) -> Iterator[Batch]:
    """Of each strategy on each expiry; nobody can hold an index itself."""
    shapes = [shape for shape in wish.shapes if not (is_index and _needs_shares(shape))]
    most = min(MOST_OF_ONE, MOST_OF_ALL // max(1, len(shapes) * len(pairs)))
    for shape in shapes:
        for near, far in pairs:
            if shape.has_far and far is None:
                continue
            later = far if shape.has_far else None
            batch = batch_of(shape, near, later, max_width=wish.max_width, most=most)
            if batch is not None:
                yield batch


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


def _score(pick: Pick, draft: Draft) -> Score:
    """The rank on fresh quotes: what the candidate pays on average stands, what it costs is new."""
    analysis, combo = draft.analysis, draft.combo
    pays = Money((Decimal(pick.worth) * combo.multiplier).quantize(CENT), combo.currency)
    lost = Money((Decimal(pick.lost_dividends) * combo.multiplier).quantize(CENT), combo.currency)
    expected, crossing, capital = pays - analysis.cash, analysis.crossing_cost, analysis.required_capital
    value = None
    if crossing is not None and capital is not None and capital.amount > 0:
        value = float((expected - crossing - lost).amount / capital.amount)
    return Score(
        value=value, expected_value=expected, crossing=crossing, lost_dividends=lost, capital=capital
    )


def _events(draft: Draft, payout: Payout | None) -> Iterator[str]:
    """Announced dividends inside the life of the first expiry."""
    if payout is not None and draft.combo.expiries and payout.ex_date <= draft.combo.expiries[0]:
        yield f"ex-dividend {payout.ex_date.isoformat()}, {payout.amount:.2f} per share"


def _still_fits(draft: Draft, wish: Wish) -> bool:
    """Whether the bounds hold on fresh quotes, too."""
    loss, chance = draft.analysis.payoff.max_loss, draft.analysis.probability_of_profit
    if wish.max_loss is not None and (
        loss is None or isinstance(loss, Unlimited) or loss.amount > Decimal(str(wish.max_loss))
    ):
        return False
    return wish.min_pop is None or (chance is not None and chance >= wish.min_pop)


def _left_out(wish: Wish, underlying: Underlying) -> Iterator[str]:
    if wish.left_out:
        names = ", ".join(shape.type.words for shape in wish.left_out)
        yield f"Above options level {wish.level} and left out: {names} (above_level shows them)."
    held = [shape.type.words for shape in wish.shapes if _needs_shares(shape)]
    if underlying.sec_type is SecType.IND and held:
        yield f"{underlying.symbol} is an index, which nobody can hold: left out {', '.join(held)}."


def _no_level(wish: Wish) -> InvalidRequest:
    least = min((shape.level for shape in wish.fitting), default=0)
    names = ", ".join(shape.type.value for shape in wish.fitting)
    return InvalidRequest(
        f"every strategy that fits needs options level {least} or more, and OPTIONS_LEVEL is {wish.level}",
        code="permission_level",
        expected=f"strategy_type or outlook: one with a strategy of level {wish.level} or less",
        found=names,
        next_steps=["Call again with above_level=true to see them; only a person raises OPTIONS_LEVEL."],
    )
