"""A real Chromium, driven over chromedriver's own HTTP with the standard library alone."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CHROMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER, TAB = "\ue007", "\ue004"
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    # Nothing but the loopback interface is reachable: the test cannot touch the network.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)


def missing() -> str:
    """Why there is no browser to test with, or ""."""
    if shutil.which("chromedriver") is None:
        return "no chromedriver on this machine"
    return "" if _binary() else "no Chromium on this machine"


def _binary() -> str:
    return next((path for name in CHROMES if (path := shutil.which(name))), "")


@dataclass
class Chrome:
    """One window."""

    driver: subprocess.Popen[str]
    base: str
    profile: tempfile.TemporaryDirectory[str]
    session: str = ""

    @classmethod
    def start(cls) -> Chrome:
        driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert driver.stdout is not None
        port = next(
            found.group(1)
            for line in driver.stdout
            if (found := re.search(r"successfully on port (\d+)", line))
        )
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        chrome = cls(driver, f"http://127.0.0.1:{port}", profile)
        chrome.session = chrome.call("POST", "/session", _capabilities(profile.name))["sessionId"]
        return chrome

    def stop(self) -> None:
        """Close the window and end the driver."""
        try:
            self.call("DELETE", f"/session/{self.session}")
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=10)
            if self.driver.stdout is not None:
                self.driver.stdout.close()
            self.profile.cleanup()

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One command of the WebDriver protocol."""
        data = json.dumps({} if body is None else body).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data=data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)["value"]

    async def tell(self, method: str, path: str, body: object = None) -> Any:
        """A command to this window, while the page under test is served by the same loop."""
        return await asyncio.to_thread(self.call, method, f"/session/{self.session}{path}", body)

    async def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """The size of the page's own area, and which colours the person prefers."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self._cdp("Emulation.setDeviceMetricsOverride", metrics)
        await self._cdp("Emulation.setEmulatedMedia", {"features": [scheme]})

    async def forget(self) -> None:
        """No cookies, no page, an empty console: a browser that was just started."""
        await self.go("about:blank")
        await self._cdp("Network.clearBrowserCookies", {})
        await self.complaints()

    async def go(self, address: str) -> None:
        await self.tell("POST", "/url", {"url": address})

    async def address(self) -> str:
        return str(await self.tell("GET", "/url"))

    async def look(self, script: str, *arguments: object) -> Any:
        """The value of an expression in the page; the driver's own eyes, which no CSP binds."""
        return await self.tell(
            "POST", "/execute/sync", {"script": f"return {script.strip()}", "args": list(arguments)}
        )

    async def click(self, selector: str) -> None:
        await self.tell("POST", f"/element/{await self._find(selector)}/click")

    async def type(self, selector: str, text: str) -> None:
        await self.tell("POST", f"/element/{await self._find(selector)}/value", {"text": text})

    async def press(self, key: str) -> None:
        """A key for whatever has the focus."""
        strokes = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        await self.tell("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    async def cookies(self) -> list[dict[str, Any]]:
        return list(await self.tell("GET", "/cookie"))

    async def complaints(self) -> list[str]:
        """What the browser's console holds: refused styles, scripts and pictures among it."""
        return [row["message"] for row in await self.tell("POST", "/se/log", {"type": "browser"})]

    async def picture(self) -> bytes:
        return base64.b64decode(await self.tell("GET", "/screenshot"))

    async def _cdp(self, command: str, parameters: object) -> None:
        await self.tell("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    async def _find(self, selector: str) -> str:
        found = await self.tell("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])


def _capabilities(profile: str) -> object:
    arguments: Sequence[str] = (*_FLAGS, f"--user-data-dir={profile}")
    return {
        "capabilities": {
            "alwaysMatch": {
                "goog:chromeOptions": {"binary": _binary(), "args": arguments},
                "goog:loggingPrefs": {"browser": "ALL"},
            }
        }
    }
