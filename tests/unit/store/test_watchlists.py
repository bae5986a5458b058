"""Watchlists on disk: whole or not at all, private, and seen by every process of the home."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from sumppump.kernel.errors import StoreFailed
from sumppump.ports.watchlists import Lists
from sumppump.store.watchlists import NAME, FileWatchlists


def test_what_one_process_keeps_another_reads(tmp_path: Path) -> None:
    """Also after a restart: nothing is held in memory."""
    mine, other = FileWatchlists(tmp_path), FileWatchlists(tmp_path)
    assert other.read() == {}
    mine.change(lambda lists: {**lists, "tech": ("AAPL", "MSFT")})
    other.change(lambda lists: {**lists, "rest": ("SPY",)})
    assert mine.read() == {"tech": ["AAPL", "MSFT"], "rest": ["SPY"]}


def test_an_edit_that_is_refused_leaves_the_lists_alone(tmp_path: Path) -> None:
    """Nothing half done, and no file left beside them."""
    lists = FileWatchlists(tmp_path)
    lists.change(lambda _: {"tech": ("AAPL",)})

    def refuse(_: Lists) -> Lists:
        raise StoreFailed("no")

    with pytest.raises(StoreFailed):
        lists.change(refuse)
    assert lists.read() == {"tech": ["AAPL"]}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    """As everything under the home folder."""
    FileWatchlists(tmp_path).change(lambda _: {"tech": ("AAPL",)})
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tech": "AAPL"}', '{"tech": [1]}', "x" * 1_000_001])
def test_a_damaged_file_is_an_error_that_names_it_and_is_not_overwritten(tmp_path: Path, text: str) -> None:
    """Never an empty list that reads like "you have none"."""
    path = tmp_path / NAME
    path.write_text(text)
    with pytest.raises(StoreFailed) as refused:
        FileWatchlists(tmp_path).read()
    assert refused.value.code == "watchlists_damaged"
    with pytest.raises(StoreFailed):
        FileWatchlists(tmp_path).change(lambda lists: {**lists, "tech": ("AAPL",)})
    assert path.read_text() == text


def test_the_file_is_plain_json_that_a_person_can_mend(tmp_path: Path) -> None:
    """Symbols by name."""
    FileWatchlists(tmp_path).change(lambda _: {"tech": ("AAPL",)})
    assert json.loads((tmp_path / NAME).read_text()) == {"tech": ["AAPL"]}
