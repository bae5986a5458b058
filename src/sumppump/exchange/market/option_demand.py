"""How much options are traded and held: where in a chain it lies, and what the whole chain adds up to.

A chain's usual volume follows from the cash that its underlying turns over. Near expiries have most of it,
and of one expiry the strikes at the money; what is out of the money is traded and held more than what is in
it. Single options and the sums over a chain come from the same shape, so they agree. The figures are our
decision, of the order of those that exchanges publish (unverified).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import TradingSession, previous_trading_day, session_of, to_ms
from sumppump.exchange.listing.expiries import listed_expiries, listed_strikes, monthly_expiry
from sumppump.exchange.listing.instruments import SecType
from sumppump.exchange.listing.listing import option_ends
from sumppump.exchange.listing.option_classes import BY_CLASS, classes_on
from sumppump.exchange.listing.symbols import BY_SYMBOL, INDEX_OF, UNDERLYINGS
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.option_set import OptionSet
from sumppump.exchange.market.randomness import key_of, normals, uniforms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Series = tuple[str, date]
"""Trading class and expiry."""

_MS_PER_DAY = 86_400_000.0
_CASH_PER_CONTRACT, _FUNDS_MORE = 12_000.0, 2.0  # traded in the underlying for each contract
_SOON, _MONTHLY_MORE = 0.6, 2.0
_LEAST_DAYS = 0.7  # of the distance that prices go, for what expires today
_TRADED, _HELD = (1.2, 0.6), (1.8, 1.1)  # standard deviations out of the money, and in it
_ROUND, _HALF_ROUND = 3.0, 1.8
_LEAST_FAME, _MORE_FAME = 0.2, 1.6  # of an option among its likes; 1 on average
_BUSY_LUCK = 0.2  # standard deviation of the logarithm of a day's volume
_NIGHT_SHARE = 0.03
_SHARE_CALLS, _OTHER_CALLS = 1.2, 0.9  # of 2 for both rights: puts on funds and indices are insurance

_OF = [CHARACTERS[one.symbol] for one in UNDERLYINGS]
_SHORT_VOL = np.array([one.short_vol for one in _OF])
_LONG_VOL = np.array([one.long_vol for one in _OF])
_CALL_TASTE = np.where(
    [one.sec_type is SecType.STOCK and not one.is_etf for one in UNDERLYINGS], _SHARE_CALLS, _OTHER_CALLS
)


@dataclass(frozen=True, slots=True)
class ChainDemand:
    """All options on one underlying: contracts of a usual day, and open."""

    call_volume: float = 0.0
    put_volume: float = 0.0
    call_interest: float = 0.0
    put_interest: float = 0.0

    def __add__(self, other: ChainDemand) -> ChainDemand:
        return ChainDemand(
            self.call_volume + other.call_volume,
            self.put_volume + other.put_volume,
            self.call_interest + other.call_interest,
            self.put_interest + other.put_interest,
        )


def usual_volume(symbol: str) -> float:
    """Contracts of a usual day, all options on an underlying together."""
    one = CHARACTERS[symbol]
    cash = one.price * one.daily_volume * (_FUNDS_MORE if BY_SYMBOL[symbol].is_etf else 1.0)
    return one.option_volume or cash / _CASH_PER_CONTRACT


def _expiry_weight(expiry: date, days: float) -> float:
    """How much of a chain's volume an expiry attracts, to be compared with the others."""
    is_monthly = expiry == monthly_expiry(expiry.year, expiry.month)
    return (_MONTHLY_MORE if is_monthly else 1.0) / (_SOON + max(days, 0.0))


def _held_days(days: Floats) -> Floats:
    """Days of trading that add up to the open interest: today's options are hardly held overnight."""
    held: Floats = 0.1 + 0.5 * np.maximum(days, 0.0) ** 0.85
    return held


def _distance(chain: Ints, strike: Floats, sign: Floats, spot: Floats | float, days: Floats) -> Floats:
    """Standard deviations out of the money until the expiry; negative in the money."""
    vol = _SHORT_VOL[chain] + (_LONG_VOL - _SHORT_VOL)[chain] * np.clip(days / 365.0, 0.0, 1.0)
    deviation = vol * np.sqrt((np.maximum(days, 0.0) + _LEAST_DAYS) / 365.0)
    distance: Floats = sign * np.log(strike / spot) / deviation
    return distance


def _bell(distance: Floats, out: float, inside: float) -> Floats:
    bell: Floats = np.exp(-0.5 * (distance / np.where(distance > 0, out, inside)) ** 2)
    return bell


def _liking(chain: Ints, strike: Floats, sign: Floats) -> Floats:
    """Round strikes are liked, and the right that the public buys."""
    roundness = np.where(strike % 10 == 0, _ROUND, np.where(strike % 5 == 0, _HALF_ROUND, 1.0))
    liking: Floats = roundness * np.where(sign > 0, _CALL_TASTE[chain], 2.0 - _CALL_TASTE[chain])
    return liking


