"""Answers about watchlists. Prices are per share or point, or one coin in its currency."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.data.quotes import QuoteReading
from sumppump.data.watchlists import WatchlistBoard
from sumppump.kernel.errors import SumpPumpError
from sumppump.kernel.first_few import first_few
from sumppump.kernel.text import clean
from sumppump.ports.watchlists import Lists
from sumppump.server.market.quote_views import percent_words
from sumppump.server.views import JOURNAL, Answer, View, feed_state, num, quality_of


class RowView(View):
    """One contract; `data` is live, delayed, frozen or none, and closed where its market is."""

    symbol: str
    bid: float | None
    ask: float | None
    last: float | None
    mid: float | None
    change_pct: float | None
    volume: int | None
    data: str


class FailedView(View):
    """Why one symbol has no quote."""

    symbol: str
    code: str
    message: str
    expected: str


class BoardAnswer(Answer):
    """Quotes of a list. Ranks hold symbols by percent on the previous close, or by volume."""

    watchlist: str
    quotes: list[RowView]
    errors: list[FailedView]
    gainers: list[str]
    losers: list[str]
    most_active: list[str]
    average_change_pct: float | None


def board_answer(found: WatchlistBoard, monotonic: float) -> BoardAnswer:
    """Quotes, errors, and who moved most."""
    board = found.board
    return BoardAnswer(
        summary=_summary(found),
        warnings=[*_warned(board.readings), *(f"{text}: no quote" for text, _ in board.failed)],
        data_quality=quality_of([each.quote for each in board.readings], monotonic).without_notes(),
        watchlist=found.name,
        quotes=[_row(each) for each in board.readings],
        errors=[_failed(text, error) for text, error in board.failed],
        gainers=[_moved(each) for each in found.gainers],
        losers=[_moved(each) for each in found.losers],
        most_active=[f"{each.instrument.label} {each.quote.volume:,}" for each in found.most_active],
        average_change_pct=num(found.average_change_pct, 3),
    )


def _summary(found: WatchlistBoard) -> str:
    known, missing = len(found.board.readings), len(found.board.failed)
    ranks = (("up most", found.gainers), ("down most", found.losers))
    moved = [f"{words} {_moved(each[0])}" for words, each in ranks if each]
    saved = f" Kept as {found.name!r}." if found.saved else ""
    failed = f", {missing} without" if missing else ""
    return f"{known} quotes{failed}; {', '.join(moved) or 'nothing has moved'}.{saved}"


def _moved(each: QuoteReading) -> str:
    return f"{each.instrument.label} {percent_words(each.change_pct)}"


def _warned(readings: Sequence[QuoteReading]) -> list[str]:
    """Each warning once, with those that it is about."""
    about: dict[str, list[str]] = {}
    for each in readings:
        for words in each.warnings:
            about.setdefault(words, []).append(each.instrument.label)
    return [f"{first_few(labels, 4)}: {words}" for words, labels in about.items()]


def _row(reading: QuoteReading) -> RowView:
    quote, session = reading.quote, reading.session
    closed = ", closed" if session is not None and not session.is_open else ""
    return RowView(
        symbol=reading.instrument.label,
        bid=num(quote.bid),
        ask=num(quote.ask),
        last=num(quote.last),
        mid=num(quote.mid),
        change_pct=num(reading.change_pct, 3),
        volume=quote.volume,
        data=f"{feed_state(quote.feed)}{closed}",
    )


def _failed(text: str, error: SumpPumpError) -> FailedView:
    return FailedView(
        symbol=clean(text, limit=60),
        code=error.code,
        message=clean(error.message, limit=160),
        expected=clean(error.expected or "", limit=160),
    )


class ListView(View):
    """One kept list."""

    name: str
    symbols: list[str]


class ListsAnswer(Answer):
    """The lists of this machine."""

    watchlists: list[ListView]


def lists_answer(lists: Lists, *, name: str = "", did: str = "") -> ListsAnswer:
    """The list that was changed, else all of them."""
    shown = {each: symbols for each, symbols in lists.items() if name.casefold() in ("", each.casefold())}
    there = f"Watchlists kept: {', '.join(sorted(lists)) or 'none'}."
    return ListsAnswer(
        summary=f"{did} {there}".strip(),
        data_quality=JOURNAL,
        watchlists=[ListView(name=each, symbols=list(symbols)) for each, symbols in sorted(shown.items())],
    )
