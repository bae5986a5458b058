"""The catalogue of strategies: the one table for building, recognising, checking levels and explaining.

A name or a trader's word finds a row; a few words stand for a row whose strikes are chosen otherwise. What
would need short stock is named here too, so that asking for it says why it cannot be had.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches

from sumppump.kernel.errors import InvalidRequest
from sumppump.strategies.families import calendars, directional, ranges, volatility
from sumppump.strategies.shape import LegShape, Shape, StrategyType

__all__ = ["CATALOGUE", "SHAPES", "LegShape", "Shape", "StrategyType", "read_shape", "read_strategy_type"]

_ROWS = (*directional.ROWS, *volatility.ROWS, *ranges.ROWS, *calendars.ROWS)
SHAPES: dict[StrategyType, Shape] = {shape.type: shape for shape in _ROWS}
CATALOGUE: tuple[Shape, ...] = tuple(SHAPES[kind] for kind in StrategyType)

_HALF_A_YEAR = 180

# Words for a row with an aim of their own: type, deltas by rising strike, days to the later expiry.
VARIANTS: dict[str, tuple[StrategyType, tuple[float, ...], int]] = {
    "poor_mans_covered_call": (StrategyType.DIAGONAL_CALL, (0.80, 0.30), _HALF_A_YEAR),
    "pmcc": (StrategyType.DIAGONAL_CALL, (0.80, 0.30), _HALF_A_YEAR),
    "poor_mans_covered_put": (StrategyType.DIAGONAL_PUT, (0.30, 0.80), _HALF_A_YEAR),
}

NEEDS_SHORT_STOCK = frozenset(
    {"covered_put", "reversal", "reverse_conversion", "protective_call", "short_collar", "short_stock"}
)

_NAMES: dict[str, Shape] = {
    name: shape for shape in CATALOGUE for name in (shape.type.value, *shape.aliases)
} | {
    name: replace(SHAPES[kind], aim=replace(SHAPES[kind].aim, deltas=deltas, far_days=days))
    for name, (kind, deltas, days) in VARIANTS.items()
}


def read_shape(text: str) -> Shape:
    """The strategy that a caller means, by its name or a trader's word for it, with the word's own aim.

    Raises:
        InvalidRequest: nothing is called so, and the nearest names are listed; or it needs short stock.
    """
    key = re.sub(r"[^a-z]+", "_", text.strip().lower().replace("'", "")).strip("_")
    if key in _NAMES:
        return _NAMES[key]
    if key in NEEDS_SHORT_STOCK:
        raise _short_stock(text)
    near = get_close_matches(key, _NAMES, n=3, cutoff=0.5)
    raise InvalidRequest(
        f"strategy_type {text!r} is not a strategy we know",
        code="unknown_strategy_type",
        expected="strategy_type: one of " + ", ".join(StrategyType),
        found=repr(text),
        next_steps=[f"Did you mean {' or '.join(near)}?"] if near else ["Choose one of the names expected."],
    )


def read_strategy_type(text: str) -> StrategyType:
    """The type of `read_shape`."""
    return read_shape(text).type


def _short_stock(text: str) -> InvalidRequest:
    return InvalidRequest(
        f"strategy_type {text!r} needs shares sold short, which SumpPump never does",
        code="short_stock",
        expected="strategy_type: a strategy without short stock, for example bear_put_spread",
        found=repr(text),
        next_steps=["Use bear_put_spread, or synthetic_short, which moves alike without shares."],
    )
