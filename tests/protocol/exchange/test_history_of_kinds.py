"""History of what is no stock and no option: indices, currencies, futures, coins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.protocol.exchange.lab import FRIDAY, Lab

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.history_answers import HistoricalBidAsks, HistoricalTrades
from sumppump.exchange.wire.market_answers import Bar, HistoricalData
from sumppump.exchange.wire.market_requests import ReqHistoricalData, ReqHistoricalTicks
from sumppump.kernel.clock import NEW_YORK

FREE = Rules(paces_history=False)
SPX = Contract(symbol="SPX", sec_type="IND", exchange="CBOE", currency="USD")
EURO = Contract(symbol="EUR", sec_type="CASH", exchange="IDEALPRO", currency="USD")
FUTURE = Contract(symbol="ES", sec_type="FUT", exchange="CME", expiry="202612")
COIN = Contract(symbol="BTC", sec_type="CRYPTO", exchange="PAXOS", currency="USD")


def said(contract: Contract, lab: Lab | None = None, **words: Any) -> Any:
    """The answer to a request for hourly trades of two days with all hours."""
    plain: dict[str, Any] = {
        "req_id": 4, "contract": contract, "duration": "2 D", "bar_size": "1 hour", "what_to_show": "TRADES",
        "use_rth": 0, "date_format": 2,
    }  # fmt: skip
    lab = lab or Lab(FREE)
    (answer,) = lab.connect(len(lab.hall.sessions) + 1).say(ReqHistoricalData(**(plain | words)))
    return answer


def bars(contract: Contract, lab: Lab | None = None, **words: Any) -> tuple[Bar, ...]:
    answer = said(contract, lab, **words)
    assert isinstance(answer, HistoricalData), answer
    return answer.bars


def ticks(contract: Contract, what: str) -> Any:
    message = ReqHistoricalTicks(
        req_id=3, contract=contract, start="20261120-14:50:00", count=20, what_to_show=what, use_rth=0
    )
    (answer,) = Lab(FREE).connect().say(message)
    return answer


@pytest.mark.behaviour("SIM-HIST-16")
def test_an_index_has_trades_without_size_and_no_quotes() -> None:
    found = bars(SPX)
    assert {int(bar.volume) for bar in found} == {0}
    assert all(bar.low <= bar.open <= bar.high for bar in found)
    for what in ("MIDPOINT", "BID", "BID_ASK"):
        assert said(SPX, what_to_show=what).code == 162
    trades = ticks(SPX, "TRADES")
    assert isinstance(trades, HistoricalTrades)
    assert {int(tick.size) for tick in trades.ticks} == {0}
    assert ticks(SPX, "BID_ASK") == HistoricalBidAsks(req_id=3, ticks=(), is_done=True)


@pytest.mark.behaviour("SIM-HIST-16")
def test_an_index_s_bar_equals_its_ticks() -> None:
    (bar, *_) = bars(SPX, bar_size="5 secs", duration="10 S", end="20261120-14:50:10")
    prices = [tick.price for tick in ticks(SPX, "TRADES").ticks if tick.epoch_s < int(bar.date) + 5]
    assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
    assert bar.count == len(prices) == 5


@pytest.mark.behaviour("SIM-HIST-16")
def test_a_currency_pair_has_quotes_and_no_trades() -> None:
    assert said(EURO).code == 162
    assert ticks(EURO, "TRADES").ticks == ()
    found = bars(EURO, what_to_show="MIDPOINT", duration="5 D")
    assert 100 < len(found) <= 24 * 5
    assert all(1.0 < bar.low <= bar.high < 1.5 for bar in found)


@pytest.mark.behaviour("SIM-HIST-17")
def test_a_coin_is_traded_every_day_under_another_name() -> None:
    lab = Lab(FREE)
    lab.jump(FRIDAY + timedelta(days=3))
    refused = said(COIN, lab)
    assert (refused.code, refused.text[:17]) == (10299, "Expected what to ")
    days = bars(COIN, lab, what_to_show="AGGTRADES", bar_size="1 day", duration="1 W")
    assert [bar.date for bar in days] == [f"202611{day}" for day in range(17, 24)]
    assert all(bar.volume > 0 for bar in days)


@pytest.mark.behaviour("SIM-HIST-18")
def test_a_future_s_day_begins_in_the_evening_before() -> None:
    found = bars(FUTURE)
    starts = [datetime.fromtimestamp(int(bar.date), NEW_YORK) for bar in found]
    assert f"{starts[0]:%a %H:%M}" == "Wed 18:00"
    assert {start.hour for start in starts} == set(range(24)) - {17}
    (yesterday, today) = bars(FUTURE, bar_size="1 day")
    evening = next(bar for bar, start in zip(found, starts, strict=True) if f"{start:%a %H}" == "Thu 18")
    assert (yesterday.date, today.date) == ("20261119", "20261120")
    assert today.open == evening.open
    assert today.close == found[-1].close


@pytest.mark.behaviour("SIM-HIST-18")
def test_regular_hours_of_a_future_are_those_of_stocks() -> None:
    found = bars(FUTURE, use_rth=1, duration="1 D", end="20261119 23:00:00")
    hours = [datetime.fromtimestamp(int(bar.date), NEW_YORK).strftime("%H:%M") for bar in found]
    assert hours == ["09:30", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]


@pytest.mark.behaviour("SIM-HIST-19")
def test_more_bars_than_a_frame_holds_are_refused() -> None:
    words = {"bar_size": "1 secs", "what_to_show": "MIDPOINT"}
    assert len(bars(COIN, duration="1 D", **words)) > 30_000
    refused = said(COIN, duration="2 D", **words)
    assert (refused.code, refused.text[-15:]) == (162, "invalid step: 1")
