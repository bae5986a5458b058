"""The pictures of the approval page in `docs/pictures`: a real ticket, the real page, in a real browser.

The program runs on an exchange of its own and stages two bull call spreads; every figure is the program's.

`python -m tests.e2e_page.take_pictures [FOLDER]` from the repository's root.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.e2e.stack import Stack, running, talking
from tests.e2e_page.chrome import Chrome

from sumppump.approval.desk import BrowserDesk
from sumppump.kernel.clock import SystemClock

ASKED = {"strategy_type": "bull_call_spread", "symbol": "SPY", "width": 5, "dte": 30, "quantity": 2}
SHOTS = (("approval-page", False), ("approval-page-dark", True))


async def take(folder: Path) -> None:
    """Write every picture into `folder`."""
    chrome = await asyncio.to_thread(Chrome.start)
    try:
        with tempfile.TemporaryDirectory() as home:
            async with running(Path(home)) as stack:
                for name, dark in SHOTS:
                    await chrome.size(800, 600, dark=dark)
                    await _show(stack, chrome)
                    (folder / f"{name}.png").write_bytes(await chrome.picture())
    finally:
        await asyncio.to_thread(chrome.stop)


async def _show(stack: Stack, chrome: Chrome) -> None:
    """A fresh ticket on its page, as the person sees it when the browser opens."""
    opened = list[str]()
    execution = stack.desk.execution
    desk = BrowserDesk(lambda: execution, SystemClock(), opener=opened.append)
    try:
        async with talking(stack) as host:
            await host.until("trade_get_quote", lambda answer: answer.get("bid"), symbol="SPY")
            draft = await host.ask("trade_calculate_strategy", **ASKED)
            staged = await host.ask("trade_execute", strategy_id=draft["strategy_id"])
        ticket = execution.ticket(staged["ticket_id"]).ticket
        desk.present(ticket, stack.person.codes[ticket.ticket_id])
        await chrome.go(opened[-1])
        await chrome.look("document.getAnimations().forEach(a => a.finish())")
    finally:
        await desk.stop()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(target))
