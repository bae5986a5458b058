"""News about a contract. What strangers wrote is made inert here, and stays data: never an instruction.

Every provider is asked by itself, so that one that refuses is named and does not spoil the rest.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sumppump.data.meaning import Meanings
from sumppump.domain.instruments import Instrument
from sumppump.domain.news import Headline, NewsProvider
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import MarketDataError, SumpPumpError
from sumppump.kernel.text import inert
from sumppump.ports.news import NewsWire

SPAN = timedelta(days=7)
ALL = "all"
MOST_ARTICLES = 20
BODIES = 3
BODY_DEADLINE_S = 4.0
HEADLINE_LIMIT, BODY_LIMIT, ID_LIMIT = 280, 1_000, 60
_TAGS = re.compile(r"^\s*\{[^{}]{0,200}\}!?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """One headline with what of its article could be read; texts are inert and untrusted.

    Attributes:
        body: at most 1,000 characters; None where it was not fetched or could not be.
        body_missing: why there is no body, "" where there is one.
    """

    at: datetime
    provider: str
    article_id: str
    title: str
    body: str | None = None
    body_missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Headlines of a span, newest first.

    Attributes:
        subject: what they are about. providers: who was asked.
        failed: (code, error) of those that did not answer.
        bodies: how many of the first articles were asked for.
    """

    subject: Instrument
    providers: tuple[NewsProvider, ...]
    items: tuple[NewsItem, ...]
    since: datetime
    until: datetime
    bodies: int
    failed: tuple[tuple[str, SumpPumpError], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsService:
    """Reads news; nothing that is read changes what it does."""

    meanings: Meanings
    wire: NewsWire
    clock: Clock

    async def about(self, symbol: str, *, provider: str = ALL, count: int = 10) -> News:
        """Headlines of the last seven days, the first few with their articles.

        Args:
            symbol: a contract as people write it; of an option its underlying's news are read.
            provider: `all`, or a provider's code such as BRFG.
            count: headlines at most.

        Raises:
            UnknownContract: no such symbol.
            MarketDataError: the account has no news, or not of this provider (`not_subscribed`).
            GatewayUnavailable: no connection or no answer.
        """
        meaning = await self.meanings.of(symbol)
        subject = meaning.beneath or meaning.instrument
        providers = _chosen(await self.wire.providers(), provider)
        until = self.clock.now()
        found, failed = await self._headlines(subject, providers, until, count)
        newest = sorted(found, key=lambda line: line.at, reverse=True)[:count]
        return News(
            subject=subject,
            providers=providers,
            items=await self._with_bodies(newest),
            since=until - SPAN,
            until=until,
            bodies=min(BODIES, len(newest)),
            failed=failed,
        )

    async def _headlines(
        self, subject: Instrument, providers: Sequence[NewsProvider], until: datetime, count: int
    ) -> tuple[list[Headline], tuple[tuple[str, SumpPumpError], ...]]:
        answers = await asyncio.gather(*(self._of(subject, each, until, count) for each in providers))
        failed = tuple(
            (each.code, answer)
            for each, answer in zip(providers, answers, strict=True)
            if isinstance(answer, SumpPumpError)
        )
        if len(failed) == len(providers):
            raise failed[0][1]
        return [
            line for answer in answers if not isinstance(answer, SumpPumpError) for line in answer
        ], failed

    async def _of(
        self, subject: Instrument, provider: NewsProvider, until: datetime, count: int
    ) -> Sequence[Headline] | SumpPumpError:
        try:
            return await self.wire.headlines(
                subject, providers=[provider.code], since=until - SPAN, until=until, count=count
            )
        except SumpPumpError as error:
            return error

    async def _with_bodies(self, newest: Sequence[Headline]) -> tuple[NewsItem, ...]:
        """The first articles come together; each has the same deadline, and none holds up the answer."""
        bodies = await asyncio.gather(*(self._body(line) for line in newest[:BODIES]))
        rest = [(None, "not fetched")] * (len(newest) - len(bodies))
        return tuple(
            _item(line, body, reason) for line, (body, reason) in zip(newest, [*bodies, *rest], strict=True)
        )

    async def _body(self, line: Headline) -> tuple[str | None, str]:
        try:
            article = await self.wire.article(line, deadline_s=BODY_DEADLINE_S)
        except SumpPumpError as error:
            return None, error.message
        text = inert(article.text, limit=BODY_LIMIT)
        return (text, "") if text else (None, article.reason or "the article is empty")


def _item(line: Headline, body: str | None, reason: str) -> NewsItem:
    return NewsItem(
        at=line.at,
        provider=inert(line.provider, limit=ID_LIMIT),
        article_id=inert(line.article_id, limit=ID_LIMIT),
        title=inert(_TAGS.sub("", line.text), limit=HEADLINE_LIMIT),
        body=body,
        body_missing=inert(reason, limit=HEADLINE_LIMIT),
    )


def _chosen(subscribed: Sequence[NewsProvider], provider: str) -> tuple[NewsProvider, ...]:
    """The providers that are meant; a code that the account cannot read is an error that names the others."""
    known = ", ".join(f"{each.code} ({each.name})" for each in subscribed)
    if not subscribed:
        raise MarketDataError(
            "the account is subscribed to no news provider",
            code="not_subscribed",
            expected="at least one provider of API news",
            found="none",
            next_steps=["Subscribe to a provider in IBKR's Client Portal, under Market Data, News."],
        )
    if provider.strip().lower() == ALL:
        return tuple(subscribed)
    chosen = tuple(each for each in subscribed if each.code.lower() == provider.strip().lower())
    if not chosen:
        raise MarketDataError(
            f"the account is not subscribed to the news provider {inert(provider, limit=40)}",
            code="not_subscribed",
            expected=f"provider: all, or one of {known}",
            found=inert(provider, limit=40),
            next_steps=["Leave provider out for all that are subscribed."],
        )
    return chosen
