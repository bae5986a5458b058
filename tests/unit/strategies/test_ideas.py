"""From a view of the market to ranked drafts on the small listed market."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal

import numpy as np
import pytest
from tests.support.fake_market import MONTH, SPY, TODAY, smile
from tests.support.fake_volatility import VolatileMarket
from tests.unit.strategies.conftest import Bench

from sumppump.data.bar_shelf import BarShelf
from sumppump.domain.payoff import Unlimited
from sumppump.domain.pricing import european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.kernel.errors import InvalidRequest, UnknownContract
from sumppump.kernel.money import Money
from sumppump.strategies.catalogue import CATALOGUE, SHAPES
from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.ideas.room import Room
from sumppump.strategies.ideas.service import Ideas, IdeaService
from sumppump.strategies.ideas.watching import Watcher
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.service import StrategyService
from sumppump.strategies.shape import Outlook, StrategyType

Suggest = Callable[..., Awaitable[Ideas]]
D = Decimal


@pytest.fixture
def volatile(bench: Bench) -> VolatileMarket:
    return VolatileMarket(clock=bench.clock)


@pytest.fixture
def book(bench: Bench) -> DraftBook:
    return DraftBook(bench.clock.monotonic)


@pytest.fixture
def limits() -> dict[StrategyType, str]:
    """What a limit says of each strategy that it refuses; a test fills it in."""
    return {}


@pytest.fixture
def rooms() -> list[Room]:
    """What limits leave room for; a test fills it in."""
    return []


@pytest.fixture
def suggest(
    bench: Bench,
    volatile: VolatileMarket,
    book: DraftBook,
    limits: dict[StrategyType, str],
    rooms: list[Room],
) -> Suggest:
    async def room() -> Room | None:
        return rooms[0] if rooms else None

    async def objections(drafts: Sequence[Draft]) -> list[tuple[str, ...]]:
        kinds = [each.strategy_type for each in drafts]
        return [(limits[kind],) if kind in limits else () for kind in kinds]

    strategies = StrategyService(directory=bench.directory, market=volatile, clock=bench.clock, drafts=book)
    shelf = BarShelf(market=volatile, clock=bench.clock)
    watcher = Watcher(directory=bench.directory, market=volatile, shelf=shelf, clock=bench.clock)
    service = IdeaService(watcher=watcher, strategies=strategies, objections=objections, room=room)

    async def asked(symbol: str = "SPY", level: int = 4, **arguments: object) -> Ideas:
        return await service.suggest(Wish.read(symbol=symbol, level=level, **arguments))  # type: ignore[arg-type]

    return asked


@pytest.mark.parametrize("outlook", list(Outlook))
async def test_every_outlook_brings_five_ranked_drafts_of_strategies_that_fit_it(
    suggest: Suggest, book: DraftBook, outlook: Outlook
) -> None:
    found = await suggest(outlook=outlook.value)
    assert len(found.ideas) == 5
    values = [idea.score.value for idea in found.ideas]
    assert values == sorted(values, reverse=True)  # type: ignore[type-var]
    fitting = {shape.type for shape in CATALOGUE if outlook in shape.outlooks}
    assert {idea.draft.strategy_type for idea in found.ideas} <= fitting
    assert all(book.get(idea.draft.strategy_id) is idea.draft for idea in found.ideas)
    assert found.priced > 1_000


@pytest.mark.parametrize("kind", ["long_put", "collar", "jade_lizard", "call_condor", "double_calendar"])
async def test_a_strategy_by_its_name_finds_strikes_of_its_own(suggest: Suggest, kind: str) -> None:
    """One of each family, built in full; every row of the catalogue is tried in the tests of the scores."""
    found = await suggest(strategy_type=kind)
    assert found.ideas
    assert {idea.draft.strategy_type.value for idea in found.ideas} == {kind}


async def test_bounds_hold_on_the_drafts_fresh_quotes(suggest: Suggest) -> None:
    # Five wide at fair odds: a loss of 400 at most goes with a profit four times in five.
    found = await suggest(outlook="bullish", max_loss=D(400), min_pop=D("0.6"), max_width=D(5))
    assert found.ideas
    for idea in found.ideas:
        analysis = idea.draft.analysis
        assert isinstance(analysis.payoff.max_loss, Money)
        assert analysis.payoff.max_loss.amount <= 400
        assert analysis.probability_of_profit is not None
        assert analysis.probability_of_profit >= 0.6


async def test_a_score_is_the_sum_of_its_parts(suggest: Suggest) -> None:
    """(prudent value - enter - leave - early exercise) / margin, each shown."""
    for idea in (await suggest(outlook="neutral")).ideas:
        score = idea.score
        assert score.enter is not None
        assert score.leave is not None
        assert score.margin is not None
        costs = score.enter.amount + score.leave.amount + score.early_exercise.amount
        assert score.value == pytest.approx(float((score.prudent_value.amount - costs) / score.margin.amount))
        assert f"{score.value:+.4f} = (prudent value" in score.words


async def test_a_size_is_offered_to_what_earns_by_the_prudent_view_and_to_nothing_else(
    suggest: Suggest,
) -> None:
    """Never above a quarter of wealth; a trade that does not pay its costs has none, whatever its odds."""
    found = [idea.score for view in ("volatile", "neutral") for idea in (await suggest(outlook=view)).ideas]
    assert {True, False} <= {score.value is not None and score.value > 0 for score in found}
    for score in found:
        assert score.value is not None
        assert score.size is not None
        assert 0.0 <= score.size <= 0.25
        if abs(score.value) > 0.02:
            assert (score.size > 0) is (score.value > 0)


def ends_of(years: float, factor: float) -> Array:
    """A million ends of the market that is played here, by its own odds, their moves scaled, their mean kept.

    The odds are the slope of its puts over the strike, taken here by finite differences.
    """
    strikes = np.linspace(330.0, 900.0, 5_701)
    vols = np.array([smile(strike, 600.0) for strike in strikes])
    puts = european_prices(600.0, strikes, years, 0.04, 0.0, vols, np.zeros(len(strikes), bool))
    below = np.maximum.accumulate(np.clip(np.gradient(puts, strikes) * math.exp(0.04 * years), 0.0, 1.0))
    forward = 600.0 * math.exp(0.04 * years)
    drawn = np.interp(np.random.default_rng(3).random(1_000_000), below, strikes)
    moved = np.exp(factor * np.log(drawn / forward))
    return forward * moved / float(moved.mean())


async def test_the_expected_value_is_the_mean_over_draws_of_the_named_measure(suggest: Suggest) -> None:
    """What the market's own odds say of the same strikes is taken off: the rest is the view."""
    found = await suggest(strategy_type="bull_put_spread", min_dte=30, max_dte=30)
    idea = found.ideas[0]
    assert found.measure.realised is not None
    assert idea.score.implied is not None
    factor = math.sqrt(0.5 * (found.measure.realised / idea.score.implied) ** 2 + 0.5)
    draft, low_high = idea.draft, sorted(float(option.strike) for option in idea.draft.combo.options)
    years = draft.combo.options[0].years(draft.as_of)

    def worth(scaled: float) -> Array:
        ends = ends_of(years, scaled)
        pays: Array = np.maximum(low_high[0] - ends, 0) - np.maximum(low_high[1] - ends, 0)
        return 100 * math.exp(-0.04 * years) * pays

    view = worth(factor) - worth(1.0)
    # At the mid a fair price expects nothing; the smile is off the quotes by a few cents.
    tolerance = 4 * float(view.std()) / 1000 + 6.0
    gain = float(idea.score.expected_value.amount - idea.score.early_exercise.amount)
    assert gain == pytest.approx(float(view.mean()), abs=tolerance)


