"""What left a trade without an order of its own: expiry leg by leg, and trades that offset each other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.crash.program import SPREAD, Program
from tests.support.fake_market import SPX, SPY, make_option
from tests.support.fake_venue import NewOrder
from tests.unit.execution.conftest import Play
from tests.unit.execution.test_closing import held, states

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right, Underlying
from sumppump.domain.leg_ends import LegEnd, LegFate
from sumppump.domain.orders import Fill, OrderState, Purpose
from sumppump.execution.departures import Loss
from sumppump.execution.expiry import expired, shares_before
from sumppump.execution.netting import netted, netting
from sumppump.execution.overlap import overlap_notes
from sumppump.execution.reporting import due_step
from sumppump.execution.stakes import Stake, needed
from sumppump.ports.broker import PositionsChanged

DAY, LATER = date(2026, 3, 2), date(2026, 4, 17)
CLOSE = datetime.fromisoformat("2026-03-02T16:00:00-05:00")
AFTER = CLOSE + timedelta(minutes=5)


def option(strike: int, right: Right = Right.CALL, *, of: Underlying = SPY, on: date = DAY) -> OptionContract:
    """A listed option; of an index the one that settles in cash in the afternoon."""
    return make_option(of, on, strike, right, "SPXW" if of is SPX else "")


def stake(name: str, *legs: tuple[OptionContract | Underlying, int], held: int = 1) -> Stake:
    """What a trade holds: contracts with their ratios."""
    combo = Combo(tuple(Leg(contract=contract, ratio=ratio) for contract, ratio in legs))
    return Stake(strategy_id=name, title=name, combo=combo, held=held)


def told(contract: OptionContract | Underlying, side: str, quantity: int, price: str) -> Fill:
    """An execution of the clearing house at the close."""
    return Fill(
        exec_base=f"{contract.con_id}.{side}.{price}", revision=1, order_ref="", perm_id=0, order_id=0,
        client_id=0, account="SIM0000417", con_id=contract.con_id, sec_type=contract.sec_type.value,
        symbol=contract.symbol, side=side, quantity=Decimal(quantity), price=Decimal(price), at=CLOSE,
    )  # fmt: skip


def end(found: Sequence[Stake], *fills: Fill, account: Counter[int] | None = None) -> dict[str, Loss]:
    """What expiry makes of trades five minutes after the close."""
    gone = expired(found, account or Counter(), fills, AFTER)
    return {loss.strategy_id: loss for loss in gone}


def fates(loss: Loss) -> list[LegFate]:
    """What became of the legs, in their order."""
    return [leg.fate for leg in loss.legs]


def test_an_option_that_was_let_go_at_nothing_expired_worthless() -> None:
    """The clearing house takes it out at 0 and moves no shares."""
    call = option(600)
    loss = end([stake("a", (call, 1))], told(call, "SELL", 1, "0"))["a"]
    assert (fates(loss), loss.evidence) == ([LegFate.EXPIRED], "expired worthless")
    assert (loss.held, loss.is_proven, loss.at) == (0, True, CLOSE)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(hours=5)])
def test_shares_need_not_be_told_in_the_second_in_which_the_option_was(late: timedelta) -> None:
    """Strike, side, quantity and session tell which shares they are."""
    put = option(600, Right.PUT)
    moved = told(SPY, "BUY", 100, "600")
    rows = (told(put, "BUY", 1, "0"), replace(moved, at=moved.at + late))
    loss = end([stake("a", (put, -1))], *rows, account=Counter({SPY.con_id: 100}))["a"]
    assert (fates(loss), loss.is_proven) == ([LegFate.ASSIGNED], True)


def test_an_option_at_nothing_is_untold_while_the_account_has_shares_that_nobody_explains() -> None:
    """The shares are there and their row is not told yet: no win is made of it, and a second look is due."""
    put = option(600, Right.PUT)
    row = told(put, "BUY", 1, "0")
    loss = end([stake("a", (put, -1))], row, account=Counter({SPY.con_id: 100}))["a"]
    assert (fates(loss), loss.legs[0].price, loss.is_proven) == ([LegFate.UNTOLD], None, False)
    assert "the account holds +100 shares of SPY" in loss.evidence


@pytest.mark.parametrize(
    ("before", "now", "fate"),
    [(100, 100, LegFate.EXPIRED), (100, 0, LegFate.UNTOLD), (0, -100, LegFate.UNTOLD)],
)
def test_shares_of_other_hands_are_no_sign_as_long_as_they_stay(before: int, now: int, fate: LegFate) -> None:
    """What the account held while the option was there is what is compared."""
    call = option(600)
    found, shares = [stake("a", (call, -1))], SPY.con_id
    seen = dict(shares_before(found, Counter({call.con_id: -1, shares: before}), ()))
    (loss,) = expired(found, Counter({shares: now}), (told(call, "BUY", 1, "0"),), AFTER, seen)
    assert (fates(loss), loss.is_proven) == ([fate], fate is LegFate.EXPIRED)


def test_shares_of_another_strike_do_not_make_an_option_untold() -> None:
    """A row explains them: of a condor's puts one was assigned, the other let go."""
    low, high = option(590, Right.PUT), option(600, Right.PUT)
    rows = (told(low, "SELL", 1, "0"), told(high, "BUY", 1, "0"), told(SPY, "BUY", 100, "600"))
    loss = end([stake("a", (low, 1), (high, -1))], *rows, account=Counter({SPY.con_id: 100}))["a"]
    assert (fates(loss), loss.is_proven) == ([LegFate.EXPIRED, LegFate.ASSIGNED], True)


