"""What comes next for a position: its first expiry, or an ex-dividend day inside its life.

Ex-dates are the broker's (see `data.announced`). Earnings dates are not known here, and answers say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sumppump.domain.combo import Combo
from sumppump.domain.missing import Missing
from sumppump.domain.statistics import Dividends

EXPIRY, EX_DIVIDEND = "expiry", "ex_dividend"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEvent:
    """One day that matters.

    Attributes:
        kind: `expiry` or `ex_dividend`. days: calendar days from today in New York.
        amount: of a dividend, currency per share; None where it is not announced.
    """

    kind: str
    day: date
    days: int
    amount: float | None = None


def next_event(combo: Combo, dividends: Dividends | Missing, today: date) -> NextEvent | None:
    """The first of the expiries and, until the last of them, the next ex-date; None without either."""
    expiries = combo.expiries
    events = [NextEvent(kind=EXPIRY, day=expiries[0], days=(expiries[0] - today).days)] if expiries else []
    if isinstance(dividends, Dividends) and dividends.next_date is not None:
        day = dividends.next_date
        if today <= day and (not expiries or day <= expiries[-1]):
            days = (day - today).days
            events.append(NextEvent(kind=EX_DIVIDEND, day=day, days=days, amount=dividends.next_amount))
    return min(events, key=lambda event: event.day, default=None)