async def test_calendars_come_with_a_later_expiry(suggest: Suggest) -> None:
    found = await suggest(strategy_type="calendar_call", min_dte=5, max_dte=40)
    assert found.ideas
    assert all(len(idea.draft.combo.expiries) == 2 for idea in found.ideas)


async def test_today_counts_as_an_expiry(suggest: Suggest) -> None:
    found = await suggest(outlook="neutral", min_dte=0, max_dte=0)
    assert found.expiries == (TODAY,)
    assert {idea.draft.analysis.dte for idea in found.ideas} == {0}


async def test_few_quotes_serve_thousands_of_candidates(suggest: Suggest, volatile: VolatileMarket) -> None:
    """The lines of one account are a hundred; the finalists' legs come after the smiles' are free again."""
    found = await suggest(outlook="neutral")
    assert found.quoted <= 100
    assert found.priced > 20 * found.quoted


async def test_what_is_above_the_account_s_level_is_left_out_and_said(suggest: Suggest) -> None:
    found = await suggest(outlook="neutral", level=2)
    assert all(idea.draft.permission_level <= 2 for idea in found.ideas)
    assert any("iron condor" in note and "options level 2" in note for note in found.notes)
    asked = await suggest(strategy_type="iron_condor", level=2, above_level=True)
    assert {idea.draft.permission_level for idea in asked.ideas} == {3}


async def test_a_type_above_the_level_is_refused_with_the_way_out(suggest: Suggest) -> None:
    with pytest.raises(InvalidRequest, match="options level 3 or more") as refused:
        await suggest(strategy_type="iron_condor", level=2)
    assert refused.value.code == "permission_level"


