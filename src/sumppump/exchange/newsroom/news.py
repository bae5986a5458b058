"""The news wire: headlines, articles and bulletins of any span, pure functions of seed and time.

Everything is written when it is asked for; an article's id holds the day, the underlying and the writer, so
that it can be found again without an index.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sumppump.exchange.calendar.trading_days import (
    TradingSession,
    new_york_date,
    next_trading_day,
    previous_trading_day,
    session_of,
    trading_day_on_or_before,
    trading_days_back,
)
from sumppump.exchange.listing.symbols import BY_CON_ID, UNDERLYINGS, Underlying
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.randomness import key_of, uniform
from sumppump.exchange.newsroom.stories import ANALYSTS, BRIEFING, LETTERS, WRITERS, Facts, Story

PROVIDERS = (
    (BRIEFING, "Briefing.com General Market Columns"),
    (ANALYSTS, "Briefing.com Analyst Actions"),
    (LETTERS, "Dow Jones Newsletters"),
)
"""What every account has; all other providers need a subscription."""
SUBSCRIBED = frozenset(code for code, _ in PROVIDERS)
NOT_SUBSCRIBED = "Error validating request.-'cg' : cause - Not subscribed for '{}' provider"

TEXT, PDF = 0, 1
PLAIN, EXCHANGE_CLOSED, EXCHANGE_OPEN = 1, 2, 3
_HISTORY_DAYS = 6 * 366
_EVERY_NTH_PDF = 5
_OFTEN_MAINTAINED, _OFTEN_BROKEN = 0.6, 0.15
_BREAKABLE = ("ISE", "BOX", "PHLX", "AMEX")
_ID_BASE = 16


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline about an underlying; the article belongs to it."""

    con_id: int
    article_id: str
    story: Story

    @property
    def tags(self) -> str:
        """The wire's tags: contract, language, keywords, confidence."""
        return f"A:{self.con_id}:L:en:K:n/a:C:{self.story.confidence}"


@dataclass(frozen=True, slots=True)
class Article:
    """The text behind a headline; a PDF is in base64."""

    kind: int
    text: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A message of IB to everybody who uses it."""

    bulletin_id: int
    at_ms: int
    kind: int
    text: str
    exchange: str = ""


class NewsWire:
    """All news of one market."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._first_day = trading_day_on_or_before(market.start_day - timedelta(_HISTORY_DAYS))
        self._bulletin_key = key_of(market.seed, "bulletin")
        self._written = lru_cache(maxsize=2048)(self._write)

    def headlines(self, con_id: int, from_ms: int, until_ms: int) -> tuple[Headline, ...]:
        """Headlines about an underlying, oldest first, later than `from_ms` and not later than `until_ms`."""
        found = tuple(self.newest_first(con_id, until_ms, since_ms=from_ms))
        return found[::-1]

    def newest_first(self, con_id: int, until_ms: int, *, since_ms: int = 0) -> Iterator[Headline]:
        """Headlines from a moment back into the past, as far as there is news."""
        under = BY_CON_ID.get(con_id)
        if under is None:
            return
        day = trading_day_on_or_before(new_york_date(until_ms))
        while day >= self._first_day and session_of(day).close_ms >= since_ms - 86_400_000:
            for one in reversed(self._day(under, day)):
                if since_ms < one.story.at_ms <= until_ms:
                    yield one
            day = previous_trading_day(day)

    def _day(self, under: Underlying, day: date) -> tuple[Headline, ...]:
        """The headlines of one day, written anew once the market has taken another way."""
        return self._written(under, day, self._market.version)

    def _write(self, under: Underlying, day: date, _: int) -> tuple[Headline, ...]:
        facts = Facts.of(self._market, under, session_of(day))
        found = [
            Headline(under.con_id, _article_id(story.provider, under, day, place), story)
            for place, write in enumerate(WRITERS)
            for story in write(facts)
        ]
        return tuple(sorted(found, key=lambda one: (one.story.at_ms, one.article_id)))

    def article(self, article_id: str, until_ms: int) -> Article | None:
        """The article of an id that was published by then; None if there is none."""
        key = _read_id(article_id)
        if key is None or key.day < self._first_day:
            return None
        if key.day > trading_day_on_or_before(new_york_date(until_ms)):
            return None
        for one in self._day(key.under, key.day):
            if one.article_id == article_id:
                return _printed(one) if one.story.at_ms <= until_ms else None
        return None

    # -- bulletins --------------------------------------------------------------------------
    def bulletins(self, from_ms: int, until_ms: int) -> tuple[Bulletin, ...]:
        """Bulletins later than `from_ms` and not later than `until_ms`, oldest first."""
        day, last = new_york_date(from_ms), new_york_date(until_ms)
        day = trading_days_back(day, 1)[0]
        found: list[Bulletin] = []
        while day <= last:
            found += (one for one in self._issued(session_of(day)) if from_ms < one.at_ms <= until_ms)
            day = next_trading_day(day)
        return tuple(found)

    def _issued(self, session: TradingSession) -> Iterator[Bulletin]:
        """The bulletins of one day."""
        ordinal = session.day.toordinal()
        first_id = ordinal * 4
        maintained, broken, when, which = (uniform(self._bulletin_key, ordinal, n) for n in range(4))
        if maintained < _OFTEN_MAINTAINED:
            text = "System maintenance is planned for this weekend. Please check the system status page."
            yield Bulletin(first_id, session.open_ms - 5_400_000, PLAIN, text)
        if broken < _OFTEN_BROKEN:
            exchange = _BREAKABLE[int(which * len(_BREAKABLE))]
            at = session.open_ms + int(when * 9000) * 1000
            yield Bulletin(first_id + 1, at, EXCHANGE_CLOSED, f"{exchange} is unavailable", exchange)
            back = at + 1_500_000
            yield Bulletin(first_id + 2, back, EXCHANGE_OPEN, f"{exchange} is available", exchange)


@dataclass(frozen=True, slots=True)
class _ArticleKey:
    under: Underlying
    day: date


def _article_id(provider: str, under: Underlying, day: date, place: int) -> str:
    return f"{provider}${UNDERLYINGS.index(under):02x}{day.toordinal():05x}{place:x}"


def _read_id(article_id: str) -> _ArticleKey | None:
    """What an id of ours says; None for any other text."""
    _, dollar, digits = article_id.partition("$")
    if not dollar or len(digits) != 8 or not all(c in "0123456789abcdef" for c in digits):
        return None
    index, ordinal = int(digits[:2], _ID_BASE), int(digits[2:7], _ID_BASE)
    if index >= len(UNDERLYINGS) or not 1 <= ordinal <= date.max.toordinal():
        return None
    day = date.fromordinal(ordinal)
    return _ArticleKey(UNDERLYINGS[index], day) if day == trading_day_on_or_before(day) else None


def _printed(headline: Headline) -> Article:
    story = headline.story
    if story.provider == LETTERS and story.at_ms // 1000 % _EVERY_NTH_PDF == 0:
        return Article(PDF, base64.b64encode(_pdf(story.headline)).decode())
    return Article(TEXT, f"<p>{story.body.replace('&', '&amp;')}</p>")


def _pdf(line: str) -> bytes:
    """The smallest document that holds one line."""
    safe = line.encode("ascii", "replace").translate(None, b"()\\")
    page = b"BT /F1 12 Tf 72 720 Td (" + safe + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, offsets = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, rows)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + end
