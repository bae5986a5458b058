"""Contracts and combos in one line each, for tests of the pure middle."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right, Underlying

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
NEAR = date(2026, 12, 18)
LATER = date(2027, 1, 15)
STOCK = Underlying(con_id=1, symbol="XYZ")


def option(strike: float | str, right: str, expiry: date = NEAR, multiplier: int = 100) -> OptionContract:
    price = Decimal(str(strike))
    number = (expiry - date(2026, 1, 1)).days * 1_000_000 + int(price * 100) * 2 + (right == "P")
    return OptionContract(
        con_id=number,
        symbol="XYZ",
        right=Right(right),
        strike=price,
        expiry=expiry,
        last_trade=datetime(expiry.year, expiry.month, expiry.day, 21, 0, tzinfo=UTC),
        multiplier=multiplier,
    )


def combo(*legs: str, later: date = LATER) -> Combo:
    """A combo from words such as `+1 100C`, `-2 105.5P`, `+1 100C later`, `+100 stock`."""
    return Combo(tuple(_leg(words, later) for words in legs))


def _leg(words: str, later: date) -> Leg:
    ratio, name, *when = words.split()
    if name == "stock":
        return Leg(contract=STOCK, ratio=int(ratio))
    expiry = later if when else NEAR
    return Leg(contract=option(name[:-1], name[-1], expiry), ratio=int(ratio))
