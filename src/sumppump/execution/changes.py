"""What a change makes of a working order, and how it reads."""

from __future__ import annotations

from dataclasses import replace

from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Order
from sumppump.execution.prices import stop_limit, trigger_at
from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.money import Premium
from sumppump.strategies.words import per_share


def changed(record: OrderRecord, limit: Premium | None, quantity: int | None, stop: Premium | None) -> Order:
    """The order with what is named changed.

    Raises:
        InvalidRequest: nothing would change, or the order has no such price.
    """
    old = record.order
    order = old
    if quantity is not None:
        if whole("new_quantity", quantity) <= record.filled:
            raise InvalidRequest(
                f"{record.filled} are filled already",
                expected=f"new_quantity: more than {record.filled}",
                found=str(quantity),
            )
        order = replace(order, quantity=quantity)
    if stop is not None:
        order = _moved_stop(order, stop)
    if limit is not None:
        if order.limit is None:
            raise InvalidRequest(
                "this order has no limit", expected="new_stop_price", found="new_limit_price"
            )
        order = replace(order, limit=limit)
    if order == old:
        raise InvalidRequest(
            "nothing would change", expected="a new limit, quantity or stop price", found="the same"
        )
    return order


def _moved_stop(order: Order, stop: Premium) -> Order:
    if order.stop is None:
        raise InvalidRequest(
            "this order has no stop price", expected="new_limit_price", found="new_stop_price"
        )
    entry = -order.stop  # only its sign is asked: what is sold was paid for
    trigger = trigger_at(stop, entry, order.combo)
    # The old distance belonged to the old trigger: unless a limit is named, the usual one is taken anew.
    limit = None if order.limit is None else stop_limit(trigger, order.combo, None)
    return replace(order, stop=trigger, limit=limit)


def differences(old: Order, new: Order) -> tuple[str, ...]:
    """What is different, each a sentence such as `limit 6.90 debit → 7.00 debit`."""
    rows = (
        ("quantity", old.quantity, new.quantity),
        ("limit", old.limit, new.limit),
        ("stop", old.stop, new.stop),
    )
    return tuple(f"{name} {_shown(old)} → {_shown(new)}" for name, old, new in rows if old != new)


def _shown(value: Premium | int | None) -> str:
    return priced(value) if isinstance(value, Premium) else str(value)


def priced(entry: Premium) -> str:
    """A premium in words: `2.13 debit`, `0.96 credit`."""
    return f"{per_share(entry)} {'credit' if entry.is_credit else 'debit'}"


def whole(name: str, value: int) -> int:
    """A whole number above 0.

    Raises:
        InvalidRequest: anything else; `expected` names the field.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidRequest(
            f"{name} cannot be {value}", expected=f"{name}: a whole number of 1 or more", found=str(value)
        )
    return value
