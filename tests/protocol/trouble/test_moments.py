"""Moments with names, jumps to them, and the state in one file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocol.exchange.lab import FRIDAY, Lab, bought_option
from tests.protocol.trouble.scenes import resting

from sumppump.exchange.calendar.clock import ExchangeClock
from sumppump.exchange.control import Conductor, parse
from sumppump.exchange.moments import read_moment
from sumppump.exchange.server import EmbeddedServer, SimSettings, open_venue
from sumppump.exchange.venue import Venue
from sumppump.kernel.errors import InvalidRequest, StoreFailed


def at(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.behaviour("SIM-CLOCK-01")
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", FRIDAY),
        ("close", at(11, 20, 21)),
        ("close-5m", at(11, 20, 20, 55)),
        ("close + 1.5h", at(11, 20, 22, 30)),
        ("open+35m", at(11, 20, 15, 5)),
        ("close-5h", at(11, 20, 16)),
        ("close-6h", at(11, 23, 15)),
        ("open", at(11, 23, 14, 30)),
        ("open+15m", at(11, 23, 14, 45)),
        ("tomorrow", at(11, 23, 14, 30)),
        ("next_close", at(11, 23, 21)),
        ("11:30", at(11, 20, 16, 30)),
        ("09:45:30", at(11, 21, 14, 45, 30)),
        ("2026-12-25", at(12, 28, 14, 30)),
        ("2026-11-20T15:30:00-05:00", at(11, 20, 20, 30)),
        ("expiry 2026-12-18", at(12, 18, 21)),
        ("expiry 2026-11-26", at(11, 27, 18)),
        ("expiry", at(11, 20, 21)),
        ("expiry aapl", at(11, 20, 21)),
    ],
)
def test_a_moment_has_a_name(text: str, moment: datetime) -> None:
    """Thanksgiving's expiry is settled on the half day after it; Christmas has no open."""
    assert read_moment(text).at(Venue(seed=7, start=FRIDAY)) == moment


@pytest.mark.parametrize(
    "text", ["", "opening", "open+15", "25:00", "2026-13-01", "open+99999d", "expiry NOPE"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_moment(text).at(Venue(seed=7, start=FRIDAY))
    assert caught.value.code == "bad_moment"


@given(st.text(max_size=24))
def test_any_text_is_a_moment_or_a_refusal(text: str) -> None:
    try:
        read_moment(text)
    except InvalidRequest:
        return


def conductor(lab: Lab) -> Conductor:
    return Conductor(lab.hall, ExchangeClock(at=lab.venue.now, since=lab.at, frozen=True))


@pytest.mark.behaviour("SIM-CLOCK-02")
def test_a_jump_to_expiry_settles_what_is_held() -> None:
    """The same days walked in pieces leave the same account."""
    snapshots = []
    for moments in (("expiry", "2026-12-09"), ("close", "tomorrow", "close", "expiry", "2026-12-09")):
        lab = Lab()
        client = lab.connect()
        held = bought_option(lab, client)
        client.say(resting(lab, 2))
        mover = conductor(lab)
        for moment in moments:
            mover.apply(parse(f"advance {moment}"), lab.at)
        assert lab.venue.now == at(12, 9, 14, 30)
        assert held.con_id not in {one.listing.con_id for one in lab.venue.positions()}
        snapshots.append(lab.venue.snapshot())
    assert snapshots[0] == snapshots[1]


def test_expiry_without_a_name_is_that_of_what_is_held() -> None:
    lab = Lab()
    held = bought_option(lab, lab.connect())
    assert held.expiry is not None
    target = read_moment("expiry").at(lab.venue)
    assert target.date() == held.expiry
    conductor(lab).apply(parse("advance expiry"), lab.at)
    assert lab.venue.now == target


def test_a_jump_beyond_a_year_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        conductor(Lab()).apply(parse("advance 2028-01-20"), 1000.0)


@pytest.mark.behaviour("SIM-CLOCK-03")
async def test_one_file_holds_the_state(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "friday.json"
    settings = SimSettings(start=FRIDAY, frozen=True, state=file)
    server = EmbeddedServer(settings)
    await server.start(listen=False)
    lab = Lab()
    lab.hall = server.hall
    bought_option(lab, lab.connect())
    copy = tmp_path / "copy.json"
    server.run(parse(f"save {copy}"))
    await server.close()
    assert copy.read_bytes() == file.read_bytes()
    again = open_venue(settings, wall=FRIDAY + timedelta(days=9))
    assert again.snapshot() == file.read_bytes()
    assert again.now == server.venue.now
    assert [path.name for path in file.parent.iterdir()] == ["friday.json"]


async def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}")
    with pytest.raises(StoreFailed):
        open_venue(SimSettings(start=FRIDAY, state=file), wall=FRIDAY)
    assert open_venue(SimSettings(start=FRIDAY, state=file, fresh=True), wall=FRIDAY).now == FRIDAY


@pytest.mark.behaviour("SIM-CLOCK-04")
def test_who_waits_for_an_event_acts_within_a_second_of_it() -> None:
    lab = Lab(start=at(11, 20, 20, 50))
    client = lab.connect()
    seen: list[tuple[datetime, datetime]] = []
    lab.hall.trouble.watch(lambda event: seen.append((event.at, lab.venue.now)))
    client.say(resting(lab, 1))
    lab.jump(lab.venue.now + timedelta(hours=1))
    assert len(seen) > 2
    assert all(timedelta(0) <= now - happened <= timedelta(seconds=1) for happened, now in seen)
