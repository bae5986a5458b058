"""Which few contracts tell the most about a whole surface: chosen by deviations from the price. Pure.

At most some sixty: one expiry in detail, the others in outline, each with calls and puts at three strikes
about the money, from which parity tells the forward.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from sumppump.data.expiries import ExpiryDay, is_monthly, usual
from sumppump.data.series import all_series, series_of
from sumppump.domain.instruments import OptionContract, Right, SecType, Underlying

# Days that a term structure should have a point near to.
HORIZONS = (1, 60, 90, 180, 365)
# Places in standard deviations of the logarithm; what lies below the money is asked for as a put.
DETAILED = (-2.5, -2.0, -1.5, -1.1, -0.75, -0.35, 0.0, 0.35, 0.75, 1.1, 1.5, 2.0)
OUTLINE = (-2.0, -1.25, -0.7, -0.3, 0.0, 0.3, 0.7, 1.25)
_BOTH_SIDES = (-0.35, 0.0, 0.35)
_LEAST_DEVIATION = 0.002


def term_days(ahead: Sequence[ExpiryDay]) -> tuple[ExpiryDay, ...]:
    """The usual monthly expiry and those nearest each horizon, rising; not the one of today."""
    later = [each for each in ahead if each.dte > 0]
    if not later:
        return tuple(ahead[:1])
    found = {usual(later)} | {min(later, key=lambda each: abs(each.dte - days)) for days in HORIZONS}
    return tuple(sorted(found, key=lambda each: each.dte))


def one_class(contracts: Sequence[OptionContract], underlying: Underlying) -> list[OptionContract]:
    """Of an expiry that several classes share the one whose options end at its close, then the largest."""
    usual_name = f"{underlying.symbol}W" if underlying.sec_type is SecType.IND else underlying.symbol
    sizes = {series: sum(series_of(each) == series for each in contracts) for series in all_series(contracts)}
    if not sizes:
        return []
    best = max(sizes, key=lambda series: (series.trading_class == usual_name, sizes[series]))
    return [each for each in contracts if series_of(each) == best]


def expiring(listed: ExpiryDay, contracts: Sequence[OptionContract], today: date) -> ExpiryDay:
    """The day on which they expire; TWS lists what the opening prints settle under its last trading day."""
    if not contracts or contracts[0].expiry == listed.day:
        return listed
    day = contracts[0].expiry
    return ExpiryDay(day, (day - today).days, is_monthly(day, [day]))


def sampled(
    contracts: Sequence[OptionContract], *, spot: float, vol: float, now: datetime, is_detailed: bool
) -> tuple[OptionContract, ...]:
    """The contracts of one series that are worth a question, by strike, call before put.

    Args:
        contracts: all of the series.
        spot: currency per share.
        vol: a guess, per year.
        now: exchange time.
        is_detailed: whether this is the expiry that matters most.
    """
    if not contracts:
        return ()
    deviation = max(_LEAST_DEVIATION, vol * math.sqrt(contracts[0].years(now)))
    strikes = sorted({each.strike for each in contracts})
    wanted: set[tuple[Decimal, Right]] = set()
    for place in DETAILED if is_detailed else OUTLINE:
        wanted.add((_nearest(strikes, spot * math.exp(place * deviation)), _outside(place)))
    for place in _BOTH_SIDES:
        strike = _nearest(strikes, spot * math.exp(place * deviation))
        wanted |= {(strike, Right.CALL), (strike, Right.PUT)}
    found = [each for each in contracts if (each.strike, each.right) in wanted]
    return tuple(sorted(found, key=lambda each: (each.strike, each.right)))


def _outside(place: float) -> Right:
    """The right that is out of the money there."""
    return Right.PUT if place < 0 else Right.CALL


def _nearest(strikes: Iterable[Decimal], price: float) -> Decimal:
    return min(strikes, key=lambda strike: (abs(float(strike) - price), strike))
