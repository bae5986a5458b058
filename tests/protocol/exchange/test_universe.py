"""Descriptions and details of every kind of contract."""

from __future__ import annotations

import pytest
from tests.protocol.exchange.lab import Lab

from sumppump.exchange.wire.bond_answers import BondContractData
from sumppump.exchange.wire.codec import encode_answer
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import (
    ContractData,
    SecDefOptParams,
    SecDefOptParamsEnd,
    SymbolSamples,
)
from sumppump.exchange.wire.market_requests import (
    ReqContractDetails,
    ReqMatchingSymbols,
    ReqMktData,
    ReqSecDefOptParams,
)

CLIENT = Lab().connect()


def details(contract: Contract, **other: str) -> list[ContractData]:
    *rows, _ = CLIENT.say(ReqContractDetails(req_id=3, contract=contract, **other))
    return rows


DESCRIPTIONS = [
    (Contract(symbol="SPX", sec_type="IND", exchange="CBOE", currency="USD"), 416904),
    (Contract(symbol="SPX", sec_type="IND"), 416904),
    (Contract(symbol="ES", sec_type="IND", exchange="CME"), 11004968),
    (Contract(symbol="DAX", sec_type="IND", exchange="EUREX", currency="EUR"), 825711),
    (Contract(symbol="EUR", sec_type="CASH", exchange="IDEALPRO", currency="USD"), 12087792),
    (Contract(local_symbol="USD.JPY", sec_type="CASH"), 15016059),
    (Contract(symbol="BTC", sec_type="CRYPTO", exchange="PAXOS", currency="USD"), 479624278),
    (Contract(symbol="TSLA", sec_type="STK"), 76792991),
    (Contract(symbol="SPY", sec_type="STK", exchange="ARCA", currency="USD"), 756733),
    (Contract(symbol="ES", sec_type="FUT", expiry="202612", exchange="CME"), 2000002339),
    (
        Contract(symbol="ES", sec_type="FUT", expiry="20261218", exchange="GLOBEX", multiplier="50"),
        2000002339,
    ),
    (Contract(local_symbol="ESZ6", sec_type="FUT", exchange="CME"), 2000002339),
]


@pytest.mark.behaviour("SIM-UNIV-12")
@pytest.mark.parametrize(("contract", "con_id"), DESCRIPTIONS)
def test_people_s_descriptions_find_one_contract(contract: Contract, con_id: int) -> None:
    (row,) = details(contract)
    assert row.con_id == con_id
    assert row.exchange == (contract.exchange or row.exchange).replace("GLOBEX", "CME")
    assert len(row.valid_exchanges.split(",")) == len(row.market_rule_ids.split(","))


@pytest.mark.behaviour("SIM-UNIV-11")
@pytest.mark.parametrize(
    ("contract", "counts"),
    [
        (Contract(con_id=265598), {157: 41, 176: 42, 178: 42}),
        (Contract(con_id=416904), {157: 39, 176: 40, 178: 40}),
        (Contract(con_id=2000002339), {157: 39, 176: 40, 178: 40}),
        (Contract(con_id=12087792), {157: 39, 176: 40, 178: 40}),
    ],
    ids=["a share with its ISIN", "an index", "a future", "a currency pair"],
)
def test_details_have_the_fields_that_clients_count(contract: Contract, counts: dict[int, int]) -> None:
    (row,) = details(contract)
    assert {version: encode_answer(row, version)[4:].count(b"\0") for version in counts} == counts


@pytest.mark.behaviour("SIM-UNIV-13")
def test_an_s_and_p_option_without_its_class_is_ambiguous() -> None:
    """A month has options of both classes; a Thursday before a third Friday is the last day of one."""
    month = Contract(symbol="SPX", sec_type="OPT", expiry="202612", strike=6800.0, right="C")
    assert {row.trading_class for row in details(month)} == {"SPX", "SPXW"}
    (error,) = CLIENT.say(ReqMktData(req_id=5, contract=month))
    assert (error.code, error.text) == (
        200, "The contract description specified for SPX is ambiguous."
    )  # fmt: skip
    named = Contract(
        symbol="SPX", sec_type="OPT", expiry="20261217", strike=6800.0, right="C", trading_class="SPX"
    )
    (row,) = details(named)
    assert (row.real_expiration_date, row.contract_month, row.under_sec_type) == ("20261218", "202612", "IND")
    assert row.last_trade_date == "20261217 15:15:00 US/Central"


@pytest.mark.behaviour("SIM-UNIV-14")
def test_option_parameters_are_told_by_class_and_exchange() -> None:
    *rows, end = CLIENT.say(
        ReqSecDefOptParams(req_id=1, under_symbol="SPX", under_sec_type="IND", under_con_id=416904)
    )
    assert isinstance(end, SecDefOptParamsEnd)
    told = {(row.trading_class, row.exchange): row for row in rows if isinstance(row, SecDefOptParams)}
    assert sorted(told) == [("SPX", "CBOE"), ("SPX", "SMART"), ("SPXW", "CBOE"), ("SPXW", "SMART")]
    assert "20261217" in told["SPX", "SMART"].expirations
    assert "20261218" in told["SPXW", "SMART"].expirations
    assert "20261218" not in told["SPX", "SMART"].expirations


@pytest.mark.behaviour("SIM-UNIV-15")
@pytest.mark.parametrize(("kind", "number"), [("ISIN", "US0378331005"), ("CUSIP", "037833100")])
def test_a_share_is_found_by_its_numbers(kind: str, number: str) -> None:
    (row,) = details(Contract(), sec_id_type=kind, sec_id=number)
    assert row.symbol == "AAPL"
    assert [one.value for one in row.sec_ids] == ["US0378331005"]


@pytest.mark.behaviour("SIM-UNIV-16")
def test_a_continuous_future_is_the_nearest_month() -> None:
    (row,) = details(Contract(symbol="ES", sec_type="CONTFUT", exchange="CME"))
    assert (row.sec_type, row.local_symbol, row.con_id) == ("CONTFUT", "ESZ6", 2000002339)


@pytest.mark.behaviour("SIM-UNIV-12")
def test_samples_of_an_index_name_what_is_listed_on_it() -> None:
    (samples,) = CLIENT.say(ReqMatchingSymbols(req_id=1, pattern="spx"))
    assert isinstance(samples, SymbolSamples)
    assert [(one.symbol, one.sec_type) for one in samples.samples] == [("SPX", "IND")]
    assert samples.samples[0].derivative_sec_types == ("OPT", "FUT", "BAG")


@pytest.mark.behaviour("SIM-UNIV-21")
@pytest.mark.parametrize(("version", "fields"), [(157, 39), (178, 40)])
def test_a_bond_is_found_by_its_number_and_not_traded(version: int, fields: int) -> None:
    client = Lab().connect(version=version)
    bond = Contract(symbol="US064159KJ44", sec_type="BOND", currency="USD")
    data, _ = client.say(ReqContractDetails(req_id=4, contract=bond))
    assert isinstance(data, BondContractData)
    assert (data.sec_type, data.cusip, data.symbol) == ("BOND", "064159KJ4", "BNS")
    assert encode_answer(data, version)[4:].count(b"\0") == fields
    (error,) = client.say(ReqMktData(req_id=5, contract=bond))
    assert error.code == 200
