"""The scanner: gathers what is known of every stock now, and ranks it.

The yearly part of the facts is gathered once a day and stock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sumppump.exchange.calendar.trading_days import (
    latest_session,
    previous_trading_day,
    session_of,
    to_ms,
    trading_days_back,
)
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.listing.symbols import BY_SYMBOL, UNDERLYINGS
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.market_statistics import MarketStatistics
from sumppump.exchange.market.stock_data import StockData
from sumppump.exchange.market.tape import Tape
from sumppump.exchange.newsroom.scans import Facts, Scan, ranked
from sumppump.exchange.reports import BookTop

_SESSIONS_PER_YEAR, _QUARTER = 252, 63


class Floor(Protocol):
    """What the scanner looks at."""

    @property
    def now(self) -> datetime:
        """The exchange's time."""
        ...

    def listing(self, con_id: int) -> Listing | None:
        """A contract."""
        ...

    def quotes(self, con_ids: Sequence[int]) -> tuple[BookTop | None, ...]:
        """Their markets."""
        ...


@dataclass(frozen=True, slots=True)
class _Year:
    """The last year of one stock, without today."""

    day: date
    closes: tuple[float, ...]
    average_volume: float
    implied_before: float


class Scanner:
    """Scans of one exchange."""

    def __init__(
        self, floor: Floor, market: Market, stocks: StockData, tape: Tape, statistics: MarketStatistics
    ) -> None:
        self._floor = floor
        self._market = market
        self._stocks = stocks
        self._tape = tape
        self._statistics = statistics
        self._years: dict[str, _Year] = {}

    def scan(self, scan: Scan) -> tuple[Listing, ...]:
        """What a scan finds now, best first."""
        today = latest_session(to_ms(self._floor.now)).day
        return tuple(facts.listing for facts in ranked(scan, self._everything(today)))

    def _everything(self, today: date) -> Iterator[Facts]:
        con_ids = [under.con_id for under in UNDERLYINGS]
        listings = [self._floor.listing(con_id) for con_id in con_ids]
        stocks = [one for one in listings if one is not None and one.sec_type is SecType.STOCK]
        for listing, top in zip(stocks, self._floor.quotes([one.con_id for one in stocks]), strict=True):
            if top is not None and top.last is not None:
                yield self._facts(listing, top, float(top.last), today)

    def _facts(self, listing: Listing, top: BookTop, last: float, today: date) -> Facts:
        year = self._year(listing.symbol, today)
        return Facts(
            listing=listing,
            last=last,
            open=_number(top.open),
            high=_number(top.high),
            low=_number(top.low),
            close=_number(top.close),
            volume=top.volume,
            implied=top.implied_volatility,
            historical=top.historical_volatility,
            implied_before=year.implied_before,
            closes=year.closes,
            average_volume=year.average_volume,
            options=self._statistics.option_activity(listing),
        )

    def _year(self, symbol: str, today: date) -> _Year:
        known = self._years.get(symbol)
        if known is None or known.day != today:
            known = self._years[symbol] = self._gathered(symbol, today)
        return known

    def _gathered(self, symbol: str, today: date) -> _Year:
        days = trading_days_back(previous_trading_day(today), _SESSIONS_PER_YEAR)
        before = session_of(days[-1])
        under, quarter = BY_SYMBOL[symbol], days[-_QUARTER:]
        volumes = [int(self._tape.minute_volumes(under, session_of(day)).sum()) for day in quarter]
        return _Year(
            today,
            tuple(self._market.close(symbol, day) for day in days),
            sum(volumes) / len(volumes),
            self._stocks.month_vol(under, before, before.last_step),
        )


def _number(price: Decimal | None) -> float | None:
    return None if price is None else float(price)
