"""When an order begins and ends, and the hours in which it can trade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from sumppump.exchange.calendar.hours import end_of_trading
from sumppump.exchange.calendar.trading_days import STEP_MS, latest_session, to_ms
from sumppump.exchange.commands import OrderSpec, Watch
from sumppump.exchange.listing.instruments import Bag, Instrument
from sumppump.exchange.market.tops import next_trading
from sumppump.exchange.orders.orders import legs_of
from sumppump.exchange.orders.quirks import Timetable

_CENT = Decimal("0.01")
_CUT_OFF_MS = 10 * 60_000
_NASDAQ_ENTRY_MS = 5 * 60_000
_LASTING = frozenset({"GTC", "GTD", "OPG"})


def on_grid(moment_ms: int) -> int:
    """The first step of the market's grid that is not before a moment."""
    return -(-moment_ms // STEP_MS) * STEP_MS


def completed(spec: OrderSpec, instrument: Instrument) -> OrderSpec:
    """The terms with what follows from them: a TRAIL LIMIT's offset, the limit of a combo with leg prices.

    What does not fit is left as it is, to be refused.
    """
    if spec.order_type == "TRAIL LIMIT" and spec.limit_offset is None:
        return replace(spec, limit_offset=_offset(spec))
    if spec.leg_prices and spec.limit is None and isinstance(instrument, Bag):
        return replace(spec, limit=_net(spec.leg_prices, instrument))
    return spec


def _offset(spec: OrderSpec) -> Decimal | None:
    if spec.limit is None or spec.trail_stop_price is None:
        return None
    if not (spec.limit.is_finite() and spec.trail_stop_price.is_finite()):
        return None
    distance = spec.limit - spec.trail_stop_price
    return distance if spec.action == "BUY" else -distance


def _net(prices: Sequence[Decimal | None], bag: Bag) -> Decimal | None:
    if len(prices) != len(bag.legs) or not all(one is None or one.is_finite() for one in prices):
        return None
    legs = zip(bag.legs, prices, strict=True)
    total = sum(
        (leg.ratio * leg.listing.multiplier * (price or Decimal(0)) for leg, price in legs), start=Decimal(0)
    )
    return (total / bag.multiplier).quantize(_CENT, rounding=ROUND_HALF_EVEN)


def timetable(spec: OrderSpec, instrument: Instrument, now_ms: int, *, outside_rth: bool) -> Timetable:
    """When an order that arrives now begins and ends by its terms."""
    starts = None if spec.starts_at is None else on_grid(to_ms(spec.starts_at))
    starts = starts if starts is not None and starts > now_ms else None
    ends = [
        to_ms(leg.listing.last_trade) for leg in legs_of(instrument) if leg.listing.last_trade is not None
    ]
    if spec.ends_at is not None:
        ends.append(on_grid(to_ms(spec.ends_at)))
    if spec.tif not in _LASTING:
        ends.append(closes_ms(instrument, starts or now_ms, outside_rth=outside_rth))
    return Timetable(starts=starts, ends=min(ends, default=None), looks=next_look(spec, now_ms))


def next_look(spec: OrderSpec, after_ms: int) -> int | None:
    """When a condition about time changes the next time; only where that counts outside regular hours."""
    if not spec.conditions_ignore_rth:
        return None
    moments = (to_ms(one.at) for one in spec.conditions if one.watches is Watch.TIME and one.at is not None)
    return min((on_grid(one) for one in moments if one > after_ms), default=None)


def closes_ms(instrument: Instrument, now_ms: int, *, outside_rth: bool = False) -> int:
    """The end of the trading that is on or comes next; a combo's is its first leg's to end."""
    opens = next_trading(instrument, now_ms, outside_rth=outside_rth)
    kinds = {leg.listing.hours for leg in legs_of(instrument)}
    return min(end_of_trading(kind, opens, liquid=not outside_rth) for kind in kinds)


def is_too_late_for_close(primary_exchange: str, now_ms: int, *, is_entry: bool) -> bool:
    """Whether the closing auction is closed to new orders, or to changes and cancels.

    From ten minutes before the close on; Nasdaq takes new orders until five minutes before it.
    """
    session = latest_session(now_ms)
    lead = _NASDAQ_ENTRY_MS if is_entry and primary_exchange == "NASDAQ" else _CUT_OFF_MS
    return session.close_ms - lead <= now_ms < session.close_ms
