"""Price increments by level. Numbers 26, 32, 67, 239, 635, 2806 are TWS's; others unverified."""

from __future__ import annotations

from decimal import Decimal

RULE_PENNY, RULE_NICKEL_FROM_3, RULE_DIME_FROM_3 = 26, 32, 109
RULE_INDEX_FUTURE, RULE_VOLATILITY_FUTURE = 67, 240
RULE_PAIR, RULE_YEN_PAIR, RULE_QUARTER_COIN, RULE_PIP = 239, 241, 2806, 635
CENT = Decimal("0.01")
Increments = tuple[tuple[Decimal, Decimal], ...]


def _flat(tick: str) -> Increments:
    return ((Decimal(0), Decimal(tick)),)


def _from_3(below: str, above: str) -> Increments:
    return ((Decimal(0), Decimal(below)), (Decimal(3), Decimal(above)))


MARKET_RULES: dict[int, Increments] = {
    RULE_PENNY: _flat("0.01"),
    RULE_NICKEL_FROM_3: _from_3("0.01", "0.05"),
    RULE_DIME_FROM_3: _from_3("0.05", "0.1"),
    RULE_INDEX_FUTURE: _flat("0.25"),
    RULE_VOLATILITY_FUTURE: _flat("0.05"),
    RULE_PAIR: _flat("0.00005"),
    RULE_YEN_PAIR: _flat("0.005"),
    RULE_QUARTER_COIN: _flat("0.25"),
    RULE_PIP: _flat("0.0001"),
}
"""Pairs (price from which on, increment), rising."""


def tick_for(rule_id: int, price: Decimal) -> Decimal:
    """The increment that holds at a price."""
    steps = MARKET_RULES[rule_id]
    return next(tick for low, tick in reversed(steps) if abs(price) >= low)


def smallest_tick(rule_id: int) -> Decimal:
    """The increment at the lowest prices."""
    return MARKET_RULES[rule_id][0][1]
