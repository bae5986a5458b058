"""What history is asked for: durations, bar sizes and kinds of bars in people's words, and what fits.

TWS's table of durations and bar sizes ("Historical Data Limitations", step sizes) only gives examples since
bars of a minute and more are free; it still bounds the smaller ones. A few thousand bars are given at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sumppump.data.arguments import refuse
from sumppump.domain.instruments import Instrument, SecType

SESSION_S = 6.5 * 3600
MOST_BARS = 3000

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
DAILY_SIZES = ("1 day", "1 week", "1 month")
# The longest that TWS's table gives for bars under a minute, in seconds; 15 s stand between 10 and 30.
LONGEST_S = {"1 secs": 1_800, "5 secs": 3_600, "10 secs": 14_400, "15 secs": 14_400, "30 secs": 28_800}
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
# TWS's duration units: letter, words, trading days of one, the most that TWS takes of it.
_DURATIONS: tuple[tuple[str, tuple[str, ...], float, int], ...] = (
    ("S", ("s", "sec", "secs", "second", "seconds"), 1 / SESSION_S, 86_400),
    ("D", ("d", "day", "days"), 1, 365),
    ("W", ("w", "wk", "wks", "week", "weeks"), 5, 104),
    ("M", ("m", "mo", "month", "months"), 21, 60),
    ("Y", ("y", "yr", "yrs", "year", "years"), 252, 20),
)
IV, HV = "OPTION_IMPLIED_VOLATILITY", "HISTORICAL_VOLATILITY"
VOLATILITIES = (IV, HV)
DATA_TYPES = ("TRADES", "MIDPOINT", "BID", "ASK", "BID_ASK", "ADJUSTED_LAST", IV, HV)
_QUOTES = ("MIDPOINT", "BID", "ASK", "BID_ASK")
# What TWS has of each kind of contract ("Historical Bar Data", what to show).
KINDS_OF_BARS: dict[SecType, tuple[str, ...]] = {
    SecType.STK: DATA_TYPES,
    SecType.IND: ("TRADES", *VOLATILITIES),
    SecType.OPT: ("TRADES", *_QUOTES),
    SecType.FUT: ("TRADES", *_QUOTES),
    SecType.CASH: _QUOTES,
    SecType.CRYPTO: ("TRADES", *_QUOTES),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRequest:
    """What is asked for, in TWS's own words; `read` makes it from people's.

    Attributes:
        symbol: any contract as people write it.
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
            symbol=symbol,
            duration=length,
            bar_size=bar,
            data_type=_data_type(data_type),
            rth_only=rth_only,
            notes=tuple(f"{n} {given!r} was read as {read!r}." for n, given, read in pairs if given != read),
        )

    @property
    def is_daily(self) -> bool:
        """Whether its bars are of a day or more."""
        return self.bar_size in DAILY_SIZES


def kind_of_bars(instrument: Instrument, data_type: str) -> tuple[str, tuple[str, ...]]:
    """The kind of bars that a contract has, and notes where it is not the one that is asked for.

    A currency pair is not traded on an exchange: in place of its trades stands the middle.

    Raises:
        InvalidRequest: TWS has no such bars of this kind of contract; those that it has are named.
    """
    if instrument.sec_type is SecType.CASH and data_type == "TRADES":
        return "MIDPOINT", ("A currency pair has no trades: the bars are of the MIDPOINT.",)
    offered = KINDS_OF_BARS.get(instrument.sec_type, ())
    if data_type not in offered:
        refuse(
            "data_type",
            f"{data_type} is not there for {instrument.label}",
            expected=", ".join(offered) or "a stock, index, option, future, pair or coin",
            found=data_type,
        )
    return data_type, ()


def word_of(instrument: Instrument, data_type: str) -> str:
    """What TWS is asked to show: a coin's trades have a word of their own (error 10299)."""
    is_coins_trades = instrument.sec_type is SecType.CRYPTO and data_type == "TRADES"
    return "AGGTRADES" if is_coins_trades else data_type


def unit_of(instrument: Instrument, data_type: str) -> str:
    """What the numbers of its bars are, for labels."""
    if data_type in VOLATILITIES:
        return "volatility a year (0.2 is 20 %)"
    units = {
        SecType.IND: "index points",
        SecType.FUT: "points",
        SecType.CASH: f"{instrument.currency} for 1 {instrument.symbol}",
        SecType.CRYPTO: f"{instrument.currency} for 1 {instrument.symbol}",
    }
    return units.get(instrument.sec_type, f"{instrument.currency} per share")


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
    """Refuse what TWS would refuse; the nearest size for this duration is named, and the other way."""
    if days * SESSION_S / seconds < 1:
        _refuse_pair(duration, bar, f"{bar} is longer than {duration}", _largest_within(days), "smaller")
    if not _fits(days, bar, seconds):
        smallest = next((name for name, size in BAR_SIZES.items() if _fits(days, name, size)), "1 month")
        problem = f"{bar} over {duration} is more than TWS gives at once"
        _refuse_pair(duration, bar, problem, smallest, "larger")


def _fits(days: float, bar: str, seconds: float) -> bool:
    asked_s = days * SESSION_S
    return asked_s / seconds <= MOST_BARS and asked_s <= LONGEST_S.get(bar, asked_s)


def _largest_within(days: float) -> str:
    return [name for name, size in BAR_SIZES.items() if size <= days * SESSION_S][-1]


def _refuse_pair(duration: str, bar: str, problem: str, nearest: str, direction: str) -> None:
    longest = f"at most {_longest(bar)} for {bar}" if direction == "larger" else f"at least one {bar}"
    refuse(
        "bar_size",
        problem,
        expected=f"{nearest} or {direction} over {duration}, or a duration of {longest}",
        found=f"{bar} over {duration}",
        steps=(f"Call again with bar_size={nearest!r}, or with another duration.",),
    )


def _longest(bar: str) -> str:
    """The longest duration for bars of a size, in TWS's words."""
    if bar in LONGEST_S:
        return f"{LONGEST_S[bar]} S"
    days = int(MOST_BARS * BAR_SIZES[bar] / SESSION_S)
    return f"{days} D" if days <= 365 else f"{days // 252} Y"
