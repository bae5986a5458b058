"""A draft's payoff as a picture: curves, breakevens and the cone of prices that are likely until expiry."""

from __future__ import annotations

import math

from sumppump.domain.combo import Combo
from sumppump.domain.instruments import OptionContract
from sumppump.drawing.chart import UNSEALED, Seal
from sumppump.drawing.payoff import Cone, PayoffLine, PayoffPicture
from sumppump.strategies.drafts import Draft
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
        seal=seal,
        note=CONE_NOTE if cones else "",
    )


def title_of(draft: Draft) -> str:
    """How many of what, and when they expire."""
    dates = " and ".join(day(expiry) for expiry in draft.combo.expiries)
    return f"{draft.quantity} × {draft.symbol} {draft.strategy_type.words}" + (f", {dates}" if dates else "")


def _cones(draft: Draft) -> tuple[Cone, ...]:
    """None where no volatility is known or no time is left."""
    curves = draft.analysis.payoff.curves
    left_s = (curves[-1].at - draft.as_of).total_seconds() if curves else 0.0
    known = [part.iv for part in draft.analysis.legs if part.iv is not None]
    if left_s <= 0 or not known:
        return ()
    vol, spot = sum(known) / len(known), float(draft.spot)
    moments = [left_s * step / _STEPS for step in range(_STEPS + 1)]
    days = tuple(each / _DAY_S for each in moments)
    deviations = [vol * math.sqrt(each / _YEAR_S) for each in moments]
    return tuple(
        Cone(
            label,
            days,
            tuple(spot * math.exp(-reach * each) for each in deviations),
            tuple(spot * math.exp(reach * each) for each in deviations),
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
