"""Faults of the connection itself: what happens to bytes, whoever wrote them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.parameters import Count, Often, Seconds
from sumppump.exchange.wire.framing import frame, join_fields
from sumppump.exchange.wire.place_order import PlaceOrder

if TYPE_CHECKING:
    from sumppump.exchange.session import ClientSession

UNKNOWN = frame(join_fields(("299", "1", "news of a later version"), ascii7=True))
"""No message has this id below server version 201."""


@dataclass(kw_only=True)
class ResetOnOrder(Effect):
    """The connection breaks (RST) just after an order was written; TWS saw it or did not.

    Attributes:
        seconds: between the order's arrival and the reset.
        seen: whether TWS has the order.
        orders: how many times; 0 for every order.
    """

    seconds: Seconds = 0.03
    seen: bool = False
    orders: Often = 1
    _left: int = field(default=0, init=False)

    def begin(self, scene: Scene) -> None:
        self._left = self.orders

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, PlaceOrder):
            return message
        is_last = self._left == 1
        self._left -= 1

        def break_off() -> None:
            session.cut(reset=True)
            if is_last:
                scene.over()

        scene.after(self.seconds, break_off)
        return message if self.seen else None


@dataclass(kw_only=True)
class BlackHole(Effect):
    """Bytes vanish in both directions and nobody is told; the connections are dead when it ends."""

    def listens(self, scene: Scene, session: ClientSession) -> bool:
        return False

    def frames(self, scene: Scene, session: ClientSession, frames: Sequence[bytes]) -> Sequence[bytes]:
        return ()

    def end(self, scene: Scene) -> None:
        for session in tuple(scene.hall.sessions):
            session.cut(reset=True)


@dataclass(kw_only=True)
class Fragments(Effect):
    """TCP delivers in pieces, or many messages at once.

    Attributes:
        size: bytes in one piece; 0 leaves the pieces as they are.
        together: answers that wait for each other before any is written; 0 for none.
        seconds: how long they wait at most.
    """

    size: Often = 1
    together: Often = 0
    seconds: Seconds = 1.0
    _held: dict[ClientSession, list[bytes]] = field(default_factory=dict, init=False)

    def begin(self, scene: Scene) -> None:
        for session in scene.hall.sessions:
            session.piece = self.size

    def greets(self, scene: Scene, session: ClientSession) -> bool:
        session.piece = self.size
        return True

    def frames(self, scene: Scene, session: ClientSession, frames: Sequence[bytes]) -> Sequence[bytes]:
        if not self.together or not frames:
            return frames
        held = self._held.setdefault(session, [])
        if not held:
            scene.after(self.seconds, lambda: self._let_go(session))
        held += frames
        return self._held.pop(session) if len(held) >= self.together else ()

    def _let_go(self, session: ClientSession) -> None:
        session.write(self._held.pop(session, []))

    def end(self, scene: Scene) -> None:
        for session in tuple(self._held):
            self._let_go(session)
        for session in scene.hall.sessions:
            session.piece = 0


class Damage(StrEnum):
    """What happens to one frame."""

    ZERO = "zero-length"
    HUGE = "huge-length"
    NEGATIVE = "negative-length"
    TRUNCATED = "truncated"
    UNTERMINATED = "unterminated"
    MISSING_FIELD = "missing-field"
    EXTRA_FIELD = "extra-field"
    GARBLED = "garbled"
    UNKNOWN_ID = "unknown-id"
    LOST = "lost"


_LENGTHS = {Damage.ZERO: 0, Damage.HUGE: 2**31 - 1, Damage.NEGATIVE: 2**32 - 1}
_ENDS = (*_LENGTHS, Damage.TRUNCATED)
"""After these the stream makes no sense any more, and TWS is gone."""


@dataclass(kw_only=True)
class BadFrames(Effect):
    """Frames arrive damaged.

    Attributes:
        damage: how.
        message: the id of the messages that are hit; 0 for all.
        frames_between: one of so many is hit.
        times: how many are hit in all; 0 without end.
    """

    damage: Damage = Damage.TRUNCATED
    message: Often = 0
    frames_between: Count = 1
    times: Often = 1
    _seen: int = field(default=0, init=False)
    _hit: int = field(default=0, init=False)

    def frames(self, scene: Scene, session: ClientSession, frames: Sequence[bytes]) -> Sequence[bytes]:
        out: list[bytes] = []
        for one in frames:
            if session.is_closed or not self._strikes(session, one):
                out.append(one)
                continue
            out.append(damaged(one, self.damage))
            self._hit += 1
            if self.times and self._hit >= self.times:
                scene.after(0.0, scene.over)
            if self.damage in _ENDS:
                session.cut()
                return out
        return out

    def _strikes(self, session: ClientSession, one: bytes) -> bool:
        # The greeting stays whole: before it there is no session to disturb.
        if not session.is_open or (self.times and self._hit >= self.times):
            return False
        if self.message and not one[4:].startswith(b"%d\0" % self.message):
            return False
        self._seen += 1
        return self._seen % self.frames_between == 0


def damaged(one: bytes, damage: Damage) -> bytes:
    """A frame after its damage."""
    body = one[4:]
    if damage in _LENGTHS:
        return struct.pack(">I", _LENGTHS[damage]) + body
    fields = body[:-1].split(b"\0")
    match damage:
        case Damage.TRUNCATED:
            return one[: 4 + len(body) // 2]
        case Damage.UNTERMINATED:
            return frame(body[:-1])
        case Damage.MISSING_FIELD:
            return frame(b"\0".join(fields[:-1]) + b"\0")
        case Damage.EXTRA_FIELD:
            return frame(body + b"more\0")
        case Damage.GARBLED:
            return frame(b"\0".join((fields[0], *(b"?#" for _ in fields[1:]))) + b"\0")
        case Damage.UNKNOWN_ID:
            return one + UNKNOWN
        case _:
            return b""


@dataclass(kw_only=True)
class CutAfter(Effect):
    """The connection is reset after so many bytes of answers.

    Attributes:
        after: so many bytes of each connection, counted from the fault's beginning.
        reset: RST, or an orderly end.
    """

    after: Often = 1000
    reset: bool = True
    _written: dict[ClientSession, int] = field(default_factory=dict, init=False)

    def frames(self, scene: Scene, session: ClientSession, frames: Sequence[bytes]) -> Sequence[bytes]:
        if not frames:
            return frames
        room = self.after - self._written.get(session, 0)
        data = b"".join(frames)
        self._written[session] = self._written.get(session, 0) + len(data)
        if len(data) < room:
            return frames
        session.cut(reset=self.reset)
        scene.after(0.0, scene.over)
        return (data[: max(room, 0)],)


@dataclass(kw_only=True)
class SlowLine(Effect):
    """Answers trickle; beyond a backlog TWS drops the client.

    Attributes:
        bytes_per_second: of the exchange's time.
        backlog: unwritten bytes at which the client is dropped; 0 for never.
    """

    bytes_per_second: Count = 2_000
    backlog: Often = 65_536
    _held: dict[ClientSession, bytearray] = field(default_factory=dict, init=False)

    def begin(self, scene: Scene) -> None:
        scene.after(_TRICKLE_S, lambda: self._trickle(scene))

    def frames(self, scene: Scene, session: ClientSession, frames: Sequence[bytes]) -> Sequence[bytes]:
        held = self._held.setdefault(session, bytearray())
        held += b"".join(frames)
        if self.backlog and len(held) > self.backlog:
            del self._held[session]
            session.cut()
        return ()

    def _trickle(self, scene: Scene) -> None:
        share = max(int(self.bytes_per_second * _TRICKLE_S), 1)
        for session, held in self._held.items():
            session.write([bytes(held[:share])])
            del held[:share]
        scene.after(_TRICKLE_S, lambda: self._trickle(scene))

    def end(self, scene: Scene) -> None:
        for session, held in self._held.items():
            session.write([bytes(held)])
        self._held.clear()


_TRICKLE_S = 0.1
