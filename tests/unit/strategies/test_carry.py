"""Rates and dividends: the market's where quotes tell them, the broker's cash, else an assumption, said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.fake_market import FAR, MONTH, NOW, SPX, SPY, FakeMarket, make_option
from tests.unit.strategies.conftest import Bench

from sumppump.data.announced import cash_dividends
from sumppump.domain.instruments import OptionContract, Right, Underlying
from sumppump.domain.pricing import american, european
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.statistics import Dividends, MarketStatistics
from sumppump.kernel.money import Premium
from sumppump.strategies.carry import carry_of
from sumppump.strategies.request import StrategyRequest

D = Decimal
SPOT, VOL = 600.0, 0.18
EUROPEAN, AMERICAN = Assumptions(is_american=False), Assumptions()


def quotes(
    expiry: date,
    *,
    rate: float,
    dividend_yield: float = 0.0,
    dividends: Sequence[tuple[float, float]] = (),
    underlying: Underlying = SPY,
    half_width: str = "0.02",
    strikes: Sequence[int] = (580, 600, 625),
) -> list[Quote]:
    """A call and a put at three strikes, priced exactly, with a width."""
    name = "SPXW" if underlying is SPX else ""
    found = []
    for strike in strikes:
        for right in Right:
            option = make_option(underlying, expiry, strike, right, name)
            years = option.years(NOW)
            inputs = (SPOT, float(strike), years, rate, dividend_yield, VOL, right)
            price = european(*inputs) if underlying is SPX else american(*inputs, dividends=dividends)
            found.append(quote(option, price.price, half_width))
    return found


def quote(option: OptionContract, price: float, half_width: str) -> Quote:
    mid, half = D(f"{price:.4f}"), D(half_width)
    return Quote(instrument=option, as_of=NOW, taken=0.0, bid=Premium(mid - half), ask=Premium(mid + half))


def test_an_index_tells_its_yield_by_parity_for_each_expiry() -> None:
    """1.3 % until one month, 1.6 % until two; both come back, the first as the strategy's own."""
    seen = quotes(MONTH, rate=0.04, dividend_yield=0.013, underlying=SPX)
    seen += quotes(FAR, rate=0.04, dividend_yield=0.016, underlying=SPX)
    found = carry_of(seen, spot=SPOT, now=NOW, base=EUROPEAN, announced=None)
    assert found.rate - found.dividend_yield == pytest.approx(0.027, abs=5e-4)
    later = found.until(make_option(SPX, FAR, 600, Right.CALL, "SPXW").settles)
    assert later.rate - later.dividend_yield == pytest.approx(0.024, abs=5e-4)
    assert "parity" in found.source


def test_what_is_finer_than_the_quotes_are_vague_by_is_not_heard() -> None:
    """Quotes a dollar wide say nothing of a tenth of a percent: the assumption stands, and says so."""
    seen = quotes(MONTH, rate=0.04, dividend_yield=0.001, half_width="0.50")
    found = carry_of(seen, spot=SPOT, now=NOW, base=AMERICAN, announced=None)
    assert (found.rate, found.dividend_yield, found.by_expiry) == (0.04, 0.0, ())
    assert found.source == "rate and dividend_yield; parity agrees"


def test_nothing_quoted_is_an_assumption_that_says_so() -> None:
    """No pairs: rate and yield as they were given."""
    found = carry_of([], spot=SPOT, now=NOW, base=AMERICAN, announced=None)
    assert replace(found, source="") == replace(AMERICAN, source="")
    assert found.source == "rate and dividend_yield, not looked up"


def test_announced_dividends_are_taken_in_cash_and_not_again_as_a_yield() -> None:
    """Options priced with 1.98 in ten days: with the announcement parity finds nothing left to explain."""
    ex = NOW + timedelta(days=10)
    paid = [((ex - NOW).total_seconds() / (365 * 86_400), 1.98)]
    seen = quotes(MONTH, rate=0.04, dividends=paid)
    announced = Dividends(next_12m=7.92, next_date=ex.date(), next_amount=1.98)
    told = carry_of(seen, spot=SPOT, now=NOW, base=AMERICAN, announced=announced)
    untold = carry_of(seen, spot=SPOT, now=NOW, base=AMERICAN, announced=None)
    last = make_option(SPY, MONTH, 600, Right.CALL).settles
    assert [each.cash for each in told.dividends] == [1.98]
    assert told.dividend_yield == pytest.approx(0.0, abs=0.004)
    assert "1.98 on 2026-11-28" in told.source
    assert untold.dividend_yield > 0.02
    for found in (told, untold):
        assert found.prepaid(SPOT, last, NOW) == pytest.approx(SPOT - 1.98, abs=0.3)


