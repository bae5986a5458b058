"""Past dividends from two series of bars, the broker's word beside them, and nothing that nobody can know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.fake_market import FakeClock, FakeDirectory, FakeMarket

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.corporate import CorporateService, proved_dividends
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar
from sumppump.domain.statistics import Dividends
from sumppump.kernel.errors import InvalidRequest, NotSubscribed

FIRST = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)


def series(closes: Sequence[float]) -> tuple[Bar, ...]:
    """Daily bars with these closes, rounded to cents as TWS rounds them."""
    prices = [Decimal(str(round(close, 2))).quantize(Decimal("0.01")) for close in closes]
    return tuple(
        Bar(start=FIRST + timedelta(days=at), open=price, high=price, low=price, close=price)
        for at, price in enumerate(prices)
    )


def adjusted(closes: Sequence[float], paid: dict[int, float]) -> tuple[Bar, ...]:
    """CRSP's method: everything before an ex-day is worth 1 - dividend / close before it."""
    factor, found = 1.0, list[float]()
    for at in range(len(closes) - 1, -1, -1):
        found.append(closes[at] * factor)
        if at in paid:
            factor *= 1 - paid[at] / closes[at - 1]
    return series(found[::-1])


@dataclass(slots=True)
class TwoSeries(FakeMarket):
    """Plain and adjusted bars; adjusted ones may be refused."""

    closes: Sequence[float] = (100.0, 101.0, 99.0, 100.0, 98.5)
    paid: dict[int, float] = field(default_factory=lambda: {2: 1.5})
    refuses: bool = False

    async def bars(self, instrument: Instrument, *, what: str = "TRADES", **_: object) -> Sequence[Bar]:  # type: ignore[override]
        if what == "TRADES":
            return series(self.closes)
        if self.refuses:
            raise NotSubscribed("no history of SPY: No market data permissions", ib_code=162)
        return adjusted(self.closes, self.paid)


def service(market: FakeMarket) -> CorporateService:
    """On the small listed market."""
    clock = FakeClock()
    return CorporateService(
        directory=FakeDirectory(), market=market, shelf=BarShelf(market=market, clock=clock), clock=clock
    )


async def test_past_dividends_are_read_from_the_bars_with_their_rounding() -> None:
    """1.50 on the third day, to a cent or two."""
    dates = await service(TwoSeries()).dates("SPY")
    assert dates.past is not None
    (one,) = dates.past
    assert one.ex_date == date(2026, 1, 7)
    assert one.amount == pytest.approx(1.5, abs=one.error)
    assert 0.005 < one.error < 0.03


async def test_the_brokers_word_is_given_as_it_is_and_the_yield_follows_from_it() -> None:
    """6.00 in the next twelve months on a last close of 98.50."""
    told = Dividends(past_12m=1.5, next_12m=6.0, next_date=date(2026, 12, 18), next_amount=1.6)
    dates = await service(TwoSeries(facts={"dividends": told})).dates("SPY")
    assert dates.announced == told
    assert dates.yield_pct == pytest.approx(6 / 98.5 * 100)
    assert dates.gaps == ()


async def test_a_broker_that_contradicts_the_bars_is_told_on() -> None:
    """9.00 said, 1.50 proved: both figures stand in the warning."""
    told = Dividends(past_12m=9.0)
    dates = await service(TwoSeries(facts={"dividends": told})).dates("SPY")
    assert any("9.00" in gap and "1.50" in gap for gap in dates.gaps)


async def test_what_cannot_be_known_is_none_with_the_reason() -> None:
    """No statistics, no adjusted bars: no dividend, no yield, no zero."""
    dates = await service(TwoSeries(refuses=True)).dates("SPY")
    assert (dates.announced, dates.past, dates.yield_pct) == (None, None, None)
    assert any("permissions" in gap for gap in dates.gaps)
    assert dates.last_close == 98.5


async def test_an_index_has_no_corporate_dates() -> None:
    """The error names what is wanted."""
    with pytest.raises(InvalidRequest) as refused:
        await service(TwoSeries()).dates("SPX")
    assert refused.value.code == "invalid_symbol"


async def test_a_dividend_of_a_cent_is_not_seen_and_the_answer_says_so() -> None:
    """It hides in the rounding: no date is made of it, and the broker's sum is what is known."""
    market = TwoSeries(facts={"dividends": Dividends(past_12m=0.04)}, paid={2: 0.01})
    dates = await service(market).dates("SPY")
    assert dates.past == ()
    assert any("0.04" in gap and "do not show" in gap for gap in dates.gaps)


def test_adjusted_prices_that_pay_back_less_prove_nothing() -> None:
    """A negative dividend is no dividend: the two series do not belong together."""
    past, gap = proved_dividends(series([100, 100, 100]), series([101, 100, 100]))
    assert past is None
    assert "do not fit" in gap


def test_half_of_the_price_at_once_is_not_called_a_dividend() -> None:
    """It may be a split that only one series knows: the day is named, no amount is given."""
    past, gap = proved_dividends(series([200, 100, 100]), series([100, 100, 100]))
    assert past == ()
    assert "2026-01-06" in gap


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    moves=st.lists(st.floats(-0.05, 0.05), min_size=5, max_size=60),
    start=st.floats(20, 900),
    ex=st.integers(1, 4),
    paid=st.floats(0.1, 2.0),
)
def test_any_path_gives_its_dividend_back(moves: list[float], start: float, ex: int, paid: float) -> None:
    """One ex-day, found on its day, to within the error that is told; nothing on the others."""
    closes = [start]
    for move in moves:
        closes.append(round(closes[-1] * (1 + move), 2))
    found, gap = proved_dividends(series(closes), adjusted(closes, {ex: paid}))
    assert gap == ""
    assert found is not None
    (one,) = [each for each in found if each.ex_date == (FIRST + timedelta(days=ex)).date()]
    assert one.amount == pytest.approx(paid, abs=one.error * 1.01)
    assert len(found) == 1


async def test_a_second_look_asks_the_market_for_nothing() -> None:
    """Daily bars stay on the shelf for a minute."""
    asked: list[str] = []

    class Counting(TwoSeries):
        async def bars(self, instrument: Instrument, *, what: str = "TRADES", **_: object) -> Sequence[Bar]:  # type: ignore[override]
            asked.append(what)
            return await TwoSeries.bars(self, instrument, what=what)

    dates = service(Counting())
    await dates.dates("SPY")
    await dates.dates("SPY")
    assert asked == ["TRADES", "ADJUSTED_LAST"]
    dates = replace(dates, shelf=dates.shelf)
    assert isinstance(dates.shelf.clock, FakeClock)
    dates.shelf.clock.advance(61)
    await dates.dates("SPY")
    assert len(asked) == 4
