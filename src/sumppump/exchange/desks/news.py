"""News: providers, headlines of the past, articles, bulletins. Headlines as they happen."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice

from sumppump.exchange.calendar.trading_days import to_datetime, to_ms
from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.desks.market import MarketDesk
from sumppump.exchange.desks.stream import Stream
from sumppump.exchange.generic_ticks import NEWS
from sumppump.exchange.listing.instruments import Bag, Listing
from sumppump.exchange.newsroom.news import NOT_SUBSCRIBED, PROVIDERS, SUBSCRIBED, Headline
from sumppump.exchange.reports import Refusal
from sumppump.exchange.translate.times import read_moment
from sumppump.exchange.wire.contracts import Tag
from sumppump.exchange.wire.market_answers import HistoricalNewsEnd, NewsProviders
from sumppump.exchange.wire.market_requests import (
    CancelNewsBulletins,
    ReqHistoricalNews,
    ReqNewsArticle,
    ReqNewsBulletins,
    ReqNewsProviders,
)
from sumppump.exchange.wire.news import HistoricalNews, NewsArticle, NewsBulletin, TickNews

NO_ARTICLE = "Failed to request news article:{}"
MOST_HEADLINES = 300
_DAY_MS = 86_400_000
_DASHED = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)?")
_BAD_TIME = Refusal(322, "Error processing request.-'cg' : cause - Start or end time is invalid")
_NO_DEFINITION = Refusal(200, "No security definition has been found for the request")


class NewsDesk(Desk):
    """The news, for one client."""

    def __init__(self, line: Line, market: MarketDesk) -> None:
        super().__init__(line)
        self._market = market
        self._told_ms: int | None = None  # bulletins up to then were told; None without a subscription
        self._ticked_ms = to_ms(line.venue.now)  # headlines up to then were told

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqNewsProviders: self.providers,
            ReqHistoricalNews: self.headlines,
            ReqNewsArticle: self.article,
            ReqNewsBulletins: self.bulletins,
            CancelNewsBulletins: self.cancel_bulletins,
        }

    def providers(self, _: object) -> None:
        """The providers that this account may read."""
        rows = tuple(Tag(tag=code, value=name) for code, name in PROVIDERS)
        self._line.send(NewsProviders(providers=rows))

    # -- headlines ----------------------------------------------------------------------------
    def headlines(self, message: ReqHistoricalNews) -> None:
        """Headlines of a span, the newest first, and whether there are more."""
        found = self._found(message)
        if isinstance(found, Refusal):
            self._line.refuse(message.req_id, found)
            return
        rows, has_more = found
        for one in rows:
            self._line.send(_row(message.req_id, one))
        self._line.send(HistoricalNewsEnd(req_id=message.req_id, has_more=has_more))

    def _found(self, message: ReqHistoricalNews) -> tuple[list[Headline], bool] | Refusal:
        wanted = [code for code in message.providers.split("+") if code]
        stranger = next((code for code in wanted if code not in SUBSCRIBED), None)
        if stranger is not None:
            return Refusal(321, NOT_SUBSCRIBED.format(stranger))
        listing = self._line.venue.listing(message.con_id)
        if listing is None:
            return _NO_DEFINITION
        now = to_ms(self._line.venue.now)
        try:
            start, end = _read(message.start, 0), min(_read(message.end, now), now)
        except ValueError:
            return _BAD_TIME
        stream = self._line.venue.news.newest_first(_about(listing), end, since_ms=start)
        chosen = (one for one in stream if one.story.provider in wanted)
        most = max(0, min(message.total, MOST_HEADLINES))
        return list(islice(chosen, most)), next(chosen, None) is not None

    def article(self, message: ReqNewsArticle) -> None:
        """The text behind a headline."""
        line = self._line
        if message.provider not in SUBSCRIBED:
            line.error(message.req_id, 10172, NO_ARTICLE.format("Not allowed"))
            return
        found = line.venue.news.article(message.article_id, to_ms(line.venue.now))
        if found is None:
            line.error(message.req_id, 10172, NO_ARTICLE.format("No article is found for this id"))
            return
        line.send(NewsArticle(req_id=message.req_id, kind=found.kind, text=found.text))

    # -- bulletins ----------------------------------------------------------------------------
    def bulletins(self, message: ReqNewsBulletins) -> None:
        """Bulletins from now on, and those of the last day if all are wanted."""
        now = to_ms(self._line.venue.now)
        if message.all_messages:
            self._tell(now - _DAY_MS, now)
        self._told_ms = now

    def cancel_bulletins(self, _: object) -> None:
        """No more bulletins; nothing is answered."""
        self._told_ms = None

    def tick(self, now: datetime) -> None:
        """Tell the bulletins and the headlines that have come out since."""
        until = to_ms(now)
        if self._told_ms is not None:
            self._tell(self._told_ms, until)
            self._told_ms = until
        for stream in self._market.wanting(NEWS):
            self._tell_headlines(stream, self._ticked_ms, until)
        self._ticked_ms = until

    def _tell_headlines(self, stream: Stream, from_ms: int, until_ms: int) -> None:
        """Headlines about a stream's instrument; of a combo, about the underlying of its first leg."""
        instrument = stream.instrument
        listing = instrument.legs[0].listing if isinstance(instrument, Bag) else instrument
        for one in self._line.venue.news.headlines(_about(listing), from_ms, until_ms):
            if stream.providers and one.story.provider not in stream.providers:
                continue
            self._line.send(
                TickNews(
                    req_id=stream.wish.req_id,
                    time_ms=one.story.at_ms,
                    provider=one.story.provider,
                    article_id=one.article_id,
                    headline=one.story.headline,
                    extra=one.tags,
                )
            )

    def _tell(self, from_ms: int, until_ms: int) -> None:
        for one in self._line.venue.news.bulletins(from_ms, until_ms):
            self._line.send(
                NewsBulletin(bulletin_id=one.bulletin_id, kind=one.kind, text=one.text, exchange=one.exchange)
            )


def _about(listing: Listing) -> int:
    """The contract that the news of a listing are about: an option's underlying."""
    return listing.under_con_id or listing.con_id


def _row(req_id: int, headline: Headline) -> HistoricalNews:
    story = headline.story
    return HistoricalNews(
        req_id=req_id,
        time=f"{to_datetime(story.at_ms):%Y-%m-%d %H:%M:%S}.0",
        provider=story.provider,
        article_id=headline.article_id,
        headline=f"{{{headline.tags}}}{story.headline}",
    )


def _read(text: str, blank: int) -> int:
    """A client's moment in milliseconds, `blank` for nothing; dashed ones are in UTC."""
    match = _DASHED.fullmatch(text.strip())
    moment = read_moment(f"{match[1]}{match[2]}{match[3]}-{match[4]}" if match else text)
    return blank if moment is None else to_ms(moment)
