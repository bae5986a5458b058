"""The MCP skin: one tool parses, calls one service and shapes the answer."""
