"""What the book gains where the market moves, time passes, volatility changes: every position repriced.

A move of the market moves each underlying by its beta; beside it stands the P&L if each moved by the same
percent itself. Every option keeps its volatility (sticky strike) unless the scenario changes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sumppump.domain.book import Book, Repriced, Scenario, market_moves, reprice

SMILE_RULE = "sticky strike: each option keeps its own volatility when its underlying moves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What may happen.

    Attributes:
        moves_pct: of the market, percent, each above -100.
        days: calendar days that pass.
        iv_points: added to every volatility, volatility points; None for no such question.
    """

    moves_pct: tuple[float, ...] = (-10.0, -5.0, -2.0, 0.0, 2.0, 5.0, 10.0)
    days: float = 1.0
    iv_points: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One underlying in one scenario; both None where it has no beta."""

    symbol: str
    move_pct: float | None
    pnl: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRow:
    """One move of the market, cash.

    Attributes:
        pnl: now, each underlying moved by its beta; the sum of the parts that are known.
        pnl_same_move: now, each underlying moved by `move_pct` itself.
        pnl_later: like `pnl`, after the days of the question.
        pnl_with_iv: like `pnl`, volatility changed too; None without that question.
    """

    move_pct: float
    pnl: float
    pnl_same_move: float
    pnl_later: float
    pnl_with_iv: float | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioGrid:
    """The answer.

    Attributes:
        decay: P&L if only the days pass, cash. vega: if only volatility changes, None without that question.
        no_beta: underlyings that no market move holds.
    """

    rows: tuple[ScenarioRow, ...]
    decay: float
    vega: float | None
    no_beta: tuple[str, ...]


def scenario_grid(book: Book, betas: Mapping[str, float], question: Question) -> ScenarioGrid:
    """Every scenario of the question in one reprice.

    Args:
        book: what is held.
        betas: by symbol, to the market; an underlying without one is in no scenario of the market.
        question: what may happen.
    """
    scenarios = _scenarios(book, betas, question)
    found = reprice(book, list(scenarios.values()))
    totals = dict(zip(scenarios, found.total.tolist(), strict=True))
    places = {name: place for place, name in enumerate(scenarios)}
    return ScenarioGrid(
        rows=tuple(_row(move, betas, found, totals, places) for move in question.moves_pct),
        decay=totals["decay"],
        vega=totals.get("vega"),
        no_beta=tuple(symbol for symbol in book.symbols if symbol not in betas),
    )


def _scenarios(book: Book, betas: Mapping[str, float], question: Question) -> dict[str, Scenario]:
    """By a name that says the move and the kind."""
    vol = question.iv_points
    found = {"decay": Scenario(days=question.days)}
    if vol is not None:
        found["vega"] = Scenario(vol_points=vol)
    known = {symbol: betas[symbol] for symbol in book.symbols if symbol in betas}
    for move in question.moves_pct:
        moves = market_moves(move, known)
        found[_name(move, "now")] = Scenario(moves_pct=moves)
        found[_name(move, "same")] = Scenario(move_pct=move)
        found[_name(move, "later")] = Scenario(moves_pct=moves, days=question.days)
        if vol is not None:
            found[_name(move, "iv")] = Scenario(moves_pct=moves, vol_points=vol)
    return found


def _name(move: float, kind: str) -> str:
    return f"{move:g} {kind}"


def _row(
    move: float,
    betas: Mapping[str, float],
    found: Repriced,
    totals: Mapping[str, float],
    places: Mapping[str, int],
) -> ScenarioRow:
    place = places[_name(move, "now")]
    sums = {symbol: float(pnl[place]) for symbol, pnl in found.by_underlying.items()}
    moves = found.scenarios[place].moves_pct or {}
    return ScenarioRow(
        move_pct=move,
        pnl=totals[_name(move, "now")],
        pnl_same_move=totals[_name(move, "same")],
        pnl_later=totals[_name(move, "later")],
        pnl_with_iv=totals.get(_name(move, "iv")),
        parts=tuple(
            Part(symbol, moves.get(symbol), pnl if symbol in betas else None) for symbol, pnl in sums.items()
        ),
    )


def worst(rows: Sequence[ScenarioRow]) -> ScenarioRow | None:
    """The row that loses most, None without rows."""
    return min(rows, key=lambda row: row.pnl, default=None)
