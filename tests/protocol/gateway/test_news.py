"""News over the wire: providers are named, headlines come newest first, a refusal says whose news it is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Open
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.domain.news import Headline
from sumppump.exchange.wire.contracts import Tag
from sumppump.exchange.wire.market_answers import HistoricalNewsEnd, NewsProviders
from sumppump.exchange.wire.news import HistoricalNews, NewsArticle
from sumppump.kernel.errors import GatewayUnavailable, NotSubscribed, SumpPumpError

UNTIL = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
WEEK: dict[str, Any] = {"since": UNTIL - timedelta(days=7), "until": UNTIL, "count": 10}
LINE = Headline(at=UNTIL, provider="BRFG", article_id="BRFG$1", text="up")


async def test_a_week_of_news_comes_newest_first_with_its_articles(open_pair: Open) -> None:
    """Real providers, headlines and bodies over a real socket; times are UTC."""
    _, gateway = await open_pair(frozen=True)
    spy = await gateway.directory.underlying("SPY")
    providers = await gateway.news.providers()
    assert [each.code for each in providers] == ["BRFG", "BRFUPDN", "DJNL"]
    now = gateway.clock.now()
    lines = await gateway.news.headlines(
        spy, providers=["BRFG", "DJNL"], since=now - timedelta(days=7), until=now, count=10
    )
    times = [line.at for line in lines]
    assert len(lines) == 10
    assert times == sorted(times, reverse=True)
    assert all(now - timedelta(days=7) <= at <= now for at in times)
    assert {line.provider for line in lines} <= {"BRFG", "DJNL"}
    assert (await gateway.news.article(lines[0], deadline_s=2.0)).text


async def test_a_provider_that_is_not_subscribed_is_named(open_pair: Open) -> None:
    """TWS says 321 for the whole question; its words name the provider."""
    _, gateway = await open_pair(frozen=True)
    spy = await gateway.directory.underlying("SPY")
    now = gateway.clock.now()
    with pytest.raises(NotSubscribed, match="DJ-RT"):
        await gateway.news.headlines(
            spy, providers=["DJ-RT"], since=now - timedelta(days=7), until=now, count=5
        )


async def test_the_span_is_asked_in_utc_and_the_providers_by_name(tws: ScriptedTws, connect: Connect) -> None:
    """An empty list of providers would find nothing, without an error."""

    def answer(peer: Peer, request: Any) -> None:
        peer.say(
            HistoricalNews(
                req_id=request.req_id, time="2026-03-01 12:30:00.0", provider="BRFG", article_id="BRFG$1",
                headline="{A:756733:L:en:K:n/a:C:0.9}up",
            ),
            HistoricalNewsEnd(req_id=request.req_id),
        )  # fmt: skip

    rig = await connect()
    tws.on("ReqHistoricalNews", answer)
    (line,) = await rig.gateway.news.headlines(makers.SPY, providers=["BRFG", "DJNL"], **WEEK)
    (request,) = tws.peer.got("ReqHistoricalNews")
    assert line.at == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert (request.providers, request.con_id) == ("BRFG+DJNL", makers.SPY.con_id)
    assert (request.start, request.end) == ("2026-02-23 15:00:00.0", "2026-03-02 15:00:00.0")


async def test_providers_and_articles_are_read_as_they_come(tws: ScriptedTws, connect: Connect) -> None:
    """A name is cleaned, an article is handed on raw, a PDF is no text."""
    rig = await connect()
    tws.on(
        "ReqNewsProviders", lambda peer, _: peer.say(NewsProviders(providers=(Tag(tag="X", value="A B"),)))
    )
    assert [(each.code, each.name) for each in await rig.gateway.news.providers()] == [("X", "A B")]
    for kind, text, seen in ((0, "<p>up</p>", "<p>up</p>"), (1, "JVBERi0=", "")):
        tws.on(
            "ReqNewsArticle",
            lambda peer, request, kind=kind, text=text: peer.say(
                NewsArticle(req_id=request.req_id, kind=kind, text=text)
            ),
        )
        article = await rig.gateway.news.article(LINE, deadline_s=1.0)
        assert (article.text, bool(article.reason)) == (seen, not seen)


@pytest.mark.parametrize(
    "text",
    ["Société Générale relève à 1 000 €", "株価は上昇 \U0001f680", r"C:\dir \u0041 \\", "\u202eevil\u200b"],
)
async def test_letters_that_are_not_ascii_arrive_as_they_were_written(
    tws: ScriptedTws, connect: Connect, text: str
) -> None:
    """On the wire they are escaped (ASCII7), and so are backslashes; the library leaves them so."""
    rig = await connect()
    tws.on(
        "ReqNewsArticle",
        lambda peer, request: peer.say(NewsArticle(req_id=request.req_id, kind=0, text=text)),
    )
    assert (await rig.gateway.news.article(LINE, deadline_s=1.0)).text == text


REFUSALS: dict[str, tuple[int, str, type[SumpPumpError], str]] = {
    "article": (10172, "Failed to request news article:Not allowed", NotSubscribed, "not_subscribed"),
    "feed": (10276, "News feed is not allowed.", NotSubscribed, "not_subscribed"),
    "other": (322, "Error processing request", GatewayUnavailable, "request_refused"),
}


@pytest.mark.parametrize(("code", "text", "kind", "name"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_refused_article_says_why(
    tws: ScriptedTws, connect: Connect, code: int, text: str, kind: type[SumpPumpError], name: str
) -> None:
    """Named by provider and code."""
    rig = await connect()
    tws.on("ReqNewsArticle", lambda peer, request: peer.error(request.req_id, code, text))
    with pytest.raises(kind, match="BRFG") as caught:
        await rig.gateway.news.article(LINE, deadline_s=1.0)
    assert caught.value.code == name


async def test_silence_ends_at_the_deadline(tws: ScriptedTws, connect: Connect) -> None:
    """Of an article by its own, of headlines by the gateway's."""
    rig = await connect(request_timeout_s=0.02)
    with pytest.raises(GatewayUnavailable) as caught:
        await rig.gateway.news.article(LINE, deadline_s=0.02)
    assert caught.value.code == "no_answer"
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.news.headlines(makers.SPY, providers=["BRFG"], **WEEK)


async def test_a_connection_lost_mid_way_ends_the_wait(tws: ScriptedTws, connect: Connect) -> None:
    """Half a list of headlines is no list."""
    rig = await connect()
    tws.on("ReqHistoricalNews", lambda peer, _: peer.transport.abort())
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.news.headlines(makers.SPY, providers=["BRFG"], **WEEK)


async def test_a_cancelled_question_leaves_nothing_behind(tws: ScriptedTws, connect: Connect) -> None:
    """Its late answer finds nobody, and the next question gets its own."""
    rig = await connect()
    asking = asyncio.ensure_future(rig.gateway.news.headlines(makers.SPY, providers=["BRFG"], **WEEK))
    await rig.until(lambda: tws.peer.got("ReqHistoricalNews"))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    tws.peer.say(HistoricalNewsEnd(req_id=tws.peer.got("ReqHistoricalNews")[0].req_id))
    tws.on("ReqHistoricalNews", lambda peer, request: peer.say(HistoricalNewsEnd(req_id=request.req_id)))
    assert await rig.gateway.news.headlines(makers.SPY, providers=["BRFG"], **WEEK) == []
