"""Which answers have a page, and the pages themselves, each one self-contained document."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from mcp.server.apps import Apps, ResourceCsp, client_supports_apps
from mcp.server.mcpserver import Context
from mcp_types import Tool as ToolCard

TICKET, PORTFOLIO = "ui://sumppump/ticket.html", "ui://sumppump/portfolio.html"
VIEW_OF_TOOL = {
    "trade_execute": TICKET,
    "trade_close": TICKET,
    "trade_set_stop_loss": TICKET,
    "trade_modify_order": TICKET,
    "trade_cancel_order": TICKET,
    "trade_get_order_status": TICKET,
    "trade_get_positions": PORTFOLIO,
    "trade_get_portfolio_summary": PORTFOLIO,
    "trade_analyze_greeks": PORTFOLIO,
    "trade_get_portfolio_risk": PORTFOLIO,
    "trade_check_margin_risk": PORTFOLIO,
    "trade_get_assignment_risk": PORTFOLIO,
    "trade_get_history": PORTFOLIO,
}
VIEW_META = "sumppump/view"
"""Where a result carries what only its page draws: beside the answer, not in it."""
_PARTS = {
    TICKET: ("Ticket", ("bridge.js", "parts.js", "payoff.js", "ticket.js")),
    PORTFOLIO: (
        "Portfolio",
        ("bridge.js", "parts.js", "figures.js", "risk.js", "history.js", "portfolio.js"),
    ),
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def app_pages() -> Apps:
    """The extension with every page; a host that does not know it ignores it."""
    apps = Apps()
    for uri, (title, _) in _PARTS.items():
        apps.add_html_resource(
            uri,
            page(uri),
            name=title.lower(),
            title=title,
            description=f"Shows the {title.lower()} of an answer; it cannot approve anything.",
            csp=ResourceCsp(connect_domains=[], resource_domains=[]),
            prefers_border=True,
        )
    return apps


def with_page(card: ToolCard) -> ToolCard:
    """A tool's card with the address of its page, if it has one."""
    uri = VIEW_OF_TOOL.get(card.name)
    return card if uri is None else card.model_copy(update={"meta": {"ui": {"resourceUri": uri}}})


def shows_pages(context: Context[Any, Any]) -> bool:
    """Whether the host of this call draws pages."""
    try:
        return client_supports_apps(context)
    except ValueError:  # a resource read at a fixed address comes without its request
        return False


@cache
def page(uri: str) -> str:
    """One document with its style and script in it; its own policy lets nothing else in."""
    title, names = _PARTS[uri]
    script = "\n".join(_part(name) for name in names)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>SumpPump: {title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{_part("page.css")}</style></head>'
        f'<body><main id="view" aria-live="polite">Waiting for the answer.</main>'
        f'<script>"use strict";\n{script}</script></body></html>'
    )


def _part(name: str) -> str:
    """Without indentation and lines of comment, which are for us and would travel to every host."""
    text = resources.files("sumppump.server.apps").joinpath("page", name).read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
