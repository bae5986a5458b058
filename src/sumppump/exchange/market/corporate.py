"""Corporate calendars: dividends, earnings and splits, each a pure function of the seed and the symbol.

Dividends are quarterly, in cash, near a quarter of the yearly yield of the table's price, and grow by four
per cent a year; the price falls by the amount at the open of the ex-date. Earnings come once a quarter,
three to seven weeks after it ends, before the open or after the close; the night between moves the price by
about `earnings_move`, which is also the lump of variance that options carry until then. A split is announced
three weeks ahead; at most one symbol of a seed has one (our decision: they are rare).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from sumppump.exchange.calendar.trading_days import (
    next_trading_day,
    nth_weekday,
    overnight_before,
    session_of,
    trading_day_on_or_after,
    trading_day_on_or_before,
)
from sumppump.exchange.market.character import CHARACTERS, Payout
from sumppump.exchange.market.randomness import key_of, uniform

_QUARTERS = (3, 6, 9, 12)
_FRIDAY = 4
_GROWTH = 1.04
_BASE_YEAR = 2026
_CENT, _TENTH_OF_CENT = Decimal("0.01"), Decimal("0.001")
_PAID_AFTER_DAYS = 21
_FIRST_REPORT_DAYS, _REPORT_SPREAD_DAYS = 17, 32
_EVENING_MS, _MORNING_MS = 5 * 60_000, 150 * 60_000  # after the close; before the open
_ANNOUNCED_DAYS = 21
_SPLIT_CHANCE = 1.0 / 3.0  # of a seed, in the year after its start
_SPLIT_FROM_DAYS, _SPLIT_SPREAD_DAYS = 35, 300
_SPLIT_SYMBOLS = ("TSLA", "AMZN", "AMD")  # they pay no dividends, whose amounts would have to be split too
_SPLIT_RATIOS = (2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dividend:
    """One cash dividend; `amount` per share, holders at the close before `ex_date` get it on `pay_date`."""

    symbol: str
    ex_date: date
    record_date: date
    pay_date: date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Earnings:
    """One report.

    Attributes:
        day: the date on which it comes.
        before_open: True before the open of `day`, False after its close.
        moves_day: the trading day whose opening gap holds the answer of the price.
        at_ms: the moment, milliseconds since the epoch.
        deviation: expected size of the answer, as the standard deviation of a log return.
    """

    symbol: str
    day: date
    before_open: bool
    moves_day: date
    at_ms: int
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`numerator` new shares for `denominator` old ones, from the open of `effective` on."""

    symbol: str
    announced: date
    effective: date
    numerator: int
    denominator: int

    @property
    def ratio(self) -> float:
        """New shares for each old one."""
        return self.numerator / self.denominator


