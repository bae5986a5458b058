"""Bytes to frames and back: a 32-bit big-endian length, then fields that each end in a NUL.

Nothing here knows what a field means. A frame may arrive in pieces and many may arrive at once; a length
beyond the cap can only be nonsense or an attack, so nothing of it is ever buffered.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from sumppump.kernel.errors import ProtocolError

PRELUDE = b"API\0"
MAX_FRAME = 0xFFFFFF
"""Longest frame body in bytes: 16 MiB - 1, the limit of IB's own client."""

_LENGTH = struct.Struct(">I")
_ESCAPED = re.compile(r"\\(\\|u[0-9a-fA-F]{4})")


class FrameReader:
    """Cuts a stream into frame bodies, whatever its chunking.

    Args:
        prelude: raw bytes before the first frame; `PRELUDE` for a server, nothing for a client.
    """

    def __init__(self, prelude: bytes = b"") -> None:
        self._prelude = prelude
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete now.

        Raises:
            ProtocolError: the prelude is another one, or a frame claims to be longer than `MAX_FRAME`.
        """
        self._buffer += data
        if not self._past_prelude():
            return []
        bodies: list[bytes] = []
        start = 0
        while (end := self._end_of_frame(start)) is not None:
            bodies.append(bytes(self._buffer[start + 4 : end]))
            start = end
        del self._buffer[:start]
        return bodies

    def _past_prelude(self) -> bool:
        wanted = self._prelude
        seen = bytes(self._buffer[: len(wanted)])
        if not wanted.startswith(seen):
            raise ProtocolError(
                "the connection does not begin like a TWS client",
                expected=repr(wanted),
                found=repr(seen),
                next_steps=("connect with a TWS API client of version 9.72 or later",),
            )
        if len(seen) < len(wanted):
            return False
        del self._buffer[: len(wanted)]
        self._prelude = b""
        return True

    def _end_of_frame(self, start: int) -> int | None:
        if len(self._buffer) < start + 4:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer, start)
        if length > MAX_FRAME:
            raise ProtocolError(
                "a frame is longer than the protocol allows",
                expected=f"at most {MAX_FRAME} bytes",
                found=f"{length} bytes",
                next_steps=("close the connection: the stream cannot be trusted any more",),
            )
        end = start + 4 + int(length)
        return end if len(self._buffer) >= end else None


def frame(body: bytes) -> bytes:
    """`body` with its length in front.

    Raises:
        ValueError: the body is longer than a reader would accept.
    """
    if len(body) > MAX_FRAME:
        raise ValueError(f"a frame of {len(body)} bytes would be refused by every reader")
    return _LENGTH.pack(len(body)) + body


def join_fields(fields: Sequence[str], *, ascii7: bool) -> bytes:
    """A frame body; with `ascii7` other characters than ASCII are escaped, as a server sends them."""
    text = "\0".join(fields) + "\0"
    if not text.isascii() or "\\" in text:
        return (escaped(text) if ascii7 else text).encode("utf-8", "backslashreplace")
    return text.encode()


def split_fields(body: bytes, *, ascii7: bool) -> list[str]:
    """The fields of a frame body.

    Raises:
        ProtocolError: the last field lacks its NUL.
    """
    text = body.decode("utf-8", "backslashreplace")
    if not text.endswith("\0"):
        raise ProtocolError(
            "the last field of a frame is not terminated",
            expected="a NUL after every field",
            found=repr(text[-20:]),
            next_steps=("send the frame again with a NUL after its last field",),
        )
    fields = text[:-1].split("\0")
    return [unescaped(field) for field in fields] if ascii7 and "\\" in text else fields


def escaped(text: str) -> str:
    """`text` in ASCII: backslashes doubled, the rest as `u` and four hex digits per UTF-16 unit."""
    units = text.replace("\\", "\\\\")
    return "".join(ch if ch.isascii() else _utf16(ch) for ch in units)


def unescaped(text: str) -> str:
    """The text that `escaped` was given; a backslash that escapes nothing stays."""

    def original(match: re.Match[str]) -> str:
        token = match.group(1)
        return "\\" if token == "\\" else chr(int(token[1:], 16))

    plain = _ESCAPED.sub(original, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _utf16(ch: str) -> str:
    raw = ch.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{raw[i]:02x}{raw[i + 1]:02x}" for i in range(0, len(raw), 2))
