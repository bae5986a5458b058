"""Greeks and risk of an account on the embedded exchange, over the wire: its own prices and bars."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import quantiles

import pytest
from tests.protocol.gateway.conftest import Open

from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.domain.book import Breach
from sumppump.domain.quotes import Quote
from sumppump.domain.tail_risk import TailRisk
from sumppump.exchange.account.endowment import Endowment
from sumppump.portfolio.positions import PortfolioService
from sumppump.risk.closes import Closes
from sumppump.risk.limits import Limits
from sumppump.risk.value_at_risk import HISTORICAL
from sumppump.server.desk import PortfolioDesk
from sumppump.tws.gateway import TwsGateway

SHARES = 200


def desk_of(gateway: TwsGateway) -> PortfolioDesk:
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
        clock=clock,
        limits=Limits(),
    )


def price(quote: Quote) -> float:
    assert quote.mid is not None
    return float(quote.mid)


async def test_shares_on_the_exchange_risk_what_their_own_year_of_closes_says(open_pair: Open) -> None:
    """200 SPY: delta, stress and limits by hand from the quote, value at risk from the exchange's bars."""
    _, gateway = await open_pair(speed=1.0, endowment=Endowment(holdings=(("SPY", SHARES),)))
    desk = desk_of(gateway)
    greeks = await desk.greeks.analysis([-10.0, 0.0], 1.0, None)
    (quote,) = await gateway.market.quotes([greeks.held.underlyings["SPY"]])
    worth = SHARES * price(quote)
    assert greeks.total.sums.delta == SHARES
    assert greeks.total.sums.delta_dollars == pytest.approx(worth, rel=2e-3)
    assert [row.pnl for row in greeks.grid.rows] == pytest.approx([-0.1 * worth, 0.0], rel=2e-3)
    risk = await desk.risk.risk(0.95, 1)
    closes = risk.held.closes["SPY"]
    assert isinstance(closes, Closes)
    days = list(closes.by_day.values())
    losses = [worth * (1.0 - after / before) for before, after in pairwise(days)]
    rows = {(row.method, row.confidence, row.horizon_days): row.risk for row in risk.tails.rows}
    found = rows[HISTORICAL, 0.95, 1]
    assert isinstance(found, TailRisk)
    assert found.samples >= 200
    assert found.var == pytest.approx(quantiles(losses, n=20)[-1], rel=0.1)
    assert risk.tails.has_vix
    limit = risk.enough[0]
    assert isinstance(limit.down, Breach)
    assert limit.down.move_pct == pytest.approx(-limit.loss / worth * 100.0, abs=0.05)
    assert math.isclose(sum(each.share or 0.0 for each in risk.weights.by_sector), 1.0)
