"""Contracts, symbols, option parameters, rules, history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.protocol.exchange.lab import SPY, Lab, near_option
from tests.protocol.wire.samples import rich

from sumppump.exchange.desks.silence import SILENT
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.layout import REQUESTS
from sumppump.exchange.wire.market_answers import (
    ContractData,
    ContractDataEnd,
    HeadTimestamp,
    HistoricalData,
    HistoricalDataUpdate,
    MarketRule,
    SecDefOptParams,
    SecDefOptParamsEnd,
    SmartComponents,
    SymbolSamples,
)
from sumppump.exchange.wire.market_requests import (
    CancelHistoricalData,
    ReqContractDetails,
    ReqHeadTimestamp,
    ReqHistoricalData,
    ReqMarketRule,
    ReqMatchingSymbols,
    ReqSecDefOptParams,
    ReqSmartComponents,
)


@pytest.mark.behaviour("SIM-REF-01")
def test_a_stock_s_details_are_one_answer_and_its_end() -> None:
    data, end = Lab().connect().say(ReqContractDetails(req_id=3, contract=SPY))
    assert isinstance(data, ContractData)
    assert isinstance(end, ContractDataEnd)
    assert (data.req_id, data.symbol, data.sec_type, data.currency) == (3, "SPY", "STK", "USD")
    assert len(data.valid_exchanges.split(",")) == len(data.market_rule_ids.split(","))


@pytest.mark.behaviour("SIM-REF-02")
def test_a_month_of_an_option_chain_is_asked_for_at_once() -> None:
    lab = Lab()
    option = near_option(lab, "C")
    wanted = Contract(symbol="SPY", sec_type="OPT", exchange="SMART", expiry=f"{option.expiry:%Y%m%d}")
    *rows, end = lab.connect().say(ReqContractDetails(req_id=3, contract=wanted))
    assert isinstance(end, ContractDataEnd)
    assert {row.right for row in rows} == {"C", "P"}
    assert {row.real_expiration_date for row in rows} == {f"{option.expiry:%Y%m%d}"}
    assert option.con_id in {row.con_id for row in rows}


@pytest.mark.behaviour("SIM-REF-03")
def test_an_unknown_contract_has_no_definition() -> None:
    (error,) = Lab().connect().say(ReqContractDetails(req_id=3, contract=Contract(symbol="NOPE")))
    assert (error.id, error.code) == (3, 200)


@pytest.mark.behaviour("SIM-REF-04")
def test_an_option_names_its_last_moment_with_its_zone() -> None:
    """From 174 on; older clients read the date alone."""
    lab = Lab()
    option = near_option(lab, "C")
    wanted = ReqContractDetails(req_id=3, contract=Contract(con_id=option.con_id))
    new, old = (lab.connect(v, version=v).say(wanted)[0].last_trade_date for v in (178, 157))
    assert new == f"{option.expiry:%Y%m%d} 16:00:00 US/Eastern"
    assert old == f"{option.expiry:%Y%m%d}"


@pytest.mark.behaviour("SIM-REF-05")
def test_symbols_are_found_by_their_beginning() -> None:
    (samples,) = Lab().connect().say(ReqMatchingSymbols(req_id=1, pattern="nvd"))
    assert isinstance(samples, SymbolSamples)
    assert [sample.symbol for sample in samples.samples] == ["NVDA"]


@pytest.mark.behaviour("SIM-REF-06")
def test_option_parameters_list_every_exchange_and_end() -> None:
    lab = Lab()
    *rows, end = lab.connect().say(
        ReqSecDefOptParams(req_id=1, under_symbol="SPY", under_sec_type="STK", under_con_id=lab.con_id("SPY"))
    )
    assert isinstance(end, SecDefOptParamsEnd)
    smart = next(row for row in rows if isinstance(row, SecDefOptParams) and row.exchange == "SMART")
    assert list(smart.expirations) == sorted(smart.expirations)
    assert list(smart.strikes) == sorted(smart.strikes)


@pytest.mark.behaviour("SIM-REF-07")
@pytest.mark.parametrize("wrong", [{"under_symbol": "NOPE"}, {"under_symbol": "SPY", "under_con_id": 1}])
def test_option_parameters_of_nothing_are_an_error_not_silence(wrong: dict[str, Any]) -> None:
    (error,) = Lab().connect().say(ReqSecDefOptParams(req_id=1, under_sec_type="STK", **wrong))
    assert (error.id, error.code) == (1, 200)


@pytest.mark.behaviour("SIM-REF-08")
def test_a_market_rule_answers_with_its_own_id() -> None:
    lab = Lab()
    client = lab.connect()
    option = near_option(lab, "C")
    rule_id = option.market_rule_ids[0]
    (rule,) = client.say(ReqMarketRule(rule_id=rule_id))
    assert isinstance(rule, MarketRule)
    assert rule.rule_id == rule_id
    (error,) = client.say(ReqMarketRule(rule_id=987654))
    assert (error.id, error.code) == (-1, 321)


@pytest.mark.behaviour("SIM-REF-09")
def test_components_belong_to_the_hash_that_market_data_named() -> None:
    client = Lab().connect()
    (answer,) = client.say(ReqSmartComponents(req_id=1, bbo_exchange="9c0001"))
    assert isinstance(answer, SmartComponents)
    (error,) = client.say(ReqSmartComponents(req_id=2, bbo_exchange="x"))
    assert (error.id, error.code) == (2, 321)


DAY = ReqHistoricalData(
    req_id=4, contract=SPY, bar_size="1 min", duration="1 D", what_to_show="TRADES", use_rth=1
)


@pytest.mark.behaviour("SIM-REF-10")
def test_minutes_of_today_come_in_the_formats_that_clients_ask_for() -> None:
    """Text with a zone, text with two spaces, seconds since 1970."""
    lab = Lab()
    (new,) = lab.connect(1).say(DAY)
    (old,) = lab.connect(2, version=157).say(DAY)
    (epoch,) = lab.connect(3).say(ReqHistoricalData(**{**values(DAY), "date_format": 2}))
    assert isinstance(new, HistoricalData)
    assert len(new.bars) == len(old.bars) == len(epoch.bars) > 5
    assert new.bars[0].date.endswith("09:30:00 US/Eastern")
    assert old.bars[0].date.endswith("  09:30:00")
    assert epoch.bars[0].date.isdecimal()


def values(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in type(message).__dataclass_fields__}


@pytest.mark.behaviour("SIM-REF-11")
def test_daily_bars_are_dates_in_every_format() -> None:
    lab = Lab()
    for date_format in (1, 2):
        message = ReqHistoricalData(
            **{**values(DAY), "bar_size": "1 day", "duration": "1 M", "date_format": date_format}
        )
        (answer,) = lab.connect(date_format).say(message)
        assert all(len(bar.date) == 8 for bar in answer.bars)


@pytest.mark.behaviour("SIM-REF-12")
def test_a_history_that_stays_up_to_date_sends_the_forming_bar() -> None:
    """Message 90 every five seconds until it is cancelled; then 162 confirms the cancel."""
    lab = Lab()
    client = lab.connect()
    client.say(ReqHistoricalData(**{**values(DAY), "keep_up_to_date": True}))
    lab.wait(11.0)
    updates = [m for m in client.listen() if isinstance(m, HistoricalDataUpdate)]
    assert len(updates) == 2
    assert all(update.low <= update.close <= update.high for update in updates)
    (error,) = client.say(CancelHistoricalData(req_id=4))
    assert error.code == 162
    assert error.text.endswith("API historical data query cancelled: 4")
    lab.wait(6.0)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-REF-13")
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"contract": Contract(symbol="NOPE", sec_type="STK", exchange="SMART")}, 200),
        ({"end": "yesterday"}, 10314),
        ({"end": "20261119 16:00:00", "keep_up_to_date": True}, 321),
        ({"bar_size": "7 parsecs"}, None),
        ({"duration": "much"}, None),
        ({"what_to_show": "GOSSIP"}, None),
        ({"what_to_show": "FEE_RATE"}, 162),
    ],
)
def test_a_history_that_makes_no_sense_is_an_error(wrong: dict[str, Any], code: int | None) -> None:
    (error,) = Lab().connect().say(ReqHistoricalData(**{**values(DAY), **wrong}))
    assert isinstance(error, ErrorMessage)
    assert error.id == 4
    assert code is None or error.code == code


@pytest.mark.behaviour("SIM-REF-14")
def test_cancelling_a_finished_history_is_an_error() -> None:
    (error,) = Lab().connect().say(CancelHistoricalData(req_id=4))
    assert (error.code, error.text) == (366, "No historical data query found for ticker id:4")


@pytest.mark.behaviour("SIM-REF-15")
def test_history_reaches_back_to_its_head() -> None:
    (head,) = Lab().connect().say(ReqHeadTimestamp(req_id=1, contract=SPY, what_to_show="TRADES"))
    assert isinstance(head, HeadTimestamp)
    assert head.time < "20251120"


@pytest.mark.behaviour("SIM-REF-16")
@pytest.mark.parametrize("cls", REQUESTS.values(), ids=lambda cls: cls.__name__)
def test_every_request_is_answered_or_known_to_be_silent(cls: type[Any]) -> None:
    """Whatever is not served is refused under the request's id; nothing leaves a client waiting."""
    lab = Lab()
    client = lab.connect()
    lab.wait(0.3)
    client.listen()
    heard = client.say(rich(cls, 178))
    assert heard or cls in SILENT or cls.__name__ in QUIET
    lab.wait(1.5)
    assert client.session.is_open


QUIET = {
    "CancelCalculateImpliedVolatility",
    "CancelCalculateOptionPrice",
    "CancelRealTimeBars",
    "CancelTickByTick",
    "StartApi",  # said twice
    "ReqMarketDataType",
    "ReqAccountUpdates",
    "ReqGlobalCancel",  # there is nothing to cancel
    "ReqAutoOpenOrders",
    "CancelAccountSummary",
    "CancelPositions",
    "CancelPositionsMulti",
    "CancelAccountUpdatesMulti",
    "CancelPnL",
    "CancelPnLSingle",
    "UnsubscribeFromGroup",
    "CancelNewsBulletins",
}
"""Cancels and switches to which TWS says nothing."""


@pytest.mark.behaviour("SIM-REF-17")
def test_expired_days_do_not_come_back() -> None:
    """An option of today is not listed any more tomorrow."""
    lab = Lab()
    client = lab.connect()
    wanted = ReqSecDefOptParams(req_id=1, under_symbol="SPY", under_sec_type="STK")
    before = client.say(wanted)[0].expirations
    lab.jump(lab.venue.now + timedelta(days=4))
    client.listen()
    after = next(m for m in client.say(wanted) if isinstance(m, SecDefOptParams)).expirations
    assert before[0] not in after
