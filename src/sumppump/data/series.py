"""Series of a chain: one expiry of one trading class, kept apart from every other. Pure.

Classes of one index may expire on one day and still settle at different hours (SPX on the opening prints,
SPXW on the close). A class whose deliverable was adjusted is left out unless it is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sumppump.data.chain_request import ChainRequest
from sumppump.data.expiries import MOST_DAYS_TO_OPEN, ExpiryDay, is_monthly
from sumppump.domain.instruments import OptionClass, OptionContract, SecType, Underlying
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import UnknownContract

STANDARD_MULTIPLIER = 100


class Series(NamedTuple):
    """The options of one class that expire on one day."""

    expiry: date
    trading_class: str


def series_of(contract: OptionContract) -> Series:
    """Where a contract belongs."""
    return Series(contract.expiry, contract.trading_class)


def all_series(contracts: Iterable[OptionContract]) -> tuple[Series, ...]:
    """Every series once, by expiry, then class."""
    # Plain pairs first: a listing has a thousand contracts and a handful of series.
    return tuple(Series(*key) for key in sorted({(each.expiry, each.trading_class) for each in contracts}))


def by_series(contracts: Iterable[OptionContract]) -> dict[Series, list[OptionContract]]:
    """The contracts of each series in their order, series by expiry and class."""
    found: dict[tuple[date, str], list[OptionContract]] = {}
    for each in contracts:
        found.setdefault((each.expiry, each.trading_class), []).append(each)
    return {Series(*key): found[key] for key in sorted(found)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSeries:
    """A series as it is shown.

    Attributes:
        day: the expiry, how far it is and whether it is a monthly one.
        settlement: "AM" or "PM" of a cash-settled index, "" where shares are delivered.
        last_day: the last trading day in New York.
        multiplier: shares (an index: currency per point) per contract.
    """

    series: Series
    day: ExpiryDay
    settlement: str
    last_day: date
    multiplier: int

    @property
    def words(self) -> str:
        """For example `2026-12-18 Fri, 30 days, monthly, SPX AM-settled, last trades 2026-12-17`."""
        parts = [self.day.words]
        if self.settlement:
            parts.append(f"{self.series.trading_class} {self.settlement}-settled")
        if self.last_day != self.series.expiry:
            parts.append(f"last trades {self.last_day.isoformat()}")
        if self.multiplier != STANDARD_MULTIPLIER:
            parts.append(f"{self.series.trading_class}, multiplier {self.multiplier}")
        return ", ".join(parts)


def last_day(contract: OptionContract) -> date:
    """The last trading day in New York; the day before the expiry where it settles on the opening prints."""
    return contract.last_trade.astimezone(NEW_YORK).date()


def shown(
    contracts: Sequence[OptionContract], underlying: Underlying, today: date, listed: Iterable[date]
) -> tuple[ShownSeries, ...]:
    """Every series of the contracts, by expiry, then class; `listed` days tell which is monthly."""
    first = {series: here[0] for series, here in by_series(contracts).items()}
    days = frozenset(listed)
    return tuple(_shown(first[series], underlying, today, days) for series in sorted(first))


def _shown(
    example: OptionContract, underlying: Underlying, today: date, days: frozenset[date]
) -> ShownSeries:
    expiry, ends = example.expiry, last_day(example)
    settlement = "" if underlying.sec_type is not SecType.IND else "AM" if ends < expiry else "PM"
    return ShownSeries(
        series=series_of(example),
        day=ExpiryDay(expiry, (expiry - today).days, is_monthly(expiry, days)),
        settlement=settlement,
        last_day=ends,
        multiplier=example.multiplier,
    )


def is_adjusted(each: OptionClass) -> bool:
    """Whether the deliverable is not a hundred shares: another multiplier, or a name like SPY1 or 2SPY."""
    symbol = re.escape(each.underlying.symbol)
    numbered = re.fullmatch(rf"{symbol}\d|\d{symbol}", each.trading_class)
    return each.multiplier != STANDARD_MULTIPLIER or numbered is not None


def wanted_classes(request: ChainRequest, classes: Sequence[OptionClass]) -> tuple[OptionClass, ...]:
    """The class that is named, else all standard ones.

    Raises:
        UnknownContract: the named one is not listed, or only adjusted ones are and none is named.
    """
    name = request.trading_class.upper()
    found = tuple(each for each in classes if (each.trading_class == name if name else not is_adjusted(each)))
    return found or _none_of(request, classes)


def _none_of(request: ChainRequest, classes: Sequence[OptionClass]) -> tuple[OptionClass, ...]:
    names = ", ".join(dict.fromkeys(each.trading_class for each in classes))
    if not request.trading_class and names:
        raise UnknownContract(
            f"{request.symbol} has only options with an adjusted deliverable: {names}",
            code="adjusted_deliverable",
            expected=f"trading_class: one of {names}, named on purpose",
            found="none",
            next_steps=["A contract of theirs is not 100 shares: look its deliverable up before naming it."],
        )
    raise UnknownContract(
        f"{request.symbol} has no option class {request.trading_class.upper()!r}",
        code="class_not_listed",
        expected=f"trading_class: one of {names or 'none listed'}",
        found=request.trading_class,
        next_steps=[f"Choose one of {names}." if names else f"{request.symbol} has no listed options."],
    )


def _elsewhere(classes: Sequence[OptionClass], shown_: Sequence[ShownSeries]) -> tuple[str, ...]:
    """Classes of an index that settle on a day that is shown and are not shown themselves."""
    here = {each.series.trading_class for each in shown_}
    days = {each.series.expiry for each in shown_ if each.settlement}
    found = (name for day in days for name, _ in settling_at_open(day, classes))
    return tuple(dict.fromkeys(name for name in found if name not in here))


def settling_at_open(expiry: date, classes: Iterable[OptionClass]) -> tuple[tuple[str, date], ...]:
    """Classes of an index that may settle on the opening prints of `expiry`, each with its listed day.

    They do not list that day but their last trading day, a day or two before.
    """
    return tuple(
        (each.trading_class, day)
        for each in classes
        if expiry not in each.expiries
        for day in each.expiries
        if 0 < (expiry - day).days <= MOST_DAYS_TO_OPEN
    )


def class_notes(
    request: ChainRequest, classes: Sequence[OptionClass], shown_: Sequence[ShownSeries]
) -> tuple[str, ...]:
    """Adjusted classes that were left out, and several classes in one answer."""
    left_out = [] if request.trading_class else [each.trading_class for each in classes if is_adjusted(each)]
    names = sorted({each.series.trading_class for each in shown_})
    apart = _elsewhere(classes, shown_) if len(names) == 1 and not request.trading_class else ()
    rules = (
        (
            bool(apart),
            f"Options of class {', '.join(apart)} settle at the open of that day; trading_class names them.",
        ),
        (
            bool(left_out),
            f"Class {', '.join(dict.fromkeys(left_out))} has an adjusted deliverable and was left out; "
            "trading_class names it.",
        ),
        (
            len(names) > 1,
            f"Classes {' and '.join(names)} are told apart by the column trading_class; it also chooses one.",
        ),
    )
    return tuple(words for holds, words in rules if holds)
