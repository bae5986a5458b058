"""What is held: as strategies, values checked by hand, nothing invented where a figure is missing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from tests.support.fake_market import (
    FAR,
    MONTH,
    NOW,
    SPX,
    SPY,
    WEEK,
    FakeClock,
    FakeDirectory,
    FakeMarket,
    make_option,
)

from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, Right, SecType, Underlying
from sumppump.domain.payoff import Unlimited
from sumppump.domain.quotes import Feed
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest, UnknownContract
from sumppump.kernel.money import Money, Premium
from sumppump.portfolio.account import AccountService, ratio
from sumppump.portfolio.holdings import position_id
from sumppump.portfolio.positions import PortfolioService, total

CALL_600 = make_option(SPY, MONTH, 600, Right.CALL)
CALL_610 = make_option(SPY, MONTH, 610, Right.CALL)
PUT_580 = make_option(SPY, MONTH, 580, Right.PUT)


def held(quantity: int, instrument: Instrument, cost: str, mark: str | None = None) -> Position:
    """One row as the broker gives it; cost per share."""
    return Position(
        account="SIM1234567",
        instrument=instrument,
        quantity=quantity,
        avg_cost=Decimal(cost),
        market_price=None if mark is None else Decimal(mark),
    )


@dataclass(slots=True)
class Book:
    """A broker's positions and figures, and the services on them."""

    rows: list[Position] = field(default_factory=list)
    market: FakeMarket = field(default_factory=FakeMarket)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    account: AccountFigures = field(
        default_factory=lambda: AccountFigures(account="SIM1234567", as_of=NOW, taken=1_000.0)
    )

    async def positions(self) -> list[Position]:
        return self.rows

    async def figures(self) -> AccountFigures:
        return self.account

    @property
    def service(self) -> PortfolioService:
        """The portfolio on this book."""
        return PortfolioService(
            accounts=self, directory=self.directory, market=self.market, clock=self.market.clock
        )


SPREAD = [held(2, CALL_600, "14.00"), held(-2, CALL_610, "9.00")]


def _mid(book: Book, instrument: Instrument) -> Decimal:
    mid = book.market.quote(instrument).mid
    assert mid is not None
    return mid.amount


async def test_two_legs_are_the_spread_a_trader_would_name() -> None:
    """Two bull call spreads bought at 14.00 - 9.00 = 5.00: 1,000 paid, 1,000 to win, 1,000 to lose."""
    book = Book(SPREAD)
    (spread,) = (await book.service.positions()).strategies
    assert (spread.strategy, spread.quantity, spread.symbol, spread.dte) == ("bull_call_spread", 2, "SPY", 30)
    assert (spread.entry_premium, spread.cost) == (Premium.of("5.00"), Money.of(1000))
    assert (spread.max_profit, spread.max_loss) == (Money.of(1000), Money.of(1000))
    assert [leg.quantity for leg in spread.legs] == [2, -2]


async def test_profit_is_what_closing_at_the_mid_brings_beyond_the_cost() -> None:
    """(mid 600 - 14.00) x 200 - (mid 610 - 9.00) x 200, and its percent of 1,000."""
    book = Book(SPREAD)
    holdings = await book.service.positions()
    (spread,) = holdings.strategies
    expected = (_mid(book, CALL_600) - 14) * 200 - (_mid(book, CALL_610) - 9) * 200
    assert spread.unrealized_pnl == Money(expected)
    assert spread.market_value == Money((_mid(book, CALL_600) - _mid(book, CALL_610)) * 200)
    assert spread.market_value is not None
    assert spread.unrealized_pnl == spread.market_value - spread.cost
    assert spread.pct_of_max_profit == pytest.approx(float(expected) / 1000 * 100)
    assert holdings.unrealized_pnl == spread.unrealized_pnl
    assert {leg.price_source for leg in spread.legs} == {"mid"}


async def test_position_greeks_are_sums_over_legs_quantity_and_multiplier() -> None:
    """Delta in shares: (delta 600 - delta 610) x 200; theta and vega in dollars."""
    book = Book(SPREAD)
    (spread,) = (await book.service.positions()).strategies
    long, short = (book.market.quote(each).greeks for each in (CALL_600, CALL_610))
    assert long is not None
    assert short is not None
    for name in ("delta", "gamma", "theta", "vega"):
        expected = (getattr(long, name) - getattr(short, name)) * 200
        assert getattr(spread.greeks, name) == pytest.approx(expected)
    assert spread.greeks.delta is not None
    assert spread.greeks.delta_dollars == pytest.approx(spread.greeks.delta * 600)
    assert spread.greeks.rho is None  # the broker's model does not give it


