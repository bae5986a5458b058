"""Exercise by hand and assignment by others, before expiry and at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import (
    START,
    Client,
    codes,
    fills,
    of,
    option,
    single,
    spec,
    states,
    text_of,
    venue,
)

from sumppump.exchange.account.early_assignment import Evening, exercised_share
from sumppump.exchange.account.settlement import assigned_share
from sumppump.exchange.commands import ExerciseOption, OrderAssignment
from sumppump.exchange.events import Event, OptionSettled
from sumppump.exchange.listing.instruments import Listing

CLOSE = START + timedelta(hours=6)
D = Decimal


def holder(
    strike: int, quantity: int = 3, *, right: str = "C", expiry: int = 10, action: str = "BUY"
) -> tuple[Client, Listing]:
    client = Client(venue())
    held = option(client.at, strike, expiry=expiry, right=right)
    client.place(single(held), spec(action, quantity=quantity, kind="MKT"))
    assert abs(client.at.positions()[0].quantity) == quantity
    return client, held


def ask(
    client: Client, held: Listing, action: int, quantity: int, *, override: bool = False
) -> Sequence[Event]:
    command = ExerciseOption(
        client_id=1,
        request_id=77,
        contract=single(held),
        action=action,
        quantity=quantity,
        override=override,
    )
    return client.at.apply(command)


def held_now(client: Client) -> dict[str, Decimal]:
    return {str(one.listing.sec_type): one.quantity for one in client.at.positions()}


@pytest.mark.behaviour("SIM-EXER-01")
def test_an_option_in_the_money_is_exercised_with_the_end_of_the_day() -> None:
    client, call = holder(660)
    assert states(ask(client, call, 1, 2)) == ["PreSubmitted"]
    assert held_now(client) == {"OPT": 3}
    events = client.at.advance(CLOSE)
    assert states(events, 77) == ["Filled"]
    assert held_now(client) == {"OPT": 1, "STK": 200}
    (settled,) = of(OptionSettled, events)
    assert (settled.quantity, settled.shares, settled.price) == (2, 200, 660)
    rows = [(one.side, one.shares, one.price) for one in fills(events)]
    assert rows == [("SLD", 2, 0), ("BOT", 200, 660)]


@pytest.mark.behaviour("SIM-EXER-02")
@pytest.mark.parametrize(
    ("strike", "expiry", "action", "quantity", "words"),
    [
        (660, 10, 1, 4, "exceeds the long position"),
        (660, 10, 1, 0, "Invalid exercise quantity"),
        (660, 10, 3, 1, "Invalid exercise action"),
        (700, 10, 1, 1, "out of the money"),
        (660, 10, 2, 1, "last trading day only"),
        (660, 0, 2, 1, "in the money"),
    ],
)
def test_what_cannot_be_exercised_is_refused_with_a_reason(
    strike: int, expiry: int, action: int, quantity: int, words: str
) -> None:
    client, call = holder(strike, expiry=expiry)
    events = ask(client, call, action, quantity)
    assert codes(events) == [322]
    assert words in text_of(322, events)
    assert client.at.backoffice.wishes.rows == ()


def test_a_short_option_cannot_be_exercised_by_who_sold_it() -> None:
    client, call = holder(660, action="SELL")
    assert codes(ask(client, call, 1, 1)) == [322]


def test_instructions_do_not_name_more_than_is_held_in_all() -> None:
    client, call = holder(660)
    ask(client, call, 1, 2)
    assert codes(ask(client, call, 1, 2)) == [322]


@pytest.mark.behaviour("SIM-EXER-03")
def test_an_override_exercises_out_of_the_money_and_lapses_in_it() -> None:
    client, call = holder(690, expiry=0)
    ask(client, call, 1, 1, override=True)
    client.at.advance(CLOSE)
    assert held_now(client) == {"STK": 100}
    client, call = holder(660, expiry=0)
    ask(client, call, 2, 1, override=True)
    client.at.advance(CLOSE)
    assert held_now(client) == {"STK": 200}


def test_an_unknown_contract_cannot_be_exercised() -> None:
    client, call = holder(660)
    assert codes(ask(client, replace(call, con_id=5), 1, 1)) == [200]


@pytest.mark.behaviour("SIM-EXER-04")
@pytest.mark.parametrize(
    ("gain", "share"), [("0.02", 1), ("0.01", 1), ("0", 0.5), ("-0.005", 0.25), ("-0.01", 0)]
)
def test_within_a_cent_of_the_strike_a_part_of_the_shorts_is_assigned(gain: str, share: float) -> None:
    """Pin risk: holders may exercise what is not exercised by itself, and the other way round."""
    assert assigned_share(D(gain)) == share


CALL = option(venue(), 640)


def evening(**other: Any) -> Evening:
    usual = {"spot": D(680), "bid": D("40.05"), "dividend": D("1.95"), "rate": D("0.04"), "nights": 1}
    return Evening(**{**usual, **other})


@pytest.mark.behaviour("SIM-EXER-05")
def test_deep_calls_are_exercised_the_evening_before_a_dividend_that_pays() -> None:
    assert exercised_share(CALL, evening()) > 0.95
    assert exercised_share(CALL, evening(dividend=D(0))) == 0
    assert exercised_share(CALL, evening(dividend=D("0.05"))) == 0
    assert exercised_share(CALL, evening(spot=D(600), bid=D("1.00"))) == 0
    dearer = [exercised_share(CALL, evening(bid=D(40) + D(cents) / 100)) for cents in (10, 60, 120, 190)]
    assert dearer == sorted(dearer, reverse=True)


def test_deep_puts_are_exercised_when_interest_on_the_strike_is_worth_more_than_waiting() -> None:
    put = option(venue(), 720, right="P")
    deep = {"spot": D(600), "dividend": D(0)}
    assert 0 < exercised_share(put, evening(bid=D(120), **deep)) <= 0.25
    assert exercised_share(put, evening(bid=D("120.50"), **deep)) == 0
    over_a_weekend = exercised_share(put, evening(bid=D("120.06"), nights=3, **deep))
    assert over_a_weekend > exercised_share(put, evening(bid=D("120.06"), **deep))
    assert exercised_share(replace(put, is_american=False), evening(bid=D(120), **deep)) == 0


@pytest.mark.behaviour("SIM-EXER-06")
def test_a_short_deep_call_is_assigned_before_the_ex_date_and_owes_no_dividend() -> None:
    """SPY goes ex on Friday, 18 December: the shares are sold on Thursday's evening."""
    start = datetime(2026, 12, 17, 20, 0, tzinfo=UTC)
    client = Client(venue(start=start, cash=D(2_000_000)))
    deep = option(client.at, 600, expiry=5)
    client.place(single(deep), spec("SELL", quantity=10, kind="MKT"))
    events = client.at.advance(start + timedelta(hours=1))
    (settled,) = of(OptionSettled, events)
    assert -10 <= settled.quantity <= -8  # each contract draws its own lot
    assert settled.shares == 100 * settled.quantity
    again = Client(venue(start=start, cash=D(2_000_000)))
    again.place(single(deep), spec("SELL", quantity=10, kind="MKT"))
    assert of(OptionSettled, again.at.advance(start + timedelta(hours=1))) == [settled]


def test_an_assignment_can_be_ordered() -> None:
    client, call = holder(660, action="SELL")
    client.at.apply(OrderAssignment((call.con_id,)))
    client.at.advance(CLOSE)
    assert held_now(client) == {"STK": -300}
    assert client.at.backoffice.forced == frozenset()


def test_instructions_survive_a_restart() -> None:
    client, call = holder(660)
    ask(client, call, 1, 2)
    other = type(client.at).restore(client.at.snapshot())
    assert other.snapshot() == client.at.snapshot()
    assert list(other.advance(CLOSE)) == list(client.at.advance(CLOSE))
