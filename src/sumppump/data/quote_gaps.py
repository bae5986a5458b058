"""Why a figure of a quote is missing: some kinds of contracts never have it, others have not sent it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sumppump.domain.instruments import OptionContract, SecType
from sumppump.domain.quotes import Quote

FIGURES = (
    "bid", "ask", "mid", "last", "bid_size", "ask_size", "last_size", "volume", "open", "high", "low",
    "close",
)  # fmt: skip
_PRICES = ("bid", "ask", "last", "open", "high", "low", "close")
_NEVER: dict[SecType, tuple[str, frozenset[str]]] = {
    SecType.IND: (
        "an index is computed, not traded",
        frozenset({"bid", "ask", "mid", "bid_size", "ask_size", "last_size", "volume"}),
    ),
    SecType.CASH: (
        "a currency pair has quotes but no tape of trades",
        frozenset({"last", "last_size", "volume"}),
    ),
}


def is_had(figure: str, kind: SecType) -> bool:
    """Whether contracts of this kind have such a figure at all."""
    return kind not in _NEVER or figure not in _NEVER[kind][1]


def is_empty(quote: Quote) -> bool:
    """Whether not one price has come."""
    return all(getattr(quote, name) is None for name in _PRICES)


def had(quote: Quote) -> Quote:
    """The quote without what its kind never has: TWS sends an index's volume and last size as 0."""
    _, never = _NEVER.get(quote.instrument.sec_type, ("", frozenset[str]()))
    nothing: dict[str, Any] = dict.fromkeys(never - {"mid"})
    return replace(quote, **nothing)


def gaps(quote: Quote) -> tuple[str, ...]:
    """One sentence a reason: `bid/ask: an index is computed, not traded`; () where nothing is missing."""
    if is_empty(quote):
        return ("every figure: there is no market data",)
    why, never = _NEVER.get(quote.instrument.sec_type, ("", frozenset[str]()))
    figures = (*FIGURES, "open_interest") if isinstance(quote.instrument, OptionContract) else FIGURES
    missing = [name for name in figures if getattr(quote, name) is None]
    reasons = (
        (why, [name for name in missing if name in never]),
        (quote.notice or "the feed has sent none", [name for name in missing if name not in never]),
    )
    return tuple(_sentence(names, reason) for reason, names in reasons if names)


def _sentence(names: Sequence[str], reason: str) -> str:
    return f"{'/'.join(names)}: {reason}"
