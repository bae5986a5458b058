"""Books as they come, row by row, without an end marker: whole is what has all its rows or stops growing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sumppump.tws.requests import is_remark

INSERT, UPDATE, DELETE = 0, 1, 2
ASK, BID = 0, 1
RESET = 317


class WireRow(NamedTuple):
    """A row as TWS sends it."""

    price: float
    size: float
    place: str


class LiveBook:
    """One subscription to a book.

    Attributes:
        asks, bids: rows by position.
        failure: code and text of the error that ended it, None while it runs.
        lost: why the connection or the subscription is gone, "" while it is there.
        remark: what TWS said of a part that will not come.
        touched: monotonic seconds of the newest row, 0 before any.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self.asks: list[WireRow] = []
        self.bids: list[WireRow] = []
        self.failure: tuple[int, str] | None = None
        self.lost = ""
        self.remark = ""
        self.touched = 0.0
        self._grown = asyncio.Event()

    def row(self, position: int, operation: int, side: int, row: WireRow) -> None:
        """Insert moves the rows behind it, delete closes the gap; a position beyond the end is the end."""
        rows = self.bids if side == BID else self.asks
        self.touched = time.monotonic()
        if operation == DELETE:
            del rows[position : position + 1]
        elif operation == UPDATE and position < len(rows):
            rows[position] = row
        else:
            rows.insert(position, row)
            del rows[self._rows :]
            self._grown.set()

    def failed(self, code: int, text: str) -> None:
        """An error: a reset empties the book and the rows come anew, remarks leave it, the rest ends it."""
        if code == RESET:
            self.asks.clear()
            self.bids.clear()
        elif is_remark(code):
            self.remark = text
        else:
            self.failure = (code, text)
            self._grown.set()

    def gone(self, reason: str) -> None:
        """No row will come any more, and nothing is left to cancel."""
        self.lost = self.lost or reason
        self._grown.set()

    @property
    def is_over(self) -> bool:
        """Whether TWS or the connection has ended it."""
        return self.failure is not None or bool(self.lost)

    async def whole(self, *, deadline_s: float, settle_s: float, lonely_s: float) -> None:
        """Return once it is whole or over: full, or not growing for `settle_s`, or past the deadline.

        A book with one side waits `lonely_s` for the other; one without any row waits to the deadline.
        """
        end = time.monotonic() + deadline_s
        while not self.is_over and min(len(self.asks), len(self.bids)) < self._rows:
            left_s = end - time.monotonic()
            quiet_s = settle_s if self.asks and self.bids else lonely_s if self.asks or self.bids else left_s
            self._grown.clear()
            try:
                async with asyncio.timeout(max(0.0, min(quiet_s, left_s))):
                    await self._grown.wait()
            except TimeoutError:
                return


class OpenBooks:
    """The books that are open on one connection, by request id."""

    def __init__(self) -> None:
        self._open: dict[int, LiveBook] = {}

    @contextmanager
    def opened(self, request_id: int, rows: int) -> Iterator[LiveBook]:
        """A book for as long as somebody waits for it."""
        book = self._open[request_id] = LiveBook(rows)
        try:
            yield book
        finally:
            del self._open[request_id]

    def get(self, request_id: int) -> LiveBook | None:
        """The book of a request."""
        return self._open.get(request_id)

    def failed(self, request_id: int, code: int, text: str) -> bool:
        """An error for a request. Returns whether it was one of ours."""
        book = self._open.get(request_id)
        if book is not None:
            book.failed(code, text)
        return book is not None

    def close(self, reason: str) -> None:
        """The connection, or TWS's memory of our subscriptions (1101), is gone."""
        for book in self._open.values():
            book.gone(reason)


class DepthInbox:
    """The part of the inbox that books come through."""

    books: OpenBooks

    def updateMktDepth(
        self, request_id: int, position: int, operation: int, side: int, price: float, size: float
    ) -> None:
        """A row of one exchange's book."""
        self.updateMktDepthL2(request_id, position, "", operation, side, price, size)

    def updateMktDepthL2(
        self, request_id: int, position: int, place: str, operation: int, side: int, price: float,
        size: float, _is_smart: bool = False,
    ) -> None:  # fmt: skip
        """A row with whose it is; a position below 0 makes no sense and counts as an unreadable frame."""
        if position < 0:
            raise ValueError("no position")
        if (book := self.books.get(request_id)) is not None:
            book.row(position, operation, side, WireRow(price, size, place))
