"""What ideas are made from: expiries within the days, a few quotes of each, the past month, dividends."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sumppump.data.announced import DividendShelf, cash_dividends
from sumppump.data.arguments import nearest_days
from sumppump.data.bar_shelf import BarShelf
from sumppump.data.strikes import probes
from sumppump.domain.instruments import OptionContract, Right, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import CashDividend
from sumppump.domain.statistics import Dividends
from sumppump.domain.volatility import close_to_close
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import SumpPumpError, UnknownContract
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.strategies.analysis import spot_of
from sumppump.strategies.ideas.scoring import Measure
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.listing import Chain, chain_of, listed_expiries, nearest, usable_classes
from sumppump.strategies.words import day

# So many expiries are looked at, spread over the days asked for.
MOST_EXPIRIES = 4
SESSIONS = 30
# Strikes are looked at out to so many standard deviations; where nothing tells one, to a tenth of the price.
_DEVIATIONS, _LEAST_REACH = 2.3, 0.01
_UNKNOWN_REACH = 0.10
_QUOTES_S = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The market as it was looked at.

    Attributes:
        near: expiries within the days; far: the later one of each for calendars, where one is listed.
        quotes: of options, two-sided or not.
        measure: what expected values are taken by. dividends: announced, until the last expiry.
        notes: what could not be had.
    """

    underlying: Underlying
    spot: Decimal
    near: tuple[Chain, ...]
    far: dict[date, Chain]
    quotes: tuple[Quote, ...]
    measure: Measure
    dividends: tuple[CashDividend, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Asks the market; a hundred lines at most, in three rounds."""

    directory: ContractDirectory
    market: MarketData
    shelf: BarShelf
    clock: Clock
    announced: DividendShelf = field(default_factory=DividendShelf)

    async def look(self, wish: Wish) -> Watch:
        """Everything that candidates are made from.

        Raises:
            UnknownContract: no such symbol, no options, or none within the days; the nearest are named.
            NoQuote: the underlying has no price.
            GatewayUnavailable: no connection.
        """
        underlying = await self.directory.underlying(wish.symbol.strip().upper())
        (beneath,), chains, (measure, lacking), announced = await asyncio.gather(
            self.market.quotes([underlying], greeks=False),
            self._chains(underlying, wish),
            self._measure(underlying),
            self.announced.next_of(underlying, self.market, self.clock),
        )
        near, far, within = chains
        spot = spot_of(beneath)
        quotes = await self._quotes([*near, *far.values()], spot)
        return Watch(
            underlying=underlying,
            spot=spot,
            near=near,
            far=far,
            quotes=quotes,
            measure=measure,
            dividends=_paid([*near, *far.values()], announced, self.clock.now()),
            notes=(*lacking, *_not_looked_at(near, within)),
        )

    async def _chains(
        self, underlying: Underlying, wish: Wish
    ) -> tuple[tuple[Chain, ...], dict[date, Chain], int]:
        """The expiries to look at, the later one of each, and how many there are within the days."""
        today = self.clock.now().astimezone(NEW_YORK).date()
        classes = usable_classes(await self.directory.option_classes(underlying), underlying, "")
        listed = listed_expiries(classes, today)
        days = [each for each in listed if wish.min_dte <= (each - today).days <= wish.max_dte]
        if not days:
            raise _no_expiry(wish, listed, today)
        wanted = _spread(days)
        pairs = _later(wanted, listed, wish)
        found = await asyncio.gather(
            *(self._chain(underlying, each) for each in dict.fromkeys([*wanted, *pairs.values()]))
        )
        trading = {chain.expiry: chain for chain in found if chain is not None}
        near = tuple(trading[each] for each in wanted if each in trading)
        if not near:
            raise _no_expiry(wish, listed, today)
        return near, {each: trading[later] for each, later in pairs.items() if later in trading}, len(days)

    async def _chain(self, underlying: Underlying, when: date) -> Chain | None:
        return await chain_of(
            self.directory, underlying, when, trading_class="", named=False, now=self.clock.now()
        )

    async def _measure(self, underlying: Underlying) -> tuple[Measure, tuple[str, ...]]:
        """The past month's volatility; the market's own odds where the past is not known, and why."""
        try:
            found = await self.shelf.bars(underlying, duration="6 M", bar_size="1 day")
            vol = close_to_close(found.bars, SESSIONS)
        except SumpPumpError as error:
            vol = Missing("no_bars", error.message)
        if isinstance(vol, Missing):
            why = f"Realised volatility is not known: {vol.reason}."
            return Measure(realised=None, error=0.0, words="the market's own odds"), (why,)
        # Of a sample of n normal returns.
        doubt = vol / math.sqrt(2 * SESSIONS)
        words = (
            "the market's own odds, moves scaled half-way in variance from implied to realised volatility "
            f"({SESSIONS} sessions, {vol:.1%} ± {doubt:.1%})"
        )
        return Measure(realised=vol, error=doubt, words=words), ()

    async def _quotes(self, chains: Sequence[Chain], spot: Decimal) -> tuple[Quote, ...]:
        """The money of every expiry first, which says how far out the strikes must reach."""
        pairs = [_at_the_money(chain, spot) for chain in chains]
        money = await self.market.quotes(
            [option for pair in pairs for option in pair], deadline_s=_QUOTES_S, greeks=False
        )
        reaches = [_reach(money[place], money[place + 1], float(spot)) for place in range(0, len(money), 2)]
        page = [
            each for chain, reach in zip(chains, reaches, strict=True) for each in _within(chain, spot, reach)
        ]
        known = {quote.instrument.con_id for quote in money}
        rest = [each for each in probes(page, page, spot) if each.con_id not in known]
        return (*money, *await self.market.quotes(rest, deadline_s=_QUOTES_S, greeks=False))


def _paid(chains: Sequence[Chain], announced: Dividends | None, now: datetime) -> tuple[CashDividend, ...]:
    last = max(chain.any_contract.settles for chain in chains)
    return cash_dividends(announced, now, last) if announced else ()


def _not_looked_at(near: Sequence[Chain], within: int) -> Iterator[str]:
    if within > len(near):
        yield f"{len(near)} of the {within} expiries within the days were looked at; narrow them for others."


def _spread(days: Sequence[date]) -> tuple[date, ...]:
    """At most `MOST_EXPIRIES`, first and last among them, evenly."""
    if len(days) <= MOST_EXPIRIES:
        return tuple(days)
    step = (len(days) - 1) / (MOST_EXPIRIES - 1)
    return tuple(days[round(number * step)] for number in range(MOST_EXPIRIES))


def _later(wanted: Iterable[date], listed: Sequence[date], wish: Wish) -> dict[date, date]:
    """For each expiry the later one that calendars are made with; none where no such strategy is wanted."""
    spans = {shape.aim.far_days for shape in wish.shapes if shape.has_far}
    if not spans:
        return {}
    span = min(spans)
    found = {each: [later for later in listed if later > each] for each in wanted}
    return {
        each: min(later, key=lambda when: abs((when - each).days - span))
        for each, later in found.items()
        if later
    }


def _no_expiry(wish: Wish, listed: Sequence[date], today: date) -> UnknownContract:
    middle = date.fromordinal(today.toordinal() + (wish.min_dte + wish.max_dte) // 2)
    near = ", ".join(f"{day(each)} ({(each - today).days} days)" for each in nearest_days(middle, listed))
    return UnknownContract(
        f"no {wish.symbol} options that trade expire in {wish.min_dte} to {wish.max_dte} days",
        code="expiry_not_listed",
        expected=f"min_dte and max_dte around a listed expiry; the nearest are {near or 'none'}",
        found=f"{wish.min_dte} to {wish.max_dte} days",
        next_steps=[
            f"Widen the days; the nearest expiries are {near}." if near else "Choose another symbol."
        ],
    )


def _at_the_money(chain: Chain, spot: Decimal) -> tuple[OptionContract, OptionContract]:
    both = sorted(set(chain.strikes(Right.CALL)) & set(chain.strikes(Right.PUT)))
    strike = min(nearest(both, spot), key=lambda each: abs(each - spot))
    return chain.by_key[strike, Right.CALL], chain.by_key[strike, Right.PUT]


def _reach(call: Quote, put: Quote, spot: float) -> float:
    """How far out to look; a straddle at the money costs 0.8 deviations."""
    if call.mid is None or put.mid is None:
        return _UNKNOWN_REACH
    return max(_LEAST_REACH, _DEVIATIONS * float(call.mid + put.mid) / (0.8 * spot))


def _within(chain: Chain, spot: Decimal, reach: float) -> list[OptionContract]:
    return [each for each in chain.by_key.values() if abs(math.log(float(each.strike / spot))) <= reach]
