from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from rich.console import Console
from tests.unit.approval.conftest import HandClock
from tests.unit.approval.stories import ACCOUNT, NOON, FakeDecisions, bull_call_spread, iron_condor

from sumppump.approval.decision import Decision
from sumppump.approval.sheet import sheet_of
from sumppump.approval.terminal import Terminal, read_answer, require_terminal, shown
from sumppump.domain.orders import OrderState
from sumppump.kernel.errors import ApprovalRefused, GatewayUnavailable
from sumppump.kernel.money import Money
from sumppump.ports.store import Handover, Verdict

AMOUNT = Money.of("6550")


@dataclass
class FakeInbox:
    """The store's inbox with a writer who decides at once, or with none."""

    decisions: FakeDecisions
    has_writer: bool = True
    posted: list[Handover] = field(default_factory=list)

    def post(self, verdict: Verdict, *, subject: str = "", digest: str = "", amount: str = "") -> int:
        number = len(self.posted) + 1
        self.posted.append(
            Handover(number=number, verdict=verdict, subject=subject, digest=digest, amount=amount)
        )
        done = {Verdict.APPROVE: OrderState.SENDING, Verdict.DECLINE: OrderState.DECLINED}
        if self.has_writer:
            self.decisions.state_by_id[subject] = done[verdict]
        return number

    def answer_to(self, number: int) -> str | None:
        return "taken" if self.has_writer else None

    def waiting(self) -> Sequence[Handover]:
        return ()

    def answer(self, number: int, text: str) -> None: ...

    def skip_old(self) -> None: ...

    def close(self) -> None: ...


@dataclass
class Person:
    """A person with a terminal of letters, who types what they were told to."""

    typed: list[str]
    decisions: FakeDecisions = field(default_factory=FakeDecisions)
    screen: io.StringIO = field(default_factory=io.StringIO)
    clock: HandClock = field(default_factory=HandClock)
    has_writer: bool = True

    def __post_init__(self) -> None:
        self.inbox = FakeInbox(self.decisions, self.has_writer)

    def run(self, ticket_id: str = "") -> OrderState | None:
        terminal = Terminal(
            tickets=self.decisions.tickets,
            inbox=self.inbox,
            console=Console(file=self.screen, width=100, color_system=None),
            ask=lambda question: self.typed.pop(0),
            wall=lambda: NOON,
            monotonic=self.clock.monotonic,
            sleep=self._sleep,
        )
        return terminal.run(ticket_id)

    def _sleep(self, seconds: float) -> None:
        self.clock.seconds += seconds


@pytest.mark.parametrize(
    ("typed", "amount", "decision"),
    [
        ("approve", None, Decision.APPROVE),
        (" Approve ", None, Decision.APPROVE),
        ("decline", None, Decision.DECLINE),
        ("DECLINE", AMOUNT, Decision.DECLINE),
        ("6,550", AMOUNT, Decision.APPROVE),
        ("$6550.00", AMOUNT, Decision.APPROVE),
        ("approve 6550", AMOUNT, Decision.APPROVE),
        ("", AMOUNT, None),
        ("   ", None, None),
    ],
)
def test_a_typed_line_decides(typed: str, amount: Money | None, decision: Decision | None) -> None:
    assert read_answer(typed, amount)[0] is decision


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("yes", None),
        ("y", None),
        ("6550", None),
        ("ok", AMOUNT),
        ("approve", AMOUNT),
        ("approve 655", AMOUNT),
        ("655", AMOUNT),
        ("approve it", AMOUNT),
    ],
)
def test_a_careless_line_decides_nothing(typed: str, amount: Money | None) -> None:
    """Our decision: a whole word, and the amount where one is asked."""
    with pytest.raises(ApprovalRefused):
        read_answer(typed, amount)


def test_approving_hands_over_the_ticket_that_was_shown() -> None:
    person = Person(["approve"])
    ticket = person.decisions.add(bull_call_spread())
    assert person.run() is OrderState.SENDING
    (handed,) = person.inbox.posted
    assert (handed.verdict, handed.subject, handed.digest) == (
        Verdict.APPROVE,
        ticket.ticket_id,
        ticket.digest(),
    )
    assert "Sending" in person.screen.getvalue()


def test_the_amount_travels_with_the_decision() -> None:
    person = Person(["6,550"])
    person.decisions.add(iron_condor())
    person.run()
    assert person.inbox.posted[0].amount == "6,550"