async def test_unlimited_losses_do_not_pass_a_bound_on_the_loss(suggest: Suggest) -> None:
    found = await suggest(strategy_type="short_straddle", max_loss=D(500))
    assert found.ideas == ()
    free = await suggest(strategy_type="short_straddle")
    assert all(isinstance(idea.draft.analysis.payoff.max_loss, Unlimited) for idea in free.ideas)
    assert all(idea.score.margin is not None for idea in free.ideas)


async def test_where_nothing_fits_the_answer_says_what_was_nearest(suggest: Suggest) -> None:
    found = await suggest(strategy_type="long_call", max_loss=D(1))
    assert found.ideas == ()
    assert any("can lose more than 1.00 (the least" in words for words in found.refused)


async def test_without_two_sided_quotes_nothing_is_priced_and_the_reason_is_given(
    suggest: Suggest, bench: Bench, volatile: VolatileMarket
) -> None:
    volatile.missing = {each.con_id for each in await bench.directory.options(SPY, MONTH)}
    found = await suggest(outlook="bullish", min_dte=25, max_dte=35)
    assert (found.ideas, found.priced) == ((), 0)
    assert any("it has no smile" in note for note in found.notes)


async def test_after_hours_the_answer_says_first_that_nothing_trades(
    suggest: Suggest, bench: Bench, volatile: VolatileMarket
) -> None:
    """One sentence with the next opening, not one for every expiry."""
    volatile.missing = {each.con_id for each in await bench.directory.options(SPY, MONTH)}
    bench.directory.hours = "20261117:0930-20261117:1600;20261119:0930-20261119:1600"
    found = await suggest(outlook="bullish", min_dte=25, max_dte=35)
    assert found.ideas == ()
    assert "closed until" in found.notes[0]
    assert not any("it has no smile" in note for note in found.notes)


async def test_without_a_past_the_measure_is_the_market_s_own_and_says_so(
    suggest: Suggest, volatile: VolatileMarket
) -> None:
    volatile.past = {}
    found = await suggest(outlook="bullish")
    assert found.measure.realised is None
    assert any(note.startswith("Realised volatility is not known") for note in found.notes)


