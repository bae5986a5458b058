"""The approval page: what a paired browser may see, and the one form that decides.

Law of the page: a GET changes nothing, but for the one that spends a secret to pair a browser. A decision
is a POST from a paired browser, with the token of the form that showed exactly this ticket. What the page
says afterwards comes from the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from loguru import logger
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sumppump.approval import guard, rendering, words
from sumppump.approval.decision import Decision, decide
from sumppump.approval.ledger import Decisions, Ledger
from sumppump.approval.pairing import PAIRING_LIFE_S, Browser, Pairing, form_token, is_form_token
from sumppump.approval.picture import payoff_of
from sumppump.approval.result import result_of
from sumppump.approval.sheet import sheet_of
from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import Channel
from sumppump.execution.reports import Outcome, TicketView
from sumppump.kernel.errors import ApprovalRefused, SumpPumpError, TicketGone

MOST_FIELDS = 8
_ANSWERABLE = frozenset({OrderState.AWAIT_HUMAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPage:
    """The page of one process.

    Attributes:
        decisions: asks `execution`, which may be built after the page.
        wall: time of day on this machine.
        port: where the page is served; part of the cookie's name, since browsers keep cookies by host alone.
    """

    decisions: Callable[[], Decisions]
    pairing: Pairing
    ledger: Ledger
    wall: Callable[[], datetime]
    port: int

    def app(self) -> ASGIApp:
        """The page as an ASGI application behind its guard."""
        routes = [
            Route("/pair/{secret}", self.pair, methods=["GET"]),
            Route("/tickets", self.show_list, methods=["GET"]),
            Route("/tickets/{ticket_id}", self.show, methods=["GET"]),
            Route("/tickets/{ticket_id}", self.answer, methods=["POST"]),
            Route("/static/page.css", _style, methods=["GET"]),
        ]
        handlers = {404: _not_here, 405: _not_here, 500: _failed}
        return Guarded(Starlette(routes=routes, exception_handlers=handlers), self.port)

    @property
    def cookie_name(self) -> str:
        """Name of the pairing cookie."""
        return f"sumppump_{self.port}"

    async def pair(self, request: Request) -> Response:
        """Spend a one-time secret: pair this browser and lead it to the ticket."""
        ticket_id = self.pairing.spend(request.path_params["secret"])
        if ticket_id is None:
            if self._browser(request) is not None:
                return _to("/tickets")
            return _unpaired()
        answer = _to(f"/tickets/{ticket_id}")
        if self._browser(request) is None:
            answer.set_cookie(
                self.cookie_name,
                self.pairing.pair(),
                max_age=int(PAIRING_LIFE_S),
                httponly=True,
                samesite="strict",
            )
        return answer

    async def show_list(self, request: Request) -> Response:
        """Tickets that wait."""
        if self._browser(request) is None:
            return _unpaired()
        waiting = [view for view in self.decisions().tickets() if _waits(view)]
        return HTMLResponse(rendering.list_page(tuple(sheet_of(view, wall=self.wall()) for view in waiting)))

    async def show(self, request: Request) -> Response:
        """A ticket that waits, or what became of it."""
        browser = self._browser(request)
        if browser is None:
            return _unpaired()
        view = self._view(request)
        return _no_such_ticket() if view is None else self._page(view, browser)

    async def answer(self, request: Request) -> Response:
        """Decline or approve, once."""
        browser = self._browser(request)
        if browser is None:
            return _unpaired()
        fields = _fields(await request.body())
        view = self._view(request)
        if view is None:
            return _no_such_ticket()
        here = f"/tickets/{view.ticket.ticket_id}"
        if not is_form_token(browser, view.ticket.ticket_id, view.digest, fields.get("csrf_token", "")):
            return _notice(403, "Not this form", "The form is not the one that shows this ticket.", link=here)
        if not self._is_open(view):
            return _to(here)
        try:
            decision = decide(
                fields.get("decision", ""), amount=view.ticket.typed_amount, typed=fields.get("amount", "")
            )
        except ApprovalRefused as refused:
            return self._page(view, browser, problem=refused.message, status=422)
        return await self._carry_out(decision, view, fields.get("amount") or None)

    async def _carry_out(self, decision: Decision, view: TicketView, amount: str | None) -> Response:
        ticket_id = view.ticket.ticket_id
        self.ledger.deciding.add(ticket_id)
        try:
            # A browser that goes away must not cut an order's way to the journal in half.
            outcome = await asyncio.shield(asyncio.ensure_future(self._decide(decision, view, amount)))
        except SumpPumpError as problem:
            return self._refused(problem, ticket_id)
        finally:
            self.ledger.deciding.discard(ticket_id)
        self.ledger.remember(ticket_id, outcome)
        return _to(f"/tickets/{self.ledger.replacements.get(ticket_id, ticket_id)}")

    async def _decide(self, decision: Decision, view: TicketView, amount: str | None) -> Outcome:
        ticket_id = view.ticket.ticket_id
        if decision is Decision.DECLINE:
            return await self.decisions().decline(ticket_id, Channel.PAGE)
        return await self.decisions().approve(ticket_id, Channel.PAGE, amount=amount, digest=view.digest)

    def _refused(self, problem: SumpPumpError, ticket_id: str) -> Response:
        # Whether anything was sent is for the journal to say: an error alone proves nothing.
        self.ledger.last_words[ticket_id] = problem.message
        if not _waits(self.decisions().ticket(ticket_id)):
            return _to(f"/tickets/{ticket_id}")
        said = (words.sentence(problem.message).rstrip("."), *map(words.for_a_person, problem.next_steps))
        sentence = " ".join(f"{each.rstrip('.')}." for each in said)
        return _notice(409, "Still waiting", sentence, link=f"/tickets/{ticket_id}")

    def _page(
        self, view: TicketView, browser: Browser, *, problem: str = "", status: int = 200
    ) -> HTMLResponse:
        ticket_id = view.ticket.ticket_id
        if not self._is_open(view):
            result = result_of(
                view,
                is_deciding=ticket_id in self.ledger.deciding,
                last_word=self.ledger.last_words.get(ticket_id, ""),
                newer=self.ledger.replacements.get(ticket_id, ""),
            )
            return HTMLResponse(rendering.result_page(result))
        content = rendering.ticket_page(
            sheet_of(view, wall=self.wall()),
            payoff=payoff_of(view.ticket.facts),
            code=self.ledger.codes.get(ticket_id, ""),
            token=form_token(browser, ticket_id, view.digest),
            problem=problem,
        )
        return HTMLResponse(content, status_code=status)

    def _is_open(self, view: TicketView) -> bool:
        # While one decision is being carried out, the same ticket takes no other.
        return _waits(view) and view.ticket.ticket_id not in self.ledger.deciding

    def _browser(self, request: Request) -> Browser | None:
        # Two cookies of one name are an attempt to smuggle one in; only a lone Cookie header is read.
        headers = request.headers.getlist("cookie")
        try:
            cookies = SimpleCookie(headers[0]) if len(headers) == 1 else SimpleCookie()
        except CookieError:
            return None
        morsel = cookies.get(self.cookie_name)
        return None if morsel is None else self.pairing.browser(morsel.value)

    def _view(self, request: Request) -> TicketView | None:
        try:
            return self.decisions().ticket(request.path_params["ticket_id"])
        except TicketGone:
            return None


class Guarded:
    """An application behind the rules of `guard`; its answers carry the security headers, all of them."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in guard.SECURITY_HEADERS]
                message = {**message, "headers": [*message.get("headers", ()), *extra]}
            await send(message)

        refusal = guard.judge(scope["method"], scope["path"], scope["headers"], port=self._port)
        try:
            if refusal is not None:
                page = rendering.notice_page("Not here", refusal.reason)
                await HTMLResponse(page, status_code=refusal.status)(scope, receive, send_guarded)
            else:
                await self._app(scope, receive, send_guarded)
        except Exception as problem:  # noqa: BLE001 - the last resort: an answer must never print its request
            logger.error("The approval page failed: {}", type(problem).__name__)


