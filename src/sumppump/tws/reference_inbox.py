"""Answers with a row and an end: news, scans, single ticks, which exchanges have books."""

from __future__ import annotations

from collections.abc import Sequence

from ib_async.contract import ContractDetails
from ib_async.objects import DepthMktDataDescription, HistoricalTickBidAsk, HistoricalTickLast
from ib_async.objects import NewsProvider as WireProvider

from sumppump.tws.requests import Requests

NEWS_PROVIDERS = "news providers"
DEPTH_EXCHANGES = "exchanges with books"


class ReferenceInbox:
    """The part of the inbox for what is asked once and answered whole."""

    requests: Requests

    def newsProviders(self, providers: Sequence[WireProvider]) -> None:
        """Who may be read."""
        self._whole(NEWS_PROVIDERS, providers)

    def historicalNews(
        self, request_id: int, time: str, provider: str, article_id: str, headline: str
    ) -> None:
        """One headline."""
        self.requests.row(request_id, (time, provider, article_id, headline))

    def historicalNewsEnd(self, request_id: int, _has_more: bool) -> None:
        """All headlines are there."""
        self.requests.end(request_id)

    def newsArticle(self, request_id: int, kind: int, text: str) -> None:
        """An article."""
        self._whole(request_id, [(kind, text)])

    def scannerData(
        self, request_id: int, rank: int, details: ContractDetails, *_distance_benchmark_projection_legs: str
    ) -> None:
        """One row of a scan."""
        self.requests.row(request_id, (rank, details))

    def scannerDataEnd(self, request_id: int) -> None:
        """The scan's first result is whole; later ones find nobody waiting."""
        self.requests.end(request_id)

    def historicalTicksLast(
        self, request_id: int, ticks: Sequence[HistoricalTickLast], is_done: bool
    ) -> None:
        """Trades, in one message or several."""
        self._part(request_id, ticks, is_done=is_done)

    def historicalTicksBidAsk(
        self, request_id: int, ticks: Sequence[HistoricalTickBidAsk], is_done: bool
    ) -> None:
        """Quotes, in one message or several."""
        self._part(request_id, ticks, is_done=is_done)

    def mktDepthExchanges(self, exchanges: Sequence[DepthMktDataDescription]) -> None:
        """Where there are books."""
        self._whole(DEPTH_EXCHANGES, exchanges)

    def _whole(self, key: int | str, rows: Sequence[object]) -> None:
        self._part(key, rows, is_done=True)

    def _part(self, key: int | str, rows: Sequence[object], *, is_done: bool) -> None:
        for row in rows:
            self.requests.row(key, row)
        if is_done:
            self.requests.end(key)
