"""Answers about feeds."""

from __future__ import annotations

from sumppump.data.feeds import FeedReading, FeedReport
from sumppump.server.views import Answer, QualityView, View, feed_state, num


class FeedView(View):
    """One symbol's data."""

    symbol: str
    feed: str
    age_s: float | None
    missing: list[str]
    notice: str


class FeedsAnswer(Answer):
    """How alive the market data is."""

    connected: bool
    broker_online: bool
    server_version: int
    overall: str
    can_trade_on_it: bool
    lines_used: int
    lines_limit: int
    farms_down: list[str]
    feeds: list[FeedView]


def feeds_answer(report: FeedReport) -> FeedsAnswer:
    """How alive the data is."""
    link = report.link
    can = "Orders need live quotes." if report.may_trade else "Nothing is live, and orders need live quotes."
    return FeedsAnswer(
        summary=f"{', '.join(f'{each.symbol} {each.feed}' for each in report.readings)}; "
        f"{report.lines_used} of {report.lines_limit} lines in use. {can}",
        warnings=list(report.warnings),
        data_quality=QualityView(
            state=feed_state(report.overall),
            age_s=num(
                max((each.age_s for each in report.readings if each.age_s is not None), default=None), 1
            ),
        ),
        connected=link.connected,
        broker_online=link.broker_online,
        server_version=link.server_version,
        overall=report.overall.value,
        can_trade_on_it=report.may_trade,
        lines_used=report.lines_used,
        lines_limit=report.lines_limit,
        farms_down=list(link.farms_down),
        feeds=[_feed(reading) for reading in report.readings],
    )


def _feed(reading: FeedReading) -> FeedView:
    return FeedView(
        symbol=reading.symbol,
        feed=reading.feed.value,
        age_s=num(reading.age_s, 1),
        missing=list(reading.missing),
        notice=reading.notice,
    )
