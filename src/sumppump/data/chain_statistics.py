"""What a chain says as a whole: ratios, volatility at the money, expected move, skew. Pure, from rows.

A figure that the rows do not carry is None, and `missing` says why; nothing is extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from sumppump.data.series import Series, all_series, series_of
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.quotes import Quote
from sumppump.kernel.money import Premium

SKEW_DELTA = 0.25
# Nobody can hold the index: what is optioned is its future, which may stand far from it.
WITHOUT_A_SPOT = frozenset({"VIX"})


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One option of a chain with its quote; Greeks and their source are the quote's.

    Attributes:
        is_asked: whether the market was asked; else only the fitted smile speaks.
    """

    contract: OptionContract
    quote: Quote
    is_asked: bool = True

    @property
    def iv(self) -> float | None:
        """Per year, 0.23 is 23 %."""
        return None if self.quote.greeks is None else self.quote.greeks.iv

    @property
    def delta(self) -> float | None:
        """Per share of the contract itself."""
        return None if self.quote.greeks is None else self.quote.greeks.delta


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStatistics:
    """Sums and shapes over the contracts that were quoted, `contracts` in number.

    Attributes:
        put_call_ratio_volume, put_call_ratio_open_interest: puts divided by calls.
        total_volume, total_open_interest: contracts.
        series: the nearest one; every figure from atm_iv on is for it.
        atm_iv: per year, mean of call and put at the strike nearest the money.
        iv_by_expiry: the same for every series, by expiry, then class.
        expected_move: one standard deviation to the expiry, currency per share: spot x IV x sqrt(years).
        expected_move_pct: of the spot, percent.
        expected_move_straddle: what the market charges for a move: mid of call and put at the strike
            nearest the money, per share.
        forward: where the spot is not what is optioned, the series' own forward by parity, which then stands
            for the spot in all of these; else None.
        skew: volatility points, 25-delta put minus 25-delta call.
        max_pain: the strike at which these contracts' holders together would receive least at expiry, by open
            interest. It describes who holds what and forecasts nothing.
        missing: (name, reason) of every figure that is None.
    """

    contracts: int
    put_call_ratio_volume: float | None
    put_call_ratio_open_interest: float | None
    total_volume: int | None
    total_open_interest: int | None
    series: Series | None
    atm_iv: float | None
    iv_by_expiry: tuple[tuple[Series, float | None], ...]
    expected_move: float | None
    expected_move_pct: float | None
    expected_move_straddle: Premium | None
    skew: float | None
    max_pain: float | None
    forward: float | None = None
    missing: tuple[tuple[str, str], ...] = ()


def statistics(
    rows: Sequence[ChainRow], *, spot: float, now: datetime, also: Sequence[ChainRow] = ()
) -> ChainStatistics:
    """Statistics of the rows.

    Args:
        rows: any number, of any series.
        also: further rows for volatilities and skew alone; sums and ratios are over `rows`.
        spot: the underlying's price, > 0.
        now: the exchange's time, for the years to expiry.
    """
    shape = [*rows, *also]
    series = all_series(row.contract for row in shape)
    near = _of(shape, series[0]) if series else []
    forward = own_forward(near)
    money = forward or spot
    atm_iv = at_the_money_iv(near, money)
    years = near[0].contract.years(now) if near else 0.0
    move = None if atm_iv is None or years <= 0 else money * atm_iv * math.sqrt(years)
    found = ChainStatistics(
        contracts=len(rows),
        put_call_ratio_volume=_ratio(rows, lambda quote: quote.volume),
        put_call_ratio_open_interest=_ratio(rows, lambda quote: quote.open_interest),
        total_volume=_total(rows, lambda quote: quote.volume),
        total_open_interest=_total(rows, lambda quote: quote.open_interest),
        series=series[0] if series else None,
        atm_iv=atm_iv,
        iv_by_expiry=tuple((each, _level(_of(shape, each), spot)) for each in series),
        expected_move=move,
        expected_move_pct=None if move is None else move / money * 100,
        expected_move_straddle=straddle(near, money),
        skew=skew(near),
        max_pain=max_pain(_of(rows, series[0]) if series else []),
        forward=forward,
    )
    missing = tuple((name, reason) for name, reason in _REASONS.items() if getattr(found, name) is None)
    return replace(found, missing=missing)


_REASONS = {
    "put_call_ratio_volume": "calls without volume among these contracts",
    "put_call_ratio_open_interest": "calls without open interest among these contracts",
    "total_volume": "none of these contracts told its volume",
    "total_open_interest": "none of these contracts told its open interest",
    "atm_iv": "no implied volatility at the strike nearest the money",
    "expected_move": "it needs the volatility at the money and time to expiry",
    "expected_move_pct": "it needs the volatility at the money and time to expiry",
    "expected_move_straddle": "no bid and ask of both call and put at the strike nearest the money",
    "skew": "no quotes on both sides of 25 delta for puts and for calls",
    "max_pain": "it needs the open interest of calls and puts on both sides of it",
}


