"""Answers about the account."""

from __future__ import annotations

from sumppump.kernel.money import Money
from sumppump.portfolio.account import AccountSummary
from sumppump.server.views import (
    Answer,
    QualityView,
    cash,
    moment,
    num,
)

COST_NOTE = "entry_premium and cost are the broker's average cost, which includes commissions"


class AccountAnswer(Answer):
    """Balances and margins in `currency`; ratios as fractions (0.4 is 40 %)."""

    currency: str
    net_liquidation: float | None
    cash: float | None
    accrued_interest: float | None
    accrued_dividends: float | None
    buying_power: float | None
    available_funds: float | None
    excess_liquidity: float | None
    initial_margin: float | None
    maintenance_margin: float | None
    equity_with_loan: float | None
    gross_position_value: float | None
    unrealized_pnl: float | None
    realized_pnl: float | None
    daily_pnl: float | None
    daily_pnl_pct: float | None
    daily_pnl_age_s: float | None
    cushion: float | None
    margin_usage: float | None
    missing: list[str]


def account_answer(summary: AccountSummary) -> AccountAnswer:
    """The account in figures."""
    figures = summary.figures
    return AccountAnswer(
        summary=_account_words(summary),
        warnings=list(summary.warnings),
        as_of=moment(figures.as_of),
        data_quality=QualityView(state="broker", age_s=num(summary.age_s, 1)),
        currency=figures.currency,
        net_liquidation=cash(figures.nlv),
        cash=cash(figures.cash),
        accrued_interest=cash(figures.accrued_interest),
        accrued_dividends=cash(figures.accrued_dividends),
        buying_power=cash(figures.buying_power),
        available_funds=cash(figures.available_funds),
        excess_liquidity=cash(figures.excess_liquidity),
        initial_margin=cash(figures.initial_margin),
        maintenance_margin=cash(figures.maintenance_margin),
        equity_with_loan=cash(figures.equity_with_loan),
        gross_position_value=cash(figures.gross_position_value),
        unrealized_pnl=cash(figures.unrealized_pnl),
        realized_pnl=cash(figures.realized_pnl),
        daily_pnl=cash(figures.daily_pnl),
        daily_pnl_pct=num(summary.daily_pnl_pct, 3),
        daily_pnl_age_s=num(summary.pnl_age_s, 1),
        cushion=num(summary.cushion, 4),
        margin_usage=num(summary.margin_usage, 4),
        missing=list(summary.missing),
    )


def _account_words(summary: AccountSummary) -> str:
    figures = summary.figures
    return (
        f"Net liquidation {_money(figures.nlv)}, cash {_money(figures.cash)}, "
        f"excess liquidity {_money(figures.excess_liquidity)}, today {_money(figures.daily_pnl)}."
    )


def _money(amount: Money | None) -> str:
    return "missing" if amount is None else str(amount)
