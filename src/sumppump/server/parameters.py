"""Parameters that several tools share, each with its unit and an example."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, WithJsonSchema

from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.money import Premium
from sumppump.server.coercion import Number, OptionalText, Text, Whole, choice


def enum(*words: str) -> WithJsonSchema:
    """The schema of a choice."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


Ticker = Annotated[Text, Field(description="Ticker of the underlying, e.g. SPY")]
MaybeTicker = Annotated[OptionalText, Field(description="Only this underlying, e.g. SPY")]
Contract = Annotated[Text, Field(description="Ticker, option, future or pair, e.g. SPY 2026-12-18 500C")]
LimitPrice = Annotated[
    Number,
    Field(
        description="Net limit per share, signed: 2.15 pays at most 2.15, -1.20 receives at least 1.20. "
        "Closing what you own receives: negative. Default: the mid, rounded to the tick"
    ),
]
TradingClass = Annotated[
    OptionalText, Field(description="Option class where several expire together, e.g. SPXW; default: any")
]
StrikesAround = Annotated[Whole, Field(description="Strikes on each side of the money, e.g. 5; default 10")]
OptionRight = Annotated[
    str | None,
    choice("C", "P", call="C", calls="C", put="P", puts="P"),
    enum("C", "P"),
    Field(description="C for calls, P for puts; default both"),
]
ConfirmToken = Annotated[
    OptionalText,
    Field(description="Code that the person typed in this chat, e.g. 7KQ-M2X; never one you made up"),
]
PositionId = Annotated[OptionalText, Field(description="position_id of trade_get_positions")]
OrderId = Annotated[
    OptionalText, Field(description="order_id (e.g. 12) or order_ref (SP1-…) of a working order")
]


def premium(value: Decimal | None) -> Premium | None:
    """A price per share as our type."""
    return None if value is None else Premium(value)


def order_key(text: str) -> int | str:
    """An order_id as a number, an order_ref as it is."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def one_of(first: str | None, second: str | None, names: str) -> str:
    """The one of two arguments that was given.

    Raises:
        InvalidRequest: neither, or both.
    """
    if bool(first) == bool(second):
        raise InvalidRequest(
            f"give {names}",
            code="missing_argument" if not first else "invalid_argument",
            expected=names,
            found="both" if first else "neither",
            next_steps=[f"Call again with {names}."],
        )
    return first or second or ""


def not_past(day: date | None, today: date, field: str) -> date | None:
    """A day that is today or later.

    Raises:
        InvalidRequest: it is over.
    """
    if day is not None and day < today:
        raise InvalidRequest(
            f"{field} {day.isoformat()} is in the past",
            code=f"invalid_{field}",
            expected=f"{field}: {today.isoformat()} or later",
            found=day.isoformat(),
            next_steps=["Give a listed expiry; trade_get_options_chain names them."],
        )
    return day


def fraction(value: Decimal | None) -> float | None:
    """A number that is no price, as the services take it."""
    return None if value is None else float(value)


def fractions(values: Sequence[Decimal] | None) -> list[float] | None:
    """Numbers that are no prices, as the services take them."""
    return None if values is None else [float(value) for value in values]


def up_to(value: int, most: int, field: str, *, beyond: str = "") -> int:
    """A count within what one answer holds; `beyond` says how the rest is reached.

    Raises:
        InvalidRequest: below 1 or above `most`.
    """
    if not 1 <= value <= most:
        raise InvalidRequest(
            f"{field} {value} is out of range",
            code=f"invalid_{field}",
            expected=f"{field}: 1 to {most}",
            found=str(value),
            next_steps=[f"Give {field} from 1 to {most}{beyond}."],
        )
    return value


def offset_of(cursor: int | None, count: int) -> int:
    """Where the next page of `count` rows begins; 0 without a cursor.

    Raises:
        InvalidRequest: no page begins there.
    """
    if cursor is None:
        return 0
    if not 0 < cursor < count:
        raise InvalidRequest(
            f"cursor {cursor} is not one of ours",
            code="invalid_cursor",
            expected="cursor: next_cursor of the answer before",
            found=str(cursor),
            next_steps=["Call again without cursor: what is listed has changed, or ends before it."],
        )
    return cursor


def among(names: Sequence[str] | None, known: Sequence[str], field: str) -> tuple[str, ...]:
    """Names that are all known, in lower case.

    Raises:
        InvalidRequest: one is not.
    """
    wanted = tuple(name.lower() for name in names or ())
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InvalidRequest(
            f"{field} names {unknown[0]!r}, which is not there",
            code=f"invalid_{field}",
            expected=f"{field}: some of {', '.join(known)}",
            found=unknown[0],
            next_steps=[f"Leave {field} out for all of them."],
        )
    return wanted
