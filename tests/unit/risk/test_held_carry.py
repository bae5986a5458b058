"""Held books are priced as drafts are: by parity where a pair is quoted, with dividends, else as said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.support.fake_market import FAR, MONTH, NOW, SPX, SPY, make_option
from tests.unit.risk.held import Account, YearMarket, held

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.pricing import american, european
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions, OrderValue, payoff_profile
from sumppump.domain.statistics import Dividends
from sumppump.kernel.money import Money, Premium
from sumppump.risk.carry_words import carry_words
from sumppump.risk.held_book import HeldBook, HeldBooks
from sumppump.risk.portfolio_greeks import GreeksReport, question_of

CALL, PUT = (make_option(SPY, MONTH, 600, right) for right in Right)
LATER = make_option(SPY, FAR, 600, Right.CALL)
INDEX = [make_option(SPX, MONTH, strike, right, "SPXW") for strike in (580, 600, 620) for right in Right]
VOL, YIELD = 0.18, 0.03


@dataclass(slots=True)
class Yielding(YearMarket):
    """Options are priced with 4 % and this dividend yield; shares' may be exercised early."""

    dividend_yield: float = YIELD

    def quote(self, instrument: object, *, greeks: bool = True) -> Quote:  # type: ignore[override]
        seen = YearMarket.quote(self, instrument, greeks=greeks)  # type: ignore[arg-type]
        if not isinstance(instrument, OptionContract):
            return seen
        years = instrument.years(NOW)
        price = european if instrument.symbol == SPX.symbol else american
        value = price(
            600.0, float(instrument.strike), years, 0.04, self.dividend_yield, VOL, instrument.right
        )
        mid = Decimal(f"{value.price:.4f}")
        told = None if seen.greeks is None else replace(seen.greeks, iv=VOL)
        half = Decimal("0.01")
        return replace(seen, bid=Premium(mid - half), ask=Premium(mid + half), greeks=told)


async def book_of(account: Account) -> HeldBook:
    books: HeldBooks = account.desk.greeks.books
    return await books.now()


async def report(account: Account, moves: Sequence[float]) -> GreeksReport:
    return await account.desk.greeks.analysis(question_of(moves, [0.0]))


async def test_a_held_straddle_tells_the_yield_that_the_market_reckons_with() -> None:
    """Call and put of one strike are quoted: their parity is 3 %, not the assumed nothing."""
    found = await book_of(Account([held(1, CALL), held(1, PUT)], market=Yielding()))
    own = found.carries["SPY"].until(CALL.settles)
    assert own.rate - own.dividend_yield == pytest.approx(0.01, abs=0.001)
    assert found.book.options.carry == pytest.approx([YIELD] * 2, abs=0.001)


async def test_scenarios_reprice_at_the_implied_carry() -> None:
    """A fall of 5 %: both American prices at 570 with the market's yield, by the kernel alone."""
    row = (await report(Account([held(2, CALL), held(1, PUT)], market=Yielding()), [-5.0])).grid.rows[0]
    years = CALL.years(NOW)

    def gained(right: Right, carry: float) -> float:
        inputs = (600.0, years, 0.04, carry, VOL, right)
        return (american(570.0, *inputs).price - american(600.0, *inputs).price) * 100

    exact = 2 * gained(Right.CALL, YIELD) + gained(Right.PUT, YIELD)
    assumed = 2 * gained(Right.CALL, 0.0) + gained(Right.PUT, 0.0)
    assert row.pnl == pytest.approx(exact, abs=3.0)
    assert abs(assumed - exact) > 15.0


async def test_a_pair_far_from_the_money_tells_nothing() -> None:
    """At 680 the put is worth its exercise whatever the shares are heading for."""
    far = [make_option(SPY, MONTH, 680, right) for right in Right]
    found = await book_of(Account([held(1, each) for each in far], market=Yielding()))
    assert not found.carries["SPY"].by_expiry
    assert not found.carries["SPY"].is_confirmed


async def test_an_index_tells_its_yield_by_all_its_pairs() -> None:
    found = await book_of(Account([held(1, each) for each in INDEX], market=Yielding()))
    own = found.carries["SPX"].until(INDEX[0].settles)
    assert own.rate - own.dividend_yield == pytest.approx(0.01, abs=0.001)


async def test_a_followed_option_makes_the_pair_of_a_held_one() -> None:
    """The put alone is held; its call stands on the live board."""
    account = Account([held(-1, PUT)], market=Yielding())
    desk = account.desk
    books = desk.greeks.books
    followed = replace(books.portfolio, followed=lambda symbol: [account.market.quote(CALL)])
    own = (await replace(books, portfolio=followed).now()).carries["SPY"].until(PUT.settles)
    assert own.rate - own.dividend_yield == pytest.approx(0.01, abs=0.001)


async def test_without_a_pair_the_assumption_stands_and_the_answer_says_so() -> None:
    found = await book_of(Account([held(-1, PUT), held(1, LATER)], market=Yielding()))
    assert not found.carries["SPY"].by_expiry
    said = carry_words(found.carries, found.now)
    assert said == "carry (rate less dividend yield): SPY by assumption of 4 % less 0 %"


