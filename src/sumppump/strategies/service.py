"""Builds strategies from listed contracts and fresh quotes; few requests, nothing guessed, nothing sent."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from sumppump.data.announced import DividendShelf
from sumppump.data.ex_dates import coming_dividend
from sumppump.data.off_loop import off_loop
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, OptionContract, Right, SecType, Underlying
from sumppump.domain.probability import Outlook
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import InvalidRequest, NoQuote, UnknownContract
from sumppump.kernel.ids import short_id
from sumppump.kernel.money import Premium
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.strategies.analysis import Scene, analyse, sightings, spot_of
from sumppump.strategies.catalogue import Shape
from sumppump.strategies.coming import coming_events
from sumppump.strategies.drafts import DRAFT_LIFE_S, Analysis, Draft, DraftBook
from sumppump.strategies.listing import (
    Chain,
    chain_of,
    choose_expiry,
    choose_far,
    listed_expiries,
    usable_classes,
)
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.sightings import Horizon
from sumppump.strategies.strikes import Board, Sight, choose_strikes

# Standard deviations from the money at which the smile is looked at: here by one option, there by both, whose
# parity tells the forward and, as far apart as they are, sometimes the rate.
_SINGLES = (-1.8, 1.8)
_PAIRS = (-0.85, 0.85)
_NEIGHBOUR_S = 4.0


@dataclass(frozen=True, slots=True)
class _Chains:
    near: Chain
    far: Chain | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyService:
    """Drafts strategies; sends nothing.

    Attributes:
        rate, dividend_yield: per year, where the market does not tell its own.
        dividends: as the broker announces them.
    """

    directory: ContractDirectory
    market: MarketData
    clock: Clock
    drafts: DraftBook
    rate: float = 0.04
    dividend_yield: float = 0.0
    dividends: DividendShelf = field(default_factory=DividendShelf)

    async def build(self, request: StrategyRequest, *, seen: Sequence[Quote] = ()) -> Draft:
        """A draft of the requested strategy, kept in `drafts`.

        Args:
            request: what is wanted.
            seen: quotes of options of its expiries taken a moment ago, for a list of candidates: with these
                nobody is asked for the smile around the legs.

        Raises:
            UnknownContract: the expiry or a strike is not listed; the nearest ones are named.
            AmbiguousContract: several classes are listed there.
            InvalidRequest: an argument cannot be met.
            NoQuote: a leg has no two-sided market.
            GatewayUnavailable: no connection.
        """
        notes = list(request.notes)
        underlying = await self.directory.underlying(request.symbol)
        _check_shares(request, underlying)
        chains, announced = await asyncio.gather(
            self._chains(request, underlying, notes), self._announced(underlying)
        )
        if request.strikes:
            combo = _combo(request.shape, underlying, request.strikes, chains)
            scene = await self._scene(underlying, combo)
            if seen:
                scene = replace(scene, neighbours=_of_these(seen, chains, scene))
            else:
                scene = await self._with_neighbours(scene, chains, tuple(scene.quotes.values()))
        else:
            sight, around = await self._sight(underlying, chains, announced)
            strikes = self._strikes(request, chains, sight, notes)
            combo = _combo(request.shape, underlying, strikes, chains)
            scene = await self._scene(underlying, combo)
            scene = replace(scene, neighbours=_others(around, scene))
        count, level = request.quantity, request.shape.level
        scene, analysis = await off_loop(_judged, combo, count, scene, announced, level=level)
        created = self.clock.monotonic()
        draft = Draft(
            strategy_id=short_id("str"),
            strategy_type=request.strategy_type,
            combo=combo,
            quantity=count,
            underlying=underlying,
            spot=scene.spot,
            quotes=scene.quotes,
            net_bid=combo.net_bid(scene.quotes),
            net_mid=combo.net_mid(scene.quotes),
            net_ask=combo.net_ask(scene.quotes),
            analysis=analysis,
            as_of=scene.now,
            created=created,
            expires=created + DRAFT_LIFE_S,
            neighbours=scene.neighbours,
            assumptions=scene.assumptions,
            notes=tuple(notes),
            is_idea=bool(seen),
        )
        draft = await _with_events(draft, announced)
        self.drafts.put(draft)
        return draft

    async def refresh(self, draft: Draft, *, quantity: int | None = None) -> Draft:
        """The same draft on quotes taken now, perhaps for another quantity; same id, same life, not kept.

        Raises:
            NoQuote: a leg has no two-sided market now.
            GatewayUnavailable: no connection.
        """
        around = [quote.instrument for quote in draft.neighbours]
        combo, scene = draft.combo, await self._scene(draft.underlying, draft.combo, around)
        announced = await self._announced(draft.underlying)
        count = draft.quantity if quantity is None else quantity
        level = draft.permission_level
        scene, analysis = await off_loop(_judged, combo, count, scene, announced, level=level)
        fresh = replace(
            draft,
            quantity=count,
            spot=scene.spot,
            quotes=scene.quotes,
            net_bid=combo.net_bid(scene.quotes),
            net_mid=combo.net_mid(scene.quotes),
            net_ask=combo.net_ask(scene.quotes),
            analysis=analysis,
            as_of=scene.now,
            neighbours=scene.neighbours,
            assumptions=scene.assumptions,
        )
        return await _with_events(fresh, announced)

    async def at_premium(self, draft: Draft, premium: Premium, *, quantity: int | None = None) -> Analysis:
        """The analysis of a draft at another premium or quantity, on the quotes that it holds."""
        count = draft.quantity if quantity is None else quantity
        if (premium, count) == (draft.net_premium, draft.quantity):
            return draft.analysis
        scene = self._scene_of(draft.underlying, draft.spot, dict(draft.quotes), draft.as_of)
        scene = replace(scene, neighbours=draft.neighbours, assumptions=draft.assumptions)
        level = draft.permission_level
        return await off_loop(analyse, draft.combo, quantity=count, premium=premium, scene=scene, level=level)

    async def analyse(
        self, combo: Combo, *, quantity: int, underlying: Underlying, premium: Premium | None = None
    ) -> Analysis:
        """Any combo, at `premium` or at its net mid, on quotes taken now.

        Raises:
            NoQuote: the underlying has no price, or a leg no two-sided market and no premium was given.
            GatewayUnavailable: no connection.
        """
        scene, announced = await self._scene(underlying, combo), await self._announced(underlying)
        _, analysis = await off_loop(_judged, combo, quantity, scene, announced, premium=premium)
        return analysis

    async def _chains(self, request: StrategyRequest, underlying: Underlying, notes: list[str]) -> _Chains:
        now = self.clock.now()
        today = now.astimezone(NEW_YORK).date()
        every = await self.directory.option_classes(underlying)
        classes = usable_classes(every, underlying, request.trading_class)
        listed = list(listed_expiries(classes, today))
        near = await self._near(request, underlying, listed, now, notes)
        if not request.shape.has_far:
            return _Chains(near, None)
        when = choose_far(request, near.expiry, listed, today, notes)
        far = await self._chain(request, underlying, when, named=request.far_expiry is not None, now=now)
        if far is None:
            raise _nothing_trades(underlying, when)
        return _Chains(near, far)

    async def _near(
        self,
        request: StrategyRequest,
        underlying: Underlying,
        listed: list[date],
        now: datetime,
        notes: list[str],
    ) -> Chain:
        """The nearer chain; a date chosen by days that has stopped trading gives way to the next best."""
        today, named = now.astimezone(NEW_YORK).date(), request.expiry is not None
        while True:
            tried: list[str] = []
            when = choose_expiry(request, listed, today, tried)
            chain = await self._chain(request, underlying, when, named=named, now=now)
            if chain is not None:
                notes += tried
                return chain
            if named:
                raise _nothing_trades(underlying, when)
            listed.remove(when)

    async def _chain(
        self, request: StrategyRequest, underlying: Underlying, when: date, *, named: bool, now: datetime
    ) -> Chain | None:
        return await chain_of(
            self.directory, underlying, when, trading_class=request.trading_class, named=named, now=now
        )

    def _strikes(
        self, request: StrategyRequest, chains: _Chains, sight: Sight, notes: list[str]
    ) -> tuple[Decimal, ...]:
        board = Board.of(request.shape, chains.near, chains.far)
        strikes = choose_strikes(request, board, sight, notes)
        how = "the width" if request.width is not None and request.shape.slots > 1 else "the target deltas"
        names = ", ".join(f"{strike.normalize():f}" for strike in strikes)
        many = "s" if len(strikes) > 1 else ""
        notes.append(f"Strike{many} {names}: listed, and nearest to {how}.")
        return strikes

    async def _announced(self, underlying: Underlying) -> Dividends | None:
        return await self.dividends.next_of(underlying, self.market, self.clock)

    async def _sight(
        self, underlying: Underlying, chains: _Chains, announced: Dividends | None
    ) -> tuple[Sight, tuple[Quote, ...]]:
        """Spot, rates and a rough smile, with its quotes: a call and a put at the money, then others."""
        near = chains.near
        (quote,) = await self.market.quotes([underlying], greeks=False)
        spot, now = spot_of(quote), self.clock.now()
        scene = self._scene_of(underlying, spot, {}, now)
        middle = tuple(await self.market.quotes(_pair(near, float(spot))))
        scene = await self._with_neighbours(replace(scene, neighbours=middle), chains, middle)
        scene, outlook = await off_loop(_outlook, scene, announced, near.any_contract.settles)
        if outlook is None:
            raise NoQuote(
                f"{underlying.symbol} {near.expiry.isoformat()} has no quotes to choose strikes by",
                expected="two-sided quotes at the money",
                found=quote.notice or "none",
                next_steps=["Name the strikes, or wait for quotes."],
            )
        years = near.any_contract.years(now)
        far_years = chains.far.any_contract.years(now) if chains.far else years
        sight = Sight(
            spot=spot,
            smile=outlook.smile,
            years=years,
            far_years=far_years,
            rate=scene.assumptions.rate,
            dividend_yield=scene.assumptions.dividend_yield,
        )
        return sight, scene.neighbours

    async def _with_neighbours(self, scene: Scene, chains: _Chains, seeds: tuple[Quote, ...]) -> Scene:
        """The scene with quotes of options at the money and around it, as far as it has none of them yet.

        How far apart they are follows from the volatility of `seeds`; where they tell none it stays as it is.
        """
        spot = float(scene.spot)
        first = await off_loop(sightings, replace(scene, neighbours=seeds))
        if not first:
            return scene
        vol = min(first, key=lambda seen: abs(seen.strike - spot)).vol
        around = _probes(chains.near, scene, vol, singles=_SINGLES)
        around += _probes(chains.far, scene, vol) if chains.far else []
        known = {*scene.quotes, *(quote.instrument.con_id for quote in scene.neighbours)}
        wanted = {each.con_id: each for each in around}
        new = await self._around([each for con_id, each in wanted.items() if con_id not in known])
        return replace(scene, neighbours=(*scene.neighbours, *new))

    async def _scene(
        self, underlying: Underlying, combo: Combo, neighbours: Sequence[Instrument] = ()
    ) -> Scene:
        instruments: list[Instrument] = [underlying, *combo.options]
        taken, around = await asyncio.gather(self.market.quotes(instruments), self._around(neighbours))
        quotes = {each.con_id: quote for each, quote in zip(instruments, taken, strict=True)}
        scene = self._scene_of(underlying, spot_of(quotes[underlying.con_id]), quotes, self.clock.now())
        return replace(scene, neighbours=around)

    async def _around(self, neighbours: Sequence[Instrument]) -> tuple[Quote, ...]:
        """Quotes that only make a probability finer, so nobody waits long for them."""
        if not neighbours:
            return ()
        return tuple(await self.market.quotes(neighbours, deadline_s=_NEIGHBOUR_S))

    def _scene_of(
        self, underlying: Underlying, spot: Decimal, quotes: dict[int, Quote], now: datetime
    ) -> Scene:
        return Scene(
            underlying=underlying,
            spot=spot,
            quotes=quotes,
            now=now,
            # Options on an index are settled in cash and European; all others may be exercised early.
            assumptions=Assumptions(
                rate=self.rate,
                dividend_yield=self.dividend_yield,
                is_american=underlying.sec_type is not SecType.IND,
            ),
        )


async def _with_events(draft: Draft, announced: Dividends | None) -> Draft:
    """The draft with what falls into its life; the published calendar is slow the first time."""
    return replace(draft, events=await off_loop(_events, draft, announced))


def _events(draft: Draft, announced: Dividends | None) -> tuple[str, ...]:
    day, expiries = None if announced is None else announced.next_date, draft.combo.expiries
    falls_in = day is not None and bool(expiries) and day <= expiries[-1]
    return coming_events(
        draft.analysis.legs,
        spot=draft.spot,
        now=draft.as_of,
        dividend=coming_dividend(announced, draft.as_of) if falls_in else None,
        assume=draft.assumptions,
    )


def _judged(
    combo: Combo,
    quantity: int,
    scene: Scene,
    announced: Dividends | None,
    *,
    premium: Premium | None = None,
    level: int | None = None,
) -> tuple[Scene, Analysis]:
    """The scene with the rates that it tells, and the analysis on it: at the net mid without a premium."""
    scene = scene.with_carry(announced)
    price = combo.net_mid(scene.quotes) if premium is None else premium
    return scene, analyse(combo, quantity=quantity, premium=price, scene=scene, level=level)


def _outlook(scene: Scene, announced: Dividends | None, settles: datetime) -> tuple[Scene, Outlook | None]:
    """The scene with the rates that it tells, and the distribution at one of its expiries."""
    scene = scene.with_carry(announced)
    seen = [each for each in sightings(scene) if each.option.settles == settles]
    view = Horizon(spot=float(scene.spot), now=scene.now, assumptions=scene.assumptions)
    return scene, view.outlook(seen)


def _nearest(chain: Chain, price: float, right: Right) -> OptionContract:
    strikes = chain.strikes(right)
    if not strikes:
        raise _nothing_trades(chain.underlying, chain.expiry)
    return chain.by_key[min(strikes, key=lambda strike: abs(float(strike) - price)), right]


def _pair(chain: Chain, price: float) -> list[OptionContract]:
    """Call and put at the listed strike nearest to a price."""
    return [_nearest(chain, price, right) for right in Right]


def _probes(chain: Chain, scene: Scene, vol: float, singles: Sequence[float] = ()) -> list[OptionContract]:
    """Pairs at and about the money, and options alone further out, as far apart as the volatility says."""
    years, rates = chain.any_contract.years(scene.now), scene.assumptions
    spot, reach = float(scene.spot), vol * math.sqrt(years)
    middle = spot * math.exp((rates.rate - rates.dividend_yield) * years)
    about = [spot, *(middle * math.exp(z * reach) for z in _PAIRS)]
    alone = ((middle * math.exp(z * reach), Right.PUT if z < 0 else Right.CALL) for z in singles)
    pairs = [each for price in about for each in _pair(chain, price)]
    return pairs + [_nearest(chain, *each) for each in alone]


def _others(quotes: Sequence[Quote], scene: Scene) -> tuple[Quote, ...]:
    return tuple(quote for quote in quotes if quote.instrument.con_id not in scene.quotes)


def _of_these(seen: Sequence[Quote], chains: _Chains, scene: Scene) -> tuple[Quote, ...]:
    """Those of the chains' contracts that are not its legs."""
    both = (chains.near, *([chains.far] if chains.far else []))
    listed = {option.con_id for chain in both for option in chain.by_key.values()}
    return _others([quote for quote in seen if quote.instrument.con_id in listed], scene)


