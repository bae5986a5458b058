"""Rules of the house that a machine can check."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "sumppump").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

# A rule: what no source may contain, and the files where it is the point of the file.
FORBIDDEN = {
    "naive or machine time": (
        r"datetime\.now\(\)|utcnow\(|date\.today\(\)|time\.time\(\)",
        ("tws/clock.py",),
    ),
    "unfinished work": (r"\bTODO\b|\bFIXME\b|(?<!-)\bXXX\b(?!-)|raise NotImplementedError", ()),
    "print outside the command line": (r"^\s*print\(", ("cli/",)),
    "the one submit": (r"\.transmit\(", ("execution/",)),
    "the one global cancel": (r"\.transmit_global_cancel\(", ("execution/",)),
    "the library's own order call": (r"\.placeOrder\(", ("tws/",)),
    "a literal multiplier": (
        r"(?<![\w.])100\s*\*\s*(?:quantity|premium|price)|multiplier\s*=\s*100\b",
        ("exchange/",),
    ),
    "arithmetic in a thread of one's own": (
        r"to_thread\b|run_in_executor|ThreadPool|threading\.Thread",
        ("data/off_loop.py", "server/", "approval/", "bootstrap/", "cli/"),
    ),
    "nest_asyncio": (r"import nest_asyncio|nest_asyncio\.apply", ()),
}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_no_source_breaks_a_house_rule(rule: str) -> None:
    """Each forbidden pattern stands only where it is at home."""
    pattern, homes = FORBIDDEN[rule]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        if not any(f"sumppump/{home}" in path.as_posix() for home in homes)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


def test_no_file_has_more_than_500_lines() -> None:
    """A file that nobody can hold in the head is two files."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in [*SOURCES, *TESTS]
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert long == {}


def test_every_test_file_can_fail() -> None:
    """A test file without any assertion claims nothing."""
    silent = [
        str(path.relative_to(ROOT))
        for path in TESTS
        if not re.search(r"\bassert\b|raises|fail\(", path.read_text(encoding="utf-8"))
    ]
    assert silent == []


def test_nothing_committed_names_a_registry_or_a_place_on_one_machine() -> None:
    """Addresses of package indexes and home folders belong to one machine, not to the project."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout: there is no list of what is committed")
    pattern = re.compile(rb"https?://[^\s\"']+/(?:simple|packages|pool)/|(?<![\w.])/(?:root|home|work)/[a-z]")
    guilty = []
    for name in filter(None, listing.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and path != Path(__file__) and pattern.search(path.read_bytes()):
            guilty.append(name)
    assert guilty == []
