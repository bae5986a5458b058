"""Contract ids: IB's own where they are known, and numbers that can be read back for derivatives.

An option's id is a bijection of class, weekday of expiry, right and strike; ids survive restarts and need no
table. The real ids of underlyings lie in the same 31 bits: an option that would have one is set aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sumppump.exchange.listing.futures import WEEKDAYS, weekday_number, weekday_of
from sumppump.exchange.listing.instruments import BAG_CON_ID
from sumppump.exchange.listing.option_classes import BY_CLASS, CLASS_NUMBER, CLASSES
from sumppump.exchange.listing.symbols import UNDERLYINGS

_RIGHTS = "CP"
_STRIKES = 4_096
_PER_CLASS = WEEKDAYS * len(_RIGHTS) * _STRIKES
_FIRST = 1_000_000
MOST_CLASSES = 42  # what fits below the futures


@dataclass(frozen=True, slots=True)
class OptionKey:
    """What identifies an option; the strike in its class's units."""

    trading_class: str
    expiry: date
    right: str
    units: int

    @property
    def strike(self) -> Decimal:
        """Strike, currency per share."""
        return self.units * BY_CLASS[self.trading_class].strike_unit


_REAL_OPTIONS = {OptionKey("SPY", date(2028, 12, 15), "C", 1500): 843630132}
"""The few whose ids at IB are public: suites of other clients name them."""
_BY_REAL_ID = {con_id: key for key, con_id in _REAL_OPTIONS.items()}
_TAKEN = (BAG_CON_ID, *_BY_REAL_ID, *(under.con_id for under in UNDERLYINGS))
_PLACE_OF_TAKEN = {con_id: place for place, con_id in enumerate(_TAKEN)}
_ASIDE = 2_100_000_000  # for what would have an id that is taken


def option_con_id(key: OptionKey) -> int:
    """A positive 31-bit id that is no underlying's.

    Raises:
        ValueError: the expiry or the strike is out of range.
    """
    if key in _REAL_OPTIONS:
        return _REAL_OPTIONS[key]
    if not 0 < key.units < _STRIKES:
        raise ValueError(f"no id for {key!r}")
    day = CLASS_NUMBER[key.trading_class] * WEEKDAYS + weekday_number(key.expiry)
    number = _FIRST + (day * len(_RIGHTS) + _RIGHTS.index(key.right)) * _STRIKES + key.units
    place = _PLACE_OF_TAKEN.get(number)
    return number if place is None else _ASIDE + place


@lru_cache(maxsize=16_384)
def option_key(con_id: int) -> OptionKey | None:
    """The option with this id, listed or not; None where the id cannot be an option's."""
    if con_id in _BY_REAL_ID:
        return _BY_REAL_ID[con_id]
    if con_id in _PLACE_OF_TAKEN:
        return None
    number = _TAKEN[con_id - _ASIDE] if 0 <= con_id - _ASIDE < len(_TAKEN) else con_id
    if not _FIRST <= number < _FIRST + len(CLASSES) * _PER_CLASS:
        return None
    rest, units = divmod(number - _FIRST, _STRIKES)
    rest, right = divmod(rest, len(_RIGHTS))
    trading_class, day = divmod(rest, WEEKDAYS)
    return OptionKey(CLASSES[trading_class].name, weekday_of(day), _RIGHTS[right], units) if units else None
