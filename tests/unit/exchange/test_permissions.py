"""What an account may trade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import Client, codes, combo, option, single, spec, stock, text_of, venue

from sumppump.exchange.account.account import Account, Trade, new_account
from sumppump.exchange.account.permissions import EVERYTHING, Permissions, level_needed, refusal_of
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.listing.listing import listing_of

BASE = venue()
SHARES = stock(BASE)
LOW, CALL, HIGH, TOP = (option(BASE, strike) for strike in (670, 680, 690, 700))
LATER = option(BASE, 680, expiry=12)
PUT, LOW_PUT = option(BASE, 670, right="P"), option(BASE, 660, right="P")
EURO: Any = replace(SHARES, con_id=1, symbol="EUR", currency="USD", sec_type="CASH", stock_type="")


def account(*held: tuple[Listing, int]) -> Account:
    one = new_account("SIM1", Decimal(1_000_000), listing_of, BASE.today)
    for listing, quantity in held:
        one.book(Trade(listing, Decimal(quantity), Decimal(1), Decimal(0)))
    return one


Legs = tuple[tuple[Listing, int], ...]
TABLE: list[tuple[str, Legs, Legs, int]] = [
    ("shares alone", (), ((SHARES, 100),), 0),
    ("covered call", ((SHARES, 100),), ((CALL, -1),), 1),
    ("buy-write", (), ((SHARES, 100), (CALL, -1)), 1),
    ("long call", (), ((CALL, 1),), 2),
    ("protective put", ((SHARES, 100),), ((PUT, 1),), 2),
    ("collar", ((SHARES, 100),), ((PUT, 1), (CALL, -1)), 2),
    ("long straddle", (), ((CALL, 1), (PUT, 1)), 2),
    ("debit vertical", (), ((CALL, 1), (HIGH, -1)), 2),
    ("covered put", ((SHARES, -100),), ((PUT, -1),), 2),
    ("credit vertical", (), ((HIGH, 1), (CALL, -1)), 3),
    ("short iron condor", (), ((LOW_PUT, 1), (PUT, -1), (CALL, -1), (HIGH, 1)), 3),
    ("butterfly", (), ((LOW, 1), (CALL, -2), (HIGH, 1)), 3),
    ("calendar", (), ((CALL, -1), (LATER, 1)), 3),
    ("naked put", (), ((PUT, -1),), 3),
    ("naked call", (), ((CALL, -1),), 4),
    ("ratio spread", (), ((CALL, 1), (HIGH, -2)), 4),
    ("short straddle", (), ((CALL, -1), (PUT, -1)), 4),
    ("one call too many", ((SHARES, 100), (CALL, -1)), ((HIGH, -1),), 4),
    ("closing a short call", ((CALL, -1),), ((CALL, 1),), 0),
    ("closing a long call", ((CALL, 2),), ((CALL, -2),), 0),
    ("closing the long leg of a spread", ((CALL, 1), (HIGH, -1)), ((CALL, -1),), 0),
]


@pytest.mark.behaviour("SIM-PERM-01")
@pytest.mark.parametrize(
    ("held", "order", "level"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_levels_of_option_trading(held: Legs, order: Legs, level: int) -> None:
    changes = [(listing, Decimal(quantity)) for listing, quantity in order]
    one = account(*held)
    assert level_needed(changes, one) == level
    for own in range(5):
        refused = refusal_of(Permissions(option_level=own), changes, one)
        assert (refused is not None) == (own < level)


@pytest.mark.behaviour("SIM-PERM-02")
def test_an_order_beyond_the_level_is_inactive_with_201_and_so_is_its_what_if() -> None:
    client = Client(venue())
    client.at.backoffice.account.permissions = Permissions(option_level=2)
    spread = combo((LOW, -1), (CALL, 1))
    events = client.place(spread, spec(limit=Decimal("-5.00")))
    assert codes(events) == [201]
    assert "No Trading Permission" in text_of(201, events)
    assert codes(client.place(spread, spec(limit=Decimal("-5.00"), what_if=True))) == [201]
    assert codes(client.place(single(CALL), spec(kind="MKT"))) == []


@pytest.mark.behaviour("SIM-PERM-03")
def test_kinds_without_permission_are_refused_with_460() -> None:
    client = Client(venue())
    client.at.backoffice.account.permissions = Permissions(kinds=("OPT",))
    assert codes(client.place(single(SHARES), spec(kind="MKT"))) == [460]
    assert codes(client.place(single(CALL), spec(kind="MKT"))) == []


@pytest.mark.behaviour("SIM-PERM-04")
def test_rules_for_retail_are_switches() -> None:
    buys, sells = [(SHARES, Decimal(1))], [(SHARES, Decimal(-1))]
    retail = Permissions(needs_kid=True)
    assert SHARES.stock_type == "ETF"
    assert getattr(refusal_of(retail, buys, account()), "code", 0) == 201
    assert refusal_of(retail, sells, account((SHARES, 1))) is None
    unlevered = Permissions(currency_leverage=False)
    assert getattr(refusal_of(unlevered, [(EURO, Decimal(-10))], account()), "code", 0) == 201
    rich = account()
    rich.balances["EUR"] = Decimal(10)
    assert refusal_of(unlevered, [(EURO, Decimal(-10))], rich) is None
    assert refusal_of(EVERYTHING, [(EURO, Decimal(-10))], account()) is None


def test_permissions_survive_a_restart() -> None:
    at = venue()
    at.backoffice.account.permissions = Permissions(option_level=1, kinds=("STK",))
    assert type(at).restore(at.snapshot()).backoffice.account.permissions == at.backoffice.account.permissions
