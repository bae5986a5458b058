"""The venue's state as JSON and back: what cannot be computed again from seed and time.

Contracts travel as ids (the board makes them again), numbers that must stay exact as text.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from sumppump.exchange.account.account import AccountState
from sumppump.exchange.account.backoffice_state import BackofficeState
from sumppump.exchange.listing.instruments import Bag, Listing
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.orders.orders import Order
from sumppump.exchange.reports import CommissionReport, Execution
from sumppump.kernel.errors import StoreFailed

VERSION = 2
FindListing = Callable[[int], Listing]


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueState:
    """Everything that has to be kept.

    Attributes:
        start_ms, now_ms: the exchange's time at the start and now, milliseconds since the epoch.
        taken: con id, side, quantity.
    """

    version: int
    seed: int
    start_ms: int
    now_ms: int
    account: str
    holdings: AccountState
    next_perm_id: int
    next_exec: int
    orders: tuple[Order, ...]
    highest_ids: tuple[tuple[int, int], ...]
    executions: tuple[Execution, ...]
    commissions: tuple[CommissionReport, ...]
    taken_at: int
    taken: tuple[tuple[int, str, int], ...]
    backoffice: BackofficeState
    shocks: tuple[Shock, ...] = ()


_NAMES = sorted(field.name for field in fields(VenueState))
_LONG = frozenset({"orders", "executions", "commissions"})
_Rows = dict[int, tuple[object, str]]
"""Rows by identity, with their texts; whoever is in it keeps its identity to itself."""


class Packing:
    """Makes JSON of one state after the other; a row that was in the one before is not written anew.

    Orders, executions and commissions are values that stay, and soon there are thousands of them. Rows are
    known again by their identity, since equal numbers may have different texts.
    """

    def __init__(self) -> None:
        self._rows: _Rows = {}

    def packed(self, state: VenueState) -> bytes:
        """The state as JSON, the same bytes for the same state."""
        before, self._rows = self._rows, {}
        parts = (
            f'"{name}":{self._list(value, before) if name in _LONG else _json(value)}'
            for name, value in ((name, getattr(state, name)) for name in _NAMES)
        )
        return f"{{{','.join(parts)}}}".encode()

    def _list(self, values: tuple[object, ...], before: _Rows) -> str:
        for one in values:
            self._rows[id(one)] = before.get(id(one)) or (one, _json(one))
        return f"[{','.join(self._rows[id(one)][1] for one in values)}]"


def _json(value: object) -> str:
    return json.dumps(_plain(value), separators=(",", ":"), sort_keys=True)


def unpacked(data: bytes, find: FindListing) -> VenueState:
    """The state of these bytes.

    Args:
        data: from `packed`.
        find: makes a listing from its con id.

    Raises:
        StoreFailed: the bytes are no state of this version.
    """
    try:
        raw = json.loads(data)
        if raw["version"] != VERSION:
            raise ValueError(f"version {raw['version']!r}")
        state = _typed(VenueState, raw, find)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise StoreFailed(
            "the saved state of the embedded exchange cannot be read",
            code="exchange_state_unreadable",
            expected=f"a state of version {VERSION}",
            found=f"{type(error).__name__}: {error}",
            next_steps=("Move the state file away to begin with a fresh account.",),
        ) from error
    if not isinstance(state, VenueState):
        raise TypeError("a state was expected")
    return state


def _plain(value: object) -> object:
    """JSON's own types."""
    if isinstance(value, Listing):
        return value.con_id
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | date):
        return str(value) if isinstance(value, Decimal) else value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(kind: Any, raw: Any, find: FindListing) -> Any:  # noqa: ANN401 - types are values here
    """The value of type `kind` that `raw` stands for."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), raw, find)
    if origin is tuple:
        return _tuple(get_args(kind), raw, find)
    if kind is Listing:
        return find(raw)
    if kind in (date, datetime):
        return kind.fromisoformat(raw)
    if kind is Decimal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind(raw)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _typed(hints[name], one, find) for name, one in raw.items()})
    if not isinstance(raw, kind):
        raise TypeError(f"{kind.__name__} was expected, not {raw!r}")
    return raw


def _one_of(kinds: tuple[Any, ...], raw: Any, find: FindListing) -> Any:  # noqa: ANN401
    if raw is None:
        return None
    if Bag in kinds:  # an instrument: a combo is written with its legs, a listing as its id
        return _typed(Listing if isinstance(raw, int) else Bag, raw, find)
    return _typed(next(kind for kind in kinds if kind is not types.NoneType), raw, find)


def _tuple(kinds: tuple[Any, ...], raw: Any, find: FindListing) -> tuple[Any, ...]:  # noqa: ANN401
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_typed(kinds[0], one, find) for one in raw)
    return tuple(_typed(kind, one, find) for kind, one in zip(kinds, raw, strict=True))
