"""Fresh figures around one order, and the policy's judgement on them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sumppump.data.sessions import underlying_status
from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.instruments import Underlying
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import MarginPreview, Order
from sumppump.domain.payoff import Bound
from sumppump.domain.quotes import Quote
from sumppump.execution.desk import TradingDesk
from sumppump.kernel.errors import Breach, SumpPumpError
from sumppump.kernel.money import Money
from sumppump.ports.market import Need
from sumppump.risk.facts import OrderFacts, RecentOrder, Repricing

PREVIEW_CONTROL = "C-17"
# A way out waits no longer than this for a figure that nothing rests on.
WHAT_IF_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the strategy's mathematics says of an order; None where nobody can say."""

    max_loss: Bound | None = None
    permission_level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Figures taken now; for orders that add no risk `figures` is None, and `margin` may be.

    Attributes:
        no_margin: why the broker's what-if is missing.
    """

    underlying: Underlying
    quotes: Mapping[int, Quote]
    positions: tuple[Position, ...]
    figures: AccountFigures | None = None
    margin: MarginPreview | None = None
    no_margin: str = ""


class Surveyor:
    """Takes surveys and judges orders on them."""

    def __init__(self, desk: TradingDesk) -> None:
        self._desk = desk

    async def take(self, order: Order, *, quotes: Mapping[int, Quote] | None = None) -> Survey:
        """Quotes, positions and, where risk is added, account figures and the broker's what-if.

        Args:
            order: what is asked about.
            quotes: by con_id, where they were taken a moment ago; the underlying's included.

        Raises:
            GatewayUnavailable, BrokerRejected, UnknownContract: a figure cannot be had.
        """
        desk = self._desk
        underlying = await desk.directory.underlying(order.combo.symbol)
        if not order.purpose.adds_risk:
            found, positions = await asyncio.gather(
                self._quotes(order, underlying, quotes), desk.accounts.positions()
            )
            return Survey(underlying=underlying, quotes=found, positions=tuple(positions))
        found, positions, figures, margin = await asyncio.gather(
            self._quotes(order, underlying, quotes),
            desk.accounts.positions(),
            desk.accounts.figures(),
            desk.broker.preview(order, timeout_s=desk.settings.preview_timeout_s),
        )
        return Survey(
            underlying=underlying, quotes=found, positions=tuple(positions), figures=figures, margin=margin
        )

    async def with_what_if(self, order: Order, survey: Survey) -> Survey:
        """The survey with the broker's what-if for an order that adds no risk, too.

        No limit rests on it: where the broker does not answer at once the ticket goes without, and says why.
        """
        if order.purpose.adds_risk:
            return survey
        try:
            margin = await self._desk.broker.preview(order, timeout_s=WHAT_IF_PATIENCE_S)
        except SumpPumpError as error:
            return replace(survey, no_margin=f"the broker's what-if gives none: {error.message}")
        return replace(survey, margin=margin)

    async def _quotes(
        self, order: Order, underlying: Underlying, known: Mapping[int, Quote] | None
    ) -> Mapping[int, Quote]:
        if known is not None:
            return known
        legs = [leg.contract for leg in order.combo.legs if leg.contract.con_id != underlying.con_id]
        quotes = await self._desk.market.quotes([underlying, *legs], need=Need.ORDERS)
        return {quote.instrument.con_id: quote for quote in quotes}

    def judge(
        self,
        order: Order,
        survey: Survey,
        bounds: Bounds,
        *,
        parent: Order | None = None,
        removes: Sequence[str] = (),
        first_price: Repricing | None = None,
        as_preview: bool = False,
    ) -> tuple[str, ...]:
        """The policy's warnings, as sentences.

        Args:
            order: what is judged.
            survey: taken just now.
            bounds: worst loss and permission level.
            parent: of a child in one family.
            removes: order_refs that are cancelled first.
            first_price: for a modify, the price that was approved first.
            as_preview: mode and account may forbid sending; that becomes a warning.

        Raises:
            RiskRefused: a hard limit is broken; all of those are attached.
        """
        facts = self._facts(order, survey, bounds, parent, removes, first_price)
        excused = frozenset({PREVIEW_CONTROL} if as_preview else ())
        breaches = self._desk.policy.enforce(order, facts, excused=excused)
        return tuple(_warning(each) for each in breaches)

    def breaches(self, order: Order, survey: Survey, bounds: Bounds) -> tuple[Breach, ...]:
        """Everything that the policy has against an order, raised at nobody."""
        return self._desk.policy.judge(order, self._facts(order, survey, bounds, None, (), None))

    def _facts(
        self,
        order: Order,
        survey: Survey,
        bounds: Bounds,
        parent: Order | None,
        removes: Sequence[str],
        first_price: Repricing | None,
    ) -> OrderFacts:
        desk = self._desk
        return OrderFacts(
            monotonic=desk.clock.monotonic(),
            now=desk.clock.now(),
            environment=desk.environment,
            account=desk.broker.link().account,
            gate=desk.gate(),
            kill_set=bool(desk.engine.gates.killed()),
            quotes=survey.quotes,
            figures=survey.figures,
            positions=survey.positions,
            margin=survey.margin,
            max_loss=bounds.max_loss,
            permission_level=bounds.permission_level,
            recent=self._recent(),
            reserved_margin=self._reserved(order),
            session=underlying_status(survey.underlying, desk.clock.now()),
            repricing=first_price,
            parent=parent,
            to_be_cancelled=frozenset(removes),
        )

    def _recent(self) -> tuple[RecentOrder, ...]:
        desk = self._desk
        boot = desk.engine.ledger.journal.boot_id
        horizon = desk.clock.monotonic() - desk.policy.limits.similar_window
        found = [
            RecentOrder(
                order=record.order,
                state=record.state,
                sent_at=record.sent_mono if record.boot_id == boot else desk.boot_mono,
                filled=int(record.filled),
                sent_here=record.boot_id == boot,
            )
            for record in desk.engine.ledger.book.orders.values()
            if self._matters(record)
        ]
        return tuple(each for each in found if each.sent_at >= horizon or not each.state.is_terminal)

    def _matters(self, record: OrderRecord) -> bool:
        # A lost order that a person has closed is over; one that has not been looked at still counts.
        return record.settled is None or record.filled > 0 or not record.state.is_terminal

    def _reserved(self, order: Order) -> Money:
        """Margin of our opening orders that work now and that the account's figures do not hold yet."""
        book = self._desk.engine.ledger.book
        total = Money.of(0, order.combo.currency)
        for record in book.working():
            found = book.tickets.get(record.ticket_id)
            margin = None if found is None else found.ticket.facts.margin
            counts = record.order.purpose.adds_risk and record.ref != order.order_ref
            if counts and margin is not None and margin.initial_change.amount > 0:
                total += replace(margin.initial_change, currency=total.currency)
        return total


def _warning(breach: Breach) -> str:
    if breach.control == PREVIEW_CONTROL:
        return f"PREVIEW ONLY, it cannot be sent: {breach.message}"
    return f"{breach.control}: {breach.message}"
