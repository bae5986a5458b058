"""What real markets did: statistics of recordings in a folder, and the same figures with their sources.

The recordings are QuantConnect's samples: `spy_daily.zip` (1998 to 2021), `goog_20151223_trade.zip` and
`goog_20151223_quote_american.zip`, `spx_20210104_trade.zip` and `spxw_20210104_quote_european.zip`; their
columns are milliseconds since midnight, then prices times 10,000. Only statistics are taken from them.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.market.pricing import OptionTerms, american_prices

Floats = NDArray[np.float64]

WINDOW = 500  # trading days, two years
_TRADING_DAYS = 252.0
_OPEN_MS, _NOON_MS, _CLOSE_MS = 34_200_000, 43_200_000, 57_600_000
_SCALE = 10_000.0
_OUTLIER = 0.2  # a daily return beyond it is a fault of the data
_BASIS = "SPY daily bars 1998-2021, median of two-year windows"
_GOOG = "GOOG one-minute bars of 2015-12-23"
_GOOG_QUOTES = "GOOG options that expire a day later, noon of 2015-12-23"
_DESKS = "what desks quote, about 1.1 to 1.2 (not verified)"
_SPXW = "SPXW options of four days, strikes 3700 and 3800, noon of 2021-01-04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The statistics that are compared; None where they are not known.

    Attributes:
        daily_vol: standard deviation of daily returns, per year.
        excess_kurtosis: of daily returns.
        clustering_1, clustering_5: autocorrelation of absolute daily returns.
        night_share: of close-to-close variance, what lies between close and open.
        opening_vol: standard deviation of minute returns, first half-hour over the middle of the day.
        opening_volume, closing_volume: volume per minute, first and last half-hour over midday.
        leverage: correlation of daily returns with changes of the logarithm of the volatility index.
        implied_ratio: mean volatility index over the standard deviation of returns of the same year.
        stock_spread: relative width of options on a stock, a day to live, worth 1 to 10.
        zero_bids: share of such options within a fifth of the spot that nobody bids for.
        index_spread: relative width of options on an index, some days to live, worth 10 to 60.
        smile_slope: by how much volatility 2.8 % above the money is lower, of that at the money; 4 days.
        put_skew: volatility of the put with a delta of -0.25 over that at the money; a stock, a day to live.
        put_skew_0dte, put_skew_1dte: the same of an index on the last day and a day before.
        butterflies: arbitrages among the quotes.
    """

    daily_vol: float | None = None
    excess_kurtosis: float | None = None
    clustering_1: float | None = None
    clustering_5: float | None = None
    night_share: float | None = None
    opening_vol: float | None = None
    opening_volume: float | None = None
    closing_volume: float | None = None
    leverage: float | None = None
    implied_ratio: float | None = None
    stock_spread: float | None = None
    zero_bids: float | None = None
    index_spread: float | None = None
    smile_slope: float | None = None
    put_skew: float | None = None
    put_skew_0dte: float | None = None
    put_skew_1dte: float | None = None
    butterflies: float | None = None

    def or_else(self, other: Figures) -> Figures:
        """These figures, and the other's where these are not known."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return Figures(
            **{name: getattr(other, name) if value is None else value for name, value in values.items()}
        )


PUBLISHED = Figures(
    daily_vol=0.168,
    excess_kurtosis=2.39,
    clustering_1=0.131,
    clustering_5=0.164,
    night_share=0.352,
    opening_vol=1.82,
    opening_volume=1.80,
    closing_volume=4.06,
    leverage=-0.75,
    implied_ratio=1.25,
    stock_spread=0.143,
    zero_bids=0.49,
    index_spread=0.021,
    smile_slope=0.161,
    put_skew=1.054,
    put_skew_0dte=1.15,
    put_skew_1dte=1.15,
    butterflies=0.0,
)
SOURCES = {
    "daily_vol": _BASIS,
    "excess_kurtosis": _BASIS,
    "clustering_1": _BASIS,
    "clustering_5": _BASIS,
    "night_share": "SPY daily bars 1998-2021, all of them",
    "opening_vol": f"{_GOOG} and SPX of 2021-01-04, geometric mean",
    "opening_volume": _GOOG,
    "closing_volume": _GOOG,
    "leverage": "R. Whaley, Understanding the VIX, 2009 (about; not verified)",
    "implied_ratio": "P. Carr, L. Wu, Variance Risk Premiums, 2009 (about; not verified)",
    "stock_spread": _GOOG_QUOTES,
    "zero_bids": _GOOG_QUOTES,
    "index_spread": _SPXW,
    "smile_slope": _SPXW,
    "put_skew": "GOOG options that expire a day later, puts 742.5 and 750, noon of 2015-12-23",
    "put_skew_0dte": _DESKS,
    "put_skew_1dte": _DESKS,
    "butterflies": "no arbitrage",
}


@dataclass(frozen=True, slots=True)
class Tail:
    """Shape of a series of daily returns: median over windows of two years."""

    vol: float
    excess_kurtosis: float
    clustering_1: float
    clustering_5: float

    @classmethod
    def of(cls, returns: Floats) -> Tail:
        """The shape of these returns."""
        starts = range(0, max(len(returns) - WINDOW, 0) + 1, WINDOW // 2)
        rows = [cls._window(returns[start : start + WINDOW]) for start in starts]
        return cls(*(float(statistics.median(column)) for column in zip(*rows, strict=True)))

    @staticmethod
    def _window(returns: Floats) -> tuple[float, float, float, float]:
        spread = returns - returns.mean()
        variance = float((spread**2).mean())
        size = np.abs(returns) - np.abs(returns).mean()
        near, far = (float((size[lag:] * size[:-lag]).mean() / (size**2).mean()) for lag in (1, 5))
        vol = float((variance * _TRADING_DAYS) ** 0.5)
        return vol, float((spread**4).mean()) / variance**2 - 3.0, near, far


def night_share(opens: Floats, closes: Floats) -> float:
    """Share of close-to-close variance between close and open."""
    nights, days = np.log(opens[1:] / closes[:-1]), np.log(closes[1:] / opens[1:])
    return float(nights.var() / (nights.var() + days.var()))


def rush(values: Floats, last: bool = False) -> float:
    """Mean of the first (or last) half-hour over that of the middle of the day, minute by minute."""
    edge = values[-30:] if last else values[:30]
    return float(edge.mean() / values[120:270].mean())


def opening_vol(prices: Floats) -> float:
    """Standard deviation of minute returns in the first half-hour over the middle of the day's."""
    returns = np.diff(np.log(prices))
    return float(returns[:30].std() / returns[120:270].std())


