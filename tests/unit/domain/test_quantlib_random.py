"""Random contracts beside QuantLib, which shares no line with us: cash dividends, digitals and touches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import QuantLib as ql
from scripts.bench.market.quantlib_american import escrowed_price

from sumppump.domain.pricing import american_many, american_prices, european_prices
from sumppump.domain.probability import Outlook
from sumppump.domain.smile import Smile

TODAY, COUNTER = ql.Date(1, 6, 2026), ql.Actual365Fixed()
DRAWS = 15


def process(spot: float, rate: float, carry: float, vol: float) -> Any:
    """Black, Scholes and Merton with flat rates and one volatility."""
    ql.Settings.instance().evaluationDate = TODAY
    curves = [ql.YieldTermStructureHandle(ql.FlatForward(TODAY, each, COUNTER)) for each in (carry, rate)]
    level = ql.BlackConstantVol(TODAY, ql.NullCalendar(), vol, COUNTER)
    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)), *curves, ql.BlackVolTermStructureHandle(level)
    )


def dividend_draws(seed: int, count: int) -> Iterator[tuple[Any, ...]]:
    """S, K, days, rate, volatility, flag and one to three dividends of up to 3 % within the life."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        days = int(random.integers(20, 300))
        vol, spot = random.uniform(0.12, 0.5), random.uniform(30.0, 600.0)
        dates = np.unique(random.integers(1, days - 1, random.integers(1, 4)))
        paid = [(int(day), float(spot * random.uniform(0.002, 0.03))) for day in dates]
        strike = spot * math.exp(random.normal(0.0, 0.8) * vol * math.sqrt(days / 365))
        yield spot, strike, days, random.uniform(0.01, 0.06), vol, random.choice(["c", "p"]), paid


def test_european_prices_with_cash_dividends_are_quantlibs_escrowed_ones() -> None:
    """The price without the worth of what is paid in the life moves; that is all there is to it."""
    for spot, strike, days, rate, vol, flag, paid in dividend_draws(41, 60):
        kind = ql.Option.Call if flag == "c" else ql.Option.Put
        option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), ql.EuropeanExercise(TODAY + days))
        cash = ql.DividendVector([TODAY + day for day, _ in paid], [each for _, each in paid])
        option.setPricingEngine(ql.AnalyticDividendEuropeanEngine(process(spot, rate, 0.0, vol), cash))
        left = spot - sum(each * math.exp(-rate * day / 365) for day, each in paid)
        ours = european_prices(left, strike, days / 365, rate, 0.0, vol, flag == "c")[0]
        assert ours == pytest.approx(option.NPV(), abs=1e-9)


def test_american_prices_with_random_cash_dividends_are_within_their_trees_error() -> None:
    """Of finite differences with as many dividends: 0.04 points of volatility, and what differences miss."""
    for spot, strike, days, rate, vol, flag, paid in dividend_draws(43, DRAWS):
        pairs = [(day / 365, each) for day, each in paid]
        inputs = (spot, strike, days / 365, rate, 0.0, vol, flag == "c")
        ours = american_prices(*inputs, dividends=pairs)[0]
        vega = american_many(*inputs, dividends=pairs).vega[0]
        theirs = escrowed_price(spot, strike, days, rate, vol, flag, paid)
        assert ours == pytest.approx(theirs, abs=0.04 * vega + 2e-6 * spot), (spot, strike, days, flag, paid)


def outlook_draws(seed: int) -> Iterator[tuple[Outlook, float, float, float, float, int]]:
    """A flat outlook with the rate, yield, volatility, level and days that it is made of."""
    random = np.random.default_rng(seed)
    for _ in range(200):
        rate, carry, vol = random.uniform(0, 0.08), random.uniform(0, 0.06), random.uniform(0.08, 0.9)
        days = int(random.integers(1, 700))
        years = days / 365
        level = 100.0 * math.exp(random.normal(0.0, 1.2) * vol * math.sqrt(years))
        forward = 100.0 * math.exp((rate - carry) * years)
        flat = Outlook(spot=100.0, forward=forward, years=years, smile=Smile.flat(vol))
        yield flat, rate, carry, vol, level, days


def test_the_chance_to_end_above_is_the_undiscounted_price_of_a_digital() -> None:
    for flat, rate, carry, vol, level, days in outlook_draws(47):
        payoff = ql.CashOrNothingPayoff(ql.Option.Call, level, 1.0)
        option = ql.VanillaOption(payoff, ql.EuropeanExercise(TODAY + days))
        option.setPricingEngine(ql.AnalyticEuropeanEngine(process(100.0, rate, carry, vol)))
        chance = option.NPV() * math.exp(rate * days / 365)
        assert 1.0 - flat.below(level) == pytest.approx(chance, abs=1e-9)


def test_the_chance_to_touch_is_the_undiscounted_price_of_a_one_touch() -> None:
    """Paid at expiry, watched all the time (E. Reiner, M. Rubinstein, 1991)."""
    for flat, rate, carry, vol, level, days in outlook_draws(53):
        side = ql.Option.Call if level > 100.0 else ql.Option.Put
        payoff = ql.CashOrNothingPayoff(side, level, 1.0)
        option = ql.VanillaOption(payoff, ql.AmericanExercise(TODAY, TODAY + days, True))
        option.setPricingEngine(ql.AnalyticDigitalAmericanEngine(process(100.0, rate, carry, vol)))
        chance = option.NPV() * math.exp(rate * days / 365)
        assert flat.touch(level) == pytest.approx(chance, abs=1e-7), (level, vol, days)
