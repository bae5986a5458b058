"""What happens when the maintenance margin is no longer covered: a warning, then the broker closes positions.

IBKR does not call: it liquidates. Every few minutes of the regular session the excess liquidity is looked
at. Below a tenth of the maintenance margin there is a warning, once until it has recovered; below zero
one position is closed at the market by an order of client 0 without an order id: the one whose end frees the
most. The next look decides about the next.
The rhythm, the choice and the words are ours (unverified).

Ten minutes before the close, from when on IBKR checks Regulation T (15:50), a negative special memorandum
account brings a notice. IBKR may liquidate for it; here nothing is closed (our decision).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.account.account import Trade
from sumppump.exchange.account.margin_check import MarginDesk
from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.events import Event, MarginWarned, MemorandumWarned
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.orders.life import OrderLife
from sumppump.exchange.orders.orders import Order
from sumppump.exchange.reports import LIQUIDATION

LOOK_EVERY_MS = 5 * 60_000
REGULATED_BEFORE_CLOSE_MS = 10 * 60_000  # on the grid of looks, on half days too
LIQUIDATOR = 0
_WARNS_BELOW = Decimal("0.10")  # of the maintenance margin
_ZERO = Decimal(0)


@dataclass(slots=True)
class Liquidation:
    """Watches one account; `is_warned` until the cushion has recovered."""

    desk: MarginDesk
    life: OrderLife
    is_warned: bool = False

    def look(self, moment: Moment) -> None:
        """Warns, or closes the position whose end helps most."""
        if not self.desk.account.lines:
            return
        self._regulate(moment)
        now = self.desk.standing(moment)
        need, excess = now.maintenance, now.excess
        if need > 0 and excess < need * _WARNS_BELOW:
            if not self.is_warned:
                self.life.out.append(_warning(moment, excess))
            self.is_warned = True
        else:
            self.is_warned = False
        if excess < 0 and not self._is_working():
            self._close_one(moment, excess)

    def _regulate(self, moment: Moment) -> None:
        if moment.session.close_ms - moment.ms != REGULATED_BEFORE_CLOSE_MS:
            return
        memorandum = self.desk.figures(moment).memorandum
        if memorandum < 0:
            self.life.out.append(MemorandumWarned(moment.at, memorandum))

    def _is_working(self) -> bool:
        return any(order.spec.order_ref == LIQUIDATION for order in self.life.books.live())

    def _close_one(self, moment: Moment, excess: Decimal) -> None:
        account = self.desk.account
        tradable = [
            (account.find(line.con_id), line.quantity)
            for line in account.open_lines()
            if moment.trades(account.find(line.con_id), outside_rth=True)
        ]
        relief = [(self._excess_without(*one, moment) - excess, *one) for one in tradable]
        best = max(relief, key=lambda row: (row[0], row[1].con_id), default=None)
        if best is not None and best[0] > 0:
            self.life.accept(self._order(best[1], best[2]), moment)

    def _excess_without(self, listing: Listing, quantity: Decimal, moment: Moment) -> Decimal:
        closing = Trade(listing, -quantity, self.desk.mark(listing, moment), _ZERO)
        return self.desk.standing(moment, self.desk.account.with_trades([closing])).excess

    def _order(self, listing: Listing, quantity: Decimal) -> Order:
        count = abs(quantity)
        spec = OrderSpec(
            action="SELL" if quantity > 0 else "BUY",
            quantity=count,
            order_type="MKT",
            order_ref=LIQUIDATION,
            account=self.desk.account.name,
        )
        return Order(
            client_id=LIQUIDATOR,
            order_id=0,
            perm_id=self.life.books.new_perm_id(),
            instrument=listing,
            spec=spec,
            quantity=count,
            is_transmitted=False,
        )


def _warning(moment: Moment, excess: Decimal) -> Event:
    return MarginWarned(moment.at, excess)
