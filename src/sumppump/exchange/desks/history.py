"""Historical bars, and those that are kept up to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.instruments import Bag
from sumppump.exchange.reports import Bar, BarsQuery, Refusal
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.translate.times import bar_date, read_moment, stamp
from sumppump.exchange.wire.market_answers import Bar as BarRow
from sumppump.exchange.wire.market_answers import HistoricalData, HistoricalDataUpdate
from sumppump.exchange.wire.market_requests import CancelHistoricalData, ReqHistoricalData

SERVICE_ERROR = "Historical Market Data Service error message:"
UPDATE_EVERY = timedelta(seconds=5)
DAILY_SIZES = ("1 day", "1 week", "1W", "1 month", "1M")


@dataclass(slots=True)
class Running:
    """A request whose last bar goes on forming."""

    message: ReqHistoricalData
    query: BarsQuery
    next_at: datetime


class HistoryDesk(Desk):
    """Bars of the past, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._running: dict[int, Running] = {}

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqHistoricalData: self.request,
            CancelHistoricalData: self.cancel,
        }

    def request(self, message: ReqHistoricalData) -> None:
        """Answer with all bars at once, and go on with the last one if that was asked for."""
        line = self._line
        if message.req_id in self._running:
            line.error(message.req_id, 322, "Error processing request.-'bd' : cause - Duplicate ticker id")
            return
        query = self._query(message)
        bars = query if isinstance(query, Refusal) else line.venue.bars(query)
        if isinstance(query, Refusal) or isinstance(bars, Refusal):
            line.refuse(message.req_id, query if isinstance(query, Refusal) else bars)  # type: ignore[arg-type]
            return
        if not bars:
            text = f"{SERVICE_ERROR}HMDS query returned no data: {message.contract.symbol}@SMART Trades"
            line.error(message.req_id, 162, text)
            return
        if message.keep_up_to_date and not self._may_run(message):
            return
        line.send(self._answer(message, query, bars))
        if message.keep_up_to_date:
            self._running[message.req_id] = Running(message, query, line.venue.now + UPDATE_EVERY)

    def _may_run(self, message: ReqHistoricalData) -> bool:
        limit = self._line.hall.rules.histories
        if message.end:
            text = "Error validating request.-'bW' : cause - End date not supported with keep up to date"
            self._line.error(message.req_id, 321, text)
            return False
        if len(self._running) >= limit:
            text = f"{SERVICE_ERROR}Only {limit} simultaneous API historical data requests allowed."
            self._line.error(message.req_id, 162, text)
            return False
        return True

    def _query(self, message: ReqHistoricalData) -> BarsQuery | Refusal:
        found = self._line.venue.resolve(
            query_of(message.contract, message.legs, include_expired=message.include_expired)
        )
        if isinstance(found, Refusal):
            return found
        if isinstance(found, Bag):
            return Refusal(162, f"{SERVICE_ERROR}No historical data for combos")
        try:
            end = read_moment(message.end)
        except ValueError:
            return Refusal(
                10314,
                "End Date/Time: The date, time, or time-zone entered is invalid. The correct format is"
                " yyyymmdd hh:mm:ss xx/xxxx where yyyymmdd and xx/xxxx are optional.",
            )
        return BarsQuery(
            con_id=found.con_id,
            duration=message.duration,
            bar_size=message.bar_size,
            end=end,
            what=message.what_to_show.upper(),
            use_rth=bool(message.use_rth),
        )

    def _answer(self, message: ReqHistoricalData, query: BarsQuery, bars: tuple[Bar, ...]) -> HistoricalData:
        version = self._line.version
        end = query.end or self._line.venue.now
        rows = tuple(
            BarRow(
                date=self._date(message, bar),
                open=bar.open,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                volume=Decimal(bar.volume),
                average=bar.wap,
                count=bar.count,
            )
            for bar in bars
        )
        return HistoricalData(
            req_id=message.req_id, start=stamp(bars[0].start, version), end=stamp(end, version), bars=rows
        )

    def _date(self, message: ReqHistoricalData, bar: Bar) -> str:
        is_daily = message.bar_size in DAILY_SIZES
        return bar_date(bar, is_daily=is_daily, date_format=message.date_format, version=self._line.version)

    def cancel(self, message: CancelHistoricalData) -> None:
        """End a running request; a finished one is unknown."""
        req_id = message.req_id
        if self._running.pop(req_id, None) is None:
            self._line.error(req_id, 366, f"No historical data query found for ticker id:{req_id}")
            return
        text = f"{SERVICE_ERROR}API historical data query cancelled: {req_id}"
        self._line.error(req_id, 162, text)

    def tick(self, now: datetime) -> None:
        """Send the forming bar of every running request that is due."""
        for running in self._running.values():
            if now >= running.next_at:
                running.next_at = now + UPDATE_EVERY
                self._update(running)

    def _update(self, running: Running) -> None:
        is_daily = running.message.bar_size in DAILY_SIZES
        duration = running.query.duration if is_daily else "1 D"
        bars = self._line.venue.bars(replace(running.query, duration=duration))
        if isinstance(bars, Refusal) or not bars:
            return
        bar = bars[-1]
        self._line.send(
            HistoricalDataUpdate(
                req_id=running.message.req_id,
                count=bar.count,
                date=self._date(running.message, bar),
                open=bar.open,
                close=bar.close,
                high=bar.high,
                low=bar.low,
                average=bar.wap,
                volume=Decimal(bar.volume),
            )
        )
