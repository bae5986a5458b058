"""Greeks of a whole order at any price of its underlying, each leg's as `domain.greeks` computes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from sumppump.domain.combo import Leg
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.pricing import OptionValues, american_many, european_many
from sumppump.domain.pricing.normal import Array
from sumppump.domain.revaluation import OrderValue

NAMES = ("delta", "gamma", "theta", "vega")


def greeks_over(value: OrderValue, prices: Array, at: datetime) -> Mapping[str, Array]:
    """Delta (shares), gamma (shares per 1 of price), theta (cash a calendar day), vega (cash a point).

    Args:
        value: the order; volatilities are held as they are.
        prices: of the underlying, currency per share.
        at: the moment.

    Raises:
        ValueError: an option that lives then has no volatility.
    """
    if missing := value.missing_vols(at):
        raise ValueError(f"the volatility of {missing[0].label} is not known")
    total = {name: np.zeros_like(prices) for name in NAMES}
    for leg in value.combo.legs:
        units = float(leg.shares * value.quantity)
        if isinstance(leg.contract, OptionContract):
            each = _option(value, leg, prices, at)
            for name in NAMES:
                total[name] += units * getattr(each, name)
        else:
            total["delta"] += units
    return total


def _option(value: OrderValue, leg: Leg, prices: Array, at: datetime) -> OptionValues:
    option = leg.contract
    assert isinstance(option, OptionContract)
    own = value.assumptions.until(option.settles)
    inputs = (
        prices,
        float(option.strike),
        max(0.0, option.years(at)),
        own.rate,
        own.dividend_yield,
        value.vols.get(option.con_id) or 0.0,
        option.right is Right.CALL,
    )
    if not value.assumptions.is_american:
        return european_many(*inputs)
    cash = value.assumptions.cash(option.settles, at)
    return american_many(*inputs, dividends=cash)
