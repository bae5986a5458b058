"""Legs and combos: what is traded together, and what it costs.

One sign convention holds everywhere above this module: we always buy the combo; legs carry the
direction in the sign of their ratio, the premium carries debit (+) or credit (-). A single option
or a stock is a combo of one leg. A stock leg's ratio counts shares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import gcd

from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import InvalidCombo, NoQuote
from sumppump.kernel.money import Money, Premium

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One contract of a combo.

    Attributes:
        contract: the option or stock.
        ratio: contracts (or shares) per combo; positive buys, negative sells, never 0.
    """

    contract: Instrument
    ratio: int

    def __post_init__(self) -> None:
        if self.ratio == 0:
            raise InvalidCombo("a leg's ratio is never 0")

    @property
    def shares(self) -> int:
        """Shares of the underlying that this leg stands for per combo, signed."""
        return self.ratio * self.contract.multiplier

    @property
    def reversed(self) -> Leg:
        """The leg that undoes this one."""
        return Leg(contract=self.contract, ratio=-self.ratio)


@dataclass(frozen=True, slots=True)
class Combo:
    """Legs that trade as one instrument, with ratios in lowest terms."""

    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        if not self.legs:
            raise InvalidCombo("a combo has at least one leg")
        if gcd(*(leg.ratio for leg in self.legs)) != 1:
            raise InvalidCombo("ratios must be in lowest terms; the rest belongs in the quantity")
        if len({leg.contract.con_id for leg in self.legs}) != len(self.legs):
            raise InvalidCombo("each contract appears once in a combo")
        if len({leg.contract.symbol for leg in self.legs}) != 1:
            raise InvalidCombo("all legs share one underlying")
        if len({leg.contract.multiplier for leg in self.option_legs}) > 1:
            raise InvalidCombo("option legs share one multiplier")

    @property
    def option_legs(self) -> tuple[Leg, ...]:
        """The legs that are options."""
        return tuple(leg for leg in self.legs if isinstance(leg.contract, OptionContract))

    @property
    def stock_legs(self) -> tuple[Leg, ...]:
        """The legs that are shares."""
        return tuple(leg for leg in self.legs if isinstance(leg.contract, Underlying))

    @property
    def options(self) -> tuple[OptionContract, ...]:
        """The option contracts, in the order of the legs."""
        return tuple(leg.contract for leg in self.legs if isinstance(leg.contract, OptionContract))

    @property
    def symbol(self) -> str:
        """The underlying's ticker."""
        return self.legs[0].contract.symbol

    @property
    def currency(self) -> str:
        """Currency of every price."""
        return self.legs[0].contract.currency

    @property
    def multiplier(self) -> int:
        """Shares per combo: the options' multiplier, 1 for shares alone."""
        options = self.option_legs
        return options[0].contract.multiplier if options else 1

    @property
    def is_single(self) -> bool:
        """Whether it goes to the market as one contract and not as a BAG."""
        return len(self.legs) == 1

    @property
    def expiries(self) -> tuple[date, ...]:
        """Different expiries, nearest first."""
        return tuple(sorted({option.expiry for option in self.options}))

    @property
    def reversed(self) -> Combo:
        """The combo that undoes this one."""
        return Combo(tuple(leg.reversed for leg in self.legs))

    def tick(self, price: Decimal) -> Decimal:
        """Price step: the contract's own for a single option, one cent for a BAG on SMART."""
        only = self.legs[0].contract
        if self.is_single:
            return only.tick(price) if isinstance(only, OptionContract) else only.min_tick
        return CENT

    def net_mid(self, quotes: Mapping[int, Quote]) -> Premium:
        """Mid of one combo per share, from quotes by con_id; positive is a debit.

        Raises:
            NoQuote: a leg has no two-sided market.
        """
        return self._net(quotes, lambda bid, ask, buys: (bid + ask) * Decimal("0.5"))

    def net_ask(self, quotes: Mapping[int, Quote]) -> Premium:
        """What buying the combo at once costs: asks of bought legs, bids of sold ones."""
        return self._net(quotes, lambda bid, ask, buys: ask if buys else bid)

    def net_bid(self, quotes: Mapping[int, Quote]) -> Premium:
        """What selling the combo at once brings, with the same sign as `net_ask`."""
        return self._net(quotes, lambda bid, ask, buys: bid if buys else ask)

    def _net(
        self, quotes: Mapping[int, Quote], price: Callable[[Premium, Premium, bool], Premium]
    ) -> Premium:
        total = Premium(Decimal(0))
        for leg in self.legs:
            quote = quotes.get(leg.contract.con_id)
            if quote is None:
                raise NoQuote(f"{leg.contract.label} has no quote", expected="a two-sided market")
            bid, ask = quote.two_sided()
            total += price(bid, ask, leg.ratio > 0) * (Decimal(leg.shares) / self.multiplier)
        return total

    def cash(self, premium: Premium, *, quantity: int) -> Money:
        """Cash that `quantity` combos cost at `premium`; positive is paid, negative received."""
        return premium.cash(multiplier=self.multiplier, quantity=quantity, currency=self.currency)

    def words(self) -> str:
        """The legs as a trader writes them, for example `+1 SPY 2026-12-18 500C, -1 SPY 2026-12-18 505C`."""
        return ", ".join(f"{leg.ratio:+d} {leg.contract.label}" for leg in self.legs)


def closing_quotes(combo: Combo, quotes: Mapping[int, Quote]) -> Mapping[int, Quote]:
    """Quotes for an order that leaves a position: an option that nobody bids for has a bid of 0.

    A worthless option often has an ask and no bid. Who holds it receives 0 for it at worst, who owes it buys
    it back at the ask; so 0 is the truth about that side, and closing stays possible. Opening asks the quotes
    as they are.

    Args:
        combo: what is bought to get out.
        quotes: by con_id; those of other contracts come back as they are.
    """
    options = {option.con_id for option in combo.options}
    return {
        con_id: replace(quote, bid=Premium(Decimal(0)))
        if con_id in options and _is_worthless(quote)
        else quote
        for con_id, quote in quotes.items()
    }


def _is_worthless(quote: Quote) -> bool:
    return quote.bid is None and quote.ask is not None
