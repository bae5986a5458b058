"""Headlines, articles and bulletins."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.protocol.exchange.lab import FRIDAY, Lab, near_option

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.listing.symbols import UNDERLYINGS
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.reports import BarsQuery, Refusal
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract, Tag
from sumppump.exchange.wire.market_answers import HistoricalNewsEnd, NewsProviders
from sumppump.exchange.wire.market_requests import (
    CancelMktData,
    CancelNewsBulletins,
    ReqHistoricalNews,
    ReqMktData,
    ReqNewsArticle,
    ReqNewsBulletins,
    ReqNewsProviders,
)
from sumppump.exchange.wire.news import HistoricalNews, NewsArticle, NewsBulletin, TickNews

ALL = "BRFG+BRFUPDN+DJNL"
AFTER_CLOSE = FRIDAY + timedelta(hours=7)


def asked(lab: Lab, symbol: str = "AAPL", **words: Any) -> ReqHistoricalNews:
    plain: dict[str, Any] = {"con_id": lab.con_id(symbol), "providers": ALL, "total": 10}
    return ReqHistoricalNews(req_id=7, **(plain | words))


def told(lab: Lab, symbol: str = "AAPL", **words: Any) -> list[HistoricalNews]:
    """The headlines of an answer."""
    client = lab.connect(50 + len(lab.hall.sessions))
    return [m for m in client.say(asked(lab, symbol, **words)) if isinstance(m, HistoricalNews)]


def close_of_today(lab: Lab) -> str:
    """The day's close as headlines write it, from its bar."""
    bars = lab.venue.bars(BarsQuery(con_id=lab.con_id("AAPL"), duration="1 D", bar_size="1 day"))
    assert not isinstance(bars, Refusal)
    return f"at {bars[-1].close:.2f}"


@pytest.mark.behaviour("SIM-NEWS-01")
def test_three_providers_need_no_subscription() -> None:
    (answer,) = Lab().connect().say(ReqNewsProviders())
    assert isinstance(answer, NewsProviders)
    assert answer.providers[0] == Tag(tag="BRFG", value="Briefing.com General Market Columns")
    assert [row.tag for row in answer.providers] == ["BRFG", "BRFUPDN", "DJNL"]


