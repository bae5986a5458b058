"""Books, tape, news and scanner without a wire, told by fields that a test may change.

An exception in `fails` (by what is asked for) is raised in place of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from tests.support.fake_market import NOW

from sumppump.bootstrap.market import Looks
from sumppump.domain.depth import OrderBook, Row
from sumppump.domain.instruments import Instrument
from sumppump.domain.news import Article, Headline, NewsProvider
from sumppump.domain.scans import ScanFilter, ScanHit
from sumppump.domain.tape import BidAsk, Trade
from sumppump.ports.depth import DepthPicture


def rows(*told: tuple[str, int] | tuple[str, int, str]) -> tuple[Row, ...]:
    """Rows from price, size and perhaps a place."""
    return tuple(
        Row(price=Decimal(one[0]), size=Decimal(one[1]), place=one[2] if len(one) == 3 else "")
        for one in told
    )


@dataclass(slots=True)
class FakeDepth:
    """One book for every contract: 600.00 bid 600.02 asked, three prices of each side."""

    bids: tuple[Row, ...] = rows(
        ("600.00", 300, "ARCA"), ("600.00", 100, "NYSE"), ("599.99", 400, "NYSE"), ("599.97", 300, "ARCA")
    )
    asks: tuple[Row, ...] = rows(
        ("600.02", 200, "NASDAQ"), ("600.03", 300, "ARCA"), ("600.05", 100, "NASDAQ")
    )
    missing: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    fails: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def book(self, instrument: Instrument, *, deadline_s: float = 5.0) -> DepthPicture:
        self.asked.append(instrument.label)
        if self.fails is not None:
            raise self.fails
        return DepthPicture(
            instrument=instrument,
            book=OrderBook.of(self.bids, self.asks),
            exchange="SMART",
            as_of=NOW,
            missing=self.missing,
            broken=self.broken,
        )


@dataclass(slots=True)
class FakeTape:
    """A trade a second, a cent dearer each time; quotes likewise."""

    told: int = 60
    fails: Exception | None = None

    async def trades(self, instrument: Instrument, *, until: datetime, count: int) -> Sequence[Trade]:
        if self.fails is not None:
            raise self.fails
        return [
            Trade(
                at=until - timedelta(seconds=back),
                price=Decimal("600.00") - Decimal(back) / 100,
                size=100 + back,
                exchange="ARCA",
                conditions="",
                is_unreported=back == 1,
            )
            for back in reversed(range(min(self.told, count + 2)))
        ]

    async def quotes(self, instrument: Instrument, *, until: datetime, count: int) -> Sequence[BidAsk]:
        if self.fails is not None:
            raise self.fails
        return [
            BidAsk(at=until - timedelta(seconds=back), bid=Decimal("1.0850"), ask=None, bid_size=1_000_000)
            for back in reversed(range(min(self.told, count + 2)))
        ]


@dataclass(slots=True)
class FakeNews:
    """Two providers; headlines and bodies by text. `fails` is by provider's code or article's id."""

    names: tuple[NewsProvider, ...] = (NewsProvider("BRFG", "Briefing"), NewsProvider("DJNL", "Dow Jones"))
    texts: tuple[str, ...] = tuple(f"{{A:756733:L:en:K:n/a:C:0.9}}SPY headline {n}" for n in range(6))
    body: str = "<p>All &amp; more.</p>"
    fails: dict[str, Exception] = field(default_factory=dict)
    bodies_asked: list[str] = field(default_factory=list)

    async def providers(self) -> Sequence[NewsProvider]:
        return self.names

    async def headlines(
        self,
        instrument: Instrument,
        *,
        providers: Sequence[str],
        since: datetime,
        until: datetime,
        count: int,
    ) -> Sequence[Headline]:
        for code in providers:
            if code in self.fails:
                raise self.fails[code]
        return [
            Headline(
                at=until - timedelta(hours=place + 1),
                provider=providers[0],
                article_id=f"{providers[0]}${place}",
                text=text,
            )
            for place, text in enumerate(self.texts[:count])
        ]

    async def article(self, headline: Headline, *, deadline_s: float) -> Article:
        self.bodies_asked.append(headline.article_id)
        if headline.article_id in self.fails:
            raise self.fails[headline.article_id]
        return Article(text=self.body)


@dataclass(slots=True)
class FakeScanner:
    """What it is told to find, for every code."""

    finds: tuple[str, ...] = ("SPY",)
    fails: Exception | None = None
    asked: list[tuple[str, tuple[ScanFilter, ...]]] = field(default_factory=list)

    async def scan(
        self, code: str, *, rows: int, filters: Sequence[ScanFilter] = (), deadline_s: float = 10.0
    ) -> Sequence[ScanHit]:
        self.asked.append((code, tuple(filters)))
        if self.fails is not None:
            raise self.fails
        return [
            ScanHit(rank=rank, con_id=756733 + rank, symbol=symbol)
            for rank, symbol in enumerate(self.finds[:rows])
        ]


def fake_looks() -> Looks:
    """All four."""
    return Looks(depth=FakeDepth(), tape=FakeTape(), news=FakeNews(), scanner=FakeScanner())
