"""Historical bars, histograms and schedules, made from the same prints and quotes as live ticks.

A bar of trades holds exactly the prints between its first moment and the next bar's; the auction of a
close belongs to the last bar of its session. Bars of a stock's quotes hold what showed, those of an option's
hold quotes at the times at which the tape may print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby

import numpy as np

from sumppump.exchange.calendar.hours import windows
from sumppump.exchange.calendar.trading_days import (
    new_york_date,
    session_of,
    to_datetime,
    to_ms,
    trading_day_on_or_after,
    trading_days_back,
)
from sumppump.exchange.calendar.trading_spans import Stretch, stretches
from sumppump.exchange.history.bar_series import BarSeries, Series
from sumppump.exchange.history.bar_windows import (
    BAR_SECONDS,
    KINDS_OF_BARS,
    MINUTE_S,
    Window,
    canonical_size,
    fault_of,
    period_of,
    window_of,
)
from sumppump.exchange.history.bars import Slot, bars_of, bars_of_quotes, merged
from sumppump.exchange.history.gathering import DayBars, Gathering
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.listing.listed_since import LISTED_SINCE
from sumppump.exchange.market.adjusted import adjusted
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.steps import Steps
from sumppump.exchange.reports import Bar, BarsQuery, Refusal

HISTORY_DAYS = 11 * 366
"""How far back there are bars; earlier days are head timestamps only (our decision)."""
_OPTION_SESSIONS, _FUTURE_DAYS = 40, 460
_DAILY_KEPT = 50_000
_SESSION_S = 23_400
_QUOTES_SINCE = date(2004, 1, 23)  # the head that others saw for quotes of old names; unverified
_PRINTED = ("AGGTRADES", "ADJUSTED_LAST")  # kinds that are made of prints as TRADES are
_TRADED = ("TRADES", *_PRINTED)
NO_AGGREGATES = Refusal(10299, "Expected what to show is AGGTRADES, please use that instead of TRADES.")


class History:
    """Answers requests for bars."""

    def __init__(self, series: BarSeries, market: Market) -> None:
        self._series = series
        self._market = market
        self._start_day = market.start_day
        self._daily: dict[tuple[int, str, bool, date], Bar] = {}
        self._version = market.version

    def first_day(self, listing: Listing) -> date:
        """The first day that has bars."""
        if listing.is_option:
            return trading_days_back(self._start_day, _OPTION_SESSIONS)[0]
        listed = LISTED_SINCE.get(listing.symbol, date.min)
        if listing.sec_type is SecType.FUTURE and listing.expiry is not None:
            listed = listing.expiry - timedelta(_FUTURE_DAYS)
        return trading_day_on_or_after(max(listed, self._start_day - timedelta(HISTORY_DAYS)))

    def first_ms(self, listing: Listing) -> int:
        """The first moment that has bars."""
        return session_of(self.first_day(listing)).open_ms

    def head(self, listing: Listing, what: str) -> datetime | None:
        """The first moment of a kind of bar as TWS tells it; None where there is none."""
        if what not in KINDS_OF_BARS.get(listing.sec_type, ()):
            return None
        listed = LISTED_SINCE.get(listing.symbol)
        if listing.is_option or listed is None:
            return to_datetime(self.first_ms(listing))
        day = listed if what in _TRADED else max(listed, _QUOTES_SINCE)
        return to_datetime(session_of(trading_day_on_or_after(day)).open_ms)

    def bars_in_steps(
        self, listing: Listing, query: BarsQuery, now_ms: int
    ) -> Steps[tuple[Bar, ...] | Refusal]:
        """The bars of a request, oldest first; about a session a step."""
        found = self.gathering(listing, query, now_ms)
        if isinstance(found, Refusal):
            return found
        while (bars := found.go_on(1.0)) is None:
            yield
        return bars

    def gathering(self, listing: Listing, query: BarsQuery, now_ms: int) -> Gathering | Refusal:
        """The same, to be worked on day by day."""
        fault = fault_of(query) or _missing(listing, query)
        if fault is not None:
            return fault
        if query.end is not None and to_ms(query.end) < self.first_ms(listing):
            return no_data(listing, query)
        window = window_of(query, listing, _last_moment(listing, now_ms), self.first_day(listing))
        if isinstance(window, Refusal):
            return window
        sold = replace(query, what="TRADES" if query.what in _PRINTED else query.what)
        return Gathering(
            lambda: self._days(listing, sold, window),
            lambda bars: self._finished(listing, query, bars, new_york_date(now_ms)),
            lambda: self._market.version,
        )

    def _days(self, listing: Listing, query: BarsQuery, window: Window) -> Iterator[DayBars]:
        seconds = BAR_SECONDS.get(canonical_size(query.bar_size) or "")
        if seconds is None:
            return self._daily_bars(listing, query, window)
        return self._short_bars(listing, query, window, seconds)

    def _finished(
        self, listing: Listing, query: BarsQuery, bars: tuple[Bar, ...], today: date
    ) -> tuple[Bar, ...] | Refusal:
        size = canonical_size(query.bar_size) or ""
        found = bars if size in BAR_SECONDS else merged(bars, size)
        if query.what == "ADJUSTED_LAST":
            found = adjusted(found, self._market, listing.underlying, today)
        return found or no_data(listing, query)

    def histogram(
        self, listing: Listing, period: str, now_ms: int, *, liquid: bool
    ) -> tuple[tuple[float, int], ...] | Refusal:
        """Shares or contracts traded at each price in a span of time before now, cheapest first."""
        duration = period_of(period)
        if isinstance(duration, Refusal):
            return duration
        query = BarsQuery(con_id=listing.con_id, duration=duration, bar_size="1 day", use_rth=liquid)
        window = window_of(query, listing, _last_moment(listing, now_ms), self.first_day(listing))
        if isinstance(window, Refusal) or not KINDS_OF_BARS.get(listing.sec_type, frozenset()) & set(_TRADED):
            return no_data(listing, query)
        parts = [part for day in window.days for part in _parts(listing, query, window, day)]
        series = self._joined(listing, "TRADES", parts, per_step=False)
        if series.volumes is None or not len(series):
            return no_data(listing, query)
        prices, places = np.unique(series.values, return_inverse=True)
        sizes = np.bincount(places, weights=series.volumes).astype(np.int64)
        return tuple(zip(prices.tolist(), sizes.tolist(), strict=True))

    def schedule(
        self, listing: Listing, query: BarsQuery, now_ms: int
    ) -> tuple[tuple[date, int, int], ...] | Refusal:
        """Trade dates with the first and the last moment of their trading."""
        fault = fault_of(replace(query, what="TRADES"))
        if fault is not None:
            return fault
        window = window_of(query, listing, now_ms, self.first_day(listing))
        if isinstance(window, Refusal):
            return window
        spans = ((day, windows(listing.hours, day, liquid=query.use_rth)) for day in window.days)
        return tuple((day, found[0][0], found[-1][1]) for day, found in spans) or no_data(listing, query)

    # -- days and windows -------------------------------------------------------------------
    def _daily_bars(self, listing: Listing, query: BarsQuery, window: Window) -> Iterator[DayBars]:
        if self._version != self._market.version:  # told in other shares now
            self._version = self._market.version
            self._daily.clear()
        for day in window.days:
            key = (listing.con_id, query.what, query.use_rth, day)
            bar, work = self._daily.get(key), 0.0
            if bar is None:
                parts = tuple(_parts(listing, query, window, day))
                bar, work = self._whole_day(listing, query, parts), _work(parts)
                if bar is not None and parts == stretches(listing.hours, day, liquid=query.use_rth):
                    self._keep(key, bar)
            yield DayBars(() if bar is None else (bar,), work)

    def _whole_day(self, listing: Listing, query: BarsQuery, parts: tuple[Stretch, ...]) -> Bar | None:
        if not parts:
            return None
        slot = Slot(parts[0].day, parts[0].opens_ms, None)
        return next(iter(self._bars(listing, query.what, list(parts), slot, per_step=False)), None)

    def _keep(self, key: tuple[int, str, bool, date], bar: Bar) -> None:
        if len(self._daily) >= _DAILY_KEPT:
            self._daily.clear()
        self._daily[key] = bar

    def _short_bars(
        self, listing: Listing, query: BarsQuery, window: Window, seconds: int
    ) -> Iterator[DayBars]:
        for day in window.days:
            found: list[Bar] = []
            whole = tuple(_parts(listing, query, window, day))
            for opens_ms, parts in groupby(whole, lambda part: part.opens_ms):
                late = _since(parts, window.from_ms)
                slot = Slot(day, opens_ms, seconds)
                found += self._bars(listing, query.what, late, slot, per_step=seconds < MINUTE_S)
            yield DayBars(tuple(bar for bar in found if to_ms(bar.start) >= window.from_ms), _work(whole))

    def _bars(
        self, listing: Listing, what: str, parts: list[Stretch], slot: Slot, *, per_step: bool
    ) -> list[Bar]:
        if what == "BID_ASK":
            bids, asks = (self._joined(listing, side, parts, per_step=per_step) for side in ("BID", "ASK"))
            return bars_of_quotes(bids, asks, slot, len(str(listing.price_units)) - 1)
        return bars_of(self._joined(listing, what, parts, per_step=per_step), slot)

    def _joined(self, listing: Listing, what: str, parts: list[Stretch], *, per_step: bool) -> Series:
        return Series.joined([self._series.of(listing, what, part, per_step=per_step) for part in parts])


def _parts(listing: Listing, query: BarsQuery, window: Window, day: date) -> Iterator[Stretch]:
    """What of a trade date is over in the window; a whole stretch stays as it is and can be known again."""
    for stretch in stretches(listing.hours, day, liquid=query.use_rth):
        is_over = stretch.ends_with_auction and window.until_ms >= stretch.session.close_ms
        part = stretch if is_over else stretch.cut(0, window.until_ms)
        if part.end > part.first:
            yield part


def _work(parts: Iterable[Stretch]) -> float:
    """How many regular sessions are as long as what has to be walked through for some stretches."""
    return sum(part.session.seconds for part in parts) / _SESSION_S


def _since(parts: Iterable[Stretch], from_ms: int) -> list[Stretch]:
    """What does not lie before a moment; bars that begin earlier are not wanted and may lack their head."""
    cut = (part.cut(from_ms, 1 << 53) if part.from_ms < from_ms else part for part in parts)
    return [part for part in cut if part.end > part.first]


def _last_moment(listing: Listing, now_ms: int) -> int:
    return now_ms if listing.last_trade is None else min(now_ms, to_ms(listing.last_trade))


def _missing(listing: Listing, query: BarsQuery) -> Refusal | None:
    """Why there are no such bars of such an instrument."""
    if query.what in KINDS_OF_BARS.get(listing.sec_type, ()):
        return None
    is_coin = listing.sec_type is SecType.CRYPTO and query.what == "TRADES"
    return NO_AGGREGATES if is_coin else no_data(listing, query)


def no_data(listing: Listing, query: BarsQuery) -> Refusal:
    """TWS's words for an empty answer."""
    name = f"{listing.local_symbol}@{listing.exchange} {query.what.capitalize()}"
    return Refusal(162, f"Historical Market Data Service error message:HMDS query returned no data: {name}")