def test_a_blank_line_leaves_the_ticket_waiting() -> None:
    person = Person([""])
    person.decisions.add(bull_call_spread())
    assert person.run() is None
    assert person.inbox.posted == []


def test_a_slip_of_the_finger_is_asked_again() -> None:
    """Anything that is no answer decides nothing and ends nothing."""
    person = Person(["?", "aprove", "approve"])
    person.decisions.add(bull_call_spread())
    assert person.run() is OrderState.SENDING
    assert person.screen.getvalue().count("no answer") == 2
    person = Person(["approve", "6,500", ""])
    person.decisions.add(iron_condor())
    assert person.run() is None
    assert person.inbox.posted == []


def test_only_tickets_that_wait_are_offered() -> None:
    person = Person([])
    person.decisions.add(bull_call_spread(), OrderState.EXPIRED)
    assert person.run() is None
    assert "No ticket waits" in person.screen.getvalue()


@pytest.mark.parametrize(("choice", "decided"), [("2", ["tkt_2"]), ("3", []), ("0", []), ("x", []), ("", [])])
def test_one_of_several_is_chosen_by_its_number(choice: str, decided: list[str]) -> None:
    person = Person([choice, "decline"])
    for number in (1, 2):
        person.decisions.add(bull_call_spread(ticket_id=f"tkt_{number}"))
    person.run()
    assert [handed.subject for handed in person.inbox.posted] == decided


def test_a_named_ticket_is_the_one_that_is_shown() -> None:
    person = Person(["decline"])
    for number in (1, 2):
        person.decisions.add(bull_call_spread(ticket_id=f"tkt_{number}"))
    assert person.run("tkt_1") is OrderState.DECLINED
    assert person.run("tkt_9") is None


def test_a_decision_that_nobody_takes_is_said_to_be_lost_in_time() -> None:
    """Our decision: the terminal claims nothing that the writer has not answered."""
    person = Person(["approve"], has_writer=False)
    person.decisions.add(bull_call_spread())
    with pytest.raises(GatewayUnavailable) as caught:
        person.run()
    assert caught.value.code == "nobody_took_the_decision"


def test_the_terminal_shows_the_same_truth_as_the_page() -> None:
    screen = io.StringIO()
    decisions = FakeDecisions()
    decisions.add(iron_condor())
    sheet = sheet_of(decisions.tickets()[0], wall=NOON)
    Console(file=screen, width=100, color_system=None).print(shown(sheet))
    text = screen.getvalue()
    facts = [part for line in (*sheet.stakes, *sheet.facts) for part in (line.label, line.value)]
    for fact in (sheet.title, sheet.pays, sheet.max_loss, sheet.account, sheet.expires_at, *facts):
        assert fact in text
    for leg in sheet.legs:
        assert leg.contract in text
    assert ACCOUNT not in text


def test_names_from_outside_are_never_read_as_markup() -> None:
    decisions = FakeDecisions()
    ticket = bull_call_spread()
    hostile = "[bold red]SIM[/] \x1b[2J [link=http://evil.example]x[/link]"
    decisions.add(replace(ticket, facts=replace(ticket.facts, title=hostile)))
    screen = io.StringIO()
    Console(file=screen, width=120, force_terminal=True).print(
        shown(sheet_of(decisions.tickets()[0], wall=NOON))
    )
    assert "[bold red]SIM[/]" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()
    assert "\x1b]8;" not in screen.getvalue()


def test_without_a_terminal_nobody_is_asked() -> None:
    """pytest's own standard input is none."""
    with pytest.raises(ApprovalRefused) as caught:
        require_terminal()
    assert caught.value.code == "needs_terminal"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_person_at_a_real_terminal_approves_and_the_end_of_input_does_not() -> None:
    """The same calls that `sumppump approve` makes, with a pseudo-terminal as the person's own."""
    assert _at_a_terminal("decline\n") == ["decline"]
    assert _at_a_terminal("\x04") == []


def _at_a_terminal(typed: str) -> list[str]:
    import pty  # noqa: PLC0415 - not on Windows

    code = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='person')"
    ours, theirs = pty.openpty()
    script = Path(__file__).with_name("terminal_person.py")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(script)],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        os.close(theirs)
        os.write(ours, typed.encode())
        assert child.stderr is not None
        said = re.findall("handed over: (.*)", child.stderr.read())
        child.wait(timeout=20)
    os.close(ours)
    return said
