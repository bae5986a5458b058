"""The page's HTML from templates that escape everything: no text of a ticket is ever trusted."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sumppump.approval.result import Result
from sumppump.approval.sheet import STRESS_TITLE, Sheet

if TYPE_CHECKING:
    from jinja2 import Environment

REFRESH_MOVING_S = 2
REFRESH_LIST_S = 5
REFRESH_TICKET_S = 15


@dataclass(frozen=True, slots=True)
class Payoff:
    """The payoff picture as an address of its own (`data:`), and what it shows in words."""

    address: str
    words: str


@cache
def _templates() -> Environment:
    # Loaded with the first page: many sessions never open one, and every start would pay for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=PackageLoader("sumppump.approval"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style_sheet() -> bytes:
    """The page's only style."""
    return resources.files("sumppump.approval").joinpath("static/page.css").read_bytes()


def svg_address(svg: str) -> str:
    """A picture as a `data:` address; an image document runs no script and cannot reach the page."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def ticket_page(sheet: Sheet, *, payoff: Payoff, code: str, token: str, problem: str = "") -> str:
    """The one screen on which a person decides.

    It looks again by itself, since the ticket may be decided elsewhere; not where that would wipe out an
    amount that is being typed.
    """
    life_s = int(sheet.seconds_left) + 1
    return (
        _templates()
        .get_template("ticket.html")
        .render(
            sheet=sheet,
            stress_title=STRESS_TITLE,
            payoff=payoff,
            code=code,
            token=token,
            problem=problem,
            life_s=life_s,
            refresh_s=life_s if sheet.amount else min(life_s, REFRESH_TICKET_S),
        )
    )


def result_page(result: Result) -> str:
    """What became of a ticket; looks again by itself until nothing more can happen."""
    refresh_s = 0 if result.is_final else REFRESH_MOVING_S
    return _templates().get_template("result.html").render(result=result, refresh_s=refresh_s)


def list_page(sheets: tuple[Sheet, ...]) -> str:
    """The tickets that wait."""
    return _templates().get_template("tickets.html").render(rows=sheets, refresh_s=REFRESH_LIST_S)


def notice_page(headline: str, sentence: str, *, link: str = "", link_words: str = "") -> str:
    """A page with one thing to say."""
    return (
        _templates()
        .get_template("notice.html")
        .render(headline=headline, sentence=sentence, link=link, link_words=link_words)
    )
