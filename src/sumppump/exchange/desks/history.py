"""Historical bars, those that are kept up to date, trading schedules, and where history begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sumppump.exchange.calendar.hours import zone_of
from sumppump.exchange.calendar.trading_days import to_datetime, to_ms
from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.history.bar_windows import BAR_SECONDS, MINUTE_S, canonical_size
from sumppump.exchange.history.gathering import Gathering
from sumppump.exchange.history.history_pacing import HistoryPacing
from sumppump.exchange.listing.instruments import Bag, Listing
from sumppump.exchange.reports import Bar, BarsQuery, Refusal
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.translate.times import BAD_MOMENT, bar_date, epoch, read_moment, stamp, utc_stamp
from sumppump.exchange.wire.market_answers import Bar as BarRow
from sumppump.exchange.wire.market_answers import (
    HeadTimestamp,
    HistoricalData,
    HistoricalDataUpdate,
    HistoricalSchedule,
    Session,
)
from sumppump.exchange.wire.market_requests import (
    CancelHistoricalData,
    ReqHeadTimestamp,
    ReqHistoricalData,
)

SERVICE_ERROR = "Historical Market Data Service error message:"
NO_COMBOS = Refusal(162, f"{SERVICE_ERROR}No historical data for combos")
VALIDATION = "Error validating request.-'bW' : cause - "
UPDATE_EVERY = timedelta(seconds=5)
SCHEDULE, SCHEDULE_SINCE = "SCHEDULE", 165
NOT_TRADED = -1
"""What an update says for the number of prints when nothing was traded since the one before."""
_LOOK_BACK_BARS = 2


@dataclass(slots=True)
class Running:
    """A request whose last bar goes on forming; `told` is the newest bar that the client knows."""

    message: ReqHistoricalData
    query: BarsQuery
    told: Bar
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A request whose days are still being gathered."""

    message: ReqHistoricalData
    query: BarsQuery
    gathering: Gathering


