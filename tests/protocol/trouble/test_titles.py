"""What each ready-made day promises in its title: on a half day, which closes at 13:00, and on a full one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.protocol.exchange.lab import Lab, Speaker, near_option
from tests.protocol.trouble.days import WALL, Liver
from tests.protocol.trouble.scenes import filling, of, resting, ticked

from sumppump.exchange.control import parse
from sumppump.exchange.trouble.director import Director, Wishes
from sumppump.exchange.trouble.scenario import day_named, read_scenario, ready_made, start_of
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import TickGeneric
from sumppump.exchange.wire.market_requests import ReqMktData
from sumppump.exchange.wire.order_answers import CommissionReport, OrderStatus
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import InvalidRequest

SUNDAY = datetime(2026, 11, 29, 14, 0, tzinfo=UTC)
"""The latest trading day is the Friday after Thanksgiving."""
MONDAY = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
BEFORE_A_HOLIDAY = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
SPY = Contract(symbol="SPY", sec_type="STK", exchange="SMART", currency="USD")
AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")


def day(name: str, *, seed: int, wall: datetime) -> Liver:
    liver = Liver(day_named(name), seed=seed, wall=wall, orders={})
    liver.live(0.1, step=6.0)
    return liver


def to(liver: Liver, clock: str, *, looks: int = 1, days: int = 0) -> None:
    """On to a time in New York, of the same day or days later, with so many looks on the way."""
    hour, minute = (int(part) for part in clock.split(":"))
    now = liver.lab.venue.now.astimezone(NEW_YORK)
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days)
    minutes = (then - now).total_seconds() / 60
    liver.live(minutes, step=60 * minutes / looks)


def client(liver: Liver) -> Speaker:
    assert liver.client is not None
    return liver.client


def come_in_order(liver: Liver, *wanted: str) -> bool:
    rest = iter(liver.diary.lines)
    return all(one in rest for one in wanted)


def price(lab: Lab, symbol: str) -> float:
    book = lab.venue.quote(lab.con_id(symbol))
    assert book is not None
    return float(book.last or 0)


def straddle(lab: Lab) -> float:
    """What both options at the money cost, as a part of the price: goes with implied volatility."""
    books = [lab.venue.quote(near_option(lab, right).con_id) for right in "CP"]
    return sum(float((one.bid + one.ask) / 2) for one in books if one and one.bid and one.ask) / price(
        lab, "SPY"
    )


def held(liver: Liver) -> dict[str, int]:
    return {one.listing.local_symbol: int(one.quantity) for one in liver.lab.venue.positions()}


def shorts(liver: Liver) -> int:
    return -sum(min(quantity, 0) for symbol, quantity in held(liver).items() if len(symbol) > 5)


def streams_anew(liver: Liver, req_id: int) -> bool:
    client(liver).say(ReqMktData(req_id=req_id, contract=SPY))
    liver.live(1)
    return ticked(client(liver).heard, req_id)


def is_dead(liver: Liver, req_id: int = 100) -> bool:
    before = len(client(liver).heard)
    liver.live(2)
    return not ticked(client(liver).heard[before:], req_id)


def ids_taken(liver: Liver) -> None:
    liver.live(1, step=5.0)
    assert come_in_order(liver, "connected", "closed", "326", "connected")
    assert liver.client is not None


def competing(liver: Liver) -> None:
    to(liver, "10:20", looks=50)
    assert come_in_order(liver, "ticks", "10197", "ticks", "10197", "ticks")


def storm(liver: Liver) -> None:
    to(liver, "10:05", looks=70)
    assert come_in_order(liver, "1100", "1102", "1100", "1101", "1100", "1102", "1100", "1102")
    assert "closed" not in liver.diary.lines


def assigned_early(liver: Liver) -> None:
    liver.live(15, step=300.0)
    ends = {one.listing.expiry for one in liver.lab.venue.positions()}
    assert shorts(liver) == 27
    assert all(end is not None and end > liver.lab.venue.today for end in ends)
    liver.live(20, step=600.0)
    shares = {symbol: held(liver).get(symbol, 0) for symbol in ("AAPL", "IWM", "SPY")}
    assert shares["AAPL"] == 300
    assert 100 <= shares["IWM"] + shares["SPY"] < 2400
    assert shorts(liver) == 27 - sum(shares.values()) / 100


def pinned(liver: Liver) -> None:
    liver.live(15, step=300.0)
    assert {one.listing.expiry for one in liver.lab.venue.positions()} == {liver.lab.venue.today}
    assert shorts(liver) == 4
    liver.live(20, step=600.0)
    assert set(held(liver)) == {"SPY"}
    assert abs(held(liver)["SPY"]) == 200


def farms_out(liver: Liver) -> None:
    to(liver, "10:30", looks=60)
    assert come_in_order(liver, "ticks", "2103", "2104", "ticks", "2105", "2106", "ticks", "2103", "2104")
    assert is_dead(liver)
    assert streams_anew(liver, 200)


def crash(liver: Liver) -> None:
    to(liver, "10:59")
    before, volatility = price(liver.lab, "SPY"), straddle(liver.lab)
    to(liver, "11:06")
    low = price(liver.lab, "SPY")
    assert low < 0.945 * before
    assert straddle(liver.lab) > 2.0 * volatility
    to(liver, "11:38")
    assert price(liver.lab, "SPY") - low > 0.6 * (before - low)


def halted(liver: Liver) -> None:
    client(liver).say(ReqMktData(req_id=300, contract=AAPL))
    to(liver, "10:59")
    before = price(liver.lab, "AAPL")
    to(liver, "11:00")
    assert is_dead(liver, 300)
    to(liver, "11:07")
    assert is_dead(liver, 300)
    to(liver, "11:12")
    assert not is_dead(liver, 300)
    told = [one.value for one in of(TickGeneric, client(liver).heard) if one.req_id == 300]
    assert [value for value in told if value] == [1.0]
    assert told[-1] == 0
    assert 0.945 < price(liver.lab, "AAPL") / before < 0.975


def commissions(liver: Liver) -> None:
    def trade() -> None:
        client(liver).say(filling(liver.lab, liver.next_id))
        liver.next_id += 1

    def told() -> list[float]:
        return [one.commission for one in of(CommissionReport, client(liver).heard)]

    trade()
    liver.live(9, step=180.0)
    assert told() == []
    liver.live(2)
    assert len(told()) == 1
    to(liver, "11:01")
    for _ in range(3):
        liver.live(0.5, step=30.0)
        trade()
        liver.live(0.5, step=30.0)
    to(liver, "11:30")
    assert len(told()) == 3
    assert told()[1] == -1
    assert told()[2] > 1e300


def called(liver: Liver) -> None:
    to(liver, "10:25")
    assert shorts(liver) == 18
    to(liver, "11:15", looks=10)
    assert shorts(liver) < 18


def night(liver: Liver) -> None:
    liver.live(180, step=300.0)
    assert come_in_order(liver, "connected", "closed", "connected", "1100", "1102", "1100", "1102")
    to(liver, "09:35", looks=20, days=(7 - liver.lab.venue.now.astimezone(NEW_YORK).weekday()) % 7)
    assert liver.lab.hall.trouble.running == ()
    assert streams_anew(liver, 200)


def lapsed(liver: Liver) -> None:
    to(liver, "10:40", looks=5)
    assert come_in_order(liver, "ticks", "354")
    assert not streams_anew(liver, 200)
    to(liver, "11:01")
    assert is_dead(liver)
    assert streams_anew(liver, 201)


def restarted(liver: Liver) -> None:
    first = liver.next_id
    client(liver).say(resting(liver.lab, first))
    liver.live(2, step=10.0)
    assert come_in_order(liver, "connected", "closed", "refused", "connected")
    assert [one.order_id for one in liver.lab.venue.books.live()] == [first]
    for number in range(1, 7):
        client(liver).say(resting(liver.lab, first + number))
    to(liver, "11:29", looks=20)
    assert "reset" in liver.diary.lines
    to(liver, "11:32", looks=3)
    assert liver.next_id <= first + 6


def silent(liver: Liver) -> None:
    def order() -> list[Any]:
        speaker, number = client(liver), liver.next_id
        liver.next_id += 1
        heard = speaker.say(resting(liver.lab, number))
        liver.live(1)
        heard += speaker.heard
        return [one.status for one in of(OrderStatus, heard) if one.order_id == number]

    vanished = order()
    to(liver, "10:01")
    kept_back = order()
    liver.live(1)
    freed = client(liver).all(OrderStatus)[-1].status
    to(liver, "10:16")
    unheard = order()
    to(liver, "10:31")
    order()
    assert (vanished, kept_back, unheard, freed) == ([], [], [], "Submitted")
    assert "reset" in liver.diary.lines
    assert len(list(liver.lab.venue.books.live())) == 2


def expired_login(liver: Liver) -> None:
    to(liver, "00:50", looks=4, days=2)
    assert liver.lab.venue.now.astimezone(NEW_YORK).weekday() == 6
    assert "closed" not in liver.diary.lines
    to(liver, "08:55", looks=8, days=1)
    assert come_in_order(liver, "closed", "refused")
    assert liver.client is None
    to(liver, "09:05")
    assert liver.client is not None


def spike(liver: Liver) -> None:
    to(liver, "10:29")
    before, volatility = price(liver.lab, "SPY"), straddle(liver.lab)
    to(liver, "10:41")
    assert abs(price(liver.lab, "SPY") / before - 1) < 0.03
    assert straddle(liver.lab) > 1.6 * volatility
    to(liver, "12:00", days=3)
    assert straddle(liver.lab) > 1.25 * volatility


TITLES: dict[str, Callable[[Liver], None]] = {
    "client-id-taken": ids_taken,
    "competing-session": competing,
    "connectivity-storm": storm,
    "early-assignment": assigned_early,
    "expiry-pin": pinned,
    "farm-outage": farms_out,
    "flash-crash": crash,
    "halted-underlying": halted,
    "late-commissions": commissions,
    "margin-call": called,
    "nightly-restart": night,
    "permissions-lost": lapsed,
    "restart-with-working-orders": restarted,
    "silent-orders": silent,
    "two-factor-sunday": expired_login,
    "volatility-spike": spike,
}


def test_every_day_has_its_title_checked() -> None:
    assert tuple(sorted(TITLES)) == ready_made()


@pytest.mark.behaviour("SIM-SCENE-09")
@pytest.mark.parametrize(("wall", "seed"), [(SUNDAY, 7), (WALL, 8)], ids=["half", "full"])
@pytest.mark.parametrize("name", TITLES)
def test_a_day_keeps_what_its_title_promises(name: str, wall: datetime, seed: int) -> None:
    TITLES[name](day(name, seed=seed, wall=wall))


@pytest.mark.behaviour("SIM-SCENE-09")
@pytest.mark.parametrize("wall", [MONDAY, BEFORE_A_HOLIDAY])
@pytest.mark.parametrize("seed", [1, 8])
def test_early_assignment_comes_on_any_day(wall: datetime, seed: int) -> None:
    assigned_early(day("early-assignment", seed=seed, wall=wall))


# -- half days ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("close-30m", datetime(2026, 11, 27, 17, 30, tzinfo=UTC)),
        ("open+5m", datetime(2026, 11, 27, 14, 35, tzinfo=UTC)),
        ("fri close-5m", datetime(2026, 11, 27, 17, 55, tzinfo=UTC)),
        ("thu close", datetime(2026, 11, 25, 21, 0, tzinfo=UTC)),  # the holiday has no close
        ("23:40", datetime(2026, 11, 28, 4, 40, tzinfo=UTC)),
    ],
)
def test_a_start_can_follow_the_close(text: str, start: datetime) -> None:
    assert start_of(text, SUNDAY) == start


@pytest.mark.behaviour("SIM-SCENE-10")
@pytest.mark.parametrize("text", ["13:00", "15:30", "fri 15:30"])
def test_a_start_after_an_early_close_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        start_of(text, SUNDAY)
    assert "13:00" in caught.value.message
    assert "close-" in str(caught.value.expected)


@pytest.mark.behaviour("SIM-SCENE-10")
def test_a_moment_after_an_early_close_is_refused_before_any_other_is_set_down() -> None:
    lab = Lab(start=datetime(2026, 11, 27, 15, 0, tzinfo=UTC))
    first = '[[moment]]\nat = "11:00"\ndo = "pause"\n'
    late = '[[moment]]\nat = "15:40"\ndo = "pause"\n'
    with pytest.raises(InvalidRequest, match="15:40 comes after the close"):
        Director(lab.hall, read_scenario("x", f'title = "t"\n{first}{late}'), Wishes())
    assert lab.hall.trouble.next_at is None


# -- what is told ---------------------------------------------------------------------------------
@pytest.mark.behaviour("SIM-SCENE-11")
def test_each_moment_that_comes_is_told_and_the_next_one_is_known() -> None:
    liver = day("flash-crash", seed=7, wall=SUNDAY)
    status = liver.conductor.apply(parse("status"), liver.lab.at)
    assert '"next": "Fri 2026-11-27 11:00:00 New York: shock percent=-7.0' in status
    to(liver, "11:09")
    told = list(liver.lab.hall.trouble.told)
    assert [line[:23] for line in told] == ["Fri 2026-11-27 11:00:00", "Fri 2026-11-27 11:08:00"]
    assert "11:12:00 New York: shock percent=6.0" in liver.lab.hall.trouble.next_words


@pytest.mark.behaviour("SIM-SCENE-11")
def test_what_is_left_out_or_finds_nothing_is_told_too() -> None:
    lab = Lab()
    assign = '[[moment]]\nat = "now"\ndo = "assign"\nsymbol = "IBM"\n'
    late = '[[moment]]\nat = "09:40"\ndo = "pause"\n'
    Director(lab.hall, read_scenario("x", f'title = "t"\n{late}{assign}'), Wishes())
    lab.wait(1.0)
    told = " ".join(lab.hall.trouble.told)
    assert "left out, it lies before the start: pause" in told
    assert "no option of IBM is short" in told