def test_a_forward_above_the_rate_raises_the_rate_and_never_pays_a_negative_dividend() -> None:
    """The market's rate is 5.5 % where 4 % was assumed: shares that pay nothing grow by it."""
    found = carry_of(quotes(MONTH, rate=0.055), spot=SPOT, now=NOW, base=AMERICAN, announced=None)
    assert found.dividend_yield == 0.0
    assert found.rate == pytest.approx(0.055, abs=0.003)


def test_a_dividend_that_the_options_do_not_price_in_is_left_out_and_said() -> None:
    """Announced are 6.00 a share, but the forward is that of a small yield: no rate of 12 % is made up."""
    announced = Dividends(next_12m=24.0, next_date=date(2026, 12, 1), next_amount=6.0)
    seen = quotes(MONTH, rate=0.04, dividend_yield=0.012)
    found = carry_of(seen, spot=SPOT, now=NOW, base=AMERICAN, announced=announced)
    assert found.dividends == ()
    assert found.rate - found.dividend_yield == pytest.approx(0.028, abs=0.004)
    assert "do not price the announced dividends in" in found.source


@pytest.mark.parametrize(("yearly", "days"), [(8.0, 91), (4.0, 182), (2.0, 365), (24.0, 30)])
def test_dividends_after_the_next_one_follow_at_the_rhythm_of_the_year(yearly: float, days: int) -> None:
    """Twelve months' sum over the next amount says how often it is paid: 1, 2, 4 or 12 times."""
    announced = Dividends(next_12m=yearly, next_date=date(2026, 12, 1), next_amount=2.0)
    found = cash_dividends(announced, NOW, NOW + timedelta(days=400))
    assert (found[1].ex - found[0].ex).days == pytest.approx(days, abs=1)
    assert {each.cash for each in found} == {2.0}


@pytest.mark.parametrize(
    "announced",
    [
        Dividends(),
        Dividends(next_12m=4.0),
        Dividends(next_date=date(2026, 12, 1)),
        Dividends(next_date=date(2026, 12, 1), next_amount=0.0),
        Dividends(next_date=date(2027, 6, 1), next_amount=2.0),
    ],
)
def test_no_date_no_amount_or_a_date_after_the_end_is_no_dividend(announced: Dividends) -> None:
    """Nothing is invented from half an announcement."""
    assert cash_dividends(announced, NOW, NOW + timedelta(days=60)) == ()


def test_cash_counts_between_now_and_expiry_alone() -> None:
    """Years from now; what went ex before and what comes after the last trade is left out."""
    last = make_option(SPY, MONTH, 600, Right.CALL).settles
    announced = Dividends(next_12m=24.0, next_date=date(2026, 11, 20), next_amount=2.0)
    held = replace(AMERICAN, dividends=cash_dividends(announced, NOW, last + timedelta(days=90)))
    (first,) = held.cash(last, NOW)
    assert first[0] == pytest.approx(2 / 365, abs=1 / 365)
    assert held.cash(last, NOW + timedelta(days=5)) == ()


class CountingMarket(FakeMarket):
    """Counts how often statistics are asked for."""

    count = 0

    async def statistics(self, *args: Any, **kwargs: Any) -> Sequence[MarketStatistics]:
        type(self).count += 1
        return await super().statistics(*args, **kwargs)


async def test_a_draft_carries_the_brokers_dividend_and_asks_for_it_once_a_day(bench: Bench) -> None:
    """A covered call knows of it; refreshed on the same day nothing more is asked, on the next it is."""
    market = CountingMarket(clock=bench.clock)
    market.facts = {"dividends": Dividends(next_12m=1.2, next_date=date(2026, 12, 4), next_amount=0.3)}
    service = replace(bench.service, market=market)
    draft = await service.build(StrategyRequest.read(strategy_type="covered_call", symbol="SPY", dte=30))
    again = await service.refresh(draft)
    assert "0.30 on 2026-12-04" in draft.analysis.assumed
    assert again.assumptions.dividends == draft.assumptions.dividends
    dearer = await service.at_premium(draft, draft.net_premium + Premium(D("0.01")))
    assert dearer.assumed == draft.analysis.assumed
    assert CountingMarket.count == 1
    bench.clock.advance(86_400)
    await service.refresh(draft)
    assert CountingMarket.count == 2


async def test_an_index_is_not_asked_for_dividends(bench: Bench) -> None:
    """It pays none itself; its members' lower the forward, which parity tells."""
    market = CountingMarket(clock=bench.clock)
    before = CountingMarket.count
    service = replace(bench.service, market=market)
    draft = await service.build(StrategyRequest.read(strategy_type="iron_condor", symbol="SPX", dte=30))
    assert CountingMarket.count == before
    assert not draft.assumptions.is_american
