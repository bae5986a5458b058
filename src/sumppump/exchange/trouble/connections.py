"""Faults of logging in: connections that are refused, mute or named wrongly, and a TWS that restarts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sumppump.exchange.desks.line import NOBODY, Line
from sumppump.exchange.translate.times import ZONE_IN_TIMES, read_moment
from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.parameters import Count, Often, Seconds, bad_parameter
from sumppump.exchange.trouble.zones import ZONES, zone_named
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.market_requests import ReqContractDetails
from sumppump.exchange.wire.order_answers import CompletedOrder, ExecDetails
from sumppump.exchange.wire.place_order import PlaceOrder

if TYPE_CHECKING:
    from sumppump.exchange.session import ClientSession

PORT_RESET = (
    "TWS socket port has been reset and this connection is being dropped. Please reconnect on the new port -"
)
READ_ONLY = "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."


@dataclass(kw_only=True)
class Restart(Effect):
    """TWS restarts: every connection ends, and for a while nobody gets in. Orders work on at the exchange.

    Attributes:
        seconds: until connections are taken again.
        roll_back: by how much the next order id falls behind, for every client.
        reset: whether connections are reset instead of closed.
        port_reset: whether 1300 is said first.
        times: how many restarts in a row, each after as many seconds up as down.
    """

    seconds: Seconds = 60.0
    roll_back: Often = 0
    reset: bool = False
    port_reset: bool = False
    times: Count = 1
    _is_down: bool = field(default=False, init=False)
    _done: int = field(default=0, init=False)

    def begin(self, scene: Scene) -> None:
        self._down(scene)

    def _down(self, scene: Scene) -> None:
        self._is_down = True
        self._done += 1
        if self.port_reset:
            scene.notify(1300, PORT_RESET)
        for session in tuple(scene.hall.sessions):
            session.cut(reset=self.reset)
        if self.roll_back:
            scene.venue.roll_back_ids(self.roll_back)
        scene.after(self.seconds, lambda: self._up(scene))

    def _up(self, scene: Scene) -> None:
        self._is_down = False
        if self._done >= self.times:
            scene.over()
        else:
            scene.after(max(self.seconds, 1.0), lambda: self._down(scene))

    def admits(self, scene: Scene) -> bool:
        return not self._is_down


@dataclass(kw_only=True)
class MuteHandshake(Effect):
    """Connections are taken and never greeted.

    Attributes:
        contracts_too: clients that are in already get no contract details any more.
    """

    contracts_too: bool = False

    def greets(self, scene: Scene, session: ClientSession) -> bool:
        return False

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        is_mute = self.contracts_too and isinstance(message, ReqContractDetails)
        return None if is_mute else message


@dataclass(kw_only=True)
class IdTaken(Effect):
    """A client id is in use: 326, and the connection is closed.

    Attributes:
        client_id: which; -1 for all.
        steal: whether clients that are in with this id lose their connection to the thief.
    """

    client_id: int = -1
    steal: bool = False

    def begin(self, scene: Scene) -> None:
        if self.steal:
            for session in scene.sessions:
                if self.refuses_id(scene, session.client_id):
                    session.cut()

    def refuses_id(self, scene: Scene, client_id: int) -> bool:
        return self.client_id in (-1, client_id)


@dataclass(kw_only=True)
class OtherZone(Effect):
    """The login's time zone is another one: in the greeting, in executions and in completed orders.

    Attributes:
        tz: in the words of TWS's greeting, for example Asia/Shanghai, US/Central or British Summer Time.
    """

    tz: str = "Asia/Shanghai"

    def begin(self, scene: Scene) -> None:
        if zone_named(self.tz) is None:
            raise bad_parameter(f"{self.tz} is no time zone", "a name such as US/Central", self.tz, ZONES)

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        if isinstance(message, ExecDetails):
            return (replace(message, time=self._moved(message.time, line.version)),)
        if isinstance(message, CompletedOrder) and message.completed_time:
            return (replace(message, completed_time=self._moved(message.completed_time, line.version)),)
        return (message,)

    def _moved(self, text: str, version: int) -> str:
        moment = read_moment(text)
        zone = zone_named(self.tz)
        if moment is None or zone is None:
            return text
        local = moment.astimezone(zone)
        is_named = version >= ZONE_IN_TIMES
        return f"{local:%Y%m%d %H:%M:%S} {self.tz}" if is_named else f"{local:%Y%m%d  %H:%M:%S}"

    def zone(self) -> str:
        return self.tz


@dataclass(kw_only=True)
class ReadOnly(Effect):
    """The API turns read-only: orders and cancels get 321."""

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if isinstance(message, PlaceOrder | ask.CancelOrder):
            session.line.put(ErrorMessage(id=message.order_id, code=321, text=READ_ONLY))
            return None
        if isinstance(message, ask.ReqGlobalCancel):
            session.line.put(ErrorMessage(id=NOBODY, code=321, text=READ_ONLY))
            return None
        return message


@dataclass(kw_only=True)
class TooFast(Effect):
    """TWS takes fewer messages than usual: what is beyond gets 100 and is lost.

    Attributes:
        rate: messages in one second of the exchange's time, of each client.
    """

    rate: Count = 5
    _seen: dict[int, tuple[int, int]] = field(default_factory=dict, init=False)

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        second = int(scene.now.timestamp())
        since, count = self._seen.get(session.client_id, (second, 0))
        count = count + 1 if since == second else 1
        self._seen[session.client_id] = second, count
        if count <= self.rate:
            return message
        text = f"Max rate of messages per second has been exceeded:max={self.rate} rec={count} (1)"
        session.line.put(ErrorMessage(id=NOBODY, code=100, text=text))
        return None


@dataclass(kw_only=True)
class IdsRollBack(Effect):
    """The next order id falls behind ids that were used, and those are taken again.

    Attributes:
        by: how far.
    """

    by: Count = 4

    def begin(self, scene: Scene) -> None:
        scene.venue.roll_back_ids(self.by)


@dataclass(kw_only=True)
class OtherVersion(Effect):
    """The greeting names a server version that the client did not offer.

    Attributes:
        version: which.
    """

    version: Count = 225

    def announces(self) -> int:
        return self.version
