"""Price history: durations and bar sizes in people's words, and what the bars say together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.data.arguments import refuse, ticker
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import MarketDataError
from sumppump.ports.market import ContractDirectory, MarketData

SESSION_S = 6.5 * 3600
DAY_S = 24 * 3600
MOST_BARS = 3000
SMA_LENGTHS = (20, 50, 200)

# TWS's bar sizes with their length in seconds of trading time, and other ways to say them.
BAR_SIZES: dict[str, float] = {
    "1 secs": 1,
    "5 secs": 5,
    "10 secs": 10,
    "15 secs": 15,
    "30 secs": 30,
    "1 min": 60,
    "2 mins": 120,
    "3 mins": 180,
    "5 mins": 300,
    "10 mins": 600,
    "15 mins": 900,
    "20 mins": 1200,
    "30 mins": 1800,
    "1 hour": 3600,
    "2 hours": 7200,
    "3 hours": 10800,
    "4 hours": 14400,
    "8 hours": 28800,
    "1 day": SESSION_S,
    "1 week": 5 * SESSION_S,
    "1 month": 21 * SESSION_S,
}
_BAR_WORDS = {
    "hourly": "1 hour",
    "daily": "1 day",
    "weekly": "1 week",
    "monthly": "1 month",
    "minute": "1 min",
}
_BAR_UNITS = (
    (("s", "sec", "secs", "second", "seconds"), "sec"),
    (("m", "min", "mins", "minute", "minutes"), "min"),
    (("h", "hr", "hrs", "hour", "hours"), "hour"),
    (("d", "day", "days"), "day"),
    (("w", "wk", "week", "weeks"), "week"),
    (("mo", "month", "months"), "month"),
)
# TWS's duration units: letter, words, trading days of one.
_DURATIONS: tuple[tuple[str, tuple[str, ...], float, int], ...] = (
    ("S", ("s", "sec", "secs", "second", "seconds"), 1 / SESSION_S, 86_400),
    ("D", ("d", "day", "days"), 1, 365),
    ("W", ("w", "wk", "wks", "week", "weeks"), 5, 104),
    ("M", ("m", "mo", "month", "months"), 21, 60),
    ("Y", ("y", "yr", "yrs", "year", "years"), 252, 20),
)
DATA_TYPES = ("TRADES", "MIDPOINT", "BID", "ASK")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRequest:
    """What is asked for, in TWS's own words; `read` makes it from people's.

    Attributes:
        duration: for example `5 D`. bar_size: one of BAR_SIZES. data_type: one of DATA_TYPES.
        rth_only: regular trading hours alone.
        notes: how arguments were read.
    """

    symbol: str
    duration: str = "5 D"
    bar_size: str = "1 hour"
    data_type: str = "TRADES"
    rth_only: bool = True
    notes: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        symbol: str,
        *,
        duration: str = "5 d",
        bar_size: str = "1 hour",
        data_type: str = "TRADES",
        rth_only: bool = True,
    ) -> HistoryRequest:
        """A request from arguments as they arrive.

        Raises:
            InvalidRequest: one cannot be read, or both together make too many bars or less than one.
        """
        length, days = read_duration(duration)
        bar, seconds = read_bar_size(bar_size)
        _refuse_bad_pair(length, days, bar, seconds)
        pairs = (("duration", duration, length), ("bar_size", bar_size, bar))
        return cls(
            symbol=ticker(symbol),
            duration=length,
            bar_size=bar,
            data_type=_data_type(data_type),
            rth_only=rth_only,
            notes=tuple(f"{n} {given!r} was read as {read!r}." for n, given, read in pairs if given != read),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Bars, oldest first, and what they say together; prices per share.

    Attributes:
        as_of: exchange time of the answer; the bars themselves name only their beginnings.
        change: last close minus first open; change_pct: percent of that open.
        high, low: extremes over all bars. average_volume: per bar; None where the type has none.
        sma: (bars, mean of that many last closes); None where there are fewer bars.
        trend: `above` or `below` its 20-bar mean, "" when that is not known.
    """

    instrument: Instrument
    request: HistoryRequest
    bars: tuple[Bar, ...]
    as_of: datetime
    change: Decimal
    change_pct: float | None
    high: Decimal
    low: Decimal
    average_volume: float | None
    sma: tuple[tuple[int, float | None], ...]
    trend: str = ""

    @property
    def last(self) -> Bar:
        """The newest bar; it may still be forming."""
        return self.bars[-1]

    @property
    def first_open(self) -> Decimal:
        """Where `change` counts from."""
        return self.bars[0].open


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryService:
    """Fetches bars; sends nothing."""

    directory: ContractDirectory
    market: MarketData
    clock: Clock

    async def history(self, request: HistoryRequest) -> History:
        """Bars of one underlying.

        Raises:
            UnknownContract: no such symbol.
            MarketDataError: there are no bars.
            GatewayUnavailable: no connection or no answer.
        """
        instrument = await self.directory.underlying(request.symbol)
        bars = await self.market.bars(
            instrument,
            duration=request.duration,
            bar_size=request.bar_size,
            what=request.data_type,
            regular_hours=request.rth_only,
        )
        if not bars:
            raise MarketDataError(
                f"{instrument.symbol} has no {request.bar_size} bars over {request.duration}",
                code="no_history",
                expected="at least one bar",
                found="none",
                next_steps=["Ask for a longer duration or a larger bar."],
            )
        return summarised(instrument, request, bars, self.clock.now())


