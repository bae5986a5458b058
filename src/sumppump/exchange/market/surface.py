"""What options are priced with: variance until they end, events on the way, and the cash they miss.

Time is counted in shares of trading days, 252 to a year, so that an hour before the close weighs what prices
really do in it, and a weekend costs nothing: volatilities by calendar time, which is what clients see,
therefore climb on the last day of an option and over weekends, as real ones do. Each report ahead adds the
square of its expected move to the variance of what expires after it; when it is out, that is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import (
    STEP_MS,
    STEPS_PER_SECOND,
    TradingSession,
    previous_trading_day,
    session_of,
)
from sumppump.exchange.listing.symbols import INDEX_OF, RISK_FREE_RATE, UNDERLYINGS
from sumppump.exchange.market.factors import MARKET, trading_index
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.option_set import OptionSet
from sumppump.exchange.market.paths import clock_of
from sumppump.exchange.market.pricing import DAYS_PER_YEAR, CashDividends, OptionTerms
from sumppump.exchange.market.smile import MONTH_YEARS, money_variance, total_variance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_Level = Callable[[str, TradingSession, Ints], Floats]

MS_PER_YEAR = DAYS_PER_YEAR * 86_400_000.0
_TRADING_DAYS = 252.0
_AHEAD_DAYS = 1150  # beyond the last listed expiry
_LEAST_YEARS = 1e-8
_EARNINGS_PREMIUM = 1.10  # what options ask for a report beyond its usual move, in variance


@dataclass(frozen=True, slots=True)
class _Ahead:
    """One underlying's events after a session began, rising; the sums have a leading zero."""

    report_ms: Ints
    report_variance: Floats
    ex_ms: Ints
    last_chance_ms: Ints
    cash: Floats


@dataclass(frozen=True, slots=True)
class _Row:
    """What a session means for a row of options: arrays by option."""

    days: Floats  # trading days from the beginning of the session's day to the end of the option
    lump: Floats
    total: Floats
    first_ms: Floats
    last_ms: Floats
    before_last: Floats
    first: Floats
    pays: bool


