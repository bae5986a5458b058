"""A client of raw bytes: what a browser, and what no browser, would send."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

PATIENCE_S = 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key == name)


async def send(port: int, request: bytes) -> bytes:
    """Every byte that comes back until the server closes; b"" when it cuts the line."""
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


def parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    pairs = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return Answer(int(status_line.split(" ")[1]), pairs, body.decode())


@dataclass(slots=True)
class Visitor:
    """A browser's manners: one Host, one cookie jar, an Origin on every form."""

    port: int
    cookie: str = ""
    page: str = field(default="", init=False)

    async def get(self, path: str, *, extra: Sequence[str] = ()) -> Answer:
        return await self.request("GET", path, extra=extra)

    async def post(self, path: str, fields: dict[str, str], *, extra: Sequence[str] = ()) -> Answer:
        return await self.request(
            "POST",
            path,
            body=urlencode(fields),
            extra=(
                f"Origin: http://127.0.0.1:{self.port}",
                "Content-Type: application/x-www-form-urlencoded",
                *extra,
            ),
        )

    async def request(
        self, method: str, path: str, *, body: str = "", extra: Sequence[str] = (), host: str = ""
    ) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", *extra]
        lines += [f"Cookie: {self.cookie}"] if self.cookie else []
        lines += [f"Content-Length: {len(body)}"] if method == "POST" else []
        answer = parsed(await send(self.port, ("\r\n".join(lines) + "\r\n\r\n" + body).encode()))
        if offered := answer.header("set-cookie"):
            self.cookie = offered.partition(";")[0]
        self.page = answer.body
        return answer

    async def follow(self, address: str) -> Answer:
        """Open an address and follow where it leads."""
        answer = await self.get(urlsplit(address).path)
        while answer.status == 303:
            answer = await self.get(answer.header("location"))
        return answer

    def form(self) -> dict[str, str]:
        """The hidden fields of the page's form."""
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page)
        return {name: unescape(value) for name, value in hidden}
