"""One order before the policy: the facts, the limits, and the figures that several checks share.

A check asks for a figure and gets it, or the check ends there with `Unanswered`, which the policy turns into
a refusal of its own. So no check can forget that a figure may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from sumppump.domain.combo import Leg, closing_quotes
from sumppump.domain.orders import Order, Purpose
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import NoQuote
from sumppump.kernel.money import Money, Premium
from sumppump.risk.facts import OrderFacts
from sumppump.risk.limits import Limits

T = TypeVar("T")

PERCENT = Decimal("0.01")


class Unanswered(Exception):
    """A figure that a check needs is not there. Not a fault: the answer that nobody knows."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say; the policy adds the control's id. The words are those of `Breach`."""

    code: str
    message: str
    expected: str
    found: str
    hard: bool = True
    passes: bool = False


def known(value: T | None, what: str) -> T:
    """The value.

    Raises:
        Unanswered: there is none.
    """
    if value is None:
        raise Unanswered(what)
    return value


@dataclass(frozen=True, slots=True)
class Case:
    """What every check is handed."""

    order: Order
    facts: OrderFacts
    limits: Limits

    @property
    def has_options(self) -> bool:
        """Whether any leg is an option."""
        return bool(self.order.combo.option_legs)

    @property
    def nlv(self) -> Money:
        """Net liquidation value in the order's currency; another base currency is not a number we can use."""
        return self._same_currency(known(self.figures_or_none("nlv"), "net_liquidation"))

    def figures_or_none(self, name: str) -> Money | None:
        """One account figure by name; None when it, or all figures, are missing."""
        figures = self.facts.figures
        value: Money | None = None if figures is None else getattr(figures, name)
        return value

    def _same_currency(self, amount: Money) -> Money:
        if amount.currency != self.order.combo.currency:
            raise Unanswered(f"exchange_rate_{amount.currency.lower()}")
        return amount

    def share_of_nlv(self, percent: Decimal) -> Money:
        """`percent` (5 is 5 %) of net liquidation."""
        return self.nlv * (percent * PERCENT)

    def quote(self, leg: Leg) -> Quote:
        """The leg's quote, as whoever opens or gets out may take it."""
        return known(self._quotes().get(leg.contract.con_id), "quote")

    def net_ask(self) -> Premium:
        """What the combo costs at the touch, signed per share."""
        return self._net(self.order.combo.net_ask)

    def net_bid(self) -> Premium:
        """What selling the combo at once brings, with the same sign."""
        return self._net(self.order.combo.net_bid)

    def net_mid(self) -> Premium:
        """The combo's mid, signed per share."""
        return self._net(self.order.combo.net_mid)

    def _net(self, price: Callable[[Mapping[int, Quote]], Premium]) -> Premium:
        try:
            return price(self._quotes())
        except NoQuote:
            raise Unanswered("quote") from None

    def _quotes(self) -> Mapping[int, Quote]:
        quotes = self.facts.quotes
        return quotes if self.order.purpose is Purpose.OPEN else closing_quotes(self.order.combo, quotes)

    def worst_price(self) -> Premium:
        """The most the order can cost per share, signed: its limit, or what the market asks without one."""
        if self.order.limit is not None:
            return self.order.limit
        ask = self.net_ask()
        return ask if self.order.stop is None else max(ask, self.order.stop)

    def shares(self) -> int:
        """Shares that the stock legs buy (+) or sell (-) in the whole order."""
        return sum(leg.ratio for leg in self.order.combo.stock_legs) * self.order.quantity

    def stock_notional(self) -> Money:
        """Cash for the shares that the order buys: at the worst price alone, at the ask within a combo."""
        combo = self.order.combo
        if not combo.stock_legs:
            return Money(Decimal(0), combo.currency)
        price = (
            self.worst_price()
            if not self.has_options
            else known(self.quote(combo.stock_legs[0]).ask, "quote")
        )
        return Money(price.amount * max(self.shares(), 0), combo.currency)

    def age(self, moment: float) -> float:
        """Seconds since `moment`; NaN stays NaN, so compare with `not (age <= limit)`."""
        return self.facts.monotonic - moment


Check = Callable[[Case], Iterator[Finding]]
