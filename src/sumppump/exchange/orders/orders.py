"""An order inside the exchange, and the changes that can happen to it.

A value: every change makes a new one. Prices are per share; quantities are contracts, shares or combos; only
coins have fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.exchange.calendar.hours import HoursKind
from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.listing.instruments import Bag, Instrument, Leg, Listing, SecType
from sumppump.exchange.orders.quirks import AS_RECORDED, NOTHING_PLANNED, Quirks, Timetable
from sumppump.exchange.reports import MarginReport, OrderState, OrderView

_ZERO = Decimal(0)
_BY_LIMIT = (SecType.STOCK, SecType.OPTION)


class Peg(StrEnum):
    """What an order's limit follows."""

    PRIMARY = "the own side of the quote"
    MIDDLE = "the middle of the quote"


@dataclass(frozen=True, slots=True)
class OrderKind:
    """What an order type needs and does.

    Attributes:
        needs_limit, needs_aux: a limit price and a stop price have to be given.
        is_stop: it waits until the market reaches its stop price, which lies on the far side of the market;
            of one that `touches`, on the near side.
        trails: its stop follows the market.
        offsets_limit: its limit keeps a distance from its stop.
        peg: what its limit follows; `limit` and `aux` then are a cap and an offset, neither needed.
        is_for_close: it trades in the closing auction only.
        turns_limit: what its first fill leaves becomes a limit order at that fill's price.
    """

    needs_limit: bool = False
    needs_aux: bool = False
    is_stop: bool = False
    touches: bool = False
    trails: bool = False
    offsets_limit: bool = False
    peg: Peg | None = None
    is_for_close: bool = False
    turns_limit: bool = False


KINDS = {
    "LMT": OrderKind(needs_limit=True),
    "MKT": OrderKind(),
    "STP": OrderKind(needs_aux=True, is_stop=True),
    "STP LMT": OrderKind(needs_limit=True, needs_aux=True, is_stop=True),
    "TRAIL": OrderKind(is_stop=True, trails=True),
    "TRAIL LIMIT": OrderKind(is_stop=True, trails=True, offsets_limit=True),
    "MIT": OrderKind(needs_aux=True, is_stop=True, touches=True),
    "LIT": OrderKind(needs_limit=True, needs_aux=True, is_stop=True, touches=True),
    "MTL": OrderKind(turns_limit=True),
    "MOC": OrderKind(is_for_close=True),
    "LOC": OrderKind(needs_limit=True, is_for_close=True),
    "REL": OrderKind(peg=Peg.PRIMARY),
    "PEG MID": OrderKind(peg=Peg.MIDDLE),
    "MIDPRICE": OrderKind(peg=Peg.MIDDLE),
}


