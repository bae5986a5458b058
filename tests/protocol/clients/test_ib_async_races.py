"""ib_async 2.1, unmodified, while orders, changes, cancels and fills overtake each other on their way."""

from __future__ import annotations

import random
from collections.abc import Iterable

import ib_async
import pytest
from tests.protocol.clients.test_ib_async import Desk, desk

__all__ = ["desk"]
OFFSETS = (-9.0, -0.03, 0.0, 0.5, 9.0)
QUANTITIES = (1, 50, 300, 2000)


class Racer:
    """Draws what to do next; nothing waits for an answer unless it is drawn."""

    def __init__(self, desk: Desk, stock: ib_async.Contract, seed: int) -> None:
        self.ib, self.stock, self.draw = desk.ib, stock, random.Random(seed)
        self.trades: list[ib_async.Trade] = []
        book = desk.server.venue.quote(stock.conId)
        assert book is not None
        self.market = float(book.last or 0)

    def act(self) -> None:
        self.draw.choice((self.limit, self.limit, self.bracket, self.one_of_two, self.change, self.cancel))()

    def level(self) -> float:
        return round(self.market + self.draw.choice(OFFSETS), 2)

    def side_and_size(self) -> tuple[str, int]:
        return self.draw.choice(("BUY", "SELL")), self.draw.choice(QUANTITIES)

    def send(self, orders: Iterable[ib_async.Order]) -> None:
        self.trades += [self.ib.placeOrder(self.stock, order) for order in orders]

    def limit(self) -> None:
        self.send([ib_async.LimitOrder(*self.side_and_size(), self.level())])

    def bracket(self) -> None:
        self.send(self.ib.bracketOrder(*self.side_and_size(), self.level(), self.level(), self.level()))

    def one_of_two(self) -> None:
        action, size = self.side_and_size()
        pair: list[ib_async.Order] = [ib_async.LimitOrder(action, size, self.level()) for _ in range(2)]
        self.send(self.ib.oneCancelsAll(pair, f"group {len(self.trades)}", self.draw.choice((1, 2))))

    def change(self) -> None:
        """ib_async itself refuses to change what it knows to have ended."""
        live = [one for one in self.trades if not one.isDone() and one.order.orderType == "LMT"]
        if live:
            order = self.draw.choice(live).order
            order.lmtPrice = self.level()
            self.ib.placeOrder(self.stock, order)

    def cancel(self) -> None:
        if self.trades:
            self.ib.cancelOrder(self.draw.choice(self.trades).order)


@pytest.mark.behaviour("SIM-FLOW-30")
@pytest.mark.parametrize("seed", range(8))
async def test_ib_async_ends_with_the_state_of_the_exchange(desk: Desk, seed: int) -> None:
    (stock,) = await desk.ib.qualifyContractsAsync(ib_async.Stock("SPY", "SMART", "USD"))
    assert isinstance(stock, ib_async.Contract)
    racer = Racer(desk, stock, seed)
    for _ in range(12):
        for _ in range(racer.draw.randint(1, 4)):
            racer.act()
        await desk.step(racer.draw.choice((0.1, 1.0, 5.0)))
    await desk.step(1.0)
    assert [seen(one) for one in racer.trades] == [stands(desk, one) for one in racer.trades]


def seen(trade: ib_async.Trade) -> tuple[str, float, float]:
    return _word(trade.orderStatus.status), trade.filled(), sum(fill.execution.shares for fill in trade.fills)


def stands(desk: Desk, trade: ib_async.Trade) -> tuple[str, float, float]:
    order = desk.server.venue.books.find(desk.ib.client.clientId, trade.order.orderId)
    if order is None:
        return "Cancelled", 0.0, 0.0
    return _word(order.state), float(order.filled), float(order.filled)


def _word(status: str) -> str:
    """ib_async takes every code for an end of its own kind: Inactive and 201 are Cancelled to it."""
    return "Cancelled" if status == "Inactive" else status
