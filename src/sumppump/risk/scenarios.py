"""What the book gains where the market moves, time passes, volatility changes: every position repriced.

A move of the market moves each underlying by its beta; beside it stands the P&L if each moved by the same
percent itself. Under sticky strike every option keeps its volatility, under sticky delta its smile moves
along with the underlying; of an underlying whose smile is not known nothing is said then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from sumppump.domain.book import Book, Repriced, Scenario, SmileRule, market_moves, reprice

SMILE_RULE = "sticky strike: each option keeps its own volatility when its underlying moves"
SMILE_WORDS = {
    SmileRule.STICKY_STRIKE: SMILE_RULE,
    SmileRule.STICKY_DELTA: "sticky delta: each smile moves along with its underlying, by strike / price",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What may happen.

    Attributes:
        moves_pct: of the market, percent, each above -100.
        days: calendar days that pass, at least one figure.
        iv_points: added to every volatility, volatility points; empty for no such question.
        smile: what the smiles do when an underlying moves.
    """

    moves_pct: tuple[float, ...] = (-10.0, -5.0, -2.0, 0.0, 2.0, 5.0, 10.0)
    days: tuple[float, ...] = (1.0,)
    iv_points: tuple[float, ...] = ()
    smile: SmileRule = SmileRule.STICKY_STRIKE

    @property
    def first_days(self) -> float:
        """The days that rows and decay are shown with: the first that are not now, where there are any."""
        return next(filter(None, self.days), 0.0)

    @property
    def first_iv(self) -> float | None:
        """The change of volatility that rows are shown with, the first that is not 0; None without one."""
        return next(filter(None, self.iv_points), 0.0) if self.iv_points else None


