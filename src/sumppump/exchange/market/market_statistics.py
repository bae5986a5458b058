"""Figures about an instrument beyond its quote: what TWS sends as generic ticks when they are asked for.

Each figure comes from the record of ticks, from daily bars or from a draw of the seed that holds for the day;
none is kept but what would be computed again to the same number. Volume and open interest of all options
on an underlying are what the demand for them adds up to; shares to borrow and the fundamentals are invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from sumppump.exchange.listing.futures import ROOTS, future_con_id, listed_futures
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.listing.share_counts import SHARES_MILLIONS
from sumppump.exchange.market.corporate import Dividend
from sumppump.exchange.market.daily_figures import DailyFigures, Extremes
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.option_demand import OptionDemand
from sumppump.exchange.market.randomness import key_of, uniform
from sumppump.exchange.market.steps import Steps, finished
from sumppump.exchange.market.tick_record import TickRecord, Turnover
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.reports import BookTop

Key = TypeVar("Key")
Value = TypeVar("Value")

_KEPT = 4096
_MINUTE_MS = 60_000
_AUCTION_MS = 10 * _MINUTE_MS
_EASY_TO_BORROW, _HARD_TO_BORROW = 3.0, 2.0
_EASY_FROM = 2_000_000  # shares a day


@dataclass(frozen=True, slots=True)
class OptionActivity:
    """All options on one underlying: contracts traded today and on average, and open."""

    call_volume: int
    put_volume: int
    average_volume: int
    call_interest: int
    put_interest: int


@dataclass(frozen=True, slots=True)
class Auction:
    """The closing auction as it builds up; the imbalance is signed, plus is to buy."""

    price: float
    volume: int
    imbalance: int


@dataclass(frozen=True, slots=True)
class Dividends:
    """Cash per share of the last and of the next twelve months, and the first that is still to come."""

    past_year: Decimal
    next_year: Decimal
    following: Dividend | None


@dataclass(frozen=True, slots=True)
class Lending:
    """Shares that can be borrowed: the level that tick 46 tells, and how many."""

    level: float
    shares: int


class MarketStatistics:
    """Answers questions about figures.

    Args:
        daily: figures of the sessions before.
        moment: now.
        quote: the market of a contract by its id.
    """

    def __init__(
        self,
        market: Market,
        ticks: TickRecord,
        daily: DailyFigures,
        moment: Callable[[], Moment],
        quote: Callable[[int], BookTop | None],
    ) -> None:
        self._ticks = ticks
        self._daily = daily
        self._moment = moment
        self._corporate = market.corporate
        self._demand = OptionDemand(market)
        self._quote = quote
        self._key = key_of(market.seed, "statistics")
        self._extremes: dict[tuple[int, date], Extremes | None] = {}
        self._average_volumes: dict[tuple[int, date], int | None] = {}
        self._turnovers: dict[tuple[int, date], tuple[int, Turnover]] = {}

    def turnover(self, listing: Listing) -> Turnover:
        """The trades of the session so far."""
        moment = self._moment()
        key = (listing.con_id, moment.session.day)
        since, known = self._turnovers.get(key, (moment.session.open_ms, Turnover()))
        until = min(moment.ms, moment.session.close_ms) + 1
        if until > since:
            known += self._ticks.turnover(listing.con_id, since, until)
            _keep(self._turnovers, key, (until, known))
        return known

    def recent(self, listing: Listing, minutes: int) -> Turnover:
        """The trades of the last minutes."""
        now = self._moment().ms
        return self._ticks.turnover(listing.con_id, now - minutes * _MINUTE_MS, now + 1)

    def extremes(self, listing: Listing) -> Extremes | None:
        """Of the sessions before this one; None without history."""
        return finished(self.extremes_in_steps(listing))

    def extremes_in_steps(self, listing: Listing) -> Steps[Extremes | None]:
        """As `extremes`, a bar a step."""
        day = self._moment().session.day
        key = (listing.con_id, day)
        if key not in self._extremes:
            found = yield from self._daily.extremes(listing, day)
            _keep(self._extremes, key, found)
        return self._extremes[key]

    def knows_extremes(self, listing: Listing) -> bool:
        """Whether they were asked for today, and are told at once."""
        return (listing.con_id, self._moment().session.day) in self._extremes

    def average_volume(self, listing: Listing) -> int | None:
        """Shares of a session over the last three months; None without history."""
        day = self._moment().session.day
        key = (listing.con_id, day)
        if key not in self._average_volumes:
            _keep(self._average_volumes, key, self._daily.average_volume(listing, day))
        return self._average_volumes[key]

    def option_activity(self, listing: Listing) -> OptionActivity:
        """Of all options on a stock or index."""
        moment, symbol = self._moment(), listing.underlying
        day, usual = moment.session, self._demand.chain(symbol, moment.session.day)
        passed = (min(moment.ms, day.close_ms) - day.open_ms) / (day.close_ms - day.open_ms)
        today = passed * self._demand.busy(symbol, day.day)
        return OptionActivity(
            int(today * usual.call_volume),
            int(today * usual.put_volume),
            int(usual.call_volume + usual.put_volume),
            int(usual.call_interest),
            int(usual.put_interest),
        )

    def auction(self, listing: Listing, last: float) -> Auction | None:
        """The closing auction in the last ten minutes of a session, None before and after."""
        moment = self._moment()
        left = moment.session.close_ms - moment.ms
        if not 0 < left <= _AUCTION_MS or (average := self.average_volume(listing)) is None:
            return None
        paired = int(average * 0.07 * (1 - 0.6 * left / _AUCTION_MS))
        side = 2 * self._draw(listing, f"imbalance {moment.ms // _MINUTE_MS}") - 1
        return Auction(last, paired, int(paired * 0.2 * side * left / _AUCTION_MS))

    def lending(self, listing: Listing) -> Lending:
        """What can be borrowed to sell it short."""
        volume = self.average_volume(listing) or 0
        shares = int(volume * (0.1 + 0.4 * self._draw(listing, f"lending {self._moment().session.day}")))
        return Lending(_EASY_TO_BORROW if volume >= _EASY_FROM else _HARD_TO_BORROW, shares)

    def future_interest(self, listing: Listing) -> int:
        """Open contracts of a future, fixed for the day."""
        volume = self.average_volume(listing) or 0
        return int(volume * (0.8 + 1.2 * self._draw(listing, f"interest {self._moment().session.day}")))

    def future_premium(self, listing: Listing, level: Decimal | None) -> float | None:
        """How much the nearest future on an index is dearer than the index; None where there is none."""
        roots = (root for root in ROOTS if root.underlying == listing.underlying)
        today = self._moment().session.day
        key = next((key for root in roots for key in listed_futures(root, today)), None)
        book = None if key is None else self._quote(future_con_id(key))
        if book is None or book.last is None or level is None:
            return None
        return float(book.last - level)

    def dividends(self, listing: Listing) -> Dividends | None:
        """Cash of the past and the next twelve months; None for what pays none."""
        day = self._moment().session.day
        calendar, symbol, year = self._corporate, listing.underlying, timedelta(365)
        past = calendar.dividends(symbol, day - year, day)
        ahead = calendar.dividends(symbol, day + timedelta(1), day + year)
        if listing.is_option or not (past or ahead):
            return None
        return Dividends(
            sum((one.amount for one in past), Decimal(0)),
            sum((one.amount for one in ahead), Decimal(0)),
            ahead[0] if ahead else None,
        )

    def fundamentals(self, listing: Listing, price: Decimal) -> str:
        """Ratios as `TAG=value` with semicolons; price and extremes are true, the rest is drawn."""
        extremes = self.extremes(listing)
        earnings = float(price) / (12 + 28 * self._draw(listing, "earnings"))
        ratios = {
            "NPRICE": float(price),
            "NHIG": extremes.highs[-1] if extremes else -99999.99,
            "NLOW": extremes.lows[-1] if extremes else -99999.99,
            "MKTCAP": round(float(price) * self._shares(listing.underlying), 3),
            "TTMEPSXCLX": round(earnings, 5),
            "PEEXCLXOR": round(float(price) / earnings, 5),
            "PRICE2BK": round(1 + 11 * self._draw(listing, "book"), 5),
            "TTMROEPCT": round(5 + 40 * self._draw(listing, "return on equity"), 5),
            "TTMNPMGN": round(3 + 27 * self._draw(listing, "margin"), 5),
            "BETA": round(0.6 + 1.2 * self._draw(listing, "beta"), 5),
        }
        return ";".join(
            [*(f"{tag}={value}" for tag, value in ratios.items()), f"CURRENCY={listing.currency}"]
        )

    def _shares(self, symbol: str) -> float:
        """Millions of them, as of today."""
        split = self._corporate.split_by(self._moment().session.day)
        ratio = split.ratio if split is not None and split.symbol == symbol else 1
        return SHARES_MILLIONS.get(symbol, 0.0) * float(ratio)

    def _draw(self, listing: Listing, label: str) -> float:
        return uniform(self._key, listing.con_id, key_of(0, label) >> 1)


def _keep(cache: dict[Key, Value], key: Key, value: Value) -> None:
    if len(cache) >= _KEPT:
        cache.clear()
    cache[key] = value
