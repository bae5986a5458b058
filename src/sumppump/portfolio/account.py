"""The account in figures, with what they mean side by side. A missing figure stays missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.domain.account import AccountFigures
from sumppump.kernel.clock import Clock
from sumppump.kernel.money import Money
from sumppump.kernel.text import masked_account
from sumppump.ports.broker import Accounts

STALE_AFTER_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary:
    """Balances, margins and two ratios of them, all in the base currency.

    Attributes:
        account: masked.
        figures: as the broker gave them; None where it did not.
        cushion: excess liquidity divided by net liquidation, 0.4 is 40 %; None without either.
        margin_usage: maintenance margin divided by net liquidation, likewise.
        daily_pnl_pct: percent of net liquidation before today's P&L.
        age_s: seconds since the figures were taken. pnl_age_s: since the daily P&L was.
        missing: names of figures the broker did not give.
        warnings: what a reader must know.
    """

    account: str
    figures: AccountFigures
    cushion: float | None
    margin_usage: float | None
    daily_pnl_pct: float | None
    age_s: float
    pnl_age_s: float | None
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


EXPECTED = (
    "nlv",
    "cash",
    "buying_power",
    "available_funds",
    "excess_liquidity",
    "initial_margin",
    "maintenance_margin",
    "daily_pnl",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountService:
    """Reads the account; changes nothing."""

    accounts: Accounts
    clock: Clock

    async def summary(self) -> AccountSummary:
        """The account now.

        Raises:
            GatewayUnavailable: there are no figures.
        """
        return summarised(await self.accounts.figures(), self.clock.monotonic())


def summarised(figures: AccountFigures, monotonic: float) -> AccountSummary:
    """The figures with their ratios, at a monotonic moment."""
    age = max(0.0, monotonic - figures.taken)
    missing = tuple(name for name in EXPECTED if getattr(figures, name) is None)
    before = None if figures.nlv is None or figures.daily_pnl is None else figures.nlv - figures.daily_pnl
    day = ratio(figures.daily_pnl, before)
    return AccountSummary(
        account=masked_account(figures.account),
        figures=figures,
        cushion=ratio(figures.excess_liquidity, figures.nlv),
        margin_usage=ratio(figures.maintenance_margin, figures.nlv),
        daily_pnl_pct=None if day is None else day * 100,
        age_s=age,
        pnl_age_s=None if figures.daily_pnl_taken is None else max(0.0, monotonic - figures.daily_pnl_taken),
        missing=missing,
        warnings=_warnings(figures, age, missing),
    )


def ratio(part: Money | None, whole: Money | None) -> float | None:
    """`part` of `whole`; None without either, with two currencies, or of nothing."""
    if part is None or whole is None or part.currency != whole.currency or whole.amount <= 0:
        return None
    return float(part.amount / whole.amount)


def _warnings(figures: AccountFigures, age: float, missing: tuple[str, ...]) -> tuple[str, ...]:
    excess = figures.excess_liquidity
    rules = (
        (
            excess is not None and excess.amount <= Decimal(0),
            "excess liquidity is used up: a margin call is due",
        ),
        (age > STALE_AFTER_S, f"the figures are {age:.0f} s old"),
        (bool(missing), f"the broker did not give: {', '.join(missing)}"),
    )
    return tuple(words for holds, words in rules if holds)
