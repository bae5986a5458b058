"""The account as clients read it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.protocol.exchange.lab import Lab, Speaker, bought_option

from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.place_order import PlaceOrder

SUMMARY = ask.ReqAccountSummary(req_id=1, group="All", tags="NetLiquidation,BuyingPower,AccountType")


@pytest.mark.behaviour("SIM-UPD-01")
def test_account_updates_are_values_then_the_time_then_the_end() -> None:
    """Recorded: keys in alphabetical order, message 8, message 54."""
    *rows, time, end = Lab().connect().say(ask.ReqAccountUpdates(subscribe=True))
    keys = [row.key for row in rows if isinstance(row, say.AccountValue)]
    assert keys == sorted(keys)
    assert {"NetLiquidation", "BuyingPower", "AccountReady"} <= set(keys)
    assert time == say.AccountUpdateTime(time="10:00")
    assert isinstance(end, say.AccountDownloadEnd)


@pytest.mark.behaviour("SIM-UPD-02")
def test_one_client_at_a_time_has_the_account_updates() -> None:
    """2100 tells the other one."""
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    one.say(ask.ReqAccountUpdates(subscribe=True))
    two.say(ask.ReqAccountUpdates(subscribe=True))
    assert [e.code for e in one.listen() if isinstance(e, say.ErrorMessage)] == [2100]


@pytest.mark.behaviour("SIM-UPD-03")
def test_values_that_did_not_change_are_not_repeated() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ask.ReqAccountUpdates(subscribe=True))
    lab.wait(60.0)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-UPD-04")
def test_a_summary_holds_what_was_asked_for() -> None:
    *rows, end = Lab().connect().say(SUMMARY)
    assert isinstance(end, say.AccountSummaryEnd)
    assert [row.tag for row in rows] == ["AccountType", "BuyingPower", "NetLiquidation"]
    assert [row.currency for row in rows] == ["", "USD", "USD"]
    assert float(rows[2].value) == 250_000


@pytest.mark.behaviour("SIM-UPD-05")
def test_a_third_summary_is_refused() -> None:
    client = Lab().connect()
    heard = client.say(*[ask.ReqAccountSummary(req_id=n, group="All", tags="SMA") for n in (1, 2, 3)])
    error = heard[-1]
    assert (error.id, error.code) == (3, 322)
    client.say(ask.CancelAccountSummary(req_id=1))
    assert client.say(ask.ReqAccountSummary(req_id=3, tags="SMA"))[-1] == say.AccountSummaryEnd(req_id=3)


@pytest.mark.behaviour("SIM-UPD-06")
def test_ledger_rows_follow_for_all_accounts() -> None:
    """Recorded: `$LEDGER:ALL` rows name the account "All"."""
    *rows, _ = Lab().connect().say(ask.ReqAccountSummary(req_id=1, tags="$LEDGER:ALL"))
    assert {row.account for row in rows} == {"All"}
    assert {row.currency for row in rows} == {"USD", "BASE"}


def positions_of(client: Speaker) -> list[tuple[str, int]]:
    heard = client.say(ask.ReqPositions())
    assert isinstance(heard[-1], say.PositionEnd)
    return [(m.instrument.local_symbol, int(m.position)) for m in heard if isinstance(m, say.Position)]


@pytest.mark.behaviour("SIM-UPD-07")
def test_a_new_position_is_told_to_everybody_who_asked() -> None:
    """Also to the client that did not trade; its cost is per contract, commission included."""
    lab = Lab()
    trader, watcher = lab.connect(1), lab.connect(2)
    assert positions_of(watcher) == []
    option = bought_option(lab, trader)
    (told,) = [m for m in watcher.listen() if isinstance(m, say.Position)]
    assert (told.instrument.con_id, told.position) == (option.con_id, Decimal(1))
    assert positions_of(trader) == [(option.local_symbol, 1)]
    book = lab.venue.quote(option.con_id)
    assert book is not None
    assert book.ask is not None
    assert told.average_cost > 50 * float(book.ask)


@pytest.mark.behaviour("SIM-UPD-08")
def test_account_updates_follow_a_trade_at_once() -> None:
    """Cash has changed, and the position has a value."""
    lab = Lab()
    client = lab.connect()
    client.say(ask.ReqAccountUpdates(subscribe=True))
    bought_option(lab, client)
    heard = client.heard
    assert [m for m in heard if isinstance(m, say.PortfolioValue)]
    cash = [m.value for m in heard if isinstance(m, say.AccountValue) and m.key == "TotalCashValue"]
    assert float(cash[-1]) < 250_000


@pytest.mark.behaviour("SIM-UPD-09")
def test_profit_and_loss_comes_at_once_and_then_about_every_second() -> None:
    lab = Lab()
    client = lab.connect()
    option = bought_option(lab, client)
    heard = client.say(
        ask.ReqPnL(req_id=1, account=lab.venue.account),
        ask.ReqPnLSingle(req_id=2, account=lab.venue.account, con_id=option.con_id),
        ask.ReqPnLSingle(req_id=3, account=lab.venue.account, con_id=1),
    )
    kinds = [type(m) for m in heard]
    assert kinds.count(say.PnL) == 1
    single, unknown = [m for m in heard if isinstance(m, say.PnLSingle)]
    assert single.position == 1
    assert unknown.value is None
    lab.wait(10.0)
    heard = client.listen()
    assert 9 <= len([m for m in heard if isinstance(m, say.PnL)]) <= 11
    assert 9 <= len([m for m in heard if isinstance(m, say.PnLSingle) and m.req_id == 2]) <= 11


@pytest.mark.behaviour("SIM-UPD-10")
def test_profit_and_loss_of_an_account_that_holds_nothing_comes_as_well_until_it_is_ended() -> None:
    """Whoever trades only on a fresh figure must be told that it is still 0."""
    lab = Lab()
    client = lab.connect()
    client.say(ask.ReqPnL(req_id=1, account=lab.venue.account))
    lab.wait(90.0)
    told = [m for m in client.listen() if isinstance(m, say.PnL)]
    assert 85 <= len(told) <= 91
    assert {m.daily for m in told} == {0.0}
    client.say(ask.CancelPnL(req_id=1))
    lab.wait(5.0)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-UPD-11")
def test_updates_under_an_id_end_with_their_own_end() -> None:
    lab = Lab()
    client = lab.connect()
    *rows, end = client.say(ask.ReqAccountUpdatesMulti(req_id=5, account=lab.venue.account))
    assert end == say.AccountUpdateMultiEnd(req_id=5)
    assert {row.req_id for row in rows} == {5}
    assert client.say(ask.ReqPositionsMulti(req_id=6)) == [say.PositionMultiEnd(req_id=6)]


@pytest.mark.behaviour("SIM-UPD-12")
def test_slow_values_come_every_three_minutes() -> None:
    """The market's move alone: a position's value is told with the next round, not with every tick."""
    lab = Lab()
    client = lab.connect()
    bought_option(lab, client)
    client.say(ask.ReqAccountUpdates(subscribe=True))
    lab.jump(lab.venue.now + timedelta(minutes=4))
    assert [m for m in client.listen() if isinstance(m, say.PortfolioValue)]


@pytest.mark.behaviour("SIM-UPD-13")
def test_an_order_for_another_account_is_not_taken() -> None:
    lab = Lab()
    client = lab.connect()
    option = bought_option(lab, client)
    order = PlaceOrder(
        order_id=50,
        contract=Contract(con_id=option.con_id, exchange="SMART"),
        total_quantity=option.min_tick * 0 + 1,
        lmt_price=0.01,
        account="DU1234567",
    )
    heard = client.say(order)
    assert [type(m) for m in heard] == [say.ErrorMessage]
    assert heard[0].id == 50
