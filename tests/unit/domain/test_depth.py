"""Books as arithmetic: nothing is lost between rows and levels; a larger size never gets a better price."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.depth import OrderBook, Row, Side, concentration, sizes_by_place, sweep, total

cents = st.integers(1, 5_000)
places = st.sampled_from(["", "ARCA", "NYSE", "BATS"])


def side(prices: st.SearchStrategy[int]) -> st.SearchStrategy[list[Row]]:
    """Rows of one side with prices in cents."""
    rows = st.builds(
        lambda price, size, place: Row(price=Decimal(price) / 100, size=Decimal(size), place=place),
        prices, st.integers(1, 10_000), places,
    )  # fmt: skip
    return st.lists(rows, max_size=12)


books = st.builds(OrderBook.of, side(st.integers(1, 5_000)), side(st.integers(5_001, 10_000)))
sides = st.sampled_from(list(Side))


def rows(*told: tuple[str, int]) -> list[Row]:
    """Rows from price and size."""
    return [Row(price=Decimal(price), size=Decimal(size)) for price, size in told]


BOOK = OrderBook.of(rows(("10.00", 100), ("9.99", 400), ("9.90", 500)), rows(("10.02", 200), ("10.03", 300)))


@given(books)
def test_levels_hold_exactly_what_the_rows_hold(book: OrderBook) -> None:
    """Conservation: sizes add up, prices are different, best first, cumulative never falls."""
    assert total(book.bids) + total(book.asks) == sum(row.size for row in book.rows)
    for levels, sign in ((book.bids, -1), (book.asks, 1)):
        prices = [sign * level.price for level in levels]
        assert prices == sorted(set(prices))
        assert [level.cumulative for level in levels] == [
            sum(each.size for each in levels[: at + 1]) for at in range(len(levels))
        ]


@given(books)
def test_imbalance_lies_between_the_sides_and_turns_with_them(book: OrderBook) -> None:
    """From -1 to 1; None only of an empty book; the mirrored book has the opposite."""
    mirrored = OrderBook(bids=book.asks, asks=book.bids)
    if book.imbalance is None:
        assert not book.rows
    else:
        assert -1 <= book.imbalance <= 1
        assert mirrored.imbalance == -book.imbalance


@given(books, sides, st.integers(1, 20_000), st.integers(1, 20_000))
def test_a_larger_size_never_gets_a_better_price(book: OrderBook, way: Side, one: int, other: int) -> None:
    """Law of the sweep: monotone in size, between the best and the worst price touched."""
    small, large = sweep(book, way, min(one, other)), sweep(book, way, max(one, other))
    if small.vwap is None or small.worst is None:
        assert large.vwap is None
        return
    sign = 1 if way is Side.BUY else -1
    best = book.levels(way)[0].price
    tiny = Decimal("1e-20")  # division rounds in the 28th digit
    assert sign * best <= sign * small.vwap + tiny
    assert sign * small.vwap <= sign * small.worst + tiny
    if large.vwap is not None:
        assert sign * small.vwap <= sign * large.vwap + tiny


@given(books, sides, st.integers(1, 200_000))
def test_a_size_has_a_price_exactly_when_the_book_is_deep_enough(
    book: OrderBook, way: Side, size: int
) -> None:
    """Otherwise there is a reason instead, and no number."""
    found = sweep(book, way, size)
    assert (found.vwap is not None) is (size <= total(book.levels(way)))
    assert (found.reason == "") is (found.vwap is not None)
    if found.impact_bps is not None:
        assert found.impact_bps >= 0


@given(st.lists(st.integers(0, 10_000), max_size=20))
def test_concentration_lies_between_equal_parts_and_one(sizes: list[int]) -> None:
    """Herfindahl: 1/n to 1 over the n that have something."""
    known = [size for size in sizes if size]
    index = concentration(Decimal(size) for size in sizes)
    if index is None:
        assert not known
    else:
        assert 1 / len(known) - 1e-12 <= index <= 1 + 1e-12


@pytest.mark.parametrize(
    ("way", "size", "vwap", "impact"),
    [
        (Side.BUY, 200, "10.02", 9.99),  # (10.02 - 10.01) / 10.01
        (Side.BUY, 500, "10.026", 15.984),  # (200 x 10.02 + 300 x 10.03) / 500
        (Side.SELL, 500, "9.992", 17.982),  # (100 x 10.00 + 400 x 9.99) / 500
    ],
)
def test_a_sweep_by_hand(way: Side, size: int, vwap: str, impact: float) -> None:
    """Reckoned on paper."""
    found = sweep(BOOK, way, size)
    assert found.vwap == Decimal(vwap)
    assert found.impact_bps == pytest.approx(impact, abs=0.01)


def test_spread_and_distances_by_hand() -> None:
    """0.02 on 10.01 is 19.98 hundredths of a percent; each best price is half of that away."""
    assert BOOK.spread_bps == pytest.approx(19.98, abs=0.01)
    assert BOOK.distance_bps(BOOK.bids[0]) == pytest.approx(9.99, abs=0.01)
    assert BOOK.distance_bps(BOOK.asks[0]) == pytest.approx(9.99, abs=0.01)


def test_a_size_that_the_book_cannot_fill_says_how_much_there_is() -> None:
    """No price from part of a fill."""
    assert sweep(BOOK, Side.BUY, 501).reason == "only 500 are offered in the levels that were told"
    assert sweep(OrderBook.of([], []), Side.SELL, 1).reason == "nothing is bid for"


def test_a_book_without_a_side_has_no_mid_no_spread_and_no_impact() -> None:
    """But what is there can still be taken."""
    book = OrderBook.of([], rows(("10.02", 200)))
    assert (book.mid, book.spread, book.spread_bps, book.distance_bps(book.asks[0])) == (None,) * 4
    assert sweep(book, Side.BUY, 100).vwap == Decimal("10.02")
    assert sweep(book, Side.BUY, 100).impact_bps is None


def test_rows_of_one_price_are_one_level_of_several_places() -> None:
    """Largest first."""
    book = OrderBook.of(
        [
            Row(price=Decimal(10), size=Decimal(100), place="NYSE"),
            Row(price=Decimal(10), size=Decimal(300), place="ARCA"),
        ],
        [],
    )
    assert [(level.size, level.places) for level in book.bids] == [(400, ("ARCA", "NYSE"))]
    assert sizes_by_place(book.rows) == {"ARCA": 300, "NYSE": 100}


def test_a_cut_book_keeps_its_best_levels_and_their_rows() -> None:
    """Nothing of the rest counts any more."""
    cut = BOOK.cut(1)
    assert (len(cut.bids), len(cut.asks), len(cut.rows)) == (1, 1, 2)
    assert cut.imbalance == pytest.approx(-1 / 3)
