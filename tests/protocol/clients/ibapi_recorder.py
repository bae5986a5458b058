"""IB's own ibapi 9.81.1 with every callback written down; for `drive_ibapi.py`, in ibapi's environment."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any

from ibapi import order_condition
from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.wrapper import EWrapper

WAIT_S = 12
QUIET = ("__init__", "error", "winError", "logAnswer")


class Client(EWrapper, EClient):
    """Records every callback by name and lets the main thread wait for one."""

    def __init__(self) -> None:
        EClient.__init__(self, self)
        self.seen: dict[str, list[tuple[Any, ...]]] = {}
        self.changed = threading.Condition()
        self.step = ""
        self.codes: list[tuple[str, int, str]] = []

    def note(self, name: str, *args: Any) -> None:
        with self.changed:
            self.seen.setdefault(name, []).append(args)
            self.changed.notify_all()

    def error(self, req_id: int, code: int, text: str) -> None:
        with self.changed:
            self.codes.append((self.step, code, text))
            self.changed.notify_all()

    def until(self, holds: Callable[[], Any]) -> None:
        with self.changed:
            if not self.changed.wait_for(holds, WAIT_S):
                raise TimeoutError(f"{self.step}: {self.codes[-3:]}")

    def rows(self, name: str, req_id: int | None = None) -> list[tuple[Any, ...]]:
        return [row for row in self.seen.get(name, ()) if req_id is None or row[0] == req_id]


def recorded(name: str) -> Any:
    return lambda self, *args: self.note(name, *args)


for callback, _ in inspect.getmembers(EWrapper, inspect.isfunction):
    if callback not in QUIET:
        setattr(Client, callback, recorded(callback))


def filled(target: Any, fields: dict[str, Any]) -> Any:
    for name, value in fields.items():
        setattr(target, name, value)
    return target


def contract(**fields: Any) -> Contract:
    return filled(Contract(), {"exchange": "SMART", "currency": "USD", **fields})


def an_order(**fields: Any) -> Order:
    plain = {"action": "BUY", "totalQuantity": 1, "tif": "DAY", "eTradeOnly": False, "firmQuoteOnly": False}
    return filled(Order(), {**plain, **fields})


def condition(kind: str, con_id: int, last: float) -> Any:
    """A condition of a kind that will not come true."""
    made = {
        "price": lambda: order_condition.PriceCondition(0, con_id, "SMART", True, last * 2),
        "time": lambda: order_condition.TimeCondition(True, "20301201-18:00:00"),
        "margin": lambda: order_condition.MarginCondition(False, 1),
        "execution": lambda: order_condition.ExecutionCondition("STK", "SMART", "KO"),
        "volume": lambda: order_condition.VolumeCondition(con_id, "SMART", True, 2_000_000_000),
        "percent": lambda: order_condition.PercentChangeCondition(con_id, "SMART", True, 80.0),
    }
    return made[kind]()
