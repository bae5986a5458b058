"""What comes next for a position: its first expiry, or an ex-dividend day inside its life.

Ex-dates are the broker's (see `MarketData.statistics`), asked once a day for each underlying. Earnings dates
are not known here, and answers say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sumppump.data.corporate import NO_DIVIDENDS
from sumppump.domain.combo import Combo
from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import MarketData

DEADLINE_S = 5.0
EXPIRY, EX_DIVIDEND = "expiry", "ex_dividend"
NO_INDEX_DIVIDEND = Missing("no_dividend", "an index pays none")
SILENT = Missing("no_dividend", NO_DIVIDENDS)

ExDates = Mapping[str, Dividends | Missing]


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


@dataclass(slots=True)
class ExDateShelf:
    """Dividends of underlyings as the broker announced them, kept for the day."""

    _day: date = date.min
    _kept: dict[int, Dividends | Missing] = field(default_factory=dict)

    async def of(self, underlyings: Sequence[Underlying], market: MarketData, clock: Clock) -> ExDates:
        """Dividends by symbol, or why there are none; never an error: positions are shown without."""
        today = clock.now().astimezone(NEW_YORK).date()
        if today != self._day:
            self._day, self._kept = today, {}
        asked = [each for each in underlyings if self._is_unknown(each)]
        try:
            facts = await market.statistics(asked, deadline_s=DEADLINE_S) if asked else ()
        except SumpPumpError as error:
            return {each.symbol: Missing(error.code, error.message) for each in underlyings}
        self._kept |= {each.con_id: each.dividends or SILENT for each in facts}
        return {each.symbol: self._known(each) for each in underlyings}

    def _is_unknown(self, each: Underlying) -> bool:
        return each.sec_type is SecType.STK and each.con_id not in self._kept

    def _known(self, each: Underlying) -> Dividends | Missing:
        return NO_INDEX_DIVIDEND if each.sec_type is SecType.IND else self._kept.get(each.con_id, SILENT)


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