class HistoryDesk(Desk):
    """Bars of the past, for one client; what takes long is gathered in slices, request after request."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._pending: dict[int, Pending] = {}
        self._running: dict[int, Running] = {}
        self._pacing = HistoryPacing()

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqHistoricalData: self.request,
            CancelHistoricalData: self.cancel,
            ReqHeadTimestamp: self.head_timestamp,
        }

    # -- requests -----------------------------------------------------------------------------
    def request(self, message: ReqHistoricalData) -> None:
        """Answer with all bars, and go on with the last one if that was asked for."""
        refusal = self._answered(message)
        if refusal is not None:
            self._line.refuse(message.req_id, refusal)

    def _answered(self, message: ReqHistoricalData) -> Refusal | None:
        """Send the answer; or why there is none."""
        listing = self._listing(message)
        if isinstance(listing, Refusal):
            return listing
        query = self._refusal(message, listing) or _query(message, listing)
        if isinstance(query, Refusal):
            return query
        if query.what == SCHEDULE:
            return self._schedule(message, listing, query)
        return self._gathered(message, listing, query)

    def _gathered(self, message: ReqHistoricalData, listing: Listing, query: BarsQuery) -> Refusal | None:
        """Answer at once what is quickly made, and put the rest off."""
        venue, most = self._line.venue, self._line.hall.rules.history_slice
        gathering = venue.history.gathering(listing, query, to_ms(venue.now))
        if isinstance(gathering, Refusal):
            return gathering
        # While others of this client are at work, it waits for its turn.
        bars = gathering.whole() if most is None else None if self._pending else gathering.go_on(most)
        if isinstance(bars, Refusal):
            return bars
        violation = self._violation(message, query)
        if violation is not None:
            return violation
        if bars is None:
            # An end that was not named is the moment of the request.
            end = query.end or self._line.venue.now
            self._pending[message.req_id] = Pending(message, replace(query, end=end), gathering)
            return None
        self._tell(message, query, bars)
        return None

    def _tell(self, message: ReqHistoricalData, query: BarsQuery, bars: tuple[Bar, ...]) -> None:
        self._line.send(self._answer(message, query, bars))
        if message.keep_up_to_date:
            next_at = self._line.venue.now + UPDATE_EVERY
            self._running[message.req_id] = Running(message, replace(query, end=None), bars[-1], next_at)

    @property
    def is_at_work(self) -> bool:
        """Whether a request waits for its bars."""
        return bool(self._pending)

    def work(self) -> None:
        """Gather another slice of the request whose turn it is, and answer it when it is done."""
        most = self._line.hall.rules.history_slice
        if not self._pending or most is None:
            return
        req_id, one = next(iter(self._pending.items()))
        bars = one.gathering.go_on(most)
        del self._pending[req_id]
        if bars is None:
            self._pending[req_id] = one  # behind the others, so that a short one is not kept waiting
        elif isinstance(bars, Refusal):
            self._line.refuse(req_id, bars)
        else:
            self._tell(one.message, one.query, bars)

    def _listing(self, message: ReqHistoricalData | ReqHeadTimestamp) -> Listing | Refusal:
        legs = message.legs if isinstance(message, ReqHistoricalData) else ()
        query = query_of(message.contract, legs, include_expired=message.include_expired)
        found = self._line.venue.resolve(query)
        return NO_COMBOS if isinstance(found, Bag) else found

    def _refusal(self, message: ReqHistoricalData, listing: Listing) -> Refusal | None:
        if message.req_id in self._running or message.req_id in self._pending:
            return Refusal(322, "Error processing request.-'bd' : cause - Duplicate ticker id")
        if not self._line.hall.has_live(listing):
            return not_permitted(listing)
        limit, count = self._line.hall.rules.histories, len(self._pending)
        if message.keep_up_to_date:
            count += len(self._running)
            if message.end:
                return Refusal(321, f"{VALIDATION}End date not supported with keep up to date")
            if 0 < BAR_SECONDS.get(canonical_size(message.bar_size) or "", 0) < UPDATE_EVERY.seconds:
                return Refusal(321, f"{VALIDATION}Bar size must be 5 secs or more with keep up to date")
        if count >= limit:
            text = f"Only {limit} simultaneous API historical data requests allowed."
            return Refusal(162, SERVICE_ERROR + text)
        return None

    def _violation(self, message: ReqHistoricalData, query: BarsQuery) -> Refusal | None:
        if not self._line.hall.rules.paces_history:
            return None
        return self._pacing.violation(query, message.contract.exchange, self._line.at)

    # -- answers ------------------------------------------------------------------------------
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
        is_daily = canonical_size(message.bar_size) not in BAR_SECONDS
        return bar_date(bar, is_daily=is_daily, date_format=message.date_format, version=self._line.version)

    def _schedule(self, message: ReqHistoricalData, listing: Listing, query: BarsQuery) -> Refusal | None:
        """Answer with sessions instead of bars; older clients are told that there is no such kind."""
        if self._line.version < SCHEDULE_SINCE:
            return Refusal(321, f"{VALIDATION}What to show field is missing or incorrect.")
        found = self._line.venue.history.schedule(listing, query, to_ms(self._line.venue.now))
        if isinstance(found, Refusal):
            return found
        zone = ZoneInfo(zone_of(listing.hours))
        sessions = tuple(
            Session(start=_local(opens, zone), end=_local(closes, zone), ref_date=f"{day:%Y%m%d}")
            for day, opens, closes in found
        )
        self._line.send(
            HistoricalSchedule(
                req_id=message.req_id,
                start=sessions[0].start,
                end=sessions[-1].end,
                time_zone=zone_of(listing.hours),
                sessions=sessions,
            )
        )
        return None

    def head_timestamp(self, message: ReqHeadTimestamp) -> None:
        """The first moment for which there is history of a kind."""
        line, listing = self._line, self._listing(message)
        if isinstance(listing, Listing) and not line.hall.has_live(listing):
            listing = not_permitted(listing)
        if isinstance(listing, Refusal):
            line.refuse(message.req_id, listing)
            return
        moment = line.venue.head_timestamp(listing.con_id, message.what_to_show.upper() or "TRADES")
        if moment is None:
            line.error(message.req_id, 162, f"{SERVICE_ERROR}No head time stamp")
            return
        text = epoch(moment) if message.date_format == 2 else utc_stamp(moment)
        line.send(HeadTimestamp(req_id=message.req_id, time=text))

    # -- bars that form -----------------------------------------------------------------------
    def cancel(self, message: CancelHistoricalData) -> None:
        """End a request that is pending or running; a finished one is unknown."""
        req_id = message.req_id
        if (self._pending.pop(req_id, None) or self._running.pop(req_id, None)) is None:
            self._line.error(req_id, 366, f"No historical data query found for ticker id:{req_id}")
            return
        text = f"{SERVICE_ERROR}API historical data query cancelled: {req_id}"
        self._line.error(req_id, 162, text)

    def tick(self, now: datetime) -> None:
        """Gather another slice, and send the forming bar of every running request that is due."""
        self.work()
        for running in self._running.values():
            if now >= running.next_at:
                running.next_at = now + UPDATE_EVERY
                self._update(running)

    def _update(self, running: Running) -> None:
        """The bar that was told last in its final form, and every one that has begun since."""
        bars = self._line.venue.bars(replace(running.query, duration=_lately(running.query)))
        if isinstance(bars, Refusal):
            return
        for bar in bars:
            if bar.start >= running.told.start:
                self._line.send(self._changed(running, bar))
                running.told = bar

    def _changed(self, running: Running, bar: Bar) -> HistoricalDataUpdate:
        return HistoricalDataUpdate(
            req_id=running.message.req_id,
            count=NOT_TRADED if bar == running.told else bar.count,
            date=self._date(running.message, bar),
            open=bar.open,
            close=bar.close,
            high=bar.high,
            low=bar.low,
            average=bar.wap,
            volume=Decimal(bar.volume),
        )

    def close(self) -> None:
        """End all requests."""
        self._pending.clear()
        self._running.clear()


def not_permitted(listing: Listing) -> Refusal:
    """Delayed quotes may be there, but history needs live ones."""
    place = listing.primary_exchange or listing.exchange
    return Refusal(162, f"{SERVICE_ERROR}No market data permissions for {place} {listing.sec_type}")


def _query(message: ReqHistoricalData, listing: Listing) -> BarsQuery | Refusal:
    try:
        end = read_moment(message.end)
    except ValueError:
        return BAD_MOMENT
    return BarsQuery(
        con_id=listing.con_id,
        duration=message.duration,
        bar_size=message.bar_size,
        end=end,
        what=message.what_to_show.upper(),
        use_rth=bool(message.use_rth),
    )


def _lately(query: BarsQuery) -> str:
    """A duration that has the forming bar in it and the one before."""
    seconds = BAR_SECONDS.get(canonical_size(query.bar_size) or "")
    return query.duration if seconds is None else f"{max(_LOOK_BACK_BARS * seconds, MINUTE_S)} S"


def _local(moment_ms: int, zone: ZoneInfo) -> str:
    return f"{to_datetime(moment_ms).astimezone(zone):%Y%m%d-%H:%M:%S}"
