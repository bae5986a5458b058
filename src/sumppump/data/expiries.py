"""Which expiry is meant when none is named, and what kind of day it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sumppump.data.arguments import nearest_days, refuse, refuse_unlisted_expiry
from sumppump.data.chain_request import ChainRequest
from sumppump.domain.instruments import OptionClass
from sumppump.kernel.errors import UnknownContract

NEAREST_MONTHLY_DAYS = 7
MOST_EXPIRIES = 12
# From the last trading day to the open that settles it: a day, two around a holiday.
MOST_DAYS_TO_OPEN = 2
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class ExpiryDay:
    """A listed expiry as it is shown: date, days from today, and whether it is a monthly one."""

    day: date
    dte: int
    is_monthly: bool

    @property
    def words(self) -> str:
        """For example `2026-12-18 Fri, 28 days, monthly`."""
        kind = ", monthly" if self.is_monthly else ""
        return f"{self.day.isoformat()} {self.day:%a}, {self.dte} days{kind}"


def third_friday(year: int, month: int) -> date:
    """When the month's standard options expire, unless it is a holiday."""
    first = date(year, month, 1)
    return first + timedelta(days=(FRIDAY - first.weekday()) % 7 + 14)


def is_monthly(day: date, listed: Iterable[date]) -> bool:
    """Whether its month's standard options expire then: third Friday, or Thursday before a holiday."""
    friday = third_friday(day.year, day.month)
    return day == friday or (day == friday - timedelta(days=1) and friday not in set(listed))


def described(listed: Iterable[date], today: date) -> tuple[ExpiryDay, ...]:
    """All expiries from today on, rising."""
    days = sorted({day for day in listed if day >= today})
    return tuple(ExpiryDay(day, (day - today).days, is_monthly(day, days)) for day in days)


def listed_expiries(classes: Iterable[OptionClass], trading_class: str = "") -> tuple[date, ...]:
    """Every expiry of the classes, or of the one named, rising."""
    wanted = [each for each in classes if not trading_class or each.trading_class == trading_class.upper()]
    return tuple(sorted({day for each in wanted for day in each.expiries}))


def chosen(
    request: ChainRequest, listed: Sequence[date], today: date, *, may_settle_at_open: bool = False
) -> tuple[date, ...]:
    """The listed days that a request means, rising.

    Args:
        request: names an expiry, a range of days, or neither.
        listed: as TWS lists them.
        today: in New York.
        may_settle_at_open: whether an expiry may be listed under its last trading day, a day or two before.

    Raises:
        InvalidRequest: the expiry is past.
        UnknownContract: not listed, or none in the range; the neighbours are named.
    """
    ahead = described(listed, today)
    if request.expiry is not None:
        return (_named(request, [each.day for each in ahead], today, may_settle_at_open),)
    if not ahead:
        raise UnknownContract(
            f"{request.symbol} has no listed options", expected="an underlying with options"
        )
    if request.min_dte is None and request.max_dte is None:
        return (usual(ahead).day,)
    low, high = request.min_dte or 0, request.max_dte if request.max_dte is not None else ahead[-1].dte
    found = tuple(each.day for each in ahead if low <= each.dte <= high)
    return found or _none_in_range(request, ahead, low, high, today)


def _named(request: ChainRequest, ahead: Sequence[date], today: date, may_settle_at_open: bool) -> date:
    wanted = request.expiry
    assert wanted is not None
    if wanted < today:
        refuse(
            "expiry",
            f"{wanted.isoformat()} is past; it is {today.isoformat()} in New York",
            expected="a date from today on",
            found=wanted.isoformat(),
        )
    if wanted in ahead:
        return wanted
    before = [day for day in ahead if 0 < (wanted - day).days <= MOST_DAYS_TO_OPEN]
    if not before or not may_settle_at_open:
        refuse_unlisted_expiry(request.symbol, wanted, ahead)
    return before[-1]


def usual(ahead: Sequence[ExpiryDay]) -> ExpiryDay:
    """The nearest monthly expiry at least a week away, else the nearest such one, else the first of all."""
    monthlies = [each for each in ahead if each.is_monthly and each.dte >= NEAREST_MONTHLY_DAYS]
    later = [each for each in ahead if each.dte >= NEAREST_MONTHLY_DAYS]
    return (monthlies or later or list(ahead))[0]


def _none_in_range(
    request: ChainRequest, ahead: Sequence[ExpiryDay], low: int, high: int, today: date
) -> tuple[date, ...]:
    middle = today + timedelta(days=(low + high) // 2)
    near = nearest_days(middle, [each.day for each in ahead])
    words = "; ".join(each.words for each in ahead if each.day in near)
    raise UnknownContract(
        f"{request.symbol} has no expiry {low} to {high} days away",
        code="expiry_not_listed",
        expected=f"min_dte and max_dte around a listed expiry: {words}",
        found=f"{low} to {high} days",
        next_steps=[f"The nearest are {words}."],
    )
