"""Greeks of a chain where the broker gave none, for all its contracts at once.

First ours, from the contract's own mid, with the rate and the dividends that parity implies in its series;
where it has no sound mid, those of the smile through the other quotes, inside the strikes that are quoted;
else none, with the reason. Options on shares and ETFs are American, those on an index European.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from sumppump.data.series import Series, series_of
from sumppump.domain.instruments import OptionContract, Right, SecType, Underlying
from sumppump.domain.parity import Carry, vols_at
from sumppump.domain.pricing import american_many, european_many
from sumppump.domain.pricing.normal import Array
from sumppump.domain.quotes import Feed, Greeks, GreeksSource, Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import Sighted, surface_of
from sumppump.domain.surface.sighted import assumed_carry

_FIGURES = ("iv", "delta", "gamma", "theta", "vega", "rho")
_DELAYED = (Feed.DELAYED, Feed.DELAYED_FROZEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What Greeks are computed from beside the quotes themselves.

    Attributes:
        spot: the underlying's price per share, > 0.
        now: the exchange's time.
        assume: known cash dividends; rate and dividend yield where parity tells none.
    """

    underlying: Underlying
    spot: float
    now: datetime
    assume: Assumptions

    @property
    def own(self) -> Assumptions:
        """With the way of exercise of this underlying's options."""
        return replace(self.assume, is_american=self.underlying.sec_type is SecType.STK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Quotes with the Greeks that could be found, in their order.

    Attributes:
        remarks: what our own Greeks rest on.
    """

    quotes: tuple[Quote, ...]
    remarks: tuple[str, ...] = ()


def completed(quotes: Sequence[Quote], sight: Sight, also: Sequence[Quote] = ()) -> Completed:
    """Fill in what the broker did not give; theirs are never replaced.

    Args:
        quotes: of options.
        sight: the underlying's price, the time and what is assumed.
        also: further quotes of the same underlying, for parity and the smiles alone.
    """
    lacking: defaultdict[Series, list[Quote]] = defaultdict(list)
    for quote in quotes:
        if quote.greeks is None:
            lacking[series_of(_option(quote))].append(quote)
    if not lacking:
        return Completed(quotes=tuple(quotes))
    fresh = {quote.instrument.con_id for quote in quotes}
    others = [quote for quote in also if quote.instrument.con_id not in fresh]
    sighted = surface_of([*quotes, *others], spot=sight.spot, now=sight.now, assume=sight.own)
    found: dict[int, Greeks] = {}
    remarks: list[str] = []
    for series, some in lacking.items():
        own = _of_mids(some, _carry(sighted, some[0], sight), sight)
        found |= own | _of_smile([each for each in some if each.instrument.con_id not in own], sighted, sight)
        remarks += [_remark(series, len(own), sighted, sight)] if own else []
    return Completed(
        quotes=tuple(_filled(quote, found.get(quote.instrument.con_id), sighted, sight) for quote in quotes),
        remarks=tuple(remarks),
    )


def _option(quote: Quote) -> OptionContract:
    assert isinstance(quote.instrument, OptionContract)
    return quote.instrument


def _carry(sighted: Sighted, example: Quote, sight: Sight) -> Carry:
    """The carry of the series; as assumed where none of its contracts has a sound quote."""
    option, own = _option(example), sight.own
    term = sighted.terms.get((option.expiry, option.trading_class))
    if term is not None:
        return term.carry
    return assumed_carry(option, spot=sight.spot, now=sight.now, assume=own)


def _of_mids(quotes: Sequence[Quote], carry: Carry, sight: Sight) -> dict[int, Greeks]:
    """Greeks at the volatility that each contract's own mid holds."""
    priced = [quote for quote in quotes if quote.mid is not None and not quote.is_crossed]
    if not priced or carry.years <= 0:
        return {}
    mids = np.array([float(quote.mid or 0) for quote in priced])
    is_american = sight.own.is_american
    vols = vols_at(mids, _strikes(priced), _calls(priced), carry, is_american=is_american)
    return _greeks(priced, vols, carry, sight, _computed_by)


def _of_smile(quotes: Sequence[Quote], sighted: Sighted, sight: Sight) -> dict[int, Greeks]:
    """Greeks at the volatility of the series' smile; only inside its quoted strikes."""
    fit = sighted.surface.smile(_option(quotes[0])) if quotes else None
    if fit is None:
        return {}
    vols = [fit.vol(float(_option(quote).strike)) for quote in quotes]
    inside = [quote for quote, vol in zip(quotes, vols, strict=True) if vol is not None]
    known = np.array([vol for vol in vols if vol is not None])
    found = _greeks(inside, known, _carry(sighted, quotes[0], sight), sight, lambda _: GreeksSource.FITTED)
    errors = {quote.instrument.con_id: fit.error(float(_option(quote).strike)) for quote in inside}
    return {con_id: replace(greeks, fit_error=errors[con_id]) for con_id, greeks in found.items()}


def _greeks(
    quotes: Sequence[Quote],
    vols: Array,
    carry: Carry,
    sight: Sight,
    source: Callable[[Quote], GreeksSource],
) -> dict[int, Greeks]:
    """Of one series' contracts at these volatilities, per share; a NaN gives none."""
    solved = np.isfinite(vols)
    quotes, vols = [quote for quote, known in zip(quotes, solved, strict=True) if known], vols[solved]
    if not quotes:
        return {}
    rates = (carry.years, carry.rate, carry.residual_yield)
    inputs = (sight.spot, _strikes(quotes), *rates, vols, _calls(quotes))
    american = sight.own.is_american
    values = american_many(*inputs, dividends=carry.cash) if american else european_many(*inputs)
    rows = np.column_stack([vols, values.delta, values.gamma, values.theta, values.vega, values.rho])
    return {
        quote.instrument.con_id: Greeks(
            **dict(zip(_FIGURES, row, strict=True)), source=source(quote), underlying_price=sight.spot
        )
        for quote, row in zip(quotes, rows.tolist(), strict=True)
        if all(map(math.isfinite, row))
    }


def _computed_by(quote: Quote) -> GreeksSource:
    return GreeksSource.DELAYED_COMPUTED if quote.feed in _DELAYED else GreeksSource.COMPUTED


def _strikes(quotes: Sequence[Quote]) -> Array:
    return np.array([float(_option(quote).strike) for quote in quotes])


def _calls(quotes: Sequence[Quote]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([_option(quote).right is Right.CALL for quote in quotes])


def _filled(quote: Quote, found: Greeks | None, sighted: Sighted, sight: Sight) -> Quote:
    if quote.greeks is not None:
        return quote
    if found is not None:
        return replace(quote, greeks=found, greeks_missing="")
    return replace(quote, greeks_missing=_why(quote, sighted, sight))


def _why(quote: Quote, sighted: Sighted, sight: Sight) -> str:
    option = _option(quote)
    if option.years(sight.now) <= 0:
        return "the option has expired"
    smile = sighted.surface.why_not(option).reason
    if quote.mid is None:
        told = quote.greeks_missing.rstrip(".") or "no bid and ask to compute them from"
        return f"{told}; {smile}"
    crossed = "the bid is above the ask"
    return f"{crossed if quote.is_crossed else 'the mid holds no time value'}; {smile}"


def _remark(series: Series, count: int, sighted: Sighted, sight: Sight) -> str:
    term = sighted.terms.get((series.expiry, series.trading_class))
    rate, dividends, cash = (
        (sight.own.rate, sight.own.dividend_yield, ())
        if term is None
        else (term.carry.rate, term.carry.dividend_yield, term.carry.cash)
    )
    paid = f" (of it {sum(each for _, each in cash):.2f} in cash by the broker's dates)" if cash else ""
    if sight.own.is_american and not cash:
        paid = " (no dividend dates known)"
    implied = term is not None and term.is_implied
    return (
        f"Greeks of {count} contracts of {series.expiry.isoformat()} were computed with rate {rate:.2%} and "
        f"dividend yield {dividends:.2%}{paid}, {'implied by parity' if implied else 'assumed'}."
    )
