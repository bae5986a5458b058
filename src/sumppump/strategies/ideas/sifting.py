"""From thousands of scored candidates to a short list: bounds first, then the score, no near twins. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.distribution import Distribution
from sumppump.domain.pricing.normal import Array
from sumppump.strategies.ideas.generating import Batch, Pool
from sumppump.strategies.ideas.room import Room
from sumppump.strategies.ideas.scoring import Rated
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.shape import Outlook, Shape

Place = tuple[Batch, int]
# A loss of less than this part of the margin is none: interest on it is more.
LEAST_RISK = 0.001
# So many of the best are looked through for some that share no strike, where strategies are few.
_LOOKED_THROUGH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One candidate of the short list; figures per share of one combo, from the model's prices.

    Attributes:
        worth, prudent_worth: what it is worth by the measure, in today's money, and at the least.
        measure, prudent_measure: the distributions that its worths are means of.
        of_an_error: what more it is worth where the past's volatility is an error higher.
        early: worth of the early exercise that goes with the options sold.
    """

    shape: Shape
    expiry: date
    far_expiry: date | None
    strikes: tuple[Decimal, ...]
    score: float
    worth: float
    prudent_worth: float
    of_an_error: float
    measure: Distribution
    prudent_measure: Distribution
    early: float


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound of a wish.

    Attributes:
        name: the parameter. figure: what it bounds, of each candidate.
        passes: for each candidate. is_least: whether more of it is nearer to passing.
    """

    name: str
    limit: float
    figure: Array
    passes: NDArray[np.bool_]
    is_least: bool


@dataclass(frozen=True, slots=True)
class Sifted:
    """The picks, best first, and how many candidates there were.

    Attributes:
        refused: a sentence for each bound that turned candidates away, with the nearest that it refused.
    """

    picks: tuple[Pick, ...] = ()
    priced: int = 0
    fitting: int = 0
    refused: tuple[str, ...] = ()


def sift(found: Rated, wish: Wish, count: int, room: Room | None = None) -> Sifted:
    """The best `count`, of different strategies and expiries as far as there are any.

    Args:
        found: the candidates.
        wish: its bounds.
        count: how many.
        room: what limits refuse is turned away, unless that leaves nothing; None knows of none.
    """
    sifted = _sift(found, wish, count, room)
    return sifted if sifted.picks or room is None else _sift(found, wish, count, None)


def _sift(found: Rated, wish: Wish, count: int, room: Room | None) -> Sifted:
    bounds, score = [*_bounds(found, wish), *_limits(found, room)], found.score
    fits = np.flatnonzero(np.logical_and.reduce([np.isfinite(score), *(each.passes for each in bounds)]))
    best = fits[np.argsort(-score[fits], kind="stable")]
    return Sifted(
        picks=tuple(_pick(found, number) for number in _spread(found.pool, best, count, wish)),
        priced=len(found.pool),
        fitting=len(fits),
        refused=tuple(_refusals(bounds)),
    )


def _bounds(found: Rated, wish: Wish) -> Iterator[Bound]:
    """Every bound that is wished; a combo that cannot gain at all is none."""
    most = found.pool.multiplier
    # To enter and to leave.
    costs = 2.0 * found.crossing
    yield Bound("a profit", 0.0, found.profit, found.profit > costs, is_least=True)
    if wish.shape is None:
        risk = found.margin * LEAST_RISK
        yield Bound("a risk", 0.0, found.loss - risk, found.loss > risk, is_least=True)
    if wish.outlook is Outlook.NEUTRAL:
        # Who expects nothing to happen must gain by that.
        yield Bound("neutral", 0.0, found.at_spot, found.at_spot > costs, is_least=True)
    rows: tuple[tuple[str, float | None, Callable[[], Array], bool], ...] = (
        ("max_loss", wish.max_loss, lambda: found.loss * most, False),
        ("budget", wish.budget, lambda: found.margin * most, False),
        ("max_width", wish.max_width, lambda: found.pool.widest, False),
        ("max_delta", wish.max_delta, lambda: found.pool.told_deltas[1], False),
        ("min_delta", wish.min_delta, lambda: found.pool.told_deltas[0], True),
        ("min_pop", wish.min_pop, lambda: found.chance, True),
    )
    for name, limit, figure_of, is_least in rows:
        if limit is not None:
            figure = figure_of()
            passes = figure >= limit if is_least else figure <= limit
            yield Bound(name, limit, figure, passes, is_least=is_least)


def _limits(found: Rated, room: Room | None) -> Iterator[Bound]:
    """What limits on size would refuse of one combo, at the model's prices."""
    if room is None:
        return
    size, shares = found.pool.multiplier, found.pool.shares * found.pool.spot
    options = np.abs(found.premium - shares) + found.crossing
    beyond, naked = found.loss - shares, found.uncovered * size
    if room.assignment is None:
        naked = np.where(naked > 0, np.inf, 0.0)
    else:
        # A loss without limit is allowed with naked shorts, which their level lets through.
        beyond = np.where(np.isinf(beyond), 0.0, beyond)
    for name, limit, figure in (
        ("shares", room.shares, shares * size),
        ("premium", room.premium, options * size),
        ("loss", room.loss, beyond * size),
        ("assignment", room.assignment or 0.0, naked),
    ):
        yield Bound(name, limit, figure, figure <= limit, is_least=False)


