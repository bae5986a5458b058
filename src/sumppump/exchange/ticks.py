"""From one top of book to the next: the ticks that a client has to hear.

After a subscription the whole set is sent, then only what changed. A price tick is followed by its size as
a tick of its own, because clients differ in which of the two they read. No tick type is ever invented:
ib_async stops at one it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sumppump.exchange.reports import BookTop, Greeks
from sumppump.exchange.translate.times import epoch
from sumppump.exchange.wire.market_answers import (
    TickGeneric,
    TickOptionComputation,
    TickPrice,
    TickSize,
    TickString,
)

Tick = TickPrice | TickSize | TickString | TickGeneric | TickOptionComputation

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
NO_PRICE = -1.0
CAN_AUTO_EXECUTE = 1
RETURN_BASED, PRICE_BASED = 0, 1
LAST = 4

SIDES = ((1, 0, "bid", "bid_size"), (2, 3, "ask", "ask_size"), (4, 5, "last", "last_size"))
"""Price tick, size tick, price, size."""
PLAIN_PRICES = ((6, "high"), (7, "low"), (9, "close"), (14, "open"))
VOLUME, LAST_TIME, HALTED = 8, 45, 49
GREEKS = ((10, "bid_greeks"), (11, "ask_greeks"), (12, "last_greeks"), (13, "model"))
DELAYED_TYPES = {
    1: 66, 2: 67, 4: 68, 0: 69, 3: 70, 5: 71, 6: 72, 7: 73, 8: 74, 9: 75, 14: 76,
    10: 80, 11: 81, 12: 82, 13: 83, 45: 88, 49: 90,
}  # fmt: skip
"""What a tick type is called when its data are delayed; others have no delayed form."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscription wants to hear.

    Attributes:
        req_id: under which id.
        right: C or P for an option, "" otherwise.
        with_model: whether the model's greeks come too.
        with_volume: whether it has a volume, which currency pairs have not.
    """

    req_id: int
    right: str = ""
    with_model: bool = True
    with_volume: bool = True


def without_market(book: BookTop) -> BookTop:
    """The book as a live subscription sees it while the market is closed: nobody bids, nobody offers."""
    return replace(book, bid=None, ask=None, bid_size=0, ask_size=0, bid_greeks=None, ask_greeks=None)


def ticks(wish: Wish, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    """What changed since `old`, or everything there is."""
    yield from _sides(wish.req_id, new, old)
    yield from _plain_prices(wish.req_id, new, old)
    if wish.with_volume and (old is None or new.volume != old.volume):
        yield TickSize(req_id=wish.req_id, tick_type=VOLUME, size=Decimal(new.volume))
    if new.last_at is not None and (old is None or _later_second(new.last_at, old.last_at)):
        yield TickString(req_id=wish.req_id, tick_type=LAST_TIME, value=epoch(new.last_at))
    if wish.right:
        yield from _greeks(wish, new, old)


def _later_second(new: datetime, old: datetime | None) -> bool:
    return new != old and (old is None or int(new.timestamp()) != int(old.timestamp()))


def delayed(tick: Tick) -> Tick:
    """The same tick as delayed data."""
    return replace(tick, tick_type=DELAYED_TYPES.get(tick.tick_type, tick.tick_type))


def _sides(req_id: int, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    for price_tick, size_tick, price_name, size_name in SIDES:
        price, size = _side(new, price_name, size_name)
        before = (None, 0) if old is None else _side(old, price_name, size_name)
        if price_tick == LAST and price is None and before[0] is None:
            continue  # nothing has traded yet
        if old is None or price != before[0]:
            yield TickPrice(
                req_id=req_id,
                tick_type=price_tick,
                price=NO_PRICE if price is None else float(price),
                size=Decimal(size),
                attributes=0 if price is None or price_tick == LAST else CAN_AUTO_EXECUTE,
            )
        elif size == before[1]:
            continue
        yield TickSize(req_id=req_id, tick_type=size_tick, size=Decimal(size))


def _side(book: BookTop, price_name: str, size_name: str) -> tuple[Decimal | None, int]:
    # Without a price a size would mean that -1 is meant as a price, as it may be for a combo.
    price: Decimal | None = getattr(book, price_name)
    return price, 0 if price is None else getattr(book, size_name)


def _plain_prices(req_id: int, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    for tick_type, name in PLAIN_PRICES:
        price = getattr(new, name)
        if price is not None and (old is None or price != getattr(old, name)):
            yield TickPrice(req_id=req_id, tick_type=tick_type, price=float(price), size=Decimal(0))


def _greeks(wish: Wish, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    for tick_type, name in GREEKS if wish.with_model else GREEKS[:-1]:
        greeks: Greeks | None = getattr(new, name)
        if greeks is None or (old is not None and greeks == getattr(old, name)):
            continue
        yield computation(wish.req_id, tick_type, greeks)


def computation(
    req_id: int, tick_type: int, greeks: Greeks, attributes: int = PRICE_BASED
) -> TickOptionComputation:
    """Message 21; `attributes` says whether it comes from a price or from a volatility."""
    return TickOptionComputation(
        req_id=req_id,
        tick_type=tick_type,
        attributes=attributes,
        implied_vol=greeks.iv,
        delta=greeks.delta,
        option_price=greeks.price,
        pv_dividend=greeks.pv_dividend,
        gamma=greeks.gamma,
        vega=greeks.vega,
        theta=greeks.theta,
        under_price=greeks.und_price,
    )
