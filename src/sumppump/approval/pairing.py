"""Who may use the page: one-time secrets, paired browsers, and the tokens of their forms.

A secret travels once, in the address that only the person's browser is given. Spending it pairs that
browser by a cookie. Secrets and cookies are kept as hashes; a form's token is bound to the browser
and to the digest that it shows, so that a form can approve nothing but what was on the screen.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

SECRET_LIFE_S = 300.0
PAIRING_LIFE_S = 12 * 3600.0
MOST_INVITATIONS = 64
MOST_BROWSERS = 16


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a one-time secret leads to, until when (monotonic seconds)."""

    ticket_id: str
    until: float


@dataclass(frozen=True, slots=True)
class Browser:
    """A paired browser: the key of its forms, and until when it stays paired (monotonic seconds)."""

    key: bytes
    until: float


_Passing = TypeVar("_Passing", Invitation, Browser)


class Pairing:
    """Invitations and paired browsers of one process; nothing of it is ever written down."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._invitations: dict[str, Invitation] = {}
        self._browsers: dict[str, Browser] = {}

    def invite(self, ticket_id: str) -> str:
        """A new one-time secret of 192 bits that leads to the ticket's page."""
        secret = secrets.token_urlsafe(24)
        self._invitations = _kept(self._invitations, self._monotonic(), MOST_INVITATIONS - 1)
        self._invitations[_hash(secret)] = Invitation(ticket_id, self._monotonic() + SECRET_LIFE_S)
        return secret

    def spend(self, secret: str) -> str | None:
        """The ticket that a secret leads to; the second time, and for a stranger's, None."""
        invitation = self._invitations.pop(_hash(secret), None)
        if invitation is None or invitation.until <= self._monotonic():
            return None
        return invitation.ticket_id

    def pair(self) -> str:
        """Pair one more browser and return its cookie."""
        cookie = secrets.token_urlsafe(32)
        self._browsers = _kept(self._browsers, self._monotonic(), MOST_BROWSERS - 1)
        self._browsers[_hash(cookie)] = Browser(secrets.token_bytes(32), self._monotonic() + PAIRING_LIFE_S)
        return cookie

    def browser(self, cookie: str) -> Browser | None:
        """The paired browser of this cookie, or None."""
        browser = self._browsers.get(_hash(cookie)) if cookie else None
        return browser if browser is not None and browser.until > self._monotonic() else None


def form_token(browser: Browser, ticket_id: str, digest: str) -> str:
    """The token of the form that shows this ticket with this digest to this browser."""
    text = f"decide\n{ticket_id}\n{digest}".encode()
    return hmac.new(browser.key, text, hashlib.sha256).hexdigest()


def is_form_token(browser: Browser, ticket_id: str, digest: str, token: str) -> bool:
    """Whether the token is that form's; compared in constant time."""
    return hmac.compare_digest(form_token(browser, ticket_id, digest).encode(), token.encode())


def _hash(text: str) -> str:
    # Looked up by hash: how long a dictionary takes then says nothing about the secret itself.
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _kept(entries: Mapping[str, _Passing], now: float, most: int) -> dict[str, _Passing]:
    alive = [(key, entry) for key, entry in entries.items() if entry.until > now]
    return dict(alive[-most:])
