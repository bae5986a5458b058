"""Pictures for answers: drawn in a worker thread, kept under the home folder, shown only on request."""

from __future__ import annotations

from dataclasses import dataclass

import anyio.to_thread
from loguru import logger

from sumppump.data.history import History
from sumppump.kernel.errors import StoreFailed
from sumppump.server.desk import Desk
from sumppump.server.price_picture import bars_png
from sumppump.strategies.drafts import Draft
from sumppump.strategies.pictures import payoff_png


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, empty where there is nothing to draw, and where it lies; None where it could not be kept."""

    png: bytes
    path: str | None


async def payoff_picture(desk: Desk, draft: Draft) -> Picture:
    """The payoff of a draft. Drawing imports matplotlib, which takes long the first time."""
    if not draft.analysis.payoff.curves:
        return Picture(b"", None)
    return _kept(desk, f"payoff-{draft.strategy_id}", await anyio.to_thread.run_sync(payoff_png, draft))


async def history_picture(desk: Desk, history: History) -> Picture:
    """The bars of a history."""
    name = f"bars-{history.instrument.label}-{history.request.bar_size}-{history.last.start:%Y%m%dT%H%M}"
    return _kept(desk, name.replace(" ", ""), await anyio.to_thread.run_sync(bars_png, history))


def _kept(desk: Desk, name: str, png: bytes) -> Picture:
    # A full disk costs the file, never the figures.
    try:
        return Picture(png, desk.charts.write_png(name, png))
    except (StoreFailed, OSError) as error:
        logger.warning("the picture {} could not be kept: {}", name, error)
        return Picture(png, None)
