"""Who trades with whom, at what price: rules without state.

- An order that reaches the other side of the market trades at the quote, never worse than its limit, and no
  more than the displayed size that is left; the rest waits for the next second's size. A combo trades
  only whole, at the sum of its legs' quotes. In a combo, a leg without a bid is worth 0 to whoever buys
  it there; on its own it cannot be sold.
- An order that rests at or inside the quote meets counter-orders: once a second one arrives with probability
  1 - exp(-0.02 e^(6 x)), where x is 0 at the own side of the quote, 0.5 at its middle and 1 at the
  other side. Half way that is one in three each second. It trades at the order's limit.
- Stops are triggered by the last price of a stock, by the middle of bid and ask of an option, and by the
  net middle of the legs' quotes of a combo. A trailing stop follows the same price, in whole cents.

Prices are exact integers: units per share as `orders.scale_of` says.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.instruments import Bag, Instrument
from sumppump.exchange.orders import Order, legs_of, scale_of, weight_of

_BASE_RATE, _STEEPNESS = 0.02, 6.0
_CENT = Decimal("0.01")
_GRAIN = Decimal("0.0001")  # of a cent
_COUNTER_SHARE = 0.5  # of the displayed size that a counter-order brings at most


class LegTop(NamedTuple):
    """The best quote of one contract in cents, 0 where there is none; `last` 0 where it does not matter."""

    bid: int
    ask: int
    bid_size: int
    ask_size: int
    last: int = 0


class PriceRow(NamedTuple):
    """Prices of one contract over some steps, in cents, 0 where there is none."""

    bid: NDArray[np.int64]
    ask: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Touch:
    """The market of an instrument in units; None where a side is missing.

    Attributes:
        bid_size, ask_size: contracts, shares or whole combos.
        trigger: what stops look at, times two (a middle of integers stays exact that way).
    """

    bid: int | None
    ask: int | None
    bid_size: int
    ask_size: int
    trigger: int


@dataclass(frozen=True, slots=True)
class Match:
    """A trade: units per share, quantity, and whether the order took what was there."""

    units: int
    quantity: int
    takes: bool


def touch_of(instrument: Instrument, tops: Mapping[int, LegTop]) -> Touch:
    """The market of a contract or a combo from the quotes of its legs, by con id."""
    if isinstance(instrument, Bag):
        return _bag_touch(instrument, tops)
    top = tops[instrument.con_id]
    trigger = top.bid + top.ask if instrument.is_option else 2 * top.last
    return Touch(top.bid or None, top.ask or None, top.bid_size, top.ask_size, trigger)


def _bag_touch(bag: Bag, tops: Mapping[int, LegTop]) -> Touch:
    bid = ask = trigger = 0
    bid_sizes: list[int] = []
    ask_sizes: list[int] = []
    for leg in bag.legs:
        top, ratio = tops[leg.listing.con_id], leg.ratio
        weight = ratio * weight_of(bag, leg.listing)
        low, high = (top.bid, top.ask) if ratio > 0 else (top.ask, top.bid)
        low_size, high_size = _sizes(top) if ratio > 0 else _sizes(top)[::-1]
        bid, ask = bid + weight * low, ask + weight * high
        trigger += weight * (top.bid + top.ask)
        bid_sizes.append(low_size // abs(ratio))
        ask_sizes.append(high_size // abs(ratio))
    return Touch(bid, ask, min(bid_sizes), min(ask_sizes), trigger)


def _sizes(top: LegTop) -> tuple[int, int]:
    # Nobody shows a size at 0; whoever offers the worthless leg shows what there is.
    return (top.bid_size or top.ask_size, top.ask_size)


def units_of(price: Decimal, scale: int) -> int:
    """A price on the tick grid as units."""
    return int(price * scale)


def price_from(units: int, scale: int) -> Decimal:
    """Units as a price."""
    return Decimal(units) / scale


def taking(order: Order, touch: Touch) -> Match | None:
    """The trade with what is displayed now, if the order reaches it."""
    price, size = (touch.ask, touch.ask_size) if order.is_buy else (touch.bid, touch.bid_size)
    if price is None or size <= 0:
        return None
    if order.limit is not None:
        limit = units_of(order.limit, scale_of(order.instrument))
        if order.sign * (price - limit) > 0:
            return None
    quantity = min(order.remaining, size)
    whole_only = order.spec.all_or_none or order.spec.tif == "FOK"
    if whole_only and quantity < order.remaining:
        return None
    return Match(price, quantity, takes=True)


def resting(order: Order, touch: Touch, luck: Callable[[int], float]) -> Match | None:
    """The trade with a counter-order, if one arrives; `luck(n)` is the n-th uniform number of this second."""
    if order.limit is None or touch.ask is None:
        return None
    bid, limit = touch.bid or 0, units_of(order.limit, scale_of(order.instrument))
    width = touch.ask - bid
    into = limit - bid if order.is_buy else touch.ask - limit
    if into < 0 or width <= 0:
        return None
    rate = _BASE_RATE * math.exp(_STEEPNESS * min(into / width, 1.0))
    if luck(0) >= 1.0 - math.exp(-rate):
        return None
    most = max(int(_COUNTER_SHARE * luck(1) * min(touch.bid_size or touch.ask_size, touch.ask_size)), 1)
    quantity = order.remaining if order.spec.all_or_none else min(order.remaining, most)
    return Match(limit, quantity, takes=False)


def is_triggered(order: Order, touch: Touch) -> bool:
    """Whether the market has reached the order's stop."""
    if order.stop_price is None:
        return False
    doubled_stop = 2 * order.stop_price * scale_of(order.instrument)
    return order.sign * (touch.trigger - doubled_stop) >= 0


