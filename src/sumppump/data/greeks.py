"""Greeks where the broker gave none: ours, from the mid of a live quote, labelled as computed.

Options on shares and ETFs are American and are treated so; options on an index are European. Without a
two-sided market there is no volatility to find, and the reason stands where the figure would.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sumppump.domain.greeks import computed_greeks, vol_of_price
from sumppump.domain.instruments import OptionContract, SecType, Underlying
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions


def with_greeks(
    quote: Quote, *, underlying: Underlying, spot: float | None, now: datetime, assume: Assumptions
) -> Quote:
    """The quote with Greeks: the broker's if it has them, else ours, else none with the reason.

    Args:
        quote: of an option or anything else; only options can get Greeks.
        underlying: tells American from European.
        spot: the underlying's price, None when unknown.
        now: the exchange's time.
        assume: rate and dividend yield; early exercise is told by the underlying.
    """
    option = quote.instrument
    if quote.greeks is not None or not isinstance(option, OptionContract):
        return quote
    mid, years = quote.mid, option.years(now)
    if mid is None or spot is None or spot <= 0 or years <= 0 or quote.is_crossed:
        return replace(quote, greeks_missing=_why(quote, years))
    own = replace(assume, is_american=underlying.sec_type is SecType.STK)
    vol = vol_of_price(float(mid), option, spot=spot, now=now, assume=own)
    if vol is None:
        return replace(quote, greeks_missing="the price is the intrinsic value: it holds no volatility")
    greeks = computed_greeks(option, vol, spot=spot, now=now, assume=own, feed=quote.feed)
    return replace(quote, greeks=greeks, greeks_missing="")


def _why(quote: Quote, years: float) -> str:
    if years <= 0:
        return "the option has expired"
    if quote.mid is None:
        return quote.greeks_missing or "no bid and ask to compute them from"
    return "the bid is above the ask" if quote.is_crossed else "the underlying has no price"
