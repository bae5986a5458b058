"""Answers about the tape: a row per trade, newest first, or per quote where there are no trades."""

from __future__ import annotations

from sumppump.data.trades import RecentTrades
from sumppump.domain.quotes import Bar
from sumppump.domain.tape import BidAsk, Trade
from sumppump.kernel.clock import NEW_YORK
from sumppump.server.views import BROKER, Answer, View, moment, num

TRADE_COLUMNS = ["time", "price", "size", "exchange", "conditions", "counts"]
QUOTE_COLUMNS = ["time", "bid", "ask", "bid_size", "ask_size"]
Cell = str | float | int | bool | None


class MinuteView(View):
    """The newest minute; start in New York. Volume is null where the data has none."""

    start: str
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None


class TradesAnswer(Answer):
    """Rows in the order of `columns`, newest first, times of New York to the second.

    `counts` is false where a trade does not count for last price and volume. `vwap`, `size`, `low`, `high`
    are over the rows.
    """

    symbol: str
    label: str
    kind: str
    count: int
    span_s: float | None
    vwap: float | None
    size: int | None
    low: float | None
    high: float | None
    latest_bar: MinuteView | None
    latest_bar_missing: str
    columns: list[str]
    rows: list[list[Cell]]


def trades_answer(found: RecentTrades) -> TradesAnswer:
    """The tape of one contract."""
    low, high = found.prices or (None, None)
    rows = (
        [_quote(one) for one in found.quotes] if found.is_quoted_only else [_trade(t) for t in found.trades]
    )
    return TradesAnswer(
        summary=_summary(found),
        as_of=moment(found.as_of),
        data_quality=BROKER,
        symbol=found.instrument.symbol,
        label=found.instrument.label,
        kind="quotes" if found.is_quoted_only else "trades",
        count=len(rows),
        span_s=num(found.span_s, 0),
        vwap=num(found.vwap, 4),
        size=found.size,
        low=num(low),
        high=num(high),
        latest_bar=None if found.bar is None else _bar(found.bar),
        latest_bar_missing=found.bar_missing,
        columns=QUOTE_COLUMNS if found.is_quoted_only else TRADE_COLUMNS,
        rows=rows,
    )


def _summary(found: RecentTrades) -> str:
    label = found.instrument.label
    if found.is_quoted_only:
        return (
            f"Currency pairs have no tape of trades: the last {len(found.quotes)} changes of the best "
            f"quote of {label}."
        )
    if not found.trades or found.prices is None:
        return f"There are no trades of {label} to show."
    newest, (low, high) = found.trades[0], found.prices
    at = newest.at.astimezone(NEW_YORK).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"Last {len(found.trades)} trades of {label}: newest {newest.price.normalize():,f} at {at} New York, "
        f"{'' if found.size is None else f'{found.size:,} in all '}between {low.normalize():,f} and "
        f"{high.normalize():,f}."
    )


def _trade(trade: Trade) -> list[Cell]:
    return [
        moment(trade.at)[:19],
        num(trade.price),
        trade.size,
        trade.exchange,
        trade.conditions,
        not trade.is_unreported,
    ]


def _quote(quote: BidAsk) -> list[Cell]:
    return [moment(quote.at)[:19], num(quote.bid), num(quote.ask), quote.bid_size, quote.ask_size]


def _bar(bar: Bar) -> MinuteView:
    return MinuteView(
        start=moment(bar.start),
        open=num(bar.open),
        high=num(bar.high),
        low=num(bar.low),
        close=num(bar.close),
        volume=bar.volume,
    )
