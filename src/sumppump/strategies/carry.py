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
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sumppump.domain.greeks import vols_of_prices
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.parity import DOUBT, Carry
from sumppump.domain.pricing import european
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions, CashDividend, ExpiryRates
from sumppump.domain.statistics import Dividends
from sumppump.domain.surface.sighted import is_sound, terms_of
from sumppump.kernel.clock import NEW_YORK

# Parity is heard where it is off the assumption by more than so many standard errors of the forward.
_HEARD = 2.0
# A rate above the assumed one by more than this means that the dividend is not in the forward.
_BELIEVED = 0.015
_PER_YEAR = (1, 2, 4, 12)
_OPENS = time(9, 30)


def carry_of(
    quotes: Iterable[Quote], *, spot: float, now: datetime, base: Assumptions, announced: Dividends | None
) -> Assumptions:
    """The assumptions that fit quotes of options of one underlying.

    Args:
        quotes: of any expiries; those without a sound market are passed over.
        spot: the underlying's price, currency per share, > 0.
        now: the exchange's time.
        base: the way of exercise, and rate and yield where the market tells none.
        announced: the broker's dividends, None where it says nothing; an index has none.
    """
    series: defaultdict[datetime, list[Quote]] = defaultdict(list)
    for quote in quotes:
        if isinstance(option := quote.instrument, OptionContract) and option.years(now) > 0:
            series[option.settles].append(quote)
    last = max(series, default=now)
    cash = cash_dividends(announced, now, last) if base.is_american and announced else ()
    found = _settled(series, replace(base, dividends=cash), spot, now)
    if cash and any(each.rate > base.rate + _BELIEVED for each in found.by_expiry):
        found = _settled(series, base, spot, now)
        found = replace(found, source=f"{found.source}; the options do not price the announced dividends in")
    first = found.until(min(series, default=now))
    return replace(found, rate=first.rate, dividend_yield=first.dividend_yield)


def _settled(
    series: Mapping[datetime, Sequence[Quote]], base: Assumptions, spot: float, now: datetime
) -> Assumptions:
    """The base with what each expiry's quotes say beside it."""
    told = {moment: _told(moment, some, base, spot, now) for moment, some in sorted(series.items())}
    heard = tuple(
        _rates(each, moment, base) for moment, each in told.items() if each is not None and each.is_heard
    )
    source = _source([each for each in told.values() if each is not None], heard, base.dividends)
    return replace(base, by_expiry=heard, source=source)


@dataclass(frozen=True, slots=True)
class _Told:
    """What quotes of one expiry say.

    Attributes:
        rate: per year; residual: what lowers the forward beside it and beside the cash, per year.
        is_rate_implied: by the quotes too. is_heard: the assumption is off by more than the quotes are vague.
    """

    rate: float
    residual: float
    is_rate_implied: bool
    is_heard: bool


def _told(
    moment: datetime, quotes: Sequence[Quote], base: Assumptions, spot: float, now: datetime
) -> _Told | None:
    """By all pairs where nothing is paid in cash; else by the pair at the money, whose dates a tree knows."""
    if not base.cash(moment, now):
        term = next(iter(terms_of(quotes, spot=spot, now=now, assume=base).values()), None)
        if term is not None and term.is_implied:
            return _by_parity(term.carry, base)
    return _by_the_middle(moment, quotes, base, spot, now) if base.is_american else None


def _by_parity(carry: Carry, base: Assumptions) -> _Told:
    expected = carry.spot * math.exp((carry.rate - base.dividend_yield) * carry.years)
    is_heard = carry.is_rate_implied or abs(carry.forward - expected) > _HEARD * carry.forward_error
    return _Told(carry.rate, carry.dividend_yield, carry.is_rate_implied, is_heard)


def _by_the_middle(
    moment: datetime, quotes: Sequence[Quote], base: Assumptions, spot: float, now: datetime
) -> _Told | None:
    """Call and put of one strike have one volatility; what theirs differ by is told by the forward.

    At one strike the deltas of call and put differ by 1, so the gap times vega is what the spot less its
    dividends is off by.
    """
    pair = _pair_at_the_money(quotes, spot)
    if pair is None:
        return None
    mids = [float(quote.mid or 0) for _, quote in pair]
    options = [option for option, _ in pair]
    call, put = vols_of_prices(mids, options, spot=spot, now=now, assume=base)
    if call is None or put is None:
        return None
    known, years = base.prepaid(spot, moment, now), options[0].years(now)
    value = european(known, float(options[0].strike), years, base.rate, 0.0, 0.5 * (call + put), Right.CALL)
    shift = (call - put) * 100.0 * value.vega
    doubt = DOUBT * math.hypot(*(float(quote.quote_width or 0) for _, quote in pair))
    residual = base.dividend_yield - math.log1p(max(shift / known, -0.9)) / years
    return _Told(base.rate, residual, is_rate_implied=False, is_heard=abs(shift) > _HEARD * doubt)


def _pair_at_the_money(
    quotes: Sequence[Quote], spot: float
) -> tuple[tuple[OptionContract, Quote], tuple[OptionContract, Quote]] | None:
    """Call and put of the quoted strike nearest the spot that has both."""
    sides: dict[Right, dict[Decimal, tuple[OptionContract, Quote]]] = {right: {} for right in Right}
    for quote in quotes:
        option = quote.instrument
        if isinstance(option, OptionContract) and is_sound(quote):
            sides[option.right][option.strike] = option, quote
    both = sides[Right.CALL].keys() & sides[Right.PUT].keys()
    if not both:
        return None
    strike = min(both, key=lambda each: (abs(float(each) - spot), each))
    return sides[Right.CALL][strike], sides[Right.PUT][strike]


def cash_dividends(announced: Dividends, now: datetime, until: datetime) -> tuple[CashDividend, ...]:
    """The next dividend and, at its rhythm, those after it, up to `until`; none without a date."""
    when, amount = announced.next_date, announced.next_amount
    if when is None or not amount or amount <= 0:
        return ()
    yearly = (announced.next_12m or amount) / amount
    step = timedelta(days=365 / min(_PER_YEAR, key=lambda count: abs(count - yearly)))
    paid: list[CashDividend] = []
    ex = _morning(when)
    while ex <= until:
        if ex > now:
            paid.append(CashDividend(ex, amount))
        ex += step
    return tuple(paid)


def _morning(day: date) -> datetime:
    """When shares trade without their dividend for the first time."""
    return datetime.combine(day, _OPENS, NEW_YORK).astimezone(UTC)


def _rates(told: _Told, moment: datetime, base: Assumptions) -> ExpiryRates:
    if base.is_american and told.residual < 0:
        # Shares that grow by more than the rate: the rate is higher, since nobody pays a negative dividend.
        return ExpiryRates(moment, told.rate - told.residual, 0.0)
    return ExpiryRates(moment, told.rate, told.residual)


def _source(told: Sequence[_Told], heard: Sequence[ExpiryRates], cash: Sequence[CashDividend]) -> str:
    """What is assumed, and where the rest is from; by the names that answers use."""
    said = ", ".join(f"{each.cash:.2f} on {each.ex.astimezone(NEW_YORK).date()}" for each in cash)
    dividends = f"; dividends by the broker's figures: {said}" if said else ""
    if not heard:
        agrees = "; parity agrees" if told else ", not looked up"
        return f"rate and dividend_yield{agrees}{dividends}"
    if all(each.is_rate_implied for each in told):
        return f"nothing: rate and dividend_yield are from put-call parity{dividends}"
    return f"rate; dividend_yield is from put-call parity{dividends}"
