"""The gateway to TWS, IB Gateway or the embedded exchange: it cannot tell them apart.

Start returns at once; everything that needs TWS says GatewayUnavailable until there is a connection.
"""

from __future__ import annotations

from collections.abc import Callable

from sumppump.ports.broker import Broker, LinkChanged
from sumppump.tws.account import TwsAccounts
from sumppump.tws.broker import TwsBroker
from sumppump.tws.clock import ServerClock
from sumppump.tws.contracts import TwsDirectory
from sumppump.tws.depth import TwsDepth
from sumppump.tws.history import TwsHistory
from sumppump.tws.lines import DATA_LOST, NEW_CONNECTION, LineBudget
from sumppump.tws.link import Link
from sumppump.tws.news import TwsNews
from sumppump.tws.order_events import OrderEvents
from sumppump.tws.position_pnl import TwsPositionPnl
from sumppump.tws.quotes import TwsMarketData
from sumppump.tws.redaction import quiet_library_logs
from sumppump.tws.scanner import TwsScanner
from sumppump.tws.schedule import TwsSchedule
from sumppump.tws.session import Session
from sumppump.tws.settings import Endpoint, TwsSettings
from sumppump.tws.tape import TwsTape

BOOK_LOST = "TWS lost the book when its connection to IB broke (1101)"


class TwsGateway:
    """All ports to TWS over one connection.

    Attributes:
        directory, market, depth, news, scanner, schedule, tape, broker, accounts, position_pnl, clock: the
            ports.
    """

    def __init__(
        self,
        settings: TwsSettings,
        *,
        endpoint: Endpoint | None = None,
        line_share: Callable[[], int] | None = None,
    ) -> None:
        """Join the parts.

        Args:
            settings: how to reach TWS, and how patient to be.
            endpoint: says where TWS is; the settings do without it.
            line_share: how many market data lines are ours while several processes divide them.
        """
        quiet_library_logs()
        self.settings = settings
        self.clock = ServerClock()
        self._events = OrderEvents(lambda: self._link.client_id)
        self._link = Link(settings, self.clock, self._session, endpoint)
        self._lines = LineBudget(settings, self._link.session, self._link.is_online, line_share)
        self.directory = TwsDirectory(settings, self._link, self.clock)
        self.accounts = TwsAccounts(self._link, self.directory, self._events, self.clock)
        history = TwsHistory(settings, self._link)
        self.market = TwsMarketData(settings, self._link, self._lines, history, self.clock)
        self.depth = TwsDepth(settings, self._link, self.clock)
        self.news = TwsNews(self._link)
        self.scanner = TwsScanner(self._link)
        self.tape = TwsTape(settings, self._link, history)
        self.schedule = TwsSchedule(self._link)
        self.position_pnl = TwsPositionPnl(self._link, lambda: self.accounts.base_currency)
        self.broker: Broker = TwsBroker(
            settings, self._link, self._events, lambda: self.accounts.base_currency
        )
        self._wire_up()

    def _wire_up(self) -> None:
        link, lines = self._link, self._lines
        link.lines = self.market.lines
        link.on_up += [self.accounts.begin, lambda _: lines.subscribe_again(NEW_CONNECTION)]
        link.on_data_lost += [
            self.accounts.begin,
            lambda _: lines.subscribe_again(DATA_LOST),
            lambda session: session.inbox.books.close(BOOK_LOST),
        ]
        link.on_stale.append(lines.may_be_stale)
        link.on_resumed.append(lines.expect_ticks)
        link.on_down.append(lines.connection_ended)
        link.on_account_taken.append(self.accounts.forget_values)
        link.on_change.append(self._tell)

    def _session(self, link: Link) -> Session:
        return Session(
            self.settings,
            self.clock,
            ticks=self._lines.router,
            orders=self._events,
            account=self.accounts,
            on_notice=link.notice,
            on_unreadable=link.unreadable,
        )

    def _tell(self, event: LinkChanged) -> None:
        self._events.tell(event)

    def use_client_id(self, client_id: int) -> None:
        """Be this client from now on, after a reconnect where that takes one."""
        self._link.use_client_id(client_id)

    async def start(self) -> None:
        """Begin to connect in the background."""
        self._link.start()

    async def stop(self) -> None:
        """Close the connection and end every task of the gateway."""
        await self._link.stop()

    async def sync_clock(self) -> None:
        """Ask the server's time now; for a simulator whose clock has just been moved.

        Raises:
            GatewayUnavailable: there is no connection, or no answer.
        """
        await self._link.session().sync_clock(timeout_s=self.settings.request_timeout_s)
