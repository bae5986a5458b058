"""From book to book: the whole set once, then only changes, never a tick type that clients do not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.wrapper import GREEKS_TICK_MAP, PRICE_TICK_MAP, SIZE_TICK_MAP, STRING_TICK_MAP

from sumppump.exchange.reports import BookTop, Greeks
from sumppump.exchange.ticks import DELAYED_TYPES, Wish, delayed, ticks, without_market
from sumppump.exchange.wire.market_answers import TickOptionComputation, TickPrice, TickSize

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
GREEKS = Greeks(0.2, 0.5, 1.25, 0.0, 0.01, 0.3, -0.1, 600.0)
BOOK = BookTop(
    con_id=1,
    at=AT,
    bid=Decimal("1.20"),
    ask=Decimal("1.30"),
    bid_size=10,
    ask_size=12,
    last=Decimal("1.25"),
    last_size=3,
    last_at=AT,
    volume=500,
    open=Decimal("1.10"),
    high=Decimal("1.40"),
    low=Decimal("1.00"),
    close=Decimal("1.15"),
    open_interest=900,
    implied_volatility=0.2,
    historical_volatility=0.18,
    model=GREEKS,
    bid_greeks=GREEKS,
    ask_greeks=GREEKS,
    last_greeks=GREEKS,
)
CALL = Wish(5, "C")


def kinds(wish: Wish, new: BookTop, old: BookTop | None) -> list[tuple[str, int]]:
    return [(type(tick).__name__, tick.tick_type) for tick in ticks(wish, new, old)]


@pytest.mark.behaviour("SIM-TICK-01")
def test_the_first_book_is_sent_in_full() -> None:
    """Bid, ask and last each with price and size, day's prices, volume, greeks of all four kinds."""
    seen = kinds(CALL, BOOK, None)
    assert seen[:6] == [
        ("TickPrice", 1),
        ("TickSize", 0),
        ("TickPrice", 2),
        ("TickSize", 3),
        ("TickPrice", 4),
        ("TickSize", 5),
    ]
    assert {kind for name, kind in seen if name == "TickPrice"} == {1, 2, 4, 6, 7, 9, 14}
    assert {kind for name, kind in seen if name == "TickOptionComputation"} == {10, 11, 12, 13}


@pytest.mark.behaviour("SIM-TICK-02")
def test_an_unchanged_book_says_nothing() -> None:
    assert kinds(CALL, BOOK, BOOK) == []


@pytest.mark.behaviour("SIM-TICK-03")
def test_a_new_price_comes_with_its_size_and_a_new_size_alone() -> None:
    higher = replace(BOOK, bid=Decimal("1.21"))
    deeper = replace(BOOK, ask_size=13)
    assert kinds(CALL, higher, BOOK) == [("TickPrice", 1), ("TickSize", 0)]
    assert kinds(CALL, deeper, BOOK) == [("TickSize", 3)]


@pytest.mark.behaviour("SIM-TICK-04")
def test_a_missing_side_is_minus_one_with_size_zero() -> None:
    """Recorded: an empty market ticks -1.00 and size 0."""
    tick = next(iter(ticks(CALL, without_market(BOOK), BOOK)))
    assert isinstance(tick, TickPrice)
    assert (tick.tick_type, tick.price, tick.size) == (1, -1.0, Decimal(0))


@pytest.mark.behaviour("SIM-TICK-05")
def test_a_combo_may_have_a_negative_price_and_has_no_greeks() -> None:
    book = replace(BOOK, bid=Decimal("-0.55"))
    seen = list(ticks(Wish(5), book, None))
    assert isinstance(seen[0], TickPrice)
    assert seen[0].price == -0.55
    assert not any(isinstance(tick, TickOptionComputation) for tick in seen)


@pytest.mark.behaviour("SIM-TICK-09")
def test_ib_async_knows_every_tick_type_that_is_sent() -> None:
    """It stops at one that is not in its maps."""
    known: dict[str, set[int]] = {
        "TickPrice": set(PRICE_TICK_MAP) | {1, 2, 4, 66, 67, 68},
        "TickSize": set(SIZE_TICK_MAP) | {0, 3, 5, 69, 70, 71},
        "TickString": set(STRING_TICK_MAP) | {45, 88},
        "TickOptionComputation": set(GREEKS_TICK_MAP),
    }
    live = list(ticks(CALL, BOOK, None))
    for tick in (*live, *map(delayed, live)):
        assert tick.tick_type in known[type(tick).__name__]


@pytest.mark.behaviour("SIM-DELAY-01")
def test_delayed_data_have_tick_types_of_their_own() -> None:
    told = [delayed(tick).tick_type for tick in ticks(CALL, BOOK, None)]
    assert told == [DELAYED_TYPES[tick.tick_type] for tick in ticks(CALL, BOOK, None)]
    assert {66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 80, 81, 82, 83, 88} == set(told)


PRICES = st.one_of(st.none(), st.decimals(0, 9, places=2))
BOOKS = st.builds(
    lambda bid, ask, last, sizes, seconds: replace(
        BOOK,
        bid=bid,
        ask=ask,
        last=last,
        bid_size=sizes[0],
        ask_size=sizes[1],
        volume=sizes[2],
        last_at=AT + timedelta(seconds=seconds),
    ),
    PRICES,
    PRICES,
    PRICES,
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
    st.integers(0, 3),
)


@pytest.mark.behaviour("SIM-TICK-10")
@given(st.lists(BOOKS, min_size=1, max_size=6))
def test_changes_add_up_to_the_last_book(books: list[BookTop]) -> None:
    """Whoever applies every tick in order holds the same market as the exchange."""
    state: dict[int, Any] = {}
    old = None
    for book in books:
        for tick in ticks(CALL, book, old):
            if isinstance(tick, TickPrice):
                state[tick.tick_type] = None if tick.size == 0 and tick.price == -1 else tick.price
            elif isinstance(tick, TickSize):
                state[tick.tick_type] = int(tick.size)
        old = book
    last = books[-1]
    sides = [state.get(1), state.get(2), state.get(4)]
    assert sides == [None if p is None else float(p) for p in (last.bid, last.ask, last.last)]
    sizes = [
        size if price is not None else 0
        for price, size in ((last.bid, last.bid_size), (last.ask, last.ask_size))
    ]
    assert [state[0], state[3], state[8]] == [*sizes, last.volume]
