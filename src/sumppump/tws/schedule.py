"""`ports.schedule.TradingSchedule` on TWS: historical bars of kind SCHEDULE, answered by message 106."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from ib_async.objects import HistoricalSession

from sumppump.domain.instruments import Instrument
from sumppump.domain.schedule import PastSession
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import BrokerRejected, MarketDataError
from sumppump.tws import details
from sumppump.tws.history_errors import translated
from sumppump.tws.lines import wire_contract
from sumppump.tws.link import Link
from sumppump.tws.numbers import zone_named

# Older servers do not know the kind and refuse it with 321, or not at all.
SINCE_VERSION = 165


class TwsSchedule:
    """Past trading days."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def past_sessions(self, instrument: Instrument, *, days: int) -> Sequence[PastSession]:
        """See `ports.schedule.TradingSchedule`."""
        session, contract = self._link.online_session(), wire_contract(instrument)
        if session.client.serverVersion() < SINCE_VERSION:
            raise MarketDataError(
                f"this TWS is too old to tell past trading hours of {instrument.label}",
                code="no_schedule",
                found=f"server version {session.client.serverVersion()}",
                next_steps=["Update TWS or IB Gateway."],
            )
        try:
            rows = await session.ask(
                lambda client, request_id: client.reqHistoricalData(
                    request_id, contract, "", f"{days} D", "1 day", "SCHEDULE", 1, 1, False, []
                ),
                what=f"the schedule of {instrument.label}",
            )
        except BrokerRejected as error:
            raise translated(error, instrument.label) from error
        try:
            return tuple(_session(zone_named(zone, fallback=NEW_YORK), row) for zone, row in rows)
        except ValueError as error:
            raise MarketDataError(
                f"TWS sent a schedule of {instrument.label} that cannot be read",
                code="no_schedule",
                found=str(error)[:80],
            ) from error


def _session(zone: tzinfo, row: HistoricalSession) -> PastSession:
    return PastSession(
        day=details.day(row.refDate), opens=_moment(row.startDateTime, zone),
        closes=_moment(row.endDateTime, zone),
    )  # fmt: skip


def _moment(text: str, zone: tzinfo) -> datetime:
    return datetime.strptime(text, "%Y%m%d-%H:%M:%S").replace(tzinfo=zone).astimezone(UTC)
