"""The market in memory: one expiry's strikes with the price, delta and width of both options at each. Pure.

Prices are those of the smile through the quoted contracts, American where the contract is, so that all of
an expiry's options fit each other; a strike outside the quoted ones has no price and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.parity import Carry
from sumppump.domain.pricing import american_prices, european_many, european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.domain.probability import Outlook
from sumppump.domain.quotes import Quote
from sumppump.domain.smile import Smile
from sumppump.domain.surface import Sighted, SmileFit
from sumppump.strategies.listing import Chain

# More strikes than this are thinned evenly: candidates grow with their fourth power.
MOST_STRIKES = 64
_STEPS = 40
_RIGHTS = (Right.CALL, Right.PUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One expiry; arrays of (2, strikes) hold calls, then puts.

    Attributes:
        strikes: rising, currency per share, both options listed.
        price, half_width: per share. delta: absolute, of one share. vol: per year, (strikes,).
        smile, carry: what they were reckoned with.
    """

    chain: Chain
    listed: tuple[Decimal, ...]
    strikes: Array
    vol: Array
    price: Array
    delta: Array
    half_width: Array
    smile: SmileFit
    carry: Carry

    @classmethod
    def of(
        cls, chain: Chain, quotes: Sequence[Quote], sighted: Sighted, *, most: int = MOST_STRIKES
    ) -> Slice | None:
        """The slice of a chain, at most so many strikes; None where its quotes make no smile."""
        example = chain.any_contract
        smile = sighted.surface.smile(example)
        term = sighted.terms.get((example.expiry, example.trading_class))
        if smile is None or term is None:
            return None
        both = sorted(set(chain.strikes(Right.CALL)) & set(chain.strikes(Right.PUT)))
        inside = _thinned([each for each in both if smile.vol(float(each)) is not None], most)
        if not inside:
            return None
        strikes = np.array([float(each) for each in inside])
        vols, _ = smile.curve(np.log(strikes))
        carry, calls = term.carry, np.array([[True], [False]])
        inputs = (sighted.spot, strikes, carry.years, carry.rate, carry.dividend_yield, vols, calls)
        prices = american_prices(*inputs, steps=_STEPS) if sighted.is_american else european_prices(*inputs)
        return cls(
            chain=chain,
            listed=tuple(inside),
            strikes=strikes,
            vol=vols,
            price=prices,
            delta=np.abs(european_many(*inputs).delta),
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

    def lognormal(self, vol: float) -> Outlook:
        """The distribution with the market's forward and another volatility."""
        return replace(self.outlook, smile=Smile.flat(vol))

    def worth_at(self, prices: Array, later: Slice) -> Array:
        """What `later`'s options are worth at this expiry where the underlying stands at `prices`.

        Shape (2, strikes, prices), at the volatilities of today; European, for the order of candidates alone.
        """
        carry, calls = later.carry, np.array([True, False])[:, None, None]
        years = max(0.0, carry.years - self.carry.years)
        grid, strikes, vols = prices[None, None, :], later.strikes[None, :, None], later.vol[None, :, None]
        return european_prices(grid, strikes, years, carry.rate, carry.dividend_yield, vols, calls)

    def contract(self, place: int, right: Right) -> OptionContract:
        """The listed contract at the strike of this number."""
        return self.chain.by_key[self.listed[place], right]


def row_of(right: Right) -> int:
    """Where this right stands in the arrays of a slice."""
    return _RIGHTS.index(right)


def _thinned(strikes: Sequence[Decimal], most: int) -> list[Decimal]:
    """Every n-th strike, so that distances stay even."""
    step = -(-len(strikes) // most) or 1
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
