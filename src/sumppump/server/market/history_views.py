"""Answers about past prices: bars, oldest first, and what they say together. Prices are per share."""

from __future__ import annotations

from sumppump.data.history import History
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import NEW_YORK
from sumppump.server.views import (
    Answer,
    QualityView,
    View,
    moment,
    num,
)

MOST_BARS_SHOWN = 60


class BarView(View):
    """One bar; start in New York."""

    start: str
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: int | None


class AverageView(View):
    """Mean of the last closes; null when there are fewer bars."""

    bars: int
    value: float | None


class HistoryAnswer(Answer):
    """Bars, oldest first; the newest may still be forming. `change` is last_close minus first_open."""

    symbol: str
    duration: str
    bar_size: str
    data_type: str
    rth_only: bool
    bars_total: int
    first_open: float | None
    last_close: float | None
    change: float | None
    change_pct: float | None
    high: float | None
    low: float | None
    average_volume: float | None
    moving_averages: list[AverageView]
    trend: str
    chart: str | None
    bars_left_out: int
    bars: list[BarView]


def history_answer(history: History, *, chart: str | None) -> HistoryAnswer:
    """Bars and what they say together; the newest ones when there are many."""
    request, shown = history.request, history.bars[-MOST_BARS_SHOWN:]
    return HistoryAnswer(
        summary=_history_summary(history),
        as_of=moment(history.as_of),
        data_quality=QualityView(state="broker"),
        read_as=list(request.notes),
        symbol=history.instrument.symbol,
        duration=request.duration,
        bar_size=request.bar_size,
        data_type=request.data_type,
        rth_only=request.rth_only,
        bars_total=len(history.bars),
        first_open=num(history.first_open),
        last_close=num(history.last.close),
        change=num(history.change, 4),
        change_pct=num(history.change_pct, 3),
        high=num(history.high),
        low=num(history.low),
        average_volume=num(history.average_volume, 0),
        moving_averages=[AverageView(bars=length, value=num(mean, 4)) for length, mean in history.sma],
        trend=history.trend,
        chart=chart,
        bars_left_out=len(history.bars) - len(shown),
        bars=[_bar(bar) for bar in shown],
    )


def _bar(bar: Bar) -> BarView:
    return BarView(
        start=bar.start.astimezone(NEW_YORK).strftime("%Y-%m-%d %H:%M"),
        open=num(bar.open),
        high=num(bar.high),
        low=num(bar.low),
        close=num(bar.close),
        volume=bar.volume,
    )


def _history_summary(history: History) -> str:
    request = history.request
    pct = "" if history.change_pct is None else f" ({history.change_pct:+.2f} %)"
    return (
        f"{history.instrument.symbol} over {request.duration} in {len(history.bars)} bars of "
        f"{request.bar_size}: {float(history.change):+,.2f}{pct} from the first open "
        f"{float(history.first_open):,.2f} to {float(history.last.close):,.2f}, between "
        f"{float(history.low):,.2f} and {float(history.high):,.2f}."
    )
