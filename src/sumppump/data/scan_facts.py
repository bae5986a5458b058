"""What is known of one candidate of a scan, and the figures that can qualify it. A missing figure is None."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.data.quotes import change_of, price_of
from sumppump.domain.instruments import Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.statistics import MarketStatistics
from sumppump.domain.volatility import iv_rank


@dataclass(frozen=True, slots=True)
class IvRank:
    """Where implied volatility stands in its own past year.

    Attributes:
        rank: 0 at the lowest close, 100 at the highest; None with a reason.
        samples: daily closes that it comes from.
    """

    rank: float | None
    samples: int
    reason: str = ""


def ranked(bars: Sequence[Bar], now: float | None) -> IvRank:
    """Rank of `now` (per year; the last close without it) among daily closes of implied volatility."""
    closes = [float(bar.close) for bar in bars if bar.close > 0]
    if not closes:
        return IvRank(None, 0, "there is no history of implied volatility")
    found = iv_rank(closes, closes[-1] if now is None else now)
    if isinstance(found, Missing):
        return IvRank(None, len(closes), found.reason)
    return IvRank(found, len(closes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One underlying with its quote, its statistics and, where it was asked for, its rank."""

    underlying: Underlying
    quote: Quote
    statistics: MarketStatistics
    rank: IvRank | None = None

    @property
    def price(self) -> float | None:
        """Mid, else last, per share."""
        price = price_of(self.quote)
        return None if price is None else float(price.amount)

    @property
    def change_pct(self) -> float | None:
        """Percent since the previous close."""
        return change_of(self.quote)[1]

    @property
    def width_pct(self) -> float | None:
        """Ask minus bid of the share, percent of the mid."""
        mid, width = self.quote.mid, self.quote.quote_width
        if mid is None or width is None or not mid.amount:
            return None
        return float(width.amount / mid.amount * 100)

    @property
    def option_volume(self) -> int | None:
        """Option contracts traded today; None unless both calls and puts are known."""
        calls, puts = self.statistics.call_volume, self.statistics.put_volume
        return None if calls is None or puts is None else calls + puts

    @property
    def option_volume_ratio(self) -> float | None:
        """Option contracts today ÷ those of an average day."""
        usual, today = self.statistics.average_option_volume, self.option_volume
        return today / usual if today is not None and usual else None

    @property
    def iv_over_hv(self) -> float | None:
        """30-day implied ÷ 30-day historical volatility."""
        implied, historical = self.statistics.implied_vol, self.statistics.historical_vol
        return implied / historical if implied is not None and historical else None

    @property
    def iv_pct(self) -> float | None:
        """30-day implied volatility, percent a year."""
        implied = self.statistics.implied_vol
        return None if implied is None else implied * 100

    @property
    def rank_value(self) -> float | None:
        """IV rank, 0 to 100."""
        return None if self.rank is None else self.rank.rank

    @property
    def rank_missing(self) -> str:
        """Why there is no IV rank, "" where there is one."""
        return "" if self.rank is None else self.rank.reason
