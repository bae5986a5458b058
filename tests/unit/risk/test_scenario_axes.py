"""Spot, volatility and date together, and smiles that stay or move along: every cell a full reprice."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import QuantLib as ql
from tests.support.fake_market import MONTH, NOW, SPX, SPY, make_option, smile
from tests.unit.risk.held import BETA, Account, YearMarket, held

from sumppump.domain.book import SmileRule
from sumppump.domain.instruments import Instrument, OptionContract, Right
from sumppump.domain.pricing import european
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.risk.portfolio_greeks import GreeksReport, question_of
from sumppump.risk.smile_look import MOST_SERIES, held_series
from sumppump.server.portfolio.greeks_views import greeks_answer

CALL, PUT = make_option(SPY, MONTH, 610, Right.CALL), make_option(SPY, MONTH, 580, Right.PUT)
INDEX = make_option(SPX, MONTH, 580, Right.PUT, "SPXW")
STICKY_DELTA = SmileRule.STICKY_DELTA


async def report(
    account: Account,
    moves: Sequence[float],
    days: Sequence[float] | None = None,
    points: Sequence[float] | None = None,
    rule: SmileRule = SmileRule.STICKY_STRIKE,
) -> GreeksReport:
    return await account.desk.greeks.analysis(question_of(moves, days, points, rule))


def american(option: OptionContract, spot: float, vol: float, days: float = 0.0) -> float:
    """QuantLib's price in whole days of 16:00 to 16:00 steps: QdFp with 4 % and no dividend."""
    ql.Settings.instance().evaluationDate = ql.Date(1, 1, 2025)
    today = ql.Settings.instance().evaluationDate
    # Time is stretched by a thousand, so that fractions of a day count.
    stretch, years = 1_000.0, option.years(NOW) - days / 365
    flat = [
        ql.YieldTermStructureHandle(ql.FlatForward(today, rate / stretch, ql.Actual365Fixed()))
        for rate in (0.0, 0.04)
    ]
    sigma = ql.BlackConstantVol(today, ql.NullCalendar(), vol / math.sqrt(stretch), ql.Actual365Fixed())
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)), *flat, ql.BlackVolTermStructureHandle(sigma)
    )
    right = ql.Option.Call if option.right is Right.CALL else ql.Option.Put
    end = today + round(years * stretch * 365)
    contract = ql.VanillaOption(
        ql.PlainVanillaPayoff(right, float(option.strike)), ql.AmericanExercise(today, end)
    )
    contract.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()))
    return float(contract.NPV())


async def test_sticky_delta_takes_the_volatility_of_the_strike_that_stood_as_far_off() -> None:
    """A fall of 5 %: each option at the smile of strike / 0.95, priced by QuantLib; else at its own.

    The fitted smile is off by a tenth of a point at most: about 30 dollars of vega.
    """
    account = Account([held(2, CALL), held(-3, PUT)])
    moving = (await report(account, [-5.0], rule=STICKY_DELTA)).grid.rows[0]
    staying = (await report(account, [-5.0])).grid.rows[0]

    def gained(option: OptionContract, *, along: bool) -> float:
        own = smile(float(option.strike), 600.0)
        there = smile(float(option.strike) / 0.95, 600.0) if along else own
        return (american(option, 570.0, there) - american(option, 600.0, own)) * 100

    for row, along, doubt in ((moving, True, 30.0), (staying, False, 5.0)):
        exact = 2 * gained(CALL, along=along) - 3 * gained(PUT, along=along)
        assert row.pnl == pytest.approx(exact, abs=doubt)
    assert abs(moving.pnl - staying.pnl) > 100.0


async def test_days_and_points_of_american_options_are_those_of_quantlib() -> None:
    """A fall of 5 % a week later, and with five points more: the put and the call priced by QuantLib."""
    account = Account([held(2, CALL), held(-3, PUT)])
    grid = (await report(account, [-5.0], [7.0], [5.0])).grid

    def gained(days: float, points: float) -> float:
        total = 0.0
        for option, count in ((CALL, 2), (PUT, -3)):
            own = smile(float(option.strike), 600.0)
            then = american(option, 570.0, own + points / 100, days)
            total += count * 100 * (then - american(option, 600.0, own))
        return total

    for plane in grid.planes:
        assert plane.pnl == pytest.approx([gained(plane.days, plane.iv_points)], abs=6.0)


async def test_both_rules_agree_where_nothing_moves() -> None:
    """Time and volatility alone ask no smile."""
    account = Account([held(2, CALL), held(-3, PUT)])
    moving = (await report(account, [0.0], [7.0], [5.0], rule=STICKY_DELTA)).grid
    staying = (await report(account, [0.0], [7.0], [5.0])).grid
    assert moving.decay == pytest.approx(staying.decay)
    assert moving.vega == pytest.approx(staying.vega)
    assert [each.pnl for each in moving.planes] == [pytest.approx(each.pnl) for each in staying.planes]


async def test_an_underlying_without_a_smile_is_silent_and_says_why() -> None:
    """No quotes about the index: SPY is told, SPX is null, the total leaves it out."""
    account = Account([held(2, CALL), held(-1, INDEX)], market=OnlyHeld(held={INDEX.con_id}))
    found = await report(account, [-5.0], rule=STICKY_DELTA)
    row = found.grid.rows[0]
    parts = {part.symbol: part for part in row.parts}
    assert parts["SPX"].pnl is parts["SPX"].move_pct is None
    assert row.pnl == pytest.approx(parts["SPY"].pnl)
    assert found.grid.no_smile == ("SPX",)
    said = greeks_answer(found)
    assert "SPX: in no sticky_delta scenario, " in said.left_out[0]
    assert said.smile == "sticky_delta"
    assert (await report(account, [-5.0])).grid.no_smile == ()


