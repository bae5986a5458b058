"""News, seen from the use cases. Texts come as they are: raw and untrusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sumppump.domain.instruments import Instrument
from sumppump.domain.news import Article, Headline, NewsProvider


class NewsWire(Protocol):
    """Headlines and articles of the providers that the account may read."""

    async def providers(self) -> Sequence[NewsProvider]:
        """Who can be read; empty where nothing is subscribed.

        Raises:
            GatewayUnavailable: no connection or no answer.
        """
        ...

    async def headlines(
        self,
        instrument: Instrument,
        *,
        providers: Sequence[str],
        since: datetime,
        until: datetime,
        count: int,
    ) -> Sequence[Headline]:
        """At most `count` headlines of a span, newest first.

        Raises:
            NotSubscribed: one of the providers is not subscribed; it is named.
            GatewayUnavailable: no connection, no answer, or TWS refused.
        """
        ...

    async def article(self, headline: Headline, *, deadline_s: float) -> Article:
        """The text behind a headline.

        Raises:
            NotSubscribed: TWS does not give it to this account.
            GatewayUnavailable: no connection, or no answer by the deadline.
        """
        ...
