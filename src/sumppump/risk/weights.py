"""How much of the book hangs on one underlying, one sector, one expiry. Pure.

The measure is delta dollars without their signs, so that a long and a short one do not hide each other; an
underlying's own crash stands beside it, because options may have no delta and still break.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sumppump.domain.book import Book, Scenario, reprice
from sumppump.domain.instruments import SecType, Underlying
from sumppump.risk.exposure import LegExposure

UNKNOWN, SHARES = "unknown", "shares"
OWN_CRASH_PCT = -20.0
FUNDS = {
    "SPY": "broad US market", "VOO": "broad US market", "IVV": "broad US market", "VTI": "broad US market",
    "DIA": "broad US market", "IWM": "small US companies", "QQQ": "Technology", "SMH": "Technology",
    "XLK": "Technology", "XLF": "Financial", "XLE": "Energy", "XLU": "Utilities", "XLI": "Industrial",
    "XLV": "Health care", "XLY": "Consumer, Cyclical", "XLP": "Consumer, Non-cyclical",
    "XLB": "Basic Materials", "XLC": "Communications", "XLRE": "Real estate", "GLD": "gold", "SLV": "silver",
    "TLT": "US treasuries", "IEF": "US treasuries", "HYG": "corporate bonds", "LQD": "corporate bonds",
    "SPX": "broad US market", "XSP": "broad US market", "NDX": "Technology", "RUT": "small US companies",
    "VIX": "volatility",
}  # fmt: skip
"""Funds and indices, by what they hold for the most part; of companies the broker's own word counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One group.

    Attributes:
        delta_dollars: net. gross: sum of the underlyings' delta dollars without signs; share: of all gross, 0
            to 1, None where nothing has any.
        legs: how many.
        own_crash: P&L if its underlyings alone fall by 20 %, None of groups that have none of their own.
    """

    name: str
    delta_dollars: float
    gross: float
    share: float | None
    legs: int
    own_crash: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The largest first, and Herfindahl's index of the underlyings: 1 is everything in one."""

    by_underlying: tuple[Weight, ...]
    by_sector: tuple[Weight, ...]
    by_expiry: tuple[Weight, ...]
    herfindahl: float | None


def sector_of(symbol: str, underlying: Underlying | None) -> str:
    """The broker's industry for a company, our word for a known fund or index, else `unknown`."""
    if symbol in FUNDS:
        return FUNDS[symbol]
    if underlying is None or underlying.sec_type is not SecType.STK:
        return UNKNOWN
    return underlying.industry or UNKNOWN


def weights_of(legs: Sequence[LegExposure], underlyings: Mapping[str, Underlying], book: Book) -> Weights:
    """The weights of these legs."""
    net = _net(legs, lambda leg: leg.symbol)
    crashes = own_crashes(book)
    by_underlying = _weights(legs, lambda leg: leg.symbol, crashes)
    sector = {symbol: sector_of(symbol, underlyings.get(symbol)) for symbol in net}
    sector_crashes: dict[str, float] = {}
    for symbol, pnl in crashes.items():
        if symbol in sector:
            sector_crashes[sector[symbol]] = sector_crashes.get(sector[symbol], 0.0) + pnl
    shares = [each.share for each in by_underlying if each.share is not None]
    return Weights(
        by_underlying=by_underlying,
        by_sector=_weights(legs, lambda leg: sector[leg.symbol], sector_crashes),
        by_expiry=_weights(legs, lambda leg: leg.expiry or SHARES, {}),
        herfindahl=sum(share**2 for share in shares) if shares else None,
    )


def own_crashes(book: Book) -> dict[str, float]:
    """P&L by underlying if it alone falls by 20 %, volatility held."""
    found = reprice(book, [Scenario(move_pct=OWN_CRASH_PCT)])
    return {symbol: float(pnl[0]) for symbol, pnl in found.by_underlying.items()}


def _net(legs: Sequence[LegExposure], key: Callable[[LegExposure], str]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for leg in legs:
        sums[key(leg)] = sums.get(key(leg), 0.0) + (leg.sums.delta_dollars or 0.0)
    return sums


def _weights(
    legs: Sequence[LegExposure], key: Callable[[LegExposure], str], crashes: Mapping[str, float]
) -> tuple[Weight, ...]:
    """Groups by `key`; within each the underlyings are netted, then their sizes summed."""
    net, gross, counts = _net(legs, key), dict[str, float](), dict[str, int]()
    for leg in legs:
        counts[key(leg)] = counts.get(key(leg), 0) + 1
    for name in net:
        own = _net([leg for leg in legs if key(leg) == name], lambda leg: leg.symbol)
        gross[name] = sum(map(abs, own.values()))
    total = sum(gross.values())
    found = [
        Weight(
            name=name,
            delta_dollars=net[name],
            gross=gross[name],
            share=gross[name] / total if total else None,
            legs=counts[name],
            own_crash=crashes.get(name),
        )
        for name in net
    ]
    return tuple(sorted(found, key=lambda each: -each.gross))
