"""The underlyings of this exchange: who they are. How they behave stands in `character`.

Ids are IB's where they are known; those of `FORD`'s size and below 1000 are ours. A currency pair is kept
under its local symbol, EUR.USD, because its wire symbol is only the half before the point.
"""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.exchange.hours import HoursKind
from sumppump.exchange.instruments import SecType

RISK_FREE_RATE = 0.0385  # continuous, flat


@dataclass(frozen=True, slots=True, kw_only=True)
class Underlying:
    """What has a level of its own: a stock, an ETF, an index, a currency pair, a coin.

    Attributes:
        symbol: the name under which its levels and its character are kept.
        name: the long name.
        is_etf: ETFs have daily and quarterly expiries, and penny increments at any premium.
        hours: when it trades.
        price_units: units per currency that its prices are whole numbers of.
        currency: in which it is quoted.
        isin: the international number, "" where there is none or it is not known here.
    """

    symbol: str
    con_id: int
    name: str
    primary_exchange: str
    sec_type: SecType = SecType.STOCK
    hours: HoursKind = HoursKind.STOCK
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    is_etf: bool = False
    currency: str = "USD"
    price_units: int = 100
    isin: str = ""

    @property
    def ticker(self) -> str:
        """The symbol on the wire: of a currency pair the first half."""
        return self.symbol.split(".")[0] if self.sec_type is SecType.CASH else self.symbol


def _stock(
    symbol: str, con_id: int, name: str, exchange: str, branch: tuple[str, str, str], isin: str = ""
) -> Underlying:
    industry, category, subcategory = branch
    return Underlying(
        symbol=symbol,
        con_id=con_id,
        name=name,
        primary_exchange=exchange,
        industry=industry,
        category=category,
        subcategory=subcategory,
        isin=isin,
    )


def _etf(symbol: str, con_id: int, name: str, exchange: str = "ARCA", isin: str = "") -> Underlying:
    return Underlying(
        symbol=symbol, con_id=con_id, name=name, primary_exchange=exchange, is_etf=True, isin=isin
    )


_COMPUTERS = ("Technology", "Computers", "Computers")
_SOFTWARE = ("Technology", "Software", "Applications Software")
_CHIPS = ("Technology", "Semiconductors", "Electronic Compo-Semicon")
_CARS = ("Consumer, Cyclical", "Auto Manufacturers", "Auto-Cars/Light Trucks")

UNDERLYINGS: tuple[Underlying, ...] = (
    _etf("SPY", 756733, "SS SPDR S&P 500 ETF TRUST-US", isin="US78462F1030"),
    _etf("QQQ", 320227571, "INVESCO QQQ TRUST SERIES 1", "NASDAQ", isin="US46090E1038"),
    _etf("IWM", 9579970, "ISHARES RUSSELL 2000 ETF", isin="US4642876555"),
    _stock("AAPL", 265598, "APPLE INC", "NASDAQ", _COMPUTERS, "US0378331005"),
    _stock("MSFT", 272093, "MICROSOFT CORP", "NASDAQ", _SOFTWARE, "US5949181045"),
    _stock("NVDA", 4815747, "NVIDIA CORP", "NASDAQ", _CHIPS, "US67066G1040"),
    _stock("AMD", 4391, "ADVANCED MICRO DEVICES", "NASDAQ", _CHIPS, "US0079031078"),
    _stock("TSLA", 76792991, "TESLA INC", "NASDAQ", _CARS, "US88160R1014"),
)

BY_SYMBOL = {one.symbol: one for one in UNDERLYINGS}
INDEX_OF = {one.symbol: index for index, one in enumerate(UNDERLYINGS)}
BY_CON_ID = {one.con_id: one for one in UNDERLYINGS}
