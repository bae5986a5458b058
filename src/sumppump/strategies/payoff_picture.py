"""A draft's payoff as a picture: curves, breakevens and the cone of prices that are likely until expiry."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal

from sumppump.domain.combo import Combo
from sumppump.domain.instruments import OptionContract
from sumppump.drawing.chart import UNSEALED, Seal
from sumppump.drawing.payoff import Cone, PayoffLine, PayoffPicture
from sumppump.kernel.money import CENT
from sumppump.strategies.drafts import Analysis, Draft
from sumppump.strategies.words import bound_words, day

CONE_NOTE = "Likely prices: lognormal around the price now, at the mean of the legs' volatilities."
_REACHES = ((1.959964, "95 % of prices"), (0.994458, "68 % of prices"))
"""Deviations on each side that hold this part of a normal distribution."""
_STEPS = 24
_DAY_S, _YEAR_S = 24 * 3600.0, 365 * 24 * 3600.0


def picture_of_draft(draft: Draft, seal: Seal = UNSEALED) -> PayoffPicture:
    """What a picture of a draft says.

    Raises:
        ValueError: it has no curves (a volatility is missing).
    """
    analysis, combo = draft.analysis, draft.combo
    cones = _cones(draft)
    return PayoffPicture(
        title=title_of(draft),
        subtitle=f"{legs_in_short(combo)}: {analysis.premium_words}",
        symbol=draft.symbol,
        lines=tuple(PayoffLine(each.label, each.prices, each.pnl) for each in analysis.payoff.curves),
        max_loss=bound_words(analysis.max_loss),
        max_profit=bound_words(analysis.max_profit),
        spot=float(draft.spot),
        breakevens=tuple(float(price) for price in analysis.breakevens),
        cones=cones,
        told=tuple(float(row.price) for row in analysis.payoff.table),
        seal=seal,
        note=CONE_NOTE if cones else "",
    )


def title_of(draft: Draft) -> str:
    """How many of what, and when they expire."""
    dates = " and ".join(day(expiry) for expiry in draft.combo.expiries)
    return f"{draft.quantity} × {draft.symbol} {draft.strategy_type.words}" + (f", {dates}" if dates else "")


def likely_at_expiry(analysis: Analysis) -> tuple[Decimal, Decimal] | None:
    """Prices that hold 68 of 100 cases at the first expiry; None where no volatility or no time is known."""
    reach, _ = _REACHES[-1]
    curves = analysis.payoff.curves
    deviation = _deviation(analysis, curves[0].at, curves[-1].at) if curves else None
    if deviation is None:
        return None
    spot = float(analysis.payoff.spot)
    low, high = (spot * math.exp(side * reach * deviation) for side in (-1, 1))
    return Decimal(low).quantize(CENT), Decimal(high).quantize(CENT)


def _deviation(analysis: Analysis, now: datetime, at: datetime) -> float | None:
    """Of the logarithm of the price until a moment, at the mean of the legs' volatilities."""
    years = (at - now).total_seconds() / _YEAR_S
    known = [part.iv for part in analysis.legs if part.iv is not None]
    return sum(known) / len(known) * math.sqrt(years) if years > 0 and known else None


def _cones(draft: Draft) -> tuple[Cone, ...]:
    """None where no volatility is known or no time is left."""
    curves, spot = draft.analysis.payoff.curves, float(draft.spot)
    last = _deviation(draft.analysis, draft.as_of, curves[-1].at) if curves else None
    if last is None:
        return ()
    parts = [step / _STEPS for step in range(_STEPS + 1)]
    days = (curves[-1].at - draft.as_of).total_seconds() / _DAY_S
    return tuple(
        Cone(
            label,
            tuple(days * part for part in parts),
            tuple(spot * math.exp(-reach * last * math.sqrt(part)) for part in parts),
            tuple(spot * math.exp(reach * last * math.sqrt(part)) for part in parts),
        )
        for reach, label in _REACHES
    )


def legs_in_short(combo: Combo) -> str:
    """Legs in short: the underlying and a common date stand in the title already."""
    several = len(combo.expiries) > 1
    parts: list[str] = []
    for leg in combo.legs:
        option, sign = leg.contract, "+" if leg.ratio > 0 else "−"
        if isinstance(option, OptionContract):
            when = f" {option.expiry.isoformat()}" if several else ""
            parts.append(f"{sign}{abs(leg.ratio)} {option.strike.normalize():f}{option.right}{when}")
        else:
            parts.append(f"{sign}{abs(leg.ratio)} shares")
    return ", ".join(parts)
