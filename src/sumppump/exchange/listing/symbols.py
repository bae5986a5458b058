"""The underlyings of this exchange: who they are. How they behave stands in `character`.

Ids are IB's where they are known. A currency pair is kept under its local symbol, EUR.USD, because its wire
symbol is only the half before the point.
"""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.exchange.calendar.hours import HoursKind
from sumppump.exchange.listing.futures import future_con_id, future_of
from sumppump.exchange.listing.instruments import SecType

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


def future_underlying(text: str) -> Underlying:
    """A future as something with a level of its own.

    Raises:
        KeyError: no future has this key.
    """
    key = future_of(text)
    root = key.root
    return Underlying(
        symbol=text,
        con_id=future_con_id(key),
        name=root.name,
        primary_exchange=root.exchange,
        sec_type=SecType.FUTURE,
        hours=HoursKind.FUTURE,
        price_units=root.price_units,
    )


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


def _index(symbol: str, con_id: int, name: str, exchange: str, currency: str = "USD") -> Underlying:
    return Underlying(
        symbol=symbol,
        con_id=con_id,
        name=name,
        primary_exchange=exchange,
        sec_type=SecType.INDEX,
        hours=HoursKind.INDEX,
        industry="Indices",
        category="Broad Range Equity Index",
        subcategory="*",
        currency=currency,
    )


def _pair(symbol: str, con_id: int, name: str, price_units: int = 20_000) -> Underlying:
    return Underlying(
        symbol=symbol,
        con_id=con_id,
        name=name,
        primary_exchange="IDEALPRO",
        sec_type=SecType.CASH,
        hours=HoursKind.FOREX,
        currency=symbol.split(".")[1],
        price_units=price_units,
    )


def _coin(symbol: str, con_id: int, name: str, price_units: int) -> Underlying:
    return Underlying(
        symbol=symbol,
        con_id=con_id,
        name=name,
        primary_exchange="PAXOS",
        sec_type=SecType.CRYPTO,
        hours=HoursKind.CRYPTO,
        price_units=price_units,
    )


_COMPUTERS = ("Technology", "Computers", "Computers")
_SOFTWARE = ("Technology", "Software", "Applications Software")
_CHIPS = ("Technology", "Semiconductors", "Electronic Compo-Semicon")
_CARS = ("Consumer, Cyclical", "Auto Manufacturers", "Auto-Cars/Light Trucks")
_SHOPS = ("Communications", "Internet", "E-Commerce/Products")
_INTERNET = ("Communications", "Internet", "Web Portals/ISP")
_BANKS = ("Financial", "Banks", "Diversified Banking Inst")
_OIL = ("Energy", "Oil&Gas", "Oil Comp-Integrated")
_DRINKS = ("Consumer, Non-cyclical", "Beverages", "Beverages-Non-alcoholic")
_TOOLS = ("Industrial", "Miscellaneous Manufactur", "Diversified Manufact Op")
_SERVICES = ("Technology", "Computers", "Computer Services")
_CINEMAS = ("Communications", "Entertainment", "Theaters")
_SHIPS = ("Industrial", "Transportation", "Transport-Marine")