def summarised(
    instrument: Instrument, request: HistoryRequest, bars: Sequence[Bar], as_of: datetime
) -> History:
    """The figures over at least one bar, oldest first."""
    first, last = bars[0], bars[-1]
    change = last.close - first.open
    volumes = [bar.volume for bar in bars if bar.volume is not None]
    means = tuple((length, moving_average(bars, length)) for length in SMA_LENGTHS)
    short = means[0][1]
    return History(
        instrument=instrument,
        request=request,
        bars=tuple(bars),
        as_of=as_of,
        change=change,
        change_pct=float(change / first.open * 100) if first.open else None,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        average_volume=sum(volumes) / len(volumes) if volumes else None,
        sma=means,
        trend="" if short is None else "above" if float(last.close) >= short else "below",
    )


def moving_average(bars: Sequence[Bar], length: int) -> float | None:
    """Mean of the last `length` closes; None when there are fewer bars."""
    return None if len(bars) < length else float(sum(bar.close for bar in bars[-length:]) / length)


def read_duration(text: str) -> tuple[str, float]:
    """A duration in TWS's words, and its trading days.

    Raises:
        InvalidRequest: it is not a number and a unit, or outside what TWS gives.
    """
    count, unit = _count_and_unit("duration", text, "a number and s, d, w, m or y, for example '5 d'")
    for letter, words, days, most in _DURATIONS:
        if unit in words:
            if not 1 <= count <= most:
                refuse("duration", f"{text!r} is out of range", expected=f"1 to {most} {letter}", found=text)
            return f"{count} {letter}", count * days
    return refuse(
        "duration",
        f"{text!r} has no unit we know",
        expected="s, d, w, m (months) or y, for example '5 d'",
        found=text,
    )


def read_bar_size(text: str) -> tuple[str, float]:
    """A bar size in TWS's words, and its seconds of trading time.

    Raises:
        InvalidRequest: TWS has no such bars; the sizes are listed.
    """
    plain = _BAR_WORDS.get(text.strip().lower(), text)
    count, unit = _count_and_unit("bar_size", plain, "one of " + ", ".join(BAR_SIZES))
    if (count, unit[:1]) == (60, "m") and unit != "mo":
        count, unit = 1, "hour"
    name = next((base for words, base in _BAR_UNITS if unit in words), unit)
    for spelled in (f"{count} {name}", f"{count} {name}s"):
        if spelled in BAR_SIZES:
            return spelled, BAR_SIZES[spelled]
    return refuse(
        "bar_size", f"{text!r} is not offered", expected="one of " + ", ".join(BAR_SIZES), found=text
    )


def _count_and_unit(name: str, text: str, expected: str) -> tuple[int, str]:
    match = re.fullmatch(r"\s*(\d{1,6})\s*([A-Za-z]+)\s*", text)
    if match is None:
        refuse(name, f"{text[:40]!r} cannot be read", expected=expected, found=text[:40])
    return int(match.group(1)), match.group(2).lower()


def _data_type(text: str) -> str:
    word = text.strip().upper()
    if word not in DATA_TYPES:
        refuse("data_type", f"{text!r} is not offered", expected=", ".join(DATA_TYPES), found=text)
    return word


def _refuse_bad_pair(duration: str, days: float, bar: str, seconds: float) -> None:
    bars = days * SESSION_S / seconds
    if bars > MOST_BARS:
        fits = next(
            (name for name, size in BAR_SIZES.items() if days * SESSION_S / size <= MOST_BARS), "1 month"
        )
        refuse(
            "bar_size",
            f"{bar} over {duration} is about {bars:.0f} bars",
            expected=f"at most {MOST_BARS} bars: {fits} or larger, or a shorter duration",
            found=f"{bar} over {duration}",
        )
    if bars < 1:
        refuse(
            "bar_size",
            f"{bar} is longer than {duration}",
            expected="a bar no longer than the duration",
            found=f"{bar} over {duration}",
        )
