"""Expiry: what becomes of options and futures at the moment that settles them.

A contract is settled at `settles_at`: at the close of its last day, or at the open for what is settled in the
morning (SPX, ES, VX). Options that are settled in cash pay what they are in the money; futures, their last
difference. Other options become shares at the strike if they are in the money by at least 0.01 of the share's
last price (OCC's exercise by exception), unless their holder has said otherwise. Who is short is assigned
what others exercise: everything in the money, nothing out of it, and of what lies within a cent of the strike
a share that grows with the price (pin risk; the share is ours). An exercised or assigned option
leaves at 0, so that its cost is realised in full and the gain shows in the shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.account.account import Account, Trade
from sumppump.exchange.account.clearing import Clearing
from sumppump.exchange.account.exercise import Wishes
from sumppump.exchange.account.margin_check import MarginDesk
from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.events import Event, OptionSettled
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.randomness import key_of, uniform
from sumppump.exchange.market.tops import Moment

LEAST_IN_MONEY = Decimal("0.01")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an option turns into: `exercised` contracts (signed like the position), and the price of its end.

    Attributes:
        value: what the option is worth in cash, per share; 0 for one that turns into shares.
    """

    listing: Listing
    quantity: Decimal
    exercised: Decimal
    value: Decimal = _ZERO

    @property
    def shares(self) -> Decimal:
        """Shares that come into the account: calls bring them, puts take them away."""
        if self.listing.is_cash_settled:
            return _ZERO
        return right_sign(self.listing) * self.exercised * self.listing.multiplier


def right_sign(option: Listing) -> int:
    """1 for a call, -1 for a put."""
    return 1 if option.right == "C" else -1


def in_money(option: Listing, price: Decimal) -> Decimal:
    """How far an option is in the money, per share; negative out of it."""
    return right_sign(option) * (price - (option.strike or _ZERO))


@dataclass(slots=True)
class Settlement:
    """Ends contracts and turns options into shares."""

    seed: int
    clearing: Clearing
    desk: MarginDesk

    @property
    def account(self) -> Account:
        """The account that everything is booked in."""
        return self.clearing.account

    def expire(self, wishes: Wishes, moment: Moment) -> list[Event]:
        """Ends what has reached its settlement."""
        out: list[Event] = []
        for listing in self._due(moment):
            price = self.settlement_price(listing)
            if listing.is_option:
                out += self.turn(self._outcome(listing, price, wishes), moment)
            else:
                out += self._end_future(listing, price, moment)
        return out

    def _due(self, moment: Moment) -> list[Listing]:
        listings = (self.account.find(line.con_id) for line in self.account.open_lines())
        return [one for one in listings if one.settles_at is not None and one.settles_at <= moment.at]

    def settlement_price(self, listing: Listing) -> Decimal:
        """The level that settles a contract."""
        if listing.settles_at is None:
            raise ValueError(f"nothing settles {listing.local_symbol}")
        at = Moment.of(to_ms(listing.settles_at))
        return self.desk.mark(self.account.find(listing.under_con_id), at)

    def _outcome(self, option: Listing, price: Decimal, wishes: Wishes) -> Outcome:
        quantity = self.account.quantity(option.con_id)
        gain = in_money(option, price)
        if option.is_cash_settled:
            return Outcome(option, quantity, quantity if gain > 0 else _ZERO, max(gain, _ZERO))
        if quantity > 0:
            automatic = quantity if gain >= LEAST_IN_MONEY else _ZERO
            return Outcome(option, quantity, wishes.exercised(option.con_id, quantity, automatic))
        share = assigned_share(gain)
        return Outcome(option, quantity, -self.drawn(option, -quantity, share, "expiry"))

    def drawn(self, option: Listing, count: Decimal, share: float, occasion: str) -> Decimal:
        """How many of the short contracts are assigned: each by its own lot, the same for the same seed."""
        key = key_of(self.seed, "assignment", occasion)
        lots = (uniform(key, option.con_id, number) < share for number in range(int(count)))
        return Decimal(sum(lots))

    def turn(self, outcome: Outcome, moment: Moment, *, is_early: bool = False) -> list[Event]:
        """Books what an option turns into and tells of it; an early exercise leaves the rest as it is."""
        option, strike = outcome.listing, outcome.listing.strike or _ZERO
        leaving = outcome.exercised if is_early else outcome.quantity
        told = [option]
        out = self.clearing.transfer(Trade(option, -leaving, outcome.value, _ZERO), moment)
        if outcome.shares:
            stock = self.account.find(option.under_con_id)
            out += self.clearing.transfer(Trade(stock, outcome.shares, strike, _ZERO), moment)
            told.append(stock)
        price = outcome.value if option.is_cash_settled else strike if outcome.shares else _ZERO
        settled = OptionSettled(moment.at, option, leaving, outcome.shares, price)
        return [*out, settled, *self.clearing.position_events(told, moment)]

    def _end_future(self, future: Listing, price: Decimal, moment: Moment) -> list[Event]:
        quantity = self.account.quantity(future.con_id)
        out = self.clearing.transfer(Trade(future, -quantity, price, _ZERO), moment)
        return [*out, *self.clearing.position_events([future], moment)]


def assigned_share(gain: Decimal) -> float:
    """The part of the holders who exercise an option that ends this far in the money."""
    return float(min(max((gain + LEAST_IN_MONEY) / (2 * LEAST_IN_MONEY), _ZERO), Decimal(1)))
