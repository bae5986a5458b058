"""Commissions and fees: what an order costs, per kind of contract, and what regulators and clearing add.

IBKR Pro, fixed prices where there is a choice (published; the minimum holds per order). What exchanges,
clearing and regulators take is added in the commission report. Those amounts change from year to year.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.account.valuation import is_coin, is_future, is_pair
from sumppump.exchange.listing.instruments import Listing

PER_CONTRACT = Decimal("0.65")
PER_SHARE = Decimal("0.005")
LEAST_PER_ORDER = Decimal("1.00")
_ZERO = Decimal(0)
_ONE = Decimal(1)
_GRAIN = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Traded:
    """What an order has traded of one contract: unsigned number and value."""

    listing: Listing
    count: Decimal
    value: Decimal
    is_sale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row of the tariff.

    Attributes:
        each: per contract or share.
        part: of the value traded.
        least: per order.
        most_part: of the value traded, at most; None for no bound.
    """

    each: Decimal = _ZERO
    part: Decimal = _ZERO
    least: Decimal = _ZERO
    most_part: Decimal | None = None

    def due(self, traded: Traded) -> Decimal:
        """Before the minimum."""
        amount = self.each * traded.count + self.part * traded.value
        return amount if self.most_part is None else min(amount, self.most_part * traded.value)


STOCKS = Rate(each=PER_SHARE, least=LEAST_PER_ORDER, most_part=Decimal("0.01"))
OPTIONS = Rate(each=PER_CONTRACT, least=LEAST_PER_ORDER)
PAIRS = Rate(part=Decimal("0.00002"), least=Decimal("2.00"))
COINS = Rate(part=Decimal("0.0018"), least=Decimal("1.75"))
FUTURES = Rate(each=Decimal("0.85"))
MICRO_FUTURES = Rate(each=Decimal("0.25"))
_MICRO = frozenset({"MES"})

EXCHANGE_FEES = {
    # Futures: exchange, NFA 0.02; options: the index exchanges' fees on customers (unverified, 2026).
    "ES": Decimal("1.40"),
    "MES": Decimal("0.37"),
    "VX": Decimal("1.74"),
    "SPX": Decimal("0.66"),
    "SPXW": Decimal("0.66"),
    "NDX": Decimal("0.60"),
    "RUT": Decimal("0.38"),
    "XSP": Decimal("0.07"),
    "VIX": Decimal("0.45"),
}
"""Per contract, by trading class."""


def rate_of(listing: Listing) -> Rate:
    """The row of the tariff that a contract falls under."""
    if listing.is_option:
        return OPTIONS
    if is_future(listing):
        return MICRO_FUTURES if listing.trading_class in _MICRO else FUTURES
    if is_pair(listing):
        return PAIRS
    return COINS if is_coin(listing) else STOCKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Levy:
    """What somebody other than the broker takes.

    Attributes:
        on: the wire's words for the kinds of contracts that pay it.
        each, part: per contract or share, and of the value.
        most: per execution.
        sales_only: whether buyers pay nothing.
    """

    name: str
    on: tuple[str, ...]
    each: Decimal = _ZERO
    part: Decimal = _ZERO
    most: Decimal | None = None
    sales_only: bool = True

    def due(self, traded: Traded) -> Decimal:
        """The levy on what was traded."""
        if traded.listing.sec_type not in self.on or (self.sales_only and not traded.is_sale):
            return _ZERO
        amount = self.each * traded.count + self.part * traded.value
        return amount if self.most is None else min(amount, self.most)


LEVIES = (
    # Section 31 fee, fiscal year 2026; FINRA trading activity fee, 2026; the sum of the exchanges' options
    # regulatory fees; OCC's clearing fee. Published amounts, typed from memory: unverified.
    Levy(name="SEC", on=("STK", "OPT"), part=Decimal("0.0000206")),
    Levy(name="TAF", on=("STK",), each=Decimal("0.000195"), most=Decimal("9.79")),
    Levy(name="TAF", on=("OPT",), each=Decimal("0.00329")),
    Levy(name="ORF", on=("OPT",), each=Decimal("0.02295"), sales_only=False),
    Levy(name="OCC", on=("OPT",), each=Decimal("0.025"), most=Decimal(55), sales_only=False),
)


def tariff(traded: Iterable[Traded]) -> Decimal:
    """All that an order costs that has traded this much so far; 0 for nothing."""
    rows = [one for one in traded if one.count]
    due = sum((rate_of(one.listing).due(one) for one in rows), start=_ZERO)
    least = max((rate_of(one.listing).least for one in rows), default=_ZERO)
    bounds = [rate_of(one.listing).most_part for one in rows]
    if all(bounds) and len(rows) == 1:  # the bound of 1 % holds against the minimum too
        least = min(least, (bounds[0] or _ONE) * rows[0].value)
    return (max(due, least) + sum((added(one) for one in rows), start=_ZERO)).quantize(_GRAIN)


def added(traded: Traded) -> Decimal:
    """What exchanges, clearing and regulators take."""
    fee = EXCHANGE_FEES.get(traded.listing.trading_class, _ZERO) * traded.count
    return fee + sum((levy.due(traded) for levy in LEVIES), start=_ZERO)


def shared_out(commission: Decimal, traded: Sequence[Traded]) -> tuple[Decimal, ...]:
    """A commission split over the legs in proportion to the tariff; the parts add up exactly."""
    weights = [rate_of(one.listing).due(one) + added(one) for one in traded]
    whole = sum(weights, start=_ZERO)
    if not whole:
        return (*(_ZERO for _ in weights[:-1]), commission)
    parts = [(commission * weight / whole).quantize(_GRAIN) for weight in weights[:-1]]
    return (*parts, commission - sum(parts, start=_ZERO))