@dataclass(frozen=True, slots=True)
class Part:
    """One underlying in one scenario; both None where it has no beta, or no smile that could move along."""

    symbol: str
    move_pct: float | None
    pnl: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRow:
    """One move of the market, cash.

    Attributes:
        pnl: now, each underlying moved by its beta; the sum of the parts that are known.
        pnl_same_move: now, each underlying moved by `move_pct` itself.
        pnl_later: like `pnl`, after the first days of the question.
        pnl_with_iv: like `pnl`, volatility changed too, the first change; None without that question.
    """

    move_pct: float
    pnl: float
    pnl_same_move: float
    pnl_later: float
    pnl_with_iv: float | None
    parts: tuple[Part, ...]

    @property
    def is_known(self) -> bool:
        """Whether the move says anything of any underlying: a sum of nothing is no P&L."""
        return any(part.pnl is not None for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """P&L over the moves of the question, cash, at one date and one change of volatility."""

    days: float
    iv_points: float
    pnl: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioGrid:
    """The answer.

    Attributes:
        rows: one a move. planes: every date with every change of volatility, now and none among them.
        decay: P&L if only the first days pass, cash. vega: if only volatility changes, None without that
            question.
        no_beta: underlyings that no market move holds. no_smile: those that are silent under sticky delta.
    """

    rows: tuple[ScenarioRow, ...]
    planes: tuple[Plane, ...]
    decay: float
    vega: float | None
    no_beta: tuple[str, ...]
    no_smile: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cell:
    """One scenario: a move of the market in percent, or of everything alike; days; volatility points."""

    move: float = 0.0
    days: float = 0.0
    points: float = 0.0
    is_by_beta: bool = True


@dataclass(frozen=True, slots=True)
class _Priced:
    """Cells and what they came to."""

    places: Mapping[_Cell, int]
    found: Repriced
    totals: list[float] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", self.found.total.tolist())

    def at(self, cell: _Cell) -> float:
        """P&L of everything that is known."""
        return self.totals[self.places[cell]]


def scenario_grid(book: Book, betas: Mapping[str, float], question: Question) -> ScenarioGrid:
    """Every scenario of the question in one reprice.

    Args:
        book: what is held; for sticky delta with its smiles.
        betas: by symbol, to the market; an underlying without one is in no scenario of the market.
        question: what may happen.
    """
    silent = without_smile(book) if question.smile is SmileRule.STICKY_DELTA else frozenset()
    heard = [symbol for symbol in book.symbols if symbol not in silent]
    known = {symbol: betas[symbol] for symbol in heard if symbol in betas}
    cells = list(dict.fromkeys(_cells(question)))
    scenarios = [_scenario(cell, heard, known, question.smile) for cell in cells]
    priced = _Priced({cell: place for place, cell in enumerate(cells)}, reprice(book, scenarios))
    first, change = question.first_days, question.first_iv
    return ScenarioGrid(
        rows=tuple(_row(move, known, question, priced) for move in question.moves_pct),
        planes=tuple(_plane(question, *axes, priced) for axes in _axes(question)),
        decay=priced.at(_Cell(days=first, is_by_beta=False)),
        vega=None if change is None else priced.at(_Cell(points=change, is_by_beta=False)),
        no_beta=tuple(symbol for symbol in book.symbols if symbol not in betas),
        no_smile=tuple(symbol for symbol in book.symbols if symbol in silent),
    )


def without_smile(book: Book) -> frozenset[str]:
    """Underlyings with a living option that no smile was fitted for."""
    options = zip(book.labels, book.options.years.tolist(), strict=False)
    smiles = book.smiles or (None,) * len(book.options)
    return frozenset(
        label.symbol
        for (label, years), smile in zip(options, smiles, strict=True)
        if smile is None and years > 0
    )


def _axes(question: Question) -> Iterable[tuple[float, float]]:
    """Dates with changes of volatility, now and no change first."""
    dates, changes = dict.fromkeys((0.0, *question.days)), dict.fromkeys((0.0, *question.iv_points))
    return product(dates, changes)


def _cells(question: Question) -> Iterable[_Cell]:
    yield _Cell(days=question.first_days, is_by_beta=False)
    if question.first_iv is not None:
        yield _Cell(points=question.first_iv, is_by_beta=False)
    for move in question.moves_pct:
        yield _Cell(move, is_by_beta=False)
        yield from (_Cell(move, *axes) for axes in _axes(question))


def _scenario(cell: _Cell, heard: Sequence[str], betas: Mapping[str, float], smile: SmileRule) -> Scenario:
    # Where nothing moves no smile is asked.
    if not cell.is_by_beta and not cell.move:
        return Scenario(days=cell.days, vol_points=cell.points)
    moves = market_moves(cell.move, betas) if cell.is_by_beta else dict.fromkeys(heard, cell.move)
    return Scenario(moves_pct=moves, days=cell.days, vol_points=cell.points, smile=smile)


def _plane(question: Question, days: float, points: float, priced: _Priced) -> Plane:
    pnl = tuple(priced.at(_Cell(move, days, points)) for move in question.moves_pct)
    return Plane(days=days, iv_points=points, pnl=pnl)


def _row(move: float, betas: Mapping[str, float], question: Question, priced: _Priced) -> ScenarioRow:
    place = priced.places[_Cell(move)]
    sums = {symbol: float(pnl[place]) for symbol, pnl in priced.found.by_underlying.items()}
    moves = priced.found.scenarios[place].moves_pct or {}
    change = question.first_iv
    return ScenarioRow(
        move_pct=move,
        pnl=priced.at(_Cell(move)),
        pnl_same_move=priced.at(_Cell(move, is_by_beta=False)),
        pnl_later=priced.at(_Cell(move, days=question.first_days)),
        pnl_with_iv=None if change is None else priced.at(_Cell(move, points=change)),
        parts=tuple(
            Part(symbol, moves.get(symbol), pnl if symbol in betas else None) for symbol, pnl in sums.items()
        ),
    )


def worst(rows: Sequence[ScenarioRow]) -> ScenarioRow | None:
    """The row that loses most, None without one that is known."""
    return min((row for row in rows if row.is_known), key=lambda row: row.pnl, default=None)