async def _style(request: Request) -> Response:
    return Response(rendering.style_sheet(), media_type="text/css")


async def _not_here(request: Request, problem: Exception) -> Response:
    return _notice(404, "Nothing here", "There is no such page.")


async def _failed(request: Request, problem: Exception) -> Response:
    return _notice(
        500,
        "Something failed here",
        "Look at the list of tickets and in TWS to see what was sent.",
        link="/tickets",
    )


def _fields(body: bytes) -> dict[str, str]:
    """The form's fields; {} where it is no form that a browser would have sent from our page."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return {}
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else {}


def _waits(view: TicketView) -> bool:
    return view.state in _ANSWERABLE and view.seconds_left > 0


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303)


def _notice(status: int, headline: str, sentence: str, *, link: str = "") -> HTMLResponse:
    link_words = "Back to the ticket" if link else ""
    return HTMLResponse(
        rendering.notice_page(headline, sentence, link=link, link_words=link_words), status_code=status
    )


def _unpaired() -> HTMLResponse:
    return _notice(
        403,
        "This browser is not paired",
        "The address works once, in the browser that SumpPump opened. Ask in the chat for the ticket to be "
        "staged again, or run sumppump approve in a terminal.",
    )


def _no_such_ticket() -> HTMLResponse:
    return _notice(404, "No such ticket", "It is unknown here, or belongs to an earlier run.")
