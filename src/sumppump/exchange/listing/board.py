"""The board: every contract that can be traded on a date.

Strikes depend on closing levels. What the exchange has had on the board since it started is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

from sumppump.exchange.calendar.trading_days import is_trading_day, new_york_date, previous_trading_day, to_ms
from sumppump.exchange.listing.contract_ids import OptionKey, option_key
from sumppump.exchange.listing.expiries import first_listed, listed_expiries, listed_strikes
from sumppump.exchange.listing.futures import ROOTS, FutureKey, future_key, listed_futures
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.listing.listing import future_listing, option_ends, option_listing, plain_listing
from sumppump.exchange.listing.option_classes import BY_CLASS, OptionClass, classes_on
from sumppump.exchange.listing.symbols import BY_CON_ID
from sumppump.exchange.reports import OptionParams


class Board:
    """What is listed; `close_of` gives the levels that strikes are laid around."""

    def __init__(self, start_day: date, close_of: Callable[[str, date], float]) -> None:
        self._start_day = start_day
        self._close_of = close_of
        self._strikes: dict[tuple[str, date], tuple[int, ...]] = {}

    def forget_strikes(self) -> None:
        """After a split strikes are laid around new levels."""
        self._strikes.clear()

    # -- options ------------------------------------------------------------------------------
    def expiries(self, trading_class: str, today: date) -> tuple[date, ...]:
        """Listed expiries of a class, rising; today's is among them on an expiry day."""
        return listed_expiries(BY_CLASS[trading_class].programme, today)

    def strikes(self, trading_class: str, expiry: date) -> tuple[int, ...]:
        """Listed strikes of one expiry in the class's units."""
        known = self._strikes.get((trading_class, expiry))
        if known is None:
            one = BY_CLASS[trading_class]
            listed = first_listed(one.programme, expiry, self._start_day)
            spot = self._close_of(one.underlying, previous_trading_day(listed))
            known = listed_strikes(one.ladder, one.strike_unit, spot, (expiry - listed).days)
            self._strikes[trading_class, expiry] = known
        return known

    def keys(self, trading_class: str, expiry: date) -> Iterator[OptionKey]:
        """All options of one expiry, by strike, calls before puts."""
        for units in self.strikes(trading_class, expiry):
            for right in "CP":
                yield OptionKey(trading_class, expiry, right, units)

    def _is_listed(self, key: OptionKey, today: date, include_expired: bool) -> bool:
        if key.expiry < today:
            return include_expired and self._was_listed(key)
        return self._has(key, today)

    def _was_listed(self, key: OptionKey) -> bool:
        # Only what this exchange itself had on the board since it started is remembered.
        if key.expiry < self._start_day or not is_trading_day(key.expiry):
            return False
        return self._has(key, key.expiry)

    def _has(self, key: OptionKey, day: date) -> bool:
        listed = key.expiry in self.expiries(key.trading_class, day)
        return listed and key.units in self.strikes(key.trading_class, key.expiry)

    # -- futures ------------------------------------------------------------------------------
    def futures(self, today: date, *, include_expired: bool = False) -> Iterator[FutureKey]:
        """Listed futures by root and month; with expired ones those that ended since the start."""
        for root in ROOTS:
            yield from listed_futures(root, self._start_day if include_expired else today)

    def nearest_futures(self, today: date) -> Iterator[FutureKey]:
        """The first month of each root that trades beyond today."""
        for root in ROOTS:
            yield next(key for key in listed_futures(root, today) if key.expiry > today)

    # -- everything ---------------------------------------------------------------------------
    def find(self, con_id: int, today: date, *, include_expired: bool = False) -> Listing | None:
        """The contract with this id, None if it is not on the board."""
        under, future = BY_CON_ID.get(con_id), future_key(con_id)
        if under is not None:
            return plain_listing(under)
        if future is not None:
            known = {*self.futures(today), *self.futures(today, include_expired=include_expired)}
            return future_listing(future) if future in known else None
        key = option_key(con_id)
        return option_listing(key) if key and self._is_listed(key, today, include_expired) else None

    def params(self, symbol: str, now: datetime) -> Iterator[OptionParams]:
        """Last trading days to come and the union of strikes, a row for each class and exchange."""
        for one in classes_on(symbol):
            yield from self._class_params(one, now)

    def _class_params(self, one: OptionClass, now: datetime) -> Iterator[OptionParams]:
        expiries = self.expiries(one.name, new_york_date(to_ms(now)))
        living = [day for day in expiries if option_ends(one, day)[0] > now]
        shown = tuple(previous_trading_day(day) if one.settles_at_open else day for day in living)
        units = sorted({strike for expiry in living for strike in self.strikes(one.name, expiry)})
        strikes: tuple[Decimal, ...] = tuple(strike * one.strike_unit for strike in units)
        for exchange in one.exchanges:
            yield OptionParams(exchange, one.under.con_id, one.name, one.multiplier, shown, strikes)
