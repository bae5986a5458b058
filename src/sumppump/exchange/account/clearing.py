"""What a trade leaves behind: executions, commissions, positions, and the events that tell of them.

TWS's order of events for a fill: the executions (a combo's own first, then one per leg), the order, its
status, then commissions and positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sumppump.exchange.account.account import Account, Trade
from sumppump.exchange.account.fees import Traded, shared_out, tariff
from sumppump.exchange.account.valuation import BASE, is_future, is_pair
from sumppump.exchange.events import (
    AccountChanged,
    CommissionCharged,
    Event,
    Executed,
    OrderOpened,
    OrderStatusChanged,
    PositionChanged,
)
from sumppump.exchange.listing.instruments import Bag, Instrument, Leg, Listing
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.orders.books import Books
from sumppump.exchange.orders.matching import LegTop, Match, leg_prices, price_from
from sumppump.exchange.orders.orders import OpenLegs, Order, legs_of, scale_of
from sumppump.exchange.reports import CommissionReport, Execution, OrderState

_ROUTER = "SMART"
_ADDED, _REMOVED = 1, 2
_CLEARING_HOUSE = "OCC"
_ZERO = Decimal(0)


@dataclass(slots=True)
class Clearing:
    """Books trades into the account and the books."""

    seed: int
    books: Books
    account: Account

    def settle(self, order: Order, match: Match, tops: dict[int, LegTop], moment: Moment) -> list[Event]:
        """Carries out a match and tells what came of it."""
        if match.takes:
            self.books.take(order, match.quantity)
        return self.complete(order, match, leg_prices(order, match.units, tops), moment)

    def complete(
        self,
        order: Order,
        match: Match,
        prices: tuple[Decimal, ...],
        moment: Moment,
        done: Sequence[Decimal] = (),
    ) -> list[Event]:
        """Fills an order at these prices of its legs; `done` is what its legs have already had of it."""
        price = price_from(match.units, scale_of(order.instrument))
        after = order.with_fill(match.quantity, price, prices)
        after = replace(after, commission=tariff(_traded_so_far(after)))
        if after.state is OrderState.FILLED:
            after = after.ended(OrderState.FILLED, moment.at, f"Filled Size: {after.filled}")
        self.books.keep(after)
        rows = _rows(after, match.quantity, price, prices, done or (_ZERO,) * len(prices))
        fills = self._executions(after, rows, moment, takes=match.takes)
        charges = self._booked(after.commission - order.commission, fills)
        view = after.view()
        return [
            *(Executed(moment.at, one) for one in fills),
            OrderOpened(moment.at, view),
            OrderStatusChanged(moment.at, view),
            *(CommissionCharged(moment.at, after.client_id, after.order_id, one) for one in charges),
            *self.position_events([leg.listing for leg in legs_of(after.instrument)], moment),
        ]

    def settle_legs(self, order: Order, part: OpenLegs, moment: Moment) -> list[Event]:
        """Trades some of a combo's legs ahead of the others: the combo itself is not filled by that."""
        rows = _leg_rows(order, part)
        fills = self._executions(order, rows, moment, takes=part.takes)
        due = tariff([_traded_in(one) for one in fills])
        after = replace(order, commission=order.commission + due, open_legs=part)
        self.books.keep(after)
        charges = self._booked(due, fills)
        return [
            *(Executed(moment.at, one) for one in fills),
            *(CommissionCharged(moment.at, after.client_id, after.order_id, one) for one in charges),
            *self.position_events([leg.listing for leg in legs_of(after.instrument)], moment),
        ]

    def transfer(self, trade: Trade, moment: Moment) -> list[Event]:
        """Books what the clearing house does: expiry, exercise, assignment.

        TWS tells these as executions too; that they belong to no order and to client 0 is unverified.
        """
        number = self.books.next_exec
        self.books.next_exec += 1
        count, price = abs(trade.quantity), trade.price
        fill = Execution(
            exec_id=f"{self.seed & 0xFFFFFFFF:08x}.{number:08x}.01.01",
            at=moment.at,
            client_id=0,
            order_id=0,
            perm_id=0,
            account=self.account.name,
            instrument=trade.listing,
            exchange=trade.listing.exchange if is_future(trade.listing) else _CLEARING_HOUSE,
            side="BOT" if trade.quantity > 0 else "SLD",
            shares=count,
            price=price,
            cum_quantity=count,
            avg_price=price,
            order_ref="",
            liquidity=0,
        )
        report = CommissionReport(fill.exec_id, _ZERO, trade.listing.currency, self.account.book(trade))
        self.books.executions.append(fill)
        self.books.commissions[fill.exec_id] = report
        return [Executed(moment.at, fill), CommissionCharged(moment.at, 0, 0, report)]

    def position_events(self, listings: Sequence[Listing], moment: Moment) -> list[Event]:
        """The new state of these positions, and of the account."""
        views = [self.account.position_view(one.con_id) for one in listings]
        return [*(PositionChanged(moment.at, view) for view in views), AccountChanged(moment.at)]

    def _booked(self, due: Decimal, fills: Sequence[Execution]) -> list[CommissionReport]:
        """Enters executions into the books and the account; a combo's own row is charged nothing."""
        singles = [one for one in fills if isinstance(one.instrument, Listing)]
        parts = iter(shared_out(due, [_traded_in(one) for one in singles]))
        charges = [self._entered(one, next(parts) if one in singles else _ZERO) for one in fills]
        self.books.executions.extend(fills)
        self.books.commissions.update({one.exec_id: one for one in charges})
        return charges

    def _entered(self, fill: Execution, part: Decimal) -> CommissionReport:
        realized = None
        if isinstance(fill.instrument, Listing):
            signed = fill.shares if fill.side == "BOT" else -fill.shares
            realized = self.account.book(Trade(fill.instrument, signed, fill.price, part))
        return CommissionReport(fill.exec_id, part, "USD", realized)

    # -- executions -------------------------------------------------------------------------
    def _executions(
        self, order: Order, rows: Sequence[_Row], moment: Moment, *, takes: bool
    ) -> list[Execution]:
        number = self.books.next_exec
        self.books.next_exec += 1
        stem = f"{self.seed & 0xFFFFFFFF:08x}.{number:08x}"
        liquidity = _REMOVED if takes else _ADDED
        return [
            Execution(
                exec_id=f"{stem}.{place:02d}.01",
                at=moment.at,
                client_id=order.client_id,
                order_id=order.order_id,
                perm_id=order.perm_id,
                account=self.account.name,
                instrument=row.instrument,
                exchange=venue_of(row.instrument, number),
                side="BOT" if row.buys else "SLD",
                shares=row.shares,
                price=row.price,
                cum_quantity=row.filled,
                avg_price=row.paid / row.filled,
                order_ref=order.spec.order_ref,
                liquidity=liquidity,
            )
            for place, row in enumerate(rows, start=1)
        ]