def _combo(shape: Shape, underlying: Underlying, strikes: Sequence[Decimal], chains: _Chains) -> Combo:
    legs: list[Leg] = []
    for part in shape.legs:
        if part.right is None:
            legs.append(Leg(contract=underlying, ratio=part.ratio * chains.near.any_contract.multiplier))
            continue
        chain = chains.far if part.is_far and chains.far else chains.near
        legs.append(Leg(contract=chain.contract(strikes[part.slot], part.right), ratio=part.ratio))
    return Combo(tuple(legs))


def _check_shares(request: StrategyRequest, underlying: Underlying) -> None:
    if underlying.sec_type is SecType.IND and any(leg.right is None for leg in request.shape.legs):
        raise InvalidRequest(
            f"{request.shape.type.one} holds shares, and {underlying.symbol} is an index without any",
            code="invalid_strategy_type",
            expected="strategy_type: one of options alone; or symbol: a stock or ETF such as SPY",
            found=f"{request.shape.type.value} on {underlying.symbol}",
            next_steps=["Choose a strategy without shares, or an ETF on the index."],
        )


def _nothing_trades(underlying: Underlying, when: date) -> UnknownContract:
    return UnknownContract(
        f"no {underlying.symbol} option that expires {when.isoformat()} trades now",
        code="expiry_not_listed",
        expected="expiry: a date whose options trade",
        found=when.isoformat(),
        next_steps=["Choose another expiry."],
    )
