"""Which requests may reach the page at all, judged by their heads alone, before any routing.

Rebinding names, other pages in the same browser, forms of strangers and clumsy clients are turned away
here; the cookie and the form's token are judged by the page itself. There are no CORS headers at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_BODY_BYTES = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
METHODS = frozenset({"GET", "POST"})

SECURITY_HEADERS = (
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src data: 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'",
    ),
    ("cache-control", "no-store"),
    # With `no-referrer` browsers say `Origin: null` on our own form; other sites learn nothing here either.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("x-robots-tag", "noindex"),
    # One request for each connection: a read deadline is then a deadline of the connection.
    ("connection", "close"),
)

_READING_AHEAD = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further: an HTTP status and a sentence without anything from the request."""

    status: int
    reason: str


def judge(method: str, target: str, headers: Headers, *, port: int) -> Refusal | None:
    """The first rule that the request's head breaks, or None.

    Args:
        method: as sent.
        target: the request target, unquoted.
        headers: names in lower case, as sent, repeated ones repeated.
        port: where we listen on 127.0.0.1.
    """
    if not target.startswith("/") or _only(headers, b"host") not in _hosts(port):
        return Refusal(421, "This address is not served here.")
    if method not in METHODS:
        return Refusal(405, "Only GET and POST are served.")
    if _values(headers, b"sec-fetch-site") not in ([], [b"none"], [b"same-origin"]):
        return Refusal(403, "Other sites may not use this page.")
    if any(_values(headers, name) for name in _READING_AHEAD):
        return Refusal(403, "Reading ahead is not served: a person has to ask.")
    if method != "POST":
        return None if _length(headers) == 0 else Refusal(400, "A GET has no body.")
    return _judge_post(headers)


def _judge_post(headers: Headers) -> Refusal | None:
    if not _is_own_origin(headers):
        return Refusal(403, "The request does not come from this page.")
    content_type = _only(headers, b"content-type").decode("latin-1").partition(";")[0].strip().lower()
    if content_type != FORM_TYPE:
        return Refusal(415, "Only a plain form is accepted.")
    length = _length(headers)
    if length is None:
        return Refusal(411, "The length of the form must be said.")
    return Refusal(413, "The form is too large.") if length > MOST_BODY_BYTES else None


def _hosts(port: int) -> tuple[bytes, bytes]:
    return (f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode())


def _is_own_origin(headers: Headers) -> bool:
    # Equal as a whole to the Host that was let in; `null` and any longer name are not. Without
    # an Origin only a browser's own word that the form is ours counts.
    origins = _values(headers, b"origin")
    if not origins:
        return _values(headers, b"sec-fetch-site") == [b"same-origin"]
    return origins == [b"http://" + _only(headers, b"host")]


def _length(headers: Headers) -> int | None:
    """Bytes of the body: 0 where there is none, None where nobody says how many come."""
    if _values(headers, b"transfer-encoding"):
        return None
    values = _values(headers, b"content-length")
    if not values:
        return 0
    return int(values[0]) if len(values) == 1 and values[0].isdigit() and len(values[0]) <= 9 else None


def _values(headers: Headers, name: bytes) -> list[bytes]:
    return [value for key, value in headers if key == name]


def _only(headers: Headers, name: bytes) -> bytes:
    values = _values(headers, name)
    return values[0] if len(values) == 1 else b""
