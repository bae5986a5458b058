"""Answers about past prices: bars, oldest first, and what they say together, in the unit that is named."""

from __future__ import annotations

from itertools import accumulate

from sumppump.data.bar_shelf import PRICES_TTL_S, VOLATILITIES_TTL_S
from sumppump.data.history import History
from sumppump.data.history_request import BAR_SIZES, VOLATILITIES
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import NEW_YORK
from sumppump.server.market.quote_views import percent_words, price_words
from sumppump.server.views import (
    Answer,
    QualityView,
    View,
    moment,
    num,
)

# A year of weeks; fewer where their numbers are long, so that an answer stays within 8 kB.
MOST_BARS_SHOWN = 53
ROOM = 5_800


class BarView(View):
    """One bar; start in New York, of daily bars their date."""

    start: str
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: int | float | None


class AverageView(View):
    """Mean of the last closes; null when there are fewer bars."""

    bars: int
    value: float | None


class HistoryAnswer(Answer):
    """Bars, oldest first; the newest may still be forming. `change` is last_close minus first_open."""

    symbol: str
    reading: str
    duration: str
    bar_size: str
    data_type: str
    rth_only: bool
    unit: str
    bars_total: int
    first_open: float | None
    last_close: float | None
    change: float | None
    change_pct: float | None
    high: float | None
    high_at: str
    low: float | None
    low_at: str
    average_volume: float | None
    moving_averages: list[AverageView]
    trend: str
    gaps: list[str]
    chart: str | None = None
    bars_left_out: int
    hint: str
    bars: list[BarView]


def history_answer(history: History) -> HistoryAnswer:
    """Bars and what they say together; the newest ones when there are many, and how to see the rest."""
    request = history.request
    shown = _fitting([_bar(history, bar) for bar in history.bars[-MOST_BARS_SHOWN:]])
    left_out = len(history.bars) - len(shown)
    return HistoryAnswer(
        summary=_history_summary(history),
        as_of=moment(history.as_of),
        data_quality=_quality(history),
        read_as=list(request.notes),
        symbol=history.instrument.label,
        reading=history.reading,
        duration=request.duration,
        bar_size=request.bar_size,
        data_type=request.data_type,
        rth_only=request.rth_only,
        unit=history.unit,
        bars_total=len(history.bars),
        first_open=num(history.first_open),
        last_close=num(history.last.close),
        change=num(history.change),
        change_pct=num(history.change_pct, 3),
        high=num(history.high),
        high_at=start_of(history, history.highest),
        low=num(history.low),
        low_at=start_of(history, history.lowest),
        average_volume=num(history.average_volume, 0),
        moving_averages=[AverageView(bars=length, value=num(mean)) for length, mean in history.sma],
        trend=history.trend,
        gaps=list(history.gaps),
        bars_left_out=left_out,
        hint=_hint(history, len(shown)) if left_out else "",
        bars=shown,
    )


def _fitting(rows: list[BarView]) -> list[BarView]:
    """The newest rows that there is room for."""
    sizes = accumulate(len(row.model_dump_json()) for row in reversed(rows))
    return rows[-max(1, sum(size <= ROOM for size in sizes)) :]


def start_of(history: History, bar: Bar) -> str:
    """When a bar began: the date of a daily one, else New York's wall time."""
    form = "%Y-%m-%d" if history.request.is_daily else "%Y-%m-%d %H:%M:%S"
    return bar.start.astimezone(NEW_YORK).strftime(form).removesuffix(":00")


def _quality(history: History) -> QualityView:
    kept = VOLATILITIES_TTL_S if history.request.data_type in VOLATILITIES else PRICES_TTL_S
    notes = [f"daily bars are kept for up to {kept:.0f} s"] if history.request.is_daily else []
    return QualityView(state="broker", age_s=round(history.age_s, 1), notes=notes)


def _hint(history: History, shown: int) -> str:
    seconds = BAR_SIZES[history.request.bar_size]
    whole_s = seconds * len(history.bars)
    fits = next((name for name, size in BAR_SIZES.items() if whole_s / size <= shown), "1 month")
    return (
        f"The newest {shown} of {len(history.bars)} bars are listed; the figures are of all. "
        f"bar_size {fits!r} lists the whole time, as_chart=true draws it."
    )


def _bar(history: History, bar: Bar) -> BarView:
    return BarView(
        start=start_of(history, bar),
        open=num(bar.open),
        high=num(bar.high),
        low=num(bar.low),
        close=num(bar.close),
        volume=bar.volume,
    )


def _history_summary(history: History) -> str:
    request = history.request
    count = len(history.bars)
    head = f"{history.instrument.label} over {request.duration} in {count} bars of {request.bar_size}"
    low, high, first, last = (
        price_words(num(price))
        for price in (history.low, history.high, history.first_open, history.last.close)
    )
    between = f"between {low} and {high} {history.unit}"
    if history.change is None:
        return f"{head}: {between}, from the lowest bid to the highest ask."
    sign = "+" if history.change >= 0 else ""
    pct = "" if history.change_pct is None else f" ({percent_words(history.change_pct)})"
    change = f"{sign}{price_words(num(history.change))}{pct}"
    return f"{head}: {change} from the first open {first} to {last}, {between}."
