"""Option classes: what makes the options of one trading class alike.

A class's place in `CLASSES` is part of its options' ids, so new ones come at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.hours import HoursKind
from sumppump.exchange.symbols import BY_SYMBOL, Underlying

RULE_PENNY, RULE_NICKEL_FROM_3 = 26, 32
OPTION_EXCHANGES = ("SMART", "AMEX", "BOX", "CBOE", "CBOE2", "ISE", "NASDAQOM", "PHLX", "PSE")
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionClass:
    """One trading class.

    Attributes:
        underlying: whose level it is about.
        strike_unit: the step that all its strikes are multiples of.
        rule: the market rule of its prices.
        settles_at_open: AM settlement: trading ends the day before, the open of the expiry day settles.
    """

    name: str
    underlying: str
    rule: int
    strike_unit: Decimal = _HALF
    multiplier: int = 100
    exchanges: tuple[str, ...] = OPTION_EXCHANGES
    is_american: bool = True
    is_cash_settled: bool = False
    settles_at_open: bool = False
    hours: HoursKind = HoursKind.OPTION

    @property
    def under(self) -> Underlying:
        """The underlying."""
        return BY_SYMBOL[self.underlying]


def _on_shares(symbol: str) -> OptionClass:
    rule = RULE_PENNY if BY_SYMBOL[symbol].is_etf else RULE_NICKEL_FROM_3
    return OptionClass(name=symbol, underlying=symbol, rule=rule)


CLASSES: tuple[OptionClass, ...] = tuple(
    map(_on_shares, ("SPY", "QQQ", "IWM", "AAPL", "MSFT", "NVDA", "AMD", "TSLA"))
)
BY_CLASS = {one.name: one for one in CLASSES}
CLASS_NUMBER = {one.name: number for number, one in enumerate(CLASSES)}
