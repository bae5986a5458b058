"""Building strategies from listed contracts: every strategy, every way of asking, few requests."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from tests.support.fake_market import FAR, MONTH, SPY, TODAY, WEEK, closes, make_option
from tests.unit.strategies.conftest import Bench

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.payoff import Unlimited
from sumppump.domain.quotes import Feed, GreeksSource
from sumppump.kernel.errors import AmbiguousContract, InvalidRequest, NoQuote, SumpPumpError, UnknownContract
from sumppump.kernel.money import Money, Premium
from sumppump.strategies.catalogue import SHAPES, StrategyType
from sumppump.strategies.drafts import DRAFT_LIFE_S, Draft
from sumppump.strategies.shape import Wings

D = Decimal
ALL = list(StrategyType)


def shape_of(draft: Draft) -> list[tuple[int, Right | None]]:
    return [
        (leg.ratio, leg.contract.right if isinstance(leg.contract, OptionContract) else None)
        for leg in draft.combo.legs
    ]


@pytest.mark.parametrize(
    "arguments", [{"dte": 30}, {}, {"width": 10}, {"deltas": [0.3]}, {"dte": 9, "width": 5}]
)
@pytest.mark.parametrize("kind", ALL)
async def test_every_strategy_is_built_from_days_width_or_delta(
    bench: Bench, kind: StrategyType, arguments: dict[str, object]
) -> None:
    """Each row of the catalogue, with nothing but `dte`, with nothing at all, by width, by one delta."""
    draft = await bench.build(kind, **arguments)  # type: ignore[arg-type]
    shape, strikes = SHAPES[kind], sorted({option.strike for option in draft.combo.options})
    assert shape_of(draft) == [
        (leg.ratio * (100 if leg.right is None else 1), leg.right) for leg in shape.legs
    ]
    assert len(strikes) == shape.slots
    assert draft.permission_level == shape.level
    assert draft.analysis.probability_of_profit is not None
    assert len(draft.combo.expiries) == (2 if shape.has_far else 1)
    if "width" in arguments and shape.slots > 1:
        width = Decimal(str(arguments["width"]))
        assert width in {high - low for low, high in pairwise(strikes)}


@pytest.mark.parametrize("kind", ALL)
async def test_named_strikes_are_taken_exactly_and_in_order(bench: Bench, kind: StrategyType) -> None:
    """What the caller named is what is built, at the named date."""
    broken = SHAPES[kind].wings is Wings.UNEQUAL
    prices = (580, 590, 605, 620) if broken else (580, 590, 600, 610)
    wanted = [D(price) for price in prices][: SHAPES[kind].slots]
    draft = await bench.build(kind, strikes=wanted, expiry=MONTH.isoformat(), quantity=3)
    assert sorted({option.strike for option in draft.combo.options}) == wanted
    assert draft.combo.expiries[0] == MONTH
    assert draft.quantity == 3


async def test_net_premium_and_bounds_are_sums_of_the_quotes(bench: Bench) -> None:
    """Bull call spread 600/605: mid of the legs, cash by 100 and quantity, exact to the cent."""
    draft = await bench.build("bull_call_spread", strikes=[600, 605], expiry=MONTH.isoformat(), quantity=2)
    low, high = (bench.market.quote(option) for option in draft.combo.options)
    assert low.mid is not None
    assert high.mid is not None
    assert draft.net_premium == low.mid - high.mid
    assert low.ask is not None
    assert high.bid is not None
    assert draft.net_ask == low.ask - high.bid
    assert draft.analysis.max_loss == Money(draft.net_premium.amount * 200)
    assert draft.analysis.max_profit == Money((5 - draft.net_premium.amount) * 200)
    assert draft.analysis.breakevens == (600 + draft.net_premium.amount,)
    assert draft.analysis.crossing_cost == Money(D("12.00"))
    assert draft.limit_price.amount % D("0.01") == 0


async def test_a_named_pair_costs_five_requests(bench: Bench) -> None:
    """Underlying, classes, one expiry's contracts, the three quotes, and seven of the smile about them."""
    await bench.build("bull_call_spread", strikes=[600, 605], expiry=MONTH.isoformat())
    assert bench.directory.asked == ["underlying SPY", "classes SPY", f"options SPY {MONTH}"]
    assert [len(batch) for batch in bench.market.asked] == [3, 7]


