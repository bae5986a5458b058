"""Arguments as models and people write them, read once and strictly.

Strings arrive where numbers, lists or dates were meant. What can be read in one way only is read, and the
answer says how (`read_as`); what could mean two things is an error that names the field and both readings.
Nothing is guessed: "1,5" is neither 1.5 nor 15.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.text import clean

MAX_TEXT = 200
MAX_ITEMS = 100
MAX_MAGNITUDE = 10**12
MAX_PLACES = 12
MAX_DIGITS = 40

readings: ContextVar[list[str] | None] = ContextVar("readings", default=None)
"""How this call's arguments were read, where that is not obvious."""

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?")
_DAYS = (
    ("%Y-%m-%d", re.compile(r"\d{4}-\d{1,2}-\d{1,2}")),
    ("%Y%m%d", re.compile(r"\d{8}")),
    ("%Y/%m/%d", re.compile(r"\d{4}/\d{1,2}/\d{1,2}")),
    ("%m/%d/%Y", re.compile(r"\d{1,2}/\d{1,2}/\d{4}")),
    ("%m/%d/%y", re.compile(r"\d{1,2}/\d{1,2}/\d{2}")),
    ("%d%b%y", re.compile(r"\d{1,2}[A-Za-z]{3}\d{2}")),
    ("%b %d %Y", re.compile(r"[A-Za-z]{3} \d{1,2} \d{4}")),
    ("%B %d %Y", re.compile(r"[A-Za-z]{4,9} \d{1,2} \d{4}")),
    ("%d %b %Y", re.compile(r"\d{1,2} [A-Za-z]{3} \d{4}")),
    ("%d %B %Y", re.compile(r"\d{1,2} [A-Za-z]{4,9} \d{4}")),
)
_TICKERS = re.compile(r"[A-Za-z.]{1,6}(\s+[A-Za-z.]{1,6})+")
_TRUE = frozenset({"true", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "no", "n", "off", "0"})


def refusal(field: str | None, expected: str, found: object) -> InvalidRequest:
    """The error for an argument that cannot be read."""
    name = field or "argument"
    shown = shown_briefly(found)
    return InvalidRequest(
        f"{name}: expected {expected}, found {shown}",
        code=f"invalid_{name}",
        expected=f"{name}: {expected}",
        found=shown,
        next_steps=[f"Give {name} as {expected} and call again."],
    )


def shown_briefly(value: object, limit: int = 80) -> str:
    """Any argument as it may stand in a message."""
    try:
        return clean(repr(value), limit=limit)
    except ValueError:  # Python refuses to print integers of thousands of digits
        return f"{type(value).__name__} too large to print"


def note(field: str | None, found: object, meaning: object) -> None:
    """Remember how an argument was read, for the answer."""
    taken = readings.get()
    if taken is not None:
        taken.append(f"{field}: {shown_briefly(found, 60)} read as {meaning}")


def read_number(value: object, field: str | None) -> Decimal:
    """A finite number; strings may carry $, thousands commas, a sign, and % where a percentage is meant.

    Raises:
        InvalidRequest: not one number, or one that could mean two.
    """
    number = _decimal(value, percent="pct" in (field or "") or "percent" in (field or ""))
    if number is None:
        raise refusal(field, "a number with a point for decimals, such as 1.25", value)
    if isinstance(value, str):
        note(field, value, f"{number:f}")
    return number


def read_share(value: object, field: str | None) -> Decimal:
    """A part of 1: 0.95, or in percent 95 or "95%"; a percent is echoed as it was read.

    Raises:
        InvalidRequest: not one number.
    """
    number = _decimal(value, percent=True)
    if number is None:
        raise refusal(field, "a part of 1 such as 0.95", value)
    is_percent = number > 1 or (isinstance(value, str) and value.strip().endswith("%"))
    found = number / 100 if is_percent else number
    if is_percent or isinstance(value, str):
        note(field, value, f"{found:f}")
    return found


def read_whole(value: object, field: str | None) -> int:
    """A whole number; 2.0 and "2" are 2, 1.5 is refused."""
    number = _decimal(value)
    is_scientific = isinstance(value, str) and "e" in value.lower()
    if number is None or is_scientific or number != number.to_integral_value():
        raise refusal(field, "a whole number such as 1", value)
    if isinstance(value, str):
        note(field, value, int(number))
    return int(number)


def _decimal(value: object, *, percent: bool = False) -> Decimal | None:
    """The one number that `value` can mean, or None."""
    if isinstance(value, str):
        number = _from_text(value, percent)
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        # The size first: Python refuses to print integers of thousands of digits.
        number = Decimal(str(value)) if -MAX_MAGNITUDE <= value <= MAX_MAGNITUDE else None
    else:
        number = None
    return number if number is not None and _is_sane(number) else None


def _from_text(value: str, percent: bool) -> Decimal | None:
    text = value.strip().replace("−", "-")
    text = text.removesuffix("%").strip() if percent else re.sub(r"^([+-]?)\$\s*", r"\1", text)
    text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    readable = len(text) < MAX_DIGITS and text.isascii() and _PLAIN.fullmatch(text)
    return Decimal(text) if readable else None


def _is_sane(number: Decimal) -> bool:
    if not number.is_finite() or abs(number) > MAX_MAGNITUDE:
        return False
    exponent = number.as_tuple().exponent
    return not isinstance(exponent, int) or exponent >= -MAX_PLACES


