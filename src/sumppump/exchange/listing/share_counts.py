"""How many shares there are, in millions: the size of each company and fund at about its table price.

Rounded from what companies reported in 2025, from memory and unverified; OSMC is invented.
"""

from __future__ import annotations

SHARES_MILLIONS = {
    "SPY": 1030.0, "QQQ": 655.0, "IWM": 290.0, "DIA": 82.0, "XLF": 1000.0, "GLD": 370.0, "TLT": 560.0,
    "AAPL": 14_800.0, "MSFT": 7433.0, "NVDA": 24_300.0, "AMD": 1628.0, "TSLA": 3325.0, "AMZN": 10_690.0,
    "META": 2515.0, "GOOGL": 12_100.0, "GOOG": 12_100.0, "JPM": 2720.0, "XOM": 4260.0, "KO": 4303.0,
    "F": 3985.0, "OSMC": 22.0, "MMM": 531.0, "IBM": 934.0, "PLTR": 2383.0, "AMC": 513.0, "INTC": 4770.0,
}  # fmt: skip
