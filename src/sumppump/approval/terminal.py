"""The approval in a terminal: `sumppump approve`, for machines without a browser.

It runs in a process of its own, shows the same sheet as the page, and leaves the decision in the store's
inbox; the process that may send picks it up, checks it as it would the page's, and answers there. The
code is not shown here: the decision needs none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sumppump.approval import words
from sumppump.approval.clockface import local_time
from sumppump.approval.decision import Decision, decide
from sumppump.approval.result import result_of
from sumppump.approval.sheet import STRESS_TITLE, Line, Sheet, StressTable, sheet_of
from sumppump.domain.orders import Environment, OrderState
from sumppump.execution.approvals import is_amount
from sumppump.execution.reports import TicketView
from sumppump.kernel.errors import ApprovalRefused, GatewayUnavailable, Retry, Who
from sumppump.kernel.money import Money
from sumppump.ports.store import Inbox, Verdict

ANSWER_TIMEOUT_S = 20.0
POLL_S = 0.1
_MODE_STYLE = {
    Environment.SIM: "bold white on blue",
    Environment.PAPER: "bold black on yellow",
    Environment.LIVE: "bold white on red",
}
_VERDICTS = {Decision.APPROVE: Verdict.APPROVE, Decision.DECLINE: Verdict.DECLINE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A person at a terminal.

    Attributes:
        tickets: all tickets of the journal, newest first.
        inbox: where decisions are left for the writer.
        console: where things are shown.
        ask: shows a question and returns what was typed.
        wall: time of day on this machine.
        monotonic, sleep: how long the writer is waited for.
    """

    tickets: Callable[[], Sequence[TicketView]]
    inbox: Inbox
    console: Console
    ask: Callable[[str], str]
    wall: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(self, ticket_id: str = "") -> OrderState | None:
        """Show a ticket that waits, take the answer and hand it over.

        Args:
            ticket_id: which one; asked for when several wait.

        Returns:
            The ticket's state afterwards; None where nothing waited or nothing was decided.

        Raises:
            GatewayUnavailable: nobody took the decision within 20 s.
        """
        waiting = [view for view in self.tickets() if view.state is OrderState.AWAIT_HUMAN]
        view = self._chosen([v for v in waiting if ticket_id in ("", v.ticket.ticket_id)])
        if view is None:
            self.console.print("No ticket waits for you." if not waiting else "No ticket was chosen.")
            return None
        sheet = sheet_of(view, wall=self.wall())
        self.console.print(shown(sheet))
        decision, amount = self._answer(sheet, view.ticket.typed_amount)
        if decision is None:
            self.console.print("Nothing was decided; the ticket still waits.")
            return None
        return self._hand_over(view, decision, amount)

    def _answer(self, sheet: Sheet, amount: Money | None) -> tuple[Decision | None, str]:
        """What the person decides; a slip of the finger is asked again, a blank line decides nothing."""
        while True:
            try:
                return read_answer(self.ask(_question(sheet)), amount)
            except ApprovalRefused as slip:
                self.console.print(Text(f"{words.sentence(slip.message)}. A blank line leaves it waiting."))

    def _chosen(self, views: Sequence[TicketView]) -> TicketView | None:
        if len(views) < 2:
            return views[0] if views else None
        for number, view in enumerate(views, start=1):
            sheet = sheet_of(view, wall=self.wall())
            self.console.print(Text(f"{number}  {sheet.title}  {sheet.pays}  until {sheet.expires_at}"))
        typed = self.ask("Which one? ").strip()
        return views[int(typed) - 1] if typed in {str(n + 1) for n in range(len(views))} else None

    def _hand_over(self, view: TicketView, decision: Decision, amount: str) -> OrderState:
        ticket_id = view.ticket.ticket_id
        number = self.inbox.post(_VERDICTS[decision], subject=ticket_id, digest=view.digest, amount=amount)
        self.console.print(Text(self._answer_to(number)))
        after = next(v for v in self.tickets() if v.ticket.ticket_id == ticket_id)
        result = result_of(after)
        self.console.print(Text.assemble((result.headline, "bold"), f": {result.sentence}"))
        return after.state

    def _answer_to(self, number: int) -> str:
        until = self.monotonic() + ANSWER_TIMEOUT_S
        while (answer := self.inbox.answer_to(number)) is None:
            if self.monotonic() > until:
                raise _nobody_answered()
            self.sleep(POLL_S)
        return answer


