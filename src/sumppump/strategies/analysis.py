"""What a combo means at a premium: bounds, probabilities, Greeks, capital and warnings, from given quotes.

Pure: the quotes, the time and the assumptions come in, an `Analysis` goes out. A figure whose inputs
are missing is None with a reason beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.greeks import computed_greeks, vols_of_prices
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.payoff import Bound, PayoffProfile, Unlimited
from sumppump.domain.pricing import european
from sumppump.domain.quotes import Feed, Quote
from sumppump.domain.revaluation import Assumptions, OrderValue, payoff_profile
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import NoQuote
from sumppump.kernel.money import Money, Premium
from sumppump.strategies.capital import margin_to_open, required_capital
from sumppump.strategies.carry import carry_of
from sumppump.strategies.chances import chances
from sumppump.strategies.drafts import Analysis, LegAnalysis, OrderGreeks
from sumppump.strategies.sightings import Sighting
from sumppump.strategies.words import in_words

NAKED_LEVEL = 4
MOST_VAGUE_POINTS = 3.0
_WIDE = Decimal("0.25")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that an analysis looks at.

    Attributes:
        quotes: by con_id, of the underlying and every leg.
        neighbours: quotes of other options that tell more of the smile.
        spot: the underlying's price. now: exchange time.
        assumptions: rates, dividends and the way of exercise of every modelled figure.
    """

    underlying: Underlying
    spot: Decimal
    quotes: Mapping[int, Quote]
    now: datetime
    assumptions: Assumptions
    neighbours: tuple[Quote, ...] = ()

    def with_carry(self, announced: Dividends | None) -> Scene:
        """The scene with the rates and dividends that its own quotes tell.

        Args:
            announced: the broker's dividends; None where it says nothing.
        """
        found = carry_of(
            (*self.quotes.values(), *self.neighbours),
            spot=float(self.spot),
            now=self.now,
            base=self.assumptions,
            announced=announced,
        )
        return replace(self, assumptions=found)


def spot_of(quote: Quote) -> Decimal:
    """The price to reckon with: the mid, or the last trade where there is no two-sided market (an index).

    Raises:
        NoQuote: neither is there.
    """
    price = quote.mid or quote.last
    if price is None or price.amount <= 0:
        raise NoQuote(
            f"{quote.instrument.label} has no price",
            expected="bid and ask, or a last trade",
            found=quote.notice or "nothing",
            next_steps=["Check the feed with trade_check_market_data."],
        )
    return price.amount


def analyse(
    combo: Combo, *, quantity: int, premium: Premium, scene: Scene, level: int | None = None
) -> Analysis:
    """The analysis of `quantity` combos bought at `premium`.

    Args:
        combo: what is bought.
        quantity: combos, > 0.
        premium: per share of one combo, debit positive.
        scene: quotes, time and assumptions.
        level: IBKR's level by the catalogue; raised to 4 where the loss is unlimited. None: 2, or 3 for
            a credit.
    """
    # All in one search: a leg's own volatility counts where a neighbour is the same option.
    vols = vols_of([*scene.neighbours, *(scene.quotes[leg.contract.con_id] for leg in combo.legs)], scene)
    legs = tuple(_leg(leg, vols.get(leg.contract.con_id), scene) for leg in combo.legs)
    value = OrderValue(
        combo=combo,
        quantity=quantity,
        net_premium=premium,
        spot=scene.spot,
        vols={part.leg.contract.con_id: part.iv for part in legs},
        now=scene.now,
        assumptions=scene.assumptions,
    )
    payoff = payoff_profile(value)
    odds = chances(legs, _seen(scene.neighbours, vols), payoff, value)
    capital, capital_note = required_capital(legs, payoff, value)
    cash = combo.cash(premium, quantity=quantity)
    crossing = _crossing(combo, quantity, scene)
    return Analysis(
        net_premium=premium,
        cash=cash,
        premium_words=in_words(cash, premium),
        payoff=payoff,
        legs=legs,
        greeks=OrderGreeks.of(
            combo, quantity, {part.leg.contract.con_id: part.greeks for part in legs}, scene.spot
        ),
        permission_level=_level(payoff.max_loss, value, level),
        odds=odds.smile,
        lognormal=odds.lognormal,
        probability_missing=odds.missing,
        probability_note=odds.note,
        touches=odds.touches,
        expected_value_note=odds.expected_note or odds.missing,
        crossing_cost=crossing,
        required_capital=capital,
        capital_note=capital_note,
        margin=margin_to_open(legs, value),
        dte=_days(combo, scene.now),
        minutes_to_expiry=_minutes(combo, scene.now),
        rate=scene.assumptions.rate,
        dividend_yield=scene.assumptions.dividend_yield,
        assumed=scene.assumptions.source,
        warnings=_warnings(legs, payoff, cash, crossing, value),
    )


def vols_of(quotes: Iterable[Quote], scene: Scene) -> dict[int, float | None]:
    """Volatilities by con_id that mids imply; the broker's where a mid implies none, or next to nothing."""
    options = [(quote, each) for quote in quotes if isinstance(each := quote.instrument, OptionContract)]
    priced = [
        (quote.mid, each)
        for quote, each in options
        if quote.mid is not None and quote.mid.amount > 0 and each.years(scene.now) > 0
    ]
    mids, contracts = tuple(float(mid) for mid, _ in priced), tuple(each for _, each in priced)
    solved = _solved(mids, contracts, float(scene.spot), scene.now, scene.assumptions)
    implied = {each.con_id: vol for (_, each), vol in zip(priced, solved, strict=True)}
    return {each.con_id: _heeded(implied.get(each.con_id), quote, each, scene) for quote, each in options}


