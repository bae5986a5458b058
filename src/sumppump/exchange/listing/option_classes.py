"""Option classes: what makes the options of one trading class alike.

A class's place in `CLASSES` is part of its options' ids, so new ones come at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.calendar.hours import HoursKind
from sumppump.exchange.listing.expiries import (
    DAILY,
    FUND_LADDER,
    INDEX_LADDER,
    INDEX_MONTHLY,
    INDEX_WEEKLY,
    MONTHLY,
    SHARE_LADDER,
    SPX_LADDER,
    THIN_SHARE_LADDER,
    VOLATILITY_LADDER,
    VOLATILITY_MONTHLY,
    VOLATILITY_WEEKLY,
    WEEKLY,
    Ladder,
    Programme,
)
from sumppump.exchange.listing.market_rules import RULE_DIME_FROM_3, RULE_NICKEL_FROM_3, RULE_PENNY
from sumppump.exchange.listing.symbols import BY_SYMBOL, Underlying

OPTION_EXCHANGES = ("SMART", "AMEX", "BOX", "CBOE", "CBOE2", "ISE", "NASDAQOM", "PHLX", "PSE")
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionClass:
    """One trading class.

    Attributes:
        underlying: whose level it is about.
        programme, ladder: which expiries and strikes are listed.
        strike_unit: the step that all its strikes are multiples of.
        rule: the market rule of its prices.
        settles_at_open: AM settlement: trading ends the day before, the open of the expiry day settles.
        future_root: the root of the future of the same expiry that it is priced on, "" for the spot.
    """

    name: str
    underlying: str
    programme: Programme
    ladder: Ladder
    rule: int
    strike_unit: Decimal = _HALF
    multiplier: int = 100
    exchanges: tuple[str, ...] = OPTION_EXCHANGES
    is_american: bool = True
    is_cash_settled: bool = False
    settles_at_open: bool = False
    hours: HoursKind = HoursKind.OPTION
    future_root: str = ""

    @property
    def under(self) -> Underlying:
        """The underlying."""
        return BY_SYMBOL[self.underlying]


def _on_shares(symbol: str, programme: Programme = WEEKLY) -> OptionClass:
    is_etf = BY_SYMBOL[symbol].is_etf
    return OptionClass(
        name=symbol,
        underlying=symbol,
        programme=DAILY if is_etf else programme,
        ladder=FUND_LADDER if is_etf else THIN_SHARE_LADDER if programme is MONTHLY else SHARE_LADDER,
        rule=RULE_PENNY if is_etf else RULE_NICKEL_FROM_3,
    )


def _on_index(
    name: str,
    underlying: str,
    programme: Programme,
    ladder: Ladder,
    unit: str,
    *,
    rule: int = RULE_DIME_FROM_3,
) -> OptionClass:
    return OptionClass(
        name=name,
        underlying=underlying,
        programme=programme,
        ladder=ladder,
        rule=rule,
        strike_unit=Decimal(unit),
        exchanges=("SMART", "PHLX") if underlying == "NDX" else ("SMART", "CBOE"),
        is_american=False,
        is_cash_settled=True,
        settles_at_open=programme in (INDEX_MONTHLY, VOLATILITY_MONTHLY, VOLATILITY_WEEKLY),
        hours=HoursKind.INDEX_OPTION if underlying in ("NDX", "RUT") else HoursKind.GLOBAL_OPTION,
        future_root="VX" if underlying == "VIX" else "",
    )


CLASSES: tuple[OptionClass, ...] = (
    *map(_on_shares, ("SPY", "QQQ", "IWM", "AAPL", "MSFT", "NVDA", "AMD", "TSLA")),
    *map(_on_shares, ("DIA", "AMZN", "META", "GOOGL", "JPM", "XOM", "XLF", "GLD", "TLT", "KO", "F")),
    _on_shares("OSMC", MONTHLY),
    _on_index("SPX", "SPX", INDEX_MONTHLY, SPX_LADDER, "5"),
    _on_index("SPXW", "SPX", DAILY, SPX_LADDER, "5"),
    _on_index("NDX", "NDX", INDEX_MONTHLY, INDEX_LADDER, "25"),
    _on_index("NDXP", "NDX", INDEX_WEEKLY, INDEX_LADDER, "25"),
    _on_index("RUT", "RUT", INDEX_MONTHLY, INDEX_LADDER, "5"),
    _on_index("RUTW", "RUT", INDEX_WEEKLY, INDEX_LADDER, "5"),
    _on_index("XSP", "XSP", DAILY, FUND_LADDER, "0.5", rule=RULE_PENNY),
    _on_index("VIX", "VIX", VOLATILITY_MONTHLY, VOLATILITY_LADDER, "0.5", rule=RULE_NICKEL_FROM_3),
    _on_index("VIXW", "VIX", VOLATILITY_WEEKLY, VOLATILITY_LADDER, "0.5", rule=RULE_NICKEL_FROM_3),
    *map(_on_shares, ("MMM", "IBM", "PLTR", "AMC", "INTC", "GOOG")),
)
BY_CLASS = {one.name: one for one in CLASSES}
CLASS_NUMBER = {one.name: number for number, one in enumerate(CLASSES)}


def classes_on(symbol: str) -> tuple[OptionClass, ...]:
    """The classes on one underlying."""
    return tuple(one for one in CLASSES if one.underlying == symbol)
