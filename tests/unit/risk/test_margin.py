"""Margin: levels by their rule, an estimate beside the broker's figure, and how far a margin call is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.support.fake_market import MONTH, NOW, SPX, SPY, make_option
from tests.support.published_margin import Line
from tests.unit.exchange.test_published_margin import need as margin_by_exchange
from tests.unit.risk.held import Account, held, with_vix

from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.margin.lots import MarginLine, Prices
from sumppump.domain.margin.regt import GUARDED, needs_of
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import american, european
from sumppump.kernel.money import Money
from sumppump.risk.margin import MarginLevel, MarginReport, MarginService, _report, level_of
from sumppump.risk.margin_distance import MARKET, MOVING
from sumppump.server.portfolio.margin_views import margin_answer

SHARES = held(100, SPY, "600")
NAKED = held(-1, make_option(SPY, MONTH, 580, Right.PUT))
SPREAD = (held(-1, make_option(SPY, MONTH, 580, Right.PUT)), held(1, make_option(SPY, MONTH, 570, Right.PUT)))


def account(rows: list[Position], excess: str | None, maintenance: str = "15000") -> Account:
    """Positions in an account of 100,000 with this excess liquidity."""
    figures = AccountFigures(
        account="SIM1234567",
        as_of=NOW,
        taken=1_000.0,
        nlv=Money.of(100_000),
        maintenance_margin=Money.of(maintenance),
        initial_margin=Money.of(maintenance),
        excess_liquidity=None if excess is None else Money.of(excess),
    )

    class WithFigures(Account):
        async def figures(self) -> AccountFigures:
            return figures

    return WithFigures(rows)


async def report(
    rows: list[Position], excess: str | None = "50000", maintenance: str = "15000"
) -> MarginReport:
    service: MarginService = account(rows, excess, maintenance).desk.margin
    return await service.report()


@pytest.mark.parametrize(
    ("cushion", "level"),
    [
        (-0.01, MarginLevel.MARGIN_CALL),
        (0.0, MarginLevel.CRITICAL),
        (0.05, MarginLevel.HIGH),
        (0.15, MarginLevel.MODERATE),
        (0.30, MarginLevel.LOW),
        (None, None),
    ],
)
def test_levels_begin_where_their_rule_says(cushion: float | None, level: MarginLevel | None) -> None:
    assert level_of(cushion) is level


async def test_shares_reach_a_margin_call_where_three_quarters_of_the_fall_used_up_the_excess() -> None:
    """A share that falls by x loses x and needs 0.25 x less: 60,000 x 0.75 x fall = 9,000 at 20 %."""
    found = await report([SHARES], "9000")
    assert not isinstance(found.distances, Missing)
    market, alone = found.distances
    assert market.down == pytest.approx(-20.0, abs=0.02)
    assert alone.down == pytest.approx(-20.0, abs=0.02)
    assert (market.down_pnl, market.up_pnl) == (pytest.approx(-12_000, abs=12), None)
    assert isinstance(market.up, Missing)


async def test_at_the_distance_of_a_naked_put_excess_liquidity_is_gone_by_another_count() -> None:
    """Regulation T at the moved price, with the mark of the model there, has grown by the excess."""
    found = await report([NAKED], "6000")
    assert not isinstance(found.distances, Missing)
    down = found.distances[0].down
    assert isinstance(down, float)
    assert -40 < down < -1

    option = NAKED.instrument

    def need(spot: float) -> float:
        vol = 0.18 - 0.25 * (580 / 600 - 1.0) + 0.6 * (580 / 600 - 1.0) ** 2
        mark = american(spot, 580.0, option.years(NOW), 0.04, 0.0, vol, "P").price  # type: ignore[union-attr]
        prices = Prices({"SPY": Decimal(str(spot))}, {option.con_id: Decimal(str(round(mark, 6)))})
        line = MarginLine(instrument=option, quantity=-1)
        return float(needs_of([line], prices).total.maintenance)

    assert need(600 * (1 + down / 100)) - need(600) == pytest.approx(6000, abs=60)


async def test_at_the_distance_the_exchange_s_own_engine_finds_nothing_left() -> None:
    """Shares, naked puts and an index strangle: prices by the kernel, the requirement by another engine.

    Liquidity left is what there was, less what the shares lost, less what the requirement has grown.
    """
    put = make_option(SPY, MONTH, 570, Right.PUT)
    strangle = ((560, Right.PUT), (650, Right.CALL))
    index = [make_option(SPX, MONTH, strike, right, "SPXW") for strike, right in strangle]
    rows = [SHARES, held(-2, put), *(held(-1, each) for each in index)]
    found = await report(rows, "30000")
    assert not isinstance(found.distances, Missing)
    market = found.distances[0]
    assert isinstance(market.down, float)
    assert isinstance(market.up, float)

    def needed(move: float) -> float:
        spots = {symbol: 600.0 * (1 + found.betas[symbol] * move / 100) for symbol in ("SPY", "SPX")}
        lines = [(SHARES.instrument, 100), (put, -2), *((each, -1) for each in index)]
        return float(sum(exchange_need(symbol, spot, lines) for symbol, spot in spots.items()))

    for move in (market.down, market.up):
        shares = 60_000 * move / 100
        left = 30_000 + shares - (needed(move) - needed(0.0))
        assert left == pytest.approx(0.0, abs=60), move


def exchange_need(symbol: str, spot: float, lines: list[tuple[Any, int]]) -> Decimal:
    """Maintenance of one underlying by the exchange, its options marked at the fake market's volatility."""
    mine = [(each, count) for each, count in lines if each.symbol == symbol]
    kind = "IND" if symbol == "SPX" else "STK"
    published = []
    for each, count in mine:
        if not isinstance(each, OptionContract):
            published.append(Line(count, ""))
            continue
        away = float(each.strike) / 600.0 - 1.0
        price = american if kind == "STK" else european
        terms = (spot, float(each.strike), each.years(NOW), 0.04, 0.0, 0.18 - 0.25 * away + 0.6 * away**2)
        mark = price(*terms, each.right.value).price
        published.append(Line(count, each.right.value, str(each.strike), f"{mark:.6f}"))
    return margin_by_exchange(tuple(published), f"{spot:.6f}", kind).maintenance


