"""Who trades with whom, at what price: rules without state.

- An order that reaches the other side of the market trades at the quote, never worse than its limit, and no
  more than the displayed size that is left; the rest waits for the next second's size. A combo trades
  only whole, at the sum of its legs' quotes. In a combo, a leg without a bid is worth 0 to whoever buys
  it there; on its own it cannot be sold.
- An order that rests at or inside the quote meets counter-orders: once a second one arrives with probability
  1 - exp(-0.02 e^(6 x)), where x is 0 at the own side of the quote, 0.5 at its middle and 1 at the
  other side. Half way that is one in three each second. It trades at the order's limit.
- Stops are triggered by the last price of a stock, by the middle of bid and ask of an option, and by the
  net middle of the legs' quotes of a combo, unless the order names another method (`triggers`). A trailing
  stop follows the same price, in whole ticks.
- A pegged order's limit follows the own side or the middle of the quote, rounded away from the other side.

Prices are exact integers: units per share as `orders.scale_of` says.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.listing.instruments import Bag, Instrument
from sumppump.exchange.orders.orders import OpenLegs, Order, Peg, legs_of, scale_of, weight_of
from sumppump.exchange.orders.triggers import watched

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
        last: the last price, None for what has none.
    """

    bid: int | None
    ask: int | None
    bid_size: int
    ask_size: int
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A trade: units per share, quantity, and whether the order took what was there."""

    units: int
    quantity: Decimal
    takes: bool


def touch_of(instrument: Instrument, tops: Mapping[int, LegTop]) -> Touch:
    """The market of a contract or a combo from the quotes of its legs, by con id."""
    if isinstance(instrument, Bag):
        return _bag_touch(instrument, tops)
    top = tops[instrument.con_id]
    sides = (top.bid or None, top.ask or None, top.bid_size, top.ask_size)
    return Touch(*sides, top.last or None)


def _bag_touch(bag: Bag, tops: Mapping[int, LegTop]) -> Touch:
    bid = ask = 0
    bid_sizes: list[int] = []
    ask_sizes: list[int] = []
    for leg in bag.legs:
        top, ratio = tops[leg.listing.con_id], leg.ratio
        weight = ratio * weight_of(bag, leg.listing)
        low, high = (top.bid, top.ask) if ratio > 0 else (top.ask, top.bid)
        low_size, high_size = _sizes(top) if ratio > 0 else _sizes(top)[::-1]
        bid, ask = bid + weight * low, ask + weight * high
        bid_sizes.append(low_size // abs(ratio))
        ask_sizes.append(high_size // abs(ratio))
    return Touch(bid, ask, min(bid_sizes), min(ask_sizes))


def _sizes(top: LegTop) -> tuple[int, int]:
    # Nobody shows a size at 0; whoever offers the worthless leg shows what there is.
    return (top.bid_size or top.ask_size, top.ask_size)


def units_of(price: Decimal, scale: int) -> int:
    """A price on the tick grid as units."""
    return int(price * scale)


def price_from(units: int, scale: int) -> Decimal:
    """Units as a price."""
    return Decimal(units) / scale


def limit_units(order: Order, touch: Touch) -> int | None:
    """What bounds an order's fills now, in units; None for the market."""
    scale = scale_of(order.instrument)
    cap = None if order.limit is None else units_of(order.limit, scale)
    if order.kind.peg is None:
        return cap
    level = _pegged(order, touch, scale)
    return level if cap is None else min(level, cap) if order.is_buy else max(level, cap)


def _pegged(order: Order, touch: Touch, scale: int) -> int:
    bid, ask = touch.bid or 0, touch.ask or 0
    if order.kind.peg is Peg.MIDDLE:
        exact = Decimal(bid + ask) / 2 - order.sign * scale * (order.spec.aux or 0)
    else:
        own = Decimal(bid if order.is_buy else ask)
        share = order.spec.percent_offset
        exact = own + order.sign * (own * share if share is not None else scale * (order.spec.aux or 0))
    return int(exact.to_integral_value(ROUND_FLOOR if order.is_buy else ROUND_CEILING))


def _lacks_quote(order: Order, touch: Touch) -> bool:
    return order.kind.peg is not None and (touch.bid is None or touch.ask is None)


def taking(order: Order, touch: Touch) -> Match | None:
    """The trade with what is displayed now, if the order reaches it."""
    price, size = (touch.ask, touch.ask_size) if order.is_buy else (touch.bid, touch.bid_size)
    if price is None or size <= 0 or _lacks_quote(order, touch):
        return None
    limit = limit_units(order, touch)
    if limit is not None:
        discretion = units_of(order.spec.discretionary, scale_of(order.instrument))
        if order.sign * (price - limit) > discretion:
            return None
    quantity = min(order.remaining, Decimal(size))
    if quantity < _least(order):
        return None
    return Match(price, quantity, takes=True)


def _least(order: Order) -> Decimal:
    """What a fill must come to."""
    whole_only = order.spec.all_or_none or order.spec.tif == "FOK"
    return order.remaining if whole_only else min(Decimal(order.spec.min_quantity), order.remaining)


