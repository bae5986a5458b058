"""Capital that an order ties up: published margin examples, and the plain rule for limited losses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.unit.domain.builders import NOW, combo

from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions, OrderValue, payoff_profile
from sumppump.kernel.money import Money, Premium
from sumppump.strategies.capital import required_capital
from sumppump.strategies.drafts import LegAnalysis

D = Decimal


def capital(legs: dict[str, str], spot: str, *, quantity: int = 1) -> tuple[Money | None, str]:
    """Capital of a combo from words and the mids of its legs."""
    built = combo(*legs)
    quoted = tuple(
        LegAnalysis(
            leg=leg,
            quote=Quote(
                instrument=leg.contract, as_of=NOW, taken=0.0, bid=Premium(D(mid)), ask=Premium(D(mid))
            ),
        )
        for leg, mid in zip(built.legs, legs.values(), strict=True)
    )
    value = OrderValue(
        combo=built,
        quantity=quantity,
        net_premium=built.net_mid({part.leg.contract.con_id: part.quote for part in quoted}),
        spot=D(spot),
        vols={},
        now=NOW,
        assumptions=Assumptions(),
    )
    return required_capital(quoted, payoff_profile(value), value)


# Examples of the Cboe margin manual, as tastytrade's margin-estimator tests and help pages give them; the
# premium received is part of each figure.
PUBLISHED = [
    ({"-1 120C": "8.40"}, "128.50", "3410.00"),
    ({"-1 30C": "0.05"}, "26.38", "268.80"),
    ({"-1 47C": "2.10", "-1 43P": "1.20"}, "45", "1030.00"),
    # by hand: the call needs 9 - 2 = 7, the put 9 - 5 = 4; the larger counts, with both premiums
    ({"-1 40P": "0.40", "-1 47C": "2.10"}, "45", "950.00"),
]


@pytest.mark.parametrize(("legs", "spot", "published"), PUBLISHED)
def test_uncovered_options_take_the_published_margin(legs: dict[str, str], spot: str, published: str) -> None:
    """20 % of the stock less what is out of the money, at least 10 %, plus premiums; the larger side."""
    amount, note = capital(legs, spot)
    assert amount == Money(D(published))
    assert "Reg T" in note


@pytest.mark.parametrize(
    ("legs", "spot", "expected"),
    [
        ({"+1 100C": "3"}, "100", 300),  # a long option: its cost
        ({"+1 100C": "3", "-1 110C": "1"}, "100", 200),  # a debit spread: the debit
        ({"-1 100C": "3", "+1 110C": "1"}, "100", 800),  # a credit spread: width less credit
        ({"+100 stock": "100", "-1 110C": "1"}, "100", 9_900),  # shares less the call's premium
        ({"+100 stock": "100", "+1 95P": "1"}, "100", 10_100),  # the cash, more than can be lost
    ],
)
def test_a_limited_loss_takes_what_can_be_lost_or_paid(
    legs: dict[str, str], spot: str, expected: int
) -> None:
    """The larger of maximum loss and cash paid."""
    assert capital(legs, spot)[0] == Money(D(expected))


def test_an_unlimited_loss_of_another_shape_adds_what_is_uncovered_to_what_is_paid() -> None:
    """A ratio spread: the bought call covers one; the other needs 20 % less what it is out of the money.

    By hand: 300 paid, and 100 * (20 - 10 + 1) for the uncovered one.
    """
    amount, note = capital({"+1 100C": "3", "-2 110C": "1"}, "100")
    assert amount == Money(D("1400.00"))
    assert "Reg T" in note
    assert capital({"+1 100C": "3", "-2 110C": "1"}, "100", quantity=3)[0] == Money(D("4200.00"))
