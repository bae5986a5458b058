"""Corporate dates of a share: what the broker says, what its bars prove, and what nobody here can know.

TWS adjusts TRADES for splits and ADJUSTED_LAST for splits and dividends, so the two together show past
dividends (the method of CRSP: a factor of 1 - dividend / close before it) and no splits. Earnings dates come
with a subscription that is not used here. Nothing is guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from sumppump.data.announced import LATE, NONE_ANNOUNCED
from sumppump.data.arguments import refuse, ticker
from sumppump.data.bar_shelf import BarShelf
from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.quotes import Bar
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import ContractDirectory, MarketData

NO_SPLITS = "both of TWS's price histories are adjusted for splits already, so neither shows one"
NO_EARNINGS = (
    "TWS tells earnings dates only with a Wall Street Horizon or Reuters Fundamentals subscription, which is "
    "not used here"
)
SMALL = "payments of a cent or two a share do not show through the rounding of the bars"
# More than this part of the price at once is no ordinary dividend.
UNUSUAL = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDividend:
    """A dividend as the bars show it, currency per share; `error` is what their rounding leaves open."""

    ex_date: date
    amount: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateDates:
    """What is known of a share.

    Attributes:
        announced: past and next dividends by the broker, None where it says nothing.
        past: dividends of the last year that the bars prove, oldest first; None where they prove nothing.
        last_close: price per share that a yield may be taken of.
        gaps: why something is not there.
    """

    underlying: Underlying
    as_of: datetime
    announced: Dividends | None
    past: tuple[PastDividend, ...] | None
    last_close: float | None
    gaps: tuple[str, ...]

    @property
    def yield_pct(self) -> float | None:
        """Dividends of the next twelve months in percent of the last close."""
        coming = None if self.announced is None else self.announced.next_12m
        return coming / self.last_close * 100 if coming is not None and self.last_close else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateService:
    """Looks corporate dates up; sends nothing."""

    directory: ContractDirectory
    market: MarketData
    shelf: BarShelf
    clock: Clock

    async def dates(self, symbol: str) -> CorporateDates:
        """What is known of a share.

        Raises:
            InvalidRequest: it is no share or ETF.
            UnknownContract: no such symbol.
            GatewayUnavailable: no connection.
        """
        underlying = await self.directory.underlying(ticker(symbol))
        if underlying.sec_type is not SecType.STK:
            refuse(
                "symbol",
                f"{underlying.symbol} has no corporate dates",
                expected="a stock or ETF, for example AAPL",
                found=f"{underlying.symbol}, an index" if underlying.sec_type is SecType.IND else symbol,
            )
        (facts,), (trades, lacking), (adjusted, lacking_too) = await asyncio.gather(
            self.market.statistics([underlying]),
            self._year(underlying, "TRADES"),
            self._year(underlying, "ADJUSTED_LAST"),
        )
        announced, missing = facts.dividends, lacking or lacking_too
        past, gap = (None, missing) if missing else proved_dividends(trades, adjusted)
        silent = (LATE if facts.are_dividends_late else NONE_ANNOUNCED).reason
        gaps = (silent if announced is None else "", gap, _doubt(announced, past))
        return CorporateDates(
            underlying=underlying,
            as_of=self.clock.now(),
            announced=announced,
            past=past,
            last_close=float(trades[-1].close) if trades else None,
            gaps=tuple(words for words in gaps if words),
        )

    async def _year(self, underlying: Underlying, what: str) -> tuple[tuple[Bar, ...], str]:
        """Daily bars of a year, or none and why."""
        try:
            found = await self.shelf.bars(underlying, duration="1 Y", bar_size="1 day", what=what)
        except SumpPumpError as error:
            return (), f"past dividends are not known: {error.message}"
        return found.bars, ""


def proved_dividends(
    trades: Sequence[Bar], adjusted: Sequence[Bar]
) -> tuple[tuple[PastDividend, ...] | None, str]:
    """Dividends that two series of daily bars prove, or None and why they prove nothing."""
    scaled = {bar.start: bar for bar in adjusted}
    days = [(bar, scaled[bar.start]) for bar in trades if bar.start in scaled and bar.close > 0]
    steps = [_step(before, after) for before, after in pairwise(days)]
    doubtful = [step for step in steps if step.amount < -2 * step.error]
    if len(days) < 2 or doubtful:
        why = "do not fit each other" if doubtful else "are too few"
        return None, f"past dividends are not known: the plain and the adjusted bars {why}"
    found = [step for step in steps if step.amount > 2 * step.error]
    closes = {_day(after[0]): float(before[0].close) for before, after in pairwise(days)}
    odd = [step for step in found if step.amount > UNUSUAL * closes[step.ex_date]]
    note = f"something unusual happened on {odd[0].ex_date}: a special dividend or a split" if odd else ""
    return tuple(step for step in found if step not in odd), note


def _step(before: tuple[Bar, Bar], after: tuple[Bar, Bar]) -> PastDividend:
    """What the change of the factor from one day to the next means as a dividend."""
    close, next_close = float(before[0].close), float(after[0].close)
    factor, next_factor = float(before[1].close) / close, float(after[1].close) / next_close
    half_cent = max(_half_unit(before[1]), _half_unit(after[1]))
    ratio = factor / next_factor
    error = half_cent / next_factor + ratio * half_cent * close / (next_close * next_factor)
    return PastDividend(ex_date=_day(after[0]), amount=close * (1 - ratio), error=error)


def _half_unit(bar: Bar) -> float:
    """Half of the last decimal of an adjusted price, two decimals at least."""
    exponent = bar.close.as_tuple().exponent
    return 0.5 * 10.0 ** max(-2, exponent if isinstance(exponent, int) and exponent < -2 else -2)


def _day(bar: Bar) -> date:
    return bar.start.astimezone(NEW_YORK).date()


def _doubt(announced: Dividends | None, past: tuple[PastDividend, ...] | None) -> str:
    """Where the broker's sum of the last year and the bars' differ by more than rounding and one payment."""
    told = None if announced is None else announced.past_12m
    if told is None or past is None:
        return ""
    proved = sum(each.amount for each in past)
    slack = max((each.amount for each in past), default=0.0) + sum(each.error for each in past) + 0.01
    if abs(told - proved) <= slack:
        return ""
    return f"the broker says that {told:.2f} was paid in the past year, the bars show {proved:.2f}: {SMALL}"
