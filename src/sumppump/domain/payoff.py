"""What a combo is worth at expiry: one engine for every strategy, with stock, any ratios, any quantity.

The legs add up to a function of the underlying's price that is straight between strikes. Its corners,
its slope beyond the last strike and its zeros give maximum loss, maximum profit and breakevens exactly,
in Decimal. With several expiries the later legs still have time value at the first one; that is the
business of `revaluation`, which uses the types of this page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right
from sumppump.kernel.money import Money, Premium

ZERO = Decimal(0)
FINE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Unlimited:
    """There is no bound: the amount grows with the underlying's price without end.

    Attributes:
        reason: one sentence, for the place where a figure would stand.
    """

    reason: str

    def __str__(self) -> str:
        return "unlimited"


UNLIMITED_LOSS = Unlimited("The loss grows without limit as the underlying rises.")
UNLIMITED_PROFIT = Unlimited("The profit grows without limit as the underlying rises.")

Bound = Money | Unlimited


@dataclass(frozen=True, slots=True)
class PayoffPoint:
    """One row of the payoff table.

    Attributes:
        price: of the underlying, currency per share.
        pnl: profit (+) or loss (-) of the whole order, in cash.
        mark: why this price is in the table: `strike`, `breakeven`, `spot`, `-10 %` or "".
        today, half_way: the same now and half-way to the first expiry, by reprice; None without a volatility.
    """

    price: Decimal
    pnl: Money
    mark: str = ""
    today: Money | None = None
    half_way: Money | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """P&L of the whole order over the underlying's price, at one moment.

    Attributes:
        label: `today`, `half-way` or `at expiry`.
        at: the moment.
        prices: currency per share, rising.
        pnl: cash, one for each price.
    """

    label: str
    at: datetime
    prices: tuple[float, ...]
    pnl: tuple[float, ...]

    def points(self, about: int = 1_000) -> tuple[tuple[Decimal, Decimal], ...]:
        """(price, cash) of about so many of its prices, the first and the last among them."""
        drawn = [_point(price, pnl) for price, pnl in zip(self.prices, self.pnl, strict=True)]
        return (*drawn[: -1 : max(1, len(drawn) // about)], drawn[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoffProfile:
    """Everything that an order can come to by its (first) expiry, without fees.

    Attributes:
        net_premium: per share of one combo; debit positive.
        spot: the underlying's price that the picture is drawn around.
        max_loss, max_profit: cash of the order, >= 0; Unlimited; or None when it cannot be known (`reason`).
        breakevens: prices of the underlying at which the P&L is zero, rising; edges of a zero stretch too.
        profit_regions: where the P&L is above zero, as (from, to); None is no upper end.
        table: P&L at the prices that matter, rising.
        curves: for pictures; `at expiry` comes last. Those that need a missing volatility are left out.
        is_modelled: later legs were repriced at the first expiry, so the figures are a model's.
        reason: why a figure is None, or "".
    """

    quantity: int
    net_premium: Premium
    spot: Decimal
    max_loss: Bound | None
    max_profit: Bound | None
    breakevens: tuple[Decimal, ...] = ()
    profit_regions: tuple[tuple[Decimal, Decimal | None], ...] = ()
    table: tuple[PayoffPoint, ...] = ()
    curves: tuple[Curve, ...] = ()
    is_modelled: bool = False
    reason: str = ""

    @property
    def points(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """(price, P&L in cash) at the first expiry, rising, over the prices that a picture shows.

        Straight lines join them: exactly with one expiry; with several the model's own curve is thinned.
        """
        if not self.curves:
            return ()
        curve = self.curves[-1]
        if self.is_modelled:
            return curve.points(100)
        drawn = curve.points()
        low, high = drawn[0], drawn[-1]
        rows = ((row.price, row.pnl.amount) for row in self.table if low[0] < row.price < high[0])
        return (low, *rows, high)


def _point(price: float, pnl: float) -> tuple[Decimal, Decimal]:
    return Decimal(f"{price:.4f}"), Decimal(f"{pnl:.2f}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryPayoff:
    """P&L of an order at its only expiry, exactly: corners joined by straight lines.

    Attributes:
        combo, quantity, net_premium: the order.
        corners: prices at which the slope may change, from 0, rising.
    """

    combo: Combo
    quantity: int
    net_premium: Premium

    @property
    def corners(self) -> tuple[Decimal, ...]:
        """0 and the strikes, rising."""
        return (ZERO, *sorted({option.strike for option in self.combo.options}))

    @property
    def end_slope(self) -> int:
        """Change of the order's P&L per 1 of the underlying beyond the last corner."""
        rising = (leg.shares for leg in self.combo.legs if is_upside(leg))
        return sum(rising) * self.quantity

    def pnl(self, price: Decimal) -> Decimal:
        """Cash of the whole order if the underlying ends at `price`."""
        worth = sum((leg.shares * intrinsic(leg, price) for leg in self.combo.legs), start=ZERO)
        return (worth - self.net_premium.amount * self.combo.multiplier) * self.quantity

    def money(self, amount: Decimal) -> Money:
        """Cash in the combo's currency."""
        return Money(amount, self.combo.currency)

    @property
    def max_loss(self) -> Bound:
        """The most that can be lost, >= 0."""
        if self.end_slope < 0:
            return UNLIMITED_LOSS
        return self.money(max(ZERO, -min(self.pnl(corner) for corner in self.corners)))

    @property
    def max_profit(self) -> Bound:
        """The most that can be gained, >= 0."""
        if self.end_slope > 0:
            return UNLIMITED_PROFIT
        return self.money(max(ZERO, max(self.pnl(corner) for corner in self.corners)))

    @property
    def breakevens(self) -> tuple[Decimal, ...]:
        """Prices where the P&L is zero, rising."""
        corners = self.corners
        found = {corner for corner in corners if corner > 0 and self.pnl(corner) == 0}
        for low, high in pairwise(corners):
            at_low, at_high = self.pnl(low), self.pnl(high)
            if at_low * at_high < 0:
                found.add(_tidy(low + (high - low) * at_low / (at_low - at_high)))
        last = self.pnl(corners[-1])
        if last * self.end_slope < 0:
            found.add(_tidy(corners[-1] - last / self.end_slope))
        return tuple(sorted(found))


