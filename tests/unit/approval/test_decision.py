from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.approval.decision import Decision, decide, typing_of
from sumppump.execution.approvals import is_amount
from sumppump.kernel.errors import ApprovalRefused
from sumppump.kernel.money import Money

CENTS = st.integers(min_value=1, max_value=10**9).map(lambda cents: Money(Decimal(cents) / 100))


@given(CENTS)
def test_what_is_shown_for_typing_is_accepted_when_typed(amount: Money) -> None:
    assert is_amount(typing_of(amount), amount)


@given(CENTS, CENTS)
def test_no_other_amount_is_accepted(amount: Money, other: Money) -> None:
    assert is_amount(typing_of(other), amount) is (amount == other)


@given(st.text(max_size=12))
def test_any_text_is_the_amount_or_not_and_never_a_crash(text: str) -> None:
    assert is_amount(text, Money.of("6550")) in (True, False)


@pytest.mark.parametrize(
    "typed", ["1e3", "1_000", "10 00", "1,00", "1000.", "1000.001", "+1000", "0x3e8", "١٠٠٠", "nan"]
)
def test_a_number_in_no_person_s_spelling_is_not_the_amount(typed: str) -> None:
    assert not is_amount(typed, Money.of("1000"))


def test_fractions_of_a_cent_are_shown_and_typed_as_cents() -> None:
    amount = Money.of("4237.504")
    assert typing_of(amount) == "4,237.50"
    assert is_amount("4237.50", amount)


@pytest.mark.parametrize("answer", ["decline", "DECLINE", " decline "])
def test_declining_never_needs_an_amount(answer: str) -> None:
    assert decide(answer, amount=Money.of("6550"), typed="") is Decision.DECLINE


@pytest.mark.parametrize(
    ("answer", "code"), [("", "no_decision"), ("yes", "no_decision"), ("approve", "amount_not_typed")]
)
def test_an_answer_that_is_none_says_what_is_wanted(answer: str, code: str) -> None:
    with pytest.raises(ApprovalRefused) as caught:
        decide(answer, amount=Money.of("6550"), typed="65")
    assert caught.value.code == code
    assert caught.value.next_steps
