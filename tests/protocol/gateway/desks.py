"""The portfolio's services on a gateway, as the program joins them."""

from __future__ import annotations

from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.portfolio.positions import PortfolioService
from sumppump.risk.limits import Limits
from sumppump.server.desk import PortfolioDesk
from sumppump.tws.gateway import TwsGateway


def desk_of(gateway: TwsGateway) -> PortfolioDesk:
    """With the usual limits."""
    clock = gateway.clock
    return portfolio_desk(
        holdings=PortfolioService(
            accounts=gateway.accounts, directory=gateway.directory, market=gateway.market, clock=clock
        ),
        accounts=gateway.accounts,
        broker=gateway.broker,
        directory=gateway.directory,
        market=gateway.market,
        memory=gateway.schedule,
        position_pnl=gateway.position_pnl,
        clock=clock,
        limits=Limits(),
    )
