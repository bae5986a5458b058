"""What an order costs, by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import option, stock, venue

from sumppump.exchange.account.fees import Traded, added, rate_of, tariff
from sumppump.exchange.listing.instruments import Listing

BASE = venue()
SHARE, OPTION = stock(BASE), option(BASE, 680)


def kind(sec_type: Any, trading_class: str = "", multiplier: int = 1) -> Listing:
    """A contract of another kind, as far as fees look at it."""
    return replace(SHARE, sec_type=sec_type, trading_class=trading_class, multiplier=multiplier)


def own(listing: Listing, count: str, value: str) -> Decimal:
    """The commission without what others take."""
    traded = Traded(listing, Decimal(count), Decimal(value))
    return tariff([traded]) - added(traded).quantize(Decimal("0.0001"))


@pytest.mark.behaviour("SIM-FEES-01")
@pytest.mark.parametrize(
    ("listing", "count", "value", "expected"),
    [
        (OPTION, "1", "100", "1.00"),
        (OPTION, "2", "100", "1.30"),
        (SHARE, "100", "60000", "1.00"),
        (SHARE, "1000", "600000", "5.00"),
        (SHARE, "1000", "200", "2.00"),  # 1 % of a penny stock's value
        (SHARE, "10", "2", "0.02"),  # against the minimum too
    ],
)
def test_options_and_stocks_by_number_with_their_bounds(
    listing: Listing, count: str, value: str, expected: str
) -> None:
    assert own(listing, count, value) == Decimal(expected)


@pytest.mark.behaviour("SIM-FEES-02")
@pytest.mark.parametrize(
    ("listing", "count", "value", "expected"),
    [
        (kind("CASH"), "20000", "22000", "2.00"),
        (kind("CASH"), "1000000", "1100000", "22.00"),
        (kind("CRYPTO"), "0.1", "9000", "16.20"),
        (kind("FUT", "ES", 50), "3", "1000000", "2.55"),
        (kind("FUT", "MES", 5), "4", "100000", "1.00"),
    ],
)
def test_other_kinds_have_rates_of_their_own(listing: Listing, count: str, value: str, expected: str) -> None:
    assert own(listing, count, value) == Decimal(expected)


def test_the_least_that_an_order_costs_is_asked_once_of_a_combo() -> None:
    legs = [Traded(OPTION, Decimal(1), Decimal(50)), Traded(OPTION, Decimal(1), Decimal(40))]
    assert tariff(legs) == (Decimal("1.30") + added(legs[0]) + added(legs[1])).quantize(Decimal("0.0001"))
    assert tariff([]) == 0


@pytest.mark.behaviour("SIM-FEES-03")
def test_sellers_pay_more_than_buyers_and_options_more_than_stocks() -> None:
    """Per contract 0.02295 and 0.025; on sales 20.60 a million, 0.00329 a contract or 0.000195 a share."""
    value = Decimal(10_000)
    assert added(Traded(SHARE, Decimal(100), value)) == 0
    assert added(Traded(SHARE, Decimal(100), value, is_sale=True)) == Decimal("0.206") + Decimal("0.0195")
    assert added(Traded(OPTION, Decimal(10), value)) == Decimal("0.4795")
    sold = added(Traded(OPTION, Decimal(10), value, is_sale=True))
    assert sold == Decimal("0.4795") + Decimal("0.206") + Decimal("0.0329")


def test_index_options_and_futures_pay_their_exchange() -> None:
    index_option = replace(OPTION, trading_class="SPXW")
    assert added(Traded(index_option, Decimal(2), Decimal(0))) > Decimal("1.32")
    assert added(Traded(kind("FUT", "ES", 50), Decimal(1), Decimal(0))) == Decimal("1.40")
    assert rate_of(index_option).each == Decimal("0.65")
