"""What the book gains over moves of the market and of volatility together: every cell a full reprice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sumppump.domain.book import Book, Scenario, market_moves, reprice

MOVES_PCT = (-20.0, -15.0, -10.0, -5.0, -2.0, 0.0, 2.0, 5.0, 10.0, 15.0, 20.0)
VOL_POINTS = (20.0, 10.0, 5.0, 0.0, -5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveVolGrid:
    """P&L in cash, now: a row for each change of volatility, a column for each move of the market.

    Attributes:
        moves_pct: of the market; each underlying moves by its beta.
        vol_points: added to every volatility, volatility points.
        no_beta: underlyings that no move holds.
    """

    moves_pct: tuple[float, ...]
    vol_points: tuple[float, ...]
    pnl: tuple[tuple[float, ...], ...]
    no_beta: tuple[str, ...]


def move_vol_grid(book: Book, betas: Mapping[str, float]) -> MoveVolGrid:
    """The grid of a book in one reprice, sticky strike.

    Args:
        book: what is held.
        betas: by symbol, to the market; an underlying without one is in no cell.
    """
    known = {symbol: betas[symbol] for symbol in book.symbols if symbol in betas}
    scenarios = [
        Scenario(moves_pct=market_moves(move, known), vol_points=points)
        for points in VOL_POINTS
        for move in MOVES_PCT
    ]
    totals = reprice(book, scenarios).total.tolist()
    wide = len(MOVES_PCT)
    return MoveVolGrid(
        moves_pct=MOVES_PCT,
        vol_points=VOL_POINTS,
        pnl=tuple(tuple(totals[at : at + wide]) for at in range(0, len(totals), wide)),
        no_beta=tuple(symbol for symbol in book.symbols if symbol not in betas),
    )
