"""Pictures for answers: drawn in a worker thread, kept under the home folder, shown only on request."""

from __future__ import annotations

from dataclasses import dataclass

import anyio.to_thread
from loguru import logger

from sumppump.kernel.errors import StoreFailed
from sumppump.server.desk import Desk
from sumppump.strategies.drafts import Draft
from sumppump.strategies.pictures import payoff_png


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and where it lies; None where it could not be kept."""

    png: bytes
    path: str | None


async def payoff_picture(desk: Desk, draft: Draft) -> Picture:
    """The payoff of a draft. Drawing imports matplotlib, which takes long the first time."""
    png = await anyio.to_thread.run_sync(payoff_png, draft)
    return Picture(png, kept(desk, f"payoff-{draft.strategy_id}", png))


def kept(desk: Desk, name: str, png: bytes) -> str | None:
    """The path of a stored picture; a full disk costs the picture, never the figures."""
    try:
        return desk.charts.write_png(name, png)
    except (StoreFailed, OSError) as error:
        logger.warning("the picture {} could not be kept: {}", name, error)
        return None
