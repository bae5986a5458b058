"""Rate and dividends that a strategy is priced with: from the market where it tells them, else as assumed.

Put-call parity tells the forward of an expiry, and for options far apart in strike the rate. What lowers the
forward beside the rate is a yield; for shares the broker's next dividends are taken in cash first, since they
decide about early exercise. Where all that is finer than the quotes are vague by, the assumption stands.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from sumppump.data.announced import cash_dividends
from sumppump.domain.instruments import SECONDS_PER_YEAR, OptionContract
from sumppump.domain.parity import Carry
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions, CashDividend, ExpiryRates
from sumppump.domain.statistics import Dividends
from sumppump.domain.surface.sighted import terms_of
from sumppump.kernel.clock import NEW_YORK
from sumppump.strategies.middle_pairs import MiddlePairs, MiddleTold, pair_at_the_money

# Parity is heard where it is off the assumption by more than so many standard errors of the forward.
_HEARD = 2.0
# A rate above the assumed one by more than this means that the dividend is not in the forward.
_BELIEVED = 0.015
_PARITY, _MODEL = "put-call parity", "the broker's model"


def carry_of(
    quotes: Iterable[Quote],
    *,
    spot: float,
    now: datetime,
    base: Assumptions,
    announced: Dividends | None,
    until: datetime | None = None,
    is_quick: bool = False,
) -> Assumptions:
    """The assumptions that fit quotes of options of one underlying.

    Args:
        quotes: of any expiries; those without a sound market are passed over.
        spot: the underlying's price, currency per share, > 0.
        now: the exchange's time.
        base: the way of exercise, and rate and yield where the market tells none.
        announced: the broker's dividends, None where it says nothing; an index has none.
        until: dividends are looked at up to here, or to the last expiry quoted if that is later.
        is_quick: American options are read by the pair at the money alone, which tells no rate; a whole
            account has many expiries, and taking early exercise off all pairs is slow.
    """
    series: defaultdict[datetime, list[Quote]] = defaultdict(list)
    for quote in quotes:
        if isinstance(option := quote.instrument, OptionContract) and option.years(now) > 0:
            series[option.settles].append(quote)
    last = max([until or now, *series])
    cash = cash_dividends(announced, now, last) if base.is_american and announced else ()
    look = _Look(spot, now, is_quick)
    found = _settled(series, replace(base, dividends=cash), look)
    if cash and any(each.rate > base.rate + _BELIEVED for each in found.by_expiry):
        found = _settled(series, base, look)
        found = replace(found, source=f"{found.source}; the options do not price the announced dividends in")
    first = found.until(min(series, default=now))
    return replace(found, rate=first.rate, dividend_yield=first.dividend_yield)


@dataclass(frozen=True, slots=True)
class _Look:
    """The arguments of `carry_of` that all expiries share."""

    spot: float
    now: datetime
    is_quick: bool


def _settled(series: Mapping[datetime, Sequence[Quote]], base: Assumptions, look: _Look) -> Assumptions:
    """The base with what each expiry's quotes say beside it.

    By all pairs where nothing is paid in cash; else by the pair at the money, whose dates a tree knows.
    Without a pair the broker's own model tells the dividends that it reckons with.
    """
    told: dict[datetime, _Told] = {}
    for moment, quotes in series.items():
        if not base.is_american or not (look.is_quick or base.cash(moment, look.now)):
            told |= _by_all_pairs(moment, quotes, base, look)
    if base.is_american:
        told |= _by_the_middles({at: some for at, some in series.items() if at not in told}, base, look)
    told |= _by_the_models({at: some for at, some in series.items() if at not in told}, base, look)
    heard = tuple(_rates(told[moment], moment, base) for moment in sorted(told) if told[moment].is_heard)
    return replace(
        base,
        by_expiry=heard,
        is_confirmed=not heard and any(each.source == _PARITY for each in told.values()),
        source=_source(list(told.values()), heard, base.dividends),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What quotes of one expiry say.

    Attributes:
        rate: per year; residual: what lowers the forward beside it and beside the cash, per year.
        is_rate_implied: by the quotes too. is_heard: the assumption is off by more than the quotes are vague.
        source: who says so.
    """

    rate: float
    residual: float
    is_rate_implied: bool
    is_heard: bool
    source: str = _PARITY


