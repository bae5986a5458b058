"""Whole books: positions as arrays, what may happen to them, and their P&L by full reprice."""

from sumppump.domain.book.building import Holding, UnderlyingMarket, book_of_holdings
from sumppump.domain.book.price_grid import PathPnl, path_pnl
from sumppump.domain.book.repricing import Repriced, pnl_of, reprice, worths
from sumppump.domain.book.reverse_stress import Breach, ReverseStress, reverse_stress
from sumppump.domain.book.rows import Book, LeftOut, OptionRows, RowLabel, ShareRows
from sumppump.domain.book.scenarios import Scenario, Shocks, SmileRule, market_moves

__all__ = [
    "Book",
    "Breach",
    "Holding",
    "LeftOut",
    "OptionRows",
    "PathPnl",
    "Repriced",
    "ReverseStress",
    "RowLabel",
    "Scenario",
    "ShareRows",
    "Shocks",
    "SmileRule",
    "UnderlyingMarket",
    "book_of_holdings",
    "market_moves",
    "path_pnl",
    "pnl_of",
    "reprice",
    "reverse_stress",
    "worths",
]