async def test_a_credit_spread_shows_its_credit_as_negative() -> None:
    """Sold at 9.00 - 14.00 = -5.00 a share: 500 received, 500 at risk."""
    book = Book([held(-1, CALL_600, "14.00"), held(1, CALL_610, "9.00")])
    (spread,) = (await book.service.positions()).strategies
    assert spread.strategy == "bear_call_spread"
    assert (spread.entry_premium, spread.cost) == (Premium.of("-5.00"), Money.of(-500))
    assert (spread.max_profit, spread.max_loss) == (Money.of(500), Money.of(500))


async def test_shares_with_a_short_call_are_a_covered_call_and_the_rest_is_stock() -> None:
    """150 shares, one call: 100 covered, 50 alone. Shares' delta is one each."""
    book = Book([held(150, SPY, "590.00"), held(-1, CALL_610, "9.00")])
    found = {each.strategy: each for each in (await book.service.positions()).strategies}
    assert set(found) == {"covered_call", "long_stock"}
    covered = found["covered_call"]
    assert covered.entry_premium == Premium.of("581.00")  # 590.00 - 9.00 per share
    assert covered.max_profit == Money.of(2900)  # 610 - 581
    assert found["long_stock"].greeks.delta == 50
    assert (found["long_stock"].dte, found["long_stock"].expiry) == (None, None)
    assert isinstance(found["long_stock"].max_profit, Unlimited)
    assert found["long_stock"].pct_of_max_profit is None


async def test_a_calendar_is_bounded_by_the_model_at_its_first_expiry() -> None:
    """Its far leg still has time value then; the loss is no more than was paid."""
    near, far = (make_option(SPY, day, 600, Right.CALL) for day in (MONTH, FAR))
    book = Book([held(-1, near, "13.00"), held(1, far, "19.00")])
    (calendar,) = (await book.service.positions()).strategies
    assert (calendar.strategy, calendar.expiry, calendar.cost) == ("calendar_call", MONTH, Money.of(600))
    assert isinstance(calendar.max_profit, Money)
    assert calendar.max_profit > Money.of(0)
    assert isinstance(calendar.max_loss, Money)
    assert calendar.max_loss <= Money.of(610)


async def test_a_naked_short_has_a_loss_without_bound() -> None:
    """Unlimited is a type, not a big number."""
    (short,) = (await Book([held(-1, CALL_600, "14.00")]).service.positions()).strategies
    assert isinstance(short.max_loss, Unlimited)
    assert short.strategy == "short_call"


async def test_positions_can_be_seen_leg_by_leg() -> None:
    """group_by=leg: every contract on its own."""
    legs = (await Book(SPREAD).service.positions(group_by="leg")).strategies
    assert [(each.strategy, each.quantity) for each in legs] == [("long_call", 2), ("short_call", 2)]


async def test_one_symbol_is_shown_alone() -> None:
    """And in any case."""
    index = make_option(SPX, MONTH, 600, Right.CALL, "SPXW")
    book = Book([*SPREAD, held(1, index, "14.00")])
    assert {each.symbol for each in (await book.service.positions()).strategies} == {"SPY", "SPX"}
    assert {each.symbol for each in (await book.service.positions("spx")).strategies} == {"SPX"}
    assert (await book.service.positions("SPX")).positions == (book.rows[2],)


async def test_strategies_come_by_symbol_and_first_expiry() -> None:
    """An order that does not change from call to call."""
    week = make_option(SPY, WEEK, 600, Right.CALL)
    book = Book([held(1, CALL_600, "14"), held(1, week, "5"), held(10, SPY, "590")])
    assert [each.strategy for each in (await book.service.positions()).strategies] == [
        *("long_stock", "long_call", "long_call")
    ]


async def test_nothing_held_is_an_empty_answer_worth_nothing() -> None:
    """[] and 0, and the market is not asked."""
    book = Book([held(0, CALL_600, "1")])
    holdings = await book.service.positions()
    assert (holdings.strategies, holdings.positions) == ((), ())
    assert holdings.unrealized_pnl == Money.of(0)
    assert book.market.asked == []


class _NoData(FakeMarket):
    async def quotes(self, *_: object, **__: object) -> list[object]:  # type: ignore[override]
        raise GatewayUnavailable("market data is silent")


