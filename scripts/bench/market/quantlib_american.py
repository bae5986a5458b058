"""American prices by QuantLib, an independent engine for benches and tests."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import QuantLib as ql
from numpy.typing import NDArray

# Flag (c or p), S, K, years, rate, volatility, yield: the order of vollib's arguments.
Row = tuple[str, float, float, float, float, float, float]


def qdfp_prices(rows: Iterable[Row], *, accurate: bool) -> NDArray[np.float64]:
    """By the QdFp engine (L. Andersen, M. Lake, D. Offengenden, 2016); no cash dividends.

    Its calendar knows whole days only; so every contract lives a year, with rates and variance per life.
    """
    today, counter = ql.Date(1, 6, 2026), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    spot, rate, carry, vol = (ql.SimpleQuote(1.0) for _ in range(4))

    def flat(quote: Any) -> Any:  # noqa: ANN401 - an untyped library
        return ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(quote), counter))

    level = ql.BlackConstantVol(today, ql.NullCalendar(), ql.QuoteHandle(vol), counter)
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(spot), flat(carry), flat(rate), ql.BlackVolTermStructureHandle(level)
    )
    scheme = ql.QdFpAmericanEngine.accurateScheme() if accurate else ql.QdFpAmericanEngine.fastScheme()
    engine, life = ql.QdFpAmericanEngine(process, scheme), ql.AmericanExercise(today, today + 365)
    prices = []
    for flag, s, k, t, r, sigma, q in rows:
        for quote, value in ((spot, s), (rate, r * t), (carry, q * t), (vol, sigma * math.sqrt(t))):
            quote.setValue(value)
        kind = ql.Option.Call if flag == "c" else ql.Option.Put
        option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, k), life)
        option.setPricingEngine(engine)
        prices.append(option.NPV())
    return np.array(prices)


def escrowed_price(
    s: float, k: float, days: int, r: float, sigma: float, flag: str, dividends: Iterable[tuple[int, float]]
) -> float:
    """By finite differences with escrowed cash dividends, (days from now, cash); whole days."""
    today, counter = ql.Date(1, 6, 2026), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    curves = [ql.YieldTermStructureHandle(ql.FlatForward(today, rate, counter)) for rate in (0.0, r)]
    level = ql.BlackConstantVol(today, ql.NullCalendar(), sigma, counter)
    spot = ql.QuoteHandle(ql.SimpleQuote(s))
    process = ql.BlackScholesMertonProcess(spot, *curves, ql.BlackVolTermStructureHandle(level))
    when, cash = zip(*dividends, strict=True)
    model = ql.FdBlackScholesVanillaEngine.Escrowed
    engine = ql.FdBlackScholesVanillaEngine(
        process,
        ql.DividendVector([today + day for day in when], list(cash)),
        *(800, 400, 0, ql.FdmSchemeDesc.Douglas(), False, -1e300, model),
    )
    kind = ql.Option.Call if flag == "c" else ql.Option.Put
    option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, k), ql.AmericanExercise(today, today + days))
    option.setPricingEngine(engine)
    return float(option.NPV())
