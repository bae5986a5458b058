"""Greeks and risk of an account on the embedded exchange, over the wire: its own prices and bars."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import quantiles

import pytest
from tests.protocol.gateway.conftest import Open
from tests.protocol.gateway.desks import desk_of

from sumppump.domain.book import Breach
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Right
from sumppump.domain.orders import Environment, Order, OrderType
from sumppump.domain.quotes import Quote
from sumppump.domain.tail_risk import TailRisk
from sumppump.exchange.account.endowment import Endowment
from sumppump.exchange.control import parse
from sumppump.kernel.money import Premium
from sumppump.risk.closes import Closes
from sumppump.risk.day_pnl import DayPnl
from sumppump.risk.portfolio_greeks import question_of
from sumppump.risk.value_at_risk import HISTORICAL
from sumppump.tws.gateway import TwsGateway

SHARES = 200


async def bought_call(gateway: TwsGateway) -> None:
    """One call a few percent out of the money, at a price that the market takes."""
    spy = await gateway.directory.underlying("SPY")
    call = await gateway.directory.option(spy, date(2026, 12, 18), Decimal(700), Right.CALL)
    (quote,) = await gateway.market.quotes([call])
    assert quote.ask is not None
    broker = gateway.broker
    order = Order(
        combo=Combo((Leg(contract=call, ratio=1),)), quantity=1, order_type=OrderType.LMT,
        limit=quote.ask + Premium.of("0.20"), account=broker.link().account,
        environment=Environment.SIM, order_ref="SP1-call",
    )  # fmt: skip
    order_id = broker.reserve_order_id()
    broker.transmit(broker.encode(order, order_id), order_id)
    await gateway.accounts.positions()  # asked after it on the same socket


async def test_the_day_by_cause_is_the_brokers_figure_but_for_the_rounding_of_closes(
    open_pair: Open,
) -> None:
    """Shares and a call over a night: causes and Greeks add up, and closes are told to half a cent."""
    endowment = Endowment(holdings=(("SPY", SHARES),))
    server, gateway = await open_pair(frozen=True, endowment=endowment)
    await bought_call(gateway)
    desk = desk_of(gateway)
    server.run(parse("advance 2026-11-23T11:00"))
    await gateway.sync_clock()
    found = await desk.summary.summary()
    day = found.day
    assert isinstance(day, DayPnl)
    assert f"{day.since:%Y-%m-%d %H:%M}" == "2026-11-20 21:00"
    assert (day.left_out, day.trades, day.fees) == ((), 0.0, 0.0)
    assert len(day.causes.labels) == 2
    assert day.difference == pytest.approx(0.0, abs=0.005 * (SHARES + 100) + 0.01)
    three = day.causes.time + day.causes.spot + day.causes.volatility
    assert day.greeks.total == pytest.approx(three, abs=1e-6)
    assert day.causes.time[0] < 0


def price(quote: Quote) -> float:
    assert quote.mid is not None
    return float(quote.mid)


async def test_shares_on_the_exchange_risk_what_their_own_year_of_closes_says(open_pair: Open) -> None:
    """200 SPY: delta, stress and limits by hand from the quote, value at risk from the exchange's bars."""
    _, gateway = await open_pair(speed=1.0, endowment=Endowment(holdings=(("SPY", SHARES),)))
    desk = desk_of(gateway)
    greeks = await desk.greeks.analysis(question_of([-10.0, 0.0]))
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
    assert isinstance(limit.held.down, Breach)
    assert limit.held.down.move_pct == pytest.approx(-limit.loss / worth * 100.0, abs=0.05)
    assert math.isclose(sum(each.share or 0.0 for each in risk.weights.by_sector), 1.0)
