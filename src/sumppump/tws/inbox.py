"""Where the decoder's messages go: to the question that asked, the line that streams, or the book of orders.

Method names are the library's; it looks them up by name. Nothing here keeps state of orders, nothing waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Protocol

from ib_async.contract import Contract, ContractDescription, ContractDetails
from ib_async.objects import BarData, Execution, OptionChain, PriceIncrement
from ib_async.order import Order, OrderState

from sumppump.domain.orders import BrokerOrder
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.text import clean
from sumppump.tws.depth_inbox import DepthInbox, OpenBooks
from sumppump.tws.pnl_inbox import PnlInbox
from sumppump.tws.reference_inbox import ReferenceInbox
from sumppump.tws.requests import FIRST_REQUEST_ID, Requests
from sumppump.tws.schedule_inbox import ScheduleInbox

END_OF_TIME = 4_000_000_000  # in the year 2096
OPEN_ORDERS = "open orders"
COMPLETED_ORDERS = "completed orders"
POSITIONS = "positions"
CURRENT_TIME = "the server's time"
ACCOUNT_DOWNLOAD = "account values"


def market_rule_key(rule_id: int) -> str:
    """Market rules are answered by rule id."""
    return f"market rule {rule_id}"


class TickSink(Protocol):
    """Who follows market data lines."""

    def number(self, request_id: int, tick: int, value: float) -> None:
        """A price, size or generic tick."""
        ...

    def greeks(self, request_id: int, tick: int, values: Sequence[float | None]) -> None:
        """Option computation: iv, delta, price, dividend, gamma, vega, theta, underlying's price."""
        ...

    def text(self, request_id: int, tick: int, value: str) -> None:
        """A tick that is a text, such as dividends."""
        ...

    def data_type(self, request_id: int, kind: int) -> None:
        """1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""
        ...

    def failed(self, request_id: int, code: int, text: str) -> None:
        """An error on a line."""
        ...


class OrderSink(Protocol):
    """Who follows orders."""

    @property
    def working_count(self) -> int:
        """Orders of ours that are not known to be finished."""
        ...

    def open_order(self, contract: Contract, order: Order, state: OrderState) -> None:
        """An openOrder message."""
        ...

    def status(
        self, order_id: int, status: str, filled: float | None, remaining: float | None,
        average: float | None, perm_id: int, parent_id: int, client_id: int, why_held: str,
    ) -> None:  # fmt: skip
        """An orderStatus message."""
        ...

    def execution(self, contract: Contract, execution: Execution) -> None:
        """An execDetails message, live or asked for."""
        ...

    def commission(self, exec_id: str, amount: float | None, currency: str, realized: float | None) -> None:
        """A commissionReport message."""
        ...

    def completed(self, contract: Contract, order: Order, state: OrderState) -> BrokerOrder:
        """A completedOrder message."""
        ...

    def error(self, order_id: int, code: int, text: str) -> None:
        """An error that carries an order's id."""
        ...


class AccountSink(Protocol):
    """Who follows the account."""

    def value(self, key: str, value: str, currency: str, account: str) -> None:
        """An account value."""
        ...

    def portfolio(self, contract: Contract, numbers: Sequence[float | None], account: str) -> None:
        """Position, price, value, average cost, unrealized and realized profit of one contract."""
        ...

    def pnl(self, daily: float, unrealized: float, realized: float) -> None:
        """The account's profit and loss."""
        ...

    def position_changed(self) -> None:
        """A position message that nobody asked for."""
        ...


