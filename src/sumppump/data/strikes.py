"""Which contracts of the listed ones are worth asking the market about. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import NamedTuple

import numpy as np

from sumppump.data.chain_request import ChainRequest
from sumppump.data.series import Series, by_series, series_of
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.pricing import european_many
from sumppump.domain.revaluation import Assumptions

# What a bent smile makes a straight one wrong by, in delta; more than this is not asked for. Over years the
# rate and the dividends that are assumed for the estimate add to it.
DELTA_SLACK, SLACK_A_YEAR = 0.03, 0.025
LEAST_VOL = 0.03
# Contracts quoted on the wire for the smiles of one answer, and the least of one series.
MOST_PROBES, LEAST_PROBES = 90, 8
# Strikes about the money where call and put are both quoted: parity needs them.
BOTH_SIDES = 4
# Estimated deltas between which the true 25-delta contract lies, whatever the smile.
WING_DELTAS = (0.15, 0.20, 0.25, 0.30, 0.35)


def at_the_money(contracts: Sequence[OptionContract], spot: Decimal) -> tuple[OptionContract, ...]:
    """Call and put of each series at the strike nearest the spot (the lower of two)."""
    found: list[OptionContract] = []
    for here in by_series(contracts).values():
        strike = nearest_strike([each.strike for each in here], spot)
        found += [each for each in here if each.strike == strike]
    return tuple(found)


def nearest_strike(strikes: Sequence[Decimal], spot: Decimal) -> Decimal:
    """The strike nearest the spot, the lower of two equally near."""
    return min(strikes, key=lambda strike: (abs(strike - spot), strike))


def candidates(
    contracts: Sequence[OptionContract], request: ChainRequest, spot: Decimal
) -> tuple[OptionContract, ...]:
    """The contracts inside the strikes and the right asked for, nearest the money first.

    Equally near ones come by series, then strike, call before put, so that the order is one and the same
    for the same spot.
    """
    kept: list[OptionContract] = []
    for here in by_series(contracts).values():
        strikes = _strikes(sorted({each.strike for each in here}), request, spot)
        kept += [each for each in here if each.strike in strikes and request.right in (None, each.right)]
    return tuple(
        sorted(kept, key=lambda each: (abs(each.strike - spot), series_of(each), each.strike, each.right))
    )


def _strikes(listed: Sequence[Decimal], request: ChainRequest, spot: Decimal) -> set[Decimal]:
    kept = set(listed)
    if request.around is not None:
        middle = listed.index(nearest_strike(listed, spot))
        kept &= set(listed[max(0, middle - request.around) : middle + request.around + 1])
    if request.strike_range_pct is not None:
        reach = spot * Decimal(str(request.strike_range_pct)) / 100
        kept &= {strike for strike in listed if abs(strike - spot) <= reach}
    return kept


def _slope(level: float, points: Sequence[tuple[float, float]]) -> float:
    weight = sum(x * x for x, _ in points)
    return sum(x * (vol - level) for x, vol in points) / weight if weight > 0 else 0.0


class Smile(NamedTuple):
    """Volatility that is straight in ln(strike) on each side of the money: numbers that a cursor can carry.

    Attributes:
        level: at the money, basis points of volatility.
        slope: below the money, per unit of ln(strike / spot), likewise; upper: above it.
    """

    level: int
    slope: int = 0
    upper: int = 0

    def vol(self, strike: Decimal, spot: Decimal) -> float:
        """Per year, never under 3 %."""
        place = math.log(strike / spot)
        return max(LEAST_VOL, (self.level + (self.upper if place > 0 else self.slope) * place) / 10_000)

    @classmethod
    def through(cls, level: float, points: Sequence[tuple[float, float]]) -> Smile:
        """The smile through the money nearest to points (ln(strike / spot), volatility) of each side.

        A side without points goes straight on from the other.
        """
        below, above = [p for p in points if p[0] < 0], [p for p in points if p[0] > 0]
        slopes = (_slope(level, below or above), _slope(level, above or below))
        return cls(round(level * 10_000), *(round(slope * 10_000) for slope in slopes))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What deltas are estimated from: the same numbers give the same order of contracts on every page.

    Attributes:
        spot: the underlying's price. at: exchange time.
        smiles: per series; those without one are left out.
    """

    spot: Decimal
    at: datetime
    smiles: Mapping[Series, Smile]
    assume: Assumptions

    def deltas(self, contracts: Sequence[OptionContract]) -> dict[int, float]:
        """Absolute deltas by con_id, for the contracts whose series has a smile."""
        known = [each for each in contracts if series_of(each) in self.smiles]
        if not known:
            return {}
        values = european_many(
            float(self.spot),
            np.array([float(each.strike) for each in known]),
            np.array([max(each.years(self.at), 1e-6) for each in known]),
            self.assume.rate,
            self.assume.dividend_yield,
            np.array([self.smiles[series_of(each)].vol(each.strike, self.spot) for each in known]),
            np.array([each.right is Right.CALL for each in known]),
        )
        return {each.con_id: abs(float(size)) for each, size in zip(known, values.delta, strict=True)}


