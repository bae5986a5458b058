"""Pictures behind the answers: each name once with its last figures, one at a time, whatever fails."""

from __future__ import annotations

import threading

from sumppump.server.easel import Easel


async def test_a_name_asked_for_again_is_drawn_once_with_the_later_figures() -> None:
    """Before its turn comes, the newer one takes the place of the older."""
    easel, drawn = Easel(), list[str]()
    for figures in ("old", "new"):
        easel.hang("greeks", lambda figures=figures: drawn.append(figures))  # type: ignore[misc]
    easel.hang("risk", lambda: drawn.append("risk"))
    assert drawn == []
    await easel.done()
    assert drawn == ["new", "risk"]


async def test_a_picture_that_cannot_be_drawn_costs_no_other() -> None:
    """The next one is drawn, and so is one that is hung after all are done."""
    easel, drawn = Easel(), list[str]()

    def fails() -> None:
        raise ValueError("no curve")

    easel.hang("broken", fails)
    easel.hang("whole", lambda: drawn.append("whole"))
    await easel.done()
    easel.hang("later", lambda: drawn.append("later"))
    await easel.done()
    assert drawn == ["whole", "later"]


async def test_pictures_are_drawn_off_the_loop_one_after_another() -> None:
    """The loop that answers never draws."""
    easel, threads = Easel(), set[int]()
    for name in "abc":
        easel.hang(name, lambda: threads.add(threading.get_ident()))
    await easel.done()
    assert threading.get_ident() not in threads


async def test_nothing_hung_is_done_at_once() -> None:
    """Nobody waits for nothing."""
    await Easel().done()