class Inbox(DepthInbox, ReferenceInbox, ScheduleInbox, PnlInbox):
    """The wrapper that the library's client and decoder talk to; one per connection."""

    defaultTimezone = UTC  # the decoder converts execution times to it

    def __init__(
        self,
        requests: Requests,
        *,
        ticks: TickSink,
        orders: OrderSink,
        account: AccountSink,
        on_notice: Callable[[int, str], None],
        on_unreadable: Callable[[str], None],
    ) -> None:
        self.requests = requests
        self.books = OpenBooks()
        self.zone: tzinfo = NEW_YORK
        self.next_valid_id = 0
        self.accounts: tuple[str, ...] = ()
        self._ticks, self._orders, self._account = ticks, orders, account
        self._on_notice, self._on_unreadable = on_notice, on_unreadable

    def unreadable(self, reason: str) -> None:
        """A frame that could not be read (P-8)."""
        self._on_unreadable(reason)

    # --- the connection -----------------------------------------------------------------------

    def connectAck(self) -> None:
        """The handshake is half done; the library goes on by itself."""

    def setEventsDone(self) -> None:
        """The library's own events; we use none."""

    def connectionClosed(self) -> None:
        """The session hears it from the socket."""

    def nextValidId(self, order_id: int) -> None:
        """The lowest order id that TWS will take from this client."""
        if not 0 < order_id < FIRST_REQUEST_ID:
            raise ValueError("no order id")
        self.next_valid_id = max(self.next_valid_id, order_id)

    def managedAccounts(self, text: str) -> None:
        """The accounts of this login, a comma after each or between them."""
        self.accounts = tuple(part for part in text.split(",") if part)

    def currentTime(self, epoch: int) -> None:
        """The server's clock in whole seconds."""
        if not 0 < epoch < END_OF_TIME:
            raise ValueError("no time")
        self.requests.row(CURRENT_TIME, epoch)
        self.requests.end(CURRENT_TIME)

    def error(self, id_: int, code: int, text: str, _advanced: str = "") -> None:
        """An error goes to its request, its line or its order; the rest is about the connection."""
        words = clean(text, limit=600)
        if id_ >= FIRST_REQUEST_ID:
            if not (self.requests.fail(id_, code, words) or self.books.failed(id_, code, words)):
                self._ticks.failed(id_, code, words)
        elif id_ > 0:
            self._orders.error(id_, code, words)
        else:
            self._on_notice(code, words)

    # --- contracts ----------------------------------------------------------------------------

    def contractDetails(self, request_id: int, details: ContractDetails) -> None:
        """One contract of an answer."""
        self.requests.row(request_id, details)

    def contractDetailsEnd(self, request_id: int) -> None:
        """All contracts are there."""
        self.requests.end(request_id)

    def securityDefinitionOptionParameter(
        self, request_id: int, exchange: str, con_id: str, trading_class: str, multiplier: str,
        expirations: list[str], strikes: list[float],
    ) -> None:  # fmt: skip
        """One exchange's expiries and strikes."""
        chain = OptionChain(exchange, int(con_id or 0), trading_class, multiplier, expirations, strikes)
        self.requests.row(request_id, chain)

    def securityDefinitionOptionParameterEnd(self, request_id: int) -> None:
        """All exchanges are there."""
        self.requests.end(request_id)

    def symbolSamples(self, request_id: int, samples: list[ContractDescription]) -> None:
        """What matches a name."""
        for sample in samples:
            self.requests.row(request_id, sample)
        self.requests.end(request_id)

    def marketRule(self, rule_id: int, increments: list[PriceIncrement]) -> None:
        """Price steps by price; answered by the rule's id."""
        key = market_rule_key(rule_id)
        for increment in increments:
            self.requests.row(key, increment)
        self.requests.end(key)

    # --- history ------------------------------------------------------------------------------

    def historicalData(self, request_id: int, bar: BarData) -> None:
        """One bar."""
        self.requests.row(request_id, bar)

    def historicalDataEnd(self, request_id: int, _start: str, _end: str) -> None:
        """All bars are there."""
        self.requests.end(request_id)

    # --- ticks --------------------------------------------------------------------------------

    def priceSizeTick(self, request_id: int, tick: int, price: float, size: float) -> None:
        """A price with its size; the size also comes by itself."""
        self._ticks.number(request_id, tick, price)
        # The decoder reads a missing size as 0; a real 0 also comes as a size tick.
        if size > 0 and (size_tick := _SIZE_OF.get(tick)) is not None:
            self._ticks.number(request_id, size_tick, size)

    def tickSize(self, request_id: int, tick: int, size: float) -> None:
        """A size or volume."""
        self._ticks.number(request_id, tick, size)

    def tickGeneric(self, request_id: int, tick: int, value: float) -> None:
        """Halted, volatilities and the like."""
        self._ticks.number(request_id, tick, value)

    def tickString(self, request_id: int, tick: int, value: str) -> None:
        """Dividends, times of trades and other texts."""
        self._ticks.text(request_id, tick, value)

    def greeks(self, request_id: int, tick: int, values: Sequence[float | None]) -> None:
        """An option computation."""
        self._ticks.greeks(request_id, tick, values)

    def marketDataType(self, request_id: int, kind: int) -> None:
        """Live, frozen or delayed."""
        self._ticks.data_type(request_id, kind)

    # --- orders -------------------------------------------------------------------------------

    def openOrder(self, _order_id: int, contract: Contract, order: Order, state: OrderState) -> None:
        """An order, or the answer to a what-if."""
        self._orders.open_order(contract, order, state)
        if not order.whatIf:
            self.requests.row(OPEN_ORDERS, (order.clientId, order.orderId, order.permId))

    def openOrderEnd(self) -> None:
        """All open orders are there."""
        self.requests.end(OPEN_ORDERS)

    def order_status(
        self, order_id: int, status: str, filled: float | None, remaining: float | None,
        average: float | None, perm_id: int, parent_id: int, client_id: int, why_held: str,
    ) -> None:  # fmt: skip
        """An order's status."""
        self._orders.status(
            order_id, status, filled, remaining, average, perm_id, parent_id, client_id, why_held
        )

    def execDetails(self, request_id: int, contract: Contract, execution: Execution) -> None:
        """An execution; request id -1 means that it has just happened."""
        self._orders.execution(contract, execution)
        self.requests.row(request_id, (contract, execution))

    def execDetailsEnd(self, request_id: int) -> None:
        """All executions are there."""
        self.requests.end(request_id)

    def commission(self, exec_id: str, amount: float | None, currency: str, realized: float | None) -> None:
        """The commission of an execution."""
        self._orders.commission(exec_id, amount, currency, realized)

    def completedOrder(self, contract: Contract, order: Order, state: OrderState) -> None:
        """A finished order, also when its question has timed out (P-6)."""
        self.requests.row(COMPLETED_ORDERS, self._orders.completed(contract, order, state))

    def completedOrdersEnd(self) -> None:
        """All finished orders are there."""
        self.requests.end(COMPLETED_ORDERS)

    # --- the account --------------------------------------------------------------------------

    def updateAccountValue(self, key: str, value: str, currency: str, account: str) -> None:
        """One figure of the account."""
        self._account.value(key, value, currency, account)

    def accountDownloadEnd(self, _account: str) -> None:
        """The first picture of the account is complete."""
        self.requests.end(ACCOUNT_DOWNLOAD)

    def accountSummary(self, request_id: int, account: str, tag: str, value: str, currency: str) -> None:
        """One figure of a summary."""
        self.requests.row(request_id, (account, tag, value, currency))

    def accountSummaryEnd(self, request_id: int) -> None:
        """The summary is complete."""
        self.requests.end(request_id)

    def portfolio(self, contract: Contract, numbers: Sequence[float | None], account: str) -> None:
        """A position with its values."""
        self._account.portfolio(contract, numbers, account)

    def pnl(self, request_id: int, daily: float, unrealized: float, realized: float) -> None:
        """Profit and loss of the account; the first one answers the request."""
        self._account.pnl(daily, unrealized, realized)
        self.requests.end(request_id)

    def position(self, account: str, contract: Contract, quantity: float, average_cost: float) -> None:
        """A position; it is news when nobody asked."""
        self.requests.row(POSITIONS, (account, contract, quantity, average_cost))
        if not self.requests.is_open(POSITIONS):
            self._account.position_changed()

    def positionEnd(self) -> None:
        """All positions are there."""
        self.requests.end(POSITIONS)


_SIZE_OF = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}
