"""The market in memory: one expiry's strikes with the price, delta and width of both options at each. Pure.

Prices are those of the smile through the quoted contracts, American where the contract is, so that all of
an expiry's options fit each other; a strike outside the quoted ones has no price and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.parity import Carry
from sumppump.domain.pricing import american_prices, european_many, european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.domain.probability import Outlook
from sumppump.domain.quotes import Quote
from sumppump.domain.surface import Sighted, SmileFit
from sumppump.strategies.listing import Chain

# More strikes than this are thinned evenly.
MOST_STRIKES = 400
_STEPS = 40
_RIGHTS = (Right.CALL, Right.PUT)
# The prices at which later options are valued: so many, out to so many deviations.
_PRICES, _REACH = 121, 5.0
_LEAST_REACH, _MOST_REACH = 0.02, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One expiry; arrays of (2, strikes) hold calls, then puts.

    Attributes:
        strikes: rising, currency per share, both options listed.
        price, half_width: per share. delta: absolute, of one share. vol: per year, (strikes,).
        early: what the right to exercise before expiry is worth in the price, per share, >= 0.
        smile, carry: what they were reckoned with.
    """

    chain: Chain
    listed: tuple[Decimal, ...]
    strikes: Array
    vol: Array
    price: Array
    delta: Array
    early: Array
    half_width: Array
    smile: SmileFit
    carry: Carry

    @classmethod
    def of(cls, chain: Chain, quotes: Sequence[Quote], sighted: Sighted) -> Slice | None:
        """The slice of a chain, at most `MOST_STRIKES`; None where its quotes make no smile."""
        example = chain.any_contract
        smile = sighted.surface.smile(example)
        term = sighted.terms.get((example.expiry, example.trading_class))
        if smile is None or term is None:
            return None
        both = sorted(set(chain.strikes(Right.CALL)) & set(chain.strikes(Right.PUT)))
        inside = _thinned([each for each in both if smile.vol(float(each)) is not None])
        if not inside:
            return None
        strikes = np.array([float(each) for each in inside])
        vols, _ = smile.curve(np.log(strikes))
        carry, calls = term.carry, np.array([[True], [False]])
        rest = (strikes, carry.years, carry.rate, carry.residual_yield, vols, calls)
        held = european_prices(carry.stripped, *rest)
        prices = held
        if sighted.is_american:
            exercised = american_prices(sighted.spot, *rest, dividends=carry.cash, steps=_STEPS)
            prices = np.maximum(held, exercised)
        return cls(
            chain=chain,
            listed=tuple(inside),
            strikes=strikes,
            vol=vols,
            price=prices,
            delta=np.abs(european_many(carry.stripped, *rest).delta),
            early=prices - held,
            half_width=np.tile(_half_widths(quotes, chain, strikes), (2, 1)),
            smile=smile,
            carry=carry,
        )

    @property
    def expiry(self) -> date:
        """Expiration date in New York."""
        return self.chain.expiry

    @property
    def outlook(self) -> Outlook:
        """The market's own distribution at this expiry."""
        return Outlook(
            spot=self.carry.spot, forward=self.carry.forward, years=self.carry.years, smile=self.smile
        )

    def contract(self, place: int, right: Right) -> OptionContract:
        """The listed contract at the strike of this number."""
        return self.chain.by_key[self.listed[place], right]


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A later expiry as it looks from a nearer one; European, for the order of candidates alone.

    Attributes:
        places: for each strike of the nearer slice its number in the later one; -1 where it is not there.
        prices: of the underlying at the nearer expiry, currency per share, rising.
        worth: of the later options there at today's volatilities, (2, later strikes, prices).
    """

    slice: Slice
    places: NDArray[np.intp]
    prices: Array
    worth: Array

    @classmethod
    def of(cls, near: Slice, far: Slice) -> Later:
        """The later slice, repriced at the nearer expiry."""
        reach = min(_MOST_REACH, _REACH * near.smile.highest * math.sqrt(near.carry.years) + _LEAST_REACH)
        prices = near.carry.spot * np.exp(np.linspace(-reach, reach, _PRICES))
        where = {strike: number for number, strike in enumerate(far.listed)}
        return cls(
            slice=far,
            places=np.array([where.get(strike, -1) for strike in near.listed], dtype=np.intp),
            prices=prices,
            worth=_worth_at(prices, far, max(0.0, far.carry.years - near.carry.years)),
        )


def _worth_at(prices: Array, far: Slice, years: float) -> Array:
    """Calls by formula, puts by parity."""
    carry, strikes = far.carry, far.strikes[:, None]
    calls = european_prices(prices, strikes, years, carry.rate, carry.dividend_yield, far.vol[:, None], True)
    paid = strikes * math.exp(-carry.rate * years) - prices * math.exp(-carry.dividend_yield * years)
    return np.stack([calls, calls + paid])


def row_of(right: Right) -> int:
    """Where this right stands in the arrays of a slice."""
    return _RIGHTS.index(right)


def _thinned(strikes: Sequence[Decimal]) -> list[Decimal]:
    """Every n-th strike, so that distances stay even."""
    step = -(-len(strikes) // MOST_STRIKES) or 1
    return list(strikes[step // 2 :: step])


def _half_widths(quotes: Sequence[Quote], chain: Chain, strikes: Array) -> Array:
    """Half of ask less bid between the strikes that are quoted."""
    mine = {option.con_id: float(option.strike) for option in chain.by_key.values()}
    seen = {
        mine[quote.instrument.con_id]: 0.5 * float(quote.quote_width)
        for quote in quotes
        if quote.instrument.con_id in mine and quote.quote_width is not None
    }
    places = sorted(seen)
    return np.interp(strikes, places, [seen[place] for place in places])
