"""From a wish to a ticket's content: orders, figures, what the policy says. Nothing is written or sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sumppump.domain.combo import Combo, closing_quotes
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Order, OrderState, OrderType, Purpose, TimeInForce
from sumppump.domain.quotes import Quote
from sumppump.domain.tickets import PlannedOrder, Role, TicketFacts, TicketKind
from sumppump.domain.trade import Step, require
from sumppump.execution import prices
from sumppump.execution.changes import changed, differences, priced, whole
from sumppump.execution.closing_words import change_title, for_seconds, held_title, stop_notes
from sumppump.execution.desk import TradingDesk
from sumppump.execution.holding import Holding, entry_price, find_holding, working_closes, working_exits
from sumppump.execution.overlap import overlap_notes
from sumppump.execution.sheets import (
    Wording,
    bounded,
    cancel_facts,
    changed_facts,
    leaving_facts,
    opening_facts,
    order_facts,
    with_stress,
)
from sumppump.execution.survey import Bounds, Survey, Surveyor
from sumppump.execution.terms import OpenTerms, StopTerms
from sumppump.kernel.errors import InvalidRequest, OutOfStep
from sumppump.kernel.money import Premium
from sumppump.risk.facts import Repricing
from sumppump.risk.order_stress import OrderStress
from sumppump.risk.price_checks import obvious_error
from sumppump.strategies.drafts import Draft

NOT_LOOKED = "no book to look at here"
_NOT_FIGURED = "not figured again for a change; trade_calculate_strategy can"
CLOSE_TYPES = ("limit", "market", "emergency")
STOP_TYPES = ("fixed", "trailing")
_CHANGEABLE = frozenset({OrderState.LIVE, OrderState.PARTIAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a ticket will hold, and what deciding on it needs beside."""

    kind: TicketKind
    strategy_id: str
    orders: tuple[PlannedOrder, ...]
    facts: TicketFacts
    bounds: Bounds = field(default_factory=Bounds)
    first_price: Repricing | None = None
    removes: tuple[str, ...] = ()
    filled_before: tuple[int, ...] = ()
    target_ref: str = ""
    position_id: str = ""
    underlying_id: int = 0
    adopts: Holding | None = None


