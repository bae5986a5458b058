"""Scenario files, the ready-made days, and faults that come by seed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab
from tests.protocol.trouble.days import WALL, Liver
from tests.protocol.trouble.scenes import filling, of, resting, ticked

from sumppump.exchange.calendar.clock import ExchangeClock
from sumppump.exchange.control import Conductor, parse
from sumppump.exchange.trouble.director import DRAWN, Dice, Director, Wishes
from sumppump.exchange.trouble.parameters import parameters_of
from sumppump.exchange.trouble.scenario import day_named, read_scenario, ready_made, start_of
from sumppump.exchange.trouble.verbs import EFFECTS, OTHERS, VERBS
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.market_requests import ReqMktData
from sumppump.exchange.wire.order_answers import CommissionReport, ExecDetails, OrderStatus
from sumppump.kernel.errors import InvalidRequest

DIARIES = Path(__file__).parent / "diaries.txt"
LENGTHS = {"two-factor-sunday": (60 * 66, 600.0), "nightly-restart": (60 * 10 + 60, 60.0)}
"""Minutes, and seconds between two looks, where they are not two hours and a minute."""


def diaries() -> dict[str, str]:
    rows = (line.partition(": ") for line in DIARIES.read_text("utf-8").splitlines())
    return {name: words for name, _, words in rows}


def lived(name: str, *, seed: int = 7) -> Liver:
    minutes, step = LENGTHS.get(name, (120, 60.0))
    liver = Liver(day_named(name), seed=seed)
    liver.live(minutes, step=step)
    return liver


@pytest.mark.behaviour("SIM-SCENE-01")
@pytest.mark.parametrize("name", ready_made())
def test_a_day_goes_as_its_diary_says(name: str) -> None:
    """Repetitions of one line are one line; a changed diary is a changed day and needs a reason."""
    assert " | ".join(lived(name).diary.lines) == diaries()[name]


def test_there_is_a_day_for_every_diary() -> None:
    assert sorted(diaries()) == list(ready_made())
    assert len(ready_made()) >= 16


@pytest.mark.behaviour("SIM-SCENE-02")
@pytest.mark.parametrize("name", ["flash-crash", "connectivity-storm", "silent-orders"])
def test_the_same_day_has_the_same_bytes(name: str) -> None:
    first, second, other = lived(name), lived(name), lived(name, seed=8)
    assert first.bytes == second.bytes
    assert first.bytes != other.bytes


def test_the_crash_falls_and_comes_back() -> None:
    liver = Liver(day_named("flash-crash"))
    prices = []
    for _ in range(5):
        prices.append(price(liver.lab, "SPY"))
        liver.live(10, step=600)
    assert price(liver.lab, "SPY") > 0.955 * prices[0]
    assert min(prices) < 0.95 * prices[0]


def test_the_margin_call_leaves_no_cushion() -> None:
    """Or it has been called already, and what was short is bought back."""
    liver = Liver(day_named("margin-call"))
    liver.live(20)
    short = sum(abs(one.quantity) for one in liver.lab.venue.positions() if one.quantity < 0)
    assert short == 18
    liver.live(50)
    left = sum(abs(one.quantity) for one in liver.lab.venue.positions() if one.quantity < 0)
    rows = {row.key: row.value for row in liver.lab.venue.account_values()}
    assert float(rows["ExcessLiquidity"]) < 0 or left < short


def test_at_the_pin_short_options_become_shares_or_nothing() -> None:
    liver = lived("expiry-pin")
    today = liver.lab.venue.today
    assert all(one.listing.expiry != today for one in liver.lab.venue.positions())


def price(lab: Lab, symbol: str) -> float:
    book = lab.venue.quote(lab.con_id(symbol))
    assert book is not None
    return float(book.last or 0)


# -- files --------------------------------------------------------------------------------------
GOOD = 'title = "t"\n[[moment]]\nat = "open+15m"\ndo = "fault"\nfault = "F-22"\n'


@pytest.mark.behaviour("SIM-SCENE-03")
@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('"fault"', '"fautl"', "unknown_verb", "moment 1"),
        ("F-22", "F-99", "unknown_fault", "moment 1"),
        ("F-22", "F-46", "fault_not_ours", "moment 1"),
        ("open+15m", "opening", "bad_moment", "moment 1"),
        ("open+15m", "on_fil", "bad_moment", "moment 1"),
        ('fault = "F-22"\n', 'fault = "F-22"\nsecond = 3\n', "bad_parameter", "moment 1"),
        ('fault = "F-22"\n', 'fault = "F-22"\nseconds = -3\n', "bad_parameter", "moment 1"),
        ('fault = "F-22"\n', 'fault = "F-22"\nseconds = true\n', "bad_parameter", "moment 1"),
        ('at = "open+15m"\n', "", "bad_parameter", "moment 1"),
        ('title = "t"\n', "", "bad_parameter", "scenario x"),
        ('title = "t"\n', 'title = "t"\nstart = "noon"\n', "bad_moment", "moment"),
        ("[[moment]]", "[moment]", "bad_scenario", "scenario x"),
        ("[[moment]]", "[[moment", "bad_scenario", "scenario x"),
        ('do = "fault"\nfault = "F-22"', 'do = "jump"\nto = "never"', "bad_moment", "moment 1"),
        ('do = "fault"\nfault = "F-22"', 'do = "notice"\ncode = 0\ntext = ""', "bad_parameter", "moment 1"),
        ('do = "fault"\nfault = "F-22"', 'do = "shock"\npercent = 900', "bad_parameter", "moment 1"),
        ('do = "fault"\nfault = "F-22"', 'do = "shock"\nsymbol = "ZZZ"', "bad_parameter", "moment 1"),
        ('do = "fault"\nfault = "F-22"', 'do = "jump"\nto = "expiry ZZZ"', "bad_moment", "moment 1"),
        (GOOD[12:], "", "bad_scenario", "no moment"),
        ('fault = "F-22"', 'falt = "F-22"', "bad_parameter", "needs fault"),
        ("at =", "att =", "bad_parameter", "needs at"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(old: str, new: str, code: str, words: str) -> None:
    assert read_scenario("x", GOOD).cues
    with pytest.raises(InvalidRequest) as caught:
        read_scenario("x", GOOD.replace(old, new))
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.expected or caught.value.found


def test_an_unknown_day_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidRequest) as caught:
        day_named("flash-crahs")
    assert "flash-crash" in caught.value.next_steps[0]


@given(st.text(max_size=60))
def test_any_file_is_a_scenario_or_a_refusal(text: str) -> None:
    try:
        read_scenario("x", text)
    except InvalidRequest:
        return


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("09:30", datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("fri 15:30", datetime(2026, 11, 20, 20, 30, tzinfo=UTC)),
        ("thursday 10:00", datetime(2026, 11, 19, 15, 0, tzinfo=UTC)),
        ("2026-12-18T15:30", datetime(2026, 12, 18, 20, 30, tzinfo=UTC)),
    ],
)
def test_a_day_starts_where_it_says(text: str, start: datetime) -> None:
    assert start_of(text, WALL) == start


def test_the_page_about_scenarios_is_true() -> None:
    """Its example is a scenario; its table has the verbs, and the parameters that they take."""
    page = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text("utf-8")
    example = "\n".join(line[4:] for line in page.splitlines() if line.startswith("    "))
    assert len(read_scenario("page", example).cues) == 2
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, flags=re.M))
    assert tuple(sorted(rows)) == tuple(sorted(VERBS))
    kinds = {name: kind for name, (_, kind) in EFFECTS.items()} | dict(OTHERS)
    for name, kind in kinds.items():
        for one in parameters_of(kind):
            assert f"`{one.name}`" in rows[name], (name, one.name)


# -- events -------------------------------------------------------------------------------------
def notes(at: str, *, times: int = 1) -> str:
    return (
        f'title = "t"\n[[moment]]\nat = "{at}"\ntimes = {times}\ndo = "notice"\ncode = 4711\ntext = "now"\n'
    )


@pytest.mark.behaviour("SIM-SCENE-04")
@pytest.mark.parametrize(
    ("at", "times", "heard"),
    [("on_order", 1, 1), ("on_order", 0, 3), ("on_fill", 2, 2), ("on_connect+2s", 1, 1), ("on_cancel", 1, 0)],
)
def test_what_waits_for_an_event_happens_after_it(at: str, times: int, heard: int) -> None:
    lab = Lab()
    Director(lab.hall, read_scenario("x", notes(at, times=times)), Wishes())
    client = lab.connect()
    client.say(filling(lab, 1), filling(lab, 2), resting(lab, 3))
    lab.wait(4.0)
    client.listen()
    told = [one for one in client.heard if getattr(one, "code", 0) == 4711]
    assert len(told) == heard


def test_a_scenario_jumps_and_pauses() -> None:
    lab = Lab()
    jump = '[[moment]]\nat = "10:30"\ndo = "jump"\nto = "close"\n'
    text = f'title = "t"\n{jump}[[moment]]\nat = "16:00"\ndo = "pause"\n'
    mover = Conductor(lab.hall, ExchangeClock(at=FRIDAY, since=lab.at, speed=60.0))
    mover.play(read_scenario("x", text))
    mover.turn(lab.at + 40)
    assert mover.clock.now(lab.at + 40) == datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    mover.turn(lab.at + 41)
    assert mover.clock.frozen


@pytest.mark.behaviour("SIM-SCENE-08")
@pytest.mark.parametrize("to", ["2020-01-02T10:00:00-05:00", "2031-01-02", "expiry ES"])
def test_a_jump_that_cannot_be_made_is_left_out(to: str) -> None:
    """Into the past, too far ahead, or to what does not expire; what comes after it comes."""
    lab = Lab()
    client = lab.connect()
    mover = Conductor(lab.hall, ExchangeClock(at=lab.venue.now, since=lab.at, speed=1.0))
    jump = f'title = "t"\n[[moment]]\nat = "now+1s"\ndo = "jump"\nto = "{to}"\n'
    after = '[[moment]]\nat = "now+2s"\ndo = "notice"\ncode = 2\ntext = "still here"\n'
    mover.play(read_scenario("far", jump + after))
    mover.turn(lab.at + 3.0)
    assert sum(words.startswith("left out: ") for words in lab.hall.trouble.told) == 1
    assert any(one.text == "still here" for one in client.listen() if isinstance(one, ErrorMessage))


def test_a_day_can_begin_while_the_exchange_runs() -> None:
    lab = Lab()
    client = lab.connect()
    mover = Conductor(lab.hall, ExchangeClock(at=FRIDAY, since=lab.at, frozen=True))
    mover.apply(parse("scenario connectivity-storm"), lab.at)
    mover.apply(parse("advance 120"), lab.at)
    assert client.session.is_open
    with pytest.raises(InvalidRequest):
        parse("scenario nothing")


# -- seeds --------------------------------------------------------------------------------------
def drawn(seed: int, hours: int, rate: float) -> list[tuple[datetime, str]]:
    lab = Lab()
    Dice(lab.hall, seed, rate)
    seen: dict[int, tuple[datetime, str]] = {}  # by the number of the fault
    for minute in range(60 * hours):
        lab.jump(FRIDAY + timedelta(minutes=minute, seconds=1))
        for one in lab.hall.trouble.running:
            seen.setdefault(one.scene.number, (lab.venue.now, one.fault.name))
    return list(seen.values())


@pytest.mark.behaviour("SIM-SCENE-05")
def test_faults_come_by_seed() -> None:
    """Short ones may come and go between two looks, so there are somewhat fewer."""
    first = drawn(3, 5, 20.0)
    assert first == drawn(3, 5, 20.0)
    assert first != drawn(4, 5, 20.0)
    assert 40 < len(first) < 160
    assert len({name for _, name in first}) > 10
    assert {name for _, name in first} <= {fault.name for fault in DRAWN}


def test_after_three_hours_of_faults_a_healed_exchange_serves_as_before() -> None:
    """One fault a minute, and a client that stays in it as long as it can."""
    lab = Lab()
    Dice(lab.hall, 3, 60.0)
    lab.connect(1).say(ReqMktData(req_id=100, contract=SPY))
    for minute in range(1, 181):
        lab.jump(FRIDAY + timedelta(minutes=minute))
    assert lab.hall.trouble.heal("all") > 0
    client = lab.connect(2)
    client.say(ReqMktData(req_id=100, contract=SPY), filling(lab, 1))
    lab.wait(2.0)
    told = client.listen() and client.heard
    assert ticked(told)
    assert of(OrderStatus, told)[-1].status == "Filled"
    assert len(of(ExecDetails, told)) == len(of(CommissionReport, told)) >= 1
