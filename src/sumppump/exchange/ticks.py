"""From one top of book to the next: the ticks that a client has to hear.

After a subscription the whole set is sent, then only what changed. A price tick is followed by its size as
a tick of its own, because clients differ in which of the two they read. No tick type is ever invented:
ib_async stops at one it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

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
LAST = 4

SIDES = ((1, 0, "bid", "bid_size"), (2, 3, "ask", "ask_size"), (4, 5, "last", "last_size"))
"""Price tick, size tick, price, size."""
PLAIN_PRICES = ((6, "high"), (7, "low"), (9, "close"), (14, "open"))
VOLUME, LAST_TIME, HALTED = 8, 45, 49
GREEKS = ((10, "bid_greeks"), (11, "ask_greeks"), (12, "last_greeks"), (13, "model"))
CALL_OPEN_INTEREST, PUT_OPEN_INTEREST = 27, 28


@dataclass(frozen=True, slots=True)
class Generic:
    """A tick that is sent only if its number was in the request's list."""

    asked_by: frozenset[int]
    tick_type: int
    value: Callable[[BookTop], float | None]


GENERICS = (
    Generic(frozenset({104}), 23, lambda book: book.historical_volatility),
    Generic(frozenset({106}), 24, lambda book: book.implied_volatility),
)
MARK = frozenset({221, 232})
MARK_TICK = 37
RT_VOLUME = 233
RT_VOLUME_TICK = 48
OPEN_INTEREST = 101


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscription wants to hear.

    Attributes:
        req_id: under which id.
        generics: the numbers of its generic tick list.
        right: C or P for an option, "" otherwise.
    """

    req_id: int
    generics: frozenset[int] = frozenset()
    right: str = ""


def read_generics(text: str) -> frozenset[int]:
    """The numbers of a generic tick list; what is no number (news providers) is left out."""
    numbers = (part.split(":")[0].strip() for part in text.split(","))
    return frozenset(int(number) for number in numbers if number.isdecimal() and number.isascii())


def without_market(book: BookTop) -> BookTop:
    """The book as a live subscription sees it while the market is closed: nobody bids, nobody offers."""
    return replace(book, bid=None, ask=None, bid_size=0, ask_size=0, bid_greeks=None, ask_greeks=None)


def ticks(wish: Wish, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    """What changed since `old`, or everything there is."""
    yield from _sides(wish.req_id, new, old)
    yield from _plain_prices(wish.req_id, new, old)
    if old is None or new.volume != old.volume:
        yield TickSize(req_id=wish.req_id, tick_type=VOLUME, size=Decimal(new.volume))
    if new.last_at is not None and (old is None or new.last_at != old.last_at):
        yield TickString(req_id=wish.req_id, tick_type=LAST_TIME, value=epoch(new.last_at))
    if old is None:
        yield TickGeneric(req_id=wish.req_id, tick_type=HALTED, value=0.0)
    if wish.right:
        yield from _greeks(wish.req_id, new, old)
    if wish.generics:
        yield from _asked_for(wish, new, old)


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


def _greeks(req_id: int, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    for tick_type, name in GREEKS:
        greeks: Greeks | None = getattr(new, name)
        if greeks is None or (old is not None and greeks == getattr(old, name)):
            continue
        yield TickOptionComputation(
            req_id=req_id,
            tick_type=tick_type,
            attributes=1,
            implied_vol=greeks.iv,
            delta=greeks.delta,
            option_price=greeks.price,
            pv_dividend=greeks.pv_dividend,
            gamma=greeks.gamma,
            vega=greeks.vega,
            theta=greeks.theta,
            under_price=greeks.und_price,
        )


def _asked_for(wish: Wish, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    for generic in GENERICS:
        if generic.asked_by & wish.generics:
            value = generic.value(new)
            if value is not None and (old is None or value != generic.value(old)):
                yield TickGeneric(req_id=wish.req_id, tick_type=generic.tick_type, value=value)
    if MARK & wish.generics:
        yield from _mark(wish.req_id, new, old)
    if RT_VOLUME in wish.generics:
        yield from _real_time_volume(wish.req_id, new, old)
    if OPEN_INTEREST in wish.generics and wish.right and old is None and new.open_interest is not None:
        yield from _open_interest(wish, new.open_interest)


def _open_interest(wish: Wish, interest: int) -> Iterator[Tick]:
    # Both ticks come for every option; the one of the other right is zero.
    calls = interest if wish.right == "C" else 0
    yield TickSize(req_id=wish.req_id, tick_type=CALL_OPEN_INTEREST, size=Decimal(calls))
    yield TickSize(req_id=wish.req_id, tick_type=PUT_OPEN_INTEREST, size=Decimal(interest - calls))


def mark(book: BookTop) -> Decimal | None:
    """The mark: the last price inside the quote, the nearer side outside of it, the mid without a trade."""
    if book.bid is None or book.ask is None:
        return book.last if book.last is not None else book.close
    if book.last is None:
        return (book.bid + book.ask) / 2
    return min(max(book.last, book.bid), book.ask)


def _mark(req_id: int, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    price = mark(new)
    if price is not None and (old is None or price != mark(old)):
        yield TickPrice(req_id=req_id, tick_type=MARK_TICK, price=float(price), size=Decimal(0))


def _real_time_volume(req_id: int, new: BookTop, old: BookTop | None) -> Iterator[Tick]:
    if new.last is None or new.last_at is None or (old is not None and new.last_at == old.last_at):
        return
    # The book knows no volume-weighted price, so that field stays empty.
    parts: tuple[Any, ...] = (
        float(new.last),
        new.last_size,
        int(new.last_at.timestamp() * 1000),
        new.volume,
        "",
        "true",
    )
    text = ";".join(str(part) for part in parts)
    yield TickString(req_id=req_id, tick_type=RT_VOLUME_TICK, value=text)
