"""The account's rows against a recorded session, and what may be asked of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.protocol.exchange.lab import Lab

from sumppump.exchange.account.account_rows import LEDGER
from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "recorded" / "session_sv176.jsonl"
NEEDS_RECORDING = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded session is not here")
STANDARD = (
    "AccountType,NetLiquidation,TotalCashValue,SettledCash,AccruedCash,BuyingPower,EquityWithLoanValue,"
    "PreviousDayEquityWithLoanValue,GrossPositionValue,RegTEquity,RegTMargin,SMA,InitMarginReq,MaintMarginReq,"
    "AvailableFunds,ExcessLiquidity,Cushion,FullInitMarginReq,FullMaintMarginReq,FullAvailableFunds,"
    "FullExcessLiquidity,LookAheadNextChange,LookAheadInitMarginReq,LookAheadMaintMarginReq,"
    "LookAheadAvailableFunds,LookAheadExcessLiquidity,HighestSeverity,DayTradesRemaining,"
    "DayTradesRemainingT+1,DayTradesRemainingT+2,DayTradesRemainingT+3,DayTradesRemainingT+4,Leverage,$LEDGER:ALL"
)


def recorded(kind: str) -> Iterator[list[str]]:
    """The fields of every recorded answer of one kind."""
    for line in RECORDED.read_text("utf-8").splitlines():
        row = json.loads(line)
        fields = row.get("fields", [])
        if row["dir"] == "S>C" and fields and fields[0] == kind:
            yield fields


def in_dollars(currency: str) -> str:
    """The recorded account is kept in pounds."""
    return "USD" if currency == "GBP" else currency


@NEEDS_RECORDING
@pytest.mark.behaviour("SIM-ACCT-01")
def test_an_empty_account_has_the_rows_of_a_recorded_one_in_their_order() -> None:
    heard = Lab().connect().say(ask.ReqAccountUpdates(subscribe=True))
    ours = [(row.key, row.currency) for row in heard if isinstance(row, say.AccountValue)]
    theirs = [(fields[2], in_dollars(fields[4])) for fields in recorded("6")]
    assert len(theirs) == 153
    assert ours == theirs


@NEEDS_RECORDING
@pytest.mark.behaviour("SIM-ACCT-02")
def test_under_an_id_they_come_as_recorded_too() -> None:
    heard = Lab().connect().say(ask.ReqAccountUpdatesMulti(req_id=1))
    ours = [(row.key, row.currency) for row in heard if isinstance(row, say.AccountUpdateMulti)]
    theirs = [(fields[5], in_dollars(fields[7])) for fields in recorded("73")]
    assert len(ours) > 150
    assert ours == theirs[: len(ours)]


@NEEDS_RECORDING
@pytest.mark.behaviour("SIM-ACCT-03")
def test_a_summary_has_the_recorded_rows() -> None:
    lab = Lab()
    heard = lab.connect().say(ask.ReqAccountSummary(req_id=1, group="All", tags=STANDARD))
    ours = [(row.account, row.tag, row.currency) for row in heard if isinstance(row, say.AccountSummary)]
    theirs = [
        (fields[3] if fields[3] == "All" else lab.venue.account, fields[4], in_dollars(fields[6]))
        for fields in recorded("63")
    ]
    assert ours == theirs


@pytest.mark.behaviour("SIM-ACCT-04")
@pytest.mark.parametrize(
    ("tag", "currencies"),
    [
        ("$LEDGER", {"BASE"}),
        ("$LEDGER:USD", {"USD"}),
        ("$LEDGER:ALL", {"USD", "BASE"}),
        ("$LEDGER:CHF", set()),
    ],
)
def test_a_ledger_is_asked_for_by_its_currency(tag: str, currencies: set[str]) -> None:
    *rows, end = Lab().connect().say(ask.ReqAccountSummary(req_id=1, group="All", tags=tag))
    assert isinstance(end, say.AccountSummaryEnd)
    assert {row.currency for row in rows} == currencies


@pytest.mark.behaviour("SIM-ACCT-05")
@pytest.mark.parametrize(
    "request_",
    [
        ask.ReqAccountUpdatesMulti(req_id=1, account="DU7654321"),
        ask.ReqAccountUpdatesMulti(req_id=1, model="Growth"),
        ask.ReqPositionsMulti(req_id=1, account="DU7654321"),
        ask.ReqPositionsMulti(req_id=1, model="Growth"),
    ],
)
def test_a_strange_account_or_model_is_refused_and_ended(request_: Any) -> None:
    """321 alone would leave ib_async waiting for ever."""
    error, end = Lab().connect().say(request_)
    assert (error.id, error.code) == (1, 321)
    assert isinstance(end, say.AccountUpdateMultiEnd | say.PositionMultiEnd)


@pytest.mark.behaviour("SIM-ACCT-06")
def test_a_group_that_does_not_exist_is_refused() -> None:
    (error,) = Lab().connect().say(ask.ReqAccountSummary(req_id=1, group="Friends", tags="SMA"))
    assert (error.id, error.code) == (1, 322)


@pytest.mark.behaviour("SIM-ACCT-07")
def test_updates_for_a_strange_account_touch_nobody_s_subscription() -> None:
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    one.say(ask.ReqAccountUpdates(subscribe=True))
    (error,) = two.say(ask.ReqAccountUpdates(subscribe=True, account="DU7654321"))
    assert (error.id, error.code) == (-1, 321)
    assert one.listen() == []
    assert lab.hall.shared.account_reader is not None


@pytest.mark.behaviour("SIM-ACCT-08")
def test_ledger_and_net_liquidation_only() -> None:
    *rows, _ = Lab().connect().say(ask.ReqAccountUpdatesMulti(req_id=1, ledger_and_nlv=True))
    assert {row.key for row in rows} == {*LEDGER, "NetLiquidation"}


@pytest.mark.behaviour("SIM-ACCT-11")
@pytest.mark.parametrize(
    "request_",
    [
        ask.ReqPnL(req_id=1, account="DU7654321"),
        ask.ReqPnLSingle(req_id=1, account="DU7654321", con_id=1),
    ],
)
def test_profit_of_a_strange_account_is_refused(request_: Any) -> None:
    (error,) = Lab().connect().say(request_)
    assert (error.id, error.code) == (1, 321)
