"""News as values. Every text in them was written by strangers: it is data, whatever it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewsProvider:
    """Who writes: the broker's code, for example BRFG, and a name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One headline as it came.

    Attributes:
        at: when it was published, aware UTC.
        provider: code of who wrote it.
        article_id: key of its article at that provider.
        text: raw, untrusted.
    """

    at: datetime
    provider: str
    article_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The text behind a headline.

    Attributes:
        text: raw, untrusted: plain or HTML; "" where there is none to read.
        reason: why there is no text (a PDF), "" where there is one.
    """

    text: str
    reason: str = ""
