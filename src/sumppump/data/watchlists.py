"""Watchlists: quotes of many symbols at once, who moved most, and lists that are kept on this machine.

A symbol that cannot be quoted is listed with its error; a missing figure never decides an order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sumppump.data.arguments import refuse
from sumppump.data.kept_lists import WatchlistBook, read_symbols
from sumppump.data.quotes import QuoteBoard, QuoteReading, QuoteService

RANKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistBoard:
    """Quotes of a list.

    Attributes:
        board: readings in the order asked, and errors by symbol.
        name: the list that was read or saved, "" for none. saved: whether it is new.
        gainers, losers: at most three each by percent on the previous close, the largest move first.
        most_active: at most three by volume.
        average_change_pct: over those that have one, None where none has.
    """

    board: QuoteBoard
    name: str = ""
    saved: bool = False

    @property
    def gainers(self) -> tuple[QuoteReading, ...]:
        """Only what rose."""
        return _ranked(self.board.readings, lambda each: _positive(each.change_pct))

    @property
    def losers(self) -> tuple[QuoteReading, ...]:
        """Only what fell."""
        return _ranked(self.board.readings, lambda each: _positive(_negated(each.change_pct)))

    @property
    def most_active(self) -> tuple[QuoteReading, ...]:
        """Only what traded; shares and contracts are counted alike."""
        return _ranked(self.board.readings, lambda each: _positive(each.quote.volume))

    @property
    def average_change_pct(self) -> float | None:
        """The mean of what moved or stood still."""
        known = [each.change_pct for each in self.board.readings if each.change_pct is not None]
        return sum(known) / len(known) if known else None


def _ranked(
    readings: Sequence[QuoteReading], figure: Callable[[QuoteReading], float | None]
) -> tuple[QuoteReading, ...]:
    known = [(value, each) for each in readings if (value := figure(each)) is not None]
    return tuple(each for _, each in sorted(known, key=lambda pair: -pair[0])[:RANKED])


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _negated(value: float | None) -> float | None:
    return None if value is None else -value


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistService:
    """Quotes lists; the broker never hears of the lists themselves."""

    quotes: QuoteService
    book: WatchlistBook

    async def board(
        self, symbols: Sequence[str] = (), *, name: str = "", save_as: str = ""
    ) -> WatchlistBoard:
        """Quotes of the symbols given, or of a kept list; what could be quoted is kept under `save_as`.

        Raises:
            InvalidRequest: neither or both, too many, no such list, or a name that is taken.
            StoreFailed: the lists cannot be read or written.
            GatewayUnavailable: no connection.
        """
        if bool(symbols) == bool(name):
            refuse("symbols", "or watchlist", expected="one of the two", found="both" if name else "neither")
        new = self.book.new_name(save_as) if save_as else ""
        known = self.book.known(name) if name else ""
        wanted = read_symbols(self.book.symbols(known) if known else symbols)
        board = await self.quotes.quotes(wanted)
        if new:
            self.book.create(new, [each for each in wanted if each not in dict(board.failed)])
        return WatchlistBoard(board=board, name=new or known, saved=bool(new))