async def test_choosing_strikes_takes_few_quotes(bench: Bench) -> None:
    """Spot, eight probes of the smile, then the legs: fourteen quotes for an iron condor, not a chain."""
    await bench.build("iron_condor", dte=30)
    assert sum(len(batch) for batch in bench.market.asked) <= 14
    assert len(bench.directory.asked) == 3


@pytest.mark.parametrize(("kind", "delta"), [("long_call", 0.25), ("long_put", 0.25), ("covered_call", 0.15)])
async def test_a_target_delta_finds_the_listed_strike_that_is_nearest_to_it(
    bench: Bench, kind: str, delta: float
) -> None:
    """Against the delta of every listed strike of that expiry."""
    draft = await bench.build(kind, deltas=[delta], dte=9)
    chosen = draft.combo.options[0]
    listed = [c for c in await bench.directory.options(SPY, WEEK) if c.right is chosen.right]
    quotes = {c.strike: bench.market.quote(c) for c in listed}
    best = min(quotes, key=lambda k: abs(abs(quotes[k].greeks.delta) - delta))  # type: ignore[union-attr]
    assert abs(chosen.strike - best) <= 1


async def test_days_choose_the_nearest_listed_expiry_and_say_so(bench: Bench) -> None:
    """Listed are 9 and 30 days: 20 is one day nearer to 30, and the note names the date."""
    draft = await bench.build("long_call", dte=20)
    assert draft.combo.expiries == (MONTH,)
    assert any("dte 20: the nearest listed expiry is Fri 2026-12-18, 30 days away" in n for n in draft.notes)
    assert draft.analysis.dte == 30


async def test_a_butterfly_by_default_stands_at_the_spot(bench: Bench) -> None:
    """At the money is the strike nearest the spot, with equal wings."""
    draft = await bench.build("call_butterfly", dte=30)
    low, middle, high = (option.strike for option in draft.combo.options)
    assert middle == 600
    assert middle - low == high - middle


async def test_a_condor_has_wings_of_one_width_unless_each_strike_has_its_delta(bench: Bench) -> None:
    """Skew puts the put of a delta much further out: by default, or with one delta, both wings are alike."""
    for arguments in ({"dte": 9}, {"dte": 9, "deltas": [0.3]}):
        draft = await bench.build("iron_condor", **arguments)
        strikes = sorted(option.strike for option in draft.combo.options)
        assert strikes[1] - strikes[0] == strikes[3] - strikes[2]
    exact = await bench.build("iron_condor", dte=9, deltas=[0.05, 0.2, 0.2, 0.15])
    strikes = sorted(option.strike for option in exact.combo.options)
    assert strikes[1] - strikes[0] > strikes[3] - strikes[2]


async def test_deltas_given_in_the_callers_order_are_put_in_the_strikes_order(bench: Bench) -> None:
    """Long 0.50, short 0.30 of a bear put spread is the only order possible; the reading is said."""
    draft = await bench.build("bear_put_spread", deltas=[0.50, 0.30], dte=30)
    short, long = draft.combo.legs
    assert (short.ratio, long.ratio) == (-1, 1)
    assert short.contract.strike < long.contract.strike  # type: ignore[union-attr]
    assert any("order of rising strikes" in note for note in draft.notes)


UNLISTED = [
    ({"strikes": [600, 602], "expiry": MONTH}, "strike_not_listed", "605"),
    ({"strikes": [600, 605], "expiry": MONTH + timedelta(days=1)}, "expiry_not_listed", "2026-12-18"),
    ({"width": 3, "expiry": MONTH}, "width_not_listed", "5"),
    ({"width": 1000, "expiry": MONTH}, "width_not_listed", "15"),
    ({"strikes": [600, 605], "expiry": TODAY - timedelta(days=1)}, "expiry_past", "2026-11-18"),
]


@pytest.mark.parametrize(("arguments", "code", "neighbour"), UNLISTED)
async def test_what_is_not_listed_is_an_error_that_names_its_neighbours(
    bench: Bench, arguments: dict[str, object], code: str, neighbour: str
) -> None:
    """Never the nearest one silently instead of what was named."""
    arguments = {name: str(v) if name == "expiry" else v for name, v in arguments.items()}
    with pytest.raises(InvalidRequest) as caught:
        await bench.build("bull_call_spread", **arguments)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert neighbour in (caught.value.expected or "")
    assert bench.service.drafts.all() == ()


