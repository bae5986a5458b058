"""An underlying's volatility: implied and past, where it stands in the year, the shape of its surface.

Every figure is a number or the reason why there is none. A few dozen contracts are quoted, not whole chains.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple

from sumppump.data.announced import DividendShelf
from sumppump.data.arguments import ticker
from sumppump.data.bar_shelf import BarShelf
from sumppump.data.expiries import described, listed_expiries, usual
from sumppump.data.off_loop import off_loop
from sumppump.data.quotes import price_of
from sumppump.data.series import is_adjusted
from sumppump.data.sessions import whole_sessions
from sumppump.data.volatility_reading import Bars, Listed, Past, VolatilityReading, reading_of
from sumppump.data.volatility_sample import expiring, one_class, sampled, term_days
from sumppump.domain import statistics
from sumppump.domain.instruments import OptionContract, SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import Sighted, surface_of
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import ContractDirectory, MarketData

YEAR, HALF_YEAR, DAILY = "1 Y", "6 M", "1 day"
PRICES, IMPLIED = "TRADES", "OPTION_IMPLIED_VOLATILITY"
STATISTICS_S, QUOTES_S = 3.0, 7.0
# No option is listed for longer.
FAR_ENOUGH = timedelta(days=4 * 365)
ASKED = frozenset({statistics.Figure.IMPLIED_VOL})
# Where nothing says how volatile it is, strikes are chosen as for this.
USUAL_VOL = 0.30


class _Seen(NamedTuple):
    """Quotes of the underlying and of its options, taken together, and the surface they describe."""

    beneath: Quote
    quotes: tuple[Quote, ...]
    sighted: Sighted | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatilityService:
    """Looks at volatility; sends nothing.

    Attributes:
        assume: rate and dividend yield where parity tells none.
        dividends: as the broker announces them: taken in cash, since calls may be exercised to get them.
    """

    directory: ContractDirectory
    market: MarketData
    shelf: BarShelf
    clock: Clock
    assume: Assumptions = field(default_factory=Assumptions)
    dividends: DividendShelf = field(default_factory=DividendShelf)

    async def analysis(self, symbol: str) -> VolatilityReading:
        """All that can be said of one underlying's volatility now.

        Raises:
            InvalidRequest: the text is not a ticker.
            UnknownContract: no such symbol.
            GatewayUnavailable: no connection.
        """
        underlying = await self.directory.underlying(ticker(symbol))
        # The broker's own figures may take their time, or not exist: nothing waits for them.
        (said,), (past, listed, seen) = await asyncio.gather(
            self.market.statistics([underlying], deadline_s=STATISTICS_S, figures=ASKED),
            self._looked(underlying),
        )
        return reading_of(
            underlying=underlying,
            said=said,
            past=past,
            listed=listed,
            beneath=seen.beneath,
            quotes=seen.quotes,
            sighted=seen.sighted,
            now=self.clock.now(),
        )

    async def _looked(self, underlying: Underlying) -> tuple[Past, Listed | Missing, _Seen]:
        own = replace(self.assume, is_american=underlying.sec_type is SecType.STK)
        past, (beneath,), listed, assume = await asyncio.gather(
            self._past(underlying),
            self.market.quotes([underlying], deadline_s=QUOTES_S, greeks=False),
            self._listed(underlying),
            self.dividends.added(own, underlying, self.market, self.clock, self.clock.now() + FAR_ENOUGH),
        )
        return past, listed, await self._seen(beneath, listed, assume, past.newest_implied or USUAL_VOL)

    async def _past(self, underlying: Underlying) -> Past:
        prices, implied = await asyncio.gather(
            self._bars(underlying, HALF_YEAR, PRICES), self._bars(underlying, YEAR, IMPLIED)
        )
        newest = None if isinstance(implied, Missing) or not implied else float(implied[-1].close)
        return Past(
            prices=self._whole(underlying, prices),
            implied=self._whole(underlying, implied),
            newest_implied=newest,
        )

    async def _bars(self, underlying: Underlying, duration: str, what: str) -> Bars:
        try:
            shelved = await self.shelf.bars(underlying, duration=duration, bar_size=DAILY, what=what)
            return tuple(bar for bar in shelved.bars if bar.close > 0)
        except SumpPumpError as error:
            return Missing(error.code, error.message)

    def _whole(self, underlying: Underlying, bars: Bars) -> Bars:
        return bars if isinstance(bars, Missing) else whole_sessions(bars, underlying, self.clock.now())

    async def _listed(self, underlying: Underlying) -> Listed | Missing:
        classes = [each for each in await self.directory.option_classes(underlying) if not is_adjusted(each)]
        today = self.clock.now().astimezone(NEW_YORK).date()
        ahead = described(listed_expiries(classes), today)
        if not ahead:
            return Missing("no_options", f"{underlying.symbol} has no listed options")
        days = term_days(ahead)
        found = await asyncio.gather(*(self.directory.options(underlying, each.day) for each in days))
        names = {each.trading_class for each in classes}
        kept = [one_class([each for each in day if each.trading_class in names], underlying) for day in found]
        shown = tuple(expiring(day, each, today) for day, each in zip(days, kept, strict=True))
        key = shown[days.index(usual(days))]
        return Listed(key=key, days=shown, contracts=tuple(tuple(each) for each in kept))

    async def _seen(self, beneath: Quote, listed: Listed | Missing, assume: Assumptions, vol: float) -> _Seen:
        underlying, spot = beneath.instrument, price_of(beneath) or beneath.close
        assert isinstance(underlying, Underlying)
        if isinstance(listed, Missing):
            return _Seen(beneath, (), listed)
        if spot is None or spot.amount <= 0:
            none = Missing("no_price", f"{underlying.symbol} has no price, so no strike is near it")
            return _Seen(beneath, (), none)
        wanted = self._sample(listed, float(spot), vol)
        # Its price is taken again amid the options': seconds make a difference to a forward.
        middle = len(wanted) // 2
        quotes = await self.market.quotes(
            [*wanted[:middle], underlying, *wanted[middle:]], deadline_s=QUOTES_S, greeks=False
        )
        now, options = self.clock.now(), (*quotes[:middle], *quotes[middle + 1 :])
        beneath = quotes[middle] if price_of(quotes[middle]) else beneath
        spot = price_of(beneath) or spot
        # Trees and fits take tens of milliseconds: not on the loop that also sends orders.
        sighted = await off_loop(surface_of, options, spot=float(spot), now=now, assume=assume)
        return _Seen(beneath, options, sighted)

    def _sample(self, listed: Listed, spot: float, vol: float) -> list[OptionContract]:
        now = self.clock.now()
        return [
            option
            for day, contracts in zip(listed.days, listed.contracts, strict=True)
            for option in sampled(contracts, spot=spot, vol=vol, now=now, is_detailed=day == listed.key)
        ]
