"""The pictures in `docs/pictures`: real tickets, the real approval page, real views, in a real browser.

The program runs on an exchange of its own and stages two bull call spreads; every figure is the program's.

`python -m tests.e2e_page.take_pictures [FOLDER]` from the repository's root.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

from mcp.client.extension import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp_types import CallToolResult, ImageContent
from tests.e2e.stack import Host, Stack, running, talking
from tests.e2e_page.app_pages import host_site, missing_bridge, show
from tests.e2e_page.chrome import Chrome

from sumppump.approval.desk import BrowserDesk
from sumppump.kernel.clock import SystemClock
from sumppump.server.apps.offer import PORTFOLIO, TICKET

ASKED = {"strategy_type": "bull_call_spread", "symbol": "SPY", "width": 5, "dte": 30, "quantity": 2}
SHOTS = (("approval-page", False), ("approval-page-dark", True))
VIEWS = (
    ("view-ticket", TICKET, "trade_execute", "light"),
    ("view-portfolio-dark", PORTFOLIO, "trade_get_positions", "dark"),
    ("view-greeks", PORTFOLIO, "trade_analyze_greeks", "light"),
)
"""Pages beside answers: file, page, the tool that it stands beside, colours of the host."""
CHARTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "chart-payoff",
        "trade_calculate_strategy",
        {"strategy_type": "iron_condor", "symbol": "SPY", "dte": 30},
    ),
    ("chart-risk", "trade_get_portfolio_risk", {}),
)
"""Images in answers: file, tool, arguments."""


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
                if not missing_bridge():
                    await _views(stack, chrome, folder)
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


async def _views(stack: Stack, chrome: Chrome, folder: Path) -> None:
    """The pages beside a new ticket and beside what is held after two others were approved."""
    async with talking(stack, extensions=[advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]) as host:
        for kind in ("iron_condor", "long_put"):
            await _approved(host, kind)
        draft = await host.ask("trade_calculate_strategy", **ASKED)
        arguments = {"trade_execute": {"strategy_id": draft["strategy_id"]}}
        async with host_site() as site:
            for name, uri, tool, theme in VIEWS:
                answer = await host.client.call_tool(tool, arguments.get(tool, {}))
                result = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
                await chrome.size(800, 600)
                shown = await show(chrome, site, uri, result, theme=theme)
                await shown.view("document.querySelector('.knob')?.click()")
                height = await shown.view("document.getElementById('view').offsetHeight")
                await shown.host(f"document.querySelector('iframe').style.height = '{height}px'")
                await chrome.size(800, height)
                (folder / f"{name}.png").write_bytes(await chrome.picture())
        for name, tool, asked in CHARTS:
            answer = await host.client.call_tool(tool, asked | {"as_chart": True})
            assert isinstance(answer, CallToolResult)
            image = next(each for each in answer.content if isinstance(each, ImageContent))
            (folder / f"{name}.png").write_bytes(base64.b64decode(image.data))


async def _approved(host: Host, kind: str) -> None:
    draft = await host.ask("trade_calculate_strategy", strategy_type=kind, symbol="SPY", dte=30)
    staged = await host.ask("trade_execute", strategy_id=draft["strategy_id"])
    await host.approve(staged["ticket_id"])
    await host.until(
        "trade_get_order_status", lambda answer: answer.get("filled"), ticket_id=staged["ticket_id"]
    )


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(target))
