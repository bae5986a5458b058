"""One binomial tree for many contracts at once: Black-Scholes at its last step but one, then rolled back.

The smoothing is M. Broadie's and J. Detemple's ("American Option Valuation", 1996). Nodes are rows and
contracts columns, so that every operation runs along the contracts. The nodes carry the drift, so that the
weight of "up" lies between 0 and 1 for every input. Values are kept relative to the middle of their level, by
which the stock is the same few numbers on every second level, and a step back is five operations. The tree
starts two steps before now, so that three of its nodes stand at the present: their middle is the price, their
differences delta and gamma.

Escrowed dividends: the stock less the present value of its dividends until expiry does the moving, and an
early exercise is paid in the whole stock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.contracts import Contracts
from sumppump.domain.pricing.dividends import CashDividends
from sumppump.domain.pricing.european import european_prices
from sumppump.domain.pricing.normal import Array, normal_cdf, normal_density

# European prices at the last level are asked for this many nodes about the strike; the rest is certain.
_BAND = 9
_ALREADY = 1e-12
# Deviations beyond which a choice is no choice.
_SURELY = 7.0
# Steps that a call's choice before a dividend stays away from a level: nearer, its kink would show.
_LEAD = 0.3


@dataclass(frozen=True, slots=True)
class _Tree:
    """Everything that does not change from level to level; columns are contracts.

    Attributes:
        step: years between levels; jump: of the stock's logarithm from node to node, up or down.
        middle: of a level, relative to now.
        strike_at: signed strike less the dividends still to come, by level, relative to the level's middle.
        stock: signed stock by node, relative likewise; for even and for odd levels.
        up: what "up" weighs against "down"; weight: of "down", discounted and relative.
    """

    part: Contracts
    dividends: CashDividends
    step: Array
    jump: Array
    middle: Array
    strike_at: Array
    stock: list[Array]
    up: Array
    weight: Array

    def stock_on(self, level: int) -> Array:
        """Signed stock at the nodes of a level, lowest first."""
        grid = self.stock[level % 2]
        idle = (len(grid) - level - 3) // 2
        return grid[idle : len(grid) - idle]


def roll_back(part: Contracts, escrow: Array, dividends: CashDividends, steps: int) -> Array:
    """Price, delta and gamma of every contract, as three rows.

    Args:
        part: contracts with time and volatility left.
        escrow: the stock less its dividends' present value.
        dividends: of these contracts.
        steps: of the tree, at least 4.
    """
    tree = _planted(part, escrow, dividends, steps)
    payments = _payments(tree, steps)
    last = steps - 1
    value = _last_but_one(tree, last)
    spare, exercised = np.empty_like(value), np.empty_like(value)
    for level in range(last, -1, -1):
        if level < last:
            value, spare = spare[: level + 3], value
            np.multiply(spare[1:], tree.up, out=value)
            value += spare[:-1]
            value *= tree.weight
        for number, columns in payments.get(level, ()):
            value[:, columns] = _with_payment(tree, level, number, columns, value[:, columns])
        now = np.subtract(tree.stock_on(level), tree.strike_at[level], out=exercised[: level + 3])
        np.maximum(value, now, out=value)
    return _slopes(escrow, tree.jump, value)


def _planted(part: Contracts, escrow: Array, dividends: CashDividends, steps: int) -> _Tree:
    step = part.years / steps
    jump = part.vol * np.sqrt(step)
    growth = (part.rate - part.carry) * step
    levels = np.arange(steps)[:, None]
    middle = np.exp(growth * levels)
    owed = part.strike - dividends.worth(part.rate, step * levels) if dividends else part.strike
    signed = part.sign * escrow
    # The outermost nodes of the two kinds of level.
    edges = [steps + 1 - (steps + 1 - parity) % 2 for parity in (0, 1)]
    return _Tree(
        part=part,
        dividends=dividends,
        step=step,
        jump=jump,
        middle=middle,
        strike_at=part.sign * owed / middle,
        stock=[signed * np.exp(jump * np.arange(-edge, edge + 1, 2)[:, None]) for edge in edges],
        up=np.exp(-jump),
        weight=np.exp(-part.carry * step) / (1.0 + np.exp(-jump)),
    )


def _last_but_one(tree: _Tree, last: int) -> Array:
    """European prices one step before expiry."""
    part, stock, middle = tree.part, tree.stock_on(last), tree.middle[last]
    owed = part.sign * part.strike * np.exp(-part.rate * tree.step) / middle
    value: Array = np.maximum(stock * np.exp(-part.carry * tree.step) - owed, 0.0)
    with np.errstate(over="ignore"):
        away = np.log(np.abs(owed / stock[0])) / tree.jump
    nearest = np.clip(0.5 * away, -_BAND, len(stock) + _BAND).astype(np.intp)
    band = np.clip(nearest + np.arange(-(_BAND // 2), _BAND // 2 + 1)[:, None], 0, len(stock) - 1)
    columns = np.arange(len(part))
    nodes = np.abs(stock[band, columns]) * middle
    value[band, columns] = (
        european_prices(nodes, part.strike, tree.step, part.rate, part.carry, part.vol, part.call) / middle
    )
    return value


def _payments(tree: _Tree, steps: int) -> dict[int, list[tuple[int, NDArray[np.intp]]]]:
    """For each level the dividends whose choice is made on it, and the contracts that are paid them."""
    found: dict[int, list[tuple[int, NDArray[np.intp]]]] = {}
    for number, (when, cash) in enumerate(zip(tree.dividends.when, tree.dividends.cash, strict=True)):
        paid = np.flatnonzero(cash)
        place = when[paid] / tree.step[paid]
        before = np.floor(place - np.where(tree.part.call[paid], _LEAD, 0.0))
        before = np.clip(before, 0, steps - 1).astype(np.intp)
        # On a level between, the choice at the date covers the one there.
        between = place > before + 1 + _ALREADY
        tree.strike_at[before[between] + 1, paid[between]] = np.inf
        for level in np.unique(before):
            found.setdefault(int(level), []).append((number, paid[before == level]))
    return found


def _with_payment(tree: _Tree, level: int, number: int, columns: NDArray[np.intp], value: Array) -> Array:
    """Values with the choice to exercise a call just before a dividend, or a put just after it.

    The date lies between two levels, on which that choice has a kink; so what it gains is taken as normal
    at the date, with the mean it has now and a deviation from its slope.
    """
    part, dividends, step = tree.part.rows(columns), tree.dividends.rows(columns), tree.step[columns]
    when = tree.dividends.when[number, columns]
    wait = np.maximum(when - level * step, 0.0)
    owed = part.strike - dividends.worth(part.rate, when, with_this=part.call)
    exercised = tree.stock_on(level)[:, columns] * np.exp(-part.carry * wait)
    exercised -= part.sign * owed * np.exp(-part.rate * wait) / tree.middle[level, columns]
    gain = exercised - value
    deviation = np.abs(np.gradient(gain, axis=0)) * (0.5 * np.sqrt(wait / step))
    near = np.abs(gain) < _SURELY * deviation
    mean, spread = gain[near], deviation[near]
    better = np.maximum(gain, 0.0)
    better[near] = mean * normal_cdf(mean / spread) + spread * normal_density(mean / spread)
    choice: Array = value + better
    return choice


def _slopes(escrow: Array, jump: Array, value: Array) -> Array:
    """Value and its first two derivatives at the middle of three unevenly spaced nodes."""
    low, high = escrow * -np.expm1(-2.0 * jump), escrow * np.expm1(2.0 * jump)
    before, after = (value[1] - value[0]) / low, (value[2] - value[1]) / high
    delta = (low * after + high * before) / (low + high)
    return np.stack([value[1], delta, 2.0 * (after - before) / (low + high)])
