"""What a caller looks for, checked by itself: a value that cannot be meant is an error naming its field."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from sumppump.kernel.errors import InvalidRequest
from sumppump.strategies.catalogue import CATALOGUE, Shape, read_shape
from sumppump.strategies.request import LEAST_PERCENT, MAX_DTE
from sumppump.strategies.shape import Outlook

DEFAULT_DTE = (20, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A view of the market with bounds.

    Attributes:
        outlook: what the underlying is expected to do; None for any.
        shape: one strategy alone; None for all that fit the outlook.
        min_dte, max_dte: calendar days to the (first) expiry, both included.
        max_loss: cash of one combo, > 0. budget: cash that one combo may tie up, > 0.
        min_pop: probability of a profit by the smile, 0 to 1.
        min_delta, max_delta: absolute delta of every option sold, or bought where none is sold.
        max_width: the widest distance between neighbouring strikes, currency per share.
        level: IBKR's permission level that the account may use.
        above_level: strategies above it are shown too, and said to be.
        notes: how arguments were read, one sentence each.
    """

    symbol: str
    outlook: Outlook | None = None
    shape: Shape | None = None
    min_dte: int = DEFAULT_DTE[0]
    max_dte: int = DEFAULT_DTE[1]
    max_loss: float | None = None
    budget: float | None = None
    min_pop: float | None = None
    min_delta: float | None = None
    max_delta: float | None = None
    max_width: float | None = None
    level: int = 4
    above_level: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        *,
        symbol: str,
        level: int,
        outlook: str | None = None,
        strategy_type: str | None = None,
        min_dte: int | None = None,
        max_dte: int | None = None,
        max_loss: Decimal | None = None,
        budget: Decimal | None = None,
        min_pop: Decimal | None = None,
        min_delta: Decimal | None = None,
        max_delta: Decimal | None = None,
        max_width: Decimal | None = None,
        above_level: bool = False,
    ) -> Wish:
        """A wish from arguments as they arrive.

        Raises:
            InvalidRequest: an argument cannot be meant; `expected` begins with its name.
        """
        shape, notes = read_shape(strategy_type) if strategy_type else None, list[str]()
        low, high = _days(min_dte, max_dte)
        small, large = _deltas(min_delta, max_delta, notes)
        return cls(
            symbol=symbol,
            outlook=_outlook(outlook, shape),
            shape=shape,
            min_dte=low,
            max_dte=high,
            max_loss=_above_zero("max_loss", max_loss, "dollars for one combo, such as 500"),
            budget=_above_zero("budget", budget, "dollars that one combo may tie up, such as 2000"),
            min_pop=_fraction("min_pop", min_pop, notes),
            min_delta=small,
            max_delta=large,
            max_width=_above_zero("max_width", max_width, "dollars between strikes, such as 10"),
            level=level,
            above_level=above_level,
            notes=tuple(notes),
        )

    @property
    def has_bounds(self) -> bool:
        """Whether figures of candidates decide, so that few of them may fit."""
        bounds = (self.max_loss, self.budget, self.min_pop, self.min_delta, self.max_delta, self.max_width)
        return any(bound is not None for bound in bounds)

    def is_alone(self, shape: Shape) -> bool:
        """Whether a strategy is opened for the view and for no other."""
        return self.outlook is not None and shape.outlooks == (self.outlook,)

    @property
    def fitting(self) -> tuple[Shape, ...]:
        """The rows of the catalogue that the view fits, whatever their level."""
        if self.shape is not None:
            return (self.shape,)
        wanted = set(Outlook) if self.outlook is None else {self.outlook}
        return tuple(shape for shape in CATALOGUE if wanted & set(shape.outlooks))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Those of them that the account's level lets through."""
        return tuple(shape for shape in self.fitting if self.above_level or shape.level <= self.level)

    @property
    def left_out(self) -> tuple[Shape, ...]:
        """Those that it does not."""
        return tuple(shape for shape in self.fitting if shape not in self.shapes)


def _refuse(field: str, problem: str, expected: str, found: object) -> NoReturn:
    raise InvalidRequest(
        f"{field} {problem}",
        code=f"invalid_{field}",
        expected=f"{field}: {expected}",
        found=str(found),
        next_steps=[f"Call again with a valid {field}."],
    )


def _outlook(text: str | None, shape: Shape | None) -> Outlook | None:
    if not text:
        return None
    key = text.strip().lower()
    if key not in set(Outlook):
        _refuse("outlook", "is not a view that is known", "one of " + ", ".join(Outlook), text)
    outlook = Outlook(key)
    if shape is not None and outlook not in shape.outlooks:
        fits = " or ".join(shape.outlooks) or "none"
        _refuse("outlook", f"does not fit {shape.type.one}", f"{fits}, or no strategy_type", text)
    return outlook


def _days(low: int | None, high: int | None) -> tuple[int, int]:
    for field, days in (("min_dte", low), ("max_dte", high)):
        if days is not None and not 0 <= days <= MAX_DTE:
            _refuse(field, "is out of range", f"whole days from 0 to {MAX_DTE}", days)
    first = low if low is not None else min(DEFAULT_DTE[0], DEFAULT_DTE[1] if high is None else high)
    last = high if high is not None else max(DEFAULT_DTE[1], first)
    if first > last:
        _refuse("min_dte", "lies above max_dte", f"at most {last}", first)
    return first, last


def _deltas(low: Decimal | None, high: Decimal | None, notes: list[str]) -> tuple[float | None, float | None]:
    small, large = _fraction("min_delta", low, notes), _fraction("max_delta", high, notes)
    if small is not None and large is not None and small > large:
        _refuse("min_delta", "lies above max_delta", f"at most {large:g}", small)
    return small, large


def _fraction(field: str, value: Decimal | None, notes: list[str]) -> float | None:
    """A share of 1; 2 to 100 is read as percent."""
    if value is None:
        return None
    is_percent = LEAST_PERCENT <= value <= 100
    found = float(value / 100 if is_percent else value)
    if not 0 <= found <= 1:
        _refuse(field, "is out of range", "a fraction from 0 to 1, such as 0.3", value)
    if is_percent:
        notes.append(f"{field} {value} was read as {found:g}.")
    return found


def _above_zero(field: str, value: Decimal | None, expected: str) -> float | None:
    if value is not None and value <= 0:
        _refuse(field, "must be above 0", expected, value)
    return None if value is None else float(value)
