"""Short sales of shares that are hard to borrow: an order is held (`locate`) while shares are sought.

What is hard to borrow, and how much of it there is, is what ticks 46 and 89 say. Our decisions: shares are
found after half a minute to ten minutes, and an order for more than there are is held until it ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.market_statistics import Lending
from sumppump.exchange.market.randomness import uniform
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.orders.orders import Order
from sumppump.exchange.orders.planning import on_grid
from sumppump.exchange.reports import Refusal

LOCATE = "locate"
NOT_AT_HAND = Refusal(
    404,
    "Shares for this order are not immediately available for short sale. The order will be held while we"
    " attempt to locate the shares.",
)
_EASY = 2.5  # tick 46: above it shares are at hand, above 1.5 they have to be located
_SURELY_EASY = 5_000_000  # shares a day: nobody need count what was traded in a year
_LEAST_MS, _MORE_MS = 30_000, 570_000


@dataclass(frozen=True, slots=True)
class Locator:
    """Looks for shares to sell short.

    Attributes:
        key: what the time of the search is drawn from, with the order.
        lending: what can be borrowed of a stock.
        held: signed quantity that the account holds.
    """

    key: int
    lending: Callable[[Listing], Lending]
    held: Callable[[int], Decimal]

    def held_back(self, order: Order, moment: Moment) -> Order:
        """The order as it was, or waiting for shares."""
        stock = order.instrument
        if order.is_buy or not isinstance(stock, Listing) or stock.sec_type is not SecType.STOCK:
            return order
        short = order.quantity - max(self.held(stock.con_id), Decimal(0))
        if short <= 0 or CHARACTERS[stock.underlying].daily_volume > _SURELY_EASY:
            return order
        found = self.lending(stock)
        if found.level > _EASY:
            return order
        waits = replace(order, why_held=LOCATE)
        if short > found.shares:
            return waits
        late = _LEAST_MS + int(_MORE_MS * uniform(self.key, order.perm_id, 0))
        return waits.timed(starts=max(order.times.starts or 0, on_grid(moment.ms + late)))
