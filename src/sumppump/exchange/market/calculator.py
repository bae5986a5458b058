"""Option values under other circumstances than the market's: another price, volatility or underlying price.

The same model that prices the quotes, at this moment: dividends, rates and the style of exercise are the
listing's own.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.option_data import OptionData, greeks_rows
from sumppump.exchange.market.pricing import OptionTerms, american_prices, american_values
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.reports import Greeks

Floats = NDArray[np.float64]

LEAST_VOL, MOST_VOL = 0.001, 9.0
_HALVINGS = 60
_CLOSE_ENOUGH = 1e-6  # currency
_MOST_PRICE = 1e9


class Calculator:
    """Answers for single options."""

    def __init__(self, quoter: Quoter, options: OptionData) -> None:
        self._quoter = quoter
        self._options = options

    def at_price(self, option: Listing, price: float, spot: float, moment: Moment) -> Greeks | None:
        """Volatility and greeks at which the option is worth `price`; None if there is no such volatility."""
        terms = self._terms(option, spot, moment)
        if terms is None or not 0.0 < price < _MOST_PRICE:
            return None
        low, high = LEAST_VOL, MOST_VOL
        if not _worth(terms, low) - _CLOSE_ENOUGH <= price <= _worth(terms, high):
            return None
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if _worth(terms, middle) < price else (low, middle)
        return _greeks(terms, high, price)

    def at_volatility(self, option: Listing, vol: float, spot: float, moment: Moment) -> Greeks | None:
        """Price and greeks at this volatility per year (0.2 is 20 %); None for one that makes no sense."""
        terms = self._terms(option, spot, moment)
        if terms is None or not LEAST_VOL <= vol <= MOST_VOL:
            return None
        return _greeks(terms, vol, _worth(terms, vol))

    def _terms(self, option: Listing, spot: float, moment: Moment) -> OptionTerms | None:
        if not 0.0 < spot < _MOST_PRICE:
            return None
        steps = np.array([moment.step], dtype=np.int64)
        terms, _ = self._quoter.inputs(self._options.row((option,)), moment.session, steps)
        there = replace(terms, spot=np.full((1, 1), spot))
        return there if float(there.escrowed[0, 0]) > 0.0 else None


def _worth(terms: OptionTerms, vol: float) -> float:
    return float(american_prices(terms, np.full((1, 1), vol))[0, 0])


def _greeks(terms: OptionTerms, vol: float, price: float) -> Greeks | None:
    at = np.full((1, 1), vol)
    found = greeks_rows(terms, at, np.full((1, 1), price), american_values(terms, at))[0][0]
    numbers = (found.iv, found.delta, found.price, found.gamma, found.vega, found.theta)
    return found if all(number is not None and math.isfinite(number) for number in numbers) else None
