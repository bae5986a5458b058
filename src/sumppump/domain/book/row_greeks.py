"""The Greeks of every row of a book under shocks, by the kernels that also price it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sumppump.domain.book.repricing import STEPS, Cells, cells_of, kinds, shifted_vols
from sumppump.domain.book.rows import Book
from sumppump.domain.book.scenarios import Shocks
from sumppump.domain.pricing import OptionValues, american_many, european_many
from sumppump.domain.pricing.normal import Array

_NAMES = ("delta", "gamma", "theta", "vega")


@dataclass(frozen=True, slots=True)
class RowGreeks:
    """Per share of each row, (scenarios, rows): a share has a delta of 1 and nothing else.

    Attributes:
        delta: per 1 currency of the underlying. gamma: change of delta per 1 currency.
        theta: currency per calendar day, the coming dividends held (as IBKR). vega: currency per point.
    """

    delta: Array
    gamma: Array
    theta: Array
    vega: Array


def row_greeks(book: Book, shocks: Shocks, *, steps: int = STEPS) -> RowGreeks:
    """Greeks of every row under shocks.

    Args:
        book: what is held.
        shocks: a few; nothing is cut into portions.
        steps: of the American trees.
    """
    found = np.zeros((len(_NAMES), len(shocks), len(book)))
    found[0, :, len(book.options) :] = 1.0
    vols = shifted_vols(book, shocks)
    for places, is_american in kinds(book.options):
        cells = cells_of(book, shocks, vols, places)
        values = _american(cells, steps) if is_american else _european(cells)
        found[:, :, places] = [getattr(values, name) for name in _NAMES]
    return RowGreeks(*found)


def _european(cells: Cells) -> OptionValues:
    rows = cells.rows
    return european_many(cells.left, rows.strike, cells.years, rows.rate, rows.carry, cells.vol, rows.call)


def _american(cells: Cells, steps: int) -> OptionValues:
    rows = cells.rows
    inputs = (cells.spot, rows.strike, cells.years, rows.rate, rows.carry, cells.vol, rows.call)
    return american_many(*inputs, dividends=cells.dividends, steps=steps)
