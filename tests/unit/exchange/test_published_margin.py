"""Margins that others have published, line by line; what they state net of premiums is compared so."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.support.published_margin import CBOE, CBOE_NET, OTHERS, Line
from tests.unit.exchange.builders import option, stock, venue

from sumppump.exchange.account.margin import Holding, Requirement, requirement
from sumppump.exchange.listing.instruments import Listing

BASE = venue()
SHARE, OPTION = stock(BASE), option(BASE, 680)


def holding(line: Line, spot: str, kind: str) -> Holding:
    listing: Listing = SHARE
    mark = Decimal(spot)
    if line.right:
        listing = replace(
            OPTION, right=line.right, strike=Decimal(line.strike), expiry=line.expiry, under_sec_type=kind
        )
        mark = Decimal(line.mark)
    return Holding(listing, Decimal(line.quantity), mark, Decimal(spot))


def need(lines: tuple[Line, ...], spot: str, kind: str = "STK") -> Requirement:
    return requirement(holding(line, spot, kind) for line in lines)


@pytest.mark.behaviour("SIM-MARGIN-01")
@pytest.mark.parametrize(
    ("spot", "kind", "lines", "expected"),
    [row[1:] for row in (*CBOE, *OTHERS)],
    ids=[row[0] for row in (*CBOE, *OTHERS)],
)
def test_published_requirements(spot: str, kind: str, lines: tuple[Line, ...], expected: str) -> None:
    assert need(lines, spot, kind).regulated == Decimal(expected)


@pytest.mark.behaviour("SIM-MARGIN-02")
@pytest.mark.parametrize(
    ("spot", "kind", "lines", "expected"),
    [row[1:] for row in CBOE_NET],
    ids=[row[0] for row in CBOE_NET],
)
def test_published_cash_needs(spot: str, kind: str, lines: tuple[Line, ...], expected: str) -> None:
    """Half of the shares' value is to be found by their buyer, at the end of the day."""
    paid = sum(Decimal(line.mark) * line.quantity * 100 for line in lines if line.right)
    assert need(lines, spot, kind).regulated + paid == Decimal(expected)


@pytest.mark.behaviour("SIM-MARGIN-03")
@pytest.mark.parametrize(
    ("quantity", "price", "regulated", "within_the_day"),
    [
        (100, "50", "2500", "1250"),
        (-100, "50", "2500", "1500"),
        (-100, "12", "600", "500"),  # 5.00 a share
        (-100, "5", "500", "500"),
        (-100, "4", "400", "400"),  # all of it
        (-100, "2", "250", "250"),  # 2.50 a share
    ],
)
def test_shares_by_finra(quantity: int, price: str, regulated: str, within_the_day: str) -> None:
    found = need((Line(quantity, ""),), price)
    assert found.regulated == Decimal(regulated)
    assert (found.initial, found.maintenance) == (Decimal(within_the_day),) * 2


@pytest.mark.behaviour("SIM-MARGIN-04")
def test_futures_need_less_by_day_than_overnight() -> None:
    future: Any = replace(SHARE, sec_type="FUT", trading_class="ES", multiplier=50)
    one = [Holding(future, Decimal(-2), Decimal(6800), Decimal(6800))]
    day, night = requirement(one), requirement(one, is_night=True)
    assert night.initial == night.futures_initial == 50_000
    assert day.initial * 2 == night.initial
    assert day.maintenance < day.initial


@pytest.mark.behaviour("SIM-MARGIN-05")
@pytest.mark.parametrize(
    ("sec_type", "symbol", "currency", "need_of_1000"),
    [("CASH", "EUR", "USD", "25"), ("CASH", "USD", "JPY", "30"), ("CRYPTO", "BTC", "USD", "1000")],
)
def test_currencies_need_a_part_and_coins_everything(
    sec_type: Any, symbol: str, currency: str, need_of_1000: str
) -> None:
    listing = replace(SHARE, sec_type=sec_type, symbol=symbol, currency=currency)
    assert requirement([Holding(listing, Decimal(10), Decimal(100), Decimal(100))]).initial == Decimal(
        need_of_1000
    )
