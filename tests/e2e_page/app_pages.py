"""Pages of an MCP App in a real Chromium, inside a host on the official bridge."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.e2e_page.chrome import Chrome
from tests.protocol.clients import environments

from sumppump.server.apps.offer import page

_HOST = b'<!doctype html><meta charset="utf-8"><body style="margin:0"><script src="/host.js"></script></body>'


def missing_bridge() -> str:
    """Why there is no official bridge to test with, or ""."""
    if environments.is_installed("ext_apps"):
        return ""
    return "the official bridge is not installed: python tests/protocol/clients/environments.py"


@cache
def host_script() -> bytes:
    """The host of these tests with the bridge in it, packed by esbuild."""
    home = environments.folder() / "ext_apps"
    source = Path(__file__).with_name("app_host.js")
    entry = home / source.name
    entry.write_text(source.read_text("utf-8"), "utf-8")
    packer = home / "node_modules" / ".bin" / "esbuild"
    command = [packer, entry, "--bundle", "--format=iife", "--log-level=error"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=home)
    return done.stdout


@dataclass
class Site:
    """A server of two documents that writes down what was asked for."""

    server: ThreadingHTTPServer
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"


@asynccontextmanager
async def host_site() -> AsyncIterator[Site]:
    """The host's page, served on the loopback interface."""
    files = {"/": ("text/html", _HOST), "/host.js": ("text/javascript", host_script())}
    asked: list[str] = []

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            kind, content = files.get(self.path, ("text/plain", b""))
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield Site(server, asked)
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


@dataclass
class Shown:
    """A page that a host shows."""

    chrome: Chrome

    async def host(self, expression: str) -> Any:
        """A value in the host's page."""
        await self.chrome.tell("POST", "/frame", {"id": None})
        return await self.chrome.look(expression)

    async def view(self, expression: str, *arguments: object) -> Any:
        """A value in the view itself."""
        await self.chrome.tell("POST", "/frame", {"id": None})
        await self.chrome.tell("POST", "/frame", {"id": 0})
        return await self.chrome.look(expression, *arguments)

    async def text(self) -> str:
        return str(await self.view("document.getElementById('view').innerText"))


async def show(
    chrome: Chrome, site: Site, uri: str, result: dict[str, Any], *, theme: str = "light"
) -> Shown:
    """Open a page in a host and wait until it has been given the result."""
    await chrome.go(site.address)
    await chrome.tell(
        "POST",
        "/execute/async",
        {
            "script": """
                const [html, result, context, done] = arguments;
                show(html, result, context).then(() => {
                  let [height, same] = [0, 0];
                  const settled = () => {
                    const last = seen.heights.at(-1);
                    [height, same] = [last, last === height ? same + 1 : 0];
                    return seen.ready && last && same > 5;
                  };
                  const wait = () => (settled() ? done(true) : requestAnimationFrame(wait));
                  wait();
                });""",
            "args": [page(uri), result, {"theme": theme, "locale": "en-US", "platform": "web"}],
        },
    )
    return Shown(chrome)
