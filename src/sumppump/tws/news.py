"""`ports.news.NewsWire` on TWS. Texts are handed on as they came: whoever shows them cleans them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sumppump.domain.instruments import Instrument
from sumppump.domain.news import Article, Headline, NewsProvider
from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable, NotSubscribed, SumpPumpError
from sumppump.kernel.text import clean
from sumppump.tws.link import Link
from sumppump.tws.numbers import moment
from sumppump.tws.reference_inbox import NEWS_PROVIDERS

NAME_LIMIT = 60
PDF = 1
NOT_ALLOWED, NO_NEWS_FEED, VALIDATION = 10172, 10276, 321
NEXT_STEPS = ("News is subscribed by provider in IBKR's Client Portal, under Market Data.",)


class TwsNews:
    """News over one connection."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def providers(self) -> Sequence[NewsProvider]:
        """See `ports.news.NewsWire`."""
        session = self._link.online_session()
        rows = await session.ask_keyed(NEWS_PROVIDERS, lambda client: client.reqNewsProviders())
        return tuple(NewsProvider(row.code, clean(row.name, limit=NAME_LIMIT)) for row in rows)

    async def headlines(
        self,
        instrument: Instrument,
        *,
        providers: Sequence[str],
        since: datetime,
        until: datetime,
        count: int,
    ) -> Sequence[Headline]:
        """See `ports.news.NewsWire`."""
        codes = "+".join(providers)  # TWS takes no word for "all": an empty one finds nothing
        try:
            rows = await self._link.online_session().ask(
                lambda client, request_id: client.reqHistoricalNews(
                    request_id, instrument.con_id, codes, _text(since), _text(until), count, []
                ),
                what=f"news about {instrument.label}",
            )
        except BrokerRejected as error:
            raise refused(error, f"headlines of {codes}") from error
        return sorted((_headline(*row) for row in rows), key=lambda line: line.at, reverse=True)

    async def article(self, headline: Headline, *, deadline_s: float) -> Article:
        """See `ports.news.NewsWire`."""
        try:
            ((kind, text),) = await self._link.online_session().ask(
                lambda client, request_id: client.reqNewsArticle(
                    request_id, headline.provider, headline.article_id, []
                ),
                what="a news article",
                timeout_s=deadline_s,
            )
        except BrokerRejected as error:
            raise refused(error, f"an article of {headline.provider}") from error
        return Article(text="", reason="a PDF, which is not read") if kind == PDF else Article(text=text)


def _text(at: datetime) -> str:
    """A moment in UTC; TWS's page asks for this shape, and answers in UTC too."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.0}"


def _headline(at: str, provider: str, article_id: str, text: str) -> Headline:
    return Headline(at=moment(at, zone=UTC), provider=provider, article_id=article_id, text=text)


def refused(error: BrokerRejected, what: str) -> SumpPumpError:
    """TWS's refusal in our words."""
    is_unsubscribed = error.ib_code == VALIDATION and "not subscribed" in error.text.lower()
    if is_unsubscribed or error.ib_code in (NOT_ALLOWED, NO_NEWS_FEED):
        return NotSubscribed(
            f"TWS gives no {what}: {error.text}", ib_code=error.ib_code, next_steps=NEXT_STEPS
        )
    return GatewayUnavailable(
        f"TWS gave no {what}", code="request_refused", found=f"TWS {error.ib_code}: {error.text}"
    )
