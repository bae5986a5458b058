"""Text from outside is data: cleaned and capped before anyone reads it, never part of our sentences."""

from __future__ import annotations

import re
import unicodedata

_WIRE_SAFE = re.compile(r"[^\x20-\x7e]")
# Simulator, paper (single and advisor, with and without a letter), live, advisor's client, institution.
_ACCOUNT = re.compile(r"\b(?:SIM|DU[A-Z]?|DF[A-Z]?|U|F|I)\d{5,9}\b")
_MARKUP = re.compile(r"<[^>]{0,200}>")


def wire_safe(text: str) -> str:
    """Only printable ASCII: a NUL would add a field to a TWS frame."""
    return _WIRE_SAFE.sub("", text)


def clean(text: str, *, limit: int = 280) -> str:
    """Text without control, zero-width, bidi and markup characters, at most `limit` long."""
    kept = "".join(
        " " if ch in "\r\n\t" else ch for ch in text if ch in "\r\n\t" or unicodedata.category(ch)[0] != "C"
    )
    flat = re.sub(r" {2,}", " ", _MARKUP.sub(" ", kept)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def masked_account(account: str) -> str:
    """An account id with all but its kind and last three characters hidden, for example `SIM…417`."""
    prefix = re.match(r"[A-Za-z]*", account)
    head = prefix.group() if prefix else ""
    return f"{head}…{account[-3:]}" if len(account) > len(head) + 3 else f"{head}…"


def with_masked_accounts(text: str) -> str:
    """`text` with every account id in it masked: what may be logged."""
    return _ACCOUNT.sub(lambda match: masked_account(match.group()), text)
