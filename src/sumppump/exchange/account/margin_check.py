"""What an order would do to the account: the what-if, and the refusal for want of margin.

An order is judged alone, as if it filled completely at once at its limit (or at the market), on top of the
positions; other working orders are not counted. One that leaves the account no worse is never refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

from sumppump.exchange.account.account import Account, Trade
from sumppump.exchange.account.clearing import traded_of
from sumppump.exchange.account.fees import shared_out, tariff
from sumppump.exchange.account.figures import Figures, Standing
from sumppump.exchange.account.permissions import (
    PATTERN_DAY_TRADER,
    Change,
    opens_in_securities,
    refusal_of,
)
from sumppump.exchange.account.valuation import Marks
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.tops import Moment, TopSource
from sumppump.exchange.orders.matching import leg_prices, touch_of, units_of
from sumppump.exchange.orders.orders import Order, legs_of, scale_of
from sumppump.exchange.reports import MarginReport, Refusal

_ZERO = Decimal(0)


class Rates(Protocol):
    """Where currencies stand."""

    def __call__(self, currency: str, moment: Moment) -> Decimal:
        """Units of the base currency for one of another, at a moment."""


@dataclass(slots=True)
class MarginDesk:
    """Figures of the account at a moment, as it is or as it would be."""

    account: Account
    source: TopSource
    rates: Rates

    def marks(self, moment: Moment) -> Marks:
        """Prices and rates at a moment, those of the account's positions found in one pass."""
        held = (self.account.find(line.con_id) for line in self.account.open_lines())
        self.source.look_up_marks(held, moment)
        return Marks(partial(self.mark, moment=moment), partial(self.rates, moment=moment))

    def figures(self, moment: Moment, account: Account | None = None) -> Figures:
        """The account's sums."""
        subject, marks = account or self.account, self.marks(moment)
        night = subject.margin(marks, is_night=True)
        return subject.figures(marks, subject.margin(marks) if moment.is_open else night, night)

    def standing(self, moment: Moment, account: Account | None = None) -> Standing:
        """The two of the account's sums on which orders and positions hang, for much less than all."""
        subject, marks = account or self.account, self.marks(moment)
        need = subject.margin(marks, is_night=not moment.is_open)
        return Standing(subject.worth(marks).base.equity, need.initial, need.maintenance)

    def cushion(self, moment: Moment) -> Decimal:
        """What is left of the equity after maintenance margin, in percent of it."""
        now = self.standing(moment)
        return 100 * now.excess / now.equity if now.equity > 0 else Decimal(0)

    def mark(self, listing: Listing, moment: Moment) -> Decimal:
        """What a position in this contract is valued at."""
        return self.source.mark(listing, moment)

    def bid(self, listing: Listing, moment: Moment) -> Decimal:
        """What a contract can be sold for, 0 where nobody bids."""
        top = self.source.tops((listing,), moment)[listing.con_id]
        return Decimal(top.bid) / listing.price_units

    def refusal(self, order: Order, moment: Moment) -> Refusal | None:
        """Why the account may not have this order: for want of a permission or of margin."""
        fault = self.permission_fault(order, moment)
        if fault is not None or self._after(self._trades(order, moment), moment).room >= 0:
            return fault
        return refusal_for(self.report(order, moment))

    def permission_fault(self, order: Order, moment: Moment) -> Refusal | None:
        """Why the account may not trade this."""
        signed = order.sign * order.remaining
        changes = [(leg.listing, Decimal(leg.ratio * signed)) for leg in legs_of(order.instrument)]
        fault = refusal_of(self.account.permissions, changes, self.account)
        return fault or self._day_trader_fault(changes, moment)

    def _day_trader_fault(self, changes: Sequence[Change], moment: Moment) -> Refusal | None:
        """Below 25,000 USD, who has used up the day trades of five sessions may only close."""
        if not self.account.has_day_trades or not opens_in_securities(changes, self.account):
            return None
        return PATTERN_DAY_TRADER if self.figures(moment).day_trades_left == 0 else None

    def report(self, order: Order, moment: Moment) -> MarginReport:
        """The what-if of an order."""
        trades = self._trades(order, moment)
        now, after = self.standing(moment).in_cents(), self._after(trades, moment)
        commission = sum((one.commission for one in trades), start=_ZERO)
        return MarginReport(
            init_before=now.initial,
            maint_before=now.maintenance,
            equity_before=now.equity,
            init_after=after.initial,
            maint_after=after.maintenance,
            equity_after=after.equity,
            commission=commission,
            min_commission=commission,  # TWS says them where it does not know better; clients wait for either
            max_commission=commission,
        )

    def _after(self, trades: Iterable[Trade], moment: Moment) -> Standing:
        return self.standing(moment, self.account.with_trades(trades)).in_cents()

    def _trades(self, order: Order, moment: Moment) -> list[Trade]:
        legs = legs_of(order.instrument)
        tops = self.source.tops((leg.listing for leg in legs), moment)
        prices = leg_prices(order, self._assumed_units(order, moment), tops)
        counts = [abs(leg.ratio) * order.remaining for leg in legs]
        paid = [price * count for price, count in zip(prices, counts, strict=True)]
        before = order.legs_paid or (_ZERO,) * len(legs)
        whole = [done + more for done, more in zip(before, paid, strict=True)]
        due = tariff(traded_of(order, whole, order.quantity)) - order.commission
        return [
            self._trade(leg.listing, Decimal(order.sign * leg.ratio * order.remaining), price, part, moment)
            for leg, price, part in zip(
                legs, prices, shared_out(due, traded_of(order, paid, order.remaining)), strict=True
            )
        ]

    def _trade(
        self, listing: Listing, quantity: Decimal, price: Decimal, part: Decimal, moment: Moment
    ) -> Trade:
        if not listing.is_option:
            # Shares count as equity at the mark: a limit far from the market must not look like a gain.
            mark = self.mark(listing, moment)
            price = max(price, mark) if quantity > 0 else min(price, mark)
        return Trade(listing, quantity, price, part)

    def _assumed_units(self, order: Order, moment: Moment) -> int:
        """Limit, or the quote it would take; a stop fills near its stop."""
        scale = scale_of(order.instrument)
        price = order.limit if order.limit is not None else order.stop_price
        if price is not None:
            return units_of(price, scale)
        legs = legs_of(order.instrument)
        touch = touch_of(order.instrument, self.source.tops((leg.listing for leg in legs), moment))
        return (touch.ask if order.is_buy else touch.bid) or 0


def refusal_for(report: MarginReport) -> Refusal | None:
    """Code 201 where equity would not cover the initial margin and the order makes that worse."""
    room_before = report.equity_before - report.init_before
    room_after = report.equity_after - report.init_after
    if room_after >= 0 or room_after >= room_before:
        return None
    return Refusal(
        201,
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR"
        f" EQUITY WITH LOAN VALUE [{report.equity_after:.2f} USD] MUST EXCEED THE INITIAL MARGIN"
        f" [{report.init_after:.2f} USD]",
    )
