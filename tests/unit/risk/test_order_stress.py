"""The account under a crash without and with an order: sums of the parts, and reasons instead of figures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.fake_market import MONTH, SPX, SPY, TODAY, FakeDirectory, FakeMarket, make_option

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Future, Instrument, Right
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Environment, Order, OrderType, Purpose
from sumppump.domain.quotes import Quote
from sumppump.domain.statistics import Dividends
from sumppump.domain.tickets import RuleMargin
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Money, Premium
from sumppump.portfolio.positions import PortfolioService
from sumppump.risk.order_stress import LATE, OrderStress, OrderStresser

CALL_600 = make_option(SPY, MONTH, 600, Right.CALL)
CALL_610 = make_option(SPY, MONTH, 610, Right.CALL)
PUT_580 = make_option(SPY, MONTH, 580, Right.PUT)


def row(quantity: int, instrument: Instrument) -> Position:
    return Position(account="SIM1234567", instrument=instrument, quantity=quantity, avg_cost=Decimal(1))


def order(
    *legs: tuple[int, Instrument], quantity: int = 1, limit: str = "1.00", purpose: Purpose = Purpose.CLOSE
) -> Order:
    return Order(
        combo=Combo(tuple(Leg(contract=each, ratio=ratio) for ratio, each in legs)),
        quantity=quantity,
        order_type=OrderType.LMT,
        limit=Premium.of(limit),
        purpose=purpose,
        account="SIM1234567",
        environment=Environment.SIM,
        order_ref="SP1-TEST",
    )


@dataclass(slots=True)
class Held:
    """A broker that holds these rows on a small market; it may be slow or silent."""

    rows: list[Position] = field(default_factory=list)
    market: FakeMarket = field(default_factory=FakeMarket)
    dividends: Dividends | None = None
    never: bool = False
    silent: bool = False

    async def positions(self) -> Sequence[Position]:
        if self.silent:
            raise GatewayUnavailable("the broker has not said what is held")
        if self.never:
            await asyncio.Event().wait()
        return self.rows

    async def look(self, asked: Order, **how: Any) -> OrderStress:
        """What the ticket would say."""
        self.market.facts = {"dividends": self.dividends}
        directory, clock = FakeDirectory(), self.market.clock
        stresser = OrderStresser(
            portfolio=PortfolioService(accounts=self, directory=directory, market=self.market, clock=clock),  # type: ignore[arg-type]
            directory=directory,
            market=self.market,
            clock=clock,
            **how,
        )
        beneath = SPX if asked.combo.symbol == "SPX" else SPY
        contracts: list[Instrument] = [beneath, *(leg.contract for leg in asked.combo.legs)]
        quotes: dict[int, Quote] = {each.con_id: self.market.quote(each) for each in contracts}
        held = await stresser.held(asked.combo.symbol)
        return await stresser.of(held, asked, quotes)


async def test_shares_and_an_order_for_shares_lose_what_can_be_counted_by_hand() -> None:
    """100 held and 50 more at 600: -20 % is 12,000, with the order 18,000; volatility does nothing."""
    found = await Held([row(100, SPY)]).look(order((1, SPY), quantity=50))
    told = {each.name: (each.held, each.with_order) for each in found.rows}
    assert told == {
        "−20 %": (Money.of("-12000.00"), Money.of("-18000.00")),
        "−10 %": (Money.of("-6000.00"), Money.of("-9000.00")),
        "+10 %": (Money.of("6000.00"), Money.of("9000.00")),
        "vol +10": (Money.of("0.00"), Money.of("0.00")),
    }


async def test_the_order_closes_what_is_held_and_nothing_is_left_to_lose() -> None:
    rows = [row(2, CALL_600), row(-2, CALL_610)]
    found = await Held(rows).look(order((-1, CALL_600), (1, CALL_610), quantity=2))
    assert all(abs(each.with_order.amount) < Decimal("0.02") for each in found.rows)
    assert all(abs(each.held.amount) > 10 for each in found.rows)


async def test_a_stop_is_not_taken_as_filled_before_the_crash_that_it_is_for() -> None:
    rows = [row(2, CALL_600), row(-2, CALL_610)]
    leaving = replace(order((-1, CALL_600), (1, CALL_610), quantity=2), stop=Premium.of("-1.00"))
    found = await Held(rows).look(leaving)
    assert found.rows
    assert all(each.with_order == each.held for each in found.rows)
    assert "not filled" in found.note


async def test_the_account_with_an_order_is_the_account_with_its_legs_held() -> None:
    rows = [row(100, SPY), row(-1, CALL_610)]
    with_order = (await Held(rows).look(order((1, PUT_580)))).rows
    held = (await Held([*rows, row(1, PUT_580)]).look(order((1, CALL_600)))).rows
    assert [each.with_order for each in with_order] == [each.held for each in held]


async def test_a_spread_that_opens_at_its_limit_loses_what_it_cost_and_no_more() -> None:
    """4.00 paid for a width of 10, twice: 800 to lose, 1,200 to win, whatever the model's own worth is."""
    opened = order((1, CALL_600), (-1, CALL_610), quantity=2, limit="4.00", purpose=Purpose.OPEN)
    rows = {each.name: each.with_order for each in (await Held().look(opened)).rows}
    assert float(rows["−20 %"]) == pytest.approx(-800, abs=0.02)
    assert float(rows["−10 %"]) == pytest.approx(-765, abs=40)
    assert 0 < float(rows["+10 %"]) < 1_200