# An order is looked at again on the same quotes: at its limit, in another number.
@lru_cache(maxsize=32)
def _solved(
    prices: tuple[float, ...],
    options: tuple[OptionContract, ...],
    spot: float,
    now: datetime,
    assume: Assumptions,
) -> tuple[float | None, ...]:
    return tuple(vols_of_prices(prices, options, spot=spot, now=now, assume=assume))


def _heeded(implied: float | None, quote: Quote, option: OptionContract, scene: Scene) -> float | None:
    theirs = _broker_vol(quote)
    if implied is None or (theirs is not None and _is_vague(implied, quote, option, scene)):
        return theirs
    return implied


def sightings(scene: Scene) -> tuple[Sighting, ...]:
    """The neighbours whose volatility is known."""
    return _seen(scene.neighbours, vols_of(scene.neighbours, scene))


def _seen(quotes: Iterable[Quote], vols: Mapping[int, float | None]) -> tuple[Sighting, ...]:
    pairs = ((quote, quote.instrument) for quote in quotes)
    return tuple(
        Sighting.of(option, vol, quote)
        for quote, option in pairs
        if isinstance(option, OptionContract) and (vol := vols.get(option.con_id)) is not None
    )


def _is_vague(vol: float, quote: Quote, option: OptionContract, scene: Scene) -> bool:
    """Whether half the width is worth so much volatility that the mid tells next to nothing."""
    if quote.quote_width is None:
        return True
    own = scene.assumptions.until(option.settles)
    inputs = (float(scene.spot), float(option.strike), option.years(scene.now))
    vega = european(*inputs, own.rate, own.dividend_yield, vol, option.right).vega
    return 0.5 * float(quote.quote_width) > MOST_VAGUE_POINTS * vega


def _broker_vol(quote: Quote) -> float | None:
    greeks = quote.greeks
    return greeks.iv if greeks is not None and math.isfinite(greeks.iv) and greeks.iv > 0 else None


def _leg(leg: Leg, vol: float | None, scene: Scene) -> LegAnalysis:
    quote, option = scene.quotes[leg.contract.con_id], leg.contract
    if not isinstance(option, OptionContract):
        return LegAnalysis(leg=leg, quote=quote)
    if quote.greeks is not None:
        return LegAnalysis(leg=leg, quote=quote, greeks=quote.greeks, iv=vol)
    if vol is None or quote.feed is Feed.NONE:
        why = quote.greeks_missing or f"No volatility can be implied from the market of {option.label}."
        return LegAnalysis(leg=leg, quote=quote, greeks_missing=why, iv=vol)
    spot, assume = float(scene.spot), scene.assumptions
    greeks = computed_greeks(option, vol, spot=spot, now=scene.now, assume=assume, feed=quote.feed)
    return LegAnalysis(leg=leg, quote=quote, greeks=greeks, iv=vol)


def _level(max_loss: Bound | None, value: OrderValue, level: int | None) -> int:
    if isinstance(max_loss, Unlimited) or value.is_left_uncovered:
        return NAKED_LEVEL
    if level is not None:
        return level
    return 3 if value.net_premium.is_credit else 2


def _crossing(combo: Combo, quantity: int, scene: Scene) -> Money | None:
    try:
        lost = combo.net_ask(scene.quotes) - combo.net_mid(scene.quotes)
    except NoQuote:
        return None
    return combo.cash(lost, quantity=quantity)


def _days(combo: Combo, now: datetime) -> int | None:
    return (combo.expiries[0] - now.astimezone(NEW_YORK).date()).days if combo.expiries else None


def _minutes(combo: Combo, now: datetime) -> int | None:
    """Minutes until the first leg stops trading, where that is today; else days say enough."""
    if _days(combo, now) != 0:
        return None
    first = min(option.last_trade for option in combo.options)
    return max(0, int((first - now).total_seconds() // 60))


def _warnings(
    legs: Sequence[LegAnalysis],
    payoff: PayoffProfile,
    cash: Money,
    crossing: Money | None,
    value: OrderValue,
) -> tuple[str, ...]:
    said: list[str] = []
    dte = _days(value.combo, value.now)
    if isinstance(payoff.max_loss, Unlimited):
        said.append("The possible loss is unlimited: it grows with the underlying, without end.")
    elif value.is_left_uncovered:
        said.append(
            "The possible loss is unlimited after the first expiry: a call sold for later is then uncovered."
        )
    if payoff.max_loss is None:
        said.append(payoff.reason)
    if dte == 0:
        said.append("It expires today.")
    if crossing is not None and crossing.amount > _WIDE * abs(cash.amount) and crossing.amount > 0:
        said.append(f"The market is wide: crossing it costs {in_words(crossing)} against the mid.")
    feeds = sorted({part.quote.feed.value for part in legs} - {Feed.LIVE.value})
    if feeds:
        said.append(f"Quotes are {', '.join(feeds)}, not live.")
    said += [f"{part.leg.contract.label} is halted." for part in legs if part.quote.halted]
    said += [f"{part.leg.contract.label} has a crossed market." for part in legs if part.quote.is_crossed]
    said += [part.greeks_missing for part in legs if part.greeks_missing]
    return tuple(said)
