"""Quotes for getting out: what is worthless can be sold for nothing, and nothing else is made up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.domain.builders import STOCK, combo, option

from sumppump.domain.combo import closing_quotes
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import NoQuote
from sumppump.kernel.money import Premium


def quote(instrument: Instrument, bid: str | None, ask: str | None) -> Quote:
    return Quote(
        instrument=instrument,
        as_of=datetime(2026, 11, 18, 15, 0, tzinfo=UTC),
        taken=1.0,
        bid=None if bid is None else Premium.of(bid),
        ask=None if ask is None else Premium.of(ask),
    )


LOW, HIGH = option(100, "C"), option(105, "C")


def test_a_held_leg_without_a_bid_is_sold_for_nothing() -> None:
    """Closing a 100/105 call spread that is nearly worthless: the mid is half of both asks, signed."""
    out = combo("-1 100C", "+1 105C")
    quotes = {LOW.con_id: quote(LOW, None, "0.04"), HIGH.con_id: quote(HIGH, "0.00", "0.02")}
    ready = closing_quotes(out, quotes)
    assert out.net_mid(ready) == Premium.of("-0.01")
    assert out.net_ask(ready) == Premium.of("0.02")
    assert ready[HIGH.con_id] is quotes[HIGH.con_id]


def test_a_worthless_leg_is_bought_back_at_its_ask() -> None:
    """The most usual close of a short option: it is bid for by nobody and offered for a penny."""
    back = combo("+1 100C")
    ready = closing_quotes(back, {LOW.con_id: quote(LOW, None, "0.02")})
    assert back.net_ask(ready) == Premium.of("0.02")
    assert back.net_mid(ready) == Premium.of("0.01")


def test_what_nobody_offers_cannot_be_bought_back() -> None:
    """Without an ask there is no price, whatever the bid."""
    back = combo("+1 100C")
    for bid in (None, "0.04"):
        with pytest.raises(NoQuote):
            back.net_ask(closing_quotes(back, {LOW.con_id: quote(LOW, bid, None)}))


def test_without_bid_and_ask_there_is_no_market_to_sell_into() -> None:
    """No ask either: nobody is there, so nothing is known."""
    out = combo("-1 100C")
    with pytest.raises(NoQuote):
        out.net_mid(closing_quotes(out, {LOW.con_id: quote(LOW, None, None)}))


def test_shares_without_a_bid_are_not_worthless() -> None:
    """A stock whose bid is missing for a moment is a missing number, not 0."""
    out = combo("-100 stock", "+1 105C")
    quotes = {STOCK.con_id: quote(STOCK, None, "100.02"), HIGH.con_id: quote(HIGH, "0.10", "0.12")}
    with pytest.raises(NoQuote, match="no bid"):
        out.net_ask(closing_quotes(out, quotes))
