"""The first frame of each side: which layouts the client knows, and which one is spoken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sumppump.exchange.wire.framing import frame, join_fields
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import ProtocolError

OLDEST = 157
"""The oldest layout offered: that of ibapi 9.81.1."""
NEWEST = 178
"""The newest layout offered: that of ib_async 2.1, the last before IB's later text changes."""

_HELLO = re.compile(r"v(\d{1,6})(?:\.\.(\d{1,6}))?(?: (.*))?", re.DOTALL)
_MAX_HELLO = 1024


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client said first.

    Attributes:
        oldest: lowest server version it accepts.
        newest: highest.
        options: its connect options, for example `+PACEAPI`.
    """

    oldest: int
    newest: int
    options: str = ""

    @property
    def wants_pacing(self) -> bool:
        """Whether requests beyond the rate are to be delayed instead of refused."""
        return "+PACEAPI" in self.options.split()


def read_hello(body: bytes) -> Hello:
    """The client's first frame, which is the one frame without a NUL.

    Raises:
        ProtocolError: it is no version range.
    """
    text = body[:_MAX_HELLO].decode("ascii", "replace").rstrip("\0")
    match = _HELLO.fullmatch(text)
    if match is None:
        raise ProtocolError(
            "the client's first frame names no versions",
            expected="for example v157..178",
            found=repr(text[:40]),
            next_steps=("connect with a TWS API client of version 9.72 or later",),
        )
    oldest = int(match[1])
    return Hello(oldest, int(match[2] or oldest), match[3] or "")


def negotiated(hello: Hello, *, newest: int = NEWEST) -> int:
    """The server version that this connection speaks.

    Raises:
        ProtocolError: the client's range and ours do not meet.
    """
    version = min(hello.newest, newest)
    if version < max(hello.oldest, OLDEST):
        raise ProtocolError(
            "the client and this server speak no common version",
            expected=f"a client that accepts {OLDEST} to {newest}",
            found=f"{hello.oldest} to {hello.newest}",
            next_steps=("use ibapi 9.81 or later, ib_insync 0.9.86, ib_async 2 or @stoqey/ib 1.6",),
        )
    return version


def greeting(version: int, now: datetime, *, zone: tzinfo | None = None, name: str = "EST") -> bytes:
    """The server's first frame: exactly two fields, by which clients recognise the end of the handshake.

    Args:
        version: the server version.
        now: the exchange's time.
        zone: of the login; None is New York.
        name: what TWS calls it.
    """
    local = now.astimezone(zone or NEW_YORK)
    return frame(join_fields((str(version), f"{local:%Y%m%d %H:%M:%S} {name}"), ascii7=True))