async def test_without_quotes_positions_are_shown_with_the_brokers_marks() -> None:
    """And say so; Greeks are None with a reason."""
    book = Book([held(2, CALL_600, "14.00", mark="15.00"), held(-2, CALL_610, "9.00", "9.50")], _NoData())
    holdings = await book.service.positions()
    (spread,) = holdings.strategies
    assert spread.unrealized_pnl == Money.of(100)  # (1.00 - 0.50) x 200
    assert {leg.price_source for leg in spread.legs} == {"broker"}
    assert (spread.greeks.delta, spread.spot) == (None, None)
    assert dict(spread.missing)["greeks"]
    assert holdings.warnings == ("without quotes: market data is silent",)
    assert (holdings.feed, holdings.oldest_s) == (Feed.NONE, None)


async def test_a_leg_without_any_price_has_no_profit_and_a_reason() -> None:
    """Never 0: neither the leg, nor the strategy, nor the sum."""
    book = Book(SPREAD)
    book.market.missing.add(CALL_610.con_id)
    holdings = await book.service.positions()
    (spread,) = holdings.strategies
    assert (spread.unrealized_pnl, spread.market_value, spread.pct_of_max_profit) == (None, None, None)
    assert holdings.unrealized_pnl is None
    assert dict(spread.missing)["unrealized_pnl"] == "no price for SPY 2026-12-18 610C"
    assert holdings.warnings == ("no price for SPY 2026-12-18 610C",)


async def test_a_leg_without_a_quote_stands_at_the_brokers_mark_and_the_warning_says_so() -> None:
    """It has a price after all, and a warning of its own."""
    book = Book([SPREAD[0], held(-2, CALL_610, "9.00", "9.50")])
    book.market.missing.add(CALL_610.con_id)
    holdings = await book.service.positions()
    (spread,) = holdings.strategies
    assert spread.unrealized_pnl is not None
    assert holdings.warnings == ("without a quote, at the broker's mark: SPY 2026-12-18 610C",)


class _Silent(Book):
    async def positions(self) -> list[Position]:
        raise GatewayUnavailable("positions did not come")


async def test_a_bond_hides_neither_itself_nor_the_quotes_of_the_rest() -> None:
    """What cannot be quoted here is shown with the broker's figures; options keep theirs."""
    bond = replace(
        held(3, Underlying(con_id=6, symbol="T 4", sec_type=SecType.OTHER), "985", "98.5"),
        market_value=Money.of("2955"),
        unrealized_pnl=Money.of("-12"),
    )
    holdings = await Book([*SPREAD, bond]).service.positions()
    (shown,) = [each for each in holdings.strategies if each.symbol == "T 4"]
    assert (shown.strategy, str(shown.market_value), str(shown.unrealized_pnl)) == (
        "long_other", "2,955.00 USD", "-12.00 USD",
    )  # fmt: skip
    assert (shown.greeks.delta, shown.max_profit, shown.max_loss) == (None, None, None)
    assert holdings.warnings == ("only the broker's own figures for T 4",)
    assert holdings.oldest_s is not None


async def test_a_future_of_the_same_ticker_covers_no_call() -> None:
    """ES is a future and the ticker of a utility; IB names bonds by their issuer's ticker."""
    future = held(100, Underlying(con_id=7, symbol="SPY", sec_type=SecType.FUT), "1")
    holdings = await Book([future, held(-1, CALL_600, "14.00")]).service.positions()
    assert {each.strategy for each in holdings.strategies} == {"long_fut", "short_call"}


async def test_unknown_positions_are_an_error_and_never_an_empty_list() -> None:
    """The port's law, kept."""
    with pytest.raises(GatewayUnavailable):
        await _Silent(SPREAD).service.positions()


@pytest.mark.parametrize(
    ("symbol", "group_by", "code"), [("?", "strategy", "invalid_symbol"), (None, "size", "invalid_group_by")]
)
async def test_arguments_that_cannot_be_meant_name_their_field(
    symbol: str | None, group_by: str, code: str
) -> None:
    """A clear error with a stable code."""
    with pytest.raises(InvalidRequest) as refused:
        await Book(SPREAD).service.positions(symbol, group_by)
    assert refused.value.code == code


