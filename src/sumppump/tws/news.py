"""`ports.news.NewsWire` on TWS. Texts are handed on as they came: whoever shows them cleans them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sumppump.domain.instruments import Instrument
from sumppump.domain.news import Article, Headline, NewsProvider
from sumppump.kernel.errors import BrokerRejected, NotSubscribed, SumpPumpError
from sumppump.kernel.text import inert
from sumppump.tws.link import Link
from sumppump.tws.numbers import moment
from sumppump.tws.reference_inbox import NEWS_PROVIDERS
from sumppump.tws.refusals import Refusal, in_our_words

NAME_LIMIT = 60
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(\\))")
PDF = 1
_SUBSCRIBE = ("News is subscribed by provider in IBKR's Client Portal, under Market Data.",)
REFUSALS = tuple(
    Refusal(code=code, words=words, kind=NotSubscribed, message="TWS gives no {label}", steps=_SUBSCRIBE)
    for code, words in ((321, "not subscribed"), (10172, ""), (10276, ""))
)


class TwsNews:
    """News over one connection."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def providers(self) -> Sequence[NewsProvider]:
        """See `ports.news.NewsWire`."""
        session = self._link.online_session()
        rows = await session.ask_keyed(NEWS_PROVIDERS, lambda client: client.reqNewsProviders())
        return tuple(NewsProvider(row.code, inert(unescaped(row.name), limit=NAME_LIMIT)) for row in rows)

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
            raise _refused(error, f"headlines of {codes}") from error
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
            raise _refused(error, f"article of {headline.provider}") from error
        return (
            Article(text="", reason="a PDF, which is not read")
            if kind == PDF
            else Article(text=unescaped(text))
        )


def unescaped(text: str) -> str:
    """What was written: TWS sends letters beyond ASCII as UTF-16 escapes and doubles its backslashes."""
    plain = _ESCAPED.sub(lambda found: "\\" if found[2] else chr(int(found[1], 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _text(at: datetime) -> str:
    """A moment in UTC; TWS's page asks for this shape, and answers in UTC too."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.0}"


def _headline(at: str, provider: str, article_id: str, text: str) -> Headline:
    return Headline(at=moment(at, zone=UTC), provider=provider, article_id=article_id, text=unescaped(text))


def _refused(error: BrokerRejected, what: str) -> SumpPumpError:
    return in_our_words(error, REFUSALS, label=what, otherwise="TWS gave no {label}")