async def test_without_a_pair_the_brokers_model_tells_the_dividends_of_an_index() -> None:
    """4.00 of present value on 600 until the expiry, by the Greeks of the one put that is held."""
    index_put = INDEX[1]
    account = Account([held(-1, index_put)], market=Modelled())
    found = await book_of(account)
    own = found.carries["SPX"].until(index_put.settles)
    assert 600.0 * math.exp(-own.dividend_yield * index_put.years(NOW)) == pytest.approx(596.0)
    assert "by the broker's model" in carry_words(found.carries, found.now)


async def test_a_model_without_dividends_confirms_no_rate() -> None:
    """It says what is paid and not what money costs: the assumption stays one. A pair does confirm it."""
    account = Account([held(-1, INDEX[1])], market=Modelled(paid=0.0))
    found = await book_of(account)
    assert "SPX by assumption of 4 % less 0 %" in carry_words(found.carries, found.now)
    assert not found.carries["SPX"].is_confirmed
    both = await book_of(
        Account([held(1, CALL), held(1, PUT)], market=Modelled(paid=0.0, dividend_yield=0.0))
    )
    assert "SPY by assumption of 4 % less 0 %, which parity confirms" in carry_words(both.carries, both.now)


async def test_a_pair_speaks_before_the_brokers_model() -> None:
    found = await book_of(Account([held(1, each) for each in INDEX], market=Modelled()))
    own = found.carries["SPX"].until(INDEX[0].settles)
    assert own.rate - own.dividend_yield == pytest.approx(0.01, abs=0.001)


@dataclass(slots=True)
class Modelled(Yielding):
    """The broker's Greeks say what dividends they were computed with."""

    paid: float = 4.0

    def quote(self, instrument: object, *, greeks: bool = True) -> Quote:  # type: ignore[override]
        seen = Yielding.quote(self, instrument, greeks=greeks)
        return (
            seen if seen.greeks is None else replace(seen, greeks=replace(seen.greeks, pv_dividend=self.paid))
        )


async def test_every_dividend_of_the_life_of_a_position_comes_at_its_rhythm() -> None:
    """Four a year of 1.98: the shares' book reckons with each of the coming twelve months."""
    told = Dividends(next_12m=7.92, next_date=MONTH.replace(day=10), next_amount=1.98)
    market = YearMarket(facts={"dividends": told})
    found = await book_of(Account([held(100, SPY)], market=market))
    assert [round(365 * when) for when in found.book.shares.when[:, 0]] == [22, 113, 204, 296]
    assert "SPY 1.98 on 2026-12-10 (+3)" in carry_words(found.carries, found.now)
    beyond = await book_of(Account([held(1, CALL)], market=market))
    assert len(beyond.book.options.when) == 1


async def test_a_dividend_paid_within_the_days_of_a_scenario_is_cash_for_the_shares() -> None:
    """100 shares over 200 days and two ex-dates: twice 198 dollars, and the price stands still."""
    told = Dividends(next_12m=7.92, next_date=MONTH.replace(day=10), next_amount=1.98)
    account = Account([held(100, SPY)], market=YearMarket(facts={"dividends": told}))
    found = await account.desk.greeks.analysis(question_of([0.0], [200.0]))
    ex = datetime(2026, 12, 10, 14, 30, tzinfo=UTC)
    due = [days for days in (0.0, 91.25, 182.5) if (ex - NOW).total_seconds() / 86_400 + days <= 200.0]
    assert found.grid.decay == pytest.approx(198.0 * len(due))


async def test_a_late_broker_is_a_warning_and_no_reason_to_price_as_if_none_were_paid() -> None:
    account = Account([held(100, SPY)], market=YearMarket(facts={"are_dividends_late": True}))
    found = await book_of(account)
    assert found.holdings.warnings == ("priced without dividends, the broker was late: SPY",)


async def test_a_held_calendar_has_the_bounds_that_its_draft_would_have() -> None:
    """What is modelled at the first expiry rests on the market's carry, not on the assumption."""
    near = make_option(SPY, MONTH, 600, Right.PUT)
    rows = [held(-1, CALL), held(1, LATER), held(1, near), held(-1, make_option(SPY, FAR, 600, Right.PUT))]
    found = (await book_of(Account(rows, market=Yielding()))).holdings
    for each in found.strategies:
        value = OrderValue(
            combo=each.combo,
            quantity=each.quantity,
            net_premium=each.entry_premium,
            spot=Decimal(600),
            vols={option.con_id: VOL for option in each.combo.options},
            now=NOW,
            assumptions=Assumptions(dividend_yield=YIELD),
        )
        exact = payoff_profile(value)
        assert isinstance(exact.max_profit, Money)
        assert isinstance(each.max_profit, Money)
        assert float(each.max_profit) == pytest.approx(float(exact.max_profit), abs=3.0)