def sleeps(order: Order, rows: Mapping[int, PriceRow]) -> bool:
    """Whether an order certainly does nothing at any of these steps, so that none need be looked at.

    True only for stops that are not reached, and for limits on their own side of the whole quote.
    """
    bid, ask, trigger = _units_over(order.instrument, rows)
    scale = scale_of(order.instrument)
    if order.waits_for_trigger:
        if order.kind.trails or order.stop_price is None:
            return False
        gap = order.sign * (trigger - int(2 * order.stop_price * scale))
        return bool(np.all(gap < 0))
    if order.limit is None:
        return False
    limit = units_of(order.limit, scale)
    return bool(np.all(limit < bid) if order.is_buy else np.all(limit > ask))


def _units_over(
    instrument: Instrument, rows: Mapping[int, PriceRow]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Bid, ask and doubled trigger of an instrument in units, at each step."""
    if not isinstance(instrument, Bag):
        row = rows[instrument.con_id]
        return row.bid, row.ask, row.bid + row.ask if instrument.is_option else 2 * row.last
    bid, ask, trigger = (np.zeros_like(next(iter(rows.values())).bid) for _ in range(3))
    for leg in instrument.legs:
        row, weight = rows[leg.listing.con_id], leg.ratio * weight_of(instrument, leg.listing)
        low, high = (row.bid, row.ask) if weight > 0 else (row.ask, row.bid)
        bid, ask, trigger = bid + weight * low, ask + weight * high, trigger + weight * (row.bid + row.ask)
    return bid, ask, trigger


def trailed(order: Order, touch: Touch) -> Decimal:
    """Where a trailing stop stands now: it follows the market in one direction only."""
    market = price_from(touch.trigger, 2 * scale_of(order.instrument))
    percent = order.spec.trailing_percent
    distance = order.spec.aux if percent is None else abs(market) * percent / 100
    stop = (market + order.sign * (distance or 0)).quantize(_CENT, rounding=ROUND_HALF_EVEN)
    if order.stop_price is None:
        return stop
    return min(stop, order.stop_price) if order.is_buy else max(stop, order.stop_price)


def leg_prices(order: Order, units: int, tops: Mapping[int, LegTop]) -> tuple[Decimal, ...]:
    """Prices of the legs that add up to a combo's net price.

    Exactly, but for combos without a leg of ratio 1 or 2, where a millionth of a share's price may be left.

    Each leg starts at the quote that the order would take. What the net price is better than that goes to
    the legs in proportion to their widths, in whole cents; the leg of the smallest weight takes the rest.
    """
    legs = legs_of(order.instrument)
    weights = [leg.ratio * weight_of(order.instrument, leg.listing) for leg in legs]
    buys = [order.sign * leg.ratio > 0 for leg in legs]
    quotes = [tops[leg.listing.con_id] for leg in legs]
    taken = [top.ask if buy else top.bid for top, buy in zip(quotes, buys, strict=True)]
    better = order.sign * (sum(map(operator.mul, weights, taken)) - units)
    gains = _shared_gain(better, [abs(one) for one in weights], [top.ask - top.bid for top in quotes])
    return tuple(
        (cents - gain if buy else cents + gain) / leg.listing.price_units
        for cents, gain, buy, leg in zip(taken, gains, buys, legs, strict=True)
    )


def _shared_gain(better: int, weights: list[int], widths: list[int]) -> list[Decimal]:
    """Cents per leg that add up, weighted, to `better` units."""
    whole = sum(map(operator.mul, weights, widths)) or 1
    *others, last = sorted(range(len(weights)), key=lambda place: -weights[place])
    gains = [Decimal(0)] * len(weights)
    left = better
    for place in others:
        cents = better * widths[place] // whole
        gains[place] = Decimal(cents)
        left -= cents * weights[place]
    rest = Decimal(left) / weights[last]
    gains[last] = rest if rest == rest.to_integral_value() else rest.quantize(_GRAIN)
    return gains