def _of(rows: Sequence[ChainRow], series: Series) -> list[ChainRow]:
    return [row for row in rows if series_of(row.contract) == series]


def _level(rows: Sequence[ChainRow], spot: float) -> float | None:
    return at_the_money_iv(rows, own_forward(rows) or spot)


def own_forward(rows: Sequence[ChainRow]) -> float | None:
    """Strike plus call less put where they differ least, of one series without a spot; else None.

    Discounting is left out: near the forward it moves nothing by a tenth of a strike's distance.
    """
    mids = {
        (row.contract.strike, row.contract.right): float(row.quote.mid)
        for row in rows
        if row.contract.symbol in WITHOUT_A_SPOT and row.quote.mid is not None
    }
    gaps = {
        strike: call - mids[strike, Right.PUT]
        for (strike, right), call in mids.items()
        if right is Right.CALL and (strike, Right.PUT) in mids
    }
    if not gaps:
        return None
    middle = min(gaps, key=lambda strike: (abs(gaps[strike]), strike))
    return float(middle) + gaps[middle]


def max_pain(rows: Sequence[ChainRow]) -> float | None:
    """The strike at which all holders of these contracts together would receive least, by open interest.

    None without open interest of both rights, and where it is the outermost strike: it may lie beyond. Of
    several the lowest.
    """
    known = [row for row in rows if row.quote.open_interest is not None]
    if {row.contract.right for row in known} != set(Right):
        return None
    strikes = np.array([float(row.contract.strike) for row in known])
    held = np.array([float(row.quote.open_interest or 0) for row in known])
    sign = np.array([1.0 if row.contract.right is Right.CALL else -1.0 for row in known])
    places = np.unique(strikes)
    received = (np.maximum(sign * (places[:, None] - strikes), 0.0) * held).sum(axis=1)
    least = int(np.argmin(received))
    return float(places[least]) if 0 < least < len(places) - 1 and held.any() else None


def _total(rows: Sequence[ChainRow], number: Callable[[Quote], int | None]) -> int | None:
    known = [value for row in rows if (value := number(row.quote)) is not None]
    return sum(known) if known else None


def _ratio(rows: Sequence[ChainRow], number: Callable[[Quote], int | None]) -> float | None:
    puts = _total([row for row in rows if row.contract.right is Right.PUT], number)
    calls = _total([row for row in rows if row.contract.right is Right.CALL], number)
    return None if puts is None or not calls else puts / calls


def _nearest_the_money(rows: Sequence[ChainRow], spot: float) -> list[ChainRow]:
    """All rows at the strike nearest the spot, the lower one of two equally near."""
    if not rows:
        return []
    strike = min((row.contract.strike for row in rows), key=lambda each: (abs(float(each) - spot), each))
    return [row for row in rows if row.contract.strike == strike]


def at_the_money_iv(rows: Sequence[ChainRow], spot: float) -> float | None:
    """Mean volatility of call and put at the strike nearest the money; of one where the other has none."""
    found = [row.iv for row in _nearest_the_money(rows, spot) if row.iv is not None]
    return sum(found) / len(found) if found else None


def straddle(rows: Sequence[ChainRow], spot: float) -> Premium | None:
    """Mid of call plus mid of put at the strike nearest the money, per share."""
    mids = {row.contract.right: row.quote.mid for row in _nearest_the_money(rows, spot)}
    call, put = mids.get(Right.CALL), mids.get(Right.PUT)
    return None if call is None or put is None else call + put


def skew(rows: Sequence[ChainRow]) -> float | None:
    """Volatility points by which the 25-delta put is dearer than the 25-delta call."""
    put, call = (iv_at_delta(rows, right, SKEW_DELTA) for right in (Right.PUT, Right.CALL))
    return None if put is None or call is None else (put - call) * 100


def iv_at_delta(rows: Sequence[ChainRow], right: Right, delta: float) -> float | None:
    """Volatility at an absolute delta, straight between the two nearest rows around it; else None."""
    points = sorted(
        (abs(row.delta), row.iv)
        for row in rows
        if row.contract.right is right and row.delta is not None and row.iv is not None
    )
    below = [point for point in points if point[0] <= delta]
    above = [point for point in points if point[0] >= delta]
    if not below or not above:
        return None
    (low, low_iv), (high, high_iv) = below[-1], above[0]
    return low_iv if high == low else low_iv + (high_iv - low_iv) * (delta - low) / (high - low)
