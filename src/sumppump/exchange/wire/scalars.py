"""The kinds of a single field: how its text is read and written, and how "no value" is spelled.

Clients spell "no value" in three ways: nothing, the largest 32-bit integer, the largest double; all are
read alike. What is written depends on the field, so each alias below names its own spelling.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

MAX_INT = 2**31 - 1
MAX_LONG = 2**63 - 1
MAX_DOUBLE = sys.float_info.max
MAX_INT_TEXT = str(MAX_INT)
MAX_LONG_TEXT = str(MAX_LONG)
MAX_DOUBLE_TEXT = "1.7976931348623157E308"
INFINITE = "Infinite"

WHOLE_SIZES_UNTIL = 163
"""Before this version clients read sizes with `int()`, so a fraction must not be sent."""

_LARGEST_EXPONENT = 24


@dataclass(frozen=True, slots=True)
class Scalar:
    """One kind of field.

    Attributes:
        label: its name in messages about unreadable fields.
        read: text to value; raises ValueError.
        write: value to text.
        write_old: what is written before version 163, or None where it is the same.
    """

    label: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    write_old: Callable[[Any], str] | None = None


def _finite(text: str) -> float:
    if "_" in text:
        raise ValueError(text)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _read_int(text: str) -> int:
    if not text:
        return 0
    if text.isdecimal() and text.isascii():
        return int(text)
    number = _finite(text)
    if not number.is_integer():
        raise ValueError(text)
    return int(number)


def _read_maybe_int(text: str) -> int | None:
    number = _read_int(text) if text else None
    return None if number in (MAX_INT, MAX_LONG) or number == MAX_DOUBLE else number


def _read_real(text: str) -> float:
    return _finite(text) if text else 0.0


def _read_maybe_real(text: str) -> float | None:
    number = _finite(text) if text else None
    return None if number in (MAX_DOUBLE, float(MAX_INT)) else number


def _read_offset(text: str) -> float | None:
    return math.inf if text in (INFINITE, "Infinity") else _read_maybe_real(text)


def _read_maybe_size(text: str) -> Decimal | None:
    if _read_maybe_real(text) is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    # Beyond this an innocent-looking "1E999999" would print as a million digits.
    if number.is_zero() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        if not number.is_zero():
            raise ValueError(text)
        return Decimal(0)
    return number


def _read_size(text: str) -> Decimal:
    size = _read_maybe_size(text)
    return Decimal(0) if size is None else size


def _read_maybe_flag(text: str) -> bool | None:
    if not text:
        return None
    lowered = text.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    return bool(_read_int(text))


def _read_flag(text: str) -> bool:
    return bool(_read_maybe_flag(text))


def _write_real(number: float) -> str:
    # Plus zero: values that are equal have one text, so there is no -0.0 on the wire.
    return INFINITE if number == math.inf else repr(float(number) + 0.0)


def _write_number(number: float) -> str:
    text = repr(float(number) + 0.0)
    return text[:-2] if text.endswith(".0") else text


def _write_size(size: Decimal | int) -> str:
    text = format(size, "f") if isinstance(size, Decimal) else str(size)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write_whole_size(size: Decimal | int) -> str:
    return str(int(size))


def _write_flag(flag: bool) -> str:
    return "1" if flag else "0"


def _write_text(text: str) -> str:
    # A NUL inside a value would become a further field.
    return text.replace("\0", "") if "\0" in text else text


def _or(unset: str, write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: unset if value is None else write(value)


def _same(text: str) -> str:
    return text


Text = Annotated[str, Scalar("text", _same, _write_text)]
Int = Annotated[int, Scalar("integer", _read_int, str)]
IntOrBlank = Annotated[int | None, Scalar("integer", _read_maybe_int, _or("", str))]
IntOrMax = Annotated[int | None, Scalar("integer", _read_maybe_int, _or(MAX_INT_TEXT, str))]
LongOrMax = Annotated[int | None, Scalar("integer", _read_maybe_int, _or(MAX_LONG_TEXT, str))]
Real = Annotated[float, Scalar("number", _read_real, _write_real)]
"""Printed like a Java double: `5.0`."""
Number = Annotated[float, Scalar("number", _read_real, _write_number)]
"""Printed without a needless fraction: `5`."""
RealOrBlank = Annotated[float | None, Scalar("number", _read_maybe_real, _or("", _write_real))]
RealOrMax = Annotated[float | None, Scalar("number", _read_maybe_real, _or(MAX_DOUBLE_TEXT, _write_real))]
OffsetOrBlank = Annotated[float | None, Scalar("number", _read_offset, _or("", _write_real))]
"""Also infinite, spelled `Infinite`."""
Size = Annotated[Decimal, Scalar("size", _read_size, _write_size, _write_whole_size)]
"""A decimal; whole sizes print without a fraction, which old clients need."""
Quantity = Annotated[Decimal, Scalar("size", _read_size, _write_size)]
"""Of orders, fills and positions: a number with a fraction in every version (ibapi 9.81 reads a float)."""
QuantityOrBlank = Annotated[Decimal | None, Scalar("size", _read_maybe_size, _or("", _write_size))]
Flag = Annotated[bool, Scalar("flag", _read_flag, _write_flag)]
FlagOrBlank = Annotated[bool | None, Scalar("flag", _read_maybe_flag, _or("", _write_flag))]


def _not_computable(unset: float) -> Scalar:
    def read(text: str) -> float | None:
        number = _finite(text)
        return None if number == unset else number

    none = _write_number(unset)

    def write(number: float | None) -> str:
        return none if number is None else repr(float(number) + 0.0)  # never infinite, and there are many

    return Scalar("number", read, write)


LevelOrMinusOne = Annotated[float | None, _not_computable(-1)]
"""Implied volatility, prices: -1 stands for "not computable" on the wire."""
GreekOrMinusTwo = Annotated[float | None, _not_computable(-2)]
"""Greeks: -2 stands for "not computable" on the wire."""
