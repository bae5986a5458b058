"""Port file and saved state: whole or absent, for their owner alone."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from sumppump.exchange.place import Place, Running
from sumppump.kernel.errors import InvalidRequest, StoreFailed

RUNNING = Running(
    host="127.0.0.1", port=4711, control_port=1, pid=1, seed=7, account="SIM1234567", secret="s"
)


@pytest.mark.behaviour("SIM-HOME-01")
def test_what_was_announced_is_read_and_withdrawn(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert place.read() is None
    place.claim()
    place.announce(RUNNING)
    assert place.read() == RUNNING
    place.withdraw()
    place.withdraw()
    assert place.read() is None


@pytest.mark.behaviour("SIM-HOME-02")
def test_a_port_file_whose_exchange_is_gone_is_no_exchange(tmp_path: Path) -> None:
    """It was killed and could not remove the file; the next one simply takes its place."""
    place = Place(tmp_path)
    place.announce(RUNNING)
    assert place.find(timeout_s=1.0) is None
    place.claim()
    place.withdraw()
    assert place.read() is None


@pytest.mark.behaviour("SIM-HOME-03")
def test_a_home_is_claimed_once(tmp_path: Path) -> None:
    """Two processes that start at the same moment cannot both win; the lock goes with its holder."""
    first, second = Place(tmp_path), Place(tmp_path)
    first.claim()
    with pytest.raises(InvalidRequest) as caught:
        second.claim()
    assert caught.value.code == "exchange_running"
    second.withdraw()
    first.withdraw()
    second.claim()
    second.withdraw()


@pytest.mark.behaviour("SIM-HOME-04")
@pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")
def test_the_lock_is_for_its_owner_alone_also_where_it_was_not(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.folder.mkdir()
    lock = place.folder / "lock"
    lock.touch(0o644)
    place.claim()
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    place.withdraw()


@pytest.mark.behaviour("SIM-HOME-05")
@pytest.mark.parametrize("content", ["", "{", "[]", '{"port": 1}'])
def test_a_damaged_port_file_is_no_exchange(tmp_path: Path, content: str) -> None:
    place = Place(tmp_path)
    place.folder.mkdir()
    place.port_file.write_text(content)
    assert place.read() is None


@pytest.mark.behaviour("SIM-HOME-06")
def test_state_is_found_again_by_its_seed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert place.load(7) is None
    place.save(7, b"one")
    place.save(7, b"two")
    assert (place.load(7), place.load(8)) == (b"two", None)
    assert [path.name for path in place.folder.iterdir()] == ["state-7.json"]


@pytest.mark.behaviour("SIM-HOME-07")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_both_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    """The port file holds the secret of the control port."""
    place = Place(tmp_path)
    place.announce(RUNNING)
    place.save(7, b"x")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in place.folder.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


@pytest.mark.behaviour("SIM-HOME-08")
def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StoreFailed):
        Place(tmp_path / "home").save(7, b"x")
