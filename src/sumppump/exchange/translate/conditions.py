"""Conditions of orders: from the wire's six records to the venue's one, and back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sumppump.exchange.commands import Condition, Watch
from sumppump.exchange.translate.contracts import decimal_of
from sumppump.exchange.translate.times import read_moment
from sumppump.exchange.wire import contracts as wire

_WATCHES: dict[type[Any], Watch] = {
    wire.PriceCondition: Watch.PRICE,
    wire.TimeCondition: Watch.TIME,
    wire.MarginCondition: Watch.MARGIN,
    wire.ExecutionCondition: Watch.EXECUTION,
    wire.VolumeCondition: Watch.VOLUME,
    wire.PercentCondition: Watch.CHANGE,
}
_RECORDS = {watch: cls for cls, watch in _WATCHES.items()}
_LEVELS = {
    Watch.PRICE: "price",
    Watch.MARGIN: "percent",
    Watch.VOLUME: "volume",
    Watch.CHANGE: "change_percent",
}
_WHOLE = frozenset({Watch.MARGIN, Watch.VOLUME})
_SAME: dict[str, Any] = {"con_id": 0, "exchange": "", "symbol": "", "sec_type": ""}
"""What is called the same on both sides, with what stands where a record has no such field."""


def condition_of(record: wire.Condition, now: datetime) -> Condition:
    """What the client wrote.

    Raises:
        ValueError: its moment cannot be read.
    """
    watches = _WATCHES[type(record)]
    text = getattr(record, "time", "")
    return Condition(
        watches=watches,
        is_or=record.conjunction == "o",
        is_more=getattr(record, "is_more", True),
        level=decimal_of(getattr(record, _LEVELS[watches])) if watches in _LEVELS else Decimal(0),
        at=read_moment(text, today=now),
        text=text,
        method=getattr(record, "trigger_method", 0),
        **{name: getattr(record, name, nothing) for name, nothing in _SAME.items()},
    )


def wire_condition(condition: Condition) -> wire.Condition:
    """The record as clients read it."""
    cls, watches = _RECORDS[condition.watches], condition.watches
    given: dict[str, Any] = {name: getattr(condition, name) for name in (*_SAME, "is_more")}
    given |= {"time": condition.text, "trigger_method": condition.method}
    if watches in _LEVELS:
        given[_LEVELS[watches]] = (int if watches in _WHOLE else float)(condition.level)
    own = {name: value for name, value in given.items() if name in cls.__dataclass_fields__}
    made: wire.Condition = cls(conjunction="o" if condition.is_or else "a", **own)
    return made
