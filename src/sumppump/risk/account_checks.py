"""What the account can bear: the day's loss and margin (C-14, C-15)."""

from __future__ import annotations

from collections.abc import Iterator

from sumppump.kernel.money import Money
from sumppump.risk.case import PERCENT, Case, Finding, known


def daily_loss(case: Case) -> Iterator[Finding]:
    """C-14: at the first limit only closing is allowed, at the second the day is over. Old P&L is no P&L."""
    figures = known(case.facts.figures, "daily_pnl")
    pnl = known(figures.daily_pnl, "daily_pnl")
    age = case.age(known(figures.daily_pnl_taken, "daily_pnl"))
    if not age <= case.limits.max_pnl_age:
        yield Finding(
            "daily_pnl_stale",
            f"the daily P&L is {age:.0f} s old, so nobody knows what today has cost",
            f"at most {case.limits.max_pnl_age:g} s",
            f"{age:.0f} s",
            passes=True,
        )
        return
    rules = (
        ("daily_loss_halt", case.limits.daily_loss_halt_pct, "no new risk today"),
        ("daily_loss_reduce_only", case.limits.daily_loss_reduce_pct, "only closing is allowed"),
    )
    for code, percent, words in rules:
        floor = -case.share_of_nlv(percent)
        if pnl <= floor:
            yield Finding(
                code,
                f"daily P&L {pnl} has reached {floor} ({percent} %): {words}",
                f"above {floor}",
                str(pnl),
            )
            return


def margin(case: Case) -> Iterator[Finding]:
    """C-15: initial margin after the order, by the broker's what-if and what we have reserved ourselves."""
    preview = known(case.facts.margin, "margin_preview")
    reserved = known(case.facts.reserved_margin, "reserved_margin")
    excess = known(case.figures_or_none("excess_liquidity"), "excess_liquidity")
    found: Money = preview.initial_after + reserved
    allowed = excess * (case.limits.max_margin_pct * PERCENT)
    if not found <= allowed:
        yield Finding(
            "margin_too_large",
            f"initial margin after the order {found} is above {allowed} "
            f"({case.limits.max_margin_pct} % of excess liquidity)",
            f"at most {allowed}",
            str(found),
        )
