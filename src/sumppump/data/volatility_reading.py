"""What the past, the broker and the quotes say together about volatility. Pure.

Volatilities are per year as fractions, 0.23 is 23 %. Every figure is a number or the reason for none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sumppump.data.chain_statistics import ChainRow, straddle
from sumppump.data.expiries import ExpiryDay
from sumppump.data.quotes import price_of
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.statistics import MarketStatistics
from sumppump.domain.surface import Sighted, SmileFit
from sumppump.domain.surface.shape import skew
from sumppump.domain.volatility import close_to_close, iv_percentile, iv_rank, parkinson, yang_zhang
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.money import Premium

Figure = float | Missing
Bars = tuple[Bar, ...] | Missing

WINDOWS = (10, 20, 30, 60)
RANGE_WINDOW = 30
# In less time a price that is a second older than its options' makes a percent of dividends.
LEAST_DAYS_OF_YIELD = 30
# A forward further away is no matter of dividends: that of an index which nobody can hold.
MOST_YIELD = 0.25
# By rank: above the figure it is called so.
STATES = ((80.0, "very high"), (50.0, "high"), (20.0, "normal"), (-1.0, "low"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Daily bars, oldest first, of whole sessions only; or why there are none.

    Attributes:
        prices: of the underlying. implied: of IB's 30-day implied volatility.
        newest_implied: the last of all, of a session that may still be on.
    """

    prices: Bars
    implied: Bars
    newest_implied: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The listed options that the term structure is made from.

    Attributes:
        key: the expiry that is looked at in detail.
        contracts: by expiry in the order of `days`, each of one class.
    """

    key: ExpiryDay
    days: tuple[ExpiryDay, ...]
    contracts: tuple[tuple[OptionContract, ...], ...]

    def of(self, day: ExpiryDay) -> tuple[OptionContract, ...]:
        """The contracts of one of the days."""
        return self.contracts[self.days.index(day)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPoint:
    """One expiry of the term structure.

    Attributes:
        atm_iv: at the forward. fit_error: its standard error, volatility points.
        skew: 25-delta put less 25-delta call, volatility points.
        forward: currency per share, by parity; dividend_yield: per year, what lowers it beside the rate.
        cash_dividends: of it known with dates, currency per share until expiry; None where none is known.
    """

    day: ExpiryDay
    atm_iv: Figure
    fit_error: float | None
    skew: Figure
    forward: float | None
    rate: float | None
    dividend_yield: float | None
    cash_dividends: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedMove:
    """How far the price is expected to go until an expiry, two ways, currency per share.

    Attributes:
        straddle: mid of call and put at the strike nearest the price.
        deviation: one standard deviation, price x volatility x root of the years.
    """

    day: ExpiryDay
    straddle: Figure
    deviation: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatilityReading:
    """All of it.

    Attributes:
        iv: 30 days ahead by the broker's index; iv_source says of when.
        iv_rank, iv_percentile: 0 to 100, of `iv` among `samples` daily closes.
        iv_low, iv_high: of those closes.
        hv: by window, close to close; parkinson, yang_zhang: over 30 sessions; all up to `through`.
        state: a word for the rank.
        skew: of the expiry that the expected move is for, volatility points.
        sighted: the surface, or why there is none.
    """

    underlying: Underlying
    spot: Premium | None
    as_of: datetime
    quotes: tuple[Quote, ...]
    iv: Figure
    iv_source: str
    iv_rank: Figure
    iv_percentile: Figure
    samples: int
    iv_low: float | None
    iv_high: float | None
    hv: tuple[tuple[int, Figure], ...]
    parkinson: Figure
    yang_zhang: Figure
    through: date | None
    iv_hv_ratio: Figure
    state: str | Missing
    skew: Figure
    move: ExpectedMove | Missing
    term: tuple[TermPoint, ...]
    sighted: Sighted | Missing

    def missing(self) -> tuple[tuple[str, Missing], ...]:
        """(name, why) of every figure that there is not."""
        named: list[tuple[str, object]] = [
            ("iv", self.iv),
            ("iv_rank", self.iv_rank),
            ("iv_percentile", self.iv_percentile),
            *((f"hv_{window}", figure) for window, figure in self.hv),
            ("parkinson", self.parkinson),
            ("yang_zhang", self.yang_zhang),
            ("iv_hv_ratio", self.iv_hv_ratio),
            ("skew", self.skew),
            ("expected_move", self.move),
            *((f"term_structure {each.day.day.isoformat()}", each.atm_iv) for each in self.term),
        ]
        if isinstance(self.move, ExpectedMove):
            named += [("straddle", self.move.straddle), ("deviation", self.move.deviation)]
        return tuple((name, figure) for name, figure in named if isinstance(figure, Missing))


def known(figure: Figure) -> float | None:
    """The number, None where there is a reason instead."""
    return None if isinstance(figure, Missing) else figure


def reading_of(
    *,
    underlying: Underlying,
    beneath: Quote,
    said: MarketStatistics,
    past: Past,
    listed: Listed | Missing,
    quotes: tuple[Quote, ...],
    sighted: Sighted | Missing,
    now: datetime,
) -> VolatilityReading:
    """Join what was asked separately; `quotes` are those of the options."""
    iv, source = _implied(said, past)
    closes = () if isinstance(past.implied, Missing) else tuple(float(bar.close) for bar in past.implied)
    hv = tuple((window, _of_bars(past.prices, close_to_close, window)) for window in WINDOWS)
    rank = _ranked(past.implied, iv, closes, iv_rank)
    spot = price_of(beneath) or beneath.close
    term = (
        () if isinstance(listed, Missing) else tuple(_term_point(day, listed, sighted) for day in listed.days)
    )
    return VolatilityReading(
        underlying=underlying,
        spot=spot,
        as_of=min((quote.as_of for quote in (beneath, *quotes)), default=now),
        quotes=(beneath, *quotes),
        iv=iv,
        iv_source=source,
        iv_rank=rank,
        iv_percentile=_ranked(past.implied, iv, closes, iv_percentile),
        samples=len(closes),
        iv_low=min(closes, default=None),
        iv_high=max(closes, default=None),
        hv=hv,
        parkinson=_of_bars(past.prices, parkinson, RANGE_WINDOW),
        yang_zhang=_of_bars(past.prices, yang_zhang, RANGE_WINDOW),
        through=_last_day(past.prices),
        iv_hv_ratio=_ratio(iv, dict(hv)[RANGE_WINDOW]),
        state=rank if isinstance(rank, Missing) else next(word for above, word in STATES if rank > above),
        skew=_key_skew(listed, term),
        move=_expected_move(listed, quotes, term, spot, now),
        term=term,
        sighted=sighted,
    )


def _implied(said: MarketStatistics, past: Past) -> tuple[Figure, str]:
    if said.implied_vol is not None:
        return said.implied_vol, "IB 30-day index, now"
    if past.newest_implied is not None:
        return past.newest_implied, "IB 30-day index, newest daily bar"
    why = past.implied if isinstance(past.implied, Missing) else Missing("no_history", "no bars of it")
    return why, ""


def _of_bars(bars: Bars, estimate: Callable[[Sequence[Bar], int], Figure], window: int) -> Figure:
    return bars if isinstance(bars, Missing) else estimate(bars, window)


def _ranked(
    bars: Bars, iv: Figure, closes: Sequence[float], rank: Callable[[Sequence[float], float], Figure]
) -> Figure:
    if isinstance(bars, Missing):
        return bars
    return iv if isinstance(iv, Missing) else rank(closes, iv)


def _ratio(iv: Figure, hv: Figure) -> Figure:
    for part in (iv, hv):
        if isinstance(part, Missing):
            return part
    assert isinstance(iv, float)
    assert isinstance(hv, float)
    return iv / hv if hv > 0 else Missing("no_movement", "the price did not move")


def _last_day(bars: Bars) -> date | None:
    return None if isinstance(bars, Missing) or not bars else bars[-1].start.astimezone(NEW_YORK).date()


def _term_point(day: ExpiryDay, listed: Listed, sighted: Sighted | Missing) -> TermPoint:
    fit = _fit(day, listed, sighted)
    if isinstance(fit, Missing) or isinstance(sighted, Missing):
        why = fit if isinstance(fit, Missing) else Missing("no_surface", "there is no surface")
        return TermPoint(
            day=day, atm_iv=why, fit_error=None, skew=why, forward=None, rate=None, dividend_yield=None
        )
    term = sighted.terms[fit.expiry, fit.trading_class]
    carry = term.carry
    tells_yield = carry.years >= LEAST_DAYS_OF_YIELD / 365 and abs(carry.dividend_yield) <= MOST_YIELD
    return TermPoint(
        day=day,
        atm_iv=_at_forward(fit),
        fit_error=fit.error(fit.forward),
        skew=skew(fit, carry_discount=math.exp(-carry.residual_yield * carry.years)),
        forward=carry.forward if term.is_implied else None,
        rate=carry.rate if carry.is_rate_implied else None,
        dividend_yield=carry.dividend_yield if term.is_implied and tells_yield else None,
        cash_dividends=sum(paid for _, paid in carry.cash) if carry.cash else None,
    )


def _at_forward(fit: SmileFit) -> Figure:
    vol = fit.vol(fit.forward)
    return (
        Missing("outside_quoted_strikes", "the forward lies outside the quoted strikes")
        if vol is None
        else vol
    )


def _fit(day: ExpiryDay, listed: Listed, sighted: Sighted | Missing) -> SmileFit | Missing:
    if isinstance(sighted, Missing):
        return sighted
    contracts = listed.of(day)
    if not contracts:
        return Missing("no_contracts", "no standard contracts are listed for that day")
    return sighted.surface.smile(contracts[0]) or sighted.surface.why_not(contracts[0])


def _key_skew(listed: Listed | Missing, term: Sequence[TermPoint]) -> Figure:
    if isinstance(listed, Missing):
        return listed
    return next(point.skew for point in term if point.day == listed.key)


def _expected_move(
    listed: Listed | Missing,
    quotes: Sequence[Quote],
    term: Sequence[TermPoint],
    spot: Premium | None,
    now: datetime,
) -> ExpectedMove | Missing:
    if isinstance(listed, Missing):
        return listed
    if spot is None:
        return Missing("no_price", "the underlying has no price")
    iv = next(point.atm_iv for point in term if point.day == listed.key)
    contracts = listed.of(listed.key)
    years = contracts[0].years(now) if contracts else 0.0
    return ExpectedMove(
        day=listed.key,
        straddle=_straddle(contracts, quotes, float(spot)),
        deviation=iv if isinstance(iv, Missing) else float(spot) * iv * math.sqrt(years),
    )


def _straddle(contracts: Sequence[OptionContract], quotes: Sequence[Quote], spot: float) -> Figure:
    by_id = {quote.instrument.con_id: quote for quote in quotes}
    rows = [ChainRow(each, by_id[each.con_id]) for each in contracts if each.con_id in by_id]
    found = straddle(rows, spot)
    if found is None:
        return Missing("no_quote", "call or put at the strike nearest the price has no two-sided quote")
    return float(found)