def _refusals(bounds: Sequence[Bound]) -> Iterator[str]:
    """One sentence a bound, over the candidates that passed the bounds before it."""
    passed = np.ones_like(bounds[0].passes)
    for bound in bounds:
        turned = bound.figure[passed & ~bound.passes]
        passed = passed & bound.passes
        if len(turned):
            near = turned.max() if bound.is_least else turned.min()
            yield _WORDS[bound.name](len(turned), float(near), bound.limit)


def _cash(near: float) -> str:
    return f"{near:,.2f}" if np.isfinite(near) else "without limit"


_WORDS: dict[str, Callable[[int, float, float], str]] = {
    "a profit": lambda n, near, limit: f"{n} cannot gain more than crossing the market twice costs",
    "a risk": lambda n, near, limit: f"{n} cannot lose: they lend or borrow money",
    "shares": lambda n, near, limit: f"{n} hold shares for more than {limit:,.0f} (C-02)",
    "premium": lambda n, near, limit: f"{n} have a premium above {limit:,.0f} (C-02)",
    "loss": lambda n, near, limit: f"{n} can lose more than {limit:,.0f}, or without limit (C-03)",
    "assignment": lambda n, near, limit: f"{n} sell what nothing covers (C-03)",
    "neutral": lambda n, near, limit: f"{n} do not gain where the price stays",
    "max_loss": lambda n, near, limit: f"{n} can lose more than {limit:,.2f} (the least {_cash(near)})",
    "budget": lambda n, near, limit: f"{n} tie up more than {limit:,.2f} (the least {_cash(near)})",
    "max_width": lambda n, near, limit: f"{n} are wider than {limit:g} (the narrowest {near:g})",
    "max_delta": lambda n, near, limit: f"{n} lie above delta {limit:g} (the lowest {near:.2f})",
    "min_delta": lambda n, near, limit: f"{n} lie below delta {limit:g} (the highest {near:.2f})",
    "min_pop": lambda n, near, limit: f"{n} gain less likely than {limit:.0%} (the likeliest {near:.1%})",
}


def _pick(found: Rated, number: int) -> Pick:
    batch, candidate = found.pool.place(number)
    premium = float(found.premium[number])
    return Pick(
        shape=batch.shape,
        expiry=batch.near.expiry,
        far_expiry=None if batch.later is None else batch.later.slice.expiry,
        strikes=batch.strikes(candidate),
        score=float(found.score[number]),
        worth=premium + float(found.gain[number]),
        prudent_worth=premium + float(found.prudent[number]),
        of_an_error=float(found.of_an_error[number]),
        measure=found.views[batch.number][0],
        prudent_measure=found.views[batch.number][int(found.worst[number])],
        early=float(found.early[number]),
    )


def _spread(pool: Pool, best: NDArray[np.intp], count: int, wish: Wish) -> list[int]:
    """The best of each strategy; then of each strategy and expiry; then others that share no strike.

    Half of the places go to strategies that hold the view alone, however others score.
    """
    batch = pool.batch[best]
    kinds = {shape: number for number, shape in enumerate({each.shape.type for each in pool.batches})}
    kind = np.array([kinds[each.shape.type] for each in pool.batches])[batch]
    each = _firsts(kind)
    alone = [place for place in each if wish.is_alone(pool.batches[batch[place]].shape)][: count // 2]
    chosen = dict.fromkeys(int(best[place]) for place in (*alone, *each, *_firsts(batch)))
    for number in best[:_LOOKED_THROUGH].tolist():
        if len(chosen) >= count:
            break
        if all(_is_apart(pool.place(number), pool.place(each)) for each in chosen):
            chosen[number] = None
    return list(chosen)[:count]


def _firsts(group: NDArray[np.intp]) -> list[int]:
    """Where each group is met first, in this order."""
    return sorted(np.unique(group, return_index=True)[1].tolist())


def _is_apart(one: Place, other: Place) -> bool:
    if one[0] is not other[0]:
        return True
    return not set(one[0].strikes(one[1])) & set(other[0].strikes(other[1]))