@pytest.mark.behaviour("SIM-NEWS-02")
def test_headlines_come_newest_first_and_say_whether_there_are_more() -> None:
    lab = Lab()
    client = lab.connect()
    *rows, end = client.say(asked(lab))
    assert [type(row) for row in rows] == [HistoricalNews] * 10
    times = [row.time for row in rows]
    assert times == sorted(times, reverse=True)
    assert times[0] <= f"{lab.venue.now:%Y-%m-%d %H:%M:%S}.0"
    assert end == HistoricalNewsEnd(req_id=7, has_more=True)
    start = (FRIDAY - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S.0")
    *some, end = client.say(asked(lab, start=start, total=300))
    assert 0 < len(some) < 30
    assert all(row.time > start for row in some)
    assert end == HistoricalNewsEnd(req_id=7, has_more=False)


@pytest.mark.behaviour("SIM-NEWS-02")
def test_an_answer_goes_on_where_the_last_one_ended() -> None:
    lab = Lab()
    first = told(lab, total=5)
    whole = told(lab, total=10)
    assert whole[:5] == first
    assert told(lab, end=whole[5].time, total=5) == whole[5:]


@pytest.mark.behaviour("SIM-NEWS-09")
def test_an_option_has_the_news_of_its_underlying() -> None:
    lab = Lab()
    option = near_option(lab, "C", symbol="AAPL")
    *rows, _ = lab.connect().say(ReqHistoricalNews(req_id=7, con_id=option.con_id, providers=ALL, total=10))
    assert rows == told(lab)


@pytest.mark.behaviour("SIM-NEWS-03")
@pytest.mark.parametrize("providers", ["BZ", "BRFG+BZ"])
def test_a_foreign_provider_is_refused_by_name(providers: str) -> None:
    lab = Lab()
    (error,) = lab.connect().say(asked(lab, providers=providers))
    assert (error.id, error.code) == (7, 321)
    assert error.text == "Error validating request.-'cg' : cause - Not subscribed for 'BZ' provider"


@pytest.mark.behaviour("SIM-NEWS-10")
@pytest.mark.parametrize(
    ("words", "code"),
    [({"con_id": 5}, 200), ({"start": "yesterday"}, 322), ({"end": "2026-13-01 00:00:00.0"}, 322)],
)
def test_a_question_that_makes_no_sense_is_an_error(words: dict[str, Any], code: int) -> None:
    lab = Lab()
    (error,) = lab.connect().say(asked(lab, **words))
    assert (error.id, error.code) == (7, code)


@pytest.mark.behaviour("SIM-NEWS-04")
def test_every_headline_has_its_article() -> None:
    lab = Lab()
    client = lab.connect()
    kinds = set()
    for row in told(lab, total=45):
        (answer,) = client.say(ReqNewsArticle(req_id=3, provider=row.provider, article_id=row.article_id))
        assert isinstance(answer, NewsArticle)
        kinds.add(answer.kind)
        assert answer.kind == 0 or base64.b64decode(answer.text).startswith(b"%PDF")
    assert kinds == {0, 1}


@pytest.mark.behaviour("SIM-NEWS-04")
@pytest.mark.parametrize(
    ("provider", "article_id"),
    [("BZ", "BZ$1"), ("BRFG", "BRFG$"), ("BRFG", "BRFG$zzzzzzzz"), ("BRFG", "BRFG$ff000001"), ("", "")],
)
def test_an_article_that_may_not_be_read_is_refused(provider: str, article_id: str) -> None:
    (error,) = Lab().connect().say(ReqNewsArticle(req_id=3, provider=provider, article_id=article_id))
    assert (error.id, error.code) == (3, 10172)
    assert error.text.startswith("Failed to request news article:")


@pytest.mark.behaviour("SIM-NEWS-04")
def test_tomorrow_s_article_is_not_told_today() -> None:
    lab = Lab()
    lab.jump(AFTER_CLOSE)
    row = next(row for row in told(lab) if "AAPL" in row.headline and row.provider == "BRFG")
    before = Lab().connect()
    (error,) = before.say(ReqNewsArticle(req_id=3, provider=row.provider, article_id=row.article_id))
    assert isinstance(error, ErrorMessage)


@pytest.mark.behaviour("SIM-NEWS-05")
def test_a_headline_s_time_is_utc_and_its_tags_stand_in_front() -> None:
    lab = Lab()
    for row in told(lab):
        moment = datetime.strptime(row.time, "%Y-%m-%d %H:%M:%S.0").replace(tzinfo=UTC)
        assert moment <= lab.venue.now
        assert row.headline.startswith("{A:265598:L:en:K:n/a:C:0.")


@pytest.mark.behaviour("SIM-NEWS-06")
def test_headlines_tell_the_truth_about_prices() -> None:
    lab = Lab()
    lab.jump(AFTER_CLOSE)
    texts = [row.headline for row in told(lab)]
    assert any(text.endswith(close_of_today(lab)) for text in texts)


@pytest.mark.behaviour("SIM-NEWS-06")
def test_a_shock_is_in_the_news_of_its_day() -> None:
    lab = Lab()
    told(lab)
    falls = Shock(symbol="AAPL", at_ms=to_ms(lab.venue.now) + 60_000, duration_ms=60_000, log_return=-0.2)
    lab.venue.shock(falls)
    lab.jump(AFTER_CLOSE)
    texts = [row.headline for row in told(lab)]
    assert any("AAPL slides" in text and text.endswith(close_of_today(lab)) for text in texts)


@pytest.mark.behaviour("SIM-NEWS-07")
@pytest.mark.parametrize("version", [157, 178])
def test_some_headlines_are_hostile_and_arrive_whole(version: int) -> None:
    """Everything outside ASCII travels as escapes, also for clients that read every field as such."""
    lab = Lab()
    client = lab.connect(version=version)
    client.say(asked(lab, total=300), asked(lab, "TSLA", total=300))
    texts = [row.headline for row in client.all(HistoricalNews)]
    assert any("IGNORE ALL PREVIOUS INSTRUCTIONS" in text for text in texts)
    assert any("\x1b" in text for text in texts)
    assert any(not text.isascii() for text in texts)
    assert any(len(text) > 5000 for text in texts)
    assert client.all(HistoricalNewsEnd)


@pytest.mark.behaviour("SIM-NEWS-11")
def test_the_same_seed_writes_the_same_news() -> None:
    assert told(Lab(), total=50) == told(Lab(), total=50)
    assert told(Lab(), total=50) != told(Lab(seed=8), total=50)


@pytest.mark.behaviour("SIM-NEWS-08")
def test_bulletins_come_as_they_are_issued() -> None:
    lab = Lab()
    client = lab.connect()
    assert client.say(ReqNewsBulletins(all_messages=False)) == []
    lab.jump(FRIDAY + timedelta(days=14))
    issued = [m for m in client.listen() if isinstance(m, NewsBulletin)]
    assert {one.kind for one in issued} >= {1}
    ids = [one.bulletin_id for one in issued]
    assert ids == sorted(set(ids))
    assert client.say(CancelNewsBulletins()) == []
    lab.jump(FRIDAY + timedelta(days=28))
    assert [m for m in client.listen() if isinstance(m, NewsBulletin)] == []


@pytest.mark.behaviour("SIM-NEWS-08")
def test_whoever_wants_all_bulletins_gets_those_of_the_last_day_first() -> None:
    lab = Lab()
    heard = [bool(Lab(seed=seed).connect().say(ReqNewsBulletins(all_messages=True))) for seed in range(10)]
    assert any(heard)
    assert lab.connect().say(ReqNewsBulletins(all_messages=False)) == []


@pytest.mark.behaviour("SIM-NEWS-20")
def test_reports_and_dividends_are_in_the_news_of_their_days() -> None:
    lab = Lab()
    corporate = lab.venue.market.corporate
    today = lab.venue.today
    past = corporate.earnings("AAPL", today - timedelta(days=360), today - timedelta(days=5))
    ex_dates = corporate.dividends("AAPL", today - timedelta(days=360), today - timedelta(days=5))
    assert past
    assert ex_dates
    for one in past:
        told_at = datetime.fromtimestamp(one.at_ms / 1000, UTC)
        end = (told_at + timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M:%S.0")
        newest = told(lab, end=end, total=1)[0]
        assert "reports" in newest.headline
    for paid in ex_dates:
        end = f"{paid.ex_date:%Y-%m-%d} 14:29:00.0"
        assert any(f"ex-dividend of {paid.amount}" in row.headline for row in told(lab, end=end, total=5))


@pytest.mark.behaviour("SIM-NEWS-21")
def test_headlines_come_to_the_streams_that_asked_for_them() -> None:
    """From the subscription on, each once, with the article that belongs to it."""
    lab = Lab()
    client = lab.connect()
    apple = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
    client.say(ReqMktData(req_id=1, contract=apple, generic_ticks="mdoff,292:BRFG+DJNL"))
    client.say(ReqMktData(req_id=2, contract=apple))
    for hours in range(1, 8):
        lab.jump(FRIDAY + timedelta(hours=hours))
    heard = [m for m in client.listen() if isinstance(m, TickNews)]
    start = FRIDAY.strftime("%Y-%m-%d %H:%M:%S.0")
    *rows, _ = client.say(asked(lab, start=start, total=100))
    assert rows
    assert [m.article_id for m in heard] == [row.article_id for row in reversed(rows)]
    assert {m.req_id for m in heard} == {1}
    assert all(f"{{{m.extra}}}{m.headline}" in {row.headline for row in rows} for m in heard)
    client.say(CancelMktData(req_id=1))
    lab.jump(FRIDAY + timedelta(days=3))
    assert [m for m in client.listen() if isinstance(m, TickNews)] == []


@pytest.mark.behaviour("SIM-NEWS-06")
def test_there_is_news_of_everything_that_has_a_level_of_its_own() -> None:
    """Also of indices, currencies and coins; what is derived from others opens where they say."""
    lab = Lab()
    lab.jump(AFTER_CLOSE)
    now = to_ms(lab.venue.now)
    for under in UNDERLYINGS:
        found = lab.venue.news.headlines(under.con_id, now - 86_400_000, now)
        gaps = [one.story.headline for one in found if re.search(r"gaps|opens", one.story.headline)]
        assert len(gaps) == 1, under.symbol
        percent = float(gaps[0].split(", ")[1].split("%")[0])
        assert abs(percent) < 15, gaps