def test_in_the_first_minute_an_option_at_nothing_needs_a_second_reading() -> None:
    """Its shares may be on their way."""
    call = option(600)
    row = told(call, "SELL", 1, "0")
    (loss,) = expired([stake("a", (call, 1))], Counter(), (row,), CLOSE + timedelta(seconds=1))
    assert (fates(loss), loss.is_proven) == ([LegFate.EXPIRED], False)


def test_one_row_of_shares_is_not_given_to_a_call_and_a_put_of_one_strike() -> None:
    """A held call and an owed put bring shares at the same price: a hundred came by one of the two."""
    call, put = option(600), option(600, Right.PUT)
    rows = (told(call, "SELL", 1, "0"), told(put, "BUY", 1, "0"), told(SPY, "BUY", 100, "600"))
    loss = end([stake("a", (call, 1), (put, -1))], *rows, account=Counter({SPY.con_id: 100}))["a"]
    assert fates(loss) == [LegFate.UNTOLD, LegFate.UNTOLD]
    assert not loss.is_proven


def test_an_index_option_says_what_it_paid() -> None:
    """Cash per share, the same for both sides."""
    low, high = option(5900, of=SPX), option(5905, of=SPX)
    loss = end([stake("a", (low, 1), (high, -1))], told(low, "SELL", 1, "3.35"), told(high, "BUY", 1, "0"))[
        "a"
    ]
    assert [(leg.fate, leg.price) for leg in loss.legs] == [
        (LegFate.CASH_SETTLED, Decimal("3.35")),
        (LegFate.EXPIRED, Decimal(0)),
    ]
    assert "settled in cash at 3.35" in loss.evidence


@pytest.mark.parametrize(
    ("right", "ratio", "fate", "shares"),
    [
        (Right.CALL, 1, LegFate.EXERCISED, 100),
        (Right.PUT, 1, LegFate.EXERCISED, -100),
        (Right.CALL, -1, LegFate.ASSIGNED, -100),
        (Right.PUT, -1, LegFate.ASSIGNED, 100),
    ],
)
def test_shares_at_the_strike_tell_exercise_from_assignment(
    right: Right, ratio: int, fate: LegFate, shares: int
) -> None:
    """Calls bring shares to who is long, puts take them; the other way round for who is short."""
    contract = option(600, right)
    moved = told(SPY, "BUY" if shares > 0 else "SELL", 100, "600")
    loss = end([stake("a", (contract, ratio))], told(contract, "SELL" if ratio > 0 else "BUY", 1, "0"), moved)
    (leg,) = loss["a"].legs
    assert (leg.fate, leg.shares, leg.strike) == (fate, shares, Decimal(600))
    assert f"100 shares of SPY {'are now held' if shares > 0 else 'were delivered'}" in loss["a"].evidence


def test_shares_that_are_called_away_leave_with_the_call() -> None:
    """A covered call that is assigned ends whole, at the strike."""
    call = option(600)
    loss = end(
        [stake("a", (SPY, 100), (call, -1))], told(call, "BUY", 1, "0"), told(SPY, "SELL", 100, "600")
    )["a"]
    assert fates(loss) == [LegFate.DELIVERED, LegFate.ASSIGNED]