async def test_an_unknown_symbol_is_repeated_in_the_error(bench: Bench) -> None:
    """The directory's own error comes through."""
    with pytest.raises(UnknownContract, match="SPYY"):
        await bench.build("long_call", symbol="SPYY")


async def test_a_wrong_number_of_deltas_says_how_many_there_are(bench: Bench) -> None:
    """Three deltas for four strikes fit nothing."""
    with pytest.raises(InvalidRequest) as caught:
        await bench.build("iron_condor", deltas=[0.1, 0.2, 0.3])
    assert caught.value.code == "invalid_deltas"


async def test_two_classes_on_a_named_date_are_ambiguous_until_one_is_named(bench: Bench) -> None:
    """SPX settles in the morning, SPXW at the close: nobody may choose for the caller."""
    with pytest.raises(AmbiguousContract, match="several classes") as caught:
        await bench.build("long_call", symbol="SPX", strikes=[600], expiry=MONTH.isoformat())
    assert "SPXW" in (caught.value.found or "")
    draft = await bench.build(
        "long_call", "SPX", strikes=[600], expiry=MONTH.isoformat(), trading_class="spxw"
    )
    assert draft.combo.options[0].trading_class == "SPXW"


@pytest.mark.parametrize("kind", [k for k in ALL if any(leg.right is None for leg in SHAPES[k].legs)])
async def test_an_index_has_no_shares_to_hold(bench: Bench, kind: StrategyType) -> None:
    """The error names the field, before anything is asked of the market."""
    with pytest.raises(InvalidRequest, match="index without any") as caught:
        await bench.build(kind, symbol="SPX", dte=30)
    assert (caught.value.expected or "").startswith("strategy_type: ")
    assert bench.market.asked == []


async def test_on_its_last_day_minutes_are_counted_and_before_it_days_say_enough(bench: Bench) -> None:
    """10:00 to 16:00 are 360 minutes; a month away nobody counts them; after the close there are none."""
    today = await bench.build("long_call", dte=0)
    assert today.analysis.minutes_to_expiry == 360
    assert (await bench.build("long_call", dte=30)).analysis.minutes_to_expiry is None
    bench.clock.advance(90 * 60)
    assert (await bench.service.refresh(today)).analysis.minutes_to_expiry == 270


async def test_a_calendar_sold_is_unlimited_once_its_cover_has_expired(bench: Bench) -> None:
    """At the first expiry it has a bound; the later call lives on uncovered: level 4 and the word."""
    draft = await bench.build("calendar_call", dte=30)
    sold = await bench.service.analyse(draft.combo.reversed, quantity=1, underlying=SPY)
    assert sold.permission_level == 4
    assert any("unlimited" in warning for warning in sold.warnings)
    puts = await bench.build("calendar_put", dte=30)
    assert (
        await bench.service.analyse(puts.combo.reversed, quantity=1, underlying=SPY)
    ).permission_level == 3


async def test_an_index_is_priced_from_its_last_trade_and_as_european(bench: Bench) -> None:
    """An index has no bid and ask; its put's implied volatility is the European one."""
    draft = await bench.build("long_put", symbol="SPX", dte=30)
    assert draft.spot == 600
    leg = draft.analysis.legs[0]
    assert leg.iv == pytest.approx(bench.market.vol(float(draft.combo.options[0].strike), 600.0), abs=1e-3)


async def test_a_leg_without_a_market_is_no_quote_and_no_draft(bench: Bench) -> None:
    """A missing bid is never 0."""
    bench.market.missing = {make_option(SPY, MONTH, 605, Right.CALL).con_id}
    with pytest.raises(NoQuote, match="605C has no bid"):
        await bench.build("bull_call_spread", strikes=[600, 605], expiry=MONTH.isoformat())
    assert bench.service.drafts.all() == ()


async def test_an_underlying_without_a_price_is_no_quote(bench: Bench) -> None:
    """Nothing is computed around a spot that nobody knows."""
    bench.market.missing = {SPY.con_id}
    with pytest.raises(NoQuote, match="SPY has no price"):
        await bench.build("long_call", dte=30)