class OptionDemand:
    """Demand for options, a pure function of seed and time."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._fame_key = key_of(market.seed, "fame")
        self._busy_key = key_of(market.seed, "day of options")
        self._scales: WeakKeyDictionary[OptionSet, tuple[date, Floats]] = WeakKeyDictionary()
        self._version = market.version
        self._scale = lru_cache(maxsize=4096)(self._made_scale)
        self._weights = lru_cache(maxsize=512)(self._made_weights)
        self._chain = lru_cache(maxsize=512)(self._made_chain)

    # -- single options -----------------------------------------------------------------------
    def volume(self, options: OptionSet, session: TradingSession, spots: Floats) -> Floats:
        """Contracts that a whole session with these spots is good for, steps by options."""
        share = 1.0 if session.is_regular else _NIGHT_SHARE
        days = (options.end_ms - session.open_ms) / _MS_PER_DAY
        near = _bell(_distance(options.symbols, options.strike, options.sign, spots, days), *_TRADED)
        busy = np.ones(len(UNDERLYINGS))
        for index in options.symbol_indices:
            busy[index] = self.busy(UNDERLYINGS[index].symbol, session.day)
        volume: Floats = share * busy[options.symbols] * self._usual(options, session.day) * near
        return volume

    def interest(self, options: OptionSet, day: date, spots: Floats) -> Floats:
        """Contracts that are usually open at the day's beginning."""
        days = (options.end_ms - session_of(day).open_ms) / _MS_PER_DAY
        near = _bell(_distance(options.symbols, options.strike, options.sign, spots, days), *_HELD)
        interest: Floats = self._usual(options, day) * _held_days(days) * near
        return interest

    def _usual(self, options: OptionSet, day: date) -> Floats:
        """Contracts a day of each option if it were at the money."""
        self._forget_if_changed()
        known = self._scales.get(options)
        if known is None or known[0] != day:
            scale = np.array([self._scale(series, day) for series in options.series])
            scale *= _liking(options.symbols, options.strike, options.sign)
            fame = _LEAST_FAME + _MORE_FAME * uniforms(self._fame_key, options.con_ids, 0)
            known = self._scales[options] = (day, scale * fame)
        return known[1]

    def busy(self, symbol: str, day: date) -> float:
        """Volume of a day, of what is usual."""
        luck = float(normals(self._busy_key, day.toordinal(), BY_SYMBOL[symbol].con_id)[0])
        return self._market.activity(symbol, day) * math.exp(_BUSY_LUCK * luck - _BUSY_LUCK**2 / 2)

    # -- whole chains -------------------------------------------------------------------------
    def chain(self, symbol: str, day: date) -> ChainDemand:
        """What the listed options on an underlying add up to on a usual day; zeros where there are none."""
        self._forget_if_changed()
        return self._chain(symbol, day)

    def _made_chain(self, symbol: str, day: date) -> ChainDemand:
        series = [one for one, _ in self._weights(symbol, day)]
        return sum((self._series(one, day) for one in series), ChainDemand())

    def _series(self, series: Series, day: date) -> ChainDemand:
        scale, sides = self._scale(series, day), self._sides(series, day)
        volumes = [float(scale * traded.sum()) for traded, _ in sides]
        interests = [float(scale * held.sum()) for _, held in sides]
        return ChainDemand(*volumes, *interests)

    def _sides(self, series: Series, day: date) -> list[tuple[Floats, Floats]]:
        """Weights of an expiry's strikes, traded and held, calls and puts."""
        one, days = BY_CLASS[series[0]], _days_until(series, day)
        spot = self._market.close(one.underlying, previous_trading_day(day))
        units = listed_strikes(one.ladder, one.strike_unit, spot, math.ceil(max(days, 0.0)))
        strike, until = np.array(units) * float(one.strike_unit), np.array([days])
        chain = np.array([INDEX_OF[one.underlying]])
        sides = []
        for right in (1.0, -1.0):
            sign = np.array([right])
            distance, liked = _distance(chain, strike, sign, spot, until), _liking(chain, strike, sign)
            traded = liked * _bell(distance, *_TRADED)
            sides.append((traded, liked * _held_days(until) * _bell(distance, *_HELD)))
        return sides

    def _made_scale(self, series: Series, day: date) -> float:
        """Contracts a day for each unit of an option's weight in its expiry."""
        symbol = BY_CLASS[series[0]].underlying
        all_of_them = sum(weight for _, weight in self._weights(symbol, day))
        share = _expiry_weight(series[1], _days_until(series, day)) / all_of_them
        inside = sum(float(traded.sum()) for traded, _ in self._sides(series, day))
        return usual_volume(symbol) * share / inside

    def _made_weights(self, symbol: str, day: date) -> tuple[tuple[Series, float], ...]:
        series = (
            (one.name, expiry) for one in classes_on(symbol) for expiry in listed_expiries(one.programme, day)
        )
        return tuple((one, _expiry_weight(one[1], _days_until(one, day))) for one in series)

    def _forget_if_changed(self) -> None:
        if self._version != self._market.version:
            self._version = self._market.version
            self._scales.clear()
            for cache in (self._scale, self._weights, self._chain):
                cache.cache_clear()


def _days_until(series: Series, day: date) -> float:
    """Calendar days from the open of a day to the end of an expiry."""
    ends_ms = to_ms(option_ends(BY_CLASS[series[0]], series[1])[1])
    return (ends_ms - session_of(day).open_ms) / _MS_PER_DAY
