"""Answers about option chains: rows in columns, and statistics over them. Prices are per share."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.data.chain import Chain
from sumppump.data.chain_statistics import ChainStatistics
from sumppump.data.series import Series
from sumppump.server.views import (
    SKEW_UNIT,
    STALE_AFTER_S,
    Answer,
    QualityView,
    View,
    feed_state,
    moment,
    num,
)

DEFAULT_BYTES, MOST_BYTES = 8_000, 19_000
# What an answer needs beside its rows: summary, warnings, series, statistics.
FRAME_BYTES = 2_000
# What a cell takes in JSON, separator included.
_CELL_BYTES = {"expiry": 14, "strike": 8, "right": 5, "source": 15, "trading_class": 8, "fit_error": 7}
_NUMBER_BYTES = 7.5


def rows_that_fit(columns: Sequence[str], size: int) -> int:
    """How many rows of these columns an answer of `size` bytes holds."""
    row = 4 + sum(_CELL_BYTES.get(name, _NUMBER_BYTES) for name in columns)
    return int((size - FRAME_BYTES) / row)


class ExpiryIvView(View):
    """Volatility at the money of one expiry (and class), 0.23 is 23 % a year."""

    expiry: str
    iv: float | None


class StatisticsView(View):
    """Ratios and totals over `contracts` of this page; all from atm_iv on for `expiry`.

    Skew is in volatility points: how much dearer the 25-delta put is than the 25-delta call. max_pain tells
    who holds what; it is no forecast.
    """

    contracts: int
    put_call_ratio_volume: float | None
    put_call_ratio_open_interest: float | None
    total_volume: int | None
    total_open_interest: int | None
    expiry: str | None
    atm_iv: float | None
    iv_by_expiry: list[ExpiryIvView]
    expected_move: float | None
    expected_move_pct: float | None
    expected_move_straddle: float | None
    skew: float | None
    skew_unit: str = SKEW_UNIT
    max_pain: float | None
    missing: list[str]


class ChainAnswer(Answer):
    """A part of a chain, a row per contract in the order of `columns`."""

    symbol: str
    underlying_price: float | None
    expiries: list[str]
    rows_given: int
    rows_total: int
    next_cursor: str | None
    hint: str
    statistics: StatisticsView | None
    missing: list[str]
    columns: list[str]
    rows: list[list[str | float | int | None]]


def chain_answer(chain: Chain, fields: Sequence[str]) -> ChainAnswer:
    """A part of a chain with the columns named in `fields`, or all."""
    columns = chain.columns
    kept = [index for index, name in enumerate(columns) if not fields or name in fields]
    return ChainAnswer(
        summary=_chain_summary(chain),
        warnings=list(chain.warnings),
        as_of=moment(chain.as_of),
        data_quality=QualityView(
            state="stale" if chain.is_stale or chain.oldest_s > STALE_AFTER_S else feed_state(chain.feed),
            age_s=num(chain.oldest_s, 1),
        ),
        read_as=list(chain.notes),
        symbol=chain.underlying.symbol,
        underlying_price=num(chain.spot),
        expiries=[each.words for each in chain.series],
        rows_given=len(chain.rows),
        rows_total=chain.total,
        next_cursor=chain.next_cursor,
        hint=chain.hint,
        statistics=None if chain.statistics is None else _statistics(chain.statistics, chain.has_classes),
        missing=list(chain.missing),
        columns=[columns[index] for index in kept],
        rows=[[row[index] for index in kept] for row in chain.columnar()],
    )


def _chain_summary(chain: Chain) -> str:
    stats = chain.statistics
    day = "" if stats is None or stats.series is None else stats.series.expiry.isoformat()
    iv = None if stats is None else stats.atm_iv
    move = None if stats is None else stats.expected_move
    parts = (
        f"{chain.underlying.symbol} at {float(chain.spot):,.2f}:",
        f"{len(chain.rows)} of {chain.total} contracts, {_expiry_words(chain)}.",
        "" if iv is None else f"Volatility at the money {iv:.1%} ({day}).",
        "" if move is None else f"Expected move to {day}: {move:.2f}.",
    )
    return " ".join(part for part in parts if part)


def _expiry_words(chain: Chain) -> str:
    days = list(dict.fromkeys(each.series.expiry.isoformat() for each in chain.series))
    return f"expiry {days[0]}" if len(days) == 1 else f"{len(days)} expiries {days[0]} to {days[-1]}"


def _statistics(stats: ChainStatistics, by_class: bool) -> StatisticsView:
    return StatisticsView(
        contracts=stats.contracts,
        put_call_ratio_volume=num(stats.put_call_ratio_volume, 3),
        put_call_ratio_open_interest=num(stats.put_call_ratio_open_interest, 3),
        total_volume=stats.total_volume,
        total_open_interest=stats.total_open_interest,
        expiry=None if stats.series is None else _series_words(stats.series, by_class),
        atm_iv=num(stats.atm_iv, 4),
        iv_by_expiry=[
            ExpiryIvView(expiry=_series_words(series, by_class), iv=num(iv, 4))
            for series, iv in stats.iv_by_expiry
        ],
        expected_move=num(stats.expected_move, 2),
        expected_move_pct=num(stats.expected_move_pct, 2),
        expected_move_straddle=num(stats.expected_move_straddle),
        skew=num(stats.skew, 2),
        max_pain=stats.max_pain,
        missing=[f"{name}: {reason}" for name, reason in stats.missing],
    )


def _series_words(series: Series, by_class: bool) -> str:
    day = series.expiry.isoformat()
    return f"{day} {series.trading_class}" if by_class else day
