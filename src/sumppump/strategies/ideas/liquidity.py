"""What it costs to get into a trade and out of it again, from its quotes and from how many hold its options.

Entering pays half the width of every leg. Leaving costs as much while the market stays as it is; where few
others hold or trade a contract it seldom does, so leaving is reckoned up to three times as dear. That is a
rule of thumb, not a measurement: cost to leave = cost to enter * (1 + 2 * 100 / (100 + held)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sumppump.domain.instruments import OptionContract
from sumppump.kernel.money import CENT, Money
from sumppump.strategies.drafts import Draft, LegAnalysis

# Contracts held by which leaving is half-way between a deep market and an empty one.
HALF_DEEP = 100
# By how much more an empty market costs.
MOST_BEYOND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidity:
    """The market of a draft, by its worst leg; None where a leg does not tell.

    Attributes:
        open_interest, volume: contracts, the least of any leg. widest_pct: width in percent of the mid.
        quoted: combos that the quoted sizes fill at once.
        enter, leave: cash of one combo, against the mid.
    """

    open_interest: int | None
    volume: int | None
    widest_pct: float | None
    quoted: int | None
    enter: Money | None
    leave: Money | None

    @classmethod
    def of(cls, draft: Draft) -> Liquidity:
        """That of a draft, on the quotes it holds."""
        legs = [each for each in draft.analysis.legs if isinstance(each.leg.contract, OptionContract)]
        held = _least([_held(each) for each in legs])
        enter = draft.analysis.crossing_cost
        leave = None if enter is None else enter.amount * leaving(held)
        return cls(
            open_interest=_least([each.quote.open_interest for each in legs]),
            volume=_least([each.quote.volume for each in legs]),
            widest_pct=_most([width_pct(each) for each in legs]),
            quoted=_least([_quoted(each) for each in draft.analysis.legs]),
            enter=enter,
            leave=None if leave is None else Money(leave.quantize(CENT), draft.combo.currency),
        )


def leaving(held: int | None) -> Decimal:
    """How many times as much as entering leaving costs, 1 to 3; what is not told counts as nothing held."""
    return 1 + MOST_BEYOND * Decimal(HALF_DEEP) / (HALF_DEEP + (held or 0))


def width_pct(leg: LegAnalysis) -> float | None:
    """Ask less bid in percent of the mid; None without both or at a mid of 0."""
    mid, width = leg.quote.mid, leg.quote.quote_width
    return None if mid is None or width is None or mid.amount <= 0 else float(width) / float(mid) * 100


def _held(leg: LegAnalysis) -> int | None:
    """Who may take the other side: what is held, and what changed hands today."""
    interest = leg.quote.open_interest
    return None if interest is None else interest + (leg.quote.volume or 0)


def _quoted(leg: LegAnalysis) -> int | None:
    """Combos that the size on the side that is crossed fills."""
    size = leg.quote.ask_size if leg.leg.ratio > 0 else leg.quote.bid_size
    return None if size is None else int(size // abs(leg.leg.ratio))


def _least(figures: Sequence[int | None]) -> int | None:
    known = [each for each in figures if each is not None]
    return min(known) if known and len(known) == len(figures) else None


def _most(figures: Sequence[float | None]) -> float | None:
    known = [each for each in figures if each is not None]
    return max(known) if known and len(known) == len(figures) else None