async def test_with_nothing_held_the_order_stands_alone() -> None:
    found = await Held().look(order((1, PUT_580)))
    assert [each.held.amount for each in found.rows] == [0, 0, 0, 0]
    assert found.rows[0].with_order.amount > 9_000


async def test_what_does_not_come_in_time_is_said_and_nothing_waits() -> None:
    found = await Held(never=True).look(order((1, PUT_580)), patience_s=0.01)
    assert (found.rows, found.reason) == ((), LATE)


async def test_a_silent_broker_leaves_a_reason() -> None:
    found = await Held(silent=True).look(order((1, PUT_580)))
    assert (found.rows, found.reason) == ((), "the broker has not said what is held")


async def test_an_order_without_a_volatility_has_no_row_and_says_which_leg() -> None:
    market = FakeMarket(no_greeks={PUT_580.con_id})
    found = await Held(market=market).look(order((1, PUT_580)))
    assert found.rows == ()
    assert found.reason.startswith("SPY 2026-12-18 580P")


async def test_what_is_held_and_not_repriced_is_named() -> None:
    moment = CALL_600.last_trade
    future = Future(con_id=5, symbol="ES", expiry=MONTH, last_trade=moment, multiplier=50, exchange="CME")
    found = await Held([row(1, future), row(100, SPY)]).look(order((1, PUT_580)))
    assert found.note == "without ES 2026-12-18 future"
    assert found.rows[0].held == Money.of("-12000.00")


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(10, ("Ex-dividend 2026-11-28, 1.80 a share",)), (40, ()), (-3, ())],
    ids=["inside the life", "after the expiry", "past"],
)
async def test_an_ex_date_is_told_when_it_falls_into_the_life_of_the_order(
    ahead: int, expected: tuple[str, ...]
) -> None:
    dividends = Dividends(next_date=TODAY + timedelta(days=ahead), next_amount=1.80)
    assert (await Held(dividends=dividends).look(order((1, PUT_580)))).events == expected


async def test_margin_by_rule_is_told_without_the_order_and_with_it() -> None:
    """A written strangle's call needs 20 % of 600 less what it is out of the money; bought back, nothing."""
    found = (await Held([row(-1, CALL_610)]).look(order((1, CALL_610)))).margin
    assert isinstance(found, RuleMargin)
    mark = Held().market.quote(CALL_610).mid
    assert mark is not None
    assert found.maintenance_before == Money.of((mark.amount + 120 - 10) * 100)
    assert (found.initial_after, found.maintenance_after) == (Money.of(0), Money.of(0))
    assert found.initial_change == -found.initial_before


async def test_margin_by_rule_of_a_spread_that_opens_is_its_width() -> None:
    found = (
        await Held([row(100, SPY)]).look(order((-1, CALL_600), (1, CALL_610), purpose=Purpose.OPEN))
    ).margin
    assert isinstance(found, RuleMargin)
    assert found.maintenance_before == Money.of(15_000)  # 25 % of 60,000
    alone = (await Held().look(order((-1, CALL_600), (1, CALL_610), purpose=Purpose.OPEN))).margin
    assert isinstance(alone, RuleMargin)
    assert (alone.maintenance_before, alone.maintenance_after) == (Money.of(0), Money.of(1_000))


async def test_margin_by_rule_of_a_stop_is_for_when_it_has_filled() -> None:
    rows = [row(1, CALL_610), row(-1, CALL_600)]
    leaving = replace(order((1, CALL_600), (-1, CALL_610)), stop=Premium.of("5.00"))
    found = (await Held(rows).look(leaving)).margin
    assert isinstance(found, RuleMargin)
    assert (found.maintenance_before, found.maintenance_after) == (Money.of(1_000), Money.of(0))
    assert "while it waits nothing changes" in found.note


async def test_without_what_is_held_there_is_no_margin_by_rule_but_a_reason() -> None:
    found = await Held(silent=True).look(order((1, CALL_600)))
    assert isinstance(found.margin, Missing)
    assert found.margin.reason == found.reason