def passed_share(session: TradingSession, steps: Ints) -> Floats:
    """Share of a day's variance that is over at these steps; the night before is its first part."""
    share = clock_of(session)[steps // STEPS_PER_SECOND]
    night = MARKET.overnight
    return night + (1.0 - night) * share if session.is_regular else night * share


class Surface:
    """Inputs of the option model."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._ahead = lru_cache(maxsize=512)(self._found_ahead)
        self._rows: WeakKeyDictionary[OptionSet, tuple[int, _Row]] = WeakKeyDictionary()

    # -- options ----------------------------------------------------------------------------
    def inputs(
        self, options: OptionSet, session: TradingSession, steps: Ints, spots: Floats
    ) -> tuple[OptionTerms, Floats]:
        """The terms of these options and their volatilities, arrays of steps by options.

        Args:
            options: the row.
            session: the session that `steps` belong to.
            steps: which.
            spots: price of the underlying, steps by options.
        """
        row, shape = self._row(options, session), spots.shape
        moments = session.open_ms + steps * STEP_MS
        years = (options.end_ms[None, :] - moments[:, None]) / MS_PER_YEAR
        terms = OptionTerms(
            spots,
            np.broadcast_to(options.strike, shape),
            years,
            np.broadcast_to(options.sign, shape),
            np.broadcast_to(options.dividend_yield, shape),
            self._cash(row, moments, shape) if row.pays else None,
            np.broadcast_to(options.european, shape) if options.has_european else None,
        )
        market = self._market
        lasting = self._levels(options, session, steps, market.lasting_level) if market.is_stirred else None
        ahead = np.maximum(years, 1.0 / MS_PER_YEAR)  # the last moment still has a smile
        variance = total_variance(
            options.symbols,
            np.log(terms.strike / terms.forward()),
            np.maximum(row.days - passed_share(session, steps)[:, None], _LEAST_YEARS) / _TRADING_DAYS,
            self._levels(options, session, steps, market.vol_level),
            row.lump,
            lasting,
        )
        return terms, np.sqrt(variance / ahead)

    def _levels(self, options: OptionSet, session: TradingSession, steps: Ints, level: _Level) -> Floats:
        if len(options.symbol_indices) == 1:
            only: Floats = level(UNDERLYINGS[options.symbol_indices[0]].symbol, session, steps)[:, None]
            return only
        levels = np.empty((len(steps), len(UNDERLYINGS)))
        for index in options.symbol_indices:
            levels[:, index] = level(UNDERLYINGS[index].symbol, session, steps)
        return levels[:, options.symbols]

    def _cash(self, row: _Row, moments: Ints, shape: tuple[int, ...]) -> CashDividends:
        now = moments[:, None]
        return CashDividends(
            np.broadcast_to(row.total, shape),
            (row.first_ms - now) / MS_PER_YEAR,
            (row.last_ms - now) / MS_PER_YEAR,
            np.broadcast_to(row.before_last, shape),
            np.broadcast_to(row.first, shape),
        )

    def _row(self, options: OptionSet, session: TradingSession) -> _Row:
        known = self._rows.get(options)
        if known is None or known[0] != session.open_ms:
            known = self._rows[options] = (session.open_ms, self._made_row(options, session))
        return known[1]

    def _made_row(self, options: OptionSet, session: TradingSession) -> _Row:
        count, days = len(options.con_ids), options.end_days - trading_index(session.day) + 1.0
        lump, total, before_last, first = (np.zeros(count) for _ in range(4))
        first_ms, last_ms = np.zeros(count), np.zeros(count)
        for index in options.symbol_indices:
            of_it, ahead = options.symbols == index, self._ahead(UNDERLYINGS[index].symbol, session)
            ends_ms = options.end_ms[of_it]
            lump[of_it] = ahead.report_variance[np.searchsorted(ahead.report_ms, ends_ms)]
            paid = np.searchsorted(ahead.ex_ms, ends_ms)
            total[of_it], before_last[of_it] = ahead.cash[paid], ahead.cash[np.maximum(paid - 1, 0)]
            first[of_it] = ahead.cash[np.minimum(paid, 1)]
            if len(ahead.ex_ms):
                first_ms[of_it] = ahead.last_chance_ms[0]
                last_ms[of_it] = ahead.last_chance_ms[np.maximum(paid - 1, 0)]
        return _Row(days, lump, total, first_ms, last_ms, before_last, first, bool(total.any()))

    # -- events -----------------------------------------------------------------------------
    def _found_ahead(self, symbol: str, session: TradingSession) -> _Ahead:
        corporate, until = self._market.corporate, session.day + timedelta(_AHEAD_DAYS)
        reports = [
            one for one in corporate.earnings(symbol, session.day, until) if one.at_ms > session.open_ms
        ]
        paid = corporate.dividends(symbol, session.day + timedelta(1), until)
        ex_ms = np.array([session_of(one.ex_date).open_ms for one in paid], dtype=np.int64)
        chances = [session_of(previous_trading_day(one.ex_date)).close_ms for one in paid]
        worth = np.array([float(one.amount) for one in paid]) * np.exp(
            -RISK_FREE_RATE * (ex_ms - session.open_ms) / MS_PER_YEAR
        )
        return _Ahead(
            report_ms=np.array([one.at_ms for one in reports], dtype=np.int64),
            report_variance=_sums(np.array([_EARNINGS_PREMIUM * one.deviation**2 for one in reports])),
            ex_ms=ex_ms,
            last_chance_ms=np.array(chances, dtype=np.int64),
            cash=_sums(worth),
        )

    def lump(self, symbol: str, session: TradingSession, until_ms: int) -> float:
        """Variance that reports add between a session's beginning and a moment."""
        ahead = self._ahead(symbol, session)
        return float(ahead.report_variance[np.searchsorted(ahead.report_ms, until_ms)])

    def month_vol(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """Implied volatility at the money for 30 days, per year, reports within them included."""
        lump = self.lump(symbol, session, session.open_ms + round(MONTH_YEARS * MS_PER_YEAR))
        level = self._market.vol_level(symbol, session, steps)
        lasting = self._market.lasting_level(symbol, session, steps) if self._market.is_stirred else None
        index, years = np.array([INDEX_OF[symbol]]), np.array([MONTH_YEARS])
        vol: Floats = np.sqrt(money_variance(index, years, level, lump, lasting) / MONTH_YEARS)
        return vol


def _sums(values: Floats) -> Floats:
    """Running sums from zero on."""
    return np.concatenate([[0.0], np.cumsum(values)])
