"""The services that look at the market, joined to the ports."""

from __future__ import annotations

from collections.abc import Callable

from sumppump.data.chains import ChainService
from sumppump.data.contracts import ContractService
from sumppump.data.feeds import FeedService
from sumppump.data.history import HistoryService
from sumppump.data.live import LiveBoard
from sumppump.data.live_market import LiveMarket
from sumppump.data.live_service import LiveService
from sumppump.data.quotes import QuoteService
from sumppump.data.schedule import ScheduleService
from sumppump.data.vix import VixService
from sumppump.data.volatility import VolatilityService
from sumppump.domain.account import LinkStatus
from sumppump.kernel.clock import Clock
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.ports.schedule import TradingSchedule
from sumppump.server.desk import MarketDesk


def market_desk(
    *,
    directory: ContractDirectory,
    market: MarketData,
    memory: TradingSchedule,
    clock: Clock,
    link: Callable[[], LinkStatus],
) -> MarketDesk:
    """Join the parts; nothing is asked of the market yet."""
    board = LiveBoard(market, clock)
    market = LiveMarket(market, board)
    quotes = QuoteService(directory=directory, market=market, clock=clock)
    return MarketDesk(
        quotes=quotes,
        live=LiveService(board=board, quotes=quotes, directory=directory, market=market, clock=clock),
        chains=ChainService(directory=directory, market=market, clock=clock),
        history=HistoryService(directory=directory, market=market, clock=clock),
        feeds=FeedService(directory=directory, market=market, clock=clock, link=link),
        schedule=ScheduleService(directory=directory, memory=memory, clock=clock),
        volatility=VolatilityService(directory=directory, market=market, clock=clock),
        vix=VixService(directory=directory, market=market, clock=clock),
        contracts=ContractService(directory=directory, clock=clock),
    )
