"""The pictures of the approval page in `docs/pictures`: the real page, in a real browser.

`python -m tests.e2e_page.take_pictures [FOLDER]` from the repository's root.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.e2e_page.chrome import Chrome
from tests.unit.approval.stories import CODE, NOON, FakeDecisions, bull_call_spread

from sumppump.approval.desk import BrowserDesk
from sumppump.kernel.clock import SystemClock

SHOTS = (
    ("approval-page", bull_call_spread(), False),
    ("approval-page-dark", bull_call_spread(), True),
)


async def take(folder: Path) -> None:
    """Write every picture into `folder`."""
    decisions, opened = FakeDecisions(), list[str]()
    desk = BrowserDesk(lambda: decisions, SystemClock(), opener=opened.append, wall=lambda: NOON)
    chrome = await asyncio.to_thread(Chrome.start)
    try:
        for name, ticket, dark in SHOTS:
            await chrome.size(800, 600, dark=dark)
            desk.present(decisions.add(ticket), CODE)
            await chrome.go(opened[-1])
            await chrome.look("document.getAnimations().forEach(a => a.finish())")
            (folder / f"{name}.png").write_bytes(await chrome.picture())
    finally:
        await asyncio.to_thread(chrome.stop)
        await desk.stop()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(target))
