"""Whole books: positions as arrays, what may happen to them, and their P&L by full reprice."""

from sumppump.domain.book.attribution import Attribution, Expansion, attributed, expanded
from sumppump.domain.book.building import Holding, UnderlyingMarket, book_of_holdings
from sumppump.domain.book.marking import Marked, book_at_marks, marked
from sumppump.domain.book.price_grid import PathPnl, path_pnl
from sumppump.domain.book.repricing import Repriced, pnl_of, reprice, worths
from sumppump.domain.book.reverse_stress import NOT_REACHED, Breach, ReverseStress, reverse_stress
from sumppump.domain.book.row_greeks import RowGreeks, row_greeks
from sumppump.domain.book.rows import Book, LeftOut, OptionRows, RowLabel, ShareRows
from sumppump.domain.book.scenarios import Scenario, Shocks, SmileRule, market_moves
from sumppump.domain.book.walk import Walk, walk

__all__ = [
    "NOT_REACHED",
    "Attribution",
    "Book",
    "Breach",
    "Expansion",
    "Holding",
    "LeftOut",
    "Marked",
    "OptionRows",
    "PathPnl",
    "Repriced",
    "ReverseStress",
    "RowGreeks",
    "RowLabel",
    "Scenario",
    "ShareRows",
    "Shocks",
    "SmileRule",
    "UnderlyingMarket",
    "Walk",
    "attributed",
    "book_at_marks",
    "book_of_holdings",
    "expanded",
    "marked",
    "market_moves",
    "path_pnl",
    "pnl_of",
    "reprice",
    "reverse_stress",
    "row_greeks",
    "walk",
    "worths",
]