class Stager:
    """Builds the content of tickets."""

    def __init__(self, desk: TradingDesk, surveyor: Surveyor) -> None:
        self._desk = desk
        self._surveyor = surveyor

    # --- open ---------------------------------------------------------------------------------

    async def open(self, draft: Draft, terms: OpenTerms) -> Content:
        """An order that opens the draft, with target and stop where they are wanted."""
        self._desk.engine.gates.check_no_halt()
        trade = self._desk.engine.ledger.book.trades.get(draft.strategy_id)
        if trade is not None:
            require(trade.state, Step.OPEN)
        quantity = whole("quantity", draft.quantity if terms.quantity is None else terms.quantity)
        fresh = await self._desk.strategies.refresh(draft, quantity=quantity)
        prices.check_sign(terms.limit, fresh.combo, fresh.quotes)
        limit = fresh.limit_price if terms.limit is None else terms.limit
        analysis = await self._desk.strategies.at_premium(fresh, limit, quantity=quantity)
        order = self._order(fresh.combo, quantity, limit=limit, order_type=terms.order_type, tif=terms.tif)
        bounds = Bounds(max_loss=analysis.max_loss, permission_level=analysis.permission_level)
        survey, stress = await self._looked(order, quotes=fresh.quotes)
        family = (PlannedOrder(role=Role.MAIN, order=order), *self._children(order, terms))
        read = _as_read(take_profit_pct=terms.take_profit_pct, stop_loss_pct=terms.stop_loss_pct)
        overlaps = overlap_notes(self._desk.engine.ledger.book, order, survey.positions)
        warnings = (*overlaps, *read, *self._judged(family, survey, bounds))
        facts = with_stress(opening_facts(fresh, order, analysis, survey, warnings), stress)
        return Content(
            kind=TicketKind.OPEN,
            strategy_id=draft.strategy_id,
            orders=family,
            facts=replace(facts, overlaps=overlaps),
            bounds=bounds,
            underlying_id=survey.underlying.con_id,
        )

    def _children(self, parent: Order, terms: OpenTerms) -> tuple[PlannedOrder, ...]:
        profit = prices.percent("take_profit_pct", terms.take_profit_pct)
        loss = prices.percent("stop_loss_pct", terms.stop_loss_pct)
        entry, combo = parent.limit, parent.combo.reversed
        if entry is None:
            return ()
        group = f"OCA-{parent.order_ref[4:]}"
        child = replace(
            parent,
            combo=combo,
            tif=TimeInForce.GTC,
            protects=parent.order_ref,
            parent_ref=parent.order_ref,
            oca_group=group,
        )
        found = []
        if profit is not None:
            limit = prices.target_limit(entry, combo, profit)
            order = replace(child, limit=limit, order_ref=self._ref(), purpose=Purpose.TARGET)
            found.append(PlannedOrder(role=Role.TARGET, order=order))
        if loss is not None:
            trigger = prices.stop_trigger(entry, combo, loss)
            order = self._as_stop(replace(child, order_ref=self._ref()), trigger, None)
            found.append(PlannedOrder(role=Role.STOP, order=order))
        return tuple(found)

    # --- close --------------------------------------------------------------------------------

    async def close(
        self, key: str, *, close_type: str, limit: Premium | None, percentage: Decimal
    ) -> Content:
        """An order that closes a position, and the stops that have to go before it."""
        _one_of("close_type", close_type, CLOSE_TYPES)
        share = prices.percent("percentage", percentage, most=prices.HUNDRED)
        holding = await find_holding(self._desk, key)
        require(holding.state, Step.CLOSE)
        self._not_closing_already(holding)
        quantity = _part(holding.quantity, share or prices.HUNDRED)
        exits = working_exits(self._desk.engine.ledger.book, holding.strategy_id)
        order = self._order(holding.exit, quantity, limit=limit, purpose=Purpose.CLOSE)
        order = replace(order, protects=holding.strategy_id)
        survey, stress = await self._looked(order)
        prices.check_sign(limit, order.combo, closing_quotes(order.combo, survey.quotes))
        if limit is None or close_type != "limit":
            order = replace(order, limit=self._exit_price(order, survey, close_type))
        survey = await self._surveyor.with_what_if(order, survey)
        orders = (PlannedOrder(role=Role.MAIN, order=order), *self._rearms(exits))
        removes = tuple(record.ref for record in exits)
        warnings = self._surveyor.judge(order, survey, Bounds(), removes=removes, as_preview=True)
        words = Wording(
            title=f"Close {quantity} of {holding.quantity} · {held_title(holding.title)}",
            action=f"Close {quantity} of {holding.quantity} held, entered at {priced(holding.entry)}.",
            strategy="close",
        )
        life = self._desk.settings.close_fill_s if exits else 0.0
        said = stop_notes(exits, quantity, life)
        notes = (*said, *holding.notes, *_as_read(percentage=percentage), *warnings)
        facts = with_stress(leaving_facts(order, holding.entry, survey, words, notes), stress)
        return Content(
            kind=TicketKind.CLOSE,
            strategy_id=holding.strategy_id,
            orders=orders,
            facts=for_seconds(facts, life),
            removes=removes,
            filled_before=tuple(int(record.filled) for record in exits),
            position_id=holding.position_id,
            underlying_id=survey.underlying.con_id,
            adopts=None if holding.trade else holding,
        )

    def _exit_price(self, order: Order, survey: Survey, close_type: str) -> Premium:
        quotes = closing_quotes(order.combo, survey.quotes)
        if close_type == "limit":
            mid = order.combo.net_mid(quotes)
            return mid.rounded_to(order.combo.tick(abs(mid.amount)))
        ask, limits = order.combo.net_ask(quotes), self._desk.policy.limits
        size = abs(ask.amount)
        share = min(size * limits.collar_pct / prices.HUNDRED, obvious_error(size))
        allowance = max(share, order.combo.tick(size) * limits.collar_ticks)
        return prices.marketable(ask, Premium(allowance), order.combo)

    def _rearms(self, exits: Sequence[OrderRecord]) -> tuple[PlannedOrder, ...]:
        # New references: one is sent once in its life. What was a child stands alone when it comes back.
        group = f"OCA-{self._ref()[4:]}" if len(exits) > 1 else ""
        return tuple(
            PlannedOrder(
                role=Role.REARM,
                order=replace(
                    record.order,
                    quantity=record.order.quantity - int(record.filled),
                    order_ref=self._ref(),
                    parent_ref="",
                    oca_group=group,
                ),
            )
            for record in exits
        )

    def _not_closing_already(self, holding: Holding) -> None:
        for record in working_closes(self._desk.engine.ledger.book, holding.strategy_id):
            raise OutOfStep(
                f"order {record.order_id} already closes this position ({record.state})",
                code="already_closing",
                expected="no working order that closes it",
                found=record.ref,
                next_steps=["Change it with trade_modify_order, or cancel it with trade_cancel_order first."],
            )

    # --- stop ---------------------------------------------------------------------------------

    async def stop(self, key: str, terms: StopTerms) -> Content:
        """A protective stop for a position."""
        _one_of("stop_type", terms.stop_type, STOP_TYPES)
        holding = await find_holding(self._desk, key)
        require(holding.state, Step.STOP)
        exits = working_exits(self._desk.engine.ledger.book, holding.strategy_id)
        unguarded = self._unguarded(holding, exits)
        base = self._order(holding.exit, unguarded, limit=None, purpose=Purpose.STOP)
        group = exits[0].order.oca_group if exits else ""
        base = replace(base, protects=holding.strategy_id, tif=TimeInForce.GTC, oca_group=group)
        order = (
            self._trailing(base, terms)
            if terms.stop_type == "trailing"
            else self._fixed(base, holding, terms)
        )
        survey, stress = await self._looked(order)
        survey = await self._surveyor.with_what_if(order, survey)
        read = _as_read(stop_pct=terms.stop_pct)
        warnings = (*read, *self._surveyor.judge(order, survey, Bounds(), as_preview=True))
        words = Wording(
            title=f"Stop for {holding.title}",
            action=f"Guard {unguarded} of {holding.quantity} held, entered at {priced(holding.entry)}.",
            strategy="stop",
        )
        risk = "A fast market can pass the limit of a stop; then it is not filled."
        notes = (*warnings, risk) if order.order_type is OrderType.STP_LMT else warnings
        return Content(
            kind=TicketKind.STOP,
            strategy_id=holding.strategy_id,
            orders=(PlannedOrder(role=Role.MAIN, order=order),),
            facts=with_stress(
                leaving_facts(order, holding.entry, survey, words, (*notes, *holding.notes)), stress
            ),
            position_id=holding.position_id,
            underlying_id=survey.underlying.con_id,
            adopts=None if holding.trade else holding,
        )

    def _unguarded(self, holding: Holding, exits: Sequence[OrderRecord]) -> int:
        """Combos held that no stop guards yet."""
        stops = [record for record in exits if record.order.purpose is Purpose.STOP]
        left = holding.quantity - sum(r.order.quantity - int(r.filled) for r in stops)
        for record in stops:
            if left < 1:
                raise OutOfStep(
                    f"stop order {record.order_id} guards this position already ({record.state})",
                    code="stop_exists",
                    expected="no working stop",
                    found=record.ref,
                    next_steps=[f"Move it with trade_modify_order(order_id={record.order_id})."],
                )
        return left

    def _fixed(self, base: Order, holding: Holding, terms: StopTerms) -> Order:
        if (terms.stop_price is None) == (terms.stop_pct is None):
            raise InvalidRequest(
                "a stop needs its price or its percentage, one of the two",
                expected="stop_price (per share) or stop_pct (50 is 50 % of the entry's premium)",
                found="both" if terms.stop_price is not None else "neither",
            )
        if terms.stop_price is not None:
            trigger = prices.trigger_at(terms.stop_price, holding.entry, base.combo)
        else:
            loss = prices.percent("stop_pct", terms.stop_pct) or prices.HUNDRED
            trigger = prices.stop_trigger(holding.entry, base.combo, loss)
        return self._as_stop(base, trigger, terms.limit_offset)

    def _as_stop(self, base: Order, trigger: Premium, offset: Decimal | None) -> Order:
        if not base.combo.option_legs:
            return replace(base, order_type=OrderType.STP, stop=trigger, limit=None, purpose=Purpose.STOP)
        limit = prices.stop_limit(trigger, base.combo, offset)
        return replace(base, order_type=OrderType.STP_LMT, stop=trigger, limit=limit, purpose=Purpose.STOP)

    def _trailing(self, base: Order, terms: StopTerms) -> Order:
        if base.combo.option_legs:
            raise InvalidRequest(
                "trailing stops are for shares; on options they would end as market orders",
                code="trailing_on_options",
                expected="stop_type: fixed",
                found="trailing",
            )
        amount = terms.trailing_amount
        if amount is None or not amount.is_finite() or amount <= 0:
            raise InvalidRequest(
                "a trailing stop needs its distance",
                expected="trailing_amount: above 0, currency per share",
                found=str(amount),
            )
        return replace(base, order_type=OrderType.TRAIL, trail=Premium(amount))

    # --- modify and cancel --------------------------------------------------------------------

    async def modify(
        self,
        record: OrderRecord,
        *,
        limit: Premium | None,
        quantity: int | None,
        stop: Premium | None,
    ) -> Content:
        """A change of a working order: the same reference, an intent of its own."""
        if record.state not in _CHANGEABLE:
            raise OutOfStep(
                f"order {record.order_id} is {record.state} and cannot be changed",
                expected=" or ".join(sorted(_CHANGEABLE)),
                found=record.state.value,
            )
        order = changed(record, limit, quantity, stop)
        survey, stress = await self._looked(order)
        prices.check_sign(limit, order.combo, closing_quotes(order.combo, survey.quotes))
        survey = await self._surveyor.with_what_if(order, survey)
        bounds = await self._bounds(order, survey, record)
        parent = self._desk.engine.ledger.book.orders.get(order.parent_ref)
        waiting = parent.order if parent and parent.state is not OrderState.FILLED else None
        warnings = self._weaker_guard(record, order) + self._surveyor.judge(
            order, survey, bounds, parent=waiting, first_price=self._first_price(record), as_preview=True
        )
        words = Wording(
            title=change_title(self._desk.engine.ledger.book, record),
            action=f"Change order {record.order_id}: {'; '.join(differences(record.order, order))}.",
            strategy="modify",
        )
        facts = with_stress(order_facts(order, survey, words, warnings), stress)
        if order.purpose.adds_risk:
            loss, reason = bounded(bounds.max_loss, "")
            facts = replace(
                facts,
                max_loss=loss,
                max_loss_reason=reason,
                max_profit_reason=_NOT_FIGURED,
                probability_reason=_NOT_FIGURED,
            )
        return Content(
            kind=TicketKind.MODIFY,
            strategy_id=record.strategy_id,
            orders=(PlannedOrder(role=record.role, order=order),),
            facts=changed_facts(
                replace(facts, changes=differences(record.order, order)),
                record.order,
                order,
                entry_price(self._desk.engine.ledger.book, record.strategy_id),
            ),
            bounds=bounds,
            first_price=self._first_price(record),
            target_ref=record.ref,
            underlying_id=survey.underlying.con_id,
        )

    def _weaker_guard(self, record: OrderRecord, order: Order) -> tuple[str, ...]:
        if order.purpose is not Purpose.STOP:
            return ()
        book = self._desk.engine.ledger.book
        held = book.held(record.strategy_id)
        guarded = book.guarded(record.strategy_id) + order.quantity - record.order.quantity
        if guarded >= held:
            return ()
        return (f"Only {guarded} of {held} held would be guarded by a stop.",)

    def cancel_stop(self, record: OrderRecord) -> Content:
        """The cancel of a protective stop."""
        return Content(
            kind=TicketKind.CANCEL_STOP,
            strategy_id=record.strategy_id,
            orders=(),
            facts=cancel_facts(record.order, entry_price(self._desk.engine.ledger.book, record.strategy_id)),
            target_ref=record.ref,
        )

    # --- shared -------------------------------------------------------------------------------

    async def _looked(
        self, order: Order, *, quotes: Mapping[int, Quote] | None = None
    ) -> tuple[Survey, OrderStress]:
        """The survey and, asked for at the same time, what a crash does to the account with the order."""
        stresser = self._desk.stress
        if stresser is None:
            return await self._surveyor.take(order, quotes=quotes), OrderStress(reason=NOT_LOOKED)
        survey, held = await asyncio.gather(
            self._surveyor.take(order, quotes=quotes), stresser.held(order.combo.symbol)
        )
        return survey, await stresser.of(held, order, survey.quotes)

    def _judged(self, family: Sequence[PlannedOrder], survey: Survey, bounds: Bounds) -> tuple[str, ...]:
        main = family[0].order
        return tuple(
            sentence
            for planned in family
            for sentence in self._surveyor.judge(
                planned.order,
                survey,
                bounds,
                parent=None if planned.order is main else main,
                as_preview=True,
            )
        )

    async def _bounds(self, order: Order, survey: Survey, record: OrderRecord) -> Bounds:
        if not order.purpose.adds_risk:
            return Bounds()
        analysis = await self._desk.strategies.analyse(
            order.combo, quantity=order.quantity, underlying=survey.underlying, premium=order.limit
        )
        # The catalogue named the level when it was opened; the legs alone do not tell a covered call.
        found = self._desk.engine.ledger.book.tickets.get(record.ticket_id)
        level = None if found is None else found.ticket.facts.permission_level
        return Bounds(max_loss=analysis.max_loss, permission_level=level or analysis.permission_level)

    def _first_price(self, record: OrderRecord) -> Repricing | None:
        found = self._desk.engine.ledger.book.tickets.get(record.ticket_id)
        first = None if found is None or found.ticket.main is None else found.ticket.main.limit
        same_boot = record.boot_id == self._desk.engine.ledger.journal.boot_id
        at = record.sent_mono if same_boot else self._desk.boot_mono
        return None if first is None else Repricing(first=first, at=at)

    def _order(
        self,
        combo: Combo,
        quantity: int,
        *,
        limit: Premium | None,
        order_type: OrderType = OrderType.LMT,
        tif: TimeInForce = TimeInForce.DAY,
        purpose: Purpose = Purpose.OPEN,
    ) -> Order:
        return Order(
            combo=combo,
            quantity=quantity,
            order_type=order_type,
            limit=limit,
            tif=tif,
            purpose=purpose,
            account=self._desk.broker.link().account,
            environment=self._desk.environment,
            order_ref=self._ref(),
        )

    def _ref(self) -> str:
        return self._desk.engine.ledger.new_ref()


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InvalidRequest(
            f"{name} cannot be {value[:30]!r}", expected=f"{name}: {', '.join(allowed)}", found=value[:30]
        )


def _part(held: int, percent: Decimal) -> int:
    """Whole combos, at least one, and never all where less was asked for.

    Raises:
        InvalidRequest: one is all.
    """
    part = max(1, int(held * percent / prices.HUNDRED))
    if part == held and percent < prices.HUNDRED:
        raise InvalidRequest(
            f"{percent:f} % of {held} cannot be closed: one is all of it",
            expected="percentage: 100",
            found=f"{percent:f}",
            next_steps=["Ask the person whether to close all of it."],
        )
    return part


def _as_read(**percents: Decimal | None) -> tuple[str, ...]:
    """A percent number below 1 was perhaps meant as a fraction: say how it was read."""
    return tuple(
        f"{name} {value} was read as {value} percent, not as {value * 100:g} percent."
        for name, value in percents.items()
        if value is not None and 0 < value < 1
    )
