from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.unit.approval.conftest import Room
from tests.unit.approval.stories import bull_call_spread

from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import Ticket
from sumppump.execution.reports import OrderReport

_TAGS = [
    "script",
    "img src=x",
    "svg/onload",
    "iframe",
    "body",
    "input autofocus",
    "a href=javascript:",
    "form action=//x",
]
_EVENTS = ["onerror", "onload", "onfocus", "onmouseover", "onanimationstart"]
_OPENERS = ["<", '"><', "'><", "</b><", "--><", "]]><"]
_SINGLES = [
    "javascript:alert(1)",
    "{{7*7}}",
    "{% import os %}",
    "${7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202egnp.exe",
    "\u200bSPY\u200b",
    "SPY\x00\x1b[2J",
    "<!--",
    "<meta http-equiv=refresh content=0;url=//evil>",
    "</title><script>alert(1)</script>",
    "</svg><script>alert(1)</script>",
    '" autofocus onfocus=alert(1) x="',
    "＜script＞",
]
PAYLOADS = [f"{o}{t} {e}=alert(1)>" for o in _OPENERS for t in _TAGS for e in _EVENTS] + _SINGLES


class Skeleton(HTMLParser):
    """The page's elements and the attributes that could act, without its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))


def hostile(text: str) -> Ticket:
    ticket = bull_call_spread(ticket_id="tkt_hostile")
    legs = tuple(replace(leg, label=text, strike=None) for leg in ticket.facts.legs)
    facts = replace(
        ticket.facts,
        title=text,
        action_words=text,
        symbol=text,
        legs=legs,
        cash_words=text,
        price_words=text,
        max_loss_reason=text,
        margin_reason=text,
        margin=None,
        account_warning=text,
        warnings=(text,),
        changes=(text,),
    )
    return replace(ticket, facts=facts)


async def test_over_two_hundred_hostile_names_leave_the_page_s_skeleton_as_it_is(room: Room) -> None:
    """Contract names, reasons and the broker's words are text: no element, no attribute comes of them."""
    assert len(PAYLOADS) > 200
    visitor = await room.person(hostile("plain"))
    plain = Skeleton(visitor.page).seen
    for payload in PAYLOADS:
        room.decisions.add(hostile(f"plain {payload}"))
        page = (await visitor.get("/tickets/tkt_hostile")).body
        assert Skeleton(page).seen == plain, payload
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b\u202a-\u202e]", page), payload
        assert "49" not in re.sub(r"\d{3,}|value=\"[^\"]*\"|data:[^\"]*|15:3\d:\d\d", "", page), payload


@pytest.mark.parametrize("payload", _SINGLES)
async def test_the_broker_s_words_on_a_result_are_text(room: Room, payload: str) -> None:
    ticket = bull_call_spread()
    visitor = await room.person(ticket)
    room.decisions.state_by_id[ticket.ticket_id] = OrderState.REJECTED

    async def skeleton(text: str) -> list[tuple[str, tuple[str, ...]]]:
        room.decisions.report_by_id[ticket.ticket_id] = OrderReport(
            state=OrderState.REJECTED, evidence=text, broker_says=(text,), next_steps=(text,), order_ref=text
        )
        return Skeleton((await visitor.get(f"/tickets/{ticket.ticket_id}")).body).seen

    assert await skeleton(f"plain {payload}") == await skeleton("plain")
