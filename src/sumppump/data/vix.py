"""The volatility index and its futures: the curve, its slope, and what such a curve is called."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sumppump.data.quotes import price_of
from sumppump.domain.instruments import Future
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Quote
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.ports.market import ContractDirectory, MarketData

INDEX, FUTURES = "VIX", "VX"
MOST_MONTHS = 8
DAYS_PER_MONTH = 365.25 / 12
# Second month against the first, percent: above the figure the curve is called so.
REGIMES = ((1.0, "contango"), (-1.0, "flat"), (float("-inf"), "backwardation"))
REGIME_RULE = "second month against first: contango above +1 %, backwardation at or below -1 %, else flat"
_DEADLINE_S = 8.0

Figure = float | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class VixMonth:
    """One future of the curve.

    Attributes:
        dte: calendar days to its last trading day.
        price: mid, else last trade, index points. is_mid: which.
        on_previous_pct: percent above the month before it; the first above the index.
    """

    future: Future
    quote: Quote
    dte: int
    price: Figure
    is_mid: bool
    on_previous_pct: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class VixCurve:
    """The index and its futures, front month first.

    Attributes:
        contango_pct: second month above the first; spot_basis_pct: first above the index, percent.
        slope: points per month, a straight line through all months that have a price.
        regime: a word of REGIMES.
        quotes: of the index and all months.
    """

    spot: Figure
    months: tuple[VixMonth, ...]
    contango_pct: Figure
    spot_basis_pct: Figure
    slope: Figure
    regime: str | Missing
    quotes: tuple[Quote, ...]

    def missing(self) -> tuple[tuple[str, Missing], ...]:
        """(name, why) of every figure that there is not."""
        named: list[tuple[str, object]] = [
            ("spot", self.spot),
            ("contango_pct", self.contango_pct),
            ("spot_basis_pct", self.spot_basis_pct),
            ("slope_per_month", self.slope),
            ("regime", self.regime),
            *((f"price of {each.future.local_symbol}", each.price) for each in self.months),
        ]
        return tuple((name, figure) for name, figure in named if isinstance(figure, Missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class VixService:
    """Looks at the curve; sends nothing."""

    directory: ContractDirectory
    market: MarketData
    clock: Clock

    async def curve(self) -> VixCurve:
        """The curve now.

        Raises:
            UnknownContract: the index or its futures are not listed.
            GatewayUnavailable: no connection.
        """
        index, listed = await asyncio.gather(
            self.directory.underlying(INDEX), self.directory.futures(FUTURES)
        )
        months = tuple(sorted(listed, key=lambda each: each.expiry))[:MOST_MONTHS]
        quotes = await self.market.quotes([index, *months], deadline_s=_DEADLINE_S, greeks=False)
        today = self.clock.now().astimezone(NEW_YORK).date()
        return curve_of(quotes[0], tuple(zip(months, quotes[1:], strict=True)), today)


def curve_of(index: Quote, listed: Sequence[tuple[Future, Quote]], today: date) -> VixCurve:
    """The figures of quoted months, front first."""
    spot = _price(index)
    prices = [_price(quote) for _, quote in listed]
    months = tuple(
        VixMonth(
            future=future,
            quote=quote,
            dte=(future.expiry - today).days,
            price=price,
            is_mid=quote.mid is not None and not quote.is_crossed,
            on_previous_pct=_above_pct(price, before),
        )
        for (future, quote), price, before in zip(listed, prices, [spot, *prices], strict=False)
    )
    first, second = (_nth(prices, place) for place in (0, 1))
    contango = _above_pct(second, first)
    return VixCurve(
        spot=spot,
        months=months,
        contango_pct=contango,
        spot_basis_pct=_above_pct(first, spot),
        slope=_slope(months),
        regime=contango if isinstance(contango, Missing) else _regime(contango),
        quotes=(index, *(quote for _, quote in listed)),
    )


def _regime(contango_pct: float) -> str:
    return next(word for above, word in REGIMES if contango_pct > above)


def _price(quote: Quote) -> Figure:
    price = price_of(quote)
    if price is not None and price.amount > 0:
        return float(price)
    return Missing(
        "no_quote", quote.notice or f"{quote.instrument.label} has neither bid and ask nor a trade"
    )


def _nth(prices: Sequence[Figure], place: int) -> Figure:
    return prices[place] if place < len(prices) else Missing("not_listed", f"no month {place + 1} is listed")


def _above_pct(price: Figure, base: Figure) -> Figure:
    """Percent by which the one is above the other."""
    for part in (price, base):
        if isinstance(part, Missing):
            return part
    assert isinstance(price, float)
    assert isinstance(base, float)
    return 100.0 * (price / base - 1.0)


def _slope(months: Sequence[VixMonth]) -> Figure:
    """Points per month, by least squares."""
    known = [(each.dte / DAYS_PER_MONTH, each.price) for each in months if isinstance(each.price, float)]
    if len(known) < 2:
        return Missing("too_few_months", f"{len(known)} months have a price, 2 are needed")
    times, prices = np.array(known).T
    return float(np.polyfit(times, prices, 1)[0])