@dataclass(frozen=True, slots=True)
class _Row:
    """What one execution says of itself: this fill, and what was filled and paid so far."""

    instrument: Instrument
    buys: bool
    shares: Decimal
    price: Decimal
    filled: Decimal
    paid: Decimal


def _rows(
    order: Order,
    quantity: Decimal,
    price: Decimal,
    prices: tuple[Decimal, ...],
    done: Sequence[Decimal],
) -> list[_Row]:
    """The order's own execution, then, of a combo, one per leg that has not had all of it."""
    whole = _Row(order.instrument, order.is_buy, quantity, price, order.filled, order.paid)
    if not isinstance(order.instrument, Bag):
        return [whole]
    legs = zip(order.instrument.legs, prices, order.legs_paid, done, strict=True)
    rows = [
        _Row(
            leg.listing,
            order.sign * leg.ratio > 0,
            quantity * abs(leg.ratio) - had,
            leg_price,
            order.filled * abs(leg.ratio),
            paid,
        )
        for leg, leg_price, paid, had in legs
    ]
    return [whole, *(row for row in rows if row.shares)]


def _leg_rows(order: Order, part: OpenLegs) -> list[_Row]:
    legs = zip(legs_of(order.instrument), part.prices, part.done, strict=True)
    return [
        _Row(leg.listing, order.sign * leg.ratio > 0, count, price, count, price * count)
        for leg, price, count in legs
        if count
    ]


def _traded_in(fill: Execution) -> Traded:
    """What a single contract's execution has traded."""
    listing = fill.instrument
    if not isinstance(listing, Listing):
        raise TypeError("a combo is charged by its legs")
    value = abs(fill.price * fill.shares) * listing.multiplier
    return Traded(listing, fill.shares, value, is_sale=fill.side == "SLD")


def _traded_so_far(order: Order) -> list[Traded]:
    return traded_of(order, order.legs_paid, order.filled)


def _priced(order: Order, prices: Sequence[Decimal]) -> Iterator[tuple[Decimal, Leg]]:
    return zip(prices, legs_of(order.instrument), strict=True)


def traded_of(order: Order, paid: Sequence[Decimal], quantity: Decimal) -> list[Traded]:
    """What each leg of an order has traded; `paid` is the sum of price times number per leg."""
    return [
        Traded(
            leg.listing,
            abs(leg.ratio) * quantity,
            _in_base(leg.listing, abs(leg.ratio) * quantity, abs(price)),
            is_sale=order.sign * leg.ratio < 0,
        )
        for price, leg in _priced(order, paid)
    ]


def _in_base(listing: Listing, count: Decimal, paid: Decimal) -> Decimal:
    """What was traded in the account's currency: dollars against yen are counted in dollars."""
    return count if is_pair(listing) and listing.symbol == BASE else paid * listing.multiplier


def venue_of(instrument: Instrument, number: int) -> str:
    """One of the exchanges that a contract's details name; a combo's row goes by its first leg."""
    listing = legs_of(instrument)[0].listing
    venues = [one for one in listing.valid_exchanges if one != _ROUTER] or [listing.exchange]
    return venues[number % len(venues)]