UNDERLYINGS: tuple[Underlying, ...] = (
    _etf("SPY", 756733, "SS SPDR S&P 500 ETF TRUST-US", isin="US78462F1030"),
    _etf("QQQ", 320227571, "INVESCO QQQ TRUST SERIES 1", "NASDAQ", isin="US46090E1038"),
    _etf("IWM", 9579970, "ISHARES RUSSELL 2000 ETF", isin="US4642876555"),
    _stock("AAPL", 265598, "APPLE INC", "NASDAQ", _COMPUTERS, "US0378331005"),
    _stock("MSFT", 272093, "MICROSOFT CORP", "NASDAQ", _SOFTWARE, "US5949181045"),
    _stock("NVDA", 4815747, "NVIDIA CORP", "NASDAQ", _CHIPS, "US67066G1040"),
    _stock("AMD", 4391, "ADVANCED MICRO DEVICES", "NASDAQ", _CHIPS, "US0079031078"),
    _stock("TSLA", 76792991, "TESLA INC", "NASDAQ", _CARS, "US88160R1014"),
    _etf("DIA", 73128548, "SS SPDR DJIA TRUST", isin="US78467X1090"),
    _stock("AMZN", 3691937, "AMAZON.COM INC", "NASDAQ", _SHOPS, "US0231351067"),
    _stock("META", 107113386, "META PLATFORMS INC-CLASS A", "NASDAQ", _INTERNET, "US30303M1027"),
    _stock("GOOGL", 208813719, "ALPHABET INC-CL A", "NASDAQ", _INTERNET, "US02079K3059"),
    _stock("JPM", 1520593, "JPMORGAN CHASE & CO", "NYSE", _BANKS, "US46625H1005"),
    _stock("XOM", 13977, "EXXON MOBIL CORP", "NYSE", _OIL, "US30231G1022"),
    _etf("XLF", 4215220, "SS FIN SEL SECTOR SPDR ETF", isin="US81369Y6059"),
    _etf("GLD", 51529211, "SPDR GOLD SHARES", isin="US78463V1070"),
    _etf("TLT", 15547841, "ISHARES 20+ YEAR TREASURY BOND ETF", "NASDAQ", isin="US4642874329"),
    _stock("KO", 8894, "COCA-COLA CO/THE", "NYSE", _DRINKS, "US1912161007"),
    _stock("F", 9599491, "FORD MOTOR CO", "NYSE", _CARS, "US3453708600"),
    _stock("OSMC", 718203455, "OLD SALT MARINE CORP", "NASDAQ", _SHIPS),  # invented, illiquid
    _index("SPX", 416904, "S&P 500 Stock Index", "CBOE"),
    _index("NDX", 416843, "NASDAQ 100 Stock Index", "NASDAQ"),
    _index("RUT", 416888, "Russell 2000 Stock Index", "RUSSELL"),
    _index("XSP", 137851301, "Mini S&P 500 Stock Index", "CBOE"),
    _index("VIX", 13455763, "CBOE Volatility Index", "CBOE"),
    _pair("EUR.USD", 12087792, "European Monetary Union Euro"),
    _pair("GBP.USD", 12087797, "British pound"),
    _pair("USD.JPY", 15016059, "United States dollar", 200),
    _coin("BTC", 479624278, "Bitcoin cryptocurrency", 4),
    _coin("ETH", 495759171, "Ethereum cryptocurrency", 100),
    _stock("MMM", 13098504, "3M CO", "NYSE", _TOOLS, "US88579Y1010"),
    _stock("IBM", 8314, "INTL BUSINESS MACHINES CORP", "NYSE", _SERVICES, "US4592001014"),
    _stock("PLTR", 444857009, "PALANTIR TECHNOLOGIES INC-A", "NASDAQ", _SOFTWARE, "US69608A1088"),
    _stock("AMC", 140070600, "AMC ENTERTAINMENT HLDS-CL A", "NYSE", _CINEMAS, "US00165C3025"),
    _stock("INTC", 270639, "INTEL CORP", "NASDAQ", _CHIPS, "US4581401001"),
    _stock("GOOG", 208813720, "ALPHABET INC-CL C", "NASDAQ", _INTERNET, "US02079K1079"),
    _index("ES", 11004968, "E-mini S&P 500", "CME"),
    _index("DAX", 825711, "DAX 40 Index (Deutsche Aktien Xchange 40)", "EUREX", "EUR"),
    _pair("AUD.USD", 14433401, "Australian dollar"),
    _pair("USD.CAD", 15016062, "United States dollar"),
    _pair("USD.CHF", 12087820, "United States dollar"),
)


class Directory(dict[str, Underlying]):
    """Underlyings by symbol. Futures are made when asked for: what moves with `ES:20261218` is no list."""

    def __missing__(self, symbol: str) -> Underlying:
        """The future of this key."""
        made = self[symbol] = future_underlying(symbol)
        return made


BY_SYMBOL = Directory((one.symbol, one) for one in UNDERLYINGS)
INDEX_OF = {one.symbol: index for index, one in enumerate(UNDERLYINGS)}
SHARES = tuple(one.symbol for one in UNDERLYINGS if one.sec_type is SecType.STOCK)
BY_CON_ID = {one.con_id: one for one in UNDERLYINGS}
BY_TICKER = {
    ticker: tuple(one for one in UNDERLYINGS if one.ticker == ticker)
    for ticker in dict.fromkeys(one.ticker for one in UNDERLYINGS)
}
