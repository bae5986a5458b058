"""One trading day in the exchange at full activity, its frames thrown away: seconds and memory.

    python -m scripts.bench.sim_day CORE DAYS

Full activity: 100 option lines, bars that stay up to date, account updates and profit and loss; twenty
working orders of several kinds; and with every fourth look an order at the market and one at the middle of a
spread that nobody has quoted yet. A look every 30 seconds of the market: what a client would be shown
at 1,170 times the market's speed. Prints one line per day: seconds, seconds of CPU, frames, bytes,
resident KiB.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from scripts.bench.memory import resident_kib
from scripts.bench.sim_server import UNLIMITED, pin
from sumppump.exchange.calendar.trading_days import next_trading_day, session_of, to_datetime
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.hall import TradingHall
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.session import ClientSession
from sumppump.exchange.venue import Venue
from sumppump.exchange.wire.account_requests import ReqAccountUpdates, ReqPnL, StartApi
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.framing import PRELUDE, frame
from sumppump.exchange.wire.handshake import NEWEST
from sumppump.exchange.wire.market_requests import ReqHistoricalData, ReqMktData
from sumppump.exchange.wire.place_order import PlaceOrder

FIRST_DAY = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)
LOOK = timedelta(seconds=30)
LINES = 100
RESTING = 10
LOOKS_PER_ORDER = 4
SPY = Contract(symbol="SPY", sec_type="STK", exchange="SMART", currency="USD")


class Day:
    """A venue with one busy client."""

    def __init__(self) -> None:
        self.venue = Venue(seed=7, start=FIRST_DAY, cash=Decimal(10_000_000))
        self.hall = TradingHall(self.venue, Rules(rate=UNLIMITED, lines=UNLIMITED))
        self.client: ClientSession = self.hall.connect(0.0)
        self._order_id = 0
        self._receive(PRELUDE + frame(f"v{NEWEST}..{NEWEST}".encode()))
        self.say(StartApi(client_id=1))

    def say(self, message: Any) -> None:  # noqa: ANN401 - any declared request
        """One request."""
        self._receive(encode_request(message, NEWEST))

    def _receive(self, data: bytes) -> None:
        self.hall.receive(self.client, data, 0.0)

    def place(self, contract: Contract, **terms: Any) -> None:  # noqa: ANN401 - fields of PlaceOrder
        """One order of one share or contract."""
        self._order_id += 1
        order = {"order_id": self._order_id, "total_quantity": Decimal(1), **terms}
        self.say(PlaceOrder(contract=contract, **order))

    def options(self) -> list[Listing]:
        """The options nearest to the money of an expiry some weeks ahead."""
        rows = self.venue.option_params("SPY")
        expiry = next(row for row in rows if row.exchange == "SMART").expirations[8]
        query = ContractQuery(symbol="SPY", sec_type="OPT", expiry=f"{expiry:%Y%m%d}", exchange="SMART")
        spot = self.spot()
        return sorted(self.venue.contracts(query), key=lambda one: abs(float(one.strike or 0) - spot))[:LINES]

    def spot(self) -> float:
        """SPY's last price."""
        (stock,) = self.venue.contracts(ContractQuery(symbol="SPY", sec_type="STK", exchange="SMART"))
        book = self.venue.quote(stock.con_id)
        assert book is not None
        return float(book.last or 0)


def subscribe(day: Day, options: list[Listing]) -> None:
    """Everything that flows by itself."""
    for number, one in enumerate(options, start=1):
        day.say(ReqMktData(req_id=number, contract=by_id(one)))
    day.say(
        ReqHistoricalData(
            req_id=900,
            contract=SPY,
            duration="1 D",
            bar_size="1 min",
            what_to_show="TRADES",
            keep_up_to_date=True,
        )
    )
    day.say(ReqAccountUpdates(subscribe=True))
    day.say(ReqPnL(req_id=901, account=day.venue.account))


def by_id(one: Listing) -> Contract:
    """The contract as a client that knows its id would name it."""
    return Contract(con_id=one.con_id, exchange="SMART")


def rest(day: Day, options: list[Listing]) -> None:
    """The morning's orders: they work all day, a trailing stop at every step of the market."""
    spot = day.spot()
    day.place(SPY, order_type="MKT")
    day.place(SPY, action="SELL", order_type="TRAIL", aux_price=round(spot / 20, 2), tif="GTC")
    for number in range(RESTING - 1):
        day.place(SPY, lmt_price=round(spot * 0.99 - number / 10, 2))
        day.place(by_id(options[number]), lmt_price=0.05)


def trade(day: Day, option: Listing, *, buys: bool) -> None:
    """A share at the market, an option at the middle."""
    day.place(SPY, order_type="MKT", action="BUY" if buys else "SELL")
    book = day.venue.quote(option.con_id)
    if book is not None and book.bid is not None and book.ask is not None:
        day.place(by_id(option), lmt_price=round(float(book.bid + book.ask) / 2, 2))


def lived(day: Day, options: list[Listing], until: datetime) -> tuple[int, int]:
    """Frames and bytes of one day."""
    frames = size = looks = 0
    rest(day, options)
    while day.venue.now < until:
        day.hall.turn(min(until, day.venue.now + LOOK), 0.0)
        if looks % LOOKS_PER_ORDER == 0 and day.venue.is_open():
            trade(day, options[looks % LINES], buys=looks % 8 == 0)
        frames += day.client.owed
        size += len(day.client.take())
        looks += 1
    return frames, size


def main(core: int, days: int) -> None:
    """Live through so many days and print a line for each."""
    pin(core)
    day = Day()
    for _ in range(days):
        session = session_of(day.venue.today)
        day.hall.turn(to_datetime(session.open_ms), 0.0)
        options = day.options()
        if not day.hall.lines_in_use:
            subscribe(day, options)
        started, cpu = time.perf_counter(), time.process_time()
        frames, size = lived(day, options, to_datetime(session.close_ms))
        seconds = time.perf_counter() - started
        print(seconds, time.process_time() - cpu, frames, size, resident_kib(os.getpid()), flush=True)
        opens = session_of(next_trading_day(session.day)).open_ms
        day.hall.turn(to_datetime(opens - 60_000), 0.0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
