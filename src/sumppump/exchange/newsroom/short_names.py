"""What people call companies and funds where they write of them; on the wire names are in capitals."""

from __future__ import annotations

from sumppump.exchange.listing.symbols import Underlying

_SHORT = {
    "SPY": "The SPDR S&P 500 ETF", "QQQ": "The Invesco QQQ Trust", "IWM": "The iShares Russell 2000 ETF",
    "DIA": "The SPDR Dow Jones ETF", "XLF": "The Financial Select Sector SPDR", "GLD": "SPDR Gold Shares",
    "TLT": "The iShares 20+ Year Treasury ETF", "AAPL": "Apple", "MSFT": "Microsoft", "NVDA": "NVIDIA",
    "AMD": "Advanced Micro Devices", "TSLA": "Tesla", "AMZN": "Amazon.com", "META": "Meta Platforms",
    "GOOGL": "Alphabet", "GOOG": "Alphabet", "JPM": "JPMorgan Chase", "XOM": "Exxon Mobil", "KO": "Coca-Cola",
    "F": "Ford Motor", "OSMC": "Old Salt Marine", "MMM": "3M", "IBM": "IBM", "PLTR": "Palantir Technologies",
    "AMC": "AMC Entertainment", "INTC": "Intel", "EUR.USD": "The euro", "GBP.USD": "The pound",
    "AUD.USD": "The Australian dollar", "USD.JPY": "The dollar against the yen",
    "USD.CAD": "The dollar against the Canadian dollar", "USD.CHF": "The dollar against the franc",
    "BTC": "Bitcoin", "ETH": "Ethereum", "SPX": "The S&P 500", "NDX": "The Nasdaq 100",
    "RUT": "The Russell 2000", "XSP": "The Mini-SPX", "VIX": "The Cboe Volatility Index", "DAX": "The DAX",
}  # fmt: skip


def short_name(under: Underlying) -> str:
    """A name that can begin a sentence."""
    return _SHORT.get(under.symbol, under.name)
