"""How the simulated market compares with real ones: `sumppump sim --report` prints this table.

Each figure is measured on the market that a seed makes, by the same arithmetic as on recordings, and stands
beside the real one with the factor that separates them and the factor that is allowed. Markets of one seed
and two years differ as two real years do, so the tails are medians over several seeds.
"""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import session_of, trading_days_back
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.derived import volatility_index
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.observed import (
    PUBLISHED,
    SOURCES,
    WINDOW,
    Figures,
    Tail,
    night_share,
    opening_vol,
    recorded,
    relative_width,
    rush,
)
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.tape import Tape
from sumppump.exchange.reports import BookTop
from sumppump.exchange.venue import Venue

Floats = NDArray[np.float64]
Quoted = tuple[Listing, BookTop]

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)  # noon of a Thursday, a day before most options end
INDEX_FUND, SHARE = "SPY", "MSFT"
_SEEDS = 12
_LEVERAGE_DAYS = 90
_MINUTE_DAYS = 12
_INDEX_DAYS = (3, 6)
_ABOVE = 1.028
_PER_POINT = 10.0  # an index to its fund

WITHIN = {
    "daily_vol": 1.6,
    "excess_kurtosis": 2.5,
    "clustering_1": 2.5,
    "clustering_5": 3.0,
    "night_share": 1.5,
    "opening_vol": 1.5,
    "opening_volume": 2.0,
    "closing_volume": 2.5,
    "leverage": 1.3,
    "implied_ratio": 1.35,
    "stock_spread": 4.0,
    "zero_bids": 2.5,
    "index_spread": 4.0,
    "smile_slope": 2.5,
    "put_skew": 1.1,
    "put_skew_0dte": 1.1,
    "put_skew_1dte": 1.1,
    "butterflies": 1.0,
}
"""By what factor a simulated figure may differ from the real one; widths have fallen since 2015."""
TITLES = {
    "daily_vol": "volatility of daily returns, per year",
    "excess_kurtosis": "excess kurtosis of daily returns",
    "clustering_1": "autocorrelation of absolute returns, 1 day",
    "clustering_5": "autocorrelation of absolute returns, 5 days",
    "night_share": "share of variance between close and open",
    "opening_vol": "volatility of the first half-hour / midday",
    "opening_volume": "volume of the first half-hour / midday",
    "closing_volume": "volume of the last half-hour / midday",
    "leverage": "correlation of returns and volatility index",
    "implied_ratio": "volatility index / volatility of returns",
    "stock_spread": "option width / middle, stock, 1 day",
    "zero_bids": "share of such options without a bid",
    "index_spread": "option width / middle, index, 3 to 6 days",
    "smile_slope": "fall of the smile 2.8 % above the money",
    "put_skew": "volatility 25-delta put / money, stock, 1 day",
    "put_skew_0dte": "the same, index, last day",
    "put_skew_1dte": "the same, index, 1 day",
    "butterflies": "verticals and butterflies given away",
}


