"""Faults of single answers: they are missing, late, doubled, or not what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sumppump.exchange.commands import ReviseExecution
from sumppump.exchange.desks.line import Line
from sumppump.exchange.events import Event, Executed
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.reports import Execution
from sumppump.exchange.trouble.effect import Effect, Message, Scene
from sumppump.exchange.trouble.parameters import Count, Often, Seconds
from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire import market_requests as want
from sumppump.exchange.wire import order_answers as told
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.market_answers import ContractDataEnd

if TYPE_CHECKING:
    from sumppump.exchange.session import ClientSession


Kinds = tuple[type[Any], ...]


class Question(StrEnum):
    """What a client asks for, by its end message."""

    POSITIONS = "positions"
    OPEN_ORDERS = "open-orders"
    COMPLETED_ORDERS = "completed-orders"
    EXECUTIONS = "executions"
    ACCOUNT = "account"
    SUMMARY = "summary"
    CONTRACTS = "contracts"


ANSWERS: dict[Question, tuple[Kinds, Kinds]] = {
    Question.POSITIONS: (
        (say.Position, say.PositionMulti),
        (say.PositionEnd, say.PositionMultiEnd),
    ),
    Question.OPEN_ORDERS: ((), (told.OpenOrderEnd,)),
    Question.COMPLETED_ORDERS: ((told.CompletedOrder,), (told.CompletedOrdersEnd,)),
    Question.EXECUTIONS: ((), (told.ExecDetailsEnd,)),
    Question.ACCOUNT: (
        (say.AccountValue, say.AccountUpdateMulti),
        (say.AccountDownloadEnd, say.AccountUpdateMultiEnd),
    ),
    Question.SUMMARY: ((say.AccountSummary,), (say.AccountSummaryEnd,)),
    Question.CONTRACTS: ((), (ContractDataEnd,)),
}
"""The rows of an answer that nothing but a request brings, and its end."""


@dataclass(kw_only=True)
class EndMissing(Effect):
    """An answer is never ended.

    Attributes:
        of: which question's.
        rows_too: whether the rows are missing as well.
        times: how many ends are missing; 0 for all.
    """

    of: Question = Question.POSITIONS
    rows_too: bool = False
    times: Often = 0
    _done: int = field(default=0, init=False)

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        rows, ends = ANSWERS[self.of]
        if self.rows_too and isinstance(message, rows):
            return ()
        if not isinstance(message, ends):
            return (message,)
        self._done += 1
        if self.times and self._done >= self.times:
            scene.after(0.0, scene.over)
        return ()


@dataclass(kw_only=True)
class AnswersLate(Effect):
    """An answer comes when nobody waits for it any more.

    Attributes:
        of: which question's rows and end.
        seconds: how much later.
    """

    of: Question = Question.COMPLETED_ORDERS
    seconds: Seconds = 60.0
    _held: list[tuple[Line, Message]] = field(default_factory=list, init=False)

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        rows, ends = ANSWERS[self.of]
        if not isinstance(message, rows + ends):
            return (message,)
        self._held.append((line, message))
        scene.after(self.seconds, self._let_one_go)
        return ()

    def _let_one_go(self) -> None:
        line, message = self._held.pop(0)
        line.put(message)

    def end(self, scene: Scene) -> None:
        while self._held:
            self._let_one_go()


@dataclass(kw_only=True)
class NeverAnswered(Effect):
    """A request gets no answer at all.

    Attributes:
        combos_only: contract details of combos only, else of every contract.
        times: how many requests; 0 for all.
    """

    combos_only: bool = True
    times: Often = 0
    _done: int = field(default=0, init=False)

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, want.ReqContractDetails):
            return message
        if self.combos_only and message.contract.sec_type != "BAG":
            return message
        self._done += 1
        if self.times and self._done >= self.times:
            scene.over()
        return None


@dataclass(kw_only=True)
class ExecutionsTwice(Effect):
    """Executions are told again, in particular to who asks after a reconnect.

    Attributes:
        times: how often each is told again.
    """

    times: Count = 1

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        is_execution = isinstance(message, told.ExecDetails)
        return (message,) * (1 + self.times) if is_execution else (message,)


class Revision(StrEnum):
    """What becomes of an execution."""

    CORRECTED = "corrected"
    BUST = "bust"


@dataclass(kw_only=True)
class ExecutionsRevised(Effect):
    """An execution is corrected (its id ends in .02) or busted (quantity 0) some time after it was told.

    The account follows: cash, cost and quantity are what the revision says (`orders.corrections`).

    Attributes:
        how: corrected or bust.
        seconds: after the execution.
        price: by how much a correction moves the price, per share.
        times: how many executions; of a combo those of its legs.
    """

    how: Revision = Revision.CORRECTED
    seconds: Seconds = 5.0
    price: float = 0.05
    times: Count = 1
    _seen: set[str] = field(default_factory=set, init=False)

    def heard(self, scene: Scene, event: Event) -> None:
        if not isinstance(event, Executed) or not isinstance(event.execution.instrument, Listing):
            return
        stem, _, _ = event.execution.exec_id.rpartition(".")
        if stem not in self._seen and len(self._seen) < self.times:
            self._seen.add(stem)
            revision = self._revision(event.execution)
            scene.after(self.seconds, lambda: scene.hall.publish(scene.venue.apply(revision)))

    def _revision(self, execution: Execution) -> ReviseExecution:
        price = max(execution.price + Decimal(str(self.price)), Decimal(0))
        return ReviseExecution(execution.exec_id, None if self.how is Revision.BUST else price)


@dataclass(kw_only=True)
class OtherContract(Effect):
    """Reports name another contract than the one that was traded.

    Attributes:
        by: what is added to its con id.
        symbol: put in place of its symbol, "" leaves it.
        orders, positions: which reports.
    """

    by: Count = 1
    symbol: str = ""
    orders: bool = True
    positions: bool = True

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        orders: Kinds = (told.OpenOrder, told.ExecDetails) if self.orders else ()
        positions: Kinds = (say.Position, say.PositionMulti, say.PortfolioValue) if self.positions else ()
        if not isinstance(message, orders + positions):
            return (message,)
        one = message.instrument
        other = replace(one, con_id=one.con_id + self.by, symbol=self.symbol or one.symbol)
        return (replace(message, instrument=other),)


@dataclass(kw_only=True)
class OtherAccount(Effect):
    """After the next login the account is another one.

    Attributes:
        name: of the other account, for example a live one where a paper one was.
        at_login: whether clients are sent away first, so that they log in again.
    """

    name: str = "U7654321"
    at_login: bool = True

    def begin(self, scene: Scene) -> None:
        if self.at_login:
            for session in scene.sessions:
                session.cut()

    def outgoing(self, scene: Scene, line: Line, message: Message) -> Iterable[Message]:
        return (_renamed(message, scene.venue.account, self.name),)


def _renamed(message: Message, old: str, new: str) -> Message:
    """A message with one account in place of another, wherever it is named."""
    if not is_dataclass(message) or isinstance(message, type):
        return message
    texts = {one.name: getattr(message, one.name) for one in fields(message)}
    changed = {
        name: text.replace(old, new) for name, text in texts.items() if isinstance(text, str) and old in text
    }
    return replace(message, **changed) if changed else message


@dataclass(kw_only=True)
class CancelsUnknown(Effect):
    """A cancel is answered 10147, although the order lives.

    Attributes:
        times: how many cancels; 0 for all.
    """

    times: Often = 0
    _done: int = field(default=0, init=False)

    def incoming(self, scene: Scene, session: ClientSession, message: Message) -> Message | None:
        if not isinstance(message, ask.CancelOrder):
            return message
        text = f"OrderId {message.order_id} that needs to be cancelled is not found."
        session.line.put(ErrorMessage(id=message.order_id, code=10147, text=text))
        self._done += 1
        if self.times and self._done >= self.times:
            scene.over()
        return None