def relative_width(bid: float, ask: float) -> float:
    """Width of a quote over its middle."""
    return 2.0 * (ask - bid) / (ask + bid)


def implied(price: float, spot: float, strike: float, years: float) -> float:
    """Volatility per year that makes a European call without yield worth this much, by bisection."""
    low, high = 0.001, 4.0
    level, at, ends, sign, yields = (np.array([value]) for value in (spot, strike, years, 1.0, 0.0))
    call = OptionTerms(level, at, ends, sign, yields, european=np.array([True]))
    for _ in range(50):
        middle = 0.5 * (low + high)
        too_low = american_prices(call, np.array([middle]))[0] < price
        low, high = (middle, high) if too_low else (low, middle)
    return low


# -- recordings -------------------------------------------------------------------------------
def recorded(folder: Path) -> Figures:
    """The statistics of the recordings in a folder; None for those whose files are not there."""
    found = Figures()
    for name, read in _READERS:
        if (folder / name).is_file():
            found = found.or_else(read(folder))
    return found


def _daily(folder: Path) -> Figures:
    rows = next(_tables(folder / "spy_daily.zip"))[1]
    opens, closes = (np.array([float(row[column]) for row in rows]) for column in (1, 4))
    returns = np.diff(np.log(closes))
    tail = Tail.of(returns[np.abs(returns) < _OUTLIER])
    return Figures(
        daily_vol=tail.vol,
        excess_kurtosis=tail.excess_kurtosis,
        clustering_1=tail.clustering_1,
        clustering_5=tail.clustering_5,
        night_share=night_share(opens, closes),
    )


