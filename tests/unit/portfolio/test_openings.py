"""What the journal opened as one stays one, a roll keeps its history, and what others did changes nothing."""

from __future__ import annotations

from decimal import Decimal

from tests.support.fake_market import FAR, MONTH, SPY, make_option
from tests.unit.portfolio.journals import ACCOUNT, Diary

from sumppump.domain.account import Position
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, Right
from sumppump.portfolio.openings import openings, trades_behind
from sumppump.strategies.recognise import recognise


def option(strike: int, right: Right = Right.CALL, expiry: object = MONTH) -> Instrument:
    return make_option(SPY, expiry, strike, right)  # type: ignore[arg-type]


def combo(*legs: tuple[int, Instrument]) -> Combo:
    return Combo(tuple(Leg(contract=contract, ratio=ratio) for ratio, contract in legs))


def held(*rows: tuple[int, Instrument]) -> list[Position]:
    return [
        Position(account=ACCOUNT, instrument=contract, quantity=count, avg_cost=Decimal(1))
        for count, contract in rows
    ]


def cut(diary: Diary, rows: list[Position]) -> list[tuple[str, int]]:
    found = recognise(rows, [each.together for each in openings(diary.book)])
    return sorted((each.name, each.quantity) for each in found)


BELOW = combo((1, option(570, Right.PUT)), (-1, option(580, Right.PUT)))
ABOVE = combo((-1, option(610)), (1, option(620)))
CONDOR = [
    *((1, option(570, Right.PUT)), (-1, option(580, Right.PUT))),
    *((-1, option(610)), (1, option(620))),
]


def test_two_trades_of_ours_stay_two_though_together_they_have_a_name() -> None:
    """Each has its own stop and its own way out; strangers' legs are one condor."""
    diary = Diary()
    assert cut(diary, held(*CONDOR)) == [("iron_condor", 1)]
    diary.opens("one", BELOW, "-1.00")
    diary.opens("two", ABOVE, "-1.00")
    assert cut(diary, held(*CONDOR)) == [("bear_call_spread", 1), ("bull_put_spread", 1)]


def test_a_trade_that_others_have_added_to_keeps_its_own_part() -> None:
    """Two put spreads, one of them ours: the other one makes a condor with the strangers' calls."""
    diary = Diary()
    diary.opens("one", BELOW, "-1.00")
    rows = held((2, CONDOR[0][1]), (-2, CONDOR[1][1]), *CONDOR[2:])
    assert cut(diary, rows) == [("bull_put_spread", 1), ("iron_condor", 1)]


def test_a_short_strangle_is_given_up_for_the_wings_that_cover_it() -> None:
    """Two trades that leave nothing uncovered together are shown together: the loss is bounded."""
    diary = Diary()
    diary.opens("shorts", combo(CONDOR[1], CONDOR[2]), "-4.00")
    diary.opens("wings", combo(CONDOR[0], CONDOR[3]), "2.00")
    assert cut(diary, held(*CONDOR)) == [("iron_condor", 1)]


def test_what_the_account_no_longer_holds_is_not_kept_together() -> None:
    """Half of it was closed by hand: only what is there has a name."""
    diary = Diary()
    diary.opens("two", ABOVE, "-1.00", quantity=2)
    assert cut(diary, held((-1, option(610)), (1, option(620)))) == [("bear_call_spread", 1)]
    assert cut(diary, held((-2, option(610)), (1, option(620)))) == [
        ("bear_call_spread", 1),
        ("short_call", 1),
    ]


def test_a_closed_trade_holds_nothing_and_a_part_closed_one_the_rest() -> None:
    """By executions, not by wishes."""
    diary = Diary()
    diary.opens("one", ABOVE, "-1.00", quantity=3)
    diary.closes("one", "0.50", quantity=1)
    (opening,) = openings(diary.book)
    assert opening.together.quantity == 2
    diary.closes("one", "0.40", quantity=2)
    assert openings(diary.book) == ()


def test_a_position_that_a_roll_made_keeps_its_history() -> None:
    """Short December is bought back and January sold in one order: what is left comes from both trades."""
    near, far = option(610), option(610, expiry=FAR)
    diary = Diary()
    diary.opens("first", combo((-1, near)), "-4.00")
    diary.opens("roll", combo((1, near), (-1, far)), "-2.00")
    (opening,) = openings(diary.book)
    assert opening.trades == ("first", "roll")
    assert dict(opening.counts) == {far.con_id: -1}
    assert trades_behind(combo((-1, far)), [opening]) == (opening,)
    assert trades_behind(combo((1, far)), [opening]) == ()


def test_a_condor_whose_calls_were_rolled_up_is_still_the_condor_of_its_first_trade() -> None:
    """Four legs opened, two of them exchanged in one order: four legs, one name, both trades."""
    diary = Diary()
    diary.opens("condor", combo(*CONDOR), "-2.00")
    up = combo((1, option(610)), (-1, option(620)), (-1, option(625)), (1, option(635)))
    diary.opens("roll", up, "0.80")
    (opening,) = openings(diary.book)
    assert opening.trades == ("condor", "roll")
    rows = held(*CONDOR[:2], (-1, option(625)), (1, option(635)))
    assert cut(diary, rows) == [("iron_condor", 1)]


def test_a_trade_that_undid_all_of_another_leaves_nothing() -> None:
    """Opened against each other, the account is flat."""
    diary = Diary()
    diary.opens("one", ABOVE, "-1.00")
    diary.opens("two", ABOVE.reversed, "0.70")
    assert openings(diary.book) == ()