async def test_a_spread_can_lose_no_more_than_its_width_so_no_fall_leads_to_a_call() -> None:
    found = await report(list(SPREAD), "5000")
    assert not isinstance(found.distances, Missing)
    assert {type(side) for each in found.distances for side in (each.down, each.up)} == {Missing}
    assert found.needs.total.maintenance == 1000
    assert "No move of the market leads to a margin call" in margin_answer(found).summary


async def test_an_account_that_is_called_already_is_at_distance_zero() -> None:
    found = await report([SHARES], "-1")
    assert not isinstance(found.distances, Missing)
    assert (found.level, found.distances[0].down, found.distances[0].up) == (
        MarginLevel.MARGIN_CALL,
        0.0,
        0.0,
    )


async def test_a_fall_that_lifts_volatility_leads_to_a_call_sooner() -> None:
    """A VIX that gains a point for each percent of a fall: the put costs more, and its margin with it."""
    plain = account([NAKED, NAKED], "6000")
    book = await plain.desk.margin.books.now()
    found = _report(with_vix(book), 1_000.0)
    assert not isinstance(found.distances, Missing)
    held_still, moving = found.distances[:2]
    assert (held_still.what, moving.what) == (MARKET, MOVING)
    assert isinstance(held_still.down, float)
    assert isinstance(moving.down, float)
    assert held_still.down < moving.down < 0
    answer = margin_answer(found)
    assert f"fall of {-moving.down:.1f} % with volatility moving along" in answer.summary
    assert "-1.00 (± 0.00) points per percent of the SPY" in answer.distance_basis


async def test_underlyings_move_by_their_betas() -> None:
    """SPX has a beta of 1.2 here: what it does alone at -12 % it does in a market at -10 %."""
    found = await report([held(-1, make_option(SPX, MONTH, 550, Right.PUT, "SPXW"))], "4000")
    assert not isinstance(found.distances, Missing)
    market, alone = found.distances
    assert isinstance(market.down, float)
    assert isinstance(alone.down, float)
    assert market.down * found.betas["SPX"] == pytest.approx(alone.down, abs=0.05)


async def test_the_estimate_stands_beside_the_brokers_figure_with_its_items_and_the_difference() -> None:
    answer = margin_answer(await report([SHARES, *SPREAD], maintenance="16500"))
    assert (answer.reg_t.maintenance, answer.reg_t.difference) == (16_000.0, 500.0)
    assert answer.reg_t.initial == 31_000.0
    assert any("the broker asks more" in note for note in answer.reg_t.notes)
    assert [need.symbol for need in answer.reg_t.underlyings] == ["SPY"]
    assert (answer.level, answer.cushion, answer.margin_usage) == ("LOW", 0.5, 0.165)


async def test_where_the_broker_asks_more_the_rules_concessions_are_named() -> None:
    """A put 590 guards the shares: 59 and 10 out of the money, where a broker may keep 25 % of 600."""
    guard = held(1, make_option(SPY, MONTH, 590, Right.PUT))
    answer = margin_answer(await report([SHARES, guard], maintenance="15000"))
    assert (answer.reg_t.maintenance, answer.reg_t.difference) == (6_900.0, 8_100.0)
    assert any(GUARDED in note for note in answer.reg_t.notes)
    plain = margin_answer(await report([SHARES], maintenance="16500"))
    assert not any("need not" in note for note in plain.reg_t.notes)


async def test_an_underlying_that_moves_alone_is_named_where_no_move_of_it_leads_to_a_call() -> None:
    found = await report([SHARES, *SPREAD], "90000")
    assert not isinstance(found.distances, Missing)
    market, alone = found.distances
    assert isinstance(market.up, Missing)
    assert isinstance(alone.up, Missing)
    assert (market.up.reason[:21], alone.up.reason[:14]) == ("no rise of the market", "no rise of SPY")


async def test_without_excess_liquidity_the_distance_says_why_there_is_none() -> None:
    answer = margin_answer(await report([SHARES], None))
    assert (answer.level, answer.cushion, answer.excess_liquidity) == (None, None, None)
    assert answer.margin_call_distance == []
    assert answer.no_distance == "the broker did not give the excess liquidity"


async def test_with_nothing_held_no_move_matters() -> None:
    answer = margin_answer(await report([]))
    assert answer.margin_call_distance == []
    assert answer.no_distance.startswith("nothing is held")
    assert answer.level == "LOW"


async def test_a_silent_broker_leaves_the_estimate() -> None:
    silent = replace(Account([SHARES]), is_silent=True)
    answer = margin_answer(await silent.desk.margin.report())
    assert (answer.net_liquidation, answer.level) == (None, None)
    assert answer.reg_t.maintenance == 15_000.0


async def test_an_answer_of_a_large_book_stays_small() -> None:
    strikes = range(450, 590, 5)
    rows = [held(-1, make_option(SPY, MONTH, strike, Right.PUT)) for strike in strikes]
    rows += [held(-1, make_option(SPX, MONTH, strike, Right.CALL, "SPXW")) for strike in range(610, 700, 5)]
    answer = margin_answer(await report(rows, "100000"))
    assert len(answer.model_dump_json()) <= 8_000
