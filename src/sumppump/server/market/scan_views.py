"""Answers about scans: each row with the figure that qualified it, and why the others did not."""

from __future__ import annotations

from sumppump.data.scans import ScanResult, ScanRow
from sumppump.server.views import Answer, View, feed_warnings, moment, num, quality_of

MOST_REJECTED = 12


class ScanRowView(View):
    """One underlying. `figure` qualified and ranked it; what was not asked for or is not known is null.

    iv is the broker's 30-day implied volatility a year (0.23 is 23 %); iv_rank is 0 to 100 over `samples`
    days.
    """

    symbol: str
    figure: float | None
    price: float | None
    change_pct: float | None
    volume: int | None
    bid: float | None
    ask: float | None
    high: float | None
    low: float | None
    iv: float | None
    iv_over_hv: float | None
    iv_rank: float | None
    samples: int | None
    option_volume: int | None
    option_volume_ratio: float | None


class RejectedView(View):
    """A candidate that did not qualify, and why."""

    symbol: str
    why: str


class ScanAnswer(Answer):
    """Rows that keep the `rule`, ranked by `figure_name`; `source` says where the candidates came from."""

    scan_type: str
    rule: str
    source: str
    figure_name: str
    session: str
    looked_at: int
    count: int
    results: list[ScanRowView]
    rejected: list[RejectedView]


def scan_answer(found: ScanResult, monotonic: float) -> ScanAnswer:
    """What a scan found."""
    return ScanAnswer(
        summary=_summary(found),
        warnings=feed_warnings(found.quotes),
        as_of=moment(found.as_of),
        data_quality=quality_of(found.quotes, monotonic),
        scan_type=found.kind.value,
        rule=found.rule,
        source=found.source,
        figure_name=found.figure,
        session=found.session,
        looked_at=found.looked_at,
        count=len(found.rows),
        results=[_row(row) for row in found.rows],
        rejected=[RejectedView(symbol=symbol, why=why) for symbol, why in found.rejected[:MOST_REJECTED]],
    )


def _summary(found: ScanResult) -> str:
    head = f"{len(found.rows)} of {found.looked_at} candidates have {found.rule}"
    if not found.looked_at:
        return f"The {found.source} named no candidate."
    if not found.rows:
        symbol, why = found.rejected[0]
        return f"{head}; for example {symbol}: {why}."
    best = ", ".join(f"{row.candidate.underlying.symbol} {row.value:,.4g}" for row in found.rows[:3])
    return f"{head}; first by {found.figure}: {best}."


def _row(row: ScanRow) -> ScanRowView:
    each, quote, facts = row.candidate, row.candidate.quote, row.candidate.statistics
    return ScanRowView(
        symbol=each.underlying.symbol,
        figure=num(row.value, 4),
        price=num(each.price),
        change_pct=num(each.change_pct, 2),
        volume=quote.volume,
        bid=num(quote.bid),
        ask=num(quote.ask),
        high=num(quote.high),
        low=num(quote.low),
        iv=num(facts.implied_vol, 4),
        iv_over_hv=num(each.iv_over_hv, 2),
        iv_rank=num(each.rank_value, 1),
        samples=None if each.rank is None else each.rank.samples,
        option_volume=each.option_volume,
        option_volume_ratio=num(each.option_volume_ratio, 2),
    )
