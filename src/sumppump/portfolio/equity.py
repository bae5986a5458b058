"""Net liquidation day by day: what the broker told while this program ran, and nothing between.

The broker tells no past values. Whenever figures of the account pass by, the day's value is kept; days on
which the program did not look stay unknown, and deposits and withdrawals are in the values like gains.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from loguru import logger

from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.drawdown import below_highest
from sumppump.domain.missing import Missing
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import Accounts
from sumppump.ports.equity import EquityDay, EquityLog

KNOWS = (
    "net liquidation as last seen on each day on which SumpPump looked at the account; deposits and "
    "withdrawals are not told apart from gains and losses"
)
EVERY_S = 60.0


@dataclass(slots=True)
class NotingAccounts:
    """`ports.broker.Accounts` that keeps the day's value of what passes by, at most once a minute.

    Positions are looked at whenever a connection comes and whenever they change; the first look of a day asks
    for the day's value as well, so that a day on which nobody wanted figures is not lost.

    Attributes:
        kept: the day of the last value that was kept, and the monotonic second at which it was taken.
        looked: the last day on which a look at positions asked for it.
    """

    real: Accounts
    log: EquityLog
    clock: Clock
    kept: tuple[date, float] | None = field(default=None)
    looked: date | None = field(default=None)

    async def positions(self) -> Sequence[Position]:
        """See the port."""
        rows, today = await self.real.positions(), _day(self.clock.now())
        if self.looked != today:
            self.looked = today
            with contextlib.suppress(SumpPumpError):
                await self.figures()
        return rows

    async def figures(self) -> AccountFigures:
        """See the port; a value that cannot be kept costs no figures."""
        figures = await self.real.figures()
        day = _day(figures.as_of)
        if figures.nlv is not None and self._is_due(day, figures.taken):
            self.kept = day, figures.taken
            try:
                self.log.note(figures.account, EquityDay(day, figures.as_of, figures.nlv))
            except SumpPumpError as error:
                logger.warning("today's net liquidation could not be kept: {}", error)
        return figures

    def _is_due(self, day: date, taken: float) -> bool:
        return self.kept is None or self.kept[0] != day or taken - self.kept[1] >= EVERY_S


@dataclass(frozen=True, slots=True)
class EquityHistory:
    """Values of one account in one currency.

    Attributes:
        days: rising; only those on which a value was seen.
        left_out: days whose value is in another currency than the last one's.
    """

    days: tuple[EquityDay, ...]
    left_out: int = 0

    @property
    def drawdown_pct(self) -> tuple[float | None, ...]:
        """Of each day: percent below the highest value so far, 0 or less."""
        return below_highest([float(each.nlv.amount) for each in self.days])

    @property
    def deepest_pct(self) -> float | None:
        """The deepest of them; None below two days."""
        known = [each for each in self.drawdown_pct if each is not None]
        return min(known) if len(known) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityService:
    """Reads what was kept; asks for today's value first."""

    accounts: Accounts
    log: EquityLog

    async def since(self, days_back: int) -> EquityHistory | Missing:
        """The account's values of the last days, today's included, or why they are not known.

        Args:
            days_back: calendar days in New York; 0 is today alone.
        """
        try:
            return await self._since(days_back)
        except SumpPumpError as error:
            return Missing(error.code, error.message.rstrip("."))

    async def _since(self, days_back: int) -> EquityHistory:
        figures = await self.accounts.figures()
        today = _day(figures.as_of)
        first = today - timedelta(days=days_back)
        # An exchange that was set back in time has days before it that have not been yet.
        seen = [each for each in self.log.days(figures.account) if first <= each.day <= today]
        kept = [each for each in seen if each.nlv.currency == seen[-1].nlv.currency]
        return EquityHistory(tuple(kept), len(seen) - len(kept))


def _day(at: datetime) -> date:
    return at.astimezone(NEW_YORK).date()
