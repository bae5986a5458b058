"""Execution as its callers see it: stage, decide, ask, cancel, stop everything.

Staging never sends. Only a decision of a person (or `auto` on a simulator account) sends, once; whatever is
not certain afterwards is UNKNOWN and says so. All methods are called from the one event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sumppump.domain.orders import OrderType, TimeInForce
from sumppump.domain.tickets import Channel, Ticket
from sumppump.execution.reports import Health, OrderReport, Outcome, ReconcileReport, TicketView, WorkingOrder
from sumppump.kernel.money import Premium
from sumppump.strategies.drafts import Draft


class ExecutionService:
    """The one door through which orders leave."""

    async def start(self) -> None:
        """Open the journal, take the writer's lock if it is free, listen, reconcile in the background."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End the background work and close the journal; orders stay as they are at the broker."""
        raise NotImplementedError

    async def stage_open(
        self,
        draft: Draft,
        *,
        quantity: int | None = None,
        order_type: OrderType = OrderType.LMT,
        limit: Premium | None = None,
        tif: TimeInForce = TimeInForce.DAY,
        take_profit_pct: Decimal | None = None,
        stop_loss_pct: Decimal | None = None,
    ) -> Ticket:
        """Make a ticket that opens the draft's combo.

        Args:
            draft: from the strategy service.
            quantity: combos, > 0; the draft's own when None.
            order_type: LMT; nothing else opens options.
            limit: signed premium of one combo per share; the mid rounded to the tick when None.
            tif: DAY or GTC.
            take_profit_pct, stop_loss_pct: percent of the entry's net premium (50 = 50 %), or None.

        Raises:
            InvalidRequest, RiskRefused, OutOfStep, MarketDataError, GatewayUnavailable, BrokerRejected,
            WritesOff, StoreFailed.
        """
        raise NotImplementedError

    async def stage_close(
        self,
        position_id: str,
        *,
        close_type: str = "limit",
        limit: Premium | None = None,
        percentage: Decimal = Decimal(100),
    ) -> Ticket:
        """Make a ticket that closes a held strategy as one order.

        Args:
            position_id: of the portfolio, a strategy_id, or a symbol with one position.
            close_type: `limit` (mid), `market` or `emergency` (a marketable limit inside the collar).
            limit: signed premium of the closing combo (receiving is negative).
            percentage: of the position, > 0 to 100.
        """
        raise NotImplementedError

    async def stage_stop(
        self,
        position_id: str,
        *,
        stop_price: Premium | None = None,
        stop_pct: Decimal | None = None,
        stop_type: str = "fixed",
        limit_offset: Decimal | None = None,
        trailing_amount: Decimal | None = None,
    ) -> Ticket:
        """Make a ticket for a protective stop: STP LMT GTC on options, STP or TRAIL on stock.

        Args:
            position_id: as in `stage_close`.
            stop_price: price of the held combo at which it triggers, per share (its sign is read from the
                position: a debit position is worth something, a credit one costs something).
            stop_pct: percent of the entry's net premium that may be lost (50 = 50 %).
            stop_type: `fixed` or `trailing` (stock only).
            limit_offset: currency per share between trigger and limit; default the larger of 10 % and 3 ticks.
            trailing_amount: currency per share, for `trailing`.
        """
        raise NotImplementedError

    async def stage_modify(
        self,
        order_id: int | str,
        *,
        new_limit: Premium | None = None,
        new_quantity: int | None = None,
        new_stop: Premium | None = None,
    ) -> Ticket:
        """Make a ticket that changes a working order of ours; `order_id` may be an order_ref."""
        raise NotImplementedError

    async def approve(
        self,
        ticket_id: str,
        channel: Channel,
        *,
        code: str | None = None,
        amount: str | None = None,
        digest: str | None = None,
    ) -> Outcome:
        """Spend the ticket and send its order, or say why not.

        A ticket that was spent before gives the same result again and sends nothing.

        Args:
            code: for CODE: as typed, `XXX-XXX`; where an amount is asked, the amount follows after a space.
            amount: for PAGE, TERMINAL and ELICITATION where the ticket has a `typed_amount`: as typed.
            digest: of the ticket that was shown, where the channel can say.

        Raises:
            TicketGone, ApprovalRefused, RiskRefused, MarketDataError, GatewayUnavailable, WritesOff,
            StoreFailed.
        """
        raise NotImplementedError

    async def decline(self, ticket_id: str, channel: Channel) -> Outcome:
        """Turn a waiting ticket down; a spent one is reported unchanged."""
        raise NotImplementedError

    async def cancel(self, order_id: int | str) -> Outcome:
        """Cancel a working order of ours at once; a protective stop answers with a ticket instead."""
        raise NotImplementedError

    async def cancel_all(self) -> Sequence[Outcome]:
        """Cancel all working orders of ours but protective stops."""
        raise NotImplementedError

    async def kill(self, reason: str, *, everything: bool = False) -> Outcome:
        """Stop all new frames now and cancel what would add risk; with `everything` all orders of all clients.

        Only a person clears it.
        """
        raise NotImplementedError

    async def clear_kill(self, channel: Channel) -> ReconcileReport:
        """Lift kill switch and halts, after a green reconcile; PAGE and TERMINAL only."""
        raise NotImplementedError

    async def decline_stop(self, position_id: str, reason: str) -> Outcome:
        """Record that the person wants no stop on this trade."""
        raise NotImplementedError

    async def reconcile(self) -> ReconcileReport:
        """Read the broker's lists until nothing is unknown or the window is over."""
        raise NotImplementedError

    def status(self, key: int | str) -> OrderReport:
        """The life of a ticket_id, order_id or order_ref.

        Raises:
            InvalidRequest: nothing is known under this key.
        """
        raise NotImplementedError

    def tickets(self) -> Sequence[TicketView]:
        """All tickets of the journal, newest first."""
        raise NotImplementedError

    def ticket(self, ticket_id: str) -> TicketView:
        """One ticket and where it stands; raises TicketGone when unknown."""
        raise NotImplementedError

    async def open_orders(self) -> Sequence[WorkingOrder]:
        """Every working order of the account, ours and others'."""
        raise NotImplementedError

    def health(self) -> Health:
        """What must stand at the head of every answer."""
        raise NotImplementedError
