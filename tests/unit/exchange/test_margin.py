"""The rule book as a table; every figure can be checked by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.exchange.account.margin import Holding, requirement
from sumppump.exchange.listing.contract_ids import OptionKey
from sumppump.exchange.listing.listing import option_listing, stock_listing
from sumppump.exchange.listing.symbols import BY_SYMBOL

NEAR, FAR = date(2026, 12, 18), date(2027, 1, 15)


@dataclass(frozen=True)
class Line:
    quantity: int
    right: str = ""  # "" is the stock
    strike: int = 0
    expiry: date = NEAR
    mark: str = "2.00"


def holding(line: Line, spot: str, symbol: str = "SPY") -> Holding:
    listing = stock_listing(BY_SYMBOL[symbol])
    mark = Decimal(spot)
    if line.right:
        listing = option_listing(OptionKey(symbol, line.expiry, line.right, 2 * line.strike))
        mark = Decimal(line.mark)
    return Holding(listing, line.quantity, mark, Decimal(spot))


def need(*lines: Line, spot: str = "100") -> tuple[Decimal, Decimal, Decimal]:
    found = requirement(holding(line, spot) for line in lines)
    return found.initial, found.maintenance, found.regulated


def regulated(*lines: Line, spot: str = "100") -> Decimal:
    return need(*lines, spot=spot)[2]


C, P = "C", "P"
TABLE = [
    ("nothing", (), 0),
    ("long call: paid in full", (Line(3, C, 100),), 0),
    ("debit call spread 100/105", (Line(1, C, 100), Line(-1, C, 105)), 0),
    ("credit call spread 100/105: width", (Line(-1, C, 100), Line(1, C, 105)), 500),
    ("credit put spread 100/95, twice", (Line(-2, P, 100), Line(2, P, 95)), 1000),
    (
        "iron condor 85/90/110/115: one side only",
        (Line(1, P, 85), Line(-1, P, 90), Line(-1, C, 110), Line(1, C, 115)), 500,
    ),
    (
        "iron condor with unequal wings: the wider one",
        (Line(1, P, 80), Line(-1, P, 90), Line(-1, C, 110), Line(1, C, 115)), 1000,
    ),
    ("long butterfly 95/100/105", (Line(1, C, 95), Line(-2, C, 100), Line(1, C, 105)), 0),
    ("short butterfly 95/100/105: its width", (Line(-1, C, 95), Line(2, C, 100), Line(-1, C, 105)), 500),
    ("long box", (Line(1, C, 95), Line(-1, C, 105), Line(1, P, 105), Line(-1, P, 95)), 0),
    ("short box", (Line(-1, C, 95), Line(1, C, 105), Line(-1, P, 105), Line(1, P, 95)), 1000),
    ("naked call at the money: 2 + 20", (Line(-1, C, 100),), 2200),
    ("naked call 15 out: 2 + max(20 - 15, 10)", (Line(-1, C, 115),), 1200),
    ("naked call 5 out, twice: 2 + 15", (Line(-2, C, 105),), 3400),
    ("naked put at the money", (Line(-1, P, 100),), 2200),
    ("naked put 30 out: 2 + 10 % of the strike", (Line(-1, P, 70),), 900),
    ("short straddle: one side and both premiums", (Line(-1, C, 100), Line(-1, P, 100)), 2400),
    ("short strangle 110/90: 2 + 10 on one side, 2 on the other", (Line(-1, C, 110), Line(-1, P, 90)), 1400),
    ("ratio spread: one covered by the long, one naked at 105", (Line(1, C, 100), Line(-2, C, 105)), 1700),
    ("calendar, long later", (Line(-1, C, 100), Line(1, C, 100, FAR)), 0),
    ("calendar, long earlier: protects nothing", (Line(1, C, 100), Line(-1, C, 100, FAR)), 2200),
    ("diagonal, long later and 5 higher: the difference", (Line(-1, C, 100), Line(1, C, 105, FAR)), 500),
    ("diagonal, long later and lower", (Line(-1, C, 105), Line(1, C, 100, FAR)), 0),
    ("100 shares: half of 10,000", (Line(100),), 5000),
    ("covered call out of the money", (Line(100), Line(-1, C, 105)), 5000),
    ("covered call 10 in the money: 50 % and 10 a share", (Line(100), Line(-1, C, 90)), 6000),
    ("two calls on 100 shares: one naked, 5 out", (Line(100), Line(-2, C, 105)), 6700),
    ("99 shares cover nothing", (Line(99), Line(-1, C, 100)), 7150),
    ("protective put: no relief", (Line(100), Line(1, P, 95)), 5000),
    ("collar", (Line(100), Line(1, P, 95), Line(-1, C, 105)), 5000),
    ("short shares", (Line(-100),), 5000),
    ("short put covered by short shares", (Line(-100), Line(-1, P, 95)), 5000),
]  # fmt: skip


@pytest.mark.behaviour("SIM-BOOK-09")
@pytest.mark.parametrize(("lines", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_margin_by_the_rule_book(lines: tuple[Line, ...], expected: int) -> None:
    """Our own rule book in the manner of Regulation T; spot 100, every option marked 2.00."""
    assert regulated(*lines) == expected


@pytest.mark.behaviour("SIM-BOOK-10")
def test_within_the_day_stocks_need_less_and_options_the_same() -> None:
    assert need(Line(100)) == (Decimal(2500), Decimal(2500), Decimal(5000))
    assert need(Line(-100)) == (Decimal(3000), Decimal(3000), Decimal(5000))
    assert need(Line(-1, C, 100), Line(1, C, 105)) == (Decimal(500),) * 3


@pytest.mark.behaviour("SIM-BOOK-11")
def test_underlyings_do_not_cover_each_other() -> None:
    call = holding(Line(-1, C, 100), "100")
    cover = holding(Line(1, C, 100), "100", symbol="QQQ")
    assert requirement([call, cover]).initial == 2200


@pytest.mark.behaviour("SIM-BOOK-12")
def test_the_order_of_positions_does_not_matter() -> None:
    lines = [Line(1, C, 95), Line(-2, C, 100), Line(-1, P, 90), Line(100), Line(1, C, 110, FAR)]
    assert need(*lines) == need(*lines[::-1])


lines_strategy = st.lists(
    st.builds(
        Line,
        quantity=st.integers(-3, 3).filter(bool),
        right=st.sampled_from([C, P]),
        strike=st.sampled_from([80, 90, 95, 100, 105, 110, 120]),
        expiry=st.sampled_from([NEAR, FAR]),
    ),
    max_size=5,
    unique_by=lambda line: (line.right, line.strike, line.expiry),
)


def worst_loss_at_expiry(lines: list[Line]) -> int:
    """The most that options of one expiry can cost between 0 and 1,000, where all slopes are known."""
    return max(
        -sum(
            line.quantity * 100 * max((price - line.strike) if line.right == C else (line.strike - price), 0)
            for line in lines
        )
        for price in (0, 80, 90, 95, 100, 105, 110, 120)
    )


@pytest.mark.behaviour("SIM-BOOK-13")
@settings(max_examples=300, deadline=None)
@given(lines_strategy)
def test_a_position_of_bounded_risk_needs_what_it_can_lose(lines: list[Line]) -> None:
    """One expiry, no more calls or puts sold than bought: the worst payoff, no more and no less."""
    near = [line for line in lines if line.expiry == NEAR]
    if any(sum(line.quantity for line in near if line.right == right) < 0 for right in (C, P)):
        return
    assert need(*near) == (max(worst_loss_at_expiry(near), 0),) * 3
