"""Historical bars, made from the same paths that live quotes come from.

A bar of trades holds exactly the prints of the tape between its first moment and the next bar's; the close
belongs to the last bar of its session. Bars of a stock's quotes hold what showed, those of an option's hold
quotes at the times at which the tape may print. A span without a trade has no bar. Bars begin
at the session's open and then at whole multiples of their size in New York's day. A bar's count is the
number of its prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.bar_windows import (
    BAR_SECONDS,
    MINUTE_S,
    Window,
    canonical_size,
    fault_of,
    window_of,
)
from sumppump.exchange.instruments import Listing
from sumppump.exchange.market import stock_cents
from sumppump.exchange.option_data import OptionData
from sumppump.exchange.quotes import Quoter
from sumppump.exchange.reports import Bar, BarsQuery, Refusal
from sumppump.exchange.stock_data import StockData
from sumppump.exchange.symbols import BY_SYMBOL, Underlying
from sumppump.exchange.tape import PRINT_STEPS, Prints, Tape, prints_until
from sumppump.exchange.tops import Moment
from sumppump.exchange.trading_days import (
    STEPS_PER_SECOND,
    TradingSession,
    session_of,
    to_datetime,
    to_ms,
    trading_day_on_or_after,
    trading_days_back,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_HISTORY_DAYS = 730
_OPTION_SESSIONS = 40
_DAILY_KEPT = 20_000
_OPEN_S = 34_200  # 9:30 in seconds of New York's day
_NONE = -1  # what the wire says where a kind of bar has no such number


@dataclass(frozen=True, slots=True)
class _Series:
    """Values of one session that bars are made of.

    Attributes:
        seconds: since the open, rising; several values may share a second.
        values: prices or volatilities.
        volumes: traded at each value, None where the kind has none.
    """

    seconds: Ints
    values: Floats
    volumes: Ints | None


class History:
    """Answers requests for bars."""

    def __init__(
        self, quoter: Quoter, tape: Tape, stocks: StockData, options: OptionData, start_day: date
    ) -> None:
        self._quoter = quoter
        self._tape = tape
        self._stocks = stocks
        self._options = options
        self._start_day = start_day
        self._daily: dict[tuple[int, str, date], Bar] = {}

    def first_day(self, listing: Listing) -> date:
        """The first session that has bars."""
        if listing.is_option:
            return trading_days_back(self._start_day, _OPTION_SESSIONS)[0]
        return trading_day_on_or_after(self._start_day - timedelta(_HISTORY_DAYS))

    def bars(self, listing: Listing, query: BarsQuery, now: Moment) -> tuple[Bar, ...] | Refusal:
        """The bars of a request, oldest first."""
        fault = fault_of(query)
        if fault is not None:
            return fault
        first_open = session_of(self.first_day(listing)).open_ms
        if query.end is not None and query.end < to_datetime(first_open):
            return _no_data(listing, query)
        ends = now.ms if listing.last_trade is None else min(now.ms, to_ms(listing.last_trade))
        window = window_of(query, ends, self.first_day(listing))
        if isinstance(window, Refusal):
            return window
        size = canonical_size(query.bar_size) or ""
        seconds = BAR_SECONDS.get(size)
        if seconds is None:
            found = _merged(self._daily_bars(listing, query.what, window), size)
        else:
            found = self._short_bars(listing, query.what, window, seconds)
        return found or _no_data(listing, query)

    # -- sessions ---------------------------------------------------------------------------
    def _daily_bars(self, listing: Listing, what: str, window: Window) -> list[Bar]:
        bars = (self._daily_bar(listing, what, session, window) for session in window.sessions)
        return [bar for bar in bars if bar is not None]

    def _daily_bar(self, listing: Listing, what: str, session: TradingSession, window: Window) -> Bar | None:
        key = (listing.con_id, what, session.day)
        if key in self._daily:
            return self._daily[key]
        series = self._series(listing, what, session, window.until_ms, per_step=False)
        bars = _bars_of(series, session, session.seconds + 1)
        if bars and session.close_ms <= window.until_ms:
            if len(self._daily) >= _DAILY_KEPT:
                self._daily.clear()
            self._daily[key] = bars[0]
        return bars[0] if bars else None

    def _short_bars(self, listing: Listing, what: str, window: Window, size: int) -> tuple[Bar, ...]:
        found: list[Bar] = []
        for session in window.sessions:
            series = self._series(listing, what, session, window.until_ms, per_step=size < MINUTE_S)
            found += _bars_of(series, session, size)
        from_moment = to_datetime(max(window.from_ms, 0))
        return tuple(bar for bar in found if bar.start >= from_moment)

    def _series(
        self, listing: Listing, what: str, session: TradingSession, until_ms: int, *, per_step: bool
    ) -> _Series:
        last_step = session.step_at(until_ms) if until_ms >= session.open_ms else -1
        if listing.is_option:
            return self._option_series(listing, what, session, last_step)
        return self._stock_series(BY_SYMBOL[listing.underlying], what, session, last_step, per_step=per_step)

    # -- stocks -----------------------------------------------------------------------------
    def _stock_series(
        self, under: Underlying, what: str, session: TradingSession, last_step: int, *, per_step: bool
    ) -> _Series:
        if what == "TRADES":
            return _printed(self._tape.stock_prints(under, session, 0, last_step + 1))
        # The price of a second shows in its last quarter at the latest; the step that is on may be earlier.
        steps = np.arange(0 if per_step else 3, last_step + 1, 1 if per_step else 4, dtype=np.int64)
        if last_step >= 0 and (not len(steps) or steps[-1] != last_step):
            steps = np.append(steps, last_step)
        values = self._stock_values(under, what, session, steps)
        seconds = self._quoter.market.seconds_seen(under.symbol, session, steps)
        return _Series(steps // STEPS_PER_SECOND if per_step else seconds, values, None)

    def _stock_values(self, under: Underlying, what: str, session: TradingSession, steps: Ints) -> Floats:
        if what == "HISTORICAL_VOLATILITY":
            return np.full(len(steps), self._stocks.past_vol(under, session.day))
        market = self._quoter.market
        if what == "OPTION_IMPLIED_VOLATILITY":
            return self._quoter.surface.month_vol(under.symbol, session, steps)
        return _side(what, *stock_cents(under, market.spot(under.symbol, session, steps)))

    # -- options ----------------------------------------------------------------------------
    def _option_series(self, listing: Listing, what: str, session: TradingSession, last_step: int) -> _Series:
        nothing = np.zeros(0, dtype=np.int64)
        if what.endswith("VOLATILITY") or last_step < 0:
            return _Series(nothing, np.zeros(0), None)
        row, count = self._options.row((listing,)), prints_until(last_step)
        if what == "TRADES":
            return _printed(self._tape.prints(row, session, 0, count))
        steps = np.arange(count, dtype=np.int64) * PRINT_STEPS
        tops = self._quoter.option_tops(row, session, steps, self._quoter.priced(row, session, steps))
        values = _side(what, tops.bid[:, 0], tops.ask[:, 0], nothing)
        return _Series(steps // STEPS_PER_SECOND, values, None)


def _printed(prints: Prints) -> _Series:
    """The prints of one instrument."""
    (happened,) = np.nonzero(prints.size[:, 0])
    seconds = prints.steps[happened] // STEPS_PER_SECOND
    return _Series(seconds, prints.price[happened, 0] / 100.0, prints.size[happened, 0])


def _side(what: str, bid: Ints, ask: Ints, last: Ints) -> Floats:
    halves = {"BID": 2 * bid, "ASK": 2 * ask, "MIDPOINT": bid + ask, "TRADES": 2 * last}[what]
    values: Floats = halves / 200.0
    return values


def _bars_of(series: _Series, session: TradingSession, size: int) -> list[Bar]:
    """Bars of `size` seconds; one for the whole session if that is no longer."""
    if not len(series.values):
        return []
    if size > session.seconds:
        buckets = np.zeros(len(series.seconds), dtype=np.int64)
    else:
        inside = np.minimum(series.seconds, session.seconds - 1)  # the close ends the last bar
        buckets = (_OPEN_S + inside) // size
    firsts = np.flatnonzero(np.diff(buckets, prepend=-1))
    lasts = np.append(firsts[1:], len(buckets)) - 1
    values, volumes = series.values, series.volumes
    totals = np.full(len(firsts), _NONE) if volumes is None else np.add.reduceat(volumes, firsts)
    weights = np.ones(len(values)) if volumes is None else np.maximum(volumes, 1e-9)
    means = np.add.reduceat(values * weights, firsts) / np.add.reduceat(weights, firsts)
    columns = zip(
        np.maximum(buckets[firsts] * size, _OPEN_S).tolist(), values[firsts].tolist(),
        np.maximum.reduceat(values, firsts).tolist(), np.minimum.reduceat(values, firsts).tolist(),
        values[lasts].tolist(), totals.tolist(), means.tolist(), (lasts - firsts + 1).tolist(), strict=True,
    )  # fmt: skip
    return [
        Bar(
            to_datetime(session.open_ms + (start - _OPEN_S) * 1000), session.day, opens, high, low, closes,
            volume, *((round(mean, 4), count) if volumes is not None else (float(_NONE), _NONE)),
        )
        for start, opens, high, low, closes, volume, mean, count in columns
    ]  # fmt: skip


def _merged(bars: Sequence[Bar], size: str) -> tuple[Bar, ...]:
    """Daily bars put together by week or month."""
    if size == "1 day":
        return tuple(bars)
    key = _week if size == "1 week" else _month
    return tuple(_one_of(list(group)) for _, group in groupby(bars, key=key))


def _week(bar: Bar) -> tuple[int, int]:
    year, week, _ = bar.day.isocalendar()
    return year, week


def _month(bar: Bar) -> tuple[int, int]:
    return bar.day.year, bar.day.month


def _one_of(bars: list[Bar]) -> Bar:
    first, last = bars[0], bars[-1]
    trades = [bar for bar in bars if bar.volume > 0]
    volume = sum(bar.volume for bar in trades)
    wap = sum(bar.wap * bar.volume for bar in trades) / volume if volume else first.wap
    return Bar(
        first.start, first.day, first.open, max(bar.high for bar in bars), min(bar.low for bar in bars),
        last.close, volume or first.volume, round(wap, 4), sum(bar.count for bar in trades) or first.count,
    )  # fmt: skip


def _no_data(listing: Listing, query: BarsQuery) -> Refusal:
    name = f"{listing.local_symbol}@{listing.exchange} {query.what.capitalize()}"
    return Refusal(162, f"Historical Market Data Service error message:HMDS query returned no data: {name}")