UNITS = (
    "Volatilities, widths and shares are fractions of 1 (0.180 is 18 %), correlations from -1 to 1, the"
    " rest ratios and counts. The factor is the larger of the two over the smaller; allowed is the most that"
    " is claimed. Below each figure stands where the real one is from."
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row of the report."""

    name: str
    simulated: float
    real: float | None
    source: str

    @property
    def factor(self) -> float | None:
        """Simulated over real, or the inverse if that is larger; None where one is zero or unknown."""
        if not self.real or not self.simulated or self.real * self.simulated < 0:
            return None
        ratio = self.simulated / self.real
        return max(ratio, 1.0 / ratio)

    @property
    def holds(self) -> bool:
        """Whether they are as near as is claimed."""
        if self.real is None:
            return True
        if self.factor is None:
            return self.simulated == self.real
        return self.factor <= WITHIN[self.name]


def compared(seed: int, folder: Path | None = None) -> tuple[Comparison, ...]:
    """The simulated market of a seed beside real ones: the recordings of a folder where it has them."""
    own = recorded(folder) if folder is not None else Figures()
    real, simulated = own.or_else(PUBLISHED), measured(seed)
    return tuple(
        Comparison(
            name,
            getattr(simulated, name),
            getattr(real, name),
            source if getattr(own, name) is None else f"recorded: {source}",
        )
        for name, source in SOURCES.items()
    )


def report(seed: int, folder: Path | None = None) -> str:
    """The table as text."""
    head = f"{'':<46}{'simulated':>10}{'real':>9}{'factor':>7}{'allowed':>8}"
    rows = compared(seed, folder)
    end = f"{sum(row.holds for row in rows)} of {len(rows)} figures are within their limits"
    return "\n".join(
        [f"The simulated market of seed {seed}", *_wrapped(UNITS, ""), head, *map(_lines, rows), end]
    )


def _lines(row: Comparison) -> str:
    real = "-" if row.real is None else f"{row.real:.3f}"
    factor = "-" if row.factor is None else f"{row.factor:.2f}"
    verdict = "" if row.holds else "OUTSIDE; "
    figures = f"{TITLES[row.name]:<46}{row.simulated:>10.3f}{real:>9}{factor:>7}{WITHIN[row.name]:>8.2f}"
    return "\n".join([figures, *_wrapped(f"{verdict}{row.source}", "    ")])


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, 80, initial_indent=indent, subsequent_indent=indent)


# -- measuring --------------------------------------------------------------------------------
def measured(seed: int) -> Figures:
    """The statistics of the simulated market."""
    tails, nights, ratios = _daily(seed)
    venue = Venue(seed=seed, start=START)
    share = _chain(venue, SHARE, lambda days: days == 1)
    fund = _chain(venue, INDEX_FUND, lambda days: _INDEX_DAYS[0] <= days <= _INDEX_DAYS[1])
    prices, volumes = _minutes(seed)
    return Figures(
        daily_vol=statistics.median(one.vol for one in tails),
        excess_kurtosis=statistics.median(one.excess_kurtosis for one in tails),
        clustering_1=statistics.median(one.clustering_1 for one in tails),
        clustering_5=statistics.median(one.clustering_5 for one in tails),
        night_share=statistics.mean(nights),
        opening_vol=statistics.median(map(opening_vol, prices)),
        opening_volume=statistics.median(map(rush, volumes)),
        closing_volume=statistics.median(rush(one, last=True) for one in volumes),
        leverage=_leverage(Market(seed, START.date())),
        implied_ratio=statistics.mean(ratios),
        stock_spread=_median_width(share, 1.0, 10.0),
        zero_bids=_without_bid(share, _spot(venue, SHARE)),
        index_spread=_median_width(fund, 10.0 / _PER_POINT, 60.0 / _PER_POINT),
        smile_slope=_slope(fund, _spot(venue, INDEX_FUND)),
        put_skew=_put_skew(share),
        put_skew_0dte=_put_skew(_chain(venue, INDEX_FUND, lambda days: days == 0)),
        put_skew_1dte=_put_skew(_chain(venue, INDEX_FUND, lambda days: days == 1)),
        butterflies=float(_given_away(share) + _given_away(fund)),
    )


def _daily(seed: int) -> tuple[list[Tail], list[float], list[float]]:
    """Tails and night shares of two years of several seeds, and how implied volatility compares."""
    tails, nights, ratios = [], [], []
    for other in range(seed, seed + _SEEDS):
        market, days = Market(other, START.date()), trading_days_back(START.date(), WINDOW + 1)
        opens = np.exp([market.log_open(INDEX_FUND, day) for day in days])
        closes = np.array([market.close(INDEX_FUND, day) for day in days])
        returns = np.diff(np.log(closes))
        tails.append(Tail.of(returns))
        nights.append(night_share(opens, closes))
        index = volatility_index(INDEX_FUND, _openings(market, days[-252::12]))
        ratios.append(float(index.mean() / (100.0 * returns[-252:].std() * 252**0.5)))
    return tails, nights, ratios


def _openings(market: Market, days: list[date]) -> Floats:
    """Levels of volatility at the opens of these days."""
    first = np.zeros(1, dtype=np.int64)
    return np.array([market.vol_level(INDEX_FUND, session_of(day), first)[0] for day in days])


def _leverage(market: Market) -> float:
    days = trading_days_back(START.date(), _LEVERAGE_DAYS)
    sessions = [session_of(day) for day in days]
    levels = [
        market.vol_level(INDEX_FUND, one, np.array([one.last_step], dtype=np.int64))[0] for one in sessions
    ]
    closes = np.array([market.close(INDEX_FUND, day) for day in days])
    moves = np.diff(np.log(volatility_index(INDEX_FUND, np.array(levels))))
    return float(np.corrcoef(moves, np.diff(np.log(closes)))[0, 1])


def _minutes(seed: int) -> tuple[list[Floats], list[Floats]]:
    """Prices and volumes of one share, minute by minute, of some whole days."""
    market, under = Market(seed, START.date()), BY_SYMBOL[SHARE]
    tape, prices, volumes = Tape(Quoter(market)), [], []
    for day in trading_days_back(START.date(), _MINUTE_DAYS):
        session = session_of(day)
        prices.append(market.levels(SHARE, session)[::60])
        traded = tape.second_volumes(under, session)
        minutes = traded[:-1].reshape(-1, 60).sum(axis=1).astype(np.float64)
        minutes[-1] += traded[-1]
        volumes.append(minutes)
    return prices, volumes


def _chain(venue: Venue, symbol: str, wanted: Callable[[int], bool]) -> list[Quoted]:
    """The options of the first expiry that is wanted by its days to go, with their quotes."""
    expiries = venue.option_params(symbol)[0].expirations
    expiry = next(day for day in expiries if wanted((day - venue.today) // timedelta(1)))
    query = ContractQuery(symbol=symbol, sec_type="OPT", expiry=f"{expiry:%Y%m%d}")
    listings = venue.contracts(query)
    tops = venue.quotes([one.con_id for one in listings], side_greeks=False)
    return [(one, top) for one, top in zip(listings, tops, strict=True) if top is not None]


def _spot(venue: Venue, symbol: str) -> float:
    top = venue.quote(BY_SYMBOL[symbol].con_id)
    return 0.0 if top is None or top.last is None else float(top.last)


def _median_width(chain: list[Quoted], low: float, high: float) -> float:
    sides = [(float(top.bid), float(top.ask)) for _, top in chain if top.bid and top.ask]
    return statistics.median(
        relative_width(bid, ask) for bid, ask in sides if 2.0 * low <= bid + ask < 2.0 * high
    )


def _without_bid(chain: list[Quoted], spot: float) -> float:
    near = [top.bid is None for one, top in chain if one.strike and abs(float(one.strike) / spot - 1) < 0.2]
    return sum(near) / len(near)


def _slope(chain: list[Quoted], spot: float) -> float:
    """By how much the model's volatility is lower above the money."""
    calls = [(float(one.strike or 0), top.model.iv) for one, top in chain if one.right == "C" and top.model]
    at, above = (min(calls, key=lambda call: abs(call[0] - level))[1] for level in (spot, spot * _ABOVE))
    return 1.0 - above / at if at and above else 0.0


def _put_skew(chain: list[Quoted]) -> float:
    """Volatility of the put nearest to a delta of -0.25 over that of the one nearest to -0.5."""
    models = [top.model for one, top in chain if one.right == "P" and top.model]
    puts = [(model.delta, model.iv) for model in models if model.delta and model.iv]
    low, at = (min(puts, key=lambda put: abs(put[0] - delta))[1] for delta in (-0.25, -0.5))
    return low / at


def _given_away(chain: list[Quoted]) -> int:
    """Verticals and even butterflies that pay somebody to take them, at asks and bids."""
    count = 0
    for right in "CP":
        rows = sorted((row for row in chain if row[0].right == right), key=lambda row: row[0].strike or 0)
        rows = rows if right == "C" else rows[::-1]
        count += sum((low.ask or 0) < (high.bid or 0) for (_, low), (_, high) in pairwise(rows))
        for (first, low), (middle, body), (last, high) in zip(rows, rows[1:], rows[2:], strict=False):
            if (first.strike or 0) + (last.strike or 0) == 2 * (middle.strike or 0):
                count += (low.ask or 0) + (high.ask or 0) < 2 * (body.bid or 0)
    return count
