"""Finding contracts: candidates, classes, weekdays, and no silent choice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.support.fake_market import (
    BITCOIN,
    ES_MONTHS,
    EURUSD,
    MONTH,
    SPX,
    SPY,
    VX_MONTHS,
    FakeClock,
    FakeDirectory,
    make_option,
)

from sumppump.data.contracts import ContractService, kind_words
from sumppump.domain.instruments import Right, Underlying
from sumppump.kernel.errors import InvalidRequest, UnknownContract


@pytest.fixture
def contracts() -> ContractService:
    """The service on the small listed market."""
    return ContractService(directory=FakeDirectory(), clock=FakeClock())


async def test_a_ticker_gives_its_classes_with_weekdays_and_days(contracts: ContractService) -> None:
    """What one needs to choose an expiry."""
    found = await contracts.find("spy")
    assert found.exact == SPY
    (listed,) = found.classes
    assert (listed.trading_class, listed.multiplier, listed.lowest, listed.highest) == (
        "SPY",
        100,
        450.0,
        750.0,
    )
    assert [day.words for day in listed.expiries] == [
        "2026-11-18 Wed, 0 days",
        "2026-11-27 Fri, 9 days",
        "2026-12-18 Fri, 30 days, monthly",
        "2027-01-15 Fri, 58 days, monthly",
    ]


async def test_an_index_shows_both_of_its_classes(contracts: ContractService) -> None:
    """SPX and SPXW."""
    found = await contracts.find("SPX")
    assert [each.trading_class for each in found.classes] == ["SPX", "SPXW"]


async def test_part_of_a_name_gives_candidates_and_no_choice(contracts: ContractService) -> None:
    """The rest of the program would refuse too."""
    found = await contracts.find("SP")
    assert (found.candidates, found.exact, found.classes) == ((SPX, SPY), None, ())
    assert "con_id" in found.settled


@pytest.mark.parametrize(
    ("query", "exact", "candidates"),
    [
        ("ES", ES_MONTHS[0], ES_MONTHS),
        ("ESH7", ES_MONTHS[1], (ES_MONTHS[1], ES_MONTHS[0])),
        ("VX front", VX_MONTHS[0], VX_MONTHS),
        ("EUR/USD", EURUSD, (EURUSD,)),
        ("BTC", BITCOIN, (BITCOIN,)),
    ],
)
async def test_every_kind_is_found_with_its_months_beside_it(
    contracts: ContractService, query: str, exact: Any, candidates: Any
) -> None:
    """The one that is meant comes first."""
    found = await contracts.find(query)
    assert (found.exact, found.candidates) == (exact, tuple(candidates))
    assert found.classes == ()


async def test_a_written_option_is_the_one_listed_contract(contracts: ContractService) -> None:
    """With its con_id."""
    found = await contracts.find("SPY 12/18/26 600 call")
    assert found.exact == make_option(SPY, MONTH, 600, Right.CALL)
    assert found.reading == "SPY 2026-12-18 (Fri) 600 call"


async def test_an_option_of_two_classes_has_two_candidates_and_no_choice(contracts: ContractService) -> None:
    """SPX in the morning, SPXW in the evening."""
    found = await contracts.find("SPX 2026-12-18 600C")
    assert {each.trading_class for each in found.candidates if not isinstance(each, Underlying)} == {
        "SPX",
        "SPXW",
    }
    assert found.exact is None


@pytest.mark.parametrize("expected", [SPY, make_option(SPY, MONTH, 600, Right.PUT)])
async def test_a_con_id_is_that_contract(contracts: ContractService, expected: Any) -> None:
    """Whatever it is."""
    assert (await contracts.find(str(expected.con_id))).exact == expected


async def test_a_misspelt_ticker_is_answered_with_those_that_are_near(contracts: ContractService) -> None:
    """As everywhere else in the program."""
    with pytest.raises(UnknownContract) as refused:
        await contracts.find("spyy")
    assert "near ones are SPX, SPY" in (refused.value.expected or "")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid_query"),
        ("x" * 61, "invalid_query"),
        ("ZZZZ", "unknown_symbol"),
        ("no such company", "unknown_contract"),
        ("999", "unknown_contract"),
        ("SPY 2026-12-17 600C", "expiry_not_listed"),
        ("SPY 2026-12-18 601C", "strike_not_listed"),
    ],
)
async def test_what_is_not_there_is_an_error(contracts: ContractService, query: str, code: str) -> None:
    """Never an empty list that reads like success."""
    with pytest.raises((InvalidRequest, UnknownContract)) as refused:
        await contracts.find(query)
    assert refused.value.code == code


class _Twins(FakeDirectory):
    async def search(self, text: str) -> list[Underlying]:
        abroad = replace(SPY, con_id=2, currency="CAD", exchange="TSE")
        return [abroad, SPY, replace(SPY, con_id=3, symbol="SPYX")]


async def test_the_same_ticker_abroad_is_a_candidate_and_the_dollar_one_is_taken() -> None:
    """How an ambiguous symbol is settled, in words."""
    found = await ContractService(directory=_Twins(), clock=FakeClock()).find("SPY")
    assert found.exact == SPY
    assert [each.con_id for each in found.candidates] == [SPY.con_id, 2, 3]
    assert found.settled.startswith("A bare symbol is the stock or ETF in USD on SMART")


def test_a_contracts_kind_is_said_in_words() -> None:
    """For lists."""
    assert kind_words(make_option(SPY, MONTH, 600, Right.PUT)) == "put, 100 shares, class SPY"
    assert (kind_words(SPY), kind_words(SPX)) == ("stock or ETF", "index")