async def test_missing_broker_greeks_are_computed_and_labelled(bench: Bench) -> None:
    """Ours from the volatility of the mid, close to the model's, with their own source."""
    option = make_option(SPY, MONTH, 600, Right.CALL)
    theirs = bench.market.quote(option).greeks
    bench.market.no_greeks = {option.con_id}
    draft = await bench.build("long_call", strikes=[600], expiry=MONTH.isoformat())
    ours = draft.analysis.legs[0].greeks
    assert ours is not None
    assert theirs is not None
    assert (ours.source, theirs.source) == (GreeksSource.COMPUTED, GreeksSource.IBKR_MODEL)
    assert ours.delta == pytest.approx(theirs.delta, abs=1e-3)
    assert ours.theta == pytest.approx(theirs.theta, abs=1e-3)
    assert ours.rho is not None


async def test_delayed_quotes_are_said_and_their_greeks_labelled(bench: Bench) -> None:
    """Delayed data gives delayed Greeks and a warning."""
    bench.market.feed = Feed.DELAYED
    bench.market.no_greeks = {make_option(SPY, MONTH, 600, Right.CALL).con_id}
    draft = await bench.build("long_call", strikes=[600], expiry=MONTH.isoformat())
    greeks = draft.analysis.legs[0].greeks
    assert greeks is not None
    assert greeks.source is GreeksSource.DELAYED_COMPUTED
    assert any("delayed" in warning for warning in draft.warnings)


async def test_order_greeks_are_signed_sums_over_legs_shares_and_quantity(bench: Bench) -> None:
    """Covered call, 2 of them: 200 shares less twice the call's delta on 100 shares; theta in cash a day."""
    draft = await bench.build("covered_call", strikes=[620], expiry=MONTH.isoformat(), quantity=2)
    call = draft.analysis.legs[1].greeks
    assert call is not None
    assert draft.analysis.greeks.delta == pytest.approx(200 - 200 * call.delta)
    assert draft.analysis.greeks.theta == pytest.approx(-200 * call.theta)
    assert draft.analysis.greeks.delta_dollars == pytest.approx((200 - 200 * call.delta) * 600)
    assert draft.analysis.greeks.rho is None  # the broker's model gives none


async def test_unlimited_loss_is_a_type_a_level_and_a_warning_with_that_word(bench: Bench) -> None:
    """Short strangle: no number stands for the maximum loss."""
    draft = await bench.build("short_strangle", dte=30)
    assert isinstance(draft.analysis.max_loss, Unlimited)
    assert draft.permission_level == 4
    assert any("unlimited" in warning for warning in draft.warnings)
    assert "Reg T" in draft.analysis.capital_note


async def test_the_net_premium_is_said_as_paying_or_receiving(bench: Bench) -> None:
    """Debit: you PAY; credit: you RECEIVE; with the cash of the whole order."""
    pay = await bench.build("bull_call_spread", strikes=[600, 605], expiry=MONTH.isoformat(), quantity=2)
    get = await bench.build("bull_put_spread", strikes=[595, 600], expiry=MONTH.isoformat())
    assert pay.analysis.premium_words.startswith(f"you PAY ${pay.net_premium.amount * 200:.2f}")
    assert get.analysis.premium_words.startswith(f"you RECEIVE ${-get.net_premium.amount * 100:.2f}")
    assert get.net_premium.is_credit


async def test_expected_value_is_near_zero_and_says_why(bench: Bench) -> None:
    """At the mid the risk-neutral mean is zero by construction; with dividends: test_exercise_rights."""
    for kind in ("bull_call_spread", "long_call", "covered_call"):
        draft = await bench.build(kind, dte=30)
        assert draft.analysis.expected_value is not None
        assert abs(draft.analysis.expected_value.amount) <= D("0.02")
        assert "by construction" in draft.analysis.expected_value_note


async def test_on_its_last_day_an_option_is_measured_in_hours(bench: Bench) -> None:
    """0DTE at 10:00: six hours are left; probabilities and prices exist, and the day is said."""
    draft = await bench.build("iron_condor", dte=0)
    assert draft.combo.expiries == (TODAY,)
    assert draft.analysis.dte == 0
    assert 0.3 < (draft.analysis.probability_of_profit or 0) < 0.95
    assert "It expires today." in draft.warnings


async def test_after_the_close_today_is_gone(bench: Bench) -> None:
    """By days the next expiry takes its place; named, it is an error."""
    bench.clock.at = closes(TODAY) + timedelta(minutes=1)
    draft = await bench.build("long_call", dte=0)
    assert draft.combo.expiries == (WEEK,)
    with pytest.raises(InvalidRequest) as caught:
        await bench.build("long_call", strikes=[600], expiry=TODAY.isoformat())
    assert caught.value.code == "expiry_past"


