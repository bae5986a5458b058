"""Small talk: accounts, the time, and what TWS answers an account without advisors, groups or tiers."""

from __future__ import annotations

from sumppump.exchange.desks.line import NOBODY, Desk, Services
from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire import market_answers as show
from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire.contracts import Tag

NO_ADVISOR = "Error validating request.-'bL' : cause - FA data operations ignored for non FA customers."
NO_SCANS = '<?xml version="1.0" encoding="UTF-8"?><ScanParameterResponse></ScanParameterResponse>'


class FormalitiesDesk(Desk):
    """Questions whose answers hardly ever change."""

    def serves(self) -> Services:
        """The requests that this desk answers."""
        line = self._line
        account = line.venue.account
        return {
            ask.StartApi: _ignore,
            ask.ReqManagedAccts: self.accounts,
            ask.ReqCurrentTime: self.time,
            ask.RequestFA: lambda _: line.error(NOBODY, 321, NO_ADVISOR),
            ask.ReqSoftDollarTiers: lambda m: line.send(show.SoftDollarTiers(req_id=m.req_id, tiers=())),
            ask.ReqFamilyCodes: lambda _: line.send(say.FamilyCodes(codes=(Tag(tag=account),))),
            ask.ReqUserInfo: lambda m: line.send(say.UserInfo(req_id=m.req_id)),
            ask.QueryDisplayGroups: lambda m: line.send(show.DisplayGroupList(req_id=m.req_id, groups="")),
            want.ReqNewsProviders: lambda _: line.send(show.NewsProviders(providers=())),
            want.ReqMktDepthExchanges: lambda _: line.send(show.MktDepthExchanges(exchanges=())),
            want.ReqScannerParameters: lambda _: line.send(show.ScannerParameters(xml=NO_SCANS)),
        }

    def accounts(self, _: object = None) -> None:
        """The accounts of this login."""
        self._line.send(say.ManagedAccounts(accounts=self._line.venue.account))

    def time(self, _: object) -> None:
        """The exchange's time, in seconds."""
        self._line.send(say.CurrentTime(epoch_s=int(self._line.venue.now.timestamp())))


def _ignore(_: object) -> None:
    """A second greeting is not answered."""
