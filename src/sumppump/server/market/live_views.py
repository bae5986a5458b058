"""Answers about live updates."""

from __future__ import annotations

from sumppump.data.live_report import FollowReport, LiveReport
from sumppump.domain.quotes import Feed
from sumppump.kernel.first_few import first_few
from sumppump.kernel.text import clean
from sumppump.server.views import Answer, QualityState, QualityView, View, feed_state, num

MOST_SHOWN = 30


class FollowView(View):
    """One follow: how many of its contracts have a line, wait for a first tick, may have missed ticks."""

    live_id: str
    label: str
    symbol: str
    is_chain: bool
    expiries: list[str]
    contracts: int
    followed: int
    waiting: int
    stale: list[str]
    oldest_tick_s: float | None
    not_followed: list[str]


class LiveAnswer(Answer):
    """Everything that is kept current. Lines are those of this process; updates_per_s of the last second."""

    following: list[FollowView]
    contracts: int
    lines_used: int
    lines_limit: int
    updates_per_s: float
    oldest_tick_s: float | None
    subscribed_quotes: list[str]
    stopped: list[str]
    closed: list[str]
    next_steps: list[str]


def live_answer(report: LiveReport, *, stopped: tuple[str, ...] | None = None, asked: str = "") -> LiveAnswer:
    """How everything stands; `stopped` is what a stop has just let go of, `asked` the name it was given."""
    return LiveAnswer(
        summary=_summary(report, stopped, asked),
        warnings=_warnings(report),
        data_quality=QualityView(state=_state(report), age_s=num(report.oldest_s, 1)),
        following=[_follow(each) for each in report.follows[:MOST_SHOWN]],
        contracts=report.contracts,
        lines_used=report.lines_used,
        lines_limit=report.lines_limit,
        updates_per_s=round(report.updates_per_s, 1),
        oldest_tick_s=num(report.oldest_s, 1),
        subscribed_quotes=list(report.watched),
        stopped=list(stopped or ()),
        closed=list(report.closed),
        next_steps=_next_steps(report),
    )


def _summary(report: LiveReport, stopped: tuple[str, ...] | None, asked: str) -> str:
    nothing = f"nothing (nothing was followed under {clean(asked, limit=40)})" if asked else "nothing"
    done = "" if stopped is None else f"Stopped: {'; '.join(stopped) or nothing}. "
    labels = first_few([each.label for each in report.follows], 5, separator="; ") or "nothing"
    return (
        f"{done}Kept current: {labels}; {report.contracts} contracts, "
        f"{report.updates_per_s:,.0f} updates/s, {report.lines_used} of {report.lines_limit} lines in use."
    )


def _warnings(report: LiveReport) -> list[str]:
    stale = [
        f"{each.label}: ticks may have been missed, figures are stale"
        for each in report.follows
        if each.stale
    ]
    short = [
        f"{each.label}: only {each.followed} of {each.contracts} contracts are followed"
        for each in report.follows
        if each.followed < each.contracts
    ]
    poor = [
        f"{each.label}: the data is {each.feed.replace('_', ' and ')}"
        for each in report.follows
        if each.feed is not None and each.feed not in (Feed.LIVE, Feed.NONE)
    ]
    return [*stale, *poor, *short]


def _state(report: LiveReport) -> QualityState:
    if not report.contracts or report.feed is None:
        return "none"
    return "stale" if report.is_stale else feed_state(report.feed)


def _follow(each: FollowReport) -> FollowView:
    return FollowView(
        live_id=each.live_id,
        label=each.label,
        symbol=each.symbol,
        is_chain=each.is_chain,
        expiries=[day.isoformat() for day in each.expiries],
        contracts=each.contracts,
        followed=each.followed,
        waiting=each.waiting,
        stale=list(each.stale),
        oldest_tick_s=num(each.oldest_s, 1),
        not_followed=list(each.not_followed),
    )


def _next_steps(report: LiveReport) -> list[str]:
    if not report.follows:
        return ["Start with trade_start_live_updates."]
    if waiting := sum(each.waiting for each in report.follows):
        return [f"{waiting} contracts wait for a first tick: ask trade_get_live_status again in a moment."]
    return ["Ask trade_get_quote and trade_get_options_chain; end with trade_stop_live_updates."]
