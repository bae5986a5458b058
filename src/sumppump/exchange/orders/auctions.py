"""The auctions that open and close the day: all trade at one price, the first or the last of the session.

Our decisions: an auction is deep enough for any order, and its price is the session's first or last price.
"""

from __future__ import annotations

from collections.abc import Mapping

from sumppump.exchange.orders.matching import LegTop, Match, units_of
from sumppump.exchange.orders.orders import Order, scale_of


def auction_match(order: Order, tops: Mapping[int, LegTop]) -> Match | None:
    """The trade at the auction's price, None where that is worse than the order's limit."""
    price = tops[order.instrument.con_id].last
    if order.limit is not None:
        limit = units_of(order.limit, scale_of(order.instrument))
        if order.sign * (price - limit) > 0:
            return None
    return Match(price, order.remaining, takes=False)