async def test_a_book_of_which_no_smile_is_known_has_no_figure_and_not_zero() -> None:
    account = Account([held(-1, INDEX)], market=OnlyHeld(held={INDEX.con_id}))
    said = greeks_answer(await report(account, [-5.0], None, [5.0], STICKY_DELTA))
    assert (said.scenarios[0].pnl, said.scenarios[0].pnl_after_days) == (None, None)
    assert {figure for plane in said.grid for figure in plane.pnl} == {None}
    assert "not known" in said.summary


async def test_a_market_that_is_down_is_a_reason_for_every_underlying() -> None:
    market = OnlyHeld(held={CALL.con_id}, breaks_after=1)
    found = await report(Account([held(1, CALL)], market=market), [-5.0], rule=STICKY_DELTA)
    assert found.held.no_smile["SPY"].reason == "the farm is down"


@dataclass(slots=True)
class OnlyHeld(YearMarket):
    """SPX options other than those held are not quoted; after so many batches nothing is."""

    held: set[int] = field(default_factory=set)
    breaks_after: int = 1_000

    async def quotes(self, instruments: Sequence[Instrument], **how: object) -> Sequence[Quote]:  # type: ignore[override]
        if len(self.asked) >= self.breaks_after:
            raise GatewayUnavailable("the farm is down")
        self.missing = {
            each.con_id
            for each in instruments
            if isinstance(each, OptionContract) and each.symbol == SPX.symbol and each.con_id not in self.held
        }
        return await YearMarket.quotes(self, instruments, **how)  # type: ignore[arg-type]


async def test_sticky_strike_asks_for_nothing_beside_what_is_held() -> None:
    account = Account([held(2, CALL)])
    await report(account, [-5.0])
    assert len(account.market.asked) == 1


async def test_the_expiries_with_most_vega_come_first_and_only_so_many() -> None:
    """A larger position comes before a smaller one; the budget is a number."""
    account = Account([held(1, CALL), held(-50, INDEX)])
    holdings = (await account.desk.greeks.books.now()).holdings
    assert [each.symbol for each in held_series(holdings, account.market.clock)] == ["SPX", "SPY"]
    assert MOST_SERIES * 13 < 200


async def test_every_date_with_every_change_of_volatility_is_a_plane_of_full_reprices() -> None:
    """An index put is European: every cell by the closed formula, at the market's move times beta."""
    account = Account([held(-2, INDEX)])
    moves, days, points = [-10.0, 0.0, 5.0], [1.0, 7.0], [-4.0, 6.0]
    found = await report(account, moves, days, points)
    beta = found.betas["SPX"].beta
    assert beta == pytest.approx(BETA, abs=0.1)
    own, years = smile(580.0, 600.0), INDEX.years(NOW)
    carry = found.held.carries["SPX"].until(INDEX.settles)

    def worth(move: float, passed: float, added: float) -> float:
        spot = 600.0 * (1 + beta * move / 100)
        left = years - passed / 365
        return european(
            spot, 580.0, left, carry.rate, carry.dividend_yield, own + added / 100, Right.PUT
        ).price

    planes = {(each.days, each.iv_points): each.pnl for each in found.grid.planes}
    assert set(planes) == {(day, point) for day in (0.0, *days) for point in (0.0, *points)}
    for (passed, added), pnl in planes.items():
        exact = [-200 * (worth(move, passed, added) - worth(0.0, 0.0, 0.0)) for move in moves]
        assert pnl == pytest.approx(exact, abs=0.01)


async def test_rows_show_the_first_date_and_change_and_are_cells_of_the_grid() -> None:
    found = (
        await report(Account([held(2, CALL), held(-1, INDEX)]), [-5.0, 5.0], [7.0, 1.0], [5.0, -5.0])
    ).grid
    planes = {(each.days, each.iv_points): each.pnl for each in found.planes}
    for place, row in enumerate(found.rows):
        assert row.pnl == planes[0.0, 0.0][place]
        assert row.pnl_later == planes[7.0, 0.0][place]
        assert row.pnl_with_iv == planes[0.0, 5.0][place]


async def test_the_third_axis_stands_in_the_answer_only_when_it_was_asked_for_and_stays_small() -> None:
    """The most that can be asked for is within the hard limit of an answer, the usual one within eight kB."""
    account = Account([held(2, CALL), held(-1, INDEX), held(100, SPY)])
    plain = greeks_answer(await report(account, [-5.0, 5.0]))
    assert plain.grid == []
    most = [float(move) for move in range(-35, 40, 5)]
    wide = await report(account, most, [1.0, 7.0, 14.0, 21.0, 28.0], [-10.0, -5.0, 5.0, 10.0, 20.0])
    said = greeks_answer(wide)
    assert (len(said.grid), len(said.grid[0].pnl)) == (36, 15)
    assert len(json.dumps(said.payload())) < 20_000
    usual = greeks_answer(await account.desk.greeks.analysis(question_of()))
    assert len(json.dumps(usual.payload())) < 8_192


@pytest.mark.parametrize(
    ("days", "points", "name"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], None, "time_decay_days"),
        ([], None, "time_decay_days"),
        (None, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "iv_change"),
        (None, [300.0], "iv_change"),
    ],
)
def test_too_many_dates_or_changes_are_refused_by_name(
    days: list[float] | None, points: list[float] | None, name: str
) -> None:
    with pytest.raises(InvalidRequest, match="out of range") as refused:
        question_of(None, days, points)
    assert refused.value.expected.startswith(name)
