"""What the market says now, with where it came from and how old it is. A missing number is None."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.domain.instruments import Instrument
from sumppump.kernel.errors import NoQuote
from sumppump.kernel.money import Premium


class Feed(StrEnum):
    """How alive the numbers are; TWS's market data types 1 to 4."""

    LIVE = "live"
    FROZEN = "frozen"
    DELAYED = "delayed"
    DELAYED_FROZEN = "delayed_frozen"
    NONE = "none"


_WORST_FIRST = (Feed.NONE, Feed.DELAYED_FROZEN, Feed.DELAYED, Feed.FROZEN, Feed.LIVE)


def worst_feed(feeds: Iterable[Feed]) -> Feed:
    """The least alive of several; NONE of none."""
    return min(feeds, key=_WORST_FIRST.index, default=Feed.NONE)


class GreeksSource(StrEnum):
    """Who computed the Greeks."""

    IBKR_MODEL = "ibkr_model"
    COMPUTED = "computed"
    FITTED = "fitted"
    DELAYED_MODEL = "delayed_model"
    DELAYED_COMPUTED = "delayed_computed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeks:
    """Sensitivities per share of the contract itself (long one).

    Attributes:
        iv: volatility per year, 0.23 is 23 %.
        delta: per 1 currency of the underlying.
        gamma: change of delta per 1 currency.
        theta: currency per calendar day.
        vega: currency per 1 volatility point.
        rho: currency per 1 % of rate, None where the source does not give it.
        underlying_price: the price they were computed at.
        pv_dividend: present value of the dividends until expiry that they were computed with, per share.
        source: who computed them.
        fit_error: of a fitted volatility: standard error of the smile there, volatility points.
    """

    iv: float
    delta: float
    gamma: float
    theta: float
    vega: float
    source: GreeksSource
    rho: float | None = None
    underlying_price: float | None = None
    pv_dividend: float | None = None
    fit_error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One contract's market at one moment.

    Attributes:
        bid, ask, last, open, high, low, close: per share; `close` is the previous session's.
        bid_size, ask_size, last_size: contracts or shares; of coins in fractions.
        volume, open_interest: contracts or shares, whole.
        as_of: exchange time of the newest tick, aware UTC.
        taken: monotonic seconds when it was taken; `age_s` measures from it.
        feed: live, frozen, delayed or none.
        greeks: for options, None where nobody could say; `greeks_missing` says why.
        notice: a sentence about what is missing (subscription, farm), or "".
        is_stale: whether ticks may have been missed (a broken farm, lost connectivity), until they resume.
        missing_subscription: the market data subscription that the account lacks, by name, "" for none.
    """

    instrument: Instrument
    as_of: datetime
    taken: float
    feed: Feed = Feed.LIVE
    bid: Premium | None = None
    ask: Premium | None = None
    last: Premium | None = None
    bid_size: int | float | None = None
    ask_size: int | float | None = None
    last_size: int | float | None = None
    volume: int | None = None
    open_interest: int | None = None
    open: Premium | None = None
    high: Premium | None = None
    low: Premium | None = None
    close: Premium | None = None
    halted: bool = False
    is_stale: bool = False
    greeks: Greeks | None = None
    greeks_missing: str = ""
    notice: str = ""
    missing_subscription: str = ""

    @property
    def mid(self) -> Premium | None:
        """Half-way between bid and ask; None unless both are there."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) * Decimal("0.5")

    @property
    def quote_width(self) -> Premium | None:
        """Ask minus bid; None unless both are there."""
        return None if self.bid is None or self.ask is None else self.ask - self.bid

    @property
    def is_crossed(self) -> bool:
        """Whether the bid is above the ask, which no sound book shows."""
        return self.bid is not None and self.ask is not None and self.bid > self.ask

    def age_s(self, monotonic: float) -> float:
        """Seconds since it was taken, never below 0."""
        return max(0.0, monotonic - self.taken)

    def two_sided(self) -> tuple[Premium, Premium]:
        """Bid and ask.

        Raises:
            NoQuote: one of them is missing.
        """
        if self.bid is None or self.ask is None:
            side = "bid" if self.bid is None else "ask"
            raise NoQuote(
                f"{self.instrument.label} has no {side}",
                expected="a two-sided market",
                found=f"bid {self.bid}, ask {self.ask}",
                next_steps=["Try a strike nearer the money, or wait for a quote."],
            )
        return self.bid, self.ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of history.

    Attributes:
        start: when it began, aware UTC; for daily bars midnight New York of its date.
        open, high, low, close, wap: currency per share.
        volume: shares, contracts or coins (which have fractions), None where the data type has none.
    """

    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: float | None = None
    wap: Decimal | None = None
