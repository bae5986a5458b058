"""What tests of market data say and read again and again."""

from __future__ import annotations

from collections.abc import Iterable

from tests.protocol.exchange.lab import Speaker

from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import (
    MarketDataType,
    TickGeneric,
    TickOptionComputation,
    TickPrice,
    TickSize,
    TickString,
)

TICKS = (TickPrice, TickSize, TickString, TickGeneric, TickOptionComputation)


def contract_of(listing: Listing, exchange: str = "SMART") -> Contract:
    return Contract(con_id=listing.con_id, exchange=exchange)


def errors(client: Speaker) -> list[tuple[int, int]]:
    """Id and code of everything that was refused or warned of."""
    return [(e.id, e.code) for e in client.all(ErrorMessage) if e.id != -1]


def texts(client: Speaker, code: int) -> list[str]:
    return [e.text for e in client.all(ErrorMessage) if e.code == code]


def prices(messages: Iterable[object]) -> dict[int, float]:
    return {m.tick_type: m.price for m in messages if isinstance(m, TickPrice)}


def sizes(messages: Iterable[object]) -> dict[int, int]:
    return {m.tick_type: int(m.size) for m in messages if isinstance(m, TickSize)}


def strings(messages: Iterable[object]) -> dict[int, str]:
    return {m.tick_type: m.value for m in messages if isinstance(m, TickString)}


def numbers(messages: Iterable[object]) -> dict[int, float]:
    return {m.tick_type: m.value for m in messages if isinstance(m, TickGeneric)}


def tick_types(messages: Iterable[object]) -> set[int]:
    return {m.tick_type for m in messages if isinstance(m, TICKS)}


def kinds(messages: Iterable[object]) -> list[int]:
    """The market data types that were told."""
    return [m.kind for m in messages if isinstance(m, MarketDataType)]
