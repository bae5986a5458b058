"""Rate and dividends that a strategy is priced with: from the market where it tells them, else as assumed.

Put-call parity tells the forward of an expiry, and for options far apart in strike the rate. What lowers the
forward beside the rate is a yield; for shares the broker's next dividends are taken in cash first, since they
decide about early exercise. Where all that is finer than the quotes are vague by, the assumption stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sumppump.domain.instruments import OptionContract
from sumppump.domain.parity import Carry
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions, CashDividend, ExpiryRates
from sumppump.domain.statistics import Dividends
from sumppump.domain.surface.sighted import Term, terms_of
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
    known = [quote for quote in quotes if isinstance(quote.instrument, OptionContract)]
    moments = {_series(quote): _settles(quote) for quote in known}
    last = max(moments.values(), default=now)
    cash = cash_dividends(announced, now, last) if base.is_american and announced else ()
    terms = terms_of(known, spot=spot, now=now, assume=base)
    by_moment = [(moments[key], term) for key, term in terms.items()]
    found = _settled(by_moment, replace(base, dividends=cash), now)
    if cash and any(_is_wild(each, by_moment) for each in found.by_expiry):
        found = _settled(by_moment, base, now)
        found = replace(found, source=f"{found.source}; the options do not price the announced dividends in")
    first = found.until(min(moments.values(), default=now))
    return replace(found, rate=first.rate, dividend_yield=first.dividend_yield)


def _settled(terms: Sequence[tuple[datetime, Term]], base: Assumptions, now: datetime) -> Assumptions:
    """The base with what each expiry's parity adds to it."""
    rates = {moment: own for moment, term in terms if (own := _rates(term, moment, now, base))}
    by_expiry = tuple(rates[moment] for moment in sorted(rates))
    source = _source([term for _, term in terms], by_expiry, base.dividends)
    return replace(base, by_expiry=by_expiry, source=source)


def _is_wild(own: ExpiryRates, terms: Sequence[tuple[datetime, Term]]) -> bool:
    """Whether the rate had to be raised beyond belief, because a dividend is not in the forward."""
    return any(moment == own.settles and own.rate > term.carry.rate + _BELIEVED for moment, term in terms)


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


def _rates(term: Term, moment: datetime, now: datetime, base: Assumptions) -> ExpiryRates | None:
    """What parity says of an expiry beside the cash dividends; None where it says nothing that is heard."""
    carry = term.carry
    if not term.is_implied:
        return None
    bare = replace(base, dividend_yield=0.0, by_expiry=())
    known = bare.prepaid(carry.spot, moment, now)
    if not carry.is_rate_implied and not _is_heard(carry, known, base):
        return None
    residual = carry.rate - math.log(carry.forward / known) / carry.years
    if base.is_american and residual < 0:
        # Shares that grow by more than the rate: the rate is higher, since nobody pays a negative dividend.
        return ExpiryRates(moment, carry.rate - residual, 0.0)
    return ExpiryRates(moment, carry.rate, residual)


def _is_heard(carry: Carry, known: float, base: Assumptions) -> bool:
    expected = known * math.exp((carry.rate - base.dividend_yield) * carry.years)
    return abs(carry.forward - expected) > _HEARD * carry.forward_error


def _source(terms: Sequence[Term], rates: tuple[ExpiryRates, ...], cash: tuple[CashDividend, ...]) -> str:
    """What is assumed, and where the rest is from; by the names that answers use."""
    implied = [term for term in terms if term.is_implied]
    said = ", ".join(f"{each.cash:.2f} on {each.ex.astimezone(NEW_YORK).date()}" for each in cash)
    dividends = f"; dividends by the broker's figures: {said}" if said else ""
    if not rates:
        agrees = "; parity agrees" if implied else ", not looked up"
        return f"rate and dividend_yield{agrees}{dividends}"
    if all(term.carry.is_rate_implied for term in implied):
        return f"nothing: rate and dividend_yield are from put-call parity{dividends}"
    return f"rate; dividend_yield is from put-call parity{dividends}"


def _series(quote: Quote) -> tuple[date, str]:
    option = quote.instrument
    assert isinstance(option, OptionContract)
    return option.expiry, option.trading_class


def _settles(quote: Quote) -> datetime:
    option = quote.instrument
    assert isinstance(option, OptionContract)
    return option.settles