def _by_all_pairs(
    moment: datetime, quotes: Sequence[Quote], base: Assumptions, look: _Look
) -> dict[datetime, _Told]:
    term = next(iter(terms_of(quotes, spot=look.spot, now=look.now, assume=base).values()), None)
    return {moment: _by_parity(term.carry, base)} if term is not None and term.is_implied else {}


def _by_parity(carry: Carry, base: Assumptions) -> _Told:
    expected = carry.spot * math.exp((carry.rate - base.dividend_yield) * carry.years)
    is_heard = carry.is_rate_implied or abs(carry.forward - expected) > _HEARD * carry.forward_error
    return _Told(carry.rate, carry.dividend_yield, carry.is_rate_implied, is_heard)


def _by_the_middles(
    series: Mapping[datetime, Sequence[Quote]], base: Assumptions, look: _Look
) -> dict[datetime, _Told]:
    """By the pair at the money of each expiry, whose ex-dates a tree knows."""
    pairs = {at: pair for at, some in series.items() if (pair := pair_at_the_money(some, look.spot))}
    if not pairs:
        return {}
    found = MiddlePairs.of(pairs, base=base, spot=look.spot, now=look.now).told(_HEARD)
    return {at: _by_the_middle(each, base) for at, each in zip(pairs, found, strict=True) if each is not None}


def _by_the_middle(each: MiddleTold, base: Assumptions) -> _Told:
    is_heard = abs(each.off) > _HEARD * each.doubt
    return _Told(base.rate, base.rate - each.growth, is_rate_implied=False, is_heard=is_heard)


def _by_the_models(
    series: Mapping[datetime, Sequence[Quote]], base: Assumptions, look: _Look
) -> dict[datetime, _Told]:
    """What the broker's Greeks were computed with, where no cash is known beside it."""
    found = {at: _model_yield(some, at, look) for at, some in series.items() if not base.cash(at, look.now)}
    return {
        at: _Told(base.rate, each, is_rate_implied=False, is_heard=each != base.dividend_yield, source=_MODEL)
        for at, each in found.items()
        if each is not None
    }


def _model_yield(quotes: Sequence[Quote], moment: datetime, look: _Look) -> float | None:
    """The middle one of the yields that an expiry's models take, per year; None where none says."""
    years = (moment - look.now).total_seconds() / SECONDS_PER_YEAR
    parts = [
        greeks.pv_dividend / greeks.underlying_price
        for quote in quotes
        if (greeks := quote.greeks) is not None and greeks.pv_dividend is not None and greeks.underlying_price
    ]
    sound = [part for part in parts if 0.0 <= part < 1.0]
    return -math.log1p(-median(sound)) / years if sound else None


def _rates(told: _Told, moment: datetime, base: Assumptions) -> ExpiryRates:
    if base.is_american and told.residual < 0:
        # Shares that grow by more than the rate: the rate is higher, since nobody pays a negative dividend.
        return ExpiryRates(moment, told.rate - told.residual, 0.0, told.source)
    return ExpiryRates(moment, told.rate, told.residual, told.source)


def _agreeing(told: Sequence[_Told]) -> str:
    if not told:
        return ", not looked up"
    return "; parity agrees" if any(each.source == _PARITY for each in told) else f"; {_MODEL} agrees"


def _source(told: Sequence[_Told], heard: Sequence[ExpiryRates], cash: Sequence[CashDividend]) -> str:
    """What is assumed, and where the rest is from; by the names that answers use."""
    said = ", ".join(f"{each.cash:.2f} on {each.ex.astimezone(NEW_YORK).date()}" for each in cash)
    dividends = f"; dividends by the broker's figures: {said}" if said else ""
    if not heard:
        agrees = _agreeing(told)
        return f"rate and dividend_yield{agrees}{dividends}"
    if all(each.is_rate_implied for each in told):
        return f"nothing: rate and dividend_yield are from {_PARITY}{dividends}"
    sources = " and ".join(dict.fromkeys(each.source for each in told if each.is_heard))
    return f"rate; dividend_yield is from {sources}{dividends}"
