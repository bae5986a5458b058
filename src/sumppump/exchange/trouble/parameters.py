"""Parameters of faults and verbs: the public fields of a dataclass, from text or from values of a TOML file.

A field's type is its rule: `float` and `int` (with a `Span`), `bool`, `str`, or a `StrEnum` whose words are
the choice. Whatever is not understood is refused with what was expected and the nearest names.
"""

from __future__ import annotations

import difflib
import math
import sys
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.kernel.errors import InvalidRequest

Made = TypeVar("Made")
Value = Any
"""What a parameter holds; its declaration says which type that is."""


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers that make sense, both ends included."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{plain(self.low)} to {plain(self.high)}"


def plain(number: float) -> str:
    """A number as people write it."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:g}"


class Listed(StrEnum):
    """Marks a text that is a symbol of the exchange's list, or empty where that means something."""

    SYMBOL = "symbol"


DAY_S = 86_400.0
NO_SPANS: Mapping[str, Span] = MappingProxyType({})
MONTH = Span(0.0, 30 * DAY_S)
Seconds = Annotated[float, MONTH]
"""Of the exchange's time."""
Symbol = Annotated[str, Listed.SYMBOL]
Percent = Annotated[float, Span(0.0, 100.0)]
Count = Annotated[int, Span(1, 100_000)]
Often = Annotated[int, Span(0, 100_000)]
"""A count of which 0 means without end."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a fault or a verb.

    Attributes:
        default: MISSING where it has to be given.
    """

    name: str
    kind: type[Any]
    mark: Span | Listed | None
    default: Value

    @property
    def rule(self) -> str:
        """What may be given, in words."""
        if issubclass(self.kind, StrEnum):
            return "one of " + ", ".join(self.kind)
        if self.mark is Listed.SYMBOL:
            return "a listed symbol"
        if self.mark is MONTH:
            return "seconds of market time, at most 30 days"
        words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}[self.kind]
        return words if self.mark is None else f"{words} from {self.mark}"

    def allows(self, value: Value) -> bool:
        """Whether a value of the right type may be given."""
        match self.mark:
            case Span(low=low, high=high):
                return bool(low <= value <= high)
            case Listed.SYMBOL:
                return not value or value.upper() in BY_SYMBOL
            case _:
                return True

    @property
    def choices(self) -> Iterable[str]:
        """The words to choose from, none where there is no list."""
        if self.mark is Listed.SYMBOL:
            return BY_SYMBOL
        return self.kind if issubclass(self.kind, StrEnum) else ()


def parameters_of(cls: type[Any]) -> tuple[Parameter, ...]:
    """The public fields of a class, in their order; one that may be None need not be given."""
    public = [field for field in fields(cls) if field.init]
    # Only theirs: what a class keeps for itself may be of types that are known to the type checker alone.
    asked = types.SimpleNamespace(__annotations__={field.name: field.type for field in public})
    hints = get_type_hints(asked, vars(sys.modules[cls.__module__]), include_extras=True)
    return tuple(Parameter(field.name, *_kind(hints[field.name]), field.default) for field in public)


def _kind(hint: Value) -> tuple[type[Any], Span | Listed | None]:
    origin: Value = get_origin(hint)
    if origin is Annotated:
        core, *marks = get_args(hint)
        return core, next((mark for mark in marks if isinstance(mark, Span | Listed)), None)
    if origin is types.UnionType:
        return _kind(next(one for one in get_args(hint) if one is not types.NoneType))
    return hint, None


def made(
    cls: type[Made],
    given: Mapping[str, Value],
    *,
    whose: str,
    spans: Mapping[str, Span] = NO_SPANS,
) -> Made:
    """An instance of `cls` from its parameters.

    Args:
        cls: a dataclass.
        given: by name; text is read, other values are judged.
        whose: what has these parameters, for messages.
        spans: of parameters whose type says none.

    Raises:
        InvalidRequest: `bad_parameter`.
    """
    known = {one.name: replace(one, mark=one.mark or spans.get(one.name)) for one in parameters_of(cls)}
    for one in known.values():
        if one.default is MISSING and one.name not in given:
            found = ", ".join(given) or "nothing"
            raise bad_parameter(
                f"{whose} needs {one.name}", one.rule, found, _misspelt(one.name, given, known)
            )
    for name in given:
        if name not in known:
            expected = ", ".join(known) or "no parameters"
            raise bad_parameter(f"{whose} has no parameter {name!r}", expected, name, near(name, known))
    return cls(**{name: _value(known[name], text, whose) for name, text in given.items()})


def _misspelt(name: str, given: Iterable[str], known: Mapping[str, Parameter]) -> tuple[str, ...]:
    """The name that is missing, if one that was given looks like it."""
    return (name,) if near(name, [one for one in given if one not in known]) else ()


def _value(parameter: Parameter, given: Value, whose: str) -> Value:
    try:
        value = _read(parameter.kind, given)
    except (ValueError, TypeError, OverflowError):
        value = None
    if value is None or not parameter.allows(value):
        raise bad_parameter(
            f"{parameter.name} of {whose} cannot be {str(given)[:40]!r}",
            parameter.rule,
            repr(given)[:60],
            near(str(given), parameter.choices),
        )
    return value


def _read(kind: type[Any], given: Value) -> Value:
    if issubclass(kind, StrEnum):
        return kind(str(given))
    if kind is bool:
        return given if isinstance(given, bool) else {"true": True, "false": False}.get(str(given).lower())
    if isinstance(given, bool):
        return None
    if kind is float:
        number = float(given)
        return number if math.isfinite(number) else None
    if kind is int and isinstance(given, float) and not given.is_integer():
        return None
    return kind(given)


def bad_parameter(message: str, expected: str, found: str, nearest: Iterable[str]) -> InvalidRequest:
    """What is wrong with a parameter."""
    return InvalidRequest(
        message, code="bad_parameter", expected=expected, found=found, next_steps=meant(nearest)
    )


def near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names that look most like this one."""
    return tuple(difflib.get_close_matches(name, list(known), n=3, cutoff=0.4))


def meant(nearest: Iterable[str]) -> tuple[str, ...]:
    """The step that names what may have been meant."""
    names = ", ".join(nearest)
    return (f"Did you mean {names}?",) if names else ()
