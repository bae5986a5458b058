"""Since when well-known names are listed: what head timestamps say, from the public record."""

from __future__ import annotations

from datetime import date

LISTED_SINCE: dict[str, date] = {
    "AAPL": date(1980, 12, 12),
    "AMC": date(2013, 12, 18),
    "AMD": date(1980, 3, 17),
    "AMZN": date(1997, 5, 15),
    "BTC": date(2014, 9, 17),
    "DIA": date(1998, 1, 20),
    "ETH": date(2017, 11, 9),
    "GLD": date(2004, 11, 18),
    "GOOG": date(2004, 8, 19),
    "GOOGL": date(2004, 8, 19),
    "IBM": date(1980, 3, 17),
    "INTC": date(1980, 3, 17),
    "IWM": date(2000, 5, 26),
    "JPM": date(1980, 3, 17),
    "KO": date(1980, 3, 17),
    "META": date(2012, 5, 18),
    "MMM": date(1980, 3, 17),
    "MSFT": date(1986, 3, 13),
    "NVDA": date(1999, 1, 22),
    "PLTR": date(2020, 9, 30),
    "QQQ": date(1999, 3, 10),
    "SPY": date(1993, 1, 29),
    "TLT": date(2002, 7, 26),
    "TSLA": date(2010, 6, 29),
    "XLF": date(1998, 12, 22),
    "XOM": date(1980, 3, 17),
}
"""The first day of each; what was listed before IB's data begin has their first day."""
