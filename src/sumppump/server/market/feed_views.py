"""Answers about feeds."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.data.feeds import FeedReading, FeedReport
from sumppump.server.views import Answer, QualityState, QualityView, View, feed_state, num


class FeedView(View):
    """One contract's data; the notice names TWS's code, and a subscription that is missing."""

    symbol: str
    asset_type: str
    feed: str
    age_s: float | None
    is_stale: bool
    missing: list[str]
    notice: str


class SubscriptionView(View):
    """A market data subscription that the account lacks, by the name of IBKR's price list."""

    name: str
    symbols: list[str]


class FeedsAnswer(Answer):
    """How alive the market data is."""

    connected: bool
    broker_online: bool
    server_version: int
    status: str
    working_feeds: int
    total_tested: int
    overall: str
    can_trade_on_it: bool
    lines_used: int
    lines_limit: int
    farms_down: list[str]
    missing_subscriptions: list[SubscriptionView]
    feeds: list[FeedView]


def feeds_answer(report: FeedReport) -> FeedsAnswer:
    """How alive the data is."""
    link = report.link
    return FeedsAnswer(
        summary=_summary(report),
        warnings=list(report.warnings),
        data_quality=QualityView(
            state=_state(report),
            age_s=num(
                max((each.age_s for each in report.readings if each.age_s is not None), default=None), 1
            ),
        ),
        connected=link.connected,
        broker_online=link.broker_online,
        server_version=link.server_version,
        status=report.status,
        working_feeds=report.working,
        total_tested=len(report.readings),
        overall=report.overall.value,
        can_trade_on_it=report.may_trade,
        lines_used=report.lines_used,
        lines_limit=report.lines_limit,
        farms_down=list(link.farms_down),
        missing_subscriptions=[
            SubscriptionView(name=name, symbols=list(symbols)) for name, symbols in report.subscriptions
        ],
        feeds=[_feed(reading) for reading in report.readings],
    )


_NOTHING_TO_TRADE_ON = "Nothing has a live bid and ask now, and orders need both."


def _summary(report: FeedReport) -> str:
    can = "Orders need live quotes." if report.may_trade else _NOTHING_TO_TRADE_ON
    lacks = "; ".join(f"{name} for {', '.join(symbols)}" for name, symbols in report.subscriptions)
    missing = f" Missing subscriptions: {lacks}." if lacks else ""
    return (
        f"{_by_feed(report.readings)}; {report.lines_used} of {report.lines_limit} lines in use."
        f"{missing} {can}"
    )


def _by_feed(readings: Sequence[FeedReading]) -> str:
    """`live: SPY, SPX; delayed: AAPL`."""
    feeds = dict.fromkeys(each.feed for each in readings)
    names = {feed: ", ".join(each.symbol for each in readings if each.feed is feed) for feed in feeds}
    return "; ".join(f"{feed.replace('_', ' ')}: {symbols}" for feed, symbols in names.items())


def _state(report: FeedReport) -> QualityState:
    is_old = any(each.is_old for each in report.readings)
    return "stale" if is_old and report.overall.value != "none" else feed_state(report.overall)


def _feed(reading: FeedReading) -> FeedView:
    return FeedView(
        symbol=reading.symbol,
        asset_type=reading.kind,
        feed=reading.feed.value,
        age_s=num(reading.age_s, 1),
        is_stale=reading.is_stale,
        missing=list(reading.missing),
        notice=reading.notice,
    )
