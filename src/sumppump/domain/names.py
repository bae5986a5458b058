"""Names by which people call what is neither share nor option: futures, currency pairs, coins.

The roots are those of IBKR's public contract pages; that its symbols and classes still are these is
unverified, but for the ones that the embedded exchange lists (ES, MES, VX).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What IDEALPRO trades in pairs.
CURRENCIES = frozenset(
    {"USD", "EUR", "GBP", "JPY", "AUD", "CAD", "CHF", "NZD", "SEK", "NOK", "DKK"}
    | {"HKD", "SGD", "CNH", "MXN", "ZAR", "PLN", "CZK", "HUF", "ILS", "TRY"}
)
COINS = frozenset({"BTC", "ETH", "LTC", "BCH"})
_HALVES = re.compile(r"([A-Z]{3})[ ./-]?([A-Z]{3})")
_COIN = re.compile(r"([A-Z0-9]{2,6}?)(?:[ ./-]?USD)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureRoot:
    """What people call a future, in the broker's words.

    Attributes:
        name: as people write it, for example VX.
        symbol: the broker's, for example VIX.
        exchange: where it trades.
        trading_class: of its regular months; VIX has weekly classes beside VX.
    """

    name: str
    symbol: str
    exchange: str
    trading_class: str


def _roots(exchange: str, names: str) -> tuple[FutureRoot, ...]:
    return tuple(
        FutureRoot(name=name, symbol=name, exchange=exchange, trading_class=name) for name in names.split()
    )


FUTURE_ROOTS = {
    root.name: root
    for root in (
        *_roots("CME", "ES MES NQ MNQ RTY M2K"),
        *_roots("CBOT", "YM MYM ZN ZB ZF ZT"),
        *_roots("NYMEX", "CL NG"),
        *_roots("COMEX", "GC SI HG"),
        *_roots("CFE", "VXM"),
        FutureRoot(name="VX", symbol="VIX", exchange="CFE", trading_class="VX"),
        FutureRoot(name="VIX", symbol="VIX", exchange="CFE", trading_class="VX"),
    )
}


def pair_halves(text: str) -> tuple[str, str] | None:
    """The two currencies of `EURUSD`, `EUR/USD`, `EUR.USD`; None where it is no pair of two known ones.

    >>> pair_halves("eur/usd")
    ('EUR', 'USD')
    >>> pair_halves("GOOGLE") is None
    True
    """
    halves = _HALVES.fullmatch(text.strip().upper())
    if halves is None or not CURRENCIES.issuperset(halves.groups()) or halves[1] == halves[2]:
        return None
    return halves[1], halves[2]


def coin_code(text: str) -> str | None:
    """The coin of `BTC`, `BTC-USD`, `BTCUSD`, known or not; None where it cannot be one.

    >>> coin_code("btc-usd"), coin_code("ETH")
    ('BTC', 'ETH')
    """
    found = _COIN.fullmatch(text.strip().upper())
    return found[1] if found and found[1] not in CURRENCIES else None