def _minutes(path: Path) -> tuple[Floats, Floats]:
    """Closes and volumes of the regular session's minutes."""
    rows = [row for row in next(_tables(path))[1] if _OPEN_MS <= int(row[0]) < _CLOSE_MS]
    return np.array([float(row[4]) for row in rows]), np.array([float(row[5]) for row in rows])


def _trades(folder: Path) -> Figures:
    prices, volumes = _minutes(folder / "goog_20151223_trade.zip")
    found, index = opening_vol(prices), folder / "spx_20210104_trade.zip"
    if index.is_file():
        found = (found * opening_vol(_minutes(index)[0])) ** 0.5
    return Figures(opening_vol=found, opening_volume=rush(volumes), closing_volume=rush(volumes, last=True))


def _stock_options(folder: Path) -> Figures:
    spot = _minutes(folder / "goog_20151223_trade.zip")[0][150] / _SCALE
    quotes = [
        one for one in _noon(folder / "goog_20151223_quote_american.zip") if abs(one[1] / spot - 1) < 0.2
    ]
    widths = [relative_width(bid, ask) for *_, bid, ask in quotes if bid > 0 and 2.0 <= bid + ask < 20.0]
    bare = [bid == 0.0 for *_, bid, _ in quotes]
    return Figures(
        stock_spread=statistics.median(widths), zero_bids=sum(bare) / len(bare), put_skew=_put_skew(quotes)
    )


def _put_skew(quotes: list[tuple[str, float, str, float, float]]) -> float:
    """Of the options that end at one in the afternoon of the next day; calls by parity."""
    middles = {(right, strike): (bid + ask) / 2 for right, strike, _, bid, ask in quotes}
    forward, years = 750.0 + middles["call", 750.0] - middles["put", 750.0], 25.0 / 24.0 / 365.0
    low, at = (
        implied(middles["put", strike] + forward - strike, forward, strike, years)
        for strike in (742.5, 750.0)
    )
    return low / at


def _index_options(folder: Path) -> Figures:
    quotes = list(_noon(folder / "spxw_20210104_quote_european.zip"))
    widths = [relative_width(bid, ask) for *_, bid, ask in quotes if 20.0 <= bid + ask < 120.0]
    four = {(right, strike): (bid + ask) / 2 for right, strike, day, bid, ask in quotes if day == "20210108"}
    forward = 3700.0 + four["call", 3700.0] - four["put", 3700.0]
    at, above = (implied(four["call", strike], forward, strike, 4.2 / 365.0) for strike in (3700.0, 3800.0))
    return Figures(index_spread=statistics.median(widths), smile_slope=1.0 - above / at)


_READERS = (
    ("spy_daily.zip", _daily),
    ("goog_20151223_trade.zip", _trades),
    ("goog_20151223_quote_american.zip", _stock_options),
    ("spxw_20210104_quote_european.zip", _index_options),
)


def _tables(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, list(csv.reader(io.TextIOWrapper(archive.open(name))))


def _noon(path: Path) -> Iterator[tuple[str, float, str, float, float]]:
    """Right, strike, expiry, bid and ask of each option at noon; a bid of 0 where there is none."""
    for name, rows in _tables(path):
        named = re.search(r"_(call|put)_(\d+)_(\d{8})", name)
        row = next((row for row in rows if int(row[0]) == _NOON_MS), None)
        if named and row and row[9]:
            bid, ask = float(row[4] or 0) / _SCALE, float(row[9]) / _SCALE
            yield named[1], int(named[2]) / _SCALE, named[3], bid, ask
