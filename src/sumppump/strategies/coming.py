"""What falls into the life of an order: the next ex-dividend day, and early exercise that may pay. Pure.

The probability is that of the assignment radar, so a draft and the position that it becomes say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from sumppump.data.ex_dates import close_of
from sumppump.domain.assignment import EarlyExercise, ExDividend, HeldOption, Times, early_exercise
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK
from sumppump.strategies.drafts import LegAnalysis

# Less likely than this it is not mentioned; the radar calls it LOW.
WORTH_A_WORD = 0.1


def coming_events(
    legs: Sequence[LegAnalysis],
    *,
    spot: Decimal,
    now: datetime,
    dividend: ExDividend | None,
    assume: Assumptions,
) -> tuple[str, ...]:
    """Sentences: the ex-date in the order's life, then options whose early exercise may well pay.

    Args:
        legs: with the volatilities of their mids.
        spot: the underlying's price.
        now: exchange time.
        dividend: the next one known, None for none.
        assume: the rate, and whether the options may be exercised early.
    """
    options = [(part, each) for part in legs if isinstance(each := part.leg.contract, OptionContract)]
    tonight = close_of(now.astimezone(NEW_YORK).date())
    said = list(_ex_date([option for _, option in options], dividend))
    for part, option in options:
        held = HeldOption(
            contract=option,
            quantity=part.leg.ratio,
            spot=spot,
            vol=part.iv,
            is_american=assume.is_american,
        )
        rate = assume.until(option.settles).rate
        found = early_exercise(held, dividend, Times(now=now, tonight=tonight, rate=rate))
        if isinstance(found, EarlyExercise) and found.probability >= WORTH_A_WORD:
            said.append(_early(held, found))
    return tuple(said)


def _ex_date(options: Sequence[OptionContract], dividend: ExDividend | None) -> Iterator[str]:
    if dividend is not None and any(dividend.eve < option.last_trade for option in options):
        yield f"Ex-dividend {dividend.day.isoformat()}, {dividend.amount:.2f} a share"


def _early(held: HeldOption, found: EarlyExercise) -> str:
    """For example `Early assignment of SPY 2026-12-18 640C: 95 % likely to pay its holder ...`."""
    what = "Early assignment" if held.quantity < 0 else "Early exercise"
    whose = "its holder" if held.quantity < 0 else "you"
    side = "above" if held.contract.right is Right.CALL else "below"
    when = "" if found.at is None else f" at the close of {found.at.astimezone(NEW_YORK).date().isoformat()}"
    level = "" if found.beyond is None else f", {side} {found.beyond:.2f}{when}"
    return f"{what} of {held.contract.label} is {found.probability:.0%} likely to pay {whose}{level}"
