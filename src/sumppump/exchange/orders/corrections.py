"""Executions that come again: corrected to another price, or busted.

As on the wire, the execution's id keeps all but its last number, which rises. The account books the old trade
backwards and the new one forwards: a line that a busted trade had closed comes back at that trade's price.
The order keeps what it said when it was filled. Our decisions: a busted execution comes with no shares at no
price, and its commission is given back.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sumppump.exchange.account.account import Trade
from sumppump.exchange.account.clearing import Clearing
from sumppump.exchange.commands import ReviseExecution
from sumppump.exchange.events import CommissionCharged, Event, Executed
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.reports import CommissionReport, Execution

_ZERO = Decimal(0)


def revised(clearing: Clearing, command: ReviseExecution, moment: Moment) -> list[Event]:
    """Carries a revision out and tells of it; nothing for an unknown execution or a combo's own row."""
    books = clearing.books
    place = next((n for n, one in enumerate(books.executions) if one.exec_id == command.exec_id), None)
    if place is None:
        return []
    before = books.executions[place]
    if not isinstance(before.instrument, Listing):
        return []
    after = _again(before, command.price)
    report = _rebooked(clearing, before, after)
    books.executions[place] = after
    books.commissions[after.exec_id] = report
    return [
        Executed(moment.at, after),
        CommissionCharged(moment.at, after.client_id, after.order_id, report),
        *clearing.position_events([before.instrument], moment),
    ]


def _again(before: Execution, price: Decimal | None) -> Execution:
    stem, _, number = before.exec_id.rpartition(".")
    exec_id = f"{stem}.{int(number) + 1:02d}"
    if price is None:
        left = before.cum_quantity - before.shares
        return replace(before, exec_id=exec_id, price=_ZERO, shares=_ZERO, cum_quantity=left)
    paid = before.avg_price * before.cum_quantity + (price - before.price) * before.shares
    return replace(before, exec_id=exec_id, price=price, avg_price=paid / before.cum_quantity)


def _rebooked(clearing: Clearing, before: Execution, after: Execution) -> CommissionReport:
    listing = before.instrument
    if not isinstance(listing, Listing):
        raise TypeError("only single contracts are booked")
    sign = 1 if before.side == "BOT" else -1
    charged = clearing.books.commissions[before.exec_id].commission
    kept = charged if after.shares else _ZERO
    account = clearing.account
    day_trades = account.day_trades  # taking a trade back is none
    account.book(Trade(listing, -sign * before.shares, before.price, -charged))
    realized = None
    if after.shares:
        realized = account.book(Trade(listing, sign * after.shares, after.price, kept))
    account.day_trades = day_trades
    return CommissionReport(
        after.exec_id, kept, clearing.books.commissions[before.exec_id].currency, realized
    )
