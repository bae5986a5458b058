"""The account by hand: balances of several currencies, futures settled day by day, coins in fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import stock, venue

from sumppump.exchange.account.account import Account, Trade, load, new_account, state_of
from sumppump.exchange.account.account_rows import account_rows
from sumppump.exchange.account.accruals import DividendDue
from sumppump.exchange.account.margin import NOTHING
from sumppump.exchange.account.valuation import Marks
from sumppump.exchange.listing.instruments import Listing

SHARE = stock(venue())
EURO: Any = replace(SHARE, con_id=1, symbol="EUR", local_symbol="EUR.USD", sec_type="CASH")
YEN: Any = replace(SHARE, con_id=2, symbol="USD", local_symbol="USD.JPY", sec_type="CASH", currency="JPY")
FUTURE: Any = replace(SHARE, con_id=3, symbol="ES", trading_class="ES", sec_type="FUT", multiplier=50)
COIN: Any = replace(SHARE, con_id=4, symbol="BTC", sec_type="CRYPTO")
ALL = {one.con_id: one for one in (EURO, YEN, FUTURE, COIN, SHARE)}
RATES = {"USD": Decimal(1), "EUR": Decimal("1.10"), "JPY": Decimal("0.0064")}


def account() -> Account:
    return new_account("SIM1", Decimal(100_000), ALL.__getitem__, date(2026, 11, 20))


def marks(**prices: str) -> Marks:
    by_symbol: Mapping[str, Decimal] = {name: Decimal(price) for name, price in prices.items()}

    def price(listing: Listing) -> Decimal:
        return by_symbol.get(listing.local_symbol.replace(".", ""), by_symbol.get(listing.symbol, Decimal(1)))

    return Marks(price, RATES.__getitem__)


def bought(listing: Listing, quantity: str, price: str, commission: str = "2") -> Trade:
    return Trade(listing, Decimal(quantity), Decimal(price), Decimal(commission))


def rows(one: Account, at: Marks) -> dict[tuple[str, str], str]:
    return {(row.key, row.currency): row.value for row in account_rows(one.figures(at, NOTHING))}


@pytest.mark.behaviour("SIM-ACCT-09")
def test_an_exchange_of_currencies_changes_two_balances() -> None:
    """20,000 euros at 1.10, then 1,000 dollars into yen at 156.25."""
    one = account()
    one.book(bought(EURO, "20000", "1.10"))
    one.book(bought(YEN, "-1000", "156.25"))
    assert one.balances == {"USD": Decimal(76_996), "EUR": Decimal(20_000), "JPY": Decimal(156_250)}
    at = marks(EURUSD="1.10", USDJPY="156.25")
    assert one.net_liquidation(at) == Decimal(99_996)
    told = rows(one, at)
    assert told["CashBalance", "EUR"] == "20000.00"
    assert told["CashBalance", "BASE"] == told["TotalCashValue", "USD"] == "99996.00"
    assert told["ExchangeRate", "EUR"] == "1.10"
    assert told["ExchangeRate", "JPY"] == "0.0064"
    assert told["FxCashBalance", "BASE"] == "23000.00"


@pytest.mark.behaviour("SIM-ACCT-10")
def test_a_future_is_paid_for_by_its_daily_difference() -> None:
    one = account()
    one.book(bought(FUTURE, "2", "6800", "4.50"))
    assert one.cash == Decimal("99995.50")
    at = marks(ES="6810.25")
    told = rows(one, at)
    assert told["FuturesPNL", "USD"] == "1025.00"
    assert told["TotalCashBalance", "USD"] == "99995.50"
    assert one.net_liquidation(at) == Decimal("101020.50")
    one.begin_day(at)
    assert one.cash == Decimal("101020.50")
    assert rows(one, at)["FuturesPNL", "USD"] == "0.00"
    assert one.pnl(marks(ES="6811.25")).daily == 100


def test_what_a_closed_future_made_is_settled_with_the_day() -> None:
    one = account()
    one.book(bought(FUTURE, "1", "6800", "0"))
    assert one.book(bought(FUTURE, "-1", "6790", "0")) == -500
    assert one.cash == 100_000
    assert one.net_liquidation(marks(ES="9999")) == 99_500
    one.begin_day(marks(ES="9999"))
    assert (one.cash, one.lines) == (99_500, {})


def test_coins_are_held_in_fractions() -> None:
    one = account()
    one.book(bought(COIN, "0.12345678", "90000", "20"))
    assert one.position_view(COIN.con_id).quantity == Decimal("0.12345678")
    assert one.net_liquidation(marks(BTC="90000")) == 99_980
    assert one.book(bought(COIN, "-0.12345678", "90000", "20")) == -40
    assert one.quantity(COIN.con_id) == 0


def test_four_day_trades_of_a_small_account_use_up_its_three() -> None:
    one = new_account("SIM1", Decimal(10_000), ALL.__getitem__, date(2026, 11, 20))
    at = marks()
    left = []
    for listing in (SHARE, COIN, EURO, FUTURE):
        left.append(one.figures(at, NOTHING).day_trades_left)
        one.book(bought(listing, "1", "1", "0"))
        one.book(bought(listing, "-1", "1", "0"))
    assert left == [3, 2, 1, 0]
    assert account().figures(at, NOTHING).day_trades_left == -1
    for _ in range(5):
        one.begin_day(at)
    assert one.figures(at, NOTHING).day_trades_left == 3


def test_a_saved_account_is_the_account() -> None:
    one = account()
    one.book(bought(EURO, "20000", "1.10"))
    one.book(bought(FUTURE, "2", "6800"))
    one.accruals.interest["USD"] = Decimal("1.23")
    one.accruals.dividends = (DividendDue(SHARE.con_id, date(2026, 11, 20), date(2026, 12, 1), Decimal(5)),)
    other = new_account("SIM1", Decimal(0), ALL.__getitem__, date(2026, 11, 20))
    load(other, state_of(one))
    assert other == one