async def test_days_without_an_expiry_name_the_nearest(suggest: Suggest) -> None:
    with pytest.raises(UnknownContract, match="expire in 100 to 200 days") as refused:
        await suggest(outlook="bullish", min_dte=100, max_dte=200)
    assert "2027-01-15" in refused.value.expected


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("outlook", {"outlook": "sideways"}),
        ("outlook", {"outlook": "bearish", "strategy_type": "bull_put_spread"}),
        ("strategy_type", {"strategy_type": "iron_condo_of_doom_"}),
        ("min_dte", {"min_dte": 40, "max_dte": 20}),
        ("max_dte", {"max_dte": -1}),
        ("max_loss", {"max_loss": D(0)}),
        ("min_pop", {"min_pop": D(250)}),
        ("min_delta", {"min_delta": D("0.5"), "max_delta": D("0.2")}),
        ("max_width", {"max_width": D(-5)}),
        ("budget", {"budget": D(0)}),
        ("max_delta", {"max_delta": D("1.4")}),
    ],
)
def test_bad_arguments_name_their_field(field: str, arguments: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Wish.read(symbol="SPY", level=4, **arguments)  # type: ignore[arg-type]
    assert refused.value.expected.startswith(f"{field}:")


def test_percent_are_read_as_fractions() -> None:
    wish = Wish.read(symbol="SPY", level=4, min_pop=D(70), min_delta=D(10), max_delta=D(30))
    assert (wish.min_pop, wish.min_delta, wish.max_delta) == (0.7, 0.1, 0.3)


async def test_narrow_condors_are_tried_too(suggest: Suggest) -> None:
    """The body may be wide; `max_width` bounds the wings."""
    found = await suggest(strategy_type="iron_condor", max_width=D(5), min_pop=D("0.3"))
    assert found.ideas
    for idea in found.ideas:
        low, sold_low, sold_high, high = sorted(option.strike for option in idea.draft.combo.options)
        assert max(sold_low - low, high - sold_high) <= 5


async def test_options_of_an_index_are_looked_at(suggest: Suggest) -> None:
    """SPX has a class that is listed under one day and settles on the next."""
    assert (await suggest(symbol="SPX", strategy_type="iron_condor")).ideas


async def test_nobody_can_hold_an_index(suggest: Suggest) -> None:
    with pytest.raises(InvalidRequest, match="which nobody can hold") as refused:
        await suggest(symbol="SPX", strategy_type="covered_call")
    assert refused.value.expected.startswith("strategy_type:")
    mixed = await suggest(symbol="SPX", outlook="bullish")
    assert any("nobody can hold: left out covered call" in note for note in mixed.notes)


async def test_where_only_shares_would_do_on_an_index_the_level_is_said_once(suggest: Suggest) -> None:
    """Neutral at level 2 are covered calls and collars alone."""
    with pytest.raises(InvalidRequest, match="options level 3 or more") as refused:
        await suggest(symbol="SPX", outlook="neutral", level=2)
    assert "above_level=true" in refused.value.next_steps[0]


async def test_neutral_gains_where_the_price_stays(suggest: Suggest) -> None:
    """A collar that needs a rise to break even is no neutral trade."""
    for idea in (await suggest(outlook="neutral")).ideas:
        inside = idea.draft.analysis.payoff.profit_regions
        assert any(low < idea.draft.spot and (high is None or idea.draft.spot < high) for low, high in inside)


async def test_every_bound_holds_on_the_drafts(suggest: Suggest) -> None:
    found = await suggest(outlook="neutral", min_delta=D("0.1"), max_delta=D("0.3"), budget=D(1500))
    assert found.ideas
    for idea in found.ideas:
        assert idea.score.margin is not None
        assert idea.score.margin.amount <= 1500
        sold = [leg.greeks for leg in idea.draft.analysis.legs if leg.leg.ratio < 0]
        assert all(each is not None and 0.1 <= abs(each.delta) <= 0.3 for each in sold)


async def test_with_a_bound_the_narrowest_strikes_are_looked_at(suggest: Suggest) -> None:
    """Every listed strike is, not one in a few: what can be built is not said to be missing."""
    found = await suggest(strategy_type="bull_call_spread", max_width=D(1), min_dte=1, max_dte=60)
    assert found.ideas or any("the narrowest 5" in each for each in found.refused)


async def test_what_a_limit_refuses_comes_last_however_high_its_score(
    suggest: Suggest, limits: dict[StrategyType, str]
) -> None:
    free = await suggest(outlook="bullish")
    best = free.ideas[0].draft.strategy_type
    limits[best] = "C-02: too much"
    found = await suggest(outlook="bullish")
    shown = [idea.draft.strategy_type for idea in found.ideas]
    assert shown[0] is not best
    if best not in shown:
        assert any(f"not shown: {best.words} (C-02: too much)" in note for note in found.notes)


async def test_where_everything_is_refused_it_is_shown_with_the_reason(
    suggest: Suggest, limits: dict[StrategyType, str]
) -> None:
    limits.update(dict.fromkeys(StrategyType, "C-01: the market is closed"))
    found = await suggest(outlook="neutral")
    assert len(found.ideas) == 5
    assert {idea.objections for idea in found.ideas} == {("C-01: the market is closed",)}


TIGHT = Room(shares=25_000.0, premium=5_000.0, loss=10_000.0, assignment=None)


async def test_what_a_limit_would_refuse_takes_no_place_of_what_can_be_done(
    suggest: Suggest, rooms: list[Room]
) -> None:
    """Shares of 60,000 and uncovered options are turned away beforehand, with the limit."""
    rooms.append(TIGHT)
    found = await suggest(outlook="neutral", level=3)
    assert len(found.ideas) == 5
    for idea in found.ideas:
        assert not idea.draft.combo.stock_legs
        assert isinstance(idea.draft.analysis.max_loss, Money)
        assert idea.draft.analysis.max_loss.amount <= 10_000
    assert {"C-02", "C-03"} <= {
        control for each in found.refused for control in ("C-02", "C-03") if control in each
    }


async def test_where_limits_leave_nothing_the_refused_are_shown(suggest: Suggest, rooms: list[Room]) -> None:
    rooms.append(Room(shares=0.0, premium=0.0, loss=0.0, assignment=None))
    assert (await suggest(outlook="bullish")).ideas


async def test_most_rows_hold_the_view_alone(suggest: Suggest, rooms: list[Room]) -> None:
    """A neutral trader sees condors, butterflies or calendars, whatever broken wings score."""
    rooms.append(TIGHT)
    found = await suggest(outlook="neutral", level=3)
    shown = [SHAPES[idea.draft.strategy_type].outlooks for idea in found.ideas]
    assert sum(outlooks == (Outlook.NEUTRAL,) for outlooks in shown) >= 3


async def test_what_cannot_lose_is_a_loan_and_no_idea(suggest: Suggest) -> None:
    """Unless it is asked for by its name."""
    for view in ("neutral", "bullish"):
        for idea in (await suggest(outlook=view)).ideas:
            loss = idea.draft.analysis.max_loss
            assert isinstance(loss, Unlimited) or (loss is not None and loss.amount > 0)
    named = await suggest(strategy_type="conversion")
    assert named.ideas or named.priced
