"""Dividends and splits of what is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.unit.exchange.builders import Client, option, single, spec, states, stock, venue

from sumppump.exchange.account.account import Trade
from sumppump.exchange.account.backoffice import adjusted
from sumppump.exchange.account.corporate_actions import Ratio
from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.listing.listing import listing_of
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.reports import AccountValue
from sumppump.exchange.venue import Venue

BEFORE_EX = datetime(2026, 12, 17, 20, 55, tzinfo=UTC)  # SPY goes ex on the 18th
EX_OPEN = datetime(2026, 12, 18, 14, 30, tzinfo=UTC)
CENT = Decimal("0.01")


def value(at: Venue, key: str, currency: str = "USD") -> Decimal:
    rows: tuple[AccountValue, ...] = at.account_values()
    return next(Decimal(row.value) for row in rows if (row.key, row.currency) == (key, currency))


@pytest.mark.behaviour("SIM-CORP-01")
@pytest.mark.parametrize("action", ["BUY", "SELL"])
def test_a_dividend_accrues_on_the_ex_date_and_is_paid_on_the_pay_date(action: str) -> None:
    client = Client(venue(start=BEFORE_EX))
    shares = stock(client.at)
    client.place(single(shares), spec(action, quantity=100, kind="MKT"))
    held = client.at.positions()[0].quantity
    due = client.at.market.corporate.dividends("SPY", date(2026, 12, 18), date(2026, 12, 18))[0]
    assert value(client.at, "AccruedDividend") == 0
    client.at.advance(EX_OPEN)
    assert value(client.at, "AccruedDividend") == held * due.amount
    pays = datetime.combine(due.pay_date, EX_OPEN.timetz())
    client.at.advance(pays - timedelta(milliseconds=250))
    cash = value(client.at, "TotalCashValue")
    client.at.advance(pays)
    assert value(client.at, "AccruedDividend") == 0
    paid = value(client.at, "TotalCashValue") - cash
    assert paid == held * due.amount
    assert (paid > 0) == (held > 0)


def test_shares_bought_on_the_ex_date_have_no_dividend() -> None:
    client = Client(venue(start=EX_OPEN + timedelta(minutes=5)))
    client.place(single(stock(client.at)), spec(quantity=100, kind="MKT"))
    client.at.advance(client.at.now + timedelta(days=4))
    assert value(client.at, "AccruedDividend") == 0


@dataclass(frozen=True)
class Split:
    numerator: int
    denominator: int


@pytest.mark.behaviour("SIM-CORP-02")
def test_a_split_changes_shares_and_leaves_their_cost_and_ends_orders() -> None:
    client = Client(venue())
    shares = stock(client.at)
    client.place(single(shares), spec(quantity=101, kind="MKT"))
    client.place(single(shares), spec(limit=Decimal("1.00"), tif="GTC"))
    before = client.at.positions()[0]
    office = client.at.backoffice
    office.split_symbol("SPY", Ratio(3, 2), Moment.of(to_ms(client.at.now)))
    after = client.at.positions()[0]
    assert after.quantity == 151
    # 151.5 shares: half a share is paid out at two thirds of the price.
    assert abs(after.avg_cost * 151 + before.avg_cost * Decimal("0.5") * 2 / 3 - before.avg_cost * 101) < CENT
    assert client.at.open_orders() == ()
    assert states(client.at.advance(client.at.now + timedelta(milliseconds=250)))[-1] == "Cancelled"


@pytest.mark.behaviour("SIM-CORP-03")
def test_options_are_carried_over_to_the_strike_by_the_ratio_if_there_is_one() -> None:
    call = option(venue(), 680)
    new = adjusted(call, Ratio(4, 1))
    assert new is not None
    assert (new.strike, new.right, new.expiry) == (Decimal(170), call.right, call.expiry)
    assert listing_of(new.con_id) == new
    assert adjusted(call, Ratio(3, 2)) is None
    assert adjusted(option(venue(), 681), Ratio(7, 1)) is None


def test_what_cannot_be_carried_over_is_paid_out_at_its_mark() -> None:
    at = venue()
    call = option(at, 681)
    office = at.backoffice
    office.account.book(Trade(call, Decimal(2), Decimal("5.00"), Decimal(0)))
    moment = Moment.of(to_ms(at.now))
    mark, net = office.desk.mark(call, moment), at.figures().net
    office.split_symbol("SPY", Ratio(7, 1), moment)
    line = office.account.lines[call.con_id]
    assert (line.quantity, line.realized) == (0, mark * 200 - 1000)
    assert at.figures().net == net
    assert replace(line, realized=Decimal(0), paid_today=Decimal(0), opened_today=Decimal(0)).cost == 0
