"""Which market data subscription a contract needs, by the names of IBKR's price list.

The names are those of the public page "Market Data Pricing" for North America; that TWS asks for exactly this
one is unverified, since its messages name an exchange or nothing. Where no name is known the exchange stands.
"""

from __future__ import annotations

import re

from sumppump.domain.instruments import Instrument, SecType, Underlying

NETWORK_A = "NYSE (Network A/CTA)"
NETWORK_B = "NYSE American, BATS, ARCA, IEX, and Regional Exchanges (Network B)"
NETWORK_C = "NASDAQ (Network C/UTP)"
OPRA = "OPRA (US Options Exchanges)"

_STOCKS = {
    "NYSE": NETWORK_A,
    "NASDAQ": NETWORK_C,
    "ISLAND": NETWORK_C,
    "ARCA": NETWORK_B,
    "AMEX": NETWORK_B,
    "BATS": NETWORK_B,
    "IEX": NETWORK_B,
}
_INDICES = {
    "CBOE": "CBOE Streaming Market Indexes",
    "NASDAQ": "NASDAQ Global Index Data Service",
    "NYSE": "NYSE Global Index Feed",
    "CME": "S&P Indices by CME Real-Time",
}
_FUTURES = {
    "CFE": "CFE Enhanced",
    "CME": "CME Real-Time",
    "CBOT": "CBOT Real-Time",
    "NYMEX": "NYMEX Real-Time",
    "COMEX": "COMEX Real-Time",
}
_BY_KIND = {SecType.STK: _STOCKS, SecType.IND: _INDICES, SecType.FUT: _FUTURES}
# "...SPY ARCA/TOP/ALL": of whose book TWS speaks; with an option it is mostly that of its underlying.
_BOOK_NAMED = re.compile(r"([A-Z][A-Z0-9. ]*?) ([A-Z]+)/TOP/ALL")
_FREE = {SecType.CASH: "IDEALPRO FX", SecType.CRYPTO: "Cryptocurrency"}


def subscription_named(instrument: Instrument, text: str) -> str:
    """The subscription that is missing where TWS refuses a contract's data with this text."""
    named = _BOOK_NAMED.search(text)
    if instrument.sec_type is SecType.OPT:
        return OPRA if named is None else _of_stock(named[2])
    if instrument.sec_type in _FREE:
        return _FREE[instrument.sec_type]
    exchange = named[2] if named is not None and named[2] != "SMART" else _home(instrument)
    return _BY_KIND.get(instrument.sec_type, {}).get(exchange, exchange)


def _of_stock(exchange: str) -> str:
    return _STOCKS.get(exchange) or _INDICES.get(exchange) or exchange


def _home(instrument: Instrument) -> str:
    listed = instrument.primary_exchange if isinstance(instrument, Underlying) else ""
    return listed or instrument.exchange
