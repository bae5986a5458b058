"""What a caller asks for, read strictly: an argument that cannot be meant is an error naming its field.

Strings that stand for numbers, lists or dates are read as such, and every such reading is kept in
`notes`, so that the answer can say how it understood the call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import NoReturn

from sumppump.kernel.errors import InvalidRequest
from sumppump.strategies.catalogue import SHAPES, Shape, StrategyType, read_shape
from sumppump.strategies.shape import Wings

MAX_QUANTITY = 10_000
MAX_DTE = 1_500
# From here on a number where a fraction is meant is percent.
LEAST_PERCENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRequest:
    """One strategy to build, valid by itself; whether it is listed only the exchange can say.

    Attributes:
        strikes: currency per share, rising, one per strike of the strategy; empty where not given.
        width: distance between strikes, currency per share, or None.
        deltas: absolute, 0 to 1; empty where not given.
        expiry: a listed date, or None to choose by `dte`.
        dte: calendar days to expiry, or None for about 30.
        far_expiry: the later expiry of calendars and diagonals, or None to choose it.
        quantity: combos, > 0.
        own: the row with the aim of the word that was used, where that is not the row's.
        notes: how arguments were read, one sentence each.
    """

    strategy_type: StrategyType
    symbol: str
    strikes: tuple[Decimal, ...] = ()
    width: Decimal | None = None
    deltas: tuple[float, ...] = ()
    expiry: date | None = None
    dte: int | None = None
    far_expiry: date | None = None
    quantity: int = 1
    trading_class: str = ""
    own: Shape | None = None
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> Shape:
        """The row of the catalogue."""
        return self.own or SHAPES[self.strategy_type]

    @classmethod
    def read(
        cls,
        *,
        strategy_type: str,
        symbol: str,
        strikes: object = None,
        width: object = None,
        deltas: object = None,
        expiry: object = None,
        dte: object = None,
        far_expiry: object = None,
        quantity: object = 1,
        trading_class: str = "",
    ) -> StrategyRequest:
        """A request from arguments as they arrive.

        Raises:
            InvalidRequest: an argument cannot be meant; `expected` begins with its name.
        """
        notes: list[str] = []
        shape = read_shape(strategy_type)
        if shape.type.value != strategy_type:
            notes.append(f"strategy_type {strategy_type!r} was read as {shape.type.value}.")
        request = cls(
            strategy_type=shape.type,
            own=shape,
            symbol=_symbol(symbol),
            strikes=_strikes(strikes, notes),
            width=_width(width, notes),
            deltas=_deltas(deltas, notes),
            expiry=read_date("expiry", expiry, notes),
            dte=_dte(dte, notes),
            far_expiry=read_date("far_expiry", far_expiry, notes),
            quantity=_quantity(quantity, notes),
            trading_class=trading_class.strip().upper(),
        )
        _check_together(request, notes)
        return replace(request, notes=tuple(notes))


def _refuse(field: str, problem: str, expected: str, found: object, *steps: str) -> NoReturn:
    raise InvalidRequest(
        f"{field} {problem}",
        code=f"invalid_{field}",
        expected=f"{field}: {expected}",
        found=_found(found),
        next_steps=steps or (f"Call again with a valid {field}.",),
    )


def _found(value: object) -> str:
    """As the caller wrote it: numbers and dates without the names of our types."""
    if isinstance(value, Decimal | date):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_found, value))}]"
    return repr(value)


def _symbol(text: str) -> str:
    symbol = text.strip().upper()
    if not re.fullmatch(r"[A-Z][A-Z0-9. ]{0,11}", symbol):
        _refuse("symbol", "is not a ticker", "1 to 12 letters, for example SPY", text)
    return symbol


def _number(field: str, value: object, notes: list[str]) -> Decimal:
    """A finite decimal; text such as "$5" or "500" is read and noted."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        _refuse(field, "is not a number", "a number", value)
    text = str(value).strip().removeprefix("$").replace("_", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        _refuse(field, "is not a number", "a number", value)
    if not number.is_finite():
        _refuse(field, "is not a finite number", "a number", value)
    if isinstance(value, str):
        notes.append(f"{field} {value!r} was read as {number:f}.")
    return number


def _list(field: str, value: object, notes: list[str]) -> Sequence[object]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        parts = [part for part in re.split(r"[,;/\s\[\]()]+", value) if part]
        notes.append(f"{field} {value!r} was read as a list of {len(parts)}.")
        return parts
    if isinstance(value, Iterable):
        return list(value)
    notes.append(f"{field} {value!r} was read as a list of one.")
    return [value]


def _strikes(value: object, notes: list[str]) -> tuple[Decimal, ...]:
    strikes = tuple(_number("strikes", item, notes) for item in _list("strikes", value, notes))
    if any(strike <= 0 for strike in strikes):
        _refuse("strikes", "must be above 0", "prices above 0", value)
    if any(high <= low for low, high in pairwise(strikes)):
        rising = ", ".join(f"{strike:f}" for strike in sorted(set(strikes)))
        _refuse(
            "strikes",
            "must rise from the lowest to the highest, each one different",
            "different prices in rising order",
            [float(strike) for strike in strikes],
            f"In rising order they are [{rising}].",
        )
    return strikes


def _width(value: object, notes: list[str]) -> Decimal | None:
    if value is None or value == "":
        return None
    width = _number("width", value, notes)
    if width <= 0:
        _refuse("width", "must be above 0", "dollars between strikes, above 0", value)
    return width


def _deltas(value: object, notes: list[str]) -> tuple[float, ...]:
    return tuple(
        _delta(_number("deltas", item, notes), item, notes) for item in _list("deltas", value, notes)
    )


def _delta(number: Decimal, item: object, notes: list[str]) -> float:
    """A put's may come with its sign; from 2 to 99 it is percent, between 1 and 2 it can only be a slip."""
    size = abs(number)
    if LEAST_PERCENT <= size < 100:
        size /= 100
        notes.append(f"delta {item} was read as {size:f}.")
    if not 0 < size < 1:
        _refuse("deltas", "must lie between 0 and 1", "fractions such as 0.30", item)
    return float(size)


def read_date(field: str, value: object, notes: list[str]) -> date | None:
    """A date from `YYYY-MM-DD` or `YYYYMMDD`; None and "" are None.

    Raises:
        InvalidRequest: it is not a date.
    """
    if value is None or value == "" or isinstance(value, date):
        return value or None  # type: ignore[return-value]
    text = str(value).strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        _refuse(field, "is not a date", "an ISO date such as 2026-12-18", value)
    if text != day.isoformat():
        notes.append(f"{field} {text!r} was read as {day.isoformat()}.")
    return day


def _dte(value: object, notes: list[str]) -> int | None:
    if value is None or value == "":
        return None
    days = _number("dte", value, notes)
    if days != days.to_integral_value() or not 0 <= days <= MAX_DTE:
        _refuse("dte", f"must be whole days from 0 to {MAX_DTE}", f"whole days from 0 to {MAX_DTE}", value)
    return int(days)


def _quantity(value: object, notes: list[str]) -> int:
    number = _number("quantity", value, notes)
    if number != number.to_integral_value() or not 1 <= number <= MAX_QUANTITY:
        _refuse("quantity", f"must be a whole number from 1 to {MAX_QUANTITY}", f"1 to {MAX_QUANTITY}", value)
    return int(number)


def _check_together(request: StrategyRequest, notes: list[str]) -> None:
    shape = request.shape
    given = [n for n, v in (("strikes", request.strikes), ("deltas", request.deltas)) if v]
    given += ["width"] if request.width is not None else []
    if len(given) > 1 and "strikes" in given:
        _refuse("strikes", f"and {given[-1]} exclude each other", "only one of strikes, width, deltas", given)
    if request.strikes and len(request.strikes) != shape.slots:
        _refuse(
            "strikes",
            f"of {shape.type.one} are {shape.slots}",
            f"{shape.slots} price(s), rising",
            [float(strike) for strike in request.strikes],
        )
    _check_wings(request)
    if request.expiry and request.dte is not None:
        _refuse("expiry", "and dte exclude each other", "expiry or dte, not both", request.expiry.isoformat())
    _check_far(request)
    if request.width is not None and shape.slots == 1:
        notes.append(f"width was not used: {shape.type.one} has only one strike.")


def _check_wings(request: StrategyRequest) -> None:
    shape, strikes = request.shape, request.strikes
    if not strikes or shape.fits(strikes):
        return
    expected, problem = _WINGS[shape.wings]
    other = _other_wings(shape)
    _refuse(
        "strikes",
        f"of {shape.type.one} need wings of {problem}",
        expected,
        [float(strike) for strike in strikes],
        *([f"With these strikes it is {other.type.value}."] if other else []),
    )


_WINGS = {
    Wings.FREE: ("rising prices", "any width"),
    Wings.EQUAL: ("the outer strikes equally far from the inner ones", "equal width"),
    Wings.UNEQUAL: ("the outer strikes not equally far from the inner ones", "different width"),
}


def _other_wings(shape: Shape) -> Shape | None:
    """The row of the same legs that asks for other wings."""
    others = (each for each in SHAPES.values() if each.legs == shape.legs and each.wings is not shape.wings)
    return next(others, None)


def _check_far(request: StrategyRequest) -> None:
    if request.far_expiry is None:
        return
    if not request.shape.has_far:
        _refuse("far_expiry", f"does not belong to {request.strategy_type.one}", "none", request.far_expiry)
    if request.expiry and request.far_expiry <= request.expiry:
        _refuse("far_expiry", "must be after expiry", "a later date", request.far_expiry.isoformat())
