"""Which indices and funds move as one, because they follow the same index. Pure.

That two of them go together says nothing about a book; how they go with anything else is the same for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sumppump.risk.portfolio_risk import PairCorrelation

FOLLOWERS = {
    "S&P 500": ("SPX", "SPXW", "XSP", "SPY", "VOO", "IVV", "SPLG", "SPYM", "SSO", "UPRO", "SPXL", "SH", "SDS",
                "SPXS", "SPXU", "ES", "MES"),
    "Nasdaq-100": ("NDX", "NDXP", "XND", "QQQ", "QQQM", "QLD", "TQQQ", "PSQ", "QID", "SQQQ", "NQ", "MNQ"),
    "Russell 2000": ("RUT", "RUTW", "MRUT", "IWM", "VTWO", "UWM", "RWM", "TWM", "RTY", "M2K"),
    "Dow Jones": ("DJX", "DIA", "DDM", "UDOW", "DOG", "DXD", "SDOW", "YM", "MYM"),
}  # fmt: skip
"""An index, and what follows it: the index itself, its small form, funds (also geared and inverse), futures.

Source: the benchmarks by which these funds and contracts are known; unverified against each prospectus.
"""
_INDEX = {symbol: index for index, symbols in FOLLOWERS.items() for symbol in symbols}


def source_of(symbol: str) -> str:
    """The index that a symbol follows, else the symbol itself."""
    return _INDEX.get(symbol, symbol)


def together(symbols: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each index that more than one of the symbols follow, and those."""
    held = list(dict.fromkeys(symbols))
    groups = ((index, tuple(each for each in held if _INDEX.get(each) == index)) for index in FOLLOWERS)
    return tuple((index, names) for index, names in groups if len(names) > 1)


def of_different_sources(pairs: Sequence[PairCorrelation]) -> tuple[PairCorrelation, ...]:
    """The pairs that do not follow one index, in their order; of two indices one pair, the first."""
    found: dict[frozenset[str], PairCorrelation] = {}
    for pair in pairs:
        sources = frozenset({source_of(pair.first), source_of(pair.second)})
        if len(sources) == 2:
            found.setdefault(sources, pair)
    return tuple(found.values())
