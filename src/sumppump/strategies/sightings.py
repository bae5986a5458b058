"""What the quotes of one expiry say together: the forward, the smile, the underlying's distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.pricing import european_many
from sumppump.domain.pricing.normal import Array
from sumppump.domain.probability import Outlook
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.smile import Smile, VolPoint
from sumppump.domain.surface import ExpiryQuotes, curve_through

# The true price lies about the mid by this part of the quote's width (one standard error).
_DOUBT = 0.25
# A quote of unknown width tells a volatility to about this much, per year.
_VAGUE = 0.01
_LEAST_VEGA = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One option's volatility, as its quote implies it under the assumed rates.

    Attributes:
        vol: per year, > 0. width: ask minus bid, currency per share; None where there is no mid.
    """

    option: OptionContract
    vol: float
    width: float | None

    @classmethod
    def of(cls, option: OptionContract, vol: float, quote: Quote) -> Sighting:
        """What a quote tells."""
        width = quote.quote_width
        return cls(option=option, vol=vol, width=None if width is None else abs(float(width)))

    @property
    def strike(self) -> float:
        """Currency per share."""
        return float(self.option.strike)

    @property
    def is_call(self) -> bool:
        """Call or put."""
        return self.option.right is Right.CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Where the sightings are seen from: the spot, the moment, the rates that their volatilities assume."""

    spot: float
    now: datetime
    assumptions: Assumptions

    def outlook(self, sightings: Sequence[Sighting]) -> Outlook | None:
        """The distribution at the expiry of `sightings`, which all have the same; None without any.

        A call and a put at one strike have one volatility. Where theirs differ the assumed dividends or rate
        are not the market's; the difference gives the forward that the market has in mind, and all
        volatilities are taken again at that forward. So calls and puts tell the same story.
        """
        if not sightings:
            return None
        years, rates = sightings[0].option.years(self.now), self.assumptions
        if years <= 0:
            return Outlook(spot=self.spot, forward=self.spot, years=0.0, smile=Smile.flat(0.0))
        prepaid = rates.prepaid(self.spot, sightings[0].option.settles, self.now)
        delta, vega = _sensitivities(sightings, prepaid, years, rates.rate)
        shift = _shift(sightings, vega, prepaid)
        vols = [each.vol - d * shift / v for each, d, v in zip(sightings, delta, vega, strict=True)]
        seen = [replace(each, vol=vol) for each, vol in zip(sightings, vols, strict=True)]
        points = (
            VolPoint(each.strike, each.vol, _VAGUE if each.width is None else _DOUBT * each.width / v)
            for each, v in zip(seen, vega, strict=True)
            if each.vol > 0
        )
        forward = (prepaid + shift) * math.exp(rates.rate * years)
        option = sightings[0].option
        smile = curve_through(
            ExpiryQuotes(
                expiry=option.expiry,
                trading_class=option.trading_class,
                years=years,
                forward=forward,
                points=tuple(points),
            )
        )
        return None if smile is None else Outlook(spot=self.spot, forward=forward, years=years, smile=smile)


def _sensitivities(
    sightings: Sequence[Sighting], prepaid: float, years: float, rate: float
) -> tuple[Array, Array]:
    """By the prepaid forward, and by volatility (per 1.00 a year), of each sighting."""
    strikes, calls = [each.strike for each in sightings], [each.is_call for each in sightings]
    values = european_many(prepaid, strikes, years, rate, 0.0, [each.vol for each in sightings], calls)
    return values.delta, np.maximum(values.vega * 100.0, _LEAST_VEGA)


def _shift(sightings: Sequence[Sighting], vega: Array, prepaid: float) -> float:
    """What put-call parity adds to the prepaid forward, from the pair nearest the money; 0 without a pair.

    At one strike the deltas of call and put differ by 1, so a shift moves the difference of the two
    volatilities by 1 / vega.
    """
    calls = {each.strike: number for number, each in enumerate(sightings) if each.is_call}
    pairs = [(calls[e.strike], n) for n, e in enumerate(sightings) if not e.is_call and e.strike in calls]
    if not pairs:
        return 0.0
    call, put = min(pairs, key=lambda pair: abs(sightings[pair[0]].strike - prepaid))
    gap = sightings[call].vol - sightings[put].vol
    return float(gap * 0.5 * (vega[call] + vega[put]))
