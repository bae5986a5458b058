"""One answer about a chain: rows as values, what is said beside them, and how to get the rest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sumppump.data.chain_request import ChainRequest
from sumppump.data.chain_statistics import WITHOUT_A_SPOT, ChainRow, ChainStatistics
from sumppump.data.expiries import MOST_EXPIRIES
from sumppump.data.series import ShownSeries, series_of
from sumppump.data.sessions import SessionStatus
from sumppump.domain.instruments import Underlying
from sumppump.domain.quotes import Feed, Quote, worst_feed
from sumppump.kernel.first_few import first_few
from sumppump.kernel.money import Premium

COLUMNS = (
    "expiry",
    "strike",
    "right",
    "bid",
    "ask",
    "mid",
    "last",
    "volume",
    "open_interest",
    "iv",
    "delta",
    "gamma",
    "theta",
    "vega",
    "source",
)
CLASS_COLUMN, ERROR_COLUMN = "trading_class", "fit_error"
MOST_NAMED = 6

Cell = str | float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One answer.

    Attributes:
        spot: the underlying's price per share that distances are counted from.
        series: of the whole request, by expiry, then class.
        rows: by expiry, class, strike, call before put.
        total: contracts that fit the request; with deltas asked and pages left, those that may.
        given: contracts of the request asked for up to and with this answer.
        statistics: over the rows and the strikes at the money, on the first page only; else None.
        next_cursor: for the next rows, None at the end.
        hint: how to narrow, or "".
        notes: how arguments were read and what was chosen.
        warnings: data that is missing, delayed or old.
        feed: the worst feed among the rows. oldest_s: age of the oldest quote. as_of: its exchange time.
    """

    underlying: Underlying
    underlying_quote: Quote
    spot: Premium
    series: tuple[ShownSeries, ...]
    rows: tuple[ChainRow, ...]
    total: int
    given: int
    as_of: datetime
    oldest_s: float
    feed: Feed
    statistics: ChainStatistics | None = None
    next_cursor: str | None = None
    hint: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def columnar(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows as values in the order of `columns`; a missing number is None."""
        more = tuple(
            cell for cell, is_there in ((_class, self.has_classes), (_error, self.has_fits)) if is_there
        )
        return tuple((*cells(row), *(cell(row) for cell in more)) for row in self.rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """`COLUMNS`, the class where there are several, the fit's error in points where one is fitted."""
        more = ((CLASS_COLUMN, self.has_classes), (ERROR_COLUMN, self.has_fits))
        return (*COLUMNS, *(name for name, is_there in more if is_there))

    @property
    def has_fits(self) -> bool:
        """Whether some Greeks are those of a fitted smile."""
        return any(
            row.quote.greeks is not None and row.quote.greeks.fit_error is not None for row in self.rows
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """Why Greeks are missing, each reason once with the contracts it holds for."""
        by_reason: dict[str, list[str]] = {}
        for row in self.rows:
            if row.quote.greeks is None:
                _, label = row.contract.label.split(" ", 1)
                by_reason.setdefault(row.quote.greeks_missing or "no reason given", []).append(label)
        return tuple(f"{reason}: {first_few(labels, MOST_NAMED)}" for reason, labels in by_reason.items())

    @property
    def has_classes(self) -> bool:
        """Whether the answer mixes several trading classes."""
        return len({each.series.trading_class for each in self.series}) > 1

    @property
    def is_stale(self) -> bool:
        """Whether ticks may have been missed."""
        return self.underlying_quote.is_stale or any(row.quote.is_stale for row in self.rows)


def _class(row: ChainRow) -> Cell:
    return row.contract.trading_class


def _error(row: ChainRow) -> Cell:
    error = None if row.quote.greeks is None else row.quote.greeks.fit_error
    return None if error is None else round(error, 3)


def in_order(rows: Iterable[ChainRow]) -> tuple[ChainRow, ...]:
    """By expiry, class, strike, call before put."""
    return tuple(
        sorted(rows, key=lambda row: (series_of(row.contract), row.contract.strike, row.contract.right))
    )


def cells(row: ChainRow) -> tuple[Cell, ...]:
    """One row in the order of `COLUMNS`: prices per share, Greeks per share of the contract itself."""
    quote, greeks = row.quote, row.quote.greeks
    return (
        row.contract.expiry.isoformat(),
        float(row.contract.strike),
        row.contract.right.value,
        *(None if price is None else float(price) for price in (quote.bid, quote.ask, quote.mid, quote.last)),
        quote.volume,
        quote.open_interest,
        *(
            (None,) * 6
            if greeks is None
            else (
                round(greeks.iv, 4),
                round(greeks.delta, 4),
                round(greeks.gamma, 5),
                round(greeks.theta, 4),
                round(greeks.vega, 4),
                greeks.source.value,
            )
        ),
    )


def hint(request: ChainRequest, given: int, total: int, days: int) -> str:
    """How far it got of `total` contracts on `days` listed days, and how to narrow; "" when complete."""
    parts = []
    if given < total:
        order = (
            "the likeliest deltas first, expiry by expiry" if request.by_delta else "nearest the money first"
        )
        parts.append(f"{given} of {total} contracts so far, {order}; next_cursor continues")
    if days > MOST_EXPIRIES:
        parts.append(f"only the first {MOST_EXPIRIES} of {days} expiries; raise min_dte for the others")
    if not parts:
        return ""
    narrow = "strikes_around, min_delta and max_delta" if not request.by_delta else "strikes_around"
    both = "" if request.right else " or right"
    return "; ".join(parts) + f". To narrow: {narrow}{both}, fewer fields, or a smaller range of days."


def chosen_note(request: ChainRequest, series: Sequence[ShownSeries]) -> tuple[str, ...]:
    """Which expiry was taken when none was asked for."""
    if request.expiry is not None or request.min_dte is not None or request.max_dte is not None:
        return ()
    return (f"No expiry was asked for, so {series[0].day.words} was taken.",)


def outside_note(rows: Sequence[ChainRow], kept: Sequence[ChainRow], *, may_fit: bool) -> tuple[str, ...]:
    """Contracts that were quoted for a range of deltas and turned out to lie outside it."""
    unknown = 0 if len(kept) == len(rows) else sum(1 for row in rows if row.delta is None)
    count = len(rows) - len(kept) - unknown
    notes = (
        (unknown > 0, f"{unknown} contracts have no delta and are not shown."),
        (count > 0, f"{count} contracts were quoted, lie outside the range of deltas and are not shown."),
        (may_fit, "The total counts contracts whose delta may fit; it is known once they are quoted."),
    )
    return tuple(words for holds, words in notes if holds)


def counted_note(counted: int, wanted: int, *, has_statistics: bool) -> tuple[str, ...]:
    """What ratios and totals leave out."""
    if not has_statistics or counted == wanted:
        return ()
    return (f"Ratios and totals count the {counted} contracts of this page, of {wanted}.",)


def forward_note(found: ChainStatistics | None, symbol: str) -> tuple[str, ...]:
    """What "at the money" means where the spot is not what is optioned."""
    if found is None or symbol not in WITHOUT_A_SPOT:
        return ()
    if found.forward is None:
        return (f"No call and put of one strike tell the forward of {symbol}: at the money is by its spot.",)
    return (
        f"{symbol} itself cannot be held: at the money is the strike nearest the forward "
        f"{found.forward:.2f} (by parity of the nearest expiry), not the spot.",
    )


def pain_note(found: ChainStatistics | None) -> tuple[str, ...]:
    """What max pain is, beside its figure."""
    if found is None or found.max_pain is None:
        return ()
    return ("max_pain is where these contracts' holders would receive least; it is no forecast.",)


def fitted_note(count: int) -> tuple[str, ...]:
    """Rows that the smile alone speaks for."""
    return (f"{count} rows are the fitted smile's, without a quote.",) if count else ()


def late_note(count: int, waited_s: float) -> tuple[str, ...]:
    """Rows that the deadline cut off."""
    return (
        (f"{count} contracts did not come within {waited_s:.0f} s; next_cursor asks again.",) if count else ()
    )


def warnings(rows: Sequence[ChainRow], beneath: Quote, session: SessionStatus | None) -> tuple[str, ...]:
    """What a reader of the rows must know, gravest first."""
    feed = worst_feed([beneath.feed, *(row.quote.feed for row in rows)])
    silent = sum(1 for row in rows if row.is_asked and row.quote.bid is None and row.quote.ask is None)
    bare = sum(1 for row in rows if row.quote.greeks is None)
    notices = dict.fromkeys(row.quote.notice for row in rows if row.quote.notice)
    stale = sum(1 for row in rows if row.quote.is_stale) + beneath.is_stale
    rules = (
        (beneath.halted, f"trading in {beneath.instrument.symbol} is halted"),
        (
            session is not None and not session.is_open,
            f"the options market is {session.words() if session else ''}",
        ),
        (stale > 0, "ticks may have been missed: figures are stale until they resume"),
        (feed is not Feed.LIVE, f"the data is {feed.replace('_', ' and ')}"),
        (silent > 0, f"{silent} contracts have neither bid nor ask"),
        (bare > 0, f"{bare} contracts have no Greeks; missing says why"),
    )
    return (*(words for holds, words in rules if holds), *list(notices)[:3])
