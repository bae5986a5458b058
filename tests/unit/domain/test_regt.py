"""Regulation T against figures that others published, and against laws that no way of pairing may break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.published_margin import CBOE, CBOE_NET, FAR, HEDGED, NEAR, OTHERS, SHARES, Line, call, put
from tests.unit.exchange.test_published_margin import need as exchange_need

from sumppump.domain.instruments import Future, Instrument, OptionContract, Right, Underlying
from sumppump.domain.margin.lots import MarginLine, Prices
from sumppump.domain.margin.regt import AccountNeeds, Requirement, cash_to_open, needs_of

# What the shared tables do not hold.
MORE = [
    (
        "tastytrade: strangle 43/47, the greater side and the other premium", "45",
        (call(-1, "47", "2.1"), put(-1, "43", "1.2")), "1030",
    ),
    (
        "tastytrade: two iron condors 50/53/67/70, one side only", "60",
        (put(2, "50", "0.4"), put(-2, "53", "0.9"), call(-2, "67", "0.9"), call(2, "70", "0.4")), "600",
    ),
    ("Cboe: put spread, its width", "123", (put(1, "120", "0.8"), put(-1, "125", "1.24")), "500"),
]  # fmt: skip


def read(lines: Sequence[Line], spot: str, kind: str = "STK") -> tuple[list[MarginLine], Prices]:
    """Published lines as positions, of SPX where the underlying is an index."""
    symbol = "SPX" if kind == "IND" else "XYZ"
    held = [MarginLine(instrument=_instrument(line, symbol), quantity=line.quantity) for line in lines]
    marks = {
        row.instrument.con_id: Decimal(line.mark) for row, line in zip(held, lines, strict=True) if line.right
    }
    return held, Prices({symbol: Decimal(spot)}, marks)


def _instrument(line: Line, symbol: str) -> Instrument:
    if not line.right:
        return Underlying(con_id=1, symbol=symbol)
    key = int(Decimal(line.strike) * 100) * 4 + (line.right == "P") * 2 + (line.expiry == FAR)
    return OptionContract(
        con_id=key + 10,
        symbol=symbol,
        right=Right(line.right),
        strike=Decimal(line.strike),
        expiry=line.expiry,
        last_trade=datetime(line.expiry.year, line.expiry.month, line.expiry.day, 21, tzinfo=UTC),
        multiplier=100,
    )


def need(lines: Sequence[Line], spot: str, kind: str = "STK") -> Requirement:
    return needs_of(*read(lines, spot, kind)).total


@pytest.mark.parametrize(
    ("spot", "kind", "lines", "expected"),
    [row[1:] for row in (*CBOE, *OTHERS)],
    ids=[row[0] for row in (*CBOE, *OTHERS)],
)
def test_published_requirements(spot: str, kind: str, lines: tuple[Line, ...], expected: str) -> None:
    assert need(lines, spot, kind).initial == Decimal(expected)


@pytest.mark.parametrize(
    ("spot", "kind", "lines", "expected"), [row[1:] for row in CBOE_NET], ids=[row[0] for row in CBOE_NET]
)
def test_published_cash_to_open(spot: str, kind: str, lines: tuple[Line, ...], expected: str) -> None:
    """Half of the shares, premiums paid less received, and the requirement.

    The long straddle is printed as 48,500, which is not the sum of its own parts: 48,600.
    """
    assert cash_to_open(*read(lines, spot, kind)) == Decimal(expected)


@pytest.mark.parametrize(
    ("spot", "lines", "expected"), [row[1:] for row in MORE], ids=[row[0] for row in MORE]
)
def test_more_published_requirements(spot: str, lines: tuple[Line, ...], expected: str) -> None:
    assert need(lines, spot).initial == Decimal(expected)


def test_a_published_put_spread_with_its_premiums() -> None:
    """580 is the width and the 80 that the long put costs; less 124 received it is a call for 456."""
    lines = (put(1, "120", "0.8"), put(-1, "125", "1.24"))
    assert need(lines, "123").initial + 80 == 580
    assert cash_to_open(*read(lines, "123")) == 456


@pytest.mark.parametrize(
    ("lines", "spot", "printed", "compared"), [row[1:] for row in HEDGED], ids=[row[0] for row in HEDGED]
)
def test_published_maintenance_of_hedged_shares(
    lines: tuple[Line, ...], spot: str, printed: str, compared: str
) -> None:
    """Printed against shares at the strike or their price in full; ours against shares at their price."""
    shares, price = lines[0].quantity, Decimal(spot)
    calls = [Decimal(line.strike) for line in lines if line.right == "C" and line.quantity < 0]
    inside = sum((max(Decimal(0), price - strike) for strike in calls), start=Decimal(0)) * 100
    assert Decimal(printed) + (inside if shares > 0 else shares * price) == Decimal(compared)
    assert need(lines, spot).maintenance == Decimal(compared)


def test_a_published_covered_call_opens_with_half_of_the_shares_though_it_is_in_the_money() -> None:
    """Cboe Margin Manual, page 47: 100 shares at 92.38 under a call 90: 4,619."""
    assert need((Line(100, ""), call(-1, "90", "7")), "92.38").initial == 4_619


@pytest.mark.parametrize(
    ("quantity", "spot", "initial", "kept"),
    [
        (100, "50", "2500", "1250"),
        (-100, "50", "2500", "1500"),
        (-100, "12", "600", "500"),  # 5.00 a share
        (-100, "4", "400", "400"),  # all of it
        (-100, "2", "250", "250"),  # 2.50 a share
    ],
)
def test_shares_by_regulation_t_and_finra_4210c(quantity: int, spot: str, initial: str, kept: str) -> None:
    assert need((Line(quantity, ""),), spot) == Requirement(Decimal(initial), Decimal(kept))


@pytest.mark.parametrize(
    ("name", "spot", "lines", "kept"),
    [
        ("call in the money: 25 % of its strike, and 10", "110", (call(-1, "100", "11"),), "3500"),
        ("far put: 25 % of the shares is less", "100", (put(1, "60", "0.1"),), "2500"),
        ("near put: 10 % of the strike and 2 out of the money", "100", (put(1, "98", "2"),), "1180"),
        ("collar: 10 % of 95 and 5", "100", (put(1, "95", "1"), call(-1, "105", "1")), "1450"),
        ("wide collar: 25 % of the shares", "100", (put(1, "80", "1"), call(-1, "105", "1")), "2500"),
        ("conversion: 10 % of the strike", "100", (put(1, "100", "3"), call(-1, "100", "3")), "1000"),
    ],
)  # fmt: skip
def test_shares_that_options_guard_need_less_to_hold(
    name: str, spot: str, lines: tuple[Line, ...], kept: str
) -> None:
    """FINRA 4210(f)(2)(H): by hand."""
    assert need((Line(100, ""), *lines), spot).maintenance == Decimal(kept), name


def test_a_spread_needs_no_more_than_its_short_option_alone() -> None:
    """Regulatory Notice 12-44: of a width of 5,000 and 0.50 + 20 % of 200 - 0 = 40.50 a share the lesser."""
    wide = (put(1, "150", "0.1"), put(-1, "200", "0.5"))
    assert need(wide, "200").initial == Decimal("4050")


def test_calls_and_puts_pair_one_to_one_and_the_rest_stands_alone() -> None:
    """Two calls (0.2 x 100 + 3 = 23 each) and a put (22): 23 + 2 for the pair, 23 for the other call."""
    lines = (call(-2, "100", "3"), put(-1, "100", "2"))
    assert need(lines, "100").initial == Decimal("4800")


def test_a_long_option_of_a_later_expiry_covers_and_one_of_an_earlier_does_not() -> None:
    later = (call(-1, "100", "3"), call(1, "105", "4", expiry=FAR))
    earlier = (call(-1, "100", "6", expiry=FAR), call(1, "95", "6", expiry=NEAR))
    assert need(later, "100").initial == 500
    assert need(earlier, "100").initial == Decimal("2600")


def test_a_put_that_covers_a_short_put_does_not_guard_shares_as_well() -> None:
    """One long put 95: with the short put 100 a spread (500), or a guard (10 % of 95 and 5 a share)."""
    lines = (Line(100, ""), put(1, "95", "1"), put(-1, "100", "3"))
    guard_first = 1450 + 2300  # protected shares, and a naked put: 3 + 20
    spread_first = 2500 + 500  # plain shares, and a spread
    assert need(lines, "100").maintenance == min(guard_first, spread_first)


def test_one_covered_call_more_than_shares_is_uncovered() -> None:
    both = need((SHARES, call(-101, "100", "1.68")), "97.73")
    covered = need((SHARES, call(-100, "100", "1.68")), "97.73")
    one = need((call(-1, "100", "1.68"),), "97.73")
    assert both.initial == covered.initial + one.initial


def test_what_has_no_price_is_left_out_and_named() -> None:
    lines, prices = read((put(-1, "100", "3"),), "100")
    found = needs_of(lines, Prices(prices.spots))
    assert found == AccountNeeds((), (("XYZ", "no price for XYZ 2026-12-18 100P"),))
    assert needs_of(lines, Prices({}, prices.marks)).left_out == (("XYZ", "XYZ has no price"),)


def test_futures_are_not_under_regulation_t() -> None:
    moment = datetime(2026, 12, 18, 14, 30, tzinfo=UTC)
    future = Future(con_id=5, symbol="ES", expiry=NEAR, last_trade=moment, multiplier=50, exchange="CME")
    found = needs_of([MarginLine(instrument=future, quantity=1)], Prices({"ES": Decimal(6000)}))
    assert found.total == Requirement()
    assert [name for name, _ in found.left_out] == ["ES 2026-12-18 future"]


_OPTIONS = st.builds(
    Line,
    st.integers(-3, 3).filter(bool),
    st.sampled_from("CP"),
    st.integers(16, 24).map(lambda each: str(each * 5)),
    st.integers(0, 40).map(lambda each: str(Decimal(each) / 4)),
    st.sampled_from((NEAR, FAR)),
)
_BOOKS = st.lists(_OPTIONS, max_size=6, unique_by=lambda line: (line.right, line.strike, line.expiry))
_SHARES = st.integers(-3, 3).map(lambda lots: (Line(lots * 100, ""),) if lots else ())


@given(_SHARES, _BOOKS)
def test_a_requirement_covers_every_share_and_every_written_option_once(
    shares: tuple[Line, ...], book: list[Line]
) -> None:
    """Items add up, none is below 0, and holding never needs more than opening."""
    found = needs_of(*read((*shares, *book), "100"))
    parts = [part.need for needs in found.underlyings for part in needs.parts]
    assert all(0 <= each.maintenance <= each.initial for each in parts)
    assert found.left_out == ()


@given(_BOOKS, _OPTIONS)
def test_a_long_option_beside_written_ones_never_needs_more(book: list[Line], other: Line) -> None:
    written = [replace(line, quantity=-abs(line.quantity)) for line in book if line.strike != other.strike]
    held = replace(other, quantity=abs(other.quantity))
    assert need([*written, held], "100").maintenance <= need(written, "100").maintenance


@given(_BOOKS, st.integers(2, 5))
def test_twice_the_book_needs_no_more_than_twice(book: list[Line], times: int) -> None:
    more = [replace(line, quantity=line.quantity * times) for line in book]
    assert need(more, "100").initial <= need(book, "100").initial * times


_VERTICALS = st.lists(
    st.tuples(st.sampled_from("CP"), st.integers(16, 24), st.integers(16, 24), st.integers(1, 3)),
    min_size=1,
    max_size=5,
)


@given(_VERTICALS)
def test_spreads_of_one_expiry_need_what_the_exchange_s_own_engine_asks(
    verticals: list[tuple[str, int, int, int]],
) -> None:
    """Two implementations, one rule: the largest loss; with marks of 100 no option is cheaper alone."""
    net = Counter[tuple[str, int]]()
    for right, held, written, count in verticals:
        net[right, held] += count
        net[right, written] -= count
    book = [
        Line(count, right, str(strike * 5), "100", NEAR) for (right, strike), count in net.items() if count
    ]
    assert need(book, "100").initial == exchange_need(tuple(book), "100").regulated
