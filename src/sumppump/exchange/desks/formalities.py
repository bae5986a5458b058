"""Small talk: accounts, the time, and what TWS answers an account without advisors, partners or tiers."""

from __future__ import annotations

from sumppump.exchange.desks.line import NOBODY, Desk, Line, Services
from sumppump.exchange.desks.silence import SILENT
from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire import market_answers as show
from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire.contracts import Tag

NO_ADVISOR = "Error validating request.-'bL' : cause - FA data operations ignored for non FA customers."
NO_EVENT_CALENDAR = "News feed is not allowed."
NO_FUNDAMENTALS = "We are sorry, but fundamentals data for the security specified is not available."
HASTE_S = 1.0


class FormalitiesDesk(Desk):
    """Questions whose answers hardly ever change."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._told_time_at: float | None = None

    def serves(self) -> Services:
        """The requests that this desk answers."""
        line = self._line
        account = line.venue.account
        return {
            **dict.fromkeys((ask.StartApi, *SILENT), _ignore),
            ask.ReqManagedAccts: self.accounts,
            ask.ReqCurrentTime: self.time,
            ask.RequestFA: lambda _: line.error(NOBODY, 321, NO_ADVISOR),
            ask.ReplaceFA: lambda m: line.error(m.req_id, 321, NO_ADVISOR),
            ask.ReqSoftDollarTiers: lambda m: line.send(show.SoftDollarTiers(req_id=m.req_id, tiers=())),
            ask.ReqFamilyCodes: lambda _: line.send(say.FamilyCodes(codes=(Tag(tag=account),))),
            ask.ReqUserInfo: lambda m: line.send(say.UserInfo(req_id=m.req_id)),
            want.ReqWshMetaData: lambda m: line.error(m.req_id, 10276, NO_EVENT_CALENDAR),
            want.ReqWshEventData: lambda m: line.error(m.req_id, 10276, NO_EVENT_CALENDAR),
            want.ReqFundamentalData: lambda m: line.error(m.req_id, 430, NO_FUNDAMENTALS),
        }

    def accounts(self, _: object = None) -> None:
        """The accounts of this login."""
        self._line.send(say.ManagedAccounts(accounts=self._line.venue.account))

    def time(self, _: object) -> None:
        """The exchange's time, in seconds; a hasty second question may be dropped, as Gateway 10.45 does."""
        line = self._line
        is_hasty = self._told_time_at is not None and line.at - self._told_time_at < HASTE_S
        if is_hasty and line.hall.rules.drops_hasty_time:
            return
        self._told_time_at = line.at
        line.send(say.CurrentTime(epoch_s=int(line.venue.now.timestamp())))


def _ignore(_: object) -> None:
    """Not answered: a second greeting, and what TWS is silent about."""
