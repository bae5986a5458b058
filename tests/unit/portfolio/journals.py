"""A journal in a few words: trades that were opened and closed at known prices, commissions and times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from tests.support.fake_market import NOW

from sumppump.domain import events as ev
from sumppump.domain.combo import Combo
from sumppump.domain.journal import Book
from sumppump.domain.orders import Environment, Fill, Order, OrderType, Purpose
from sumppump.domain.tickets import PlannedOrder, Role, Ticket, TicketFacts, TicketKind
from sumppump.kernel.money import Money, Premium

ACCOUNT = "SIM1234567"


@dataclass(slots=True)
class Diary:
    """Writes events into a book, one row after the other."""

    book: Book = field(default_factory=Book)
    refs: int = 0

    def write(self, *events: ev.Event, at: datetime = NOW) -> None:
        """Rows as the journal would hand them over."""
        for event in events:
            self.book.apply(ev.Recorded(seq=self.book.seq + 1, at=at, boot_id="boot", event=event))

    def opens(
        self,
        trade: str,
        combo: Combo,
        price: str,
        *,
        quantity: int = 1,
        fee: str | None = "1.30",
        at: datetime = NOW,
    ) -> str:
        """A ticket, its order and the fill of all of it; the order's reference."""
        order = self._order(combo, quantity, price, Purpose.OPEN)
        self.write(ev.Staged(ticket=_ticket(trade, order, at), digest=""), at=at)
        self._filled(trade, order, price, fee, at)
        return order.order_ref

    def closes(
        self,
        trade: str,
        price: str,
        *,
        quantity: int = 1,
        fee: str | None = "1.30",
        at: datetime = NOW + timedelta(hours=1),
        purpose: Purpose = Purpose.CLOSE,
    ) -> str:
        """Buys the reversed combo at a signed premium: what is received is negative."""
        entry = self.book.entry(trade)
        assert entry is not None
        order = self._order(entry.order.combo.reversed, quantity, price, purpose)
        self._filled(trade, order, price, fee, at)
        return order.order_ref

    def _order(self, combo: Combo, quantity: int, price: str, purpose: Purpose) -> Order:
        self.refs += 1
        return Order(
            combo=combo, quantity=quantity, order_type=OrderType.LMT, limit=Premium.of(price),
            account=ACCOUNT, environment=Environment.SIM, order_ref=f"SP1-{self.refs:026d}", purpose=purpose,
        )  # fmt: skip

    def _filled(self, trade: str, order: Order, price: str, fee: str | None, at: datetime) -> None:
        sending = ev.Sending(
            order=order, role=Role.MAIN, ticket_id=f"tkt_{trade}", strategy_id=trade, order_id=self.refs,
            client_id=17, parent_id=0, digest="", frame_sha256="", mono=0.0, at=at,
        )  # fmt: skip
        ratio = abs(order.combo.legs[0].ratio) if order.combo.is_single else 1
        sells = order.combo.is_single and order.combo.legs[0].ratio < 0
        fill = Fill(
            exec_base=f"exec.{self.refs}", revision=1, order_ref=order.order_ref, perm_id=self.refs,
            order_id=self.refs, client_id=17, account=ACCOUNT, con_id=order.combo.legs[0].contract.con_id,
            sec_type="OPT" if order.combo.is_single else "BAG", symbol=order.combo.symbol,
            side="SELL" if sells else "BUY", quantity=Decimal(order.quantity * ratio),
            price=abs(Decimal(price)) if order.combo.is_single else Decimal(price), at=at,
        )  # fmt: skip
        self.write(sending, ev.Executed(order_ref=order.order_ref, fill=fill), at=at)
        if fee is not None:
            charged = ev.Charged(exec_base=fill.exec_base, revision=1, commission=Money.of(fee))
            self.write(charged, at=at)


def _ticket(trade: str, order: Order, at: datetime) -> Ticket:
    facts = TicketFacts(
        title=f"{trade} · {order.combo.symbol}", action_words="", strategy="bull_call_spread",
        symbol=order.combo.symbol, legs=(), cash_words="", price_words="", cash=None, max_loss=None,
        max_profit=None, breakevens=(),
    )  # fmt: skip
    return Ticket(
        ticket_id=f"tkt_{trade}", kind=TicketKind.OPEN, strategy_id=trade, position_id="", target_ref="",
        orders=(PlannedOrder(role=Role.MAIN, order=order),), facts=facts, environment=Environment.SIM,
        account=ACCOUNT, boot_id="boot", created_at=at, created=0.0, expires=300.0, life_s=300.0,
    )  # fmt: skip
