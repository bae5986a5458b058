"""What every answer has in common, and how a number of ours becomes a number in JSON.

A tool fills in what it knows: a summary, warnings, the facts. `complete` adds what holds for every answer.
Decimal, Premium and Money become JSON numbers; a missing number is null and never 0; NaN never leaves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from sumppump.domain.quotes import Feed, Quote, worst_feed
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.money import Money, Premium

QualityState = Literal["live", "delayed", "frozen", "model", "stale", "none", "broker", "journal"]
STALE_AFTER_S = 15.0
# Beside volatilities that are fractions.
SKEW_UNIT = "points (1 = 0.01 of iv)"


class View(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EnvironmentView(View):
    """Where orders would go; the account is masked."""

    mode: Literal["SIM", "PAPER", "LIVE"]
    account: str


class QualityView(View):
    """Where the figures come from and how old the oldest is, in seconds."""

    state: QualityState
    age_s: float | None = None
    notes: list[str] = Field(default_factory=list)

    def without_notes(self) -> QualityView:
        """The same where the warnings say what the notes would."""
        return self.model_copy(update={"notes": []})


JOURNAL = QualityView(state="journal")
BROKER = QualityView(state="broker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is true at the moment of an answer, whatever was asked.

    Attributes:
        as_of: exchange time, aware.
        warnings: kill switch, UNKNOWN orders, lost connections, writes that are off; most urgent first.
    """

    mode: Literal["SIM", "PAPER", "LIVE"]
    account: str
    as_of: datetime
    warnings: tuple[str, ...] = ()

    @property
    def banner(self) -> str:
        """The first line of every text, for example `SIM · SIM…417 · KILL SWITCH ON`."""
        return " · ".join((self.mode, self.account or "no account yet", *self.warnings))


class Answer(View):
    """The top of every answer."""

    summary: str
    warnings: list[str] = Field(default_factory=list)
    as_of: str = ""
    environment: EnvironmentView | None = None
    data_quality: QualityView = JOURNAL
    read_as: list[str] = Field(default_factory=list)

    def complete(self, header: Header, read_as: Sequence[str]) -> Self:
        """This answer with what holds for every one."""
        return self.model_copy(
            update={
                "warnings": [*header.warnings, *self.warnings],
                "as_of": self.as_of or moment(header.as_of),
                "environment": EnvironmentView(mode=header.mode, account=header.account),
                "read_as": list(read_as),
            }
        )

    def payload(self) -> dict[str, Any]:
        """The structured content."""
        return self.model_dump(mode="json")

    def for_page(self) -> dict[str, Any]:
        """What only a page beside the answer draws: fields that the payload leaves out."""
        left_out = {name for name, field in type(self).model_fields.items() if field.exclude}
        return {name: getattr(self, name) for name in sorted(left_out)}


@dataclass(frozen=True, slots=True)
class Pictured:
    """An answer that goes out as text and a PNG, without structured content.

    Attributes:
        drawn: the fields that the picture shows instead of the text.
        table: what the picture shows, in a few rows: a model does not see it.
    """

    answer: Answer
    png: bytes
    drawn: frozenset[str] = frozenset()
    table: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A form for the person, and what brings the reply back to its ticket."""

    ticket_id: str
    message: str
    must_type: str


def num(value: Decimal | Premium | Money | float | int | None, places: int = 6) -> float | None:
    """A JSON number, or None for what is missing or not finite."""
    if value is None:
        return None
    plain = float(value.amount if isinstance(value, Premium | Money) else value)
    return round(plain, places) if math.isfinite(plain) else None


def cash(value: Money | None) -> float | None:
    """Cash as a JSON number with two decimals."""
    return num(value, 2)


def moment(at: datetime) -> str:
    """A moment in New York, ISO with its offset."""
    return at.astimezone(NEW_YORK).isoformat(timespec="seconds")


_STATES: dict[Feed, QualityState] = {
    Feed.LIVE: "live",
    Feed.FROZEN: "frozen",
    Feed.DELAYED: "delayed",
    Feed.DELAYED_FROZEN: "delayed",
    Feed.NONE: "none",
}
_WORST: tuple[QualityState, ...] = ("none", "stale", "delayed", "frozen", "live")


def feed_state(feed: Feed) -> QualityState:
    """A feed in the words of the answers."""
    return _STATES[feed]


def feed_warnings(quotes: Iterable[Quote]) -> list[str]:
    """What a reader of figures from these quotes must know of their feeds; [] where all is live and kept."""
    found = list(quotes)
    worst = worst_feed(quote.feed for quote in found)
    rules = (
        (worst not in (Feed.LIVE, Feed.NONE), f"some data is {worst.replace('_', ' and ')}"),
        (bool(found) and worst is Feed.NONE, "some contracts have no market data"),
        (
            any(quote.is_stale and quote.feed is not Feed.NONE for quote in found),
            "ticks may have been missed: some figures are stale",
        ),
    )
    return [words for holds, words in rules if holds]


def quality_of(quotes: Sequence[Quote], monotonic: float, notes: Sequence[str] = ()) -> QualityView:
    """The quality of the worst of `quotes`, with every notice once."""
    if not quotes:
        return QualityView(state="none", notes=list(notes))
    age = max(quote.age_s(monotonic) for quote in quotes)
    states: set[QualityState] = {_STATES[quote.feed] for quote in quotes}
    if age > STALE_AFTER_S or any(quote.is_stale for quote in quotes):
        states.add("stale")
    said = dict.fromkeys([*notes, *(quote.notice for quote in quotes if quote.notice)])
    return QualityView(state=min(states, key=_WORST.index), age_s=round(age, 1), notes=list(said)[:5])
