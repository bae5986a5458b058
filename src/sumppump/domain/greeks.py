"""Our own volatility and Greeks of one option, for where the broker gave none; labelled as computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.pricing import american, american_implied_vols, european, implied_vols
from sumppump.domain.quotes import Feed, Greeks, GreeksSource
from sumppump.domain.revaluation import Assumptions

_DELAYED = (Feed.DELAYED, Feed.DELAYED_FROZEN)


def vol_of_price(
    price: float, option: OptionContract, *, spot: float, now: datetime, assume: Assumptions
) -> float | None:
    """Volatility per year at which the option has this price per share; None where there is none."""
    return vols_of_prices([price], [option], spot=spot, now=now, assume=assume)[0]


def vols_of_prices(
    prices: Sequence[float],
    options: Sequence[OptionContract],
    *,
    spot: float,
    now: datetime,
    assume: Assumptions,
) -> list[float | None]:
    """`vol_of_price` of many options of one underlying, in one go."""
    if not options:
        return []
    own = [assume.until(option.settles) for option in options]
    inputs = (
        np.array(prices, dtype=np.float64),
        spot,
        np.array([float(option.strike) for option in options]),
        np.array([option.years(now) for option in options]),
        np.array([each.rate for each in own]),
        np.array([each.dividend_yield for each in own]),
        np.array([option.right is Right.CALL for option in options]),
    )
    if assume.is_american:
        # Whichever is paid after an option's end does not count for it.
        cash = assume.cash(max(option.settles for option in options), now)
        found = american_implied_vols(*inputs, dividends=cash)
    else:
        found = implied_vols(*inputs)
    return [found.at(place) for place in range(len(options))]


def computed_greeks(
    option: OptionContract, vol: float, *, spot: float, now: datetime, assume: Assumptions, feed: Feed
) -> Greeks:
    """Greeks of one long contract per share, American where the assumptions say so.

    Args:
        option: what is priced.
        vol: per year.
        spot: the underlying's price, currency per share.
        now: the exchange's time.
        assume: rate, dividend yield and the way of exercise.
        feed: of the quote that they rest on; a delayed one is said in their source.
    """
    own, strike, years = assume.until(option.settles), float(option.strike), option.years(now)
    inputs = (spot, strike, years, own.rate, own.dividend_yield, vol, option.right)
    cash = assume.cash(option.settles, now)
    value = american(*inputs, dividends=cash) if assume.is_american else european(*inputs)
    return Greeks(
        iv=vol,
        delta=value.delta,
        gamma=value.gamma,
        theta=value.theta,
        vega=value.vega,
        rho=value.rho,
        source=GreeksSource.DELAYED_COMPUTED if feed in _DELAYED else GreeksSource.COMPUTED,
        underlying_price=spot,
    )