def test_what_has_not_expired_is_a_position_of_its_own() -> None:
    """The near month of a calendar ends the calendar, not the far one."""
    near, far = option(600), option(600, on=LATER)
    found = end(
        [stake("a", (near, -1), (far, 1))], told(near, "BUY", 1, "0"), account=Counter({far.con_id: 1})
    )
    assert fates(found["a"]) == [LegFate.EXPIRED, LegFate.KEPT]
    assert "still held: +1 SPY 2026-04-17 600C" in found["a"].evidence


def test_two_trades_in_one_contract_both_end() -> None:
    """What has expired has gone from both, whoever held it."""
    call, put = option(600), option(600, Right.PUT)
    found = end(
        [stake("a", (call, 1)), stake("b", (call, 1), (put, 1))],
        told(call, "SELL", 2, "0"),
        told(SPY, "BUY", 200, "600"),
        told(put, "SELL", 1, "0"),
    )
    assert [leg.shares for leg in found["a"].legs] == [100]
    assert [leg.shares for leg in found["b"].legs] == [100, 0]


def test_a_partial_assignment_of_two_trades_is_nobody_s_for_certain() -> None:
    """Nobody says whose contract was drawn, so no result is made up."""
    put = option(600, Right.PUT)
    found = end(
        [stake("a", (put, -1)), stake("b", (put, -1))], told(put, "BUY", 2, "0"), told(SPY, "BUY", 100, "600")
    )
    assert fates(found["a"]) == fates(found["b"]) == [LegFate.UNTOLD]
    assert found["a"].legs[0].price is None


def test_an_exercise_before_expiry_is_no_expiry() -> None:
    """The clearing house took the put weeks ahead; the long leg stays as a position of its own."""
    short, long = option(600, Right.PUT, on=LATER), option(590, Right.PUT, on=LATER)
    found = end(
        [stake("a", (short, -1), (long, 1))],
        told(short, "BUY", 1, "0"),
        told(SPY, "BUY", 100, "600"),
        account=Counter({long.con_id: 1, SPY.con_id: 100}),
    )["a"]
    assert fates(found) == [LegFate.ASSIGNED, LegFate.KEPT]
    assert (found.evidence.partition(":")[0], found.at) == ("before expiry", CLOSE)


def test_an_end_that_nobody_told_needs_a_second_reading() -> None:
    """Past its settlement and gone from the account: ended, but how is not known."""
    loss = end([stake("a", (option(600), 1))])["a"]
    assert (fates(loss), loss.is_proven) == ([LegFate.UNTOLD], False)


@pytest.mark.parametrize("account", [Counter({option(600).con_id: 1}), Counter[int]()])
def test_nothing_has_expired_while_it_is_held_or_before_its_time(account: Counter[int]) -> None:
    """TWS may show an expired option for hours; before the close a missing one has left by another door."""
    now = AFTER if account else CLOSE - timedelta(hours=1)
    assert expired([stake("a", (option(600), 1))], account, (), now) == ()


def lost(*found: Stake) -> dict[str, int]:
    """Combos that netting ends, by trade."""
    return {name: count for name, count in netting(found).lost.items() if count}


def test_a_call_sold_by_another_trade_is_closed_and_that_trade_keeps_the_rest() -> None:
    """The account holds the far call alone, and neither a near one nor a calendar."""
    near, far = option(600), option(600, on=LATER)
    old, new = stake("call", (near, 1)), stake("calendar", (near, -1), (far, 1))
    gone = {loss.strategy_id: loss for loss in netted([old, new], Counter({far.con_id: 1}))}
    assert [leg.fate for leg in gone["call"].legs] == [LegFate.OFFSET]
    assert [leg.fate for leg in gone["calendar"].legs] == [LegFate.OFFSET, LegFate.KEPT]
    assert gone["call"].evidence.startswith("closed by calendar")
    assert "still held: +1 SPY 2026-04-17 600C" in gone["calendar"].evidence


def test_the_oldest_is_closed_first() -> None:
    """First in, first out: of two alike the newer one goes on."""
    call, low = option(605), option(600)
    assert lost(stake("a", (call, 1)), stake("b", (call, 1)), stake("c", (call, -1), (low, 1))) == {
        "a": 1,
        "c": 1,
    }


def test_a_part_is_closed_and_the_rest_goes_on() -> None:
    """Three held, one sold by another trade."""
    call, low = option(605), option(600)
    assert lost(stake("a", (call, 1), held=3), stake("b", (call, -1), (low, 1))) == {"a": 1, "b": 1}


