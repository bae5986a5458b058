"""Smiles of the held expiries, for scenarios whose smiles move along, by options about the money.

They are asked for only where such a scenario is wanted. One batch of quotes, the underlyings' among them, so
that a smile and its price are of one moment; the expiries with most vega come first, and what is beyond the
budget, or cannot be fitted, is a reason and no smile.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sumppump.data.off_loop import off_loop
from sumppump.data.quotes import price_of
from sumppump.data.volatility_sample import sampled
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface.sighted import surface_of
from sumppump.domain.surface.surface import Surface
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.portfolio.holdings import HeldLeg, Holdings
from sumppump.ports.market import ContractDirectory, MarketData

MOST_SERIES, QUOTES_S = 12, 8.0
# Where no volatility of a leg says how far out the strikes of a smile lie.
USUAL_VOL = 0.25


@dataclass(frozen=True, slots=True)
class Series:
    """Options of one underlying, expiry and class that are held.

    Attributes:
        listed: the day that the broker lists them under: that of their last trade.
    """

    symbol: str
    listed: date
    trading_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Smiles:
    """What was found, by symbol.

    Attributes:
        why_not: why an underlying's options, or some of them, have no smile.
    """

    surfaces: Mapping[str, Surface] = field(default_factory=dict)
    why_not: Mapping[str, Missing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmileLook:
    """Asks for quotes about the money; sends nothing."""

    directory: ContractDirectory
    market: MarketData
    clock: Clock

    async def of(self, holdings: Holdings, underlyings: Mapping[str, Underlying]) -> Smiles:
        """The smiles of the held expiries; never an error."""
        held = held_series(holdings, self.clock)
        chosen = dict(list(held.items())[:MOST_SERIES])
        beyond = {each.symbol: _beyond(held) for each in held if each not in chosen}
        samples = await asyncio.gather(
            *(
                self._sample(series, legs, underlyings.get(series.symbol), holdings)
                for series, legs in chosen.items()
            )
        )
        wanted = [option for sample in samples if not isinstance(sample, Missing) for option in sample]
        lost = {
            series.symbol: sample
            for series, sample in zip(chosen, samples, strict=True)
            if isinstance(sample, Missing)
        }
        quotes = await self._quotes(wanted, underlyings)
        if isinstance(quotes, Missing):
            return Smiles(why_not={each.symbol: quotes for each in held})
        return await off_loop(_fitted, holdings, quotes, self.clock, {**beyond, **lost})

    async def _sample(
        self, series: Series, legs: Sequence[HeldLeg], underlying: Underlying | None, holdings: Holdings
    ) -> Sequence[OptionContract] | Missing:
        spot = holdings.spots.get(series.symbol)
        if underlying is None or spot is None or spot <= 0:
            return Missing("no_spot", f"{series.symbol} has no price")
        try:
            listed = await self.directory.options(
                underlying, series.listed, trading_class=series.trading_class
            )
        except SumpPumpError as error:
            return Missing(error.code, error.message)
        vols = [leg.greeks.iv for leg in legs if leg.greeks is not None and leg.greeks.iv > 0]
        vol = sum(vols) / len(vols) if vols else USUAL_VOL
        return sampled(listed, spot=float(spot), vol=vol, now=self.clock.now(), is_detailed=False)

    async def _quotes(
        self, wanted: Sequence[OptionContract], underlyings: Mapping[str, Underlying]
    ) -> Sequence[Quote] | Missing:
        beneath = [underlyings[symbol] for symbol in dict.fromkeys(each.symbol for each in wanted)]
        if not wanted:
            return ()
        try:
            return await self.market.quotes([*beneath, *wanted], deadline_s=QUOTES_S, greeks=False)
        except SumpPumpError as error:
            return Missing(error.code, error.message)


def held_series(holdings: Holdings, clock: Clock) -> dict[Series, list[HeldLeg]]:
    """Living options by series, those with most vega first."""
    now = clock.now()
    found: defaultdict[Series, list[HeldLeg]] = defaultdict(list)
    for each in holdings.strategies:
        for leg in each.legs:
            option = leg.instrument
            if isinstance(option, OptionContract) and option.settles > now:
                listed = option.last_trade.astimezone(NEW_YORK).date()
                found[Series(option.symbol, listed, option.trading_class)].append(leg)
    return dict(sorted(found.items(), key=lambda item: -_vega(item[1])))


def _vega(legs: Iterable[HeldLeg]) -> float:
    return sum(abs(leg.greeks.vega * leg.quantity) for leg in legs if leg.greeks is not None)


def _beyond(held: Mapping[Series, object]) -> Missing:
    words = f"smiles of {MOST_SERIES} expiries are looked at, those with most vega; {len(held)} are held"
    return Missing("too_many_expiries", words)


def _fitted(holdings: Holdings, quotes: Sequence[Quote], clock: Clock, lost: Mapping[str, Missing]) -> Smiles:
    """Surfaces by symbol, and of what is held and has no smile in them the reason."""
    by_symbol: defaultdict[str, list[Quote]] = defaultdict(list)
    for quote in quotes:
        by_symbol[quote.instrument.symbol].append(quote)
    surfaces = {
        symbol: _surface(rows, holdings.carries.get(symbol, Assumptions()), clock)
        for symbol, rows in by_symbol.items()
    }
    found = {symbol: surface for symbol, surface in surfaces.items() if isinstance(surface, Surface)}
    failed = {symbol: why for symbol, why in surfaces.items() if isinstance(why, Missing)}
    return Smiles(surfaces=found, why_not={**_unfitted(holdings, found, clock), **failed, **lost})


def _surface(rows: Sequence[Quote], assume: Assumptions, clock: Clock) -> Surface | Missing:
    beneath = next(each for each in rows if isinstance(each.instrument, Underlying))
    spot = price_of(beneath) or beneath.close
    if spot is None or spot.amount <= 0:
        return Missing("no_spot", f"{beneath.instrument.symbol} has no price")
    return surface_of(rows, spot=float(spot), now=clock.now(), assume=assume).surface


def _unfitted(holdings: Holdings, found: Mapping[str, Surface], clock: Clock) -> dict[str, Missing]:
    options = [
        leg.instrument
        for legs in held_series(holdings, clock).values()
        for leg in legs
        if isinstance(leg.instrument, OptionContract)
    ]
    return {
        option.symbol: found[option.symbol].why_not(option)
        for option in options
        if option.symbol in found and found[option.symbol].smile(option) is None
    }
