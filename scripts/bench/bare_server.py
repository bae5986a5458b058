"""A one-tool server of the bare SDK: what our own server is measured against."""

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


if __name__ == "__main__":
    server.run()