def read_day(value: object, field: str | None) -> date:
    """A calendar day: ISO, 20261218, 12/18/2026 (month first), 18DEC26 or "Dec 18 2026".

    Raises:
        InvalidRequest: not a day.
    """
    if not isinstance(value, str):
        raise refusal(field, "a date such as 2026-12-18", value)
    text = re.sub(r"[\s,]+", " ", re.sub(r"T\d{2}:\d{2}.*$", "", value.strip())).strip()
    for form, pattern in _DAYS:
        if text.isascii() and pattern.fullmatch(text):
            return _day_of(text, form, value, field)
    raise refusal(field, "a date such as 2026-12-18", value)


def _day_of(text: str, form: str, value: str, field: str | None) -> date:
    try:
        day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise refusal(field, "a date that exists, such as 2026-12-18", value) from None
    if day.isoformat() != value:
        note(field, value, day.isoformat())
    return day


def read_flag(value: object, field: str | None) -> bool:
    """True or false, also as the words."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE or word in _FALSE:
        note(field, value, word in _TRUE)
        return word in _TRUE
    raise refusal(field, "true or false", value)


def read_text(value: object, field: str | None) -> str:
    """Words in one line, cleaned of control and direction characters."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise refusal(field, "text", value)
    text = clean(str(value), limit=MAX_TEXT + 1)
    if not text or len(text) > MAX_TEXT:
        raise refusal(field, f"text of 1 to {MAX_TEXT} characters", value)
    return text


def read_list(value: object, field: str | None) -> list[object]:
    """A list: itself, as JSON in a string, separated by commas, slashes or spaces, or one item."""
    if isinstance(value, str):
        items = _split(value)
        note(field, value, "[" + ", ".join(str(item) for item in items) + "]")
    else:
        items = list(value) if isinstance(value, Sequence) else [value]
    if not items or len(items) > MAX_ITEMS:
        raise refusal(field, f"a list of 1 to {MAX_ITEMS} items", value)
    return items


def _split(text: str) -> list[object]:
    try:
        decoded = json.loads(text) if text.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        decoded = None
    if isinstance(decoded, list):
        return decoded
    return [item for item in re.split(r"[,;/\s]+", text.strip().strip("[]()")) if item]


def read_numbers(value: object, field: str | None) -> list[Decimal]:
    """A list of numbers."""
    numbers: list[Decimal] = []
    for item in read_list(value, field):
        number = _decimal(item)
        if number is None:
            raise refusal(field, "a list of numbers such as [500, 505]", value)
        numbers.append(number)
    return numbers


def read_words(value: object, field: str | None) -> list[str]:
    """A list of words."""
    return [read_text(item, field) for item in read_list(value, field)]


def read_symbols(value: object, field: str | None) -> list[str]:
    """A list of contracts as people write them: "SPY, EUR/USD", "SPY QQQ", "SPY 2026-12-18 500C; ESZ6".

    Blanks and slashes stand inside many of them, so blanks part only a row of plain tickers.
    """
    if not isinstance(value, str) or value.lstrip().startswith("["):
        return read_words(value, field)
    items = [item.strip() for item in re.split(r"[,;\n]+", value) if item.strip()]
    if len(items) == 1 and _TICKERS.fullmatch(items[0]):
        items = items[0].split()
    note(field, value, "[" + ", ".join(items) + "]")
    return read_words(items, field)


def _reader(read: Callable[[Any, str | None], object]) -> BeforeValidator:
    def validate(value: object, info: ValidationInfo) -> object:
        return value if value is None else read(value, info.field_name)

    return BeforeValidator(validate)


def choice(*words: str, **aliases: str) -> BeforeValidator:
    """Reads one of `words` in any case and with any separator; `aliases` are other spellings."""
    known = {_flat(word): word for word in words} | {_flat(other): word for other, word in aliases.items()}

    def read(value: object, field: str | None) -> str:
        word = known.get(_flat(value)) if isinstance(value, str) else None
        if word is None:
            raise refusal(field, "one of " + ", ".join(words), value)
        if word != value:
            note(field, value, word)
        return word

    return _reader(read)


def _flat(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def _any_words(value: object) -> str:
    """Whatever it is, as a short text: for what must never fail on its words."""
    return value if isinstance(value, str) else shown_briefly(value)


AnyWords = BeforeValidator(_any_words)
Number = Annotated[Decimal | None, _reader(read_number), WithJsonSchema({"type": "number"})]
Whole = Annotated[int | None, _reader(read_whole), WithJsonSchema({"type": "integer"})]
Count = Annotated[int, _reader(read_whole), WithJsonSchema({"type": "integer"})]
Day = Annotated[date | None, _reader(read_day), WithJsonSchema({"type": "string", "format": "date"})]
Flag = Annotated[bool, _reader(read_flag), WithJsonSchema({"type": "boolean"})]
Text = Annotated[str, _reader(read_text), WithJsonSchema({"type": "string"})]
OptionalText = Annotated[str | None, _reader(read_text), WithJsonSchema({"type": "string"})]
Numbers = Annotated[
    list[Decimal] | None,
    _reader(read_numbers),
    WithJsonSchema({"type": "array", "items": {"type": "number"}}),
]
Several = Annotated[
    list[Decimal] | None,
    _reader(read_numbers),
    WithJsonSchema({"type": ["number", "array"], "items": {"type": "number"}}),
]
"""One number or a list of them."""
Share = Annotated[Decimal | None, _reader(read_share), WithJsonSchema({"type": "number"})]
"""A part of 1; percent are read as such."""
Symbols = Annotated[
    list[str] | None, _reader(read_symbols), WithJsonSchema({"type": "array", "items": {"type": "string"}})
]
Words = Annotated[
    list[str] | None, _reader(read_words), WithJsonSchema({"type": "array", "items": {"type": "string"}})
]
