"""The exchanges behind SMART: their letters in the exchange maps, their share of trades, their books.

Letters are those of the consolidated tape; which bit an exchange has, the code of the options' group and the
shares are our decision. An instrument that trades in one place has no group.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from sumppump.exchange.listing.instruments import Bag, Instrument, SecType


@dataclass(frozen=True, slots=True)
class Place:
    """One exchange.

    Attributes:
        letter: in exchange maps.
        share: of the trades.
        has_book: whether its depth can be subscribed.
    """

    exchange: str
    letter: str
    share: float
    has_book: bool = True


@dataclass(frozen=True)
class Group:
    """Exchanges that quote one kind of instrument; `code` is what message 81 names and request 83 asks."""

    code: str
    places: tuple[Place, ...]

    @cached_property
    def books(self) -> tuple[Place, ...]:
        """The exchanges whose depth can be subscribed."""
        return tuple(one for one in self.places if one.has_book)

    @cached_property
    def _shares_until(self) -> tuple[float, ...]:
        return tuple(accumulate(one.share for one in self.places[:-1]))

    def at_share(self, draw: float) -> Place:
        """The exchange on which this part of all trades ends, for a draw in [0, 1)."""
        return self.places[bisect_right(self._shares_until, draw)]


STOCKS = Group(
    "9c0001",
    (
        Place("FINRA", "D", 0.42, has_book=False),
        Place("NASDAQ", "Q", 0.17),
        Place("ARCA", "P", 0.14),
        Place("NYSE", "N", 0.10),
        Place("BATS", "Z", 0.07),
        Place("EDGEA", "J", 0.04),
        Place("IEX", "V", 0.03),
        Place("BYX", "Y", 0.03),
    ),
)
OPTIONS = Group(
    "a60001",
    (
        Place("CBOE", "C", 0.22),
        Place("PHLX", "X", 0.15),
        Place("AMEX", "A", 0.14),
        Place("ISE", "I", 0.13),
        Place("PSE", "P", 0.13),
        Place("BOX", "B", 0.12),
        Place("BATS", "Z", 0.11),
    ),
)
_GROUPS: dict[str, Group] = {SecType.STOCK: STOCKS, SecType.OPTION: OPTIONS}
BY_CODE = {group.code: group for group in _GROUPS.values()}


def group_of(instrument: Instrument) -> Group | None:
    """The exchanges that quote an instrument; None where it has only one, and for combos."""
    return None if isinstance(instrument, Bag) else _GROUPS.get(instrument.sec_type)


def bbo_code(instrument: Instrument) -> str:
    """What message 81 calls the group, "" where there is none."""
    group = group_of(instrument)
    return group.code if group else ""
