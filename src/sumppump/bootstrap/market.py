"""The services that look at the market, joined to the ports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sumppump.data.announced import DividendShelf
from sumppump.data.bar_shelf import BarShelf
from sumppump.data.chains import ChainService
from sumppump.data.contracts import ContractService
from sumppump.data.corporate import CorporateService
from sumppump.data.crypto_fx import CryptoFxService
from sumppump.data.depth import DepthService
from sumppump.data.feeds import FeedService
from sumppump.data.history import HistoryService
from sumppump.data.kept_lists import WatchlistBook
from sumppump.data.live import Lines, LiveBoard
from sumppump.data.live_market import LiveMarket
from sumppump.data.live_service import LiveService
from sumppump.data.news import NewsService
from sumppump.data.quotes import QuoteService
from sumppump.data.scans import ScanService
from sumppump.data.schedule import ScheduleService
from sumppump.data.trades import TradeService
from sumppump.data.vix import VixService
from sumppump.data.volatility import VolatilityService
from sumppump.data.watchlists import WatchlistService
from sumppump.domain.account import LinkStatus
from sumppump.kernel.clock import Clock
from sumppump.ports.depth import DepthOfMarket
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.ports.news import NewsWire
from sumppump.ports.scanner import MarketScanner
from sumppump.ports.schedule import TradingSchedule
from sumppump.ports.tape import Tape
from sumppump.ports.watchlists import Watchlists
from sumppump.server.desk import MarketDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The ports that single looks at the market go through."""

    depth: DepthOfMarket
    tape: Tape
    news: NewsWire
    scanner: MarketScanner


def market_desk(
    *,
    directory: ContractDirectory,
    market: MarketData,
    looks: Looks,
    clock: Clock,
    link: Callable[[], LinkStatus],
    lists: Watchlists,
    memory: TradingSchedule,
    lines: Lines | None = None,
    dividends: DividendShelf | None = None,
) -> MarketDesk:
    """Join the parts; nothing is asked of the market yet. What is followed has `lines`, else the market's."""
    board = LiveBoard(lines or market, clock)
    market = LiveMarket(market, board)
    shelf, paid = BarShelf(market=market, clock=clock), dividends or DividendShelf()
    quotes = QuoteService(directory=directory, market=market, clock=clock, live=board)
    chains = ChainService(directory=directory, market=market, clock=clock, live=board, dividends=paid)
    return MarketDesk(
        quotes=quotes,
        chains=chains,
        live=LiveService(board=board, meanings=quotes.meanings, chains=chains, market=market, clock=clock),
        history=HistoryService(meanings=quotes.meanings, shelf=shelf, clock=clock),
        crypto_fx=CryptoFxService(quotes=quotes, shelf=shelf),
        corporate=CorporateService(directory=directory, market=market, shelf=shelf, clock=clock),
        feeds=FeedService(directory=directory, market=market, clock=clock, link=link),
        schedule=ScheduleService(meanings=quotes.meanings, memory=memory, clock=clock),
        volatility=VolatilityService(
            directory=directory, market=market, shelf=shelf, clock=clock, dividends=paid
        ),
        vix=VixService(directory=directory, market=market, clock=clock),
        contracts=ContractService(directory=directory, clock=clock),
        depth=DepthService(meanings=quotes.meanings, depth=looks.depth),
        trades=TradeService(meanings=quotes.meanings, tape=looks.tape, market=market, clock=clock),
        news=NewsService(meanings=quotes.meanings, wire=looks.news, clock=clock),
        scans=ScanService(
            directory=directory, market=market, shelf=shelf, scanner=looks.scanner, clock=clock
        ),
        watchlists=WatchlistService(quotes=quotes, book=WatchlistBook(kept=lists)),
    )
