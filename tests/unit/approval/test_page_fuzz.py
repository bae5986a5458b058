from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.types import Message
from tests.unit.approval.stories import NOON, FakeDecisions, bull_call_spread, iron_condor

from sumppump.approval.ledger import Ledger
from sumppump.approval.page import ApprovalPage
from sumppump.approval.pairing import Pairing, form_token
from sumppump.domain.orders import OrderState

PORT = 40001
CASES = 5000


@dataclass(frozen=True)
class Asked:
    """A request as parts, each of which an attacker may lack or bend."""

    method: str
    path: str
    host: str
    origin: str
    cookie: str
    token: str
    decision: str
    amount: str
    content_type: str = "application/x-www-form-urlencoded"
    site: str = "same-origin"

    def body(self) -> bytes:
        fields = {"csrf_token": self.token, "decision": self.decision, "amount": self.amount}
        return urlencode(fields).encode()

    def headers(self) -> list[tuple[bytes, bytes]]:
        rows = [
            ("host", self.host),
            ("origin", self.origin),
            ("cookie", self.cookie),
            ("content-type", self.content_type),
            ("sec-fetch-site", self.site),
            ("content-length", str(len(self.body())) if self.method == "POST" else ""),
        ]
        return [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in rows if value]


async def status_of(page: ApprovalPage, asked: Asked) -> int:
    """The page's answer to a request, without a socket."""
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body(), "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "method": asked.method,
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": b"",
        "headers": asked.headers(),
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", PORT),
        "client": ("127.0.0.1", 5),
    }
    await page.app()(scope, receive, send)
    return status


def bent(text: str, dice: random.Random) -> str:
    """A text that is not the given one, but likes to look like it."""
    ways: tuple[Callable[[], str], ...] = (
        lambda: "",
        lambda: text[:-1],
        lambda: text + dice.choice("0./é"),
        lambda: text.swapcase(),
        lambda: text[::-1],
        lambda: text.replace(text[dice.randrange(len(text))], dice.choice("xyz09")) if text else "x",
        lambda: "".join(dice.choice("0123456789abcdef") for _ in range(dice.choice((16, 64)))),
        lambda: "null",
    )
    result = dice.choice(ways)()
    return result if result.strip() != text.strip() else text + "x"


async def test_of_five_thousand_requests_that_lack_one_thing_none_decides() -> None:
    """Every guard alone stops a request that is otherwise the person's own; seeded."""
    dice = random.Random(20261120)
    decisions = FakeDecisions()
    ticket = decisions.add(iron_condor())
    other = decisions.add(bull_call_spread(ticket_id="tkt_other"))
    pairing = Pairing(lambda: 0.0)
    page = ApprovalPage(
        decisions=lambda: decisions, pairing=pairing, ledger=Ledger(), wall=lambda: NOON, port=PORT
    )
    cookie = pairing.pair()
    browser = pairing.browser(cookie)
    assert browser is not None
    good = Asked(
        method="POST",
        path=f"/tickets/{ticket.ticket_id}",
        host=f"127.0.0.1:{PORT}",
        origin=f"http://127.0.0.1:{PORT}",
        cookie=f"{page.cookie_name}={cookie}",
        token=form_token(browser, ticket.ticket_id, ticket.digest()),
        decision="approve",
        amount="6550",
    )
    needed = ("method", "path", "host", "origin", "cookie", "token", "decision", "amount", "content_type")
    others = {
        "method": ("GET", "HEAD", "PUT", "OPTIONS", "post"),
        "path": (f"/tickets/{other.ticket_id}", "/tickets", f"/pair/{ticket.ticket_id}", f"{good.path}/"),
        "decision": ("", "yes", "approved", "approve it", "send", "1"),
        "content_type": ("", "text/plain", "application/json", "multipart/form-data; boundary=x"),
    }
    for _ in range(CASES):
        name = dice.choice(needed)
        value = dice.choice(others[name]) if name in others else bent(getattr(good, name), dice)
        asked = replace(good, site="" if name == "origin" else good.site, **{name: value})
        status = await status_of(page, asked)
        assert decisions.asked == [], asked
        assert status not in (0, 500), asked
    assert set(decisions.state_by_id.values()) == {OrderState.AWAIT_HUMAN}
    assert await status_of(page, good) == 303
    assert [row[:3] for row in decisions.asked] == [("approve", ticket.ticket_id, "6550")]


async def test_a_thousand_guesses_at_once_neither_pair_nor_decide() -> None:
    decisions = FakeDecisions()
    ticket = decisions.add(bull_call_spread())
    pairing = Pairing(lambda: 0.0)
    pairing.invite(ticket.ticket_id)
    page = ApprovalPage(
        decisions=lambda: decisions, pairing=pairing, ledger=Ledger(), wall=lambda: NOON, port=PORT
    )
    host = f"127.0.0.1:{PORT}"
    guess = Asked("GET", "/pair/x", host, "", "", "", "", "", content_type="", site="none")
    dice = random.Random(7)
    guesses = [replace(guess, path=f"/pair/{dice.getrandbits(192):048x}") for _ in range(1000)]
    assert set(await asyncio.gather(*(status_of(page, asked) for asked in guesses))) == {403}
    assert decisions.asked == []
