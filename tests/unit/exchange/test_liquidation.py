"""An account that can no longer pay for its margin."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.exchange.builders import START, Client, fills, of, option, single, spec, venue

from sumppump.exchange.commands import MoveCash
from sumppump.exchange.events import MarginWarned

D = Decimal


def indebted(cash: str) -> Client:
    """Twenty short calls at the money, and cash taken away afterwards."""
    client = Client(venue())
    call = option(client.at, 680)
    client.place(single(call), spec("SELL", quantity=10, kind="MKT"))
    client.at.apply(MoveCash(D(cash) - client.at.backoffice.account.cash))
    return client


@pytest.mark.behaviour("SIM-MARGIN-06")
def test_without_excess_liquidity_positions_are_closed_at_the_market() -> None:
    client = indebted("100000")
    assert client.at.figures().excess < 0
    events = client.at.advance(START + timedelta(minutes=20))
    (warned,) = of(MarginWarned, events)
    assert warned.excess < 0
    closing = fills(events)
    assert {(one.client_id, one.order_id, one.order_ref, one.side) for one in closing} == {
        (0, 0, "Liquidation", "BOT")
    }
    assert sum(one.shares for one in closing) == 10
    assert client.at.positions() == ()
    assert client.at.figures().excess > 0


def test_a_warning_comes_before_and_only_once() -> None:
    client = indebted("0")
    figures = client.at.figures()
    client.at.apply(MoveCash(figures.need.maintenance * D("1.03") - figures.equity))
    events = client.at.advance(START + timedelta(minutes=11))
    assert len(of(MarginWarned, events)) == 1


@pytest.mark.behaviour("SIM-MARGIN-07")
def test_it_does_not_matter_how_time_is_cut_up() -> None:
    at_once, in_pieces = indebted("100000"), indebted("100000")
    whole = list(at_once.at.advance(START + timedelta(minutes=16)))
    pieces = [event for _ in range(32) for event in in_pieces.wait(30)]
    assert whole == pieces
    assert at_once.at.snapshot() == in_pieces.at.snapshot()


def test_an_account_in_order_is_left_alone() -> None:
    client = Client(venue())
    client.place(single(option(client.at, 680)), spec(quantity=5, kind="MKT"))
    assert of(MarginWarned, client.at.advance(START + timedelta(hours=1))) == []


def test_cash_that_is_moved_is_no_profit() -> None:
    client = Client(venue())
    client.at.apply(MoveCash(D(-50_000)))
    assert client.at.figures().net == 200_000
    assert client.at.pnl().daily == 0
