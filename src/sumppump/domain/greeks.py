"""Our own volatility and Greeks of one option, for where the broker gave none; labelled as computed."""

from __future__ import annotations

from datetime import datetime

from sumppump.domain.instruments import OptionContract
from sumppump.domain.pricing import american, american_implied_vol, european, implied_vol
from sumppump.domain.quotes import Feed, Greeks, GreeksSource
from sumppump.domain.revaluation import Assumptions

_DELAYED = (Feed.DELAYED, Feed.DELAYED_FROZEN)


def vol_of_price(
    price: float, option: OptionContract, *, spot: float, now: datetime, assume: Assumptions
) -> float | None:
    """Volatility per year at which the option has this price per share; None where there is none."""
    solve = american_implied_vol if assume.is_american else implied_vol
    strike, years = float(option.strike), option.years(now)
    return solve(price, spot, strike, years, assume.rate, assume.dividend_yield, option.right)


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
    price = american if assume.is_american else european
    strike, years = float(option.strike), option.years(now)
    value = price(spot, strike, years, assume.rate, assume.dividend_yield, vol, option.right)
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
