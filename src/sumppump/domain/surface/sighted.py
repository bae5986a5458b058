"""From quotes to a surface: rates and forward by parity, volatilities of the mids, smiles through them.

Only sound two-sided quotes count: with a bid above 0 that is not above the ask. At each strike the side out
of the money is taken, and both sides near it, because there the price holds the volatility best.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.missing import Missing
from sumppump.domain.parity import DOUBT, Carry, Pair, implied_carry, vols_at
from sumppump.domain.pricing import european_many
from sumppump.domain.pricing.normal import Array
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.smile import VolPoint
from sumppump.domain.surface.fitting import ExpiryQuotes
from sumppump.domain.surface.surface import Surface

# Within so many deviations of the forward both sides of a strike are taken.
_BOTH_SIDES = 0.3
_LEAST_DOUBT = 0.0025
_MOST_ERROR = 0.3
# Where parity tells nothing, dividends and rate together may be off by this a year.
_UNKNOWN_YIELD = 0.02
_LEAST_VEGA = 1e-9

Key = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One option with its mid and width, currency per share."""

    option: OptionContract
    mid: float
    width: float


@dataclass(frozen=True, slots=True)
class Term:
    """What one expiry's quotes were read with.

    Attributes:
        carry: forward, rate and dividends. is_implied: by parity; else as assumed, and `why_not` says why.
    """

    carry: Carry
    is_implied: bool
    why_not: Missing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """A surface with what it was made from.

    Attributes:
        terms: by expiry and class.
        spot: the underlying's price that it was made at. is_american: whether its options may be exercised.
        quotes: the volatilities that the smiles were fitted to, one entry an expiry and class.
    """

    surface: Surface
    terms: Mapping[Key, Term]
    spot: float
    is_american: bool
    quotes: tuple[ExpiryQuotes, ...] = ()


def terms_of(quotes: Iterable[Quote], *, spot: float, now: datetime, assume: Assumptions) -> dict[Key, Term]:
    """Rate and dividends of each expiry and class that quotes tell; arguments as `surface_of`."""
    return {
        key: _term(each, spot, years, assume)
        for key, each in _by_series(quotes).items()
        if (years := each[0].option.years(now)) > 0
    }


def surface_of(quotes: Iterable[Quote], *, spot: float, now: datetime, assume: Assumptions) -> Sighted:
    """The surface that option quotes of one underlying describe; unsound quotes are left out.

    Args:
        quotes: of any number of expiries and classes, in any order.
        spot: the underlying's price, currency per share, > 0.
        now: the exchange's time.
        assume: the way of exercise; rate and dividend yield where parity tells none.
    """
    terms: dict[Key, Term] = {}
    seen: list[ExpiryQuotes] = []
    for key, each in _by_series(quotes).items():
        years = each[0].option.years(now)
        if years > 0:
            terms[key] = _term(each, spot, years, assume)
            seen.append(_expiry(key, each, terms[key].carry, is_american=assume.is_american))
    return Sighted(
        surface=Surface.through(seen),
        terms=terms,
        spot=spot,
        is_american=assume.is_american,
        quotes=tuple(seen),
    )


def _by_series(quotes: Iterable[Quote]) -> dict[Key, list[Side]]:
    """The sound quotes of options by expiry and class."""
    sides: defaultdict[Key, list[Side]] = defaultdict(list)
    for quote in quotes:
        if isinstance(quote.instrument, OptionContract) and (side := _side(quote, quote.instrument)):
            sides[side.option.expiry, side.option.trading_class].append(side)
    return sides


def is_sound(quote: Quote) -> bool:
    """Whether a quote's mid may be reckoned with: two-sided, with a bid, not crossed, not stale."""
    if quote.mid is None or quote.is_crossed or quote.is_stale:
        return False
    return quote.bid is not None and quote.bid.amount > 0


def _side(quote: Quote, option: OptionContract) -> Side | None:
    mid, width = quote.mid, quote.quote_width
    if mid is None or width is None or not is_sound(quote):
        return None
    return Side(option, float(mid), float(width))


def _term(sides: Sequence[Side], spot: float, years: float, assume: Assumptions) -> Term:
    found = implied_carry(
        _pairs(sides), spot=spot, years=years, rate=assume.rate, is_american=assume.is_american
    )
    if isinstance(found, Carry):
        return Term(found, is_implied=True)
    carry = Carry(
        years=years,
        spot=spot,
        forward=spot * math.exp((assume.rate - assume.dividend_yield) * years),
        forward_error=spot * _UNKNOWN_YIELD * years,
        rate=assume.rate,
        rate_error=None,
        dividend_yield=assume.dividend_yield,
        pairs=0,
    )
    return Term(carry, is_implied=False, why_not=found)


def _pairs(sides: Sequence[Side]) -> list[Pair]:
    calls = {each.option.strike: each for each in sides if each.option.right is Right.CALL}
    puts = {each.option.strike: each for each in sides if each.option.right is Right.PUT}
    return [
        Pair(float(strike), calls[strike].mid, puts[strike].mid, calls[strike].width + puts[strike].width)
        for strike in sorted(calls.keys() & puts.keys())
    ]


def _expiry(key: Key, sides: Sequence[Side], carry: Carry, *, is_american: bool) -> ExpiryQuotes:
    """The volatilities of the mids that tell them best."""
    prices = np.array([each.mid for each in sides])
    strikes = np.array([float(each.option.strike) for each in sides])
    calls = np.array([each.option.right is Right.CALL for each in sides])
    chosen = _telling(strikes, calls, prices, carry)
    prices, strikes, calls = prices[chosen], strikes[chosen], calls[chosen]
    vols = vols_at(prices, strikes, calls, carry, is_american=is_american)
    inputs = (carry.spot, strikes, carry.years, carry.rate, carry.dividend_yield)
    values = european_many(*inputs, np.where(np.isnan(vols), 0.0, vols), calls)
    widths = np.array([each.width for each in sides])[chosen]
    doubt = np.hypot(np.maximum(DOUBT * widths, _LEAST_DOUBT), values.delta * carry.forward_error)
    errors = doubt / np.maximum(100.0 * values.vega, _LEAST_VEGA)
    points = zip(strikes.tolist(), vols.tolist(), errors.tolist(), strict=True)
    return ExpiryQuotes(
        expiry=key[0],
        trading_class=key[1],
        years=carry.years,
        forward=carry.forward,
        points=tuple(VolPoint(*each) for each in points if each[1] > 0 and each[2] < _MOST_ERROR),
    )


def _telling(strikes: Array, calls: NDArray[np.bool_], prices: Array, carry: Carry) -> NDArray[np.intp]:
    """Which sides are out of the money, near it, or the only one of their strike and not far in it."""
    places = np.log(strikes / carry.forward)
    nearest = int(np.argmin(np.abs(places)))
    worth = (carry.spot - strikes[nearest]) * (1.0 if calls[nearest] else -1.0)
    # An option at the money costs 0.4 deviations.
    deviation = 2.5 * (prices[nearest] - max(0.0, worth)) / carry.spot
    reach = _BOTH_SIDES * max(deviation, 1e-6)
    is_out = np.where(calls, places >= -reach, places <= reach)
    is_alone = np.array([not is_out[strikes == strike].any() for strike in strikes])
    return np.flatnonzero(is_out | (is_alone & (np.abs(places) <= 4.0 * reach)))
