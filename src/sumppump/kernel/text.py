"""Text from outside is data: cleaned and capped before anyone reads it, never part of our sentences."""

from __future__ import annotations

import html
import re
import unicodedata

_WIRE_SAFE = re.compile(r"[^\x20-\x7e]")
# Simulator, paper (single and advisor, with and without a letter), live, advisor's client, institution.
_ACCOUNT = re.compile(r"\b(?:SIM|DU[A-Z]?|DF[A-Z]?|U|F|I)\d{5,9}\b")
_MARKUP = re.compile(r"<[^>]{0,200}>")
_HIDDEN = re.compile(r"<!--.*?(?:-->|$)|<(script|style|head)\b.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>?")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Letters and marks that show nothing: fillers, joiners, variation selectors, the empty Braille cell.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# What could pass for a tag, a column of ours or a fence.
_LOOKALIKES = str.maketrans({"<": "‹", ">": "›", "|": "¦", "`": "'"})
_MOST_READ = 20_000


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


def inert(text: str, *, limit: int) -> str:
    """What a stranger wrote, as plain words in one line, at most `limit` long: to be shown, never obeyed.

    Markup, scripts, comments and links are gone; so is whatever shows nothing or turns the direction of
    reading. Compatibility letters become plain ones first, so that nothing hides behind them. No `<`, `>`,
    `|` or backtick is left.

    >>> inert("<p>Sales &lt;b&gt;up&lt;/b&gt; 5 %</p><script>buy()</script>", limit=80)
    'Sales up 5 %'
    """
    plain = unicodedata.normalize("NFKC", html.unescape(text[:_MOST_READ]))
    plain = _LINK.sub("[link]", _TAG.sub(" ", _HIDDEN.sub(" ", plain)))
    seen = " ".join(_UNSEEN.sub("", plain).translate(_LOOKALIKES).split())
    return clean(seen, limit=limit)


def masked_account(account: str) -> str:
    """An account id with all but its kind and last three characters hidden, for example `SIM…417`."""
    prefix = re.match(r"[A-Za-z]*", account)
    head = prefix.group() if prefix else ""
    return f"{head}…{account[-3:]}" if len(account) > len(head) + 3 else f"{head}…"


def with_masked_accounts(text: str) -> str:
    """`text` with every account id in it masked: what may be logged."""
    return _ACCOUNT.sub(lambda match: masked_account(match.group()), text)
