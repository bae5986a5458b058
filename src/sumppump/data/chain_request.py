"""Which part of a chain is wanted: checked by itself, before anything is asked of the market."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sumppump.data.arguments import ordered, refuse, ticker, within
from sumppump.domain.instruments import Right

DEFAULT_STRIKES_AROUND = 10
DEFAULT_LIMIT = 48
MOST_ROWS = 400
MOST_DTE = 1500
MOST_EPOCH_S = 2**34


class Fill(StrEnum):
    """Where rows come from: every one quoted on the wire, or most of them from the smile through some."""

    QUOTES = "quotes"
    FITTED = "fitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRequest:
    """A part of one underlying's chain.

    With neither `expiry` nor a range of `dte`, the nearest monthly expiry at least a week away is taken;
    with no choice of strikes, ten on each side of the money; several choices hold together.

    Attributes:
        symbol: ticker.
        expiry: one listed date.
        min_dte, max_dte: calendar days to expiry, both included.
        strikes_around: strikes on each side of the one nearest the money.
        strike_range_pct: percent (10 is 10 %) of the underlying's price, each side.
        min_delta, max_delta: absolute delta, 0 to 1, both included; 16 is read as 0.16.
        right: calls or puts alone.
        trading_class: SPX alone or SPXW alone; names a class with an adjusted deliverable.
        fill: FITTED quotes some contracts of each series and takes the others' Greeks from their smile.
        include_stats: whether statistics are wanted.
        limit: rows of one answer.
        cursor: from the answer before this one, with everything else unchanged.

    Raises:
        InvalidRequest: a value out of range or a range upside down; the message names the field.
    """

    symbol: str
    expiry: date | None = None
    min_dte: int | None = None
    max_dte: int | None = None
    strikes_around: int | None = None
    strike_range_pct: float | None = None
    min_delta: float | None = None
    max_delta: float | None = None
    right: Right | None = None
    trading_class: str = ""
    fill: Fill = Fill.QUOTES
    include_stats: bool = True
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None

    def __post_init__(self) -> None:
        ticker(self.symbol)
        within("min_dte", self.min_dte, 0, MOST_DTE, "days")
        within("max_dte", self.max_dte, 0, MOST_DTE, "days")
        ordered("min_dte", self.min_dte, "max_dte", self.max_dte)
        within("strikes_around", self.strikes_around, 0, 500, "strikes on each side")
        within("strike_range_pct", self.strike_range_pct, 0.01, 100, "percent")
        within("min_delta", self.min_delta, 0, 100, "(0.16 or 16)")
        within("max_delta", self.max_delta, 0, 100, "(0.16 or 16)")
        ordered("min_delta", self.delta_range[0], "max_delta", self.delta_range[1])
        within("limit", self.limit, 1, MOST_ROWS, "rows")
        self._refuse_two_ways_to_say_when()

    def _refuse_two_ways_to_say_when(self) -> None:
        if self.expiry is not None and (self.min_dte is not None or self.max_dte is not None):
            refuse(
                "expiry",
                "and a range of days to expiry exclude each other",
                expected="expiry alone, or min_dte and max_dte",
                found=self.expiry.isoformat(),
            )

    @property
    def delta_range(self) -> tuple[float | None, float | None]:
        """Both bounds as fractions of 1."""
        return _fraction(self.min_delta), _fraction(self.max_delta)

    @property
    def by_delta(self) -> bool:
        """Whether deltas choose the strikes."""
        return self.min_delta is not None or self.max_delta is not None

    @property
    def around(self) -> int | None:
        """Strikes on each side; ten when nothing else chooses."""
        chosen = self.strikes_around is not None or self.strike_range_pct is not None or self.by_delta
        return self.strikes_around if chosen else DEFAULT_STRIKES_AROUND

    def fingerprint(self) -> str:
        """Six characters that change with every field but the cursor and the limit."""
        when = (self.symbol.upper(), self.expiry, self.min_dte, self.max_dte, self.trading_class)
        which = (self.around, self.strike_range_pct, self.delta_range, self.right, self.fill)
        return hashlib.sha256(repr((when, which)).encode()).hexdigest()[:6]

    def notes(self) -> tuple[str, ...]:
        """How unusual figures were read."""
        notes = []
        for name, value in (("min_delta", self.min_delta), ("max_delta", self.max_delta)):
            if value is not None and value > 1:
                notes.append(f"{name} {value:g} was read as {value / 100:g}.")
        if self.strike_range_pct is not None and self.strike_range_pct < 1:
            notes.append(
                f"strike_range_pct {self.strike_range_pct:g} was read as {self.strike_range_pct:g} percent."
            )
        return tuple(notes)


def _fraction(delta: float | None) -> float | None:
    return delta if delta is None or delta <= 1 else delta / 100


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where an answer ended, and the numbers that the order of the rows is counted from.

    Attributes:
        offset: contracts given so far.
        anchor: the underlying's price at the first page.
        at: exchange time of the first page, whole seconds since 1970.
        smiles: level and both slopes per series, basis points, all 0 where unknown; only for deltas.
    """

    offset: int
    anchor: Decimal
    at: int
    smiles: tuple[tuple[int, int, int], ...]
    fingerprint: str

    def text(self) -> str:
        """As it is handed out."""
        smiles = ".".join(":".join(map(str, each)) for each in self.smiles)
        return f"{self.offset}@{self.anchor}@{self.at}@{smiles}#{self.fingerprint}"

    @classmethod
    def read(cls, text: str, request: ChainRequest) -> Cursor:
        """The cursor of this very request.

        Raises:
            InvalidRequest: it is not a cursor, or another request's.
        """
        try:
            place, fingerprint = text.split("#")
            offset, anchor, at, smiles = place.split("@")
            triples = [each.split(":") for each in smiles.split(".") if each]
            numbers = tuple((int(level), int(slope), int(upper)) for level, slope, upper in triples)
            cursor = cls(int(offset), Decimal(anchor), int(at), numbers, fingerprint)
        except (ValueError, ArithmeticError):
            refuse(
                "cursor", "is not one of ours", expected="next_cursor of the answer before", found=text[:60]
            )
        if not cursor._is_usable() or fingerprint != request.fingerprint():
            refuse(
                "cursor",
                "belongs to another request",
                expected="next_cursor of the same request, all other arguments unchanged",
                found=text[:60],
            )
        return cursor

    def _is_usable(self) -> bool:
        sound = self.offset > 0 and self.anchor.is_finite() and 0 < self.anchor < 10**9
        bent = all(0 <= level < 10**6 and max(map(abs, slopes)) < 10**6 for level, *slopes in self.smiles)
        return sound and bent and 0 < self.at < MOST_EPOCH_S
