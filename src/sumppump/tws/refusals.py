"""What TWS says when it gives no answer, as rows of tables: in our words, and what to do about it.

A code often stands for several things that only its text tells apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable, NotSubscribed, SumpPumpError

_Make = Callable[..., SumpPumpError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One row: a code, words that its text must hold ("" for any), and the error of ours.

    Attributes:
        message: one sentence; {label} is what was asked for.
        name: the error's code, None for the kind's own.
        steps: what to do, in order.
    """

    code: int
    words: str = ""
    kind: _Make
    message: str
    name: str | None = None
    steps: Sequence[str] = ()

    def fits(self, error: BrokerRejected) -> bool:
        """Whether the error is this one."""
        return error.ib_code == self.code and self.words in error.text.lower()

    def error(self, label: str, said: BrokerRejected) -> SumpPumpError:
        """The error of ours; TWS's own words stand in `found`."""
        if self.kind is NotSubscribed:
            words = f"{self.message.format(label=label)}: {said.text}"
            return NotSubscribed(words, ib_code=said.ib_code, next_steps=self.steps)
        found = f"TWS {said.ib_code}: {said.text}"
        return self.kind(self.message.format(label=label), code=self.name, found=found, next_steps=self.steps)


def in_our_words(
    error: BrokerRejected, rows: Iterable[Refusal], *, label: str, otherwise: str
) -> SumpPumpError:
    """TWS's refusal by the first row that fits; what none fits is told as it is, under `otherwise`."""
    row = next((row for row in rows if row.fits(error)), None)
    if row is not None:
        return row.error(label, error)
    return GatewayUnavailable(
        otherwise.format(label=label),
        code="request_refused",
        found=f"TWS {error.ib_code}: {error.text}",
        next_steps=["Try again in a moment."],
    )