def worth_at_expiry(combo: Combo) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that one combo can be worth at its expiry, per share.

    None is no bound; with several expiries there is none at all, because later legs have time value then.
    """
    if len(combo.expiries) > 1:
        return None, None
    payoff = ExpiryPayoff(combo=combo, quantity=1, net_premium=Premium(ZERO))
    worths = [payoff.pnl(corner) / combo.multiplier for corner in payoff.corners]
    least = None if payoff.end_slope < 0 else min(worths)
    return least, None if payoff.end_slope > 0 else max(worths)


def intrinsic(leg: Leg, price: Decimal) -> Decimal:
    """What one share's worth of a leg's contract is worth when exercised at `price`; shares are worth it."""
    contract = leg.contract
    if not isinstance(contract, OptionContract):
        return price
    sign = 1 if contract.right is Right.CALL else -1
    return max(ZERO, sign * (price - contract.strike))


def profit_regions(
    breakevens: Sequence[Decimal], pnl: Callable[[Decimal], Decimal | float]
) -> tuple[tuple[Decimal, Decimal | None], ...]:
    """Where `pnl` is above zero, given all its zeros: (from, to) with None for no upper end."""
    edges = [ZERO, *breakevens]
    regions: list[tuple[Decimal, Decimal | None]] = []
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        inside = (low + high) / 2 if high is not None else low * 2 + 1
        if pnl(inside) > 0:
            regions.append((low, high))
    return tuple(regions)


def is_upside(leg: Leg) -> bool:
    """Whether a leg gains one for one with the underlying far above every strike: calls and shares."""
    return not isinstance(leg.contract, OptionContract) or leg.contract.right is Right.CALL


def _tidy(price: Decimal) -> Decimal:
    # A slope of 3 shares divides into endless digits; a hundredth of a cent is finer than any price.
    return price.quantize(FINE).normalize()
