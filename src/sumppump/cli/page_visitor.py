"""A person at the approval page, played by a program: pairs, reads the form, types what it asks for, presses.

Used by the demo and by tests. It does what a browser without scripts does and nothing more: a cookie jar, the
form's own fields, an Origin header.
"""

from __future__ import annotations

import html
import http.cookiejar
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.S)
_TAG = re.compile(r"<(?:input|button)\b[^>]*>", re.S)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}\b")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the page: where it goes, what it carries, and which field a person has to type."""

    action: str
    fields: tuple[tuple[str, str], ...]
    typed: str


@dataclass(slots=True)
class PageVisitor:
    """One paired browser."""

    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)
    address: str = ""
    text: str = ""

    def open(self, address: str) -> str:
        """Follow a link as a browser does and return the page."""
        return self._send(urllib.request.Request(address))

    def shown_code(self) -> str:
        """The code that the page shows."""
        found = _CODE.search(re.sub(r"<[^>]+>", " ", self.text))
        return found.group() if found else ""

    def press(self, decision: str, *, typed: str = "") -> str:
        """Submit the form whose button carries `decision` (approve or decline)."""
        form = self._form(decision)
        fields = dict(form.fields)
        if form.typed:
            fields[form.typed] = typed
        target = urllib.parse.urljoin(self.address, form.action)
        parts = urllib.parse.urlsplit(target)
        request = urllib.request.Request(
            target,
            data=urllib.parse.urlencode(fields).encode(),
            headers={"Origin": f"{parts.scheme}://{parts.netloc}"},
        )
        return self._send(request)

    def _send(self, request: urllib.request.Request) -> str:
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar)
        )
        with opener.open(request, timeout=10) as answer:
            self.address = answer.geturl()
            self.text = answer.read().decode()
        return self.text

    def _form(self, decision: str) -> Form:
        for match in _FORM.finditer(self.text):
            form = _parsed(match.group(), decision)
            if form is not None:
                return form
        raise LookupError(f"the page at hand has no form to {decision}")


def _parsed(source: str, decision: str) -> Form | None:
    action = dict(_ATTRIBUTE.findall(source[: source.index(">")])).get("action", "")
    fields: list[tuple[str, str]] = []
    typed, fits = "", action.rstrip("/").endswith(decision)
    for tag in _TAG.findall(source):
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if tag.startswith("<button") or attributes.get("type") == "submit":
            if value == decision:
                fits = True
                fields.append((name, value))
        elif attributes.get("type") == "hidden":
            fields.append((name, value))
        elif name:
            typed = name
    return Form(action, tuple(fields), typed) if fits else None
