"""What Regulation T asks of the account without an order and with it filled. Pure.

An estimate beside the broker's what-if, which decides. Both sides are figured at the same prices, so what
they differ by is the order's.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sumppump.domain.instruments import Underlying
from sumppump.domain.margin.lots import MarginLine, Prices
from sumppump.domain.margin.regt import AccountNeeds, needs_of
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Order
from sumppump.domain.quotes import Quote
from sumppump.domain.tickets import RuleMargin
from sumppump.kernel.money import CENT, Money
from sumppump.portfolio.holdings import Holdings
from sumppump.risk.margin import prices_of

ONCE_FILLED = "with it filled; while it waits nothing changes"


def rule_margin(holdings: Holdings, order: Order, quotes: Mapping[int, Quote]) -> RuleMargin | Missing:
    """Requirements of the whole account, or why they cannot be figured.

    Args:
        holdings: what is held, with its quotes.
        order: what would be filled, whole.
        quotes: of the order's legs and its underlying, by con_id.
    """
    held = [MarginLine(instrument=each.instrument, quantity=each.quantity) for each in holdings.positions]
    new = [
        MarginLine(instrument=leg.contract, quantity=leg.ratio * order.quantity) for leg in order.combo.legs
    ]
    prices = _prices(holdings, order, quotes)
    before, after = needs_of(held, prices), needs_of([*held, *new], prices)
    lost = dict((*before.left_out, *after.left_out))
    mine = {order.combo.symbol, *(leg.contract.label for leg in order.combo.legs)} & lost.keys()
    if mine:
        name = min(mine)
        return Missing("no_rule_margin", f"{name}: {lost[name]}")
    waits = order.stop is not None or order.trail is not None
    said = [ONCE_FILLED] * waits + [f"without {', '.join(sorted(lost))}"] * bool(lost)
    return _told(before, after, order.combo.currency, "; ".join(said))


def _told(before: AccountNeeds, after: AccountNeeds, currency: str, note: str) -> RuleMargin:
    def cash(amount: Decimal) -> Money:
        return Money(amount.quantize(CENT), currency)

    return RuleMargin(
        initial_before=cash(before.total.initial),
        initial_after=cash(after.total.initial),
        maintenance_before=cash(before.total.maintenance),
        maintenance_after=cash(after.total.maintenance),
        note=note,
    )


def _prices(holdings: Holdings, order: Order, quotes: Mapping[int, Quote]) -> Prices:
    """What is held is priced as held; what the order brings, by its quotes."""
    known = prices_of(holdings)
    told = {
        con_id: max(Decimal(0), price.amount)
        for con_id, quote in quotes.items()
        if (price := quote.mid or quote.last or quote.close) is not None
    }
    beneath = [con_id for con_id, quote in quotes.items() if isinstance(quote.instrument, Underlying)]
    spots = {quotes[con_id].instrument.symbol: told[con_id] for con_id in beneath if con_id in told}
    return Prices({**spots, **known.spots}, {**told, **known.marks})
