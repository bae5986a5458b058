"""What the server says about news; the requests are in `market_requests`."""

from __future__ import annotations

from sumppump.exchange.wire.layout import answer
from sumppump.exchange.wire.scalars import Int, Text


@answer(14, version=1)
class NewsBulletin:
    """A message of IB to everybody: 1 is plain, 2 an exchange that is closed, 3 one that is open again."""

    bulletin_id: Int
    kind: Int
    text: Text
    exchange: Text


@answer(83)
class NewsArticle:
    """An article; kind 0 is text or HTML, 1 a PDF in base64."""

    req_id: Int
    kind: Int
    text: Text


@answer(84)
class TickNews:
    """A headline as it happens; time in milliseconds since 1970."""

    req_id: Int
    time_ms: Int
    provider: Text
    article_id: Text
    headline: Text
    extra: Text = ""


@answer(86)
class HistoricalNews:
    """A headline of the past; the time is `YYYY-MM-DD HH:MM:SS.0` in UTC."""

    req_id: Int
    time: Text
    provider: Text
    article_id: Text
    headline: Text
