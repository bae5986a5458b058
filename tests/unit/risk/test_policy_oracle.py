"""The size limits against an oracle in plain cents, over random orders and accounts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import gcd

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.risk.cases import (
    FIGURES,
    LONG_CALL,
    SPY,
    STEADY,
    codes,
    combo,
    facts,
    margin,
    option,
    order,
    quote,
)

from sumppump.domain.instruments import Instrument
from sumppump.kernel.money import Money, Premium
from sumppump.risk.cover import uncovered_shorts
from sumppump.risk.limits import Limits

LEVEL_FOUR = Limits(options_level=4)
cents = st.integers(-20_000, 20_000)
quantities = st.integers(1, 30)


def _money(amount: int) -> Money:
    return Money(Decimal(amount) / 100)


def _premium(amount: int) -> Premium:
    return Premium(Decimal(amount) / 100)


def _size_codes(quantity: int, price: int, loss: int, nlv: int, margin_after: int) -> set[str]:
    """What the policy says of a spread; prices in cents per share, cash in cents, loss per combo."""
    figures = replace(FIGURES, nlv=_money(nlv), excess_liquidity=_money(nlv))
    given_facts = facts(
        figures=figures,
        max_loss=_money(loss * quantity),
        margin=margin(str(_money(margin_after * quantity).amount)),
    )
    found = codes(order(limit=str(_premium(price).amount), quantity=quantity), given_facts, LEVEL_FOUR)
    return found & {"too_many_contracts", "premium_too_large", "max_loss_too_large", "margin_too_large"}


def _expected(quantity: int, price: int, loss: int, nlv: int, margin_after: int) -> set[str]:
    rules = {
        "too_many_contracts": quantity > 10,
        "premium_too_large": abs(price) * 100 * quantity > max(500_000, Fraction(nlv * 5, 100)),
        "max_loss_too_large": loss * quantity > Fraction(nlv * 10, 100),
        "margin_too_large": margin_after * quantity > Fraction(nlv, 2),
    }
    return {code for code, broken in rules.items() if broken}


@STEADY
@given(
    quantity=quantities,
    price=cents,
    loss=st.integers(0, 3_000_000),
    nlv=st.integers(1, 60_000_000),
    margin_after=st.integers(0, 20_000_000),
)
def test_size_limits_agree_with_plain_arithmetic(
    quantity: int, price: int, loss: int, nlv: int, margin_after: int
) -> None:
    """C-01, C-02, C-03 and C-15 over the whole range, not at hand-picked points."""
    arguments = (quantity, price, loss, nlv, margin_after)
    assert _size_codes(*arguments) == _expected(*arguments)


@STEADY
@given(
    quantity=st.integers(1, 29),
    price=cents,
    loss=st.integers(0, 3_000_000),
    nlv=st.integers(1, 60_000_000),
    margin_after=st.integers(0, 20_000_000),
)
def test_what_is_refused_stays_refused_for_more(
    quantity: int, price: int, loss: int, nlv: int, margin_after: int
) -> None:
    """Monotone in quantity: one contract more never makes an order acceptable."""
    less = _size_codes(quantity, price, loss, nlv, margin_after)
    assert less <= _size_codes(quantity + 1, price, loss, nlv, margin_after)


@STEADY
@given(bid=st.integers(5, 20_000), width=st.integers(0, 400), above=st.integers(-500, 500))
def test_the_collar_is_monotone_and_never_wider_than_its_two_bounds(bid: int, width: int, above: int) -> None:
    """C-04: whoever bids one cent more is not treated better, and 10 % or 2.00 or two ticks is the end."""
    ask, limit = bid + width, bid + width + above
    (call,) = (leg.contract for leg in LONG_CALL.legs)
    given_facts = facts(quotes={call.con_id: quote(call, str(_premium(bid)), str(_premium(ask)))})
    refused = "limit_beyond_collar" in codes(order(LONG_CALL, str(_premium(limit))), given_facts)
    more = "limit_beyond_collar" in codes(order(LONG_CALL, str(_premium(limit + 1))), given_facts)
    assert more or not refused
    assert refused is (above > max(2, min(Fraction(ask, 10), 200, _band(ask))))


def _band(ask: int) -> int:
    rows = ((200, 25), (501, 40), (1001, 50), (2001, 80), (5001, 100), (10_001, 150))
    return next((amount for below, amount in rows if ask < below), 200)


@STEADY
@given(ratios=st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=4), shares=st.integers(0, 3))
def test_cover_never_counts_a_long_twice(ratios: list[int], shares: int) -> None:
    """C-03 on calls of one expiry: short contracts beyond longs and whole lots of shares stand alone."""
    calls = [option(str(500 + index)) for index in range(len(ratios))]
    legs: list[tuple[int, Instrument]] = [
        *zip(ratios, calls, strict=True),
        *([(100 * shares, SPY)] if shares else []),
    ]
    assume(gcd(*(ratio for ratio, _ in legs)) == 1)
    alone = sum(short.contracts for short in uncovered_shorts(combo(*legs)))
    longs = sum(ratio for ratio in ratios if ratio > 0)
    shorts = -sum(ratio for ratio in ratios if ratio < 0)
    assert alone == max(0, shorts - longs - shares)