async def test_a_position_id_outlives_a_partial_close_and_a_new_price() -> None:
    """It is made from the symbol and the legs' proportions alone."""
    (before,) = (await Book(SPREAD).service.positions()).strategies
    book = Book([replace(row, quantity=row.quantity // 2) for row in reversed(SPREAD)])
    book.market.spot += 3
    (after,) = (await book.service.positions()).strategies
    assert before.position_id == after.position_id
    assert before.position_id.startswith("pos_SPY_")


def test_different_legs_or_directions_have_different_ids() -> None:
    """Closing the wrong one must not be possible by name."""
    combos = [
        Combo((Leg(contract=CALL_600, ratio=1),)),
        Combo((Leg(contract=CALL_600, ratio=-1),)),
        Combo((Leg(contract=CALL_600, ratio=1), Leg(contract=CALL_610, ratio=-1))),
        Combo((Leg(contract=CALL_600, ratio=1), Leg(contract=CALL_610, ratio=-2))),
        Combo((Leg(contract=PUT_580, ratio=1),)),
    ]
    assert len({position_id(combo) for combo in combos}) == len(combos)
    assert position_id(combos[2]) == position_id(Combo(tuple(reversed(combos[2].legs))))


async def test_a_position_is_found_by_its_id_as_a_strategy_or_as_a_leg() -> None:
    """What closing starts from."""
    book = Book(SPREAD)
    (spread,) = (await book.service.positions()).strategies
    assert (await book.service.find(spread.position_id)).combo == spread.combo
    leg = (await book.service.positions(group_by="leg")).strategies[0]
    assert (await book.service.find(leg.position_id)).combo == leg.combo


async def test_an_id_that_is_not_held_names_what_is() -> None:
    """Nothing is guessed on the way to an order."""
    with pytest.raises(UnknownContract) as refused:
        await Book(SPREAD).service.find("pos_SPY_00000000")
    assert refused.value.code == "unknown_position"
    assert "bull_call_spread" in str(refused.value.expected)


def test_a_sum_with_a_missing_part_or_two_currencies_is_none() -> None:
    """Half a total is not a total."""
    assert total([Money.of(1), None]) is None
    assert total([Money.of(1), Money.of(1, "EUR")]) is None
    assert total([Money.of(1), Money.of(2)]) == Money.of(3)


async def test_the_account_has_its_ratios_and_a_masked_name() -> None:
    """Cushion 100,000 / 250,000; margin 50,000 / 250,000; day -2,500 of 252,500 is -0.990 %."""
    figures = AccountFigures(
        account="DU7777777",
        as_of=NOW,
        taken=990.0,
        nlv=Money.of(250_000),
        cash=Money.of(1),
        buying_power=Money.of(1),
        available_funds=Money.of(1),
        excess_liquidity=Money.of(100_000),
        initial_margin=Money.of(60_000),
        maintenance_margin=Money.of(50_000),
        daily_pnl=Money.of(-2_500),
        daily_pnl_taken=995.0,
    )
    summary = await AccountService(accounts=Book(account=figures), clock=FakeClock()).summary()
    assert (summary.account, summary.cushion, summary.margin_usage) == ("DU…777", 0.4, 0.2)
    assert summary.daily_pnl_pct == pytest.approx(-2500 / 252_500 * 100)
    assert (summary.age_s, summary.pnl_age_s, summary.missing, summary.warnings) == (10.0, 5.0, (), ())


async def test_what_the_broker_did_not_give_is_named_and_not_zero() -> None:
    """None stays None."""
    summary = await AccountService(accounts=Book(), clock=FakeClock()).summary()
    assert (summary.cushion, summary.margin_usage, summary.daily_pnl_pct, summary.pnl_age_s) == (None,) * 4
    assert summary.missing[0] == "nlv"
    assert summary.warnings == (f"the broker did not give: {', '.join(summary.missing)}",)


async def test_a_used_up_cushion_is_the_first_warning() -> None:
    """A margin call is due."""
    account = replace(Book().account, excess_liquidity=Money.of(-1), taken=0.0)
    summary = await AccountService(accounts=Book(account=account), clock=FakeClock()).summary()
    assert summary.warnings[0].startswith("excess liquidity is used up")
    assert summary.warnings[1] == "the figures are 1000 s old"


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        (None, Money.of(1)),
        (Money.of(1), None),
        (Money.of(1), Money.of(0)),
        (Money.of(1), Money.of(-5)),
        (Money.of(1), Money.of(1, "EUR")),
    ],
)
def test_a_ratio_of_something_unusable_is_none(part: Money | None, whole: Money | None) -> None:
    """Nothing is divided by nothing."""
    assert ratio(part, whole) is None
