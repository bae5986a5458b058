"""From thousands of scored candidates to a short list: bounds first, then the score, no near twins. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.normal import Array
from sumppump.strategies.ideas.scoring import Scored
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.shape import Shape, StrategyType

Place = tuple[Scored, int]
_Kind = tuple[StrategyType, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One candidate of the short list; figures per share of one combo, from the model's prices.

    Attributes:
        worth: mean of what it pays by the measure, in today's money.
    """

    shape: Shape
    expiry: date
    far_expiry: date | None
    strikes: tuple[Decimal, ...]
    score: float
    worth: float
    lost_dividends: float


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound of a wish.

    Attributes:
        name: the parameter. passes: for each candidate.
        figure: what it bounds; is_least: whether more of it is nearer to passing.
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
        refused: (sentence) of each bound that turned candidates away, with the nearest that it refused.
    """

    picks: tuple[Pick, ...]
    priced: int
    fitting: int
    refused: tuple[str, ...]


def sift(scans: Sequence[Scored], wish: Wish, count: int) -> Sifted:
    """The best `count`, of different strategies and expiries as far as there are any."""
    every = [_fitting(scan, wish) for scan in scans]
    scores = np.concatenate(
        [np.empty(0), *(scan.score[fits] for scan, fits in zip(scans, every, strict=True))]
    )
    owners = np.repeat(np.arange(len(scans)), [len(fits) for fits in every])
    numbers = np.concatenate([np.empty(0, np.intp), *every])
    order = np.argsort(-scores, kind="stable")
    best = ((scans[owners[place]], int(numbers[place])) for place in order)
    return Sifted(
        picks=tuple(_pick(*each) for each in _spread(best, count)),
        priced=sum(len(scan.batch) for scan in scans),
        fitting=len(scores),
        refused=tuple(_refusals(scans, wish)),
    )


def _fitting(scan: Scored, wish: Wish) -> NDArray[np.intp]:
    """Numbers of the candidates within all bounds that have a score."""
    bounds = [bound.passes for bound in _bounds(scan, wish)]
    return np.flatnonzero(np.logical_and.reduce([np.isfinite(scan.score), *bounds]))


def _bounds(scan: Scored, wish: Wish) -> Iterator[Bound]:
    """Every bound of the wish; a combo that cannot gain at all is none."""
    cash, batch = scan.figures.loss * scan.batch.multiplier, scan.batch
    most, none = np.inf, -np.inf
    yield Bound("a profit", 0.0, scan.figures.profit, scan.figures.profit > scan.crossing, is_least=True)
    for name, limit, figure, is_least in (
        ("max_loss", most if wish.max_loss is None else wish.max_loss, cash, False),
        ("max_width", most if wish.max_width is None else wish.max_width, batch.widest, False),
        ("max_delta", wish.max_delta, batch.sold_delta, False),
        ("min_delta", wish.min_delta, batch.sold_delta, True),
        ("min_pop", none if wish.min_pop is None else wish.min_pop, scan.figures.chance, True),
    ):
        yield Bound(name, limit, figure, figure >= limit if is_least else figure <= limit, is_least=is_least)


def _refusals(scans: Sequence[Scored], wish: Wish) -> Iterator[str]:
    """One sentence a bound, over the candidates that passed the bounds before it."""
    every = [list(_bounds(scan, wish)) for scan in scans]
    passed = [np.ones(len(scan.batch), dtype=np.bool_) for scan in scans]
    for rows in zip(*every, strict=True):
        turned = [before & ~row.passes for before, row in zip(passed, rows, strict=True)]
        passed = [before & row.passes for before, row in zip(passed, rows, strict=True)]
        figures = np.concatenate([row.figure[gone] for row, gone in zip(rows, turned, strict=True)])
        if len(figures):
            near = figures.max() if rows[0].is_least else figures.min()
            yield _WORDS[rows[0].name](len(figures), float(near), rows[0].limit)


_WORDS: dict[str, Callable[[int, float, float], str]] = {
    "a profit": lambda n, near, limit: f"{n} cannot gain more than crossing the market costs",
    "max_loss": lambda n, near, limit: f"{n} can lose more than {limit:,.2f} (the least of them {near:,.2f})",
    "max_width": lambda n, near, limit: f"{n} are wider than {limit:g} (the narrowest {near:g})",
    "max_delta": lambda n, near, limit: f"{n} lie above delta {limit:g} (the lowest {near:.2f})",
    "min_delta": lambda n, near, limit: f"{n} lie below delta {limit:g} (the highest {near:.2f})",
    "min_pop": lambda n, near, limit: f"{n} gain less likely than {limit:.0%} (the likeliest {near:.1%})",
}


def _pick(scan: Scored, number: int) -> Pick:
    batch = scan.batch
    return Pick(
        shape=batch.shape,
        expiry=batch.near.expiry,
        far_expiry=None if batch.far is None else batch.far.expiry,
        strikes=batch.strikes(number),
        score=float(scan.score[number]),
        worth=float(scan.figures.worth[number]),
        lost_dividends=float(scan.lost_dividends[number]),
    )


def _spread(best: Iterable[Place], count: int) -> list[Place]:
    """The best of each strategy and expiry; where these are too few, more that share no strike with them."""
    firsts: dict[_Kind, Place] = {}
    others: list[Place] = []
    for place in best:
        if len(firsts) == count:
            break
        if _kind(place) not in firsts:
            firsts[_kind(place)] = place
        elif len(others) < count and _is_apart(place, [*firsts.values(), *others]):
            others.append(place)
    return [*firsts.values(), *others][:count]


def _is_apart(place: Place, chosen: Sequence[Place]) -> bool:
    mine = set(_strikes(place))
    return not any(mine & set(_strikes(each)) for each in chosen if _kind(each) == _kind(place))


def _kind(place: Place) -> _Kind:
    batch = place[0].batch
    return batch.shape.type, batch.near.expiry


def _strikes(place: Place) -> tuple[Decimal, ...]:
    scan, number = place
    return scan.batch.strikes(number)
