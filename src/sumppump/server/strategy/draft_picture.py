"""A draft as a picture: its payoff, or its Greeks over the price of the underlying."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sumppump.domain.order_greeks import greeks_over
from sumppump.drawing.chart import Axis, Chart, Picture, Seal
from sumppump.drawing.payoff import payoff_chart
from sumppump.drawing.subjects import greeks_chart
from sumppump.server.desk import Desk
from sumppump.server.pictures import Sketch, seal_of, sketch
from sumppump.strategies.drafts import Draft
from sumppump.strategies.payoff_picture import legs_in_short, picture_of_draft, title_of

PAYOFF, GREEKS = "payoff", "greeks"
UNITS = {
    "delta": "delta, shares",
    "gamma": "gamma, shares per $1",
    "theta": "theta, $ a day",
    "vega": "vega, $ per vol point",
}
_POINTS = 81
_NOTE = "Our own reprice at the legs' volatilities; the answer's Greeks are the broker's where it gives them."
# What the picture shows, or makes plain.
_DRAWN = frozenset({"payoff", "probability_of_touch", "explanation"})


def draft_sketch(desk: Desk, draft: Draft, kind: str) -> Sketch | None:
    """The picture of a kind of `KINDS`; None where a volatility is missing."""
    if not draft.analysis.payoff.curves:
        return None
    seal = seal_of(desk, draft.as_of)
    return sketch(f"{kind}-{draft.strategy_id}", lambda: KINDS[kind](draft, seal), _DRAWN)


def payoff_of_draft(draft: Draft, seal: Seal) -> Chart:
    """Today, half-way and at expiry, and the cone of likely prices."""
    return payoff_chart(picture_of_draft(draft, seal))


def greeks_of_draft(draft: Draft, seal: Seal) -> Chart:
    """Greeks of the whole order now, over the prices of its payoff."""
    curve = draft.analysis.payoff.curves[-1]
    prices = np.linspace(curve.prices[0], curve.prices[-1], _POINTS)
    found = greeks_over(draft.value, prices, draft.as_of)
    spot = float(draft.spot)
    return greeks_chart(
        f"{title_of(draft)}: Greeks",
        Axis(f"{draft.symbol} price in $"),
        prices.tolist(),
        {name: values.tolist() for name, values in found.items()},
        units=UNITS,
        now=spot,
        now_words=f"{draft.symbol} now {spot:,.2f}",
        seal=seal,
        subtitle=f"{legs_in_short(draft.combo)}: of the whole order now, at each price",
        note=_NOTE,
    )


KINDS: dict[str, Callable[[Draft, Seal], Picture]] = {PAYOFF: payoff_of_draft, GREEKS: greeks_of_draft}