def test_spreads_that_share_one_leg_both_go_on() -> None:
    """Each has a leg of its own left; together they are what the account holds."""
    a, b, c = (option(strike) for strike in (600, 605, 610))
    assert lost(stake("low", (a, 1), (b, -1)), stake("high", (b, 1), (c, -1))) == {}


def test_spreads_that_share_one_leg_both_end_when_what_is_left_of_them_is_closed_at_once() -> None:
    """The account held one wider spread; the order that closed it belongs to neither."""
    a, b, c = (option(strike) for strike in (600, 605, 610))
    low, high = stake("low", (a, 1), (b, -1)), stake("high", (b, 1), (c, -1))
    closing = stake("net", (a, -1), (c, 1))
    gone = {loss.strategy_id: loss for loss in netted([low, high], Counter[int](), [closing])}
    assert {name: loss.held for name, loss in gone.items()} == {"low": 0, "high": 0}
    assert {leg.fate for loss in gone.values() for leg in loss.legs} == {LegFate.OFFSET}
    assert gone["low"].evidence.startswith("closed by high and net")


def test_an_exit_of_another_hand_s_position_ends_no_trade_of_ours() -> None:
    """Bought in TWS and closed here; a trade of ours in the same contract is held still."""
    call = option(600)
    ours, closing = stake("ours", (call, 1)), stake("theirs", (call, -1))
    assert netted([ours], Counter({call.con_id: 1}), [closing]) == ()


def test_what_a_dying_trade_had_offset_goes_with_it() -> None:
    """A straddle closes a butterfly's body; the spread that had offset its wing lost that leg too."""
    put, body, mid, wing = option(590, Right.PUT), option(600, Right.PUT), option(600), option(610)
    fly = stake("fly", (put, 1), (body, -1), (mid, -1), (wing, 1))
    spread = stake("spread", (option(605), 1), (wing, -1))
    assert lost(fly, spread, stake("straddle", (body, 1), (mid, 1))) == {"fly": 1, "spread": 1, "straddle": 1}


def test_an_account_that_disagrees_ends_nothing() -> None:
    """Other hands trade the same contract: nobody can say what closed what."""
    near, far = option(600), option(600, on=LATER)
    found = [stake("call", (near, 1)), stake("calendar", (near, -1), (far, 1))]
    assert netted(found, Counter({near.con_id: 1, far.con_id: 1})) == ()


LEGS = st.dictionaries(st.integers(0, 3), st.sampled_from([-2, -1, 1, 2]), min_size=1, max_size=3)


@given(st.lists(st.tuples(LEGS, st.integers(1, 3)), min_size=1, max_size=5))
def test_what_is_left_of_all_trades_is_what_the_account_holds(
    wishes: list[tuple[dict[int, int], int]],
) -> None:
    """Whatever offsets whatever: combos that go on and legs that were kept add up to the positions."""
    found = [_drawn(place, legs, held) for place, (legs, held) in enumerate(wishes)]
    account = needed(found)
    gone = {loss.strategy_id: loss for loss in netted(found, account)}
    left = Counter[int]()
    for each in found:
        loss = gone.get(each.strategy_id)
        for leg in each.combo.legs:
            left[leg.contract.con_id] += leg.ratio * (each.held if loss is None else loss.held)
        left.update(_kept(loss.legs if loss else ()))
    assert {key: count for key, count in left.items() if count} == {k: n for k, n in account.items() if n}
    assert all(loss.held >= 0 for loss in gone.values())


