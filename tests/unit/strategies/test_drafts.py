"""The book of drafts: bounded, by symbol, forgetful in time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.strategies.conftest import Bench

from sumppump.kernel.errors import DraftGone
from sumppump.kernel.money import Money, Premium
from sumppump.strategies.drafts import DraftBook
from sumppump.strategies.words import in_words, per_share


async def test_the_oldest_drafts_go_first_when_there_are_too_many(bench: Bench) -> None:
    """A talkative model cannot fill the memory."""
    draft = await bench.build("long_call", dte=30)
    book = DraftBook(bench.clock.monotonic, most=3)
    for number in range(5):
        book.put(replace(draft, strategy_id=f"str_{number}"))
    assert [each.strategy_id for each in book.all()] == ["str_2", "str_3", "str_4"]
    with pytest.raises(DraftGone) as caught:
        book.get("str_0")
    assert "trade_calculate_strategy" in caught.value.next_steps[0]


async def test_drafts_are_found_and_cleared_by_symbol(bench: Bench) -> None:
    """Changing the subject forgets the old one's drafts and nothing else."""
    spy = await bench.build("long_call", dte=30)
    spx = await bench.build("long_call", symbol="SPX", dte=30)
    book = bench.service.drafts
    assert book.of("SPX") == (spx,)
    book.clear("SPY")
    assert book.all() == (spx,)
    assert spy.symbol == "SPY"
    book.clear()
    assert book.all() == ()


@pytest.mark.parametrize(
    ("cash", "premium", "words"),
    [
        ("213", "2.13", "you PAY $213.00 (2.13 per share)"),
        ("-1250", "-12.5", "you RECEIVE $1,250.00 (12.50 per share)"),
        ("12.5", "0.125", "you PAY $12.50 (0.125 per share)"),
        ("0", "0", "you pay and receive nothing (0.00 per share)"),
    ],
)
def test_the_way_of_the_cash_is_said_in_words(cash: str, premium: str, words: str) -> None:
    """The sign is never left to be read from a minus."""
    assert in_words(Money(Decimal(cash)), Premium(Decimal(premium))) == words
    assert in_words(Money(Decimal(5), "EUR")) == "5.00 EUR"
    assert per_share(Premium(Decimal("2.1000"))) == "2.10"
    assert per_share(Premium(Decimal("-11.356979"))) == "11.357"
