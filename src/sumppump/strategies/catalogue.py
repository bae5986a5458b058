"""The strategies we know, as a table: legs, order of strikes, IBKR's permission level, and where to aim.

Strikes of a strategy are numbered from the lowest (0) upwards; a leg names the number of its strike.
The levels are IBKR's (https://www.interactivebrokers.com, option trading permissions): 1 covered calls,
2 long options, protective positions and debit verticals, 3 short premium with limited loss, 4 unlimited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from sumppump.domain.instruments import Right
from sumppump.kernel.errors import InvalidRequest

CALL, PUT = Right.CALL, Right.PUT

# By default a straddle stands at the spot, not where a call's delta is one half (a little above it).
AT_THE_MONEY: float | None = None


class StrategyType(StrEnum):
    """A named shape of legs, seen from the one who opens it."""

    LONG_CALL = "long_call"
    LONG_PUT = "long_put"
    BULL_CALL_SPREAD = "bull_call_spread"
    BEAR_PUT_SPREAD = "bear_put_spread"
    BULL_PUT_SPREAD = "bull_put_spread"
    BEAR_CALL_SPREAD = "bear_call_spread"
    COVERED_CALL = "covered_call"
    PROTECTIVE_PUT = "protective_put"
    COLLAR = "collar"
    LONG_STRADDLE = "long_straddle"
    SHORT_STRADDLE = "short_straddle"
    LONG_STRANGLE = "long_strangle"
    SHORT_STRANGLE = "short_strangle"
    IRON_CONDOR = "iron_condor"
    LONG_IRON_CONDOR = "long_iron_condor"
    CALL_BUTTERFLY = "call_butterfly"
    PUT_BUTTERFLY = "put_butterfly"
    IRON_BUTTERFLY = "iron_butterfly"
    CALENDAR_CALL = "calendar_call"
    CALENDAR_PUT = "calendar_put"
    DIAGONAL_CALL = "diagonal_call"
    DIAGONAL_PUT = "diagonal_put"

    @property
    def words(self) -> str:
        """The name as a person writes it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class LegShape:
    """One leg of a strategy.

    Attributes:
        ratio: contracts per combo; positive buys.
        right: call or put; None is the stock, one contract's worth of shares.
        slot: number of its strike from the lowest, from 0.
        is_far: it expires later than the others.
    """

    ratio: int
    right: Right | None
    slot: int = 0
    is_far: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """How the strikes are found when the caller names none.

    Attributes:
        deltas: one absolute delta per strike, lowest strike first, or AT_THE_MONEY (nearest the spot).
        anchors: numbers of the strikes that stay at their delta when a `width` is given.
        offsets: per strike, in multiples of `width`, from the anchor that is nearest in number.
        is_centred: the width lies half to each side of the spot instead (strangles, collars).
        is_symmetric: both wings are equally wide, by definition.
        is_even: both wings are equally wide unless the caller gives each strike its delta.
    """

    deltas: tuple[float | None, ...]
    anchors: tuple[int, ...] = (0,)
    offsets: tuple[int, ...] = (0,)
    is_centred: bool = False
    is_symmetric: bool = False
    is_even: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One row of the catalogue."""

    type: StrategyType
    legs: tuple[LegShape, ...]
    level: int
    outlook: str
    aim: Aim
    aliases: tuple[str, ...] = ()

    @property
    def slots(self) -> int:
        """How many different strikes it has."""
        return len(self.aim.deltas)

    @property
    def has_far(self) -> bool:
        """Whether it spans two expiries."""
        return any(leg.is_far for leg in self.legs)

    def right_of(self, slot: int) -> Right:
        """The right by which the strike of this number is chosen (the call where both stand there)."""
        rights = {leg.right for leg in self.legs if leg.slot == slot and leg.right is not None}
        return CALL if CALL in rights else PUT

    def is_far_slot(self, slot: int) -> bool:
        """Whether only a later leg stands at this strike."""
        there = [leg for leg in self.legs if leg.slot == slot and leg.right is not None]
        return all(leg.is_far for leg in there)


def _row(
    kind: StrategyType,
    legs: tuple[LegShape, ...],
    level: int,
    outlook: str,
    aim: Aim,
    *aliases: str,
) -> Shape:
    return Shape(type=kind, legs=legs, level=level, outlook=outlook, aim=aim, aliases=aliases)


L = LegShape
T = StrategyType
_STOCK = L(1, None)
_CONDOR_AIM = Aim(deltas=(0.10, 0.20, 0.20, 0.10), anchors=(1, 2), offsets=(-1, 0, 0, 1), is_even=True)
_FLY_CALL = Aim(deltas=(0.75, AT_THE_MONEY, 0.25), anchors=(1,), offsets=(-1, 0, 1), is_symmetric=True)
_FLY_PUT = Aim(deltas=(0.25, AT_THE_MONEY, 0.75), anchors=(1,), offsets=(-1, 0, 1), is_symmetric=True)
_FLY_IRON = Aim(deltas=(0.20, AT_THE_MONEY, 0.20), anchors=(1,), offsets=(-1, 0, 1), is_symmetric=True)
_ATM = Aim(deltas=(AT_THE_MONEY,))

CATALOGUE: tuple[Shape, ...] = (
    _row(T.LONG_CALL, (L(1, CALL),), 2, "bullish", _ATM, "call", "buy_call"),
    _row(T.LONG_PUT, (L(1, PUT),), 2, "bearish", _ATM, "put", "buy_put"),
    _row(
        T.BULL_CALL_SPREAD,
        (L(1, CALL, 0), L(-1, CALL, 1)),
        2,
        "bullish",
        Aim(deltas=(AT_THE_MONEY, 0.30), anchors=(0,), offsets=(0, 1)),
        "call_debit_spread",
        "debit_call_spread",
        "long_call_spread",
        "call_spread",
        "long_call_vertical",
    ),
    _row(
        T.BEAR_PUT_SPREAD,
        (L(-1, PUT, 0), L(1, PUT, 1)),
        2,
        "bearish",
        Aim(deltas=(0.30, AT_THE_MONEY), anchors=(1,), offsets=(-1, 0)),
        "put_debit_spread",
        "debit_put_spread",
        "long_put_spread",
        "put_spread",
        "long_put_vertical",
    ),
    _row(
        T.BULL_PUT_SPREAD,
        (L(1, PUT, 0), L(-1, PUT, 1)),
        3,
        "bullish",
        Aim(deltas=(0.15, 0.30), anchors=(1,), offsets=(-1, 0)),
        "put_credit_spread",
        "credit_put_spread",
        "short_put_spread",
        "short_put_vertical",
    ),
    _row(
        T.BEAR_CALL_SPREAD,
        (L(-1, CALL, 0), L(1, CALL, 1)),
        3,
        "bearish",
        Aim(deltas=(0.30, 0.15), anchors=(0,), offsets=(0, 1)),
        "call_credit_spread",
        "credit_call_spread",
        "short_call_spread",
        "short_call_vertical",
    ),
    _row(
        T.COVERED_CALL,
        (_STOCK, L(-1, CALL)),
        1,
        "neutral to bullish",
        Aim(deltas=(0.30,)),
        "buy_write",
        "buywrite",
    ),
    _row(
        T.PROTECTIVE_PUT,
        (_STOCK, L(1, PUT)),
        2,
        "bullish, insured",
        Aim(deltas=(0.30,)),
        "married_put",
    ),
    _row(
        T.COLLAR,
        (_STOCK, L(1, PUT, 0), L(-1, CALL, 1)),
        2,
        "neutral, insured",
        Aim(deltas=(0.30, 0.30), anchors=(), offsets=(-1, 1), is_centred=True),
        "long_collar",
    ),
    _row(T.LONG_STRADDLE, (L(1, PUT), L(1, CALL)), 2, "volatile", _ATM, "straddle"),
    _row(T.SHORT_STRADDLE, (L(-1, PUT), L(-1, CALL)), 4, "neutral", _ATM),
    _row(
        T.LONG_STRANGLE,
        (L(1, PUT, 0), L(1, CALL, 1)),
        2,
        "volatile",
        Aim(deltas=(0.25, 0.25), anchors=(), offsets=(-1, 1), is_centred=True),
        "strangle",
    ),
    _row(
        T.SHORT_STRANGLE,
        (L(-1, PUT, 0), L(-1, CALL, 1)),
        4,
        "neutral",
        Aim(deltas=(0.16, 0.16), anchors=(), offsets=(-1, 1), is_centred=True),
    ),
    _row(
        T.IRON_CONDOR,
        (L(1, PUT, 0), L(-1, PUT, 1), L(-1, CALL, 2), L(1, CALL, 3)),
        3,
        "neutral",
        _CONDOR_AIM,
        "condor",
        "short_iron_condor",
    ),
    _row(
        T.LONG_IRON_CONDOR,
        (L(-1, PUT, 0), L(1, PUT, 1), L(1, CALL, 2), L(-1, CALL, 3)),
        2,
        "volatile",
        _CONDOR_AIM,
        "reverse_iron_condor",
    ),
    _row(
        T.CALL_BUTTERFLY,
        (L(1, CALL, 0), L(-2, CALL, 1), L(1, CALL, 2)),
        3,
        "neutral",
        _FLY_CALL,
        "butterfly",
        "long_call_butterfly",
        "long_butterfly",
    ),
    _row(
        T.PUT_BUTTERFLY,
        (L(1, PUT, 0), L(-2, PUT, 1), L(1, PUT, 2)),
        3,
        "neutral",
        _FLY_PUT,
        "long_put_butterfly",
    ),
    _row(
        T.IRON_BUTTERFLY,
        (L(1, PUT, 0), L(-1, PUT, 1), L(-1, CALL, 1), L(1, CALL, 2)),
        3,
        "neutral",
        _FLY_IRON,
        "short_iron_butterfly",
        "iron_fly",
    ),
    _row(
        T.CALENDAR_CALL,
        (L(-1, CALL), L(1, CALL, is_far=True)),
        3,
        "neutral",
        _ATM,
        "calendar",
        "calendar_spread",
        "call_calendar",
        "call_calendar_spread",
        "long_call_calendar",
    ),
    _row(
        T.CALENDAR_PUT,
        (L(-1, PUT), L(1, PUT, is_far=True)),
        3,
        "neutral",
        _ATM,
        "put_calendar",
        "put_calendar_spread",
        "long_put_calendar",
    ),
    _row(
        T.DIAGONAL_CALL,
        (L(1, CALL, 0, is_far=True), L(-1, CALL, 1)),
        3,
        "bullish",
        Aim(deltas=(0.60, 0.30), anchors=(1,), offsets=(-1, 0)),
        "diagonal",
        "diagonal_spread",
        "call_diagonal",
        "poor_mans_covered_call",
    ),
    _row(
        T.DIAGONAL_PUT,
        (L(-1, PUT, 0), L(1, PUT, 1, is_far=True)),
        3,
        "bearish",
        Aim(deltas=(0.30, 0.60), anchors=(0,), offsets=(0, 1)),
        "put_diagonal",
    ),
)

SHAPES: dict[StrategyType, Shape] = {shape.type: shape for shape in CATALOGUE}
_NAMES: dict[str, StrategyType] = {
    name: shape.type for shape in CATALOGUE for name in (shape.type.value, *shape.aliases)
}


def read_strategy_type(text: str) -> StrategyType:
    """The strategy that a caller means, by its name or a trader's word for it.

    Raises:
        InvalidRequest: nothing is called so; the nearest names are listed.
    """
    key = re.sub(r"[^a-z]+", "_", text.strip().lower().replace("'", "")).strip("_")
    if key in _NAMES:
        return _NAMES[key]
    near = get_close_matches(key, _NAMES, n=3, cutoff=0.5)
    raise InvalidRequest(
        f"strategy_type {text!r} is not a strategy we know",
        code="unknown_strategy_type",
        expected="strategy_type: one of " + ", ".join(StrategyType),
        found=repr(text),
        next_steps=[f"Did you mean {' or '.join(near)}?"] if near else ["Choose one of the names expected."],
    )