def person_at_terminal(tickets: Callable[[], Sequence[TicketView]], inbox: Inbox) -> Terminal:
    """The person who sits at this process's own terminal.

    Raises:
        ApprovalRefused: there is no terminal.
    """
    require_terminal()
    return Terminal(tickets=tickets, inbox=inbox, console=Console(), ask=_ask, wall=local_time)


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        # The end of input is no answer; the ticket goes on waiting.
        return ""


def require_terminal() -> None:
    """Refuse to go on where no person can be typing.

    Raises:
        ApprovalRefused: standard input or output is not a terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ApprovalRefused(
            "approving takes a person at a terminal",
            code="needs_terminal",
            expected="a terminal at standard input and output",
            found="a pipe or a file",
            next_steps=["Run sumppump approve yourself in a terminal window."],
        )


def read_answer(typed: str, amount: Money | None) -> tuple[Decision | None, str]:
    """What a typed line decides, with the amount in it.

    Args:
        typed: `approve`, `decline`, or the amount where one is asked; `approve 6,550` is both. A blank
            line decides nothing.
        amount: what has to be typed to approve, or None.

    Raises:
        ApprovalRefused: neither word, or another amount than the ticket's.
    """
    text = typed.strip()
    if not text:
        return None, ""
    if amount is not None and is_amount(text, amount):
        return Decision.APPROVE, text
    word, _, rest = text.partition(" ")
    return decide(word, amount=amount, typed=rest), rest.strip()


def shown(sheet: Sheet) -> RenderableType:
    """The sheet for a terminal. Text from outside is never read as markup."""
    head = f" {sheet.environment} · {sheet.environment_words} · Account {sheet.account} "
    body = Group(
        Text(head, _MODE_STYLE[sheet.environment]),
        Text(f"\n{sheet.title}", "bold"),
        Text(f"{sheet.action} · {sheet.ticket_id}", "dim"),
        *(Text(f"  {leg.side:<4} {leg.count} {leg.contract}") for leg in sheet.legs),
        Text(f"\n{sheet.pays}", "bold"),
        Text(sheet.pays_note, "dim"),
        Text.assemble(
            f"\n{sheet.stake_label}: ",
            (sheet.max_loss, "bold red" if sheet.is_alarming else "bold"),
            f" {sheet.max_loss_note}",
        ),
        *_exit_lines(sheet),
        Padding(_lines((*sheet.stakes, *sheet.facts)), (1, 0, 0, 0)),
        *_stress_lines(sheet.stress),
        *(Text(f"! {warning}", "yellow") for warning in sheet.warnings),
    )
    return Panel(body, title=Text(f"open until {sheet.expires_at}"), width=78)


def _stress_lines(stress: StressTable) -> Iterator[RenderableType]:
    if stress.columns:
        table = Table.grid(padding=(0, 2))
        for name, cells in (
            (STRESS_TITLE, stress.columns),
            ("held now", stress.held),
            ("with this", stress.with_order),
        ):
            table.add_row(Text(name, "dim"), *(Text(cell, justify="right") for cell in cells))
        yield Padding(table, (1, 0, 0, 0))
    if stress.note:
        yield Text(stress.note, "dim")


def _exit_lines(sheet: Sheet) -> Iterator[RenderableType]:
    if sheet.exits:
        yield Text(f"\n{sheet.exits_title}:", "dim")
        yield _lines([Line(each.at, each.result, each.price) for each in sheet.exits])


def _lines(lines: Sequence[Line]) -> Table:
    table = Table.grid(padding=(0, 2))
    for line in lines:
        table.add_row(Text(line.label, "dim"), Text(" ".join(_noted(line))))
    return table


def _noted(line: Line) -> Iterator[str]:
    yield line.value
    if line.note:
        yield f"({line.note})"


def _question(sheet: Sheet) -> str:
    approving = f"the amount {sheet.amount} to approve and send" if sheet.amount else "approve to send"
    return f"Type {approving}, or decline: "


def _nobody_answered() -> GatewayUnavailable:
    return GatewayUnavailable(
        "no running SumpPump has taken the decision",
        code="nobody_took_the_decision",
        who=Who.APPROVAL,
        retry=Retry.NEVER,
        next_steps=["See that the server is running, then look at the ticket before deciding again."],
    )