def _drawn(place: int, legs: dict[int, int], held: int) -> Stake:
    """A trade of these strikes and ratios, brought to lowest terms."""
    common = 1 if 1 in map(abs, legs.values()) else 2
    contracts = [(option(600 + 5 * key), ratio // common) for key, ratio in legs.items()]
    return stake(f"s{place}", *contracts, held=held)


def _kept(legs: Sequence[LegEnd]) -> dict[int, int]:
    return {leg.con_id: leg.quantity for leg in legs if leg.fate is LegFate.KEPT}


async def closed_by_hand(program: Program) -> None:
    """One spread is sold in TWS, and the broker says that positions have changed."""
    foreign = replace(program.order(SPREAD.reversed, "-2.00"), order_ref="")
    program.venue.send(NewOrder(foreign, order_id=0, client_id=0))
    await asyncio.sleep(0.1)
    program.venue.fill("")
    program.broker.deliver(PositionsChanged())


def test_the_kill_switch_takes_an_exit_whose_position_is_gone(play: Play) -> None:
    """Settled 8: protective stops stay; one that guards nothing would open a position, and that is risk."""

    async def story(program: Program) -> None:
        await held(program)
        await closed_by_hand(program)
        await asyncio.sleep(0.5)  # one reading proves nothing
        killed = await program.service.kill("enough")
        assert "0 working order(s) are being cancelled" in killed.message
        assert "Order 2 (stop) is for 1, and one reading shows 0 held: it stays" in killed.message
        assert states(program, Purpose.STOP) == [OrderState.LIVE]
        await asyncio.sleep(4.0)  # the second reading has confirmed it; the switch is still set
        assert states(program, Purpose.STOP) == [OrderState.CANCELLED]

    play(story)


def test_the_kill_switch_takes_an_exit_that_outlived_its_trade(play: Play) -> None:
    """The second reading has booked it as gone and the cancel was lost: nothing is in doubt any more."""

    async def story(program: Program) -> None:
        await held(program)
        await closed_by_hand(program)
        program.venue.holding = True
        await asyncio.sleep(4.0)
        assert program.ledger.book.held("stg_1") == 0
        killed = await program.service.kill("enough")
        assert "exits whose position is gone would open one, and go" in killed.message

    play(story)


def test_the_kill_switch_keeps_the_stop_of_what_is_held_in_part_and_says_so(play: Play) -> None:
    """Two held and guarded, one closed in TWS: one reading takes no stop from the one that is left."""

    async def story(program: Program) -> None:
        await held(program, 2)
        await closed_by_hand(program)
        await asyncio.sleep(0.5)
        killed = await program.service.kill("enough")
        await asyncio.sleep(0.5)
        assert states(program, Purpose.STOP) == [OrderState.LIVE]
        assert "Order 2 (stop) is for 2, and one reading shows 1 held: it stays" in killed.message
        assert "0 working order(s) are being cancelled" in killed.message

    play(story)


def test_an_order_says_what_it_closes_offsets_or_leaves_alone(play: Play) -> None:
    """Whole trades, parts of them, contracts of other hands; another strike is another contract."""

    async def story(program: Program) -> None:
        await held(program)
        book, positions = program.ledger.book, await program.broker.positions()

        def said(*legs: tuple[OptionContract, int]) -> str:
            return " ".join(overlap_notes(book, program.order(combo_of(*legs)), positions))

        (long, short), other = (leg.contract for leg in SPREAD.legs), option(610, on=LATER)
        assert isinstance(long, OptionContract)
        assert isinstance(short, OptionContract)
        assert said((other, 1)) == ""
        assert said((other, 1), (long, 1)) == ""
        whole = said((long, -1), (short, 1), (other, 1))
        assert f"closes your held +1 {long.label}, -1 {short.label}" in whole
        assert "(stop) cancelled as the position goes" in whole
        assert f"Of this order +1 {other.label} alone is held afterwards" in whole
        assert "both trades go on" in said((long, -1), (other, 1))

    play(story)


def test_an_order_says_what_it_closes_of_other_hands(play: Play) -> None:
    """Nobody here opened it, and it is closed all the same."""

    async def story(program: Program) -> None:
        order = program.order(combo_of((option(600), -1), (option(605), 1)))
        position = Position(account="SIM0000417", instrument=option(600), quantity=3, avg_cost=Decimal(1))
        (said,) = overlap_notes(program.ledger.book, order, [position])
        assert said == "This order closes +1 SPY 2026-03-02 600C, opened by other hands."

    play(story)


def combo_of(*legs: tuple[OptionContract, int]) -> Combo:
    """A combo of contracts with their ratios."""
    return Combo(tuple(Leg(contract=contract, ratio=ratio) for contract, ratio in legs))


def test_nothing_is_due_for_options_that_wait_for_their_settlement(play: Play) -> None:
    """A broker may show them for hours after the close; a stop would be refused."""

    async def story(program: Program) -> None:
        await held(program, with_stop=False)
        (trade,) = program.service.trades()
        settles = max(each.settles for each in SPREAD.options)
        assert due_step(program.ledger.book, trade, settles - timedelta(seconds=1)).startswith("set a stop")
        assert due_step(program.ledger.book, trade, settles).startswith("wait for the broker's settlement")

    play(story)
