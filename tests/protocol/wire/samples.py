"""Sample messages, made from the same declarations that encode and decode them."""

from __future__ import annotations

import types
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from sumppump.exchange.wire.layout import Present, record
from sumppump.exchange.wire.scalars import Scalar

VERSIONS = (157, 158, 160, 162, 163, 164, 165, 166, 169, 170, 171, 173, 176, 177, 178)
"""The three layouts that clients use, and every gate between them."""

WORDS = {"sec_type": "BAG", "order_type": "LMT", "hedge_type": "D", "algo_strategy": "Vwap"}
"""Texts on which further fields depend."""

ORDER_TYPES = ("LMT", "PEG BENCH", "PEG BEST", "PEG MID")


def empty(cls: type[Any], version: int) -> Any:
    """The barest message: no optional block, no repetition, every number zero."""
    return _made(cls, version, rich=False, words={})


def rich(cls: type[Any], version: int, **words: str) -> Any:
    """A message with every block that can be there and two of everything that repeats."""
    return _made(cls, version, rich=True, words=WORDS | words)


def variants(cls: type[Any], version: int) -> Iterator[Any]:
    """Messages that between them show every field of the table."""
    yield empty(cls, version)
    names = {step.name for step in record(cls, version).steps}
    for order_type in ORDER_TYPES if "order_type" in names else ("LMT",):
        yield rich(cls, version, order_type=order_type)


def _made(cls: type[Any], version: int, *, rich: bool, words: dict[str, str]) -> Any:
    hints = get_type_hints(cls, include_extras=True)
    values: dict[str, Any] = {}
    for step in record(cls, version).steps:
        draft = types.SimpleNamespace(**{"conditions": (), **values})
        if step.when is None or step.when(draft):
            values[step.name] = _value(step.name, hints[step.name], version, rich=rich, words=words)
    return cls(**values)


def _value(name: str, hint: Any, version: int, *, rich: bool, words: dict[str, str]) -> Any:
    core, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    for mark in marks:
        if isinstance(mark, Scalar):
            return _scalar(name, mark, rich=rich, words=words)
    if get_origin(core) is tuple:
        return _repeated(name, get_args(core)[0], version, rich=rich, words=words)
    members = [cls for cls in (get_args(core) or (core,)) if cls is not type(None)]
    if any(isinstance(mark, Present) for mark in marks) and not rich:
        return None
    return _made(members[0], version, rich=rich, words=words)


def _repeated(name: str, item: Any, version: int, *, rich: bool, words: dict[str, str]) -> tuple[Any, ...]:
    if not rich:
        return ()
    members = get_args(item) if isinstance(item, types.UnionType) else (item, item)
    return tuple(_value(name, member, version, rich=True, words=words) for member in members)


def _scalar(name: str, scalar: Scalar, *, rich: bool, words: dict[str, str]) -> Any:
    if scalar.label == "text":
        return words.get(name, "20261120" if rich and ("date" in name or name == "expiry") else "7" * rich)
    if scalar.label == "flag":
        return rich
    if scalar.label == "size":
        return Decimal(7 * rich)
    return (2 if scalar.label == "integer" else 2.5) * rich