@dataclass(frozen=True, slots=True)
class OpenLegs:
    """A fill of a combo of which some legs still have to come.

    Attributes:
        units, quantity, takes: the match.
        prices: of the legs, per share.
        done: how much each leg has had of it.
    """

    units: int
    quantity: Decimal
    takes: bool
    prices: tuple[Decimal, ...]
    done: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order.

    Attributes:
        filled, paid, last_price: what was filled, the sum of price times quantity, the last fill's price.
        legs_paid: the same sum for each leg of a combo.
        commission: charged so far.
        stop_price: the stop as it stands; moves for TRAIL.
        oca_group: the client's, or the parent's perm id for the children of one parent.
        is_transmitted: False while the order is only staged.
        is_triggered: a stop that has become a market or limit order.
        conditions_met: its conditions were true once.
        times: when time alone does something to it.
        quirks: what its client goes through.
        placed_at: when the exchange got it.
        open_legs: a fill whose legs have not all come.
    """

    client_id: int
    order_id: int
    perm_id: int
    instrument: Instrument
    spec: OrderSpec
    quantity: Decimal
    state: OrderState = OrderState.PENDING_SUBMIT
    filled: Decimal = _ZERO
    paid: Decimal = _ZERO
    last_price: Decimal = _ZERO
    legs_paid: tuple[Decimal, ...] = ()
    commission: Decimal = _ZERO
    stop_price: Decimal | None = None
    parent_perm_id: int = 0
    oca_group: str = ""
    why_held: str = ""
    is_transmitted: bool = True
    is_triggered: bool = False
    conditions_met: bool = False
    times: Timetable = NOTHING_PLANNED
    quirks: Quirks = AS_RECORDED
    placed_at: datetime | None = None
    open_legs: OpenLegs | None = None
    completed_at: datetime | None = None
    completed_status: str = ""

    @property
    def kind(self) -> OrderKind:
        """The row of its order type."""
        return KINDS[self.spec.order_type]

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        return self.spec.action == "BUY"

    @property
    def sign(self) -> int:
        """1 for buying, -1 for selling."""
        return 1 if self.is_buy else -1

    @property
    def remaining(self) -> Decimal:
        """What is still to be filled."""
        return self.quantity - self.filled

    @property
    def is_live(self) -> bool:
        """Whether something can still happen to it."""
        return not self.state.is_terminal

    @property
    def waits_for_trigger(self) -> bool:
        """Whether it is a stop that has not been triggered."""
        return self.kind.is_stop and not self.is_triggered

    @property
    def waits_for_conditions(self) -> bool:
        """Whether it has conditions that must be true before it works."""
        return bool(self.spec.conditions) and not (self.conditions_met or self.spec.conditions_cancel)

    @property
    def waits_for_auction(self) -> bool:
        """Whether it trades in the opening or the closing auction only."""
        return self.kind.is_for_close or self.spec.tif == "OPG"

    @property
    def limit(self) -> Decimal | None:
        """The price that bounds its fills; None for orders that trade at the market.

        A pegged order's moves with each look at the market (`matching.limit_units`); this is its cap.
        """
        if self.kind.needs_limit or self.kind.peg is not None:
            return self.spec.limit
        if self.kind.turns_limit:
            return self.last_price if self.filled else None
        if self.kind.offsets_limit and self.stop_price is not None:
            return self.stop_price + self.sign * (self.spec.limit_offset or 0)
        return None

    @property
    def outside_rth(self) -> bool:
        """Whether it works outside regular hours: the wish, which TWS grants shares with a limit only.

        Options on SPX, XSP and VIX trade by night with a limit, other options keep their hours whatever is
        wished; futures, currencies and coins trade by any order.
        """
        return works_outside(self.spec, self.instrument)

    @property
    def avg_price(self) -> Decimal:
        """Average price of its fills, 0 before the first."""
        return self.paid / self.filled if self.filled else _ZERO

    def changed(self, state: OrderState, why_held: str = "") -> Order:
        """In another state."""
        return replace(self, state=state, why_held=why_held)

    def resized(self, quantity: Decimal) -> Order:
        """For another quantity, in its terms too."""
        return replace(self, quantity=quantity, spec=replace(self.spec, quantity=quantity))

    def ended(self, state: OrderState, at: datetime, status: str) -> Order:
        """In a state from which nothing follows."""
        return replace(
            self,
            state=state,
            why_held="",
            times=NOTHING_PLANNED,
            completed_at=at,
            completed_status=status,
        )

    def timed(self, **moments: int | None) -> Order:
        """With some of its moments set or taken away."""
        return replace(self, times=replace(self.times, **moments))

    def with_fill(self, quantity: Decimal, price: Decimal, leg_prices: tuple[Decimal, ...]) -> Order:
        """After a fill of `quantity` at `price` per share; Filled once nothing remains, Submitted before."""
        before = self.legs_paid or (_ZERO,) * len(leg_prices)
        counts = [abs(leg.ratio) * quantity for leg in legs_of(self.instrument)]
        done = self.filled + quantity == self.quantity
        return replace(
            self,
            state=OrderState.FILLED if done else OrderState.SUBMITTED,
            why_held="",
            filled=self.filled + quantity,
            paid=self.paid + price * quantity,
            last_price=price,
            legs_paid=tuple(
                paid + one * count for paid, one, count in zip(before, leg_prices, counts, strict=True)
            ),
        )

    def view(self, margin: MarginReport | None = None) -> OrderView:
        """The order as others see it."""
        return OrderView(
            client_id=self.client_id,
            order_id=self.order_id,
            perm_id=self.perm_id,
            instrument=self.instrument,
            spec=self.spec,
            state=self.state,
            filled=self.filled,
            remaining=self.remaining,
            avg_fill_price=self.avg_price,
            last_fill_price=self.last_price,
            parent_perm_id=self.parent_perm_id,
            oca_group=self.oca_group,
            why_held=self.why_held,
            stop_price=self.stop_price,
            limit=self.spec.limit if self.limit is None else self.limit,
            margin=margin,
            completed_at=self.completed_at,
            completed_status=self.completed_status,
        )


def works_outside(spec: OrderSpec, instrument: Instrument) -> bool:
    """Whether an order in these terms works outside regular hours; see `Order.outside_rth`."""
    if not spec.outside_rth:
        return False
    listings = [leg.listing for leg in legs_of(instrument)]
    if any(one.is_option and one.hours is not HoursKind.GLOBAL_OPTION for one in listings):
        return False
    return KINDS[spec.order_type].needs_limit or not any(one.sec_type in _BY_LIMIT for one in listings)


def legs_of(instrument: Instrument) -> tuple[Leg, ...]:
    """The legs of a combo; a single contract is a combo of one."""
    return instrument.legs if isinstance(instrument, Bag) else (Leg(instrument, 1),)


def scale_of(instrument: Instrument) -> int:
    """How many units of exact integer arithmetic one currency unit per share is.

    Prices of combos are sums of ratio times multiplier times cents of the legs, which stay integers; the net
    price per share is that sum by 100 and by the combo's multiplier.
    """
    if not isinstance(instrument, Bag):
        return instrument.price_units
    return instrument.legs[0].listing.price_units * instrument.multiplier


def weight_of(instrument: Instrument, listing: Listing) -> int:
    """Units that one cent of a leg's price counts for, per unit of ratio."""
    return listing.multiplier if isinstance(instrument, Bag) else 1
