"""Answers about option chains: rows in columns, and statistics over them. Prices are per share."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.data.chain_statistics import ChainStatistics
from sumppump.data.chains import COLUMNS, Chain
from sumppump.server.views import (
    STALE_AFTER_S,
    Answer,
    QualityView,
    View,
    feed_state,
    moment,
    num,
)


class ExpiryIvView(View):
    """Volatility at the money of one expiry, 0.23 is 23 % a year."""

    expiry: str
    iv: float | None


class StatisticsView(View):
    """Ratios and totals over `contracts` of this page; all from atm_iv on for `expiry`.

    Skew is in volatility points: how much dearer the 25-delta put is than the 25-delta call.
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
    straddle: float | None
    skew: float | None
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
    columns: list[str]
    rows: list[list[str | float | int | None]]


def chain_answer(chain: Chain, fields: Sequence[str]) -> ChainAnswer:
    """A part of a chain with the columns named in `fields`, or all."""
    kept = [index for index, name in enumerate(COLUMNS) if not fields or name in fields]
    return ChainAnswer(
        summary=_chain_summary(chain),
        warnings=list(chain.warnings),
        as_of=moment(chain.as_of),
        data_quality=QualityView(
            state="stale" if chain.oldest_s > STALE_AFTER_S else feed_state(chain.feed),
            age_s=num(chain.oldest_s, 1),
        ),
        read_as=list(chain.notes),
        symbol=chain.underlying.symbol,
        underlying_price=num(chain.spot),
        expiries=[day.words for day in chain.expiries],
        rows_given=len(chain.rows),
        rows_total=chain.total,
        next_cursor=chain.next_cursor,
        hint=chain.hint,
        statistics=None if chain.statistics is None else _statistics(chain.statistics),
        columns=[COLUMNS[index] for index in kept],
        rows=[[row[index] for index in kept] for row in chain.columnar()],
    )


def _chain_summary(chain: Chain) -> str:
    stats = chain.statistics
    day = "" if stats is None or stats.expiry is None else stats.expiry.isoformat()
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
    days = [day.day.isoformat() for day in chain.expiries]
    return f"expiry {days[0]}" if len(days) == 1 else f"{len(days)} expiries {days[0]} to {days[-1]}"


def _statistics(stats: ChainStatistics) -> StatisticsView:
    return StatisticsView(
        contracts=stats.contracts,
        put_call_ratio_volume=num(stats.put_call_ratio_volume, 3),
        put_call_ratio_open_interest=num(stats.put_call_ratio_open_interest, 3),
        total_volume=stats.total_volume,
        total_open_interest=stats.total_open_interest,
        expiry=None if stats.expiry is None else stats.expiry.isoformat(),
        atm_iv=num(stats.atm_iv, 4),
        iv_by_expiry=[ExpiryIvView(expiry=day.isoformat(), iv=num(iv, 4)) for day, iv in stats.iv_by_expiry],
        expected_move=num(stats.expected_move, 2),
        expected_move_pct=num(stats.expected_move_pct, 2),
        straddle=num(stats.straddle),
        skew=num(stats.skew, 2),
        missing=[f"{name}: {reason}" for name, reason in stats.missing],
    )