def near_delta(
    contracts: Sequence[OptionContract], request: ChainRequest, estimate: Estimate
) -> tuple[OptionContract, ...]:
    """Those whose delta may lie in the range asked, the likely ones first and of these the nearest expiry.

    Contracts of a series without a smile are all kept: only their own quotes can tell.
    """
    least, most = request.delta_range
    low, high = least or 0.0, 1.0 if most is None else most
    deltas = estimate.deltas(contracts)

    def outside(each: OptionContract) -> float:
        size = deltas.get(each.con_id, low)
        return max(low - size, size - high, 0.0)

    kept = [
        each for each in contracts if outside(each) <= DELTA_SLACK + SLACK_A_YEAR * each.years(estimate.at)
    ]
    # By expiry, so that a page holds the whole range of a day and not of every day the end nearest the money.
    return tuple(sorted(kept, key=lambda each: (outside(each), each.expiry)))


def wings(
    contracts: Sequence[OptionContract], estimate: Estimate, targets: Sequence[float] = WING_DELTAS
) -> tuple[OptionContract, ...]:
    """Per series and right the contracts whose deltas are nearest the targets, each once."""
    deltas = estimate.deltas(contracts)
    found: dict[int, OptionContract] = {}
    for here, right in product(by_series(contracts).values(), Right):
        known = [each for each in here if each.right is right and each.con_id in deltas]
        for target in targets if known else ():
            best = min(known, key=lambda each: abs(deltas[each.con_id] - target))
            found[best.con_id] = best
    return tuple(found.values())


def out_of_the_money(contracts: Sequence[OptionContract], spot: Decimal) -> list[OptionContract]:
    """Calls above the spot and puts below it; every 25-delta option is one."""
    return [each for each in contracts if (each.right is Right.CALL) == (each.strike > spot)]


def probes(
    contracts: Sequence[OptionContract], page: Sequence[OptionContract], spot: Decimal
) -> tuple[OptionContract, ...]:
    """What to quote so that the smiles through it reach every strike of the page, nearest the money first."""
    pages = by_series(page)
    each = max(LEAST_PROBES, MOST_PROBES // max(1, len(pages)))
    found: list[OptionContract] = []
    for series, here in by_series(contracts).items():
        strikes = {option.strike for option in pages.get(series, ())}
        found += _probes([option for option in here if option.strike in strikes], spot, each)
    return tuple(
        sorted(found, key=lambda option: (abs(option.strike - spot), series_of(option), option.right))
    )


def _probes(here: Sequence[OptionContract], spot: Decimal, count: int) -> list[OptionContract]:
    """Both sides about the money, then the side out of the money, evenly out to the last strike."""
    near = set(sorted({each.strike for each in here}, key=lambda strike: abs(strike - spot))[:BOTH_SIDES])
    both = [each for each in here if each.strike in near]
    out = sorted(
        (
            each
            for each in here
            if each.strike not in near and (each.right is Right.CALL) == (each.strike > spot)
        ),
        key=lambda each: each.strike,
    )
    places = np.unique(np.linspace(0, len(out) - 1, max(2, count - len(both))).round().astype(int))
    return [*both, *(out[place] for place in places if out)]
