"""A client that lives through a day: it streams, trades, comes back when thrown out, and keeps a diary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.protocol.exchange.lab import SPY, Lab, Speaker
from tests.protocol.trouble.scenes import filling, resting

from sumppump.exchange.calendar.clock import ExchangeClock
from sumppump.exchange.control import Conductor
from sumppump.exchange.trouble.scenario import Scenario
from sumppump.exchange.wire.account_answers import ErrorMessage, NextValidId
from sumppump.exchange.wire.account_requests import ReqExecutions, ReqPositions
from sumppump.exchange.wire.market_answers import TickGeneric, TickPrice
from sumppump.exchange.wire.market_requests import ReqMktData
from sumppump.exchange.wire.order_answers import CommissionReport, ExecDetails, OrderStatus
from sumppump.exchange.wire.place_order import PlaceOrder

WALL = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
OrderMaker = Callable[[Lab, int], PlaceOrder]
ORDERS: Mapping[float, OrderMaker] = {
    2: resting,
    4: filling,
    6: resting,
    16: filling,
    31: filling,
    46: filling,
    79: filling,
}


@dataclass
class Diary:
    """What happened, in words; repetitions of the line before are left out."""

    lines: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        if self.lines[-1:] != [line]:
            self.lines.append(line)


class Liver:
    """The client and its day."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int = 7,
        wall: datetime = WALL,
        orders: Mapping[float, OrderMaker] = ORDERS,
    ) -> None:
        self._orders = orders
        start = scenario.starts(wall)
        assert start is not None
        self.lab = Lab(seed=seed, start=start.astimezone(UTC))
        clock = ExchangeClock(at=self.lab.venue.now, since=self.lab.at, frozen=True)
        self.conductor = Conductor(self.lab.hall, clock)
        self.conductor.play(scenario)
        self.diary = Diary()
        self.bytes = bytearray()
        self.next_id = 1
        self.client: Speaker | None = None
        self._connect()

    def live(self, minutes: float, *, step: float = 60.0) -> list[str]:
        """So many minutes, one look in each `step` seconds."""
        for number in range(1, round(minutes * 60 / step) + 1):
            self._move(step)
            self._look()
            if self.client is None:
                self._connect()
            else:
                self._act(round(number * step / 60, 2))
        return self.diary.lines

    def _move(self, step: float) -> None:
        clock = self.conductor.clock
        self.conductor.clock = clock.moved_to(clock.at + timedelta(seconds=step), self.lab.at)
        self.lab.at += step
        self.conductor.turn(self.lab.at)

    def _connect(self) -> None:
        client = self.lab.connect(1)
        self.client = client
        if not client.session.is_open:
            self._listen(client.heard)
            self.diary.note("refused" if not client.heard else "thrown out")
            self.client = None
            return
        self.diary.note("connected")
        (first,) = client.all(NextValidId)
        self.next_id = first.order_id
        client.say(ReqMktData(req_id=100, contract=SPY))

    def _act(self, minute: float) -> None:
        assert self.client is not None
        make = self._orders.get(minute)
        if make is not None and self.lab.venue.is_open():
            self._listen(self.client.say(make(self.lab, self.next_id)))
            self.next_id += 1
        if minute % 60 == 0:
            self._listen(self.client.say(ReqPositions(), ReqExecutions(req_id=9)))

    def _look(self) -> None:
        if self.client is None:
            return
        self._listen(self.client.listen())
        if self.client.session.is_closed:
            self.diary.note("reset" if self.client.session.is_reset else "closed")
            self.client = None

    def _listen(self, messages: list[Any]) -> None:
        for one in messages:
            self.bytes += repr(one).encode()
            line = told(one)
            if line:
                self.diary.note(line)


def told(message: Any) -> str:
    match message:
        case ErrorMessage(code=code):
            return str(code)
        case OrderStatus(order_id=number, status=status):
            return f"order {number} {status}"
        case ExecDetails(order_id=number, req_id=-1):
            return f"fill {number}"
        case CommissionReport(commission=amount):
            return "commission -1" if amount == -1 else "commission"
        case TickGeneric(tick_type=49, value=value):
            return f"halted {value:g}"
        case TickPrice():
            return "ticks"
        case _:
            return ""