def resting(order: Order, touch: Touch, luck: Callable[[int], float]) -> Match | None:
    """The trade with a counter-order, if one arrives; `luck(n)` is the n-th uniform number of this second."""
    limit = None if _lacks_quote(order, touch) else limit_units(order, touch)
    if limit is None or touch.ask is None:
        return None
    bid = touch.bid or 0
    width = touch.ask - bid
    into = limit - bid if order.is_buy else touch.ask - limit
    if into < 0 or width <= 0:
        return None
    rate = _BASE_RATE * math.exp(_STEEPNESS * min(into / width, 1.0))
    if luck(0) >= 1.0 - math.exp(-rate):
        return None
    most = max(int(_COUNTER_SHARE * luck(1) * min(touch.bid_size or touch.ask_size, touch.ask_size)), 1)
    return Match(limit, _met(order, most), takes=False)


def _met(order: Order, most: int) -> Decimal:
    """How much meets a counter-order of this size: what an iceberg shows, and no less than it takes."""
    if order.spec.all_or_none:
        return order.remaining
    shown = min(most, order.spec.display_size or most)
    return min(order.remaining, Decimal(max(shown, order.spec.min_quantity)))


def forced(order: Order, touch: Touch) -> Match | None:
    """A fill of all that is left at the order's limit, or at the market; None where there is neither."""
    price = touch.ask if order.is_buy else touch.bid
    limit = None if _lacks_quote(order, touch) else limit_units(order, touch)
    units = price if limit is None else limit
    return None if units is None else Match(units, order.remaining, takes=False)


def rises_to_stop(order: Order) -> bool:
    """Whether the market has to rise to reach the order's stop."""
    return order.is_buy != order.kind.touches


def is_triggered(order: Order, touch: Touch) -> bool:
    """Whether the market is at or beyond the order's stop."""
    if order.stop_price is None:
        return False
    gap = _trigger(order, touch) - 2 * order.stop_price * scale_of(order.instrument)
    return gap >= 0 if rises_to_stop(order) else gap <= 0


def _trigger(order: Order, touch: Touch) -> int:
    price: int = watched(
        order.spec.trigger_method,
        rises=rises_to_stop(order),
        bid=touch.bid or 0,
        ask=touch.ask or 0,
        last=touch.last,
    )
    return price


def sleeps(order: Order, rows: Mapping[int, PriceRow]) -> bool:
    """Whether an order certainly does nothing at any of these steps, so that none need be looked at.

    True only for stops that are not reached, and for limits on their own side of the whole quote.
    """
    row = _units_over(order.instrument, rows)
    scale = scale_of(order.instrument)
    if order.waits_for_trigger:
        if order.kind.trails or order.stop_price is None:
            return False
        return not bool(np.any(_reaches(order, row, int(2 * order.stop_price * scale))))
    if order.limit is None or order.kind.peg is not None:
        return False
    # A discretionary amount is small change against the rule that nothing may be missed.
    limit = units_of(order.limit + order.sign * order.spec.discretionary, scale)
    return bool(np.all(limit < row.bid) if order.is_buy else np.all(limit > row.ask))


def _reaches(order: Order, row: _UnitRow, doubled_stop: int) -> NDArray[np.bool_]:
    rises = rises_to_stop(order)
    price = watched(order.spec.trigger_method, rises=rises, bid=row.bid, ask=row.ask, last=row.last)
    reached: NDArray[np.bool_] = price >= doubled_stop if rises else price <= doubled_stop
    return reached


class _UnitRow(NamedTuple):
    """The market of an instrument in units, at each step; `last` None for what has none."""

    bid: NDArray[np.int64]
    ask: NDArray[np.int64]
    last: NDArray[np.int64] | None


def _units_over(instrument: Instrument, rows: Mapping[int, PriceRow]) -> _UnitRow:
    if not isinstance(instrument, Bag):
        row = rows[instrument.con_id]
        return _UnitRow(row.bid, row.ask, row.last if row.last.any() else None)
    bid, ask = (np.zeros_like(next(iter(rows.values())).bid) for _ in range(2))
    for leg in instrument.legs:
        row, weight = rows[leg.listing.con_id], leg.ratio * weight_of(instrument, leg.listing)
        low, high = (row.bid, row.ask) if weight > 0 else (row.ask, row.bid)
        bid, ask = bid + weight * low, ask + weight * high
    return _UnitRow(bid, ask, None)


def trailed(order: Order, touch: Touch) -> Decimal:
    """Where a trailing stop stands now: it follows the market in one direction only."""
    market = price_from(_trigger(order, touch), 2 * scale_of(order.instrument))
    percent = order.spec.trailing_percent
    distance = order.spec.aux if percent is None else abs(market) * percent / 100
    stop = _on_tick(market + order.sign * (distance or 0), order.instrument)
    if order.stop_price is None:
        return stop
    return min(stop, order.stop_price) if order.is_buy else max(stop, order.stop_price)


def _on_tick(price: Decimal, instrument: Instrument) -> Decimal:
    tick = _CENT if isinstance(instrument, Bag) else instrument.min_tick
    return (price / tick).to_integral_value(ROUND_HALF_EVEN) * tick


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


def uneven_part(order: Order, match: Match, prices: tuple[Decimal, ...]) -> OpenLegs:
    """What the legs of a combo have at first of a fill that comes unevenly: three fifths, and a fifth."""
    first, *others = legs_of(order.instrument)
    most = match.quantity * abs(first.ratio)
    ahead = max(most * 3 // 5, min(most, Decimal(1)))
    behind = (match.quantity * abs(leg.ratio) // 5 for leg in others)
    return OpenLegs(match.units, match.quantity, match.takes, prices, (ahead, *behind))


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