class Corporate:
    """The calendars of one seed."""

    def __init__(self, seed: int, start_day: date | None = None) -> None:
        """The calendars of a seed; splits need the day on which the exchange began."""
        self._seed = seed
        self._split = self._drawn_split(start_day) if start_day else None
        self._dividends = lru_cache(maxsize=4096)(self._dividend_year)
        self._earnings = lru_cache(maxsize=4096)(self._earnings_year)

    # -- dividends --------------------------------------------------------------------------
    def dividends(self, symbol: str, start: date, end: date) -> tuple[Dividend, ...]:
        """Dividends whose ex-date lies within `start` to `end`, both included, rising."""
        years = range(start.year, end.year + 1)
        return tuple(
            one for year in years for one in self._dividends(symbol, year) if start <= one.ex_date <= end
        )

    def dividend_on(self, symbol: str, day: date) -> Decimal:
        """Cash per share that goes ex at the open of this day, 0 on most days."""
        due = (one.amount for one in self._dividends(symbol, day.year) if one.ex_date == day)
        return next(due, Decimal(0))

    def last_dividend(self, symbol: str, day: date) -> Dividend | None:
        """The last that went ex on `day` or before it; None for what pays none."""
        return next(reversed(self.dividends(symbol, day - timedelta(200), day)), None)

    def next_dividend(self, symbol: str, day: date) -> Dividend | None:
        """The first that goes ex after `day`; None for what pays none."""
        return next(iter(self.dividends(symbol, day + timedelta(1), day + timedelta(200))), None)

    def _dividend_year(self, symbol: str, year: int) -> tuple[Dividend, ...]:
        character = CHARACTERS[symbol]
        if not character.payout:
            return ()
        raw = Decimal(character.price * character.dividend_yield / 4.0 * _GROWTH ** (year - _BASE_YEAR))
        amount = max(raw.quantize(_CENT if raw > _CENT else _TENTH_OF_CENT), _TENTH_OF_CENT)
        return tuple(self._dividend(symbol, ex_date, amount) for ex_date in self._ex_dates(symbol, year))

    def _ex_dates(self, symbol: str, year: int) -> tuple[date, ...]:
        if CHARACTERS[symbol].payout is Payout.FUND:  # funds: the third Friday of the quarter's last month
            days = (nth_weekday(year, month, _FRIDAY, 3) for month in _QUARTERS)
        else:
            key = key_of(self._seed, "dividend", symbol)
            shift, day_of_month = int(3 * uniform(key, 0, 0)), 5 + int(18 * uniform(key, 0, 1))
            days = (date(year, month - shift, day_of_month) for month in _QUARTERS)
        return tuple(trading_day_on_or_before(day) for day in days)

    def _dividend(self, symbol: str, ex_date: date, amount: Decimal) -> Dividend:
        # Since May 2024 shares settle in a day, so that the record date is the ex-date.
        paid = trading_day_on_or_after(ex_date + timedelta(_PAID_AFTER_DAYS))
        return Dividend(symbol=symbol, ex_date=ex_date, record_date=ex_date, pay_date=paid, amount=amount)

    # -- earnings ---------------------------------------------------------------------------
    def earnings(self, symbol: str, start: date, end: date) -> tuple[Earnings, ...]:
        """Reports whose answer falls on a trading day within `start` to `end`, both included, rising."""
        years = range(start.year, end.year + 1)
        return tuple(
            one for year in years for one in self._earnings(symbol, year) if start <= one.moves_day <= end
        )

    def next_earnings(self, symbol: str, day: date) -> Earnings | None:
        """The first report on `day` or later; None for what reports none."""
        found = self.earnings(symbol, day, day + timedelta(200))
        return next((one for one in found if one.day >= day), None)

    def earnings_moving(self, symbol: str, day: date) -> Earnings | None:
        """The report that this day's opening gap answers to."""
        return next((one for one in self._earnings(symbol, day.year) if one.moves_day == day), None)

    def _earnings_year(self, symbol: str, year: int) -> tuple[Earnings, ...]:
        character = CHARACTERS[symbol]
        if not character.earnings_move:
            return ()
        key = key_of(self._seed, "earnings", symbol)
        lag = _FIRST_REPORT_DAYS + int(_REPORT_SPREAD_DAYS * uniform(key, 0, 0))
        before_open = uniform(key, 0, 1) < 0.45
        return tuple(
            self._report(symbol, year, month, lag, before_open=before_open) for month in (1, 4, 7, 10)
        )

    def _report(self, symbol: str, year: int, month: int, lag: int, *, before_open: bool) -> Earnings:
        key = key_of(self._seed, "report", symbol)
        jitter = int(3 * uniform(key, year, month))
        day = trading_day_on_or_after(date(year, month, 1) + timedelta(lag + jitter))
        moves_day = day if before_open else next_trading_day(day)
        night = overnight_before(moves_day)
        at_ms = night.close_ms - _MORNING_MS if before_open else night.open_ms + _EVENING_MS
        return Earnings(
            symbol=symbol, day=day, before_open=before_open, moves_day=moves_day, at_ms=at_ms,
            deviation=CHARACTERS[symbol].earnings_move,
        )  # fmt: skip

    # -- splits -----------------------------------------------------------------------------
    def splits(self, symbol: str, start: date, end: date) -> tuple[Split, ...]:
        """Splits that take effect within `start` to `end`, both included."""
        found = self.split_of(symbol)
        return (found,) if found is not None and start <= found.effective <= end else ()

    def split_of(self, symbol: str) -> Split | None:
        """The symbol's split, announced or not yet; None for nearly all."""
        return self._split if self._split is not None and self._split.symbol == symbol else None

    def split_by(self, day: date) -> Split | None:
        """The split that has taken effect by a day."""
        return self._split if self._split is not None and self._split.effective <= day else None

    def _drawn_split(self, start_day: date) -> Split | None:
        key = key_of(self._seed, "split")
        if uniform(key, 0, 0) >= _SPLIT_CHANCE:
            return None
        symbol = _SPLIT_SYMBOLS[int(len(_SPLIT_SYMBOLS) * uniform(key, 0, 1))]
        ratio = _SPLIT_RATIOS[int(len(_SPLIT_RATIOS) * uniform(key, 0, 2))]
        after = _SPLIT_FROM_DAYS + int(_SPLIT_SPREAD_DAYS * uniform(key, 0, 3))
        effective = trading_day_on_or_after(start_day + timedelta(after))
        announced = trading_day_on_or_before(effective - timedelta(_ANNOUNCED_DAYS))
        return Split(symbol=symbol, announced=announced, effective=effective, numerator=ratio, denominator=1)


def report_moment(one: Earnings) -> str:
    """BMO or AMC, as calendars write it."""
    return "BMO" if one.before_open else "AMC"


def opens_ms(day: date) -> int:
    """The moment from which a share trades without the dividend of this ex-date."""
    return session_of(day).open_ms
