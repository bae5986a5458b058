"""A payoff picture before it is drawn: what stands where, in words and numbers."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from sumppump.domain.combo import Combo
from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import Bound, Curve, Unlimited
from sumppump.kernel.money import Money
from sumppump.strategies.drafts import Analysis, Draft
from sumppump.strategies.words import day, dollars

AT_EXPIRY = "at expiry"
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: P&L in cash over the underlying's price, prices rising."""

    label: str
    prices: tuple[float, ...]
    pnl: tuple[float, ...]

    def with_zeros(self) -> list[tuple[float, float]]:
        """(price, P&L) of every point, with the crossings of zero put in."""
        points = list(zip(self.prices, self.pnl, strict=True))
        full = points[:1]
        for (low, at_low), (high, at_high) in pairwise(points):
            if at_low * at_high < 0:
                full.append((low + (high - low) * at_low / (at_low - at_high), 0.0))
            full.append((high, at_high))
        return full

    def rises_at(self, price: float) -> bool:
        """Whether the curve goes up through this price."""
        place = min(max(1, bisect_right(self.prices, price)), len(self.prices) - 1)
        return self.pnl[place] >= self.pnl[max(0, bisect_left(self.prices, price) - 1)]


@dataclass(frozen=True, slots=True)
class BreakevenLabel:
    """A breakeven's number: to the right or left of its point, below or above zero.

    Below and towards the profit, or above and away from it: the curve passes through the other two corners.
    """

    price: float
    is_right: bool
    is_above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One picture of an order's payoff.

    Attributes:
        title, subtitle: one line each.
        symbol: the underlying's ticker.
        lines: the last one is at expiry and is drawn strongest; at least one with two points.
        spot: the underlying's price, None where it is not known.
        breakevens: prices, rising.
        max_loss, max_profit: in words.
        band: prices within one standard deviation at expiry, or None.
    """

    title: str
    symbol: str
    lines: tuple[Line, ...]
    max_loss: str
    max_profit: str
    subtitle: str = ""
    spot: float | None = None
    breakevens: tuple[float, ...] = ()
    band: tuple[float, float] | None = None

    @classmethod
    def of_draft(cls, draft: Draft) -> Drawing:
        """The picture of a draft.

        Raises:
            ValueError: it has no curves (a volatility is missing).
        """
        analysis, combo = draft.analysis, draft.combo
        dates = " and ".join(day(expiry) for expiry in combo.expiries)
        return cls(
            title=f"{draft.quantity} × {draft.symbol} {draft.strategy_type.words}, {dates}",
            subtitle=f"{_legs(combo)}: {analysis.premium_words}",
            symbol=draft.symbol,
            lines=tuple(_line(curve) for curve in analysis.payoff.curves),
            max_loss=bound_words(analysis.max_loss),
            max_profit=bound_words(analysis.max_profit),
            spot=float(draft.spot),
            breakevens=tuple(float(price) for price in analysis.breakevens),
            band=_band(draft, analysis),
        )

    @classmethod
    def of_points(
        cls,
        points: Sequence[tuple[Decimal, Decimal]],
        *,
        title: str,
        symbol: str,
        max_loss: Bound | None,
        max_profit: Bound | None,
        spot: Decimal | None = None,
        breakevens: Sequence[Decimal] = (),
    ) -> Drawing:
        """The picture of a payoff table: (underlying's price, P&L in cash), rising.

        Raises:
            ValueError: fewer than two points.
        """
        prices, pnl = tuple(float(price) for price, _ in points), tuple(float(cash) for _, cash in points)
        return cls(
            title=title,
            symbol=symbol,
            lines=(Line(AT_EXPIRY, prices, pnl),),
            max_loss=bound_words(max_loss),
            max_profit=bound_words(max_profit),
            spot=None if spot is None else float(spot),
            breakevens=tuple(float(price) for price in breakevens),
        )

    def __post_init__(self) -> None:
        if not self.lines or len(self.lines[-1].prices) < 2:
            raise ValueError("a payoff picture needs a curve of at least two points")

    @property
    def expiry(self) -> Line:
        """The curve at expiry."""
        return self.lines[-1]

    @property
    def prices(self) -> tuple[float, float]:
        """Lowest and highest price shown."""
        return self.expiry.prices[0], self.expiry.prices[-1]

    def breakeven_labels(self, least_gap: float) -> tuple[BreakevenLabel, ...]:
        """Where the numbers of the breakevens shown stand free of the curve and of each other.

        Args:
            least_gap: price distance that two numbers beside each other need.
        """
        low, high = self.prices
        shown = [price for price in self.breakevens if low <= price <= high]
        labels = [BreakevenLabel(price, self.expiry.rises_at(price), False) for price in shown]
        for place, (left, right) in enumerate(pairwise(labels)):
            if left.is_right and not right.is_right and right.price - left.price < least_gap:
                labels[place] = BreakevenLabel(left.price, False, True)
                labels[place + 1] = BreakevenLabel(right.price, True, True)
        return tuple(labels)

    def cash(self, margin: float = 0.16) -> tuple[float, float]:
        """Lowest and highest P&L shown, zero among them, with `margin` of their distance at both ends."""
        everything = [value for line in self.lines for value in line.pnl]
        low, high = min(0.0, *everything), max(0.0, *everything)
        room = margin * (high - low or 1.0)
        return low - room, high + room


def bound_words(bound: Bound | None) -> str:
    """A bound as it is written: `$213.00`, `unlimited` or `not known`."""
    if isinstance(bound, Money):
        return dollars(bound)
    return "unlimited" if isinstance(bound, Unlimited) else "not known"


def nice_ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    """About `count` round numbers between two bounds, rising."""
    raw = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(size * power for size in _STEPS if size * power >= raw * 0.85)
    first = math.ceil(low / step)
    last = math.floor(high / step)
    return tuple(round(number * step, 10) for number in range(first, last + 1))


def tick_cash(value: float) -> str:
    """A P&L on an axis: `−$500`, `$0`, `+$1,200`."""
    if value == 0:
        return "$0"
    digits = 0 if abs(value) >= 10 or value == int(value) else 2
    return f"{'−' if value < 0 else '+'}${abs(value):,.{digits}f}"


def tick_price(value: float) -> str:
    """A price on an axis, without idle zeros."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _legs(combo: Combo) -> str:
    """Legs in short: the underlying and a common date stand in the title already."""
    several = len(combo.expiries) > 1
    parts: list[str] = []
    for leg in combo.legs:
        option = leg.contract
        if isinstance(option, OptionContract):
            when = f" {option.expiry.isoformat()}" if several else ""
            parts.append(f"{leg.ratio:+d} {option.strike.normalize():f}{option.right}{when}")
        else:
            parts.append(f"{leg.ratio:+d} shares")
    return ", ".join(parts).replace("-", "−", 0 if several else -1)


def _line(curve: Curve) -> Line:
    return Line(curve.label, curve.prices, curve.pnl)


def _band(draft: Draft, analysis: Analysis) -> tuple[float, float] | None:
    horizon = analysis.payoff.curves[-1].at if analysis.payoff.curves else draft.as_of
    years = (horizon - draft.as_of).total_seconds() / (365 * 24 * 3600)
    known = [part.iv for part in analysis.legs if part.iv is not None]
    if years <= 0 or not known:
        return None
    reach = sum(known) / len(known) * math.sqrt(years)
    return float(draft.spot) * math.exp(-reach), float(draft.spot) * math.exp(reach)
