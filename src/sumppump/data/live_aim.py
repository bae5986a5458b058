"""Which contracts of a chain are worth a line now: around the money, and where a skew is read. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sumppump.data.chain_request import DEFAULT_STRIKES_AROUND, ChainRequest
from sumppump.data.chain_statistics import ChainRow, at_the_money_iv
from sumppump.data.quotes import price_of
from sumppump.data.series import all_series, series_of
from sumppump.data.strikes import (
    Estimate,
    Smile,
    at_the_money,
    candidates,
    nearest_strike,
    out_of_the_money,
    wings,
)
from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.errors import NoQuote
from sumppump.kernel.money import Premium

MARGIN = 2
"""Strikes followed beyond those asked for on each side: the money may move so far before a chain moves."""

QuoteOf = Callable[[int], Quote | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPart:
    """The part of a chain that is followed.

    Attributes:
        request: strikes on each side of the money, and the right.
        listed: every contract of its expiries that may be asked for; strikes: theirs, rising.
        first: those of the first series, which statistics are about.
    """

    underlying: Underlying
    request: ChainRequest
    expiries: tuple[date, ...]
    listed: tuple[OptionContract, ...]
    strikes: tuple[Decimal, ...]
    first: tuple[OptionContract, ...]

    @classmethod
    def of(
        cls, underlying: Underlying, request: ChainRequest, listed: tuple[OptionContract, ...]
    ) -> ChainPart:
        """The part of at least one listed contract."""
        (first, *_) = all_series(listed)
        return cls(
            underlying=underlying,
            request=request,
            expiries=tuple(sorted({each.expiry for each in listed})),
            listed=listed,
            strikes=tuple(sorted({each.strike for each in listed})),
            first=tuple(each for each in listed if series_of(each) == first),
        )

    @property
    def around(self) -> int:
        """Strikes on each side of the money."""
        return DEFAULT_STRIKES_AROUND if self.request.around is None else self.request.around

    @property
    def words(self) -> str:
        """For example `SPY chain 2026-12-18, 10 strikes each side, puts`; equal parts say the same."""
        name, days = self.request.trading_class.upper() or self.underlying.symbol, self.expiries
        when = days[0].isoformat() if len(days) == 1 else f"{days[0].isoformat()} to {days[-1].isoformat()}"
        side = "calls and puts" if self.request.right is None else f"{self.request.right.word}s"
        return f"{name} chain {when}, {self.around} strikes each side, {side}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What should be followed now.

    Attributes:
        wanted: by con_id, the most wanted first.
        reach: the lowest and the highest strike around the money, None for a single quote.
        has_wings: whether what a skew is read from is among them.
    """

    wanted: dict[int, Instrument]
    reach: tuple[Decimal, Decimal] | None = None
    has_wings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What an aim is taken by: followed quotes, the exchange's time, rate and dividends."""

    quote_of: QuoteOf
    now: datetime
    assume: Assumptions


def aimed(part: ChainPart, beneath: Quote, sight: Sight) -> Aim:
    """The underlying, the contracts around its price with a margin beyond what was asked, and wings.

    Raises:
        NoQuote: the underlying has no price.
    """
    spot = price_of(beneath) or beneath.close
    if spot is None:
        raise NoQuote(
            f"{part.underlying.label} has no price, so no strike is near it",
            expected="a quote, a last trade or a close of the underlying",
            next_steps=["Look at trade_check_market_data, or try again."],
        )
    near = candidates(part.listed, replace(part.request, strikes_around=part.around + MARGIN), spot.amount)
    beyond = wings_of(part, spot, sight)
    contracts: list[Instrument] = [part.underlying, *near, *beyond]
    return Aim(
        wanted={each.con_id: each for each in contracts},
        reach=(min(each.strike for each in near), max(each.strike for each in near)),
        has_wings=bool(beyond),
    )


def wings_of(part: ChainPart, spot: Premium, sight: Sight) -> tuple[OptionContract, ...]:
    """What a skew is read from in the first series; nothing before a volatility at the money has come."""
    money = [(each, sight.quote_of(each.con_id)) for each in at_the_money(part.first, spot.amount)]
    iv = at_the_money_iv([ChainRow(each, quote) for each, quote in money if quote], float(spot))
    if iv is None:
        return ()
    flat = {series_of(part.first[0]): Smile.through(iv, ())}
    return wings(
        out_of_the_money(part.first, spot.amount), Estimate(spot.amount, sight.now, flat, sight.assume)
    )


def is_off(part: ChainPart, aim: Aim, spot: Premium) -> bool:
    """Whether the money has left the middle by more than the margin."""
    if aim.reach is None:
        return False
    at = part.strikes.index(nearest_strike(part.strikes, spot.amount))
    low, high = max(0, at - part.around), min(len(part.strikes) - 1, at + part.around)
    return part.strikes[low] < aim.reach[0] or part.strikes[high] > aim.reach[1]
