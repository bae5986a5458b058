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
    contracts = [option for _, option in options]
    said = list(_ex_date(contracts, dividend))
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
            said.append(_early(_name(option, contracts), held, found))
    return tuple(said)


def _ex_date(options: Sequence[OptionContract], dividend: ExDividend | None) -> Iterator[str]:
    if dividend is not None and any(dividend.eve < option.last_trade for option in options):
        yield f"Ex-dividend {dividend.day.isoformat()}, {dividend.amount:.2f} a share"


def _early(name: str, held: HeldOption, found: EarlyExercise) -> str:
    """For example `640C: early assignment 86% likely, above 645.12 at the close of 2026-12-17`.

    What matters stands before the comma: a narrow page shows no more.
    """
    what = "early assignment" if held.quantity < 0 else "early exercise pays you:"
    side = "above" if held.contract.right is Right.CALL else "below"
    when = "" if found.at is None else f" at the close of {found.at.astimezone(NEW_YORK).date().isoformat()}"
    level = "" if found.beyond is None else f", {side} {found.beyond:.2f}{when}"
    return f"{name}: {what} {found.probability:.0%} likely{level}"


def _name(option: OptionContract, others: Sequence[OptionContract]) -> str:
    """Its strike and right, with its day where the order has several."""
    words = option.label.removeprefix(f"{option.symbol} ")
    return words.split()[-1] if len({each.expiry for each in others}) == 1 else words
