"""What a holder wants done with his options: exercise before expiry, or not what happens by itself.

A wish is judged when it arrives and carried out with the end of the day. At expiry it replaces the exercise
by exception for as many contracts as it names. An option out of the money is exercised, and one in the
money given up, only with `override` (TWS API: exerciseOptions). The texts are unverified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.listing.instruments import Instrument, Listing
from sumppump.exchange.reports import OrderState, OrderView, Refusal

EXERCISE, LAPSE = 1, 2
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One instruction of a holder; `quantity` > 0 contracts of one option.

    Attributes:
        order_id: the id of the request; ids of requests and orders are the same numbers to clients.
        action: EXERCISE or LAPSE; anything else is refused.
    """

    client_id: int
    order_id: int
    action: int
    quantity: int
    con_id: int = 0
    perm_id: int = 0

    @property
    def is_exercise(self) -> bool:
        """Whether to exercise, not to give up."""
        return self.action == EXERCISE


@dataclass(frozen=True, slots=True)
class Wishes:
    """The instructions of a day, oldest first."""

    rows: tuple[Wish, ...] = ()

    def exercised(self, con_id: int, held: Decimal, automatic: Decimal) -> Decimal:
        """How many of the contracts held are exercised, starting from what happens by itself."""
        count = automatic
        for wish in self.rows:
            if wish.con_id == con_id:
                count += wish.quantity if wish.is_exercise else -wish.quantity
        return min(max(count, _ZERO), held)

    def early(self) -> Iterable[int]:
        """Contracts of which some are to be exercised now."""
        return dict.fromkeys(wish.con_id for wish in self.rows if wish.is_exercise)

    def named(self, con_id: int) -> int:
        """How many contracts of an option the instructions name."""
        return sum(wish.quantity for wish in self.rows if wish.con_id == con_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What an instruction is judged by.

    Attributes:
        held: contracts that the holder has, signed.
        named: contracts that earlier instructions name.
        gain: how far the option is in the money now, per share.
        is_last_day: whether the option expires with this session.
    """

    held: Decimal
    named: int
    gain: Decimal
    is_last_day: bool


def refusal_of(wish: Wish, instrument: Instrument, at: Holdings, *, override: bool) -> Refusal | None:
    """Why an instruction is not taken; None if it is."""
    action, quantity = wish.action, wish.quantity
    if action not in (EXERCISE, LAPSE):
        return _no(f"Invalid exercise action {action}")
    if not isinstance(instrument, Listing) or not instrument.is_option:
        return _no("Only options can be exercised")
    if quantity <= 0:
        return _no("Invalid exercise quantity")
    if quantity > at.held - at.named:
        return _no(f"Exercise quantity {quantity} exceeds the long position")
    return _timing_fault(action, instrument, at) or (None if override else _money_fault(action, at))


def _timing_fault(action: int, option: Listing, at: Holdings) -> Refusal | None:
    if option.is_cash_settled and at.is_last_day:
        return _no("Cash settled options are exercised automatically")
    if action == LAPSE and not at.is_last_day:
        return _no("Option can be lapsed on its last trading day only")
    if action == EXERCISE and not option.is_american and not at.is_last_day:
        return _no("European style option cannot be exercised before expiration")
    return None


def _money_fault(action: int, at: Holdings) -> Refusal | None:
    if action == EXERCISE and at.gain <= 0:
        return _no("Option is out of the money. Set override to exercise it")
    if action == LAPSE and at.gain > 0:
        return _no("Option is in the money. Set override to lapse it")
    return None


def wish_view(wish: Wish, option: Instrument, state: OrderState, at: datetime) -> OrderView:
    """An instruction as clients see it: like an order by which the option leaves (unverified)."""
    is_done, count = state is OrderState.FILLED, Decimal(wish.quantity)
    spec = OrderSpec(
        action="SELL",
        quantity=count,
        order_type="MKT",
        order_ref="Exercise" if wish.is_exercise else "Lapse",
    )
    return OrderView(
        client_id=wish.client_id,
        order_id=wish.order_id,
        perm_id=wish.perm_id,
        instrument=option,
        spec=spec,
        state=state,
        filled=count if is_done else Decimal(0),
        remaining=Decimal(0) if is_done else count,
        completed_at=at if state.is_terminal else None,
        completed_status=str(state) if state.is_terminal else "",
    )


def _no(cause: str) -> Refusal:
    return Refusal(322, f"Error processing request.-'bO' : cause - {cause}.")
