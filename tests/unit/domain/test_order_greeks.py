"""Greeks of an order over prices: at each price the sum of its legs', with signs, ratios and shares."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from tests.unit.domain.builders import NOW, combo
from tests.unit.domain.test_revaluation import VOL, order

from sumppump.domain.order_greeks import NAMES, greeks_over
from sumppump.domain.pricing import american, european
from sumppump.domain.revaluation import Assumptions

PRICES = np.array([80.0, 100.0, 123.0])


@pytest.mark.parametrize("is_american", [True, False])
def test_they_are_the_sums_of_the_legs_own_greeks(is_american: bool) -> None:
    """The scalars of the pricing module, leg by leg; shares have delta alone."""
    assume = Assumptions(rate=0.04, dividend_yield=0.01, is_american=is_american)
    value = order(combo("+100 stock", "+1 90P", "-2 110C later"), "90", quantity=3, assumptions=assume)
    found, scalar = greeks_over(value, PRICES, NOW), american if is_american else european
    (put, call) = value.combo.options
    for place, price in enumerate(PRICES):
        p = scalar(price, 90, put.years(NOW), 0.04, 0.01, VOL, "P")
        c = scalar(price, 110, call.years(NOW), 0.04, 0.01, VOL, "C")
        for name in NAMES:
            shares = 1.0 if name == "delta" else 0.0
            wanted = 300 * (shares + getattr(p, name) - 2 * getattr(c, name))
            assert found[name][place] == pytest.approx(wanted, rel=0.02, abs=0.5), name


def test_delta_is_the_slope_of_the_profit_that_is_drawn_beside_it() -> None:
    """Of an order on an index, whose price is smooth."""
    assume = Assumptions(rate=0.04, dividend_yield=0.0, is_american=False)
    value = order(combo("+1 95C", "-1 105C"), "5", assumptions=assume)
    slope = (value.pnl(PRICES + 0.01, NOW) - value.pnl(PRICES - 0.01, NOW)) / 0.02
    assert greeks_over(value, PRICES, NOW)["delta"] == pytest.approx(slope, abs=1e-4)


def test_what_has_expired_is_shares_or_nothing() -> None:
    """After the last moment no time and no volatility is left."""
    value = order(combo("+1 100.5C"), "5")
    found = greeks_over(value, PRICES, value.settlements[-1] + timedelta(days=1))
    assert found["delta"].tolist() == [0.0, 0.0, 100.0]
    assert not found["theta"].any()
    assert not found["vega"].any()


def test_an_unknown_volatility_is_named_and_not_taken_as_nothing() -> None:
    """Greeks at a volatility of 0 would look like figures."""
    value = order(combo("+1 95C", "-1 105C"), "5", vols={})
    with pytest.raises(ValueError, match="95C"):
        greeks_over(value, PRICES, NOW)