async def test_a_calendar_takes_a_later_expiry_and_names_it(bench: Bench) -> None:
    """The same strike on both dates; a far date that is not later is refused."""
    draft = await bench.build("calendar", dte=30)
    assert draft.strategy_type is StrategyType.CALENDAR_CALL
    assert draft.combo.expiries == (MONTH, FAR)
    assert any("later expiry is Fri 2027-01-15" in note for note in draft.notes)
    with pytest.raises(SumpPumpError, match="far_expiry"):
        await bench.build("calendar", expiry=MONTH.isoformat(), far_expiry=WEEK.isoformat())


async def test_a_refreshed_draft_keeps_its_id_and_takes_the_market_of_now(bench: Bench) -> None:
    """The market rises: the spread costs more, the draft's name and life stay, the kept one is unchanged."""
    draft = await bench.build("bull_call_spread", strikes=[600, 605], expiry=MONTH.isoformat())
    bench.market.spot += 5
    bench.clock.advance(60)
    fresh = await bench.service.refresh(draft, quantity=4)
    assert (fresh.strategy_id, fresh.expires, fresh.quantity) == (draft.strategy_id, draft.expires, 4)
    assert fresh.net_premium > draft.net_premium
    assert fresh.as_of > draft.as_of
    assert bench.service.drafts.get(draft.strategy_id) is draft


async def test_another_premium_moves_the_bounds_with_it(bench: Bench) -> None:
    """A limit a dime below the mid loses ten dollars less per combo."""
    draft = await bench.build("bull_call_spread", strikes=[600, 605], expiry=MONTH.isoformat())
    cheaper = await bench.service.at_premium(draft, draft.net_premium - Premium(D("0.10")))
    assert isinstance(cheaper.max_loss, Money)
    assert isinstance(draft.analysis.max_loss, Money)
    assert draft.analysis.max_loss - cheaper.max_loss == Money(D(10))


async def test_any_combo_can_be_analysed(bench: Bench) -> None:
    """A reversed spread is a credit of the same size; its level follows from what it is."""
    draft = await bench.build("bull_call_spread", strikes=[600, 605], expiry=MONTH.isoformat())
    closing = await bench.service.analyse(draft.combo.reversed, quantity=1, underlying=SPY)
    assert closing.net_premium == -draft.net_premium
    assert closing.permission_level == 3
    assert closing.max_profit == draft.analysis.max_loss


async def test_drafts_live_half_an_hour_of_the_monotonic_clock(bench: Bench) -> None:
    """A jump of the exchange's clock does not end them; thirty minutes that pass do."""
    draft = await bench.build("long_call", dte=30)
    bench.clock.at += timedelta(days=2)
    assert bench.service.drafts.get(draft.strategy_id) is draft
    bench.clock.seconds += DRAFT_LIFE_S + 1
    with pytest.raises(SumpPumpError) as caught:
        bench.service.drafts.get(draft.strategy_id)
    assert caught.value.code == "draft_gone"


async def test_a_quote_too_wide_to_tell_a_volatility_gives_way_to_the_brokers(bench: Bench) -> None:
    """Deep in the money half the spread is worth many points: the broker's model is nearer the truth."""
    bench.market.half_spread = D("1.50")
    draft = await bench.build("long_call", strikes=[545], expiry=WEEK.isoformat())
    leg = draft.analysis.legs[0]
    assert leg.greeks is not None
    assert leg.iv == leg.greeks.iv


async def test_short_strikes_and_breakevens_have_a_probability_of_being_touched(bench: Bench) -> None:
    """Touching a short strike is likelier than ending beyond it: about twice its delta."""
    draft = await bench.build("bull_put_spread", strikes=[570, 585], expiry=MONTH.isoformat())
    short = draft.analysis.legs[1].greeks
    touches = {touch.what: touch for touch in draft.analysis.touches}
    assert short is not None
    assert touches["short strike"].level == 585
    assert touches["breakeven"].level == draft.analysis.breakevens[0]
    assert abs(short.delta) < touches["short strike"].probability < 2.2 * abs(short.delta)


async def test_a_combo_outside_the_catalogue_gets_its_level_from_its_loss(bench: Bench) -> None:
    """Selling what was a long strangle is uncovered: level 4, whatever it is called."""
    draft = await bench.build("long_strangle", dte=30)
    sold = await bench.service.analyse(draft.combo.reversed, quantity=1, underlying=SPY)
    assert sold.permission_level == 4
