"""What an account can buy within a day, what the end of the day asks for, and who may only close."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import (
    START,
    Client,
    codes,
    combo,
    fills,
    of,
    option,
    options,
    sides,
    single,
    spec,
    stock,
    text_of,
    top,
    venue,
)

from sumppump.exchange.account.account import Trade
from sumppump.exchange.account.clearing import venue_of
from sumppump.exchange.events import MarginWarned, MemorandumWarned, WhatIfReported
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.orders.orders import legs_of
from sumppump.exchange.venue import Venue


def power(at: Venue) -> Decimal:
    return at.backoffice.desk.figures(at.moment()).buying_power


def affordable(at: Venue, share: str) -> int:
    """Shares of SPY for a part of the buying power."""
    return int(power(at) * Decimal(share) / sides(top(at, stock(at)))[1])


@pytest.mark.behaviour("SIM-MARGIN-09")
@pytest.mark.parametrize("cash", [250_000, 12_000])
@pytest.mark.parametrize(("share", "refused"), [("0.999", []), ("1.01", [201])])
def test_what_buying_power_says_can_be_bought(cash: int, share: str, refused: list[int]) -> None:
    client = Client(venue(cash=Decimal(cash)))
    count = affordable(client.at, share)
    terms = spec(quantity=count, kind="MKT")
    asked = client.place(single(stock(client.at)), replace(terms, what_if=True))
    (report,) = of(WhatIfReported, asked)
    margin = report.order.margin
    assert margin is not None
    assert (margin.init_after > margin.equity_after) == bool(refused)
    assert codes(asked) == refused
    placed = client.place(single(stock(client.at)), terms)
    assert codes(placed) == refused
    assert bool(fills(placed) or fills(client.wait(2))) == (not refused)


@pytest.mark.behaviour("SIM-MARGIN-10")
@pytest.mark.parametrize(("share", "warnings"), [("0.6", 1), ("0.45", 0)])
def test_more_than_twice_the_equity_is_noticed_before_the_close(share: str, warnings: int) -> None:
    client = Client(venue())
    count = affordable(client.at, share)
    client.place(single(stock(client.at)), spec(quantity=count, kind="MKT"))
    events = client.wait(7 * 3600)
    told = of(MemorandumWarned, events)
    assert len(told) == warnings
    assert all(one.memorandum < 0 and f"{one.at - timedelta(hours=5):%H:%M}" == "15:50" for one in told)
    assert of(MarginWarned, events) == []
    assert client.at.backoffice.account.quantity(stock(client.at).con_id) == count


@pytest.mark.behaviour("SIM-PERM-05")
def test_a_coin_is_sold_only_by_who_has_it() -> None:
    client = Client(venue())
    (coin,) = client.at.contracts(ContractQuery(symbol="ETH", sec_type="CRYPTO"))
    sale = spec("SELL", 2, limit=sides(top(client.at, coin))[0])
    events = client.place(single(coin), sale)
    assert "Short sales of cryptocurrency" in text_of(201, events)
    client.place(single(coin), spec("BUY", 2, limit=sides(top(client.at, coin))[1] + 50))
    client.wait(5)
    assert client.at.backoffice.account.quantity(coin.con_id) == 2
    assert codes(client.place(single(coin), sale)) == []
    assert codes(client.place(single(coin), replace(sale, quantity=Decimal(3)))) == [201]


@pytest.mark.behaviour("SIM-PERM-06")
def test_a_small_account_without_day_trades_left_may_only_close() -> None:
    client = Client(venue(cash=Decimal(20_000)))
    account = client.at.backoffice.account
    account.day_trades = (frozenset({1, 2}), frozenset({3}))
    shares, contract = stock(client.at), option(client.at, 680)
    account.book(Trade(shares, Decimal(10), Decimal(600), Decimal(0)))
    for query in (single(shares), single(contract)):
        events = client.place(query, spec(limit=0.05))
        assert "no day trades remain" in text_of(201, events)
    bid = sides(top(client.at, shares))[0]
    assert codes(client.place(single(shares), spec("SELL", 10, limit=bid - 1))) == []
    account.pay(Decimal(-10_000))
    assert codes(client.place(single(shares), spec(limit=1.0))) == []


ASKED: list[dict[str, Any]] = [
    {"symbol": "SPY", "sec_type": "STK"},
    {"symbol": "ES", "sec_type": "FUT"},
    {"symbol": "EUR", "sec_type": "CASH", "currency": "USD"},
    {"symbol": "BTC", "sec_type": "CRYPTO"},
]


@pytest.mark.behaviour("SIM-UNIV-22")
def test_executions_name_an_exchange_of_the_contract() -> None:
    at = venue()
    listings: list[Listing] = [at.contracts(ContractQuery(**one))[0] for one in ASKED]
    listings += [options(at, symbol, 1)[0] for symbol in ("SPY", "SPX", "XSP", "VIX", "NDX", "RUT")]
    for listing in listings:
        for number in range(9):
            assert venue_of(listing, number) in set(listing.valid_exchanges) - {"SMART"}


def test_each_execution_of_a_combo_goes_by_its_own_contract() -> None:
    client = Client(venue())
    call, share = option(client.at, 680), stock(client.at)
    price = float(sides(top(client.at, share))[1])
    events = client.place(combo((share, 100), (call, -1)), spec(limit=price))
    found = fills(events) or fills(client.wait(5))
    assert len(found) == 3
    for fill in found:
        assert fill.exchange in legs_of(fill.instrument)[0].listing.valid_exchanges


@pytest.mark.behaviour("SIM-UNIV-23")
@pytest.mark.parametrize(
    ("symbol", "outside", "opens"),
    [("SPX", True, "11-22 20:15"), ("VIX", True, "11-22 20:15"), ("SPX", False, "11-23 09:30"),
     ("NDX", True, "11-23 09:30"), ("SPY", True, "11-23 09:30")],
)  # fmt: skip
def test_some_index_options_trade_by_night_if_the_order_says_so(
    symbol: str, outside: bool, opens: str
) -> None:
    """Placed on Friday evening; the night session begins on Sunday at 20:15 New York."""
    client = Client(venue(start=START + timedelta(hours=9), cash=Decimal(10_000_000)))
    chain = [one for one in options(client.at, symbol, 1) if top(client.at, one).ask]
    contract = chain[len(chain) // 2]
    ask = sides(top(client.at, contract))[1]
    client.place(single(contract), spec(limit=ask * 2 + 50, tif="GTC", outside_rth=outside))
    (fill,) = fills(client.wait(3 * 86_400))
    assert f"{fill.at - timedelta(hours=5):%m-%d %H:%M}" == opens
