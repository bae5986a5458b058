"""A server of the bare SDK without a mind: what our own server is measured against."""

from __future__ import annotations

from mcp.server import MCPServer
from pydantic import BaseModel

server = MCPServer("bare")


class Status(BaseModel):
    """A small answer."""

    summary: str
    ready: bool


@server.tool()
async def status() -> Status:
    """Say that all is well."""
    return Status(summary="all is well", ready=True)


class Table(BaseModel):
    """An answer as large as a chain."""

    columns: list[str]
    rows: list[list[str | float | int | None]]


TABLE = Table(
    columns=[f"column_{number}" for number in range(15)],
    rows=[["2026-12-18", 680.0 + row, "C", *(row + 0.12 * cell for cell in range(12))] for row in range(42)],
)


@server.tool()
async def table() -> Table:
    """Give the same numbers again."""
    return TABLE


if __name__ == "__main__":
    server.run()
