"""Expiry: what becomes of options after their last trading moment.

A plain version: at the close of the expiry day an option that is in the money by at least 0.01 of the
stock's last price is exercised or assigned by itself, into shares at the strike; the others lapse. Shares
are bought or sold without commission; the option leaves at 0, so that its cost is realised in full
and the gain shows in the shares. Early exercise and assignment do not happen.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sumppump.exchange.account import Account, Trade
from sumppump.exchange.clearing import Clearing
from sumppump.exchange.events import Event, OptionSettled
from sumppump.exchange.instruments import Listing
from sumppump.exchange.margin_check import MarginDesk
from sumppump.exchange.tops import Moment

_LEAST_IN_MONEY = Decimal("0.01")
_ZERO = Decimal(0)


def settle_expired(clearing: Clearing, desk: MarginDesk, moment: Moment) -> list[Event]:
    """Removes the options that have expired by this close."""
    out: list[Event] = []
    for option in _expired(clearing.account, moment.session.day):
        stock = clearing.account.find(option.under_con_id)
        quantity = clearing.account.quantity(option.con_id)
        shares = _shares(option, quantity, desk.mark(stock, moment))
        strike = option.strike or _ZERO
        clearing.account.book(Trade(option, -quantity, _ZERO, _ZERO))
        if shares:
            clearing.account.book(Trade(stock, shares, strike, _ZERO))
        out.append(OptionSettled(moment.at, option, quantity, shares, strike if shares else _ZERO))
        out += clearing.position_events([option, stock] if shares else [option], moment)
    return out


def _expired(account: Account, day: date) -> list[Listing]:
    listings = (account.find(line.con_id) for line in account.open_lines())
    return [one for one in listings if one.expiry is not None and one.expiry <= day]


def _shares(option: Listing, quantity: Decimal, price: Decimal) -> Decimal:
    """Shares that come into the account: calls bring them, puts take them away."""
    sign = 1 if option.right == "C" else -1
    in_money = sign * (price - (option.strike or _ZERO))
    return sign * quantity * option.multiplier if in_money >= _LEAST_IN_MONEY else _ZERO
