"""Futures: roots, months, and when trading in them ends.

A contract is known by its root and last trading day, `ES:20261218`; under that key the market has its level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sumppump.exchange.listing.expiries import monthly_expiry, volatility_expiry
from sumppump.kernel.clock import NEW_YORK

_MONTH_LETTERS = "FGHJKMNQUVXZ"
_EPOCH = date(2018, 1, 1)  # a Monday
_WEEK, _WORK_WEEK = 7, 5
WEEKDAYS = 5_740  # until the end of 2039
_FIRST_ID, _IDS_PER_ROOT = 2_000_000_000, 10_000  # above every option's


def weekday_number(day: date) -> int:
    """Weekdays since the beginning; a Saturday or Sunday has none.

    Raises:
        ValueError: for a day without a number.
    """
    weeks, place = divmod((day - _EPOCH).days, _WEEK)
    number = weeks * _WORK_WEEK + place
    if place >= _WORK_WEEK or not 0 <= number < WEEKDAYS:
        raise ValueError(f"no contract ends on {day}")
    return number


def weekday_of(number: int) -> date:
    """The day of a weekday's number."""
    weeks, place = divmod(number, _WORK_WEEK)
    return _EPOCH + timedelta(weeks * _WEEK + place)


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureRoot:
    """One root: what its months have in common.

    Attributes:
        trading_class: ES; begins the local symbols.
        symbol: what clients call it; VX is VIX at this broker.
        underlying: whose level it is about.
        index: the index that details name as what is under it.
        months: which months there are.
        count: how many are listed at a time.
        price_units: ticks per point.
        ends: time of day in New York at which the last trading day ends.
    """

    trading_class: str
    symbol: str
    underlying: str
    index: str
    name: str
    exchange: str
    multiplier: int
    price_units: int
    months: tuple[int, ...]
    count: int
    ends: time
    rule: int
    last_day: Callable[[int, int], date]

    @property
    def tick(self) -> Decimal:
        """The smallest change of price."""
        return Decimal(1) / self.price_units


_QUARTERS = (3, 6, 9, 12)
ROOTS: tuple[FutureRoot, ...] = (
    FutureRoot(
        trading_class="ES", symbol="ES", underlying="SPX", index="ES", name="E-mini S&P 500", exchange="CME",
        multiplier=50, price_units=4, months=_QUARTERS, count=5, ends=time(9, 30), rule=67,
        last_day=monthly_expiry,
    ),
    FutureRoot(
        trading_class="MES", symbol="MES", underlying="SPX", index="ES",
        name="Micro E-Mini S&P 500 Stock Price Index",
        exchange="CME", multiplier=5, price_units=4, months=_QUARTERS, count=5, ends=time(9, 30), rule=67,
        last_day=monthly_expiry,
    ),
    FutureRoot(
        trading_class="VX", symbol="VIX", underlying="VIX", index="VIX", name="CBOE Volatility Index",
        exchange="CFE", multiplier=1000, price_units=20, months=tuple(range(1, 13)), count=9,
        ends=time(9), rule=240, last_day=volatility_expiry,
    ),
)  # fmt: skip
BY_ROOT = {one.trading_class: one for one in ROOTS}


@dataclass(frozen=True, slots=True)
class FutureKey:
    """What identifies a future: its root and last trading day."""

    trading_class: str
    expiry: date

    @property
    def root(self) -> FutureRoot:
        """Its root."""
        return BY_ROOT[self.trading_class]

    @property
    def text(self) -> str:
        """The key of its level."""
        return f"{self.trading_class}:{self.expiry:%Y%m%d}"

    @property
    def ends_at(self) -> datetime:
        """The last moment of trading, aware."""
        return datetime.combine(self.expiry, self.root.ends, tzinfo=NEW_YORK)

    @property
    def month(self) -> str:
        """The contract month, YYYYMM."""
        return f"{self.expiry:%Y%m}"

    @property
    def local_symbol(self) -> str:
        """ESZ6: root, letter of the month, last digit of the year."""
        letter = _MONTH_LETTERS[self.expiry.month - 1]
        return f"{self.trading_class}{letter}{self.expiry.year % 10}"


def future_of(text: str) -> FutureKey:
    """The future of a level's key.

    Raises:
        KeyError: there is no such root or day.
    """
    root, _, day = text.partition(":")
    if root not in BY_ROOT or len(day) != len("20261218") or not day.isdecimal():
        raise KeyError(text)
    return FutureKey(root, date(int(day[:4]), int(day[4:6]), int(day[6:])))


def listed_futures(root: FutureRoot, today: date) -> tuple[FutureKey, ...]:
    """The months on the board on a date, nearest first; one that ends today is among them."""
    found: list[FutureKey] = []
    year, month = today.year, today.month
    while len(found) < root.count:
        if month in root.months and root.last_day(year, month) >= today:
            found.append(FutureKey(root.trading_class, root.last_day(year, month)))
        year, month = year + month // 12, month % 12 + 1
    return tuple(found)


def future_con_id(key: FutureKey) -> int:
    """A positive 31-bit id above every option's; the real ones are not known."""
    return _FIRST_ID + ROOTS.index(key.root) * _IDS_PER_ROOT + weekday_number(key.expiry)


def future_key(con_id: int) -> FutureKey | None:
    """The future with this id, listed or not."""
    place, day = divmod(con_id - _FIRST_ID, _IDS_PER_ROOT)
    if not 0 <= place < len(ROOTS) or day >= WEEKDAYS:
        return None
    return FutureKey(ROOTS[place].trading_class, weekday_of(day))
