"""ADJUSTED_LAST: prices of the past as if dividends had been paid back into the share.

Every price before an ex-date is multiplied by 1 - dividend / close before it (the method of CRSP). Volumes
stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sumppump.exchange.calendar.trading_days import previous_trading_day
from sumppump.exchange.market.market import Market
from sumppump.exchange.reports import Bar

_DECIMALS = 2


def adjusted(bars: Sequence[Bar], market: Market, symbol: str, today: date) -> tuple[Bar, ...]:
    """Bars of trades, oldest first, adjusted for every dividend that has gone ex by today."""
    if not bars:
        return ()
    dividends = list(market.corporate.dividends(symbol, bars[0].day, today))
    factor, found = 1.0, list[Bar]()
    for bar in reversed(bars):
        while dividends and dividends[-1].ex_date > bar.day:
            paid = dividends.pop()
            factor *= 1.0 - float(paid.amount) / market.close(symbol, previous_trading_day(paid.ex_date))
        found.append(_scaled(bar, factor))
    return tuple(reversed(found))


def _scaled(bar: Bar, factor: float) -> Bar:
    if factor == 1.0:
        return bar
    opens, high, low, closes, wap = (
        round(price * factor, _DECIMALS) for price in (bar.open, bar.high, bar.low, bar.close, bar.wap)
    )
    return replace(bar, open=opens, high=high, low=low, close=closes, wap=wap)
